/* hosts.h - mail hosts: each looked at once a round, however many domains use
 * it.
 *
 * A host has a schedule and claims of its own, as a domain has (work.h). What
 * is held true of it is the JSON of the last look that counted: one that two
 * looks agreed on, or that saw nothing wrong. A look that saw something else is
 * only a doubt, and is repeated before anybody is told; so what is wrong with a
 * host is confirmed here, once, and not by each of its domains.
 *
 * JSON is kept compressed and is not looked into. */
#ifndef STORE_HOSTS_H
#define STORE_HOSTS_H

#include "store/store.h"

/* These are the domain's mail hosts (canonical names, each once). One that was
 * unknown is due at `now`. Writes nothing if they are the same as before. */
enum err
hosts_use(struct store *s, int64_t domain, const struct span *names, size_t n,
    struct wall_time now, struct error *e) MUST_CHECK;

struct host_claim {
	int64_t host, number; /* both make the claim */
	struct span name;
	uint8_t failures; /* looks in a row that could not measure */
	int64_t doubts; /* looks in a row that saw something else */
};

/* As work_claim; but due hosts that no domain uses any more are forgotten
 * instead, so that there may be fewer than max although more are due. */
enum err
hosts_claim(struct store *s, int64_t worker, struct wall_time now,
    struct wall_time until, size_t max, struct arena *a,
    struct host_claim **out, size_t *n, struct error *e) MUST_CHECK;

/* What a look came to. */
struct host_look {
	struct wall_time at, due; /* when it ended, and when the next one is */
	uint8_t failures;
	int64_t doubts;
	struct span json; /* held true from now on; empty: as before */
	bool wake; /* its domains are to be judged anew: work_wake */
};

/* The look is done. Not held: the claim is another's by now; nothing was
 * changed. */
enum err
hosts_finish(struct store *s, int64_t worker, const struct host_claim *claim,
    const struct host_look *look, bool *held, struct error *e) MUST_CHECK;

/* A later end for claims; *held of them are still the worker's. */
enum err
hosts_extend(struct store *s, int64_t worker, const struct host_claim *claims,
    size_t n, struct wall_time until, size_t *held, struct error *e) MUST_CHECK;

/* Which of the truths about a host; all zero is none. */
struct host_version {
	int64_t host, number;
};

/* Of what is held true of the host; *found is false where nothing is. Another
 * one whenever that has changed, and now and then when it has not: so what was
 * got after this is known as long as the version stays. */
enum err
hosts_version(struct store *s, struct span name, struct host_version *out,
    bool *found, struct error *e) MUST_CHECK;

/* What is held true of the host; *found is false where nothing is. ERR_DATA: it
 * is damaged. */
enum err
hosts_get(struct store *s, struct span name, struct arena *a, struct span *json,
    struct wall_time *seen_at, bool *found, struct error *e) MUST_CHECK;

/* What is held true cannot be read: nothing is, and the host is due at `now`.
 */
enum err
hosts_lose(struct store *s, struct span name, struct wall_time now,
    struct error *e) MUST_CHECK;

#endif

/* errand.h - what one look has out: questions, fetches, probes and queries to
 * name servers, and what to do when each comes back.
 *
 * One thread and one inbox a look. Each letter that comes ends one errand and
 * may begin others, so that nothing waits for what it does not need. At the
 * deadline what is still out is given up: DNS_TIMEOUT, TALK_UNFINISHED. */
#ifndef IO_ERRAND_H
#define IO_ERRAND_H

#include "io/look.h"

struct errand;

struct errands {
	const struct look_env *env;
	struct arena *a;
	struct mono_time deadline;
	struct inbox inbox;
	struct errand *all;
	size_t out; /* how many of them are */
	bool failed;
};

/* Conversations with the addresses of one answer, in its order. */
struct party {
	struct errand **errands;
	size_t n;
};

enum err
errands_init(struct errands *l, const struct look_env *env,
    struct mono_time deadline, struct arena *a) MUST_CHECK;

/* Ask, and then call `then`, which may be NULL. *answer is complete by then; it
 * stays a time-out until there is one. Its name borrows from name. */
void
errands_ask(struct errands *l, struct span name, uint16_t type,
    struct dns_answer *answer, void (*then)(void *arg), void *arg);

/* Fetch domain's policy from, or probe host at, the first max addresses of an
 * answer. Those that may not be contacted are not: TALK_NOT_ALLOWED. A probe
 * that began before `since` does not count (0: any counts). */
void
errands_fetch(struct errands *l, struct span domain,
    const struct dns_answer *answer, size_t max, struct party *party);

void
errands_probe(struct errands *l, struct span host,
    const struct dns_answer *answer, size_t max, struct mono_time since,
    struct party *party);

/* Put the questions of wish (see talks_query) to a name server at the first of
 * its addresses. */
void
errands_query(struct errands *l, const struct server_seen *wish,
    const struct dns_answer *answer, struct party *party);

/* Work until all are back, or the deadline has come. Then nothing is out, and
 * what came back may be read. ERR_MEMORY or ERR_LIMIT: it is of no use. Once,
 * behind errands_init. */
enum err
errands_run(struct errands *l) MUST_CHECK;

/* The nth result of a party. */
const struct fetch *
party_fetch(const struct party *p, size_t n);

const struct probe *
party_probe(const struct party *p, size_t n, const struct der_chain **out_der);

const struct server_seen *
party_server(const struct party *p, size_t n);

#endif

/* work.h - who looks at which domain, and when.
 *
 * Any number of workers on any number of machines take what is due. A claim is
 * a lease: until its end the domain is one worker's, and afterwards anybody's,
 * so that a dead worker's domains are taken over by whoever comes. A worker
 * that was only slow is told when it wants to finish: its claim has another
 * number than the one in the store, and what it found is not to be written.
 *
 * So a round ends with store_transact: work_finish first, and unless it was
 * held, nothing else. */
#ifndef STORE_WORK_H
#define STORE_WORK_H

#include "core/schedule.h"
#include "store/store.h"

struct work_claim {
	int64_t domain, number; /* both make the claim */
	struct span name, settings;
	struct wall_time wanted_at; /* when the round was planned */
	bool is_first; /* it was never looked at */
	bool woken; /* what it rests on has changed: see work_wake */
	struct schedule schedule;
};

/* A worker's number in the store, for its claims. `name` is for people: the
 * machine and the process. Workers that were silent for a week are forgotten.
 */
enum err
work_join(struct store *s, struct span name, struct span role,
    struct wall_time now, int64_t *worker, struct error *e) MUST_CHECK;

/* Give back all claims (of domains, of mail hosts, of the outbox, of
 * publications and certificates) and be forgotten, as an edge too. What was
 * claimed is due as it was. */
enum err
work_leave(struct store *s, int64_t worker, struct error *e) MUST_CHECK;

/* "I am alive", for those who read the table. Not found: somebody removed the
 * worker, and it joins anew. */
enum err
work_heartbeat(struct store *s, int64_t worker, struct wall_time now,
    bool *found, struct error *e) MUST_CHECK;

/* Claim up to max domains (LIMIT_STORE_CLAIM at most) that are due at `now`,
 * those that wait longest first, until `until`. Fewer than max: nothing else is
 * due and free. The list lives in the arena. If it does not fit (ERR_MEMORY),
 * nothing is claimed. */
enum err
work_claim(struct store *s, int64_t worker, struct wall_time now,
    struct wall_time until, size_t max, struct arena *a,
    struct work_claim **out, size_t *n, struct error *e) MUST_CHECK;

/* A later end for claims; *held of them are still the worker's. */
enum err
work_extend(struct store *s, int64_t worker, const struct work_claim *claims,
    size_t n, struct wall_time until, size_t *held, struct error *e) MUST_CHECK;

/* The round is done; the domain is due again at the earliest moment of the
 * schedule, or at once if it was woken meanwhile. Not held: the claim is
 * another's by now, or the domain was paused or removed; nothing was
 * changed. */
enum err
work_finish(struct store *s, int64_t worker, const struct work_claim *claim,
    const struct schedule *schedule, struct wall_time now, bool *held,
    struct error *e) MUST_CHECK;

/* The domains that use the mail host are due at `now`, whatever their schedule:
 * what is held true of the host has changed. One that is claimed is due again
 * when its round ends; one that is paused is left alone. */
enum err
work_wake(struct store *s, int64_t host, struct wall_time now,
    struct error *e) MUST_CHECK;

/* The same for one domain. */
enum err
work_wake_domain(struct store *s, int64_t domain, struct wall_time now,
    struct error *e) MUST_CHECK;

/* What is planned for later than `latest` was planned by a clock that was
 * ahead, or by longer intervals: domains are judged anew at `now`, as if woken,
 * and mail hosts looked at; publications and certificates, which have their
 * turn every day, are due if it was a day later still. latest > now. It may
 * write a million rows, in parts, and is no part of the caller's transaction.
 */
enum err
work_hurry(struct store *s, struct wall_time now, struct wall_time latest,
    struct error *e) MUST_CHECK;

/* How many domains wait for their first round; `most` says enough. */
enum err
work_unseen(
    struct store *s, size_t most, size_t *out, struct error *e) MUST_CHECK;

struct work_overdue {
	int64_t domains; /* 10,000 and what is under way at most */
	struct wall_time since; /* when the oldest was wanted; if there are */
};

/* What should have been looked at before `before` and was not, whether nobody
 * took it or nobody finished it: the dead man's question. */
enum err
work_overdue(struct store *s, struct wall_time before, struct work_overdue *out,
    struct error *e) MUST_CHECK;

/* What somebody asks for: every look at the domain is due at `now`, its mail
 * hosts' too. Not found: it is not there, or paused. */
enum err
work_ask(struct store *s, struct span name, struct wall_time now, bool *found,
    struct error *e) MUST_CHECK;

/* How far a look at the domain is. */
struct work_progress {
	bool waits; /* it is due, and nobody has taken it yet */
	bool is_under_way;
	size_t hosts_left; /* of its mail hosts: due, or under way */
};
enum err
work_progress(struct store *s, int64_t domain, struct wall_time now,
    struct work_progress *out, struct error *e) MUST_CHECK;

/* Processes that were heard of since then, by role. */
struct worker_row {
	struct span name, role;
	struct wall_time started_at, seen_at;
};
enum err
work_workers(struct store *s, struct wall_time since, struct arena *a,
    struct worker_row **out, size_t *n, struct error *e) MUST_CHECK;

#endif

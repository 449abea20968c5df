/* monitor.h - what the parts of the monitor role share; for roles/monitor*.c
 * and for nobody else.
 *
 *   claim (main thread) -> look (a thread each) -> settle (main thread)
 *
 * A job is one claimed domain or mail host. The main thread alone talks to the
 * store: it loads what a job needs, and when the look is done writes all that
 * follows in one transaction. Looks run on threads, since a conversation
 * waits; they touch the job, the collector and the log only. A job that cannot
 * be settled is let go: its lease runs out, and somebody looks again. What is
 * wrong with one job is never in the way of the others. */
#ifndef ROLES_MONITOR_H
#define ROLES_MONITOR_H

#include "core/round.h"
#include "core/settings.h"
#include "io/collect.h"
#include "io/inbox.h"
#include "io/pool.h"
#include "roles/host_cache.h"
#include "roles/line.h"
#include "roles/role.h"
#include "store/hosts.h"
#include "store/work.h"

/* When what has its time comes next. */
struct pace {
	struct mono_time poll, beat, statistics;
	int64_t ahead_s; /* wall time, of monotonic time, at the last turn */
	bool must_hurry; /* what is planned may lie too far ahead */
};

struct monitor {
	struct line line; /* to the store */
	int64_t worker;
	struct host_cache *hosts; /* what is held true of them */
	struct collector *collector;
	struct pool *lookers;
	struct inbox done; /* jobs whose look has ended */
	bool has_inbox;
	struct job *jobs; /* all under way */
	size_t n_jobs, n_hosts; /* of them, hosts */

	struct pace pace;
	char machine[64]; /* that we run on */
	bool is_behind; /* some of the last claim had waited */
	bool offline; /* as was logged last */
	struct mono_time offline_since; /* if so */
	struct wall_time offline_at;
	bool offline_told; /* or perhaps, by one who ran here before */
	bool was_offline; /* ever */
	struct mono_time offline_last; /* if so: the last moment of it */

	/* Since the last line of statistics. */
	int64_t rounds, host_looks, in_vain;
};

struct domain_job {
	struct work_claim claim;
	struct settings settings;
	unsigned wanted; /* looks, bits */
	struct ledger ledger, ledger_before;
	struct sightings sightings;
	struct span before_json; /* the last observation; empty: none */

	/* Of the look. */
	struct evidence before, fresh;
	unsigned looked;
};

struct host_job {
	struct host_claim claim;
	struct span truth_json; /* what is held true; empty: nothing yet */

	/* Of the look. */
	struct host_seen truth, seen;
	bool has_truth;
};

enum job_kind { JOB_DOMAIN, JOB_HOST };

struct job {
	struct pool_job pool_job; /* first: the pool's callback casts */
	struct letter letter;
	struct monitor *m;
	enum job_kind kind;
	int64_t worker; /* under which it was claimed */
	struct mono_time sent_at;
	struct arena arena;
	enum err err; /* of the look */
	struct job *next, **at; /* all under way */
	union {
		struct domain_job domain;
		struct host_job host;
	};
};

/* The loop, from begin to end: *m is all zero but for the line and the
 * collector, which is m's own from then on. monitor_release may come after any
 * of them. */
enum err
monitor_begin(struct monitor *m, struct error *e) MUST_CHECK;

/* One turn: what has its time, then wait for a job to end, some 200 ms at most,
 * and settle it. Stopping: nothing is claimed. */
void
monitor_turn(struct monitor *m, bool stopping);

/* What is under way may end; what has not ended by then is given back: its
 * threads are where they are (m->n_jobs), and nothing of it is written. */
void
monitor_drain(struct monitor *m);

/* Waits for every look that is under way. */
void
monitor_release(struct monitor *m);

/* Claim as much as there is room for. *full: there may be more. */
enum err
monitor_claim(struct monitor *m, bool *full, struct error *e) MUST_CHECK;

/* Settle a job whose look has ended, and free it; or only free it, where the
 * store is out of reach. */
enum err
monitor_finish(struct job *j, struct error *e) MUST_CHECK;

/* Claim up to max, load them and send them to look; *n were claimed. One that
 * cannot be loaded or sent is passed over, and comes again when its lease
 * ends. */
enum err
monitor_claim_domains(
    struct monitor *m, size_t max, size_t *n, struct error *e) MUST_CHECK;
enum err
monitor_claim_hosts(
    struct monitor *m, size_t max, size_t *n, struct error *e) MUST_CHECK;

/* The look, on a thread of its own. */
void
monitor_look_at_domain(struct job *j);
void
monitor_look_at_host(struct job *j);

/* Write what follows. */
enum err
monitor_settle_domain(struct job *j, struct error *e) MUST_CHECK;
enum err
monitor_settle_host(struct job *j, struct error *e) MUST_CHECK;

/* A job that is not sent yet; NULL without memory. */
struct job *
job_new(struct monitor *m, enum job_kind kind) MUST_CHECK;

/* Send it to look; its letter comes to m->done. False: no thread can be had,
 * and the job is still the caller's. */
bool
job_send(struct job *j) MUST_CHECK;

void
job_free(struct job *j);

/* Were we offline at any moment of the look? What did not answer then says
 * nothing, though somebody answers now. */
bool
job_was_offline(const struct job *j);

/* Does anybody answer? Once a turn. */
void
monitor_note_offline(struct monitor *m);

/* Tell that nobody does, or that somebody does again. */
enum err
monitor_tell_offline(struct monitor *m, struct error *e) MUST_CHECK;

/* Of a failure: one of the store is everybody's, and comes back; any other is
 * that of the job called so, is logged, and ERR_OK comes back. */
enum err
monitor_pass_over(struct monitor *m, struct span name, enum err rc,
    const struct error *e) MUST_CHECK;

/* What the store holds of it cannot be read. Any thread. */
void
monitor_say_damaged(
    const struct monitor *m, struct span name, const struct error *e);

/* Now, and when the lease of a claim made or extended now ends. */
struct wall_time
monitor_now(const struct monitor *m);
struct wall_time
monitor_lease_end(const struct monitor *m);

uint32_t
monitor_random(const struct monitor *m);

#endif

/* publish.h - what the parts of the publish role share; for roles/publish*.c
 * and for nobody else.
 *
 *   claim (main thread) -> look (a thread each) -> step, written (main thread)
 *
 * A case is one claimed publication. The main thread alone talks to the store.
 * A look asks what the store does not know: where the two CNAMEs lead; while a
 * policy is to be proved, what a sender gets from each address of the service;
 * while an id is on its way, what each name server of the zone shows. Then the
 * publication is loaded anew, stepped with (core/publish_plan.h), and written
 * with all that follows in one transaction. So whoever dies anywhere leaves a
 * lease that runs out, and a publication that stands where it stood. */
#ifndef ROLES_PUBLISH_H
#define ROLES_PUBLISH_H

#include "core/publish_plan.h"
#include "io/inbox.h"
#include "io/pool.h"
#include "roles/line.h"
#include "store/publications.h"

enum {
	/* Long enough for 16 addresses at which nobody is. A look ends before
	 * its lease does, with time for others to be settled first. */
	PUBLISH_LOOK_MS = 75 * 1000,
	PUBLISH_LEASE_S = 150,
};

/* ---- the world, as it is looked at ---- */

/* Where a CNAME leads. */
enum publish_lead { LEAD_UNKNOWN, LEAD_NONE, LEAD_OURS };

/* What an address shows of what is asked for. */
enum publish_shown {
	SHOWN_NOTHING, /* nobody is there: no connection, or no answer */
	SHOWN_OTHER, /* something else, a failure included */
	SHOWN_IT,
};

struct publish_server {
	struct ip_addr address;
	uint16_t port;
};

/* A table, so that a test can play the world. Any thread; blocking, until the
 * deadline. Memory from the arena of the case. */
struct publish_eyes {
	enum publish_lead (*lead)(const struct publish_eyes *w,
	    struct span name, struct span target, struct mono_time deadline,
	    struct arena *a);
	/* RFC 8461 3.3, as a sender does it: is it this body, to the octet? */
	enum publish_shown (*page)(const struct publish_eyes *w,
	    struct span domain, struct ip_addr address, struct span body,
	    struct mono_time deadline, struct arena *a);
	/* The name servers of the zone. False: they could not be found. */
	bool (*servers)(const struct publish_eyes *w, struct mono_time deadline,
	    struct arena *a, struct publish_server **out, size_t *n);
	enum publish_shown (*id)(const struct publish_eyes *w,
	    struct publish_server server, struct span target, struct span id,
	    struct mono_time deadline, struct arena *a);
};

/* Where peers listen: 443 and 53; others are for tests. */
struct publish_ports {
	uint16_t https, dns;
};

/* The world itself. env and what it has are borrowed. */
enum err
publish_eyes_new(const struct role_env *env, const struct publish_ports *ports,
    const struct publish_eyes **out, struct error *e) MUST_CHECK;
void
publish_eyes_free(const struct publish_eyes *w);

/* ---- a case ---- */

struct publish_case {
	struct publication_claim claim;
	int64_t worker; /* under which it was claimed */
	struct published p; /* as it was when the look was decided on */
	bool prove; /* its policy is to be fetched from outside */
	struct arena arena;

	/* Of the look. */
	unsigned delegation; /* of struct publication_sight */
	bool proved; /* p.state.version, through every address that answers */
	bool id_shown; /* p.state.id, by every name server that answers */
	bool cut; /* the look was ended before its time: it says nothing */
};

/* What the role works with; one thread. */
struct publish_desk {
	const struct role_env *env;
	struct store *store;
	int64_t worker;
};

/* Load what the look has to know. *found: it is still published. */
enum err
publish_load(const struct publish_desk *d, struct publish_case *c, bool *found,
    struct error *e) MUST_CHECK;

/* Any thread. */
void
publish_look(const struct role_env *env, const struct publish_eyes *w,
    struct publish_case *c);

/* The step, and all that follows. *out, in the memory of the case, tells what
 * it brought; *held: it is written. */
enum err
publish_settle(const struct publish_desk *d, struct publish_case *c,
    struct publish_step *out, bool *held, struct error *e) MUST_CHECK;

/* ---- what is told ---- */

/* One step of a publication, on its way into the store. */
struct publish_told {
	const struct published *before, *after;
	const struct publish_sight *sight;
	const struct publish_step *step;
	struct wall_time now, tell_at;
};

/* History, and news for the outbox: part of the caller's transaction. */
enum err
publish_tell(struct store *s, const struct publish_told *t, struct arena *a,
    struct error *e) MUST_CHECK;

/* ---- the loop ---- */

struct publish_job;

struct publisher {
	struct line line;
	int64_t worker;
	const struct publish_eyes *eyes;
	struct pool *lookers;
	struct inbox done; /* jobs whose look has ended */
	bool has_inbox;
	struct publish_job *jobs; /* all under way */
	size_t n_jobs;

	struct mono_time poll, beat, statistics; /* when each is due */
	size_t edges_alive; /* as they were seen last */
	uint64_t edges_served;

	/* Since the last line of statistics. */
	int64_t steps, announced;
};

/* *p is all zero but for line.env and eyes. publish_end may come after it in
 * any case. */
enum err
publish_begin(struct publisher *p, struct error *e) MUST_CHECK;

/* One turn: what has its time, then wait for a look to end, some 200 ms at
 * most, and settle it. */
void
publish_turn(struct publisher *p);

/* Looks that are under way are cut off, and their claims given back. */
void
publish_end(struct publisher *p);

#endif

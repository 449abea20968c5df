/* ledger.h - what may still be in a sender's cache, and until when.
 *
 * A sender keeps a policy for max_age from its last fetch (RFC 8461 3.2) and
 * looks for another one when the id changes (RFC 8461 3.1, 5.1). Whoever
 * publishes changes two things, the file and the id, and never sees the third,
 * the caches. The ledger remembers every policy and every id that was seen;
 * what may be cached follows from it:
 *
 *   horizon(version) = max(last time it was served,
 *                          last time an id was visible under which it was
 *                          served)
 *                      + max_age
 *
 * The second term is for senders that let an unchanged id renew a copy without
 * a fetch: the RFC does not have it so (reading A11), several do it. "Last
 * time" is the look that showed that it was over, not the one before, for in
 * between is where we did not look: the horizon is never too early, and at most
 * one interval between two looks too late. Two limits of what can be known: a
 * policy that came and went between two looks, and, where file and id changed
 * between the same two looks, in which order they did; a copy of the old file
 * under the new id is then not counted beyond the life that its fetch gave it.
 *
 * The life of a version, driven by ledger_step() alone:
 *
 *              served at a look                  another file, or none
 *   (unknown) ------------------> SERVED ------------------------------.
 *                                  ^  ^                                 |
 *            the same body again   |  |  the same body again            v
 *              .-------------------'  '------------------------------ NAMED
 *              |                                                     |   ^
 *              |       another id, or none  (set_flag: renewed = at) |   |
 *              |     .-----------------------------------------------'   |
 *              |     v                                                   |
 *             FADING -----------------------------------------------------
 *              |  ^      an id of it is back while a copy may live
 *   now >      |  |
 *   horizon    v  |  the same body again: SERVED
 *             EXPIRED ----------------> (forgotten after LEDGER_KEEP_S)
 *
 *   SERVED    v->served                        horizon moves with the clock
 *   NAMED     v->named: an id of it is visible  horizon moves with the clock
 *   FADING    neither                           horizon = renewed + max_age
 *   EXPIRED   neither, and now > horizon        nobody may hold it
 *
 *   SERVED, NAMED -> see_file(), see_record() of ledger.c; FADING -> EXPIRED is
 *   time alone: ledger_is_held().
 *
 * Pure: no I/O, no clock. What could not be seen (SIGHT_UNKNOWN) changes
 * nothing, so a version stays served until a look shows that it is not. */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "core/checks.h"
#include "wire/sts_policy.h"

struct judged;

enum {
	LEDGER_DAY_S = 86400,

	/* Between the new file and the new id: what a deployment and the TTL of
	 * the record take (reading A21). */
	LEDGER_GRACE_S = 2 * 3600,

	/* How long a version is remembered when nobody can hold it any more,
	 * so that its return is noticed. */
	LEDGER_KEEP_S = 90 * LEDGER_DAY_S,

	/* An id is unique for ever (RFC 8461 3.1); two years is twice the
	 * longest life of a copy. */
	LEDGER_ID_KEEP_S = 730 * LEDGER_DAY_S,

	/* Ceilings. Daily ids for two years are 730; 64 policies is one a week
	 * for a year; a set of MX hosts changes a few times a year. */
	LEDGER_IDS = 1024,
	LEDGER_VERSIONS = 64,
	LEDGER_MX_SETS = 32,
	LEDGER_ID_VERSIONS = 8, /* bodies remembered under one id */

	/* Testing is for two weeks at least before enforce. */
	LEDGER_TESTING_S = 14 * LEDGER_DAY_S,

	/* After that, if nothing is wrong, testing has shown what it can. */
	LEDGER_TESTED_S = 90 * LEDGER_DAY_S,

	/* That many returns within a day are a flap. */
	LEDGER_FLIPS = 3,
};

/* What a look at one thing came to. */
enum sight {
	SIGHT_UNKNOWN, /* could not be asked: changes nothing */
	SIGHT_PRESENT,
	SIGHT_ABSENT, /* an answer said that it is not there */
	SIGHT_BROKEN, /* there, and of no use: invalid, or the host is down */
};

struct ledger_version {
	uint32_t seq; /* from 1, in order of first sight; never given twice */
	struct span body; /* what makes it this version */
	enum sts_mode mode;
	uint32_t max_age; /* seconds, at most STS_MAX_AGE */
	struct span *mx; /* patterns, lower case */
	size_t n_mx;
	struct wall_time first_seen, last_seen; /* served */
	bool served; /* now, as far as is known */
	bool named; /* the visible id is one under which it was served */
	struct wall_time renewed; /* if neither: until when it was either */
};

struct ledger_id {
	struct span id;
	struct wall_time first_seen, last_seen;
	struct wall_time since; /* of this run, or the last one */
	struct wall_time away_since; /* if back: the end of the run before */
	bool back; /* there, then another one, then this again */
	bool reused; /* back, and with a body that it did not have before */
	uint32_t versions[LEDGER_ID_VERSIONS]; /* seq, in order of sight */
	size_t n_versions;
};

/* The MX hosts during a stretch of time. A set that comes back is a new one. */
struct ledger_mx_set {
	struct span *hosts; /* canonical, in the order of the first look */
	size_t n_hosts;
	struct wall_time first_seen, last_seen;
};

/* Is it there? */
struct ledger_presence {
	enum sight sight; /* of the last look that was not UNKNOWN */
	struct wall_time since; /* it has been so */
	struct wall_time seen_at; /* of that look */
	bool was_present; /* ever */
};

/* Of one domain. All zero is the ledger of a domain never looked at. What it
 * points to lives as long as the arenas that the steps were given, or belongs
 * to whoever loaded it. */
struct ledger {
	bool begun;
	struct wall_time began, at; /* the first and the last look */

	struct ledger_version *versions; /* by seq */
	size_t n_versions, versions_cap;
	struct ledger_id *ids; /* in order of first sight */
	size_t n_ids, ids_cap;
	struct ledger_mx_set *mx_sets; /* in order of time; the last is now's */
	size_t n_mx_sets, mx_sets_cap;

	uint32_t last_seq; /* the last one given */
	uint32_t latest; /* seq of the version served last; 0: none yet */
	struct wall_time latest_since; /* the look that showed it first */
	struct span latest_id; /* the id visible last; empty: none yet */

	/* The last two modes served, and since when. */
	enum sts_mode mode, mode_before;
	struct wall_time mode_since, mode_before_since;

	struct ledger_presence txt, file, txt_cname, host_cname;

	/* When an id or a body came back, the last times; 0: never. */
	struct wall_time flips[LEDGER_FLIPS];

	/* For want of room versions were forgotten that senders may hold: no
	 * later than this. 0: none. */
	struct wall_time crowded_enforce_until, crowded_until;
};

/* What one round saw. Borrowed for the step; what is kept is copied. */
struct observation {
	struct wall_time at;

	enum sight txt; /* the one valid _mta-sts record */
	struct span id; /* if PRESENT */

	enum sight file;
	struct span body; /* if PRESENT: valid, and read as follows */
	enum sts_mode mode;
	uint32_t max_age;
	const struct span *mx_patterns;
	size_t n_mx_patterns;

	enum sight mx; /* PRESENT, ABSENT (no MX host at all) or UNKNOWN */
	const struct span *mx_hosts; /* canonical; each once, in any order */
	size_t n_mx_hosts;

	/* A CNAME at _mta-sts, and at mta-sts. */
	enum sight txt_cname, host_cname;
};

/* What a step has changed, one bit each. */
enum ledger_event {
	LEDGER_NEW_VERSION,
	LEDGER_VERSION_BACK, /* A-B-A: a body seen before, and not the last */
	LEDGER_NEW_ID,
	LEDGER_ID_BACK, /* an id seen before, and not the last */
	LEDGER_ID_REUSED, /* and with another body than before */
	LEDGER_ID_ALONE, /* the id changed, the body did not: healthy */
	LEDGER_FILE_ALONE, /* the body changed, the id did not (yet) */
	LEDGER_MODE_UP, /* none < testing < enforce */
	LEDGER_MODE_DOWN,
	LEDGER_MAX_AGE_SHRUNK,
	LEDGER_PATTERN_REMOVED,
	LEDGER_RECORD_GONE,
	LEDGER_RECORD_BROKEN,
	LEDGER_RECORD_BACK,
	LEDGER_FILE_GONE,
	LEDGER_FILE_BROKEN,
	LEDGER_FILE_BACK,
	LEDGER_MX_CHANGED,
	LEDGER_CNAME_GONE,
	LEDGER_FLAP, /* the third return within a day, and every one after */
	LEDGER_EVENTS,
};

/* "new-version", ...; public, for logs and histories. */
extern const char *const ledger_event_names[];

struct ledger_change {
	uint32_t events; /* 1u << enum ledger_event */
	uint32_t version_before; /* seq of the version served before; 0: none */
};

static inline bool
ledger_has_event(const struct ledger_change *c, enum ledger_event e)
{
	return (c->events & 1u << e) != 0;
}

/* Apply what one round saw. An observation older than the last one is not
 * applied. Memory for what is new comes from a; on ERR_MEMORY the ledger is as
 * it was. What has become needless is forgotten, see below. */
enum err
ledger_step(struct ledger *l, const struct observation *o, struct arena *a,
    struct ledger_change *out) MUST_CHECK;

/* Forget, so that the ledger stays bounded: a version LEDGER_KEEP_S after its
 * horizon unless it is the latest; an id LEDGER_ID_KEEP_S after its last sight;
 * beyond the ceilings the version with the earliest horizon and the id that was
 * seen first (ledger_step() likewise drops the oldest set of MX hosts). Every
 * step ends with this. */
void
ledger_forget(struct ledger *l, struct wall_time now);

/* What a finished judgement saw, as an observation. Borrows from j and a;
 * ERR_MEMORY if a is full. */
enum err
ledger_observe(const struct judged *j, struct arena *a,
    struct observation *out) MUST_CHECK;

/* The version of that seq, or NULL. */
const struct ledger_version *
ledger_version(const struct ledger *l, uint32_t seq);

/* The version served last, or NULL. */
const struct ledger_version *
ledger_latest(const struct ledger *l);

/* The id visible last, or NULL. */
const struct ledger_id *
ledger_latest_id(const struct ledger *l);

/* Was the version served while that id was visible? */
bool
ledger_id_has(const struct ledger_id *id, uint32_t seq);

/* The MX hosts as last seen, or NULL. */
const struct ledger_mx_set *
ledger_mx(const struct ledger *l);

/* Since when that host has been an MX without a break, as far back as is
 * remembered. Only for a host of ledger_mx(). */
struct wall_time
ledger_mx_since(const struct ledger *l, struct span host);

/* The last moment at which a sender may hold a copy. Of a version that is
 * served or named it moves with now. */
struct wall_time
ledger_horizon(const struct ledger_version *v, struct wall_time now);

/* May a sender hold it? A copy aged exactly max_age is valid (reading A10). */
bool
ledger_is_held(const struct ledger_version *v, struct wall_time now);

struct ledger_held {
	size_t n; /* versions that may be held */
	size_t n_old; /* of these, not served now */
	/* The last moment of any copy of that mode; 0 if there is none. It
	 * moves with now where the version is served or named. */
	struct wall_time enforce_until, testing_until, none_until;
	/* From the copies alone: ENFORCE while any enforce copy may live. */
	enum stakes stakes;
};

void
ledger_held(
    const struct ledger *l, struct wall_time now, struct ledger_held *out);

/* What mail has at stake: the caches, and what one look `seen` would say. Where
 * the file cannot be had now, but was had once, the caches alone decide: a
 * broken host is an emergency while an enforce copy may be held, and
 * housekeeping when none can. */
enum stakes
ledger_stakes(const struct ledger *l, enum stakes seen, struct wall_time now);

/* The procedure of RFC 8461 8.3: mode none, a new id, wait until every policy
 * published before has expired, remove both. The copies of mode none itself
 * need not be waited for (reading A19). */
enum removal {
	REMOVAL_NOT_BEGUN, /* the latest policy is not of mode none */
	REMOVAL_SAME_ID, /* none, but under an id of an earlier policy */
	REMOVAL_WAITING, /* until safe_at */
	REMOVAL_DONE, /* record and host may go, or have gone */
};

struct ledger_removal {
	enum removal state;
	struct wall_time safe_at; /* WAITING: from then on */
	bool blind; /* nothing is known of what was served before none */
};

struct ledger_removal
ledger_removal(const struct ledger *l, struct wall_time now);

/* May the record and the policy host be removed? */
bool
ledger_safe_to_remove(const struct ledger *l, struct wall_time now);

/* A host that senders would refuse under a version that they may hold. */
struct ledger_loss {
	const struct ledger_version *version;
	struct span host; /* borrowed from the question */
	struct wall_time until; /* the version's horizon */
};

/* What if these were the MX hosts? Every held version in enforce or testing,
 * against every host. Returns how many losses there are; the first max of them
 * are put to out, by version, then in the order of hosts. */
size_t
ledger_would_lose(const struct ledger *l, const struct span *hosts,
    size_t n_hosts, struct wall_time now, struct ledger_loss *out, size_t max);

/* Does a pattern of the version cover the host (RFC 8461 4.1)? */
bool
ledger_covers(const struct ledger_version *v, struct span host);

/* Did ids or bodies return LEDGER_FLIPS times within the last day? Then several
 * origins or resolvers disagree. */
bool
ledger_is_flapping(const struct ledger *l, struct wall_time now);

#endif

/* mx_follow.h - a policy that follows the MX records, as an attacker would
 * forge them.
 *
 * Whoever can make us see other MX records could have his own host put into the
 * policy, and the policy is what was to protect from him. So a set of MX hosts
 * is believed only if all authoritative servers agree on it (or DNSSEC vouches
 * for it), in MX_FOLLOW_ROUNDS rounds in a row; an empty answer, a null MX or a
 * failure changes nothing. What is believed is told to the owner in every case,
 * and published at once, after his approval, or never, as he wishes.
 *
 *               another set, agreed on               the same set, agreed on
 *   SETTLED -----------------------------> WATCHED -------------------------.
 *    ^  ^                                   |  ^                            |
 *    |  |  the settled set again            |  | yet another set            v
 *    |  '-----------------------------------'  '------------------- ROUNDS
 * reached | | |   AUTO |
 *    |<---------------------------------------------------------------------|
 *    |   APPROVE: approved                     OFF: told, and stays WATCHED |
 *    '-------------------- WAITING <----------------------------------------'
 *
 * The first set that is believed is published in every mode: whoever has just
 * asked for a policy has approved of what there is.
 *
 * Additions go out at once. A host that has left the MX records keeps its
 * pattern until the change has settled: resolvers hold the old records for
 * their TTL, and the owner may go back (RFC 8461 8.1).
 *
 * Pure. */
#ifndef CORE_MX_FOLLOW_H
#define CORE_MX_FOLLOW_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"

enum {
	MX_FOLLOW_ROUNDS = 2,

	/* How long a host that has left keeps its pattern at least: MX records
	 * are cached for a day at the most by nearly everybody. */
	MX_FOLLOW_OVERLAP_S = 2 * 86400,
};

enum mx_follow_mode { FOLLOW_AUTO, FOLLOW_APPROVE, FOLLOW_OFF };

enum mx_sight_kind {
	MX_SIGHT_UNKNOWN, /* a failure, or servers that did not answer */
	MX_SIGHT_APART, /* the servers do not agree */
	MX_SIGHT_EMPTY, /* no MX records, or the null MX */
	MX_SIGHT_HOSTS,
};

/* What one round saw. */
struct mx_sight {
	struct wall_time at;
	enum mx_sight_kind kind;
	const struct span *hosts; /* of HOSTS: canonical, each once */
	size_t n_hosts;
	uint32_t ttl; /* of the records */
	unsigned servers; /* that agree on it; 0: DNSSEC vouches for it */
};

struct mx_follow_rules {
	enum mx_follow_mode mode;
	uint32_t overlap_s;
	/* Until then the owner may have to go back: senders hold copies that do
	 * not cover what the MX records say now. 0: no such copy. */
	struct wall_time horizon;
};

struct mx_pattern {
	struct span host;
	struct wall_time since; /* it is a pattern */
	bool gone; /* it is no MX host any more */
	struct wall_time gone_at; /* if so */
	uint32_t ttl; /* of the records that last had it, or did not */
};

enum mx_follow_state { MX_SETTLED, MX_WATCHED, MX_WAITING };

/* Why the MX records do not reach the policy at the moment. */
enum mx_hold { MX_HOLD_NONE, MX_HOLD_UNKNOWN, MX_HOLD_APART, MX_HOLD_EMPTY };

/* All zero: nothing was ever believed. Spans live in the arenas of the steps,
 * or belong to whoever loaded it. */
struct mx_follow {
	enum mx_follow_state state;
	struct span *seen; /* WATCHED, WAITING: the other set */
	size_t n_seen;
	unsigned rounds; /* in a row that saw it */
	struct wall_time seen_since;
	bool seen_told; /* it was believed, and told */

	struct mx_pattern *patterns; /* in the order in which they came */
	size_t n_patterns;

	enum mx_hold hold;
	struct wall_time hold_since; /* if there is one */
};

/* What a step brought, bits: 1 << enum mx_follow_event. */
enum mx_follow_event {
	MX_FOLLOW_BELIEVED, /* another set is believed: tell the owner */
	MX_FOLLOW_PATTERNS, /* the patterns changed: a policy is to be made */
	MX_FOLLOW_ASKS, /* approval is wanted */
	MX_FOLLOW_HELD, /* a hold began, or is another than before */
	MX_FOLLOW_RELEASED, /* it is over */
};

/* One round. ERR_MEMORY if a is full: f is as it was. */
enum err
mx_follow_step(struct mx_follow *f, const struct mx_follow_rules *rules,
    const struct mx_sight *sight, struct arena *a, unsigned *events) MUST_CHECK;

/* The owner says yes to what waits: to exactly this set, which he was shown.
 * False: it is another by now, and nothing was changed. */
bool
mx_follow_approve(struct mx_follow *f, const struct span *hosts, size_t n,
    struct wall_time now, struct arena *a) MUST_CHECK;

/* Hosts that the policy has for another reason, which is over: they stay for as
 * long as those that have left the MX records. Nothing happens while nothing
 * was ever believed. False without memory, and f is as it was. */
bool
mx_follow_leave(struct mx_follow *f, const struct span *hosts, size_t n,
    struct wall_time now, struct arena *a) MUST_CHECK;

/* Are these the hosts that the patterns were made for? */
bool
mx_follow_is_settled(
    const struct mx_follow *f, const struct span *hosts, size_t n);

extern const char *const mx_follow_mode_names[]; /* "auto", ... */
extern const char *const mx_hold_names[];

#endif

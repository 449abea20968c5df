/* routing.h - whom news concerns, when it is told, and when it is not.
 *
 *   news, held ----> routed ----> deliveries of a channel ----> told
 *     so that it       to the       one by one, or, if there
 *     speaks of all    channels     are more than a burst,
 *     its domains      it is for    as one summary
 *
 * Pure: facts and moments are passed in; the rules of the role's other files
 * are here, where they can be tested over simulated days. */
#ifndef ROLES_ROUTING_H
#define ROLES_ROUTING_H

#include "base/clock.h"
#include "base/rfc3339.h"
#include "roles/config.h"
#include "store/incidents.h"
#include "store/outbox.h"

/* ---- whom it concerns ---- */

struct routing_news {
	enum news_kind kind;
	enum severity severity; /* of the incident, as it is now */
	struct span text; /* of DIGEST and TEST: the channel's name */
	bool is_ours; /* about the monitor, and no domain's */
	struct span failing; /* the channel that it is about; "": none */
};

/* Is it for the channel? has_tag: one of its domains has one of the channel's
 * tags. The severity of the channel is that of what is wrong, so it says
 * nothing of CHANGED and ADVICE, which have kinds of their own. RESOLVED goes
 * to all that might have been told of the opening; routing_fate knows who was.
 */
bool
routing_is_for(
    const struct channel_config *c, const struct routing_news *n, bool has_tag);

/* What is wrong with the monitor must reach somebody. If it is for no channel,
 * it is for all that take its kind, but for the one that fails. */
bool
routing_is_for_anybody(
    const struct channel_config *c, const struct routing_news *n);

/* ---- when ---- */

/* Was it held as what a first look shows? */
bool
routing_is_of_first_look(
    const struct config *c, struct wall_time created, struct wall_time tell_at);

/* How far ahead of its time news is taken along with what is due, so that what
 * belongs to one event is told at once: as long as it is held. */
int64_t
routing_ahead_s(const struct config *c, bool of_first_look);

/* When routed news is due at its channels. A little later than now, so that all
 * that was routed together is there; that it is over is held like the opening,
 * for what comes back, and what is over in many places, is one message. A test
 * is due at once. */
struct wall_time
routing_tell_at(const struct config *c, enum news_kind kind,
    struct wall_time created, struct wall_time now);

/* How much a channel has said lately: a burst at once, and as much again in
 * half an hour. Zero: nothing. */
struct routing_flow {
	int64_t level; /* of ROUTING_FLOW, at */
	struct wall_time at;
};

enum { ROUTING_FLOW = 30 * 60 };

/* Would so many messages be more than that? Then they are one summary. */
bool
routing_is_burst(const struct config *c, const struct routing_flow *flow,
    size_t n, struct wall_time now);

/* So many have been said. True: it is enough, and what comes next is held as
 * news is, so that it can be one message too. */
bool
routing_flow_add(const struct config *c, struct routing_flow *flow, size_t n,
    struct wall_time now);

/* Is a message of this kind ever part of a summary? */
bool
routing_may_be_summed(enum news_kind kind);

/* ---- whether it is still told, once its time has come ---- */

enum routing_fate {
	FATE_TELL,
	FATE_DROP, /* it is overtaken */
	FATE_WAIT, /* until it is known whether the opening was told */
};

struct routing_state {
	bool is_gone; /* the incident is not there any more */
	bool is_resolved, is_acknowledged;
	/* Who had this delivery before died with it: it was told or not. */
	bool is_uncertain;
	struct outbox_told told; /* the channel was, without this delivery */
	/* Before it in the same lot. */
	bool after_opened, after_worsened;
};

/* Opened and over before anybody was told: nobody is. Over: those hear of it
 * that heard of the opening. An opening that may have been told is told again,
 * under its key, for only so its end is told too. */
enum routing_fate
routing_fate(enum news_kind kind, const struct routing_state *s);

/* ---- reminders ---- */

/* The shortest of all channels, which is how often incidents are looked
 * through; 0: nobody wants any. *severity is the least that one wants. */
uint64_t
routing_reminder_s(const struct config *c, enum severity *severity);

/* Is it this channel's turn? */
bool
routing_is_reminded(const struct channel_config *c,
    const struct outbox_told *told, struct wall_time opened,
    struct wall_time now);

/* ---- the digest ---- */

/* Is the channel's digest of today due? *day is its date ("2026-11-26"), which
 * makes it one. What is hours late is not told any more. */
bool
routing_is_digest_due(
    const struct channel_config *c, struct wall_time now, struct rfc3339 *day);

/* ---- deliveries that fail ---- */

/* How long until the next attempt after so many that failed in a row: 1, 2, 4
 * ... 60 minutes. What the other side asks for counts up to an hour. */
int64_t
routing_back_off_s(int64_t failures, int64_t retry_after_s);

/* Is that the end of it? */
bool
routing_gives_up(
    const struct config *c, struct wall_time created, struct wall_time now);

/* A channel is an incident of its own. */
bool
routing_is_failing(
    int64_t failures, struct wall_time since, struct wall_time now);

#endif

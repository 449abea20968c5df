#include "roles/routing.h"

enum {
	DAY_S = 86400,
	MINUTE_S = 60,
	SETTLE_S = 10, /* to route a thousand pieces of news */
	BACK_OFF_S = 60,
	BACK_OFF_MAX_S = 3600,
	DIGEST_LATE_S = 3 * 3600, /* a digest of the morning, by noon */
	FAILURES = 3, /* in a row, until a channel fails */
	FAILING_S = 3600,
};

/* ---- whom ---- */

static bool
takes(const struct channel_config *c, enum news_kind kind)
{
	return (c->kinds >> (unsigned)kind & 1) != 0;
}

static bool
is_named(const struct channel_config *c, struct span name)
{
	return span_eq(span_str(c->name), name);
}

bool
routing_is_for(
    const struct channel_config *c, const struct routing_news *n, bool has_tag)
{
	switch (n->kind) {
	case NEWS_DIGEST:
	case NEWS_TEST:
		return is_named(c, n->text);
	case NEWS_CHANGED:
	case NEWS_ADVICE:
	case NEWS_RESOLVED:
		break;
	case NEWS_REMINDER:
		if (c->reminder_s == 0)
			return false;
		if (n->severity < c->severity)
			return false;
		break;
	case NEWS_OPENED:
	case NEWS_WORSENED:
		if (n->severity < c->severity)
			return false;
		break;
	case NEWS_KINDS:
		return false;
	}
	return takes(c, n->kind) && (c->tags.n == 0 || has_tag) &&
	       !is_named(c, n->failing);
}

bool
routing_is_for_anybody(
    const struct channel_config *c, const struct routing_news *n)
{
	return n->is_ours && takes(c, n->kind) && !is_named(c, n->failing) &&
	       (n->kind != NEWS_REMINDER || c->reminder_s > 0);
}

/* ---- when ---- */

bool
routing_is_of_first_look(
    const struct config *c, struct wall_time created, struct wall_time tell_at)
{
	return c->first_group_s > c->group_s &&
	       tell_at.s - created.s >= (int64_t)c->first_group_s;
}

int64_t
routing_ahead_s(const struct config *c, bool of_first_look)
{
	return (int64_t)(of_first_look ? c->first_group_s : c->group_s);
}

struct wall_time
routing_tell_at(const struct config *c, enum news_kind kind,
    struct wall_time created, struct wall_time now)
{
	struct wall_time soon = { now.s + SETTLE_S };
	struct wall_time held = { created.s + (int64_t)c->group_s };

	if (kind == NEWS_TEST)
		return now;
	return kind == NEWS_RESOLVED && held.s > soon.s ? held : soon;
}

/* Of one message. */
static int64_t
cost(const struct config *c)
{
	return c->burst < ROUTING_FLOW ? ROUTING_FLOW / (int64_t)c->burst : 1;
}

static int64_t
level_at(const struct routing_flow *flow, struct wall_time now)
{
	int64_t passed = now.s > flow->at.s ? now.s - flow->at.s : 0;

	return flow->level > passed ? flow->level - passed : 0;
}

bool
routing_is_burst(const struct config *c, const struct routing_flow *flow,
    size_t n, struct wall_time now)
{
	return n > 1 &&
	       level_at(flow, now) + (int64_t)n * cost(c) > ROUTING_FLOW;
}

bool
routing_flow_add(const struct config *c, struct routing_flow *flow, size_t n,
    struct wall_time now)
{
	int64_t level = level_at(flow, now) + (int64_t)n * cost(c);

	flow->level = level < ROUTING_FLOW ? level : ROUTING_FLOW;
	flow->at = now;
	return flow->level + cost(c) > ROUTING_FLOW;
}

bool
routing_may_be_summed(enum news_kind kind)
{
	return kind != NEWS_DIGEST && kind != NEWS_TEST;
}

/* ---- whether ---- */

static enum routing_fate
fate_of_resolved(const struct routing_state *s)
{
	if (s->told.was_told)
		return FATE_TELL;
	return s->told.waits ? FATE_WAIT : FATE_DROP;
}

enum routing_fate
routing_fate(enum news_kind kind, const struct routing_state *s)
{
	bool drop = false;

	switch (kind) {
	case NEWS_OPENED:
		drop = s->is_gone || (s->is_resolved && !s->is_uncertain);
		break;
	case NEWS_WORSENED:
		/* The opening is told as it is now, which is worse. */
		drop = s->is_gone || s->is_resolved || s->after_opened;
		break;
	case NEWS_REMINDER:
		drop = s->is_gone || s->is_resolved || s->is_acknowledged ||
		       s->after_opened || s->after_worsened;
		break;
	case NEWS_RESOLVED:
		return s->is_gone ? FATE_DROP : fate_of_resolved(s);
	case NEWS_CHANGED:
	case NEWS_ADVICE:
		drop = s->is_gone;
		break;
	case NEWS_DIGEST:
	case NEWS_TEST:
	case NEWS_KINDS:
		break;
	}
	return drop ? FATE_DROP : FATE_TELL;
}

/* ---- reminders ---- */

uint64_t
routing_reminder_s(const struct config *c, enum severity *severity)
{
	uint64_t least = 0;

	*severity = SEVERITY_ERROR;
	for (size_t i = 0; i < c->n_channels; i++) {
		const struct channel_config *ch = &c->channels[i];

		if (ch->reminder_s == 0 || !takes(ch, NEWS_REMINDER))
			continue;
		if (least == 0 || ch->reminder_s < least)
			least = ch->reminder_s;
		if (ch->severity < *severity)
			*severity = ch->severity;
	}
	return least;
}

/* One that was told a moment after the reminder before is not to wait for the
 * one after the next. */
bool
routing_is_reminded(const struct channel_config *c,
    const struct outbox_told *told, struct wall_time opened,
    struct wall_time now)
{
	int64_t every = (int64_t)c->reminder_s;
	int64_t last = told->was_told ? told->at.s : opened.s;

	return now.s - last >= every - every / 10;
}

/* ---- the digest ---- */

bool
routing_is_digest_due(
    const struct channel_config *c, struct wall_time now, struct rfc3339 *day)
{
	int64_t second = now.s % DAY_S, at;

	if (c->digest_at < 0)
		return false;
	at = (int64_t)c->digest_at * MINUTE_S;
	/* Late in the day, it may be late on the next one. */
	if (second < at)
		second += DAY_S;
	if (second - at >= DIGEST_LATE_S)
		return false;
	*day = rfc3339_format((struct wall_time){ now.s - (second - at) });
	day->text[sizeof "2026-11-26" - 1] = '\0';
	return true;
}

/* ---- failures ---- */

int64_t
routing_back_off_s(int64_t failures, int64_t retry_after_s)
{
	int64_t s = BACK_OFF_S;

	for (int64_t i = 1; i < failures && s < BACK_OFF_MAX_S; i++)
		s *= 2;
	if (s < retry_after_s)
		s = retry_after_s;
	return s < BACK_OFF_MAX_S ? s : BACK_OFF_MAX_S;
}

bool
routing_gives_up(
    const struct config *c, struct wall_time created, struct wall_time now)
{
	return now.s - created.s >= (int64_t)c->give_up_s;
}

bool
routing_is_failing(
    int64_t failures, struct wall_time since, struct wall_time now)
{
	return failures >= FAILURES ||
	       (failures > 0 && now.s - since.s >= FAILING_S);
}

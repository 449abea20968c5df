#include "core/schedule.h"

#include <assert.h>
#include <stddef.h>

enum { MINUTE = 60, HOUR = 60 * MINUTE };

/* clang-format off */
const char *const look_names[] = {
	[LOOK_RECORDS]		= "records",
	[LOOK_AUTHORITY]	= "authority",
	[LOOK_POLICY]		= "policy",
	NULL
};

const struct cadence cadence_default = {
	.every_s = {
		[LOOK_RECORDS]		= 15 * MINUTE,
		[LOOK_AUTHORITY]	= HOUR,
		[LOOK_POLICY]		= HOUR,
	},
	.host_every_s = 6 * HOUR,
	.again_s = 2 * MINUTE,
	.backoff_max_s = HOUR,
	.jitter_percent = 10,
};
/* clang-format on */

/* s, give or take the jitter. */
static int64_t
jittered(const struct cadence *c, uint32_t s, uint32_t random)
{
	uint64_t half = (uint64_t)s * c->jitter_percent / 100;

	assert(c->jitter_percent <= 50);
	return (int64_t)(s - half + random % (2 * half + 1));
}

/* again_s doubled with each failure, up to the maximum. */
static uint32_t
backoff(const struct cadence *c, unsigned failures)
{
	uint64_t s = c->again_s;

	for (unsigned i = 1; i < failures && s < c->backoff_max_s; i++)
		s *= 2;
	return s < c->backoff_max_s ? (uint32_t)s : c->backoff_max_s;
}

static uint32_t
lesser(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

struct wall_time
schedule_after(const struct cadence *c, uint32_t every_s,
    enum look_outcome outcome, struct wall_time now, uint32_t random,
    uint8_t *failures)
{
	uint32_t wait = every_s;

	if (outcome != LOOK_FAILED)
		*failures = 0;
	else if (*failures < UINT8_MAX)
		++*failures;
	switch (outcome) {
	case LOOK_STEADY:
		break;
	case LOOK_CHANGED:
	case LOOK_SUSPECT:
		wait = lesser(wait, c->again_s);
		break;
	case LOOK_FAILED:
		wait = backoff(c, *failures);
		break;
	}
	return (struct wall_time){ now.s + jittered(c, wait, random) };
}

struct cadence
cadence_of_ailing(const struct cadence *c)
{
	struct cadence out = *c;
	uint32_t most = c->every_s[LOOK_RECORDS];

	for (enum look k = 0; k < LOOKS; k++)
		out.every_s[k] = lesser(out.every_s[k], most);
	out.host_every_s = lesser(out.host_every_s, most);
	return out;
}

/* At the latest by then. */
static void
bring_forward(struct schedule *s, struct wall_time to)
{
	for (enum look k = 0; k < LOOKS; k++)
		if (s->due[k].s > to.s)
			s->due[k] = to;
}

/* The longest that one waits for the look. */
static int64_t
longest(const struct cadence *c, const struct schedule *s, enum look k)
{
	uint32_t wait = c->every_s[k];

	if (s->failures[k] > 0 && wait < c->backoff_max_s)
		wait = c->backoff_max_s;
	return wait + (int64_t)wait * c->jitter_percent / 100;
}

void
schedule_looked(const struct cadence *c, struct schedule *s, unsigned looks,
    const enum look_outcome outcome[LOOKS], struct wall_time now,
    uint32_t random)
{
	for (enum look k = 0; k < LOOKS; k++)
		if (looks & 1U << k)
			s->due[k] = schedule_after(c, c->every_s[k], outcome[k],
			    now, random, &s->failures[k]);
	for (enum look k = 0; k < LOOKS; k++) {
		if (!(looks & 1U << k))
			continue;
		if (outcome[k] == LOOK_SUSPECT)
			bring_forward(s, s->due[k]);
		/* What was looked at in the same round is new already. */
		if (outcome[k] == LOOK_CHANGED)
			for (enum look i = 0; i < LOOKS; i++)
				if (!(looks & 1U << i) && s->due[i].s > now.s)
					s->due[i] = now;
	}
	for (enum look k = 0; k < LOOKS; k++)
		if (s->due[k].s - now.s > longest(c, s, k))
			s->due[k].s =
			    now.s + jittered(c, c->every_s[k], random);
}

void
schedule_spread(const struct cadence *c, struct schedule *s,
    struct wall_time now, uint32_t random)
{
	for (enum look k = 0; k < LOOKS; k++) {
		int64_t at = now.s + random % (c->every_s[k] + 1);

		if (s->due[k].s - now.s > c->every_s[k] / 2)
			s->due[k].s = at;
	}
}

void
schedule_hasten(struct schedule *s, unsigned looks, struct wall_time latest)
{
	for (enum look k = 0; k < LOOKS; k++)
		if (looks & 1U << k && s->due[k].s > latest.s)
			s->due[k] = latest;
}

unsigned
schedule_due(const struct schedule *s, struct wall_time now)
{
	unsigned due = 0;

	for (enum look k = 0; k < LOOKS; k++)
		if (s->due[k].s <= now.s)
			due |= 1U << k;
	return due;
}

struct wall_time
schedule_next(const struct schedule *s)
{
	struct wall_time next = s->due[0];

	for (enum look k = 1; k < LOOKS; k++)
		if (s->due[k].s < next.s)
			next = s->due[k];
	return next;
}

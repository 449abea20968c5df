#include "core/schedule.h"

#include <assert.h>
#include <stddef.h>

enum { MINUTE = 60, HOUR = 60 * MINUTE };

/* clang-format off */
const char *const look_names[] = {
	[LOOK_DNS]	= "dns",
	[LOOK_NS]	= "ns",
	[LOOK_POLICY]	= "policy",
	[LOOK_MX]	= "mx",
	NULL
};

const struct cadence cadence_default = {
	.every_s = {
		[LOOK_DNS]	= 15 * MINUTE,
		[LOOK_NS]	= HOUR,
		[LOOK_POLICY]	= HOUR,
		[LOOK_MX]	= 6 * HOUR,
	},
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

void
schedule_begin(const struct cadence *c, struct schedule *s,
    struct wall_time now, uint32_t random, bool at_once)
{
	*s = (struct schedule){ 0 };
	for (enum look k = 0; k < LOOKS; k++)
		s->due[k].s =
		    now.s + (at_once ? 0 : random % (c->every_s[k] + 1));
}

/* What one look found bears on the others. */
static void
wake_others(struct schedule *s, enum look look, struct wall_time now)
{
	for (enum look k = 0; k < LOOKS; k++)
		if (k != look && s->due[k].s > now.s)
			s->due[k] = now;
}

void
schedule_looked(const struct cadence *c, struct schedule *s, enum look look,
    enum look_outcome outcome, struct wall_time now, uint32_t random)
{
	uint32_t wait = c->every_s[look];

	if (outcome != LOOK_FAILED)
		s->failures[look] = 0;
	else if (s->failures[look] < UINT8_MAX)
		s->failures[look]++;
	switch (outcome) {
	case LOOK_STEADY:
		break;
	case LOOK_CHANGED:
		wake_others(s, look, now);
		wait = lesser(wait, c->again_s);
		break;
	case LOOK_SUSPECT:
		wait = lesser(wait, c->again_s);
		break;
	case LOOK_FAILED:
		wait = backoff(c, s->failures[look]);
		break;
	}
	s->due[look].s = now.s + jittered(c, wait, random);
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

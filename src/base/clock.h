/* clock.h - time is passed in, never asked for.
 *
 * Wall time (what a certificate's dates are compared to) and monotonic time
 * (what a deadline is made of) are different types on purpose. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

struct wall_time {
	int64_t
	    s; /* seconds since 1970-01-01T00:00:00Z, without leap seconds */
};

struct mono_time {
	int64_t ns; /* since an arbitrary moment of this machine */
};

struct clock {
	struct wall_time (*wall)(const struct clock *c);
	struct mono_time (*mono)(const struct clock *c);
};

/* The machine's own clocks. */
extern const struct clock clock_system;

static inline struct wall_time
clock_wall(const struct clock *c)
{
	return c->wall(c);
}

static inline struct mono_time
clock_mono(const struct clock *c)
{
	return c->mono(c);
}

/* *until is t at the earliest. */
static inline void
wall_extend(struct wall_time *until, struct wall_time t)
{
	if (until->s < t.s)
		*until = t;
}

static inline struct mono_time
mono_after_ms(struct mono_time t, int64_t ms)
{
	return (struct mono_time){ t.ns + ms * 1000000 };
}

/* Milliseconds from a to b, rounded up; negative if b lies before a. */
static inline int64_t
mono_ms_until(struct mono_time a, struct mono_time b)
{
	int64_t ns = b.ns - a.ns;

	return ns > 0 ? (ns + 999999) / 1000000 : ns / 1000000;
}

static inline struct mono_time
mono_earlier(struct mono_time a, struct mono_time b)
{
	return a.ns < b.ns ? a : b;
}

#endif

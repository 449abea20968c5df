#include "roles/roster.h"

enum { PLACES = ROLES * ROSTER_INSTANCES };

static struct roster_place
place_of(int i)
{
	return (struct roster_place){ (enum role_id)(i / ROSTER_INSTANCES),
		(unsigned)i % ROSTER_INSTANCES };
}

static struct roster_process *
process_of(struct roster *r, struct roster_place at)
{
	return &r->all[at.role][at.instance];
}

static const struct roster_process *
look_at(const struct roster *r, int i)
{
	return &r->all[i / ROSTER_INSTANCES][i % ROSTER_INSTANCES];
}

void
roster_want(struct roster *r, const unsigned wanted[ROLES], uint64_t drain_s,
    struct mono_time now)
{
	r->drain_ms = (int64_t)drain_s * 1000;
	for (int i = 0; i < PLACES; i++) {
		struct roster_place at = place_of(i);
		struct roster_process *p = process_of(r, at);

		p->wanted = at.instance < wanted[at.role];
		p->stale = p->state == ROSTER_AT_WORK;
		if (p->state == ROSTER_WAITING) {
			p->next = now;
			p->backoff_s = 0;
		}
	}
}

void
roster_hurry(struct roster *r, struct mono_time now)
{
	r->drain_ms = 0;
	for (int i = 0; i < PLACES; i++) {
		struct roster_process *p = process_of(r, place_of(i));

		if (p->state == ROSTER_LEAVING)
			p->next = now;
	}
}

static bool
somebody_leaves(const struct roster *r)
{
	for (int i = 0; i < PLACES; i++)
		if (look_at(r, i)->state == ROSTER_LEAVING)
			return true;
	return false;
}

/* From when on the others of its role do without it; false: not as it is now.
 * One that has no others cannot wait for them. */
static bool
others_bear_it(
    const struct roster *r, struct roster_place at, struct mono_time *since)
{
	*since = (struct mono_time){ INT64_MIN };
	for (unsigned i = 0; i < ROSTER_INSTANCES; i++) {
		const struct roster_process *p = &r->all[at.role][i];
		struct mono_time ready =
		    mono_after_ms(p->started, ROSTER_SETTLED_MS);

		if (i == at.instance || !p->wanted)
			continue;
		if (p->state != ROSTER_AT_WORK)
			return false;
		if (ready.ns > since->ns)
			*since = ready;
	}
	return true;
}

static void
start(struct roster_process *p, struct mono_time now)
{
	p->state = ROSTER_AT_WORK;
	p->started = now;
	p->stale = false;
	p->killed = false;
}

static bool
may_be_told(
    const struct roster *r, struct roster_place at, struct mono_time now)
{
	const struct roster_process *p = &r->all[at.role][at.instance];
	struct mono_time since;

	if (!p->wanted)
		return true;
	return p->stale && !somebody_leaves(r) &&
	       others_bear_it(r, at, &since) && since.ns <= now.ns;
}

/* Is something to be done about this one? */
static bool
next_of(struct roster *r, struct roster_place at, struct mono_time now,
    enum roster_order *order)
{
	struct roster_process *p = process_of(r, at);
	bool is_due = p->next.ns <= now.ns;

	switch (p->state) {
	case ROSTER_WAITING:
		if (!p->wanted)
			p->state = ROSTER_ABSENT;
		if (!p->wanted || !is_due)
			return false;
		*order = ROSTER_START;
		start(p, now);
		return true;
	case ROSTER_ABSENT:
		if (!p->wanted)
			return false;
		*order = ROSTER_START;
		start(p, now);
		return true;
	case ROSTER_AT_WORK:
		if (!may_be_told(r, at, now))
			return false;
		*order = ROSTER_TELL;
		p->state = ROSTER_LEAVING;
		p->stale = false;
		p->next = mono_after_ms(now, r->drain_ms);
		return true;
	case ROSTER_LEAVING:
		if (p->killed || !is_due)
			return false;
		*order = ROSTER_KILL;
		p->killed = true;
		return true;
	}
	return false;
}

bool
roster_next(struct roster *r, struct mono_time now, struct roster_place *place,
    enum roster_order *order)
{
	for (int i = 0; i < PLACES; i++)
		if (next_of(r, place_of(i), now, order)) {
			*place = place_of(i);
			return true;
		}
	return false;
}

static unsigned
next_backoff(const struct roster_process *p, struct mono_time now)
{
	int64_t lived_ms = mono_ms_until(p->started, now);

	if (p->backoff_s == 0 || lived_ms >= ROSTER_LONG_LIFE_S * 1000)
		return 1;
	if (p->backoff_s > ROSTER_BACKOFF_MAX_S / 2)
		return ROSTER_BACKOFF_MAX_S;
	return p->backoff_s * 2;
}

bool
roster_ended(struct roster *r, struct roster_place place, struct mono_time now)
{
	struct roster_process *p = process_of(r, place);

	if (p->state == ROSTER_LEAVING) {
		p->state = ROSTER_ABSENT;
		p->backoff_s = 0;
		return true;
	}
	p->state = ROSTER_WAITING;
	p->stale = false;
	p->backoff_s = next_backoff(p, now);
	p->next = mono_after_ms(now, p->backoff_s * 1000);
	return false;
}

/* When something is to be done about this one, if time alone decides. */
static bool
wakes_at(const struct roster *r, int i, struct mono_time *out)
{
	const struct roster_process *p = look_at(r, i);

	*out = p->next;
	switch (p->state) {
	case ROSTER_ABSENT:
		return false;
	case ROSTER_WAITING:
		return true;
	case ROSTER_LEAVING:
		return !p->killed;
	case ROSTER_AT_WORK:
		break;
	}
	return p->stale && !somebody_leaves(r) &&
	       others_bear_it(r, place_of(i), out);
}

bool
roster_wake(const struct roster *r, struct mono_time *out)
{
	bool any = false;

	for (int i = 0; i < PLACES; i++) {
		struct mono_time at;

		if (!wakes_at(r, i, &at))
			continue;
		*out = any ? mono_earlier(*out, at) : at;
		any = true;
	}
	return any;
}

bool
roster_is_empty(const struct roster *r)
{
	for (int i = 0; i < PLACES; i++) {
		const struct roster_process *p = look_at(r, i);

		if (p->wanted || p->state == ROSTER_AT_WORK ||
		    p->state == ROSTER_LEAVING)
			return false;
	}
	return true;
}

bool
roster_is_settled(const struct roster *r)
{
	for (int i = 0; i < PLACES; i++) {
		const struct roster_process *p = look_at(r, i);

		if (p->stale || p->state == ROSTER_LEAVING)
			return false;
	}
	return true;
}

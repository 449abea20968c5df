#include "roles/roster.h"

void
roster_want(
    struct roster *r, unsigned roles, uint64_t drain_s, struct mono_time now)
{
	r->drain_ms = (int64_t)drain_s * 1000;
	for (int i = 0; i < ROLES; i++) {
		struct roster_role *role = &r->roles[i];

		role->wanted = (roles & 1U << i) != 0;
		role->stale = role->state == ROSTER_AT_WORK;
		if (role->state == ROSTER_WAITING) {
			role->next = now;
			role->backoff_s = 0;
		}
	}
}

void
roster_hurry(struct roster *r, struct mono_time now)
{
	r->drain_ms = 0;
	for (int i = 0; i < ROLES; i++)
		if (r->roles[i].state == ROSTER_LEAVING)
			r->roles[i].next = now;
}

static bool
somebody_leaves(const struct roster *r)
{
	for (int i = 0; i < ROLES; i++)
		if (r->roles[i].state == ROSTER_LEAVING)
			return true;
	return false;
}

static void
start(struct roster_role *role, struct mono_time now)
{
	role->state = ROSTER_AT_WORK;
	role->started = now;
	role->stale = false;
	role->killed = false;
}

/* Is something to be done about this role? */
static bool
next_of(struct roster *r, struct roster_role *role, struct mono_time now,
    enum roster_order *order)
{
	bool is_due = role->next.ns <= now.ns;

	switch (role->state) {
	case ROSTER_WAITING:
		if (!role->wanted)
			role->state = ROSTER_ABSENT;
		if (!role->wanted || !is_due)
			return false;
		*order = ROSTER_START;
		start(role, now);
		return true;
	case ROSTER_ABSENT:
		if (!role->wanted)
			return false;
		*order = ROSTER_START;
		start(role, now);
		return true;
	case ROSTER_AT_WORK:
		if (role->wanted && (!role->stale || somebody_leaves(r)))
			return false;
		*order = ROSTER_TELL;
		role->state = ROSTER_LEAVING;
		role->next = mono_after_ms(now, r->drain_ms);
		return true;
	case ROSTER_LEAVING:
		if (role->killed || !is_due)
			return false;
		*order = ROSTER_KILL;
		role->killed = true;
		return true;
	}
	return false;
}

bool
roster_next(struct roster *r, struct mono_time now, enum role_id *role,
    enum roster_order *order)
{
	for (int i = 0; i < ROLES; i++)
		if (next_of(r, &r->roles[i], now, order)) {
			*role = (enum role_id)i;
			return true;
		}
	return false;
}

static unsigned
next_backoff(const struct roster_role *role, struct mono_time now)
{
	int64_t lived_ms = mono_ms_until(role->started, now);

	if (role->backoff_s == 0 || lived_ms >= ROSTER_LONG_LIFE_S * 1000)
		return 1;
	if (role->backoff_s > ROSTER_BACKOFF_MAX_S / 2)
		return ROSTER_BACKOFF_MAX_S;
	return role->backoff_s * 2;
}

bool
roster_ended(struct roster *r, enum role_id id, struct mono_time now)
{
	struct roster_role *role = &r->roles[id];

	if (role->state == ROSTER_LEAVING) {
		role->state = ROSTER_ABSENT;
		role->backoff_s = 0;
		return true;
	}
	role->state = ROSTER_WAITING;
	role->stale = false;
	role->backoff_s = next_backoff(role, now);
	role->next = mono_after_ms(now, role->backoff_s * 1000);
	return false;
}

bool
roster_wake(const struct roster *r, struct mono_time *out)
{
	bool any = false;

	for (int i = 0; i < ROLES; i++) {
		const struct roster_role *role = &r->roles[i];

		if (role->state != ROSTER_WAITING &&
		    (role->state != ROSTER_LEAVING || role->killed))
			continue;
		*out = any ? mono_earlier(*out, role->next) : role->next;
		any = true;
	}
	return any;
}

bool
roster_is_empty(const struct roster *r)
{
	for (int i = 0; i < ROLES; i++)
		if (r->roles[i].wanted || r->roles[i].state == ROSTER_AT_WORK ||
		    r->roles[i].state == ROSTER_LEAVING)
			return false;
	return true;
}

bool
roster_is_settled(const struct roster *r)
{
	for (int i = 0; i < ROLES; i++)
		if (r->roles[i].stale || r->roles[i].state == ROSTER_LEAVING)
			return false;
	return true;
}

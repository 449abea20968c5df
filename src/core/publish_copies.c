#include "core/publish_copies.h"

#include "core/gate.h"
#include "wire/mx_match.h"

/* When it was announced what replaced it, every edge served that; until then
 * some may have gone on with the old one. */
static struct wall_time
served_until(const struct published *p, size_t i, struct wall_time now)
{
	if (i > 0 && p->bodies[i].version < p->state.id_version)
		return p->bodies[i - 1].at;
	return p->state.lost ? p->state.lost_since : now;
}

enum err
publish_copies_read(const struct published *p, struct wall_time now,
    struct arena *a, struct publish_copies *out)
{
	struct sts_policy policy;

	out->n = 0;
	out->all = arena_array(a, p->n_bodies + 1, sizeof *out->all);
	for (size_t i = 0; out->all != NULL && i < p->n_bodies; i++) {
		struct publish_copy *c = &out->all[out->n++];

		c->from = p->bodies[i].at;
		c->until = served_until(p, i, now);
		if (p->bodies[i].body.n == 0)
			continue;
		sts_policy_parse(p->bodies[i].body, a, &policy);
		c->mode = policy.mode;
		c->max_age = policy.max_age;
		c->mx = policy.mx;
		c->n_mx = policy.n_mx;
	}
	return a->failed ? ERR_MEMORY : ERR_OK;
}

static void
note_end(struct wall_time *end, const struct publish_copy *c)
{
	int64_t s = c->until.s + c->max_age;

	if (c->mode != STS_MODE_UNSET && s > end->s)
		end->s = s;
}

struct wall_time
publish_copies_end(const struct publish_copies *c)
{
	struct wall_time end = { 0 };

	for (size_t i = 0; i < c->n; i++)
		note_end(&end, &c->all[i]);
	return end;
}

struct wall_time
publish_copies_end_of_mail(const struct publish_copies *c)
{
	struct wall_time end = { 0 };

	for (size_t i = 0; i < c->n; i++)
		if (c->all[i].mode != STS_MODE_NONE)
			note_end(&end, &c->all[i]);
	return end;
}

static bool
covers(const struct publish_copy *c, struct span host)
{
	for (size_t i = 0; i < c->n_mx; i++)
		if (mx_match(c->mx[i], host))
			return true;
	return false;
}

struct wall_time
publish_copies_end_without(
    const struct publish_copies *c, const struct span *hosts, size_t n)
{
	struct wall_time end = { 0 };

	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < n; k++)
			if (c->all[i].mode != STS_MODE_NONE &&
			    !covers(&c->all[i], hosts[k]))
				note_end(&end, &c->all[i]);
	return end;
}

struct wall_time
publish_copies_testing_since(const struct publish_copies *c)
{
	for (size_t i = c->n; i-- > 0;)
		if (c->all[i].mode == STS_MODE_TESTING)
			return c->all[i].from;
	return (struct wall_time){ 0 };
}

struct wall_time
publish_copies_of_no_use(const struct publish_copies *c, struct wall_time now)
{
	struct wall_time before = { 0 };

	for (size_t i = c->n; i-- > 1;) {
		const struct publish_copy *one = &c->all[i];
		int64_t keep_s = one->max_age > gate_default.testing_s
				     ? one->max_age
				     : gate_default.testing_s;

		if (one->until.s + keep_s >= now.s)
			break;
		before.s = one->until.s + 1;
	}
	return before;
}

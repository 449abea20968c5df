#include "store/publication_order.h"

#include "wire/name.h"

enum publication_name
publication_name(struct span name, struct span zone)
{
	if (name.n + sizeof "_mta-sts." - 1 > NAME_MAX_TEXT)
		return PUBLICATION_NAME_LONG;
	return name_is_under(name, zone) ? PUBLICATION_NAME_IN_ZONE
					 : PUBLICATION_NAME_OK;
}

/* `before` is NULL for a new one. */
static struct publish_order
order_of(const struct publication_wants *wants, const struct published *before,
    struct wall_time now)
{
	struct publish_order order = { .mode = STS_MODE_TESTING,
		.max_age = PUBLICATION_MAX_AGE_S,
		.follow = FOLLOW_AUTO,
		.overlap_s = MX_FOLLOW_OVERLAP_S,
		.override_by = SPAN("") };

	if (before != NULL)
		order = before->order;
	order.leave = false;
	order.asked_at = now;
	if (wants->mode != STS_MODE_UNSET)
		order.mode = wants->mode;
	if (wants->max_age > 0)
		order.max_age = wants->max_age;
	if (wants->says_follow)
		order.follow = wants->follow;
	if (wants->overlap_s > 0)
		order.overlap_s = wants->overlap_s;
	if (wants->override_by.n > 0) {
		order.override_by = wants->override_by;
		order.override_at = now;
	}
	if (order.mode != STS_MODE_ENFORCE) {
		order.override_by = SPAN("");
		order.override_at = (struct wall_time){ 0 };
	}
	return order;
}

static enum publication_refused
why_not(const struct publication_wants *wants, const struct published *before)
{
	enum sts_mode mode =
	    before != NULL ? before->order.mode : STS_MODE_TESTING;

	if (wants->mode != STS_MODE_UNSET)
		mode = wants->mode;
	if (before != NULL && before->order.leave)
		return PUBLICATION_LEAVES;
	if (wants->override_by.n > 0 && mode != STS_MODE_ENFORCE)
		return PUBLICATION_TESTS;
	return PUBLICATION_TAKEN;
}

/* Somebody else may have asked, ended or removed it in between. */
static enum err
take_answer(struct publication_answer *answer, const struct published *before,
    struct span label, struct span zone, struct arena *a, struct error *e)
{
	switch (answer->asked) {
	case PUBLICATION_NEW:
		answer->target = arena_printf(
		    a, "%.*s.%.*s", (int)label.n, label.p, (int)zone.n, zone.p);
		return ERR_OK;
	case PUBLICATION_CHANGED:
	case PUBLICATION_SAME:
		if (before == NULL)
			return error_set(e, ERR_STORE_BUSY,
			    "somebody else asks for the same at this moment");
		answer->target = before->target;
		return ERR_OK;
	case PUBLICATION_NO_DOMAIN:
		break;
	}
	answer->refused = PUBLICATION_REMOVED;
	return ERR_OK;
}

enum err
publication_order(struct store *s, struct span name, struct span zone,
    const struct publication_wants *wants, struct span label,
    struct wall_time now, struct arena *a, struct publication_answer *out,
    struct error *e)
{
	struct published found, *before = NULL;
	struct publish_order order;
	bool is_there;
	enum err rc = publication_get(s, name, a, &found, &is_there, e);

	if (rc != ERR_OK)
		return rc;
	if (is_there && found.state.stage != PUBLICATION_ENDED)
		before = &found;
	*out = (struct publication_answer){ .refused = why_not(wants, before),
		.target = SPAN("") };
	if (out->refused != PUBLICATION_TAKEN)
		return ERR_OK;
	order = order_of(wants, before, now);
	rc = publication_ask(s, name, &order, label, now, &out->asked, e);
	return rc == ERR_OK ? take_answer(out, before, label, zone, a, e) : rc;
}

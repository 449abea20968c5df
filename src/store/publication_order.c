#include "store/publication_order.h"

#include "store/domains.h"
#include "wire/name.h"

enum order_refusal
publication_order_fits(struct span name, struct span zone)
{
	/* Names of the zone are targets and name servers: whoever takes mail
	 * there could not have the CNAMEs beside them. */
	if (name_is_under(name, zone))
		return ORDER_IN_ZONE;
	return name.n + sizeof "_mta-sts." - 1 > NAME_MAX_TEXT ? ORDER_TOO_LONG
							       : ORDER_IS_TAKEN;
}

/* `before` is NULL for a new one. */
static struct publish_order
order_of(const struct order_asked *asked, const struct published *before,
    struct wall_time now)
{
	struct publish_order order = { .mode = STS_MODE_TESTING,
		.max_age = ORDER_MAX_AGE_S,
		.follow = FOLLOW_AUTO,
		.overlap_s = MX_FOLLOW_OVERLAP_S,
		.override_by = SPAN("") };

	if (before != NULL)
		order = before->order;
	order.leave = false;
	order.asked_at = now;
	if (asked->mode != STS_MODE_UNSET)
		order.mode = asked->mode;
	if (asked->max_age > 0)
		order.max_age = asked->max_age;
	if (asked->has_follow)
		order.follow = asked->follow;
	if (asked->overlap_s > 0)
		order.overlap_s = asked->overlap_s;
	if (asked->override_by.n > 0) {
		order.override_by = asked->override_by;
		order.override_at = now;
	}
	if (order.mode != STS_MODE_ENFORCE) {
		order.override_by = SPAN("");
		order.override_at = (struct wall_time){ 0 };
	}
	return order;
}

static enum order_refusal
why_not(const struct order_asked *asked, const struct published *before)
{
	enum sts_mode mode =
	    before != NULL ? before->order.mode : STS_MODE_TESTING;

	if (before != NULL && before->order.leave)
		return ORDER_LEAVING;
	if (asked->mode != STS_MODE_UNSET)
		mode = asked->mode;
	return asked->override_by.n > 0 && mode != STS_MODE_ENFORCE
		   ? ORDER_IS_TESTING
		   : ORDER_IS_TAKEN;
}

/* What he answers that asks, given what was there before. Somebody else may
 * have asked, ended or removed it in between. */
static enum err
take_answer(struct order_answer *out, const struct published *before,
    struct span label, struct span zone, struct arena *a, struct error *e)
{
	switch (out->asked) {
	case PUBLICATION_NEW:
		out->target = arena_printf(
		    a, "%.*s.%.*s", (int)label.n, label.p, (int)zone.n, zone.p);
		return ERR_OK;
	case PUBLICATION_CHANGED:
	case PUBLICATION_SAME:
		if (before == NULL)
			return error_set(e, ERR_STORE_BUSY,
			    "somebody else asks for the same at this moment");
		out->target = before->target;
		return ERR_OK;
	case PUBLICATION_NO_DOMAIN:
		break;
	}
	out->refusal = ORDER_NO_DOMAIN;
	return ERR_OK;
}

static enum err
get_live(struct store *s, struct span name, struct arena *a,
    struct published *out, const struct published **before, struct error *e)
{
	bool found;
	enum err rc = publication_get(s, name, a, out, &found, e);
	bool live =
	    rc == ERR_OK && found && out->state.stage != PUBLICATION_ENDED;

	*before = live ? out : NULL;
	return rc;
}

/* What there is, which nobody else changes now; NULL: nothing, or what has
 * ended. Where there is nothing publication_ask() needs something else first
 * (change.h). */
static enum err
get_before(struct store *s, struct span name, struct arena *a,
    struct published *out, const struct published **before, struct error *e)
{
	bool found;
	enum err rc = get_live(s, name, a, out, before, e);

	if (rc != ERR_OK || *before == NULL)
		return rc;
	rc = domains_hold(s, name, &found, e);
	return rc == ERR_OK ? get_live(s, name, a, out, before, e) : rc;
}

enum err
publication_order(struct store *s, struct span name,
    const struct order_asked *asked, struct span label, struct span zone,
    struct wall_time now, struct arena *a, struct order_answer *out,
    struct error *e)
{
	const struct published *before;
	struct published found;
	struct publish_order order;
	enum err rc = get_before(s, name, a, &found, &before, e);

	*out = (struct order_answer){ .target = SPAN("") };
	if (rc != ERR_OK)
		return rc;
	out->refusal = publication_order_fits(name, zone);
	if (out->refusal == ORDER_IS_TAKEN)
		out->refusal = why_not(asked, before);
	if (out->refusal != ORDER_IS_TAKEN)
		return ERR_OK;
	order = order_of(asked, before, now);
	rc = publication_ask(s, name, &order, label, now, &out->asked, e);
	return rc == ERR_OK ? take_answer(out, before, label, zone, a, e) : rc;
}

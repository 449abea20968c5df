#include "store/publication_word.h"

#include "base/escape.h"
#include "wire/name.h"

struct saying {
	struct store *s;
	const struct published *p;
	const struct span *hosts;
	size_t n;
	struct wall_time now;
	struct arena *a;
	struct span *refused;
};

/* The order as it is, but for whether it is to end. */
static enum err
order_leave(struct saying *w, bool leave, struct error *e)
{
	struct publish_order order = w->p->order;
	enum publication_asked asked;

	order.leave = leave;
	order.asked_at = w->now;
	return publication_ask(
	    w->s, w->p->name, &order, w->p->label, w->now, &asked, e);
}

static enum err
say_remove(struct saying *w, struct error *e)
{
	if (w->p->state.stage == PUBLICATION_ENDED)
		*w->refused = SPAN("is removed already");
	else if (w->p->order.leave)
		*w->refused = SPAN("is being removed already");
	else
		return order_leave(w, true, e);
	return ERR_OK;
}

static enum err
say_keep(struct saying *w, struct error *e)
{
	if (w->p->state.stage == PUBLICATION_ENDED)
		*w->refused = SPAN("is removed already; publish it anew, it "
				   "gets other CNAMEs");
	else if (!w->p->order.leave)
		*w->refused = SPAN("is not being removed");
	else
		return order_leave(w, false, e);
	return ERR_OK;
}

static enum err
say_replace(struct saying *w, struct error *e)
{
	bool found;

	enum err err;

	if (w->p->bar != PUBLISH_FOREIGN) {
		*w->refused = SPAN("has no other policy in the way");
		return ERR_OK;
	}
	err = publication_replace(w->s, w->p->name, w->now, &found, e);
	if (err == ERR_OK && !found)
		*w->refused = SPAN("is removed already");
	return err;
}

/* ---- approval ---- */

/* The same hosts, in any order, and however often one is said. */
static bool
same_hosts(const struct span *a, size_t n_a, const struct span *b, size_t n_b)
{
	bool same = true;

	for (size_t i = 0; i < n_a; i++)
		same = same && span_in(a[i], b, n_b);
	for (size_t i = 0; i < n_b; i++)
		same = same && span_in(b[i], a, n_a);
	return same;
}

/* Which ones wait, or are seen and do not wait yet. */
static enum err
refuse_hosts(struct saying *w, const char *why)
{
	const struct mx_follow *follow = &w->p->follow;
	struct span all = SPAN("");

	for (size_t i = 0; i < follow->n_seen; i++)
		all = arena_printf(w->a, "%.*s%s%s", (int)all.n, all.p,
		    i > 0 ? ", " : "",
		    escape_str(w->a, follow->seen[i], NAME_MAX_TEXT));
	*w->refused = arena_printf(w->a, "%s: %.*s", why, (int)all.n, all.p);
	return ERR_OK;
}

static enum err
say_approve(struct saying *w, struct error *e)
{
	const struct mx_follow *follow = &w->p->follow;
	enum err err;
	bool found;

	if (follow->state == MX_WATCHED && w->p->order.follow == FOLLOW_APPROVE)
		return refuse_hosts(w,
		    "waits for no approval yet; it will when these hosts were "
		    "seen once more");
	if (follow->state != MX_WAITING) {
		*w->refused = SPAN("waits for no approval");
		return ERR_OK;
	}
	if (!same_hosts(w->hosts, w->n, follow->seen, follow->n_seen))
		return refuse_hosts(w, "waits for the approval of other hosts");
	/* As they are stored: in their order, each once. */
	err = publication_approve(
	    w->s, w->p->name, follow->seen, follow->n_seen, w->now, &found, e);
	if (err == ERR_OK && !found)
		*w->refused = SPAN("waits for the approval of other hosts "
				   "since this moment");
	return err;
}

enum err
publication_say(struct store *s, enum publication_word word,
    const struct published *p, const struct span *hosts, size_t n,
    struct wall_time now, struct arena *a, struct span *refused,
    struct error *e)
{
	struct saying w = { s, p, hosts, n, now, a, refused };

	*refused = SPAN("");
	switch (word) {
	case PUBLICATION_REMOVE:
		return say_remove(&w, e);
	case PUBLICATION_KEEP:
		return say_keep(&w, e);
	case PUBLICATION_REPLACE:
		return say_replace(&w, e);
	case PUBLICATION_APPROVE:
		return say_approve(&w, e);
	}
	return ERR_OK;
}

/* One case: loaded, and after the look stepped with and written. */
#include "base/limits.h"
#include "roles/publish.h"
#include "store/certificates.h"
#include "store/served.h"
#include "store/work.h"
#include "wire/name.h"

enum {
	/* While something is under way: again after a quarter of the time that
	 * it has taken, so that a failure that lasts costs little, and one that
	 * is over is seen soon. */
	PART = 4,
	SOON_S = 1,
	LATE_S = 120,
	/* Who has just asked is about to create his CNAMEs. */
	AWAIT_S = 60,
	AWAIT_FOR_S = 86400,
};

static struct wall_time
now_of(const struct publish_desk *d)
{
	return clock_wall(d->env->clock);
}

/* The version, if every edge that lives serves it; else 0. */
static enum err
edges_version(const struct publish_desk *d, const struct published *p,
    struct arena *a, uint64_t *out, struct error *e)
{
	struct wall_time since = { now_of(d).s -
				   (int64_t)d->env->config->edge_lease_s };
	struct edges edges;
	struct served served;
	bool found;
	enum err rc = edges_alive(d->store, since, &edges, e);

	*out = 0;
	if (rc == ERR_OK)
		rc = served_label(d->store, p->label, a, &served, &found, e);
	if (rc == ERR_OK && found && served.body_number > 0 &&
	    edges.alive > 0 && edges.served >= served.body_number)
		*out = p->state.version;
	return rc;
}

/* ---- before the look ---- */

enum err
publish_load(const struct publish_desk *d, struct publish_case *c, bool *found,
    struct error *e)
{
	const struct publication *p = &c->p.state;
	uint64_t version;
	enum err rc = publication_of(
	    d->store, c->claim.domain, &c->arena, &c->p, found, e);

	c->prove = false;
	if (rc != ERR_OK || !*found ||
	    (p->change != CHANGE_FILE && p->change != CHANGE_PROVING))
		return rc;
	rc = edges_version(d, &c->p, &c->arena, &version, e);
	c->prove = version == p->version;
	return rc;
}

/* ---- after it ---- */

struct settlement {
	const struct publish_desk *d;
	struct publish_case *c;
	const char *fresh_id;
	struct wall_time now;

	struct published before, after;
	struct publish_sight sight;
	bool is_new;
	struct publish_step *step;
	bool held;
};

static void
blank_sight(struct settlement *v)
{
	v->sight = (struct publish_sight){ .gate_text = SPAN(""),
		.foreign = SPAN("") };
	v->is_new = false;
}

/* What cannot be read is as if it had never been seen: the next round leaves
 * another one. */
static enum err
load_sight(struct settlement *v, struct store *s, struct error *e)
{
	struct publish_case *c = v->c;
	struct span text;
	bool stepped, found;
	enum err rc = publication_get_sight(
	    s, c->claim.domain, &c->arena, &text, &stepped, &found, e);

	blank_sight(v);
	if (rc != ERR_OK || !found)
		return rc;
	rc = publish_sight_read(text, &c->arena, &v->sight);
	if (rc == ERR_MEMORY)
		return error_plain(e, rc);
	v->is_new = !stepped;
	if (rc != ERR_OK)
		blank_sight(v);
	return ERR_OK;
}

static enum err
take_step(struct settlement *v, struct error *e)
{
	struct publish_case *c = v->c;
	struct publication_sight here = {
		.at = v->now,
		.delegation = c->delegation,
		.has_certificate = v->before.certificate.exists &&
				   v->before.certificate.not_after.s > v->now.s,
		.proved_version = c->proved ? c->p.state.version : 0,
		.seen_id = c->id_shown ? span_str(c->p.state.id) : SPAN(""),
	};
	enum err rc =
	    edges_version(v->d, &v->before, &c->arena, &here.edges_version, e);

	if (rc != ERR_OK)
		return rc;
	v->after = v->before;
	rc = publish_plan_step(&v->after, &v->sight, v->is_new, &here,
	    v->fresh_id, &c->arena, v->step);
	return error_plain(e, rc);
}

static void
earlier(struct wall_time *t, int64_t s)
{
	if (s < t->s)
		t->s = s;
}

static struct wall_time
next_step(const struct settlement *v)
{
	const struct publication *p = &v->after.state;
	int64_t now = v->now.s, pause = (now - p->change_since.s) / PART;
	struct wall_time next = { now +
				  (int64_t)v->d->env->config->publish_every_s };

	if (p->stage == PUBLICATION_ENDED)
		return (struct wall_time){ 0 };
	if (v->step->next.s > now)
		earlier(&next, v->step->next.s);
	if (p->change != CHANGE_REST)
		earlier(&next, now + (pause < SOON_S	  ? SOON_S
					 : pause > LATE_S ? LATE_S
							  : pause));
	if (p->stage == PUBLICATION_AWAITED &&
	    now - v->after.order.asked_at.s < AWAIT_FOR_S)
		earlier(&next, now + AWAIT_S);
	return next;
}

/* From the first sight of the delegation to the end. CNAMEs that come and go
 * in between do not begin it anew: CAs count how often they are asked. */
static enum err
want_certificate(struct settlement *v, struct store *s, struct error *e)
{
	const unsigned begins = 1U << PUBLICATION_CAME;
	const unsigned ends =
	    1U << PUBLICATION_IS_OVER | 1U << PUBLICATION_GIVEN_UP;
	const struct published *p = &v->after;
	struct span host = name_below(&v->c->arena, "mta-sts", p->name);

	if (!(v->step->publication & (begins | ends)))
		return ERR_OK;
	return certificate_want(
	    s, p->domain, host, (v->step->publication & ends) == 0, v->now, e);
}

/* What the monitor judges the domain by. */
static bool
is_news_to_monitor(const struct settlement *v)
{
	const struct published *b = &v->before, *a = &v->after;

	return b->state.stage != a->state.stage ||
	       b->state.lost != a->state.lost || b->bar != a->bar ||
	       !span_eq(b->bar_text, a->bar_text) ||
	       !span_eq(b->gate_text, a->gate_text) ||
	       b->follow.hold != a->follow.hold ||
	       b->follow.state != a->follow.state;
}

/* What follows from a step that is written. */
static enum err
write_rest(struct settlement *v, struct store *s, struct error *e)
{
	int64_t domain = v->after.domain;
	const struct publish_told told = {
		.before = &v->before,
		.after = &v->after,
		.sight = &v->sight,
		.step = v->step,
		.now = v->now,
		.tell_at = { v->now.s + (int64_t)v->d->env->config->group_s },
	};
	enum err rc = want_certificate(v, s, e);

	if (rc == ERR_OK && v->step->forget.s != 0)
		rc = publication_forget(s, domain, v->step->forget, e);
	if (rc == ERR_OK && is_news_to_monitor(v))
		rc = work_wake_domain(s, domain, v->now, e);
	return rc == ERR_OK ? publish_tell(s, &told, &v->c->arena, e) : rc;
}

static enum err
run_settlement(struct store *s, void *arg, struct error *e)
{
	struct settlement *v = arg;
	struct publish_case *c = v->c;
	enum err rc = publication_of(
	    s, c->claim.domain, &c->arena, &v->before, &v->held, e);

	if (rc != ERR_OK || !v->held)
		return rc;
	if ((rc = load_sight(v, s, e)) != ERR_OK ||
	    (rc = take_step(v, e)) != ERR_OK)
		return rc;
	rc = publication_save(s, c->worker, &c->claim, &v->before, &v->after,
	    next_step(v), v->now, &v->held, e);
	return rc == ERR_OK && v->held ? write_rest(v, s, e) : rc;
}

/* Hexadecimal digits by random: an id that is never the same again. */
static bool
draw_id(const struct publish_desk *d, char id[PUBLICATION_ID_OCTETS + 1])
{
	unsigned char octets[PUBLICATION_ID_OCTETS / 2];

	if (!randomness_fill(d->env->randomness, octets, sizeof octets))
		return false;
	for (size_t i = 0; i < sizeof octets; i++)
		snprintf(id + 2 * i, 3, "%02x", octets[i]);
	return true;
}

enum err
publish_settle(const struct publish_desk *d, struct publish_case *c,
    struct publish_step *out, bool *held, struct error *e)
{
	char id[PUBLICATION_ID_OCTETS + 1];
	struct settlement v = {
		.d = d, .c = c, .fresh_id = id, .now = now_of(d), .step = out
	};
	enum err rc;

	*out = (struct publish_step){ 0 };
	*held = false;
	if (!draw_id(d, id))
		return error_set(e, ERR_SYSTEM, "no randomness is to be had");
	rc = store_transact(d->store, run_settlement, &v, e);
	*held = rc == ERR_OK && v.held;
	return rc;
}

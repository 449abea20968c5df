/* A move to other mail hosts: planned, begun, called off. */
#include "out/mx_move_out.h"
#include "web/deed.h"
#include "web/done.h"
#include "web/model_move.h"

static enum err
say_plan(struct web_call *c, const struct move_model *m, bool under_way,
    struct error *e)
{
	enum err rc;

	c->type = "application/json";
	rc = mx_move_json(&m->q, &m->plan, under_way, call_body(c));
	return error_plain(e, rc);
}

enum err
api_move(struct web_call *c, struct error *e)
{
	struct move_model m;
	bool asked;
	enum err rc = move_model_asked(c, &m, &asked, e);

	if (rc != ERR_OK || !asked)
		return rc;
	if (m.refused.n > 0)
		return call_refuse(c,
		    m.q.n_to == 0 ? PROBLEM_MISSING : PROBLEM_STATE, "%.*s",
		    (int)m.refused.n, m.refused.p);
	return say_plan(c, &m, m.is_under_way, e);
}

/* ---- begun, and called off ---- */

struct moving {
	struct span *hosts;
	size_t n;
	struct move_model m;
};

/* Does it fit what there is? */
static struct span
why_not(const struct move_model *m)
{
	if (!domain_is_published(&m->d))
		return SPAN("Its policy is not published by us: the plan is "
			    "carried out by hand.");
	if (m->d.state.published.order.leave)
		return SPAN("Its policy is being removed; keep it first.");
	if (m->refused.n > 0)
		return m->refused;
	if (m->plan.blocked)
		return SPAN("Senders would refuse mail to a new host.");
	return SPAN("");
}

static enum err
run_begin(struct deed *d, struct error *e)
{
	struct moving *w = d->own;
	struct web_call *c = d->c;
	struct domain row;
	bool good = false;
	enum err rc = domains_hold(c->store, d->name, &d->found, e);

	if (rc == ERR_OK && d->found)
		rc = domains_get(c->store, d->name, c->a, &row, &d->found, e);
	if (rc != ERR_OK || !d->found)
		return rc;
	rc = move_model_load(c, &row, w->hosts, w->n, &w->m, e);
	if (rc != ERR_OK)
		return rc;
	d->refused = why_not(&w->m);
	if (d->refused.n > 0)
		return ERR_OK;
	rc = publication_move(
	    c->store, d->name, w->hosts, w->n, c->now, &good, e);
	if (rc == ERR_OK && !good)
		d->refused = SPAN("Its publication ended in this moment.");
	return rc;
}

enum err
api_move_begin(struct web_call *c, struct error *e)
{
	struct moving w = { 0 };
	struct deed d = {
		.c = c, .what = "move-begin", .said = "moving", .own = &w
	};
	bool done;
	enum err rc;

	w.hosts = deed_hosts(c, "to", &w.n);
	rc = deed_run(&d, run_begin, &done, e);
	if (rc != ERR_OK || !done)
		return rc;
	c->said = d.said;
	return call_is_for_person(c) ? ERR_OK : say_plan(c, &w.m, true, e);
}

static enum err
run_cancel(struct deed *d, struct error *e)
{
	struct web_call *c = d->c;
	struct published p;
	bool found;
	enum err rc = domains_hold(c->store, d->name, &d->found, e);

	if (rc != ERR_OK || !d->found)
		return rc;
	rc = publication_get(c->store, d->name, c->a, &p, &found, e);
	if (rc != ERR_OK)
		return rc;
	if (!found || p.move.n_to == 0) {
		d->missing = SPAN("No move is under way.");
		return ERR_OK;
	}
	return publication_move(c->store, d->name, NULL, 0, c->now, &found, e);
}

enum err
api_move_cancel(struct web_call *c, struct error *e)
{
	struct deed d = { .c = c, .what = "move-cancel", .said = "move-off" };

	return deed_do(&d, run_cancel, e);
}

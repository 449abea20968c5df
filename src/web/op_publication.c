/* A policy that we publish: what is known of it, what is asked for, and the
 * owner's word on it. */
#include "out/publish_out.h"
#include "store/publication_word.h"
#include "web/deed.h"
#include "web/model_domain.h"
#include "web/order.h"

static const char not_published[] = "No policy is published for that domain.";

/* ---- what is known ---- */

enum err
api_publication(struct web_call *c, struct error *e)
{
	struct domain_model m;
	bool found;
	enum err rc = domain_model_find(c, false, &m, &found, e);

	if (rc != ERR_OK || !found)
		return rc;
	if (!m.state.is_published)
		return call_refuse(c, PROBLEM_MISSING, "%s", not_published);
	c->type = "application/json";
	return error_plain(
	    e, publish_json(&m.publishing, &m.steps, call_body(c)));
}

/* ---- what is asked for ---- */

struct ordering {
	struct order_asked asked;
	struct span zone;
	struct order_answer answer;
};

static enum err
run_order(struct deed *d, struct error *e)
{
	struct ordering *o = d->own;
	struct web_call *c = d->c;
	struct domain row;
	enum err rc = domains_get(c->store, d->name, c->a, &row, &d->found, e);

	if (rc != ERR_OK || !d->found)
		return rc;
	rc = order_put(c, d->name, &o->asked, o->zone, &o->answer, e);
	if (rc == ERR_OK && o->answer.refusal != ORDER_IS_TAKEN)
		d->refused = arena_printf(c->a, "%.*s %s.", (int)d->name.n,
		    d->name.p, order_refusal_text(o->answer.refusal));
	return rc;
}

enum err
api_publication_ask(struct web_call *c, struct error *e)
{
	struct ordering o;
	struct deed d = {
		.c = c, .what = "publication-ask", .said = "ordered", .own = &o
	};
	bool done = false;
	enum err rc;

	order_read(c, &o.asked);
	if (!input_end(c))
		return ERR_OK;
	rc = order_zone(c, &o.zone, e);
	if (rc != ERR_OK || o.zone.n == 0)
		return rc;
	rc = deed_run(&d, run_order, &done, e);
	if (rc != ERR_OK || !done)
		return rc;
	c->said = d.said;
	if (call_is_for_person(c))
		return ERR_OK;
	c->type = "application/json";
	return error_plain(e, publish_asked_json(d.name, o.answer.target,
				  o.answer.asked, call_body(c)));
}

/* ---- the owner's word ---- */

struct saying {
	enum publication_word word;
	const char *name; /* of it, in JSON */
	struct span *hosts;
	size_t n;
	struct span target;
};

static enum err
run_word(struct deed *d, struct error *e)
{
	struct saying *w = d->own;
	struct web_call *c = d->c;
	struct published p;
	struct span refused;
	bool found;
	enum err rc = domains_hold(c->store, d->name, &d->found, e);

	if (rc != ERR_OK || !d->found)
		return rc;
	rc = publication_get(c->store, d->name, c->a, &p, &found, e);
	if (rc == ERR_OK && !found) {
		d->missing = span_str(not_published);
		return ERR_OK;
	}
	if (rc == ERR_OK)
		rc = publication_say(c->store, w->word, &p, w->hosts, w->n,
		    c->now, c->a, &refused, e);
	if (rc != ERR_OK)
		return rc;
	if (refused.n > 0)
		d->refused = arena_printf(c->a, "%.*s %.*s.", (int)d->name.n,
		    d->name.p, (int)refused.n, refused.p);
	else
		w->target = p.target;
	return ERR_OK;
}

static enum err
say(struct web_call *c, struct saying *w, const char *what, const char *said,
    struct error *e)
{
	struct deed d = { .c = c, .what = what, .said = said, .own = w };
	bool done;
	enum err rc = deed_run(&d, run_word, &done, e);

	if (rc != ERR_OK || !done)
		return rc;
	c->said = d.said;
	if (call_is_for_person(c))
		return ERR_OK;
	c->type = "application/json";
	return error_plain(
	    e, publish_said_json(d.name, w->target, w->name, call_body(c)));
}

enum err
api_publication_remove(struct web_call *c, struct error *e)
{
	struct saying w = { .word = PUBLICATION_REMOVE, .name = "remove" };

	return say(c, &w, "publication-remove", "leaving", e);
}

enum err
api_publication_keep(struct web_call *c, struct error *e)
{
	struct saying w = { .word = PUBLICATION_KEEP, .name = "keep" };

	return say(c, &w, "publication-keep", "kept", e);
}

enum err
api_publication_replace(struct web_call *c, struct error *e)
{
	struct saying w = { .word = PUBLICATION_REPLACE, .name = "replace" };

	return say(c, &w, "publication-replace", "ordered", e);
}

enum err
api_publication_approve(struct web_call *c, struct error *e)
{
	struct saying w = { .word = PUBLICATION_APPROVE, .name = "approve" };

	w.hosts = deed_hosts(c, "hosts", &w.n);
	return say(c, &w, "publication-approve", "approved", e);
}

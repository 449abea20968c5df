/* News becomes deliveries. */
#include <string.h>

#include "base/limits.h"
#include "roles/notify.h"
#include "store/domains.h"

/* One pass. */
struct routing_pass {
	struct notify_routing *w;
	struct wall_time now;
	struct arena *a;
};

/* What a channel's tags are held against. */
static enum err
has_tag(struct routing_pass *p, const struct message_news *n,
    const struct channel_config *c, bool *out, struct error *e)
{
	struct span *wanted = arena_array(p->a, c->tags.n + 1, sizeof *wanted);
	struct span *own;
	size_t n_own = 0;
	enum err err;

	*out = false;
	if (wanted == NULL)
		return error_set(e, ERR_MEMORY, "tags");
	for (size_t i = 0; i < c->tags.n; i++)
		wanted[i] = span_str(c->tags.items[i]);
	if (n->incident != NULL)
		return incident_has_tag(
		    p->w->store, n->incident->id, wanted, c->tags.n, out, e);
	if (n->domain.n == 0)
		return ERR_OK;
	err = domains_tags(p->w->store, n->domain, p->a, &own, &n_own, e);
	for (size_t i = 0; err == ERR_OK && i < n_own; i++)
		for (size_t k = 0; k < c->tags.n; k++)
			*out |= span_eq(own[i], wanted[k]);
	return err;
}

static struct routing_news
facts_of(const struct message_news *n)
{
	struct routing_news f = { .kind = n->news.kind,
		.severity = n->news.severity,
		.text = n->news.text,
		.failing = SPAN("") };
	enum check_id check;

	if (n->incident == NULL)
		return f;
	check = check_by_slug(n->incident->check);
	f.severity = n->incident->severity;
	f.is_ours = check_is_ours(check);
	if (check == CHECK_MONITOR_NOTIFY_FAILED)
		f.failing = n->incident->subject;
	return f;
}

/* A reminder is put as often as the most impatient channel wants. */
static enum err
is_for(struct routing_pass *p, const struct message_news *n,
    const struct routing_news *facts, const struct channel_config *c, bool *out,
    struct error *e)
{
	struct outbox_told told;
	bool tagged = true;
	enum err err = ERR_OK;

	if (c->tags.n > 0)
		err = has_tag(p, n, c, &tagged, e);
	*out = err == ERR_OK && routing_is_for(c, facts, tagged);
	if (!*out || n->news.kind != NEWS_REMINDER || n->incident == NULL)
		return err;
	err = outbox_told(
	    p->w->store, span_str(c->name), n->incident->id, &told, e);
	*out = err == ERR_OK &&
	       routing_is_reminded(c, &told, n->incident->opened_at, p->now);
	return err;
}

/* Over before anybody was told, or nothing is known of it: for nobody. */
static bool
is_overtaken(const struct message_news *n, bool gone)
{
	struct routing_state s = {
		.is_gone = gone,
		.is_resolved = n->incident != NULL && n->incident->is_resolved,
		.is_acknowledged =
		    n->incident != NULL && n->incident->is_acknowledged,
		.told.was_told = true, /* each channel knows for itself */
	};

	return routing_fate(n->news.kind, &s) == FATE_DROP;
}

static enum err
find_targets(struct routing_pass *p, const struct message_news *n,
    struct outbox_target *targets, size_t *n_targets, struct error *e)
{
	const struct config *config = p->w->config;
	struct routing_news facts = facts_of(n);
	struct wall_time at =
	    routing_tell_at(config, n->news.kind, n->at, p->now);
	enum err err = ERR_OK;
	bool wanted;

	for (size_t i = 0; err == ERR_OK && i < config->n_channels; i++) {
		const struct channel_config *c = &config->channels[i];

		err = is_for(p, n, &facts, c, &wanted, e);
		if (err == ERR_OK && wanted)
			targets[(*n_targets)++] =
			    (struct outbox_target){ span_str(c->name), at };
	}
	return err;
}

/* It must reach somebody. */
static void
find_anybody(struct routing_pass *p, const struct message_news *n,
    struct outbox_target *targets, size_t *n_targets)
{
	const struct config *config = p->w->config;
	struct routing_news facts = facts_of(n);
	struct wall_time at =
	    routing_tell_at(config, n->news.kind, n->at, p->now);

	for (size_t i = 0; i < config->n_channels; i++)
		if (routing_is_for_anybody(&config->channels[i], &facts))
			targets[(*n_targets)++] = (struct outbox_target){
				span_str(config->channels[i].name), at
			};
}

static enum err
route_one(struct routing_pass *p, const struct outbox_row *row, struct error *e)
{
	struct outbox_target *targets =
	    arena_array(p->a, p->w->config->n_channels + 1, sizeof *targets);
	struct message_news n;
	size_t n_targets = 0;
	bool gone, held;
	enum err err;

	if (targets == NULL)
		return error_set(e, ERR_MEMORY, "targets of news");
	err = notify_about(p->w->store, row, p->a, &n, &gone, e);
	if (err == ERR_OK && !is_overtaken(&n, gone)) {
		err = find_targets(p, &n, targets, &n_targets, e);
		if (n_targets == 0)
			find_anybody(p, &n, targets, &n_targets);
	}
	/* Not held: another has routed it by now. */
	return err == ERR_OK ? outbox_route(p->w->store, p->w->worker, row,
				   targets, n_targets, p->now, &held, e)
			     : err;
}

static enum err
claim_news(struct routing_pass *p, int64_t ahead_s, struct outbox_row **rows,
    size_t *n, struct error *e)
{
	return outbox_claim(p->w->store, p->w->worker, SPAN(""),
	    (struct wall_time){ p->now.s + ahead_s },
	    (struct wall_time){ p->now.s + NOTIFY_LEASE_S }, LIMIT_STORE_CLAIM,
	    p->a, rows, n, e);
}

static enum err
route_all(struct routing_pass *p, const struct outbox_row *rows, size_t n,
    bool *of_first_look, struct error *e)
{
	struct arena *whole = p->a, one;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < n; i++) {
		*of_first_look |= routing_is_of_first_look(
		    p->w->config, rows[i].created_at, rows[i].news.tell_at);
		arena_init(&one, LIMIT_MESSAGE_MEMORY);
		p->a = &one;
		err = route_one(p, &rows[i], e);
		p->a = whole;
		arena_release(&one);
	}
	return err;
}

/* First what is due, then what is on its way and belongs to it. */
enum err
notify_route(struct notify_routing *w, size_t *n, struct error *e)
{
	struct arena a;
	struct routing_pass p = { w, clock_wall(w->clock), &a };
	struct outbox_row *due, *ahead;
	bool of_first_look = false;
	size_t n_due = 0, n_ahead = 0;
	enum err err;

	arena_init(&a, LIMIT_MESSAGE_MEMORY);
	err = claim_news(&p, 0, &due, &n_due, e);
	if (err == ERR_OK && n_due > 0)
		err = route_all(&p, due, n_due, &of_first_look, e);
	if (err == ERR_OK && n_due > 0)
		err = claim_news(&p, routing_ahead_s(w->config, of_first_look),
		    &ahead, &n_ahead, e);
	if (err == ERR_OK && n_ahead > 0)
		err = route_all(&p, ahead, n_ahead, &of_first_look, e);
	arena_release(&a);
	*n = n_due + n_ahead;
	return err;
}

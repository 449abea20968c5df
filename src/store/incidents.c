/* The life of an incident. */
#include "store/incidents.h"

#include <stdlib.h>

#include "core/words.h"
#include "store/history.h"
#include "store/incident_open.h"
#include "store/outbox.h"

/* clang-format off */
const char *const incident_event_names[] = {
	[INCIDENT_SAME]		= "same",
	[INCIDENT_OPENED]	= "opened",
	[INCIDENT_JOINED]	= "joined",
	[INCIDENT_WORSENED]	= "worsened",
	[INCIDENT_LEFT]		= "left",
	[INCIDENT_RESOLVED]	= "resolved",
	NULL
};
/* clang-format on */

/* Of one call; the texts of an incident are some 500 bytes, with a policy to be
 * published in them some more. */
enum { CALL_MEMORY = 1024 * 1024 };

struct call {
	struct store *s;
	struct arena a;
	int64_t domain;
	struct span cause;
	const struct incident_fault *fault; /* raise */
	struct wall_time horizon; /* clear */
	struct wall_time now, tell_at;
	enum incident_event event;
	struct incident_open o;
};

static enum err
tell(struct call *c, enum news_kind kind, struct error *e)
{
	struct news news = {
		.key = arena_printf(&c->a, "incident/%lld/%s",
		    (long long)c->o.id, news_kind_names[kind]),
		.kind = kind,
		.severity = c->o.severity,
		.incident = c->o.id,
		.text = SPAN(""),
		.tell_at = c->tell_at,
	};

	if (kind == NEWS_WORSENED) /* may happen more than once */
		news.key = arena_printf(&c->a, "incident/%lld/worsened/%lld",
		    (long long)c->o.id, (long long)c->o.changed_at.s);
	if (c->a.failed)
		return error_set(e, ERR_MEMORY, "news of an incident");
	return outbox_put(c->s, &news, c->now, e);
}

static enum err
tell_event(struct call *c, struct error *e)
{
	switch (c->event) {
	case INCIDENT_OPENED:
		return tell(c, NEWS_OPENED, e);
	case INCIDENT_WORSENED:
		return tell(c, NEWS_WORSENED, e);
	case INCIDENT_RESOLVED:
		return tell(c, NEWS_RESOLVED, e);
	case INCIDENT_SAME:
	case INCIDENT_JOINED:
	case INCIDENT_LEFT:
		break;
	}
	return ERR_OK;
}

static enum err
remember(struct call *c, const char *kind, struct span text, struct error *e)
{
	if (c->domain == 0)
		return ERR_OK;
	return history_add(c->s, c->domain, c->now, span_str(kind), text, e);
}

/* The message, and how long it lasted. */
static enum err
remember_end(
    struct call *c, const char *kind, struct wall_time since, struct error *e)
{
	int64_t s = c->now.s > since.s ? c->now.s - since.s : 0;
	struct span text =
	    arena_printf(&c->a, "%.*s (It lasted %s.)", (int)c->o.message.n,
		c->o.message.p, words_about(&c->a, (uint64_t)s));

	if (c->a.failed)
		return error_set(e, ERR_MEMORY, "the end of an incident");
	return remember(c, kind, text, e);
}

/* Severity and the moment of its change, from the counters. */
static void
weigh(struct call *c)
{
	enum severity worst = incident_open_worst(&c->o);

	if (worst != c->o.severity)
		c->o.changed_at = c->now;
	c->o.severity = worst;
}

/* The horizon that a raise leaves: that of the only sufferer, else the latest
 * that any of them told. */
static struct wall_time
new_horizon(const struct call *c)
{
	struct wall_time told = c->fault->horizon, held = c->o.horizon;
	bool alone = incident_open_sufferers(&c->o) == c->o.part.suffers;
	int64_t step = told.s > held.s ? told.s - held.s : held.s - told.s;

	if (step < INCIDENT_HORIZON_S || (!alone && told.s < held.s))
		return held;
	return told;
}

static bool
is_quiet(const struct call *c)
{
	return c->o.part.suffers && c->o.part.severity == c->fault->severity &&
	       new_horizon(c).s == c->o.horizon.s;
}

static enum err
remember_raise(struct call *c, struct pain before, bool made, struct error *e)
{
	struct span text = c->fault->message;

	if (!before.suffers)
		return remember(
		    c, made ? "incident-opened" : "incident-joined", text, e);
	if (c->fault->severity > before.severity)
		return remember(c, "incident-worsened", text, e);
	return ERR_OK;
}

static enum err
apply_fault(struct sql *sql, struct call *c, bool made, struct error *e)
{
	const struct incident_fault *f = c->fault;
	struct pain before = c->o.part;
	struct wall_time horizon = new_horizon(c);
	enum severity was = c->o.severity;
	enum err err = ERR_OK;

	if (!before.suffers || before.severity != f->severity)
		err = incident_open_change(
		    sql, &c->o, (struct pain){ true, f->severity }, c->now, e);
	if (err != ERR_OK)
		return err;
	weigh(c);
	c->event = made			 ? INCIDENT_OPENED
		   : c->o.severity > was ? INCIDENT_WORSENED
		   : !before.suffers	 ? INCIDENT_JOINED
					 : INCIDENT_SAME;
	if (c->o.severity > was || horizon.s != c->o.horizon.s) {
		c->o.message = f->message;
		c->o.remedy = f->remedy;
		c->o.horizon = horizon;
	}
	err = incident_open_write(sql, &c->o, c->now, e);
	if (err == ERR_OK)
		err = tell_event(c, e);
	return err == ERR_OK ? remember_raise(c, before, made, e) : err;
}

static enum err
run_raise(struct sql *sql, void *arg, struct error *e)
{
	struct call *c = arg;
	bool made;
	enum err err =
	    incident_open_look(sql, c->cause, c->domain, &c->a, &c->o, e);

	c->event = INCIDENT_SAME;
	if (err != ERR_OK || is_quiet(c))
		return err;
	err = incident_open_make(
	    sql, c->fault, c->domain, c->now, &c->a, &c->o, &made, e);
	return err == ERR_OK ? apply_fault(sql, c, made, e) : err;
}

static enum err
apply_clear(struct sql *sql, struct call *c, struct error *e)
{
	struct pain gone = { false, c->o.part.severity };
	enum err err = incident_open_change(sql, &c->o, gone, c->now, e);

	if (err != ERR_OK)
		return err;
	if (incident_open_sufferers(&c->o) > 0) {
		c->event = INCIDENT_LEFT;
		weigh(c);
	} else {
		c->event = INCIDENT_RESOLVED;
		c->o.horizon = c->horizon;
	}
	err = incident_open_write(sql, &c->o, c->now, e);
	if (err == ERR_OK)
		err = tell_event(c, e);
	if (err != ERR_OK)
		return err;
	return c->event == INCIDENT_LEFT
		   ? remember_end(c, "incident-left", c->o.since, e)
		   : remember_end(c, "incident-resolved", c->o.opened_at, e);
}

static enum err
run_clear(struct sql *sql, void *arg, struct error *e)
{
	struct call *c = arg;
	enum err err =
	    incident_open_look(sql, c->cause, c->domain, &c->a, &c->o, e);

	c->event = INCIDENT_SAME;
	if (err == ERR_OK && c->o.part.suffers)
		err = incident_open_hold(
		    sql, c->cause, c->domain, &c->a, &c->o, e);
	if (err != ERR_OK || !c->o.part.suffers)
		return err;
	return apply_clear(sql, c, e);
}

static enum err
run_call(struct call *c,
    enum err (*body)(struct sql *sql, void *arg, struct error *e),
    enum incident_event *event, struct error *e)
{
	enum err err;

	arena_init(&c->a, CALL_MEMORY);
	err = sql_transact(store_sql(c->s), SQL_WRITE, body, c, e);
	arena_release(&c->a);
	*event = err == ERR_OK ? c->event : INCIDENT_SAME;
	return err;
}

enum err
incident_raise(struct store *s, int64_t domain,
    const struct incident_fault *fault, struct wall_time now,
    struct wall_time tell_at, enum incident_event *event, struct error *e)
{
	struct call c = { .s = s,
		.domain = domain,
		.cause = fault->cause,
		.fault = fault,
		.now = now,
		.tell_at = tell_at };

	return run_call(&c, run_raise, event, e);
}

enum err
incident_clear(struct store *s, int64_t domain, struct span cause,
    struct wall_time horizon, struct wall_time now, enum incident_event *event,
    struct error *e)
{
	struct call c = { .s = s,
		.domain = domain,
		.cause = cause,
		.horizon = horizon,
		.now = now,
		.tell_at = now };

	return run_call(&c, run_clear, event, e);
}

static const struct sql_statement list_suffered = {
	"SELECT cause, horizon_at FROM incident_domain"
	" JOIN incident ON incident.id = incident_domain.incident"
	" WHERE incident_domain.domain = $1"
	" AND incident_domain.resolved_at IS NULL"
	" AND incident.resolved_at IS NULL"
};
enum { SUFFERED_COLUMNS = 2 };

struct suffered {
	struct span cause;
	struct wall_time horizon;
};

struct clearing {
	struct store *s;
	struct arena a;
	int64_t domain;
	struct wall_time now;
	struct suffered *all;
	size_t n, cap;
};

static enum err
take_suffered(void *arg, const struct sql_value *row, struct error *e)
{
	struct clearing *c = arg;
	struct suffered *all =
	    arena_grow(&c->a, c->all, c->n, &c->cap, sizeof *all);

	if (all == NULL)
		return error_set(e, ERR_MEMORY, "a domain's incidents");
	c->all = all;
	c->all[c->n++] = (struct suffered){
		.cause = row[0].s,
		.horizon = { row[1].i },
	};
	return ERR_OK;
}

/* As a round of a domain raises and clears (core/round.h). */
static int
in_order(const void *va, const void *vb)
{
	const struct suffered *a = va, *b = vb;

	return span_cmp(a->cause, b->cause);
}

static enum err
run_clear_all(struct sql *sql, void *arg, struct error *e)
{
	struct clearing *c = arg;
	struct sql_value args[] = { sql_int(c->domain) };
	struct sql_taker to = { &c->a, SUFFERED_COLUMNS, take_suffered, c };
	enum incident_event event;
	enum err err;

	c->n = 0;
	err = sql_each(sql, &list_suffered, args, 1, &to, e);
	if (err == ERR_OK && c->n > 0)
		qsort(c->all, c->n, sizeof *c->all, in_order);
	for (size_t i = 0; err == ERR_OK && i < c->n; i++)
		err = incident_clear(c->s, c->domain, c->all[i].cause,
		    c->all[i].horizon, c->now, &event, e);
	return err;
}

enum err
incident_clear_all(
    struct store *s, int64_t domain, struct wall_time now, struct error *e)
{
	struct clearing c = { .s = s, .domain = domain, .now = now };
	enum err err;

	arena_init(&c.a, CALL_MEMORY);
	err = sql_transact(store_sql(s), SQL_WRITE, run_clear_all, &c, e);
	arena_release(&c.a);
	return err;
}

#include "out/publish_out.h"

#include "base/escape.h"
#include "core/words.h"
#include "out/json.h"

enum { WORDS_MEMORY = 128, TTL_S = 3600 };

static void
print_date(FILE *f, struct wall_time t)
{
	char mem[WORDS_MEMORY];
	struct arena a;

	arena_init_fixed(&a, mem, sizeof mem);
	fputs(words_date(&a, t), f);
}

/* ---- the CNAMEs ---- */

static const char *const labels[] = { "mta-sts", "_mta-sts" };

enum { LABELS = sizeof labels / sizeof labels[0] };

void
publish_cnames(struct span name, struct span target, FILE *f)
{
	for (size_t i = 0; i < LABELS; i++)
		fprintf(f, "%s.%.*s. %d IN CNAME %.*s.\n", labels[i],
		    (int)name.n, name.p, TTL_S, (int)target.n, target.p);
}

static json_t *
cnames_json(struct json_writer *w, struct span name, struct span target)
{
	json_t *list = json_array();

	for (size_t i = 0; i < LABELS && target.n > 0; i++)
		json_add(w, list,
		    json_sprintf("%s.%.*s. %d IN CNAME %.*s.", labels[i],
			(int)name.n, name.p, TTL_S, (int)target.n, target.p));
	return list;
}

static json_t *
begin_json(struct json_writer *w, struct span name, struct span target)
{
	json_t *o = json_object();

	json_put(w, o, "schema", json_word("mtasts.publish/1"));
	json_put(w, o, "domain", json_text(name));
	json_put(w, o, "target", json_text_or_null(target));
	json_put(w, o, "records", cnames_json(w, name, target));
	return o;
}

enum err
publish_asked_json(
    struct span name, struct span target, enum publication_asked asked, FILE *f)
{
	static const char *const words[] = {
		[PUBLICATION_NEW] = "new",
		[PUBLICATION_CHANGED] = "changed",
		[PUBLICATION_SAME] = "same",
		[PUBLICATION_NO_DOMAIN] = "no-domain",
	};

	return publish_said_json(name, target, words[asked], f);
}

enum err
publish_said_json(
    struct span name, struct span target, const char *word, FILE *f)
{
	struct json_writer w = { false };
	json_t *o = begin_json(&w, name, target);

	json_put(&w, o, "asked", json_word(word));
	return json_line(&w, o, f);
}

/* ---- one of them ---- */

static enum ink
state_ink(enum publish_step_state state)
{
	switch (state) {
	case PUBLISH_STEP_DONE:
		return INK_GREEN;
	case PUBLISH_STEP_WAITS:
		return INK_YELLOW;
	case PUBLISH_STEP_TROUBLE:
		return INK_RED;
	case PUBLISH_STEP_LATER:
		break;
	}
	return INK_DIM;
}

void
publish_text(const struct publish_state *s, const struct publish_steps *steps,
    const struct style *style, FILE *f)
{
	const struct published *p = &s->p;

	fputs(style_on(style, INK_BOLD), f);
	escape_print(f, p->name);
	fprintf(f, "%s  %s since ", style_off(style),
	    publication_stage_names[p->state.stage]);
	print_date(f, p->state.stage_since);
	putc('\n', f);
	for (size_t i = 0; i < steps->n; i++) {
		const struct publish_stepped *o = &steps->all[i];

		fprintf(f, "\n  %s%-7s%s  %s%s%s\n",
		    style_on(style, state_ink(o->state)),
		    publish_step_state_names[o->state], style_off(style),
		    style_on(style, INK_BOLD), publish_step_names[o->kind],
		    style_off(style));
		style_wrap(style, f, 4, o->text);
		if (o->command.n == 0)
			continue;
		fputs("    $ ", f);
		escape_print(f, o->command);
		putc('\n', f);
	}
}

static json_t *
spans_json(struct json_writer *w, const struct span *all, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_add(w, list, json_text(all[i]));
	return list;
}

static json_t *
order_json(struct json_writer *w, const struct publish_order *order)
{
	json_t *o = json_object();

	json_put(w, o, "mode", json_word(sts_mode_names[order->mode]));
	json_put(w, o, "max_age", json_integer(order->max_age));
	json_put(
	    w, o, "follow", json_word(mx_follow_mode_names[order->follow]));
	json_put(w, o, "overlap", json_integer(order->overlap_s));
	json_put(w, o, "leave", json_boolean(order->leave));
	json_put(w, o, "override_by", json_text_or_null(order->override_by));
	json_put(w, o, "override_at", json_time_or_null(order->override_at));
	json_put(w, o, "asked_at", json_time(order->asked_at));
	return o;
}

static json_t *
certificate_json(struct json_writer *w, const struct publish_certificate *c)
{
	bool fails = c->failing_since.s > 0;
	json_t *o = json_object();

	json_put(w, o, "not_after",
	    c->exists ? json_time(c->not_after) : json_null());
	json_put(w, o, "issuer", json_text_or_null(c->issuer));
	json_put(w, o, "failing_since", json_time_or_null(c->failing_since));
	json_put(w, o, "problem", json_text_or_null(c->problem));
	json_put(w, o, "next_try",
	    fails ? json_time_or_null(c->next_try) : json_null());
	return o;
}

static json_t *
follow_json(struct json_writer *w, const struct mx_follow *f)
{
	static const char *const states[] = {
		[MX_SETTLED] = "settled",
		[MX_WATCHED] = "watched",
		[MX_WAITING] = "waiting",
	};
	json_t *o = json_object(), *patterns = json_array();

	for (size_t i = 0; i < f->n_patterns; i++) {
		json_t *m = json_object();

		json_put(w, m, "host", json_text(f->patterns[i].host));
		json_put(w, m, "since", json_time(f->patterns[i].since));
		json_put(w, m, "gone_at",
		    f->patterns[i].gone ? json_time(f->patterns[i].gone_at)
					: json_null());
		json_add(w, patterns, m);
	}
	json_put(w, o, "patterns", patterns);
	json_put(w, o, "state", json_word(states[f->state]));
	json_put(w, o, "seen", spans_json(w, f->seen, f->n_seen));
	json_put(w, o, "seen_since",
	    f->n_seen > 0 ? json_time_or_null(f->seen_since) : json_null());
	json_put(w, o, "hold", json_word(mx_hold_names[f->hold]));
	json_put(w, o, "hold_since",
	    f->hold != MX_HOLD_NONE ? json_time(f->hold_since) : json_null());
	return o;
}

static json_t *
move_json(struct json_writer *w, const struct publish_move *m)
{
	json_t *o;

	if (m->n_to == 0)
		return json_null();
	o = json_object();
	json_put(w, o, "to", spans_json(w, m->to, m->n_to));
	json_put(w, o, "since", json_time(m->since));
	json_put(w, o, "may_add", json_boolean(m->may_add_told));
	return o;
}

/* Whether it is one, when somebody looked last; not where it leads. */
static json_t *
cname_json(struct json_writer *w, const struct ledger_presence *seen)
{
	json_t *o;

	if (seen->sight == SIGHT_UNKNOWN)
		return json_null();
	o = json_object();
	json_put(w, o, "exists", json_boolean(seen->sight != SIGHT_ABSENT));
	json_put(w, o, "seen_at", json_time(seen->seen_at));
	return o;
}

static json_t *
cnames_seen_json(struct json_writer *w, const struct publish_state *s)
{
	json_t *o = json_object();

	json_put(w, o, "mta-sts", cname_json(w, &s->host_cname));
	json_put(w, o, "_mta-sts", cname_json(w, &s->txt_cname));
	return o;
}

static json_t *
steps_json(struct json_writer *w, const struct publish_steps *steps)
{
	json_t *list = json_array();

	for (size_t i = 0; i < steps->n; i++) {
		const struct publish_stepped *s = &steps->all[i];
		json_t *o = json_object();

		json_put(w, o, "step", json_word(publish_step_names[s->kind]));
		json_put(w, o, "state",
		    json_word(publish_step_state_names[s->state]));
		json_put(w, o, "text", json_text(s->text));
		json_put(w, o, "command", json_text_or_null(s->command));
		json_add(w, list, o);
	}
	return list;
}

static void
put_state(struct json_writer *w, json_t *o, const struct publication *p)
{
	json_put(w, o, "stage", json_word(publication_stage_names[p->stage]));
	json_put(w, o, "stage_since", json_time(p->stage_since));
	json_put(
	    w, o, "change", json_word(publication_change_names[p->change]));
	json_put(w, o, "version", json_integer((json_int_t)p->version));
	json_put(w, o, "body", json_text_or_null(p->body));
	json_put(w, o, "id", json_text_or_null(span_str(p->id)));
	json_put(
	    w, o, "id_since", p->id[0] ? json_time(p->id_since) : json_null());
	json_put(w, o, "lost_since",
	    p->lost ? json_time(p->lost_since) : json_null());
}

enum err
publish_json(
    const struct publish_state *s, const struct publish_steps *steps, FILE *f)
{
	const struct published *p = &s->p;
	bool waits = p->order.leave && s->has_sight && !s->sight.may_leave;
	struct json_writer w = { false };
	json_t *o = begin_json(&w, p->name, p->target);

	json_put(&w, o, "order", order_json(&w, &p->order));
	put_state(&w, o, &p->state);
	json_put(&w, o, "bar", json_word(publish_bar_names[p->bar]));
	json_put(&w, o, "bar_text", json_text_or_null(p->bar_text));
	json_put(&w, o, "gate", json_text_lines(&w, p->gate_text));
	json_put(&w, o, "gate_since",
	    p->gate_text.n > 0 ? json_time_or_null(p->gate_since)
			       : json_null());
	json_put(&w, o, "advised", json_boolean(p->advised));
	json_put(&w, o, "cnames", cnames_seen_json(&w, s));
	json_put(&w, o, "certificate", certificate_json(&w, &p->certificate));
	json_put(&w, o, "edges", json_integer((json_int_t)s->edges.alive));
	json_put(&w, o, "served", json_boolean(publish_is_served(s)));
	json_put(&w, o, "mx", follow_json(&w, &p->follow));
	json_put(&w, o, "horizon",
	    s->has_sight && s->sight.horizon.s > s->now.s
		? json_time(s->sight.horizon)
		: json_null());
	json_put(&w, o, "move", move_json(&w, &p->move));
	json_put(&w, o, "removable_at",
	    waits ? json_time_or_null(s->sight.leave_at) : json_null());
	json_put(&w, o, "steps", steps_json(&w, steps));
	return json_line(&w, o, f);
}

/* ---- one of many ---- */

/* What its owner should look at, the weightiest first; "" if nothing. */
static struct span
notice(const struct publication_row *r)
{
	if (r->stage == PUBLICATION_ENDED)
		return SPAN("");
	if (r->stage == PUBLICATION_REMOVABLE)
		return SPAN("both CNAMEs may go");
	if (r->lost)
		return SPAN("CNAMEs are gone");
	if (r->waits && !r->leave)
		return SPAN("other MX hosts wait for approval");
	if (r->problem.n > 0)
		return SPAN("certificate fails");
	if (r->bar_text.n > 0)
		return r->bar_text;
	if (r->held && !r->leave)
		return SPAN("MX records cannot be followed");
	if (r->gate_text.n > 0)
		return SPAN("enforce is kept back");
	if (r->advised && !r->leave && r->mode == STS_MODE_TESTING)
		return SPAN("ready for enforce");
	return SPAN("");
}

static const char *
wish(const struct publication_row *r)
{
	if (r->stage == PUBLICATION_ENDED)
		return "removed";
	return r->leave ? "to be removed" : sts_mode_names[r->mode];
}

void
publish_line(const struct publication_row *r, const struct style *s, FILE *f)
{
	struct span text = notice(r);

	escape_print(f, r->name);
	fprintf(f, "  %s  %s%s%s", publication_stage_names[r->stage], wish(r),
	    text.n > 0 ? "  " : "", style_on(s, INK_YELLOW));
	escape_print(f, text);
	fprintf(f, "%s\n", style_off(s));
}

enum err
publish_row_json(const struct publication_row *r, FILE *f)
{
	struct json_writer w = { false };
	json_t *o = begin_json(&w, r->name, r->target);

	json_put(&w, o, "stage", json_word(publication_stage_names[r->stage]));
	json_put(
	    &w, o, "change", json_word(publication_change_names[r->change]));
	json_put(&w, o, "mode", json_word(sts_mode_names[r->mode]));
	json_put(&w, o, "leave", json_boolean(r->leave));
	json_put(&w, o, "lost", json_boolean(r->lost));
	json_put(&w, o, "waits", json_boolean(r->waits));
	json_put(&w, o, "held", json_boolean(r->held));
	json_put(&w, o, "advised", json_boolean(r->advised));
	json_put(&w, o, "bar_text", json_text_or_null(r->bar_text));
	json_put(&w, o, "gate", json_text_lines(&w, r->gate_text));
	json_put(&w, o, "problem", json_text_or_null(r->problem));
	return json_line(&w, o, f);
}

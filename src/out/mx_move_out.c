#include "out/mx_move_out.h"

#include "base/escape.h"
#include "core/words.h"
#include "out/json.h"

enum { WORDS_MEMORY = 128, LINE_MAX_OCTETS = 1024 };

static enum ink
state_ink(enum mx_move_state state)
{
	switch (state) {
	case MX_MOVE_DONE:
		return INK_GREEN;
	case MX_MOVE_NOW:
		return INK_YELLOW;
	case MX_MOVE_LATER:
		break;
	}
	return INK_DIM;
}

/* A step that is done was at some time or other. */
static void
print_when(const struct mx_move_step *s, struct wall_time now, FILE *f)
{
	char mem[WORDS_MEMORY];
	struct arena a;

	arena_init_fixed(&a, mem, sizeof mem);
	if (s->state == MX_MOVE_DONE)
		return;
	if (s->kind == MX_MOVE_WAIT)
		fprintf(f, "  until %s", words_date(&a, s->at));
	else if (s->at.s > now.s)
		fprintf(f, "  from %s", words_date(&a, s->at));
	if (s->by_us)
		fputs("  (by mtastsd)", f);
}

/* Lines to copy, as they are. */
static void
print_block(struct span text, FILE *f)
{
	if (text.n == 0)
		return;
	putc('\n', f);
	while (text.n > 0) {
		struct span line = span_head(text, span_find(text, '\n'));

		text = span_skip(text, line.n + 1);
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		fputs("        ", f);
		escape_print(f, line);
		putc('\n', f);
	}
}

static void
print_checks(const struct mx_move_question *q, const struct style *s, FILE *f)
{
	for (size_t i = 0; i < q->n_to; i++) {
		const struct mx_move_host *h = &q->to[i];
		char mem[LINE_MAX_OCTETS];
		struct buf b = buf_init(mem, sizeof mem);

		buf_put(&b, h->host);
		buf_printf(&b, ": %s", mx_move_check_names[h->check]);
		if (h->text.n > 0)
			buf_putc(&b, '\n');
		buf_put(&b, h->text);
		style_wrap(s, f, 4, buf_span(&b));
	}
}

static void
print_step(const struct mx_move_question *q, const struct mx_move_step *step,
    const struct style *s, FILE *f)
{
	bool done = step->state == MX_MOVE_DONE;

	fprintf(f, "\n  %s%-5s%s  %s%s%s", style_on(s, state_ink(step->state)),
	    mx_move_state_names[step->state], style_off(s),
	    style_on(s, INK_BOLD), mx_move_kind_names[step->kind],
	    style_off(s));
	print_when(step, q->now, f);
	putc('\n', f);
	style_wrap(s, f, 4, step->what);
	if (!done && step->why.n > 0) {
		char mem[LINE_MAX_OCTETS];
		struct buf b = buf_init(mem, sizeof mem);

		buf_put(&b, step->why);
		buf_printf(&b, " (%s)", step->clause);
		fputs(style_on(s, INK_DIM), f);
		style_wrap(s, f, 4, buf_span(&b));
		fputs(style_off(s), f);
	}
	if (step->kind == MX_MOVE_CHECK)
		print_checks(q, s, f);
	print_block(step->file, f);
	print_block(step->records, f);
}

void
mx_move_text(const struct mx_move_question *q, const struct mx_move_plan *plan,
    const struct style *s, FILE *f)
{
	fputs(style_on(s, INK_BOLD), f);
	escape_print(f, q->domain);
	fprintf(f, "%s: the mail moves to ", style_off(s));
	for (size_t i = 0; i < q->n_to; i++) {
		fputs(i > 0 ? ", " : "", f);
		escape_print(f, q->to[i].host);
	}
	putc('\n', f);
	for (size_t i = 0; i < plan->n; i++)
		print_step(q, &plan->steps[i], s, f);
}

/* ---- JSON ---- */

static json_t *
step_json(struct json_writer *w, const struct mx_move_step *s)
{
	bool done = s->state == MX_MOVE_DONE;
	json_t *o = json_object();

	json_put(w, o, "step", json_word(mx_move_kind_names[s->kind]));
	json_put(w, o, "state", json_word(mx_move_state_names[s->state]));
	json_put(w, o, "at", done ? json_null() : json_time(s->at));
	json_put(w, o, "by", json_word(s->by_us ? "daemon" : "owner"));
	json_put(w, o, "what", json_text(s->what));
	json_put(w, o, "why", json_text(s->why));
	json_put(w, o, "clause", json_word(s->clause));
	json_put(w, o, "records", json_text_lines(w, s->records));
	json_put(w, o, "file", json_text_or_null(s->file));
	return o;
}

static json_t *
hosts_json(struct json_writer *w, const struct mx_move_question *q)
{
	json_t *list = json_array();

	for (size_t i = 0; i < q->n_to; i++) {
		const struct mx_move_host *h = &q->to[i];
		json_t *o = json_object();

		json_put(w, o, "host", json_text(h->host));
		json_put(
		    w, o, "check", json_word(mx_move_check_names[h->check]));
		json_put(w, o, "problems", json_text_lines(w, h->text));
		json_add(w, list, o);
	}
	return list;
}

enum err
mx_move_json(const struct mx_move_question *q, const struct mx_move_plan *plan,
    bool under_way, FILE *f)
{
	struct json_writer w = { false };
	json_t *o = json_object(), *from = json_array(), *steps = json_array();

	for (size_t i = 0; i < q->n_mx; i++)
		json_add(&w, from, json_text(q->mx[i].host));
	for (size_t i = 0; i < plan->n; i++)
		json_add(&w, steps, step_json(&w, &plan->steps[i]));
	json_put(&w, o, "schema", json_word("mtasts.move/1"));
	json_put(&w, o, "domain", json_text(q->domain));
	json_put(&w, o, "mx", from);
	json_put(&w, o, "to", hosts_json(&w, q));
	json_put(&w, o, "ttl", json_integer(q->ttl));
	json_put(&w, o, "published", json_boolean(q->published));
	json_put(&w, o, "under_way", json_boolean(under_way));
	json_put(&w, o, "blocked", json_boolean(plan->blocked));
	json_put(&w, o, "done", json_boolean(plan->is_done));
	json_put(&w, o, "steps", steps);
	return json_line(&w, o, f);
}

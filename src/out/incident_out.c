#include "out/incident_out.h"

#include "base/escape.h"
#include "base/rfc3339.h"
#include "core/words.h"

enum { WORDS_MEMORY = 128 };

static void
print_date(FILE *f, struct wall_time t)
{
	char mem[WORDS_MEMORY];
	struct arena a;

	arena_init_fixed(&a, mem, sizeof mem);
	fputs(words_date(&a, t), f);
}

static void
print_severity(
    enum severity severity, bool is_over, const struct style *s, FILE *f)
{
	fprintf(f, "%s%-8s%s",
	    style_on(s, is_over ? INK_GREEN : style_severity_ink(severity)),
	    is_over ? "resolved" : severity_names[severity], style_off(s));
}

static int64_t
suffering(const struct incident *i)
{
	return i->is_resolved ? i->domains : i->errors + i->warnings;
}

static void
print_count(FILE *f, int64_t n)
{
	if (n > 0)
		fprintf(f, ", %lld domain%s", (long long)n, n == 1 ? "" : "s");
}

static void
print_cause(const struct incident *i, const struct style *s, FILE *f)
{
	fprintf(f, "  #%lld  %s", (long long)i->id, style_on(s, INK_BOLD));
	escape_print(f, i->check);
	fprintf(f, "%s  ", style_off(s));
	escape_print(f, i->subject);
}

void
incident_line(const struct incident *i, const struct style *s, FILE *f)
{
	print_severity(i->severity, i->is_resolved, s, f);
	print_cause(i, s, f);
	print_count(f, suffering(i));
	fputs(", since ", f);
	print_date(f, i->opened_at);
	if (i->is_resolved) {
		fputs(", until ", f);
		print_date(f, i->resolved_at);
	}
	if (i->is_acknowledged && !i->is_resolved) {
		fputs(", known to ", f);
		escape_print(f, i->acknowledged_by);
	}
	putc('\n', f);
}

static void
begin_member(FILE *f, const char *name)
{
	fprintf(f, "  %-9s ", name);
}

/* "since 2026-11-22 10:00 UTC, 3 hours" */
static void
print_life(const struct incident *i, struct wall_time now, FILE *f)
{
	struct wall_time end = i->is_resolved ? i->resolved_at : now;
	char mem[WORDS_MEMORY];
	struct arena a;

	arena_init_fixed(&a, mem, sizeof mem);
	begin_member(f, i->is_resolved ? "was open" : "open");
	fputs("since ", f);
	print_date(f, i->opened_at);
	if (i->is_resolved) {
		fputs(" until ", f);
		print_date(f, i->resolved_at);
	}
	if (end.s > i->opened_at.s)
		fprintf(f, ", %s",
		    words_about(&a, (uint64_t)(end.s - i->opened_at.s)));
	putc('\n', f);
}

static void
print_acknowledged(const struct incident *i, FILE *f)
{
	begin_member(f, "known");
	fputs("to ", f);
	escape_print(f, i->acknowledged_by);
	fputs(" since ", f);
	print_date(f, i->acknowledged_at);
	putc('\n', f);
	if (i->note.n == 0)
		return;
	begin_member(f, "note");
	escape_print(f, i->note);
	putc('\n', f);
}

void
incident_text(const struct incident *i, struct wall_time now,
    const struct style *s, FILE *f)
{
	print_severity(i->severity, i->is_resolved, s, f);
	print_cause(i, s, f);
	fputs("\n\n", f);
	style_wrap(s, f, 4, i->message);
	if (i->remedy.n > 0) {
		fputs(style_on(s, INK_GREEN), f);
		style_wrap(s, f, 4, i->remedy);
		fputs(style_off(s), f);
	}
	putc('\n', f);
	print_life(i, now, f);
	if (i->changed_at.s != i->opened_at.s && !i->is_resolved) {
		begin_member(f, severity_names[i->severity]);
		fputs("since ", f);
		print_date(f, i->changed_at);
		putc('\n', f);
	}
	if (i->horizon.s > 0) {
		begin_member(f, "senders");
		fputs("may act on it until ", f);
		print_date(f, i->horizon);
		putc('\n', f);
	}
	if (i->is_acknowledged)
		print_acknowledged(i, f);
	if (i->domains > 0) {
		begin_member(f, "domains");
		fprintf(f, "%lld in error, %lld in warning, %lld in all\n",
		    (long long)i->errors, (long long)i->warnings,
		    (long long)i->domains);
	}
}

void
incident_domain_line(
    const struct incident_domain *d, const struct style *s, FILE *f)
{
	fputs("    ", f);
	print_severity(d->severity, d->is_resolved, s, f);
	fputs("  ", f);
	escape_print(f, d->name);
	fputs(", since ", f);
	print_date(f, d->since);
	if (d->is_resolved) {
		fputs(", until ", f);
		print_date(f, d->resolved_at);
	}
	putc('\n', f);
}

static json_t *
time_or_null(bool is_set, struct wall_time t)
{
	return is_set ? json_time(t) : json_null();
}

json_t *
incident_to_json(struct json_writer *w, const struct incident *i)
{
	json_t *o = json_object();

	json_put(w, o, "schema", json_word("mtasts.incident/1"));
	json_put(w, o, "id", json_integer(i->id));
	json_put(
	    w, o, "state", json_word(i->is_resolved ? "resolved" : "open"));
	json_put(w, o, "slug", json_text(i->check));
	json_put(w, o, "subject", json_text(i->subject));
	json_put(w, o, "severity", json_word(severity_names[i->severity]));
	json_put(w, o, "opened_at", json_time(i->opened_at));
	json_put(w, o, "changed_at", json_time(i->changed_at));
	json_put(
	    w, o, "resolved_at", time_or_null(i->is_resolved, i->resolved_at));
	json_put(w, o, "horizon", time_or_null(i->horizon.s > 0, i->horizon));
	json_put(w, o, "acknowledged_at",
	    time_or_null(i->is_acknowledged, i->acknowledged_at));
	json_put(w, o, "acknowledged_by", json_text(i->acknowledged_by));
	json_put(w, o, "note", json_text(i->note));
	json_put(w, o, "errors", json_integer(i->errors));
	json_put(w, o, "warnings", json_integer(i->warnings));
	json_put(w, o, "domains", json_integer(i->domains));
	json_put(w, o, "message", json_text(i->message));
	json_put(w, o, "remedy", json_text(i->remedy));
	return o;
}

json_t *
incident_domain_json(struct json_writer *w, const struct incident_domain *d)
{
	json_t *o = json_object();

	json_put(w, o, "domain", json_text(d->name));
	json_put(w, o, "severity", json_word(severity_names[d->severity]));
	json_put(w, o, "since", json_time(d->since));
	json_put(
	    w, o, "resolved_at", time_or_null(d->is_resolved, d->resolved_at));
	return o;
}

void
history_line(const struct history_event *h, FILE *f)
{
	print_date(f, h->at);
	fputs("  ", f);
	escape_print(f, h->kind);
	fputs("  ", f);
	escape_print(f, h->text);
	putc('\n', f);
}

json_t *
history_to_json(
    struct json_writer *w, struct span domain, const struct history_event *h)
{
	json_t *o = json_object();

	json_put(w, o, "schema", json_word("mtasts.event/1"));
	json_put(w, o, "domain", json_text(domain));
	json_put(w, o, "seq", json_integer(h->seq));
	json_put(w, o, "at", json_time(h->at));
	json_put(w, o, "kind", json_text(h->kind));
	json_put(w, o, "text", json_text(h->text));
	return o;
}

enum err
history_json(struct span domain, const struct history_event *h, FILE *f)
{
	struct json_writer w = { false };

	return json_line(&w, history_to_json(&w, domain, h), f);
}

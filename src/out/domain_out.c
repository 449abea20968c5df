#include "out/domain_out.h"

#include <inttypes.h>

#include "base/escape.h"
#include "base/rfc3339.h"
#include "core/overview.h"
#include "out/json.h"

/* The lines "key=value", one after the other. */
static bool
next_setting(struct span *text, struct span *key, struct span *value)
{
	struct span line;

	if (text->n == 0)
		return false;
	line = span_head(*text, span_find(*text, '\n'));
	*text = span_skip(*text, line.n + 1);
	*key = span_head(line, span_find(line, '='));
	*value = span_skip(line, key->n + 1);
	return true;
}

static json_t *
settings_json(struct json_writer *w, struct span text)
{
	json_t *o = json_object();
	struct span key, value;

	while (next_setting(&text, &key, &value))
		if (json_object_setn_new_nocheck(
			o, key.p, key.n, json_text(value)) != 0)
			w->failed = true;
	return o;
}

static json_t *
published_json(struct json_writer *w, const struct domain_state *state)
{
	const struct published *p = &state->published;
	json_t *o;

	if (!state->is_published)
		return json_null();
	o = json_object();
	json_put(w, o, "target", json_text_or_null(p->target));
	json_put(
	    w, o, "stage", json_word(publication_stage_names[p->state.stage]));
	json_put(w, o, "stage_since", json_time(p->state.stage_since));
	json_put(w, o, "mode", json_word(sts_mode_names[p->order.mode]));
	json_put(w, o, "leave", json_boolean(p->order.leave));
	return o;
}

/* Before the first judgement there is no number. */
static json_t *
count_json(const struct domain *d, int64_t n)
{
	return d->summary.verdict.n > 0 ? json_integer(n) : json_null();
}

static void
put_summary(struct json_writer *w, json_t *o, const struct domain *d)
{
	const struct domain_summary *s = &d->summary;

	json_put(w, o, "verdict", json_text_or_null(s->verdict));
	json_put(w, o, "deployment", json_text_or_null(s->deployment));
	json_put(w, o, "eligibility", json_text_or_null(s->eligibility));
	json_put(w, o, "mode", json_text_or_null(s->mode));
	json_put(w, o, "max_age",
	    s->max_age >= 0 ? json_integer(s->max_age) : json_null());
	json_put(w, o, "record", json_text_or_null(s->record));
	json_put(w, o, "policy", json_text_or_null(s->policy));
	json_put(w, o, "tlsrpt", json_text_or_null(s->tlsrpt));
	json_put(w, o, "provider", json_text_or_null(s->provider));
	json_put(w, o, "next_step", json_text_or_null(s->next_step));
	json_put(w, o, "next_check", json_text_or_null(s->next_check));
	json_put(w, o, "addresses", count_json(d, s->addresses));
	json_put(w, o, "good_addresses", count_json(d, s->good_addresses));
	json_put(w, o, "mx", count_json(d, s->mx));
	json_put(w, o, "covered_mx", count_json(d, s->covered_mx));
	json_put(w, o, "mode_since", json_time_or_null(s->mode_since));
	json_put(w, o, "cached_until", json_time_or_null(s->cached_until));
	json_put(
	    w, o, "policy_cert_until", json_time_or_null(s->policy_cert_until));
	json_put(w, o, "mx_cert_until", json_time_or_null(s->mx_cert_until));
	json_put(w, o, "changed_at", json_time_or_null(s->changed_at));
}

json_t *
domain_to_json(struct json_writer *w, const struct domain *d,
    const struct span *tags, size_t n, const struct domain_state *state)
{
	json_t *o = json_object(), *list = json_array();

	json_put(w, o, "schema", json_word("mtasts.domain/1"));
	json_put(w, o, "domain", json_text(d->name));
	json_put(w, o, "added_at", json_time(d->added_at));
	json_put(w, o, "paused", json_boolean(d->paused));
	json_put(w, o, "checked_at",
	    d->has_been_checked ? json_time(d->checked_at) : json_null());
	json_put(
	    w, o, "next_at", d->paused ? json_null() : json_time(d->next_at));
	put_summary(w, o, d);
	for (size_t i = 0; i < n; i++)
		json_add(w, list, json_text(tags[i]));
	json_put(w, o, "tags", list);
	json_put(w, o, "note", json_text(d->note));
	json_put(w, o, "settings", settings_json(w, d->settings));
	if (state != NULL) {
		json_put(w, o, "published", published_json(w, state));
		domain_state_json(w, o, state);
	}
	return o;
}

enum err
domain_json(const struct domain *d, const struct span *tags, size_t n,
    const struct domain_state *state, FILE *f)
{
	struct json_writer w = { false };

	return json_line(&w, domain_to_json(&w, d, tags, n, state), f);
}

static void
print_tags(const struct span *tags, size_t n, FILE *f)
{
	for (size_t i = 0; i < n; i++) {
		fputs(i > 0 ? ", " : "", f);
		escape_print(f, tags[i]);
	}
}

static void
print_member(FILE *f, const char *name, struct span value)
{
	if (value.n == 0)
		return;
	fprintf(f, "  %-12s ", name);
	escape_print(f, value);
	putc('\n', f);
}

static struct span
state_of(const struct domain *d)
{
	if (d->paused)
		return SPAN("paused");
	return d->summary.verdict.n > 0 ? d->summary.verdict
					: SPAN("not looked at yet");
}

static void
print_settings(FILE *f, struct span text)
{
	const char *name = "settings";
	struct span key, value;

	for (; next_setting(&text, &key, &value); name = "") {
		fprintf(f, "  %-12s ", name);
		escape_print(f, key);
		putc('=', f);
		escape_print(f, value);
		putc('\n', f);
	}
}

static void
print_moment(FILE *f, const char *name, struct wall_time t)
{
	if (t.s != 0)
		print_member(f, name, span_str(rfc3339_format(t).text));
}

/* What to do, and the check that tells more. */
static void
print_next_step(const struct domain_summary *s, FILE *f)
{
	enum next_step step = next_step_by_name(s->next_step);

	if (step == NEXT_STEPS)
		return;
	fprintf(f, "  %-12s %s", "next step", next_steps[step].text);
	if (s->next_check.n > 0) {
		fputs(" (mtasts explain ", f);
		escape_print(f, s->next_check);
		putc(')', f);
	}
	putc('\n', f);
}

static void
print_mail(const struct domain_summary *s, FILE *f)
{
	if (s->mx == 0)
		return;
	print_member(f, "provider", s->provider);
	fprintf(f, "  %-12s %" PRId64 " of %" PRId64 " good\n", "addresses",
	    s->good_addresses, s->addresses);
}

static void
print_summary(const struct domain_summary *s, FILE *f)
{
	print_member(f, "deployment", s->deployment);
	print_member(f, "eligibility", s->eligibility);
	print_member(f, "mode", s->mode);
	print_next_step(s, f);
	print_mail(s, f);
	print_moment(f, "cached until", s->cached_until);
	print_moment(f, "policy cert", s->policy_cert_until);
	print_moment(f, "MX certs", s->mx_cert_until);
}

/* That it is ours, and who tells more. */
static void
print_published(const struct domain_state *state, FILE *f)
{
	const struct published *p = &state->published;

	if (!state->is_published)
		return;
	fprintf(f, "  %-12s %s since %s (mtasts publish --status ", "published",
	    publication_stage_names[p->state.stage],
	    rfc3339_format(p->state.stage_since).text);
	escape_print(f, p->name);
	fputs(")\n", f);
}

void
domain_text(const struct domain *d, const struct span *tags, size_t n,
    const struct domain_state *state, const struct style *s, FILE *f)
{
	escape_print(f, d->name);
	putc('\n', f);
	print_member(f, "state", state_of(d));
	print_summary(&d->summary, f);
	print_published(state, f);
	print_member(f, "added", span_str(rfc3339_format(d->added_at).text));
	if (d->has_been_checked)
		print_member(
		    f, "checked", span_str(rfc3339_format(d->checked_at).text));
	if (!d->paused)
		print_member(f, "next look",
		    d->next_at.s <= state->now.s
			? SPAN("due")
			: span_str(rfc3339_format(d->next_at).text));
	if (n > 0) {
		fprintf(f, "  %-12s ", "tags");
		print_tags(tags, n, f);
		putc('\n', f);
	}
	print_settings(f, d->settings);
	print_member(f, "note", d->note);
	domain_state_text(state, s, f);
}

void
domain_line(const struct domain *d, const struct span *tags, size_t n, FILE *f)
{
	escape_print(f, d->name);
	fputs("  ", f);
	escape_print(f, state_of(d));
	if (n > 0) {
		fputs("  ", f);
		print_tags(tags, n, f);
	}
	putc('\n', f);
}

#include "out/lint_out.h"

#include "base/escape.h"
#include "out/check_text.h"
#include "out/finding_json.h"

static enum thing
thing_of(const struct judged *j, enum lint_kind kind)
{
	switch (kind) {
	case LINT_RECORD:
		return j->record;
	case LINT_POLICY:
		return j->policy;
	case LINT_TLSRPT:
		break;
	}
	return j->tlsrpt;
}

const char *
lint_result(const struct judged *j, enum lint_kind kind)
{
	return thing_names[thing_of(j, kind)];
}

static void
put_record(struct json_writer *w, json_t *o, const struct judged *j)
{
	if (j->rrset.record.id.n > 0)
		json_put(w, o, "id", json_text(j->rrset.record.id));
}

static void
put_policy(struct json_writer *w, json_t *o, const struct judged *j)
{
	const struct sts_policy *p = &j->sts;
	json_t *mx = json_array();

	json_put(w, o, "strict", json_word(p->strict ? "ok" : "invalid"));
	if (p->mode != STS_MODE_UNSET)
		json_put(w, o, "mode", json_word(sts_mode_names[p->mode]));
	if (p->has_max_age)
		json_put(w, o, "max_age", json_integer(p->max_age));
	for (size_t i = 0; i < p->n_mx; i++)
		json_add(w, mx, json_text(p->mx[i]));
	json_put(w, o, "mx", mx);
}

static void
put_tlsrpt(struct json_writer *w, json_t *o, const struct judged *j)
{
	json_t *rua = json_array(), *usable = json_array();

	for (size_t i = 0; i < j->rpt.n_rua; i++) {
		const struct tlsrpt_rua *r = &j->rpt.rua[i];

		json_add(w, rua, json_text(r->uri));
		if (r->usable)
			json_add(w, usable, json_text(r->uri));
	}
	json_put(w, o, "rua", rua);
	json_put(w, o, "usable", usable);
}

enum err
lint_json(const struct judged *j, enum lint_kind kind, FILE *f)
{
	struct json_writer w = { false };
	json_t *o = json_object();

	json_put(&w, o, "schema", json_word("mtasts.lint/1"));
	json_put(&w, o, "result", json_word(lint_result(j, kind)));
	switch (kind) {
	case LINT_RECORD:
		put_record(&w, o, j);
		break;
	case LINT_POLICY:
		put_policy(&w, o, j);
		break;
	case LINT_TLSRPT:
		put_tlsrpt(&w, o, j);
		break;
	}
	json_put(&w, o, "problems", problems_json(&w, j));
	return json_line(&w, o, f);
}

void
lint_text(
    const struct judged *j, enum lint_kind kind, const struct style *s, FILE *f)
{
	static const char *const names[] = {
		[LINT_RECORD] = "_mta-sts record",
		[LINT_POLICY] = "policy",
		[LINT_TLSRPT] = "TLSRPT record",
	};
	enum thing t = thing_of(j, kind);

	fprintf(f, "%s%s%s: %s%s%s", style_on(s, INK_BOLD), names[kind],
	    style_off(s), style_on(s, t == THING_OK ? INK_GREEN : INK_RED),
	    thing_names[t], style_off(s));
	if (kind == LINT_POLICY && t == THING_OK && !j->sts.strict)
		fputs(" (but not by the letter of the grammar)", f);
	putc('\n', f);
	for (size_t i = 0; i < j->n_findings; i++)
		if (finding_is_shown(&j->findings[i], false))
			finding_text(&j->findings[i], s, f);
}

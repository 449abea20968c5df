#include "out/lint_out.h"

#include "base/escape.h"
#include "out/check_text.h"
#include "out/finding_json.h"
#include "out/published_json.h"

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

/* Those of rua that a sender can use. */
static json_t *
usable_json(struct json_writer *w, const struct tlsrpt_record *r)
{
	json_t *usable = json_array();

	for (size_t i = 0; i < r->n_rua; i++)
		if (r->rua[i].usable)
			json_add(w, usable, json_text(r->rua[i].uri));
	return usable;
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
		published_put_record(&w, o, j);
		break;
	case LINT_POLICY:
		json_put(&w, o, "strict",
		    json_word(j->sts.strict ? "ok" : "invalid"));
		published_put_policy(&w, o, j);
		break;
	case LINT_TLSRPT:
		published_put_tlsrpt(&w, o, j);
		json_put(&w, o, "usable", usable_json(&w, &j->rpt));
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

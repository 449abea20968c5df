#include "out/explain_out.h"

#include "out/json.h"

static const char *
effect_text(enum effect e)
{
	switch (e) {
	case EFFECT_LOSS:
		return "mail is refused or delayed by senders that enforce";
	case EFFECT_OPEN:
		return "mail flows, but MTA-STS protects nothing";
	case EFFECT_LATENT:
		return "nothing yet; at the next change, or at a known time";
	case EFFECT_HYGIENE:
		return "senders differ, or a recommendation is not kept";
	case EFFECT_SECURITY:
		break;
	}
	return "the policy proves less than it could";
}

void
explain_text(enum check_id id, const struct style *s, FILE *f)
{
	const struct check *c = &checks[id];

	fprintf(f, "%s%s%s  %s\n", style_on(s, INK_BOLD), c->slug, style_off(s),
	    c->clause);
	style_wrap(s, f, 2, span_str(c->title));
	style_wrap(s, f, 2, span_str(c->why));
	fprintf(f, "  Effect: %s. In mode enforce: %s%s%s.\n",
	    effect_text(c->effect),
	    style_on(s, style_severity_ink(c->severity)),
	    severity_names[c->severity], style_off(s));
	fputs(style_on(s, INK_GREEN), f);
	style_wrap(s, f, 2, span_str(c->remedy));
	fputs(style_off(s), f);
}

enum err
explain_json(enum check_id id, FILE *f)
{
	const struct check *c = &checks[id];
	struct json_writer w = { false };
	json_t *o = json_object();

	json_put(&w, o, "schema", json_word("mtasts.explain/1"));
	json_put(&w, o, "slug", json_word(c->slug));
	json_put(&w, o, "core", json_boolean(c->core));
	json_put(&w, o, "effect", json_word(effect_names[c->effect]));
	json_put(&w, o, "severity", json_word(severity_names[c->severity]));
	json_put(&w, o, "clause", json_word(c->clause));
	json_put(&w, o, "title", json_word(c->title));
	json_put(&w, o, "why", json_word(c->why));
	json_put(&w, o, "remedy", json_word(c->remedy));
	return json_line(&w, o, f);
}

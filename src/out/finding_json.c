#include "out/finding_json.h"

bool
finding_is_shown(const struct finding *f, bool all)
{
	return all || (f->result != RESULT_OK && f->blocked_by == CHECKS);
}

static void
put_place(struct json_writer *w, json_t *o, const struct finding *f)
{
	if (f->line == 0)
		return;
	json_put(w, o, "line", json_integer((json_int_t)f->line));
	json_put(w, o, "column", json_integer((json_int_t)f->column));
}

static json_t *
facts_json(struct json_writer *w, const struct finding *f)
{
	json_t *o = json_object();

	for (size_t i = 0; i < f->n_facts; i++)
		json_put(w, o, f->facts[i].name, json_text(f->facts[i].value));
	return o;
}

static json_t *
finding_json(struct json_writer *w, const struct finding *f)
{
	const struct check *c = &checks[f->check];
	json_t *o = json_object();

	json_put(w, o, "slug", json_word(c->slug));
	json_put(w, o, "result", json_word(check_result_names[f->result]));
	json_put(w, o, "severity", json_word(severity_names[f->severity]));
	json_put(w, o, "effect", json_word(effect_names[c->effect]));
	json_put(w, o, "subject", json_text(f->subject));
	json_put(w, o, "address",
	    f->address.family != IP_NONE ? json_word(ip_format(f->address).s)
					 : json_null());
	put_place(w, o, f);
	json_put(w, o, "message", json_text(f->message));
	json_put(w, o, "remedy", json_text(f->remedy));
	json_put(w, o, "clause", json_word(c->clause));
	json_put(w, o, "evidence", facts_json(w, f));
	json_put(w, o, "blocked_by",
	    f->blocked_by != CHECKS ? json_word(checks[f->blocked_by].slug)
				    : json_null());
	return o;
}

json_t *
findings_json(struct json_writer *w, const struct judged *j, bool all)
{
	json_t *list = json_array();

	for (size_t i = 0; i < j->n_findings; i++)
		if (finding_is_shown(&j->findings[i], all))
			json_add(w, list, finding_json(w, &j->findings[i]));
	return list;
}

json_t *
problems_json(struct json_writer *w, const struct judged *j)
{
	json_t *list = json_array();

	for (size_t i = 0; i < j->n_findings; i++) {
		const struct finding *f = &j->findings[i];
		const struct check *c = &checks[f->check];
		json_t *o;

		if (!finding_is_shown(f, false))
			continue;
		o = json_object();
		json_put(w, o, "slug", json_word(c->slug));
		json_put(
		    w, o, "severity", json_word(severity_names[f->severity]));
		json_put(w, o, "message", json_text(f->message));
		json_put(w, o, "remedy", json_text(f->remedy));
		json_put(w, o, "clause", json_word(c->clause));
		json_put(w, o, "line", json_integer((json_int_t)f->line));
		json_put(w, o, "column", json_integer((json_int_t)f->column));
		json_add(w, list, o);
	}
	return list;
}

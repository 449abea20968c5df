/* The same for programs: JSON, and facts for an environment. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/rfc3339.h"
#include "out/message_part.h"

static json_t *
number(int64_t n)
{
	return json_integer(n);
}

static void
put_check(struct json_writer *w, json_t *o, const struct incident *i)
{
	enum check_id id = check_by_slug(i->check);

	json_put(w, o, "slug", json_text(i->check));
	if (id >= CHECKS)
		return;
	json_put(w, o, "effect", json_word(effect_names[checks[id].effect]));
	json_put(w, o, "title", json_word(checks[id].title));
	json_put(w, o, "clause", json_word(checks[id].clause));
}

static json_t *
incident_json(struct json_writer *w, const struct message_news *n)
{
	const struct incident *i = n->incident;
	json_t *o = json_object(), *names = json_array();

	json_put(w, o, "id", number(i->id));
	put_check(w, o, i);
	json_put(w, o, "subject", json_text(i->subject));
	json_put(w, o, "severity", json_word(severity_names[i->severity]));
	json_put(w, o, "opened_at", json_time(i->opened_at));
	json_put(w, o, "resolved_at",
	    i->is_resolved ? json_time(i->resolved_at) : json_null());
	json_put(w, o, "acknowledged_at",
	    i->is_acknowledged ? json_time(i->acknowledged_at) : json_null());
	json_put(w, o, "horizon",
	    i->horizon.s != 0 ? json_time(i->horizon) : json_null());
	json_put(w, o, "message", json_text(i->message));
	json_put(w, o, "remedy", json_text(i->remedy));
	json_put(w, o, "domains", number(part_domains(i)));
	for (size_t k = 0; k < n->n_domains; k++)
		json_add(w, names, json_text(n->domains[k]));
	json_put(w, o, "domain_names", names);
	return o;
}

json_t *
part_news_json(struct json_writer *w, const struct message_news *n)
{
	json_t *o = json_object();

	json_put(w, o, "kind", json_word(news_kind_names[n->news.kind]));
	json_put(w, o, "at", json_time(n->at));
	if (n->domain.n > 0)
		json_put(w, o, "domain", json_text(n->domain));
	if (n->news.text.n > 0)
		json_put(w, o, "change", json_text(n->news.text));
	if (n->incident != NULL)
		json_put(w, o, "incident", incident_json(w, n));
	return o;
}

json_t *
part_head_json(struct json_writer *w, const struct message *m, const char *kind)
{
	json_t *o = json_object();

	json_put(w, o, "schema", json_word("mtasts.message/1"));
	json_put(w, o, "id", json_text(m->id));
	json_put(w, o, "follows",
	    m->thread.n > 0 ? json_text(m->thread) : json_null());
	json_put(w, o, "kind", json_word(kind));
	json_put(w, o, "severity", json_word(severity_names[m->severity]));
	json_put(w, o, "at", json_time(m->at));
	json_put(w, o, "subject", json_text(m->subject));
	json_put(w, o, "text", json_text(m->text));
	return o;
}

bool
part_dump(
    struct json_writer *w, json_t *root, struct arena *a, struct span *out)
{
	char *text =
	    w->failed || root == NULL ? NULL : json_dumps(root, JSON_COMPACT);

	json_decref(root);
	if (text == NULL) {
		a->failed = true;
		return false;
	}
	*out = arena_span(a, span_str(text));
	free(text);
	return !a->failed;
}

void
part_fact(struct message *m, const char *name, struct span value)
{
	assert(m->n_facts < MESSAGE_FACTS);
	m->facts[m->n_facts++] = (struct message_fact){ name, value };
}

void
part_facts(struct message *m, const char *kind, const struct message_env *env,
    struct arena *a)
{
	part_fact(m, "ID", m->id);
	part_fact(m, "KIND", span_str(kind));
	part_fact(m, "SEVERITY", span_str(severity_names[m->severity]));
	part_fact(m, "SUBJECT", m->subject);
	part_fact(m, "BRIEF", part_one_line(m->brief, a));
	if (env->link != NULL)
		part_fact(m, "LINK", span_str(env->link));
}

static struct span
time_fact(struct wall_time t, struct arena *a)
{
	return arena_span(a, span_str(rfc3339_format(t).text));
}

static struct span
names_fact(const struct message_news *n, struct arena *a)
{
	struct part_writer w;

	part_open(&w);
	for (size_t i = 0; w.f != NULL && i < n->n_domains; i++)
		fprintf(w.f, "%s%.*s", i > 0 ? " " : "", (int)n->domains[i].n,
		    n->domains[i].p);
	return part_one_line(part_close(&w, a), a);
}

void
part_incident_facts(
    struct message *m, const struct message_news *n, struct arena *a)
{
	const struct incident *i = n->incident;

	part_fact(m, "INCIDENT", arena_printf(a, "%" PRId64, i->id));
	part_fact(m, "CHECK", i->check);
	part_fact(m, "CHECK_SUBJECT", part_one_line(i->subject, a));
	part_fact(m, "MESSAGE", part_one_line(i->message, a));
	part_fact(m, "REMEDY", part_one_line(i->remedy, a));
	part_fact(m, "DOMAINS", arena_printf(a, "%" PRId64, part_domains(i)));
	part_fact(m, "DOMAIN_NAMES", names_fact(n, a));
	part_fact(m, "OPENED_AT", time_fact(i->opened_at, a));
	if (i->is_resolved)
		part_fact(m, "RESOLVED_AT", time_fact(i->resolved_at, a));
	if (i->horizon.s != 0)
		part_fact(m, "HORIZON_AT", time_fact(i->horizon, a));
}

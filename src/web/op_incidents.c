/* Incidents, for programs; and somebody knows. */
#include "base/limits.h"
#include "out/incident_out.h"
#include "web/done.h"
#include "web/list.h"
#include "web/model_incidents.h"

enum err
api_incidents(struct web_call *c, struct error *e)
{
	struct json_writer w = { false };
	struct incident_filter filter;
	struct span next = SPAN("");
	struct incident *all;
	json_t *items;
	bool good;
	size_t n;
	enum err rc = incidents_asked(c, &filter, &good, e);

	if (rc != ERR_OK || !good)
		return rc;
	filter.max = list_max(c);
	rc = incident_list(c->store, &filter, c->a, &all, &n, e);
	if (rc != ERR_OK)
		return rc;
	items = json_array();
	for (size_t i = 0; i < n; i++)
		json_add(&w, items, incident_to_json(&w, &all[i]));
	if (n == filter.max)
		next = arena_printf(c->a, "%lld", (long long)all[n - 1].id);
	return list_say(c, &w, items, next, e);
}

/* ---- one of them ---- */

static json_t *
domain_list(struct json_writer *w, const struct incident_domain *all, size_t n,
    bool has_more)
{
	json_t *list = json_object(), *items = json_array();

	for (size_t i = 0; i < n; i++)
		json_add(w, items, incident_domain_json(w, &all[i]));
	json_put(w, list, "items", items);
	json_put(w, list, "next",
	    has_more ? json_text(all[n - 1].name) : json_null());
	return list;
}

enum err
api_incident(struct web_call *c, struct error *e)
{
	struct json_writer w = { false };
	struct incident_domain *all;
	struct incident i;
	json_t *root;
	bool found;
	size_t n, max = list_max(c);
	enum err rc = incident_asked(c, &i, &found, e);

	if (rc != ERR_OK || !found)
		return rc;
	rc = incident_domains(c->store, i.id, fields_find(&c->query, "after"),
	    max, c->a, &all, &n, e);
	if (rc != ERR_OK)
		return rc;
	root = incident_to_json(&w, &i);
	json_put(&w, root, "domain_list", domain_list(&w, all, n, n == max));
	return call_json(c, &w, root, e);
}

/* ---- somebody knows ---- */

struct acknowledging {
	struct web_call *c;
	struct span by, note;
	bool found;
};

static enum err
run_acknowledge(struct store *s, void *arg, struct error *e)
{
	struct acknowledging *k = arg;
	struct web_call *c = k->c;
	enum err rc = incident_acknowledge(
	    s, incident_number(c), k->by, k->note, c->now, &k->found, e);

	if (rc != ERR_OK || !k->found)
		return rc;
	return call_audit(c, "incident-acknowledge", c->captured[0], e);
}

enum err
api_incident_acknowledge(struct web_call *c, struct error *e)
{
	struct acknowledging k = { .c = c,
		.by = call_who(c),
		.note = input_text(&c->input, "note", INPUT_OPTIONAL) };
	enum err rc;

	if (k.note.n > LIMIT_NOTE)
		input_wrong(
		    &c->input, "\"note\" has more than %d octets", LIMIT_NOTE);
	if (!input_end(c))
		return ERR_OK;
	rc = store_transact(c->store, run_acknowledge, &k, e);
	if (rc != ERR_OK)
		return rc;
	if (!k.found)
		return incident_missing(c);
	return done_say(c, "acknowledged", e);
}

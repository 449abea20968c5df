/* One domain, as programs read it. */
#include "base/limits.h"
#include "out/check_json.h"
#include "out/domain_out.h"
#include "out/incident_out.h"
#include "web/list.h"
#include "web/model_domain.h"
#include "web/query.h"

/* How far a look is, so that who asked for one knows when it is done. */
static json_t *
progress_json(struct json_writer *w, const struct work_progress *p)
{
	json_t *o = json_object();

	json_put(w, o, "waits", json_boolean(p->waits));
	json_put(w, o, "under_way", json_boolean(p->is_under_way));
	json_put(w, o, "hosts_left", json_integer((json_int_t)p->hosts_left));
	return o;
}

enum err
api_domain(struct web_call *c, struct error *e)
{
	struct json_writer w = { false };
	struct domain_model m;
	json_t *root;
	bool found;
	enum err rc = domain_model_find(c, false, &m, &found, e);

	if (rc != ERR_OK || !found)
		return rc;
	root = domain_to_json(&w, &m.row, m.tags, m.n_tags, &m.state);
	json_put(&w, root, "progress", progress_json(&w, &m.progress));
	return call_json(c, &w, root, e);
}

enum err
api_domain_evidence(struct web_call *c, struct error *e)
{
	struct domain_model m;
	bool found;
	enum err rc = domain_model_find(c, true, &m, &found, e);

	if (rc != ERR_OK || !found)
		return rc;
	if (!m.has_evidence)
		return call_refuse(
		    c, PROBLEM_MISSING, "Nobody has looked at it yet.");
	c->type = "application/json";
	return error_plain(e, check_json(&m.judged, true, call_body(c)));
}

enum err
api_domain_history(struct web_call *c, struct error *e)
{
	struct json_writer w = { false };
	struct history_event *all;
	struct span next = SPAN("");
	struct domain row;
	json_t *items;
	int64_t before = 0;
	size_t n, max = list_max(c);
	bool found;
	enum err rc;

	if (!query_number(c, "after", 1, INT64_MAX, &before))
		return ERR_OK;
	rc = domain_find(c, &row, &found, e);
	if (rc != ERR_OK || !found)
		return rc;
	rc = history_list(c->store, row.id, before, max, c->a, &all, &n, e);
	if (rc != ERR_OK)
		return rc;
	items = json_array();
	for (size_t i = 0; i < n; i++)
		json_add(&w, items, history_to_json(&w, row.name, &all[i]));
	if (n == max)
		next = arena_printf(c->a, "%lld", (long long)all[n - 1].seq);
	return list_say(c, &w, items, next, e);
}

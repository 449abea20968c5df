/* What happened to all domains, for programs. */
#include "out/incident_out.h"
#include "web/list.h"
#include "web/model_activity.h"

enum err
api_activity(struct web_call *c, struct error *e)
{
	struct json_writer w = { false };
	struct activity_filter filter;
	struct span next = SPAN("");
	struct activity_event *all;
	json_t *items;
	size_t n;
	enum err rc;

	if (!activity_asked(c, &filter))
		return ERR_OK;
	filter.max = list_max(c);
	rc = activity_list(c->store, &filter, c->a, &all, &n, e);
	if (rc != ERR_OK)
		return rc;
	items = json_array();
	for (size_t i = 0; i < n; i++)
		json_add(
		    &w, items, history_to_json(&w, all[i].name, &all[i].event));
	if (n == filter.max)
		next = activity_cursor(c, &all[n - 1]);
	return list_say(c, &w, items, next, e);
}

/* Who did what, for programs. */
#include "store/audit.h"
#include "web/list.h"
#include "web/query.h"

enum err
api_audit(struct web_call *c, struct error *e)
{
	struct json_writer w = { false };
	struct span next = SPAN("");
	struct audit_entry *all;
	int64_t before = 0;
	json_t *items;
	size_t n, max = list_max(c);
	enum err rc;

	if (!query_number(c, "after", 1, INT64_MAX, &before))
		return ERR_OK;
	rc = audit_list(c->store, before, max, c->a, &all, &n, e);
	if (rc != ERR_OK)
		return rc;
	items = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();

		json_put(&w, o, "id", json_integer(all[i].id));
		json_put(&w, o, "at", json_time(all[i].at));
		json_put(&w, o, "who", json_text(all[i].who));
		json_put(&w, o, "from", json_text(all[i].from));
		json_put(&w, o, "what", json_text(all[i].what));
		json_put(&w, o, "target", json_text(all[i].target));
		json_add(&w, items, o);
	}
	if (n == max)
		next = arena_printf(c->a, "%lld", (long long)all[n - 1].id);
	return list_say(c, &w, items, next, e);
}

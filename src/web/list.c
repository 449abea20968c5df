#include "web/list.h"

#include "base/limits.h"

enum { LIST_ROWS = 100 };

size_t
list_max(const struct web_call *c)
{
	return (size_t)fields_number(
	    &c->query, "max", 1, LIMIT_STORE_PAGE, LIST_ROWS);
}

enum err
list_say(struct web_call *c, struct json_writer *w, json_t *items,
    struct span next, struct error *e)
{
	json_t *root = json_object();

	json_put(w, root, "items", items);
	json_put(w, root, "next", json_text_or_null(next));
	return call_json(c, w, root, e);
}

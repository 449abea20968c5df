/* Who asks. */
#include "web/call.h"

enum err
api_me(struct web_call *c, struct error *e)
{
	bool is_person = c->caller.kind == CALLER_PERSON;
	struct json_writer w = { false };
	json_t *root = json_object();

	json_put(&w, root, "kind", json_word(is_person ? "person" : "program"));
	json_put(&w, root, "name", json_text(c->caller.name));
	json_put(&w, root, "scope", json_word(scope_names[c->caller.scope]));
	json_put(&w, root, "csrf",
	    is_person ? json_word(c->caller.csrf) : json_null());
	return call_json(c, &w, root, e);
}

#include "web/done.h"

enum err
done_say(struct web_call *c, const char *said, struct error *e)
{
	struct json_writer w = { false };
	json_t *root;

	c->said = said;
	if (call_is_for_person(c))
		return ERR_OK;
	root = json_object();
	json_put(&w, root, "done", json_word(said));
	return call_json(c, &w, root, e);
}

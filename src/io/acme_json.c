#include "io/acme_json.h"

#include <stdlib.h>

json_t *
acme_json_read(struct span text)
{
	json_t *v = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(v))
		return v;
	json_decref(v);
	return NULL;
}

struct span
acme_json_text(const json_t *object, const char *key, struct arena *a)
{
	const json_t *v = json_object_get(object, key);

	if (!json_is_string(v))
		return SPAN("");
	return arena_span(
	    a, (struct span){ json_string_value(v), json_string_length(v) });
}

json_t *
acme_json_string(struct span s)
{
	if (memchr(s.p, '\0', s.n) != NULL)
		return NULL;
	return json_stringn(s.p, s.n);
}

struct span
acme_json_dump(json_t *value, struct arena *a)
{
	char *text = value != NULL ? json_dumps(value, JSON_COMPACT) : NULL;
	struct span out = SPAN("");

	if (text != NULL)
		out = arena_span(a, span_str(text));
	else
		a->failed = true;
	free(text);
	json_decref(value);
	return out;
}

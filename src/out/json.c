#include "out/json.h"

#include <stdlib.h>

#include "base/rfc3339.h"
#include "base/utf8.h"

void
json_put(struct json_writer *w, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		w->failed = true;
}

void
json_add(struct json_writer *w, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		w->failed = true;
}

static json_t *
replace_invalid(struct span s)
{
	static const struct span replacement = SPAN_INIT("\xef\xbf\xbd");
	/* Every byte may become the three of U+FFFD. */
	char *p = malloc(s.n * replacement.n + 1);
	size_t n = 0;
	json_t *v;

	if (p == NULL)
		return NULL;
	while (s.n > 0) {
		uint32_t c;
		size_t len = utf8_next(s, &c);
		struct span one = len > 0 ? span_head(s, len) : replacement;

		memcpy(p + n, one.p, one.n);
		n += one.n;
		s = span_skip(s, len > 0 ? len : 1);
	}
	v = json_stringn(p, n);
	free(p);
	return v;
}

json_t *
json_text(struct span s)
{
	if (utf8_is_valid(s))
		return json_stringn(s.p, s.n);
	return replace_invalid(s);
}

json_t *
json_word(const char *s)
{
	return json_string(s);
}

json_t *
json_time(struct wall_time t)
{
	return json_string(rfc3339_format(t).text);
}

json_t *
json_text_or_null(struct span s)
{
	return s.n > 0 ? json_text(s) : json_null();
}

json_t *
json_time_or_null(struct wall_time t)
{
	return t.s > 0 ? json_time(t) : json_null();
}

json_t *
json_text_lines(struct json_writer *w, struct span text)
{
	json_t *list = json_array();

	while (text.n > 0) {
		struct span line = span_head(text, span_find(text, '\n'));

		text = span_skip(text, line.n + 1);
		json_add(w, list, json_text(line));
	}
	return list;
}

enum err
json_line(struct json_writer *w, json_t *root, FILE *f)
{
	enum err e = ERR_OK;

	if (w->failed || root == NULL)
		e = ERR_MEMORY;
	else if (json_dumpf(root, f, JSON_COMPACT) != 0 || putc('\n', f) == EOF)
		e = ERR_CANT_CREATE;
	json_decref(root);
	return e;
}

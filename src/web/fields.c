#include "web/fields.h"

#include "base/limits.h"
#include "base/num.h"
#include "web/percent.h"

enum err
fields_add(
    struct fields *f, const struct field *one, struct arena *a, struct error *e)
{
	struct field *grown;

	if (f->n == LIMIT_WEB_FIELDS)
		return error_set(e, ERR_DATA, "more than %d values are given",
		    LIMIT_WEB_FIELDS);
	grown = arena_grow(a, f->all, f->n, &f->room, sizeof *grown);
	if (grown == NULL || a->failed)
		return error_set(e, ERR_MEMORY, "reading what is given");
	f->all = grown;
	f->all[f->n++] = *one;
	return ERR_OK;
}

/* A browser sends the lines of a text with CRLF (HTML 4.10.22.4); here they end
 * with LF. */
static struct span
plain_lines(struct span s, struct arena *a)
{
	char *p;
	size_t n = 0;

	if (span_find(s, '\r') == s.n || (p = arena_alloc(a, s.n)) == NULL)
		return s;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r' || i + 1 == s.n || s.p[i + 1] != '\n')
			p[n++] = s.p[i];
	return (struct span){ p, n };
}

enum err
fields_parse(
    struct span text, struct arena *a, struct fields *out, struct error *e)
{
	*out = (struct fields){ 0 };
	while (text.n > 0) {
		struct span one = span_head(text, span_find(text, '&'));
		struct span name = span_head(one, span_find(one, '='));
		struct field field = { .kind = FIELD_TEXT };
		enum err rc;

		text = span_skip(text, one.n + 1);
		if (name.n == 0)
			continue;
		if (!percent_decode(name, true, a, &field.name) ||
		    !percent_decode(
			span_skip(one, name.n + 1), true, a, &field.value))
			return error_set(
			    e, ERR_DATA, "a value is not text in UTF-8");
		field.value = plain_lines(field.value, a);
		rc = fields_add(out, &field, a, e);
		if (rc != ERR_OK)
			return rc;
	}
	return ERR_OK;
}

struct span
fields_find(const struct fields *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (span_eq(f->all[i].name, span_str(name)))
			return f->all[i].value;
	return SPAN("");
}

bool
field_number(struct span s, int64_t least, int64_t most, int64_t *out)
{
	uint64_t v;

	if (!num_parse(s, (uint64_t)most, &v) || (int64_t)v < least)
		return false;
	*out = (int64_t)v;
	return true;
}

int64_t
fields_number(const struct fields *f, const char *name, int64_t least,
    int64_t most, int64_t otherwise)
{
	int64_t v;

	return field_number(fields_find(f, name), least, most, &v) ? v
								   : otherwise;
}

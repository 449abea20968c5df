#include "web/input.h"

#include <jansson.h>
#include <stdio.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"

/* ---- forms and queries ---- */

bool
input_unescape(
    struct span s, bool plus_is_space, struct arena *a, struct span *out)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;

	*out = SPAN("");
	if (p == NULL)
		return true; /* a->failed says it */
	for (size_t i = 0; i < s.n; i++) {
		int high = s.n - i > 2 ? hex_value(s.p[i + 1]) : -1;
		int low = s.n - i > 2 ? hex_value(s.p[i + 2]) : -1;

		if (s.p[i] == '%' && high >= 0 && low >= 0) {
			p[n++] = (char)(high << 4 | low);
			i += 2;
		} else {
			p[n++] = plus_is_space && s.p[i] == '+' ? ' ' : s.p[i];
		}
	}
	*out = (struct span){ p, n };
	return utf8_is_valid(*out) && span_find(*out, '\0') == n;
}

struct span
input_encode(struct span s, bool (*is_plain)(unsigned char c), struct arena *a)
{
	char *p = arena_alloc(a, 3 * s.n);
	size_t n = 0;

	if (p == NULL)
		return SPAN("");
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];

		if (is_plain(c)) {
			p[n++] = s.p[i];
			continue;
		}
		p[n++] = '%';
		hex_put(p + n, &c, 1);
		n += 2;
	}
	return (struct span){ p, n };
}

struct span
input_escape(struct span s, struct arena *a)
{
	return input_encode(s, ascii_is_alnum, a);
}

/* Room for one more of them; NULL: there is none. */
static struct field *
add_field(struct fields *f, size_t *cap, struct arena *a)
{
	struct field *grown = arena_grow(a, f->all, f->n, cap, sizeof *grown);

	if (grown == NULL)
		return NULL;
	f->all = grown;
	f->all[f->n] = (struct field){ .kind = FIELD_TEXT };
	return &f->all[f->n++];
}

static enum err
too_many(struct error *e)
{
	return error_set(
	    e, ERR_DATA, "more than %d values are given", LIMIT_WEB_FIELDS);
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
	size_t cap = 0;

	*out = (struct fields){ 0 };
	while (text.n > 0) {
		struct span one = span_head(text, span_find(text, '&'));
		struct span name = span_head(one, span_find(one, '='));
		struct field *field;

		text = span_skip(text, one.n + 1);
		if (name.n == 0)
			continue;
		if (out->n == LIMIT_WEB_FIELDS)
			return too_many(e);
		field = add_field(out, &cap, a);
		if (field == NULL)
			break;
		if (!input_unescape(name, true, a, &field->name) ||
		    !input_unescape(
			span_skip(one, name.n + 1), true, a, &field->value))
			return error_set(
			    e, ERR_DATA, "a value is not text in UTF-8");
		field->value = plain_lines(field->value, a);
	}
	return a->failed ? error_set(e, ERR_MEMORY, "reading a form") : ERR_OK;
}

struct span
fields_find(const struct fields *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (span_eq(f->all[i].name, span_str(name)))
			return f->all[i].value;
	return SPAN("");
}

/* "-" and digits. */
static bool
parse_number(struct span s, int64_t least, int64_t most, int64_t *out)
{
	bool negative = span_starts(s, SPAN("-"));
	uint64_t v;

	if (!num_parse(span_skip(s, negative), INT64_MAX, &v))
		return false;
	*out = negative ? -(int64_t)v : (int64_t)v;
	return *out >= least && *out <= most;
}

int64_t
fields_number(const struct fields *f, const char *name, int64_t least,
    int64_t most, int64_t otherwise)
{
	int64_t v;

	return parse_number(fields_find(f, name), least, most, &v) ? v
								   : otherwise;
}

/* ---- JSON ---- */

struct json_reader {
	struct arena *a;
	struct fields *out;
	size_t cap;
	struct error *e;
};

static enum err
add_value(struct json_reader *r, struct span name, enum field_kind kind,
    struct span value)
{
	struct field *field;

	if (r->out->n == LIMIT_WEB_FIELDS)
		return too_many(r->e);
	field = add_field(r->out, &r->cap, r->a);
	if (field == NULL)
		return error_set(r->e, ERR_MEMORY, "reading JSON");
	field->name = name;
	field->kind = (uint8_t)kind;
	field->value = arena_span(r->a, value);
	return ERR_OK;
}

static struct span
text_of(const json_t *v)
{
	return (struct span){ json_string_value(v), json_string_length(v) };
}

static enum err
add_list(struct json_reader *r, struct span name, const json_t *list)
{
	enum err rc = ERR_OK;

	if (json_array_size(list) == 0)
		return add_value(r, name, FIELD_EMPTY_LIST, SPAN(""));
	for (size_t i = 0; rc == ERR_OK && i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);

		if (!json_is_string(one))
			return error_set(r->e, ERR_DATA,
			    "\"%.40s\" is a list of something else than "
			    "strings",
			    name.p);
		rc = add_value(r, name, FIELD_TEXT, text_of(one));
	}
	return rc;
}

static enum err
add_member(struct json_reader *r, struct span name, const json_t *v)
{
	char number[24];

	switch (json_typeof(v)) {
	case JSON_STRING:
		return add_value(r, name, FIELD_TEXT, text_of(v));
	case JSON_INTEGER:
		snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT,
		    json_integer_value(v));
		return add_value(r, name, FIELD_NUMBER, span_str(number));
	case JSON_TRUE:
		return add_value(r, name, FIELD_BOOLEAN, SPAN("true"));
	case JSON_FALSE:
		return add_value(r, name, FIELD_BOOLEAN, SPAN("false"));
	case JSON_NULL:
		return ERR_OK;
	case JSON_ARRAY:
		return add_list(r, name, v);
	case JSON_REAL:
		return error_set(r->e, ERR_DATA,
		    "\"%.40s\" is a number with a fraction", name.p);
	case JSON_OBJECT:
		break;
	}
	return error_set(r->e, ERR_DATA, "\"%.40s\" is an object", name.p);
}

static enum err
add_members(struct json_reader *r, json_t *root)
{
	enum err rc = ERR_OK;

	if (!json_is_object(root))
		return error_set(r->e, ERR_DATA, "the body is no JSON object");
	for (void *at = json_object_iter(root); rc == ERR_OK && at != NULL;
	     at = json_object_iter_next(root, at)) {
		/* Jansson takes no NUL in a name: it would be cut there. */
		struct span name =
		    arena_span(r->a, span_str(json_object_iter_key(at)));
		char *text = arena_str(r->a, name);

		rc = text == NULL ? error_set(r->e, ERR_MEMORY, "reading JSON")
				  : add_member(r, span_str(text),
					json_object_iter_value(at));
	}
	if (rc == ERR_OK && r->a->failed)
		rc = error_set(r->e, ERR_MEMORY, "reading JSON");
	return rc;
}

enum err
input_json(
    struct span text, struct arena *a, struct fields *out, struct error *e)
{
	struct json_reader r = { .a = a, .out = out, .e = e };
	json_error_t fault;
	json_t *root;
	enum err rc;

	*out = (struct fields){ 0 };
	root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &fault);
	if (root == NULL)
		return json_error_code(&fault) == json_error_out_of_memory
			   ? error_set(e, ERR_MEMORY, "reading JSON")
			   : error_set(e, ERR_DATA,
				 "the body is no JSON: %s, at line %d, column "
				 "%d",
				 fault.text, fault.line, fault.column);
	rc = add_members(&r, root);
	json_decref(root);
	return rc;
}

/* ---- asking ---- */

void
input_wrong(struct input *in, const char *fmt, ...)
{
	va_list ap;

	if (in->wrong[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(in->wrong, sizeof in->wrong, fmt, ap);
	va_end(ap);
}

/* Is it as if it were not there? */
static bool
is_nothing(const struct input *in, const struct field *f)
{
	return in->is_form && f->value.n == 0;
}

/* Those of that name are asked for; how many, and the first. */
static size_t
ask(struct input *in, const char *name, const struct field **first)
{
	size_t n = 0;

	*first = NULL;
	for (size_t i = 0; i < in->fields.n; i++) {
		struct field *f = &in->fields.all[i];

		if (!span_eq(f->name, span_str(name)))
			continue;
		f->was_asked = true;
		if (is_nothing(in, f))
			continue;
		if (n++ == 0)
			*first = f;
	}
	return n;
}

/* The only value of that name; NULL where there is none, or it is wrong. */
static const struct field *
ask_one(struct input *in, const char *name, bool required)
{
	const struct field *f;
	size_t n = ask(in, name, &f);

	if (n == 0 && required)
		input_wrong(in, "\"%s\" is missing", name);
	if (n > 1)
		input_wrong(in, "\"%s\" is given several times", name);
	return n == 1 ? f : NULL;
}

bool
input_has(struct input *in, const char *name)
{
	const struct field *f;

	return ask(in, name, &f) > 0;
}

struct span
input_text(struct input *in, const char *name, bool required)
{
	const struct field *f = ask_one(in, name, required);

	if (f == NULL)
		return SPAN("");
	if (f->kind != FIELD_TEXT)
		input_wrong(in, "\"%s\" is no string", name);
	else if (required && f->value.n == 0)
		input_wrong(in, "\"%s\" is empty", name);
	return f->value;
}

/* "none, testing or enforce" */
static void
put_words(struct buf *b, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++)
		buf_printf(b, "%s%s",
		    i == 0		   ? ""
		    : words[i + 1] == NULL ? " or "
					   : ", ",
		    words[i]);
}

int
input_word(
    struct input *in, const char *name, const char *const *words, bool required)
{
	struct span word = input_text(in, name, required);
	char mem[160];
	struct buf b = buf_init(mem, sizeof mem);

	if (word.n == 0)
		return -1;
	for (int i = 0; words[i] != NULL; i++)
		if (span_eq(word, span_str(words[i])))
			return i;
	put_words(&b, words);
	input_wrong(in, "\"%s\" is none of %.*s", name, (int)b.n, b.p);
	return -1;
}

int64_t
input_number(struct input *in, const char *name, int64_t least, int64_t most,
    int64_t otherwise)
{
	const struct field *f = ask_one(in, name, INPUT_OPTIONAL);
	int64_t v;

	if (f == NULL)
		return otherwise;
	if (f->kind == (in->is_form ? FIELD_TEXT : FIELD_NUMBER) &&
	    parse_number(f->value, least, most, &v))
		return v;
	input_wrong(in, "\"%s\" is no whole number from %jd to %jd", name,
	    (intmax_t)least, (intmax_t)most);
	return otherwise;
}

bool
input_flag(struct input *in, const char *name, bool otherwise)
{
	const struct field *f = ask_one(in, name, INPUT_OPTIONAL);

	if (f == NULL)
		return otherwise;
	if (f->kind == FIELD_BOOLEAN || in->is_form) {
		if (span_eq(f->value, SPAN("true")) ||
		    (in->is_form && span_eq(f->value, SPAN("on"))))
			return true;
		if (span_eq(f->value, SPAN("false")))
			return false;
	}
	input_wrong(in, "\"%s\" is neither true nor false", name);
	return otherwise;
}

/* The lines of a form's field, trimmed; empty ones are none. */
static size_t
split_lines(struct span text, struct span *out, size_t max)
{
	size_t n = 0;

	while (text.n > 0) {
		struct span line = span_head(text, span_find(text, '\n'));

		text = span_skip(text, line.n + 1);
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		line = ascii_trim(line);
		if (line.n == 0)
			continue;
		if (n < max)
			out[n] = line;
		n++;
	}
	return n;
}

static size_t
collect(struct input *in, const char *name, struct span *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < in->fields.n; i++) {
		const struct field *f = &in->fields.all[i];

		if (!span_eq(f->name, span_str(name)) || is_nothing(in, f) ||
		    f->kind == FIELD_EMPTY_LIST)
			continue;
		if (f->kind != FIELD_TEXT)
			input_wrong(in, "\"%s\" is no list of strings", name);
		if (n < max)
			out[n] = f->value;
		n++;
	}
	return n;
}

struct span *
input_list(
    struct input *in, const char *name, size_t max, bool required, size_t *n)
{
	const struct field *first;
	size_t said = ask(in, name, &first);
	struct span *out = arena_array(in->a, max, sizeof *out);

	*n = 0;
	if (out == NULL) {
		input_wrong(in, "\"%s\" takes too much memory", name);
		return NULL;
	}
	*n = said == 1 && in->is_form ? split_lines(first->value, out, max)
				      : collect(in, name, out, max);
	if (*n == 0 && required)
		input_wrong(in, "\"%s\" is missing", name);
	if (*n > max) {
		input_wrong(in, "\"%s\" has more than %zu values", name, max);
		*n = max;
	}
	return out;
}

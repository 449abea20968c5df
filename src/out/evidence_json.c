#include "out/evidence_json.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/rfc3339.h"
#include "base/utf8.h"
#include "out/layout.h"

static const char evidence_schema[] = "mtasts.evidence/1";
static const char host_schema[] = "mtasts.host/1";

static json_t *
hex_of(struct span s)
{
	static const char digits[] = "0123456789abcdef";
	struct json_writer w = { false };
	json_t *object = json_object();
	char *p = malloc(s.n * 2 + 1);

	if (p == NULL || object == NULL) {
		free(p);
		json_decref(object);
		return NULL;
	}
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		p[i * 2] = digits[c >> 4];
		p[i * 2 + 1] = digits[c & 15];
	}
	json_put(&w, object, "hex", json_stringn(p, s.n * 2));
	free(p);
	return object;
}

static json_t *
write_span(struct span s)
{
	if (utf8_is_valid(s) && span_find(s, '\0') == s.n)
		return json_stringn(s.p, s.n);
	return hex_of(s);
}

static json_t *
write_struct(struct json_writer *w, const struct layout *l, const char *p);

static json_t *
write_array(
    struct json_writer *w, const struct member *m, const char *p, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *v = NULL;

		if (m->kind == KIND_SPANS)
			v = write_span(GET(struct span *, p)[i]);
		else if (m->kind == KIND_ADDRESSES)
			v = json_word(ip_format(GET(struct ip_addr *, p)[i]).s);
		else
			v = write_struct(
			    w, m->layout, GET(char *, p) + i * m->layout->size);
		json_add(w, array, v);
	}
	return array;
}

/* The member's value, or NULL if it is zero or empty. */
static json_t *
write_member(struct json_writer *w, const struct member *m, const char *base)
{
	const char *p = base + m->at;
	size_t n = GET(size_t, base + m->count_at);
	json_int_t v = 0;
	json_t *inner;

	switch (m->kind) {
	case KIND_BOOL:
		return GET(bool, p) ? json_true() : NULL;
	case KIND_U8:
		v = GET(uint8_t, p);
		break;
	case KIND_U16:
		v = GET(uint16_t, p);
		break;
	case KIND_U32:
		v = GET(uint32_t, p);
		break;
	case KIND_U64:
		v = (json_int_t)GET(uint64_t, p);
		break;
	case KIND_I32:
		v = GET(int32_t, p);
		break;
	case KIND_I64:
		v = GET(int64_t, p);
		break;
	case KIND_ENUM:
		v = GET(uint8_t, p);
		return v != 0 ? json_word(m->names[v]) : NULL;
	case KIND_TIME:
		v = GET(struct wall_time, p).s;
		return v != 0 ? json_time(GET(struct wall_time, p)) : NULL;
	case KIND_SPAN:
		return GET(struct span, p).n > 0
			   ? write_span(GET(struct span, p))
			   : NULL;
	case KIND_ADDRESS:
		return GET(struct ip_addr, p).family != IP_NONE
			   ? json_word(ip_format(GET(struct ip_addr, p)).s)
			   : NULL;
	case KIND_STRUCT:
		inner = write_struct(w, m->layout, p);
		if (json_object_size(inner) > 0)
			return inner;
		json_decref(inner);
		return NULL;
	case KIND_SPANS:
	case KIND_ADDRESSES:
	case KIND_STRUCTS:
		return n > 0 ? write_array(w, m, p, n) : NULL;
	}
	return v != 0 ? json_integer(v) : NULL;
}

static void
write_members(struct json_writer *w, json_t *object, const struct layout *l,
    const char *p)
{
	for (const struct member *m = l->members; m->name != NULL; m++) {
		json_t *v = write_member(w, m, p);

		if (v != NULL)
			json_put(w, object, m->name, v);
	}
}

static json_t *
write_struct(struct json_writer *w, const struct layout *l, const char *p)
{
	json_t *object = json_object();

	write_members(w, object, l, p);
	return object;
}

static json_t *
write_document(struct json_writer *w, const char *schema,
    const struct layout *l, const void *p)
{
	json_t *object = json_object();

	json_put(w, object, "schema", json_word(schema));
	write_members(w, object, l, p);
	return object;
}

json_t *
evidence_to_json(struct json_writer *w, const struct evidence *ev)
{
	return write_document(w, evidence_schema, &evidence_layout, ev);
}

json_t *
host_seen_to_json(struct json_writer *w, const struct host_seen *host)
{
	return write_document(w, host_schema, &host_seen_layout, host);
}

/* Where the reader stands, for its one error message. */
struct reading {
	struct arena *a;
	struct error *e;
	const char *at; /* the member being read */
};

static enum err
malformed(struct reading *r, const char *what)
{
	if (r->a->failed)
		return error_plain(r->e, ERR_MEMORY);
	return error_set(r->e, ERR_DATA, "\"%s\" is not %s", r->at, what);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum err
read_hex(struct reading *r, const json_t *v, struct span *out)
{
	const char *hex = json_string_value(v);
	size_t n = json_string_length(v) / 2;
	char *p = arena_alloc(r->a, n);

	if (hex == NULL || p == NULL || json_string_length(v) % 2 != 0)
		return malformed(r, "bytes in hexadecimal");
	for (size_t i = 0; i < n; i++) {
		int hi = hex_digit(hex[i * 2]), lo = hex_digit(hex[i * 2 + 1]);

		if (hi < 0 || lo < 0)
			return malformed(r, "bytes in hexadecimal");
		p[i] = (char)(hi << 4 | lo);
	}
	*out = (struct span){ p, n };
	return ERR_OK;
}

static enum err
read_span(struct reading *r, const json_t *v, struct span *out)
{
	if (json_is_object(v))
		return read_hex(r, json_object_get(v, "hex"), out);
	if (!json_is_string(v))
		return malformed(r, "a string");
	*out = arena_span(
	    r->a, (struct span){ json_string_value(v), json_string_length(v) });
	return r->a->failed ? malformed(r, "") : ERR_OK;
}

static enum err
read_address(struct reading *r, const json_t *v, struct ip_addr *out)
{
	if (!json_is_string(v) ||
	    !ip_parse(span_str(json_string_value(v)), out))
		return malformed(r, "an IP address");
	return ERR_OK;
}

static enum err
read_enum(
    struct reading *r, const struct member *m, const json_t *v, uint8_t *out)
{
	const char *s = json_string_value(v);

	for (uint8_t i = 0; s != NULL && m->names[i] != NULL; i++)
		if (strcmp(m->names[i], s) == 0) {
			*out = i;
			return ERR_OK;
		}
	return malformed(r, "a word of its list");
}

static enum err
read_struct(
    struct reading *r, const struct layout *l, const json_t *v, char *p);

static enum err
read_array(
    struct reading *r, const struct member *m, const json_t *v, char *base)
{
	size_t n = json_array_size(v), size = member_element_size(m);
	char *items = arena_array(r->a, n, size);
	enum err e = ERR_OK;

	if (!json_is_array(v) || items == NULL)
		return malformed(r, "a list");
	for (size_t i = 0; i < n && e == ERR_OK; i++) {
		const json_t *one = json_array_get(v, i);
		char *p = items + i * size;

		r->at = m->name;
		if (m->kind == KIND_SPANS)
			e = read_span(r, one, (struct span *)(void *)p);
		else if (m->kind == KIND_ADDRESSES)
			e = read_address(r, one, (struct ip_addr *)(void *)p);
		else
			e = read_struct(r, m->layout, one, p);
	}
	SET(char *, base + m->at, items);
	SET(size_t, base + m->count_at, n);
	return e;
}

static enum err
read_time(struct reading *r, const json_t *v, struct wall_time *out)
{
	if (!json_is_string(v) ||
	    !rfc3339_parse(span_str(json_string_value(v)), out))
		return malformed(r, "a time (RFC 3339)");
	return ERR_OK;
}

/* What fits into a member of each kind of number. */
static const struct {
	json_int_t min, max;
	size_t size;
} ranges[] = {
	[KIND_U8] = { 0, UINT8_MAX, 1 },
	[KIND_U16] = { 0, UINT16_MAX, 2 },
	[KIND_U32] = { 0, UINT32_MAX, 4 },
	[KIND_U64] = { 0, INT64_MAX, 8 },
	[KIND_I32] = { INT32_MIN, INT32_MAX, 4 },
	[KIND_I64] = { INT64_MIN, INT64_MAX, 8 },
};

static enum err
read_number(struct reading *r, enum kind kind, const json_t *v, char *p)
{
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v) || n < ranges[kind].min || n > ranges[kind].max)
		return malformed(r, "a number in its range");
	switch (ranges[kind].size) {
	case 1:
		SET(uint8_t, p, (uint8_t)n);
		break;
	case 2:
		SET(uint16_t, p, (uint16_t)n);
		break;
	case 4: /* two's complement: the bits of an int32_t are the same */
		SET(uint32_t, p, (uint32_t)n);
		break;
	default:
		SET(int64_t, p, n);
		break;
	}
	return ERR_OK;
}

static enum err
read_member(
    struct reading *r, const struct member *m, const json_t *v, char *base)
{
	char *p = base + m->at;

	r->at = m->name;
	switch (m->kind) {
	case KIND_BOOL:
		if (!json_is_boolean(v))
			return malformed(r, "true or false");
		SET(bool, p, json_is_true(v));
		return ERR_OK;
	case KIND_U8:
	case KIND_U16:
	case KIND_U32:
	case KIND_U64:
	case KIND_I32:
	case KIND_I64:
		return read_number(r, m->kind, v, p);
	case KIND_ENUM:
		return read_enum(r, m, v, (uint8_t *)p);
	case KIND_TIME:
		return read_time(r, v, (struct wall_time *)(void *)p);
	case KIND_SPAN:
		return read_span(r, v, (struct span *)(void *)p);
	case KIND_ADDRESS:
		return read_address(r, v, (struct ip_addr *)(void *)p);
	case KIND_STRUCT:
		return read_struct(r, m->layout, v, p);
	case KIND_SPANS:
	case KIND_ADDRESSES:
	case KIND_STRUCTS:
		break;
	}
	return read_array(r, m, v, base);
}

/* Spans are never NULL: an empty one where nothing is read. */
static void
init_spans(const struct layout *l, char *p)
{
	for (const struct member *m = l->members; m->name != NULL; m++)
		if (m->kind == KIND_SPAN)
			SET(struct span, p + m->at, SPAN(""));
		else if (m->kind == KIND_STRUCT)
			init_spans(m->layout, p + m->at);
}

static enum err
read_struct(struct reading *r, const struct layout *l, const json_t *v, char *p)
{
	enum err e = ERR_OK;

	if (!json_is_object(v))
		return malformed(r, "an object");
	init_spans(l, p);
	for (const struct member *m = l->members;
	     m->name != NULL && e == ERR_OK; m++) {
		const json_t *inner = json_object_get(v, m->name);

		if (inner != NULL)
			e = read_member(r, m, inner, p);
	}
	return e;
}

static enum err
read_document(const json_t *json, const char *what, const char *schema,
    const struct layout *l, struct arena *a, void *out, struct error *e)
{
	struct reading r = { a, e, what };
	const char *s = json_string_value(json_object_get(json, "schema"));

	if (s == NULL || strcmp(s, schema) != 0)
		return error_set(e, ERR_DATA,
		    "this is not %s: its schema is not \"%s\"", what, schema);
	return read_struct(&r, l, json, out);
}

enum err
evidence_from_json(
    const json_t *json, struct arena *a, struct evidence *out, struct error *e)
{
	const json_t *inner = json_object_get(json, "evidence");

	*out = (struct evidence){ 0 };
	return read_document(inner != NULL ? inner : json, "saved evidence",
	    evidence_schema, &evidence_layout, a, out, e);
}

enum err
host_seen_from_json(
    const json_t *json, struct arena *a, struct host_seen *out, struct error *e)
{
	*out = (struct host_seen){ 0 };
	return read_document(json, "a saved mail host", host_schema,
	    &host_seen_layout, a, out, e);
}

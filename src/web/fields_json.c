#include "web/fields.h"

#include <jansson.h>
#include <stdio.h>

struct json_reader {
	struct arena *a;
	struct fields *out;
	struct error *e;
};

static enum err
add_value(struct json_reader *r, struct span name, enum field_kind kind,
    struct span value)
{
	struct field field = {
		.name = name,
		.value = arena_span(r->a, value),
		.kind = (uint8_t)kind,
	};

	return fields_add(r->out, &field, r->a, r->e);
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
fields_json(
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

/* What web/openapi.json says of the API, held against the routes; and against
 * itself. */
#include <jansson.h>
#include <string.h>

#include "base/test_table.h"
#include "web/assets.h"
#include "web/route.h"

enum { OPERATIONS_MAX = 200 };

struct row {
	enum http_method method;
	const char *path;
	enum route_kind kind;
	enum scope scope;
	const char *handler;
};

static const struct row rows[] = {
#undef ROUTE
#define ROUTE(method, path, kind, scope, handle)                               \
	{ HTTP_##method, path, ROUTE_##kind, SCOPE_##scope, #handle },
#include "web/routes.def"
#undef ROUTE
};

/* Which of the open ones are for programs. */
static const char *const open_paths[] = { "/healthz", "/metrics", "/status/{}",
	"/badge/{}", "/api/openapi.json" };

static const char *const method_names[] = {
	[HTTP_GET] = "get",
	[HTTP_HEAD] = "head",
	[HTTP_POST] = "post",
	[HTTP_PUT] = "put",
	[HTTP_DELETE] = "delete",
};

/* An operation as the file has it. */
struct operation {
	const char *path, *method;
	json_t *around; /* the path's members */
	json_t *json;
	const char *id;
};

struct file {
	json_t *root;
	struct operation all[OPERATIONS_MAX];
	size_t n;
};

static const char *
text_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s != NULL ? s : "";
}

static bool
is_method(const char *key)
{
	for (size_t i = 0; i < ROWS(method_names); i++)
		if (strcmp(key, method_names[i]) == 0)
			return true;
	return false;
}

static int
open_file(void **state)
{
	const struct asset *asset = asset_find(SPAN("openapi.json"));
	static struct file file;
	json_error_t why;
	const char *path, *key;
	json_t *item, *o;

	assert_non_null(asset);
	file.root = json_loadb(
	    asset->plain.p, asset->plain.n, JSON_REJECT_DUPLICATES, &why);
	if (file.root == NULL)
		fail_msg("%d:%d: %s", why.line, why.column, why.text);
	json_object_foreach(json_object_get(file.root, "paths"), path, item)
	    json_object_foreach(item, key, o)
	{
		if (!is_method(key))
			continue;
		assert_true(file.n < OPERATIONS_MAX);
		file.all[file.n++] = (struct operation){ path, key, item, o,
			text_of(o, "operationId") };
	}
	*state = &file;
	return 0;
}

static int
close_file(void **state)
{
	struct file *file = *state;

	json_decref(file->root);
	return 0;
}

/* ---- the routes ---- */

/* "{name}" of the file is "{}" of the route. */
static bool
is_path(const char *described, const char *path)
{
	while (*described != '\0' && *described == *path) {
		if (*described == '{')
			described = strchr(described, '}') - 1;
		described++;
		path++;
	}
	return *described == *path;
}

static const struct row *
row_of(const struct operation *o)
{
	for (size_t i = 0; i < ROWS(rows); i++)
		if (is_path(o->path, rows[i].path) &&
		    strcmp(o->method, method_names[rows[i].method]) == 0)
			return &rows[i];
	return NULL;
}

static bool
is_for_programs(const struct row *r)
{
	if (r->kind == ROUTE_API)
		return true;
	for (size_t i = 0; i < ROWS(open_paths); i++)
		if (strcmp(r->path, open_paths[i]) == 0)
			return true;
	return false;
}

static void
test_what_there_is_is_described(void **state)
{
	const struct file *file = *state;
	struct tally t = { 0 };

	for (size_t i = 0; i < ROWS(rows); i++) {
		size_t n = 0;

		for (size_t k = 0; k < file->n; k++)
			n += row_of(&file->all[k]) == &rows[i];
		t.label = rows[i].handler;
		want_size(
		    &t, "how often", n, is_for_programs(&rows[i]) ? 1 : 0);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_what_is_described_is_there(void **state)
{
	const struct file *file = *state;
	struct tally t = { 0 };

	for (size_t i = 0; i < file->n; i++) {
		const struct operation *o = &file->all[i];
		const struct row *r = row_of(o);

		t.label = o->path;
		want_bool(&t, o->method, r != NULL, true);
		if (r == NULL)
			continue;
		want_span(
		    &t, "operationId", span_str(o->id), span_str(r->handler));
		want_span(&t, "x-scope", span_str(text_of(o->json, "x-scope")),
		    span_str(
			r->kind == ROUTE_API ? scope_names[r->scope] : ""));
	}
	assert_int_equal(t.failed, 0);
}

static void
test_ids_are_unique(void **state)
{
	const struct file *file = *state;

	for (size_t i = 0; i < file->n; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(
			    file->all[i].id, file->all[k].id);
}

/* ---- references ---- */

/* What "#/a/b" leads to; NULL: nothing. No name has a "~" or a "/" but paths,
 * which nothing refers to. */
static json_t *
follow(const struct file *file, const char *reference)
{
	struct span left = span_str(reference);
	json_t *at = file->root;

	if (!span_eq(span_head(left, 2), SPAN("#/")))
		return NULL;
	for (left = span_skip(left, 2); left.n > 0 && at != NULL;) {
		struct span part = span_head(left, span_find(left, '/'));

		left = span_skip(left, part.n + 1);
		at = json_object_getn(at, part.p, part.n);
	}
	return at;
}

/* The same, behind its reference if it is one. */
static json_t *
resolve(const struct file *file, json_t *o)
{
	const char *reference = text_of(o, "$ref");

	return *reference != '\0' ? follow(file, reference) : o;
}

/* found has a member for each reference. */
static void
collect(const struct file *file, json_t *o, json_t *found, struct tally *t)
{
	const char *reference = text_of(o, "$ref"), *key;
	json_t *member;
	size_t i;

	if (*reference != '\0') {
		t->label = reference;
		want_bool(t, "leads somewhere", follow(file, reference) != NULL,
		    true);
		assert_int_equal(
		    json_object_set_new(found, reference, json_true()), 0);
	}
	json_object_foreach(o, key, member) collect(file, member, found, t);
	json_array_foreach(o, i, member) collect(file, member, found, t);
}

static void
test_references_lead_somewhere(void **state)
{
	const struct file *file = *state;
	json_t *found = json_object(), *components, *parts, *part;
	const char *kind, *name;
	struct tally t = { 0 };

	collect(file, file->root, found, &t);
	components = json_object_get(file->root, "components");
	assert_true(json_object_size(components) > 0);
	json_object_foreach(components, kind, parts)
	{
		if (strcmp(kind, "securitySchemes") == 0)
			continue;
		json_object_foreach(parts, name, part)
		{
			char reference[256];

			snprintf(reference, sizeof reference,
			    "#/components/%s/%s", kind, name);
			t.label = reference;
			want_bool(&t, "is used",
			    json_object_get(found, reference) != NULL, true);
		}
	}
	json_decref(found);
	assert_int_equal(t.failed, 0);
}

/* ---- parameters ---- */

static size_t
count_parameters(const struct file *file, json_t *list, struct span name)
{
	size_t i, n = 0;
	json_t *p;

	json_array_foreach(list, i, p)
	{
		p = resolve(file, p);
		if (strcmp(text_of(p, "in"), "path") == 0 &&
		    (name.n == 0 ||
			span_eq(span_str(text_of(p, "name")), name)) &&
		    json_is_true(json_object_get(p, "required")))
			n++;
	}
	return n;
}

static void
want_parameters(
    struct tally *t, const struct file *file, const struct operation *o)
{
	json_t *mine = json_object_get(o->json, "parameters");
	json_t *shared = json_object_get(o->around, "parameters");
	const char *p = o->path;
	size_t n = 0;

	while ((p = strchr(p, '{')) != NULL) {
		struct span name = { p + 1, strcspn(p + 1, "}") };

		want_size(t, "parameter of the path",
		    count_parameters(file, mine, name) +
			count_parameters(file, shared, name),
		    1);
		n++;
		p += name.n;
	}
	want_size(t, "parameters of the path",
	    count_parameters(file, mine, SPAN("")) +
		count_parameters(file, shared, SPAN("")),
	    n);
}

/* ---- an operation ---- */

static bool
is_problem(const struct file *file, json_t *response)
{
	json_t *content = json_object_get(resolve(file, response), "content");

	return json_object_size(content) == 1 &&
	       json_object_get(content, "application/problem+json") != NULL;
}

/* 200 has a schema, and whatever else may come is a problem. */
static void
want_responses(
    struct tally *t, const struct file *file, const struct operation *o)
{
	const bool api = strncmp(o->id, "api_", 4) == 0;
	const bool writes = strcmp(o->method, "get") != 0;
	const struct {
		const char *code;
		bool needed;
	} problems[] = {
		{ "400", writes },
		{ "401", api },
		{ "403", api },
		{ "404", strchr(o->path, '{') != NULL },
		{ "default", true },
	};
	json_t *all = json_object_get(o->json, "responses"), *media;
	json_t *content =
	    json_object_get(json_object_get(all, "200"), "content");
	const char *key;

	want_size(t, "kinds of an answer", json_object_size(content), 1);
	json_object_foreach(content, key, media)
	    want_bool(t, "a schema of the answer",
		json_is_object(json_object_get(media, "schema")), true);
	for (size_t i = 0; i < ROWS(problems); i++)
		if (problems[i].needed)
			want_bool(t, problems[i].code,
			    is_problem(
				file, json_object_get(all, problems[i].code)),
			    true);
}

static bool
is_written(json_t *value, const char *want)
{
	char *got = value != NULL ? json_dumps(value, JSON_COMPACT) : NULL;
	bool same = got != NULL && strcmp(got, want) == 0;

	free(got);
	return same;
}

/* A program says JSON, a page a form, and both the same; and nothing else. */
static void
want_body(struct tally *t, const struct file *file, const struct operation *o)
{
	json_t *body = json_object_get(o->json, "requestBody");
	json_t *content = json_object_get(body, "content");
	json_t *json = json_object_get(
		   json_object_get(content, "application/json"), "schema"),
	       *form = json_object_get(json_object_get(content,
					   "application/x-www-form-urlencoded"),
		   "schema");

	if (body == NULL)
		return;
	want_bool(t, "as JSON and as a form",
	    json_object_size(content) == 2 && json_equal(json, form), true);
	json = resolve(file, json);
	want_bool(t, "a body of known members alone",
	    json_is_false(json_object_get(json, "additionalProperties")), true);
	want_bool(t, "required, as its members are",
	    json_is_true(json_object_get(body, "required")),
	    json_array_size(json_object_get(json, "required")) > 0);
}

static void
want_security(
    struct tally *t, const struct file *file, const struct operation *o)
{
	json_t *mine = json_object_get(o->json, "security");
	const char *want = "[{\"session\":[]},{\"token\":[]}]";

	if (mine == NULL)
		mine = json_object_get(file->root, "security");
	if (strcmp(o->path, "/metrics") == 0)
		want = "[{},{\"token\":[]}]";
	else if (strncmp(o->id, "api_", 4) != 0)
		want = "[]";
	else if (strcmp(o->method, "get") != 0)
		want = "[{\"session\":[],\"csrf\":[]},{\"token\":[]}]";
	want_bool(t, "security", is_written(mine, want), true);
}

static void
test_operations_are_whole(void **state)
{
	const struct file *file = *state;
	struct tally t = { 0 };

	assert_true(file->n > 0);
	for (size_t i = 0; i < file->n; i++) {
		const struct operation *o = &file->all[i];

		t.label = o->id;
		want_bool(&t, "a summary", *text_of(o->json, "summary") != '\0',
		    true);
		want_parameters(&t, file, o);
		want_responses(&t, file, o);
		want_body(&t, file, o);
		want_security(&t, file, o);
	}
	assert_int_equal(t.failed, 0);
}

/* ---- words ---- */

static const char *const slugs[] = {
#define PROBLEM(symbol, status, slug, title) "urn:mtasts:problem:" slug,
#include "web/problems.def"
#undef PROBLEM
};

static void
test_problems_are_those_that_there_are(void **state)
{
	const struct file *file = *state;
	json_t *words = json_object_get(
	    follow(file, "#/components/schemas/problem/properties/type"),
	    "enum");

	assert_int_equal(json_array_size(words), ROWS(slugs));
	for (size_t i = 0; i < ROWS(slugs); i++)
		assert_string_equal(
		    json_string_value(json_array_get(words, i)), slugs[i]);
}

static const char *const said[] = {
#define SAID(word, sentence) word,
#include "web/said.def"
#undef SAID
};

/* Each {"done": {"const": WORD}}. */
static size_t
want_words_of_said(struct tally *t, const json_t *o)
{
	const char *word = text_of(json_object_get(o, "done"), "const"), *key;
	json_t *member;
	bool known = false;
	size_t i, n = *word != '\0';

	t->label = word;
	for (i = 0; i < ROWS(said); i++)
		known |= strcmp(word, said[i]) == 0;
	if (n > 0)
		want_bool(t, "is said", known, true);
	json_object_foreach((json_t *)o, key, member) n +=
	    want_words_of_said(t, member);
	json_array_foreach(o, i, member) n += want_words_of_said(t, member);
	return n;
}

static void
test_what_is_done_is_said(void **state)
{
	const struct file *file = *state;
	struct tally t = { 0 };

	assert_true(want_words_of_said(&t, file->root) > 0);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_there_is_is_described),
		cmocka_unit_test(test_what_is_described_is_there),
		cmocka_unit_test(test_ids_are_unique),
		cmocka_unit_test(test_references_lead_somewhere),
		cmocka_unit_test(test_operations_are_whole),
		cmocka_unit_test(test_problems_are_those_that_there_are),
		cmocka_unit_test(test_what_is_done_is_said),
	};

	return cmocka_run_group_tests(tests, open_file, close_file);
}

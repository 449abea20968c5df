#include "io/acme_saved.h"

#include <stddef.h>

#include "base/limits.h"
#include "io/acme_json.h"
#include "io/acme_problem.h"

/* ---- the members that are text, and that are numbers ---- */

/* clang-format off */
static const struct {
	const char	*member;
	size_t		 at;
} texts[] = {
	{ "replaces",	offsetof(struct acme_order, replaces) },
	{ "replaces_at", offsetof(struct acme_order, replaces_at) },
	{ "directory",	offsetof(struct acme_order, directory) },
	{ "order",	offsetof(struct acme_order, url) },
	{ "finalize",	offsetof(struct acme_order, finalize) },
	{ "certificate", offsetof(struct acme_order, certificate) },
	{ "chain",	offsetof(struct acme_order, chain) },
	{ "why",	offsetof(struct acme_order, why) },
	{ "problem",	offsetof(struct acme_order, problem.text) },
};
/* clang-format on */

enum { TEXTS = sizeof texts / sizeof texts[0] };

static struct span *
text_at(struct acme_order *o, size_t i)
{
	return (struct span *)((char *)o + texts[i].at);
}

/* ---- writing ---- */

static void
put(bool *good, json_t *object, const char *member, json_t *value)
{
	if (json_object_set_new(object, member, value) != 0)
		*good = false;
}

static void
add(bool *good, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		*good = false;
}

static json_t *
times(bool *good, const struct wall_time *t, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		add(good, list, json_integer(t[i].s));
	return list;
}

static json_t *
names_of(bool *good, const struct acme_order *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->n_names; i++) {
		json_t *one = json_object();

		put(good, one, "name", acme_json_string(o->names[i].name));
		put(good, one, "failed",
		    times(good, o->names[i].tries.at, ACME_TRIES_MAX));
		add(good, list, one);
	}
	return list;
}

static json_t *
plan_of(bool *good, const struct acme_plan *p)
{
	json_t *plan = json_object(), *cas = json_array();

	put(good, plan, "state", json_string(acme_state_names[p->state]));
	put(good, plan, "ca", json_integer(p->ca));
	put(good, plan, "polls", json_integer(p->polls));
	put(good, plan, "stumbles", json_integer(p->stumbles));
	put(good, plan, "opened", json_integer(p->opened.s));
	put(good, plan, "next", json_integer(p->next.s));
	for (size_t i = 0; i < ACME_CAS_MAX; i++)
		add(good, cas,
		    json_pack("[I, i]", (json_int_t)p->cas[i].not_before.s,
			p->cas[i].failures));
	put(good, plan, "cas", cas);
	return plan;
}

enum err
acme_saved_write(const struct acme_order *o, struct arena *a, struct span *out)
{
	struct acme_order copy = *o;
	json_t *d = json_object(), *list = json_array();
	bool good = true;

	put(&good, d, "plan", plan_of(&good, &o->plan));
	put(&good, d, "names", names_of(&good, o));
	for (size_t i = 0; i < TEXTS; i++)
		put(&good, d, texts[i].member,
		    acme_json_string(*text_at(&copy, i)));
	put(&good, d, "failure", json_string(acme_failure_names[o->failure]));
	for (size_t i = 0; i < o->n_authorizations; i++)
		add(&good, list, acme_json_string(o->authorizations[i]));
	put(&good, d, "authorizations", list);
	if (!good) {
		json_decref(d);
		d = NULL;
	}
	*out = acme_json_dump(d, a);
	return a->failed ? ERR_MEMORY : ERR_OK;
}

/* ---- reading ---- */

static int64_t
number(const json_t *object, const char *member, int64_t max, bool *good)
{
	const json_t *v = json_object_get(object, member);
	int64_t n = json_integer_value(v);

	*good = *good && json_is_integer(v) && n >= 0 && n <= max;
	return n;
}

static unsigned
word(const json_t *object, const char *member, const char *const *names,
    bool *good)
{
	const char *s = json_string_value(json_object_get(object, member));

	for (unsigned i = 0; s != NULL && names[i] != NULL; i++)
		if (strcmp(s, names[i]) == 0)
			return i;
	*good = false;
	return 0;
}

static bool
read_plan(const json_t *d, struct acme_plan *p)
{
	const json_t *cas = json_object_get(d, "cas");
	bool good = json_array_size(cas) == ACME_CAS_MAX;

	p->state = (enum acme_state)word(d, "state", acme_state_names, &good);
	p->ca = (uint8_t)number(d, "ca", ACME_CAS_MAX - 1, &good);
	p->polls = (uint8_t)number(d, "polls", UINT8_MAX, &good);
	p->stumbles = (uint8_t)number(d, "stumbles", UINT8_MAX, &good);
	p->opened.s = number(d, "opened", INT64_MAX, &good);
	p->next.s = number(d, "next", INT64_MAX, &good);
	for (size_t i = 0; good && i < ACME_CAS_MAX; i++) {
		const json_t *one = json_array_get(cas, i);

		p->cas[i].not_before.s =
		    json_integer_value(json_array_get(one, 0));
		p->cas[i].failures =
		    (uint8_t)json_integer_value(json_array_get(one, 1));
	}
	return good;
}

static bool
read_names(const json_t *list, struct arena *a, struct acme_order *o)
{
	size_t n = json_array_size(list);

	if (n == 0 || n > LIMIT_ACME_NAMES)
		return false;
	o->names = arena_array(a, n, sizeof *o->names);
	for (size_t i = 0; i < n && o->names != NULL; i++) {
		const json_t *one = json_array_get(list, i);
		const json_t *failed = json_object_get(one, "failed");

		o->names[i].name = acme_json_text(one, "name", a);
		for (size_t k = 0; k < ACME_TRIES_MAX; k++)
			o->names[i].tries.at[k].s =
			    json_integer_value(json_array_get(failed, k));
		o->n_names = i + 1;
	}
	return true;
}

static bool
read_authorizations(const json_t *list, struct arena *a, struct acme_order *o)
{
	size_t n = json_array_size(list);

	if (!json_is_array(list) || n > LIMIT_ACME_NAMES)
		return false;
	o->authorizations = arena_array(a, n, sizeof *o->authorizations);
	for (size_t i = 0; i < n && o->authorizations != NULL; i++) {
		const json_t *v = json_array_get(list, i);

		o->authorizations[i] = arena_span(
		    a, (struct span){
			   json_is_string(v) ? json_string_value(v) : "",
			   json_string_length(v) });
		o->n_authorizations = i + 1;
	}
	return true;
}

/* What the document of a problem says is in the document. */
static void
read_problem(struct arena *a, struct acme_problem *p)
{
	json_t *d = acme_json_read(p->text);
	struct span text = p->text;

	acme_problem_read(d, a, p);
	p->text = text;
	json_decref(d);
}

enum err
acme_saved_read(struct span text, struct span key, struct arena *a,
    struct acme_order *o, struct error *e)
{
	json_t *d = acme_json_read(text);
	bool good = true;

	*o = (struct acme_order){ .key = arena_span(a, key) };
	for (size_t i = 0; i < TEXTS; i++)
		*text_at(o, i) = acme_json_text(d, texts[i].member, a);
	read_problem(a, &o->problem);
	o->failure =
	    (enum acme_failure)word(d, "failure", acme_failure_names, &good);
	good = good && read_plan(json_object_get(d, "plan"), &o->plan) &&
	       read_names(json_object_get(d, "names"), a, o) &&
	       read_authorizations(json_object_get(d, "authorizations"), a, o);
	json_decref(d);
	if (a->failed)
		return error_plain(e, ERR_MEMORY);
	return good ? ERR_OK
		    : error_set(e, ERR_DATA, "a saved order is damaged");
}

#include "web/test_call.h"

#include "store/audit.h"
#include "store/domains.h"
#include "store/publications.h"

static void
set_zone(struct fixture *f)
{
	assert_err(
	    f, service_zone_set(f->s, SPAN("sts.example.org"), &f->e), ERR_OK);
}

/* Of the audit log, of that word; "": of all. */
static void
want_rows_of(struct tally *t, struct fixture *f, const char *what, size_t want)
{
	struct audit_entry *all;
	size_t n, got = 0;

	assert_err(
	    f, audit_list(f->s, 0, 1000, &f->a, &all, &n, &f->e), ERR_OK);
	for (size_t i = 0; i < n; i++)
		got += what[0] == '\0' || span_eq(all[i].what, span_str(what));
	t->label = what;
	want_size(t, "entries of the audit log", got, want);
}

static void
test_no_zone(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "no zone" };
	struct test_call tc;

	fixture_domain(f, "a.example");
	test_call_init(&tc, f);
	want_int(&t, "result",
	    test_call_handler(&tc, api_publication_ask,
		"/api/v1/domains/a.example/publication", "{}"),
	    ERR_OK);
	want_int(&t, "status", tc.status, 409);
	want_said(&t, &tc, "No service zone is known");
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

static void
test_words(void **state)
{
	static const struct {
		const char *label;
		enum err (*handle)(struct web_call *c, struct error *e);
		const char *target, *body;
		int want;
		const char *text;
	} rows[] = {
	/* clang-format off */
#define P "/api/v1/domains/a.example/publication"
#define M "/api/v1/domains/a.example/move"
		{ "nothing yet", api_publication, P, NULL, 404, "not-found" },
		{ "keep nothing", api_publication_keep, P "/keep", "{}", 404,
		    "No policy is published" },
		{ "remove nothing", api_publication_remove, P "/remove", "{}",
		    404, "No policy is published" },
		{ "approve nothing", api_publication_approve, P "/approve",
		    "{\"hosts\":[\"mx.example\"]}", 404,
		    "No policy is published" },
		{ "replace nothing", api_publication_replace, P "/replace",
		    "{}", 404, "No policy is published" },
		{ "no move of nothing", api_move_cancel, M, NULL, 404,
		    "No move is under way" },
		{ "a stranger", api_publication_ask,
		    "/api/v1/domains/b.example/publication", "{}", 404,
		    "not-found" },
		{ "mode none", api_publication_ask, P, "{\"mode\":\"none\"}",
		    400, "testing or enforce" },
		{ "too short", api_publication_ask, P, "{\"max_age\":\"1h\"}",
		    400, "max_age" },
		{ "too long", api_publication_ask, P, "{\"max_age\":99999999}",
		    400, "max_age" },
		{ "override of nothing", api_publication_ask, P,
		    "{\"override\":true}", 409, "mode testing" },
		{ "in the zone", api_publication_ask,
		    "/api/v1/domains/c.sts.example.org/publication", "{}", 409,
		    "service zone itself" },
		{ "asked", api_publication_ask, P,
		    "{\"max_age\":\"3w\",\"follow\":\"approve\"}", 200,
		    "\"asked\":\"new\"" },
		{ "the same", api_publication_ask, P, "{}", 200,
		    "\"asked\":\"same\"" },
		{ "what there is", api_publication, P, NULL, 200,
		    "\"max_age\":1814400" },
		{ "enforce", api_publication_ask, P,
		    "mode=enforce&override=on&max_age=&follow=&overlap=",
		    200, "" },
		{ "who said so", api_publication, P, NULL, 200,
		    "\"override_by\":\"anna\"" },
		{ "approve of nobody", api_publication_approve, P "/approve",
		    "{\"hosts\":[]}", 400, "hosts" },
		{ "approve of what does not wait", api_publication_approve,
		    P "/approve", "{\"hosts\":[\"mx.example\"]}", 409,
		    "waits for no approval" },
		{ "approve of no name", api_publication_approve, P "/approve",
		    "{\"hosts\":[\"<b>\"]}", 400, "hosts" },
		{ "no other policy", api_publication_replace, P "/replace",
		    "{}", 409, "no other policy" },
		{ "no move", api_move_cancel, M, NULL, 404,
		    "No move is under way" },
		{ "move what nobody has seen", api_move_begin, M,
		    "{\"to\":[\"mx.example\"]}", 409, "looked at" },
		{ "the page", page_domain, "/domains/a.example", NULL, 200,
		    "_mta-sts.a.example. 3600 IN CNAME " },
		{ "keep what stays", api_publication_keep, P "/keep", "{}",
		    409, "is not being removed" },
		{ "remove", api_publication_remove, P "/remove", "{}", 200,
		    "\"asked\":\"remove\"" },
		{ "remove again", api_publication_remove, P "/remove", "{}",
		    409, "being removed already" },
		{ "order what goes", api_publication_ask, P, "{}", 409,
		    "keep it first" },
		{ "keep", api_publication_keep, P "/keep", "{}", 200,
		    "\"asked\":\"keep\"" },
#undef P
#undef M
		/* clang-format on */
	};
	struct fixture *f = *state;
	struct tally t = { 0 };
	struct test_call tc;

	fixture_domain(f, "a.example");
	fixture_domain(f, "c.sts.example.org");
	set_zone(f);
	test_call_init(&tc, f);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		want_int(&t, "result",
		    test_call_handler(
			&tc, rows[i].handle, rows[i].target, rows[i].body),
		    ERR_OK);
		want_int(&t, "status", tc.status, rows[i].want);
		want_said(&t, &tc, rows[i].text);
		want_unsaid(&t, &tc, "&lt;/");
	}
	want_rows_of(&t, f, "publication-ask", 3);
	want_rows_of(&t, f, "publication-remove", 1);
	want_rows_of(&t, f, "publication-keep", 1);
	want_rows_of(&t, f, "", 5);
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

/* What a program has overridden is not put down to a person of its name. */
static void
test_program(void **state)
{
	static const char target[] = "/api/v1/domains/a.example/publication";
	struct fixture *f = *state;
	struct tally t = { .label = "a program" };
	struct test_call tc;

	fixture_domain(f, "a.example");
	set_zone(f);
	test_call_init(&tc, f);
	test_call_begin(&tc, api_publication_ask, target,
	    "{\"mode\":\"enforce\",\"override\":true}");
	tc.call.caller.kind = CALLER_PROGRAM;
	want_int(&t, "result", test_call_end(&tc, api_publication_ask), ERR_OK);
	want_int(&t, "status", tc.status, 200);
	want_int(&t, "result",
	    test_call_handler(&tc, api_publication, target, NULL), ERR_OK);
	want_said(&t, &tc, "\"override_by\":\"token anna\"");
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_no_zone),
		RUN(test_words),
		RUN(test_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

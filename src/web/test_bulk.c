/* Domains added, and one thing done to many of them. */
#include "base/limits.h"
#include "store/domains.h"
#include "store/publications.h"
#include "web/test_call.h"

static const struct sql_statement n_domains = { "SELECT COUNT(*) FROM domain" };
static const struct sql_statement n_tags = {
	"SELECT COUNT(*) FROM domain_tag"
};
static const struct sql_statement n_audited = { "SELECT COUNT(*) FROM audit" };
static const struct sql_statement n_paused = {
	"SELECT COUNT(*) FROM domain WHERE paused <> 0"
};
static const struct sql_statement n_published = {
	"SELECT COUNT(*) FROM publication"
};

static void
test_add(void **state)
{
	static const struct {
		const char *label, *body;
		int status;
		const char *said; /* NULL: nothing was done */
		int64_t domains, tags, audited; /* afterwards */
	} rows[] = {
		{ "none", "{\"domains\":[]}", 400, NULL, 0, 0, 0 },
		{ "nothing said", "{}", 400, NULL, 0, 0, 0 },
		{ "no name",
		    "{\"domains\":[\"good.example\",\"user@bad.example\"]}",
		    400, NULL, 0, 0, 0 },
		{ "an unknown member",
		    "{\"domains\":[\"a.example\"],\"tag\":\"x\"}", 400, NULL, 0,
		    0, 0 },
		{ "an empty tag",
		    "{\"domains\":[\"a.example\"],\"tags\":[\"\"]}", 400, NULL,
		    0, 0, 0 },
		{ "a tag that cannot be seen",
		    "{\"domains\":[\"a.example\"],\"tags\":[\"x\\u202e\"]}",
		    400, NULL, 0, 0, 0 },
		{ "two, one twice",
		    "{\"domains\":[\"A.Example.\",\"b.example\",\"a.example\"],"
		    "\"tags\":[\"x\",\"y\"]}",
		    200, "\"added\":2,\"known\":1}", 2, 4, 1 },
		{ "pasted",
		    "domains=c.example%0D%0A%0D%0A%23+a+list%0D%0A+b.example+"
		    "%23+known%0D%0A&tags=z",
		    200, "\"added\":1,\"known\":1}", 3, 6, 2 },
		{ "an address, pasted", "domains=c.example%0D%0A10.0.0.1", 400,
		    NULL, 3, 6, 2 },
		{ "only a comment", "domains=%23", 400, NULL, 3, 6, 2 },
		{ "an IDN",
		    "{\"domains\":[\"stra\xc3\x9f"
		    "e.example\"]}",
		    200, "\"added\":1,\"known\":0}", 4, 6, 3 },
	};
	struct fixture *f = *state;
	struct tally t = { 0 };
	struct test_call c;

	test_call_init(&c, f);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		want_int(&t, "result",
		    test_call_handler(
			&c, api_domains_add, "/api/v1/domains", rows[i].body),
		    ERR_OK);
		want_int(&t, "status", c.status, rows[i].status);
		if (rows[i].said != NULL)
			want_said(&t, &c, rows[i].said);
		want_bool(
		    &t, "said", c.call.said != NULL, rows[i].said != NULL);
		want_int(&t, "domains", fixture_count(f, &n_domains),
		    rows[i].domains);
		want_int(&t, "tags", fixture_count(f, &n_tags), rows[i].tags);
		want_int(&t, "audited", fixture_count(f, &n_audited),
		    rows[i].audited);
	}
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

/* More than one list may hold. */
static void
test_add_too_many(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "10,001 names" };
	struct test_call c;
	char *body;
	size_t n;
	FILE *to = open_memstream(&body, &n);

	assert_non_null(to);
	fputs("domains=", to);
	for (int i = 0; i <= 10000; i++)
		fprintf(to, "d%d.example%%0A", i);
	fclose(to);
	test_call_init(&c, f);
	want_int(&t, "result",
	    test_call_handler(&c, api_domains_add, "/api/v1/domains", body),
	    ERR_OK);
	want_int(&t, "status", c.status, 400);
	want_int(&t, "domains", fixture_count(f, &n_domains), 0);
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
	free(body);
}

struct bulk_row {
	const char *label, *body;
	int status;
	const char *said;
	int64_t audited; /* more than before */
};

static void
run_rows(struct fixture *f, const struct bulk_row *rows, size_t n)
{
	struct tally t = { 0 };
	struct test_call c;

	test_call_init(&c, f);
	for (size_t i = 0; i < n; i++) {
		int64_t before = fixture_count(f, &n_audited);

		t.label = rows[i].label;
		want_int(&t, "result",
		    test_call_handler(
			&c, api_bulk, "/api/v1/bulk", rows[i].body),
		    ERR_OK);
		want_int(&t, "status", c.status, rows[i].status);
		want_said(&t, &c, rows[i].said);
		want_int(&t, "audited", fixture_count(f, &n_audited) - before,
		    rows[i].audited);
	}
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

static void
test_wrong(void **state)
{
	static const struct bulk_row rows[] = {
		{ "no action", "{\"domains\":[\"a.example\"]}", 400, "action",
		    0 },
		{ "another action",
		    "{\"domains\":[\"a.example\"],\"action\":\"explode\"}", 400,
		    "action", 0 },
		{ "no domains", "{\"action\":\"check\"}", 400, "domains", 0 },
		{ "no name", "{\"domains\":[\"<b>\"],\"action\":\"check\"}",
		    400, "bad-input", 0 },
		{ "no tag", "{\"domains\":[\"a.example\"],\"action\":\"tag\"}",
		    400, "tag", 0 },
		{ "a tag for nothing",
		    "{\"domains\":[\"a.example\"],\"action\":\"check\","
		    "\"tag\":\"x\"}",
		    400, "tag", 0 },
		{ "a mode for nothing",
		    "{\"domains\":[\"a.example\"],\"action\":\"check\","
		    "\"mode\":\"testing\"}",
		    400, "mode", 0 },
		{ "mode none",
		    "{\"domains\":[\"a.example\"],\"action\":\"publish\","
		    "\"mode\":\"none\"}",
		    400, "mode", 0 },
		{ "a form that is not sure",
		    "domains=a.example&action=remove&tag=&mode=", 400,
		    "Really remove", 0 },
		{ "no zone to publish in",
		    "{\"domains\":[\"a.example\"],\"action\":\"publish\"}", 409,
		    "service zone", 0 },
	};
	struct fixture *f = *state;

	fixture_domain(f, "a.example");
	run_rows(f, rows, ROWS(rows));
	assert_int_equal(fixture_count(f, &n_domains), 1);
}

static void
test_actions(void **state)
{
	static const struct bulk_row rows[] = {
		{ "one is not there",
		    "{\"domains\":[\"a.example\",\"x.example\"],"
		    "\"action\":\"pause\"}",
		    200,
		    "{\"done\":\"bulk\",\"changed\":1,\"results\":[{\"domain\":"
		    "\"a.example\","
		    "\"result\":\"done\",\"detail\":null},"
		    "{\"domain\":\"x.example\",\"result\":\"refused\","
		    "\"detail\":\"not in the portfolio\"}]}",
		    1 },
		{ "a paused one is not looked at",
		    "{\"domains\":[\"a.example\",\"b.example\"],"
		    "\"action\":\"check\"}",
		    200, "or paused", 1 },
		{ "a person hears what was not done",
		    "domains=a.example&domains=%3Cx%3E.example&action=check",
		    400, "&lt;x&gt;", 0 },
		{ "and of which",
		    "domains=a.example&domains=b.example&action=check", 409,
		    "1 of 2 are done. a.example: not in the portfolio", 1 },
		{ "resumed",
		    "{\"domains\":[\"a.example\"],\"action\":\"resume\"}", 200,
		    "\"changed\":1", 1 },
		{ "tagged",
		    "{\"domains\":[\"a.example\",\"b.example\"],"
		    "\"action\":\"tag\",\"tag\":\"x\"}",
		    200, "\"changed\":2", 2 },
		{ "untagged",
		    "{\"domains\":[\"a.example\"],\"action\":\"untag\","
		    "\"tag\":\"x\"}",
		    200, "\"changed\":1", 1 },
		{ "removed", "domains=a.example&action=remove&sure=on", 200,
		    "\"changed\":1", 1 },
	};
	struct fixture *f = *state;

	fixture_domain(f, "a.example");
	fixture_domain(f, "b.example");
	run_rows(f, rows, ROWS(rows));
	assert_int_equal(fixture_count(f, &n_domains), 1);
	assert_int_equal(fixture_count(f, &n_tags), 1);
	assert_int_equal(fixture_count(f, &n_paused), 0);
}

static void
test_publish(void **state)
{
	static const struct bulk_row rows[] = {
		{ "published",
		    "{\"domains\":[\"a.example\",\"in.sts.example\"],"
		    "\"action\":\"publish\",\"mode\":\"testing\"}",
		    200, ".sts.example\"}", 1 },
		{ "a name of the zone",
		    "{\"domains\":[\"in.sts.example\"],"
		    "\"action\":\"publish\"}",
		    200, "in the service zone", 0 },
	};
	struct fixture *f = *state;

	fixture_domain(f, "a.example");
	fixture_domain(f, "in.sts.example");
	assert_err(
	    f, service_zone_set(f->s, SPAN("sts.example"), &f->e), ERR_OK);
	run_rows(f, rows, ROWS(rows));
	assert_int_equal(fixture_count(f, &n_published), 1);
}

/* ---- all that match ---- */

static void
test_all_wrong(void **state)
{
	static const struct bulk_row rows[] = {
		{ "no count", "{\"action\":\"pause\",\"all\":true}", 400,
		    "\\\"count\\\"", 0 },
		{ "named, too",
		    "{\"action\":\"pause\",\"all\":true,\"count\":3,"
		    "\"domains\":[\"a.example\"]}",
		    400, "exclude each other", 0 },
		{ "names, though none, and all",
		    "{\"action\":\"pause\",\"all\":true,\"count\":3,"
		    "\"domains\":[]}",
		    400, "exclude each other", 0 },
		{ "matching, and not all",
		    "{\"action\":\"pause\",\"matching\":\"paused=no\","
		    "\"domains\":[\"a.example\"]}",
		    400, "go with", 0 },
		{ "no such parameter",
		    "{\"action\":\"pause\",\"all\":true,\"count\":3,"
		    "\"matching\":\"deploymnet=none\"}",
		    400, "deploymnet", 0 },
		{ "no such word",
		    "{\"action\":\"pause\",\"all\":true,\"count\":3,"
		    "\"matching\":\"paused=maybe\"}",
		    400, "paused", 0 },
		{ "no query",
		    "{\"action\":\"pause\",\"all\":true,\"count\":3,"
		    "\"matching\":\"%zz\"}",
		    400, "matching", 0 },
		{ "more than were counted",
		    "{\"action\":\"pause\",\"all\":true,\"count\":2}", 409,
		    "3 domains match by now", 0 },
		{ "a form that does not mean it",
		    "action=remove&all=on&count=3&matching=", 400,
		    "Really remove", 0 },
		{ "a form of none", "action=pause&count=3&matching=", 400,
		    "domains", 0 },
	};
	struct fixture *f = *state;

	fixture_domain(f, "a.example");
	fixture_domain(f, "b.example");
	fixture_domain(f, "c.example");
	run_rows(f, rows, ROWS(rows));
	assert_int_equal(fixture_count(f, &n_domains), 3);
	assert_int_equal(fixture_count(f, &n_paused), 0);
}

static const struct sql_statement n_targets = {
	"SELECT COUNT(*) FROM audit WHERE what = 'domain-tag' AND target"
	" = 'all 2 that match \"search=b.\": <b>'"
};

static void
test_all(void **state)
{
	static const struct bulk_row rows[] = {
		{ "a tag",
		    "{\"action\":\"tag\",\"tag\":\"<b>\",\"all\":true,"
		    "\"matching\":\"search=b.\",\"count\":2}",
		    200, "\"changed\":2,\"results\":[]", 1 },
		{ "by that tag, as a form has it",
		    "action=pause&all=on&count=2&matching=%3Ftag%3D%253Cb%253E"
		    "%26paused%3Dno&tag=&mode=&domains=a.example",
		    200, "\"changed\":2", 1 },
		{ "a look passes over what is paused",
		    "{\"action\":\"check\",\"all\":true,\"count\":3}", 200,
		    "\"changed\":1", 1 },
		{ "resumed",
		    "{\"action\":\"resume\",\"all\":true,\"count\":2,"
		    "\"matching\":\"paused=yes\"}",
		    200, "\"changed\":2", 1 },
		{ "none is like that",
		    "{\"action\":\"pause\",\"all\":true,\"count\":0,"
		    "\"matching\":\"search=qq\"}",
		    200, "\"changed\":0", 0 },
		{ "removed, each for itself",
		    "{\"action\":\"remove\",\"all\":true,\"count\":2,"
		    "\"matching\":\"tag=%3Cb%3E\"}",
		    200, "\"domain\":\"b.example\",\"result\":\"done\"", 2 },
	};
	struct fixture *f = *state;

	fixture_domain(f, "a.example");
	fixture_domain(f, "b.example");
	fixture_domain(f, "bb.example");
	run_rows(f, rows, ROWS(rows));
	assert_int_equal(fixture_count(f, &n_targets), 1);
	assert_int_equal(fixture_count(f, &n_domains), 1);
	assert_int_equal(fixture_count(f, &n_paused), 0);
}

/* What goes one by one is bounded as a list is; the rest by the portfolio. */
static void
test_all_too_many(void **state)
{
	static const struct bulk_row rows[] = {
		{ "not to be removed at once",
		    "{\"action\":\"remove\",\"all\":true,\"count\":100001}",
		    400, "takes 1000 at once", 0 },
		{ "not to be paused at once",
		    "{\"action\":\"pause\",\"all\":true,\"count\":100001}", 400,
		    "takes 100000 at once", 0 },
		{ "all but one",
		    "{\"action\":\"tag\",\"tag\":\"x\",\"all\":true,"
		    "\"count\":100000,\"matching\":\"provider=own\"}",
		    200, "\"changed\":100000", 1 },
	};
	struct fixture *f = *state;

	fixture_exec(f, "WITH RECURSIVE list (i) AS (SELECT 1 UNION ALL"
			" SELECT i + 1 FROM list WHERE i < 100001)"
			" INSERT INTO domain (name, added_at, provider)"
			" SELECT 'd' || i || '.example', 1,"
			" CASE WHEN i > 1 THEN 'own' ELSE '' END FROM list");
	run_rows(f, rows, ROWS(rows));
	assert_int_equal(fixture_count(f, &n_tags), 100000);
	assert_int_equal(fixture_count(f, &n_paused), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_add),
		RUN(test_add_too_many),
		RUN(test_wrong),
		RUN(test_actions),
		RUN(test_publish),
		RUN(test_all_wrong),
		RUN(test_all),
		RUN(test_all_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

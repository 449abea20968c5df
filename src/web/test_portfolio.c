/* The portfolio's page, its list and its CSV, over a store. */
#include "base/limits.h"
#include "store/domains.h"
#include "web/domain_row.h"
#include "web/test_call.h"

enum { DAY = 86400 };

static struct wall_time
days_from_now(int64_t days)
{
	return (struct wall_time){ test_now.s + days * DAY };
}

static void
put(struct fixture *f, const char *name, const struct domain_summary *summary)
{
	int64_t id = fixture_domain(f, name);

	assert_err(f, domains_set_summary(f->s, id, summary, &f->e), ERR_OK);
}

static struct domain_summary
enforced(void)
{
	return (struct domain_summary){ .deployment = SPAN("enforce"),
		.eligibility = SPAN("eligible"),
		.verdict = SPAN("ok"),
		.mode = SPAN("enforce"),
		.stakes = SPAN("enforce"),
		.max_age = 14 * DAY,
		.record = SPAN("ok"),
		.policy = SPAN("ok"),
		.tlsrpt = SPAN("ok"),
		.provider = SPAN("mail.example"),
		.next_step = SPAN("nothing"),
		.addresses = 4,
		.good_addresses = 4,
		.mx = 2,
		.covered_mx = 2,
		.mode_since = days_from_now(-30),
		.cached_until = days_from_now(14),
		.policy_cert_until = days_from_now(60),
		.mx_cert_until = days_from_now(5) };
}

static struct domain_summary
not_deployed(void)
{
	return (struct domain_summary){ .deployment = SPAN("none"),
		.eligibility = SPAN("eligible"),
		.verdict = SPAN("ok"),
		.stakes = SPAN("nothing"),
		.max_age = -1,
		.record = SPAN("none"),
		.policy = SPAN("none"),
		.tlsrpt = SPAN("none"),
		.provider = SPAN("own"),
		.next_step = SPAN("publish"),
		.addresses = 2,
		.good_addresses = 2,
		.mx = 1,
		.mx_cert_until = days_from_now(-1) };
}

static void
fill(struct fixture *f)
{
	struct domain_summary e = enforced(), n = not_deployed();
	bool found;

	put(f, "enforced.example", &e);
	put(f, "plain.example", &n);
	e.verdict = SPAN("error");
	e.deployment = SPAN("broken");
	e.next_step = SPAN("mend");
	e.next_check = SPAN("mx-unlisted");
	put(f, "broken.example", &e);
	fixture_domain(f, "new.example");
	assert_err(f,
	    domains_tag(
		f->s, SPAN("plain.example"), SPAN("<b>\"'"), &found, &f->e),
	    ERR_OK);
}

/* ---- the page ---- */

static void
test_page(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "the page" };
	struct test_call c;

	fill(f);
	test_call_init(&c, f);
	want_int(
	    &t, "result", test_call_handler(&c, page_portfolio, "/", NULL), 0);
	want_int(&t, "status", c.status, 200);
	want_said(&t, &c, "<a href=\"/domains/enforced.example\">");
	want_said(&t, &c, "4 of 4</span>");
	want_said(&t, &c, "<span class=\"line\">policy 60 d</span>");
	want_said(&t, &c, "<span class=\"chip warn\">MX 5 d</span>");
	want_said(&t, &c, "both ok<span class=\"under\">2 of 2 MX</span>");
	want_said(&t, &c, "1&ndash;4 of 4");
	want_said(&t, &c, "href=\"/?deployment=none&amp;paused=no\"");
	want_said(&t, &c,
	    "<a class=\"chip bad\" href=\"/?verdict=error&amp;paused=no\">"
	    "Errors: 1</a>");
	want_said(&t, &c, "<span class=\"chip none\">neither</span>");
	want_said(&t, &c,
	    "<a href=\"/domains/plain.example#publication\">"
	    "Publish in mode testing</a>");
	want_said(&t, &c, "<span class=\"dim\">Nothing to do</span>");
	want_said(&t, &c, "TLS reports are not taken in here");
	want_said(&t, &c, "The first look is still to come");
	/* What is not deployed is grey; its MX may be old, and is not red. */
	want_said(&t, &c, "<span class=\"chip none\">Not deployed</span>");
	want_said(&t, &c, "<span class=\"chip warn\">MX ended</span>");
	want_said(&t, &c, "aria-sort=\"ascending\"");
	want_said(&t, &c, "name=\"domains\" value=\"plain.example\"");
	want_said(&t, &c, "&lt;b&gt;&quot;&#39;</a>");
	want_said(&t, &c, "/?tag=%3Cb%3E%22%27");
	want_unsaid(&t, &c, "<b>");
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

static void
test_page_empty(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "no domains" };
	struct test_call c;

	test_call_init(&c, f);
	want_int(
	    &t, "result", test_call_handler(&c, page_portfolio, "/", NULL), 0);
	want_said(&t, &c, "No domains yet");
	want_said(&t, &c, "<textarea");
	t.label = "nothing found";
	want_int(&t, "result",
	    test_call_handler(&c, page_portfolio, "/?search=x", NULL), 0);
	want_said(&t, &c, "No domain is like that");
	t.label = "who may only look";
	c.scope = SCOPE_VIEW;
	want_int(
	    &t, "result", test_call_handler(&c, page_portfolio, "/", NULL), 0);
	want_unsaid(&t, &c, "<textarea");
	want_unsaid(&t, &c, "method=\"post\" action=\"/api");
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

/* Whatever stands in the address or in a record comes out as text. */
static void
test_hostile(void **state)
{
	static const struct {
		const char *label, *target, *want;
	} rows[] = {
		{ "markup", "/?search=%3Cscript%3Ealert(1)%3C/script%3E",
		    "value=\"&lt;script&gt;alert(1)&lt;/script&gt;\"" },
		{ "a quote", "/?provider=%22+onload%3D%22x",
		    "value=\"&quot; onload=&quot;x\"" },
		{ "right to left", "/?tag=a%E2%80%AEb",
		    "a\xef\xbf\xbd"
		    "b" },
		{ "in a link", "/?provider=%3Cscript%3Ex%3C/script%3E",
		    "/?provider=%3Cscript%3Ex%3C%2Fscript%3E&amp;sort=name\"" },
	};
	struct fixture *f = *state;
	struct domain_summary s = not_deployed();
	struct tally t = { 0 };
	struct test_call c;

	s.provider = SPAN("<script>x</script>");
	put(f, "a.example", &s);
	test_call_init(&c, f);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		want_int(&t, "result",
		    test_call_handler(&c, page_portfolio, rows[i].target, NULL),
		    ERR_OK);
		want_said(&t, &c, rows[i].want);
		want_unsaid(&t, &c, "<script>");
		want_unsaid(&t, &c, "<x");
		want_unsaid(&t, &c, "\" onload=\"");
		want_unsaid(&t, &c, "\xe2\x80\xae");
	}
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

/* ---- what is asked ---- */

static void
test_wrong_query(void **state)
{
	static const struct {
		const char *query, *want; /* NULL: it is understood */
		bool page_too; /* a page is as strict */
	} rows[] = {
		{ "deployment=enforced", "\"deployment\\\"", true },
		{ "verdict=OK", "verdict", true },
		{ "eligibility=yes", "eligibility", true },
		{ "next_step=go", "next_step", true },
		{ "paused=maybe", "paused", true },
		{ "certificate_from=soon", "certificate_from", true },
		{ "certificate_to=2026-13-01", "certificate_to", true },
		{ "certificate_to=1970-01-01", "certificate_to", true },
		{ "next_step=unseen", "next_step", true },
		{ "deployment=unseen&paused=no", NULL, false },
		{ "certificate_from=2026-11-27&certificate_to=2026-11-27", NULL,
		    false },
		{ "sort=size", "sort", true },
		{ "order=up", "order", true },
		{ "max=0", "max", true },
		{ "max=1001", "max", true },
		{ "max=ten", "max", true },
		{ "after=1~a&before=1~b", "after", true },
		{ "after=rubbish", "no place", true },
		{ "sort=certificate&after=x~a.example", "no place", true },
		{ "deploymnet=none", "deploymnet", false },
		{ "at=5", "\\\"at\\\"", false },
		{ "deployment=none&sort=changed&order=desc&max=1", NULL,
		    false },
		{ "deployment=&search=&tag=", NULL, false },
	};
	struct fixture *f = *state;
	struct tally t = { 0 };
	struct test_call c;
	char target[200];

	fill(f);
	test_call_init(&c, f);
	for (size_t i = 0; i < ROWS(rows); i++) {
		bool wrong = rows[i].want != NULL;

		t.label = rows[i].query;
		snprintf(
		    target, sizeof target, "/api/v1/domains?%s", rows[i].query);
		want_int(&t, "result",
		    test_call_handler(&c, api_domains, target, NULL), ERR_OK);
		want_int(&t, "status", c.status, wrong ? 400 : 200);
		snprintf(target, sizeof target, "/?%s", rows[i].query);
		want_int(&t, "result",
		    test_call_handler(&c, page_portfolio, target, NULL),
		    ERR_OK);
		want_int(&t, "status of the page", c.status,
		    wrong && rows[i].page_too ? 400 : 200);
	}
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

/* ---- the list ---- */

static void
test_list(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "the list" };
	struct test_call c;

	fill(f);
	test_call_init(&c, f);
	want_int(&t, "result",
	    test_call_handler(&c, api_domains, "/api/v1/domains?max=2", NULL),
	    ERR_OK);
	want_span(&t, "type", c.type, SPAN("application/json"));
	want_said(&t, &c, "\"total\":4");
	want_said(&t, &c, "\"previous\":null,\"next\":\"~enforced.example\"");
	want_said(&t, &c, "\"domain\":\"broken.example\"");
	t.label = "the next page";
	want_int(&t, "result",
	    test_call_handler(&c, api_domains,
		"/api/v1/domains?max=2&after=~enforced.example", NULL),
	    ERR_OK);
	want_said(&t, &c, "\"previous\":\"~new.example\",\"next\":null");
	want_said(&t, &c, "\"tags\":[\"<b>\\\"'\"]");
	want_said(&t, &c, "\"mode_since\":null");
	/* Of what nobody looked at there is no number. */
	want_said(&t, &c, "\"addresses\":null");
	t.label = "and back";
	want_int(&t, "result",
	    test_call_handler(&c, api_domains,
		"/api/v1/domains?max=2&before=~new.example", NULL),
	    ERR_OK);
	want_said(&t, &c, "\"previous\":null,\"next\":\"~enforced.example\"");
	t.label = "a search, as people write it";
	want_int(&t, "result",
	    test_call_handler(
		&c, api_domains, "/api/v1/domains?search=+PLAIN", NULL),
	    ERR_OK);
	want_said(&t, &c, "\"total\":1");
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

/* Previous and next of the page tell where one is. */
static void
test_turning(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "the first page" };
	struct test_call c;

	fill(f);
	test_call_init(&c, f);
	want_int(&t, "result",
	    test_call_handler(&c, page_portfolio, "/?sort=name&max=3", NULL),
	    ERR_OK);
	want_said(&t, &c, "1&ndash;3 of 4");
	want_unsaid(&t, &c, "rel=\"prev\"");
	want_said(&t, &c,
	    "href=\"/?sort=name&amp;after=~new.example&amp;max=3&amp;at=4\"");
	t.label = "the second";
	want_int(&t, "result",
	    test_call_handler(&c, page_portfolio,
		"/?sort=name&after=~new.example&max=3&at=4", NULL),
	    ERR_OK);
	want_said(&t, &c, "4&ndash;4 of 4");
	want_unsaid(&t, &c, "rel=\"next\"");
	want_said(
	    &t, &c, "href=\"/?sort=name&amp;before=~plain.example&amp;max=3\"");
	t.label = "a place that is none";
	want_int(&t, "result",
	    test_call_handler(&c, page_portfolio,
		"/?sort=name&after=~new.example&max=3&at=99", NULL),
	    ERR_OK);
	want_said(&t, &c, "4&ndash;4 of 4");
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

/* ---- CSV ---- */

static void
test_csv(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "the CSV" };
	struct test_call c;

	fill(f);
	test_call_init(&c, f);
	want_int(&t, "result",
	    test_call_handler(&c, api_domains_csv,
		"/api/v1/domains.csv?deployment=enforce", NULL),
	    ERR_OK);
	want_span(&t, "name", c.call.filename, SPAN("portfolio.csv"));
	want_span(&t, "head", span_head(c.body, 33),
	    SPAN("domain,verdict,deployment,eligibi"));
	want_said(
	    &t, &c, ",next_at,tags\r\nenforced.example,ok,enforce,eligible,");
	want_said(&t, &c, "Z,\r\n");
	want_unsaid(&t, &c, "broken.example");
	t.label = "more than a page of the store";
	for (int i = 0; i < LIMIT_STORE_PAGE; i++) {
		struct span name = arena_printf(&f->a, "d%04d.example", i);
		struct domains_added added;

		assert_err(f,
		    domains_add(f->s, &name, 1, test_now, &added, &f->e),
		    ERR_OK);
	}
	want_int(&t, "result",
	    test_call_handler(&c, api_domains_csv, "/api/v1/domains.csv", NULL),
	    ERR_OK);
	want_said(&t, &c, "\r\nd0999.example,");
	want_said(&t, &c, "\r\nplain.example,");
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

/* What is in it is what was asked for, with its tags in one field. */
static void
test_csv_tags(void **state)
{
	static const struct span tags[] = { SPAN_INIT("=1+1"),
		SPAN_INIT("a \"b\""), SPAN_INIT("x") };
	struct fixture *f = *state;
	struct tally t = { .label = "tags" };
	struct test_call c;
	bool found;

	fill(f);
	for (size_t i = 0; i < ROWS(tags); i++)
		assert_err(f,
		    domains_tag(
			f->s, SPAN("new.example"), tags[i], &found, &f->e),
		    ERR_OK);
	test_call_init(&c, f);
	want_int(&t, "result",
	    test_call_handler(
		&c, api_domains_csv, "/api/v1/domains.csv?tag=x", NULL),
	    ERR_OK);
	want_said(&t, &c, ",\"'=1+1;a \"\"b\"\";x\"\r\n");
	want_unsaid(&t, &c, "plain.example");
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

/* Half a list would be taken for all. */
static void
test_csv_too_long(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "a row too many" };
	struct test_call c;

	fixture_exec(f, "WITH RECURSIVE list (i) AS (SELECT 1 UNION ALL"
			" SELECT i + 1 FROM list WHERE i < 100001)"
			" INSERT INTO domain (name, added_at, provider)"
			" SELECT 'd' || i || '.example', 1,"
			" CASE WHEN i > 2 THEN 'own' ELSE '' END FROM list");
	test_call_init(&c, f);
	want_int(&t, "result",
	    test_call_handler(&c, api_domains_csv, "/api/v1/domains.csv", NULL),
	    ERR_OK);
	want_int(&t, "status", c.status, 413);
	want_said(&t, &c, "100001 domains are more than one file of CSV");
	want_unsaid(&t, &c, "d1.example");
	t.label = "filtered, and not too long by its count";
	fixture_exec(f,
	    "INSERT INTO work (domain, due_at, wanted_at, due_records,"
	    " due_authority, due_policy) SELECT id, 1, 1, 1, 1, 1 FROM domain");
	want_int(&t, "result",
	    test_call_handler(
		&c, api_domains_csv, "/api/v1/domains.csv?search=d1.", NULL),
	    ERR_OK);
	want_int(&t, "status", c.status, 200);
	want_said(&t, &c, "\r\nd1.example,");
	t.label = "100,000 of them";
	fixture_exec(
	    f, "UPDATE domain SET paused = 1 WHERE name = 'd1.example'");
	want_int(&t, "result",
	    test_call_handler(
		&c, api_domains_csv, "/api/v1/domains.csv?paused=no", NULL),
	    ERR_OK);
	want_int(&t, "status", c.status, 200);
	want_said(&t, &c, "\r\nd99999.example,");
	t.label = "too many octets";
	fixture_exec(f,
	    "UPDATE domain SET mode = '"
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "'");
	want_int(&t, "result",
	    test_call_handler(
		&c, api_domains_csv, "/api/v1/domains.csv?paused=no", NULL),
	    ERR_OK);
	want_int(&t, "status", c.status, 413);
	want_unsaid(&t, &c, "d1.example");
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

static void
test_csv_fields(void **state)
{
	static const struct {
		const char *label;
		struct span text, want;
	} rows[] = {
		{ "nothing", SPAN_INIT(""), SPAN_INIT("") },
		{ "a word", SPAN_INIT("own"), SPAN_INIT("own") },
		{ "a comma", SPAN_INIT("a,b"), SPAN_INIT("\"a,b\"") },
		{ "a quote", SPAN_INIT("a\"b"), SPAN_INIT("\"a\"\"b\"") },
		{ "a line", SPAN_INIT("a\r\nb"), SPAN_INIT("\"a\r\nb\"") },
		{ "a formula", SPAN_INIT("=1+1"), SPAN_INIT("'=1+1") },
		{ "a command", SPAN_INIT("@SUM(A1,A2)"),
		    SPAN_INIT("\"'@SUM(A1,A2)\"") },
		{ "a sign", SPAN_INIT("-x"), SPAN_INIT("'-x") },
		{ "a tab", SPAN_INIT("\t=1"), SPAN_INIT("'\t=1") },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char *got;
		size_t n;
		FILE *f = open_memstream(&got, &n);

		assert_non_null(f);
		t.label = rows[i].label;
		domain_row_csv_field(f, rows[i].text);
		fclose(f);
		want_span(&t, "field", (struct span){ got, n }, rows[i].want);
		free(got);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_page),
		RUN(test_page_empty),
		RUN(test_hostile),
		RUN(test_wrong_query),
		RUN(test_list),
		RUN(test_turning),
		RUN(test_csv),
		RUN(test_csv_tags),
		RUN(test_csv_too_long),
		cmocka_unit_test(test_csv_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

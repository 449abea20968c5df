/* The CAs, on the page and in the API: those of the configuration, those that
 * were, and what none is chosen for. */
#include "store/certificates.h"
#include "web/test_asked.h"

#define HOSTILE "<script>alert('x')</script>"
#define FIRST "https://first.test/" HOSTILE
#define SECOND "https://second.test/directory"
#define FORMER "https://former.test/directory"

static const struct span cas[] = { SPAN_INIT(FIRST), SPAN_INIT(SECOND) };

static void
begin(struct fixture *f, struct test_call *tc)
{
	test_call_init(tc, f);
	tc->config.cas = cas;
	tc->config.n_cas = ROWS(cas);
}

/* ---- what has happened ---- */

static void
finish(struct fixture *f, const char *domain, struct certificate_outcome out)
{
	struct span host = arena_printf(&f->a, "mta-sts.%s", domain);
	struct wall_time due = { test_now.s + 900 };
	int64_t worker = fixture_worker(f);
	struct certificate_order *o;
	size_t n;
	bool held;

	assert_err(f,
	    certificate_want(
		f->s, fixture_domain(f, domain), host, true, test_now, &f->e),
	    ERR_OK);
	assert_err(f,
	    certificate_claim(
		f->s, worker, test_now, due, 1, &f->a, &o, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 1);
	out.due_at = due;
	assert_err(f,
	    certificate_finish(f->s, worker, o, &out, test_now, &held, &f->e),
	    ERR_OK);
	assert_true(held);
}

static void
serve(struct fixture *f, const char *domain, const char *ca, int64_t days)
{
	finish(f, domain,
	    (struct certificate_outcome){ .chain = SPAN("chain"),
		.key_name = SPAN("key"),
		.issuer = span_str(ca),
		.not_before = { test_now.s - 86400 },
		.not_after = { test_now.s + days * 86400 + 5 },
		.renew_at = { test_now.s + 3 * 86400 } });
}

static void
refuse(struct fixture *f, const char *domain, const char *ca, const char *why)
{
	const struct certificate_refusal refusal = { span_str(ca),
		arena_printf(&f->a, "%s: %s.", why, domain) };

	finish(f, domain,
	    (struct certificate_outcome){ .order = SPAN("{}"),
		.ca = span_str(ca),
		.problem = refusal.reason,
		.refusals = &refusal,
		.n_refusals = 1 });
}

/* ---- what is told ---- */

/* Before anything is published. */
static void
test_nothing(void **state)
{
	/* clang-format off */
	static const struct asked rows[] = {
		{ "API", api_cas, "/api/v1/cas", NULL, 200,
		  "\"directory\":\"" SECOND "\",\"configured\":true,\"orders\":{\"waiting\":0,\"under_way\":0,\"failing\":0},"
		  "\"reasons\":[],\"next_try_at\":null,\"certificates\":{\"expired\":0,\"7d\":0,\"14d\":0,\"30d\":0,\"later\":0}}],\"next\":null}", "null,\"configured\"" },
		{ "page", page_settings, "/settings", NULL, 200, SECOND, "No CA is chosen" },
		{ "no reasons", page_settings, "/settings", NULL, 200, "They are asked in this order", "What fails" },
	};
	static const struct asked none[] = {
		{ "no CA, API", api_cas, "/api/v1/cas", NULL, 200, "{\"items\":[],\"next\":null}", NULL },
		{ "no CA, page", page_settings, "/settings", NULL, 200, "None is configured.", "in this order" },
	};
	/* clang-format on */
	struct fixture *f = *state;
	struct test_call tc;

	begin(f, &tc);
	want_rows(&tc, rows, ROWS(rows));
	tc.config.n_cas = 0;
	want_rows(&tc, none, ROWS(none));
	test_call_release(&tc);
}

static void
test_everything(void **state)
{
	/* clang-format off */
	static const struct asked rows[] = {
		{ "first", api_cas, "/api/v1/cas", NULL, 200,
		  "{\"items\":[{\"directory\":\"" FIRST "\",\"configured\":true,\"orders\":{\"waiting\":0,\"under_way\":0,\"failing\":2},"
		  "\"reasons\":[{\"text\":\"No " HOSTILE ": DOMAIN.\",\"orders\":2,\"last_at\":\"2027-01-15T08:00:00Z\",\"domain\":\"c.example\"}],"
		  "\"next_try_at\":\"2027-01-15T08:15:00Z\",", NULL },
		{ "second", api_cas, "/api/v1/cas", NULL, 200,
		  "\"" SECOND "\",\"configured\":true,\"orders\":{\"waiting\":0,\"under_way\":0,\"failing\":0},\"reasons\":[],"
		  "\"next_try_at\":null,\"certificates\":{\"expired\":0,\"7d\":0,\"14d\":1,\"30d\":0,\"later\":0}}", NULL },
		{ "former", api_cas, "/api/v1/cas", NULL, 200,
		  "\"" FORMER "\",\"configured\":false,\"orders\":{\"waiting\":0,\"under_way\":0,\"failing\":0},\"reasons\":[],"
		  "\"next_try_at\":null,\"certificates\":{\"expired\":1,\"7d\":0,\"14d\":0,\"30d\":0,\"later\":0}},{\"directory\":null", NULL },
		{ "none yet", api_cas, "/api/v1/cas", NULL, 200,
		  "{\"directory\":null,\"configured\":false,\"orders\":{\"waiting\":1,\"under_way\":0,\"failing\":0},\"reasons\":[],"
		  "\"next_try_at\":\"2027-01-15T08:00:00Z\",\"certificates\":{\"expired\":0,\"7d\":0,\"14d\":0,\"30d\":0,\"later\":0}}],\"next\":null}", NULL },
		{ "nothing becomes markup", page_settings, "/settings", NULL, 200, "first.test/&lt;script&gt;", "<script>alert" },
		{ "failing", page_settings, "/settings", NULL, 200, "<span class=\"chip bad\">2 fail</span>", NULL },
		{ "its reason", page_settings, "/settings", NULL, 200, "<td class=\"text\">No &lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;: DOMAIN.</td>\n<td class=\"num\">2</td>", "The others" },
		{ "an example", page_settings, "/settings", NULL, 200, "<a href=\"/domains/c.example\">c.example</a>", NULL },
		{ "one that has ended", page_settings, "/settings", NULL, 200, "<span class=\"chip bad\">1 ended</span>", NULL },
		{ "one that ends", page_settings, "/settings", NULL, 200, "<span class=\"chip warn\">1 end soon</span>", NULL },
		{ "not any more", page_settings, "/settings", NULL, 200, FORMER " <span class=\"dim\">not configured any more</span>", NULL },
		{ "no CA", page_settings, "/settings", NULL, 200, "No CA is chosen yet</span></th><td class=\"num\" data-label=\"Orders waiting\">1</td>", NULL },
	};
	/* clang-format on */
	struct fixture *f = *state;
	struct test_call tc;

	serve(f, "a.example", SECOND, 8);
	serve(f, "b.example", FORMER, -1);
	refuse(f, "c.example", FIRST, "No " HOSTILE);
	refuse(f, "d.example", FIRST, "No " HOSTILE);
	assert_err(f,
	    certificate_want(f->s, fixture_domain(f, "e.example"),
		SPAN("mta-sts.e.example"), true, test_now, &f->e),
	    ERR_OK);
	begin(f, &tc);
	tc.scope = SCOPE_VIEW;
	want_rows(&tc, rows, ROWS(rows));
	test_call_release(&tc);
}

/* Nothing but a renewal is to come. */
static void
test_well(void **state)
{
	static const struct asked rows[] = {
		{ "the next one", page_settings, "/settings", NULL, 200,
		    "The next certificate is renewed <time", "No CA is" },
	};
	struct fixture *f = *state;
	struct test_call tc;

	serve(f, "a.example", SECOND, 60);
	begin(f, &tc);
	want_rows(&tc, rows, ROWS(rows));
	test_call_release(&tc);
}

/* More reasons than are told. */
static void
test_many_reasons(void **state)
{
	static const struct asked rows[] = {
		{ "the rest", page_settings, "/settings", NULL, 200,
		    "The others, 2, failed for other reasons", NULL },
	};
	struct fixture *f = *state;
	struct test_call tc;
	char domain[] = "a.example", why[] = "No 0";

	for (int i = 0; i < 10; i++) {
		domain[0] = (char)('a' + i);
		why[3] = (char)('0' + i);
		refuse(f, domain, SECOND, why);
	}
	begin(f, &tc);
	want_rows(&tc, rows, ROWS(rows));
	test_call_release(&tc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_nothing),
		RUN(test_everything),
		RUN(test_well),
		RUN(test_many_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

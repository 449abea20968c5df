#include "web/test_call.h"

#include "base/limits.h"
#include "core/test_scene.h"
#include "out/evidence_text.h"
#include "store/audit.h"
#include "store/domains.h"
#include "store/history.h"
#include "store/hosts.h"
#include "store/observations.h"

#define HOSTILE "<script>alert(1)</script>\"'&"

/* ---- a domain that was looked at ---- */

static void
put_host(struct fixture *f, int64_t worker, const struct host_claim *c,
    const struct mx_host *host)
{
	struct der_chain ders[2] = { { NULL, 0 }, { NULL, 0 } };
	struct host_seen seen = { .checked_at = test_now,
		.host = *host,
		.ders = ders,
		.n_ders = host->n_probes };
	struct host_look look = { .at = test_now, .due = test_now };
	bool held;

	assert_int_equal(host_seen_to_text(&seen, &f->a, &look.json), ERR_OK);
	assert_err(
	    f, hosts_finish(f->s, worker, c, &look, &held, &f->e), ERR_OK);
	assert_true(held);
}

/* As the monitor keeps it. */
static void
put_scene(struct fixture *f, int64_t domain, const struct scene *s)
{
	struct evidence ev = s->ev;
	struct span names[2], text;
	struct host_claim *claims;
	int64_t worker = fixture_worker(f);
	size_t n;

	for (size_t i = 0; i < 2; i++)
		names[i] = s->hosts[i].host;
	ev.mx_hosts = NULL;
	ev.orgs = NULL;
	ev.n_mx_hosts = ev.n_orgs = 0;
	assert_int_equal(evidence_to_text(&ev, &f->a, &text), ERR_OK);
	assert_err(
	    f, observation_put(f->s, domain, text, test_now, &f->e), ERR_OK);
	assert_err(
	    f, hosts_use(f->s, domain, names, 2, test_now, &f->e), ERR_OK);
	assert_err(f,
	    hosts_claim(f->s, worker, test_now,
		(struct wall_time){ test_now.s + 60 }, 9, &f->a, &claims, &n,
		&f->e),
	    ERR_OK);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++)
		put_host(f, worker, &claims[i],
		    span_eq(claims[i].name, names[0]) ? &s->hosts[0]
						      : &s->hosts[1]);
}

static void
get(struct test_call *tc,
    enum err (*handle)(struct web_call *c, struct error *e), const char *target)
{
	assert_int_equal(test_call_handler(tc, handle, target, NULL), ERR_OK);
}

/* ---- what is read ---- */

static void
test_page(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "a good domain" };
	struct test_call tc;
	struct scene s;
	int64_t id = fixture_domain(f, "example.com");

	scene_good(&s);
	test_call_init(&tc, f);
	tc.now.s = SCENE_NOW_S;
	get(&tc, page_domain, "/domains/example.com");
	want_int(&t, "status", tc.status, 200);
	want_said(&t, &tc, "Nobody has looked at it yet");
	put_scene(f, id, &s);
	get(&tc, page_domain, "/domains/EXAMPLE.com.");
	want_int(&t, "status", tc.status, 200);
	want_said(&t, &tc, "<h2>What a sender sees</h2>");
	want_said(&t, &tc, "Re-check now");
	want_unsaid(&t, &tc, "&lt;/");
	want_said(&t, &tc, "mode: enforce");
	/* Times as people write them, here and in the forms. */
	want_unsaid(&t, &tc, " seconds</dd>");
	want_said(&t, &tc, "name=\"max_age\" value=\"2w\"");
	want_said(&t, &tc, "name=\"overlap\" value=\"2d\"");
	for (size_t i = 0; i < 2; i++)
		want_said(&t, &tc, s.hosts[i].host.p);
	get(&tc, page_evidence, "/domains/example.com/evidence");
	want_said(&t, &tc, "mtasts.check/1");
	want_said(&t, &tc, " looked for, and not found</summary>");
	get(&tc, api_domain, "/api/v1/domains/example.com");
	want_said(&t, &tc, "\"schema\":\"mtasts.domain/1\"");
	get(&tc, api_domain_evidence, "/api/v1/domains/example.com/evidence");
	want_said(&t, &tc, "\"schema\":\"mtasts.check/1\"");
	want_span(&t, "type", tc.type, SPAN("application/json"));
	get(&tc, page_move,
	    "/domains/example.com/move?to=new.example.net&to=&to=");
	want_said(&t, &tc, "new.example.net");
	want_said(&t, &tc, "carried out by hand");
	get(&tc, api_move, "/api/v1/domains/example.com/move?to=a.example.net");
	want_said(&t, &tc, "\"schema\":\"mtasts.move/1\"");
	want_said(&t, &tc, "\"under_way\":false");
	get(&tc, api_move, "/api/v1/domains/example.com/move?to=..");
	want_int(&t, "a host that is none", tc.status, 400);
	get(&tc, api_move, "/api/v1/domains/example.com/move");
	want_int(&t, "whereto?", tc.status, 404);
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

/* Whoever may only look is shown no form. */
static void
test_page_of_viewer(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "to look" };
	struct test_call tc;
	struct scene s;

	scene_good(&s);
	put_scene(f, fixture_domain(f, "example.com"), &s);
	test_call_init(&tc, f);
	tc.scope = SCOPE_VIEW;
	get(&tc, page_domain, "/domains/example.com");
	want_said(&t, &tc, "<h2>What a sender sees</h2>");
	want_unsaid(&t, &tc, "action=\"/api/");
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

/* Nothing that a stranger says becomes markup. */
static void
test_hostile(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "hostile" };
	struct test_call tc;
	struct scene s;
	bool found;
	int64_t id = fixture_domain(f, "example.com");

	scene_good(&s);
	scene_record(&s, SPAN("v=STSv1; id=1; " HOSTILE));
	scene_body(&s, SPAN("version: STSv1\nmode: enforce\nmax_age: 604800\n"
			    "mx: " HOSTILE "\n"));
	s.certs[0].issuer = SPAN("CN=" HOSTILE);
	s.probes[0].greeting = SPAN(HOSTILE);
	put_scene(f, id, &s);
	assert_err(f,
	    domains_tag(
		f->s, SPAN("example.com"), SPAN(HOSTILE), &found, &f->e),
	    ERR_OK);
	assert_err(f,
	    domains_set_note(
		f->s, SPAN("example.com"), SPAN(HOSTILE), &found, &f->e),
	    ERR_OK);
	assert_err(f,
	    history_add(
		f->s, id, test_now, SPAN("mx-changed"), SPAN(HOSTILE), &f->e),
	    ERR_OK);
	test_call_init(&tc, f);
	get(&tc, page_domain, "/domains/example.com");
	want_said(&t, &tc, "CN=&lt;script&gt;");
	want_unsaid(&t, &tc, "<script>alert");
	want_unsaid(&t, &tc, "\"'&");
	get(&tc, page_evidence, "/domains/example.com/evidence");
	want_said(&t, &tc, "&lt;script&gt;");
	want_unsaid(&t, &tc, "<script>alert");
	get(&tc, page_move, "/domains/example.com/move");
	want_unsaid(&t, &tc, "<script>alert");
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

/* ---- what is done ---- */

static const struct sql_statement count_audit = {
	"SELECT count(*) FROM audit"
};

static void
test_operations(void **state)
{
	static const struct {
		const char *label;
		enum err (*handle)(struct web_call *c, struct error *e);
		const char *target, *body;
		int want;
	} rows[] = {
	/* clang-format off */
#define D "/api/v1/domains/a.example"
		{ "check", api_domain_check, D "/check", "{}", 200 },
		{ "check, with more", api_domain_check, D "/check",
		    "{\"x\":1}", 400 },
		{ "check of a stranger", api_domain_check,
		    "/api/v1/domains/b.example/check", "{}", 404 },
		{ "check of no name", api_domain_check,
		    "/api/v1/domains/a%20b/check", "{}", 404 },
		{ "check of an address", api_domain_check,
		    "/api/v1/domains/192.0.2.1/check", "{}", 404 },
		{ "pause", api_domain_pause, D "/pause", "{}", 200 },
		{ "check of a paused one", api_domain_check, D "/check", "{}",
		    409 },
		{ "resume", api_domain_resume, D "/resume", "{}", 200 },
		{ "tag", api_domain_tag, D "/tags", "{\"tag\":\"<b>\"}", 200 },
		{ "tag, none", api_domain_tag, D "/tags", "{}", 400 },
		{ "tag, empty", api_domain_tag, D "/tags", "{\"tag\":\"\"}",
		    400 },
		{ "tag, a number", api_domain_tag, D "/tags", "{\"tag\":1}",
		    400 },
		{ "untag", api_domain_untag, D "/tags/%3Cb%3E", NULL, 200 },
		{ "untag what is not there", api_domain_untag, D "/tags/x",
		    NULL, 200 },
		{ "note", api_domain_note, D "/note", "{\"note\":\"ok\"}",
		    200 },
		{ "note, taken back", api_domain_note, D "/note",
		    "{\"note\":\"\"}", 200 },
		{ "note, none", api_domain_note, D "/note", "{}", 400 },
		{ "note of a form", api_domain_note, D "/note", "note=", 200 },
		{ "settings", api_domain_settings, D "/settings",
		    "{\"records-every\":\"20m\",\"policy-every\":7200,"
		    "\"status-page\":true,\"mute\":[\"txt.id\"]}", 400 },
		{ "settings", api_domain_settings, D "/settings",
		    "{\"records-every\":\"20m\",\"policy-every\":7200,"
		    "\"status-page\":true,\"intent\":\"enforce\"}", 200 },
		{ "settings, taken back", api_domain_settings, D "/settings",
		    "{\"records-every\":\"\"}", 200 },
		{ "settings, nothing", api_domain_settings, D "/settings",
		    "{}", 400 },
		{ "settings, too often", api_domain_settings, D "/settings",
		    "{\"records-every\":\"1s\"}", 400 },
		{ "settings, unknown", api_domain_settings, D "/settings",
		    "{\"colour\":\"red\"}", 400 },
		{ "settings, two lines", api_domain_settings, D "/settings",
		    "{\"intent\":\"none\\nmute=x\"}", 400 },
		{ "settings, a switch that is none", api_domain_settings,
		    D "/settings", "{\"status-page\":7}", 400 },
		{ "history", api_domain_history, D "/history", NULL, 200 },
		{ "evidence of nothing", api_domain_evidence, D "/evidence",
		    NULL, 404 },
		{ "remove a stranger", api_domain_remove,
		    "/api/v1/domains/b.example", NULL, 404 },
		{ "remove", api_domain_remove, D, NULL, 200 },
		{ "gone", api_domain, D, NULL, 404 },
#undef D
		/* clang-format on */
	};
	struct fixture *f = *state;
	struct tally t = { 0 };
	struct test_call tc;

	fixture_domain(f, "a.example");
	test_call_init(&tc, f);
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t before = fixture_count(f, &count_audit);
		bool deed;

		t.label = rows[i].label;
		want_int(&t, "result",
		    test_call_handler(
			&tc, rows[i].handle, rows[i].target, rows[i].body),
		    ERR_OK);
		want_int(&t, "status", tc.status, rows[i].want);
		deed = tc.call.route->method != HTTP_GET && tc.status == 200;
		want_int(&t, "lines of the audit log",
		    fixture_count(f, &count_audit) - before, deed);
	}
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

/* A form says every setting: what it leaves out is taken back. */
static void
test_settings_of_form(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "settings" };
	struct test_call tc;
	struct domain d;
	bool found;

	fixture_domain(f, "a.example");
	test_call_init(&tc, f);
	assert_int_equal(
	    test_call_handler(&tc, api_domain_settings,
		"/api/v1/domains/a.example/settings",
		"records-every=20m&policy-every=&status-page=on&intent=none"),
	    ERR_OK);
	assert_err(f,
	    domains_get(f->s, SPAN("a.example"), &f->a, &d, &found, &f->e),
	    ERR_OK);
	want_span(&t, "set", d.settings,
	    SPAN("records-every=20m\nintent=none\nstatus-page=on\n"));
	assert_int_equal(
	    test_call_handler(&tc, api_domain_settings,
		"/api/v1/domains/a.example/settings", "records-every=&mute="),
	    ERR_OK);
	assert_err(f,
	    domains_get(f->s, SPAN("a.example"), &f->a, &d, &found, &f->e),
	    ERR_OK);
	want_span(&t, "taken back", d.settings, SPAN(""));
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

/* ---- for anybody ---- */

static void
test_status(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "not wanted" };
	struct test_call tc;
	bool found;

	fixture_domain(f, "a.example");
	test_call_init(&tc, f);
	get(&tc, page_status, "/status/a.example");
	want_int(&t, "page", tc.status, 404);
	get(&tc, page_badge, "/badge/a.example.svg");
	want_int(&t, "badge", tc.status, 404);
	get(&tc, page_status, "/status/b.example");
	want_int(&t, "page of a stranger", tc.status, 404);
	assert_err(f,
	    domains_set_settings(f->s, SPAN("a.example"),
		SPAN("status-page=on\n"), test_now, &found, &f->e),
	    ERR_OK);
	t.label = "wanted";
	get(&tc, page_status, "/status/a.example");
	want_int(&t, "page", tc.status, 200);
	want_bool(&t, "anybody may keep it", tc.call.is_public, true);
	want_said(&t, &tc, "a.example");
	want_unsaid(&t, &tc, "anna");
	get(&tc, page_badge, "/badge/a.example.svg");
	want_int(&t, "badge", tc.status, 200);
	want_span(&t, "type", tc.type, SPAN("image/svg+xml"));
	want_said(&t, &tc, "role=\"img\"");
	want_bool(&t, "anybody may keep it", tc.call.is_public, true);
	get(&tc, page_badge, "/badge/a.example");
	want_int(&t, "no such file", tc.status, 404);
	test_call_release(&tc);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_page),
		RUN(test_page_of_viewer),
		RUN(test_hostile),
		RUN(test_operations),
		RUN(test_settings_of_form),
		RUN(test_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

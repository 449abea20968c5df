/* Incidents and activity: what is asked for, what is said, and that a
 * stranger's words stay words. */
#include "base/limits.h"
#include "store/audit.h"
#include "store/domains.h"
#include "store/history.h"
#include "store/incidents.h"
#include "web/test_asked.h"

enum { MINUTE = 60 };

static const char hostile[] = "<script>alert('x')</script>\"&";
static const char escaped[] = "&lt;script&gt;alert(&#39;x&#39;)";

static void
raise_at(struct fixture *f, const char *name, const char *cause,
    enum severity severity, int64_t after_s)
{
	const struct incident_fault fault = {
		.cause = span_str(cause),
		.check = SPAN("mxcert.expired"),
		.subject = span_str(hostile),
		.severity = severity,
		.message = span_str(hostile),
		.remedy = SPAN("Renew it.\n<b>record</b>"),
		.horizon = { test_now.s + 86400 },
	};
	struct wall_time at = { test_now.s + after_s };
	enum incident_event event;
	struct domain d;
	bool found;

	assert_err(f,
	    domains_get(f->s, span_str(name), &f->a, &d, &found, &f->e),
	    ERR_OK);
	assert_true(found);
	assert_err(f, incident_raise(f->s, d.id, &fault, at, at, &event, &f->e),
	    ERR_OK);
}

/* Three causes: 1 is an error of a and b, 2 and 3 are warnings of b. */
static void
fill(struct fixture *f)
{
	(void)fixture_domain(f, "a.example");
	(void)fixture_domain(f, "b.example");
	raise_at(f, "a.example", "one", SEVERITY_ERROR, 0);
	raise_at(f, "b.example", "one", SEVERITY_ERROR, MINUTE);
	raise_at(f, "b.example", "two", SEVERITY_WARNING, 2 * MINUTE);
	raise_at(f, "b.example", "three", SEVERITY_WARNING, 3 * MINUTE);
}

static void
test_asked(void **state)
{
	/* clang-format off */
	static const struct asked rows[] = {
		{ "all", api_incidents, "/api/v1/incidents", NULL, 200, "\"next\":null", NULL },
		{ "a page", api_incidents, "/api/v1/incidents?max=1", NULL, 200, "\"next\":\"1\"", "\"id\":2" },
		{ "the next", api_incidents, "/api/v1/incidents?after=1", NULL, 200, "\"id\":2", "\"id\":1," },
		{ "errors", api_incidents, "/api/v1/incidents?severity=error", NULL, 200, "\"id\":1", "\"id\":2" },
		{ "a domain", api_incidents, "/api/v1/incidents?domain=A.EXAMPLE", NULL, 200, "\"id\":1", "\"id\":3" },
		{ "resolved", api_incidents, "/api/v1/incidents?state=resolved", NULL, 200, "\"items\":[]", NULL },
		{ "empty fields", api_incidents, "/api/v1/incidents?state=&severity=&domain=&tag=&after=", NULL, 200, "\"id\":3", NULL },
		{ "an unknown tag", api_incidents, "/api/v1/incidents?tag=%3Cx%3E", NULL, 200, "\"items\":[]", NULL },
		{ "a wrong severity", api_incidents, "/api/v1/incidents?severity=fatal", NULL, 400, "bad-input", NULL },
		{ "a wrong state", api_incidents, "/api/v1/incidents?state=true", NULL, 400, "bad-input", NULL },
		{ "of today", api_incidents, "/api/v1/incidents?day=2027-01-15&severity=error", NULL, 200, "\"id\":1", "\"id\":2" },
		{ "of the day before", api_incidents, "/api/v1/incidents?day=2027-01-14", NULL, 200, "\"items\":[]", NULL },
		{ "no day", api_incidents, "/api/v1/incidents?day=2027-02-30", NULL, 400, "bad-input", NULL },
		{ "before all days", api_incidents, "/api/v1/incidents?day=1970-01-01", NULL, 400, "bad-input", NULL },
		{ "a day and a state", api_incidents, "/api/v1/incidents?day=2027-01-15&state=open", NULL, 400, "exclude each other", NULL },
		{ "a wrong place", api_incidents, "/api/v1/incidents?after=x", NULL, 400, "bad-input", NULL },
		{ "another's domain", api_incidents, "/api/v1/incidents?domain=c.example", NULL, 400, "c.example is not", NULL },
		{ "no domain", api_incidents, "/api/v1/incidents?domain=%22%3E", NULL, 400, "bad-input", NULL },

		{ "one", api_incident, "/api/v1/incidents/1", NULL, 200, "\"domain_list\":{\"items\":[{\"domain\":\"a.example\"", NULL },
		{ "its domains", api_incident, "/api/v1/incidents/1?max=1", NULL, 200, "\"next\":\"a.example\"", "b.example" },
		{ "the next", api_incident, "/api/v1/incidents/1?after=a.example", NULL, 200, "b.example", "\"domain\":\"a.example" },
		{ "none", api_incident, "/api/v1/incidents/99", NULL, 404, "not-found", NULL },
		{ "no number", api_incident, "/api/v1/incidents/1x", NULL, 404, "not-found", NULL },
		{ "a large number", api_incident, "/api/v1/incidents/9223372036854775808", NULL, 404, "not-found", NULL },

		{ "a page of all", page_incidents, "/incidents", NULL, 200, "/incidents/1", "<script>alert" },
		{ "escaped", page_incidents, "/incidents", NULL, 200, escaped, NULL },
		{ "filtered", page_incidents, "/incidents?severity=error", NULL, 200, "/incidents/1", "/incidents/2" },
		{ "a hostile tag", page_incidents, "/incidents?tag=%22%3E%3Cscript%3Ealert", NULL, 200, "Nothing of that kind", "<script>alert" },
		{ "ended", page_incidents, "/incidents?state=resolved", NULL, 200, "Nothing has ended yet", NULL },
		{ "of a day", page_incidents, "/incidents?day=2027-01-15", NULL, 200, "value=\"2027-01-15\"", "id=\"state\"" },
		{ "of a quiet day", page_incidents, "/incidents?day=2027-01-14", NULL, 200, "Nothing was wrong on that day", NULL },
		{ "a wrong word", page_incidents, "/incidents?severity=fatal", NULL, 400, "<h1>", NULL },
		{ "its page", page_incident, "/incidents/1", NULL, 200, "Mail may be refused until", "<script>alert" },
		{ "its remedy", page_incident, "/incidents/1", NULL, 200, "&lt;b&gt;record", "<b>record" },
		{ "its clause", page_incident, "/incidents/1", NULL, 200, "RFC ", NULL },
		{ "its domains", page_incident, "/incidents/1", NULL, 200, "/domains/b.example", NULL },
		{ "no page", page_incident, "/incidents/99", NULL, 404, NULL, NULL },
	};
	/* clang-format on */
	struct fixture *f = *state;
	struct test_call tc;

	fill(f);
	test_call_init(&tc, f);
	want_rows(&tc, rows, ROWS(rows));
	test_call_release(&tc);
}

/* ---- somebody knows ---- */

static struct incident
get(struct fixture *f, int64_t id)
{
	struct incident out = { 0 };
	bool found;

	assert_err(
	    f, incident_get(f->s, id, &f->a, &out, &found, &f->e), ERR_OK);
	assert_true(found);
	return out;
}

static size_t
count_audit(struct fixture *f, const char *what)
{
	struct audit_entry *all;
	size_t n, found = 0;

	assert_err(
	    f, audit_list(f->s, 0, 1000, &f->a, &all, &n, &f->e), ERR_OK);
	for (size_t i = 0; i < n; i++)
		found += span_eq(all[i].what, span_str(what));
	return found;
}

static void
test_acknowledged(void **state)
{
	/* clang-format off */
	static const struct asked wrong[] = {
		{ "none of that number", api_incident_acknowledge, "/api/v1/incidents/99/acknowledge", "{}", 404, "not-found", NULL },
		{ "no string", api_incident_acknowledge, "/api/v1/incidents/1/acknowledge", "{\"note\":1}", 400, "note", NULL },
		{ "more than is known", api_incident_acknowledge, "/api/v1/incidents/1/acknowledge", "{\"by\":\"eve\"}", 400, "by", NULL },
	};
	static const struct asked right[] = {
		{ "a form", api_incident_acknowledge, "/api/v1/incidents/1/acknowledge", "note=%3Cscript%3Ealert(%27x%27)", 200, NULL, NULL },
		{ "a program", api_incident_acknowledge, "/api/v1/incidents/2/acknowledge", "{\"note\":\"soon\"}", 200, "{\"done\":\"acknowledged\"}", NULL },
		{ "the page", page_incident, "/incidents/1", NULL, 200, escaped, "<script>alert" },
		{ "who", page_incidents, "/incidents", NULL, 200, "anna", NULL },
	};
	/* clang-format on */
	struct fixture *f = *state;
	struct test_call tc;

	fill(f);
	test_call_init(&tc, f);
	want_rows(&tc, wrong, ROWS(wrong));
	assert_false(get(f, 1).is_acknowledged);
	assert_int_equal(count_audit(f, "incident-acknowledge"), 0);
	want_rows(&tc, right, ROWS(right));
	assert_true(span_eq(get(f, 1).acknowledged_by, SPAN("anna")));
	assert_true(span_eq(get(f, 2).note, SPAN("soon")));
	assert_int_equal(count_audit(f, "incident-acknowledge"), 2);
	test_call_begin(&tc, api_incident_acknowledge,
	    "/api/v1/incidents/1/acknowledge", "{}");
	tc.call.caller.kind = CALLER_PROGRAM;
	assert_int_equal(test_call_end(&tc, api_incident_acknowledge), ERR_OK);
	assert_true(span_eq(get(f, 1).acknowledged_by, SPAN("token anna")));
	test_call_release(&tc);
}

static void
test_long_note(void **state)
{
	struct fixture *f = *state;
	struct span text = SPAN("");
	struct test_call tc;
	char *note = arena_alloc(&f->a, LIMIT_NOTE + 2);

	assert_non_null(note);
	memset(note, 'x', LIMIT_NOTE + 1);
	fill(f);
	test_call_init(&tc, f);
	for (int i = 0; i < 2; i++) {
		text = arena_printf(&f->a, "{\"note\":\"%s\"}", note + i);
		assert_int_equal(
		    test_call_handler(&tc, api_incident_acknowledge,
			"/api/v1/incidents/1/acknowledge", text.p),
		    ERR_OK);
		assert_int_equal(tc.status, i == 0 ? 400 : 200);
	}
	test_call_release(&tc);
}

/* Who may only look sees no form. */
static void
test_scope(void **state)
{
	struct fixture *f = *state;
	struct test_call tc;
	struct tally t = { .label = "view" };

	fill(f);
	test_call_init(&tc, f);
	tc.scope = SCOPE_VIEW;
	assert_int_equal(
	    test_call_handler(&tc, page_incident, "/incidents/1", NULL),
	    ERR_OK);
	want_unsaid(&t, &tc, "acknowledge\"");
	tc.scope = SCOPE_OPERATE;
	t.label = "operate";
	assert_int_equal(
	    test_call_handler(&tc, page_incident, "/incidents/1", NULL),
	    ERR_OK);
	want_said(&t, &tc, "acknowledge\"");
	assert_int_equal(t.failed, 0);
	test_call_release(&tc);
}

/* More than a page of causes, and of domains. */
static void
test_pages(void **state)
{
	enum { CAUSES = 60, DOMAINS = 120 };
	/* clang-format off */
	static const struct asked rows[] = {
		{ "the first of causes", page_incidents, "/incidents?severity=warning", NULL, 200, "?severity=warning&amp;after=50\"", "/incidents/51\"" },
		{ "the last of causes", page_incidents, "/incidents?severity=warning&after=50", NULL, 200, "/incidents/51\"", "rel=\"next\"" },
		{ "its beginning", page_incidents, "/incidents?severity=warning&after=50", NULL, 200, "href=\"?severity=warning\"", NULL },
		{ "the first of domains", page_incident, "/incidents/1", NULL, 200, "?after=d099.example", "/domains/d100.example" },
		{ "the last of domains", page_incident, "/incidents/1?after=d099.example", NULL, 200, "/domains/d119.example", "rel=\"next\"" },
	};
	/* clang-format on */
	struct fixture *f = *state;
	struct test_call tc;

	for (int i = 0; i < DOMAINS; i++) {
		struct span name = arena_printf(&f->a, "d%03d.example", i);

		(void)fixture_domain(f, name.p);
		raise_at(f, name.p, "one", SEVERITY_ERROR, 0);
	}
	for (int i = 0; i < CAUSES; i++) {
		struct span cause = arena_printf(&f->a, "cause %d", i);

		raise_at(f, "d000.example", cause.p, SEVERITY_WARNING, i);
	}
	test_call_init(&tc, f);
	want_rows(&tc, rows, ROWS(rows));
	test_call_release(&tc);
}

/* ---- activity ---- */

static void
add_event(struct fixture *f, const char *name, int64_t after_s,
    const char *kind, const char *text)
{
	struct domain d;
	bool found;

	assert_err(f,
	    domains_get(f->s, span_str(name), &f->a, &d, &found, &f->e),
	    ERR_OK);
	assert_err(f,
	    history_add(f->s, d.id, (struct wall_time){ test_now.s + after_s },
		span_str(kind), span_str(text), &f->e),
	    ERR_OK);
}

static void
test_activity(void **state)
{
	/* clang-format off */
	static const struct asked rows[] = {
		{ "all", api_activity, "/api/v1/activity", NULL, 200, "\"kind\":\"mx-changed\"", NULL },
		{ "of a kind", api_activity, "/api/v1/activity?kind=flap", NULL, 200, "\"kind\":\"flap\"", "mx-changed" },
		{ "no such kind", api_activity, "/api/v1/activity?kind=%3Cx", NULL, 200, "\"items\":[]", NULL },
		{ "no place", api_activity, "/api/v1/activity?after=1.2", NULL, 400, "after", NULL },
		{ "a long place", api_activity, "/api/v1/activity?after=1.2.3.4", NULL, 400, "after", NULL },
		{ "a wrong place", api_activity, "/api/v1/activity?after=1.-2.3", NULL, 400, "after", NULL },
		{ "the page", page_activity, "/activity", NULL, 200, escaped, "<script>alert" },
		{ "its domains", page_activity, "/activity", NULL, 200, "/domains/a.example", NULL },
		{ "its filter", page_activity, "/activity", NULL, 200, "?kind=flap", NULL },
		{ "of a kind", page_activity, "/activity?kind=flap", NULL, 200, "/domains/b.example", "/domains/a.example" },
		{ "in words", page_activity, "/activity?kind=mx+changed", NULL, 200, "/domains/a.example", "/domains/b.example" },
		{ "a hostile kind", page_activity, "/activity?kind=%22%3E%3Cscript%3Ealert", NULL, 200, "Nothing of that kind", "<script>alert" },
		{ "a wrong place", page_activity, "/activity?after=x", NULL, 400, NULL, NULL },
	};
	/* clang-format on */
	struct fixture *f = *state;
	struct test_call tc;

	(void)fixture_domain(f, "a.example");
	(void)fixture_domain(f, "b.example");
	add_event(f, "a.example", 0, "mx-changed", hostile);
	add_event(f, "b.example", 86400, "flap", "Ids alternate.");
	test_call_init(&tc, f);
	want_rows(&tc, rows, ROWS(rows));
	test_call_release(&tc);
}

/* Each event once, over as many pages as it takes. */
static void
test_activity_pages(void **state)
{
	enum { EVENTS = 7 };
	struct fixture *f = *state;
	struct span target = SPAN("/api/v1/activity?max=2");
	struct test_call tc;
	int seen = 0, pages = 0;

	(void)fixture_domain(f, "a.example");
	for (int i = 0; i < EVENTS; i++)
		add_event(f, "a.example", i / 3, "flap", "Ids alternate.");
	test_call_init(&tc, f);
	while (target.n > 0 && pages++ < EVENTS) {
		json_t *root, *next;

		assert_int_equal(
		    test_call_handler(&tc, api_activity, target.p, NULL),
		    ERR_OK);
		root = json_loadb(tc.body.p, tc.body.n, 0, NULL);
		assert_non_null(root);
		next = json_object_get(root, "next");
		seen += (int)json_array_size(json_object_get(root, "items"));
		target =
		    json_is_string(next)
			? arena_printf(&f->a, "/api/v1/activity?max=2&after=%s",
			      json_string_value(next))
			: SPAN("");
		json_decref(root);
	}
	assert_int_equal(seen, EVENTS);
	test_call_release(&tc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_asked),
		RUN(test_acknowledged),
		RUN(test_long_note),
		RUN(test_scope),
		RUN(test_pages),
		RUN(test_activity),
		RUN(test_activity_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

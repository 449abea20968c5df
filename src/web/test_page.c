#include "web/page.h"

#include "base/test_table.h"
#include "web/test_call.h"

static const char hostile[] = "a<script>&\"'.example";

static void
want_times(struct tally *tally, const struct test_call *t, const char *text,
    size_t want)
{
	size_t got = 0;

	for (struct span s = t->body; s.n > 0; s = span_skip(s, 1))
		got += span_starts(s, span_str(text));
	want_size(tally, text, got, want);
}

/* The tests write themselves what a handler would. */
static enum err
nothing_more(struct web_call *c, struct error *e)
{
	(void)c;
	(void)e;
	return ERR_OK;
}

static void
begin(struct test_call *t)
{
	test_call_begin(t, page_portfolio, "/", NULL);
}

static void
end(struct test_call *t)
{
	assert_int_equal(test_call_end(t, nothing_more), ERR_OK);
}

struct frame {
	const char *label, *target;
	enum page_place place;
	enum caller_kind kind;
	bool is_public;
	const char *want, *unwanted;
};

/* clang-format off */
static const struct frame frames[] = {
	{ "the title is foreign", "/", PLACE_PORTFOLIO, CALLER_PERSON, false,
	  "<title>a&lt;script&gt;&amp;&quot;&#39;.example - mtasts</title>", "<script>" },
	{ "this very page", "/", PLACE_PORTFOLIO, CALLER_PERSON, false,
	  "<a href=\"/\" aria-current=\"page\">Portfolio</a>", "aria-current=\"true\"" },
	{ "a part of a place", "/domains/a.example", PLACE_PORTFOLIO, CALLER_PERSON, false,
	  "<a href=\"/\" aria-current=\"true\">Portfolio</a>", "aria-current=\"page\"" },
	{ "no place", "/", PLACE_NONE, CALLER_PERSON, false,
	  "<a href=\"/incidents\">Incidents</a>", "aria-current" },
	{ "logged in", "/", PLACE_NONE, CALLER_PERSON, false,
	  "action=\"/logout\"><input type=\"hidden\" name=\"csrf\" value=\"0000", "?said" },
	{ "logged in, in what anybody may keep", "/", PLACE_NONE, CALLER_PERSON, true,
	  "<span class=\"brand\">mtasts</span>", "anna" },
	{ "nobody", "/", PLACE_NONE, CALLER_NOBODY, false,
	  "<span class=\"brand\">mtasts</span>", "<nav" },
	{ "something was done", "/?said=paused", PLACE_NONE, CALLER_PERSON, false,
	  "<p class=\"notice good\" role=\"status\">Paused: it is not looked at.</p>", "?said" },
	{ "somebody else's words", "/?said=<b>paid</b>", PLACE_NONE, CALLER_PERSON, false,
	  "<main id=\"main\"", "paid" },
	{ "past the navigation", "/", PLACE_NONE, CALLER_PERSON, false,
	  "<a class=\"skip\" href=\"#main\">", "style=" },
};
/* clang-format on */

static void
write_frame(struct test_call *t, const struct frame *row)
{
	test_call_begin(t,
	    span_starts(span_str(row->target), SPAN("/domains"))
		? page_domain
		: page_portfolio,
	    row->target, NULL);
	t->call.caller.kind = row->kind;
	t->call.is_public = row->is_public;
	page_begin(&t->call, span_str(hostile), row->place);
	page_end(&t->call);
	end(t);
}

static void
test_frame(void **state)
{
	struct tally tally = { 0 };
	struct test_call t;

	(void)state;
	test_call_init(&t, NULL);
	for (size_t i = 0; i < ROWS(frames); i++) {
		tally.label = frames[i].label;
		write_frame(&t, &frames[i]);
		want_said(&tally, &t, frames[i].want);
		want_unsaid(&tally, &t, frames[i].unwanted);
		want_times(&tally, &t, "<main", 1);
		want_times(&tally, &t, "</html>", 1);
	}
	test_call_release(&t);
	assert_int_equal(tally.failed, 0);
}

/* clang-format off */
static const struct {
	const char *label;
	enum tone (*tone)(struct span word);
	struct span word;
	enum tone want;
} tones[] = {
	{ "what is well",		tone_of_verdict, SPAN_INIT("ok"), TONE_GOOD },
	{ "what is wrong",		tone_of_verdict, SPAN_INIT("error"), TONE_BAD },
	{ "not looked at yet",		tone_of_verdict, SPAN_INIT(""), TONE_UNKNOWN },
	{ "no prefix",			tone_of_verdict, SPAN_INIT("o"), TONE_UNKNOWN },
	{ "not deployed",		tone_of_deployment, SPAN_INIT("none"), TONE_NONE },
	{ "testing",			tone_of_deployment, SPAN_INIT("testing"), TONE_INFO },
	{ "enforced",			tone_of_deployment, SPAN_INIT("enforce"), TONE_GOOD },
	{ "on its way out",		tone_of_deployment, SPAN_INIT("removing"), TONE_INFO },
	{ "begun, but void",		tone_of_deployment, SPAN_INIT("broken"), TONE_BAD },
	{ "not measured",		tone_of_deployment, SPAN_INIT("unknown"), TONE_UNKNOWN },
	{ "eligible",			tone_of_eligibility, SPAN_INIT("eligible"), TONE_GOOD },
	{ "ineligible is not red",	tone_of_eligibility, SPAN_INIT("ineligible"), TONE_WARN },
	{ "takes no mail",		tone_of_eligibility, SPAN_INIT("no-mail"), TONE_NONE },
	{ "eligibility not measured",	tone_of_eligibility, SPAN_INIT("unknown"), TONE_UNKNOWN },
	{ "there",			tone_of_thing, SPAN_INIT("ok"), TONE_GOOD },
	{ "absent",			tone_of_thing, SPAN_INIT("none"), TONE_NONE },
	{ "unreachable is not red",	tone_of_thing, SPAN_INIT("unreachable"), TONE_WARN },
	{ "a word of the future",	tone_of_thing, SPAN_INIT("quantum"), TONE_UNKNOWN },
};
/* clang-format on */

static void
test_tones(void **state)
{
	struct tally tally = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(tones); i++) {
		tally.label = tones[i].label;
		want_int(&tally, "tone", tones[i].tone(tones[i].word),
		    tones[i].want);
	}
	assert_int_equal(tally.failed, 0);
	assert_int_equal(tone_of_severity(SEVERITY_INFO), TONE_INFO);
	assert_int_equal(tone_of_severity(SEVERITY_WARNING), TONE_WARN);
	assert_int_equal(tone_of_severity(SEVERITY_ERROR), TONE_BAD);
}

static void
test_speech(void **state)
{
	struct tally tally = { .label = "speech" };
	struct wall_time day_before = { test_now.s - 86400 };
	struct test_call t;

	(void)state;
	test_call_init(&t, NULL);
	begin(&t);
	page_chip(call_body(&t.call), TONE_WARN, span_str(hostile));
	page_date(call_body(&t.call), (struct wall_time){ 1796083200 });
	page_minute(call_body(&t.call), (struct wall_time){ 1796083260 });
	page_ago(&t.call, call_body(&t.call), day_before);
	page_ago(&t.call, call_body(&t.call), test_now);
	page_words(call_body(&t.call), SPAN("policy-<b>_changed-"));
	page_name(call_body(&t.call), SPAN("a.<b>.example."));
	page_copy(call_body(&t.call), "the record", SPAN("a \"TXT\""));
	page_copy(
	    call_body(&t.call), "the policy", SPAN("mode: none\r\nmx\rx\r\n"));
	page_live_begin(call_body(&t.call), "steps", 5);
	end(&t);
	want_said(&tally, &t,
	    "<span class=\"chip warn\">a&lt;script&gt;&amp;&quot;&#39;"
	    ".example</span>");
	want_said(&tally, &t,
	    "<time datetime=\"2026-12-01T00:00:00Z\" "
	    "title=\"2026-12-01 00:00 UTC\">2026-12-01</time>");
	want_said(&tally, &t, ">2026-12-01 00:01</time>");
	want_said(&tally, &t, ">24 hours ago</time>");
	want_said(&tally, &t, ">now</time>");
	want_said(&tally, &t, "policy &lt;b&gt; changed ");
	want_said(&tally, &t, "a.<wbr>&lt;b&gt;.<wbr>example.<wbr>");
	want_said(&tally, &t,
	    "<div class=\"copy\"><code>a &quot;TXT&quot;</code>"
	    "<button type=\"button\" data-copy hidden "
	    "aria-label=\"Copy the record\">Copy</button></div>");
	want_said(&tally, &t, "<code>mode: none\nmx\xef\xbf\xbdx\n</code>");
	want_said(&tally, &t, "<div id=\"steps\" data-live=\"5\">");
	test_call_release(&t);
	assert_int_equal(tally.failed, 0);
}

/* clang-format off */
static const struct {
	const char *label;
	int64_t left_s; /* INT64_MAX: there is no certificate */
	bool is_enforced;
	const char *want;
} endings[] = {
	{ "none",		INT64_MAX, true, "<body>" },
	{ "long",		1825 * 86400, true, "<span class=\"line\">MX 1,825 d</span>" },
	{ "soon",		13 * 86400, false, "<span class=\"chip warn\">MX 13 d</span>" },
	{ "today",		1, true, "<span class=\"chip warn\">MX 0 d</span>" },
	{ "over",		-1, true, "<span class=\"chip bad\">MX ended</span>" },
	{ "over, and not enforced", -1, false, "<span class=\"chip warn\">MX ended</span>" },
};
/* clang-format on */

static void
test_days(void **state)
{
	struct tally tally = { 0 };
	struct test_call t;

	(void)state;
	test_call_init(&t, NULL);
	for (size_t i = 0; i < ROWS(endings); i++) {
		bool none = endings[i].left_s == INT64_MAX;
		struct wall_time until = {
			none ? 0 : test_now.s + endings[i].left_s
		};

		tally.label = endings[i].label;
		begin(&t);
		html_say(call_body(&t.call), "<body>");
		page_days(&t.call, call_body(&t.call), "MX", until,
		    endings[i].is_enforced);
		end(&t);
		want_said(&tally, &t, endings[i].want);
		want_times(&tally, &t, "MX", !none);
	}
	test_call_release(&t);
	assert_int_equal(tally.failed, 0);
}

/* clang-format off */
static const struct {
	const char *label;
	struct span remedy;
	const char *want, *unwanted;
} remedies[] = {
	{ "a sentence", SPAN_INIT("Wait."),
	  "<p class=\"remedy\">Wait.</p>", "copy" },
	{ "and what to publish", SPAN_INIT("Publish:\na\nb"),
	  "<p class=\"remedy\">Publish:</p>\n<div class=\"copy\"><code>a\nb</code>", "Wait" },
	{ "and nothing", SPAN_INIT("Publish:\n"),
	  "<p class=\"remedy\">Publish:</p>", "copy" },
	{ "none", SPAN_INIT(""),
	  "<p class=\"remedy\"></p>", "copy" },
};
/* clang-format on */

static void
test_remedies(void **state)
{
	struct tally tally = { 0 };
	struct test_call t;

	(void)state;
	test_call_init(&t, NULL);
	for (size_t i = 0; i < ROWS(remedies); i++) {
		tally.label = remedies[i].label;
		begin(&t);
		page_remedy(call_body(&t.call), remedies[i].remedy);
		end(&t);
		want_said(&tally, &t, remedies[i].want);
		want_unsaid(&tally, &t, remedies[i].unwanted);
	}
	test_call_release(&t);
	assert_int_equal(tally.failed, 0);
}

/* clang-format off */
static const struct {
	const char *label;
	enum http_method method;
	enum scope has, needs;
	enum caller_kind kind;
	struct span back;
	bool want;
	const char *want_said, *unwanted;
} forms[] = {
	{ "what a form can say by itself", HTTP_POST, SCOPE_OPERATE, SCOPE_OPERATE,
	  CALLER_PERSON, SPAN_INIT(""), true, "name=\"csrf\" value=\"0000", "name=\"method\"" },
	{ "in the place of PUT", HTTP_PUT, SCOPE_OPERATE, SCOPE_OPERATE,
	  CALLER_PERSON, SPAN_INIT(""), true, "name=\"method\" value=\"PUT\"", "name=\"back\"" },
	{ "and of DELETE", HTTP_DELETE, SCOPE_ADMINISTER, SCOPE_OPERATE,
	  CALLER_PERSON, SPAN_INIT("/a?b&c"), true, "name=\"method\" value=\"DELETE\"", "POST" },
	{ "led back", HTTP_POST, SCOPE_VIEW, SCOPE_VIEW,
	  CALLER_PERSON, SPAN_INIT("/a?b&c"), true, "name=\"back\" value=\"/a?b&amp;c\"", "POST" },
	{ "a path of foreign text", HTTP_POST, SCOPE_VIEW, SCOPE_VIEW, CALLER_PERSON,
	  SPAN_INIT(""), true,
	  "action=\"/api/v1/x/a%3Cscript%3E%26%22%27.example/tags/a%2Fb/-7\"", "script>" },
	{ "too little scope", HTTP_POST, SCOPE_VIEW, SCOPE_OPERATE,
	  CALLER_PERSON, SPAN_INIT(""), false, "", "form" },
	{ "nobody", HTTP_POST, SCOPE_ADMINISTER, SCOPE_VIEW,
	  CALLER_NOBODY, SPAN_INIT(""), false, "", "form" },
};
/* clang-format on */

static void
test_forms(void **state)
{
	struct tally tally = { 0 };
	struct test_call t;

	(void)state;
	test_call_init(&t, NULL);
	for (size_t i = 0; i < ROWS(forms); i++) {
		bool got;

		tally.label = forms[i].label;
		begin(&t);
		t.call.caller.kind = forms[i].kind;
		t.call.caller.scope = forms[i].has;
		got = page_form(&t.call, forms[i].method, forms[i].needs,
		    forms[i].back, "/api/v1/x/%s/tags/%.*s/%lld", hostile,
		    HTML_SPAN(SPAN("a/b")), -7LL);
		end(&t);
		want_bool(&tally, "written", got, forms[i].want);
		want_said(&tally, &t, forms[i].want_said);
		want_unsaid(&tally, &t, forms[i].unwanted);
	}
	test_call_release(&t);
	assert_int_equal(tally.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame),
		cmocka_unit_test(test_tones),
		cmocka_unit_test(test_speech),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_remedies),
		cmocka_unit_test(test_forms),
	};

	return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}

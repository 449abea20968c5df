/* What is counted is what is listed: every link of the portfolio's page and of
 * the overview that has a number in it leads to a list of so many. */
#include <stdlib.h>

#include "base/ascii.h"
#include "base/num.h"
#include "store/census.h"
#include "store/domains.h"
#include "store/incidents.h"
#include "web/test_call.h"

enum { DAY = 86400 };

/* All that a domain can be, watched and paused. Ends are hours from now; 0:
 * none. */
static const struct row {
	const char *name, *verdict, *deployment, *eligibility, *provider, *tag;
	int policy_h, mx_h;
	bool paused;
} rows[] = {
	{ "a", "ok", "enforce", "eligible", "Google", "x", 24 * 60, 24 * 3 + 5,
	    false },
	{ "b", "error", "broken", "eligible", "Google", "x", -30, 24 * 3,
	    false },
	{ "c", "warning", "testing", "ineligible", "own", "", 2, -2, false },
	{ "d", "unknown", "unknown", "unknown", "", "y", 0, 0, false },
	{ "e", "ok", "none", "no-mail", "", "", 0, 0, false },
	{ "f", "ok", "removing", "eligible", "own", "y", 24 * 13 + 15, 24 * 14,
	    false },
	{ "g", "ok", "none", "eligible", "a & b", "a & b", 0, -24 * 400,
	    false },
	{ "h", "", "", "", "", "", 0, 0, false },
	{ "i", "error", "enforce", "eligible", "Google", "x", 24 * 3, -5,
	    true },
	{ "j", "", "", "", "", "x", 0, 0, true },
	{ "k", "unknown", "unknown", "unknown", "own", "", 24 * 60, 24 * 3,
	    true },
};

static struct wall_time
hours(int h)
{
	return (struct wall_time){ h != 0 ? test_now.s + h * 3600 : 0 };
}

static void
put(struct fixture *f, const struct row *r)
{
	const struct domain_summary s = {
		.verdict = span_str(r->verdict),
		.deployment = span_str(r->deployment),
		.eligibility = span_str(r->eligibility),
		.provider = span_str(r->provider),
		.policy_cert_until = hours(r->policy_h),
		.mx_cert_until = hours(r->mx_h),
		.max_age = -1,
	};
	struct span name = arena_printf(&f->a, "%s.example", r->name);
	int64_t id = fixture_domain(f, name.p);
	bool found;

	assert_err(f, domains_set_summary(f->s, id, &s, &f->e), ERR_OK);
	if (r->tag[0] != '\0')
		assert_err(f,
		    domains_tag(f->s, name, span_str(r->tag), &found, &f->e),
		    ERR_OK);
	if (r->paused)
		assert_err(f,
		    domains_set_paused(
			f->s, name, true, test_now, &found, &f->e),
		    ERR_OK);
}

/* Of one domain, from and to so many days ago; to < 0: it is open. */
static void
incident(struct fixture *f, const char *cause, enum severity severity, int from,
    int to)
{
	const struct incident_fault fault = { .cause = span_str(cause),
		.check = SPAN("mxcert.expired"),
		.subject = SPAN("mx.example"),
		.severity = severity,
		.message = SPAN("."),
		.remedy = SPAN(".") };
	struct wall_time begin = { test_now.s - from * DAY };
	struct wall_time end = { test_now.s - to * DAY };
	enum incident_event event;

	assert_err(f,
	    incident_raise(f->s, 1, &fault, begin, begin, &event, &f->e),
	    ERR_OK);
	if (to >= 0)
		assert_err(f,
		    incident_clear(f->s, 1, fault.cause,
			(struct wall_time){ 0 }, end, &event, &f->e),
		    ERR_OK);
}

static void
fill(struct fixture *f)
{
	for (size_t i = 0; i < ROWS(rows); i++)
		put(f, &rows[i]);
	assert_err(f, census_keep(f->s, hours(-24), &f->e), ERR_OK);
	incident(f, "one", SEVERITY_ERROR, 40, 35);
	incident(f, "two", SEVERITY_WARNING, 36, -1);
	incident(f, "three", SEVERITY_WARNING, 0, -1);
	incident(f, "four", SEVERITY_INFO, 3, 3);
}

/* ---- links ---- */

enum { LINKS = 400 };

struct links {
	char *href[LINKS];
	int64_t n[LINKS]; /* the number within */
	size_t all;
};

/* The first number of a text without its marks; -1: it has none. Groups of
 * digits, and the day of a calendar, are not asked for here. */
static int64_t
number_of(const char *text, const char *end)
{
	for (; text < end; text++) {
		if (*text == '<') {
			while (text < end && *text != '>')
				text++;
			continue;
		}
		if (ascii_is_digit((unsigned char)*text)) {
			size_t n = strspn(text, "0123456789");
			uint64_t value;

			assert_true(num_parse(
			    (struct span){ text, n }, INT64_MAX, &value));
			return (int64_t)value;
		}
	}
	return -1;
}

/* As a browser reads an attribute; what else is escaped stands in none. */
static char *
read_href(struct arena *a, const char *p, const char *end)
{
	char *out = arena_alloc(a, (size_t)(end - p) + 1), *at = out;

	assert_non_null(out);
	while (p < end) {
		*at++ = *p;
		p += strncmp(p, "&amp;", 5) == 0 ? 5 : 1;
	}
	return out;
}

/* Every link whose text has a number: of a day of the calendar the one that is
 * counted, which stands behind the day. */
static void
find_links(struct arena *a, struct span body, struct links *out)
{
	static const char count[] = "<span class=\"count\"";
	const char *p = arena_printf(a, "%.*s", (int)body.n, body.p).p;

	out->all = 0;
	while ((p = strstr(p, "<a ")) != NULL) {
		const char *close = strstr(p, "</a>"), *tag = strchr(p, '>');
		const char *href = strstr(p, "href=\""), *counted;
		int64_t n;

		assert_true(close != NULL && tag < close && href < tag);
		href += strlen("href=\"");
		counted = strstr(tag, count);
		n = number_of(
		    counted != NULL && counted < close ? counted : tag, close);
		if (n >= 0 && strncmp(href, "/domains/", 9) != 0) {
			assert_true(out->all < LINKS);
			out->href[out->all] =
			    read_href(a, href, strchr(href, '"'));
			out->n[out->all++] = n;
		}
		p = close;
	}
}

/* ---- what is behind them ---- */

static int64_t
occurrences(struct span body, const char *text)
{
	int64_t n = 0;
	size_t length = strlen(text);

	for (size_t i = 0; i + length <= body.n; i++)
		n += memcmp(body.p + i, text, length) == 0;
	return n;
}

typedef enum err
handler(struct web_call *c, struct error *e);

static void
get(struct tally *t, struct test_call *c,
    enum err (*handle)(struct web_call *c, struct error *e), const char *target)
{
	want_int(t, "result", test_call_handler(c, handle, target, NULL), 0);
	want_int(t, "status", c->status, 200);
}

/* The rows of the page that a link leads to, and what the API has of the same:
 * its total, and its items. */
static void
check_link(struct tally *t, struct test_call *c, const char *href, int64_t n)
{
	const char *query = strchr(href, '?');
	char *api = NULL, total[64];
	size_t size;
	FILE *f = open_memstream(&api, &size);
	bool of_incidents = strncmp(href, "/incidents", 10) == 0;

	assert_non_null(f);
	fprintf(f, "/api/v1/%s%s", of_incidents ? "incidents" : "domains",
	    query != NULL ? query : "");
	fclose(f);
	if (strncmp(href, "/api/v1/domains.csv", 19) == 0) {
		get(t, c, api_domains_csv, href);
		want_int(t, "lines", occurrences(c->body, "\r\n"), n + 1);
	} else if (of_incidents) {
		get(t, c, page_incidents, href);
		want_int(t, "rows",
		    occurrences(c->body, "<a href=\"/incidents/"), n);
		get(t, c, api_incidents, api);
		want_int(t, "items", occurrences(c->body, "\"subject\":"), n);
	} else {
		get(t, c, page_portfolio, href);
		want_int(t, "rows",
		    occurrences(c->body, "<th scope=\"row\" class=\"name"), n);
		get(t, c, api_domains, api);
		snprintf(total, sizeof total, "\"total\":%lld", (long long)n);
		want_said(t, c, total);
	}
	free(api);
}

/* least: as many links there have to be, or the page is another by now. */
static void
check_page(struct fixture *f,
    enum err (*handle)(struct web_call *c, struct error *e), const char *target,
    size_t least)
{
	struct tally t = { 0 };
	struct test_call c;
	struct links links;

	test_call_init(&c, f);
	t.label = target;
	get(&t, &c, handle, target);
	find_links(&f->a, c.body, &links);
	want_bool(&t, "links enough", links.all >= least, true);
	for (size_t i = 0; i < links.all; i++) {
		t.label = links.href[i];
		check_link(&t, &c, links.href[i], links.n[i]);
	}
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

static void
test_portfolio(void **state)
{
	fill(*state);
	/* 4 + 1 eligible, 6 + 1 deployed, paused, the CSV twice. */
	check_page(*state, page_portfolio, "/", 15);
	check_page(*state, page_portfolio, "/?paused=no&verdict=ok", 15);
	check_page(*state, page_portfolio, "/?search=nothing", 13);
}

static void
test_overview(void **state)
{
	fill(*state);
	/* 7 tiles, 6 days of certificates, 37 and more of incidents. */
	check_page(*state, page_overview, "/overview", 50);
}

/* What may be chosen in the form has a number, too: of all that are so. */
static void
test_choices(void **state)
{
	static const struct {
		const char *option, *target;
		int64_t n;
	} choices[] = {
		{ "Google (3)", "/?provider=Google", 3 },
		{ "own (3)", "/?provider=own", 3 },
		{ "a &amp; b (1)", "/?provider=a+%26+b", 1 },
		{ ">x (4)", "/?tag=x", 4 },
		{ ">y (2)", "/?tag=y", 2 },
	};
	struct tally t = { 0 };
	struct test_call c;

	fill(*state);
	test_call_init(&c, *state);
	for (size_t i = 0; i < ROWS(choices); i++) {
		t.label = choices[i].option;
		get(&t, &c, page_portfolio, "/");
		want_said(&t, &c, choices[i].option);
		check_link(&t, &c, choices[i].target, choices[i].n);
	}
	assert_int_equal(t.failed, 0);
	test_call_release(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_portfolio),
		RUN(test_overview),
		RUN(test_choices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

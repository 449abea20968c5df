/* /metrics, read as strictly as OpenMetrics 1.0 is written. */
#include <ctype.h>

#include "base/num.h"
#include "store/certificates.h"
#include "store/domains.h"
#include "store/incidents.h"
#include "store/outbox.h"
#include "store/work.h"
#include "version.h"
#include "web/test_call.h"

/* ---- a reader ---- */

struct reading {
	struct tally *tally;
	struct span text; /* what is left */
	struct span family, type, unit;
	struct span seen[64]; /* families */
	size_t families, samples;
	bool ended;
};

static void
wrong(struct reading *r, const char *what, struct span line)
{
	r->tally->failed++;
	printf("# %s: '%.*s'\n", what, (int)line.n, line.p);
}

/* Up to that octet, which is taken too; all that is left without it. */
static struct span
take_to(struct span *rest, char c)
{
	size_t at = span_find(*rest, c);
	struct span out = span_head(*rest, at);

	*rest = span_skip(*rest, at + 1);
	return out;
}

static bool
is_name(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!islower((unsigned char)s.p[i]) && s.p[i] != '_' &&
		    (i == 0 || !isdigit((unsigned char)s.p[i])))
			return false;
	return s.n > 0;
}

static bool
ends_with(struct span s, struct span tail)
{
	return s.n >= tail.n && span_eq(span_tail(s, tail.n), tail);
}

/* TYPE comes first, each once, and no family comes again. */
static void
read_comment(struct reading *r, struct span line)
{
	struct span rest = span_skip(line, 2), word = take_to(&rest, ' ');
	struct span name = take_to(&rest, ' ');

	if (span_eq(word, SPAN("EOF")) && name.n == 0) {
		r->ended = true;
	} else if (span_eq(word, SPAN("TYPE"))) {
		if (!is_name(name) || span_in(name, r->seen, r->families))
			wrong(r, "a family's name", line);
		r->seen[r->families++ % 64] = r->family = name;
		r->type = rest;
		r->unit = SPAN("");
		if (!span_eq(rest, SPAN("gauge")) &&
		    !span_eq(rest, SPAN("info")))
			wrong(r, "a type", line);
	} else if (!span_eq(name, r->family)) {
		wrong(r, "about another family", line);
	} else if (span_eq(word, SPAN("UNIT"))) {
		r->unit = rest;
		if (!ends_with(name, rest) || rest.n == 0)
			wrong(r, "a unit that the name does not end in", line);
	} else if (!span_eq(word, SPAN("HELP")) || rest.n == 0) {
		wrong(r, "a comment", line);
	}
}

/* name="text" with \\, \" and \n, up to the brace. */
static bool
read_labels(struct span *rest)
{
	do {
		*rest = span_skip(*rest, 1);
		if (!is_name(take_to(rest, '=')) ||
		    !span_starts(*rest, SPAN("\"")))
			return false;
		*rest = span_skip(*rest, 1);
		while (rest->n > 0 && rest->p[0] != '"') {
			if (rest->p[0] == '\\' &&
			    (rest->n < 2 ||
				strchr("\\\"n", rest->p[1]) == NULL))
				return false;
			*rest = span_skip(*rest, rest->p[0] == '\\' ? 2 : 1);
		}
		*rest = span_skip(*rest, 1);
	} while (span_starts(*rest, SPAN(",")));
	if (!span_starts(*rest, SPAN("}")))
		return false;
	*rest = span_skip(*rest, 1);
	return true;
}

static void
read_sample(struct reading *r, struct span line)
{
	struct span rest = line, name;
	size_t at = 0;
	uint64_t value;

	while (at < line.n && line.p[at] != '{' && line.p[at] != ' ')
		at++;
	name = span_head(line, at);
	rest = span_skip(line, at);
	if (span_eq(r->type, SPAN("info")) && ends_with(name, SPAN("_info")))
		name = span_head(name, name.n - 5);
	if (!span_eq(name, r->family))
		wrong(r, "a sample of another family", line);
	if (span_starts(rest, SPAN("{")) && !read_labels(&rest))
		wrong(r, "labels", line);
	if (!span_starts(rest, SPAN(" ")) ||
	    !num_parse(span_skip(rest, 1), INT64_MAX, &value))
		wrong(r, "a value", line);
	r->samples++;
}

static void
read_all(struct reading *r)
{
	if (!ends_with(r->text, SPAN("# EOF\n")))
		wrong(r, "an end", r->text);
	while (r->text.n > 0) {
		struct span line = take_to(&r->text, '\n');

		if (r->ended)
			wrong(r, "behind the end", line);
		else if (span_starts(line, SPAN("# ")))
			read_comment(r, line);
		else
			read_sample(r, line);
	}
}

static void
test_reader(void **state)
{
	static const char *const bad[] = { "", "# EOF", "a 1\n# EOF\n",
		"# TYPE a gauge\nb 1\n# EOF\n", "# TYPE a gauge\na\n# EOF\n",
		"# TYPE a gauge\na{b=1} 1\n# EOF\n",
		"# TYPE a gauge\na{b=\"\\x\"} 1\n# EOF\n",
		"# TYPE a gauge\na{b=\"1\" 1\n# EOF\n",
		"# TYPE a gauge\n# TYPE a gauge\n# EOF\n",
		"# TYPE a gauge\n# UNIT a seconds\n# EOF\n",
		"# TYPE a gauge\na 1\n\n# EOF\n", "# EOF\n# EOF\n",
		"# TYPE a counter\n# EOF\n", "# TYPE A gauge\n# EOF\n" };

	(void)state;
	for (size_t i = 0; i < ROWS(bad); i++) {
		struct tally t = { "bad", 0 };
		struct reading r = { .tally = &t, .text = span_str(bad[i]) };

		read_all(&r);
		assert_int_not_equal(t.failed, 0);
	}
}

/* ---- what there is to tell ---- */

static const struct web_channel channels[] = {
	{ .name = SPAN_INIT("mail") },
	{ .name = SPAN_INIT("chat \"x\\y\n") },
};

static int64_t
domain(struct fixture *f, const char *name, const char *deployment,
    const char *verdict, int64_t cert_days)
{
	const struct domain_summary s = {
		.deployment = span_str(deployment),
		.eligibility = SPAN("eligible"),
		.verdict = span_str(verdict),
		.max_age = -1,
		.mx_cert_until = { test_now.s + cert_days * 86400 + 5 },
	};
	int64_t id = fixture_domain(f, name);

	assert_err(f, domains_set_summary(f->s, id, &s, &f->e), ERR_OK);
	return id;
}

static void
fill(struct fixture *f)
{
	const struct incident_fault fault = {
		.cause = SPAN("mxcert.expired mx"),
		.check = SPAN("mxcert.expired"),
		.subject = SPAN("mx.example"),
		.severity = SEVERITY_ERROR,
		.message = SPAN("."),
		.remedy = SPAN("."),
	};
	int64_t id = domain(f, "a.example", "enforce", "error", -1);
	enum incident_event event;
	bool found;

	domain(f, "b.example", "enforce", "ok", 6);
	domain(f, "c.example", "enforce", "ok", 400);
	fixture_domain(f, "new.example");
	domain(f, "paused.example", "none", "ok", 2);
	assert_err(f,
	    domains_set_paused(
		f->s, SPAN("paused.example"), true, test_now, &found, &f->e),
	    ERR_OK);
	assert_err(f,
	    incident_raise(f->s, id, &fault, test_now, test_now, &event, &f->e),
	    ERR_OK);
	assert_err(f,
	    certificate_want(
		f->s, id, SPAN("mta-sts.a.example"), true, test_now, &f->e),
	    ERR_OK);
	assert_err(f,
	    certificate_want(
		f->s, id, SPAN("mta-sts.b.example"), true, test_now, &f->e),
	    ERR_OK);
	fixture_exec(f,
	    "UPDATE certificate SET issuer = 'https://ca.test/',"
	    " not_after = 1800100000, failing_since = 1,"
	    " order_state = 'failing' WHERE host = 'mta-sts.a.example'");
	fixture_exec(f,
	    "INSERT INTO certificate_refusal (host, ca, at, reason) VALUES"
	    " ('mta-sts.a.example', 'https://ca.test/', 1, 'No.')");
	fixture_worker(f);
	fixture_exec(f,
	    "INSERT INTO worker (name, role, started_at, seen_at) VALUES"
	    " ('h/2', 'edge', 1, 1799999000), ('h/3', 'monitor', 1, 1)");
	fixture_exec(f,
	    "INSERT INTO outbox (message_key, channel, kind, severity, text,"
	    " created_at, state, tell_at, next_try) VALUES ('k', 'mail',"
	    " 'opened', 'error', '', 1799999940, 'waiting', 1799999940,"
	    " 1800000000)");
}

static void
test_everything(void **state)
{
	static const char *const want[] = {
		"# TYPE mtasts_build info\n",
		"mtasts_build_info{version=\"" MTASTS_VERSION_TEXT "\"} 1\n",
		"mtasts_domains{deployment=\"enforce\",eligibility="
		"\"eligible\",verdict=\"error\"} 1\n",
		"mtasts_domains{deployment=\"enforce\",eligibility="
		"\"eligible\",verdict=\"ok\"} 2\n",
		"mtasts_domains{deployment=\"unseen\",eligibility=\"unseen\","
		"verdict=\"unseen\"} 1\n",
		"mtasts_domains_paused 1\n",
		"mtasts_domains_unseen 4\n",
		"mtasts_domains_overdue 4\n",
		"# UNIT mtasts_look_lag_seconds seconds\n",
		"mtasts_look_lag_seconds 7200\n",
		"mtasts_domains_certificate{ends=\"expired\"} 1\n",
		"mtasts_domains_certificate{ends=\"1d\"} 0\n",
		"mtasts_domains_certificate{ends=\"7d\"} 1\n",
		"mtasts_domains_certificate{ends=\"14d\"} 0\n",
		"mtasts_domains_certificate{ends=\"later\"} 1\n",
		"mtasts_incidents{severity=\"error\"} 1\n",
		"mtasts_incidents{severity=\"info\"} 0\n",
		"mtasts_incidents_unacknowledged 1\n",
		"mtasts_processes{role=\"edge\"} 0\n",
		"mtasts_processes{role=\"monitor\"} 0\n",
		"mtasts_outbox_waiting{channel=\"mail\"} 1\n",
		"mtasts_outbox_waiting{channel=\"chat \\\"x\\\\y\\n\"} 0\n",
		"mtasts_outbox_oldest_seconds{channel=\"mail\"} 7260\n",
		"mtasts_publications{stage=\"live\"} 0\n",
		"mtasts_orders{ca=\"https://ca.test/\",state=\"failing\"} 1\n",
		"mtasts_orders{ca=\"https://ca.test/\",state=\"waiting\"} 0\n",
		"mtasts_orders{ca=\"none\",state=\"waiting\"} 1\n",
		"mtasts_certificates{ca=\"https://ca.test/\",ends=\"7d\"} 1\n",
		"mtasts_certificates{ca=\"https://ca.test/\",ends=\"later\"} "
		"0\n",
	};
	struct tally t = { "metrics", 0 };
	struct fixture *f = *state;
	struct test_call c;
	struct reading r = { .tally = &t };

	fill(f);
	test_call_init(&c, f);
	c.config.channels = channels;
	c.config.n_channels = ROWS(channels);
	c.now.s = test_now.s + 7200;
	assert_err(
	    f, test_call_handler(&c, page_metrics, "/metrics", NULL), ERR_OK);
	assert_int_equal(c.status, 200);
	want_span(&t, "type", c.type,
	    SPAN("application/openmetrics-text; version=1.0.0; "
		 "charset=utf-8"));
	for (size_t i = 0; i < ROWS(want); i++)
		want_said(&t, &c, want[i]);
	want_unsaid(&t, &c, "example");
	r.text = c.body;
	read_all(&r);
	want_size(&t, "families", r.families, 16);
	test_call_release(&c);
	assert_int_equal(t.failed, 0);
}

/* A process that was heard of just now; a publication. */
static void
test_alive(void **state)
{
	struct tally t = { "metrics", 0 };
	struct fixture *f = *state;
	struct test_call c;

	fixture_worker(f);
	fixture_worker(f);
	test_call_init(&c, f);
	assert_err(
	    f, test_call_handler(&c, page_metrics, "/metrics", NULL), ERR_OK);
	want_said(&t, &c, "mtasts_processes{role=\"monitor\"} 2\n");
	want_said(&t, &c, "mtasts_look_lag_seconds 0\n");
	test_call_release(&c);
	assert_int_equal(t.failed, 0);
}

static void
test_for_whom(void **state)
{
	static const struct {
		enum caller_kind kind;
		bool open;
		int want;
	} rows[] = {
		{ CALLER_NOBODY, false, 401 },
		{ CALLER_NOBODY, true, 200 },
		{ CALLER_PROGRAM, false, 200 },
		{ CALLER_PERSON, false, 200 },
	};
	struct fixture *f = *state;
	struct test_call c;

	for (size_t i = 0; i < ROWS(rows); i++) {
		test_call_init(&c, f);
		c.config.metrics_open = rows[i].open;
		test_call_begin(&c, page_metrics, "/metrics", NULL);
		c.call.caller.kind = rows[i].kind;
		assert_err(f, test_call_end(&c, page_metrics), ERR_OK);
		assert_int_equal(c.status, rows[i].want);
		test_call_release(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reader),
		RUN(test_everything),
		RUN(test_alive),
		RUN(test_for_whom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

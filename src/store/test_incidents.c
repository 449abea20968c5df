/* What is raised and cleared, and what is told of it. */
#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "store/domains.h"
#include "store/history.h"
#include "store/incidents.h"
#include "store/outbox.h"
#include "store/test_store.h"

enum { TELL_S = 120, HOUR = 3600 };

static struct wall_time
after(int64_t s)
{
	return (struct wall_time){ test_now.s + s };
}

static struct incident_fault
fault(const char *cause, enum severity severity)
{
	return (struct incident_fault){
		.cause = span_str(cause),
		.check = SPAN("mxcert.expired"),
		.subject = SPAN("mx.example"),
		.severity = severity,
		.message = SPAN("The certificate has expired."),
		.remedy = SPAN("Renew it."),
	};
}

static enum incident_event
put_fault(struct fixture *f, int64_t domain, const struct incident_fault *what,
    int64_t at)
{
	enum incident_event event;

	assert_err(f,
	    incident_raise(f->s, domain, what, after(at), after(at + TELL_S),
		&event, &f->e),
	    ERR_OK);
	return event;
}

static enum incident_event
raise_(struct fixture *f, int64_t domain, const char *cause,
    enum severity severity, int64_t at)
{
	struct incident_fault what = fault(cause, severity);

	return put_fault(f, domain, &what, at);
}

static enum incident_event
clear(struct fixture *f, int64_t domain, const char *cause, int64_t at)
{
	enum incident_event event;

	assert_err(f,
	    incident_clear(f->s, domain, span_str(cause), after(7 * HOUR),
		after(at), &event, &f->e),
	    ERR_OK);
	return event;
}

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

/* The kinds of all news in order, "opened/1 resolved/1". */
static struct span
news(struct fixture *f)
{
	static const struct sql_statement all = {
		"SELECT message_key FROM outbox ORDER BY id"
	};
	struct sql_value row;
	struct sql_cursor cur;
	struct span out = SPAN("");
	bool got = true;

	assert_err(
	    f, sql_query(store_sql(f->s), &all, NULL, 0, &cur, &f->e), ERR_OK);
	for (;;) {
		assert_err(
		    f, sql_next(&cur, &f->a, &row, 1, &got, &f->e), ERR_OK);
		if (!got)
			break;
		out = arena_printf(&f->a, "%.*s%s%.*s", (int)out.n, out.p,
		    out.n > 0 ? " " : "", (int)row.s.n, row.s.p);
	}
	sql_end(&cur);
	return out;
}

static void
want_news(struct fixture *f, const char *want)
{
	struct tally t = { .label = "news" };

	want_span(&t, "keys", news(f), span_str(want));
	assert_int_equal(t.failed, 0);
}

/* The domain's newest event. */
static void
want_event(
    struct fixture *f, int64_t domain, const char *kind, const char *text)
{
	struct tally t = { .label = kind };
	struct history_event *all;
	size_t n;

	assert_err(f, history_list(f->s, domain, 0, 1, &f->a, &all, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 1);
	want_span(&t, "kind", all->kind, span_str(kind));
	want_span(&t, "text", all->text, span_str(text));
	assert_int_equal(t.failed, 0);
}

static void
test_life(void **state)
{
	struct fixture *f = *state;
	int64_t d = fixture_domain(f, "a.example");
	struct incident_fault what = fault("c", SEVERITY_WARNING);
	struct incident i;

	what.horizon = after(5 * HOUR);
	assert_int_equal(clear(f, d, "c", 0), INCIDENT_SAME);
	assert_int_equal(put_fault(f, d, &what, 10), INCIDENT_OPENED);
	i = get(f, 1);
	assert_true(span_eq(i.cause, SPAN("c")));
	assert_true(span_eq(i.check, SPAN("mxcert.expired")));
	assert_true(span_eq(i.subject, SPAN("mx.example")));
	assert_true(span_eq(i.message, SPAN("The certificate has expired.")));
	assert_true(span_eq(i.remedy, SPAN("Renew it.")));
	assert_int_equal(i.severity, SEVERITY_WARNING);
	assert_int_equal(i.opened_at.s, after(10).s);
	assert_int_equal(i.changed_at.s, after(10).s);
	assert_int_equal(i.horizon.s, after(5 * HOUR).s);
	assert_false(i.is_resolved || i.is_acknowledged);
	assert_int_equal(i.errors, 0);
	assert_int_equal(i.warnings, 1);
	assert_int_equal(i.domains, 1);
	want_event(f, d, "incident-opened", "The certificate has expired.");

	what.severity = SEVERITY_ERROR;
	what.message = SPAN("It is worse.");
	assert_int_equal(put_fault(f, d, &what, 20), INCIDENT_WORSENED);
	i = get(f, 1);
	assert_int_equal(i.severity, SEVERITY_ERROR);
	assert_int_equal(i.opened_at.s, after(10).s);
	assert_int_equal(i.changed_at.s, after(20).s);
	assert_int_equal(i.errors, 1);
	assert_int_equal(i.warnings, 0);
	assert_int_equal(i.domains, 1);
	assert_true(span_eq(i.message, SPAN("It is worse.")));
	want_event(f, d, "incident-worsened", "It is worse.");

	/* to ease is no news, and no event */
	assert_int_equal(
	    raise_(f, d, "c", SEVERITY_WARNING, 30), INCIDENT_SAME);
	i = get(f, 1);
	assert_int_equal(i.severity, SEVERITY_WARNING);
	assert_int_equal(i.changed_at.s, after(30).s);
	assert_int_equal(i.warnings, 1);
	assert_int_equal(i.errors, 0);
	want_event(f, d, "incident-worsened", "It is worse.");

	assert_int_equal(clear(f, d, "c", 3 * HOUR), INCIDENT_RESOLVED);
	i = get(f, 1);
	assert_true(i.is_resolved);
	assert_int_equal(i.resolved_at.s, after(3 * HOUR).s);
	assert_int_equal(i.severity, SEVERITY_WARNING);
	assert_int_equal(i.horizon.s, after(7 * HOUR).s);
	assert_int_equal(i.warnings, 0);
	assert_int_equal(i.domains, 1);
	want_event(f, d, "incident-resolved",
	    "The certificate has expired. (It lasted 2 hours.)");
	assert_int_equal(clear(f, d, "c", 4 * HOUR), INCIDENT_SAME);
	want_news(f, "incident/1/opened incident/1/worsened/1800000020"
		     " incident/1/resolved");

	/* a cause that comes back is a new one */
	assert_int_equal(
	    raise_(f, d, "c", SEVERITY_ERROR, 5 * HOUR), INCIDENT_OPENED);
	assert_int_equal(get(f, 2).opened_at.s, after(5 * HOUR).s);
	assert_true(get(f, 1).is_resolved);
}

/* One cause, three domains. */
static void
test_shared(void **state)
{
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example"),
		b = fixture_domain(f, "b.example"),
		c = fixture_domain(f, "c.example");
	struct incident_domain *list;
	struct incident i;
	size_t n;

	raise_(f, a, "c", SEVERITY_WARNING, 0);
	assert_int_equal(
	    raise_(f, b, "c", SEVERITY_WARNING, 10), INCIDENT_JOINED);
	want_event(f, b, "incident-joined", "The certificate has expired.");
	assert_int_equal(
	    raise_(f, c, "c", SEVERITY_ERROR, 20), INCIDENT_WORSENED);
	want_event(f, c, "incident-joined", "The certificate has expired.");
	/* as a whole it is an error already */
	assert_int_equal(raise_(f, a, "c", SEVERITY_ERROR, 30), INCIDENT_SAME);
	i = get(f, 1);
	assert_int_equal(i.errors, 2);
	assert_int_equal(i.warnings, 1);
	assert_int_equal(i.domains, 3);
	assert_int_equal(i.changed_at.s, after(20).s);

	assert_int_equal(clear(f, c, "c", 60 + 20), INCIDENT_LEFT);
	want_event(f, c, "incident-left",
	    "The certificate has expired. (It lasted 60 seconds.)");
	assert_int_equal(get(f, 1).severity, SEVERITY_ERROR);
	assert_int_equal(clear(f, a, "c", 90), INCIDENT_LEFT);
	i = get(f, 1);
	assert_int_equal(i.severity, SEVERITY_WARNING);
	assert_int_equal(i.changed_at.s, after(90).s);
	assert_int_equal(i.domains, 3);
	/* who left and comes back is one of the three */
	assert_int_equal(
	    raise_(f, a, "c", SEVERITY_WARNING, 100), INCIDENT_JOINED);
	assert_int_equal(get(f, 1).domains, 3);

	assert_err(f,
	    incident_domains(f->s, 1, SPAN(""), 10, &f->a, &list, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 3);
	assert_true(span_eq(list[0].name, SPAN("a.example")));
	assert_int_equal(list[0].since.s, after(100).s);
	assert_false(list[0].is_resolved);
	assert_int_equal(list[1].since.s, after(10).s);
	assert_int_equal(list[1].severity, SEVERITY_WARNING);
	assert_true(list[2].is_resolved);
	assert_int_equal(list[2].resolved_at.s, after(80).s);
	assert_int_equal(list[2].severity, SEVERITY_ERROR);
	assert_err(f,
	    incident_domains(f->s, 1, list[0].name, 1, &f->a, &list, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 1);
	assert_true(span_eq(list[0].name, SPAN("b.example")));

	assert_int_equal(clear(f, a, "c", 200), INCIDENT_LEFT);
	assert_int_equal(clear(f, b, "c", 210), INCIDENT_RESOLVED);
	want_news(f, "incident/1/opened incident/1/worsened/1800000020"
		     " incident/1/resolved");
}

/* What concerns us has no domain, and no history. */
static void
test_ours(void **state)
{
	struct fixture *f = *state;
	int64_t d = fixture_domain(f, "a.example");
	struct incident i;

	assert_int_equal(raise_(f, 0, "monitor.stale", SEVERITY_WARNING, 0),
	    INCIDENT_OPENED);
	i = get(f, 1);
	assert_int_equal(i.domains, 0);
	assert_int_equal(i.errors + i.warnings, 0);
	assert_int_equal(i.severity, SEVERITY_WARNING);
	assert_int_equal(
	    raise_(f, 0, "monitor.stale", SEVERITY_WARNING, 1), INCIDENT_SAME);
	assert_int_equal(raise_(f, 0, "monitor.stale", SEVERITY_ERROR, 2),
	    INCIDENT_WORSENED);
	assert_int_equal(raise_(f, d, "monitor.stale", SEVERITY_WARNING, 3),
	    INCIDENT_JOINED);
	assert_int_equal(clear(f, 0, "monitor.stale", 4), INCIDENT_LEFT);
	assert_int_equal(get(f, 1).severity, SEVERITY_WARNING);
	assert_int_equal(clear(f, 0, "monitor.stale", 5), INCIDENT_SAME);
	assert_int_equal(clear(f, d, "monitor.stale", 6), INCIDENT_RESOLVED);
	assert_int_equal(
	    raise_(f, 0, "monitor.stale", SEVERITY_ERROR, 7), INCIDENT_OPENED);
	assert_int_equal(clear(f, 0, "monitor.stale", 8), INCIDENT_RESOLVED);
	assert_true(get(f, 2).is_resolved);
}

/* Information alone: an incident like any other, of no weight. */
static void
test_info(void **state)
{
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example"),
		b = fixture_domain(f, "b.example");

	assert_int_equal(raise_(f, a, "c", SEVERITY_INFO, 0), INCIDENT_OPENED);
	assert_int_equal(raise_(f, b, "c", SEVERITY_INFO, 1), INCIDENT_JOINED);
	assert_int_equal(get(f, 1).severity, SEVERITY_INFO);
	assert_int_equal(clear(f, a, "c", 2), INCIDENT_LEFT);
	assert_int_equal(
	    raise_(f, b, "c", SEVERITY_ERROR, 3), INCIDENT_WORSENED);
	assert_int_equal(clear(f, b, "c", 4), INCIDENT_RESOLVED);
}

/* All rows that an incident has anywhere, so that a write would show. */
static int64_t
writes(struct fixture *f)
{
	static const struct sql_statement sqlite = { "SELECT total_changes()" };
	static const struct sql_statement postgres = {
		"SELECT CAST(CAST(CAST(xmin AS TEXT) AS BIGINT) + (SELECT"
		" CAST(CAST(COALESCE(MAX(CAST(CAST(xmin AS TEXT) AS BIGINT)),"
		" 0) AS TEXT) AS BIGINT) FROM incident_domain) AS BIGINT)"
		" FROM incident WHERE id = 1"
	};

	return fixture_count(f, f->is_postgres ? &postgres : &sqlite);
}

static void
test_quiet(void **state)
{
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example"),
		b = fixture_domain(f, "b.example"), before;
	struct incident_fault what = fault("c", SEVERITY_ERROR);

	what.horizon = after(10 * HOUR);
	put_fault(f, a, &what, 0);
	before = writes(f);
	what.message = SPAN("Other words.");
	for (int64_t at = 1; at < HOUR; at += 600) {
		what.horizon = after(10 * HOUR + at);
		assert_int_equal(put_fault(f, a, &what, at), INCIDENT_SAME);
	}
	assert_int_equal(writes(f), before);
	assert_int_equal(get(f, 1).horizon.s, after(10 * HOUR).s);

	/* an hour later, its words come along */
	what.horizon = after(11 * HOUR);
	assert_int_equal(put_fault(f, a, &what, HOUR), INCIDENT_SAME);
	assert_true(writes(f) != before);
	assert_int_equal(get(f, 1).horizon.s, after(11 * HOUR).s);
	assert_true(span_eq(get(f, 1).message, SPAN("Other words.")));

	/* of its only domain also if it is earlier; else the latest */
	what.horizon = after(2 * HOUR);
	put_fault(f, a, &what, HOUR);
	assert_int_equal(get(f, 1).horizon.s, after(2 * HOUR).s);
	what.horizon = after(5 * HOUR);
	put_fault(f, b, &what, HOUR);
	assert_int_equal(get(f, 1).horizon.s, after(5 * HOUR).s);
	before = writes(f);
	what.horizon = after(2 * HOUR);
	assert_int_equal(put_fault(f, a, &what, HOUR), INCIDENT_SAME);
	assert_int_equal(writes(f), before);
	assert_int_equal(get(f, 1).horizon.s, after(5 * HOUR).s);
	what.horizon.s = 0;
	clear(f, b, "c", HOUR);
	put_fault(f, a, &what, HOUR);
	assert_int_equal(get(f, 1).horizon.s, 0);
}

static void
test_unknown_domain(void **state)
{
	struct fixture *f = *state;
	struct incident_fault what = fault("c", SEVERITY_ERROR);
	enum incident_event event;
	struct incident i;
	bool found;

	assert_err(f,
	    incident_raise(f->s, 77, &what, test_now, test_now, &event, &f->e),
	    ERR_STORE);
	assert_err(f, incident_get(f->s, 1, &f->a, &i, &found, &f->e), ERR_OK);
	assert_false(found); /* nothing half done */
}

static void
test_remove_domain(void **state)
{
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example"),
		b = fixture_domain(f, "b.example");
	struct incident_fault what = fault("own", SEVERITY_ERROR);
	struct incident i;
	bool found;

	what.horizon = after(9 * HOUR);
	put_fault(f, a, &what, 0);
	raise_(f, a, "shared", SEVERITY_ERROR, 0);
	raise_(f, b, "shared", SEVERITY_WARNING, 0);
	raise_(f, a, "over", SEVERITY_WARNING, 0);
	clear(f, a, "over", 1);
	assert_err(f,
	    domains_remove(f->s, SPAN("a.example"), after(5), &found, &f->e),
	    ERR_OK);
	assert_true(found);
	i = get(f, 1);
	assert_true(i.is_resolved);
	assert_int_equal(i.resolved_at.s, after(5).s);
	assert_int_equal(i.horizon.s, after(9 * HOUR).s);
	i = get(f, 2);
	assert_false(i.is_resolved);
	assert_int_equal(i.errors, 0);
	assert_int_equal(i.warnings, 1);
	assert_int_equal(i.domains, 2);
	assert_int_equal(i.severity, SEVERITY_WARNING);
	want_news(f, "incident/1/opened incident/2/opened incident/3/opened"
		     " incident/3/resolved incident/1/resolved");
}

static void
test_acknowledge(void **state)
{
	struct fixture *f = *state;
	int64_t d = fixture_domain(f, "a.example");
	char *long_note = arena_alloc(&f->a, LIMIT_NOTE + 1);
	struct incident i;
	bool found;

	raise_(f, d, "c", SEVERITY_ERROR, 0);
	assert_err(f,
	    incident_acknowledge(
		f->s, 1, SPAN("anna"), SPAN("on it"), after(5), &found, &f->e),
	    ERR_OK);
	assert_true(found);
	assert_err(f,
	    incident_acknowledge(
		f->s, 1, SPAN("bert"), SPAN("still"), after(9), &found, &f->e),
	    ERR_OK);
	i = get(f, 1);
	assert_true(i.is_acknowledged);
	assert_int_equal(i.acknowledged_at.s, after(5).s);
	assert_true(span_eq(i.acknowledged_by, SPAN("bert")));
	assert_true(span_eq(i.note, SPAN("still")));
	assert_err(f,
	    incident_acknowledge(
		f->s, 2, SPAN("x"), SPAN(""), after(9), &found, &f->e),
	    ERR_OK);
	assert_false(found);
	assert_non_null(long_note);
	memset(long_note, 'x', LIMIT_NOTE + 1);
	assert_err(f,
	    incident_acknowledge(f->s, 1, SPAN("x"),
		(struct span){ long_note, LIMIT_NOTE + 1 }, after(9), &found,
		&f->e),
	    ERR_LIMIT);
	/* one that worsens is told all the same */
	raise_(f, fixture_domain(f, "b.example"), "d", SEVERITY_WARNING, 0);
	assert_err(f,
	    incident_acknowledge(
		f->s, 2, SPAN("x"), SPAN(""), after(9), &found, &f->e),
	    ERR_OK);
	assert_int_equal(
	    raise_(f, d, "d", SEVERITY_ERROR, 10), INCIDENT_WORSENED);
}

/* Ids of a page, "3 1 2". */
static void
want_list(struct fixture *f, struct incident_filter filter, const char *want)
{
	struct tally t = { .label = want };
	struct incident *list;
	struct span got = SPAN("");
	size_t n;

	if (filter.max == 0)
		filter.max = 100;
	assert_err(
	    f, incident_list(f->s, &filter, &f->a, &list, &n, &f->e), ERR_OK);
	for (size_t i = 0; i < n; i++)
		got = arena_printf(&f->a, "%.*s%s%lld", (int)got.n, got.p,
		    i > 0 ? " " : "", (long long)list[i].id);
	want_span(&t, "list", got, span_str(want));
	assert_int_equal(t.failed, 0);
}

static void
tag(struct fixture *f, const char *name, const char *with)
{
	bool found;

	assert_err(f,
	    domains_tag(f->s, span_str(name), span_str(with), &found, &f->e),
	    ERR_OK);
	assert_true(found);
}

static void
test_list(void **state)
{
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example"),
		b = fixture_domain(f, "b.example");

	tag(f, "b.example", "customer");
	raise_(f, a, "1", SEVERITY_WARNING, 10);
	raise_(f, a, "2", SEVERITY_ERROR, 20);
	raise_(f, b, "3", SEVERITY_ERROR, 15);
	raise_(f, b, "4", SEVERITY_INFO, 1);
	raise_(f, a, "5", SEVERITY_WARNING, 10);
	raise_(f, b, "5", SEVERITY_WARNING, 30);
	want_list(f, (struct incident_filter){ 0 }, "3 2 1 5 4");
	want_list(f, (struct incident_filter){ .max = 3 }, "3 2 1");
	want_list(f, (struct incident_filter){ .max = 2, .after = 1 }, "5 4");
	want_list(f, (struct incident_filter){ .after = 3, .max = 1 }, "2");
	want_list(f, (struct incident_filter){ .after = 4 }, "");
	want_list(f, (struct incident_filter){ .after = 99 }, "");
	want_list(f, (struct incident_filter){ .severity = SEVERITY_WARNING },
	    "3 2 1 5");
	want_list(f, (struct incident_filter){ .domain = a }, "2 1 5");
	want_list(
	    f, (struct incident_filter){ .domain = a, .after = 2 }, "1 5");
	want_list(
	    f, (struct incident_filter){ .tag = SPAN("customer") }, "3 5 4");
	want_list(f, (struct incident_filter){ .tag = SPAN("nobody") }, "");
	want_list(f, (struct incident_filter){ .resolved = true }, "");

	clear(f, a, "5", 50); /* it left, b remains */
	clear(f, a, "2", 60);
	clear(f, b, "4", 70);
	clear(f, a, "1", 60);
	want_list(f, (struct incident_filter){ 0 }, "3 5");
	want_list(f, (struct incident_filter){ .domain = a }, "");
	/* the place of one that has ended */
	want_list(f, (struct incident_filter){ .after = 1 }, "5");
	want_list(f, (struct incident_filter){ .resolved = true }, "4 2 1");
	want_list(
	    f, (struct incident_filter){ .resolved = true, .max = 2 }, "4 2");
	want_list(
	    f, (struct incident_filter){ .resolved = true, .after = 2 }, "1");
	want_list(f, (struct incident_filter){ .resolved = true, .domain = a },
	    "2 1");
	want_list(f,
	    (struct incident_filter){
		.resolved = true, .tag = SPAN("customer") },
	    "4");
	want_list(f,
	    (struct incident_filter){
		.resolved = true, .severity = SEVERITY_ERROR },
	    "2");
	want_list(f,
	    (struct incident_filter){ .resolved = true,
		.severity = SEVERITY_WARNING,
		.domain = a,
		.after = 2 },
	    "1");
}

static void
test_has_tag(void **state)
{
	static const struct span tags[] = { SPAN_INIT("x"), SPAN_INIT("y") };
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example"),
		b = fixture_domain(f, "b.example");
	bool has;

	raise_(f, a, "1", SEVERITY_ERROR, 0);
	raise_(f, b, "1", SEVERITY_ERROR, 0);
	raise_(f, a, "2", SEVERITY_ERROR, 0);
	tag(f, "b.example", "y");
	assert_err(f, incident_has_tag(f->s, 1, tags, 2, &has, &f->e), ERR_OK);
	assert_true(has);
	assert_err(f, incident_has_tag(f->s, 1, tags, 1, &has, &f->e), ERR_OK);
	assert_false(has);
	assert_err(f, incident_has_tag(f->s, 2, tags, 2, &has, &f->e), ERR_OK);
	assert_false(has);
	assert_err(f, incident_has_tag(f->s, 1, NULL, 0, &has, &f->e), ERR_OK);
	assert_false(has);
}

/* A page costs the same however many have ended. */
static void
test_many(void **state)
{
	enum { MANY = 5000 };
	struct fixture *f = *state;
	struct incident_filter filter = { .resolved = true, .max = 700 };
	struct incident *list;
	size_t n, total = 0;
	int64_t last = INT64_MAX;

	fixture_exec(f,
	    "INSERT INTO incident (cause, check_slug, subject, severity,"
	    " opened_at, changed_at, resolved_at, message, remedy)"
	    " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 5000) SELECT 'c', 's', '', 'error', 1, 1,"
	    " 1000 + i / 3, 'm', 'r' FROM n");
	do {
		arena_release(&f->a);
		assert_err(f,
		    incident_list(f->s, &filter, &f->a, &list, &n, &f->e),
		    ERR_OK);
		for (size_t i = 0; i < n; i++) {
			assert_true(list[i].resolved_at.s <= last);
			last = list[i].resolved_at.s;
			filter.after = list[i].id;
		}
		total += n;
	} while (n > 0);
	assert_int_equal(total, MANY);
}

enum { MONITORS = 4, ROUNDS = 40, CAUSES = 3 };

struct monitor {
	const char *url;
	pthread_t thread;
	int64_t domain;
	int64_t news; /* that it was said to have caused */
	unsigned seed;
	enum err err;
	struct error e;
};

static const char *const causes[CAUSES] = { "1", "2", "3" };

/* A round: some of the causes are raised, the others cleared. */
static enum err
end_round(struct store *s, void *arg, struct error *e)
{
	struct monitor *m = arg;
	enum err err = ERR_OK;

	m->news = 0;
	for (int i = 0; err == ERR_OK && i < CAUSES; i++) {
		unsigned dice = m->seed >> (2 * i) & 3;
		struct incident_fault what = fault(
		    causes[i], dice == 1 ? SEVERITY_WARNING : SEVERITY_ERROR);
		enum incident_event event;

		err = dice < 2 ? incident_clear(s, m->domain, what.cause,
				     test_now, test_now, &event, e)
			       : incident_raise(s, m->domain, &what, test_now,
				     test_now, &event, e);
		m->news +=
		    event == INCIDENT_OPENED || event == INCIDENT_RESOLVED;
	}
	return err;
}

static void *
run_monitor(void *arg)
{
	struct monitor *m = arg;
	struct store *s;
	int64_t news = 0;

	m->err = store_open(m->url, STORE_USE, test_now, &s, &m->e);
	if (m->err != ERR_OK)
		return NULL;
	for (int i = 0; i < ROUNDS && m->err == ERR_OK; i++) {
		m->seed = m->seed * 1103515245 + 12345;
		m->err = store_transact(s, end_round, m, &m->e);
		news += m->news;
	}
	m->news = news;
	store_free(s);
	return NULL;
}

/* Whoever raises and clears at the same moment: of each cause at most one is
 * open, its counters are true, and what opened and ended was told once. */
static void
test_at_once(void **state)
{
	static const struct sql_statement untrue = {
		"SELECT COUNT(*) FROM incident WHERE"
		" errors <> (SELECT COUNT(*) FROM incident_domain AS d"
		"  WHERE d.incident = incident.id AND d.resolved_at IS NULL"
		"  AND d.severity = 'error')"
		" OR warnings <> (SELECT COUNT(*) FROM incident_domain AS d"
		"  WHERE d.incident = incident.id AND d.resolved_at IS NULL"
		"  AND d.severity = 'warning')"
		" OR domains <> (SELECT COUNT(*) FROM incident_domain AS d"
		"  WHERE d.incident = incident.id)"
		" OR (resolved_at IS NULL) <> (errors + warnings > 0)"
		" OR (errors > 0 AND severity <> 'error')"
		" OR (errors = 0 AND warnings > 0 AND severity <> 'warning')"
	};
	static const struct sql_statement told = {
		"SELECT COUNT(*) FROM outbox WHERE kind <> 'worsened'"
	};
	struct fixture *f = *state;
	struct monitor m[MONITORS];
	int64_t news = 0;

	for (size_t i = 0; i < MONITORS; i++) {
		char name[32];

		snprintf(name, sizeof name, "d%zu.example", i);
		m[i] = (struct monitor){ .url = f->url,
			.domain = fixture_domain(f, name),
			.seed = (unsigned)(i * 7919 + 1) };
	}
	for (size_t i = 0; i < MONITORS; i++)
		assert_int_equal(
		    pthread_create(&m[i].thread, NULL, run_monitor, &m[i]), 0);
	for (size_t i = 0; i < MONITORS; i++) {
		pthread_join(m[i].thread, NULL);
		f->e = m[i].e;
		assert_err(f, m[i].err, ERR_OK);
		news += m[i].news;
	}
	assert_int_equal(fixture_count(f, &untrue), 0);
	assert_true(news >= CAUSES);
	assert_int_equal(fixture_count(f, &told), news);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_life),
		RUN(test_shared),
		RUN(test_ours),
		RUN(test_info),
		RUN(test_quiet),
		RUN(test_unknown_domain),
		RUN(test_remove_domain),
		RUN(test_acknowledge),
		RUN(test_list),
		RUN(test_has_tag),
		RUN(test_many),
		RUN(test_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

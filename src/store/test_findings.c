#include "store/findings.h"
#include "store/test_store.h"

#define AT(s)                                                                  \
	{                                                                      \
		1800000000 + (s)                                               \
	}

static struct ip_addr
address(const char *text)
{
	struct ip_addr a = { 0 };

	assert_true(ip_parse(span_str(text), &a));
	return a;
}

/* In the order of sightings_step, which is not that of the slugs. */
static void
make_findings(struct sighting all[4])
{
	all[0] = (struct sighting){
		.check = CHECK_TXT_LOOKUP_FAILED,
		.result = RESULT_UNKNOWN,
		.subject = SPAN("_mta-sts.a.example"),
		.state = SIGHTING_PENDING,
		.severity = SEVERITY_WARNING,
		.first_seen = AT(1),
		.message = SPAN("No answer."),
		.remedy = SPAN(""),
	};
	all[1] = (struct sighting){
		.check = CHECK_STARTTLS_MISSING,
		.result = RESULT_FAIL,
		.subject = SPAN("mx.example"),
		.address = address("192.0.2.25"),
		.state = SIGHTING_STANDING,
		.severity = SEVERITY_ERROR,
		.first_seen = AT(2),
		.message = SPAN("No STARTTLS."),
		.remedy = SPAN("Offer it.\nlike this"),
	};
	all[2] = all[1];
	all[2].address = address("2001:db8::25");
	all[2].state = SIGHTING_LEAVING;
	all[3] = all[1];
	all[3].subject = SPAN("mx2.example");
}

static void
want_findings(struct fixture *f, const char *label, int64_t domain,
    const struct sighting *want, size_t n)
{
	struct tally t = { .label = label };
	struct sightings got;

	assert_err(f, findings_load(f->s, domain, &f->a, &got, &f->e), ERR_OK);
	want_size(&t, "findings", got.n, n);
	for (size_t i = 0; i < n && i < got.n; i++) {
		const struct sighting *g = &got.all[i], *w = &want[i];

		want_int(&t, "identity", sighting_cmp(g, w), 0);
		want_int(&t, "result", g->result, w->result);
		want_int(&t, "state", g->state, w->state);
		want_int(&t, "severity", g->severity, w->severity);
		want_int(&t, "first_seen", g->first_seen.s, w->first_seen.s);
		want_int(&t, "last_seen", g->last_seen.s, w->first_seen.s);
		want_span(&t, "message", g->message, w->message);
		want_span(&t, "remedy", g->remedy, w->remedy);
	}
	assert_int_equal(t.failed, 0);
}

static void
save(struct fixture *f, int64_t domain, struct sighting *before,
    size_t n_before, struct sighting *after, size_t n_after)
{
	const struct sightings b = { before, n_before }, a = { after, n_after };

	assert_err(f, findings_save(f->s, domain, &b, &a, &f->e), ERR_OK);
}

static void
test_rounds(void **state)
{
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example"),
		b = fixture_domain(f, "b.example");
	struct sighting first[4], second[4];

	make_findings(first);
	want_findings(f, "none yet", a, NULL, 0);
	save(f, a, NULL, 0, first, 4);
	save(f, b, NULL, 0, first, 1);
	want_findings(f, "first", a, first, 4);

	/* one goes, one changes, one stays; then the one comes back */
	make_findings(second);
	second[0] = first[1];
	second[0].severity = SEVERITY_WARNING;
	second[0].message = SPAN("Still no STARTTLS.");
	second[1] = first[2];
	second[2] = first[3];
	save(f, a, first, 4, second, 3);
	want_findings(f, "second", a, second, 3);
	save(f, a, second, 3, first, 4);
	want_findings(f, "third", a, first, 4);
	save(f, a, first, 4, NULL, 0);
	want_findings(f, "all is well", a, NULL, 0);
	want_findings(f, "another's", b, first, 1);
}

/* Each member alone is a difference; that it was seen again is none. */
static void
test_differences(void **state)
{
	struct fixture *f = *state;
	int64_t d = fixture_domain(f, "a.example");
	struct sighting before[4], after[4];

	make_findings(before);
	save(f, d, NULL, 0, before, 1);
	for (int i = 0; i < 6; i++) {
		make_findings(after);
		after[0].last_seen.s = test_now.s + 999;
		switch (i) {
		case 0:
			after[0].result = RESULT_FAIL;
			break;
		case 1:
			after[0].state = SIGHTING_STANDING;
			break;
		case 2:
			after[0].severity = SEVERITY_ERROR;
			break;
		case 3:
			after[0].first_seen.s++;
			break;
		case 4:
			after[0].message = SPAN("Other.");
			break;
		case 5:
			after[0].remedy = SPAN("Other.");
			break;
		}
		save(f, d, before, 1, after, 1);
		want_findings(f, "changed", d, after, 1);
		memcpy(before, after, sizeof before);
	}
}

static void
test_quiet(void **state)
{
	static const struct sql_statement sqlite = { "SELECT total_changes()" };
	static const struct sql_statement postgres = {
		"SELECT SUM(CAST(CAST(xmin AS TEXT) AS BIGINT))::BIGINT"
		" FROM finding_state"
	};
	struct fixture *f = *state;
	const struct sql_statement *writes =
	    f->is_postgres ? &postgres : &sqlite;
	int64_t d = fixture_domain(f, "a.example"), before;
	struct sighting all[4], again[4];

	make_findings(all);
	make_findings(again);
	save(f, d, NULL, 0, all, 4);
	before = fixture_count(f, writes);
	for (size_t i = 0; i < 4; i++)
		again[i].last_seen.s = test_now.s + 900;
	save(f, d, all, 4, again, 4);
	assert_int_equal(fixture_count(f, writes), before);
}

/* A check that a newer program knew. */
static void
test_unknown_check(void **state)
{
	struct fixture *f = *state;
	int64_t d = fixture_domain(f, "a.example");
	struct sighting all[4];

	make_findings(all);
	save(f, d, NULL, 0, all, 2);
	fixture_exec(f, "UPDATE finding_state SET check_slug = 'mail.by-pigeon'"
			" WHERE address = ''");
	want_findings(f, "passed over", d, all + 1, 1);
}

static void
test_damaged(void **state)
{
	static const struct {
		const char *label, *damage, *want;
	} rows[] = {
		{ "address", "UPDATE finding_state SET address = '1.2.3'",
		    "'1.2.3'" },
		{ "result", "UPDATE finding_state SET result = 'ok'", "'ok'" },
		{ "state", "UPDATE finding_state SET state = ''", "''" },
		{ "severity", "UPDATE finding_state SET severity = 'x'",
		    "severity 'x'" },
	};
	struct fixture *f = *state;
	struct sql *sql = store_sql(f->s);
	int64_t d = fixture_domain(f, "a.example");
	struct sighting all[4];
	struct sightings got;
	struct tally t = { 0 };

	make_findings(all);
	save(f, d, NULL, 0, all, 1);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		assert_err(f, sql_begin(sql, SQL_WRITE, &f->e), ERR_OK);
		assert_err(f, sql_exec(sql, rows[i].damage, &f->e), ERR_OK);
		want_int(&t, "error",
		    findings_load(f->s, d, &f->a, &got, &f->e), ERR_DATA);
		want_bool(&t, f->e.text,
		    strstr(f->e.text, rows[i].want) != NULL, true);
		sql_rollback(sql);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_rounds),
		RUN(test_differences),
		RUN(test_quiet),
		RUN(test_unknown_check),
		RUN(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

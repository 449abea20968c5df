/* A sound store has no fault, and each damage is found. */
#include "store/certificates.h"
#include "store/hosts.h"
#include "store/incidents.h"
#include "store/ledgers.h"
#include "store/outbox.h"
#include "store/test_published.h"

static void
publish(struct fixture *f)
{
	const struct certificate_outcome issued = { .order = SPAN(""),
		.chain = SPAN("chain"),
		.key_name = SPAN("key"),
		.issuer = SPAN(""),
		.problem = SPAN("") };
	int64_t domain = fixture_publish(f, "p.example");
	int64_t w = fixture_worker(f);
	struct test_step s = test_step_begin(f, w, 0);
	struct certificate_order *o;
	size_t n;
	bool held;

	s.after.state.version = 1;
	s.after.state.body = SPAN("body");
	assert_true(test_step_end(f, &s, 1, 2));
	assert_err(f,
	    certificate_want(
		f->s, domain, SPAN("mta-sts.p.example"), true, test_now, &f->e),
	    ERR_OK);
	assert_err(f,
	    certificate_claim(
		f->s, w, test_now, test_after(9), 1, &f->a, &o, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 1);
	assert_err(f,
	    certificate_finish(f->s, w, o, &issued, test_now, &held, &f->e),
	    ERR_OK);
	assert_true(held);
}

/* Something of everything. */
static void
fill(struct fixture *f)
{
	static const struct span hosts[] = { SPAN_INIT("mx.example") };
	const struct incident_fault fault = {
		.cause = SPAN("c"),
		.check = SPAN("mxcert.expired"),
		.subject = SPAN("mx.example"),
		.severity = SEVERITY_WARNING,
		.message = SPAN("m"),
		.remedy = SPAN("r"),
	};
	int64_t a = fixture_domain(f, "a.example"),
		b = fixture_domain(f, "b.example");
	struct observation o = { .at = test_now,
		.txt = SIGHT_PRESENT,
		.id = SPAN("1"),
		.file = SIGHT_PRESENT,
		.body = SPAN("version: STSv1\nmode: none\nmax_age: 86400\n"),
		.mode = STS_MODE_NONE,
		.max_age = 86400,
		.mx = SIGHT_PRESENT,
		.mx_hosts = hosts,
		.n_mx_hosts = 1 };
	struct ledger before = { 0 }, after = { 0 };
	struct ledger_change change;
	enum incident_event event;

	for (int i = 0; i < 2; i++)
		assert_err(f,
		    incident_raise(f->s, i == 0 ? a : b, &fault, test_now,
			test_now, &event, &f->e),
		    ERR_OK);
	assert_err(f,
	    incident_clear(
		f->s, b, fault.cause, test_now, test_now, &event, &f->e),
	    ERR_OK);
	assert_err(f, hosts_use(f->s, a, hosts, 1, test_now, &f->e), ERR_OK);
	assert_err(f, ledger_step(&after, &o, &f->a, &change), ERR_OK);
	assert_err(f, ledger_save(f->s, a, &before, &after, &f->e), ERR_OK);
	fixture_exec(f, "INSERT INTO domain_tag (tag, name, domain)"
			" SELECT 't', name, id FROM domain");
	publish(f);
}

/* clang-format off */
static const struct {
	const char *damage, *want;
} rows[] = {
	{ "SELECT 1", "" },
	{ "DELETE FROM work WHERE domain = 1", "no schedule for a.example" },
	{ "UPDATE domain_tag SET name = 'c.example' WHERE domain = 1", "tag t has another name for a.example" },
	{ "UPDATE work SET claimed_by = 1, due_at = NULL WHERE domain = 2", "domain 2 is claimed and will never be due" },
	{ "UPDATE incident SET errors = 1", "incident 1 miscounts its domains" },
	{ "UPDATE incident SET warnings = 2", "incident 1 miscounts its domains" },
	{ "UPDATE incident SET infos = -1", "incident 1 miscounts its domains" },
	{ "UPDATE incident SET domains = 1", "incident 1 miscounts its domains" },
	{ "UPDATE incident_domain SET severity = 'error'", "incident 1 miscounts its domains" },
	{ "UPDATE incident SET resolved_at = 1", "incident 1 is open and nobody suffers, or the other way" },
	{ "UPDATE incident SET severity = 'error'", "incident 1 has the severity error" },
	{ "UPDATE incident SET ours = 'error'", "incident 1 has the severity warning" },
	{ "UPDATE incident_domain SET name = 'c.example' WHERE domain = 2", "incident 1 has another name for b.example" },
	{ "UPDATE outbox SET next_try = NULL", "outbox row 1 is waiting and has a next try, or the other way" },
	{ "UPDATE outbox SET state = 'done', next_try = NULL", "outbox row 1 is done and has a next try, or the other way" },
	{ "UPDATE outbox SET state = 'done', next_try = NULL, ended_at = 1, claimed_by = 1", "outbox row 1 is claimed and done" },
	{ "DELETE FROM ledger", "policy versions and no ledger for domain 1" },
	{ "INSERT INTO sts_id (domain, seq, id, first_seen, since, reused, versions) SELECT domain, 2, id, 1, 1, 0, '' FROM sts_id", "two ids seen at once for domain 1" },
	{ "INSERT INTO mx_set (domain, seq, hosts, first_seen, last_seen) SELECT domain, 3, '', 1, 1 FROM mx_set", "a gap in the MX hosts of domain 1" },
	{ "UPDATE mx_set SET last_seen = 1", "a gap in the MX hosts of domain 1" },
	{ "UPDATE publication SET name = 'q.example'", "publication of p.example has another name" },
	{ "UPDATE publication SET claimed_by = 1, due_at = NULL", "publication of p.example is claimed and will never be due" },
	{ "UPDATE publication SET stage = 'ended'", "publication of p.example is ended and served, or the other way" },
	{ "UPDATE served SET gone = 1", "publication of p.example is awaited and served, or the other way" },
	{ "UPDATE served SET host = 'mta-sts.q.example'", "publication of p.example is awaited and served, or the other way" },
	{ "UPDATE publication SET version = 2", "what is served for p.example is no version of its policy" },
	{ "DELETE FROM published_body", "what is served for p.example is no version of its policy" },
	{ "UPDATE change_number SET number = 1", "label pppppppppppppppp has a change that was never counted" },
	{ "UPDATE change_number SET number = 2", "certificate of mta-sts.p.example is served and not there, or the other way" },
	{ "DELETE FROM change_number", "label pppppppppppppppp has a change that was never counted" },
	{ "UPDATE served SET body_number = 3", "label pppppppppppppppp has a change that was never counted" },
	{ "UPDATE certificate SET number = 0", "certificate of mta-sts.p.example is served and not there, or the other way" },
	{ "UPDATE certificate SET key_name = ''", "certificate of mta-sts.p.example is served and not there, or the other way" },
	{ "UPDATE certificate SET order_state = 'failing'", "order for mta-sts.p.example fails and does not say why, or the other way" },
	{ "UPDATE certificate SET order_state = 'failing', failing_since = 1", "order for mta-sts.p.example fails and does not say why, or the other way" },
	{ "INSERT INTO certificate_refusal (host, ca, at, reason) VALUES ('mta-sts.p.example', '', 1, '.')", "order for mta-sts.p.example fails and does not say why, or the other way" },
};
/* clang-format on */

static void
test_every_damage(void **state)
{
	struct fixture *f = *state;
	struct sql *sql = store_sql(f->s);
	struct store_health h;
	struct tally t = { 0 };

	fill(f);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].damage;
		assert_err(f, sql_begin(sql, SQL_WRITE, &f->e), ERR_OK);
		assert_err(f, sql_exec(sql, rows[i].damage, &f->e), ERR_OK);
		assert_err(f, store_check(f->s, &f->a, &h, &f->e), ERR_OK);
		want_span(&t, "fault", h.fault, span_str(rows[i].want));
		sql_rollback(sql);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_every_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

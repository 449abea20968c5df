/* The monitor's rounds, from claim to settlement. */
#include "roles/test_watch.h"

enum { MANY = 110 }; /* MX records: more than are looked at */

/* Three domains, one host: looked at once, and nothing is wrong. */
static void
test_first_looks(void **state)
{
	struct watch *w = *state;
	int talks;

	watch_three(w);
	assert_int_equal(w->m.host_looks, 1);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM mail_host"), 1);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM domain_host"), 3);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM incident"), 0);
	assert_int_equal(
	    watch_count(w, "SELECT COUNT(*) FROM domain WHERE verdict = 'ok'"),
	    3);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM domain"
					" WHERE deployment = 'enforce'"),
	    2);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM work"
					" WHERE claimed_by IS NOT NULL"),
	    0);
	/* A domain more does not bring another visit. */
	talks = atomic_load(&w->smtp.connections);
	watch_pass_and_run(w, HOUR);
	assert_int_equal(w->m.host_looks, 1);
	assert_int_equal(atomic_load(&w->smtp.connections), talks);
}

#define SUMMARY(domain, columns)                                               \
	"SELECT COUNT(*) FROM domain WHERE name = '" domain "' AND " columns

/* What the portfolio shows, and that it follows. */
static void
test_summary(void **state)
{
	struct watch *w = *state;
	long long now;
	char text[512];

	watch_three(w);
	now = clock_wall(&w->time.clock).s;
	snprintf(text, sizeof text,
	    SUMMARY("a.example",
		"record = 'ok' AND policy = 'ok' AND tlsrpt = 'ok'"
		" AND provider = 'shared.example' AND next_step = 'nothing'"
		" AND next_check = '' AND addresses = 1 AND good_addresses = 1"
		" AND mx = 1 AND covered_mx = 1"
		" AND mode_since BETWEEN %lld - 60 AND %lld"
		" AND cached_until BETWEEN %lld AND %lld + 86400"
		" AND cached_until %% 86400 = 0"),
	    now, now, now + 604800 - 60, now + 604800);
	assert_int_equal(watch_count(w, text), 1);
	/* The certificates of both peers were made a moment ago, for the same
	 * time. */
	assert_int_equal(
	    watch_count(w, SUMMARY("a.example",
			       "policy_cert_until BETWEEN mx_cert_until - 60"
			       " AND mx_cert_until + 60"
			       " AND mx_cert_until < 9999999999999")),
	    1);
	assert_int_equal(
	    watch_count(w, SUMMARY("c.example",
			       "record = 'none' AND policy = 'none'"
			       " AND tlsrpt = 'none' AND next_step = 'publish'"
			       " AND addresses = 1 AND covered_mx = 0")),
	    1);
	atomic_store(&w->no_starttls, true);
	watch_pass_and_run(w, 6 * HOUR + MINUTE);
	watch_pass_and_run(w, AGAIN);
	assert_int_equal(
	    watch_count(w,
		SUMMARY("a.example", "next_step = 'mend' AND good_addresses = 0"
				     " AND next_check = 'starttls.missing'")),
	    1);
	assert_int_equal(
	    watch_count(
		w, SUMMARY("c.example",
		       "next_step = 'mail-servers' AND next_check = ''")),
	    1);
}

static void
count_writes(struct watch *w)
{
	fixture_exec(w->f, "CREATE TABLE written (one BIGINT)");
	if (!w->f->is_postgres) {
		fixture_exec(w->f,
		    "CREATE TRIGGER note AFTER UPDATE ON domain"
		    " BEGIN INSERT INTO written VALUES (1); END");
		return;
	}
	fixture_exec(w->f,
	    "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
	    " 'BEGIN INSERT INTO written VALUES (1); RETURN NEW; END'");
	fixture_exec(w->f, "CREATE TRIGGER note AFTER UPDATE ON domain"
			   " FOR EACH ROW EXECUTE FUNCTION note()");
}

/* Where nothing happens, a row of the portfolio is written once a day, and only
 * where senders hold a copy. */
static void
test_quiet_summary(void **state)
{
	struct watch *w = *state;
	int64_t day_s = 24 * HOUR;

	/* Early on a day, whatever the machine's clock says. */
	watch_pass(w, day_s - clock_wall(&w->time.clock).s % day_s + HOUR);
	watch_three(w);
	count_writes(w);
	w->m.rounds = 0;
	for (int i = 0; i < 4; i++)
		watch_pass_and_run(w, 15 * MINUTE + 1);
	assert_true(w->m.rounds >= 12);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM written"), 0);
	watch_pass_and_run(w, day_s - 2 * HOUR);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM written"), 2);
}

/* The host breaks: one incident for all, at the second look; and it ends. */
static void
test_shared_host(void **state)
{
	struct watch *w = *state;

	watch_three(w);
	atomic_store(&w->no_starttls, true);
	watch_pass_and_run(w, 6 * HOUR + MINUTE);
	assert_int_equal(watch_count(w, OPEN("starttls.missing")), 0);
	watch_pass_and_run(w, AGAIN);
	assert_int_equal(watch_count(w, OPEN("starttls.missing")), 1);
	assert_int_equal(watch_count(w, SUFFERERS("starttls.missing")), 3);
	assert_int_equal(
	    watch_count(w, "SELECT COUNT(*) FROM outbox WHERE kind = 'opened'"),
	    1);
	atomic_store(&w->no_starttls, false);
	watch_pass_and_run(w, 6 * HOUR + MINUTE);
	assert_int_equal(watch_count(w, OPEN("starttls.missing")), 0);
	assert_int_equal(watch_count(w, SUFFERERS("starttls.missing")), 0);
	assert_int_equal(
	    watch_count(
		w, "SELECT COUNT(*) FROM outbox WHERE kind = 'resolved'"),
	    1);
}

/* A new id, and what it names, are one observation. */
static void
test_new_id(void **state)
{
	struct watch *w = *state;
	int fetches;

	watch_domain(w, "a.example");
	watch_run(w);
	fetches = atomic_load(&w->https.connections);
	for (size_t i = 0; i < w->n_zone; i++)
		if (strcmp(w->zone[i].name, "_mta-sts.a.example") == 0)
			w->zone[i].data = "v=STSv1; id=2;";
	atomic_store(&w->policy,
	    "version: STSv1\nmode: testing\nmx: mx.shared.example\n"
	    "max_age: 86400\n");
	watch_collector(w, &w->m); /* which has nothing in its cache */
	/* Only the records are due. */
	fixture_exec(w->f, "UPDATE work SET due_policy = due_policy + 86400,"
			   " due_authority = due_authority + 86400");
	watch_pass_and_run(w, 15 * MINUTE + 1);
	assert_true(atomic_load(&w->https.connections) > fetches);
	assert_int_equal(
	    watch_count(w, "SELECT COUNT(*) FROM policy_version"), 2);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM sts_id"
					" WHERE versions IN ('1', '2')"),
	    2);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM domain"
					" WHERE mode = 'testing'"),
	    1);
}

static void
set(struct watch *w, const char *text)
{
	bool found;

	assert_err(w->f,
	    domains_set_settings(w->f->s, SPAN("a.example"), span_str(text),
		clock_wall(&w->time.clock), &found, &w->f->e),
	    ERR_OK);
	assert_true(found);
}

/* What is set holds from then on, however far away the next round is. */
static void
test_settings(void **state)
{
	struct watch *w = *state;
	struct job *j;

	watch_domain(w, "a.example");
	watch_run(w);
	fixture_exec(w->f,
	    "UPDATE work SET due_at = due_at + 500000,"
	    " wanted_at = wanted_at + 500000, due_records = due_at + 500000,"
	    " due_policy = due_at + 500000, due_authority = due_at + 500000");
	set(w, "records-every=10m\n");
	watch_run(w);
	w->m.rounds = 0;
	watch_pass_and_run(w, 10 * MINUTE + 1);
	assert_int_equal(w->m.rounds, 1);
	/* Set while a round is under way: another one follows. */
	watch_pass(w, 10 * MINUTE + 1);
	j = watch_one_job(w);
	set(w, "records-every=5m\n");
	assert_err(w->f, monitor_finish(j, &w->f->e), ERR_OK);
	watch_run(w);
	assert_int_equal(w->m.rounds, 3);
	watch_pass_and_run(w, 5 * MINUTE + 1);
	assert_int_equal(w->m.rounds, 4);
}

/* The label, so often, to 253 octets. */
static const char *
long_name(struct watch *w, char letter)
{
	char *name = arena_alloc(&w->f->a, 254);

	assert_non_null(name);
	memset(name, letter, 253);
	name[63] = name[127] = name[191] = '.';
	name[253] = '\0';
	return name;
}

/* MX records that name nobody: a round ends all the same, and is not due again
 * at once. */
static void
test_odd_names(void **state)
{
	struct watch *w = *state;
	const char *name = long_name(w, 'a');
	int64_t hosts;

	watch_record(w, "odd.example", DNS_MX, "10 192.0.2.1");
	watch_record(w, "odd.example", DNS_MX, "20 \x01\xff .odd\\.example");
	watch_record(w, "odd.example", DNS_MX, "30 *.odd.example");
	watch_record(w, "odd.example", DNS_MX,
	    arena_printf(&w->f->a, "40 %s", long_name(w, 'b')).p);
	watch_record(w, "odd.example", DNS_MX,
	    arena_printf(&w->f->a, "50 %s", long_name(w, '\x02')).p);
	watch_record(w, "odd.example", DNS_MX, "60 ");
	watch_record(w, "null.example", DNS_MX, "0 ");
	watch_record(w, "no-mx.example", DNS_A, "127.0.0.1");
	watch_record(w, "nothing.example", DNS_TXT, "-");
	watch_record(w, name, DNS_MX, "10 mx.shared.example");
	for (int i = 0; i < MANY; i++)
		watch_record(w, "many.example", DNS_MX,
		    arena_printf(&w->f->a, "10 mx%d.many.example", i).p);
	watch_domain(w, "odd.example");
	watch_domain(w, "null.example");
	watch_domain(w, "no-mx.example");
	watch_domain(w, "nothing.example");
	watch_domain(w, "not-there.example");
	watch_domain(w, "many.example");
	watch_domain(w, name);
	watch_run(w);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM work"
					" WHERE checked_at IS NULL"),
	    0);
	hosts = watch_count(w, "SELECT COUNT(*) FROM domain_host");
	assert_int_equal(hosts, 5 + 0 + 1 + 1 + 0 + LIMIT_MX_HOSTS + 1);
	assert_int_equal(
	    watch_count(w, "SELECT COUNT(*) FROM mail_host"), hosts);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM mail_host"
					" WHERE looked_at IS NULL"),
	    0);
	for (int i = 0; i < 4; i++)
		watch_pass_and_run(w, 15 * MINUTE + 1);
	w->m.rounds = w->m.host_looks = 0;
	watch_pass_and_run(w, MINUTE);
	assert_int_equal(w->m.rounds, 0);
	assert_int_equal(w->m.host_looks, 0);
	assert_int_equal(
	    watch_count(w, "SELECT COUNT(*) FROM domain_host"), hosts);
}

/* One thread is enough for hosts, too. */
static void
test_one_look(void **state)
{
	struct watch *w = *state;

	w->config.looks = 1;
	watch_three(w);
	assert_int_equal(w->m.host_looks, 1);
	assert_int_equal(
	    watch_count(w, "SELECT COUNT(*) FROM domain WHERE verdict = 'ok'"),
	    3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_first_looks),
		STORY(test_summary),
		STORY(test_quiet_summary),
		STORY(test_shared_host),
		STORY(test_new_id),
		STORY(test_settings),
		STORY(test_odd_names),
		STORY(test_one_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a domain takes when nothing happens to it: of the file, and of a round.
 *
 * The domains are as they are in life: an observation, a ledger, three mail
 * hosts that all share, and a warning of their own with its incident. SQLite
 * alone, since its file says how large it is. */
#include "store/domains.h"
#include "store/findings.h"
#include "store/hosts.h"
#include "store/incidents.h"
#include "store/ledgers.h"
#include "store/observations.h"
#include "store/test_store.h"
#include "store/work.h"

enum {
	HOUR = 3600,
	CLAIM = 500,
	DOMAIN_BYTES = 4096, /* at most, a domain */
	JSON_BYTES = 900, /* at least, compressed: as saved observations have */
};

static const struct sql_statement pages = {
	"SELECT page_count FROM pragma_page_count"
};
static const struct sql_statement packed_bytes = {
	"SELECT CAST(AVG(LENGTH(json_zlib)) AS INTEGER) FROM observation"
};

struct end {
	struct fixture *f;
	const struct work_claim *claim;
	int64_t worker;
	struct wall_time now;
};

/* Of a saved observation's size, and as hard to compress. */
static struct span
observation(struct arena *a, const struct work_claim *c, struct wall_time now)
{
	enum { MEMBERS = 60, SIZE = 4096 };
	char *mem = arena_alloc(a, SIZE);
	struct buf b = buf_init(mem, SIZE);
	uint64_t random = (uint64_t)c->domain;

	assert_non_null(mem);
	buf_printf(&b, "{\"domain\": \"%.*s\", \"checked_at\": %lld",
	    (int)c->name.n, c->name.p, (long long)now.s);
	for (int i = 0; i < MEMBERS; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		buf_printf(&b, ", \"member-%d\": \"%llx%llx\"", i,
		    (unsigned long long)random,
		    (unsigned long long)random * 7919 >> 30);
	}
	buf_putc(&b, '}');
	assert_false(b.overflow);
	return buf_span(&b);
}

static enum err
save_ledger(
    struct store *s, const struct end *r, struct arena *a, struct error *e)
{
	static const struct span hosts[] = { SPAN_INIT("mx1.example"),
		SPAN_INIT("mx2.example"), SPAN_INIT("mx3.example") };
	const struct observation o = {
		.at = r->now,
		.txt = SIGHT_PRESENT,
		.id = SPAN("20261122T100000"),
		.file = SIGHT_PRESENT,
		.body = SPAN("version: STSv1\nmode: enforce\nmx: mx1.example\n"
			     "mx: mx2.example\nmx: mx3.example\n"
			     "max_age: 604800\n"),
		.mode = STS_MODE_ENFORCE,
		.max_age = 604800,
		.mx_patterns = hosts,
		.n_mx_patterns = 3,
		.mx = SIGHT_PRESENT,
		.mx_hosts = hosts,
		.n_mx_hosts = 3,
		.txt_cname = SIGHT_ABSENT,
		.host_cname = SIGHT_ABSENT,
	};
	struct ledger before, now;
	struct ledger_change change;
	enum err err = ledger_load(s, r->claim->domain, a, &now, e);

	if (err == ERR_OK)
		err = ledger_snapshot(&now, a, &before);
	if (err == ERR_OK)
		err = ledger_step(&now, &o, a, &change);
	if (err == ERR_OK)
		err = ledger_save(s, r->claim->domain, &before, &now, e);
	return err == ERR_OK
		   ? hosts_use(s, r->claim->domain, hosts, 3, r->now, e)
		   : err;
}

/* Its horizon moves with the clock, as that of a policy that is served. */
static enum err
save_finding(
    struct store *s, const struct end *r, struct arena *a, struct error *e)
{
	struct sighting seen = {
		.check = CHECK_HTTPS_CERT_EXPIRING,
		.result = RESULT_FAIL,
		.subject = arena_printf(
		    a, "mta-sts.%.*s", (int)r->claim->name.n, r->claim->name.p),
		.state = SIGHTING_STANDING,
		.severity = SEVERITY_WARNING,
		.first_seen = test_now,
		.message = SPAN("The certificate of the policy host expires "
				"on 2026-12-01 10:00 UTC."),
		.remedy = SPAN("Renew it; see why that did not happen."),
	};
	const struct sightings after = { &seen, 1 };
	struct incident_fault fault = {
		.cause = arena_printf(a, "https-cert.expiring %.*s %.*s",
		    (int)r->claim->name.n, r->claim->name.p,
		    (int)seen.subject.n, seen.subject.p),
		.check = SPAN("https-cert.expiring"),
		.subject = seen.subject,
		.severity = seen.severity,
		.message = seen.message,
		.remedy = seen.remedy,
		.horizon = { r->now.s + 604800 },
	};
	struct sightings before;
	enum incident_event event;
	enum err err = findings_load(s, r->claim->domain, a, &before, e);

	if (err == ERR_OK)
		err = findings_save(s, r->claim->domain, &before, &after, e);
	if (err == ERR_OK)
		err = incident_raise(
		    s, r->claim->domain, &fault, r->now, r->now, &event, e);
	return err;
}

static enum err
end_round(struct store *s, void *arg, struct error *e)
{
	static const struct domain_summary same = { .verdict =
							SPAN_INIT("warning"),
		.mode = SPAN_INIT("enforce"),
		.max_age = 604800 };
	const struct end *r = arg;
	struct wall_time next = { r->now.s + HOUR };
	const struct schedule schedule = { .due = { next, next, next } };
	struct arena a;
	bool held;
	enum err err =
	    work_finish(s, r->worker, r->claim, &schedule, r->now, &held, e);

	assert_true(err != ERR_OK || held);
	arena_init(&a, 1024 * 1024);
	if (err == ERR_OK)
		err = domains_set_summary(s, r->claim->domain, &same, e);
	if (err == ERR_OK)
		err = observation_put(s, r->claim->domain,
		    observation(&a, r->claim, r->now), r->now, e);
	if (err == ERR_OK)
		err = save_ledger(s, r, &a, e);
	if (err == ERR_OK)
		err = save_finding(s, r, &a, e);
	arena_release(&a);
	return err;
}

/* Every domain once, an hour after the last time. */
static void
run_round(struct fixture *f, int64_t worker, size_t domains, int nth)
{
	struct end r = {
		.f = f, .worker = worker, .now = { test_now.s + nth * HOUR }
	};
	struct work_claim *list;
	size_t n, all = 0;

	do {
		arena_release(&f->a);
		assert_err(f,
		    work_claim(f->s, worker, r.now,
			(struct wall_time){ r.now.s + 60 }, CLAIM, &f->a, &list,
			&n, &f->e),
		    ERR_OK);
		assert_err(
		    f, sql_begin(store_sql(f->s), SQL_WRITE, &f->e), ERR_OK);
		for (size_t i = 0; i < n; i++) {
			r.claim = &list[i];
			assert_err(f, end_round(f->s, &r, &f->e), ERR_OK);
		}
		assert_err(f, sql_commit(store_sql(f->s), &f->e), ERR_OK);
		all += n;
	} while (n == CLAIM);
	assert_int_equal(all, domains);
}

static void
add(struct fixture *f, size_t n)
{
	struct span *names = arena_array(&f->a, n, sizeof *names);
	struct domains_added added;

	assert_non_null(names);
	for (size_t i = 0; i < n; i++)
		names[i] = arena_printf(&f->a, "customer-%06zu.example", i);
	assert_err(
	    f, domains_add(f->s, names, n, test_now, &added, &f->e), ERR_OK);
}

/* After the second round the file is as large as it ever gets, but for a page
 * in a hundred: observations are not compressed to the same length every time.
 */
static void
test_room(void **state)
{
	enum { DOMAINS = 2000, ROUNDS = 6 };
	struct fixture *f = *state;
	int64_t worker = fixture_worker(f), empty = fixture_count(f, &pages);
	int64_t second = 0, last;

	add(f, DOMAINS);
	for (int i = 1; i <= ROUNDS; i++) {
		run_round(f, worker, DOMAINS, i);
		if (i == 2)
			second = fixture_count(f, &pages);
	}
	last = fixture_count(f, &pages);
	assert_in_range(last, second, second + second / 100);
	assert_in_range(
	    fixture_count(f, &packed_bytes), JSON_BYTES, 2 * JSON_BYTES);
	assert_in_range((last - empty) * 4096 / DOMAINS, 1000, DOMAIN_BYTES);
}

static void
test_month(void **state)
{
	enum { DOMAINS = 15, ROUNDS = 30 * 24 };
	struct fixture *f = *state;
	int64_t worker = fixture_worker(f), second = 0;

	add(f, DOMAINS);
	for (int i = 1; i <= ROUNDS; i++) {
		run_round(f, worker, DOMAINS, i);
		if (i == 2)
			second = fixture_count(f, &pages);
	}
	assert_int_equal(fixture_count(f, &pages), second);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_room),
		RUN(test_month),
	};

	if (getenv("STORE_URL") != NULL) {
		puts("1..0 # SKIP for SQLite");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

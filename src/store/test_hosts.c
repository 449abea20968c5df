/* Mail hosts: who uses them, who looks at them. */
#include <pthread.h>

#include "store/domains.h"
#include "store/hosts.h"
#include "store/test_store.h"
#include "store/work.h"

enum { LEASE_S = 120 };

static struct wall_time
after(int64_t s)
{
	return (struct wall_time){ test_now.s + s };
}

/* Hosts are letters: "ab" is a.mx.example and b.mx.example. */
static void
use(struct fixture *f, int64_t domain, const char *letters, int64_t at)
{
	struct span names[26];
	size_t n = strlen(letters);

	for (size_t i = 0; i < n; i++)
		names[i] = arena_printf(&f->a, "%c.mx.example", letters[i]);
	assert_err(
	    f, hosts_use(f->s, domain, names, n, after(at), &f->e), ERR_OK);
}

static struct host_claim *
claim(struct fixture *f, int64_t worker, int64_t at, size_t max, size_t want)
{
	struct host_claim *list;
	size_t n;

	assert_err(f,
	    hosts_claim(f->s, worker, after(at), after(at + LEASE_S), max,
		&f->a, &list, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, want);
	return list;
}

static bool
finish(struct fixture *f, int64_t worker, const struct host_claim *c,
    struct host_look look)
{
	bool held;

	if (look.json.p == NULL)
		look.json = SPAN("");
	assert_err(
	    f, hosts_finish(f->s, worker, c, &look, &held, &f->e), ERR_OK);
	return held;
}

static bool
get(struct fixture *f, const char *name, struct span *json, int64_t *seen_at)
{
	struct wall_time at;
	bool found;

	assert_err(f,
	    hosts_get(f->s, span_str(name), &f->a, json, &at, &found, &f->e),
	    ERR_OK);
	if (found)
		*seen_at = at.s;
	return found;
}

static const struct sql_statement count_hosts = {
	"SELECT COUNT(*) FROM mail_host"
};
static const struct sql_statement count_uses = {
	"SELECT COUNT(*) FROM domain_host"
};

static void
test_look(void **state)
{
	struct fixture *f = *state;
	int64_t d = fixture_domain(f, "a.example"), w = fixture_worker(f), at;
	struct host_claim *c;
	struct span json;

	use(f, d, "a", 5);
	claim(f, w, 4, 10, 0);
	c = claim(f, w, 5, 10, 1);
	assert_true(span_eq(c->name, SPAN("a.mx.example")));
	assert_int_equal(c->failures, 0);
	assert_int_equal(c->doubts, 0);
	claim(f, w, 6, 10, 0);
	assert_false(get(f, "a.mx.example", &json, &at));
	/* could not measure */
	assert_true(finish(f, w, c,
	    (struct host_look){
		.at = after(7), .due = after(20), .failures = UINT8_MAX }));
	assert_false(finish(f, w, c, (struct host_look){ .at = after(7) }));
	assert_false(get(f, "a.mx.example", &json, &at));
	claim(f, w, 19, 10, 0);
	c = claim(f, w, 20, 10, 1);
	assert_int_equal(c->failures, UINT8_MAX);
	/* something that is held true from now on */
	assert_true(finish(f, w, c,
	    (struct host_look){ .at = after(21),
		.due = after(40),
		.json = SPAN("{\"mx\": 1}") }));
	assert_true(get(f, "a.mx.example", &json, &at));
	assert_true(span_eq(json, SPAN("{\"mx\": 1}")));
	assert_int_equal(at, after(21).s);
	c = claim(f, w, 40, 10, 1);
	assert_int_equal(c->failures, 0);
	/* a doubt: what was held true still is */
	assert_true(finish(f, w, c,
	    (struct host_look){
		.at = after(41), .due = after(50), .doubts = 1 }));
	assert_true(get(f, "a.mx.example", &json, &at));
	assert_int_equal(at, after(21).s);
	c = claim(f, w, 50, 10, 1);
	assert_int_equal(c->doubts, 1);
	assert_false(get(f, "b.mx.example", &json, &at));
}

/* Of a.mx.example; all zero if nothing is held true. */
static struct host_version
version(struct fixture *f)
{
	struct host_version v = { 0, 0 };
	bool found;

	assert_err(f,
	    hosts_version(f->s, SPAN("a.mx.example"), &v, &found, &f->e),
	    ERR_OK);
	assert_true(found == (v.host != 0));
	return v;
}

static bool
is_same(struct host_version a, struct host_version b)
{
	return a.host == b.host && a.number == b.number;
}

/* Whatever may have changed what is held true gives it another number; reading
 * does not. */
static void
test_version(void **state)
{
	struct fixture *f = *state;
	int64_t d = fixture_domain(f, "a.example"), w = fixture_worker(f);
	struct host_version first, held, again, second;
	struct host_look look = {
		.at = after(1), .due = after(10), .json = SPAN("{\"mx\": 1}")
	};
	struct host_claim *c;

	use(f, d, "a", 0);
	assert_int_equal(version(f).host, 0);
	c = claim(f, w, 0, 10, 1);
	assert_int_equal(version(f).host, 0);
	assert_true(finish(f, w, c, look));
	first = version(f);
	assert_true(first.host != 0);
	assert_true(is_same(version(f), first));
	/* taken over: who had it before can write no more */
	claim(f, w, 10, 10, 1);
	held = version(f);
	c = claim(f, w, 10 + LEASE_S, 10, 1);
	again = version(f);
	look.json = SPAN("{\"mx\": 2}");
	assert_true(finish(f, w, c, look));
	second = version(f);
	assert_false(is_same(second, first));
	assert_false(is_same(second, held));
	assert_false(is_same(second, again));
	/* forgotten, and there anew with as many looks */
	use(f, d, "", 200);
	claim(f, w, 200, 10, 0);
	assert_int_equal(version(f).host, 0);
	use(f, d, "a", 200);
	assert_true(finish(f, w, claim(f, w, 200, 10, 1), look));
	assert_int_equal(version(f).number, first.number);
	assert_false(is_same(version(f), first));
}

/* What cannot be read is in nobody's way, and is not held true any more. */
static void
test_damaged(void **state)
{
	struct fixture *f = *state;
	int64_t d = fixture_domain(f, "a.example"), w = fixture_worker(f), at;
	const struct host_look look = {
		.at = after(1), .due = after(20), .json = SPAN("{}")
	};
	struct host_claim *c;
	struct wall_time seen_at;
	struct span json;
	bool found;

	use(f, d, "ab", 0);
	c = claim(f, w, 0, 10, 2);
	assert_true(finish(f, w, &c[0], look));
	assert_true(finish(f, w, &c[1], look));
	fixture_exec(f, f->is_postgres
			    ? "UPDATE mail_host SET json_zlib = '\\x00'"
			      " WHERE name = 'a.mx.example'"
			    : "UPDATE mail_host SET json_zlib = x'00'"
			      " WHERE name = 'a.mx.example'");
	assert_err(f,
	    hosts_get(f->s, SPAN("a.mx.example"), &f->a, &json, &seen_at,
		&found, &f->e),
	    ERR_DATA);
	assert_err(
	    f, hosts_lose(f->s, SPAN("a.mx.example"), after(5), &f->e), ERR_OK);
	assert_false(get(f, "a.mx.example", &json, &at));
	c = claim(f, w, 5, 10, 1);
	assert_true(span_eq(c->name, SPAN("a.mx.example")));
	/* One that is under way stays so. */
	assert_true(finish(f, w, c, look));
	c = claim(f, w, 20, 1, 1);
	assert_err(f, hosts_lose(f->s, c->name, after(21), &f->e), ERR_OK);
	assert_false(get(f, "a.mx.example", &json, &at) &&
		     get(f, "b.mx.example", &json, &at));
	claim(f, w, 21, 10, 1);
}

/* Domains with the same hosts have them looked at once. */
static void
test_use(void **state)
{
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example"),
		b = fixture_domain(f, "b.example"), w = fixture_worker(f);

	use(f, a, "ba", 0);
	use(f, b, "bca", 1);
	assert_int_equal(fixture_count(f, &count_hosts), 3);
	assert_int_equal(fixture_count(f, &count_uses), 5);
	claim(f, w, 0, 10, 2);
	claim(f, w, 1, 10, 1);
	use(f, b, "d", 2);
	assert_int_equal(fixture_count(f, &count_uses), 3);
	use(f, b, "", 2);
	assert_int_equal(fixture_count(f, &count_uses), 2);
	assert_int_equal(fixture_count(f, &count_hosts), 4);
}

/* The same hosts, in whatever order, are not written again. */
static void
test_same_use(void **state)
{
	static const struct sql_statement sqlite = { "SELECT total_changes()" };
	static const struct sql_statement postgres = {
		"SELECT SUM(CAST(CAST(xmin AS TEXT) AS BIGINT))::BIGINT FROM"
		" (SELECT xmin FROM domain_host UNION ALL"
		" SELECT xmin FROM mail_host) AS all_rows"
	};
	struct fixture *f = *state;
	const struct sql_statement *writes =
	    f->is_postgres ? &postgres : &sqlite;
	int64_t a = fixture_domain(f, "a.example"), before;

	use(f, a, "abc", 0);
	before = fixture_count(f, writes);
	use(f, a, "cab", 1);
	assert_int_equal(fixture_count(f, writes), before);
	use(f, a, "cad", 1);
	assert_true(fixture_count(f, writes) != before);
}

static void
test_forgotten(void **state)
{
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example"),
		b = fixture_domain(f, "b.example"), w = fixture_worker(f);
	struct host_claim *c;
	bool found;

	use(f, a, "abc", 0);
	use(f, b, "b", 0);
	use(f, a, "c", 1);
	assert_int_equal(fixture_count(f, &count_hosts), 3);
	c = claim(f, w, 0, 10, 2); /* a is forgotten */
	assert_int_equal(fixture_count(f, &count_hosts), 2);
	assert_err(f,
	    domains_remove(f->s, SPAN("a.example"), after(1), &found, &f->e),
	    ERR_OK);
	for (int i = 0; i < 2; i++)
		assert_true(finish(f, w, &c[i],
		    (struct host_look){ .at = after(2), .due = after(9) }));
	c = claim(f, w, 9, 10, 1);
	assert_true(span_eq(c->name, SPAN("b.mx.example")));
	assert_int_equal(fixture_count(f, &count_hosts), 1);
	/* one that comes back is a new one */
	use(f, b, "ab", 10);
	claim(f, w, 10, 10, 1);
}

static void
test_taken_over(void **state)
{
	struct fixture *f = *state;
	int64_t d = fixture_domain(f, "a.example"), slow = fixture_worker(f),
		other = fixture_worker(f);
	struct host_claim *c, *taken;
	struct host_look look = { .at = after(1), .due = after(900) };
	size_t held;

	use(f, d, "ab", 0);
	c = claim(f, slow, 0, 2, 2);
	claim(f, other, LEASE_S - 1, 2, 0);
	assert_err(f,
	    hosts_extend(f->s, slow, c, 1, after(3 * LEASE_S), &held, &f->e),
	    ERR_OK);
	assert_int_equal(held, 1);
	taken = claim(f, other, LEASE_S, 2, 1);
	assert_int_equal(taken->host, c[1].host);
	assert_err(f,
	    hosts_extend(f->s, slow, c, 2, after(4 * LEASE_S), &held, &f->e),
	    ERR_OK);
	assert_int_equal(held, 1);
	assert_false(finish(f, slow, &c[1], look));
	assert_true(finish(f, other, taken, look));
	assert_true(finish(f, slow, &c[0], look));
}

static void
test_leave(void **state)
{
	struct fixture *f = *state;
	int64_t d = fixture_domain(f, "a.example"), w = fixture_worker(f),
		other = fixture_worker(f);

	use(f, d, "ab", 0);
	claim(f, w, 0, 2, 2);
	assert_err(f, work_leave(f->s, w, &f->e), ERR_OK);
	claim(f, other, 1, 2, 2);
}

/* What changed about a host is judged anew for all its domains, at once. */
static void
test_wake(void **state)
{
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example"),
		b = fixture_domain(f, "b.example"),
		c = fixture_domain(f, "c.example"), w = fixture_worker(f);
	const struct schedule later = { .due = { after(900), after(900),
					    after(900) } };
	struct work_claim *work;
	struct host_claim *host;
	size_t n;
	bool held;

	use(f, a, "x", 0);
	use(f, b, "x", 0);
	use(f, c, "y", 0);
	assert_err(f,
	    work_claim(
		f->s, w, after(0), after(LEASE_S), 9, &f->a, &work, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++)
		if (work[i].domain != b)
			assert_err(f,
			    work_finish(f->s, w, &work[i], &later, after(1),
				&held, &f->e),
			    ERR_OK);
	host = claim(f, w, 0, 9, 2);
	if (!span_eq(host->name, SPAN("x.mx.example")))
		host++;
	assert_true(finish(f, w, host,
	    (struct host_look){
		.at = after(10), .due = after(900), .wake = true }));
	/* one that is not held wakes nobody */
	assert_false(finish(f, w, host,
	    (struct host_look){
		.at = after(10), .due = after(900), .wake = true }));
	assert_err(f,
	    work_claim(
		f->s, w, after(10), after(LEASE_S), 9, &f->a, &work, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 1); /* b is still in somebody's hands */
	assert_int_equal(work->domain, a);
	assert_true(work->woken);
}

static void
test_claim_without_memory(void **state)
{
	struct fixture *f = *state;
	int64_t d = fixture_domain(f, "a.example"), w = fixture_worker(f);
	struct host_claim *list;
	struct arena small;
	char mem[1500];
	size_t n;

	use(f, d, "abcdefghijklmnopqrst", 0);
	arena_init_fixed(&small, mem, sizeof mem);
	assert_err(f,
	    hosts_claim(f->s, w, after(0), after(LEASE_S), 20, &small, &list,
		&n, &f->e),
	    ERR_MEMORY);
	claim(f, w, 0, 20, 20);
}

enum { CREW = 4, ROUNDS = 60 };

struct hand {
	const char *url;
	pthread_t thread;
	int64_t domain, worker;
	size_t nth;
	enum err err;
	struct error e;
};

/* The domain takes up and drops the same hosts as the others do, and what
 * nobody uses is forgotten in between. */
static enum err
run_round(struct store *s, struct hand *h, int i, struct arena *a)
{
	static const struct span names[] = { SPAN_INIT("a.mx.example"),
		SPAN_INIT("b.mx.example"), SPAN_INIT("c.mx.example") };
	const struct host_look look = {
		.at = test_now, .due = test_now, .json = SPAN("{}")
	};
	struct host_claim *list;
	size_t n;
	bool held;
	enum err err = hosts_use(s, h->domain, names + (h->nth & 1),
	    (h->nth + (size_t)i) % 3, test_now, &h->e);

	if (err == ERR_OK)
		err = hosts_claim(
		    s, h->worker, test_now, after(9), 9, a, &list, &n, &h->e);
	for (size_t k = 0; err == ERR_OK && k < n; k++)
		err = hosts_finish(s, h->worker, &list[k], &look, &held, &h->e);
	return err;
}

static void *
run_hand(void *arg)
{
	static const struct span last[] = { SPAN_INIT("a.mx.example"),
		SPAN_INIT("z.mx.example") };
	struct hand *h = arg;
	struct arena a;
	struct store *s;

	h->err = store_open(h->url, STORE_USE, test_now, &s, &h->e);
	if (h->err != ERR_OK)
		return NULL;
	for (int i = 0; i < ROUNDS && h->err == ERR_OK; i++) {
		arena_init(&a, 1024 * 1024);
		h->err = run_round(s, h, i, &a);
		arena_release(&a);
	}
	if (h->err == ERR_OK)
		h->err = hosts_use(s, h->domain, last, 2, test_now, &h->e);
	store_free(s);
	return NULL;
}

static void
test_at_once(void **state)
{
	struct fixture *f = *state;
	struct hand h[CREW];

	for (size_t i = 0; i < CREW; i++) {
		char name[32];

		snprintf(name, sizeof name, "d%zu.example", i);
		h[i] = (struct hand){ .url = f->url,
			.domain = fixture_domain(f, name),
			.worker = fixture_worker(f),
			.nth = i };
	}
	for (size_t i = 0; i < CREW; i++)
		assert_int_equal(
		    pthread_create(&h[i].thread, NULL, run_hand, &h[i]), 0);
	for (size_t i = 0; i < CREW; i++) {
		pthread_join(h[i].thread, NULL);
		f->e = h[i].e;
		assert_err(f, h[i].err, ERR_OK);
	}
	assert_int_equal(fixture_count(f, &count_uses), CREW * 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_look),
		RUN(test_version),
		RUN(test_damaged),
		RUN(test_use),
		RUN(test_same_use),
		RUN(test_forgotten),
		RUN(test_taken_over),
		RUN(test_leave),
		RUN(test_wake),
		RUN(test_claim_without_memory),
		RUN(test_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

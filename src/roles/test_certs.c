/* The certs role against a CA that plays a script, with both databases, and
 * with a wall clock of the test's own. */
#include <openssl/x509.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/rfc3339.h"
#include "io/acme_csr.h"
#include "io/acme_jws.h"
#include "io/get.h"
#include "io/test_ca.h"
#include "io/test_dns.h"
#include "roles/certs.h"
#include "roles/test_clock.h"
#include "store/cas.h"
#include "store/domains.h"
#include "store/served.h"
#include "store/test_store.h"
#include "store/work.h"

enum {
	MINUTE = 60,
	HOUR = 3600,
	DAY = 24 * HOUR,
	LEASE_S = 90,
	CAS = 2,
	TURNS = 500, /* of 200 ms at most: something hangs */
	NAMES_MAX = 16,
};

#define HOST "a.example" /* whom the scripted CA knows */

#define PROBLEM_AND(status, more, type, detail, members)                       \
	status "\r\nReplay-Nonce: again\r\n" more "Connection: close\r\n"      \
	       "Content-Type: application/problem+json\r\n\r\n"                \
	       "{\"type\":\"urn:ietf:params:acme:error:" type "\","            \
	       "\"detail\":\"" detail "\"" members "}"
#define PROBLEM(status, more, type, detail)                                    \
	PROBLEM_AND(status, more, type, detail, "")
#define OK(body)                                                               \
	"200 OK\r\nReplay-Nonce: again\r\nConnection: close\r\n\r\n" body

/* ---- the world ---- */

struct world {
	struct test_clock time;
	struct fixture *f;
	struct config config;
	struct role_env env;
	struct stop stop;
	int64_t domain;
	char keys[128], sealing_key[128];

	struct test_rr zone[4];
	struct test_dns dns;
	const char *server;
	struct test_ca ca[CAS]; /* their scripts are set before start() */
	size_t n_cas;
	const char *directories[CAS];

	struct certs c;
	bool has_role;
};

static struct wall_time
now(const struct world *w)
{
	return clock_wall(&w->time.clock);
}

/* All that is read is set before the first thread. */
static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	assert_int_equal(get_global_init(), ERR_OK);
	fixture_setup((void **)&w->f);
	test_clock_start(&w->time);
	snprintf(w->keys, sizeof w->keys, "%s/keys.db", w->f->dir);
	snprintf(
	    w->sealing_key, sizeof w->sealing_key, "%s/sealing.key", w->f->dir);
	assert_err(w->f,
	    sealing_key_create(w->sealing_key, &randomness_system, &w->f->e),
	    ERR_OK);
	assert_int_equal(stop_init(&w->stop), ERR_OK);
	w->zone[0] = (struct test_rr){ "", DNS_NS, "ns.example" };
	w->dns.zone = w->zone;
	w->n_cas = 1;
	w->config = (struct config){ .store = w->f->url,
		.keys = w->keys,
		.sealing_key = w->sealing_key,
		.ca_agree = true,
		.cert_orders = 4,
		.lease_s = LEASE_S };
	w->env = (struct role_env){ .config = &w->config,
		.clock = &w->time.clock,
		.randomness = &randomness_system,
		.log = log_new(LOG_TO_STDERR, "certs", &w->time.clock),
		.stop = &w->stop };
	assert_non_null(w->env.log);
	w->domain = fixture_domain(w->f, "example");
	*state = w;
	return 0;
}

/* As the configuration has it by then. */
static void
begin_role(struct world *w)
{
	w->c = (struct certs){ .env = &w->env };
	w->has_role = true;
	assert_err(w->f, certs_begin(&w->c, &w->f->e), ERR_OK);
	/* The CA is trusted by no file. */
	trust_store_free(w->c.trust);
	assert_err(w->f,
	    trust_store_new(w->config.acme_ca_file, &w->c.trust, &w->f->e),
	    ERR_OK);
}

static void
end_role(struct world *w)
{
	if (w->has_role)
		certs_release(&w->c);
	w->has_role = false;
}

static void
begin_network(struct world *w)
{
	test_dns_start(&w->dns);
	for (size_t i = 0; i < w->n_cas; i++)
		test_ca_start(&w->ca[i]);
}

/* Where they are. One root has signed for all. */
static void
configure(struct world *w)
{
	w->server = w->dns.address;
	w->config.resolvers = (struct config_list){ &w->server, 1 };
	for (size_t i = 0; i < w->n_cas; i++)
		w->directories[i] = w->ca[i].directory;
	w->config.cas = (struct config_list){ w->directories, w->n_cas };
	w->config.acme_ca_file = w->ca[0].file;
}

static void
want(struct world *w, bool wanted)
{
	assert_err(w->f,
	    certificate_want(
		w->f->s, w->domain, SPAN(HOST), wanted, now(w), &w->f->e),
	    ERR_OK);
}

static void
start(struct world *w)
{
	begin_network(w);
	configure(w);
	begin_role(w);
	want(w, true);
}

/* The role and its peers are gone; and what is wanted, so that a table's next
 * row finds the same store as its first. */
static void
stop(struct world *w)
{
	end_role(w);
	if (w->dns.address[0] != '\0')
		test_dns_stop(&w->dns);
	w->dns = (struct test_dns){ .zone = w->zone };
	for (size_t i = 0; i < w->n_cas; i++) {
		if (w->ca[i].directory[0] != '\0')
			test_ca_stop(&w->ca[i]);
		w->ca[i] = (struct test_ca){ 0 };
	}
	fixture_exec(w->f, "DELETE FROM certificate");
}

static int
teardown(void **state)
{
	struct world *w = *state;

	stop(w);
	stop_release(&w->stop);
	log_free(w->env.log);
	fixture_teardown((void **)&w->f);
	free(w);
	return 0;
}

/* ---- what is seen ---- */

struct row {
	uint64_t number;
	struct span problem, key_name, order, order_key, issuer;
	int64_t due, failing_since, renew_at, not_after;
	bool exists;
};

static struct row
look(struct world *w)
{
	static const struct sql_statement st = {
		"SELECT number, problem, key_name, order_text, order_key,"
		" issuer, due_at, failing_since, renew_at, not_after"
		" FROM certificate WHERE host = 'a.example'"
	};
	struct sql_value v[10];
	struct row r = { 0 };

	assert_err(w->f,
	    sql_one(store_sql(w->f->s), &st, NULL, 0, &w->f->a, v, 10,
		&r.exists, &w->f->e),
	    ERR_OK);
	if (!r.exists)
		return r;
	r.number = (uint64_t)v[0].i;
	r.problem = v[1].s;
	r.key_name = v[2].s;
	r.order = v[3].s;
	r.order_key = v[4].s;
	r.issuer = v[5].s;
	r.due = v[6].i;
	r.failing_since = v[7].type == SQL_NULL ? 0 : v[7].i;
	r.renew_at = v[8].type == SQL_NULL ? 0 : v[8].i;
	r.not_after = v[9].type == SQL_NULL ? 0 : v[9].i;
	return r;
}

/* As the dashboard tells it of a CA's directory; "": before any CA. */
static void
want_orders(struct world *w, const char *directory, int64_t waiting,
    int64_t under_way, int64_t failing)
{
	struct tally t = { .label = directory };
	struct ca_state *all, got = { 0 };
	size_t n;

	assert_err(w->f,
	    cas_look(w->f->s, now(w), &w->f->a, &all, &n, &w->f->e), ERR_OK);
	for (size_t i = 0; i < n; i++)
		if (span_eq(all[i].directory, span_str(directory)))
			got = all[i];
	want_int(&t, "waiting", got.waiting, waiting);
	want_int(&t, "under way", got.under_way, under_way);
	want_int(&t, "failing", got.failing, failing);
	want_bool(&t, "with reasons", got.n_reasons > 0, failing > 0);
	assert_int_equal(t.failed, 0);
}

/* Names in the store of secrets that begin so. */
static size_t
secrets_of(struct world *w, const char *prefix)
{
	struct secrets *s;
	struct span *names;
	size_t n;

	assert_err(w->f, secrets_open(w->keys, now(w), &s, &w->f->e), ERR_OK);
	assert_err(w->f,
	    secret_names(s, span_str(prefix), SPAN(""), NAMES_MAX, &w->f->a,
		&names, &n, &w->f->e),
	    ERR_OK);
	secrets_free(s);
	return n;
}

static int64_t
challenges(struct world *w)
{
	static const struct sql_statement st = {
		"SELECT COUNT(*) FROM challenge"
	};

	return fixture_count(w->f, &st);
}

static bool
contains(struct span s, const char *part)
{
	return memmem(s.p, s.n, part, strlen(part)) != NULL;
}

#define want_part(got, part) want_part_at(got, part, __LINE__)
static void
want_part_at(struct span got, const char *part, int line)
{
	if (contains(got, part))
		return;
	printf("# line %d: got \"%.*s\", want \"...%s...\"\n", line, (int)got.n,
	    got.p, part);
	fail();
}

static int64_t
due_now(struct world *w)
{
	static const struct sql_statement st = {
		"SELECT COUNT(*) FROM certificate WHERE due_at <= $1"
	};
	struct sql_value arg = sql_int(now(w).s), n;
	bool got;

	assert_err(w->f,
	    sql_one(store_sql(w->f->s), &st, &arg, 1, &w->f->a, &n, 1, &got,
		&w->f->e),
	    ERR_OK);
	return n.i;
}

/* Until nothing is due and nothing under way. */
static void
run(struct world *w)
{
	int turns = 0;

	do {
		assert_true(turns++ < TURNS);
		if (w->c.n_jobs == 0)
			atomic_fetch_add(&w->time.idle_ms, 1000);
		certs_turn(&w->c, false);
	} while (w->c.n_jobs > 0 || due_now(w) > 0);
}

static void
pass(struct world *w, int64_t s)
{
	atomic_fetch_add(&w->time.ahead_s, s);
	atomic_fetch_add(&w->time.idle_ms, s * 1000);
	for (size_t i = 0; i < w->n_cas; i++)
		w->ca[i].ahead_s = atomic_load(&w->time.ahead_s);
	run(w);
}

/* What an edge would serve: a key that is open to it, and fits the chain. */
static void
want_served(struct world *w)
{
	struct certificate c;
	struct sealing_key k;
	struct secrets *s;
	struct span sealed, der;
	const unsigned char *p;
	EVP_PKEY *key;
	X509 *x;
	bool found;

	assert_err(w->f,
	    certificate_find(
		w->f->s, SPAN(HOST), 0, &w->f->a, &c, &found, &w->f->e),
	    ERR_OK);
	assert_true(found);
	assert_err(w->f, secrets_open(w->keys, now(w), &s, &w->f->e), ERR_OK);
	assert_err(w->f,
	    secret_get(s, c.key_name, &w->f->a, &sealed, &found, &w->f->e),
	    ERR_OK);
	assert_true(found);
	secrets_free(s);
	assert_err(
	    w->f, sealing_key_read(w->sealing_key, &k, &w->f->e), ERR_OK);
	assert_err(w->f,
	    sealed_read(&k, c.key_name, sealed, &w->f->a, &der, &w->f->e),
	    ERR_OK);
	/* RFC 5915: a sequence that begins with version 1. */
	assert_memory_equal(der.p + 2, "\x02\x01\x01", 3);
	assert_err(w->f, acme_key_read(der, &key, &w->f->e), ERR_OK);
	p = (const unsigned char *)c.chain.p;
	x = d2i_X509(NULL, &p, (long)c.chain.n);
	assert_non_null(x);
	assert_int_equal(X509_check_private_key(x, key), 1);
	X509_free(x);
	/* And the one above it. */
	x = d2i_X509(NULL, &p,
	    (long)(c.chain.n - (size_t)((const char *)p - c.chain.p)));
	assert_non_null(x);
	assert_ptr_equal(p, c.chain.p + c.chain.n);
	X509_free(x);
	EVP_PKEY_free(key);
}

/* ---- a certificate ---- */

static void
test_issued(void **state)
{
	struct world *w = *state;
	struct row r;

	start(w);
	run(w);
	r = look(w);
	assert_true(r.number > 0);
	assert_int_equal(r.problem.n, 0);
	assert_int_equal(r.failing_since, 0);
	want_part(r.issuer, w->ca[0].directory);
	want_served(w);
	/* The order and its key have done their work. */
	assert_int_equal(r.order.n, 0);
	assert_int_equal(r.order_key.n, 0);
	assert_int_equal(challenges(w), 0);
	assert_int_equal(secrets_of(w, ""), 2);
	assert_int_equal(secrets_of(w, "account/https://127.0.0.1:"), 1);
	assert_int_equal(secrets_of(w, "certificate/a.example/"), 1);
	want_orders(w, "", 0, 0, 0);
	want_orders(w, w->ca[0].directory, 0, 0, 0);
	/* 60 of 90 days, but the CA is asked before. */
	assert_in_range(r.renew_at - now(w).s, 59 * DAY, 60 * DAY);
	assert_in_range(r.due - now(w).s, 5 * HOUR, 6 * HOUR);
	pass(w, 6 * HOUR);
	/* This one knows nothing of renewal. */
	assert_in_range(look(w).due - now(w).s, DAY - 1, DAY);
	assert_int_equal(test_ca_seen(&w->ca[0], "/orders"), 1);
}

/* ---- failures ---- */

/* clang-format off */
static const struct {
	const char		*label;
	struct test_ca_rule	 rules[3];
	const char		*want[4]; /* parts of the problem */
	int64_t			 least_s, most_s; /* before the next try */
} failures[] = {
	{ "the name is not ours",
	  { { "/order", 1, 1, OK("{\"status\":\"invalid\"}") },
	    { "/authz", 2, 1, OK("{\"status\":\"invalid\",\"identifier\":"
	      "{\"type\":\"dns\",\"value\":\"a.example\"},\"challenges\":["
	      "{\"type\":\"http-01\",\"status\":\"invalid\",\"error\":"
	      "{\"type\":\"urn:ietf:params:acme:error:connection\","
	      "\"detail\":\"192.0.2.1: Connection refused\"}}]}") } },
	  { "127.0.0.1:", "did not get our answer from the name's port 80",
	    ": 192.0.2.1: Connection refused.",
	    "Does the name still point to our service?" },
	  4 * MINUTE, 6 * MINUTE },
	{ "RFC 8555 6.7.1: subproblems",
	  { { "/orders", 1, 1, PROBLEM_AND("403 Forbidden", "", "rejectedIdentifier",
	    "Some names are not wanted.", ",\"subproblems\":["
	    "{\"type\":\"x\",\"detail\":\"too high a risk\",\"identifier\":"
	    "{\"type\":\"dns\",\"value\":\"a.example\"}},"
	    "{\"type\":\"x\",\"detail\":\"forbidden\",\"identifier\":"
	    "{\"type\":\"dns\",\"value\":\"b.example\"}}]") } },
	  { "does not issue for this name: Some names are not wanted",
	    "; too high a risk; b.example: forbidden." },
	  53 * MINUTE, 67 * MINUTE },
	{ "RFC 8555 6.6: too many orders",
	  { { "/orders", 1, 1, PROBLEM("429 Too Many Requests",
	    "Retry-After: 90000\r\n", "rateLimited", "too many certificates") } },
	  { "issues no more for now: too many certificates." },
	  89999, 90001 },
	{ "CAA, as the CA sees it",
	  { { "/orders", 1, 1, PROBLEM("403 Forbidden", "", "caa",
	    "CAA record for a.example forbids") } },
	  { "CAA keeps 127.0.0.1:", "from issuing: CAA record for a.example forbids." },
	  13 * MINUTE, 17 * MINUTE },
	{ "RFC 8555 7.3.3: new terms",
	  { { "/accounts", 1, 1, PROBLEM("403 Forbidden", "", "userActionRequired",
	    "Terms of service have changed") } },
	  { "does not accept our account: Terms of service have changed.",
	    "read them, and agree" },
	  53 * MINUTE, 67 * MINUTE },
	{ "RFC 8555 7.3.4: no binding",
	  { { "/accounts", 1, 1, PROBLEM("403 Forbidden", "", "externalAccountRequired",
	    "bind it") } },
	  { "does not accept our account: bind it.", "Set eab-kid and eab-key-file" },
	  53 * MINUTE, 67 * MINUTE },
	{ "it hangs up", { { "/dir", 1, 1, NULL } },
	  { "cannot be reached: " }, 53, 67 },
	{ "down for maintenance",
	  { { "/dir", 1, 1, "503 Service Unavailable\r\nRetry-After: 600\r\n"
	    "Connection: close\r\n\r\n<html>" } },
	  { "has trouble of its own: " }, 599, 601 },
	{ "what it says would move a cursor",
	  { { "/orders", 1, 1, PROBLEM("400 Bad Request", "", "malformed",
	    "no \\u001b[2J.") } },
	  { "refused the request: no \\x1b[2J." }, 53 * MINUTE, 67 * MINUTE },
};
/* clang-format on */

/* A row: it fails, it is told, and with time it is well again. */
static void
play_failure(struct world *w, size_t i, struct tally *t)
{
	struct row r;
	int64_t since;

	w->ca[0].rules = failures[i].rules;
	start(w);
	run(w);
	r = look(w);
	want_int(t, "number", (int64_t)r.number, 0);
	for (size_t k = 0; k < 4 && failures[i].want[k] != NULL; k++)
		if (!contains(r.problem, failures[i].want[k]))
			want_span(t, "problem", r.problem,
			    span_str(failures[i].want[k]));
	want_bool(t, "soon", r.due - now(w).s < failures[i].least_s, false);
	want_bool(t, "late", r.due - now(w).s > failures[i].most_s, false);
	since = r.failing_since;
	want_bool(t, "since", since > 0, true);
	want_orders(w, w->ca[0].directory, 0, 0, 1);
	want_orders(w, "", 0, 0, 0);
	want_int(t, "in memory", (int64_t)w->c.n_jobs, 0);
	want_int(t, "challenges", challenges(w), 0);
	pass(w, failures[i].most_s);
	r = look(w);
	want_bool(t, "issued", r.number > 0, true);
	want_span(t, "problem", r.problem, SPAN(""));
	want_int(t, "since", r.failing_since, 0);
	want_orders(w, w->ca[0].directory, 0, 0, 0);
}

static void
test_failures(void **state)
{
	struct tally t = { 0 };

	for (size_t i = 0; i < ROWS(failures); i++) {
		t.label = failures[i].label;
		play_failure(*state, i, &t);
		stop(*state);
	}
	assert_int_equal(t.failed, 0);
}

/* A week without a CA: it fails since its first moment, and is tried some times
 * a day. */
static void
test_a_week(void **state)
{
	static const struct test_ca_rule rules[] = { { "/dir", 1, 0, NULL },
		{ 0 } };
	struct world *w = *state;
	int64_t since;
	int asked;

	w->ca[0].rules = rules;
	start(w);
	run(w);
	since = look(w).failing_since;
	while (now(w).s < since + 7 * DAY)
		pass(w, look(w).due - now(w).s);
	asked = test_ca_seen(&w->ca[0], "/dir");
	assert_in_range(asked, 4 * 7, 8 * 7);
	assert_int_equal(look(w).failing_since, since);
	want_part(look(w).problem, "cannot be reached");
	w->ca[0].rules = NULL;
	pass(w, 7 * HOUR);
	want_served(w);
	assert_int_equal(look(w).failing_since, 0);
}

/* While the clock is years ahead, no CA's certificate is good; then it is put
 * right, and the monitor has what was planned looked at anew. */
static void
test_clock_was_ahead(void **state)
{
	static const struct test_ca_rule rules[] = { { "/dir", 1, 1, NULL },
		{ 0 } };
	struct world *w = *state;

	w->ca[0].rules = rules;
	atomic_fetch_add(&w->time.ahead_s, 1000 * DAY);
	start(w);
	run(w);
	want_part(look(w).problem, "cannot be reached");
	atomic_fetch_add(&w->time.ahead_s, -1000 * DAY);
	assert_err(w->f, work_hurry(w->f->s, now(w), now(w), &w->f->e), ERR_OK);
	run(w);
	want_served(w);
}

/* ---- a CA that takes no more ---- */

/* Twenty names at once; their rows are due now. */
enum { CROWD = 20 };

static void
want_crowd(struct world *w)
{
	char host[64];

	for (int i = 0; i < CROWD; i++) {
		snprintf(host, sizeof host, "b%d.example", i);
		assert_err(w->f,
		    certificate_want(w->f->s, w->domain, span_str(host), true,
			now(w), &w->f->e),
		    ERR_OK);
	}
}

/* Some are refused; the others do not even ask, until the CA is tried again. A
 * name that is served is renewed meanwhile. */
static void
test_ca_rests(void **state)
{
	static const struct test_ca_rule rules[] = {
		{ "/orders", 2, 0,
		    PROBLEM("429 Too Many Requests", "Retry-After: 3600\r\n",
			"rateLimited", "too many new orders") },
		{ 0 }
	};
	struct world *w = *state;
	int asked;

	w->config.cert_orders = 1;
	w->ca[0].rules = rules;
	start(w);
	run(w);
	want_served(w);
	want_crowd(w);
	run(w);
	asked = test_ca_seen(&w->ca[0], "/orders");
	assert_int_equal(asked, 1 + 3);
	want_orders(w, w->ca[0].directory, CROWD - 3, 0, 3);
	/* One tries it again, before those that were refused do. */
	atomic_fetch_add(&w->time.ahead_s, 12 * MINUTE);
	atomic_fetch_add(&w->time.idle_ms, 12 * MINUTE * 1000);
	run(w);
	assert_int_equal(test_ca_seen(&w->ca[0], "/orders"), asked + 1);
	fixture_exec(w->f,
	    "UPDATE certificate SET due_at = 0, key_name = 'lost'"
	    " WHERE host = 'a.example'");
	run(w);
	assert_int_equal(test_ca_seen(&w->ca[0], "/orders"), asked + 2);
}

static void
test_caa_forbids(void **state)
{
	struct world *w = *state;

	w->zone[1] = (struct test_rr){ "example", DNS_CAA, "other.example" };
	start(w);
	run(w);
	want_part(look(w).problem, "CAA keeps 127.0.0.1:");
	want_part(look(w).problem,
	    "a.example: the CAA records of example do not name this CA.");
	assert_int_equal(test_ca_seen(&w->ca[0], "/orders"), 0);
}

/* The CA's turn takes longer than anybody waits for it here. */
static const struct test_ca_rule slow_order[] = {
	{ "/order", 1, 1,
	    "200 OK\r\nReplay-Nonce: again\r\nRetry-After: 300\r\n"
	    "Connection: close\r\n\r\n{\"status\":\"pending\"}" },
	{ 0 }
};

static void
test_waits_in_the_store(void **state)
{
	struct world *w = *state;
	struct row r;

	w->ca[0].rules = slow_order;
	start(w);
	run(w);
	r = look(w);
	assert_int_equal(w->c.n_jobs, 0);
	assert_int_equal(r.number, 0);
	assert_int_equal(r.problem.n, 0);
	assert_in_range(r.due - now(w).s, 299, 300);
	/* The CA may ask at any moment. */
	assert_int_equal(challenges(w), 1);
	want_orders(w, w->ca[0].directory, 0, 1, 0);
	/* Another process goes on with it. */
	end_role(w);
	begin_role(w);
	pass(w, 300);
	want_served(w);
	assert_int_equal(test_ca_seen(&w->ca[0], "/orders"), 1);
	assert_int_equal(challenges(w), 0);
}

/* Both fail the first order with that problem, or the first CA alone. */
static const struct test_ca_rule trouble[] = {
	{ "/orders", 1, 0,
	    PROBLEM("500 Internal Server Error", "", "serverInternal", "oh") },
	{ 0 }
};

static void
start_two(struct world *w, const struct test_ca_rule *second)
{
	w->n_cas = 2;
	w->ca[0].rules = trouble;
	w->ca[1].rules = second;
	begin_network(w);
	configure(w);
	begin_role(w);
	/* Two roots, one file: the second one's is trusted, and the first is
	 * out of reach. */
	trust_store_free(w->c.trust);
	assert_err(w->f, trust_store_new(w->ca[1].file, &w->c.trust, &w->f->e),
	    ERR_OK);
	want(w, true);
	run(w);
}

static void
test_second_ca(void **state)
{
	struct world *w = *state;

	start_two(w, NULL);
	want_served(w);
	want_part(look(w).issuer, w->ca[1].directory);
	assert_int_equal(look(w).problem.n, 0);
	assert_int_equal(secrets_of(w, "account/"), 2);
}

/* It fails at both. */
static void
test_second_ca_refuses(void **state)
{
	struct world *w = *state;

	start_two(w, trouble);
	assert_int_equal(look(w).number, 0);
	want_orders(w, w->ca[0].directory, 0, 0, 1);
	want_orders(w, w->ca[1].directory, 0, 0, 1);
	want_orders(w, "", 0, 0, 0);
}

/* ---- the claim ---- */

/* The CA has a request and is silent; until then the role turns. */
static void
turn_until_asked(struct world *w, const char *path)
{
	int turns = 0;

	atomic_fetch_add(&w->time.idle_ms, 1000);
	while (test_ca_seen(&w->ca[0], path) == 0) {
		assert_true(turns++ < TURNS);
		certs_turn(&w->c, false);
	}
}

static const struct test_ca_rule silent_order[] = { { "/orders", 1, 1, "" },
	{ 0 } };

/* What is under way stays ours for as long as it takes. */
static void
test_beats(void **state)
{
	struct world *w = *state;
	int64_t due;

	w->ca[0].rules = silent_order;
	start(w);
	turn_until_asked(w, "/orders");
	due = look(w).due;
	atomic_fetch_add(&w->time.ahead_s, LEASE_S / 2);
	atomic_fetch_add(&w->time.idle_ms, LEASE_S * 1000 / 2);
	certs_turn(&w->c, false);
	assert_in_range(look(w).due - due, LEASE_S / 2, LEASE_S / 2 + 1);
	assert_int_equal(w->c.n_jobs, 1);
	stop_pull(&w->c.cut);
}

/* The publish role has changed its mind twice: the order is not ours any more,
 * and is not written over. */
static void
test_claim_lost(void **state)
{
	struct world *w = *state;

	w->ca[0].rules = silent_order;
	start(w);
	turn_until_asked(w, "/orders");
	want(w, false);
	want(w, true);
	fixture_exec(w->f, "UPDATE certificate SET order_text = 'other',"
			   " order_key = 'order/other'");
	stop_pull(&w->c.cut);
	while (w->c.n_jobs > 0)
		certs_turn(&w->c, true);
	assert_true(span_eq(look(w).order, SPAN("other")));
	assert_int_equal(look(w).problem.n, 0);
}

/* SIGTERM: the request may end; then the order is put off, and another process
 * goes on with it at once. */
static void
test_stopped(void **state)
{
	struct world *w = *state;

	w->config.drain_s = 1;
	w->ca[0].rules = silent_order;
	start(w);
	turn_until_asked(w, "/orders");
	stop_pull(&w->stop);
	certs_drain(&w->c);
	assert_int_equal(w->c.n_jobs, 0);
	assert_true(look(w).order.n > 0);
	assert_int_equal(look(w).problem.n, 0);
	assert_true(look(w).due <= now(w).s);
	end_role(w);
	stop_release(&w->stop);
	assert_int_equal(stop_init(&w->stop), ERR_OK);
	begin_role(w);
	run(w);
	want_served(w);
}

/* ---- renewal ---- */

#define WINDOW "{\"suggestedWindow\":{\"start\":\"%s\",\"end\":\"%s\"}}"

static void
set_window(struct world *w, char *mem, size_t n, int64_t from, int64_t to)
{
	struct rfc3339 start =
	    rfc3339_format((struct wall_time){ now(w).s + from });
	struct rfc3339 end =
	    rfc3339_format((struct wall_time){ now(w).s + to });

	snprintf(mem, n, WINDOW, start.text, end.text);
	w->ca[0].window = mem;
}

static void
test_renewed_when_the_ca_says(void **state)
{
	struct world *w = *state;
	char window[256];
	struct span key;
	struct row r;

	set_window(w, window, sizeof window, 10 * DAY, 11 * DAY);
	start(w);
	run(w);
	pass(w, 6 * HOUR);
	r = look(w);
	assert_in_range(r.renew_at - now(w).s, 9 * DAY, 11 * DAY);
	assert_in_range(r.due - now(w).s, 6 * HOUR - 1, 6 * HOUR);
	key = r.key_name;
	/* It says so sooner: something has happened. */
	set_window(w, window, sizeof window, -2 * DAY, -1 * DAY);
	pass(w, 6 * HOUR);
	r = look(w);
	assert_int_equal(test_ca_seen(&w->ca[0], "/orders"), 2);
	assert_non_null(strstr(w->ca[0].payload, "\"replaces\":\""));
	assert_false(span_eq(r.key_name, key));
	want_served(w);
}

static void
test_renewed_at_two_thirds(void **state)
{
	struct world *w = *state;
	uint64_t first;

	start(w);
	run(w);
	first = look(w).number;
	pass(w, 59 * DAY);
	assert_int_equal(look(w).number, first);
	pass(w, 1 * DAY);
	assert_true(look(w).number > first);
	assert_null(strstr(w->ca[0].payload, "replaces"));
}

/* Its clock is far behind ours: what it issues is old from the start. */
static void
test_no_rush(void **state)
{
	struct world *w = *state;

	start(w);
	atomic_fetch_add(&w->time.ahead_s, 80 * DAY);
	run(w);
	assert_int_equal(test_ca_seen(&w->ca[0], "/orders"), 1);
	assert_int_equal(look(w).due - now(w).s, HOUR);
}

/* The successor fails: what is served stays. */
static void
test_renewal_fails(void **state)
{
	static const struct test_ca_rule rules[] = {
		{ "/orders", 2, 0,
		    PROBLEM("429 Too Many Requests", "", "rateLimited", "no") },
		{ 0 }
	};
	struct world *w = *state;
	uint64_t first;

	w->ca[0].rules = rules;
	start(w);
	run(w);
	first = look(w).number;
	pass(w, 60 * DAY);
	assert_int_equal(look(w).number, first);
	want_served(w);
	want_part(look(w).problem, "issues no more for now: no.");
	assert_in_range(look(w).failing_since, now(w).s - 2, now(w).s);
}

/* An edge may look up the old key for a while; then nobody has a use for it. */
static void
test_old_keys_are_swept(void **state)
{
	struct world *w = *state;

	start(w);
	run(w);
	pass(w, 60 * DAY);
	assert_int_equal(look(w).number, 2);
	assert_int_equal(secrets_of(w, "certificate/"), 2);
	pass(w, 23 * HOUR);
	assert_int_equal(secrets_of(w, "certificate/"), 2);
	pass(w, 2 * HOUR);
	assert_int_equal(secrets_of(w, "certificate/"), 1);
	assert_int_equal(secrets_of(w, "account/"), 1);
	want_served(w);
}

/* The store was begun anew beside the keys of the old one, which may come back.
 */
static void
test_keys_of_another_store(void **state)
{
	struct world *w = *state;

	start(w);
	run(w);
	fixture_exec(w->f, "CREATE TABLE away AS SELECT * FROM certificate");
	fixture_exec(w->f, "DELETE FROM certificate");
	pass(w, 2 * DAY);
	assert_int_equal(secrets_of(w, "certificate/"), 1);
	fixture_exec(w->f, "INSERT INTO certificate SELECT * FROM away");
	pass(w, DAY);
	want_served(w);
}

static void
test_dropped(void **state)
{
	struct world *w = *state;

	start(w);
	run(w);
	assert_int_equal(secrets_of(w, "certificate/"), 1);
	want(w, false);
	run(w);
	assert_false(look(w).exists);
	assert_int_equal(secrets_of(w, ""), 1); /* the account's */
}

/* ---- keys that cannot be opened ---- */

static void
change_sealing_key(struct world *w, const char *to)
{
	snprintf(w->sealing_key, sizeof w->sealing_key, "%s/%s", w->f->dir, to);
	end_role(w);
	begin_role(w);
}

static void
test_wrong_sealing_key(void **state)
{
	struct world *w = *state;
	char other[256];

	start(w);
	run(w);
	snprintf(other, sizeof other, "%s/other.key", w->f->dir);
	assert_err(w->f,
	    sealing_key_create(other, &randomness_system, &w->f->e), ERR_OK);
	change_sealing_key(w, "other.key");
	pass(w, 6 * HOUR);
	want_part(look(w).problem, "cannot be opened with ");
	want_part(look(w).problem, "/other.key: a secret that is sealed under "
				   "another key.");
	assert_in_range(look(w).due - now(w).s, 9 * MINUTE, 10 * MINUTE);
	want_orders(w, "", 0, 0, 1);
	want_orders(w, w->ca[0].directory, 0, 0, 0);
	/* Nothing was made in the place of what cannot be read. */
	assert_int_equal(secrets_of(w, ""), 2);
	change_sealing_key(w, "none.key");
	pass(w, 10 * MINUTE);
	want_part(look(w).problem, "none.key: No such file");
	change_sealing_key(w, "sealing.key");
	pass(w, 10 * MINUTE);
	assert_int_equal(look(w).problem.n, 0);
	assert_int_equal(test_ca_seen(&w->ca[0], "/orders"), 1);
	want_served(w);
}

static void
put_garbage(struct world *w, struct span name)
{
	struct secrets *s;

	assert_err(w->f, secrets_open(w->keys, now(w), &s, &w->f->e), ERR_OK);
	assert_err(w->f, secret_put(s, name, SPAN("garbage"), now(w), &w->f->e),
	    ERR_OK);
	secrets_free(s);
}

/* What edges cannot open is not served: another one takes its place. */
static void
test_damaged_key(void **state)
{
	struct world *w = *state;

	start(w);
	run(w);
	put_garbage(w, look(w).key_name);
	pass(w, 6 * HOUR);
	assert_int_equal(test_ca_seen(&w->ca[0], "/orders"), 2);
	assert_int_equal(secrets_of(w, "certificate/"), 2);
	want_served(w);
}

static void
test_damaged_order(void **state)
{
	struct world *w = *state;
	struct span damaged;

	w->ca[0].rules = slow_order;
	start(w);
	run(w);
	damaged = look(w).order_key;
	assert_true(damaged.n > 0);
	put_garbage(w, damaged);
	pass(w, 300);
	want_served(w);
	assert_int_equal(test_ca_seen(&w->ca[0], "/orders"), 2);
	/* It is swept once it is old, and not written over. */
	assert_int_equal(secrets_of(w, "order/"), 1);
}

/* ---- kill -9 ---- */

/* The child is the role, as soon as it is told where the CA is. */
static pid_t
spawn(struct world *w, int pipes[2])
{
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid != 0)
		return pid;
	if (read(pipes[0], &w->ca[0].directory, sizeof w->ca[0].directory) <=
		0 ||
	    read(pipes[0], &w->ca[0].file, sizeof w->ca[0].file) <= 0 ||
	    read(pipes[0], &w->dns.address, sizeof w->dns.address) <= 0)
		_exit(1);
	configure(w);
	begin_role(w);
	for (;;)
		certs_turn(&w->c, false);
}

static void
tell(struct world *w, int fd)
{
	assert_true(
	    write(fd, w->ca[0].directory, sizeof w->ca[0].directory) > 0);
	assert_true(write(fd, w->ca[0].file, sizeof w->ca[0].file) > 0);
	assert_true(write(fd, w->dns.address, sizeof w->dns.address) > 0);
}

/* The CA has the request and says nothing: it is then that the process dies. */
static void
play_kill(struct world *w, const char *path, struct tally *t)
{
	const struct test_ca_rule rules[] = { { path, 1, 1, "" }, { 0 } };
	int pipes[2], waited = 0;
	char account[128];
	pid_t pid;

	want(w, true);
	w->ca[0].rules = rules;
	pid = spawn(w, pipes);
	begin_network(w);
	tell(w, pipes[1]);
	while (test_ca_seen(&w->ca[0], path) == 0 && waited++ < 10000)
		usleep(1000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(pipes[0]);
	close(pipes[1]);
	want_int(t, "killed there", test_ca_seen(&w->ca[0], path), 1);
	configure(w);
	begin_role(w);
	/* Its claim stands until its lease ends. */
	run(w);
	want_int(t, "number", (int64_t)look(w).number, 0);
	pass(w, LEASE_S);
	want_bool(t, "issued", look(w).number > 0, true);
	want_served(w);
	/* The order that the CA did not answer is not known here; a CA gives
	 * back the one that is pending (RFC 8555 7.4). */
	want_int(t, "orders", test_ca_seen(&w->ca[0], "/orders"),
	    strcmp(path, "/orders") == 0 ? 2 : 1);
	snprintf(account, sizeof account, "account/%s", w->ca[0].directory);
	want_int(t, "accounts", (int64_t)secrets_of(w, account), 1);
	want_int(t, "order keys", (int64_t)secrets_of(w, "order/"), 0);
}

static void
test_killed(void **state)
{
	static const char *const paths[] = { "/dir", "/nonce", "/accounts",
		"/orders", "/authz", "/challenge", "/order", "/finalize",
		"/cert" };
	struct tally t = { 0 };

	for (size_t i = 0; i < ROWS(paths); i++) {
		t.label = paths[i];
		play_kill(*state, paths[i], &t);
		stop(*state);
	}
	assert_int_equal(t.failed, 0);
}

/* The certificate is here, and the process died before it was handed over. */
static void
test_taken_up_when_done(void **state)
{
	struct world *w = *state;
	struct row r;

	start(w);
	/* It cannot be put: the order is done by then, and was saved. */
	fixture_exec(w->f, "ALTER TABLE change_number RENAME TO away");
	atomic_fetch_add(&w->time.idle_ms, 1000);
	for (int i = 0; i < TURNS && test_ca_seen(&w->ca[0], "/cert") == 0; i++)
		certs_turn(&w->c, false);
	while (w->c.n_jobs > 0)
		certs_turn(&w->c, false);
	r = look(w);
	assert_int_equal(r.number, 0);
	want_part(r.order, "\"done\"");
	fixture_exec(w->f, "ALTER TABLE away RENAME TO change_number");
	end_role(w);
	begin_role(w);
	pass(w, LEASE_S);
	want_served(w);
	assert_int_equal(test_ca_seen(&w->ca[0], "/orders"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		/* Before there are threads: it forks. */
		WORLD(test_killed),
		WORLD(test_issued),
		WORLD(test_failures),
		WORLD(test_a_week),
		WORLD(test_clock_was_ahead),
		WORLD(test_ca_rests),
		WORLD(test_caa_forbids),
		WORLD(test_waits_in_the_store),
		WORLD(test_second_ca),
		WORLD(test_second_ca_refuses),
		WORLD(test_beats),
		WORLD(test_claim_lost),
		WORLD(test_stopped),
		WORLD(test_renewed_when_the_ca_says),
		WORLD(test_renewed_at_two_thirds),
		WORLD(test_no_rush),
		WORLD(test_renewal_fails),
		WORLD(test_old_keys_are_swept),
		WORLD(test_keys_of_another_store),
		WORLD(test_dropped),
		WORLD(test_wrong_sealing_key),
		WORLD(test_damaged_key),
		WORLD(test_damaged_order),
		WORLD(test_taken_up_when_done),
#undef WORLD
	};

	return cmocka_run_group_tests_name("certs", tests, NULL, NULL);
}

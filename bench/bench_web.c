/* bench_web.c - what the dashboard costs at the server with a large portfolio.
 *
 *	bench_web URL DOMAINS
 *
 * The store must be new. It is filled with so many domains, as they are in
 * life; then pages are asked for as a browser would, and made as small as they
 * are on the wire. Wall time is all of it, CPU time that of this process: what
 * a database server uses is not in it. The exit status is 1 if a target is
 * missed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/limits.h"
#include "base/num.h"
#include "bench.h"
#include "io/bearer.h"
#include "store/accounts.h"
#include "store/census.h"
#include "store/incidents.h"
#include "store/portfolio.h"
#include "web/assets.h"
#include "web/web.h"

enum {
	BATCH = 5000, /* domains of one transaction */
	ROUNDS = 41, /* times that each page is asked for */
	NOW = 1800000000,
	DAY_S = 86400,
	PAGE_MS = 50, /* targets: of a page of 100 rows, */
	METRICS_MS = 100,
	VIEW_BYTES = 100 * 1000, /* ... of what a first view loads */
	HOSTERS = 500,
	CUSTOMERS = 1000, /* tags of some hundred domains each */
	INCIDENTS = 200, /* open */
	CHAIN_BYTES = 1800, /* of a leaf and the one above it */
};

#define CA_A "https://ca-a.example/directory"
#define CA_B "https://ca-b.example/directory"

static const struct wall_time now = { NOW };

/* ---- what is in it ---- */

/* Always the same. */
struct dice {
	uint64_t state;
};

static uint64_t
roll(struct dice *d, uint64_t n)
{
	d->state = d->state * 6364136223846793005u + 1442695040888963407u;
	return (d->state >> 33) % n;
}

struct share {
	const char *word;
	unsigned percent;
};

static struct span
draw(struct dice *d, const struct share *shares)
{
	uint64_t at = roll(d, 100);

	while (at >= shares->percent) {
		at -= shares->percent;
		shares++;
	}
	return span_str(shares->word);
}

static const struct share deployments[] = { { "none", 70 }, { "enforce", 15 },
	{ "testing", 8 }, { "unknown", 4 }, { "broken", 2 },
	{ "removing", 1 } };
static const struct share eligibilities[] = { { "eligible", 72 },
	{ "ineligible", 15 }, { "unknown", 5 }, { "no-mail", 8 } };
static const struct share verdicts[] = { { "ok", 80 }, { "warning", 10 },
	{ "error", 5 }, { "unknown", 5 } };
static const struct share providers[] = { { "Microsoft 365", 35 },
	{ "Google Workspace", 25 }, { "own", 10 }, { "several", 2 }, { "", 8 },
	{ "hoster", 20 } };
static const struct share steps[] = { { "publish", 45 }, { "nothing", 20 },
	{ "mail-servers", 12 }, { "enforce", 8 }, { "mend", 10 },
	{ "unknown", 5 } };

static struct domain_summary
make_summary(struct dice *d, struct arena *a)
{
	struct span deployment = draw(d, deployments);
	bool is_none = span_eq(deployment, SPAN("none"));
	struct domain_summary s = {
		.deployment = deployment,
		.eligibility = draw(d, eligibilities),
		.verdict = draw(d, verdicts),
		.mode = is_none ? SPAN("") : deployment,
		.stakes = is_none ? SPAN("none") : deployment,
		.max_age = is_none ? -1 : 604800,
		.record = is_none ? SPAN("none") : SPAN("ok"),
		.policy = is_none ? SPAN("none") : SPAN("ok"),
		.tlsrpt = roll(d, 3) == 0 ? SPAN("ok") : SPAN("none"),
		.provider = draw(d, providers),
		.next_step = draw(d, steps),
		.addresses = 4,
		.good_addresses = 1 + (int64_t)roll(d, 4),
		.mx = 2,
		.covered_mx = is_none ? 0 : 2,
		.mx_cert_until = { NOW + (int64_t)roll(d, 90 * DAY_S) - DAY_S },
	};

	if (span_eq(s.provider, SPAN("hoster")))
		s.provider = arena_printf(
		    a, "hoster-%03d.example", (int)roll(d, HOSTERS));
	if (span_eq(s.next_step, SPAN("mend")))
		s.next_check = SPAN("mxcert.expired");
	if (!is_none) {
		s.mode_since.s = NOW - (int64_t)roll(d, 500 * DAY_S);
		s.cached_until.s = NOW + (int64_t)roll(d, 60) * DAY_S;
		s.policy_cert_until.s = NOW + (int64_t)roll(d, 90 * DAY_S);
	}
	return s;
}

struct filling {
	struct dice dice;
	struct arena a;
	size_t from, n;
};

static enum err
fill_one(struct store *s, struct filling *f, struct span name, struct error *e)
{
	struct domain_summary summary = make_summary(&f->dice, &f->a);
	struct span customer = arena_printf(
	    &f->a, "customer-%03d", (int)roll(&f->dice, CUSTOMERS));
	struct domain d;
	bool found;
	enum err err = domains_get(s, name, &f->a, &d, &found, e);

	if (err == ERR_OK)
		err = domains_set_summary(s, d.id, &summary, e);
	if (err == ERR_OK)
		err = domains_tag(s, name, customer, &found, e);
	if (err == ERR_OK && roll(&f->dice, 2) == 0)
		err = domains_tag(s, name, SPAN("managed"), &found, e);
	if (err == ERR_OK && roll(&f->dice, 100) == 0)
		err = domains_tag(s, name, SPAN("vip"), &found, e);
	return err;
}

static enum err
fill_batch(struct store *s, void *arg, struct error *e)
{
	static const char *const words[] = { "bakery", "law", "hotel", "school",
		"garage", "clinic", "press", "farm" };
	static const char *const zones[] = { "example", "com", "net", "org" };
	struct filling *f = arg;
	struct span names[BATCH];
	struct domains_added added;
	enum err err;

	for (size_t i = 0; i < f->n; i++)
		names[i] = arena_printf(&f->a, "%s-%s-%zu.%s",
		    words[roll(&f->dice, 8)], words[roll(&f->dice, 8)],
		    (f->from + i) * 7919 % 1000003, zones[roll(&f->dice, 4)]);
	err = domains_add(s, names, f->n, now, &added, e);
	for (size_t i = 0; err == ERR_OK && i < f->n; i++)
		err = fill_one(s, f, names[i], e);
	return err;
}

/* Looked at, and due within the hour; a change of each; and some incidents. */
static void
fill_rest(struct store *s)
{
	static const struct sql_statement work = {
		"UPDATE work SET checked_at = 1799999000,"
		" due_at = 1800000060 + domain % 3600,"
		" wanted_at = 1800000060 + domain % 3600"
	};
	static const struct sql_statement events = {
		"INSERT INTO event (domain, seq, at, kind, text)"
		" SELECT id, 1, 1790000000 + id * 97 % 10000000,"
		" 'mx-changed', 'MX hosts changed.' FROM domain"
	};
	static const struct sql_statement changed = {
		"UPDATE domain SET changed_at = 1790000000"
		" + id * 97 % 10000000"
	};
	/* As if all were published by us: three in a hundred wait to be
	 * renewed, and one is refused. */
	static const struct sql_statement certificates = {
		"INSERT INTO certificate (host, domain, wanted, number, chain,"
		" issuer, not_before, not_after, renew_at, due_at,"
		" order_state, order_ca, failing_since)"
		" SELECT 'mta-sts.' || name, id, 1, id, chain, CASE"
		" WHEN id % 3 = 0 THEN '" CA_B "' ELSE '" CA_A "' END, $1,"
		" $1 + id % 90 * 86400, $1 + id % 60 * 86400, $1 + id % 86400,"
		" CASE WHEN id % 100 = 0 THEN 'failing' WHEN id % 100 < 4"
		" THEN 'waiting' ELSE '' END, '" CA_A "',"
		" CASE WHEN id % 100 = 0 THEN $1 END FROM domain"
		" CROSS JOIN (SELECT CAST($2 AS {BLOB}) AS chain) AS c"
	};
	static const struct sql_statement refusals = {
		"INSERT INTO certificate_refusal (host, ca, at, reason)"
		" SELECT host, order_ca, due_at, 'ca-a.example does not issue"
		" for this name: ' || host || ' is on list ' || (domain % 12)"
		" FROM certificate WHERE order_state = 'failing'"
	};
	static const struct sql_statement *const all[] = { &work, &events,
		&changed, &refusals };
	static char chain[CHAIN_BYTES];
	const struct sql_value served[] = { sql_int(NOW),
		sql_blob((struct span){ chain, sizeof chain }) };
	struct dice dice = { 2 };
	struct error e;

	for (size_t i = 0; i < sizeof chain; i++)
		chain[i] = (char)roll(&dice, 256);
	must(sql_change(store_sql(s), &certificates, served, 2, NULL, &e), &e);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		must(sql_change(store_sql(s), all[i], NULL, 0, NULL, &e), &e);
	for (int i = 0; i < INCIDENTS; i++) {
		char cause[64];
		enum incident_event event;
		struct incident_fault fault = {
			.check = SPAN("mxcert.expired"),
			.subject = SPAN("mx.example"),
			.severity =
			    i % 3 == 0 ? SEVERITY_ERROR : SEVERITY_WARNING,
			.message = SPAN("A certificate has expired."),
			.remedy = SPAN("Renew it."),
		};

		snprintf(cause, sizeof cause, "mxcert.expired mx%d", i);
		fault.cause = span_str(cause);
		must(
		    incident_raise(s, i + 1, &fault, now, now, &event, &e), &e);
	}
	must(census_keep(s, now, &e), &e);
	/* As the server does by itself before long. */
	if (store_sql(s)->driver == &sql_postgres)
		must(sql_exec(store_sql(s), "VACUUM ANALYZE", &e), &e);
}

static void
fill(struct store *s, size_t n)
{
	struct filling f = { .dice = { 1 } };
	struct error e;

	for (size_t at = 0; at < n; at += f.n) {
		f.from = at;
		f.n = n - at < BATCH ? n - at : BATCH;
		arena_init(&f.a, 64 * 1024 * 1024);
		must(store_transact(s, fill_batch, &f, &e), &e);
		arena_release(&f.a);
	}
	fill_rest(s);
}

/* ---- what is measured ---- */

static double
cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

struct bench {
	struct store *store;
	struct web_config config;
	struct web *web;
	char cookie[128]; /* of somebody who is logged in */
	bool missed; /* a target */
};

struct sample {
	double wall, cpu; /* ms */
	size_t octets;
};

static void
ask(struct bench *b, const char *target, bool packed, struct sample *out)
{
	struct span text = span_str(target);
	struct http_head head = { .method = HTTP_GET,
		.path = span_head(text, span_find(text, '?')),
		.query = span_skip(text, span_find(text, '?') + 1),
		.host = SPAN("sts.example"),
		.fields = { { SPAN("cookie"), span_str(b->cookie) },
		    { SPAN("accept-encoding"),
			packed ? SPAN("gzip") : SPAN("identity") } },
		.n_fields = 2 };
	struct http_request http = { .head = &head, .secure = true };
	struct http_response answer = { 0 };
	struct error e;
	double wall = ms_now(), cpu = cpu_ms();

	web_handle(b->web, &http, &answer);
	out->wall = ms_now() - wall;
	out->cpu = cpu_ms() - cpu;
	out->octets = answer.body.n;
	if (answer.status != 200)
		must(error_set(
			 &e, ERR_USAGE, "%s: status %d", target, answer.status),
		    &e);
}

static int
compare(const void *va, const void *vb)
{
	const double *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

/* target_ms 0: none. */
static void
measure(struct bench *b, const char *what, const char *target, double target_ms)
{
	double wall[ROUNDS], cpu[ROUNDS];
	struct sample plain, s = { 0 };
	bool is_late;

	ask(b, target, false, &plain);
	for (size_t i = 0; i < ROUNDS; i++) {
		ask(b, target, true, &s);
		wall[i] = s.wall;
		cpu[i] = s.cpu;
	}
	qsort(wall, ROUNDS, sizeof *wall, compare);
	qsort(cpu, ROUNDS, sizeof *cpu, compare);
	is_late = target_ms > 0 && wall[ROUNDS / 2] >= target_ms;
	b->missed = b->missed || is_late;
	printf("%-28s %8.1f %8.1f %8.1f %8.1f %9zu %8zu%s\n", what,
	    wall[ROUNDS / 2], wall[ROUNDS * 95 / 100], cpu[ROUNDS / 2],
	    cpu[ROUNDS * 95 / 100], plain.octets, s.octets,
	    is_late ? " missed" : "");
	fflush(stdout);
}

/* The cursor of the row at half of the portfolio, as an address. */
static struct span
deep(struct bench *b, enum portfolio_sort sort, int64_t at, struct arena *a)
{
	struct portfolio_page p = { .sort = sort, .max = LIMIT_STORE_PAGE };
	struct domain *rows;
	struct error e;
	size_t n;
	bool more = true;

	for (; more && at > 0; at -= (int64_t)n) {
		must(portfolio_list(b->store, &p, a, &rows, &n, &more, &e), &e);
		p.after = portfolio_cursor(&rows[n - 1], sort, a);
	}
	return p.after;
}

static void
measure_pages(struct bench *b)
{
	static const struct {
		const char *what, *target;
		double target_ms;
	} rows[] = {
		{ "first page", "/", PAGE_MS },
		{ "by name", "/?sort=name", PAGE_MS },
		{ "by certificate", "/?sort=certificate", PAGE_MS },
		{ "by change, descending", "/?sort=changed&order=desc",
		    PAGE_MS },
		{ "by provider", "/?sort=provider", PAGE_MS },
		{ "verdict", "/?verdict=error", PAGE_MS },
		{ "deployment and eligibility",
		    "/?deployment=enforce&eligibility=ineligible", PAGE_MS },
		{ "provider, by cache",
		    "/?provider=Google%20Workspace&sort=cached-until",
		    PAGE_MS },
		{ "provider of few", "/?provider=hoster-007.example", PAGE_MS },
		{ "next step", "/?next_step=enforce", PAGE_MS },
		{ "search", "/?search=law-clinic", PAGE_MS },
		{ "search for one", "/?search=ry-school-5544", PAGE_MS },
		{ "search for none", "/?search=qqqq", PAGE_MS },
		{ "what is watched", "/?paused=no", PAGE_MS },
		{ "what is paused", "/?paused=yes", PAGE_MS },
		{ "watched, of a deployment", "/?paused=no&deployment=enforce",
		    PAGE_MS },
		{ "certificates of a day",
		    "/?paused=no&certificate_from=2027-02-01"
		    "&certificate_to=2027-02-01&sort=certificate",
		    PAGE_MS },
		{ "certificates of two weeks",
		    "/?paused=no&certificate_to=2027-01-28&sort=certificate",
		    PAGE_MS },
		{ "tag of few", "/?tag=customer-007", PAGE_MS },
		{ "tag of many", "/?tag=managed&sort=certificate", PAGE_MS },
		{ "tag of many and a filter",
		    "/?tag=managed&verdict=error&search=law", PAGE_MS },
		{ "three filters, no row",
		    "/?verdict=error&provider=none.example&search=x", PAGE_MS },
		{ "API, 1000 rows", "/api/v1/domains?max=1000", 0 },
		{ "metrics", "/metrics", METRICS_MS },
		{ "overview", "/overview", 0 },
		{ "activity", "/activity", 0 },
		{ "settings, with the CAs", "/settings", PAGE_MS },
		{ "API, CAs", "/api/v1/cas", PAGE_MS },
	};
	static const enum portfolio_sort sorts[] = { PORTFOLIO_NAME,
		PORTFOLIO_CERTIFICATE };
	struct arena a;
	int64_t all;
	struct error e;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		measure(b, rows[i].what, rows[i].target, rows[i].target_ms);
	must(portfolio_count(
		 b->store, &(struct portfolio_filter){ 0 }, &all, &e),
	    &e);
	for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++) {
		const char *name = portfolio_sort_names[sorts[i]];
		struct span after, target, what;

		arena_init(&a, (size_t)1 << 30);
		after = deep(b, sorts[i], all / 2, &a);
		target = arena_printf(
		    &a, "/?sort=%s&after=%.*s", name, (int)after.n, after.p);
		what = arena_printf(&a, "the middle, by %s", name);
		measure(b, what.p, target.p, PAGE_MS);
		arena_release(&a);
	}
}

/* What a browser that was never here loads: the page and its files, without the
 * fields of the answers. */
static void
print_first_view(struct bench *b)
{
	static const char *const files[] = { "style.css", "app.js",
		"favicon.svg" };
	struct sample s;
	size_t n;

	ask(b, "/", true, &s);
	n = s.octets;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		n += asset_find(span_str(files[i]))->gzip.n;
	b->missed = b->missed || n >= VIEW_BYTES;
	printf("first view: %zu octets, of which the page %zu%s\n", n, s.octets,
	    n >= VIEW_BYTES ? " missed" : "");
}

static void
log_in(struct bench *b)
{
	const struct account account = { .name = SPAN("bench"),
		.scope = SCOPE_ADMINISTER,
		.password = SPAN("none that fits") };
	struct bearer secret;
	struct error e;
	bool begun;

	must(bearer_make(&randomness_system, &secret, &e), &e);
	must(account_put(b->store, &account, now, &e), &e);
	must(session_begin(b->store, secret.hash, &account, now,
		 (struct wall_time){ NOW + DAY_S }, &begun, &e),
	    &e);
	snprintf(b->cookie, sizeof b->cookie, "__Host-mtasts=%s", secret.text);
}

static struct wall_time
wall_of_the_store(const struct clock *c)
{
	(void)c;
	return now;
}

static struct mono_time
mono(const struct clock *c)
{
	(void)c;
	return clock_mono(&clock_system);
}

static struct store *
give_store(void *arg)
{
	struct bench *b = arg;

	return b->store;
}

static void
tell_failed(void *arg, const struct error *e)
{
	(void)arg;
	if (e != NULL)
		fprintf(stderr, "bench: the store: %s\n", e->text);
}

int
main(int argc, char **argv)
{
	static const struct clock clock = { wall_of_the_store, mono };
	static const struct span cas[] = { SPAN_INIT(CA_A) };
	struct bench b = { .config = { .store = give_store,
			       .failed = tell_failed,
			       .arg = &b,
			       .clock = &clock,
			       .randomness = &randomness_system,
			       .origin = SPAN("https://sts.example"),
			       .cas = cas,
			       .n_cas = 1,
			       .stale_s = 3600 } };
	struct error e;
	uint64_t n;
	double t0;

	if (argc != 3 || !num_parse(span_str(argv[2]), 10000000, &n) ||
	    n < BATCH) {
		fprintf(stderr, "usage: bench_web URL DOMAINS (from %d on)\n",
		    BATCH);
		return 64;
	}
	must(store_open(argv[1], STORE_USE, now, &b.store, &e), &e);
	must(web_new(&b.config, &b.web, &e), &e);
	t0 = ms_now();
	fill(b.store, (size_t)n);
	log_in(&b);
	printf("%" PRIu64 " domains: filled in %.0f s, %" PRId64
	       " octets each\n",
	    n, (ms_now() - t0) / 1e3, store_bytes(b.store) / (int64_t)n);
	printf("%-28s %8s %8s %8s %8s %9s %8s\n", "", "ms p50", "p95",
	    "cpu p50", "p95", "octets", "gzip");
	measure_pages(&b);
	print_first_view(&b);
	web_free(b.web);
	store_free(b.store);
	return b.missed ? 1 : 0;
}

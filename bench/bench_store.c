/* bench_store.c - what the store's work costs as it grows, and a domain's
 *bytes.
 *
 *	bench_store URL ROWS [ROWS ...]
 *
 * The store must be new. It is filled up to each number of domains in turn,
 * with a mail host and a waiting message for each, and most of them under one
 * incident; most are due later, as in life. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "bench.h"
#include "store/domains.h"
#include "store/hosts.h"
#include "store/incidents.h"
#include "store/ledgers.h"
#include "store/outbox.h"
#include "store/work.h"

enum {
	BATCH = 10000, /* domains added in one transaction */
	CLAIM = 50, /* rows taken at a time */
	ROUNDS = 41, /* of which the middle one is printed */
	NOW = 1800000000,
	AHEAD = 10000, /* we look this far, to find what is due */
	SUFFERERS = 100000, /* domains under the incident, at most */
};

static const struct wall_time now = { NOW }, ahead = { NOW + AHEAD };

/* ---- what is in it ---- */

/* Domains from..to-1, due in the order of their names from `NOW` on, one a
 * second. */
static void
fill(struct store *s, size_t from, size_t to)
{
	struct span names[BATCH];
	struct domains_added added;
	struct arena a;
	struct error e;
	size_t n;

	for (; from < to; from += n) {
		arena_init(&a, 4 * 1024 * 1024);
		for (n = 0; n < BATCH && from + n < to; n++)
			names[n] = arena_printf(
			    &a, "customer-%07zu.example", from + n);
		must(domains_add(s, names, n,
			 (struct wall_time){ NOW + (int64_t)from }, &added, &e),
		    &e);
		arena_release(&a);
	}
}

static void
change(struct store *s, const struct sql_statement *st, int64_t number)
{
	struct sql_value args[] = { sql_int(number) };
	struct error e;

	must(sql_change(store_sql(s), st, args, 1, NULL, &e), &e);
}

/* The same for what belongs to domains behind the first `from`. */
static void
fill_hosts(struct store *s, int64_t from)
{
	static const struct sql_statement hosts = {
		"INSERT INTO mail_host (name, due_at, wanted_at)"
		" SELECT 'mx.' || name, 1800000000 + id, 1800000000 + id"
		" FROM domain WHERE id > $1"
	};
	static const struct sql_statement uses = {
		"INSERT INTO domain_host (host, domain)"
		" SELECT mail_host.id, domain.id FROM domain JOIN mail_host"
		" ON mail_host.name = 'mx.' || domain.name WHERE domain.id > $1"
	};

	change(s, &hosts, from);
	change(s, &uses, from);
}

static void
fill_outbox(struct store *s, int64_t from)
{
	static const struct sql_statement rows = {
		"INSERT INTO outbox (message_key, channel, kind, severity,"
		" text, created_at, state, tell_at, next_try)"
		" SELECT 'changed/' || name, 'mail', 'changed', 'warning',"
		" 'MX hosts changed.', 1800000000, 'waiting',"
		" 1800000000 + id, 1800000000 + id FROM domain WHERE id > $1"
	};

	change(s, &rows, from);
}

static const struct incident_fault fault = {
	.cause = SPAN_INIT("mxcert.expired mx.example"),
	.check = SPAN_INIT("mxcert.expired"),
	.subject = SPAN_INIT("mx.example"),
	.severity = SEVERITY_ERROR,
	.message = SPAN_INIT("The certificate of mx.example has expired."),
	.remedy = SPAN_INIT("Renew it."),
};

/* All domains up to that one suffer, and nobody else does yet. */
static void
fill_incident(struct store *s, int64_t last)
{
	static const struct sql_statement parts = {
		"INSERT INTO incident_domain (incident, name, domain,"
		" severity, since) SELECT 1, name, id, 'error', 1800000000"
		" FROM domain WHERE id <= $1 ON CONFLICT DO NOTHING"
	};
	static const struct sql_statement count = {
		"UPDATE incident SET (errors, domains) ="
		" (SELECT COUNT(*), COUNT(*) FROM incident_domain"
		"  WHERE incident = $1)"
	};
	enum incident_event event;
	struct error e;

	must(incident_raise(s, 1, &fault, now, now, &event, &e), &e);
	change(s, &parts, last);
	change(s, &count, 1);
}

/* ---- what is measured ---- */

struct bench {
	struct store *s;
	int64_t worker;
	int64_t next; /* domain that does not suffer yet */
	struct arena a; /* of a round */
	struct work_claim *work;
	struct host_claim *hosts;
	struct outbox_row *rows;
	size_t n_work, n_hosts, n_rows;
};

static enum err
want_full(enum err err, size_t n, struct error *e)
{
	return err == ERR_OK && n != CLAIM
		   ? error_set(e, ERR_USAGE, "%zu rows instead of %d", n, CLAIM)
		   : err;
}

static enum err
claim_domains(struct store *s, void *arg, struct error *e)
{
	struct bench *b = arg;
	enum err err =
	    work_claim(s, b->worker, ahead, (struct wall_time){ NOW + 1 },
		CLAIM, &b->a, &b->work, &b->n_work, e);

	return want_full(err, b->n_work, e);
}

/* They are due again where they were. */
static enum err
finish_domains(struct store *s, void *arg, struct error *e)
{
	const struct bench *b = arg;
	bool held;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < b->n_work; i++)
		err = work_finish(s, b->worker, &b->work[i],
		    &b->work[i].schedule, now, &held, e);
	return err;
}

static enum err
keep_ledger(struct store *s, const struct work_claim *c, struct arena *a,
    struct error *e)
{
	struct span host =
	    arena_printf(a, "mx.%.*s", (int)c->name.n, c->name.p);
	struct observation o = { .txt = SIGHT_PRESENT,
		.id = SPAN("20261122T100000"),
		.file = SIGHT_PRESENT,
		.body = SPAN("version: STSv1\nmode: enforce\n"
			     "mx: *.example\nmax_age: 604800\n"),
		.mode = STS_MODE_ENFORCE,
		.max_age = 604800,
		.mx = SIGHT_PRESENT,
		.mx_hosts = &host,
		.n_mx_hosts = 1 };
	struct ledger before, after;
	struct ledger_change change;
	enum err err = ledger_load(s, c->domain, a, &after, e);

	if (err != ERR_OK)
		return err;
	o.at.s = after.at.s + 900;
	err = ledger_snapshot(&after, a, &before);
	if (err == ERR_OK)
		err = ledger_step(&after, &o, a, &change);
	if (err == ERR_OK)
		err = ledger_save(s, c->domain, &before, &after, e);
	return err == ERR_OK ? hosts_use(s, c->domain, &host, 1, now, e) : err;
}

/* All that a round in which nothing changed reads and writes at its end. */
static enum err
end_quietly(struct store *s, void *arg, struct error *e)
{
	struct bench *b = arg;
	enum err err = finish_domains(s, b, e);

	for (size_t i = 0; err == ERR_OK && i < b->n_work; i++)
		err = keep_ledger(s, &b->work[i], &b->a, e);
	return err;
}

static enum err
claim_hosts(struct store *s, void *arg, struct error *e)
{
	struct bench *b = arg;
	enum err err =
	    hosts_claim(s, b->worker, ahead, (struct wall_time){ NOW + 1 },
		CLAIM, &b->a, &b->hosts, &b->n_hosts, e);

	return want_full(err, b->n_hosts, e);
}

static enum err
finish_hosts(struct store *s, void *arg, struct error *e)
{
	static const struct host_look look = { .at = { NOW },
		.due = { NOW + AHEAD / 2 },
		.json = SPAN_INIT("{\"host\": \"mx.example\"}") };
	const struct bench *b = arg;
	bool held;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < b->n_hosts; i++)
		err = hosts_finish(s, b->worker, &b->hosts[i], &look, &held, e);
	return err;
}

static enum err
raise_one(struct store *s, void *arg, struct error *e)
{
	struct bench *b = arg;
	enum incident_event event;

	return incident_raise(s, b->next, &fault, now, now, &event, e);
}

static enum err
clear_one(struct store *s, void *arg, struct error *e)
{
	struct bench *b = arg;
	enum incident_event event;

	return incident_clear(s, b->next++, fault.cause, now, now, &event, e);
}

static enum err
claim_rows(struct store *s, void *arg, struct error *e)
{
	struct bench *b = arg;
	enum err err = outbox_claim(s, b->worker, SPAN("mail"), ahead,
	    (struct wall_time){ NOW + 1 }, CLAIM, &b->a, &b->rows, &b->n_rows,
	    e);

	return want_full(err, b->n_rows, e);
}

static enum err
retry_rows(struct store *s, void *arg, struct error *e)
{
	const struct bench *b = arg;
	bool held;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < b->n_rows; i++)
		err = outbox_retry(s, b->worker, &b->rows[i], SPAN("421"),
		    (struct wall_time){ NOW + AHEAD / 2 }, &held, e);
	return err;
}

/* Each in one transaction; what stands in front of it or undoes it is not
 * measured. */
static const struct measured {
	const char *name;
	enum err (*before)(struct store *s, void *arg, struct error *e);
	enum err (*run)(struct store *s, void *arg, struct error *e);
	enum err (*after)(struct store *s, void *arg, struct error *e);
} measured[] = {
	/* clang-format off */
	{ "claim 50",	NULL,		claim_domains,	NULL },
	{ "finish 50",	NULL,		finish_domains,	NULL },
	{ "quiet 50",	claim_domains,	end_quietly,	NULL },
	{ "hosts 50",	NULL,		claim_hosts,	finish_hosts },
	{ "raise 1",	NULL,		raise_one,	NULL },
	{ "clear 1",	NULL,		clear_one,	NULL },
	{ "outbox 50",	NULL,		claim_rows,	retry_rows },
	/* clang-format on */
};
enum { MEASURED = sizeof measured / sizeof measured[0] };

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The median time of each, in ms. */
static void
measure(struct bench *b, double out[MEASURED])
{
	double ms[MEASURED][ROUNDS];
	struct error e;

	for (size_t i = 0; i < ROUNDS; i++) {
		arena_init(&b->a, 16 * 1024 * 1024);
		for (size_t k = 0; k < MEASURED; k++) {
			const struct measured *m = &measured[k];
			double t0;

			if (m->before != NULL)
				must(
				    store_transact(b->s, m->before, b, &e), &e);
			t0 = ms_now();
			must(store_transact(b->s, m->run, b, &e), &e);
			ms[k][i] = ms_now() - t0;
			if (m->after != NULL)
				must(store_transact(b->s, m->after, b, &e), &e);
		}
		arena_release(&b->a);
	}
	for (size_t k = 0; k < MEASURED; k++) {
		qsort(ms[k], ROUNDS, sizeof ms[k][0], compare);
		out[k] = ms[k][ROUNDS / 2];
	}
}

/* What the store holds, and what that took. */
struct size {
	uint64_t domains;
	int64_t bytes; /* of the domains alone */
	double added_per_s;
};

static void
grow(struct bench *b, struct size *size, uint64_t want)
{
	int64_t had = (int64_t)size->domains, before = store_bytes(b->s);
	int64_t last = want < SUFFERERS ? (int64_t)want : SUFFERERS;
	double t0 = ms_now();

	fill(b->s, size->domains, want);
	size->added_per_s =
	    (double)(want - size->domains) / (ms_now() - t0) * 1e3;
	size->bytes += store_bytes(b->s) - before;
	size->domains = want;
	fill_hosts(b->s, had);
	fill_outbox(b->s, had);
	fill_incident(b->s, last - ROUNDS);
	b->next = (int64_t)want - ROUNDS + 1;
}

static void
print_head(void)
{
	printf("%8s", "domains");
	for (size_t k = 0; k < MEASURED; k++)
		printf(" %9s ms ratio", measured[k].name);
	printf(" %6s %8s\n", "bytes", "added/s");
}

static void
print_line(const struct size *size, const double *ms, const double *first)
{
	printf("%8" PRIu64, size->domains);
	for (size_t k = 0; k < MEASURED; k++)
		printf(" %12.2f %5.2f", ms[k], ms[k] / first[k]);
	printf(" %6" PRId64 " %8.0f\n", size->bytes / (int64_t)size->domains,
	    size->added_per_s);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	double first[MEASURED], ms[MEASURED];
	struct bench b = { 0 };
	struct size size = { 0 };
	struct error e;
	uint64_t want;

	if (argc < 3) {
		fputs("usage: bench_store URL ROWS ...\n", stderr);
		return 64;
	}
	must(store_open(argv[1], STORE_USE, now, &b.s, &e), &e);
	must(work_join(b.s, SPAN("bench"), SPAN("monitor"), now, &b.worker, &e),
	    &e);
	print_head();
	for (int i = 2; i < argc; i++) {
		if (!num_parse(span_str(argv[i]), 10000000, &want) ||
		    want <= size.domains + ROUNDS)
			return 64;
		grow(&b, &size, want);
		measure(&b, ms);
		if (i == 2)
			memcpy(first, ms, sizeof first);
		print_line(&size, ms, first);
	}
	store_free(b.s);
	return 0;
}

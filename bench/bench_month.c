/* bench_month.c - what a domain takes in the store after a month in which
 * nothing happens to it.
 *
 *	bench_month URL EVIDENCE DOMAINS ROUNDS
 *
 * The store must be new. Every domain has the evidence of the file, and each of
 * its rounds, 15 minutes apart, is judged and written as the monitor does it;
 * nobody is asked. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/num.h"
#include "bench.h"
#include "core/judge.h"
#include "core/round.h"
#include "io/read_file.h"
#include "out/evidence_text.h"
#include "store/domains.h"
#include "store/findings.h"
#include "store/hosts.h"
#include "store/ledgers.h"
#include "store/observations.h"
#include "store/work.h"

enum {
	ROUND_S = 15 * 60,
	WHOLE = 4, /* of so many rounds one looks at everything */
	LEASE_S = 90,
	CLAIM = 100, /* domains taken, and finished in a transaction */
	DAY = 24 * 60 * 60 / ROUND_S,
};

/* Of all rounds of the same moment. */
struct moment {
	struct store *s;
	int64_t worker;
	struct evidence ev; /* with its mail hosts */
	struct span json; /* without */
	struct span *hosts;
	unsigned looks;
	struct wall_time now, next;
	const struct work_claim *claims;
	size_t n;
};

static enum err
save_round(struct moment *m, const struct work_claim *c, struct round *r,
    const struct ledger *before, struct error *e)
{
	const struct judged *j = &r->judged;
	const struct domain_summary summary = {
		.deployment = span_str(deployment_names[j->deployment]),
		.eligibility = span_str(eligibility_names[j->eligibility]),
		.verdict = span_str(verdict_names[j->verdict]),
		.mode = span_str(sts_mode_names[j->sts.mode]),
		.stakes = span_str(stakes_names[j->stakes]),
		.max_age = (int64_t)j->sts.max_age,
	};
	enum err rc = ledger_save(m->s, c->domain, before, r->ledger, e);

	if (rc == ERR_OK)
		rc = findings_save(
		    m->s, c->domain, r->before, &r->sightings.after, e);
	if (rc == ERR_OK && c->is_first)
		rc = observation_put(m->s, c->domain, m->json, m->now, e);
	if (rc == ERR_OK)
		rc = domains_set_summary(m->s, c->domain, &summary, e);
	if (rc == ERR_OK)
		rc = hosts_use(
		    m->s, c->domain, m->hosts, m->ev.n_mx_hosts, m->now, e);
	return rc;
}

static enum err
play_round(struct moment *m, const struct work_claim *c, struct arena *a,
    struct error *e)
{
	struct ledger ledger, before;
	struct sightings sightings;
	struct round r = {
		.ledger = &ledger,
		.before = &sightings,
		.ev = &m->ev,
		.looks = m->looks,
		.now = m->now,
	};
	const struct schedule schedule = { .due = {
					       m->next, m->next, m->next } };
	bool held;
	enum err rc = ledger_load(m->s, c->domain, a, &ledger, e);

	if (rc == ERR_OK)
		rc = findings_load(m->s, c->domain, a, &sightings, e);
	if (rc == ERR_OK)
		rc = ledger_snapshot(&ledger, a, &before);
	if (rc == ERR_OK)
		rc = round_judge(&r, a);
	if (rc == ERR_OK)
		rc = work_finish(
		    m->s, m->worker, c, &schedule, m->now, &held, e);
	return rc == ERR_OK ? save_round(m, c, &r, &before, e) : rc;
}

static enum err
play_claims(struct store *s, void *arg, struct error *e)
{
	struct moment *m = arg;
	struct arena a;
	enum err rc = ERR_OK;

	(void)s;
	for (size_t i = 0; rc == ERR_OK && i < m->n; i++) {
		arena_init(&a, LIMIT_CHECK_MEMORY);
		rc = play_round(m, &m->claims[i], &a, e);
		arena_release(&a);
	}
	return rc;
}

/* One round of every domain; returns how many there were. */
static size_t
play_moment(struct moment *m)
{
	struct work_claim *list;
	struct arena a;
	struct error e;
	size_t all = 0;

	do {
		arena_init(&a, LIMIT_CHECK_MEMORY);
		must(work_claim(m->s, m->worker, m->now,
			 (struct wall_time){ m->now.s + LEASE_S }, CLAIM, &a,
			 &list, &m->n, &e),
		    &e);
		m->claims = list;
		must(store_transact(m->s, play_claims, m, &e), &e);
		all += m->n;
		arena_release(&a);
	} while (m->n == CLAIM);
	return all;
}

static void
load(struct moment *m, const char *path, struct arena *a)
{
	struct evidence kept;
	struct span text;
	struct error e;

	must(read_file(path, LIMIT_EVIDENCE_FILE, a, &text, &e), &e);
	must(evidence_from_text(text, a, &m->ev, &e), &e);
	kept = m->ev;
	kept.mx_hosts = NULL;
	kept.orgs = NULL;
	kept.n_mx_hosts = kept.n_orgs = 0;
	must(evidence_to_text(&kept, a, &m->json), &e);
	m->hosts = arena_array(a, m->ev.n_mx_hosts, sizeof *m->hosts);
	if (m->hosts == NULL)
		must(ERR_MEMORY, &e);
	for (size_t i = 0; i < m->ev.n_mx_hosts; i++)
		m->hosts[i] = m->ev.mx_hosts[i].host;
}

static void
add(struct moment *m, size_t n, struct arena *a)
{
	struct span *names = arena_array(a, n, sizeof *names);
	struct domains_added added;
	struct error e = { .text = "" };

	if (names == NULL)
		must(ERR_MEMORY, &e);
	for (size_t i = 0; i < n; i++)
		names[i] = arena_printf(a, "customer-%06zu.example", i);
	must(domains_add(m->s, names, n, m->ev.checked_at, &added, &e), &e);
}

/* Every day's last round, and the very first one. */
static void
play(struct moment *m, size_t domains, size_t rounds, int64_t empty)
{
	struct wall_time begin = m->ev.checked_at;
	double t0 = ms_now();

	printf("%10s %12s %14s\n", "rounds", "bytes each", "a round");
	for (size_t i = 0; i < rounds; i++) {
		m->now.s = begin.s + (int64_t)i * ROUND_S;
		m->next.s = m->now.s + ROUND_S;
		m->ev.checked_at = m->now;
		m->looks =
		    i % WHOLE == 0 ? LOOK_EVERYTHING : 1U << LOOK_RECORDS;
		if (play_moment(m) != domains)
			must(ERR_STORE,
			    &(struct error){ .text = "not all were due" });
		if (i > 0 && i + 1 < rounds && (i + 1) % (7 * DAY) != 0)
			continue;
		printf("%10zu %12" PRId64 " %11.3f ms\n", i + 1,
		    (store_bytes(m->s) - empty) / (int64_t)domains,
		    (ms_now() - t0) / (double)((i + 1) * domains));
		fflush(stdout);
	}
}

int
main(int argc, char **argv)
{
	struct moment m = { 0 };
	uint64_t domains, rounds;
	struct arena a;
	struct error e;

	if (argc != 5 || !num_parse(span_str(argv[3]), 10000, &domains) ||
	    !num_parse(span_str(argv[4]), 100000, &rounds)) {
		fputs(
		    "usage: bench_month URL EVIDENCE DOMAINS ROUNDS\n", stderr);
		return 64;
	}
	arena_init(&a, LIMIT_CHECK_MEMORY);
	load(&m, argv[2], &a);
	must(store_open(argv[1], STORE_USE, m.ev.checked_at, &m.s, &e), &e);
	must(work_join(m.s, SPAN("bench"), SPAN("monitor"), m.ev.checked_at,
		 &m.worker, &e),
	    &e);
	int64_t empty = store_bytes(m.s);
	add(&m, domains, &a);
	play(&m, domains, rounds, empty);
	store_free(m.s);
	arena_release(&a);
	return 0;
}

/* bench_store.c - what a claim costs as the store grows, and a domain's bytes.
 *
 *	bench_store URL ROWS [ROWS ...]
 *
 * The store must be new. It is filled up to each number of domains in turn;
 * most of them are due later, as in life. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "bench.h"
#include "store/domains.h"
#include "store/work.h"

enum {
	BATCH = 10000, /* domains added in one transaction */
	CLAIM = 50, /* domains taken at a time */
	ROUNDS = 41, /* of which the middle one is printed */
	NOW = 1800000000,
};

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

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The median time, in ms, to claim CLAIM domains, and to finish them in one
 * transaction; they are due again where they were. */
struct cost {
	double claim, finish;
};

struct round {
	int64_t worker;
	const struct work_claim *list;
	size_t n;
};

static enum err
finish_all(struct store *s, void *arg, struct error *e)
{
	const struct round *r = arg;
	bool held;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < r->n; i++)
		err = work_finish(s, r->worker, &r->list[i],
		    &r->list[i].schedule, (struct wall_time){ NOW }, &held, e);
	return err;
}

static struct cost
measure(struct store *s, int64_t worker)
{
	double claims[ROUNDS], finishes[ROUNDS], t0, t1;
	struct work_claim *list;
	struct arena a;
	struct error e;
	size_t n;

	for (size_t i = 0; i < ROUNDS; i++) {
		arena_init(&a, 4 * 1024 * 1024);
		t0 = ms_now();
		must(work_claim(s, worker, (struct wall_time){ NOW + 10000 },
			 (struct wall_time){ NOW + 1 }, CLAIM, &a, &list, &n,
			 &e),
		    &e);
		t1 = ms_now();
		claims[i] = t1 - t0;
		must(store_transact(
			 s, finish_all, &(struct round){ worker, list, n }, &e),
		    &e);
		finishes[i] = ms_now() - t1;
		arena_release(&a);
	}
	qsort(claims, ROUNDS, sizeof *claims, compare);
	qsort(finishes, ROUNDS, sizeof *finishes, compare);
	return (struct cost){ claims[ROUNDS / 2], finishes[ROUNDS / 2] };
}

int
main(int argc, char **argv)
{
	struct cost first = { 0 }, cost;
	struct store *s;
	struct error e;
	int64_t worker, empty;
	uint64_t have = 0, want;

	if (argc < 3) {
		fputs("usage: bench_store URL ROWS ...\n", stderr);
		return 64;
	}
	must(store_open(argv[1], STORE_USE, (struct wall_time){ NOW }, &s, &e),
	    &e);
	must(work_join(s, SPAN("bench"), SPAN("monitor"),
		 (struct wall_time){ NOW }, &worker, &e),
	    &e);
	empty = store_bytes(s);
	printf("%10s %14s %7s %14s %7s %10s %12s\n", "domains", "claim of 50",
	    "ratio", "finish of 50", "ratio", "bytes each", "added a s");
	for (int i = 2; i < argc; i++) {
		double t0 = ms_now(), t1;

		if (!num_parse(span_str(argv[i]), 10000000, &want) ||
		    want <= have)
			return 64;
		fill(s, have, want);
		t1 = ms_now();
		cost = measure(s, worker);
		if (i == 2)
			first = cost;
		printf("%10" PRIu64
		       " %11.2f ms %7.2f %11.2f ms %7.2f %10" PRId64
		       " %12.0f\n",
		    want, cost.claim, cost.claim / first.claim, cost.finish,
		    cost.finish / first.finish,
		    (store_bytes(s) - empty) / (int64_t)want,
		    (double)(want - have) / (t1 - t0) * 1e3);
		fflush(stdout);
		have = want;
	}
	store_free(s);
	return 0;
}

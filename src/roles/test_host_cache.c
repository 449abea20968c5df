/* Mail hosts that are kept, against the store: SQLite. */
#include "base/limits.h"
#include "out/evidence_text.h"
#include "roles/host_cache.h"
#include "store/hosts.h"
#include "store/test_store.h"

enum {
	LEASE_S = 60,
	MANY = 3000,
	ALIAS = 16, /* bytes of one, as text */
};

struct scene {
	struct fixture *f;
	struct host_cache *c;
	int64_t domain, worker;
	int64_t now; /* s after test_now */
};

static struct scene
begin(void **state)
{
	struct scene s = { .f = *state };

	s.domain = fixture_domain(s.f, "a.example");
	s.worker = fixture_worker(s.f);
	assert_int_equal(host_cache_new(&s.c), ERR_OK);
	return s;
}

static struct wall_time
at(const struct scene *s, int64_t later)
{
	return (struct wall_time){ test_now.s + s->now + later };
}

static struct span
name_of(struct scene *s, size_t i)
{
	return arena_printf(&s->f->a, "mx%zu.example", i);
}

/* The first n hosts are in use. */
static void
use(struct scene *s, size_t n)
{
	struct span *names = arena_array(&s->f->a, n, sizeof *names);

	assert_non_null(names);
	for (size_t i = 0; i < n; i++)
		names[i] = name_of(s, i);
	assert_err(s->f,
	    hosts_use(s->f->s, s->domain, names, n, at(s, 0), &s->f->e),
	    ERR_OK);
}

/* Written at the end of a look, with so many aliases. */
static void
finish(struct scene *s, const struct host_claim *claim, size_t aliases)
{
	struct host_seen h = { .host = { .host = claim->name } };
	struct host_look look = { .at = at(s, 0), .due = at(s, 1) };
	struct arena a;
	bool held;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	h.host.a.chain = arena_array(&a, aliases, sizeof(struct span));
	h.host.a.n_chain = aliases;
	for (size_t i = 0; i < aliases; i++)
		h.host.a.chain[i] = SPAN("alias.example");
	assert_int_equal(host_seen_to_text(&h, &a, &look.json), ERR_OK);
	assert_err(s->f,
	    hosts_finish(s->f->s, s->worker, claim, &look, &held, &s->f->e),
	    ERR_OK);
	assert_true(held);
	arena_release(&a);
}

/* All that is due. */
static struct host_claim *
claim(struct scene *s, struct arena *a, size_t *n)
{
	struct host_claim *claims;

	assert_err(s->f,
	    hosts_claim(s->f->s, s->worker, at(s, 0), at(s, LEASE_S),
		LIMIT_STORE_CLAIM, a, &claims, n, &s->f->e),
	    ERR_OK);
	return claims;
}

/* All hosts are looked at, and found with so many aliases. */
static void
look(struct scene *s, size_t aliases)
{
	struct arena a;
	size_t n;

	s->now += LEASE_S;
	do {
		struct host_claim *claims;

		arena_init(&a, LIMIT_CHECK_MEMORY);
		claims = claim(s, &a, &n);
		for (size_t i = 0; i < n; i++)
			finish(s, &claims[i], aliases);
		arena_release(&a);
	} while (n > 0);
}

/* In the turn that is under way; false: nothing is held true. */
static bool
get(struct scene *s, size_t i, struct host_seen *out)
{
	struct span name = name_of(s, i);
	bool found;

	assert_err(s->f,
	    host_cache_get(
		s->c, s->f->s, name, &s->f->a, out, &found, &s->f->e),
	    ERR_OK);
	if (found)
		assert_true(span_eq(out->host.host, name));
	return found;
}

static bool
is_same(const struct host_seen *a, const struct host_seen *b)
{
	return a->host.host.p == b->host.host.p;
}

static void
test_kept(void **state)
{
	struct scene s = begin(state);
	struct host_seen first, again, other;

	assert_false(get(&s, 0, &first));
	use(&s, 1);
	assert_false(get(&s, 0, &first));
	look(&s, 1);
	assert_true(get(&s, 0, &first));
	assert_int_equal(first.host.a.n_chain, 1);
	host_cache_begin(s.c);
	assert_true(get(&s, 0, &again));
	assert_true(is_same(&first, &again));
	/* another look, of the same or of something else */
	look(&s, 2);
	host_cache_begin(s.c);
	assert_true(get(&s, 0, &other));
	assert_int_equal(other.host.a.n_chain, 2);
	/* another store */
	host_cache_empty(s.c);
	assert_true(get(&s, 0, &other));
	assert_int_equal(other.host.a.n_chain, 2);
	host_cache_free(s.c);
}

/* More hosts than there are places: what was got in a turn stays whole until
 * its end. */
static void
test_crowded(void **state)
{
	struct scene s = begin(state);
	struct host_seen *all = arena_array(&s.f->a, MANY, sizeof *all), again;
	size_t kept = 0;

	assert_non_null(all);
	use(&s, MANY);
	look(&s, 1);
	for (size_t i = 0; i < MANY; i++)
		assert_true(get(&s, i, &all[i]));
	for (size_t i = 0; i < MANY; i++) {
		assert_true(span_eq(all[i].host.host, name_of(&s, i)));
		assert_true(get(&s, i, &again));
		kept += is_same(&all[i], &again);
	}
	assert_in_range(kept, 500, 1024);
	host_cache_free(s.c);
}

static void
test_too_long(void **state)
{
	struct scene s = begin(state);
	struct host_seen seen;
	bool found;

	use(&s, 1);
	look(&s, LIMIT_HOST_KEPT / ALIAS + 1);
	assert_true(get(&s, 0, &seen));
	/* Who reads it anew sees that it is damaged. */
	fixture_exec(s.f, "UPDATE mail_host SET json_zlib = X'00'");
	assert_err(s.f,
	    host_cache_get(
		s.c, s.f->s, name_of(&s, 0), &s.f->a, &seen, &found, &s.f->e),
	    ERR_DATA);
	host_cache_free(s.c);
}

/* More than may be kept: all goes at the end of a turn. */
static void
test_full(void **state)
{
	struct scene s = begin(state);
	size_t n = LIMIT_HOSTS_KEPT / (LIMIT_HOST_KEPT / 2);
	struct host_seen first, again;
	bool found;

	use(&s, n);
	look(&s, LIMIT_HOST_KEPT / ALIAS / 2);
	assert_true(get(&s, 0, &first));
	host_cache_begin(s.c);
	assert_true(get(&s, 0, &again));
	assert_true(is_same(&first, &again));
	for (size_t i = 1; i < n; i++) {
		arena_release(&s.f->a); /* of nothing that is kept */
		assert_true(get(&s, i, &again));
	}
	assert_true(get(&s, 0, &again));
	assert_true(is_same(&first, &again));
	fixture_exec(s.f, "UPDATE mail_host SET json_zlib = X'00'");
	assert_true(get(&s, 0, &again));
	host_cache_begin(s.c);
	assert_err(s.f,
	    host_cache_get(
		s.c, s.f->s, name_of(&s, 0), &s.f->a, &again, &found, &s.f->e),
	    ERR_DATA);
	host_cache_free(s.c);
}

/* What cannot be read is told, and not kept. */
static void
test_unreadable(void **state)
{
	struct scene s = begin(state);
	struct host_look look_in_vain = { .json = SPAN("{}") };
	struct host_seen seen;
	bool found, held;
	size_t n;

	use(&s, 1);
	look_in_vain.due = at(&s, 1);
	assert_err(s.f,
	    hosts_finish(s.f->s, s.worker, claim(&s, &s.f->a, &n),
		&look_in_vain, &held, &s.f->e),
	    ERR_OK);
	for (int i = 0; i < 2; i++)
		assert_err(s.f,
		    host_cache_get(s.c, s.f->s, name_of(&s, 0), &s.f->a, &seen,
			&found, &s.f->e),
		    ERR_DATA);
	look(&s, 1);
	assert_true(get(&s, 0, &seen));
	host_cache_free(s.c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_kept),
		RUN(test_crowded),
		RUN(test_too_long),
		RUN(test_full),
		RUN(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Two who change the same at the same moment, each by a dashboard of his own:
 * whatever they say, both words count, or one of them is told. */
#include "base/test_table.h"

#include <pthread.h>

#include "store/domains.h"
#include "store/publications.h"
#include "web/test_call.h"

enum { ROUNDS = 20, RIVALS = 2 };

/* What one of them asks for. */
struct asking {
	const char *who;
	enum err (*handle)(struct web_call *c, struct error *e);
	const char *target, *body;
};

struct rival {
	struct fixture f; /* its own connection to the store */
	struct test_call tc;
	const struct asking *asks;
	pthread_barrier_t *start;
	pthread_t thread;
};

struct ring {
	struct rival rivals[RIVALS];
	pthread_barrier_t start;
};

static void
enter_ring(struct fixture *f, struct ring *r)
{
	*r = (struct ring){ 0 };
	pthread_barrier_init(&r->start, NULL, RIVALS);
	for (int i = 0; i < RIVALS; i++) {
		r->rivals[i].start = &r->start;
		assert_err(f,
		    store_open(
			f->url, STORE_USE, test_now, &r->rivals[i].f.s, &f->e),
		    ERR_OK);
		test_call_init(&r->rivals[i].tc, &r->rivals[i].f);
	}
}

static void
leave_ring(struct ring *r)
{
	for (int i = 0; i < RIVALS; i++) {
		test_call_release(&r->rivals[i].tc);
		store_free(r->rivals[i].f.s);
	}
	pthread_barrier_destroy(&r->start);
}

static void *
run_rival(void *arg)
{
	struct rival *r = arg;
	const struct asking *asks = r->asks;

	test_call_begin(&r->tc, asks->handle, asks->target, asks->body);
	r->tc.call.caller.name = span_str(asks->who);
	pthread_barrier_wait(r->start);
	(void)test_call_end(&r->tc, asks->handle);
	return NULL;
}

static void
fight(struct ring *r, const struct asking asks[RIVALS])
{
	for (int i = 0; i < RIVALS; i++) {
		r->rivals[i].asks = &asks[i];
		assert_int_equal(pthread_create(&r->rivals[i].thread, NULL,
				     run_rival, &r->rivals[i]),
		    0);
	}
	for (int i = 0; i < RIVALS; i++)
		pthread_join(r->rivals[i].thread, NULL);
}

static void
put_administrator(struct fixture *f, const char *name)
{
	const struct account account = { .name = span_str(name),
		.scope = SCOPE_ADMINISTER,
		.password = SPAN("a hash") };

	assert_err(f, account_put(f->s, &account, test_now, &f->e), ERR_OK);
}

/* Two administrators who take each other's rights do not end as none. */
static void
test_administrators(void **state)
{
	static const struct asking asks[][RIVALS] = {
		{ { "anna", api_user_change, "/api/v1/users/ben",
		      "{\"scope\":\"view\"}" },
		    { "ben", api_user_change, "/api/v1/users/anna",
			"{\"scope\":\"view\"}" } },
		{ { "anna", api_user_remove, "/api/v1/users/ben", NULL },
		    { "ben", api_user_change, "/api/v1/users/anna",
			"{\"scope\":\"operate\"}" } },
	};
	static struct ring ring;
	struct fixture *f = *state;
	size_t left;

	enter_ring(f, &ring);
	for (int i = 0; i < ROUNDS; i++) {
		put_administrator(f, "anna");
		put_administrator(f, "ben");
		fight(&ring, asks[i % 2]);
		assert_err(
		    f, account_administrators(f->s, &left, &f->e), ERR_OK);
		assert_int_equal(left, 1);
	}
	leave_ring(&ring);
}

/* Each sets something else. */
static void
test_settings(void **state)
{
#define D "/api/v1/domains/a.example/settings"
	static const struct asking asks[][RIVALS] = {
		{ { "anna", api_domain_settings, D,
		      "{\"records-every\":\"20m\"}" },
		    { "ben", api_domain_settings, D,
			"{\"intent\":\"enforce\"}" } },
		{ { "anna", api_domain_settings, D,
		      "{\"records-every\":\"\"}" },
		    { "ben", api_domain_settings, D, "{\"intent\":\"\"}" } },
	};
#undef D
	static struct ring ring;
	struct fixture *f = *state;
	struct tally t = { .label = "settings" };
	struct domain d = { 0 };
	bool found;

	fixture_domain(f, "a.example");
	enter_ring(f, &ring);
	for (int i = 0; i < ROUNDS; i++) {
		fight(&ring, asks[i % 2]);
		assert_err(f,
		    domains_get(
			f->s, SPAN("a.example"), &f->a, &d, &found, &f->e),
		    ERR_OK);
		want_span(&t, "both", d.settings,
		    i % 2 == 0 ? SPAN("records-every=20m\nintent=enforce\n")
			       : SPAN(""));
	}
	leave_ring(&ring);
	assert_int_equal(t.failed, 0);
}

/* Each orders something else of one policy. */
static void
test_orders(void **state)
{
#define D "/api/v1/domains/a.example/publication"
	static const struct asking first = { "anna", api_publication_ask, D,
		"{}" };
	static const struct asking asks[][RIVALS] = {
		{ { "anna", api_publication_ask, D, "{\"max_age\":1814400}" },
		    { "ben", api_publication_ask, D, "{\"follow\":\"off\"}" } },
		{ { "anna", api_publication_ask, D, "{\"max_age\":1209600}" },
		    { "ben", api_publication_ask, D,
			"{\"follow\":\"auto\"}" } },
	};
#undef D
	static struct ring ring;
	struct fixture *f = *state;
	struct tally t = { .label = "orders" };
	struct published p = { 0 };
	bool found;

	fixture_domain(f, "a.example");
	assert_err(
	    f, service_zone_set(f->s, SPAN("sts.example.org"), &f->e), ERR_OK);
	enter_ring(f, &ring);
	assert_int_equal(test_call_handler(&ring.rivals[0].tc, first.handle,
			     first.target, first.body),
	    ERR_OK);
	for (int i = 0; i < ROUNDS; i++) {
		fight(&ring, asks[i % 2]);
		assert_err(f,
		    publication_get(
			f->s, SPAN("a.example"), &f->a, &p, &found, &f->e),
		    ERR_OK);
		want_int(&t, "max_age", p.order.max_age,
		    i % 2 == 0 ? 1814400 : 1209600);
		want_int(&t, "follow", p.order.follow,
		    i % 2 == 0 ? FOLLOW_OFF : FOLLOW_AUTO);
	}
	leave_ring(&ring);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_administrators),
		RUN(test_settings),
		RUN(test_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

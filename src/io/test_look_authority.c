/* The name servers of a domain, each asked by itself: three on loopback, of
 * which one lags and one refuses, and one that may not be asked. */
#include "io/test_world.h"

#include "base/limits.h"
#include "wire/dns_message.h"

static void
look(struct world *w, const char *domain, struct arena *a, struct evidence *ev)
{
	struct look_plan plan = { 1 << LOOK_AUTHORITY, SPAN("2"), true };
	unsigned looked;

	arena_init(a, LIMIT_CHECK_MEMORY);
	assert_int_equal(look_in_parts(&w->env, span_str(domain), &plan,
			     mono_after_ms(clock_mono(&clock_system), 60000), a,
			     ev, &looked),
	    ERR_OK);
	assert_true((looked & 1 << LOOK_AUTHORITY) != 0);
}

static const struct server_seen *
server_of(const struct zone_seen *z, const char *name)
{
	for (size_t i = 0; i < z->n_servers; i++)
		if (span_eq(z->servers[i].name, span_str(name)))
			return &z->servers[i];
	fail();
	return NULL;
}

static struct span
id_of(const struct server_seen *s)
{
	assert_int_equal(s->txt.result, TALK_OK);
	assert_int_equal(s->txt.answer.n_txt, 1);
	return s->txt.answer.txt[0].strings[0];
}

/* The zone is above the domain; it is asked about the domain's names. */
static void
test_one_zone(void **state)
{
	const struct server_seen *s;
	const struct zone_seen *z;
	struct evidence ev;
	struct arena a;

	look(*state, "mail.cut.example", &a, &ev);
	assert_int_equal(ev.n_zones, 1);
	z = &ev.zones[0];
	assert_true(span_eq(z->ns.name, SPAN("cut.example")));
	assert_int_equal(z->ns.n_ns, 4);
	assert_int_equal(z->n_servers, 4);

	s = server_of(z, "ns.cut.example");
	assert_true(span_eq(id_of(s), SPAN("v=STSv1; id=2;")));
	assert_true(s->txt.authoritative);
	assert_int_equal(s->mx.answer.n_mx, 1);
	assert_true(span_eq(s->mx.answer.name, SPAN("mail.cut.example")));
	s = server_of(z, "old.cut.example");
	assert_true(span_eq(id_of(s), SPAN("v=STSv1; id=1;")));
	s = server_of(z, "lame.cut.example");
	assert_int_equal(s->txt.result, TALK_OK);
	assert_int_equal(s->txt.rcode, DNS_RCODE_REFUSED);
	assert_int_equal(s->mx.rcode, DNS_RCODE_REFUSED);
	s = server_of(z, "away.cut.example");
	assert_int_equal(s->txt.result, TALK_NOT_ALLOWED);
	assert_int_equal(s->mx.result, TALK_NOT_ALLOWED);
	arena_release(&a);
}

/* A record that is delegated: the alias is asked for in the domain's zone, and
 * the record where it stands. */
static void
test_two_zones(void **state)
{
	const struct server_seen *s;
	struct evidence ev;
	struct arena a;

	look(*state, "two.cut.example", &a, &ev);
	assert_int_equal(ev.n_zones, 2);
	assert_true(span_eq(ev.zones[0].ns.name, SPAN("cut.example")));
	s = server_of(&ev.zones[0], "old.cut.example");
	assert_int_equal(s->txt.answer.n_chain, 1);
	assert_int_equal(s->txt.answer.n_txt, 0);
	assert_true(span_eq(s->mx.answer.mx[0].host, SPAN("mx.old.example")));

	assert_true(span_eq(ev.zones[1].ns.name, SPAN("publisher.example")));
	assert_int_equal(ev.zones[1].n_servers, 1);
	s = &ev.zones[1].servers[0];
	assert_true(span_eq(s->txt.answer.name, SPAN("id.publisher.example")));
	assert_true(span_eq(id_of(s), SPAN("v=STSv1; id=3;")));
	assert_int_equal(s->mx.answer.type, 0);
	assert_int_equal(s->mx.result, TALK_UNTRIED);
	arena_release(&a);
}

/* The servers of a top-level zone are not the domain's, and a domain that does
 * not exist has none. */
static void
test_no_zone(void **state)
{
	static const char *const names[] = { "good.example",
		"nowhere.example" };

	for (size_t i = 0; i < ROWS(names); i++) {
		struct evidence ev;
		struct arena a;

		look(*state, names[i], &a, &ev);
		assert_int_equal(ev.n_zones, 0);
		arena_release(&a);
	}
}

/* A whole look compares them only where that is asked for. */
static void
test_whole(void **state)
{
	struct world *w = *state;

	for (int authority = 0; authority <= 1; authority++) {
		struct evidence ev;
		struct arena a;

		w->env.authority = authority;
		arena_init(&a, LIMIT_CHECK_MEMORY);
		assert_int_equal(
		    look_at(&w->env, SPAN("mail.cut.example"),
			mono_after_ms(clock_mono(&clock_system), 60000), &a,
			&ev),
		    ERR_OK);
		assert_int_equal(ev.n_zones, authority);
		assert_int_equal(
		    atomic_load(&w->lagging.questions), 2 * authority);
		arena_release(&a);
	}
}

/* Whatever does not fit is said, and nothing crashes on the way. */
static void
test_memory(void **state)
{
	struct world *w = *state;
	struct look_plan plan = { 1 << LOOK_AUTHORITY, SPAN("2"), true };
	size_t cap = 0;
	enum err rc;

	do {
		struct evidence ev;
		unsigned looked;
		struct arena a;

		arena_init(&a, cap);
		rc = look_in_parts(&w->env, SPAN("two.cut.example"), &plan,
		    mono_after_ms(clock_mono(&clock_system), 60000), &a, &ev,
		    &looked);
		assert_true(rc == ERR_OK || rc == ERR_LIMIT);
		arena_release(&a);
		cap += 4096;
	} while (rc != ERR_OK);
	assert_true(cap > 8192);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_one_zone, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_two_zones, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_no_zone, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_whole, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_memory, test_world_set_up, test_world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* One look at a domain, with a name server, mail exchangers and a policy host
 * on loopback. */
#include "io/test_world.h"

#include "base/limits.h"

/* In the short time everything must have begun that does not end in it; and
 * libunbound gives up by itself after some three seconds of silence. */
enum { SHORT_MS = 1500, FOREVER_MS = 60 * 1000 };

static void
look(struct world *w, const char *domain, int64_t ms, struct arena *a,
    struct evidence *ev)
{
	arena_init(a, LIMIT_CHECK_MEMORY);
	assert_int_equal(
	    look_at(&w->env, span_str(domain),
		mono_after_ms(clock_mono(&clock_system), ms), a, ev),
	    ERR_OK);
}

static void
test_good(void **state)
{
	struct evidence ev;
	struct arena a;

	look(*state, "good.example", FOREVER_MS, &a, &ev);
	assert_int_equal(ev.mx.result, DNS_OK);
	assert_int_equal(ev.sts_txt.n_txt, 1);
	assert_int_equal(ev.tlsrpt_txt.n_txt, 1);
	assert_int_equal(ev.sts_wildcard.result, DNS_NXDOMAIN);
	assert_true(span_eq(ev.sts_wildcard.name,
	    SPAN("_mta-sts-aaaaaaaaaaaaaaaa.good.example")));
	assert_int_equal(ev.apex_txt.result, DNS_UNASKED);
	assert_int_equal(ev.n_fetches, 1);
	assert_int_equal(ev.fetches[0].result, TALK_OK);
	assert_true(span_eq(ev.fetches[0].body, SPAN(POLICY)));
	assert_int_equal(ev.n_mx_hosts, 1);
	assert_int_equal(ev.mx_hosts[0].n_probes, 1);
	assert_int_equal(ev.mx_hosts[0].probes[0].stage, STAGE_DONE);
	assert_int_equal(ev.mx_hosts[0].probes[0].tls.trust, TRUST_OK);
	assert_int_equal(ev.mx_hosts[0].tlsa.result, DNS_NXDOMAIN);
	assert_true(ev.smtp_works_here);
	assert_false(ev.dnssec);
	assert_int_equal(ev.n_orgs, 2);
	arena_release(&a);
}

/* However many ask, a host at an address is probed once. */
static void
test_shared(void **state)
{
	struct world *w = *state;
	struct evidence ev;
	struct arena a;
	int before;

	look(w, "good.example", FOREVER_MS, &a, &ev);
	arena_release(&a);
	before = atomic_load(&w->smtp.connections);
	look(w, "second.example", FOREVER_MS, &a, &ev);
	assert_int_equal(ev.n_mx_hosts, 2);
	assert_int_equal(ev.mx_hosts[0].probes[0].stage, STAGE_DONE);
	assert_int_equal(ev.mx_hosts[1].probes[0].stage, STAGE_DONE);
	assert_int_equal(atomic_load(&w->smtp.connections), before);
	arena_release(&a);
}

static void
test_implicit(void **state)
{
	struct evidence ev;
	struct arena a;

	look(*state, "implicit.example", FOREVER_MS, &a, &ev);
	assert_int_equal(ev.mx.result, DNS_NODATA);
	assert_int_equal(ev.apex_a.n_addr, 1);
	assert_int_equal(ev.n_mx_hosts, 1);
	assert_true(ev.mx_hosts[0].implicit);
	assert_int_equal(ev.mx_hosts[0].n_probes, 1);
	assert_int_equal(ev.sts_txt.result, DNS_NXDOMAIN);
	assert_int_equal(ev.apex_txt.n_txt, 1);
	assert_int_equal(ev.host_txt.result, DNS_NXDOMAIN);
	assert_true(span_eq(ev.doubled_txt.name,
	    SPAN("_mta-sts.implicit.example.implicit.example")));
	assert_int_equal(ev.n_fetches, 0);
	arena_release(&a);
}

/* What a domain's owner says is no reason to look into our own network. */
static void
test_not_allowed(void **state)
{
	struct evidence ev;
	struct arena a;

	look(*state, "private.example", FOREVER_MS, &a, &ev);
	assert_int_equal(ev.mx_hosts[0].probes[0].result, TALK_NOT_ALLOWED);
	assert_int_equal(ev.fetches[0].result, TALK_NOT_ALLOWED);
	arena_release(&a);
}

static void
test_null_mx(void **state)
{
	struct evidence ev;
	struct arena a;

	look(*state, "null.example", FOREVER_MS, &a, &ev);
	assert_int_equal(ev.n_mx_hosts, 1);
	assert_int_equal(ev.mx_hosts[0].host.n, 0);
	assert_int_equal(ev.mx_hosts[0].a.result, DNS_UNASKED);
	arena_release(&a);
}

static void
test_loop(void **state)
{
	struct evidence ev;
	struct arena a;

	look(*state, "loop.example", FOREVER_MS, &a, &ev);
	assert_int_equal(ev.sts_txt.result, DNS_CHAIN);
	arena_release(&a);
}

/* RFC 8461 4.1: what counts is the name in the MX record, not its alias.
 * RFC 9525 6.1.1: nor does the certificate have to name the alias's target. */
static void
test_alias(void **state)
{
	struct world *w = *state;
	struct evidence ev;
	struct arena a;

	look(w, "aliased.example", FOREVER_MS, &a, &ev);
	assert_int_equal(ev.n_mx_hosts, 1);
	assert_true(span_eq(ev.mx_hosts[0].host, SPAN("mx.aliased.example")));
	assert_int_equal(ev.mx_hosts[0].a.n_chain, 1);
	assert_int_equal(ev.mx_hosts[0].probes[0].stage, STAGE_DONE);
	assert_string_equal(w->smtp.sni[0], "mx.aliased.example");
	arena_release(&a);
}

/* RFC 5321 5.1: with unusable MX records the domain's own address is none. */
static void
test_unusable_mx(void **state)
{
	struct world *w = *state;
	struct evidence ev;
	struct arena a;

	look(w, "unusable.example", FOREVER_MS, &a, &ev);
	assert_int_equal(ev.n_mx_hosts, 1);
	assert_int_equal(ev.mx_hosts[0].a.result, DNS_NXDOMAIN);
	assert_int_equal(ev.mx_hosts[0].n_probes, 0);
	assert_int_equal(ev.apex_a.result, DNS_UNASKED);
	assert_int_equal(atomic_load(&w->smtp.connections), 0);
	arena_release(&a);
}

/* RFC 5321 5.1: a CNAME at the mail domain is followed for MX. The policy
 * domain stays: its own names are asked, not those of the target. */
static void
test_cname_at_domain(void **state)
{
	struct evidence ev;
	struct arena a;

	look(*state, "cnamed.example", FOREVER_MS, &a, &ev);
	assert_int_equal(ev.mx.n_chain, 1);
	assert_int_equal(ev.n_mx_hosts, 1);
	assert_true(span_eq(ev.mx_hosts[0].host, SPAN("mx.good.example")));
	assert_true(span_eq(ev.domain, SPAN("cnamed.example")));
	assert_true(span_eq(ev.host_a.name, SPAN("mta-sts.cnamed.example")));
	assert_int_equal(ev.host_a.result, DNS_NXDOMAIN);
	assert_int_equal(ev.n_fetches, 0);
	arena_release(&a);
}

static void
serve_nothing(struct test_peer *p, struct test_talk *t, int nth)
{
	(void)p;
	(void)nth;
	(void)test_line(t);
}

/* At the deadline everything that is out has a name, and nothing that comes
 * later hurts (memory checkers watch). The mail exchanger accepts and is mute.
 */
static void
test_deadline(void **state)
{
	struct world *w = *state;
	struct evidence ev;
	struct arena a;

	w->smtp.serve = serve_nothing;
	look(w, "slow.example", SHORT_MS, &a, &ev);
	assert_int_equal(ev.sts_txt.result, DNS_TIMEOUT);
	assert_true(span_eq(ev.sts_txt.name, SPAN("_mta-sts.slow.example")));
	assert_int_equal(ev.n_mx_hosts, 1);
	assert_int_equal(ev.mx_hosts[0].n_probes, 1);
	assert_int_equal(ev.mx_hosts[0].probes[0].result, TALK_UNFINISHED);
	assert_true(ev.ms > 0);
	arena_release(&a);
}

struct one_of_many {
	struct world *w;
	pthread_t thread;
	enum err rc;
	size_t probes;
};

static void *
look_once(void *arg)
{
	struct one_of_many *o = arg;
	struct evidence ev;
	struct arena a;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	o->rc = look_at(&o->w->env, SPAN("good.example"),
	    mono_after_ms(clock_mono(&clock_system), FOREVER_MS), &a, &ev);
	if (o->rc == ERR_OK && ev.n_mx_hosts == 1 &&
	    ev.mx_hosts[0].n_probes == 1 &&
	    ev.mx_hosts[0].probes[0].stage == STAGE_DONE)
		o->probes = 1;
	arena_release(&a);
	return NULL;
}

static void
test_many_at_once(void **state)
{
	struct one_of_many many[8];

	for (size_t i = 0; i < ROWS(many); i++) {
		many[i] = (struct one_of_many){ .w = *state };
		assert_int_equal(
		    pthread_create(&many[i].thread, NULL, look_once, &many[i]),
		    0);
	}
	for (size_t i = 0; i < ROWS(many); i++) {
		pthread_join(many[i].thread, NULL);
		assert_int_equal(many[i].rc, ERR_OK);
		assert_int_equal(many[i].probes, 1);
	}
	/* One probe, which is three connections. */
	assert_int_equal(
	    atomic_load(&((struct world *)*state)->smtp.connections), 3);
}

/* An arena that is too small is an error, not evidence. */
static void
test_no_memory(void **state)
{
	struct world *w = *state;
	struct evidence ev;
	struct arena a;

	arena_init(&a, 8 * 1024);
	assert_int_equal(
	    look_at(&w->env, SPAN("good.example"),
		mono_after_ms(clock_mono(&clock_system), FOREVER_MS), &a, &ev),
	    ERR_LIMIT);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_many_at_once, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_good, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_shared, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_implicit, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_not_allowed, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_null_mx, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_loop, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_alias, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_unusable_mx, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(test_cname_at_domain,
		    test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_deadline, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_no_memory, test_world_set_up, test_world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

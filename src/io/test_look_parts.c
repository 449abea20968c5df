/* A domain looked at in parts, and its mail hosts by themselves: put together
 * they are judged as the domain looked at whole. */
#include "io/test_world.h"

#include "base/limits.h"
#include "core/judge.h"

enum { RECORDS = 1 << LOOK_RECORDS, POLICY_TOO = RECORDS | 1 << LOOK_POLICY };

static struct mono_time
soon(void)
{
	return mono_after_ms(clock_mono(&clock_system), 60000);
}

static unsigned
look_parts(struct world *w, const char *domain, const struct look_plan *plan,
    struct arena *a, struct evidence *ev)
{
	unsigned looked = 0;

	arena_init(a, LIMIT_CHECK_MEMORY);
	assert_int_equal(look_in_parts(&w->env, span_str(domain), plan, soon(),
			     a, ev, &looked),
	    ERR_OK);
	return looked;
}

/* ---- which looks are made ---- */

static const struct {
	const char *label, *domain;
	struct look_plan plan;
	unsigned want;
} plans[] = {
	{ "the id that is known", "good.example",
	    { RECORDS, SPAN_INIT("1"), true }, RECORDS },
	{ "another id", "good.example", { RECORDS, SPAN_INIT("0"), true },
	    POLICY_TOO },
	{ "the first id", "good.example", { RECORDS, SPAN_INIT(""), false },
	    POLICY_TOO },
	{ "gone", "private.example", { RECORDS, SPAN_INIT("1"), true },
	    POLICY_TOO },
	{ "never there", "private.example", { RECORDS, SPAN_INIT(""), false },
	    RECORDS },
	{ "could not be asked", "loop.example",
	    { RECORDS, SPAN_INIT("1"), true }, RECORDS },
	{ "the policy brings the records", "good.example",
	    { 1 << LOOK_POLICY, SPAN_INIT("1"), true }, POLICY_TOO },
	{ "so do the name servers, and a new id the policy", "good.example",
	    { 1 << LOOK_AUTHORITY, SPAN_INIT("0"), true },
	    POLICY_TOO | 1 << LOOK_AUTHORITY },
};

static void
test_plans(void **state)
{
	struct tally t = { .failed = 0 };

	for (size_t i = 0; i < ROWS(plans); i++) {
		bool policy = (plans[i].want & 1 << LOOK_POLICY) != 0;
		struct evidence ev;
		struct arena a;

		t.label = plans[i].label;
		want_int(&t, "looked",
		    look_parts(
			*state, plans[i].domain, &plans[i].plan, &a, &ev),
		    plans[i].want);
		want_bool(
		    &t, "records", ev.sts_txt.result != DNS_UNASKED, true);
		want_bool(
		    &t, "policy host", ev.host_a.result != DNS_UNASKED, policy);
		want_bool(
		    &t, "TLSRPT", ev.tlsrpt_txt.result != DNS_UNASKED, policy);
		want_bool(&t, "fetch", ev.n_fetches > 0, policy);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

static void
count_question(void *arg, bool done)
{
	if (!done)
		++*(int *)arg;
}

/* Records are two questions, and nobody is called. */
static void
test_records_alone(void **state)
{
	struct world *w = *state;
	struct look_plan plan = { RECORDS, SPAN("1"), true };
	struct evidence ev;
	int questions = 0;
	struct arena a;

	w->env.changed = count_question;
	w->env.changed_arg = &questions;
	look_parts(w, "good.example", &plan, &a, &ev);
	assert_int_equal(questions, 2);
	assert_int_equal(atomic_load(&w->smtp.connections), 0);
	assert_int_equal(atomic_load(&w->https.connections), 0);
	assert_int_equal(ev.n_mx_hosts, 1);
	assert_true(span_eq(ev.mx_hosts[0].host, SPAN("mx.good.example")));
	assert_int_equal(ev.mx_hosts[0].preference, 10);
	assert_int_equal(ev.mx_hosts[0].a.result, DNS_UNASKED);
	assert_int_equal(ev.mx_hosts[0].n_probes, 0);
	arena_release(&a);
}

/* What one look did not ask is what the one before saw. */
static void
test_carry(void **state)
{
	struct look_plan all = { POLICY_TOO, SPAN(""), false };
	struct look_plan few = { RECORDS, SPAN("1"), true };
	struct evidence before, ev;
	struct arena a, b;
	unsigned looked;

	look_parts(*state, "good.example", &all, &a, &before);
	looked = look_parts(*state, "good.example", &few, &b, &ev);
	before.sts_txt.result = DNS_NXDOMAIN;
	evidence_carry(&ev, &before, looked);
	assert_int_equal(ev.sts_txt.result, DNS_OK);
	assert_int_equal(ev.tlsrpt_txt.n_txt, 1);
	assert_ptr_equal(ev.fetches, before.fetches);
	assert_int_equal(ev.n_fetches, 1);
	arena_release(&a);
	arena_release(&b);
}

/* ---- a mail host ---- */

static void
look_host(
    struct world *w, const char *host, struct arena *a, struct host_seen *out)
{
	arena_init(a, LIMIT_CHECK_MEMORY);
	assert_int_equal(
	    look_at_host(&w->env, span_str(host), soon(), a, out), ERR_OK);
}

/* Who asks for a host by itself asks for now; domains share what was seen. */
static void
test_fresh_probe(void **state)
{
	struct world *w = *state;
	struct host_seen seen;
	struct evidence ev;
	struct arena a;
	int before;

	look_host(w, "mx.good.example", &a, &seen);
	assert_int_equal(seen.host.n_probes, 1);
	assert_int_equal(seen.host.probes[0].stage, STAGE_DONE);
	assert_int_equal(seen.host.tlsa.result, DNS_NXDOMAIN);
	assert_int_equal(seen.n_ders, 1);
	assert_int_equal(seen.ders[0].n_certs, 1);
	assert_true(seen.checked_at.s > 0);
	before = atomic_load(&w->smtp.connections);
	arena_release(&a);

	look_host(w, "mx.good.example", &a, &seen);
	assert_int_equal(seen.host.probes[0].stage, STAGE_DONE);
	assert_int_equal(atomic_load(&w->smtp.connections), 2 * before);
	arena_release(&a);

	arena_init(&a, LIMIT_CHECK_MEMORY);
	assert_int_equal(
	    look_at(&w->env, SPAN("good.example"), soon(), &a, &ev), ERR_OK);
	assert_int_equal(ev.mx_hosts[0].probes[0].stage, STAGE_DONE);
	assert_int_equal(atomic_load(&w->smtp.connections), 2 * before);
	arena_release(&a);
}

static const char *const hosts_without_probe[] = { "nowhere.unusable.example",
	"" };

static void
test_no_host(void **state)
{
	for (size_t i = 0; i < ROWS(hosts_without_probe); i++) {
		struct host_seen seen;
		struct arena a;

		look_host(*state, hosts_without_probe[i], &a, &seen);
		assert_int_equal(seen.host.n_probes, 0);
		assert_int_equal(seen.n_ders, 0);
		arena_release(&a);
	}
}

/* Whatever does not fit is said, and nothing crashes on the way. */
static void
test_host_memory(void **state)
{
	struct world *w = *state;
	size_t cap = 0;
	enum err rc;

	do {
		struct host_seen seen;
		struct arena a;

		arena_init(&a, cap);
		rc = look_at_host(
		    &w->env, SPAN("mx.good.example"), soon(), &a, &seen);
		assert_true(rc == ERR_OK || rc == ERR_LIMIT);
		arena_release(&a);
		cap += 512;
	} while (rc != ERR_OK);
	assert_true(cap > 1024);
}

/* ---- put together ---- */

static void
want_same_findings(
    struct tally *t, const struct judged *got, const struct judged *want)
{
	want_int(t, "verdict", got->verdict, want->verdict);
	want_int(t, "deployment", got->deployment, want->deployment);
	want_int(t, "eligibility", got->eligibility, want->eligibility);
	want_size(t, "findings", got->n_findings, want->n_findings);
	if (got->n_findings != want->n_findings)
		return;
	for (size_t i = 0; i < got->n_findings; i++) {
		const struct finding *g = &got->findings[i];
		const struct finding *f = &want->findings[i];

		want_int(t, checks[f->check].slug, g->check, f->check);
		want_int(t, checks[f->check].slug, g->result, f->result);
		want_span(t, checks[f->check].slug, g->subject, f->subject);
		want_span(t, checks[f->check].slug, g->message, f->message);
	}
}

static void
look_together(
    struct world *w, const char *domain, struct arena *a, struct evidence *ev)
{
	struct look_plan plan = { POLICY_TOO, SPAN(""), false };
	struct host_seen *hosts;

	look_parts(w, domain, &plan, a, ev);
	hosts = arena_array(a, ev->n_mx_hosts, sizeof *hosts);
	assert_non_null(hosts);
	for (size_t i = 0; i < ev->n_mx_hosts; i++)
		assert_int_equal(look_at_host(&w->env, ev->mx_hosts[i].host,
				     soon(), a, &hosts[i]),
		    ERR_OK);
	assert_int_equal(
	    look_assemble(&w->env, hosts, ev->n_mx_hosts, a, ev), ERR_OK);
}

static const char *const domains[] = {
	"good.example",
	"second.example",
	"implicit.example",
	"private.example",
	"null.example",
	"loop.example",
	"aliased.example",
	"unusable.example",
	"cnamed.example",
	"nowhere.example",
};

static void
test_as_whole(void **state)
{
	struct tally t = { .failed = 0 };
	struct world *w = *state;

	for (size_t i = 0; i < ROWS(domains); i++) {
		struct evidence whole, parts;
		struct judged want, got;
		struct arena a, b;

		t.label = domains[i];
		arena_init(&a, LIMIT_CHECK_MEMORY);
		assert_int_equal(
		    look_at(&w->env, span_str(domains[i]), soon(), &a, &whole),
		    ERR_OK);
		look_together(w, domains[i], &b, &parts);
		assert_int_equal(
		    judge(&whole, whole.checked_at, JUDGE_ALL, &a, &want),
		    ERR_OK);
		assert_int_equal(
		    judge(&parts, whole.checked_at, JUDGE_ALL, &b, &got),
		    ERR_OK);
		want_same_findings(&t, &got, &want);
		want_size(&t, "MX hosts", parts.n_mx_hosts, whole.n_mx_hosts);
		want_size(&t, "orgs", parts.n_orgs, whole.n_orgs);
		want_int(
		    &t, "apex A", parts.apex_a.result, whole.apex_a.result);
		arena_release(&a);
		arena_release(&b);
	}
	assert_int_equal(t.failed, 0);
}

/* A host that nobody has looked at yet is not known; it is no fault. */
static void
test_host_missing(void **state)
{
	struct world *w = *state;
	static const char *const both[] = { "good.example",
		"implicit.example" };
	struct look_plan plan = { POLICY_TOO, SPAN(""), false };

	for (size_t i = 0; i < ROWS(both); i++) {
		struct evidence ev;
		struct judged j;
		struct arena a;

		look_parts(w, both[i], &plan, &a, &ev);
		assert_int_equal(
		    look_assemble(&w->env, NULL, 0, &a, &ev), ERR_OK);
		assert_int_equal(ev.n_mx_hosts, 1);
		assert_int_equal(ev.mx_hosts[0].a.result, DNS_UNASKED);
		assert_int_equal(
		    judge(&ev, ev.checked_at, JUDGE_ALL, &a, &j), ERR_OK);
		assert_int_equal(j.eligibility, ELIGIBILITY_UNKNOWN);
		arena_release(&a);
	}
}

/* DANE is a domain's: it is held against the chain that was kept, and the kept
 * host stays as it was. */
static void
test_dane(void **state)
{
	struct world *w = *state;
	struct look_plan plan = { RECORDS, SPAN("1"), true };
	struct dns_tlsa rr = { .usage = 3, .selector = 0, .matching = 0 };
	struct host_seen seen;
	struct evidence ev;
	struct arena a, b;

	look_host(w, "mx.good.example", &a, &seen);
	seen.host.tlsa.result = DNS_OK;
	seen.host.tlsa.secure = true;
	seen.host.tlsa.tlsa = &rr;
	seen.host.tlsa.n_tlsa = 1;
	look_parts(w, "second.example", &plan, &b, &ev);

	rr.data = seen.ders[0].certs[0];
	assert_int_equal(look_assemble(&w->env, &seen, 1, &b, &ev), ERR_OK);
	assert_int_equal(ev.n_mx_hosts, 2);
	assert_int_equal(ev.mx_hosts[0].probes[0].dane, DANE_OK);
	assert_int_equal(ev.mx_hosts[1].probes[0].dane, DANE_OK);
	rr.matching = 1;
	rr.data = SPAN("thirty-two octets that digest no");
	assert_int_equal(look_assemble(&w->env, &seen, 1, &b, &ev), ERR_OK);
	assert_int_equal(ev.mx_hosts[0].probes[0].dane, DANE_MISMATCH);
	assert_int_equal(seen.host.probes[0].dane, DANE_UNTRIED);
	arena_release(&a);
	arena_release(&b);
}

/* A program that was started again has talked to nobody yet; what it kept says
 * what works here. */
static void
test_kept_vantage(void **state)
{
	struct world *w = *state;
	struct look_plan plan = { RECORDS, SPAN("1"), true };
	struct probe probe = { .address = test_loopback() };
	struct host_seen seen = { .host = { .host = SPAN("mx.good.example"),
				      .probes = &probe,
				      .n_probes = 1 },
		.ders = &(struct der_chain){ .n_certs = 0 },
		.n_ders = 1 };
	struct evidence ev;
	struct arena a;

	look_parts(w, "good.example", &plan, &a, &ev);
	for (int answered = 0; answered <= 1; answered++) {
		probe.result = answered ? TALK_REFUSED : TALK_TIMEOUT;
		assert_int_equal(
		    look_assemble(&w->env, &seen, 1, &a, &ev), ERR_OK);
		assert_int_equal(ev.mx_hosts[0].n_probes, 1);
		assert_int_equal(ev.smtp_works_here, answered);
		assert_false(ev.v6_works_here);
	}
	assert_false(talks_is_offline(w->talks));
	arena_release(&a);
}

/* However many addresses were seen, a domain has LIMIT_PROBES at most. */
static void
test_many_probes(void **state)
{
	enum { EACH = LIMIT_PROBES - 1 };
	static struct probe probes[EACH];
	static struct der_chain ders[EACH];
	struct world *w = *state;
	struct look_plan plan = { RECORDS, SPAN("1"), true };
	struct host_seen seen = { .host = { .host = SPAN("mx.good.example"),
				      .probes = probes,
				      .n_probes = EACH },
		.ders = ders,
		.n_ders = EACH };
	struct evidence ev;
	struct arena a;

	look_parts(w, "second.example", &plan, &a, &ev);
	assert_int_equal(look_assemble(&w->env, &seen, 1, &a, &ev), ERR_OK);
	assert_int_equal(ev.mx_hosts[0].n_probes, EACH);
	assert_int_equal(ev.mx_hosts[1].n_probes, 1);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_plans, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(test_records_alone,
		    test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_carry, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_fresh_probe, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_no_host, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_host_memory, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_as_whole, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_host_missing, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_dane, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_kept_vantage, test_world_set_up, test_world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_many_probes, test_world_set_up, test_world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

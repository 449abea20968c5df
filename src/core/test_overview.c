/* One domain on one line, and what its owner should do next. */
#include "core/overview.h"

#include "base/limits.h"
#include "base/test_table.h"
#include "core/test_scene.h"

enum { HOUR = 3600, MAX_AGE = 14 * DAY };

static const struct wall_time now = { SCENE_NOW_S };

/* ---- a domain, and what one thing about it changes ---- */

struct occasion {
	struct scene s;
	struct org_fact orgs[4];
	struct ledger l;
	struct sighting seen[4];
	struct sightings standing;
	struct published p;
	bool is_published;
	struct arena a;
};

#define POLICY(mode)                                                           \
	SPAN("version: STSv1\r\nmode: " mode "\r\nmx: mx1.example.com\r\n"     \
	     "mx: mx2.example.com\r\nmax_age: 1209600\r\n")

/* Looked at, as round_judge does. */
static void
look(struct occasion *c, int64_t ago_s)
{
	struct wall_time at = { now.s - ago_s };
	struct ledger_change change;
	struct observation seen;
	struct judged j;

	c->s.ev.checked_at = at;
	assert_int_equal(judge(&c->s.ev, at, JUDGE_ALL, &c->a, &j), ERR_OK);
	assert_int_equal(ledger_observe(&j, &c->a, &seen), ERR_OK);
	assert_int_equal(ledger_step(&c->l, &seen, &c->a, &change), ERR_OK);
}

static void
stand(struct occasion *c, enum check_id check, enum severity severity)
{
	c->seen[c->standing.n++] = (struct sighting){ .check = check,
		.result = RESULT_FAIL,
		.subject = SPAN("example.com"),
		.state = SIGHTING_STANDING,
		.severity = severity,
		.message = SPAN("m"),
		.remedy = SPAN("r") };
}

static struct sighting *
last_of(struct occasion *c)
{
	return &c->seen[c->standing.n - 1];
}

/* Ours since a month, and at rest. */
static void
publish(struct occasion *c, enum sts_mode order)
{
	c->is_published = true;
	c->p = (struct published){ .order.mode = order,
		.state = { .stage = PUBLICATION_LIVE,
		    .change = CHANGE_REST,
		    .version = 3,
		    .id_version = 3 } };
}

static void
mode(struct occasion *c, struct span body, int64_t for_s)
{
	scene_body(&c->s, body);
	look(c, for_s);
}

/* clang-format off */
static void nothing(struct occasion *c) { (void)c; }
static void undeployed(struct occasion *c) { scene_no_record(&c->s); scene_no_policy(&c->s); }
static void void_policy(struct occasion *c) { scene_body(&c->s, SPAN("version: STSv1\r\nmode: enforce\r\n")); }
static void testing(struct occasion *c) { mode(c, POLICY("testing"), 20 * DAY); }
static void testing_lately(struct occasion *c) { mode(c, POLICY("testing"), 2 * DAY); }
static void none_lately(struct occasion *c) { look(c, 3 * DAY); mode(c, POLICY("none"), 2 * DAY); }
static void none_long(struct occasion *c) { look(c, 40 * DAY); scene_record(&c->s, SPAN("v=STSv1; id=9;")); mode(c, POLICY("none"), 30 * DAY); }
static void none_and_gone(struct occasion *c) { none_long(c); undeployed(c); }
static void no_starttls(struct occasion *c) { scene_probe_ended(&c->s.probes[1], STAGE_STARTTLS, TALK_OK); c->s.probes[1].starttls_offered = false; }
static void not_measured(struct occasion *c) { scene_probe_ended(&c->s.probes[0], STAGE_CONNECT, TALK_UNFINISHED); }
static void host_unknown(struct occasion *c) { c->s.hosts[1].n_probes = 0; c->s.hosts[1].a.result = DNS_UNASKED; c->s.hosts[1].a.n_addr = 0; c->s.hosts[1].aaaa.result = DNS_UNASKED; }
static void null_mx(struct occasion *c) { c->s.mx[0].host = SPAN(""); c->s.ev.mx.n_mx = 1; c->s.hosts[0].host = SPAN(""); c->s.hosts[0].n_probes = 0; c->s.ev.n_mx_hosts = 1; }
static void no_mx_known(struct occasion *c) { c->s.ev.mx = scene_answer("example.com", DNS_MX, DNS_SERVFAIL); c->s.ev.n_mx_hosts = 0; }
static void no_record_known(struct occasion *c) { c->s.ev.sts_txt = scene_answer("_mta-sts.example.com", DNS_TXT, DNS_SERVFAIL); scene_no_policy(&c->s); }
static void no_v6_known(struct occasion *c) { c->s.ev.host_aaaa.result = DNS_SERVFAIL; }

static void bare(struct occasion *c) { undeployed(c); }
static void bare_not_eligible(struct occasion *c) { undeployed(c); no_starttls(c); }
static void bare_warned(struct occasion *c) { bare_not_eligible(c); stand(c, CHECK_STARTTLS_MISSING, SEVERITY_WARNING); }
static void bare_in_error(struct occasion *c) { undeployed(c); stand(c, CHECK_DANE_TLSA_MISMATCH, SEVERITY_ERROR); }
static void bare_not_measured(struct occasion *c) { undeployed(c); not_measured(c); }
static void bare_null_mx(struct occasion *c) { undeployed(c); null_mx(c); }
static void bare_host_unknown(struct occasion *c) { undeployed(c); host_unknown(c); not_measured(c); }
static void unknown_and_ineligible(struct occasion *c) { no_record_known(c); no_starttls(c); }
static void removing_ineligible(struct occasion *c) { none_lately(c); no_starttls(c); }
static void void_ineligible(struct occasion *c) { void_policy(c); no_starttls(c); }

static void warned(struct occasion *c) { stand(c, CHECK_TLSRPT_ABSENT, SEVERITY_WARNING); }
static void suspected(struct occasion *c) { stand(c, CHECK_HTTPS_CONNECT, SEVERITY_ERROR); last_of(c)->state = SIGHTING_PENDING; }
static void leaving(struct occasion *c) { stand(c, CHECK_HTTPS_CONNECT, SEVERITY_ERROR); last_of(c)->state = SIGHTING_LEAVING; }
static void several_wrong(struct occasion *c) { stand(c, CHECK_TXT_MULTIPLE, SEVERITY_WARNING); stand(c, CHECK_HTTPS_CONNECT, SEVERITY_ERROR); last_of(c)->result = RESULT_UNKNOWN; stand(c, CHECK_STARTTLS_MISSING, SEVERITY_ERROR); stand(c, CHECK_MXCERT_EXPIRED, SEVERITY_ERROR); }
static void testing_with_losses(struct occasion *c) { testing(c); stand(c, CHECK_STARTTLS_MISSING, SEVERITY_WARNING); last_of(c)->state = SIGHTING_LEAVING; }
static void testing_ineligible(struct occasion *c) { testing(c); no_starttls(c); }

static void ours(struct occasion *c) { publish(c, STS_MODE_ENFORCE); }
static void ours_ended(struct occasion *c) { undeployed(c); ours(c); c->p.state.stage = PUBLICATION_ENDED; c->p.order.leave = true; }
static void awaited(struct occasion *c) { undeployed(c); ours(c); c->p.state.stage = PUBLICATION_AWAITED; }
static void awaited_and_foreign(struct occasion *c) { awaited(c); stand(c, CHECK_AUTO_FOREIGN_POLICY, SEVERITY_WARNING); }
static void awaited_and_warned(struct occasion *c) { awaited(c); stand(c, CHECK_STARTTLS_MISSING, SEVERITY_WARNING); }
static void awaited_asks(struct occasion *c) { awaited(c); c->p.follow.state = MX_WAITING; }
static void certifying(struct occasion *c) { undeployed(c); ours(c); c->p.state.stage = PUBLICATION_CERTIFYING; c->p.state.version = c->p.state.id_version = 0; }
static void asks(struct occasion *c) { ours(c); c->p.follow.state = MX_WAITING; stand(c, CHECK_AUTO_MX_CHANGE_HELD, SEVERITY_WARNING); }
static void disbelieved(struct occasion *c) { ours(c); stand(c, CHECK_AUTO_MX_CHANGE_HELD, SEVERITY_WARNING); }
static void asks_and_in_error(struct occasion *c) { asks(c); stand(c, CHECK_AUTO_ROTATION_STALLED, SEVERITY_ERROR); }
static void asks_and_unknown(struct occasion *c) { asks(c); not_measured(c); }
static void lost(struct occasion *c) { ours(c); c->p.state.lost = true; }
static void ours_leaving(struct occasion *c) { none_lately(c); ours(c); c->p.order.leave = true; c->p.state.stage = PUBLICATION_LEAVING; }
static void leaving_while_testing(struct occasion *c) { testing(c); ours(c); c->p.order.leave = true; c->p.state.stage = PUBLICATION_LEAVING; }
static void leaving_asks(struct occasion *c) { ours_leaving(c); c->p.follow.state = MX_WAITING; }
static void awaited_leaves(struct occasion *c) { awaited(c); c->p.order.leave = true; }
static void removable(struct occasion *c) { none_long(c); ours(c); c->p.order.leave = true; c->p.state.stage = PUBLICATION_REMOVABLE; c->p.state.lost = true; }
static void removable_and_unknown(struct occasion *c) { removable(c); host_unknown(c); }
static void not_yet_announced(struct occasion *c) { ours(c); c->p.state.version = 4; c->p.state.change = CHANGE_PROVING; }
static void daily_id(struct occasion *c) { ours(c); c->p.state.change = CHANGE_ID; }
static void ours_goes_on_testing(struct occasion *c) { testing_lately(c); ours(c); }
static void ours_is_tested(struct occasion *c) { testing(c); ours(c); }
static void ours_to_test(struct occasion *c) { testing(c); publish(c, STS_MODE_TESTING); }
static void ours_and_null_mx(struct occasion *c) { ours(c); c->p.state.version = 4; null_mx(c); }
/* clang-format on */

static void
begin(struct occasion *c)
{
	memset(c, 0, sizeof *c);
	arena_init(&c->a, LIMIT_CHECK_MEMORY);
	scene_good(&c->s);
	c->standing.all = c->seen;
}

static enum err
view(struct occasion *c, struct wall_time at, struct overview *out)
{
	const struct published *p = c->is_published ? &c->p : NULL;
	const struct judge_memory memory = { &c->l, NULL };
	struct judged j;

	look(c, now.s - at.s);
	assert_int_equal(
	    judge_remembering(&c->s.ev, &memory, at, &c->a, &j), ERR_OK);
	return overview_of(&j, &c->l, &c->standing, p, &c->a, out);
}

/* ---- what to do next ---- */

/* In the order of core/next_step.def: what holds, and what holds besides and
 * comes later. */
static const struct {
	const char *label;
	void (*change)(struct occasion *c);
	enum next_step want_next;
	enum check_id want_check;
} next_rows[] = {
	{ "a warning where a policy is", warned, NEXT_MEND,
	    CHECK_TLSRPT_ABSENT },
	{ "what is leaving stands still", leaving, NEXT_MEND,
	    CHECK_HTTPS_CONNECT },
	{ "the heaviest is named, and of equals the first", several_wrong,
	    NEXT_MEND, CHECK_STARTTLS_MISSING },
	{ "an error where no policy is", bare_in_error, NEXT_MEND,
	    CHECK_DANE_TLSA_MISMATCH },
	{ "testing, and a host that leaves something to be wished",
	    testing_with_losses, NEXT_MEND, CHECK_STARTTLS_MISSING },
	{ "what keeps us from publishing, before the CNAMEs",
	    awaited_and_foreign, NEXT_MEND, CHECK_AUTO_FOREIGN_POLICY },
	{ "a change of MX hosts that is not believed", disbelieved, NEXT_MEND,
	    CHECK_AUTO_MX_CHANGE_HELD },
	{ "an error before the approval", asks_and_in_error, NEXT_MEND,
	    CHECK_AUTO_ROTATION_STALLED },
	{ "what was seen once stands not", suspected, NEXT_NOTHING, CHECKS },

	{ "no CNAMEs yet", awaited, NEXT_CNAMES, CHECKS },
	{ "they come before the mail servers", awaited_and_warned, NEXT_CNAMES,
	    CHECKS },
	{ "and before the approval", awaited_asks, NEXT_CNAMES, CHECKS },
	{ "nothing is approved of on the way out", leaving_asks, NEXT_WAIT,
	    CHECKS },
	{ "nor are CNAMEs set", awaited_leaves, NEXT_WAIT, CHECKS },
	{ "one is gone", lost, NEXT_CNAMES, CHECKS },

	{ "a change waits for approval", asks, NEXT_APPROVE, CHECKS },
	{ "which needs no look", asks_and_unknown, NEXT_APPROVE, CHECKS },

	{ "mode none, and no older copy", none_long, NEXT_REMOVE, CHECKS },
	{ "ours, and may go", removable, NEXT_REMOVE, CHECKS },
	{ "whatever the hosts are", removable_and_unknown, NEXT_REMOVE,
	    CHECKS },
	{ "it has gone", none_and_gone, NEXT_PUBLISH, CHECKS },

	{ "a host that nobody has come to", host_unknown, NEXT_LOOK, CHECKS },
	{ "and another that could not be measured", bare_host_unknown,
	    NEXT_LOOK, CHECKS },

	{ "an address that could not be measured", bare_not_measured,
	    NEXT_UNKNOWN, CHECKS },
	{ "no MX records could be had", no_mx_known, NEXT_UNKNOWN, CHECKS },
	{ "no record could be had, and a host is not eligible",
	    unknown_and_ineligible, NEXT_UNKNOWN, CHECKS },
	{ "one lookup that failed", no_v6_known, NEXT_UNKNOWN, CHECKS },

	{ "a mail server without STARTTLS", bare_not_eligible, NEXT_ELIGIBLE,
	    CHECKS },
	{ "and it is known", bare_warned, NEXT_ELIGIBLE, CHECKS },
	{ "it comes before testing", testing_ineligible, NEXT_ELIGIBLE,
	    CHECKS },
	{ "and before a policy that is not void", void_ineligible,
	    NEXT_ELIGIBLE, CHECKS },

	{ "eligible, and no policy", bare, NEXT_PUBLISH, CHECKS },
	{ "a void one", void_policy, NEXT_PUBLISH, CHECKS },
	{ "one that was ours", ours_ended, NEXT_PUBLISH, CHECKS },

	{ "tested", testing, NEXT_ENFORCE, CHECKS },
	{ "ours, tested, and to be no more than that", ours_to_test,
	    NEXT_ENFORCE, CHECKS },

	{ "testing since two days", testing_lately, NEXT_TEST, CHECKS },
	{ "ours, likewise, before what goes on by itself", ours_goes_on_testing,
	    NEXT_TEST, CHECKS },

	{ "a certificate is being had", certifying, NEXT_WAIT, CHECKS },
	{ "a version that is not announced", not_yet_announced, NEXT_WAIT,
	    CHECKS },
	{ "tested, and enforces by itself", ours_is_tested, NEXT_WAIT, CHECKS },
	{ "the end, which takes its time", ours_leaving, NEXT_WAIT, CHECKS },
	{ "it is no testing any more", leaving_while_testing, NEXT_WAIT,
	    CHECKS },
	{ "under way, though no mail comes", ours_and_null_mx, NEXT_WAIT,
	    CHECKS },

	{ "takes no mail", bare_null_mx, NEXT_NO_MAIL, CHECKS },
	{ "takes none, and enforces", null_mx, NEXT_NO_MAIL, CHECKS },

	{ "all is well", nothing, NEXT_NOTHING, CHECKS },
	{ "ours, and well", ours, NEXT_NOTHING, CHECKS },
	{ "another id, as every day", daily_id, NEXT_NOTHING, CHECKS },
	{ "mode none, and older copies", none_lately, NEXT_NOTHING, CHECKS },
	{ "it does not matter then what a host is", removing_ineligible,
	    NEXT_NOTHING, CHECKS },
};

static void
test_next(void **state)
{
	bool reached[NEXT_STEPS] = { false };
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(next_rows); i++) {
		struct occasion c;
		struct overview o;

		t.label = next_rows[i].label;
		begin(&c);
		next_rows[i].change(&c);
		assert_int_equal(view(&c, now, &o), ERR_OK);
		want_span(&t, "next", span_str(next_steps[o.next].name),
		    span_str(next_steps[next_rows[i].want_next].name));
		want_int(&t, "check", o.next_check, next_rows[i].want_check);
		reached[next_rows[i].want_next] = true;
		arena_release(&c.a);
	}
	for (size_t i = 0; i < NEXT_STEPS; i++) {
		t.label = next_steps[i].name;
		want_bool(&t, "reached", reached[i], true);
		want_bool(&t, "said", next_steps[i].text[0] != '\0', true);
		want_int(&t, "by name",
		    next_step_by_name(span_str(next_steps[i].name)),
		    (int64_t)i);
	}
	assert_int_equal(next_step_by_name(SPAN("")), NEXT_STEPS);
	assert_int_equal(next_step_by_name(SPAN("men")), NEXT_STEPS);
	assert_int_equal(t.failed, 0);
}

/* ---- the facts ---- */

static void
hosts(struct occasion *c, const char *one, const char *other)
{
	c->s.hosts[0].host = span_str(one);
	c->s.certs[0] = scene_cert(c->s.ids[0], one);
	c->s.hosts[1].host = span_str(other);
	c->s.certs[1] = scene_cert(c->s.ids[1], other);
	c->orgs[0] = (struct org_fact){ SPAN("mx1.mail.example.net"),
		SPAN("example.net") };
	c->orgs[1] = (struct org_fact){ SPAN("mx2.mail.example.net"),
		SPAN("example.net") };
	c->orgs[2] =
	    (struct org_fact){ SPAN("mail.example"), SPAN("mail.example") };
	c->orgs[3] = (struct org_fact){ SPAN("co.uk"), SPAN("") };
	c->s.ev.orgs = c->orgs;
	c->s.ev.n_orgs = ROWS(c->orgs);
}

/* clang-format off */
static void at_google(struct occasion *c) { hosts(c, "aspmx.l.google.com", "aspmx2.googlemail.com"); }
static void at_two(struct occasion *c) { hosts(c, "aspmx.l.google.com", "mx1.mail.example.net"); }
static void at_another(struct occasion *c) { hosts(c, "mx1.mail.example.net", "mx2.mail.example.net"); }
static void at_home_and_another(struct occasion *c) { hosts(c, "mx1.mail.example.net", "mx1.example.com"); }
static void at_suffix(struct occasion *c) { hosts(c, "co.uk", "co.uk"); }
static void next_door(struct occasion *c) { hosts(c, "mx1.mail.example.net", "mx2.mail.example.net"); c->s.ev.domain = SPAN("shop.example.net"); c->orgs[2] = (struct org_fact){ SPAN("shop.example.net"), SPAN("example.net") }; }
static void google_itself(struct occasion *c) { at_google(c); c->s.ev.domain = SPAN("google.com"); }
static void implicit(struct occasion *c) { hosts(c, "example.com", "example.com"); c->s.ev.n_mx_hosts = 1; c->s.hosts[0].implicit = true; }
static void without_v6(struct occasion *c) { c->s.ev.v6_works_here = false; c->s.probes[1].address = scene_ip("2001:db8::25"); scene_probe_ended(&c->s.probes[1], STAGE_CONNECT, TALK_UNREACHABLE); }
static void one_covered(struct occasion *c) { scene_body(&c->s, SPAN("version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmax_age: 1209600\r\n")); }
static void certs_differ(struct occasion *c) { c->s.certs[0].not_after.s = now.s + 9 * DAY; c->s.certs[1].not_after.s = now.s - DAY; c->s.host_cert.not_after.s = now.s + 7 * DAY; }
static void web_server(struct occasion *c) { scene_no_record(&c->s); scene_body(&c->s, SPAN("<html>")); }
static void both_probes_fail(struct occasion *c) { for (int i = 0; i < 2; i++) { scene_probe_ended(&c->s.probes[i], STAGE_CONNECT, TALK_REFUSED); c->s.probes[i].tls.n_chain = 0; } }
/* clang-format on */

enum { CERT = 80 }; /* days, of the scene */

static const struct {
	const char *label;
	void (*change)(struct occasion *c);
	const char *want_provider;
	unsigned want_good, want_addresses, want_covered, want_mx;
	int want_policy_days, want_mx_days; /* of certificates; 0: none */
} fact_rows[] = {
	{ "all is well", nothing, "own", 2, 2, 2, 2, CERT, CERT },
	{ "a provider by two names", at_google, "Google", 2, 2, 0, 2, CERT,
	    CERT },
	{ "a provider and somebody else", at_two, "several", 2, 2, 0, 2, CERT,
	    CERT },
	{ "somebody else", at_another, "example.net", 2, 2, 0, 2, CERT, CERT },
	{ "at home and at somebody else's", at_home_and_another, "several", 2,
	    2, 1, 2, CERT, CERT },
	{ "at a public suffix", at_suffix, "co.uk", 2, 2, 0, 2, CERT, CERT },
	{ "at the registrable domain of its own", next_door, "own", 2, 2, 0, 2,
	    CERT, CERT },
	{ "the provider's own domain", google_itself, "Google", 2, 2, 0, 2,
	    CERT, CERT },
	{ "no MX records, but an address", implicit, "own", 1, 1, 0, 1, CERT,
	    CERT },
	{ "the null MX", null_mx, "", 0, 0, 0, 0, CERT, 0 },
	{ "MX records that could not be had", no_mx_known, "", 0, 0, 0, 0, CERT,
	    0 },
	{ "an address without STARTTLS", no_starttls, "own", 1, 2, 2, 2, CERT,
	    CERT },
	{ "an address that was not measured", not_measured, "own", 1, 2, 2, 2,
	    CERT, CERT },
	{ "no IPv6 here", without_v6, "own", 1, 1, 2, 2, CERT, CERT },
	{ "nobody has come there yet", host_unknown, "own", 1, 1, 2, 2, CERT,
	    CERT },
	{ "a policy that covers one of them", one_covered, "own", 2, 2, 1, 2,
	    CERT, CERT },
	{ "the worst certificate counts", certs_differ, "own", 1, 2, 2, 2, 7,
	    -1 },
	{ "no conversation came so far", both_probes_fail, "own", 0, 2, 2, 2,
	    CERT, 0 },
	{ "a web server, and no policy", web_server, "own", 2, 2, 0, 2, 0,
	    CERT },
};

static struct wall_time
in_days(int days)
{
	return (
	    struct wall_time){ days != 0 ? now.s + days * (int64_t)DAY : 0 };
}

static void
test_facts(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(fact_rows); i++) {
		struct occasion c;
		struct overview o;

		t.label = fact_rows[i].label;
		begin(&c);
		fact_rows[i].change(&c);
		assert_int_equal(view(&c, now, &o), ERR_OK);
		want_span(&t, "provider", o.provider,
		    span_str(fact_rows[i].want_provider));
		want_int(&t, "good", o.good_addresses, fact_rows[i].want_good);
		want_int(
		    &t, "addresses", o.addresses, fact_rows[i].want_addresses);
		want_int(
		    &t, "covered", o.covered_mx, fact_rows[i].want_covered);
		want_int(&t, "mx", o.mx, fact_rows[i].want_mx);
		want_int(&t, "the policy host's", o.policy_cert_until.s,
		    in_days(fact_rows[i].want_policy_days).s);
		want_int(&t, "the mail hosts'", o.mx_cert_until.s,
		    in_days(fact_rows[i].want_mx_days).s);
		arena_release(&c.a);
	}
	assert_int_equal(t.failed, 0);
}

/* ---- what stands still ---- */

/* From one midnight to the next the copies' end is one day, and the mode begins
 * when it was seen first. */
static void
test_days(void **state)
{
	const int64_t midnight = (now.s / DAY + 1) * DAY;
	static const int64_t at[] = { 1, HOUR, DAY / 2, DAY - 1, DAY, DAY + 1 };
	static const int64_t want_days[] = { 15, 15, 15, 15, 15, 16 };
	struct tally t = { .label = "an enforcing policy" };
	struct occasion c;

	(void)state;
	begin(&c);
	look(&c, 30 * DAY);
	for (size_t i = 0; i < ROWS(at); i++) {
		struct wall_time when = { midnight + at[i] };
		struct overview o;

		assert_int_equal(view(&c, when, &o), ERR_OK);
		want_int(&t, "cached until", o.cached_until.s,
		    midnight + want_days[i] * DAY);
		want_int(&t, "mode since", o.mode_since.s, now.s - 30 * DAY);
	}
	arena_release(&c.a);
	assert_int_equal(t.failed, 0);
}

/* Copies of mode none protect nothing, so nobody asks for their end; and where
 * nothing was published, there are none. */
static void
test_copies(void **state)
{
	static const struct {
		const char *label;
		void (*change)(struct occasion *c);
		int64_t want_until; /* before it is rounded; 0: none */
		int64_t want_since;
	} rows[] = {
		{ "none", undeployed, 0, 0 },
		{ "testing", testing, MAX_AGE, -20 * DAY },
		{ "enforce, before mode none", none_lately, MAX_AGE, -2 * DAY },
		{ "mode none for long", none_long, 0, -30 * DAY },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct occasion c;
		struct overview o;
		int64_t until = now.s + rows[i].want_until;
		int64_t want = (until + DAY - 1) / DAY * DAY;

		t.label = rows[i].label;
		begin(&c);
		rows[i].change(&c);
		assert_int_equal(view(&c, now, &o), ERR_OK);
		want_int(&t, "cached until", o.cached_until.s,
		    rows[i].want_until != 0 ? want : 0);
		want_int(&t, "mode since", o.mode_since.s,
		    rows[i].want_since != 0 ? now.s + rows[i].want_since : 0);
		arena_release(&c.a);
	}
	assert_int_equal(t.failed, 0);
}

/* ---- memory ---- */

struct question {
	const struct judged *j;
	const struct occasion *c;
};

static void
ask(struct arena *a, const void *arg)
{
	const struct question *q = arg;
	struct overview o;
	enum err rc = overview_of(q->j, &q->c->l, &q->c->standing, NULL, a, &o);

	assert_int_equal(rc, a->failed ? ERR_MEMORY : ERR_OK);
	assert_true(rc != ERR_OK || o.next == NEXT_MEND);
}

static void
test_memory(void **state)
{
	struct occasion c;
	struct judged j;
	struct question q = { &j, &c };

	(void)state;
	begin(&c);
	testing_with_losses(&c);
	assert_int_equal(judge(&c.s.ev, now, JUDGE_ALL, &c.a, &j), ERR_OK);
	sweep_memory(ask, &q);
	arena_release(&c.a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

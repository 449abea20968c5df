/* What a look could say to be over: a check that was failing, another failure
 * in the same look, and whether the first can be held to be mended. */
#include "core/measured.h"

#include "base/limits.h"
#include "base/test_table.h"
#include "core/test_scene.h"

/* clang-format off */
static void nothing(struct scene *s) { (void)s; }
static void mx_servfail(struct scene *s) { s->ev.mx = scene_answer("example.com", DNS_MX, DNS_SERVFAIL); s->ev.n_mx_hosts = 0; }
static void mx_gone(struct scene *s) { s->ev.mx.n_mx = s->ev.n_mx_hosts = 1; }
static void txt_servfail(struct scene *s) { s->ev.sts_txt = scene_answer("_mta-sts.example.com", DNS_TXT, DNS_SERVFAIL); }
static void txt_void(struct scene *s) { scene_record(s, SPAN("v=STSv1;")); }
static void rpt_timeout(struct scene *s) { s->ev.tlsrpt_txt = scene_answer("_smtp._tls.example.com", DNS_TXT, DNS_TIMEOUT); }
static void wildcard_timeout(struct scene *s) { s->ev.sts_wildcard.result = DNS_TIMEOUT; }
static void place_timeout(struct scene *s) { scene_no_record(s); s->ev.apex_txt = scene_answer("example.com", DNS_TXT, DNS_TIMEOUT); }
static void host_servfail(struct scene *s) { s->ev.n_fetches = 0; s->ev.host_a = scene_answer("mta-sts.example.com", DNS_A, DNS_SERVFAIL); }
static void host_gone(struct scene *s) { scene_no_policy(s); }
static void refused(struct scene *s) { scene_fetch_ended(&s->fetches[0], STAGE_CONNECT, TALK_REFUSED); s->fetches[0].tls.n_chain = 0; }
static void refused_unannounced(struct scene *s) { refused(s); scene_no_record(s); }
static void unfinished(struct scene *s) { scene_fetch_ended(&s->fetches[0], STAGE_BODY, TALK_UNFINISHED); }
static void second_unfinished(struct scene *s) { s->ev.host_a.n_addr = s->ev.n_fetches = 2; scene_fetch_ended(&s->fetches[1], STAGE_BODY, TALK_UNFINISHED); }
static void status_404(struct scene *s) { s->fetches[0].status = 404; }
static void undeployed(struct scene *s) { scene_no_record(s); scene_no_policy(s); }

static void a_servfail(struct scene *s) { s->hosts[0].a = scene_answer("mx1.example.com", DNS_A, DNS_SERVFAIL); s->hosts[0].n_probes = 0; }
static void aaaa_servfail(struct scene *s) { s->hosts[0].aaaa.result = DNS_SERVFAIL; }
static void unasked(struct scene *s) { a_servfail(s); s->hosts[0].a.result = s->hosts[0].aaaa.result = s->hosts[0].tlsa.result = DNS_UNASKED; }
static void address_gone(struct scene *s) { s->v4[0] = s->probes[0].address = scene_ip("192.0.2.99"); }
static void later(struct scene *s) { scene_probe_ended(&s->probes[0], STAGE_GREETING, TALK_OK); s->probes[0].greeting_code = 421; }
static void closed(struct scene *s) { scene_probe_ended(&s->probes[0], STAGE_CONNECT, TALK_REFUSED); }
static void no_starttls(struct scene *s) { scene_probe_ended(&s->probes[0], STAGE_STARTTLS, TALK_OK); s->probes[0].starttls_offered = false; }
static void no_second_session(struct scene *s) { s->probes[0].no_sni.n_chain = 0; s->probes[0].takes_injection = TRI_UNKNOWN; }
static void other_later(struct scene *s) { scene_probe_ended(&s->probes[1], STAGE_GREETING, TALK_OK); s->probes[1].greeting_code = 421; }
static void tlsa_timeout(struct scene *s) { s->hosts[0].tlsa.result = DNS_TIMEOUT; }
static void stripped(struct scene *s) { s->ev.dnssec = false; }
static void tlsa_untried(struct scene *s) { static char digest[32]; s->tlsa[0] = (struct dns_tlsa){ 3, 1, 1, { digest, 32 } }; s->hosts[0].tlsa = scene_answer("_25._tcp.mx", DNS_TLSA, DNS_OK); s->hosts[0].tlsa.tlsa = s->tlsa; s->hosts[0].tlsa.n_tlsa = 1; }
static void tlsa_tried(struct scene *s) { tlsa_untried(s); s->probes[0].dane = DANE_OK; }

static const struct {
	const char *label;
	void (*change)(struct scene *s);
	enum check_id check;
	const char *address; /* "" for none */
	bool want;
} rows[] = {
	{ "a good look says of all that it is over", nothing, CHECK_MATCH_SOME, "", true },
	{ "MX of unknown hosts", mx_servfail, CHECK_MATCH_SOME, "", false },
	{ "MX of a mail host", mx_servfail, CHECK_MXCERT_EXPIRED, "192.0.2.25", false },
	{ "MX of DANE", mx_servfail, CHECK_DANE_UNSIGNED, "", false },
	{ "MX of itself", mx_servfail, CHECK_MX_NULL_WITH_OTHERS, "", false },
	{ "MX of the record", mx_servfail, CHECK_TXT_MULTIPLE, "", true },
	{ "the record of its grammar", txt_servfail, CHECK_TXT_ID_INVALID, "", false },
	{ "the record of the policy host", txt_servfail, CHECK_HOST_NXDOMAIN, "", false },
	{ "the record of hygiene", txt_servfail, CHECK_TLSRPT_ABSENT, "", false },
	{ "the record of a mail host", txt_servfail, CHECK_STARTTLS_MISSING, "192.0.2.25", true },
	{ "a record that is void of its ids", txt_void, CHECK_CHANGE_ID_NOT_ROTATED, "", false },
	{ "TLSRPT", rpt_timeout, CHECK_TLSRPT_MULTIPLE, "", false },
	{ "a wildcard", wildcard_timeout, CHECK_TXT_WILDCARD, "", false },
	{ "another place", place_timeout, CHECK_TXT_WRONG_PLACE, "", false },
	{ "no other place was asked", nothing, CHECK_TXT_WRONG_PLACE, "", true },

	{ "the policy host of its addresses", host_servfail, CHECK_HOST_NO_ADDRESS, "", false },
	{ "the policy host of the file", host_servfail, CHECK_MAX_AGE_SHORT, "", false },
	{ "the policy host of the match", host_servfail, CHECK_MATCH_NONE, "", false },
	{ "the policy host of CNAMEs", host_servfail, CHECK_CNAME_HALF_DELEGATED, "", false },
	{ "the policy host of its certificate", host_servfail, CHECK_HTTPS_CERT_EXPIRED, "192.0.2.80", false },
	{ "a host that is gone, announced", host_gone, CHECK_HTTPS_CERT_EXPIRED, "192.0.2.80", false },
	{ "all of it is gone", undeployed, CHECK_HTTPS_CERT_EXPIRED, "192.0.2.80", true },
	{ "all of it is gone, the file too", undeployed, CHECK_MAX_AGE_SHORT, "", true },
	{ "an address that is gone", nothing, CHECK_HTTPS_CERT_EXPIRED, "192.0.2.99", true },
	{ "a closed port of the certificate", refused, CHECK_HTTPS_CERT_EXPIRED, "192.0.2.80", false },
	{ "a closed port of the file", refused, CHECK_MODE_INVALID, "", false },
	{ "a closed port of an unannounced file", refused_unannounced, CHECK_TXT_ABSENT_POLICY_PRESENT, "", false },
	{ "our deadline of the connection", unfinished, CHECK_HTTPS_CONNECT, "192.0.2.80", false },
	{ "our deadline at another address", second_unfinished, CHECK_HTTPS_CONNECT, "192.0.2.80", true },
	{ "our deadline of both", second_unfinished, CHECK_VANTAGE_BODY_DIFFERS, "192.0.2.81", false },
	{ "404 of the certificate", status_404, CHECK_HTTPS_CERT_EXPIRED, "192.0.2.80", true },
	{ "404 of the ledger's ids", status_404, CHECK_CHANGE_ID_NOT_ROTATED, "", false },

	{ "a mail host's lookup of its name", a_servfail, CHECK_MX_HOST_NXDOMAIN, "", false },
	{ "a mail host's lookup of an address", a_servfail, CHECK_MXCERT_EXPIRED, "192.0.2.25", false },
	{ "the other family of an address", aaaa_servfail, CHECK_MXCERT_EXPIRED, "192.0.2.25", true },
	{ "the other family of an address that is gone", aaaa_servfail, CHECK_MXCERT_EXPIRED, "192.0.2.99", false },
	{ "a mail host that was not looked at", unasked, CHECK_STARTTLS_MISSING, "192.0.2.25", false },
	{ "nor for DANE", unasked, CHECK_DANE_BOGUS, "", false },
	{ "a mail host's address that is gone", address_gone, CHECK_MXCERT_EXPIRED, "192.0.2.25", true },
	{ "a mail host that is none any more", mx_gone, CHECK_MXCERT_EXPIRED, "192.0.2.25", true },
	{ "421 of the certificate", later, CHECK_MXCERT_EXPIRED, "192.0.2.25", false },
	{ "421 of STARTTLS", later, CHECK_STARTTLS_MISSING, "192.0.2.25", false },
	{ "421 of members", later, CHECK_SMTP_MEMBER_DIFFERS, "192.0.2.25", false },
	{ "421 from another host", other_later, CHECK_STARTTLS_MISSING, "192.0.2.25", true },
	{ "a closed port of STARTTLS", closed, CHECK_STARTTLS_MISSING, "192.0.2.25", false },
	{ "a closed port of itself, said otherwise", closed, CHECK_SMTP_CONNECT_SOME, "192.0.2.25", false },
	{ "no STARTTLS of the connection", no_starttls, CHECK_SMTP_CONNECT_SOME, "192.0.2.25", true },
	{ "no STARTTLS of the certificate", no_starttls, CHECK_MXCERT_NAME, "192.0.2.25", false },
	{ "no STARTTLS of its refusal", no_starttls, CHECK_STARTTLS_REFUSED, "192.0.2.25", false },
	{ "no second session of SNI", no_second_session, CHECK_MXCERT_NEEDS_SNI, "192.0.2.25", false },
	{ "no second session of plaintext", no_second_session, CHECK_SMTP_PLAINTEXT_INJECTED, "192.0.2.25", false },
	{ "no second session of the certificate", no_second_session, CHECK_MXCERT_NAME, "192.0.2.25", true },
	{ "TLSA without an answer", tlsa_timeout, CHECK_DANE_TLSA_MISMATCH, "192.0.2.25", false },
	{ "TLSA through a resolver that strips", stripped, CHECK_DANE_BOGUS, "", false },
	{ "TLSA that nothing was held against", tlsa_untried, CHECK_DANE_TLSA_MISMATCH, "192.0.2.25", false },
	{ "TLSA that matches", tlsa_tried, CHECK_DANE_TLSA_MISMATCH, "192.0.2.25", true },
	{ "TLSA that is gone", nothing, CHECK_DANE_TLSA_MISMATCH, "192.0.2.25", true },
};
/* clang-format on */

static void
test_rows(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct ip_addr address = { 0 };
		struct scene s;
		struct judged j;
		struct arena a;

		t.label = rows[i].label;
		if (rows[i].address[0] != '\0')
			address = scene_ip(rows[i].address);
		arena_init(&a, LIMIT_CHECK_MEMORY);
		scene_good(&s);
		rows[i].change(&s);
		assert_int_equal(
		    judge(&s.ev, s.ev.checked_at, JUDGE_ALL, &a, &j), ERR_OK);
		want_bool(&t, checks[rows[i].check].slug,
		    was_measured(
			&j, rows[i].check, SPAN("mx1.example.com"), address),
		    rows[i].want);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

/* Every look that is good says of every check that it is over. */
static void
test_good(void **state)
{
	struct tally t = { .label = "a good domain" };
	struct scene s;
	struct judged j;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	scene_good(&s);
	assert_int_equal(
	    judge(&s.ev, s.ev.checked_at, JUDGE_ALL, &a, &j), ERR_OK);
	for (enum check_id id = 0; id < CHECKS; id++)
		want_bool(&t, checks[id].slug,
		    was_measured(
			&j, id, SPAN("mx1.example.com"), (struct ip_addr){ 0 }),
		    true);
	assert_int_equal(t.failed, 0);
	arena_release(&a);
}

static void
test_of_host(void **state)
{
	static const struct {
		enum check_id check;
		bool want;
	} hosts[] = {
		{ CHECK_MX_LOOKUP_FAILED, false },
		{ CHECK_MX_HOST_NXDOMAIN, true },
		{ CHECK_MX_HOST_IS_IP, false },
		{ CHECK_MX_HOST_PRIVATE_ADDRESS, true },
		{ CHECK_MATCH_SOME, false },
		{ CHECK_SMTP_CONNECT_ALL, false },
		{ CHECK_SMTP_CONNECT_SOME, true },
		{ CHECK_SMTP_BLOCKED_HERE, false },
		{ CHECK_SMTP_RATE_LIMITED, true },
		{ CHECK_MXCERT_NEEDS_SNI, true },
		{ CHECK_DANE_TLSA_MISMATCH, true },
		{ CHECK_DANE_BOGUS, true },
		{ CHECK_DANE_ONLY, false },
		{ CHECK_TLSRPT_ABSENT, false },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(hosts); i++) {
		t.label = checks[hosts[i].check].slug;
		want_bool(&t, "of a host", check_is_of_host(hosts[i].check),
		    hosts[i].want);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_of_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

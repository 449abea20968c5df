#include "core/caa_judge.h"

#include "base/test_table.h"

enum { CLIMB = 4, RECORDS = 4 };

/* A record is "[!]tag value": "!" for critical. Rows are of
 * mta-sts.a.example.com, a.example.com, example.com and com. */
struct level {
	enum dns_result result; /* DNS_UNASKED: NODATA, or OK with records */
	const char *records[RECORDS];
};

/* clang-format off */
static const struct {
	const char		*label;
	struct level		 climb[CLIMB];
	const char		*account; /* NULL: the usual one */
	const char		*issuer; /* NULL: ca.example */
	enum caa_verdict	 want;
	const char		*want_at;
} cases[] = {
	{ "RFC 8659 3: no records at all", { { 0 } }, .want = CAA_ALLOWED,
	  .want_at = "" },
	{ "RFC 8659 3: names that do not exist",
	  { { .result = DNS_NXDOMAIN }, { .result = DNS_NXDOMAIN } },
	  .want = CAA_ALLOWED, .want_at = "" },
	{ "RFC 8659 4.2: named", { { .records = { "issue ca.example" } } },
	  .want = CAA_ALLOWED, .want_at = "mta-sts.a.example.com" },
	{ "named in other letters", { { .records = { "ISSUE CA.Example" } } },
	  .want = CAA_ALLOWED, .want_at = "mta-sts.a.example.com" },
	{ "RFC 8659 4.2: another is named",
	  { { .records = { "issue other.example" } } }, .want = CAA_FORBIDDEN,
	  .want_at = "mta-sts.a.example.com" },
	{ "RFC 8659 4.2: one of several",
	  { { .records = { "issue other.example", "issue ca.example" } } },
	  .want = CAA_ALLOWED, .want_at = "mta-sts.a.example.com" },
	{ "RFC 8659 4.2: nobody", { { .records = { "issue ;" } } },
	  .want = CAA_FORBIDDEN, .want_at = "mta-sts.a.example.com" },
	{ "RFC 8659 4.2: malformed is nobody",
	  { { .records = { "issue ca.example %%" } } }, .want = CAA_FORBIDDEN,
	  .want_at = "mta-sts.a.example.com" },
	{ "RFC 8659 4.2: nobody, but also the CA",
	  { { .records = { "issue ;", "issue ca.example" } } },
	  .want = CAA_ALLOWED, .want_at = "mta-sts.a.example.com" },
	{ "a CA below the one that is named",
	  { { .records = { "issue example" } } }, .want = CAA_FORBIDDEN,
	  .want_at = "mta-sts.a.example.com" },
	{ "a CA that goes by no name", { { .records = { "issue other.example" } } },
	  .issuer = "", .want = CAA_ALLOWED, .want_at = "mta-sts.a.example.com" },

	/* Climbing. */
	{ "RFC 8659 3: at the parent", { { 0 }, { .records = { "issue other.example" } } },
	  .want = CAA_FORBIDDEN, .want_at = "a.example.com" },
	{ "RFC 8659 3: at the top-level domain",
	  { { 0 }, { 0 }, { 0 }, { .records = { "issue other.example" } } },
	  .want = CAA_FORBIDDEN, .want_at = "com" },
	{ "RFC 8659 3: the nearest applies",
	  { { .records = { "issue ca.example" } },
	    { .records = { "issue other.example" } } },
	  .want = CAA_ALLOWED, .want_at = "mta-sts.a.example.com" },
	{ "RFC 8659 3: the nearest applies, even if it restricts nobody",
	  { { .records = { "iodef mailto:a@example.com" } },
	    { .records = { "issue other.example" } } },
	  .want = CAA_ALLOWED, .want_at = "mta-sts.a.example.com" },

	/* What else is in a set. */
	{ "RFC 8659 4.3: issuewild is for wildcards",
	  { { .records = { "issuewild ;" } } }, .want = CAA_ALLOWED,
	  .want_at = "mta-sts.a.example.com" },
	{ "RFC 8659 4.3: issuewild allows nothing else",
	  { { .records = { "issue ;", "issuewild ca.example" } } },
	  .want = CAA_FORBIDDEN, .want_at = "mta-sts.a.example.com" },
	{ "RFC 8659 4.1: unknown, not critical",
	  { { .records = { "tbs Unknown" } } }, .want = CAA_ALLOWED,
	  .want_at = "mta-sts.a.example.com" },
	{ "RFC 8659 4.1: unknown and critical",
	  { { .records = { "!tbs Unknown", "issue ca.example" } } },
	  .want = CAA_UNREADABLE, .want_at = "mta-sts.a.example.com" },
	{ "RFC 8659 4.1: known and critical",
	  { { .records = { "!issue ca.example", "!iodef mailto:a@b.example" } } },
	  .want = CAA_ALLOWED, .want_at = "mta-sts.a.example.com" },

	/* RFC 8657 */
	{ "RFC 8657 3: our account",
	  { { .records = { "issue ca.example; accounturi=https://ca.example/1" } } },
	  .want = CAA_ALLOWED, .want_at = "mta-sts.a.example.com" },
	{ "RFC 8657 3: another account",
	  { { .records = { "issue ca.example; accounturi=https://ca.example/2" } } },
	  .want = CAA_ACCOUNT, .want_at = "mta-sts.a.example.com" },
	{ "RFC 8657 3: an account, and we have none",
	  { { .records = { "issue ca.example; accounturi=" } } }, .account = "",
	  .want = CAA_ACCOUNT, .want_at = "mta-sts.a.example.com" },
	{ "RFC 8657 3: two accounts in one",
	  { { .records = { "issue ca.example; accounturi=https://ca.example/1; "
			   "accounturi=https://ca.example/1" } } },
	  .want = CAA_ACCOUNT, .want_at = "mta-sts.a.example.com" },
	{ "RFC 8657 3: two accounts, each in a record",
	  { { .records = { "issue ca.example; accounturi=https://ca.example/2",
			   "issue ca.example; accounturi=https://ca.example/1" } } },
	  .want = CAA_ALLOWED, .want_at = "mta-sts.a.example.com" },
	{ "RFC 8657 3: of another CA",
	  { { .records = { "issue other.example; accounturi=https://ca.example/1" } } },
	  .want = CAA_FORBIDDEN, .want_at = "mta-sts.a.example.com" },
	{ "RFC 8657 4: our method",
	  { { .records = { "issue ca.example; validationmethods=dns-01,http-01" } } },
	  .want = CAA_ALLOWED, .want_at = "mta-sts.a.example.com" },
	{ "RFC 8657 4: another method",
	  { { .records = { "issue ca.example; validationmethods=dns-01" } } },
	  .want = CAA_METHOD, .want_at = "mta-sts.a.example.com" },
	{ "RFC 8657 4: a method that begins like ours",
	  { { .records = { "issue ca.example; validationmethods=http-012,http-0" } } },
	  .want = CAA_METHOD, .want_at = "mta-sts.a.example.com" },
	{ "RFC 8657 4: no method",
	  { { .records = { "issue ca.example; validationmethods=" } } },
	  .want = CAA_METHOD, .want_at = "mta-sts.a.example.com" },
	{ "RFC 8659 4.2: parameters that we do not know",
	  { { .records = { "issue ca.example; policy=ev" } } },
	  .want = CAA_ALLOWED, .want_at = "mta-sts.a.example.com" },

	/* RFC 8659 3 needs answers: none is none that allows. */
	{ "the name's own question fails", { { .result = DNS_SERVFAIL } },
	  .want = CAA_UNKNOWN, .want_at = "mta-sts.a.example.com" },
	{ "the parent's question times out", { { 0 }, { .result = DNS_TIMEOUT } },
	  .want = CAA_UNKNOWN, .want_at = "a.example.com" },
	{ "bogus", { { 0 }, { 0 }, { .result = DNS_BOGUS } },
	  .want = CAA_UNKNOWN, .want_at = "example.com" },
	{ "a failure above records does not matter",
	  { { .records = { "issue ca.example" } }, { .result = DNS_SERVFAIL } },
	  .want = CAA_ALLOWED, .want_at = "mta-sts.a.example.com" },
};

static const struct span names[CLIMB] = {
	SPAN_INIT("mta-sts.a.example.com"), SPAN_INIT("a.example.com"),
	SPAN_INIT("example.com"), SPAN_INIT("com"),
};
/* clang-format on */

static struct dns_caa
record(const char *text)
{
	struct span s = span_str(text);
	bool critical = span_starts(s, SPAN("!"));
	size_t blank;

	s = span_skip(s, critical);
	blank = span_find(s, ' ');
	return (struct dns_caa){ critical ? CAA_CRITICAL : 0,
		span_head(s, blank), span_skip(s, blank + 1) };
}

static struct dns_answer
answer(const struct level *l, struct span name, struct dns_caa room[RECORDS])
{
	struct dns_answer d = { .name = name, .type = DNS_CAA, .caa = room };

	while (d.n_caa < RECORDS && l->records[d.n_caa] != NULL) {
		room[d.n_caa] = record(l->records[d.n_caa]);
		d.n_caa++;
	}
	d.result = (uint8_t)(l->result != DNS_UNASKED ? l->result
			     : d.n_caa > 0	      ? DNS_OK
						      : DNS_NODATA);
	return d;
}

static void
test_judge(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		const char *account = cases[i].account;
		const char *issuer = cases[i].issuer;
		struct span by =
		    span_str(issuer != NULL ? issuer : "ca.example");
		struct caa_wish w = { .issuers = &by,
			.n_issuers = by.n > 0,
			.account = span_str(
			    account != NULL ? account : "https://ca.example/1"),
			.method = SPAN("http-01") };
		struct dns_caa room[CLIMB][RECORDS];
		struct dns_answer climb[CLIMB];
		struct caa_finding f;

		t.label = cases[i].label;
		for (size_t k = 0; k < CLIMB; k++)
			climb[k] =
			    answer(&cases[i].climb[k], names[k], room[k]);
		f = caa_judge(climb, CLIMB, &w);
		want_span(&t, "verdict", span_str(caa_verdict_names[f.verdict]),
		    span_str(caa_verdict_names[cases[i].want]));
		want_span(&t, "at", f.at, span_str(cases[i].want_at));
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
	};

	return cmocka_run_group_tests_name("caa_judge", tests, NULL, NULL);
}

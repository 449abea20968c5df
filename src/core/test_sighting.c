/* Findings over rounds: a line of letters is a life.
 *
 *   F  the check fails     f  it fails as a warning
 *   .  it passed           ?  what it rests on could not be looked up
 *   u  the same finding, as "could not be measured"
 *   c  it fails, _ it passed, in a round that did not look at everything
 *   x  there are other MX hosts, and all is well with them
 *
 * and under it what was told after each round: O opened, W worsened, R
 * resolved,
 * - nothing. A round lasts an hour. */
#include "core/sighting.h"

#include "base/limits.h"
#include "base/test_table.h"
#include "core/test_scene.h"

enum { HOUR = 3600 };

static const struct {
	const char *label;
	enum check_id check;
	const char *seen, *want;
} rows[] = {
	{ "once is not enough", CHECK_MATCH_SOME, "F...", "----" },
	{ "twice is told once", CHECK_MATCH_SOME, "FFFF", "-O--" },
	{ "every other time is never told", CHECK_MATCH_SOME, "F.F.F.",
	    "------" },
	{ "hard evidence is told at once", CHECK_HTTPS_CERT_EXPIRED, "FFF",
	    "O--" },
	{ "so is a policy that a stranger serves", CHECK_CHANGE_UNEXPECTED_BODY,
	    "FFF", "O--" },
	{ "what an MX record says is not hard", CHECK_MATCH_NONE, "F.FF",
	    "---O" },
	{ "what was carried over is no second sight", CHECK_MATCH_SOME, "FcccF",
	    "----O" },
	{ "nor is hard evidence that was carried over",
	    CHECK_HTTPS_CERT_EXPIRED, "ccF", "--O" },
	{ "nor does it resolve", CHECK_MATCH_SOME, "FF.___.", "-O----R" },
	{ "one good look does not resolve", CHECK_MATCH_SOME, "FF.FF",
	    "-O---" },
	{ "two do", CHECK_MATCH_SOME, "FF....", "-O-R--" },
	{ "and it may come back", CHECK_MATCH_SOME, "FF..FF", "-O-R-O" },
	{ "unknown neither opens nor clears", CHECK_MATCH_SOME, "F?F??.?.",
	    "--O----R" },
	{ "nor does the finding itself", CHECK_MATCH_SOME, "FuFuu.u.",
	    "--O----R" },
	{ "unknown is told when it is a day old", CHECK_TXT_LOOKUP_FAILED,
	    "uuuuuuuuuuuuuuuuuuuuuuuuu", "------------------------O" },
	{ "also where it failed once before", CHECK_MATCH_SOME,
	    "Fuuuuuuuuuuuuuuuuuuuuuuuu", "------------------------O" },
	{ "an hour of it is not", CHECK_TXT_LOOKUP_FAILED, "u.u.u.", "------" },
	{ "nor a day with a break", CHECK_TXT_LOOKUP_FAILED,
	    "uuuuuuuuuuuuuuuu.uuuuuuuuu", "--------------------------" },
	{ "nor with one that other failures hide", CHECK_HOST_LOOKUP_FAILED,
	    "uuuuuuuuuuuuuuuu?uuuuuuuuu", "--------------------------" },
	{ "it worsens once", CHECK_MATCH_SOME, "ffFFf", "-OW--" },
	{ "it is told as it is when it stands", CHECK_MATCH_SOME, "fF", "-O" },
	{ "a mail host was confirmed elsewhere", CHECK_STARTTLS_MISSING,
	    "F.FF..", "ORO-R-" },
	{ "and kept while it cannot be seen", CHECK_STARTTLS_MISSING, "F??.",
	    "O--R" },
	{ "one answer without the mail host does not resolve",
	    CHECK_STARTTLS_MISSING, "FxFxx", "O---R" },
	{ "it was mended, and then left", CHECK_STARTTLS_MISSING, "Fx.",
	    "O-R" },
	{ "unknown of a mail host waits as well", CHECK_SMTP_CONNECT_SOME,
	    "uuu.F.", "----OR" },
	{ "unknown, then broken", CHECK_SMTP_CONNECT_SOME, "uF", "-O" },
};

/* One round of what the letter says, for the check and a host, in s. */
static struct judged
look(char letter, enum check_id check, struct scene *s, struct arena *a,
    struct wall_time now)
{
	struct judged j;

	scene_good(s);
	if (letter == '?') {
		s->ev.mx.result = s->ev.sts_txt.result = DNS_SERVFAIL;
		s->ev.host_a.result = DNS_SERVFAIL;
		s->ev.n_mx_hosts = s->ev.n_fetches = 0;
	}
	assert_int_equal(judge(&s->ev, now, JUDGE_ALL, a, &j), ERR_OK);
	if (letter == '?')
		return j;
	if (letter == 'x')
		j.n_mx = 0;
	j.n_findings = strchr(".x_", letter) == NULL;
	j.findings[0] = (struct finding){
		.check = check,
		.result = letter == 'u' ? RESULT_UNKNOWN : RESULT_FAIL,
		.severity = letter == 'F' || letter == 'c' ? SEVERITY_ERROR
							   : SEVERITY_WARNING,
		.subject = SPAN("mx1.example.com"),
		.message = SPAN("message"),
		.remedy = SPAN("remedy"),
		.blocked_by = CHECKS,
	};
	return j;
}

static char
letter_of(const struct sighting_round *r)
{
	static const char letters[] = {
		[SIGHTING_OPENED] = 'O',
		[SIGHTING_WORSENED] = 'W',
		[SIGHTING_RESOLVED] = 'R',
	};

	assert_true(r->n_events <= 1);
	return r->n_events > 0 ? letters[r->events[0].kind] : '-';
}

static void
test_lives(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sightings before = { 0 };
		char mem[64];
		struct buf got = buf_init(mem, sizeof mem);
		struct arena a;

		arena_init(&a, LIMIT_CHECK_MEMORY);
		for (size_t k = 0; rows[i].seen[k] != '\0'; k++) {
			struct wall_time now = { (int64_t)k * HOUR };
			struct scene s;
			struct judged j =
			    look(rows[i].seen[k], rows[i].check, &s, &a, now);
			struct sighting_round r;

			assert_int_equal(
			    sightings_step(&before, &j,
				strchr("c_", rows[i].seen[k]) == NULL, &a, &r),
			    ERR_OK);
			buf_putc(&got, letter_of(&r));
			before = r.after;
		}
		if (!span_eq(buf_span(&got), span_str(rows[i].want))) {
			print_error("%s: seen %s, got %.*s, want %s\n",
			    rows[i].label, rows[i].seen, (int)got.n, mem,
			    rows[i].want);
			failed++;
		}
		arena_release(&a);
	}
	assert_int_equal(failed, 0);
}

static struct finding
fails(enum check_id check, struct span subject)
{
	return (struct finding){
		.check = check,
		.result = RESULT_FAIL,
		.severity = SEVERITY_ERROR,
		.subject = subject,
		.message = SPAN("message"),
		.remedy = SPAN("remedy"),
		.blocked_by = CHECKS,
	};
}

/* Each on its own: one finding's life does not touch another's. */
static void
test_many(void **state)
{
	struct finding f[3] = {
		fails(CHECK_MATCH_SOME, SPAN("mx1.example.com")),
		fails(CHECK_MATCH_SOME, SPAN("mx2.example.com")),
		fails(CHECK_HTTP_STATUS, SPAN("mta-sts.example.com")),
	};
	struct sightings none = { 0 };
	struct sighting_round one, two;
	struct scene s;
	struct judged j;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	j = look('.', CHECK_MATCH_SOME, &s, &a, (struct wall_time){ 0 });
	j.findings = f;
	j.n_findings = 3;
	assert_int_equal(sightings_step(&none, &j, true, &a, &one), ERR_OK);
	assert_int_equal(one.after.n, 3);
	assert_int_equal(one.n_events, 0);
	j.n_findings = 2;
	assert_int_equal(
	    sightings_step(&one.after, &j, true, &a, &two), ERR_OK);
	assert_int_equal(two.after.n, 2);
	assert_int_equal(two.n_events, 2);
	arena_release(&a);
}

/* Information, what passed and what only follows are not followed. */
static void
test_not_followed(void **state)
{
	struct finding f[3];
	struct judged j = { .findings = f, .n_findings = 3 };
	struct sightings none = { 0 };
	struct sighting_round r;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	for (size_t i = 0; i < 3; i++)
		f[i] = fails(CHECK_MXCERT_EXPIRED, SPAN("mx1.example.com"));
	f[0].severity = SEVERITY_INFO;
	f[1].result = RESULT_OK;
	f[2].blocked_by = CHECK_MX_INVALID_NAME;
	assert_int_equal(sightings_step(&none, &j, true, &a, &r), ERR_OK);
	assert_int_equal(r.after.n, 0);
	arena_release(&a);
}

/* Two domains with the same fault: of which is it the same cause? */
static void
test_cause(void **state)
{
	static const struct {
		enum check_id check;
		const char *subject, *want;
	} causes[] = {
		{ CHECK_MXCERT_EXPIRED, "mx.provider.example",
		    "mxcert.expired mx.provider.example" },
		{ CHECK_NS_LAME, "ns1.provider.example",
		    "ns.lame ns1.provider.example" },
		{ CHECK_MATCH_SOME, "mx.provider.example",
		    "match.some a.example mx.provider.example" },
		{ CHECK_NS_TXT_DIFFERS, "a.example",
		    "ns.txt-differs a.example a.example" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
		struct sighting s = { .check = causes[i].check,
			.subject = span_str(causes[i].subject) };
		char mem[128];
		struct buf b = buf_init(mem, sizeof mem);

		sighting_cause(&s, SPAN("a.example"), &b);
		assert_true(span_eq(buf_span(&b), span_str(causes[i].want)));
	}
}

static void
test_memory(void **state)
{
	struct finding f = fails(CHECK_MXCERT_EXPIRED, SPAN("mx1.example.com"));
	struct judged j = { .findings = &f, .n_findings = 1 };
	struct sightings none = { 0 };
	struct sighting_round r;
	struct arena a;
	enum err rc;
	size_t cap = 0;

	(void)state;
	do {
		arena_init(&a, cap);
		rc = sightings_step(&none, &j, true, &a, &r);
		assert_true(rc == ERR_OK || rc == ERR_MEMORY);
		arena_release(&a);
		cap += 64;
	} while (rc == ERR_MEMORY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lives),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_not_followed),
		cmocka_unit_test(test_cause),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

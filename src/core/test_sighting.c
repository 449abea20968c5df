/* Findings over rounds: a line of letters is a life.
 *
 *   F  the check fails     f  it fails as a warning
 *   .  it passed           ?  it could not be measured
 *
 * and under it what was told after each round: O opened, W worsened, R
 * resolved,
 * - nothing. A round lasts an hour. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "core/sighting.h"

enum { HOUR = 3600 };

static const struct {
	const char *label;
	enum check_id check;
	const char *seen, *want;
} rows[] = {
	{ "once is not enough", CHECK_STARTTLS_MISSING, "F...", "----" },
	{ "twice is told once", CHECK_STARTTLS_MISSING, "FFFF", "-O--" },
	{ "every other time is never told", CHECK_STARTTLS_MISSING, "F.F.F.",
	    "------" },
	{ "hard evidence is told at once", CHECK_MXCERT_EXPIRED, "FFF", "O--" },
	{ "one good look does not resolve", CHECK_STARTTLS_MISSING, "FF.FF",
	    "-O---" },
	{ "two do", CHECK_STARTTLS_MISSING, "FF....", "-O-R--" },
	{ "and it may come back", CHECK_STARTTLS_MISSING, "FF..FF", "-O-R-O" },
	{ "unknown neither opens nor clears", CHECK_STARTTLS_MISSING,
	    "F?F??.?.", "--O----R" },
	{ "unknown is told when it is a day old", CHECK_TXT_LOOKUP_FAILED,
	    "?????????????????????????", "------------------------O" },
	{ "an hour of it is not", CHECK_TXT_LOOKUP_FAILED, "?.?.?.", "------" },
	{ "it worsens once", CHECK_STARTTLS_MISSING, "ffFFf", "-OW--" },
	{ "it is told as it is when it stands", CHECK_STARTTLS_MISSING, "fF",
	    "-O" },
};

/* One round of what the letter says, for the check and its host. */
static struct judged
look(char letter, enum check_id check, struct finding *f, struct wall_time now)
{
	*f = (struct finding){
		.check = check,
		.result = letter == '?' ? RESULT_UNKNOWN : RESULT_FAIL,
		.severity = letter == 'F' ? SEVERITY_ERROR : SEVERITY_WARNING,
		.subject = SPAN("mx.example.com"),
		.message = SPAN("message"),
		.remedy = SPAN("remedy"),
		.blocked_by = CHECKS,
	};
	/* Another check's row that was blocked: the check is not measured. */
	if (letter == '?' && check != CHECK_TXT_LOOKUP_FAILED) {
		f->subject = SPAN("example.com");
		f->blocked_by = CHECK_MX_LOOKUP_FAILED;
	}
	return (struct judged){
		.now = now, .findings = f, .n_findings = letter != '.'
	};
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
			struct finding f;
			struct judged j =
			    look(rows[i].seen[k], rows[i].check, &f, now);
			struct sighting_round r;

			assert_int_equal(
			    sightings_step(&before, &j, &a, &r), ERR_OK);
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

/* Each on its own: one finding's life does not touch another's. */
static void
test_many(void **state)
{
	struct finding f[3];
	struct judged j = { .findings = f, .n_findings = 3 };
	struct sightings none = { 0 };
	struct sighting_round one, two;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	look('F', CHECK_STARTTLS_MISSING, &f[0], j.now);
	look('F', CHECK_STARTTLS_MISSING, &f[1], j.now);
	look('F', CHECK_HTTP_STATUS, &f[2], j.now);
	f[1].subject = SPAN("mx2.example.com");
	assert_int_equal(sightings_step(&none, &j, &a, &one), ERR_OK);
	assert_int_equal(one.after.n, 3);
	assert_int_equal(one.n_events, 0);
	j.n_findings = 2;
	assert_int_equal(sightings_step(&one.after, &j, &a, &two), ERR_OK);
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
	look('F', CHECK_MXCERT_EXPIRED, &f[0], j.now);
	look('F', CHECK_MXCERT_EXPIRED, &f[1], j.now);
	look('F', CHECK_MXCERT_EXPIRED, &f[2], j.now);
	f[0].severity = SEVERITY_INFO;
	f[1].result = RESULT_OK;
	f[2].blocked_by = CHECK_MX_INVALID_NAME;
	assert_int_equal(sightings_step(&none, &j, &a, &r), ERR_OK);
	assert_int_equal(r.after.n, 0);
	arena_release(&a);
}

static void
test_cause(void **state)
{
	struct sighting host = { .check = CHECK_MXCERT_EXPIRED,
		.subject = SPAN("mx.provider.example") };
	struct sighting own = { .check = CHECK_MATCH_SOME,
		.subject = SPAN("mx.provider.example") };
	char mem[128];
	struct buf b = buf_init(mem, sizeof mem);

	(void)state;
	sighting_cause(&host, SPAN("a.example"), &b);
	assert_true(
	    span_eq(buf_span(&b), SPAN("mxcert.expired mx.provider.example")));
	b = buf_init(mem, sizeof mem);
	sighting_cause(&own, SPAN("a.example"), &b);
	assert_true(span_eq(
	    buf_span(&b), SPAN("match.some a.example mx.provider.example")));
}

static void
test_memory(void **state)
{
	struct finding f;
	struct judged j =
	    look('F', CHECK_MXCERT_EXPIRED, &f, (struct wall_time){ 0 });
	struct sightings none = { 0 };
	struct sighting_round r;
	struct arena a;
	enum err rc;
	size_t cap = 0;

	(void)state;
	do {
		arena_init(&a, cap);
		rc = sightings_step(&none, &j, &a, &r);
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

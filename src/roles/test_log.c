#include "roles/log.h"

#include "base/limits.h"
#include "base/test_table.h"

#define HEAD "time=2026-11-26T16:40:00Z level=info role=monitor event=started"
#define TEN "xxxxxxxxxx"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LIMIT HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED TEN "xx" /* 512 */

/* clang-format off */
static const struct {
	const char *label;
	struct log_field field;
	struct span want;
} rows[] = {
	{ "a word", { "k", SPAN_INIT("example.com"), 0 },
	  SPAN_INIT(HEAD " k=example.com\n") },
	{ "a number", { .name = "k", .number = -3 },
	  SPAN_INIT(HEAD " k=-3\n") },
	{ "nothing", { "k", SPAN_INIT(""), 0 },
	  SPAN_INIT(HEAD " k=\"\"\n") },
	{ "a space", { "k", SPAN_INIT("a b"), 0 },
	  SPAN_INIT(HEAD " k=\"a b\"\n") },
	{ "a quote", { "k", SPAN_INIT("a\"b"), 0 },
	  SPAN_INIT(HEAD " k=\"a\\\"b\"\n") },
	{ "an equals sign", { "k", SPAN_INIT("a=b"), 0 },
	  SPAN_INIT(HEAD " k=\"a=b\"\n") },
	{ "a backslash", { "k", SPAN_INIT("a\\b"), 0 },
	  SPAN_INIT(HEAD " k=\"a\\\\b\"\n") },
	{ "a line that would be two", { "k", SPAN_INIT("a\nlevel=error"), 0 },
	  SPAN_INIT(HEAD " k=\"a\\x0alevel=error\"\n") },
	{ "what is no text", { "k", SPAN_INIT("\xff\0"), 0 },
	  SPAN_INIT(HEAD " k=\"\\xff\\x00\"\n") },
	{ "UTF-8", { "k", SPAN_INIT("b\xc3\xbc" "cher"), 0 },
	  SPAN_INIT(HEAD " k=b\xc3\xbc" "cher\n") },
	{ "as long as may be", { "k", SPAN_INIT(LIMIT), 0 },
	  SPAN_INIT(HEAD " k=" LIMIT "\n") },
	{ "longer", { "k", SPAN_INIT(LIMIT "y"), 0 },
	  SPAN_INIT(HEAD " k=\"" LIMIT "...\"\n") },
};
/* clang-format on */

static const struct wall_time then = { 1795711200 };

static void
test_fields(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char mem[LIMIT_LOG_LINE];
		struct buf b = buf_init(mem, sizeof mem);

		t.label = rows[i].label;
		log_line(&b, LOG_TO_STDERR, "monitor", then, LOG_STARTED,
		    &rows[i].field, 1);
		want_span(&t, "line", buf_span(&b), rows[i].want);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_syslog_has_no_time(void **state)
{
	char mem[LIMIT_LOG_LINE];
	struct buf b = buf_init(mem, sizeof mem);
	struct tally t = { .label = "syslog" };

	(void)state;
	log_line(&b, LOG_TO_SYSLOG, "notify", then, LOG_STARTED, NULL, 0);
	want_span(
	    &t, "line", buf_span(&b), SPAN("role=notify event=started\n"));
	assert_int_equal(t.failed, 0);
}

/* Fields that do not fit are left out; those behind them that do are not, and
 * the line ends. */
static void
test_full_line(void **state)
{
	static const struct span full = SPAN_INIT(LIMIT);
	struct log_field fields[10];
	char mem[LIMIT_LOG_LINE];
	struct buf b = buf_init(mem, sizeof mem);

	(void)state;
	for (size_t i = 0; i < 9; i++)
		fields[i] = log_text("k", full);
	fields[9] = log_int("last", 9);
	log_line(&b, LOG_TO_STDERR, "monitor", then, LOG_STARTED, fields, 10);
	assert_true(b.n > sizeof " last=9\n");
	assert_memory_equal(b.p + b.n - sizeof " last=9\n" + 1, " last=9\n",
	    sizeof " last=9\n" - 1);
}

/* Every event has words of its own. */
static void
test_events(void **state)
{
	(void)state;
	for (int i = 0; i < LOG_EVENTS; i++) {
		assert_true(strlen(log_event_text((enum log_event)i)) > 10);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(
			    log_event_name((enum log_event)i),
			    log_event_name((enum log_event)k));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_syslog_has_no_time),
		cmocka_unit_test(test_full_line),
		cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

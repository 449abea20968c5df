#include "out/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct options {
	bool flag;
	const char *string;
	uint64_t number, time;
	struct option_list list;
};

static const struct option_row table[] = {
	{ .name = "flag",
	    .letter = 'f',
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, flag) },
	{ .name = "string",
	    .letter = 's',
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, string) },
	{ .name = "number",
	    .letter = 'n',
	    .kind = OPTION_NUMBER,
	    .at = offsetof(struct options, number),
	    .min = 1,
	    .max = 9 },
	{ .name = "time",
	    .kind = OPTION_DURATION,
	    .at = offsetof(struct options, time),
	    .min = 1,
	    .max = 3600 },
	{ .name = "list",
	    .kind = OPTION_LIST,
	    .at = offsetof(struct options, list) },
	{ 0 },
};

enum { ARGS = 8 };

static const struct {
	const char *label;
	const char *argv[ARGS];
	enum err want;
	const char *want_text; /* in the error */
	struct options want_options;
	size_t want_list, want_operands;
} rows[] = {
	{ .label = "nothing", .argv = { "c" } },
	{ .label = "mixed with operands",
	    .argv = { "c", "a", "--flag", "b", "--number", "9" },
	    .want_options = { .flag = true, .number = 9 },
	    .want_operands = 2 },
	{ .label = "values behind an equals sign",
	    .argv = { "c", "--string=x=y", "--time=2m" },
	    .want_options = { .string = "x=y", .time = 120 } },
	{ .label = "values glued to a letter",
	    .argv = { "c", "-n3", "-sx", "-f" },
	    .want_options = { .flag = true, .string = "x", .number = 3 } },
	{ .label = "a list grows",
	    .argv = { "c", "--list", "a", "--list=b" },
	    .want_list = 2 },
	{ .label = "two dashes end the options",
	    .argv = { "c", "--", "--flag", "-n" },
	    .want_operands = 2 },
	{ .label = "one dash is an operand",
	    .argv = { "c", "-" },
	    .want_operands = 1 },
	{ .label = "an unknown option",
	    .argv = { "c", "--flags" },
	    .want = ERR_USAGE,
	    .want_text = "no option" },
	{ .label = "an unknown letter",
	    .argv = { "c", "-x" },
	    .want = ERR_USAGE,
	    .want_text = "no option" },
	{ .label = "a flag takes no value",
	    .argv = { "c", "--flag=1" },
	    .want = ERR_USAGE,
	    .want_text = "takes no value" },
	{ .label = "a value is missing",
	    .argv = { "c", "--string" },
	    .want = ERR_USAGE,
	    .want_text = "needs a value" },
	{ .label = "under the least",
	    .argv = { "c", "-n", "0" },
	    .want = ERR_USAGE,
	    .want_text = "from 1 to 9" },
	{ .label = "over the most",
	    .argv = { "c", "--time", "61m" },
	    .want = ERR_USAGE,
	    .want_text = "not \"61m\"" },
	{ .label = "no number",
	    .argv = { "c", "-n", "1x" },
	    .want = ERR_USAGE,
	    .want_text = "not \"1x\"" },
};

static bool
same_string(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

static void
test_rows(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct options got = { 0 };
		const struct options *want = &rows[i].want_options;
		struct option_parse p;
		struct error e = { 0 };
		const char *argv[ARGS + 1] = { 0 };
		int argc = 0;
		enum err rc;

		memcpy(argv, rows[i].argv, sizeof rows[i].argv);
		while (argv[argc] != NULL)
			argc++;
		rc = option_parse(table, argc, (char **)argv, &got, &p, &e);
		if (rc != rows[i].want ||
		    (rc != ERR_OK &&
			strstr(e.text, rows[i].want_text) == NULL) ||
		    (rc == ERR_OK &&
			(got.flag != want->flag || got.number != want->number ||
			    got.time != want->time ||
			    !same_string(got.string, want->string) ||
			    got.list.n != rows[i].want_list ||
			    p.n_operands != rows[i].want_operands))) {
			print_error(
			    "%s: got %d \"%s\"\n", rows[i].label, rc, e.text);
			failed++;
		}
		option_parse_release(&p);
	}
	assert_int_equal(failed, 0);
}

static void
test_help(void **state)
{
	const char *argv[] = { "c", "--help", "--no-such", NULL };
	struct options got = { 0 };
	struct option_parse p;

	(void)state;
	assert_int_equal(
	    option_parse(table, 3, (char **)argv, &got, &p, NULL), ERR_OK);
	assert_true(p.help);
	option_parse_release(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

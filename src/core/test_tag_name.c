#include "core/tag_name.h"

#include "base/test_table.h"
#include "core/account_name.h"

#define LONG "0123456789012345678901234567890123456789012345678901234567890123"

static const struct {
	const char *label;
	struct span text;
	const char *want_tag, *want_account; /* a part of it; NULL: good */
} rows[] = {
	/* clang-format off */
	{ "a word", SPAN_INIT("mail"), NULL, NULL },
	{ "words", SPAN_INIT("our mail: 2"), NULL, NULL },
	{ "another language", SPAN_INIT("\xe4\xbf\x9d\xe5\xae\x88"), NULL, NULL },
	{ "64 octets", SPAN_INIT(LONG), NULL, NULL },
	{ "65", SPAN_INIT(LONG "x"), "1 to 64", "64" },
	{ "none", SPAN_INIT(""), "1 to 64", "empty" },
	{ "a slash", SPAN_INIT("a/b"), NULL, NULL },
	{ "where one is", SPAN_INIT("."), "dots", "dots" },
	{ "above it", SPAN_INIT(".."), "dots", "dots" },
	{ "more dots", SPAN_INIT("..."), NULL, NULL },
	{ "a control", SPAN_INIT("a\x1b[2J"), "printed", "printed" },
	{ "a line", SPAN_INIT("a\nb"), "printed", "printed" },
	{ "NUL", SPAN_INIT("a\0b"), "printed", "printed" },
	{ "from right to left", SPAN_INIT("a\xe2\x80\xae" "b"), "printed", "printed" },
	{ "no UTF-8", SPAN_INIT("a\xff"), "printed", "printed" },
	{ "no width", SPAN_INIT("a\xe2\x80\x8b"), "printed", "printed" },
	{ "a token's", SPAN_INIT("token x"), NULL, "token" },
	{ "a space before", SPAN_INIT(" x"), NULL, "space" },
	/* clang-format on */
};

static void
want_fault(struct tally *t, const char *what, const char *got, const char *want)
{
	if (want == NULL || got == NULL)
		want_bool(t, what, got != NULL, want != NULL);
	else if (strstr(got, want) == NULL)
		want_span(t, what, span_str(got), span_str(want));
}

static void
test_names(void **state)
{
	struct tally t = { 0 };
	struct arena a;

	(void)state;
	arena_init(&a, 64 * 1024);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		want_fault(&t, "a tag", tag_name_fault(rows[i].text),
		    rows[i].want_tag);
		want_fault(&t, "an account",
		    account_name_fault(rows[i].text, &a), rows[i].want_account);
	}
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("tag_name", tests, NULL, NULL);
}

#include "base/test_table.h"
#include "web/html.h"

/* What was said into a stream in memory. */
struct said {
	FILE *f;
	char *p;
	size_t n;
};

static void
begin(struct said *s)
{
	s->f = open_memstream(&s->p, &s->n);
	assert_non_null(s->f);
}

static void
want_and_end(struct tally *t, struct said *s, struct span want)
{
	assert_int_equal(fclose(s->f), 0);
	want_span(t, "said", (struct span){ s->p, s->n }, want);
	free(s->p);
}

#define SAYS(tally, want, ...)                                                 \
	do {                                                                   \
		struct said s_;                                                \
                                                                               \
		(tally)->label = want;                                         \
		begin(&s_);                                                    \
		html_say(s_.f, __VA_ARGS__);                                   \
		want_and_end(tally, &s_, span_str(want));                      \
	} while (0)

static void
test_directives(void **state)
{
	struct tally t = { 0 };

	(void)state;
	SAYS(&t, "", "%s", "");
	SAYS(&t, "<p>plain & simple</p>", "<p>plain & simple</p>");
	SAYS(&t, "<p>a&lt;b</p>", "<p>%s</p>", "a<b");

	SAYS(&t, "[ab]", "[%.*s]", 2, "abc");
	SAYS(&t, "[]", "[%.*s]", HTML_SPAN(SPAN("")));
	SAYS(&t, "&lt;x\xef\xbf\xbd", "%c%c%c", '<', 'x', 0xff);
	SAYS(&t, "-7 -7 7", "%d %i %u", -7, -7, 7U);
	SAYS(&t, "-2147483648 4294967295", "%d %u", INT32_MIN, UINT32_MAX);
	SAYS(&t, "-8 8", "%ld %lu", -8L, 8UL);
	SAYS(&t, "-9223372036854775808 18446744073709551615", "%lld %llu",
	    (long long)INT64_MIN, (unsigned long long)UINT64_MAX);
	SAYS(&t, "-9 9", "%zd %zu", (ssize_t)-9, (size_t)9);
	SAYS(&t, "-10 10", "%jd %ju", (intmax_t)-10, (uintmax_t)10);
	SAYS(&t, "100%", "%d%%", 100);
	SAYS(&t, "1, a, 2, b", "%zu, %s, %lld, %.*s", (size_t)1, "a", 2LL, 1,
	    "bc");
	assert_int_equal(t.failed, 0);
}

/* In text and in an attribute alike nothing of it is markup. */
static void
test_hostile(void **state)
{
	static const struct {
		const char *label;
		struct span in, want;
	} rows[] = {
		/* clang-format off */
		{ "element", SPAN_INIT("<script>alert(1)</script>"),
		    SPAN_INIT("&lt;script&gt;alert(1)&lt;/script&gt;") },
		{ "attribute, double", SPAN_INIT("\" onload=\"x"),
		    SPAN_INIT("&quot; onload=&quot;x") },
		{ "attribute, single", SPAN_INIT("' onload='x"),
		    SPAN_INIT("&#39; onload=&#39;x") },
		{ "reference", SPAN_INIT("&lt;&#60;"),
		    SPAN_INIT("&amp;lt;&amp;#60;") },
		{ "comment", SPAN_INIT("--><!--"), SPAN_INIT("--&gt;&lt;!--") },
		{ "directives of formats", SPAN_INIT("%s%n%%"),
		    SPAN_INIT("%s%n%%") },
		{ "NUL", SPAN_INIT("a\0b"), SPAN_INIT("a\xef\xbf\xbd" "b") },
		{ "lines and tabs", SPAN_INIT("a\nb\tc"),
		    SPAN_INIT("a\nb\tc") },
		{ "carriage return", SPAN_INIT("a\rb"),
		    SPAN_INIT("a\xef\xbf\xbd" "b") },
		{ "escape", SPAN_INIT("\x1b[2J"),
		    SPAN_INIT("\xef\xbf\xbd[2J") },
		{ "DEL", SPAN_INIT("\x7f"), SPAN_INIT("\xef\xbf\xbd") },
		{ "C1", SPAN_INIT("\xc2\x85"), SPAN_INIT("\xef\xbf\xbd") },
		{ "right to left", SPAN_INIT("a\xe2\x80\xae" "b"),
		    SPAN_INIT("a\xef\xbf\xbd" "b") },
		{ "line separator", SPAN_INIT("\xe2\x80\xa8"),
		    SPAN_INIT("\xef\xbf\xbd") },
		{ "UTF-8", SPAN_INIT("\xc3\xa4\xe2\x82\xac\xf0\x9f\x93\xab"),
		    SPAN_INIT("\xc3\xa4\xe2\x82\xac\xf0\x9f\x93\xab") },
		{ "overlong <", SPAN_INIT("\xc0\xbc"),
		    SPAN_INIT("\xef\xbf\xbd\xef\xbf\xbd") },
		{ "cut off", SPAN_INIT("a\xe2\x82"),
		    SPAN_INIT("a\xef\xbf\xbd\xef\xbf\xbd") },
		{ "a beginning that takes the quote", SPAN_INIT("\xe2\""),
		    SPAN_INIT("\xef\xbf\xbd&quot;") },
		{ "surrogate", SPAN_INIT("\xed\xa0\x80"),
		    SPAN_INIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") },
		/* clang-format on */
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct said s;

		t.label = rows[i].label;
		begin(&s);
		html_text(s.f, rows[i].in);
		want_and_end(&t, &s, rows[i].want);
		begin(&s);
		html_say(s.f, "%.*s", HTML_SPAN(rows[i].in));
		want_and_end(&t, &s, rows[i].want);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_url(void **state)
{
	struct tally t = { .label = "every octet" };
	struct said s;
	char all[256];

	(void)state;
	begin(&s);
	html_url(s.f, SPAN("a-b._~/?&=#%+ \"\xc3\xa4"));
	want_and_end(&t, &s, SPAN("a-b._~%2F%3F%26%3D%23%25%2B%20%22%C3%A4"));
	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (char)i;
	begin(&s);
	html_url(s.f, (struct span){ all, sizeof all });
	fclose(s.f);
	want_size(&t, "octets", s.n, 66 + 3 * (256 - 66));
	free(s.p);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_directives),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What is published is what every reading of the RFC reads alike. */
#include "base/limits.h"
#include "base/test_table.h"
#include "wire/sts_record.h"
#include "wire/sts_write.h"

static struct span two[] = { SPAN_INIT("mx1.mail.test"),
	SPAN_INIT("*.backup.test") };
static struct span dot[] = { SPAN_INIT("mx1.mail.test.") };
static struct span injected[] = { SPAN_INIT("a.example\r\nmode: none") };

static const struct {
	const char *label;
	enum sts_mode mode;
	uint32_t max_age;
	const struct span *patterns;
	size_t n;
	const char *want; /* NULL: refused */
} policies[] = {
	{ "RFC 8461 3.2: enforce", STS_MODE_ENFORCE, 1209600, two, 2,
	    "version: STSv1\r\nmode: enforce\r\nmx: mx1.mail.test\r\n"
	    "mx: *.backup.test\r\nmax_age: 1209600\r\n" },
	{ "mode none alone", STS_MODE_NONE, 86400, NULL, 0,
	    "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n" },
	{ "mode none with a pattern", STS_MODE_NONE, 0, two, 1,
	    "version: STSv1\r\nmode: none\r\nmx: mx1.mail.test\r\n"
	    "max_age: 0\r\n" },
	{ "no pattern where one is needed", STS_MODE_TESTING, 86400, NULL, 0,
	    NULL },
	{ "no mode", STS_MODE_UNSET, 86400, two, 2, NULL },
	{ "RFC 8461 3.2: max_age beyond its maximum", STS_MODE_ENFORCE,
	    STS_MAX_AGE + 1, two, 2, NULL },
	{ "its maximum", STS_MODE_ENFORCE, STS_MAX_AGE, two, 1,
	    "version: STSv1\r\nmode: enforce\r\nmx: mx1.mail.test\r\n"
	    "max_age: 31557600\r\n" },
	{ "a pattern with a final dot", STS_MODE_ENFORCE, 86400, dot, 1, NULL },
	{ "a pattern that would be lines", STS_MODE_ENFORCE, 86400, injected, 1,
	    NULL },
};

static void
test_policies(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(policies); i++) {
		char mem[512];
		struct buf b = buf_init(mem, sizeof mem);
		bool ok =
		    sts_write_policy(policies[i].mode, policies[i].max_age,
			policies[i].patterns, policies[i].n, &b);

		t.label = policies[i].label;
		want_bool(&t, "written", ok, policies[i].want != NULL);
		if (ok && policies[i].want != NULL)
			want_span(&t, "policy", buf_span(&b),
			    span_str(policies[i].want));
	}
	assert_int_equal(t.failed, 0);
}

/* The strictest reader agrees with the most careful one, and both with us. */
static void
test_read_back(void **state)
{
	struct sts_policy p;
	struct arena a;
	char mem[512];
	struct buf b = buf_init(mem, sizeof mem);

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	assert_true(sts_write_policy(STS_MODE_TESTING, 604800, two, 2, &b));
	sts_policy_parse(buf_span(&b), &a, &p);
	assert_true(p.valid && p.strict);
	assert_int_equal(p.n_deviations, 0);
	assert_int_equal(p.mode, STS_MODE_TESTING);
	assert_int_equal(p.max_age, 604800);
	assert_int_equal(p.n_mx, 2);
	arena_release(&a);
}

/* RFC 8461 3.3: 64 KB, and a little less for those who count otherwise. */
static void
test_size(void **state)
{
	enum { MOST = 4096 };
	struct span many[MOST];
	char *mem = test_malloc(2 * 65536);
	struct buf b = buf_init(mem, 2 * 65536);
	size_t n = 1;

	(void)state;
	for (size_t i = 0; i < MOST; i++)
		many[i] = SPAN("a-mail-host.example.net");
	while (sts_write_policy(STS_MODE_ENFORCE, 86400, many, n, &b)) {
		assert_true(b.n <= STS_WRITE_MAX);
		b.n = 0;
		n++;
		assert_true(n < MOST);
	}
	assert_true(n > 2000);
	b = buf_init(mem, 20);
	assert_false(sts_write_policy(STS_MODE_NONE, 86400, NULL, 0, &b));
	test_free(mem);
}

static const struct {
	const char *label, *id, *want;
} records[] = {
	{ "RFC 8461 3.1", "20261126T164000", "v=STSv1; id=20261126T164000;" },
	{ "32 characters", "0123456789abcdef0123456789ABCDEF",
	    "v=STSv1; id=0123456789abcdef0123456789ABCDEF;" },
	{ "33 are too many", "0123456789abcdef0123456789ABCDEFx", NULL },
	{ "none are too few", "", NULL },
	{ "letters and digits only", "2026-11-26", NULL },
	{ "and nothing of ours besides", "1; x=y", NULL },
};

static void
test_records(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(records); i++) {
		char mem[128];
		struct buf b = buf_init(mem, sizeof mem);
		bool ok = sts_write_record(span_str(records[i].id), &b);

		t.label = records[i].label;
		want_bool(&t, "written", ok, records[i].want != NULL);
		if (ok && records[i].want != NULL)
			want_span(&t, "record", buf_span(&b),
			    span_str(records[i].want));
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_read_back),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

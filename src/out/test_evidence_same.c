/* What is a difference between two looks, and what is none. */
#include "out/evidence_same.h"

#include <jansson.h>
#include <string.h>

#include "base/limits.h"
#include "base/test_table.h"
#include "out/evidence_json.h"

/* Each row replaces the first `old` of this by `new`. */
static const char base[] =
    "{\"schema\":\"mtasts.evidence/1\",\"domain\":\"example.com\","
    "\"checked_at\":\"2026-11-22T10:00:00Z\",\"ms\":700,"
    "\"mx\":{\"name\":\"example.com\",\"type\":15,\"result\":\"ok\","
    "\"ttl\":3600,\"mx\":[{\"preference\":10,\"host\":\"a.example\"},"
    "{\"preference\":10,\"host\":\"b.example\"},"
    "{\"preference\":10,\"host\":\"c.example\"}]},"
    "\"sts_txt\":{\"name\":\"_mta-sts.example.com\",\"result\":\"ok\","
    "\"chain\":[\"one.example\",\"two.example\"],"
    "\"txt\":[{\"strings\":[\"v=STSv1; id=1;\"]},{\"strings\":[\"x\",\"y\"]}]},"
    "\"sts_wildcard\":{\"name\":\"_mta-sts-abc.example.com\","
    "\"result\":\"nxdomain\"},"
    "\"host_a\":{\"result\":\"ok\",\"addr\":[\"192.0.2.1\",\"192.0.2.2\"]},"
    "\"fetches\":[{\"address\":\"192.0.2.1\",\"result\":\"ok\",\"ms\":90,"
    "\"status\":200,\"retry_after\":\"3\",\"body\":\"version: STSv1\"},"
    "{\"address\":\"192.0.2.2\",\"result\":\"ok\",\"ms\":91,\"status\":403,"
    "\"body\":\"request 17 denied\",\"body_bytes\":17}],"
    "\"mx_hosts\":[{\"host\":\"a.example\",\"probes\":["
    "{\"address\":\"192.0.2.9\",\"result\":\"ok\",\"ms\":80,"
    "\"greeting_code\":220,\"greeting\":\"a.example ESMTP s1\","
    "\"ehlo\":\"hello\",\"starttls\":\"go\",\"greeting_ms\":12,"
    "\"tls\":{\"chain\":[{\"sha256\":\"aa\","
    "\"not_after\":\"2027-01-01T00:00:00Z\"}]}}]}]}";

static const struct {
	const char *old, *new;
	bool want;
} rows[] = {
	{ "example.com", "example.com", true },
	{ "example.com", "example.net", false },

	/* Time. */
	{ "2026-11-22T10:00:00Z", "2026-11-22T10:15:00Z", true },
	{ "\"ms\":700", "\"ms\":701", true },
	{ "3600", "300", true },
	{ "\"ms\":90", "\"ms\":9000", true },
	{ "\"ms\":80", "\"ms\":8000", true },
	{ "\"greeting_ms\":12", "\"greeting_ms\":13", true },
	{ "2027-01-01", "2027-02-01", false },

	/* Order, of records but not of aliases. */
	{ "\"a.example\"},{\"preference\":10,\"host\":\"b.example\"}",
	    "\"b.example\"},{\"preference\":10,\"host\":\"a.example\"}", true },
	{ "b.example", "a.example", false },
	{ "{\"strings\":[\"v=STSv1; id=1;\"]},{\"strings\":[\"x\",\"y\"]}",
	    "{\"strings\":[\"x\",\"y\"]},{\"strings\":[\"v=STSv1; id=1;\"]}",
	    true },
	{ "\"x\",\"y\"", "\"y\",\"x\"", false },
	{ "\"192.0.2.1\",\"192.0.2.2\"", "\"192.0.2.2\",\"192.0.2.1\"", true },
	{ "\"192.0.2.1\",\"192.0.2.2\"", "\"192.0.2.1\"", false },
	{ "\"one.example\",\"two.example\"", "\"two.example\",\"one.example\"",
	    false },
	{ "\"preference\":10", "\"preference\":20", false },
	{ "id=1", "id=2", false },

	/* A label made up for the look. */
	{ "_mta-sts-abc", "_mta-sts-xyz", true },
	{ "nxdomain", "ok", false },
	{ "_mta-sts.example.com", "_mta-sts.example.org", false },

	/* What peers say of the moment. */
	{ "ESMTP s1", "ESMTP s2", true },
	{ "\"hello\"", "\"good day\"", true },
	{ "\"go\"", "\"go ahead\"", true },
	{ "\"retry_after\":\"3\"", "\"retry_after\":\"4\"", true },
	{ "220", "554", false },
	{ "request 17", "request 18", true },
	{ "\"body_bytes\":17", "\"body_bytes\":18", true },
	{ "version: STSv1", "version: STSv2", false },
	{ "\"status\":200", "\"status\":404", false },
	{ "\"sha256\":\"aa\"", "\"sha256\":\"bb\"", false },
};

static void
load(const char *text, struct arena *a, struct evidence *out)
{
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(json);
	arena_init(a, LIMIT_CHECK_MEMORY);
	assert_int_equal(evidence_from_json(json, a, out, NULL), ERR_OK);
	json_decref(json);
}

static void
replace(const char *old, const char *new, char *out, size_t cap)
{
	const char *at = strstr(base, old);

	assert_non_null(at);
	snprintf(out, cap, "%.*s%s%s", (int)(at - base), base, new,
	    at + strlen(old));
}

static void
test_rows(void **state)
{
	struct tally t = { .failed = 0 };
	struct evidence ev, other;
	struct arena a, b;

	(void)state;
	load(base, &a, &ev);
	for (size_t i = 0; i < ROWS(rows); i++) {
		char text[2 * sizeof base];

		t.label = rows[i].new;
		replace(rows[i].old, rows[i].new, text, sizeof text);
		load(text, &b, &other);
		want_bool(&t, "same", evidence_same(&ev, &other), rows[i].want);
		want_bool(&t, "same, the other way round",
		    evidence_same(&other, &ev), rows[i].want);
		arena_release(&b);
	}
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

static void
test_host(void **state)
{
	struct span certs[] = { SPAN("one"), SPAN("two") };
	struct der_chain der = { certs, 2 };
	struct host_seen a = { .checked_at = { 1 }, .ders = &der, .n_ders = 1 };
	struct der_chain shorter = { certs, 1 };
	struct host_seen b = a;

	(void)state;
	b.checked_at.s = 2;
	assert_true(host_seen_same(&a, &b));
	b.ders = &shorter;
	assert_false(host_seen_same(&a, &b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Evidence survives being saved; what is not evidence is refused by place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "out/evidence_json.h"

static char *
dump(const struct evidence *ev)
{
	struct json_writer w = { false };
	json_t *o = evidence_to_json(&w, ev);
	char *s = json_dumps(o, JSON_COMPACT);

	assert_false(w.failed);
	json_decref(o);
	return s;
}

static enum err
load(const char *text, struct arena *a, struct evidence *out, struct error *e)
{
	json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	enum err rc;

	assert_non_null(o);
	rc = evidence_from_json(o, a, out, e);
	json_decref(o);
	return rc;
}

/* Every kind of member, with the values at the ends of its range. */
static const char full[] =
    "{\"schema\":\"mtasts.evidence/"
    "1\",\"domain\":\"example.com\",\"checked_at\":\"2026-11-22T10:00:00Z\","
    "\"ms\":4294967295,\"dnssec\":true,"
    "\"mx\":{\"name\":\"example.com\",\"type\":15,\"result\":\"ok\","
    "\"secure\":true,\"beside\":true,\"ttl\":3600,\"mx\":[{\"preference\":"
    "65535,"
    "\"host\":\"mx.example.com\"},{}]},"
    "\"sts_txt\":{\"result\":\"bogus\",\"why\":{\"hex\":\"00ff5c\"},"
    "\"chain\":[\"a.example\",\"b.example\"],"
    "\"txt\":[{\"strings\":[\"v=STSv1; \",\"id=1\"]}]},"
    "\"fetches\":[{\"address\":\"2001:db8::1\",\"result\":\"too-long\","
    "\"stage\":\"body\",\"status\":200,\"content_length\":-1,"
    "\"body\":\"line\\r\\n\xc3\xa4\",\"body_bytes\":65537,\"too_big\":true}],"
    "\"mx_hosts\":[{\"host\":\"mx.example.com\",\"a\":{\"addr\":"
    "[\"192.0.2.1\",\"192.0.2.2\"]},\"tlsa\":{\"tlsa\":[{\"usage\":3,"
    "\"selector\":1,\"matching\":1,\"data\":{\"hex\":\"8a00\"}}]},"
    "\"probes\":[{\"address\":\"192.0.2.1\",\"result\":\"ok\","
    "\"stage\":\"done\",\"tls\":{\"result\":\"ok\",\"version\":772,"
    "\"trust\":\"self-signed\",\"chain\":[{\"subject\":\"CN=x\","
    "\"dns_ids\":[\"x\"],\"not_before\":\"1950-01-01T00:00:00Z\","
    "\"not_after\":\"9999-12-31T23:59:59Z\",\"key_bits\":2048}]},"
    "\"old_tls\":\"yes\"}]}],"
    "\"zones\":[{\"ns\":{\"name\":\"example.com\",\"result\":\"ok\","
    "\"ns\":[\"ns1.example.net\"]},\"mx\":\"example.com\",\"servers\":[{"
    "\"name\":\"ns1.example.net\","
    "\"address\":\"192.0.2.53\",\"mx\":{\"result\":\"timeout\",\"answer\":{"
    "\"name\":\"example.com\",\"type\":15,\"result\":\"timeout\"}},"
    "\"txt\":{\"result\":\"ok\",\"rcode\":5,\"authoritative\":true,"
    "\"answer\":{\"type\":16}}}]}],"
    "\"orgs\":[{\"name\":\"co.uk\"}]}";

static void
test_round_trip(void **state)
{
	struct evidence ev;
	struct arena a;
	char *text;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	assert_int_equal(load(full, &a, &ev, NULL), ERR_OK);
	assert_int_equal(ev.mx.mx[0].preference, 65535);
	assert_int_equal(ev.sts_txt.result, DNS_BOGUS);
	assert_true(span_eq(ev.sts_txt.why, SPAN("\0\xff\\")));
	assert_int_equal(ev.fetches[0].content_length, -1);
	assert_int_equal(ev.mx_hosts[0].probes[0].old_tls, TRI_YES);
	assert_non_null(ev.orgs[0].registrable.p);
	text = dump(&ev);
	assert_string_equal(text, full);
	free(text);
	arena_release(&a);
}

static void
test_inside_check(void **state)
{
	struct evidence ev;
	struct arena a;
	char text[2 * sizeof full];

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	snprintf(text, sizeof text,
	    "{\"schema\":\"mtasts.check/1\",\"evidence\":%s}", full);
	assert_int_equal(load(text, &a, &ev, NULL), ERR_OK);
	assert_true(span_eq(ev.domain, SPAN("example.com")));
	arena_release(&a);
}

static const char full_host[] =
    "{\"schema\":\"mtasts.host/1\",\"checked_at\":\"2026-11-22T10:00:00Z\","
    "\"host\":{\"host\":\"mx.example.com\",\"a\":{\"addr\":[\"192.0.2.1\"]},"
    "\"probes\":[{\"address\":\"192.0.2.1\",\"result\":\"ok\"},"
    "{\"address\":\"192.0.2.2\",\"result\":\"refused\"}]},"
    "\"ders\":[{\"certs\":[{\"hex\":\"3082ff00\"},{\"hex\":\"3000\"}]},{}]}";

static void
test_host_round_trip(void **state)
{
	struct json_writer w = { false };
	struct host_seen host;
	json_t *o;
	struct arena a;
	char *text;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	o = json_loads(full_host, JSON_REJECT_DUPLICATES, NULL);
	assert_int_equal(host_seen_from_json(o, &a, &host, NULL), ERR_OK);
	json_decref(o);
	assert_int_equal(host.n_ders, 2);
	assert_true(span_eq(host.ders[0].certs[1], SPAN("0\0")));
	assert_int_equal(host.ders[1].n_certs, 0);
	o = host_seen_to_json(&w, &host);
	assert_false(w.failed);
	text = json_dumps(o, JSON_COMPACT);
	assert_string_equal(text, full_host);
	json_decref(o);
	free(text);
	arena_release(&a);
}

static void
test_host_refused(void **state)
{
	struct error e = { 0 };
	struct host_seen host;
	json_t *o = json_loads(full, 0, NULL);
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	assert_int_equal(host_seen_from_json(o, &a, &host, &e), ERR_DATA);
	assert_non_null(strstr(e.text, "mtasts.host/1"));
	json_decref(o);
	arena_release(&a);
}

static const struct {
	const char *label, *text, *want;
} refused[] = {
	{ "no schema", "{}", "schema" },
	{ "another schema", "{\"schema\":\"mtasts.evidence/2\"}", "schema" },
	{ "a list", "[]", "schema" },
	{ "a number out of range",
	    "{\"schema\":\"mtasts.evidence/1\",\"ms\":4294967296}", "\"ms\"" },
	{ "a negative count", "{\"schema\":\"mtasts.evidence/1\",\"ms\":-1}",
	    "\"ms\"" },
	{ "a string for a number",
	    "{\"schema\":\"mtasts.evidence/1\",\"ms\":\"1\"}", "\"ms\"" },
	{ "a word that no list has",
	    "{\"schema\":\"mtasts.evidence/1\",\"mx\":{\"result\":\"maybe\"}}",
	    "\"result\"" },
	{ "an address that is none",
	    "{\"schema\":\"mtasts.evidence/1\",\"host_a\":{\"addr\":[\"x\"]}}",
	    "\"addr\"" },
	{ "half a byte",
	    "{\"schema\":\"mtasts.evidence/1\",\"domain\":{\"hex\":\"0\"}}",
	    "\"domain\"" },
	{ "no hexadecimal digit",
	    "{\"schema\":\"mtasts.evidence/1\",\"domain\":{\"hex\":\"0g\"}}",
	    "\"domain\"" },
	{ "a time that is none",
	    "{\"schema\":\"mtasts.evidence/1\",\"checked_at\":\"today\"}",
	    "\"checked_at\"" },
	{ "an object for a list",
	    "{\"schema\":\"mtasts.evidence/1\",\"fetches\":{}}",
	    "\"fetches\"" },
};

static void
test_refused(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct error e = { 0 };
		struct evidence ev;
		struct arena a;
		enum err rc;

		arena_init(&a, LIMIT_CHECK_MEMORY);
		rc = load(refused[i].text, &a, &ev, &e);
		if (rc != ERR_DATA || strstr(e.text, refused[i].want) == NULL) {
			print_error("%s: got %d \"%s\", want %d \"...%s...\"\n",
			    refused[i].label, rc, e.text, ERR_DATA,
			    refused[i].want);
			failed++;
		}
		arena_release(&a);
	}
	assert_int_equal(failed, 0);
}

static void
test_memory(void **state)
{
	struct evidence ev;
	struct arena a;
	enum err rc;
	size_t cap = 0;

	(void)state;
	do {
		arena_init(&a, cap);
		rc = load(full, &a, &ev, NULL);
		assert_true(rc == ERR_OK || rc == ERR_MEMORY);
		arena_release(&a);
		cap += 256;
	} while (rc == ERR_MEMORY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_inside_check),
		cmocka_unit_test(test_host_round_trip),
		cmocka_unit_test(test_host_refused),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

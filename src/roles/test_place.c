#include "roles/place.h"

#include "base/test_table.h"

static bool
is_pair(struct span s)
{
	struct ip_addr address;
	struct span name;

	return place_read_pair(s, &name, &address) &&
	       span_eq(name, SPAN("ns1.example.com")) &&
	       span_eq(span_str(ip_format(address).s), SPAN("192.0.2.1"));
}

/* clang-format off */
static const struct {
	const char *label;
	bool (*is)(struct span s);
	struct span text;
	bool want;
} rows[] = {
	{ "an address", place_is_resolver, SPAN_INIT("192.0.2.1"), true },
	{ "and a port", place_is_resolver, SPAN_INIT("2001:db8::1@5353"), true },
	{ "port 0", place_is_resolver, SPAN_INIT("192.0.2.1@0"), false },
	{ "no port", place_is_resolver, SPAN_INIT("192.0.2.1@"), false },
	{ "a resolver's name", place_is_resolver, SPAN_INIT("ns.example"), false },

	{ "STARTTLS", place_is_server, SPAN_INIT("smtp://mx.example"), true },
	{ "TLS at once", place_is_server, SPAN_INIT("smtps://mx.example:465"), true },
	{ "IPv4", place_is_server, SPAN_INIT("smtp://127.0.0.1:25"), true },
	{ "IPv6", place_is_server, SPAN_INIT("smtp://[::1]:25"), true },
	{ "IPv6, no port", place_is_server, SPAN_INIT("smtp://[::1]"), true },
	{ "IPv6 without brackets", place_is_server, SPAN_INIT("smtp://::1"), false },
	{ "half a bracket", place_is_server, SPAN_INIT("smtp://[::1"), false },
	{ "empty brackets", place_is_server, SPAN_INIT("smtp://[]:25"), false },
	{ "what follows the brackets", place_is_server, SPAN_INIT("smtp://[::1]x"), false },
	{ "a port too many", place_is_server, SPAN_INIT("smtp://a.example:65536"), false },
	{ "a path", place_is_server, SPAN_INIT("smtp://a.example/x"), false },
	{ "no host", place_is_server, SPAN_INIT("smtp://"), false },
	{ "another scheme", place_is_server, SPAN_INIT("imap://a.example"), false },

	{ "a URL", place_is_url, SPAN_INIT("https://h.example/a?b=c#d"), true },
	{ "without a path", place_is_url, SPAN_INIT("http://h.example:8080"), true },
	{ "an address's URL", place_is_url, SPAN_INIT("http://[::1]:8080/x"), true },
	{ "no host in the URL", place_is_url, SPAN_INIT("https:///x"), false },
	{ "a space", place_is_url, SPAN_INIT("https://h.example/a b"), false },
	{ "a password", place_is_url, SPAN_INIT("https://a:b@h.example/"), false },
	{ "a file", place_is_url, SPAN_INIT("file:///etc/passwd"), false },
	{ "nothing", place_is_url, SPAN_INIT(""), false },

	{ "a pair", is_pair, SPAN_INIT("ns1.example.com=192.0.2.1"), true },
	{ "no address", is_pair, SPAN_INIT("ns1.example.com="), false },
	{ "no sign between", is_pair, SPAN_INIT("ns1.example.com"), false },
	{ "no name", is_pair, SPAN_INIT("=192.0.2.1"), false },
	{ "a name for an address", is_pair, SPAN_INIT("ns1.example.com=ns2.example.com"), false },
	{ "an address of mail", place_is_mailbox, SPAN_INIT("ops@example.com"), true },
	{ "nobody", place_is_mailbox, SPAN_INIT("@example.com"), false },
	{ "nowhere", place_is_mailbox, SPAN_INIT("ops@"), false },
	{ "no sign", place_is_mailbox, SPAN_INIT("ops"), false },
	{ "two signs", place_is_mailbox, SPAN_INIT("a@b@example.com"), false },
	{ "a name before it", place_is_mailbox, SPAN_INIT("Ops <ops@example.com>"), false },
	{ "two of them", place_is_mailbox, SPAN_INIT("a@example.com,b@example.com"), false },
};
/* clang-format on */

static void
test_rows(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		want_bool(&t, "is one", rows[i].is(rows[i].text), rows[i].want);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Silence of the peers, and of our own network. */
#include "io/reach.h"

#include "base/test_table.h"

enum { NOTES = 8 };

struct note {
	const char *address;
	bool smtp;
	enum talk_result result;
	enum talk_stage stage;
};

#define HTTPS(a, r)                                                            \
	{                                                                      \
		a, false, TALK_##r, STAGE_CONNECT                              \
	}
#define SMTP(a, r)                                                             \
	{                                                                      \
		a, true, TALK_##r, STAGE_CONNECT                               \
	}

static const struct {
	const char *label;
	struct note notes[NOTES];
	bool want_offline, want_smtp, want_v6;
} rows[] = {
	{ .label = "nothing yet" },
	{ .label = "two silent addresses",
	    .notes = { HTTPS("192.0.2.1", TIMEOUT),
		HTTPS("192.0.2.2", TIMEOUT) } },
	{ .label = "three",
	    .notes = { HTTPS("192.0.2.1", TIMEOUT),
		HTTPS("192.0.2.2", UNREACHABLE), HTTPS("192.0.2.3", TIMEOUT) },
	    .want_offline = true },
	{ .label = "one of them twice",
	    .notes = { HTTPS("192.0.2.1", TIMEOUT), HTTPS("192.0.2.2", TIMEOUT),
		HTTPS("192.0.2.1", TIMEOUT) } },
	{ .label = "an answer between",
	    .notes = { HTTPS("192.0.2.1", TIMEOUT), HTTPS("192.0.2.2", TIMEOUT),
		HTTPS("192.0.2.9", REFUSED), HTTPS("192.0.2.3", TIMEOUT) } },
	{ .label = "an answer ends it",
	    .notes = { HTTPS("192.0.2.1", TIMEOUT), HTTPS("192.0.2.2", TIMEOUT),
		HTTPS("192.0.2.3", TIMEOUT), HTTPS("192.0.2.4", TIMEOUT),
		{ "192.0.2.9", false, TALK_TIMEOUT, STAGE_HANDSHAKE } } },
	{ .label = "nobody was called",
	    .notes = { HTTPS("192.0.2.1", UNTRIED),
		HTTPS("192.0.2.2", UNFINISHED),
		HTTPS("192.0.2.3", NOT_ALLOWED) } },
	{ .label = "port 25 never worked here",
	    .notes = { SMTP("192.0.2.1", TIMEOUT), SMTP("192.0.2.2", TIMEOUT),
		SMTP("192.0.2.3", TIMEOUT) } },
	{ .label = "port 25 did work",
	    .notes = { SMTP("192.0.2.9", REFUSED), SMTP("192.0.2.1", TIMEOUT),
		SMTP("192.0.2.2", TIMEOUT), SMTP("192.0.2.3", TIMEOUT) },
	    .want_offline = true,
	    .want_smtp = true },
	{ .label = "no IPv6 here",
	    .notes = { HTTPS("2001:db8::1", UNREACHABLE),
		HTTPS("2001:db8::2", UNREACHABLE),
		HTTPS("2001:db8::3", UNREACHABLE) } },
	{ .label = "IPv6 did work",
	    .notes = { { "2001:db8::9", false, TALK_OK, STAGE_DONE },
		HTTPS("2001:db8::1", UNREACHABLE),
		HTTPS("2001:db8::2", UNREACHABLE),
		HTTPS("2001:db8::3", UNREACHABLE) },
	    .want_offline = true,
	    .want_v6 = true },
	{ .label = "a greeting is an answer on port 25",
	    .notes = { { "192.0.2.1", true, TALK_CLOSED, STAGE_GREETING } },
	    .want_smtp = true },
};

static void
test_rows(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct reach r = { 0 };

		t.label = rows[i].label;
		for (size_t k = 0; rows[i].notes[k].address != NULL; k++) {
			const struct note *n = &rows[i].notes[k];
			struct ip_addr a;

			assert_true(ip_parse(span_str(n->address), &a));
			reach_note(&r, a, n->smtp, n->result, n->stage);
		}
		want_bool(
		    &t, "offline", reach_is_offline(&r), rows[i].want_offline);
		want_bool(&t, "smtp works", r.smtp_works, rows[i].want_smtp);
		want_bool(&t, "IPv6 works", r.v6_works, rows[i].want_v6);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

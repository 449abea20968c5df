/* Settings of one domain: rows of text, and what is made of each. */
#include "core/settings.h"

#include "base/limits.h"
#include "base/test_table.h"

static const struct {
	const char *label, *text;
	const char *want; /* written again; NULL: refused */
	const char *want_error;
} rows[] = {
	{ "nothing", "", "", NULL },
	{ "every row",
	    "records-every=5m\nauthority-every=2h\npolicy-every=30m\n"
	    "mute=mx.none,flap\nintent=testing\nstatus-page=on\n",
	    "records-every=5m\nauthority-every=2h\npolicy-every=30m\n"
	    "mute=mx.none,flap\nintent=testing\nstatus-page=on\n",
	    NULL },
	{ "another order, no last newline, other units",
	    "intent=none\nmute=flap,mx.none,flap\nrecords-every=3600",
	    "records-every=1h\nmute=mx.none,flap\nintent=none\n", NULL },
	{ "an empty value is the default", "mute=\nrecords-every=\nintent=\n",
	    "", NULL },
	{ "off is the default", "status-page=off\n", "", NULL },
	{ "so is nothing", "status-page=\n", "", NULL },
	{ "neither on nor off", "status-page=yes\n", NULL,
	    "status-page takes on or off, not \"yes\"" },
	{ "the least", "records-every=10s\n", "records-every=10s\n", NULL },
	{ "less", "records-every=9s\n", NULL,
	    "records-every takes 10s to 1w, not \"9s\"" },
	{ "the most", "policy-every=7d\n", "policy-every=1w\n", NULL },
	{ "more", "policy-every=8d\n", NULL,
	    "policy-every takes 10s to 1w, not \"8d\"" },
	{ "no duration", "authority-every=soon\n", NULL,
	    "authority-every takes 10s to 1w, not \"soon\"" },
	{ "a number without end", "records-every=99999999999999999999d", NULL,
	    "records-every takes 10s to 1w, not \"99999999999999999999d\"" },
	{ "no such key", "colour=red\n", NULL,
	    "there is no setting \"colour\"" },
	{ "no key", "=5m\n", NULL, "there is no setting \"\"" },
	{ "no equals sign", "mute\n", NULL,
	    "a setting is KEY=VALUE, not \"mute\"" },
	{ "an empty line", "\nmute=flap\n", NULL,
	    "a setting is KEY=VALUE, not \"\"" },
	{ "a key twice", "mute=flap\nmute=mx.none\n", NULL,
	    "mute is there twice" },
	{ "no such check", "mute=flap,no.such\n", NULL,
	    "mute \"no.such\" is no check; see \"mtasts explain all\"" },
	{ "an empty check", "mute=flap,\n", NULL,
	    "mute \"\" is no check; see \"mtasts explain all\"" },
	{ "no mode", "intent=enforced\n", NULL,
	    "intent takes enforce, testing or none, not \"enforced\"" },
	{ "bytes that are no text", "intent=\033[2J\n", NULL,
	    "intent takes enforce, testing or none, not \"\\x1b[2J\"" },
};

static void
test_rows(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char mem[LIMIT_SETTINGS];
		struct buf b = buf_init(mem, sizeof mem);
		struct settings s, again;
		struct error e = { ERR_OK, "" };
		enum err rc = settings_parse(span_str(rows[i].text), &s, &e);

		t.label = rows[i].label;
		want_int(
		    &t, "rc", rc, rows[i].want != NULL ? ERR_OK : ERR_DATA);
		settings_write(&s, &b);
		want_span(&t, "text", buf_span(&b),
		    span_str(rows[i].want != NULL ? rows[i].want : ""));
		want_span(&t, "error", span_str(e.text),
		    span_str(
			rows[i].want_error != NULL ? rows[i].want_error : ""));
		want_int(&t, "read again",
		    settings_parse(buf_span(&b), &again, &e), ERR_OK);
		want_bool(
		    &t, "the same", memcmp(&s, &again, sizeof s) == 0, true);
	}
	assert_int_equal(t.failed, 0);
}

/* Whatever is set, it can be kept. */
static void
test_all_mute(void **state)
{
	char mem[LIMIT_SETTINGS];
	struct buf b = buf_init(mem, sizeof mem);
	struct settings s = { .intent = STS_MODE_ENFORCE, .status_page = true };
	struct settings again;

	(void)state;
	for (size_t i = 0; i < LOOKS; i++)
		s.every_s[i] = 604799;
	for (enum check_id id = 0; id < CHECKS; id++)
		s.mute[id] = true;
	settings_write(&s, &b);
	assert_false(b.overflow);
	assert_int_equal(settings_parse(buf_span(&b), &again, NULL), ERR_OK);
	assert_memory_equal(&s, &again, sizeof s);
}

static void
test_assign(void **state)
{
	struct settings s = { 0 };
	struct cadence c;
	struct error e;

	(void)state;
	settings_cadence(&s, &cadence_default, &c);
	assert_memory_equal(&c, &cadence_default, sizeof c);
	assert_false(settings_mutes(&s, CHECK_FLAP));
	assert_int_equal(
	    settings_assign(&s, SPAN("records-every=1m"), &e), ERR_OK);
	assert_int_equal(settings_assign(&s, SPAN("mute=flap"), &e), ERR_OK);
	settings_cadence(&s, &cadence_default, &c);
	assert_int_equal(c.every_s[LOOK_RECORDS], 60);
	assert_int_equal(
	    c.every_s[LOOK_POLICY], cadence_default.every_s[LOOK_POLICY]);
	assert_true(settings_mutes(&s, CHECK_FLAP));
	assert_false(settings_mutes(&s, CHECK_MX_NONE));
	/* What is refused changes nothing, not even in part. */
	assert_int_equal(
	    settings_assign(&s, SPAN("mute=mx.none,no.such"), &e), ERR_DATA);
	assert_true(settings_mutes(&s, CHECK_FLAP));
	assert_false(settings_mutes(&s, CHECK_MX_NONE));
	/* The new value takes the place of the old one. */
	assert_int_equal(settings_assign(&s, SPAN("mute=mx.none"), &e), ERR_OK);
	assert_false(settings_mutes(&s, CHECK_FLAP));
	assert_int_equal(settings_assign(&s, SPAN("mute="), &e), ERR_OK);
	assert_false(settings_mutes(&s, CHECK_MX_NONE));
	assert_int_equal(
	    settings_assign(&s, SPAN("status-page=on"), &e), ERR_OK);
	assert_int_equal(
	    settings_assign(&s, SPAN("status-page=On"), &e), ERR_DATA);
	assert_true(s.status_page);
	assert_int_equal(
	    settings_assign(&s, SPAN("status-page=off"), &e), ERR_OK);
	assert_false(s.status_page);
}

/* What a newer program has set, as far as it goes. */
static void
test_understand(void **state)
{
	char mem[LIMIT_SETTINGS];
	struct buf b = buf_init(mem, sizeof mem);
	struct settings s;
	struct tally t = { .label = "a newer program's" };

	(void)state;
	settings_understand(SPAN("records-every=5m\npolicy-every=9y\n"
				 "a key\nsleep=8h\nmute=flap,no.such,mx.none\n"
				 "intent=always\nauthority-every=2h"),
	    &s);
	settings_write(&s, &b);
	want_span(&t, "read", buf_span(&b),
	    SPAN("records-every=5m\nauthority-every=2h\n"
		 "mute=mx.none,flap\n"));
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_all_mute),
		cmocka_unit_test(test_assign),
		cmocka_unit_test(test_understand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

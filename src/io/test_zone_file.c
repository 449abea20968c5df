#include "io/zone_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"

static const struct {
	const char *label, *origin, *text, *want;
	const char *want_error; /* a part of it; NULL: none */
} rows[] = {
	{ "relative names, a blank owner, a comment", "example.net",
	    "@ 3600 IN SOA ns hostmaster 1 2 3 4 5\n"
	    "@ IN MX 10 mail ; the main one\n"
	    "  IN MX 20 mail2\n"
	    "Shop IN MX 10 mail\n"
	    "www IN A 192.0.2.1\n",
	    "example.net example.net shop.example.net", NULL },
	{ "$ORIGIN and $TTL of its own", "",
	    "$TTL 1h\n$ORIGIN example.org.\n@ MX 10 mx\na MX 10 mx.other.\n",
	    "example.org a.example.org", NULL },
	{ "parentheses over lines", "example.net",
	    "@ SOA ns hostmaster (\n 1 ; serial\n 2 3 4 5 )\n@ MX 10 mx\n",
	    "example.net", NULL },
	{ "RFC 7505 3: a null MX takes no mail", "example.net",
	    "@ MX 0 .\nb MX 10 mx\n", "b.example.net", NULL },
	{ "what is no domain of mail", "example.net",
	    "* MX 10 mx\n_x MX 10 mx\nc MX 10 mx\n", "c.example.net", NULL },
	{ "quoted strings do not end a line", "example.net",
	    "@ TXT \"; MX 10 nothing\"\n@ MX 10 mx\n", "example.net", NULL },
	{ "an empty file", "example.net", "", "", NULL },
	{ "no zone file", "example.net", "a MX 10 mx\nthis is a letter\n",
	    "a.example.net", "line 2" },
	{ "a preference that is none", "example.net", "@ MX ten mx\n", "",
	    "line 1" },
	{ "another file is not read", "example.net",
	    "$INCLUDE /etc/passwd\n@ MX 10 mx\n", "", "line 1" },
};

static bool
take(void *arg, struct span name)
{
	struct buf *b = arg;

	if (b->n > 0)
		buf_putc(b, ' ');
	buf_put(b, name);
	return true;
}

static void
test_rows(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char mem[256];
		struct buf got = buf_init(mem, sizeof mem);
		struct zone_file_reader r = { take, &got };
		struct error e = { 0 };
		FILE *f =
		    fmemopen((void *)rows[i].text, strlen(rows[i].text), "r");
		enum err rc;

		assert_non_null(f);
		rc = zone_file_read(f, span_str(rows[i].origin), &r, &e);
		fclose(f);
		if (!span_eq(buf_span(&got), span_str(rows[i].want)) ||
		    (rc == ERR_OK) != (rows[i].want_error == NULL) ||
		    (rc != ERR_OK &&
			strstr(e.text, rows[i].want_error) == NULL)) {
			print_error("%s: got \"%.*s\" %d \"%s\", want \"%s\"\n",
			    rows[i].label, (int)got.n, mem, rc, e.text,
			    rows[i].want);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

static bool
take_one(void *arg, struct span name)
{
	(void)name;
	++*(int *)arg;
	return false;
}

static void
test_enough(void **state)
{
	static const char text[] = "a MX 10 mx\nb MX 10 mx\n";
	int n = 0;
	struct zone_file_reader r = { take_one, &n };
	FILE *f = fmemopen((void *)text, sizeof text - 1, "r");

	(void)state;
	assert_int_equal(
	    zone_file_read(f, SPAN("example.net"), &r, NULL), ERR_OK);
	assert_int_equal(n, 1);
	fclose(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "wire/axfr.h"

#include "wire/test_axfr_text.h"

/* A stream as in test_axfr_text.h, the owners of its records, and the step that
 * ends it. */
/* clang-format off */
static const struct {
	const char	*label;
	struct span	 stream;
	const char	*want;
	enum axfr_step	 want_step;
} cases[] = {
	{ "RFC 5936 2.2: one message", SPAN_INIT(AXFR_FIRST ";MX example.net x;" AXFR_LAST), "example.net", AXFR_DONE },
	{ "RFC 5936 2.2: several messages, the later ones without a question",
	  SPAN_INIT(AXFR_FIRST ";MX example.net x|MX a.example.net x;A b.example.net|" AXFR_LAST),
	  "example.net a.example.net b.example.net", AXFR_DONE },
	{ "RFC 5936 2.2.1: the question again, in another case",
	  SPAN_INIT("Q EXAMPLE.net;SOA Example.Net 1;A A.example.NET|Q example.net;" AXFR_LAST), "a.example.net", AXFR_DONE },
	{ "no question", SPAN_INIT("SOA example.net 1;A a.example.net;" AXFR_LAST), "a.example.net", AXFR_DONE },
	{ "a message without records", SPAN_INIT(AXFR_FIRST "|Q example.net|A a.example.net;" AXFR_LAST), "a.example.net", AXFR_DONE },
	{ "owners outside of the zone", SPAN_INIT(AXFR_FIRST ";A ns.example.org;" AXFR_LAST), "ns.example.org", AXFR_DONE },
	{ "nothing but the SOA", SPAN_INIT(AXFR_FIRST "|" AXFR_LAST), "", AXFR_DONE },

	{ "not at its end yet", SPAN_INIT(AXFR_FIRST ";A a.example.net"), "a.example.net", AXFR_MORE },
	{ "RFC 5936 2.2.1: another id", SPAN_INIT("ID 4661;" AXFR_FIRST ";" AXFR_LAST), "", AXFR_OTHER_QUERY },
	{ "RFC 5936 2.2.1: another id later on", SPAN_INIT(AXFR_FIRST "|ID 4661;" AXFR_LAST), "", AXFR_OTHER_QUERY },
	{ "RFC 5936 2.2.1: another question", SPAN_INIT("Q example.org;SOA example.net 1;" AXFR_LAST), "", AXFR_OTHER_QUERY },
	{ "two questions", SPAN_INIT("Q example.net;" AXFR_FIRST ";" AXFR_LAST), "", AXFR_FORMAT },
	{ "the query comes back", SPAN_INIT("QUERY;" AXFR_FIRST), "", AXFR_FORMAT },
	{ "an error", SPAN_INIT("RCODE 5;Q example.net"), "", AXFR_RCODE },
	{ "an error in the middle", SPAN_INIT(AXFR_FIRST ";A a.example.net|RCODE 2"), "a.example.net", AXFR_RCODE },
	{ "another zone", SPAN_INIT("SOA example.org 1;SOA example.org 1"), "", AXFR_OTHER_ZONE },
	{ "a zone below", SPAN_INIT("SOA a.example.net 1"), "", AXFR_OTHER_ZONE },
	{ "a second zone behind the first", SPAN_INIT(AXFR_FIRST ";" AXFR_LAST ";SOA example.org 1;SOA example.org 1"), "",
	  AXFR_BEHIND_END },
	{ "a second zone inside the first", SPAN_INIT(AXFR_FIRST ";SOA example.org 1;" AXFR_LAST), "", AXFR_OTHER_ZONE },
	{ "a record behind the end", SPAN_INIT(AXFR_FIRST ";" AXFR_LAST ";A a.example.net"), "", AXFR_BEHIND_END },
	{ "RFC 5936 2.2: the last SOA is another one", SPAN_INIT(AXFR_FIRST "|SOA example.net 2"), "", AXFR_SOA_CHANGED },
	{ "RFC 5936 2.2: the first record is no SOA", SPAN_INIT("Q example.net;A a.example.net;" AXFR_LAST), "", AXFR_NO_ZONE },
	{ "an empty answer", SPAN_INIT("Q example.net"), "", AXFR_NO_ZONE },
	{ "a record that is not there", SPAN_INIT(AXFR_FIRST ";SHORT"), "", AXFR_FORMAT },
	{ "an SOA of one name", SPAN_INIT("BADSOA example.net"), "", AXFR_FORMAT },
	{ "a name that points to itself", SPAN_INIT(AXFR_FIRST ";LOOP"), "", AXFR_FORMAT },
};
/* clang-format on */

/* All records of a message; their owners go to names. */
static enum axfr_step
read_message(struct axfr *x, struct span message, struct buf *names)
{
	enum axfr_step step = axfr_message(x, message);

	while (step == AXFR_OK) {
		struct dns_record rr;

		step = axfr_next(x, &rr);
		if (step != AXFR_OK)
			break;
		if (names->n > 0)
			buf_putc(names, ' ');
		buf_put(names, dns_name_span(&rr.owner));
	}
	return step;
}

static void
test_cases(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		char mem[4096], names_mem[512];
		struct buf b = buf_init(mem, sizeof mem);
		struct buf names = buf_init(names_mem, sizeof names_mem);
		struct axfr x = axfr_init(SPAN(AXFR_ZONE), AXFR_ID);
		struct span text = cases[i].stream;
		enum axfr_step step = AXFR_MORE;

		t.label = cases[i].label;
		while (text.n > 0 && step == AXFR_MORE) {
			b.n = 0;
			axfr_put_message(&b, axfr_word(&text, '|'));
			step = read_message(
			    &x, span_skip(buf_span(&b), 2), &names);
		}
		want_int(&t, "step", step, cases[i].want_step);
		want_span(
		    &t, "owners", buf_span(&names), span_str(cases[i].want));
	}
	assert_int_equal(t.failed, 0);
}

/* Every beginning of a message, in memory of exactly that size. */
static void
test_cut_short(void **state)
{
	struct tally t = { .label = "cut short" };
	char mem[1024], names_mem[512];
	struct buf b = buf_init(mem, sizeof mem);

	(void)state;
	axfr_put_message(&b, SPAN(AXFR_FIRST ";MX a.example.net x;" AXFR_LAST));
	for (size_t n = 0; n < b.n - 2; n++) {
		char *exact = test_malloc(n + 1);
		struct buf names = buf_init(names_mem, sizeof names_mem);
		struct axfr x = axfr_init(SPAN(AXFR_ZONE), AXFR_ID);

		memcpy(exact, mem + 2, n);
		want_int(&t, "step",
		    read_message(&x, (struct span){ exact, n }, &names),
		    AXFR_FORMAT);
		test_free(exact);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "wire/sts_record.h"

#include "base/test_table.h"
#include "wire/test_rrset.h"

/* clang-format off */
static const struct {
	const char		*label;
	struct span		 text;
	enum sts_record_verdict	 want;
	struct span		 want_id;
	enum sts_record_fault	 want_fault;
	size_t			 want_bad_at;
} cases[] = {
	{ "RFC 8461 3.1: the example", SPAN_INIT("v=STSv1; id=20160831085700Z;"),
	  STS_RECORD_OK, SPAN_INIT("20160831085700Z"), 0, 0 },
	{ "RFC 8461 3.1: no final delimiter", SPAN_INIT("v=STSv1; id=1"),
	  STS_RECORD_OK, SPAN_INIT("1"), 0, 0 },
	{ "RFC 8461 3.1: no WSP", SPAN_INIT("v=STSv1;id=1;a=b;"),
	  STS_RECORD_OK, SPAN_INIT("1"), 0, 0 },
	{ "RFC 8461 3.1: WSP on both sides of ';'",
	  SPAN_INIT("v=STSv1;\t id=1 \t; a=b ; "),
	  STS_RECORD_OK, SPAN_INIT("1"), 0, 0 },
	{ "RFC 8461 3.1: WSP before the first ';' (reading A1)",
	  SPAN_INIT("v=STSv1 ;id=1"), STS_RECORD_OK, SPAN_INIT("1"), 0, 0 },
	{ "RFC 8461 3.1: an extension before the id",
	  SPAN_INIT("v=STSv1; a=b; id=1"), STS_RECORD_OK, SPAN_INIT("1"), 0, 0 },
	{ "RFC 8461 3.1: an id of 32",
	  SPAN_INIT("v=STSv1; id=12345678901234567890123456789abC"),
	  STS_RECORD_OK, SPAN_INIT("12345678901234567890123456789abC"), 0, 0 },
	{ "RFC 8461 3.1: extension names have '_', '-' and '.'",
	  SPAN_INIT("v=STSv1; id=1; a_b-c.d=!\"#$%&'()*+,/:<>?@[\\]^_`{|}~"),
	  STS_RECORD_OK, SPAN_INIT("1"), 0, 0 },
	{ "RFC 8461 3.1: an extension name of 32",
	  SPAN_INIT("v=STSv1; id=1; a2345678901234567890123456789012=b"),
	  STS_RECORD_OK, SPAN_INIT("1"), 0, 0 },
	{ "RFC 8461 3.1: \"ID\" is an extension",
	  SPAN_INIT("v=STSv1; ID=a-b; id=1"), STS_RECORD_OK, SPAN_INIT("1"), 0, 0 },

	{ "RFC 8461 3.1: nothing", SPAN_INIT(""),
	  STS_RECORD_OTHER, SPAN_INIT(""), 0, 0 },
	{ "RFC 8461 3.1: SPF", SPAN_INIT("v=spf1 -all"),
	  STS_RECORD_OTHER, SPAN_INIT(""), 0, 0 },
	{ "RFC 8461 3.1: the version is exact", SPAN_INIT("v=STSv10; id=1"),
	  STS_RECORD_OTHER, SPAN_INIT(""), 0, 0 },
	{ "RFC 8461 3.1: the version is case-sensitive", SPAN_INIT("v=stsv1; id=1"),
	  STS_RECORD_OTHER, SPAN_INIT(""), 0, 0 },
	{ "RFC 8461 3.1: so is its name", SPAN_INIT("V=STSv1; id=1"),
	  STS_RECORD_OTHER, SPAN_INIT(""), 0, 0 },
	{ "RFC 8461 3.1: it comes first", SPAN_INIT("id=1; v=STSv1;"),
	  STS_RECORD_OTHER, SPAN_INIT(""), 0, 0 },
	{ "RFC 8461 3.1: not even behind a space", SPAN_INIT(" v=STSv1; id=1"),
	  STS_RECORD_OTHER, SPAN_INIT(""), 0, 0 },
	{ "RFC 8461 3.1: a ';' follows", SPAN_INIT("v=STSv1"),
	  STS_RECORD_OTHER, SPAN_INIT(""), 0, 0 },

	{ "RFC 8461 3.1: no field", SPAN_INIT("v=STSv1;"),
	  STS_RECORD_NO_ID, SPAN_INIT(""), 0, 0 },
	{ "RFC 8461 3.1: no field, a space", SPAN_INIT("v=STSv1; "),
	  STS_RECORD_NO_ID, SPAN_INIT(""), 0, 0 },
	{ "RFC 8461 3.1: no id", SPAN_INIT("v=STSv1; a=b;"),
	  STS_RECORD_NO_ID, SPAN_INIT(""), 0, 0 },
	{ "RFC 8461 3.1: \"id\" is case-sensitive", SPAN_INIT("v=STSv1; Id=1;"),
	  STS_RECORD_NO_ID, SPAN_INIT(""), 0, 0 },

	{ "RFC 8461 3.1: an empty id", SPAN_INIT("v=STSv1; id=;"),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_ID, 12 },
	{ "RFC 8461 3.1: an empty id at the end", SPAN_INIT("v=STSv1; id="),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_ID, 12 },
	{ "RFC 8461 3.1: an id of 33 is not cut",
	  SPAN_INIT("v=STSv1; id=123456789012345678901234567890123"),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_ID, 44 },
	{ "RFC 8461 3.1: '-' in the id", SPAN_INIT("v=STSv1; id=2024-01;"),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_ID, 16 },
	{ "RFC 8461 3.1: '.' in the id", SPAN_INIT("v=STSv1; id=1.0"),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_ID, 13 },
	{ "RFC 8461 3.1: quotes round the id", SPAN_INIT("v=STSv1; id=\"1\""),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_ID, 12 },
	{ "RFC 8461 3.1: a space in the id", SPAN_INIT("v=STSv1; id=1 2"),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_ID, 13 },
	{ "RFC 8461 3.1: a comma in the id", SPAN_INIT("v=STSv1; id=1,2"),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_ID, 13 },
	{ "RFC 8461 3.1: no WSP before '='", SPAN_INIT("v=STSv1; id =1"),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_ID, 11 },
	{ "RFC 8461 3.1: no WSP behind '='", SPAN_INIT("v=STSv1; id= 1"),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_ID, 12 },
	{ "RFC 8461 3.1: a colon for '='", SPAN_INIT("v=STSv1; id:1"),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_ID, 11 },
	{ "RFC 8461 3.1: a digit that is not ASCII",
	  SPAN_INIT("v=STSv1; id=\xd9\xa1"),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_ID, 12 },
	{ "RFC 8461 3.1: NUL behind the id", SPAN_INIT("v=STSv1; id=1\0"),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_ID, 13 },
	{ "RFC 8461 3.2: a bad first id is not mended (reading A8)",
	  SPAN_INIT("v=STSv1; id=a-b; id=1"),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_ID, 13 },

	{ "RFC 8461 3.1: ';;'", SPAN_INIT("v=STSv1;; id=1"),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_DELIMITER, 8 },
	{ "RFC 8461 3.1: '; ;' at the end", SPAN_INIT("v=STSv1; id=1; ;"),
	  STS_RECORD_SYNTAX, SPAN_INIT("1"), STS_RECORD_FAULT_DELIMITER, 15 },
	{ "RFC 8461 3.1: a comma for ';'", SPAN_INIT("v=STSv1; id=1, a=b"),
	  STS_RECORD_SYNTAX, SPAN_INIT("1"), STS_RECORD_FAULT_DELIMITER, 13 },
	{ "RFC 8461 3.1: a comma at the end", SPAN_INIT("v=STSv1; id=1,"),
	  STS_RECORD_SYNTAX, SPAN_INIT("1"), STS_RECORD_FAULT_DELIMITER, 13 },
	{ "RFC 8461 3.1: a comma behind an extension",
	  SPAN_INIT("v=STSv1; a=b,id=1"),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_DELIMITER, 12 },
	{ "RFC 8461 3.1: a comma first", SPAN_INIT("v=STSv1; ,id=1"),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_DELIMITER, 9 },
	{ "RFC 8461 3.1: a space for ';'", SPAN_INIT("v=STSv1; id=1 a=b"),
	  STS_RECORD_SYNTAX, SPAN_INIT("1"), STS_RECORD_FAULT_DELIMITER, 13 },
	{ "RFC 8461 3.1: a space for ';' behind an extension",
	  SPAN_INIT("v=STSv1; a=b id=1"),
	  STS_RECORD_SYNTAX, SPAN_INIT(""), STS_RECORD_FAULT_DELIMITER, 12 },

	{ "RFC 8461 3.1: a space at the end (reading A3)",
	  SPAN_INIT("v=STSv1; id=1 "),
	  STS_RECORD_SYNTAX, SPAN_INIT("1"), STS_RECORD_FAULT_TRAILING_SPACE, 13 },
	{ "RFC 8461 3.1: a tab at the end (reading A3)",
	  SPAN_INIT("v=STSv1; id=1; a=b\t"),
	  STS_RECORD_SYNTAX, SPAN_INIT("1"), STS_RECORD_FAULT_TRAILING_SPACE, 18 },
	{ "RFC 8461 3.1: a space behind the final ';' is allowed",
	  SPAN_INIT("v=STSv1; id=1; "), STS_RECORD_OK, SPAN_INIT("1"), 0, 0 },

	{ "RFC 8461 3.1: an extension without a value",
	  SPAN_INIT("v=STSv1; id=1; a="),
	  STS_RECORD_SYNTAX, SPAN_INIT("1"), STS_RECORD_FAULT_EXTENSION, 17 },
	{ "RFC 8461 3.1: an extension without '='",
	  SPAN_INIT("v=STSv1; id=1; a"),
	  STS_RECORD_SYNTAX, SPAN_INIT("1"), STS_RECORD_FAULT_EXTENSION, 16 },
	{ "RFC 8461 3.1: an extension name may not begin with '-'",
	  SPAN_INIT("v=STSv1; id=1; -x=y"),
	  STS_RECORD_SYNTAX, SPAN_INIT("1"), STS_RECORD_FAULT_EXTENSION, 15 },
	{ "RFC 8461 3.1: an extension name of 33",
	  SPAN_INIT("v=STSv1; id=1; a23456789012345678901234567890123=b"),
	  STS_RECORD_SYNTAX, SPAN_INIT("1"), STS_RECORD_FAULT_EXTENSION, 47 },
	{ "RFC 8461 3.1: '=' in a value (base64)",
	  SPAN_INIT("v=STSv1; id=1; a=Zm8="),
	  STS_RECORD_SYNTAX, SPAN_INIT("1"), STS_RECORD_FAULT_EXTENSION, 20 },
	{ "RFC 8461 3.1: a space in a value", SPAN_INIT("v=STSv1; id=1; a=b c"),
	  STS_RECORD_SYNTAX, SPAN_INIT("1"), STS_RECORD_FAULT_EXTENSION, 18 },
	{ "RFC 8461 3.1: UTF-8 in a value", SPAN_INIT("v=STSv1; id=1; a=\xc3\xbc"),
	  STS_RECORD_SYNTAX, SPAN_INIT("1"), STS_RECORD_FAULT_EXTENSION, 17 },
	{ "RFC 8461 3.1: DEL in a value", SPAN_INIT("v=STSv1; id=1; a=b\x7f"),
	  STS_RECORD_SYNTAX, SPAN_INIT("1"), STS_RECORD_FAULT_EXTENSION, 18 },
	{ "RFC 8461 3.1: a second id is an extension; an empty one is none",
	  SPAN_INIT("v=STSv1; id=1; id="),
	  STS_RECORD_SYNTAX, SPAN_INIT("1"), STS_RECORD_FAULT_EXTENSION, 18 },
};

static const struct {
	const char			*label;
	struct span			 text;
	enum sts_record_near_miss	 want;
} near_misses[] = {
	{ "another TXT", SPAN_INIT("v=spf1 include:a.example -all"), STS_RECORD_NOT_NEAR },
	{ "a verification", SPAN_INIT("google-site-verification=abc"), STS_RECORD_NOT_NEAR },
	{ "TLSRPT", SPAN_INIT("v=TLSRPTv1; rua=mailto:a@a.example"), STS_RECORD_NOT_NEAR },
	{ "DMARC", SPAN_INIT("v=DMARC1; p=none"), STS_RECORD_NOT_NEAR },
	{ "quoted, another", SPAN_INIT("\"v=spf1 -all\""), STS_RECORD_NOT_NEAR },
	{ "nothing", SPAN_INIT(""), STS_RECORD_NOT_NEAR },
	{ "quotes alone", SPAN_INIT("\"\""), STS_RECORD_NOT_NEAR },
	{ "RFC 8461 3.1: quotes in the data", SPAN_INIT("\"v=STSv1; id=1\""), STS_RECORD_QUOTED },
	{ "RFC 8461 3.1: escaped quotes", SPAN_INIT("\\\"v=STSv1; id=1\\\""), STS_RECORD_QUOTED },
	{ "RFC 8461 3.1: single quotes", SPAN_INIT("'v=STSv1; id=1'"), STS_RECORD_QUOTED },
	{ "RFC 8461 3.1: typographic quotes", SPAN_INIT("\xe2\x80\x9cv=STSv1; id=1\xe2\x80\x9d"), STS_RECORD_QUOTED },
	{ "RFC 8461 3.1: an escaped semicolon", SPAN_INIT("v=STSv1\\; id=1"), STS_RECORD_QUOTED },
	{ "RFC 8461 3.1: a quote behind the version", SPAN_INIT("v=STSv1\" \"; id=1"), STS_RECORD_QUOTED },
	{ "RFC 8461 3.1: quotes, id first", SPAN_INIT("\"id=1; v=STSv1\""), STS_RECORD_QUOTED },
	{ "RFC 8461 3.1: a space before", SPAN_INIT(" v=STSv1; id=1"), STS_RECORD_VERSION_NOT_FIRST },
	{ "RFC 8461 3.1: a line end before", SPAN_INIT("\nv=STSv1; id=1"), STS_RECORD_VERSION_NOT_FIRST },
	{ "RFC 8461 3.1: id first", SPAN_INIT("id=1; v=STSv1"), STS_RECORD_VERSION_NOT_FIRST },
	{ "RFC 8461 3.1: a semicolon first", SPAN_INIT("; v=STSv1; id=1"), STS_RECORD_VERSION_NOT_FIRST },
	{ "RFC 8461 3.1: V", SPAN_INIT("V=STSv1; id=1"), STS_RECORD_VERSION_NOT_FIRST },
	{ "RFC 8461 3.1: a space before '='", SPAN_INIT("v =STSv1; id=1"), STS_RECORD_VERSION_NOT_FIRST },
	{ "RFC 8461 3.1: a space behind '='", SPAN_INIT("v= STSv1; id=1"), STS_RECORD_VERSION_NOT_FIRST },
	{ "RFC 8461 3.1: a colon", SPAN_INIT("v:STSv1; id=1"), STS_RECORD_VERSION_NOT_FIRST },
	{ "RFC 8461 3.1: no \"v=\"", SPAN_INIT("STSv1; id=1"), STS_RECORD_VERSION_NOT_FIRST },
	{ "RFC 8461 3.1: an id and nothing else", SPAN_INIT("id=20240101;"), STS_RECORD_VERSION_NOT_FIRST },
	{ "RFC 8461 3.1: STSv2", SPAN_INIT("v=STSv2; id=1"), STS_RECORD_VERSION_OTHER },
	{ "RFC 8461 3.1: STSv10", SPAN_INIT("v=STSv10; id=1"), STS_RECORD_VERSION_OTHER },
	{ "RFC 8461 3.1: stsv1", SPAN_INIT("v=stsv1; id=1"), STS_RECORD_VERSION_OTHER },
	{ "RFC 8461 3.1: STSV1", SPAN_INIT("v=STSV1; id=1"), STS_RECORD_VERSION_OTHER },
	{ "RFC 8461 3.1: STS1", SPAN_INIT("v=STS1; id=1"), STS_RECORD_VERSION_OTHER },
	{ "RFC 8461 3.1: MTA-STSv1", SPAN_INIT("v=MTA-STSv1; id=1"), STS_RECORD_VERSION_OTHER },
	{ "RFC 8461 3.1: a comma behind the version", SPAN_INIT("v=STSv1, id=1"), STS_RECORD_VERSION_DELIMITER },
	{ "RFC 8461 3.1: a space behind the version", SPAN_INIT("v=STSv1 id=1"), STS_RECORD_VERSION_DELIMITER },
	{ "RFC 8461 3.1: nothing behind the version", SPAN_INIT("v=STSv1id=1"), STS_RECORD_VERSION_DELIMITER },
	{ "RFC 8461 3.1: the version alone", SPAN_INIT("v=STSv1"), STS_RECORD_VERSION_DELIMITER },
	{ "RFC 8461 3.1: a colon behind the version", SPAN_INIT("v=STSv1: id=1"), STS_RECORD_VERSION_DELIMITER },
};

/* Records are separated by '\n', their strings by '|'. */
static const struct {
	const char		*label, *txt;
	enum sts_rrset_verdict	 want;
	size_t			 want_n;
	const char		*want_text, *want_id;
} rrsets[] = {
	{ "RFC 8461 3.1: one", "v=STSv1; id=1", STS_RRSET_OK, 1, "v=STSv1; id=1", "1" },
	{ "RFC 8461 3.1: strings are joined with nothing between",
	  "v=STS|v1; i|d=1|2", STS_RRSET_OK, 1, "v=STSv1; id=12", "12" },
	{ "RFC 8461 3.1: joined before the filter",
	  "v=STSv1|; id=1\nv=spf1 -all", STS_RRSET_OK, 1, "v=STSv1; id=1", "1" },
	{ "RFC 8461 3.1: separate records are not joined",
	  "v=STSv1;\nid=1", STS_RRSET_INVALID, 1, "v=STSv1;", "" },
	{ "RFC 8461 3.1: others are discarded",
	  "v=spf1 -all\nv=STSv1; id=1\nx=y", STS_RRSET_OK, 1, "v=STSv1; id=1", "1" },
	{ "RFC 8461 3.1: two are none",
	  "v=STSv1; id=1\nv=STSv1; id=2", STS_RRSET_MULTIPLE, 2, "v=STSv1; id=1", "1" },
	{ "RFC 8461 3.1: filtered first, counted second, parsed third",
	  "v=STSv1; nonsense\nv=STSv1; id=2", STS_RRSET_MULTIPLE, 2,
	  "v=STSv1; nonsense", "" },
	{ "RFC 8461 3.1: three, one of another version",
	  "v=STSv2; id=1\nv=STSv1; id=2\nv=STSv10; id=3", STS_RRSET_OK, 1,
	  "v=STSv1; id=2", "2" },
	{ "RFC 8461 3.1: none", "", STS_RRSET_NONE, 0, "", "" },
	{ "RFC 8461 3.1: none of several", "v=spf1 -all\na", STS_RRSET_NONE, 0, "", "" },
	{ "RFC 8461 3.1: one that does not parse",
	  "v=STSv1; id=", STS_RRSET_INVALID, 1, "v=STSv1; id=", "" },
	{ "RFC 8461 3.1: a space before the first ';', alone (reading A1)",
	  "v=STSv1 ; id=1", STS_RRSET_OK, 1, "v=STSv1 ; id=1", "1" },
	{ "RFC 8461 3.1: beside another TXT it is discarded (reading A2)",
	  "v=STSv1 ; id=1\nv=spf1 -all", STS_RRSET_NONE, 0, "", "" },
	{ "RFC 8461 3.1: beside a literal one it is discarded (reading A2)",
	  "v=STSv1 ; id=1\nv=STSv1; id=2", STS_RRSET_OK, 1, "v=STSv1; id=2", "2" },
	{ "RFC 8461 3.1: a trailing space (reading A3)",
	  "v=STSv1; id=1 ", STS_RRSET_INVALID, 1, "v=STSv1; id=1 ", "1" },
};
/* clang-format on */

static void
test_parse(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(cases); i++) {
		struct sts_record got;
		enum sts_record_verdict v =
		    sts_record_parse(cases[i].text, &got);

		t.label = cases[i].label;
		want_int(&t, "verdict", v, cases[i].want);
		want_span(&t, "id", got.id, cases[i].want_id);
		want_int(&t, "fault", got.fault, cases[i].want_fault);
		want_size(&t, "bad at", got.bad_at, cases[i].want_bad_at);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_flags(void **state)
{
	static const struct {
		const char *label;
		struct span text;
		bool space, duplicate;
	} rows[] = {
		{ "neither", SPAN_INIT("v=STSv1; id=1"), false, false },
		{ "RFC 8461 3.1: a space (erratum 6285)",
		    SPAN_INIT("v=STSv1 ; id=1"), true, false },
		{ "RFC 8461 3.1: a tab", SPAN_INIT("v=STSv1\t; id=1"), true,
		    false },
		{ "RFC 8461 3.2: two ids, the first counts",
		    SPAN_INIT("v=STSv1; id=1; id=2"), false, true },
		{ "RFC 8461 3.2: the second may be an extension",
		    SPAN_INIT("v=STSv1; id=1; id=a-b"), false, true },
		{ "RFC 8461 3.2: two of another name",
		    SPAN_INIT("v=STSv1; id=1; a=1; a=2"), false, false },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct sts_record got;

		t.label = rows[i].label;
		want_int(&t, "verdict", sts_record_parse(rows[i].text, &got),
		    STS_RECORD_OK);
		want_span(&t, "id", got.id, SPAN("1"));
		want_bool(
		    &t, "space", got.space_before_semicolon, rows[i].space);
		want_bool(&t, "duplicate", got.duplicate_id, rows[i].duplicate);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_near(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(near_misses); i++) {
		struct sts_record rec;

		t.label = near_misses[i].label;
		want_int(&t, "verdict",
		    sts_record_parse(near_misses[i].text, &rec),
		    STS_RECORD_OTHER);
		want_int(&t, "near miss", sts_record_near(near_misses[i].text),
		    near_misses[i].want);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_rrset(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rrsets); i++) {
		struct dns_txt txt[8];
		struct sts_rrset set;
		struct arena a;
		size_t n;

		arena_init(&a, 1 << 16);
		n = make_rrset(span_str(rrsets[i].txt), &a, txt);
		set = sts_rrset_parse(txt, n, &a);
		t.label = rrsets[i].label;
		want_int(&t, "verdict", set.verdict, rrsets[i].want);
		want_size(&t, "count", set.n_sts, rrsets[i].want_n);
		want_span(&t, "text", set.text, span_str(rrsets[i].want_text));
		want_span(&t, "id", set.record.id, span_str(rrsets[i].want_id));
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

static void
rrset_in(struct arena *a, const void *arg)
{
	struct sts_rrset set = sts_rrset_parse(arg, 2, a);

	if (!a->failed)
		assert_int_equal(set.verdict, STS_RRSET_OK);
}

static void
test_memory(void **state)
{
	struct dns_txt txt[8];
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 16);
	make_rrset(SPAN("v=STSv1;| id=1\nv=spf1 -all"), &a, txt);
	sweep_memory(rrset_in, txt);
	arena_release(&a);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_rrset),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("sts_record", tests, NULL, NULL);
}

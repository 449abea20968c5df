#include "wire/sts_policy.h"

#include "base/limits.h"
#include "base/test_table.h"

/* A row is a body, what a sender makes of it, and what is told about it:
 *
 *   want	"valid|void strict|loose <mode> <max_age> <mx>..."
 *   told	"<line>:<column> <KIND> '<what>' (<meant>)", one a line; without
 *		a place if it is about the whole file
 */
#define V "version: STSv1\n"
#define M "mode: enforce\n"
#define X "mx: mx.a.example\n"
#define A "max_age: 604800\n"

#define GOOD "valid strict enforce 604800 mx.a.example"
#define LOOSE "valid loose enforce 604800 mx.a.example"
#define VOID "void loose enforce 604800 mx.a.example"

struct row {
	const char *label;
	struct span body;
	const char *want, *told;
};

#define BODY(...) SPAN_INIT(__VA_ARGS__)

/* clang-format off */
static const struct row lines[] = {
	{ "RFC 8461 3.2: a policy, lines ended by LF",
	  BODY(V M X A), GOOD, "" },
	{ "RFC 8461 3.2: lines ended by CRLF",
	  BODY("version: STSv1\r\nmode: enforce\r\nmx: mx.a.example\r\n"
	       "max_age: 604800\r\n"), GOOD, "" },
	{ "RFC 8461 3.2: LF and CRLF mixed (erratum 6253)",
	  BODY("version: STSv1\r\n" M "mx: mx.a.example\r\n" A), GOOD, "" },
	{ "RFC 8461 3.2: the last line end is optional",
	  BODY(V M X "max_age: 604800"), GOOD, "" },
	{ "RFC 8461 3.2: any order; the version first is custom only",
	  BODY(A X M V), GOOD, "4:1 VERSION_NOT_FIRST 'version'" },
	{ "RFC 8461 3.2: mx may stand among the others",
	  BODY(V "mx: mx.a.example\n" M "mx: mx2.a.example\n" A),
	  "valid strict enforce 604800 mx.a.example mx2.a.example", "" },
	{ "RFC 8461 3.2: WSP behind the colon and the value, or none",
	  BODY("version:STSv1\nmode:\t enforce \t\nmx:mx.a.example \n"
	       "max_age:604800\t\n"), GOOD, "" },
	{ "RFC 8461 3.2: the first colon only",
	  BODY(V M X A "note: a:b::c\n"), GOOD, "5:1 UNKNOWN_KEY 'note'" },
	{ "RFC 8461 3.2: other line ends of Unicode are text",
	  BODY(V M X A "note: a\xe2\x80\xa8mode\xc2\x85z\n"), GOOD,
	  "5:1 UNKNOWN_KEY 'note'" },
	{ "RFC 8461 3.2: vertical tab and form feed are no line ends",
	  BODY(V M X A "note: a\fb\n"), LOOSE, "5:8 ENCODING '\\x0c'" },

	{ "RFC 8461 3.2: empty", BODY(""), "void loose - -", "EMPTY" },
	{ "RFC 8461 3.2: nothing but white space",
	  BODY(" \r\n\t\n\n"), "void loose - -", "EMPTY" },
	{ "RFC 8461 3.2: a blank line in the middle (reading A5)",
	  BODY(V "\n" M X A), LOOSE, "2:1 BLANK_LINE ''" },
	{ "RFC 8461 3.2: a blank line at the end",
	  BODY(V M X A "\n"), LOOSE, "5:1 BLANK_LINE ''" },
	{ "RFC 8461 3.2: blank lines at the end, told once",
	  BODY(V M X A "\r\n\r\n\r\n"), LOOSE, "5:1 BLANK_LINE ''" },
	{ "RFC 8461 3.2: a line of white space is blank",
	  BODY(V M " \t\n" X A), LOOSE, "3:1 BLANK_LINE ' \\x09'" },
	{ "RFC 8461 3.2: each run of blank lines is told",
	  BODY(V "\n" M "\n\n" X A), LOOSE,
	  "2:1 BLANK_LINE ''\n4:1 BLANK_LINE ''" },
	{ "RFC 8461 3.2: blank line before the first",
	  BODY("\n" V M X A), LOOSE, "1:1 BLANK_LINE ''" },

	{ "RFC 8461 3.2: a line without a colon",
	  BODY(V M X A "nonsense\n"), VOID, "5:1 NO_COLON 'nonsense'" },
	{ "RFC 8461 3.2: no colon in mode; mode is not missing besides",
	  BODY(V "mode enforce\n" X A),
	  "void loose - 604800 mx.a.example", "2:1 NO_COLON 'mode enforce'" },
	{ "RFC 8461 3.2: '=' for the colon",
	  BODY(V M "mx=mx.a.example\n" A),
	  "void loose enforce 604800", "3:1 NO_COLON 'mx=mx.a.example'" },
	{ "RFC 8461 3.1: the TXT record served as the file",
	  BODY("v=STSv1; id=1\n"), "void loose - -",
	  "VERSION_BAD\nMODE_MISSING\nMAX_AGE_INVALID\n"
	  "1:1 NO_COLON 'v=STSv1; id=1'" },
	{ "RFC 8461 3.2: a comment line is COMMENT, not NO_COLON",
	  BODY("# our policy\n" V M X A), VOID, "1:1 COMMENT '# our policy'" },
	{ "RFC 8461 3.2: an indented comment",
	  BODY(V M X A "  # a: b\n"), VOID, "5:3 COMMENT '# a: b'" },
	{ "RFC 8461 3.2: a comment behind max_age, told once",
	  BODY(V M X "max_age: 604800 # a week\n"), VOID,
	  "4:17 COMMENT '# a week'" },
	{ "RFC 8461 3.2: a comment behind mode",
	  BODY(V "mode: enforce# or testing\n" X A), VOID,
	  "2:14 COMMENT '# or testing'" },
	{ "RFC 8461 3.2: a comment behind mx",
	  BODY(V M "mx: mx.a.example # primary\n" A), VOID,
	  "3:18 COMMENT '# primary'" },
	{ "RFC 8461 3.2: a comment for a value",
	  BODY(V "mode: # to be decided\n" X A),
	  "void loose - 604800 mx.a.example", "2:7 COMMENT '# to be decided'" },
	{ "RFC 8461 3.2: a bad value before a comment is a second cause",
	  BODY(V "mode: enforced # !\n" X A),
	  "void loose - 604800 mx.a.example",
	  "2:7 MODE_INVALID 'enforced'\n2:16 COMMENT '# !'" },
	{ "RFC 8461 3.2: '#' in an extension is its value",
	  BODY(V M X A "note: a # b\n"), GOOD, "5:1 UNKNOWN_KEY 'note'" },
	{ "RFC 8461 3.2: WSP before the name; nothing is missing besides",
	  BODY(V " mode: enforce\n" X A),
	  "void loose - 604800 mx.a.example",
	  "2:1 LEADING_SPACE ' mode: enforce'" },
	{ "RFC 8461 3.2: all keys indented",
	  BODY("\tversion: STSv1\n\tmode: none\n\tmax_age: 1\n"),
	  "void loose - -",
	  "1:1 LEADING_SPACE '\\x09version: STSv1'\n"
	  "2:1 LEADING_SPACE '\\x09mode: none'\n"
	  "3:1 LEADING_SPACE '\\x09max_age: 1'" },
	{ "RFC 8461 3.2: no folding",
	  BODY(V M "mx: mx.a.example\n mx2.a.example\n" A), VOID,
	  "4:1 LEADING_SPACE ' mx2.a.example'" },
};

static const struct row bytes[] = {
	{ "RFC 8461 3.2: HTML alone is told",
	  BODY("\n <!DOCTYPE html>\n<title>404</title>\n"), "void loose - -",
	  "2:2 HTML '<!DOCTYPE html>'" },
	{ "RFC 8461 3.2: HTML in one line",
	  BODY("<p>mode: enforce"), "void loose - -",
	  "1:1 HTML '<p>mode: enforce'" },
	{ "RFC 8461 3.2: HTML with bare CR",
	  BODY("<p>\rmode: enforce"), "void loose - -", "1:1 HTML '<p>'" },
	{ "RFC 8461 3.2: HTML behind a byte order mark",
	  BODY("\xef\xbb\xbf<html>"), "void loose - -", "1:4 HTML '<html>'" },
	{ "RFC 8461 3.2: JSON",
	  BODY("{\"version\": \"STSv1\"}"), "void loose - -",
	  "1:1 HTML '{\"version\": \"STSv1\"}'" },
	{ "RFC 8461 3.2: UTF-8 byte order mark; the rest is read",
	  BODY("\xef\xbb\xbf" V M X "max_age: x\n"),
	  "void loose enforce - mx.a.example",
	  "1:1 BOM '\\xef\\xbb\\xbf'\n4:10 MAX_AGE_INVALID 'x'" },
	{ "RFC 8461 3.2: columns of line 1 count the mark",
	  BODY("\xef\xbb\xbfversion: STSv2\n" M X A), VOID,
	  "1:1 BOM '\\xef\\xbb\\xbf'\n1:13 VERSION_BAD 'STSv2'" },
	{ "RFC 8461 3.2: UTF-16, big end first",
	  BODY("\xfe\xff\0v\0e\0r"), "void loose - -", "1:1 BOM '\\xfe\\xff'" },
	{ "RFC 8461 3.2: UTF-16, little end first",
	  BODY("\xff\xfev\0e\0r\0"), "void loose - -", "1:1 BOM '\\xff\\xfe'" },
	{ "RFC 8461 3.2: a byte order mark and nothing else",
	  BODY("\xef\xbb\xbf"), "void loose - -",
	  "EMPTY\n1:1 BOM '\\xef\\xbb\\xbf'" },

	{ "RFC 8461 3.2: bare CR, told once; the rest is read",
	  BODY("version: STSv1\rmode: enforce\rmx: mx.a.example\r"
	       "max_age: 604800\r"), VOID, "1:15 BARE_CR '\\x0d'" },
	{ "RFC 8461 3.2: CR at the end of the file",
	  BODY(V M X "max_age: 604800\r"), VOID, "4:16 BARE_CR '\\x0d'" },
	{ "RFC 8461 3.2: CR CR LF is one line end with a CR too many",
	  BODY("version: STSv1\r\r\nmode: enforce\r\r\nmx: mx.a.example\r\r\n"
	       "max_age: 604800\r\r\n"), VOID, "1:15 BARE_CR '\\x0d'" },

	{ "RFC 8461 3.2: Latin-1 in an extension (reading A5)",
	  BODY(V M X A "note: f\xfcr\n"), LOOSE, "5:8 ENCODING '\\xfc'" },
	{ "RFC 8461 3.2: UTF-8 in an extension is grammatical",
	  BODY(V M X A "note: f\xc3\xbcr\n"), GOOD, "5:1 UNKNOWN_KEY 'note'" },
	{ "RFC 8461 3.2: NUL in a value; the mode is not told besides",
	  BODY(V "mode: enforce\0\n" X A),
	  "void loose - 604800 mx.a.example", "2:14 ENCODING '\\x00'" },
	{ "RFC 8461 3.2: a control octet in an mx",
	  BODY(V M "mx: mx\x01.a.example\n" A),
	  "void loose enforce 604800", "3:7 ENCODING '\\x01'" },
	{ "RFC 8461 3.2: Latin-1 in a key",
	  BODY(V M X A "gr\xfc\xdf" "e: x\n"), LOOSE,
	  "5:3 ENCODING '\\xfc\\xdf'" },
	{ "RFC 8461 3.2: Latin-1 in a line without a colon",
	  BODY(V M X A "f\xfcr alle\n"), VOID, "5:2 ENCODING '\\xfc'" },
	{ "RFC 8461 3.2: DEL",
	  BODY(V M X A "note: a\x7f\n"), LOOSE, "5:8 ENCODING '\\x7f'" },
	{ "RFC 8461 3.2: one report a line",
	  BODY(V M X A "note: \xff.\xfe.\xfd\nnote2: \xff\n"), LOOSE,
	  "5:7 ENCODING '\\xff'\n6:8 ENCODING '\\xff'" },
};

static const struct row names[] = {
	{ "RFC 8461 3.2: names are case-sensitive (Mode)",
	  BODY(V "Mode: enforce\n" X A),
	  "void loose - 604800 mx.a.example", "2:1 KEY_CASE 'Mode' (mode)" },
	{ "RFC 8461 3.2: names are case-sensitive (MX)",
	  BODY(V M "MX: mx.a.example\n" A),
	  "void loose enforce 604800", "3:1 KEY_CASE 'MX' (mx)" },
	{ "RFC 8461 3.2: names are case-sensitive (Version)",
	  BODY("Version: STSv1\n" M X A), VOID,
	  "1:1 KEY_CASE 'Version' (version)" },
	{ "RFC 8461 3.2: names are case-sensitive (Max_Age)",
	  BODY(V M X "Max_Age: 1\n"), "void loose enforce - mx.a.example",
	  "4:1 KEY_CASE 'Max_Age' (max_age)" },
	{ "RFC 8461 3.2: beside the right one it is an extension",
	  BODY(V M X A "Mode: none\n"), GOOD, "5:1 KEY_CASE 'Mode' (mode)" },
	{ "RFC 8461 3.2: one of several mx in capitals is ignored",
	  BODY(V M X "Mx: mx2.a.example\n" A), GOOD,
	  "4:1 KEY_CASE 'Mx' (mx)" },

	{ "RFC 8461 3.2: unknown fields are ignored",
	  BODY(V M X A "contact: a@a.example\nfoo.bar-baz_1: x y\n"), GOOD,
	  "5:1 UNKNOWN_KEY 'contact'\n6:1 UNKNOWN_KEY 'foo.bar-baz_1'" },
	{ "RFC 8461 3.2: an unknown field before all",
	  BODY("x-a: 1\n" V M X A), GOOD,
	  "1:1 UNKNOWN_KEY 'x-a'\n2:1 VERSION_NOT_FIRST 'version'" },
	{ "RFC 8461 3.2: a name of 32 octets",
	  BODY(V M X A "a2345678901234567890123456789012: x\n"), GOOD,
	  "5:1 UNKNOWN_KEY 'a2345678901234567890123456789012'" },
	{ "RFC 8461 3.2: a name of 33 octets (reading A5)",
	  BODY(V M X A "a23456789012345678901234567890123: x\n"), LOOSE,
	  "5:1 EXT_INVALID 'a23456789012345678901234567890123'" },
	{ "RFC 8461 3.2: a name may not begin with '-'",
	  BODY(V M X A "-a: x\n"), LOOSE, "5:1 EXT_INVALID '-a'" },
	{ "RFC 8461 3.2: no space in a name",
	  BODY(V M X A "foo bar: x\n"), LOOSE, "5:1 EXT_INVALID 'foo bar'" },
	{ "RFC 8461 3.2: no space between name and colon",
	  BODY(V M X A "foo : x\n"), LOOSE, "5:1 EXT_INVALID 'foo '" },
	{ "RFC 8461 3.2: a known name with a space before the colon",
	  BODY(V "mode : enforce\n" X A),
	  "void loose - 604800 mx.a.example",
	  "2:1 EXT_INVALID 'mode ' (mode)" },
	{ "RFC 8461 3.2: the same beside the right one",
	  BODY(V M X A "mode\t: none\n"), LOOSE,
	  "5:1 EXT_INVALID 'mode\\x09' (mode)" },
	{ "RFC 8461 3.2: an mx with a space before the colon is no mx",
	  BODY(V M X "mx : mx2.a.example\n" A), LOOSE,
	  "4:1 EXT_INVALID 'mx ' (mx)" },
	{ "RFC 8461 3.2: an empty name",
	  BODY(V M X A ": x\n"), LOOSE, "5:1 EXT_INVALID ''" },
	{ "RFC 8461 3.2: an empty value",
	  BODY(V M X A "foo:\n"), LOOSE, "5:1 EXT_INVALID 'foo'" },
	{ "RFC 8461 3.2: a value of white space is empty",
	  BODY(V M X A "foo: \t\n"), LOOSE, "5:1 EXT_INVALID 'foo'" },
	{ "RFC 8461 3.2: no tab inside a value",
	  BODY(V M X A "foo: a\tb\n"), LOOSE, "5:6 EXT_INVALID 'a\\x09b'" },
	{ "RFC 8461 3.2: a URL pasted",
	  BODY(V M X A "://a.example\n"), LOOSE, "5:1 EXT_INVALID ''" },

	{ "RFC 8461 3.2: nmx", BODY(V M X "nmx: mx2.a.example\n" A), GOOD,
	  "4:1 TYPO_KEY 'nmx' (mx)" },
	{ "RFC 8461 3.2: mxs, and no mx", BODY(V M "mxs: mx.a.example\n" A),
	  "void loose enforce 604800", "3:1 TYPO_KEY 'mxs' (mx)" },
	{ "RFC 8461 3.2: m", BODY(V M X A "m: x\n"), GOOD,
	  "5:1 TYPO_KEY 'm' (mx)" },
	{ "RFC 8461 3.2: tx", BODY(V M X A "tx: x\n"), GOOD,
	  "5:1 TYPO_KEY 'tx' (mx)" },
	{ "RFC 8461 3.2: xm", BODY(V M X A "xm: x\n"), GOOD,
	  "5:1 TYPO_KEY 'xm' (mx)" },
	{ "RFC 8461 3.2: mx1", BODY(V M X A "mx1: x\n"), GOOD,
	  "5:1 TYPO_KEY 'mx1' (mx)" },
	{ "RFC 8461 3.2: maxage", BODY(V M X "maxage: 604800\n"),
	  "void loose enforce - mx.a.example",
	  "4:1 TYPO_KEY 'maxage' (max_age)" },
	{ "RFC 8461 3.2: max-age", BODY(V M X "max-age: 604800\n"),
	  "void loose enforce - mx.a.example",
	  "4:1 TYPO_KEY 'max-age' (max_age)" },
	{ "RFC 8461 3.2: max age", BODY(V M X "max age: 604800\n"),
	  "void loose enforce - mx.a.example",
	  "4:1 TYPO_KEY 'max age' (max_age)" },
	{ "RFC 8461 3.2: MAX-AGE", BODY(V M X "MAX-AGE: 604800\n"),
	  "void loose enforce - mx.a.example",
	  "4:1 TYPO_KEY 'MAX-AGE' (max_age)" },
	{ "RFC 8461 3.2: modes", BODY(V "modes: enforce\n" X A),
	  "void loose - 604800 mx.a.example", "2:1 TYPO_KEY 'modes' (mode)" },
	{ "RFC 8461 3.2: mod", BODY(V "mod: enforce\n" X A),
	  "void loose - 604800 mx.a.example", "2:1 TYPO_KEY 'mod' (mode)" },
	{ "RFC 8461 3.2: moed", BODY(V "moed: enforce\n" X A),
	  "void loose - 604800 mx.a.example", "2:1 TYPO_KEY 'moed' (mode)" },
	{ "RFC 8461 3.2: verison", BODY("verison: STSv1\n" M X A), VOID,
	  "1:1 TYPO_KEY 'verison' (version)" },
	{ "RFC 8461 3.2: two edits away is a word of its own",
	  BODY(V M X A "xy: 1\nmoods: 1\nage: 1\n"), GOOD,
	  "5:1 UNKNOWN_KEY 'xy'\n6:1 UNKNOWN_KEY 'moods'\n"
	  "7:1 UNKNOWN_KEY 'age'" },
	{ "RFC 8461 3.2: words that mean something",
	  BODY(V M X A "max: 1\nnode: 1\ncode: 1\n"), GOOD,
	  "5:1 UNKNOWN_KEY 'max'\n6:1 UNKNOWN_KEY 'node'\n"
	  "7:1 UNKNOWN_KEY 'code'" },
	{ "RFC 8461 3.1: an id in the file", BODY(V M X A "id: 2024\n"), GOOD,
	  "5:1 ID_IN_FILE 'id'" },
	{ "RFC 8461 3.1: an id without a value", BODY(V M X A "id:\n"), LOOSE,
	  "5:1 EXT_INVALID 'id'" },

	{ "RFC 8461 3.2: of a repeated mode the first counts",
	  BODY(V M X A "mode: none\n"), GOOD, "5:1 DUPLICATE_KEY 'mode'" },
	{ "RFC 8461 3.2: of a repeated version the first counts",
	  BODY(V M X A "version: STSv2\n"), GOOD,
	  "5:1 DUPLICATE_KEY 'version'" },
	{ "RFC 8461 3.2: of a repeated max_age the first counts",
	  BODY(V M X A "max_age: 1\n"), GOOD, "5:1 DUPLICATE_KEY 'max_age'" },
	{ "RFC 8461 3.2: a malformed first is not mended (reading A8)",
	  BODY(V "mode: x\n" M X A), "void loose - 604800 mx.a.example",
	  "2:7 MODE_INVALID 'x'\n3:1 DUPLICATE_KEY 'mode'" },
	{ "RFC 8461 3.2: a repeated one is an extension to the grammar",
	  BODY(V M X A "mode: a # b\nmode:\n"), LOOSE,
	  "5:1 DUPLICATE_KEY 'mode'\n6:1 DUPLICATE_KEY 'mode'" },
	{ "RFC 8461 3.2: two policies in one file",
	  BODY(V M X A V "mode: none\n" "mx: mx2.a.example\n" "max_age: 1\n"),
	  "valid strict enforce 604800 mx.a.example mx2.a.example",
	  "5:1 DUPLICATE_KEY 'version'\n6:1 DUPLICATE_KEY 'mode'\n"
	  "8:1 DUPLICATE_KEY 'max_age'" },
};

static const struct row values[] = {
	{ "RFC 8461 3.2: version is missing",
	  BODY(M X A), VOID, "VERSION_BAD" },
	{ "RFC 8461 3.2: version is case-sensitive",
	  BODY("version: stsv1\n" M X A), VOID, "1:10 VERSION_BAD 'stsv1'" },
	{ "RFC 8461 3.2: version STSv2",
	  BODY("version: STSv2\n" M X A), VOID, "1:10 VERSION_BAD 'STSv2'" },
	{ "RFC 8461 3.2: version with a semicolon",
	  BODY("version: STSv1;\n" M X A), VOID, "1:10 VERSION_BAD 'STSv1;'" },
	{ "RFC 8461 3.2: version in quotes",
	  BODY("version: \"STSv1\"\n" M X A), VOID,
	  "1:10 VERSION_BAD '\"STSv1\"'" },
	{ "RFC 8461 3.2: version is empty",
	  BODY("version:\n" M X A), VOID, "1:9 VERSION_BAD ''" },
	{ "RFC 8461 3.2: version may stand anywhere",
	  BODY(M V X A), GOOD, "2:1 VERSION_NOT_FIRST 'version'" },

	{ "RFC 8461 3.2: mode is missing", BODY(V X A),
	  "void loose - 604800 mx.a.example", "MODE_MISSING" },
	{ "RFC 8461 3.2: mode testing", BODY(V "mode: testing\n" X A),
	  "valid strict testing 604800 mx.a.example", "" },
	{ "RFC 8461 3.2: mode none needs no mx",
	  BODY(V "mode: none\n" "max_age: 86400\n"), "valid strict none 86400",
	  "" },
	{ "RFC 8461 3.2: mode none may have mx", BODY(V "mode: none\n" X A),
	  "valid strict none 604800 mx.a.example", "" },
	{ "RFC 8461 3.2: mode enforced", BODY(V "mode: enforced\n" X A),
	  "void loose - 604800 mx.a.example", "2:7 MODE_INVALID 'enforced'" },
	{ "RFC 8461 3.2: mode is case-sensitive", BODY(V "mode: Enforce\n" X A),
	  "void loose - 604800 mx.a.example", "2:7 MODE_INVALID 'Enforce'" },
	{ "RFC 8461 3.2: mode report, of a draft", BODY(V "mode:report\n" X A),
	  "void loose - 604800 mx.a.example", "2:6 MODE_INVALID 'report'" },
	{ "RFC 8461 3.2: mode is empty", BODY(V "mode: \n" X A),
	  "void loose - 604800 mx.a.example", "2:7 MODE_INVALID ''" },
	{ "RFC 8461 3.2: mode in quotes", BODY(V "mode: \"none\"\n" X A),
	  "void loose - 604800 mx.a.example", "2:7 MODE_INVALID '\"none\"'" },

	{ "RFC 8461 3.2: max_age is missing", BODY(V M X),
	  "void loose enforce - mx.a.example", "MAX_AGE_INVALID" },
	{ "RFC 8461 3.2: max_age 0 is legal", BODY(V M X "max_age: 0\n"),
	  "valid strict enforce 0 mx.a.example", "" },
	{ "RFC 8461 3.2: ten digits", BODY(V M X "max_age: 0000604800\n"),
	  GOOD, "" },
	{ "RFC 8461 3.2: eleven digits", BODY(V M X "max_age: 00000604800\n"),
	  "void loose enforce - mx.a.example",
	  "4:10 MAX_AGE_INVALID '00000604800'" },
	{ "RFC 8461 3.2: the maximum", BODY(V M X "max_age: 31557600\n"),
	  "valid strict enforce 31557600 mx.a.example", "" },
	{ "RFC 8461 3.2: above the maximum: accepted, capped (reading A4)",
	  BODY(V M X "max_age: 31557601\n"),
	  "valid loose enforce 31557600 mx.a.example",
	  "4:10 MAX_AGE_TOO_BIG '31557601'" },
	{ "RFC 8461 3.2: ten nines do not overflow",
	  BODY(V M X "max_age: 9999999999\n"),
	  "valid loose enforce 31557600 mx.a.example",
	  "4:10 MAX_AGE_TOO_BIG '9999999999'" },
	{ "RFC 8461 3.2: max_age with a sign", BODY(V M X "max_age: +1\n"),
	  "void loose enforce - mx.a.example", "4:10 MAX_AGE_INVALID '+1'" },
	{ "RFC 8461 3.2: max_age negative", BODY(V M X "max_age: -1\n"),
	  "void loose enforce - mx.a.example", "4:10 MAX_AGE_INVALID '-1'" },
	{ "RFC 8461 3.2: max_age with a unit", BODY(V M X "max_age: 7d\n"),
	  "void loose enforce - mx.a.example", "4:10 MAX_AGE_INVALID '7d'" },
	{ "RFC 8461 3.2: max_age decimal", BODY(V M X "max_age: 604800.0\n"),
	  "void loose enforce - mx.a.example",
	  "4:10 MAX_AGE_INVALID '604800.0'" },
	{ "RFC 8461 3.2: max_age with a space", BODY(V M X "max_age: 604 800\n"),
	  "void loose enforce - mx.a.example",
	  "4:10 MAX_AGE_INVALID '604 800'" },
	{ "RFC 8461 3.2: digits are ASCII", BODY(V M X "max_age: \xd9\xa1\n"),
	  "void loose enforce - mx.a.example",
	  "4:10 MAX_AGE_INVALID '\xd9\xa1'" },

	{ "RFC 8461 3.2: enforce needs an mx", BODY(V M A),
	  "void loose enforce 604800", "MX_MISSING" },
	{ "RFC 8461 3.2: testing needs an mx", BODY(V "mode: testing\n" A),
	  "void loose testing 604800", "MX_MISSING" },
	{ "RFC 8461 3.2: without a mode nothing is known of mx", BODY(V A),
	  "void loose - 604800", "MODE_MISSING" },
	{ "RFC 8461 3.2: a wildcard", BODY(V M "mx: *.a.example\n" A),
	  "valid strict enforce 604800 *.a.example", "" },
	{ "RFC 8461 3.2: a single label is grammatical",
	  BODY(V M "mx: localhost\n" A), "valid strict enforce 604800 localhost",
	  "" },
	{ "RFC 8461 3.2: A-labels", BODY(V M "mx: mx.xn--bcher-kva.example\n" A),
	  "valid strict enforce 604800 mx.xn--bcher-kva.example", "" },
	{ "RFC 8461 3.2: U-labels are not (reading A7)",
	  BODY(V M "mx: mx.b\xc3\xbc" "cher.example\n" A),
	  "void loose enforce 604800",
	  "3:5 MX_U_LABEL 'mx.b\xc3\xbc" "cher.example'" },
	{ "RFC 8461 3.2: a final dot is not in Domain (reading A7)",
	  BODY(V M "mx: mx.a.example.\n" A), "void loose enforce 604800",
	  "3:5 MX_TRAILING_DOT 'mx.a.example.'" },
	{ "RFC 8461 3.2: an underscore is not in Domain (reading A7)",
	  BODY(V M "mx: mx_1.a.example\n" A), "void loose enforce 604800",
	  "3:5 MX_SYNTAX 'mx_1.a.example'" },
	{ "RFC 8461 3.2: one malformed among good voids all (reading A6)",
	  BODY(V M X "mx: @@\n" A), VOID, "4:5 MX_SYNTAX '@@'" },
	{ "RFC 8461 3.2: one pattern a line",
	  BODY(V M "mx: mx.a.example, mx2.a.example\n" A),
	  "void loose enforce 604800",
	  "3:5 MX_SYNTAX 'mx.a.example, mx2.a.example'" },
	{ "RFC 8461 3.2: an MX record's data pasted",
	  BODY(V M "mx: 10 mx.a.example.\n" A), "void loose enforce 604800",
	  "3:5 MX_SYNTAX '10 mx.a.example.'" },
	{ "RFC 8461 3.2: an empty mx", BODY(V M X "mx:\n" A), VOID,
	  "4:4 MX_SYNTAX ''" },
	{ "RFC 8461 4.1: a partial wildcard is never widened",
	  BODY(V M "mx: alt*.a.example\n" A), "void loose enforce 604800",
	  "3:5 MX_BAD_WILDCARD 'alt*.a.example'" },
	{ "RFC 8461 4.1: a leading dot, of a draft",
	  BODY(V M "mx: .a.example\n" A), "void loose enforce 604800",
	  "3:5 MX_BAD_WILDCARD '.a.example'" },
	{ "RFC 8461 3.2: an address", BODY(V M "mx: 192.0.2.1\n" A),
	  "void loose enforce 604800", "3:5 MX_IP '192.0.2.1'" },
	{ "RFC 8461 3.2: an address literal",
	  BODY(V M "mx: [IPv6:2001:db8::1]\n" A), "void loose enforce 604800",
	  "3:5 MX_IP '[IPv6:2001:db8::1]'" },
	{ "RFC 8461 4.1: capitals match, and are told",
	  BODY(V M "mx: MX.a.Example\n" A), GOOD,
	  "3:5 MX_UPPERCASE 'MX.a.Example'" },
	{ "RFC 8461 3.2: a pattern twice, whatever its case",
	  BODY(V M X "mx: mx2.a.example\nmx: MX.a.example\n" A),
	  "valid strict enforce 604800 mx.a.example mx2.a.example",
	  "5:5 MX_DUPLICATE 'MX.a.example'" },
	{ "RFC 8461 3.2: a malformed mx voids mode none too (reading A6)",
	  BODY(V "mode: none\n" "mx: *\n" A), "void loose none 604800",
	  "3:5 MX_BAD_WILDCARD '*'" },
};

static const struct row templates[] = {
	{ "template: modes in brackets",
	  BODY(V "mode: [enforce / testing / none]\n" X A),
	  "void loose - 604800 mx.a.example",
	  "2:7 TEMPLATE_LEFT '[enforce / testing / none]'" },
	{ "template: one mode in brackets", BODY(V "mode: [testing]\n" X A),
	  "void loose - 604800 mx.a.example", "2:7 TEMPLATE_LEFT '[testing]'" },
	{ "template: a choice of modes", BODY(V "mode: testing|enforce\n" X A),
	  "void loose - 604800 mx.a.example",
	  "2:7 TEMPLATE_LEFT 'testing|enforce'" },
	{ "template: angle brackets", BODY(V M "mx: <your mail server>\n" A),
	  "void loose enforce 604800",
	  "3:5 TEMPLATE_LEFT '<your mail server>'" },
	{ "template: braces", BODY(V M "mx: {{ mx_host }}\n" A),
	  "void loose enforce 604800", "3:5 TEMPLATE_LEFT '{{ mx_host }}'" },
	{ "template: braces in max_age", BODY(V M X "max_age: {{ age }}\n"),
	  "void loose enforce - mx.a.example",
	  "4:10 TEMPLATE_LEFT '{{ age }}'" },
	{ "template: the whole file begins with braces: no JSON",
	  BODY("{{ policy }}\n" V M X A), VOID,
	  "1:1 TEMPLATE_LEFT '{{ policy }}'" },
	{ "template: your_domain", BODY(V M "mx: mail.your_domain.com\n" A),
	  "void loose enforce 604800",
	  "3:5 TEMPLATE_LEFT 'mail.your_domain.com'" },
	{ "template: yourdomain is a name, and usable",
	  BODY(V M "mx: mail.YourDomain.com\n" A),
	  "valid strict enforce 604800 mail.yourdomain.com",
	  "3:5 TEMPLATE_LEFT 'mail.YourDomain.com'\n"
	  "3:5 MX_UPPERCASE 'mail.YourDomain.com'" },
	{ "template: your-domain", BODY(V M "mx: *.your-domain.tld\n" A),
	  "valid strict enforce 604800 *.your-domain.tld",
	  "3:5 TEMPLATE_LEFT '*.your-domain.tld'" },
	{ "template: a provider of that kind is none",
	  BODY(V M "mx: www1.your-server.de\n" A),
	  "valid strict enforce 604800 www1.your-server.de", "" },
	{ "RFC 8461 3.2: its own example has example.com and example.net",
	  BODY("version: STSv1\nmode: enforce\nmx: mail.example.com\n"
	       "mx: *.example.net\nmx: backupmx.example.com\n"
	       "max_age: 604800\n"),
	  "valid strict enforce 604800 mail.example.com *.example.net "
	  "backupmx.example.com",
	  "3:5 TEMPLATE_LEFT 'mail.example.com'\n"
	  "4:5 TEMPLATE_LEFT '*.example.net'\n"
	  "5:5 TEMPLATE_LEFT 'backupmx.example.com'" },
	{ "an example's name is read like any other",
	  BODY(V M "mx: mail.example.net.\n" A),
	  "void loose enforce 604800",
	  "3:5 TEMPLATE_LEFT 'mail.example.net.'\n"
	  "3:5 MX_TRAILING_DOT 'mail.example.net.'" },
	{ "template: anotherexample.com is none",
	  BODY(V M "mx: anotherexample.com\n" A),
	  "valid strict enforce 604800 anotherexample.com", "" },
	{ "template: front matter is passed over, told once",
	  BODY("---\nlayout: null\npermalink: /x\n---\n" V M X A), VOID,
	  "1:1 TEMPLATE_LEFT '---'" },
	{ "template: front matter without an end",
	  BODY("---\n" V M X A), VOID, "1:1 TEMPLATE_LEFT '---'" },
	{ "template: places behind front matter are those of the file",
	  BODY("---\r\na: b\r\n---\r\n" V M X "max_age: x\n"),
	  "void loose enforce - mx.a.example",
	  "1:1 TEMPLATE_LEFT '---'\n7:10 MAX_AGE_INVALID 'x'" },
};

static const char *const kind_names[] = {
#define DEVIATION(symbol, breaks, voids) #symbol,
#include "wire/sts_policy.def"
#undef DEVIATION
};
/* clang-format on */

static struct span
render_policy(const struct sts_policy *p, struct buf *b)
{
	buf_printf(b, "%s %s %s ", p->valid ? "valid" : "void",
	    p->strict ? "strict" : "loose",
	    p->mode == STS_MODE_UNSET ? "-" : sts_mode_names[p->mode]);
	if (p->has_max_age)
		buf_printf(b, "%u", (unsigned)p->max_age);
	else
		buf_putc(b, '-');
	for (size_t i = 0; i < p->n_mx; i++) {
		buf_putc(b, ' ');
		buf_put(b, p->mx[i]);
	}
	assert_false(b->overflow);
	return buf_span(b);
}

static struct span
render_deviations(const struct sts_policy *p, struct buf *b)
{
	for (size_t i = 0; i < p->n_deviations; i++) {
		const struct sts_deviation *d = &p->deviations[i];

		if (i > 0)
			buf_putc(b, '\n');
		if (d->line > 0)
			buf_printf(b, "%zu:%zu ", d->line, d->column);
		buf_put(b, span_str(kind_names[d->kind]));
		if (d->line == 0)
			continue;
		buf_put(b, SPAN(" '"));
		escape_put(b, d->what);
		buf_putc(b, '\'');
		if (d->meant.n > 0)
			buf_printf(b, " (%.*s)", (int)d->meant.n, d->meant.p);
	}
	assert_false(b->overflow);
	return buf_span(b);
}

static void
run(const struct row *rows, size_t n)
{
	static char policy[65536], told[65536];
	struct tally t = { 0 };

	for (size_t i = 0; i < n; i++) {
		struct buf b = buf_init(policy, sizeof policy);
		struct buf c = buf_init(told, sizeof told);
		struct sts_policy p;
		struct arena a;

		arena_init(&a, 1 << 20);
		sts_policy_parse(rows[i].body, &a, &p);
		assert_false(a.failed);
		t.label = rows[i].label;
		want_span(&t, "policy", render_policy(&p, &b),
		    span_str(rows[i].want));
		want_span(&t, "told", render_deviations(&p, &c),
		    span_str(rows[i].told));
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_lines(void **state)
{
	(void)state;
	run(lines, ROWS(lines));
}

static void
test_bytes(void **state)
{
	(void)state;
	run(bytes, ROWS(bytes));
}

static void
test_names(void **state)
{
	(void)state;
	run(names, ROWS(names));
}

static void
test_values(void **state)
{
	(void)state;
	run(values, ROWS(values));
}

static void
test_templates(void **state)
{
	(void)state;
	run(templates, ROWS(templates));
}

/* Every kind stands in some row, so that none is without a test; the sizes
 * have tests of their own below. */
static void
test_every_kind(void **state)
{
	static const struct {
		const struct row *rows;
		size_t n;
	} tables[] = {
		{ lines, ROWS(lines) },
		{ bytes, ROWS(bytes) },
		{ names, ROWS(names) },
		{ values, ROWS(values) },
		{ templates, ROWS(templates) },
	};
	struct tally t = { .label = "every kind has a row" };
	bool seen[STS_DEVIATION_KINDS] = {
		[STS_TOO_BIG] = true, [STS_BIG] = true
	};

	(void)state;
	for (size_t i = 0; i < ROWS(tables); i++)
		for (size_t k = 0; k < tables[i].n; k++)
			for (size_t d = 0; d < ROWS(kind_names); d++)
				seen[d] |= strstr(tables[i].rows[k].told,
					       kind_names[d]) != NULL;
	for (size_t d = 0; d < ROWS(kind_names); d++)
		want_bool(&t, kind_names[d], seen[d], true);
	assert_int_equal(t.failed, 0);
}

/* A policy of n octets, most of them an extension's value. */
static struct span
body_of(struct arena *a, size_t n)
{
	static const char head[] = V M X A "note: ";
	char *p = arena_alloc(a, n);

	assert_non_null(p);
	memset(p, 'x', n);
	memcpy(p, head, sizeof head - 1);
	return (struct span){ p, n };
}

static void
test_sizes(void **state)
{
	static const struct {
		const char *label;
		size_t n;
		const char *want, *told;
	} rows[] = {
		{ "small", 4096, GOOD, "5:1 UNKNOWN_KEY 'note'" },
		{ "over 4,096 octets", 4097, GOOD,
		    "BIG\n5:1 UNKNOWN_KEY 'note'" },
		{ "RFC 8461 3.3: 65,536 octets are accepted (reading A23)",
		    65536, GOOD, "BIG\n5:1 UNKNOWN_KEY 'note'" },
		{ "RFC 8461 3.3: one more is not read", 65537, "void loose - -",
		    "TOO_BIG" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct row r = { .label = rows[i].label,
			.want = rows[i].want,
			.told = rows[i].told };
		struct arena a;

		arena_init(&a, 1 << 20);
		r.body = body_of(&a, rows[i].n);
		run(&r, 1);
		arena_release(&a);
	}
}

/* A flood of deviations: the first ones are kept, those of the whole file
 * before all others, and the verdict counts all. */
static void
test_flood(void **state)
{
	static char body[60000];
	struct buf b = buf_init(body, sizeof body);
	struct sts_policy p;
	struct arena a;

	(void)state;
	for (size_t i = 0; i < 3 * LIMIT_PROBLEMS; i++)
		buf_put(&b, SPAN("foo: bar\n"));
	buf_put(&b, SPAN("# at the end\n"));
	arena_init(&a, 1 << 20);
	sts_policy_parse(buf_span(&b), &a, &p);
	assert_int_equal(p.n_deviations, LIMIT_PROBLEMS);
	assert_int_equal(p.deviations[0].kind, STS_VERSION_BAD);
	assert_int_equal(p.deviations[1].kind, STS_MODE_MISSING);
	assert_int_equal(p.deviations[2].kind, STS_MAX_AGE_INVALID);
	for (size_t i = 3; i < p.n_deviations; i++) {
		assert_int_equal(p.deviations[i].kind, STS_UNKNOWN_KEY);
		assert_int_equal(p.deviations[i].line, i - 2);
	}
	assert_false(p.valid);
	assert_false(p.strict);
	arena_release(&a);
}

/* As many patterns as fit, each compared with all others. */
static void
test_many_mx(void **state)
{
	static char body[LIMIT_POLICY_BYTES];
	struct buf b = buf_init(body, sizeof body);
	struct sts_policy p;
	struct arena a;
	size_t n = 0;

	(void)state;
	buf_put(&b, SPAN(V M A));
	while (b.cap - b.n > 20)
		buf_printf(&b, "mx: %zx.a\n", (n++ * 7919) % 65536);
	arena_init(&a, 16 << 20);
	sts_policy_parse(buf_span(&b), &a, &p);
	assert_true(p.valid);
	assert_int_equal(p.n_mx, n);
	assert_int_equal(p.mx_line[n - 1], n + 3);
	assert_int_equal(p.n_deviations, 1); /* BIG */
	arena_release(&a);
}

static void
test_written_max_age(void **state)
{
	struct sts_policy p;
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 16);
	sts_policy_parse(SPAN(V M X "max_age: 9999999999\n"), &a, &p);
	assert_true(p.max_age_written == UINT64_C(9999999999));
	assert_int_equal(p.max_age, STS_MAX_AGE);
	arena_release(&a);
}

static void
parse_in(struct arena *a, const void *body)
{
	struct sts_policy p;

	sts_policy_parse(*(const struct span *)body, a, &p);
	if (a->failed)
		assert_false(p.valid || p.strict);
	for (size_t i = 0; i < p.n_deviations; i++)
		assert_non_null(p.deviations[i].what.p);
}

static void
test_memory(void **state)
{
	static const struct span bodies[] = {
		SPAN_INIT(V M X "mx: *.b.example\nmx: MX.A.example\n" A),
		SPAN_INIT("a: b\nc: d\ne:\n f\n# g\nMode: x\nmode: y\nmx: *\n"
			  "h: i\nj: k\nl: m\nn: o\n"),
	};

	(void)state;
	for (size_t i = 0; i < ROWS(bodies); i++)
		sweep_memory(parse_in, &bodies[i]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_every_kind),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_many_mx),
		cmocka_unit_test(test_written_max_age),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("sts_policy", tests, NULL, NULL);
}

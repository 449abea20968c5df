#include "wire/sts_record.h"

#include <stdint.h>

#include "base/ascii.h"
#include "base/reader.h"
#include "wire/field.h"

/* RFC 8461 3.1. Extension values have no limit; the caller bounds the text. */
enum { ID_MAX = 32 };

static const struct span version = SPAN_INIT("v=STSv1");

/* What follows a value that is not at its proper end: another delimiter than
 * ";", or only white space? If neither, the value itself is at fault. */
static enum sts_record_fault
fault_behind(struct reader r, enum sts_record_fault of_value)
{
	bool space = reader_run(&r, ascii_is_wsp, SIZE_MAX).n > 0;
	bool comma = reader_lit(&r, SPAN(","));

	if (space && !comma && reader_end(&r))
		return STS_RECORD_FAULT_TRAILING_SPACE;
	reader_run(&r, ascii_is_wsp, SIZE_MAX);
	if ((space || comma) && (field_begins(r) || (comma && reader_end(&r))))
		return STS_RECORD_FAULT_DELIMITER;
	return of_value;
}

/* An extension value may hold commas, so that "a=b,id=1" stops only at its
 * second "=": was the comma before that meant for a ";"? Then go back to it. */
static bool
to_comma(struct reader *r, struct span value)
{
	size_t comma = value.n;
	struct reader from = *r;

	while (comma > 0 && value.p[comma - 1] != ',')
		comma--;
	from.at = r->at - value.n + comma;
	if (comma == 0 || !field_begins(from))
		return false;
	r->at = from.at - 1;
	return true;
}

/* One sts-field and its end. r stops at the octet at fault. */
static enum sts_record_fault
field(struct reader *r, struct sts_record *rec, bool *id_seen)
{
	enum sts_record_fault fault = STS_RECORD_FAULT_EXTENSION;
	struct span name, value;
	bool is_id;

	if (r->in.p[r->at] == ';' || r->in.p[r->at] == ',')
		return STS_RECORD_FAULT_DELIMITER;
	name = field_name(r);
	/* RFC 8461 3.2: of duplicated fields, all but the first SHALL be
	 * ignored. A second id need only be an sts-extension. */
	is_id = span_eq(name, SPAN("id")) && !*id_seen;
	if (is_id)
		fault = STS_RECORD_FAULT_ID;
	if (name.n == 0 || !reader_lit(r, SPAN("=")))
		return fault;
	if (is_id)
		value = reader_run(r, ascii_is_alnum, ID_MAX);
	else
		value = reader_run(r, field_is_value, SIZE_MAX);
	if (value.n == 0)
		return fault;
	if (!reader_end(r) && !field_delim(r)) {
		if (!is_id && to_comma(r, value))
			return STS_RECORD_FAULT_DELIMITER;
		fault = fault_behind(*r, fault);
		if (is_id && fault != STS_RECORD_FAULT_ID)
			rec->id = value;
		return fault;
	}
	if (is_id)
		rec->id = value;
	else if (span_eq(name, SPAN("id")))
		rec->duplicate_id = true;
	*id_seen |= is_id;
	return STS_RECORD_FAULT_NONE;
}

enum sts_record_verdict
sts_record_parse(struct span text, struct sts_record *rec)
{
	struct reader r = { .in = text };
	bool id_seen = false;

	*rec = (struct sts_record){ .id = SPAN("") };
	/* RFC 8461 3.1 discards what does not begin "v=STSv1;" yet its ABNF
	 * allows white space before the ";" (erratum 6285). Follow the ABNF
	 * here (reading A1); sts_rrset_parse knows whether the record is
	 * alone. */
	if (!reader_lit(&r, version) || !field_delim(&r))
		return STS_RECORD_OTHER;
	rec->space_before_semicolon = text.p[version.n] != ';';
	while (!reader_end(&r)) {
		rec->fault = field(&r, rec, &id_seen);
		if (rec->fault != STS_RECORD_FAULT_NONE) {
			rec->bad_at = r.at;
			return STS_RECORD_SYNTAX;
		}
	}
	return id_seen ? STS_RECORD_OK : STS_RECORD_NO_ID;
}

/* Quotes and escapes that belong to a zone file or a web form, not to the
 * data. The last two are U+201C and U+201D. */
static size_t
quote_len(struct span s)
{
	static const struct span quotes[] = { SPAN_INIT("\""), SPAN_INIT("'"),
		SPAN_INIT("\\"), SPAN_INIT("\xe2\x80\x9c"),
		SPAN_INIT("\xe2\x80\x9d") };

	for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++)
		if (span_starts(s, quotes[i]))
			return quotes[i].n;
	return 0;
}

static bool
is_blank(unsigned char c)
{
	return c <= ' ';
}

static bool
is_version_char(unsigned char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_' || c == '.';
}

/* The text from its version on: "v", "=" and what stands for STSv1, however
 * they are spaced. */
struct near {
	bool exact; /* begins "v=", without a space anywhere */
	struct span value, behind;
};

static bool
near_version(struct span text, struct near *out)
{
	struct reader r = { .in = text };
	bool spaced;

	out->exact = span_starts(text, SPAN("v="));
	if (!reader_lit(&r, SPAN("v")) && !reader_lit(&r, SPAN("V")))
		return false;
	reader_run(&r, is_blank, SIZE_MAX);
	if (!reader_lit(&r, SPAN("=")) && !reader_lit(&r, SPAN(":")))
		return false;
	spaced = reader_run(&r, is_blank, SIZE_MAX).n > 0;
	out->exact = out->exact && !spaced;
	out->value = reader_run(&r, is_version_char, SIZE_MAX);
	out->behind = span_skip(text, r.at);
	return ascii_starts_nocase(out->value, SPAN("STS")) ||
	       ascii_starts_nocase(out->value, SPAN("MTA-STS")) ||
	       ascii_starts_nocase(out->value, SPAN("MTASTS"));
}

/* Does the version stand further back, or without its "v="? */
static bool
is_version_elsewhere(struct span text)
{
	struct reader r = { .in = text };
	struct near v;

	if (ascii_starts_nocase(text, SPAN("STSv1")))
		return true;
	for (size_t i = 1; i < text.n; i++)
		if ((text.p[i - 1] == ';' || text.p[i - 1] == ',' ||
			is_blank((unsigned char)text.p[i - 1])) &&
		    near_version(span_skip(text, i), &v))
			return true;
	/* Nothing but an id. */
	return reader_lit(&r, SPAN("id=")) &&
	       reader_run(&r, ascii_is_alnum, ID_MAX).n > 0 &&
	       (reader_end(&r) || (field_delim(&r) && reader_end(&r)));
}

enum sts_record_near_miss
sts_record_near(struct span text)
{
	bool moved = false, quoted = false;
	struct near v;

	while (text.n > 0) {
		size_t n = quote_len(text);

		quoted |= n > 0;
		if (n == 0 && is_blank((unsigned char)text.p[0]))
			n = 1, moved = true;
		if (n == 0)
			break;
		text = span_skip(text, n);
	}
	if (!near_version(text, &v)) {
		if (!is_version_elsewhere(text))
			return STS_RECORD_NOT_NEAR;
		return quoted ? STS_RECORD_QUOTED
			      : STS_RECORD_VERSION_NOT_FIRST;
	}
	if (quoted || quote_len(v.behind) > 0)
		return STS_RECORD_QUOTED;
	if (span_eq(v.value, SPAN("STSv1")))
		return moved || !v.exact ? STS_RECORD_VERSION_NOT_FIRST
					 : STS_RECORD_VERSION_DELIMITER;
	/* "v=STSv1id=1": the ";" is missing altogether. */
	if (v.exact && !moved && span_eq(v.value, SPAN("STSv1id")) &&
	    span_starts(v.behind, SPAN("=")))
		return STS_RECORD_VERSION_DELIMITER;
	return STS_RECORD_VERSION_OTHER;
}

/* Does the RRset's sole record, or one of several, count as STSv1? */
static bool
counts(struct span text, bool alone)
{
	struct reader r = { .in = text };

	if (!reader_lit(&r, version))
		return false;
	/* RFC 8461 3.1: beside other records the literal rule discards
	 * "v=STSv1 ;" (reading A2); alone, the ABNF accepts it (reading A1). */
	return alone ? field_delim(&r) : reader_lit(&r, SPAN(";"));
}

struct sts_rrset
sts_rrset_parse(const struct dns_txt *txt, size_t n, struct arena *a)
{
	struct sts_rrset set = { .verdict = STS_RRSET_NONE,
		.text = SPAN(""),
		.record_verdict = STS_RECORD_OTHER,
		.record = { .id = SPAN("") } };

	for (size_t i = 0; i < n; i++) {
		/* RFC 8461 3.1: joined before anything is looked at. */
		struct span text = dns_txt_join(a, &txt[i]);

		if (!counts(text, n == 1))
			continue;
		if (set.n_sts++ == 0) {
			set.at = i;
			set.text = text;
		}
	}
	/* RFC 8461 3.1: filter first, count second, parse third. */
	if (set.n_sts == 0)
		return set;
	set.record_verdict = sts_record_parse(set.text, &set.record);
	if (set.n_sts > 1)
		set.verdict = STS_RRSET_MULTIPLE;
	else if (set.record_verdict == STS_RECORD_OK)
		set.verdict = STS_RRSET_OK;
	else
		set.verdict = STS_RRSET_INVALID;
	return set;
}

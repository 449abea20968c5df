#include "wire/tlsrpt_record.h"

#include <stdint.h>

#include "base/ascii.h"
#include "base/limits.h"
#include "base/reader.h"
#include "wire/field.h"

static const struct span version = SPAN_INIT("v=TLSRPTv1");

static bool
is_rua_octet(unsigned char c)
{
	return c != ';';
}

static bool
is_hex(unsigned char c)
{
	return ascii_is_digit(c) || (c >= 'A' && c <= 'F') ||
	       (c >= 'a' && c <= 'f');
}

/* RFC 3986 2: unreserved, gen-delims and sub-delims; but "!", "," and ";" are
 * percent-encoded in a rua (RFC 8460 3). */
static bool
is_uri_octet(unsigned char c)
{
	return ascii_is_alnum(c) ||
	       (c != '\0' && memchr("-._~:/?#[]@$&'()*+=%", c, 20) != NULL);
}

/* How much of s is made of octets and percent-escapes that a URI may have? */
static size_t
uri_octets(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (!is_uri_octet((unsigned char)s.p[i]))
			break;
		if (s.p[i] == '%' &&
		    (s.n - i < 3 || !is_hex((unsigned char)s.p[i + 1]) ||
			!is_hex((unsigned char)s.p[i + 2])))
			break;
	}
	return i;
}

/* An escaped control octet could end a line of the report's header. */
static bool
hides_control(struct span s)
{
	for (size_t i = 0; i + 2 < s.n; i++)
		if (s.p[i] == '%' &&
		    (s.p[i + 1] == '0' || s.p[i + 1] == '1' ||
			(s.p[i + 1] == '7' &&
			    ascii_lower((unsigned char)s.p[i + 2]) == 'f')))
			return true;
	return false;
}

/* RFC 6068: mailto: with one address, which has something on both sides of its
 * last "@". */
static bool
is_mail_address(struct span s)
{
	size_t at;

	s = span_head(s, span_find(s, '?'));
	for (at = s.n; at > 0 && s.p[at - 1] != '@';)
		at--;
	return at > 1 && at < s.n && !hides_control(s);
}

/* RFC 8460 3: the schemes are mailto and https. */
static bool
is_usable(struct span uri)
{
	struct span behind;

	if (uri_octets(uri) < uri.n)
		return false;
	if (ascii_starts_nocase(uri, SPAN("mailto:")))
		return is_mail_address(span_skip(uri, 7));
	if (!ascii_starts_nocase(uri, SPAN("https://")))
		return false;
	behind = span_skip(uri, 8);
	return behind.n > 0 && behind.p[0] != '/' && behind.p[0] != '?' &&
	       behind.p[0] != '#' && behind.p[0] != ':';
}

/* One destination in two spellings. Mail addresses compare without case: no
 * mailbox is told apart by it. */
static bool
is_same_uri(struct span a, struct span b)
{
	return span_eq(a, b) || (ascii_starts_nocase(a, SPAN("mailto:")) &&
				    ascii_eq_nocase(a, b));
}

static bool
add_rua(
    struct tlsrpt_record *out, size_t *cap, struct span uri, struct arena *a)
{
	struct tlsrpt_rua *more;

	for (size_t i = 0; i < out->n_rua; i++)
		out->duplicate |= is_same_uri(out->rua[i].uri, uri);
	if (out->n_rua == LIMIT_RUA)
		return true;
	more = arena_grow(a, out->rua, out->n_rua, cap, sizeof *more);
	if (more == NULL)
		return false;
	out->rua = more;
	out->rua[out->n_rua++] =
	    (struct tlsrpt_rua){ .uri = uri, .usable = is_usable(uri) };
	out->n_usable += is_usable(uri);
	return true;
}

/* Where in a list of destinations another field begins behind white space: a
 * forgotten ";". The list's length if nowhere. */
static size_t
lost_delimiter(struct span list)
{
	struct reader r = { .in = list };

	for (size_t i = 0; i < list.n; i++) {
		if (!ascii_is_wsp((unsigned char)list.p[i]))
			continue;
		r.at = i + 1;
		if (field_begins(r))
			return i;
	}
	return list.n;
}

/* RFC 8460 3: tlsrpt-rua = %s"rua=" tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri).
 * An item that is no URI is listed and not usable; it takes nothing from the
 * others. */
static bool
rua_list(
    struct span list, struct tlsrpt_record *out, size_t *cap, struct arena *a)
{
	size_t comma;

	for (;; list = span_skip(list, comma + 1)) {
		struct span uri;

		comma = span_find(list, ',');
		uri = ascii_trim(span_head(list, comma));
		if (uri.n == 0)
			out->empty_item = true;
		else if (!add_rua(out, cap, uri, a))
			return false;
		if (comma == list.n)
			return true;
	}
}

/* "mailto;reports@example.com": a slip that the grammar reads as the end of
 * the field. The list goes on behind it, so that the slip is told as such. */
static bool
ends_in_bare_scheme(struct span list)
{
	size_t comma = list.n;

	while (comma > 0 && list.p[comma - 1] != ',')
		comma--;
	list = ascii_trim(span_skip(list, comma));
	return ascii_eq_nocase(list, SPAN("mailto")) ||
	       ascii_eq_nocase(list, SPAN("https"));
}

/* The value of a rua field; r stands behind its "=". */
static enum tlsrpt_fault
rua_field(
    struct reader *r, struct tlsrpt_record *out, size_t *cap, struct arena *a)
{
	size_t from = r->at;
	struct span list = reader_run(r, is_rua_octet, SIZE_MAX);

	if (ends_in_bare_scheme(list) && reader_lit(r, SPAN(";"))) {
		reader_run(r, is_rua_octet, SIZE_MAX);
		list.n = r->at - from;
	}
	if (ascii_trim(list).n == 0) {
		r->at = from;
		return TLSRPT_FAULT_NO_RUA;
	}
	if (lost_delimiter(list) < list.n) {
		r->at = from + lost_delimiter(list);
		(void)rua_list(
		    span_head(list, lost_delimiter(list)), out, cap, a);
		return TLSRPT_FAULT_DELIMITER;
	}
	if (!rua_list(list, out, cap, a))
		return TLSRPT_FAULT_NO_RUA;
	/* RFC 8460 3 has no white space before the end without a ";". */
	if (reader_end(r) && ascii_is_wsp((unsigned char)list.p[list.n - 1])) {
		while (ascii_is_wsp((unsigned char)r->in.p[r->at - 1]))
			r->at--;
		return TLSRPT_FAULT_TRAILING_SPACE;
	}
	return TLSRPT_FAULT_NONE;
}

/* What stands behind an extension's value instead of a ";"? */
static enum tlsrpt_fault
fault_behind(struct reader r)
{
	bool space = reader_run(&r, ascii_is_wsp, SIZE_MAX).n > 0;

	if (space && reader_end(&r))
		return TLSRPT_FAULT_TRAILING_SPACE;
	if (space && field_begins(r))
		return TLSRPT_FAULT_DELIMITER;
	return TLSRPT_FAULT_URI;
}

static enum tlsrpt_fault
field(struct reader *r, struct tlsrpt_record *out, size_t *n_fields,
    size_t *cap, struct arena *a)
{
	enum tlsrpt_fault fault;
	struct span name;

	if (r->in.p[r->at] == ';' || r->in.p[r->at] == ',')
		return TLSRPT_FAULT_DELIMITER;
	name = field_name(r);
	if (name.n == 0 || !reader_lit(r, SPAN("=")))
		return TLSRPT_FAULT_URI;
	if (span_eq(name, SPAN("rua"))) {
		/* RFC 8460 3 allows several: take all (reading A24). */
		out->several_rua_fields = ++*n_fields > 1;
		fault = rua_field(r, out, cap, a);
		if (fault != TLSRPT_FAULT_NONE)
			return fault;
	} else if (reader_run(r, field_is_value, SIZE_MAX).n == 0) {
		return TLSRPT_FAULT_URI;
	}
	return reader_end(r) || field_delim(r) ? TLSRPT_FAULT_NONE
					       : fault_behind(*r);
}

static void
parse(struct tlsrpt_record *out, struct arena *a)
{
	struct reader r = { .in = out->text };
	size_t n_fields = 0, cap = 0;

	reader_lit(&r, version);
	(void)field_delim(&r);
	while (!reader_end(&r) && out->fault == TLSRPT_FAULT_NONE)
		out->fault = field(&r, out, &n_fields, &cap, a);
	if (out->fault == TLSRPT_FAULT_NONE && out->n_rua == 0)
		out->fault = TLSRPT_FAULT_NO_RUA;
	if (out->fault != TLSRPT_FAULT_NONE || a->failed) {
		out->verdict = TLSRPT_INVALID;
		out->bad_at = r.at;
	}
}

/* A record that does not count, though its author meant it to. */
static enum tlsrpt_fault
near_miss(struct span text)
{
	if (span_starts(text, version) &&
	    (text.n == version.n ||
		!ascii_is_alnum((unsigned char)text.p[version.n])))
		return TLSRPT_FAULT_DELIMITER;
	for (size_t i = 0; i + 6 <= text.n; i++)
		if (ascii_starts_nocase(span_skip(text, i), SPAN("TLSRPT")) ||
		    ascii_starts_nocase(span_skip(text, i), SPAN("TLS-RPT")))
			return TLSRPT_FAULT_VERSION;
	return ascii_starts_nocase(text, SPAN("rua=")) ? TLSRPT_FAULT_VERSION
						       : TLSRPT_FAULT_NONE;
}

/* RFC 8460 3: what does not begin "v=TLSRPTv1;" is discarded; a record alone
 * may have white space before the ";", as its ABNF allows. */
static bool
counts(struct span text, bool alone)
{
	struct reader r = { .in = text };

	if (!reader_lit(&r, version))
		return false;
	return alone ? field_delim(&r) : reader_lit(&r, SPAN(";"));
}

void
tlsrpt_rrset_parse(const struct dns_txt *txt, size_t n, struct arena *a,
    struct tlsrpt_record *out)
{
	*out =
	    (struct tlsrpt_record){ .verdict = TLSRPT_NONE, .text = SPAN("") };
	for (size_t i = 0; i < n; i++) {
		struct span text = dns_txt_join(a, &txt[i]);

		if (counts(text, n == 1)) {
			if (out->n_tlsrpt++ > 0)
				continue;
			out->text = text;
			out->fault = TLSRPT_FAULT_NONE;
		} else if (out->n_tlsrpt == 0 &&
			   out->fault == TLSRPT_FAULT_NONE) {
			out->fault = near_miss(text);
			if (out->fault != TLSRPT_FAULT_NONE)
				out->text = text;
		}
	}
	if (out->n_tlsrpt == 0)
		return;
	/* RFC 8460 3: if not exactly one is left, there is no TLSRPT. */
	out->verdict = out->n_tlsrpt > 1 ? TLSRPT_MULTIPLE : TLSRPT_OK;
	if (out->verdict == TLSRPT_OK)
		parse(out, a);
}

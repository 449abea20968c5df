#include "io/idn.h"

#include <idn2.h>

#include "base/ascii.h"
#include "base/escape.h"
#include "base/utf8.h"
#include "wire/name.h"

/* What a person may have meant, for names that are none. */
static const char *
fault_of(struct span s)
{
	if (s.n == 0)
		return "a domain name is missing";
	if (span_find(s, '@') != s.n)
		return "is a mail address; name its domain, what follows the @";
	if (span_find(s, '/') != s.n)
		return "is a URL or a path; name the domain alone";
	if (name_is_ip_literal(s))
		return "is an address; MTA-STS is for domain names";
	if (span_find(s, '_') != s.n)
		return "holds an underscore, which no domain of mail can";
	if (span_find(s, ' ') != s.n || span_find(s, ',') != s.n ||
	    span_find(s, ';') != s.n)
		return "is more than one word; name one domain at a time";
	if (s.n > NAME_MAX_TEXT)
		return "is longer than 253 characters";
	for (; s.n > 0; s = span_skip(s, span_find(s, '.') + 1)) {
		size_t n = span_find(s, '.');

		if (n == 0)
			return "has an empty label (two dots in a row, or one "
			       "in front)";
		if (n > NAME_MAX_LABEL)
			return "has a label of more than 63 characters";
		if (s.p[0] == '-' || s.p[n - 1] == '-')
			return "has a label that begins or ends with a hyphen";
	}
	return "is no domain name";
}

static enum err
refuse(struct span text, const char *why, struct arena *a, struct error *e)
{
	if (text.n == 0)
		return error_set(e, ERR_DATA, "a domain name is missing");
	return error_set(
	    e, ERR_DATA, "\"%s\" %s", escape_str(a, text, 100), why);
}

/* RFC 5891 4: U-labels to A-labels. Lower case first (RFC 5895 2.1): people
 * write capitals. */
static enum err
to_a_labels(
    struct span text, struct arena *a, struct span *out, struct error *e)
{
	char *ascii = NULL, *utf8 = arena_str(a, text);
	int rc;

	if (utf8 == NULL || !utf8_is_valid(text))
		return refuse(text, "is not UTF-8 text", a, e);
	rc = idn2_to_ascii_8z(
	    utf8, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc != IDN2_OK)
		return refuse(text, idn2_strerror(rc), a, e);
	*out = arena_span(a, span_str(ascii));
	idn2_free(ascii);
	return ERR_OK;
}

enum err
idn_domain(struct span text, struct arena *a, struct span *out, struct error *e)
{
	struct span name = ascii_trim(text);
	enum err rc;

	if (name_has_u_label(name) &&
	    (rc = to_a_labels(name, a, &name, e)) != ERR_OK)
		return rc;
	name = name_canonical(a, name);
	if (a->failed)
		return error_set(e, ERR_MEMORY, "out of memory");
	if (!name_is_domain(name) || name_is_ip_literal(name))
		return refuse(text, fault_of(name), a, e);
	*out = name;
	return ERR_OK;
}

#include "wire/caa.h"

#include "base/ascii.h"
#include "base/reader.h"

bool
caa_read(struct span rdata, struct dns_caa *out)
{
	size_t n;

	if (rdata.n < 2)
		return false;
	n = (unsigned char)rdata.p[1];
	if (n == 0 || n > rdata.n - 2)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!ascii_is_alnum((unsigned char)rdata.p[2 + i]))
			return false;
	*out = (struct dns_caa){ .flags = (uint8_t)rdata.p[0],
		.tag = { rdata.p + 2, n },
		.value = span_skip(rdata, 2 + n) };
	return true;
}

/* ---- the value of issue and issuewild ----
 *
 *	issue-value = *WSP [issuer-domain-name *WSP]
 *		[";" *WSP [parameters *WSP]]
 *	issuer-domain-name = label *("." label)
 *	label = (ALPHA / DIGIT) *( *("-") (ALPHA / DIGIT))
 *	parameters = (parameter *WSP ";" *WSP parameters) / parameter
 *	parameter = tag *WSP "=" *WSP value
 *	value = *(%x21-3A / %x3C-7E) */

static bool
is_value(unsigned char c)
{
	return c >= 0x21 && c <= 0x7e && c != ';';
}

static bool
is_label(unsigned char c)
{
	return ascii_is_alnum(c) || c == '-';
}

static void
skip_wsp(struct reader *r)
{
	(void)reader_run(r, ascii_is_wsp, SIZE_MAX);
}

static bool
read_label(struct reader *r)
{
	struct span s = reader_run(r, is_label, SIZE_MAX);

	return s.n > 0 && s.p[0] != '-' && s.p[s.n - 1] != '-';
}

static bool
read_name(struct reader *r, struct span *out)
{
	size_t from = r->at;

	do
		if (!read_label(r))
			return false;
	while (reader_lit(r, SPAN(".")));
	*out = (struct span){ r->in.p + from, r->at - from };
	return true;
}

static bool
read_parameter(struct reader *r, struct caa_parameter *out)
{
	out->name = reader_run(r, ascii_is_alnum, SIZE_MAX);
	skip_wsp(r);
	if (out->name.n == 0 || !reader_lit(r, SPAN("=")))
		return false;
	skip_wsp(r);
	out->value = reader_run(r, is_value, SIZE_MAX);
	skip_wsp(r);
	return true;
}

bool
caa_parameter_next(struct span *rest, struct caa_parameter *out)
{
	struct reader r = { .in = *rest };

	if (!read_parameter(&r, out))
		return false;
	if (reader_lit(&r, SPAN(";")))
		skip_wsp(&r);
	*rest = span_skip(*rest, r.at);
	return true;
}

bool
caa_issuer_read(struct span value, struct caa_issuer *out)
{
	struct reader r = { .in = value };
	struct caa_issuer issuer = { SPAN(""), SPAN("") };
	struct caa_parameter p;
	size_t from;

	skip_wsp(&r);
	if (!reader_end(&r) && r.in.p[r.at] != ';' &&
	    !read_name(&r, &issuer.name))
		return false;
	skip_wsp(&r);
	if (!reader_end(&r) && !reader_lit(&r, SPAN(";")))
		return false;
	skip_wsp(&r);
	from = r.at;
	while (!reader_end(&r)) {
		if (!read_parameter(&r, &p))
			return false;
		/* A ";" that nothing follows stands in no grammar, but at the
		 * end of many records; as CAs do, it is let through. */
		if (!reader_end(&r) && !reader_lit(&r, SPAN(";")))
			return false;
		skip_wsp(&r);
	}
	issuer.parameters = span_skip(value, from);
	*out = issuer;
	return true;
}

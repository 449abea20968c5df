#include "wire/dns.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "wire/dns_message.h"
#include "wire/name.h"

/* clang-format off */
const char *const dns_result_names[] = {
	[DNS_UNASKED]	= "unasked",
	[DNS_OK]	= "ok",
	[DNS_NODATA]	= "nodata",
	[DNS_NXDOMAIN]	= "nxdomain",
	[DNS_SERVFAIL]	= "servfail",
	[DNS_BOGUS]	= "bogus",
	[DNS_TIMEOUT]	= "timeout",
	[DNS_CHAIN]	= "chain",
	[DNS_MALFORMED]	= "malformed",
	NULL
};
/* clang-format on */

/* The records that answer: where their data stands in the packet. */
struct rdata {
	struct span packet;
	size_t at, n;
};

/* Does a name at the given place in the record's data end where that ends? */
static bool
is_name_rdata(struct rdata d, size_t skip)
{
	struct dns_name t;
	size_t at = d.at + skip;

	return d.n > skip && dns_name_read(d.packet, &at, &t) &&
	       at == d.at + d.n;
}

/* RFC 1035 3.3.14: one or more character-strings. */
static bool
is_strings(struct rdata d)
{
	size_t i = 0;

	while (i < d.n)
		i += 1 + dns_u8(d.packet, d.at + i);
	return d.n > 0 && i == d.n;
}

static bool
is_caa(struct rdata d)
{
	struct dns_caa caa;

	return caa_read((struct span){ d.packet.p + d.at, d.n }, &caa);
}

static bool
is_sound(uint16_t type, struct rdata d)
{
	switch (type) {
	case DNS_A:
		return d.n == 4;
	case DNS_AAAA:
		return d.n == 16;
	case DNS_NS:
	case DNS_CNAME:
		return is_name_rdata(d, 0);
	case DNS_MX:
		return is_name_rdata(d, 2);
	case DNS_TXT:
		return is_strings(d);
	case DNS_TLSA:
		return d.n > 3;
	case DNS_CAA:
		return is_caa(d);
	}
	return true;
}

/* What one pass over the answer section finds at one name. */
struct found {
	struct rdata *records; /* room for all of the section; NULL: count */
	size_t n;
	uint32_t ttl; /* of the records */
	bool has_cname;
	struct dns_name target;
	uint32_t cname_ttl;
};

struct answer_section {
	struct span packet;
	size_t at; /* where it begins */
	unsigned n; /* ANCOUNT */
	uint16_t type;
};

/* False: the section breaks its format. */
static bool
scan_section(
    const struct answer_section *s, struct span owner, struct found *out)
{
	size_t at = s->at;
	struct dns_record rr;

	out->n = 0;
	out->has_cname = false;
	for (unsigned i = 0; i < s->n; i++) {
		struct rdata d;

		if (!dns_record_read(s->packet, &at, &rr))
			return false;
		d = (struct rdata){ s->packet, rr.rdata, rr.rdlength };
		if (rr.class != DNS_CLASS_IN || !is_sound(rr.type, d)) {
			if (rr.class == DNS_CLASS_IN)
				return false;
			continue;
		}
		if (!ascii_eq_nocase(dns_name_span(&rr.owner), owner))
			continue;
		if (rr.type == s->type) {
			if (out->n == 0 || rr.ttl < out->ttl)
				out->ttl = rr.ttl;
			if (out->records != NULL)
				out->records[out->n] = d;
			out->n++;
		} else if (rr.type == DNS_CNAME && !out->has_cname) {
			size_t data = d.at;

			out->has_cname = true;
			out->cname_ttl = rr.ttl;
			if (!dns_name_read(s->packet, &data, &out->target))
				return false;
		}
	}
	return true;
}

static struct span
rdata_span(const struct rdata *d)
{
	return (struct span){ d->packet.p + d->at, d->n };
}

static int
compare_raw(const void *a, const void *b)
{
	return span_cmp(rdata_span(a), rdata_span(b));
}

static int
compare_names(const void *a, const void *b)
{
	const struct rdata *x = a, *y = b;
	struct dns_name s, t;
	size_t i = x->at, j = y->at;

	(void)dns_name_read(x->packet, &i, &s);
	(void)dns_name_read(y->packet, &j, &t);
	return span_cmp(dns_name_span(&s), dns_name_span(&t));
}

static int
compare_mx(const void *a, const void *b)
{
	struct rdata x = *(const struct rdata *)a;
	struct rdata y = *(const struct rdata *)b;
	int p = dns_u16(x.packet, x.at), q = dns_u16(y.packet, y.at);

	if (p != q)
		return p < q ? -1 : 1;
	x.at += 2;
	y.at += 2;
	return compare_names(&x, &y);
}

/* Order the records, drop those that are there twice (RFC 2181 5: an RRset is
 * a set) and those beyond the limit. */
static size_t
tidy(struct rdata *d, size_t n, uint16_t type, size_t limit)
{
	int (*compare)(const void *, const void *) = type == DNS_MX ? compare_mx
						     : type == DNS_NS
							 ? compare_names
							 : compare_raw;
	size_t kept = 0;

	qsort(d, n, sizeof *d, compare);
	for (size_t i = 0; i < n && kept < limit; i++)
		if (kept == 0 || compare(&d[kept - 1], &d[i]) != 0)
			d[kept++] = d[i];
	return kept;
}

static struct span
copy_name(const struct rdata *d, size_t skip, struct arena *a)
{
	struct dns_name t;
	size_t at = d->at + skip;

	(void)dns_name_read(d->packet, &at, &t);
	return arena_span(a, dns_name_span(&t));
}

static void
put_mx(const struct rdata *d, size_t n, struct arena *a, struct dns_answer *out)
{
	out->mx = arena_array(a, n, sizeof *out->mx);
	for (size_t i = 0; i < n && out->mx != NULL; i++) {
		out->mx[i].preference = dns_u16(d[i].packet, d[i].at);
		out->mx[i].host = copy_name(&d[i], 2, a);
		out->n_mx = i + 1;
	}
}

static void
put_strings(struct span rdata, struct arena *a, struct dns_txt *out)
{
	size_t n = 0;

	rdata = arena_span(a, rdata);
	for (size_t i = 0; i < rdata.n; i += 1 + dns_u8(rdata, i))
		n++;
	out->strings = arena_array(a, n, sizeof *out->strings);
	for (size_t i = 0; i < rdata.n && out->strings != NULL;
	     i += 1 + dns_u8(rdata, i))
		out->strings[out->n_strings++] =
		    (struct span){ rdata.p + i + 1, dns_u8(rdata, i) };
}

static void
put_txt(
    const struct rdata *d, size_t n, struct arena *a, struct dns_answer *out)
{
	out->txt = arena_array(a, n, sizeof *out->txt);
	for (size_t i = 0; i < n && out->txt != NULL; i++) {
		put_strings(rdata_span(&d[i]), a, &out->txt[i]);
		out->n_txt = i + 1;
	}
}

static void
put_addresses(
    const struct rdata *d, size_t n, struct arena *a, struct dns_answer *out)
{
	out->addr = arena_array(a, n, sizeof *out->addr);
	for (size_t i = 0; i < n && out->addr != NULL; i++) {
		out->addr[i].family = d[i].n == 4 ? IP_V4 : IP_V6;
		memcpy(out->addr[i].b, d[i].packet.p + d[i].at, d[i].n);
		out->n_addr = i + 1;
	}
}

static void
put_tlsa(
    const struct rdata *d, size_t n, struct arena *a, struct dns_answer *out)
{
	out->tlsa = arena_array(a, n, sizeof *out->tlsa);
	for (size_t i = 0; i < n && out->tlsa != NULL; i++) {
		struct span s = rdata_span(&d[i]);

		out->tlsa[i].usage = (uint8_t)dns_u8(s, 0);
		out->tlsa[i].selector = (uint8_t)dns_u8(s, 1);
		out->tlsa[i].matching = (uint8_t)dns_u8(s, 2);
		out->tlsa[i].data = arena_span(a, span_skip(s, 3));
		out->n_tlsa = i + 1;
	}
}

static void
put_ns(const struct rdata *d, size_t n, struct arena *a, struct dns_answer *out)
{
	out->ns = arena_array(a, n, sizeof *out->ns);
	for (size_t i = 0; i < n && out->ns != NULL; i++) {
		out->ns[i] = copy_name(&d[i], 0, a);
		out->n_ns = i + 1;
	}
}

static void
put_caa(
    const struct rdata *d, size_t n, struct arena *a, struct dns_answer *out)
{
	out->caa = arena_array(a, n, sizeof *out->caa);
	for (size_t i = 0; i < n && out->caa != NULL; i++) {
		struct span copy = arena_span(a, rdata_span(&d[i]));

		if (caa_read(copy, &out->caa[i]))
			out->n_caa = i + 1;
	}
}

static void
put_records(struct rdata *d, size_t n, struct arena *a, struct dns_answer *out)
{
	switch (out->type) {
	case DNS_MX:
		n = tidy(d, n, out->type, LIMIT_MX_HOSTS);
		put_mx(d, n, a, out);
		break;
	case DNS_TXT:
		n = tidy(d, n, out->type, LIMIT_TXT_RECORDS);
		put_txt(d, n, a, out);
		break;
	case DNS_A:
	case DNS_AAAA:
		n = tidy(d, n, out->type, LIMIT_ADDRESSES);
		put_addresses(d, n, a, out);
		break;
	case DNS_TLSA:
		n = tidy(d, n, out->type, LIMIT_TLSA_RECORDS);
		put_tlsa(d, n, a, out);
		break;
	case DNS_NS:
		n = tidy(d, n, out->type, LIMIT_NS_RECORDS);
		put_ns(d, n, a, out);
		break;
	case DNS_CAA:
		n = tidy(d, n, out->type, LIMIT_CAA_RECORDS);
		put_caa(d, n, a, out);
		break;
	case DNS_CNAME:
		/* A question for the CNAME itself follows nothing. */
		out->chain = arena_array(a, 1, sizeof *out->chain);
		if (out->chain != NULL)
			out->chain[out->n_chain++] = copy_name(d, 0, a);
		break;
	}
}

/* Have we been at this name before? */
static bool
is_loop(const struct dns_answer *out, struct span target)
{
	if (ascii_eq_nocase(out->name, target))
		return true;
	for (size_t i = 0; i < out->n_chain; i++)
		if (ascii_eq_nocase(out->chain[i], target))
			return true;
	return false;
}

static void
use_ttl(struct dns_answer *out, bool *first, uint32_t ttl)
{
	if (*first || ttl < out->ttl)
		out->ttl = ttl;
	*first = false;
}

/* Follow the chain from the question's name until there are records, or no
 * CNAME any more. */
static enum dns_result
follow(const struct answer_section *s, struct arena *a, struct dns_answer *out)
{
	struct found f = { .records = NULL };
	bool first = true;
	size_t cap = 0;

	for (;;) {
		struct span *more;

		if (!scan_section(s, dns_owner(out), &f))
			return DNS_MALFORMED;
		if (f.n > 0)
			break;
		if (!f.has_cname)
			return DNS_NODATA;
		use_ttl(out, &first, f.cname_ttl);
		if (out->n_chain == LIMIT_CNAME_CHAIN ||
		    is_loop(out, dns_name_span(&f.target)))
			return DNS_CHAIN;
		more =
		    arena_grow(a, out->chain, out->n_chain, &cap, sizeof *more);
		if (more == NULL)
			return DNS_SERVFAIL;
		out->chain = more;
		more[out->n_chain++] = arena_span(a, dns_name_span(&f.target));
	}
	f.records = arena_array(a, f.n, sizeof *f.records);
	if (f.records == NULL || !scan_section(s, dns_owner(out), &f))
		return DNS_SERVFAIL;
	use_ttl(out, &first, f.ttl);
	out->beside = f.has_cname;
	put_records(f.records, f.n, a, out);
	return DNS_OK;
}

/* The header and the question; at moves to the answer section. RFC 9619: one
 * question. A response without any is let through, as some servers shorten
 * their errors. */
static bool
read_question(struct span pkt, const struct dns_answer *asked, size_t *at)
{
	struct dns_name t;
	unsigned questions;

	if (pkt.n < DNS_HEADER_OCTETS || (dns_u8(pkt, 2) & 0x80) == 0)
		return false;
	*at = DNS_HEADER_OCTETS;
	questions = dns_u16(pkt, 4);
	if (questions == 0)
		return true;
	if (questions > 1 || !dns_name_read(pkt, at, &t) || pkt.n - *at < 4 ||
	    dns_u16(pkt, *at) != asked->type ||
	    dns_u16(pkt, *at + 2) != DNS_CLASS_IN ||
	    !ascii_eq_nocase(dns_name_span(&t), asked->name))
		return false;
	*at += 4;
	return true;
}

static enum dns_result
read_packet(struct span packet, struct arena *a, struct dns_answer *out)
{
	struct answer_section s = { .packet = packet, .type = out->type };
	enum dns_result result;
	unsigned rcode;

	if (!read_question(packet, out, &s.at))
		return DNS_MALFORMED;
	rcode = dns_u8(packet, 3) & 15;
	if (rcode != DNS_RCODE_NOERROR && rcode != DNS_RCODE_NXDOMAIN)
		return DNS_SERVFAIL;
	s.n = dns_u16(packet, 6);
	result = follow(&s, a, out);
	/* TC: what is there can be used, but nothing can be concluded from
	 * what is not (RFC 2181 9). */
	if (result == DNS_NODATA && (dns_u8(packet, 2) & 2) != 0)
		return DNS_SERVFAIL;
	if (rcode == DNS_RCODE_NXDOMAIN)
		return result == DNS_NODATA ? DNS_NXDOMAIN
		       : result == DNS_OK   ? DNS_MALFORMED
					    : result;
	return result;
}

void
dns_read(struct span packet, struct span name, uint16_t type, struct arena *a,
    struct dns_answer *out)
{
	*out = (struct dns_answer){
		.name = name_canonical(a, name), .type = type, .why = SPAN("")
	};
	out->result = (uint8_t)read_packet(packet, a, out);
	if (a->failed || out->result == DNS_MALFORMED)
		*out = (struct dns_answer){ .name = out->name,
			.type = type,
			.why = SPAN(""),
			.result = a->failed ? DNS_SERVFAIL : DNS_MALFORMED };
}

bool
dns_is_known(const struct dns_answer *d)
{
	return d->result == DNS_OK || d->result == DNS_NODATA ||
	       d->result == DNS_NXDOMAIN;
}

struct span
dns_owner(const struct dns_answer *d)
{
	return d->n_chain > 0 ? d->chain[d->n_chain - 1] : d->name;
}

struct span
dns_txt_join(struct arena *a, const struct dns_txt *t)
{
	size_t n = 0, at = 0;
	char *p;

	if (t->n_strings == 1)
		return t->strings[0];
	for (size_t i = 0; i < t->n_strings; i++)
		n += t->strings[i].n;
	p = arena_alloc(a, n);
	if (p == NULL)
		return SPAN("");
	for (size_t i = 0; i < t->n_strings; i++) {
		if (t->strings[i].n > 0)
			memcpy(p + at, t->strings[i].p, t->strings[i].n);
		at += t->strings[i].n;
	}
	return (struct span){ p, n };
}

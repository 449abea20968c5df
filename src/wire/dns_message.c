#include "wire/dns_message.h"

#include "base/ascii.h"
#include "wire/name.h"

enum {
	RR_FIXED = 10, /* type, class, TTL, RDLENGTH */
	/* A name of 255 octets has at most 127 labels; each may come from
	 * behind a pointer, and a pointer may lead to another one. */
	NAME_HOPS = 128,
	TYPE_OPT = 41,

	/* RFC 1035 4.1.1 */
	FLAG_QR = 0x8000,
	MASK_OPCODE = 0x7800,
	FLAG_AA = 0x0400,
	FLAG_TC = 0x0200,
	MASK_RCODE = 0x000f,
};

/* RFC 1035 5.1: what is not a plain character of a label is \DDD, dots and
 * backslashes inside a label among them. */
static void
put_label(struct dns_name *t, struct span label)
{
	if (t->n > 0)
		t->s[t->n++] = '.';
	for (size_t i = 0; i < label.n; i++) {
		unsigned char c = (unsigned char)label.p[i];

		if (c > 0x20 && c < 0x7f && c != '.' && c != '\\') {
			t->s[t->n++] = (char)ascii_lower(c);
			continue;
		}
		t->s[t->n++] = '\\';
		t->s[t->n++] = (char)('0' + c / 100);
		t->s[t->n++] = (char)('0' + c / 10 % 10);
		t->s[t->n++] = (char)('0' + c % 10);
	}
}

bool
dns_name_read(struct span message, size_t *at, struct dns_name *out)
{
	size_t i = *at, before = *at, octets = 1, end = 0;

	out->n = 0;
	for (size_t hops = 0; i < message.n && hops < 2 * NAME_HOPS; hops++) {
		unsigned len = dns_u8(message, i);

		if (len >= 0xc0) {
			size_t to;

			if (message.n - i < 2)
				return false;
			to = dns_u16(message, i) & 0x3fffU;
			if (to >= before)
				return false;
			end = end != 0 ? end : i + 2;
			i = before = to;
			continue;
		}
		if (len == 0) {
			*at = end != 0 ? end : i + 1;
			return true;
		}
		if (len > NAME_MAX_LABEL || message.n - i <= len ||
		    (octets += len + 1) > DNS_NAME_OCTETS)
			return false;
		put_label(out, (struct span){ message.p + i + 1, len });
		i += len + 1;
	}
	return false;
}

bool
dns_record_read(struct span message, size_t *at, struct dns_record *out)
{
	size_t i = *at;

	if (!dns_name_read(message, &i, &out->owner) ||
	    message.n - i < RR_FIXED)
		return false;
	out->type = dns_u16(message, i);
	out->class = dns_u16(message, i + 2);
	out->ttl = dns_u32(message, i + 4);
	if (out->ttl > INT32_MAX)
		out->ttl = 0;
	out->rdlength = dns_u16(message, i + 8);
	out->rdata = i + RR_FIXED;
	if (message.n - out->rdata < out->rdlength)
		return false;
	*at = out->rdata + out->rdlength;
	return true;
}

/* ---- writing ---- */

static void
put_u16(struct buf *b, unsigned n)
{
	buf_putc(b, (char)(n >> 8));
	buf_putc(b, (char)(n & 0xff));
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The octet at *i of a name's text, "\\DDD" or itself; moves behind it. */
static bool
take_octet(struct span text, size_t *i, unsigned char *out)
{
	const char *p = text.p + *i;
	int n;

	if (*p != '\\') {
		*out = (unsigned char)*p;
		++*i;
		return true;
	}
	if (text.n - *i < 4 || !is_digit(p[1]) || !is_digit(p[2]) ||
	    !is_digit(p[3]))
		return false;
	n = (p[1] - '0') * 100 + (p[2] - '0') * 10 + (p[3] - '0');
	if (n > 255)
		return false;
	*out = (unsigned char)n;
	*i += 4;
	return true;
}

/* One label from *i on, and the dot behind it. */
static bool
put_label_octets(struct buf *b, struct span text, size_t *i)
{
	unsigned char label[NAME_MAX_LABEL];
	size_t n = 0;

	while (*i < text.n && text.p[*i] != '.')
		if (n == sizeof label || !take_octet(text, i, &label[n++]))
			return false;
	if (n == 0)
		return false;
	if (*i < text.n)
		++*i;
	buf_putc(b, (char)n);
	buf_put(b, (struct span){ (const char *)label, n });
	return true;
}

static bool
put_name(struct buf *b, struct span text)
{
	size_t from = b->n;

	for (size_t i = 0; i < text.n;)
		if (!put_label_octets(b, text, &i))
			return false;
	buf_putc(b, 0);
	return b->n - from <= DNS_NAME_OCTETS;
}

/* RFC 6891 6.1.2: the root's name, OPT, our size, no flags, no data. */
static void
put_opt(struct buf *b)
{
	buf_putc(b, 0);
	put_u16(b, TYPE_OPT);
	put_u16(b, DNS_UDP_OCTETS);
	buf_put(b, (struct span){ "\0\0\0\0\0\0", 6 });
}

bool
dns_query_write(
    struct buf *b, uint16_t id, struct span name, uint16_t type, bool edns)
{
	put_u16(b, id);
	put_u16(b, 0); /* a standard query, no recursion */
	put_u16(b, 1);
	put_u16(b, 0);
	put_u16(b, 0);
	put_u16(b, edns);
	if (!put_name(b, name))
		return false;
	put_u16(b, type);
	put_u16(b, DNS_CLASS_IN);
	if (edns)
		put_opt(b);
	return !b->overflow;
}

/* ---- the response to it ---- */

bool
dns_is_response(struct span message, uint16_t id, struct span name,
    uint16_t type, struct dns_header *out)
{
	size_t at = DNS_HEADER_OCTETS;
	struct dns_name asked;
	unsigned flags;

	if (message.n < DNS_HEADER_OCTETS || dns_u16(message, 0) != id)
		return false;
	flags = dns_u16(message, 2);
	if ((flags & FLAG_QR) == 0 || (flags & MASK_OPCODE) != 0 ||
	    dns_u16(message, 4) != 1 || !dns_name_read(message, &at, &asked) ||
	    message.n - at < 4 || dns_u16(message, at) != type ||
	    dns_u16(message, at + 2) != DNS_CLASS_IN ||
	    !name_eq(dns_name_span(&asked), name))
		return false;
	*out = (struct dns_header){ .authoritative = (flags & FLAG_AA) != 0,
		.truncated = (flags & FLAG_TC) != 0,
		.rcode = flags & MASK_RCODE };
	return true;
}

#include "wire/dns_message.h"

#include "base/ascii.h"
#include "base/num.h"
#include "wire/dns.h"
#include "wire/name.h"

enum {
	RR_FIXED = 10, /* type, class, TTL, RDLENGTH */
	/* A name of 255 octets has at most 127 labels; each may come from
	 * behind a pointer, and a pointer may lead to another one. */
	NAME_HOPS = 128,
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

/* The octet that text begins with, a \DDD being one, or -1; moves behind it. */
static int
take_octet(struct span *text)
{
	uint64_t n = (unsigned char)text->p[0];
	size_t octets = 1;

	if (n == '\\') {
		octets = 4;
		if (text->n < octets ||
		    !num_parse(
			span_head(span_skip(*text, 1), 3), UINT8_MAX, &n))
			return -1;
	}
	*text = span_skip(*text, octets);
	return (int)n;
}

/* The first label of text, which moves behind its dot. */
static bool
write_label(struct buf *b, struct span *text)
{
	char label[NAME_MAX_LABEL];
	size_t n = 0;

	while (text->n > 0 && text->p[0] != '.') {
		int c = take_octet(text);

		if (c < 0 || n == sizeof label)
			return false;
		label[n++] = (char)ascii_lower((unsigned char)c);
	}
	*text = span_skip(*text, 1);
	buf_putc(b, (char)n);
	buf_put(b, (struct span){ label, n });
	return n > 0;
}

bool
dns_name_write(struct buf *b, struct span text)
{
	char mem[DNS_NAME_OCTETS];
	struct buf name = buf_init(mem, sizeof mem);

	while (text.n > 0)
		if (!write_label(&name, &text))
			return false;
	buf_putc(&name, '\0');
	if (name.overflow)
		return false;
	buf_put(b, buf_span(&name));
	return true;
}

bool
dns_name_parse(struct span text, struct dns_name *out)
{
	char mem[DNS_NAME_OCTETS];
	struct buf name = buf_init(mem, sizeof mem);
	size_t at = 0;

	return dns_name_write(&name, text) &&
	       dns_name_read(buf_span(&name), &at, out);
}

/* RFC 6891 6.1.2: the root's name, OPT, our size, no flags, no data. */
static void
put_opt(struct buf *b)
{
	buf_putc(b, 0);
	dns_put_u16(b, DNS_OPT);
	dns_put_u16(b, DNS_UDP_OCTETS);
	buf_put(b, (struct span){ "\0\0\0\0\0\0", 6 });
}

bool
dns_query_write(
    struct buf *b, uint16_t id, struct span name, uint16_t type, bool edns)
{
	dns_put_u16(b, id);
	dns_put_u16(b, 0); /* a standard query, no recursion */
	dns_put_u16(b, 1);
	dns_put_u16(b, 0);
	dns_put_u16(b, 0);
	dns_put_u16(b, edns);
	if (!dns_name_write(b, name))
		return false;
	dns_put_u16(b, type);
	dns_put_u16(b, DNS_CLASS_IN);
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
	if ((flags & DNS_FLAG_QR) == 0 || (flags & DNS_MASK_OPCODE) != 0 ||
	    dns_u16(message, 4) != 1 || !dns_name_read(message, &at, &asked) ||
	    message.n - at < 4 || dns_u16(message, at) != type ||
	    dns_u16(message, at + 2) != DNS_CLASS_IN ||
	    !name_eq(dns_name_span(&asked), name))
		return false;
	*out = (struct dns_header){ .authoritative = (flags & DNS_FLAG_AA) != 0,
		.truncated = (flags & DNS_FLAG_TC) != 0,
		.rcode = flags & DNS_MASK_RCODE };
	return true;
}

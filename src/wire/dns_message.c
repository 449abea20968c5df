#include "wire/dns_message.h"

#include "base/ascii.h"
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

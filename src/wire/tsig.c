#include "wire/tsig.h"

#include "wire/dns.h"

/* clang-format off */
const struct tsig_algorithm_row tsig_algorithms[TSIG_ALGORITHMS] = {
	[TSIG_SHA256] = { SPAN_INIT("hmac-sha256"), "SHA256", 32 },
	[TSIG_SHA384] = { SPAN_INIT("hmac-sha384"), "SHA384", 48 },
	[TSIG_SHA512] = { SPAN_INIT("hmac-sha512"), "SHA512", 64 },
};
/* clang-format on */

enum {
	ARCOUNT_AT = 10, /* in the header */
	TIMES = 8, /* time signed and fudge */
	MEMBERS_MIN = TIMES + 2 + 6, /* behind the algorithm, nothing in them */
};

static uint64_t
u48(struct span s, size_t at)
{
	return (uint64_t)dns_u16(s, at) << 32 | dns_u32(s, at + 2);
}

/* The data of the record; it must end where the record does. */
static bool
read_members(struct span message, const struct dns_record *rr, struct tsig *out)
{
	size_t at = rr->rdata, end = rr->rdata + rr->rdlength, n;
	struct span s = span_head(message, end);

	if (!dns_name_read(s, &at, &out->algorithm) || end - at < MEMBERS_MIN)
		return false;
	out->time_s = u48(s, at);
	out->fudge_s = dns_u16(s, at + 6);
	n = dns_u16(s, at + TIMES);
	at += TIMES + 2;
	if (end - at < n + 6)
		return false;
	out->mac = span_head(span_skip(s, at), n);
	at += n;
	out->original_id = dns_u16(s, at);
	out->error = dns_u16(s, at + 2);
	n = dns_u16(s, at + 4);
	at += 6;
	out->other = span_skip(s, at);
	return end - at == n;
}

static bool
skip_questions(struct span message, size_t *at)
{
	struct dns_name name;

	for (unsigned i = dns_u16(message, 4); i > 0; i--) {
		if (!dns_name_read(message, at, &name) || message.n - *at < 4)
			return false;
		*at += 4;
	}
	return true;
}

enum tsig_find
tsig_find(struct span message, struct tsig *out)
{
	enum tsig_find found = TSIG_ABSENT;
	size_t at = DNS_HEADER_OCTETS;
	unsigned left, additional;

	if (message.n < DNS_HEADER_OCTETS || !skip_questions(message, &at))
		return TSIG_MALFORMED;
	additional = dns_u16(message, ARCOUNT_AT);
	left = dns_u16(message, 6) + dns_u16(message, 8) + additional;
	for (; left > 0; left--) {
		struct dns_record rr;

		out->at = at;
		if (!dns_record_read(message, &at, &rr))
			return TSIG_MALFORMED;
		if (rr.type != DNS_TSIG)
			continue;
		if (left > 1 || additional == 0 || rr.class != DNS_CLASS_ANY ||
		    rr.ttl != 0 || !read_members(message, &rr, out))
			return TSIG_MALFORMED;
		out->key = rr.owner;
		found = TSIG_FOUND;
	}
	return at == message.n ? found : TSIG_MALFORMED;
}

/* ---- what is digested ---- */

void
tsig_digest_prior(struct span mac, const struct tsig_sink *to)
{
	char mem[2];
	struct buf b = buf_init(mem, sizeof mem);

	dns_put_u16(&b, (unsigned)mac.n);
	to->put(to->arg, buf_span(&b));
	to->put(to->arg, mac);
}

static void
put_times(struct buf *b, const struct tsig *t)
{
	dns_put_u16(b, (unsigned)(t->time_s >> 32 & 0xffff));
	dns_put_u16(b, (unsigned)(t->time_s >> 16 & 0xffff));
	dns_put_u16(b, (unsigned)(t->time_s & 0xffff));
	dns_put_u16(b, t->fudge_s);
}

/* RFC 8945 4.3.3. The class is ANY, the TTL 0. */
static void
digest_variables(const struct tsig *t, const struct tsig_sink *to)
{
	char mem[2 * DNS_NAME_OCTETS + 6 + TIMES + 4];
	struct buf b = buf_init(mem, sizeof mem);

	(void)dns_name_write(&b, dns_name_span(&t->key));
	dns_put_u16(&b, DNS_CLASS_ANY);
	buf_put(&b, SPAN("\0\0\0\0"));
	(void)dns_name_write(&b, dns_name_span(&t->algorithm));
	put_times(&b, t);
	dns_put_u16(&b, t->error);
	dns_put_u16(&b, (unsigned)t->other.n);
	to->put(to->arg, buf_span(&b));
	to->put(to->arg, t->other);
}

static void
digest_timers(const struct tsig *t, const struct tsig_sink *to)
{
	char mem[TIMES];
	struct buf b = buf_init(mem, sizeof mem);

	put_times(&b, t);
	to->put(to->arg, buf_span(&b));
}

/* RFC 8945 4.3.2: the id is the one that was signed, and the record is not
 * counted. */
static void
digest_header(
    struct span message, const struct tsig *t, const struct tsig_sink *to)
{
	char mem[DNS_HEADER_OCTETS];
	struct buf b = buf_init(mem, sizeof mem);
	unsigned additional = dns_u16(message, ARCOUNT_AT);

	dns_put_u16(&b, t->original_id);
	buf_put(&b, span_head(span_skip(message, 2), ARCOUNT_AT - 2));
	dns_put_u16(&b, t->at < message.n ? additional - 1 : additional);
	to->put(to->arg, buf_span(&b));
}

void
tsig_digest_message(struct span message, const struct tsig *t,
    enum tsig_scope scope, const struct tsig_sink *to)
{
	digest_header(message, t, to);
	to->put(
	    to->arg, span_skip(span_head(message, t->at), DNS_HEADER_OCTETS));
	switch (scope) {
	case TSIG_VARIABLES:
		digest_variables(t, to);
		break;
	case TSIG_TIMERS:
		digest_timers(t, to);
		break;
	}
}

/* ---- the record, written ---- */

static bool
put_members(struct buf *b, const struct tsig *t)
{
	if (!dns_name_write(b, dns_name_span(&t->algorithm)))
		return false;
	put_times(b, t);
	dns_put_u16(b, (unsigned)t->mac.n);
	buf_put(b, t->mac);
	dns_put_u16(b, t->original_id);
	dns_put_u16(b, t->error);
	dns_put_u16(b, (unsigned)t->other.n);
	buf_put(b, t->other);
	return true;
}

bool
tsig_write(struct buf *b, const struct tsig *t)
{
	size_t from = b->n, data;
	struct buf count = buf_init(b->p + ARCOUNT_AT, 2), length;

	if (!dns_name_write(b, dns_name_span(&t->key)))
		return false;
	dns_put_u16(b, DNS_TSIG);
	dns_put_u16(b, DNS_CLASS_ANY);
	buf_put(b, SPAN("\0\0\0\0\0\0")); /* TTL, and the length to come */
	data = b->n;
	if (!put_members(b, t)) {
		b->n = from;
		return false;
	}
	if (b->overflow)
		return true;
	length = buf_init(b->p + data - 2, 2);
	dns_put_u16(&length, (unsigned)(b->n - data));
	dns_put_u16(&count, dns_u16(buf_span(b), ARCOUNT_AT) + 1U);
	return true;
}

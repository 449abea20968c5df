#include "serve/dns_answer.h"

#include "base/ascii.h"
#include "wire/dns.h"

/* A question at hand. */
struct asked {
	struct dns_zone *zone;
	const struct dns_zone_constants *c;
	struct dns_reply *r;
	struct dns_wire_name name; /* in lower case */
	struct span labels; /* of it, in front of the apex */
	uint16_t type;
	uint16_t apex; /* where in the message the apex stands */
};

/* ---- records ---- */

struct dns_place
dns_answer_place(const struct dns_wire_name *name,
    const struct dns_zone_constants *c, uint16_t apex)
{
	struct span labels, whole = dns_wire_span(name);

	if (!dns_wire_is_under(whole, dns_wire_span(&c->apex), &labels))
		return (struct dns_place){ whole, 0 };
	return (struct dns_place){ labels, apex };
}

void
dns_answer_soa(struct dns_reply *r, enum dns_section in,
    const struct dns_zone *z, uint16_t apex, uint32_t ttl, uint32_t serial)
{
	const struct dns_zone_constants *c = dns_zone_constants(z);
	const struct dns_soa soa = {
		.primary = dns_answer_place(&c->primary, c, apex),
		.mailbox = dns_answer_place(&c->mailbox, c, apex),
		.serial = serial,
		.refresh = c->refresh,
		.retry = c->retry,
		.expire = c->expire,
		.minimum = c->negative_ttl,
	};

	dns_reply_soa(
	    r, in, (struct dns_place){ SPAN_INIT(""), apex }, ttl, &soa);
}

void
dns_answer_servers(
    struct dns_reply *r, const struct dns_zone_constants *c, uint16_t apex)
{
	const struct dns_place owner = { SPAN_INIT(""), apex };

	for (size_t i = 0; i < c->n_servers; i++)
		dns_reply_ns(r, DNS_ANSWER, owner, c->ttl,
		    dns_answer_place(&c->servers[i], c, apex));
}

void
dns_answer_addresses(struct dns_reply *r, const struct dns_zone_constants *c,
    struct dns_place owner, enum ip_family family)
{
	for (size_t i = 0; i < c->n_addresses; i++)
		if (family == IP_NONE || c->addresses[i].family == family)
			dns_reply_address(
			    r, DNS_ANSWER, owner, c->ttl, &c->addresses[i]);
}

void
dns_answer_id(struct dns_reply *r, const struct dns_zone_constants *c,
    struct dns_place owner, const struct dns_entry *e)
{
	char mem[64];
	struct buf text = buf_init(mem, sizeof mem);

	if (e->id_n == 0)
		return;
	buf_put(&text, SPAN("v=STSv1; id="));
	buf_put(&text, (struct span){ e->id, e->id_n });
	buf_put(&text, SPAN(";"));
	dns_reply_txt(r, DNS_ANSWER, owner, c->ttl, buf_span(&text));
}

/* ---- answers ---- */

static struct span
end(struct asked *q, enum dns_rcode rcode)
{
	return dns_reply_end(q->r, true, rcode);
}

/* RFC 2308 3: the SOA record says for how long, with the lesser of its TTL and
 * its minimum. */
static struct span
say_no(struct asked *q, enum dns_rcode rcode)
{
	uint32_t ttl =
	    q->c->ttl < q->c->negative_ttl ? q->c->ttl : q->c->negative_ttl;

	dns_answer_soa(q->r, DNS_AUTHORITY, q->zone, q->apex, ttl,
	    dns_zone_serial(q->zone));
	return end(q, rcode);
}

/* What was put, or that there is no such record (RFC 2308 2.2). */
static struct span
end_answers(struct asked *q)
{
	if (q->r->count[DNS_ANSWER] == 0 && !q->r->b.overflow)
		return say_no(q, DNS_RCODE_NOERROR);
	return end(q, DNS_RCODE_NOERROR);
}

/* The addresses of the name servers that are in the zone. */
static void
put_glue(struct asked *q)
{
	for (size_t i = 0; i < q->c->n_hosts; i++) {
		const struct dns_constant_host *host = &q->c->hosts[i];

		for (size_t j = 0; j < q->c->n_servers; j++)
			if (span_eq(dns_wire_span(&host->name),
				dns_wire_span(&q->c->servers[j])))
				dns_reply_address(q->r, DNS_ADDITIONAL,
				    dns_answer_place(
					&host->name, q->c, q->apex),
				    q->c->ttl, &host->address);
	}
}

static struct span
answer_apex(struct asked *q)
{
	switch (q->type) {
	case DNS_SOA:
	case DNS_IXFR:
	case DNS_ANY: /* RFC 8482 4.1: one of them */
		dns_answer_soa(q->r, DNS_ANSWER, q->zone, q->apex, q->c->ttl,
		    dns_zone_serial(q->zone));
		break;
	case DNS_NS:
		dns_answer_servers(q->r, q->c, q->apex);
		put_glue(q);
		break;
	case DNS_A:
		dns_answer_addresses(q->r, q->c, dns_place_question(), IP_V4);
		break;
	case DNS_AAAA:
		dns_answer_addresses(q->r, q->c, dns_place_question(), IP_V6);
		break;
	}
	return end_answers(q);
}

static struct span
answer_entry(struct asked *q, const struct dns_entry *e)
{
	const struct dns_place owner = dns_place_question();

	switch (q->type) {
	case DNS_TXT:
		dns_answer_id(q->r, q->c, owner, e);
		break;
	case DNS_A:
		dns_answer_addresses(q->r, q->c, owner, IP_V4);
		break;
	case DNS_AAAA:
		dns_answer_addresses(q->r, q->c, owner, IP_V6);
		break;
	case DNS_ANY: /* RFC 8482 4.1 */
		dns_answer_id(q->r, q->c, owner, e);
		if (e->id_n == 0)
			dns_answer_addresses(q->r, q->c, owner, IP_V4);
		break;
	}
	return end_answers(q);
}

static bool
has_type(const struct asked *q, uint8_t family)
{
	return q->type == DNS_ANY ||
	       q->type == (family == IP_V4 ? DNS_A : DNS_AAAA);
}

/* A constant host; a name with one of them below it, which exists too though
 * it has no record (RFC 8020 2, RFC 4592 2.2.2); or nothing, if that is what is
 * known of it. */
static struct span
answer_host(struct asked *q, bool is_known)
{
	bool exists = false;

	for (size_t i = 0; i < q->c->n_hosts; i++) {
		const struct dns_constant_host *host = &q->c->hosts[i];
		struct span below;

		if (!dns_wire_is_under(dns_wire_span(&host->name),
			dns_wire_span(&q->name), &below))
			continue;
		exists = true;
		if (below.n == 0 && has_type(q, host->address.family))
			dns_reply_address(q->r, DNS_ANSWER,
			    dns_place_question(), q->c->ttl, &host->address);
	}
	if (exists)
		return end_answers(q);
	return is_known ? say_no(q, DNS_RCODE_NXDOMAIN)
			: dns_reply_end(q->r, false, DNS_RCODE_SERVFAIL);
}

static bool
is_one_label(struct span labels)
{
	return labels.n == (unsigned char)labels.p[0] + 1U;
}

static void
set_name(struct dns_wire_name *out, struct span name)
{
	out->n = (unsigned char)name.n;
	for (size_t i = 0; i < name.n; i++)
		out->p[i] = (char)ascii_lower((unsigned char)name.p[i]);
}

/* RFC 6895 3.1: types of questions and of what goes with messages. Of them
 * there are no records, and of those we answer only ANY and IXFR. */
static bool
is_meta(uint16_t type)
{
	return type == 0 || type == DNS_OPT ||
	       (type >= 128 && type < DNS_ANY && type != DNS_IXFR);
}

struct span
dns_answer(struct dns_zone *z, struct dns_reply *r)
{
	const struct dns_query *query = r->query;
	enum lookup said = LOOKUP_NONE;
	struct dns_entry e;
	struct asked q = { .zone = z,
		.c = dns_zone_constants(z),
		.r = r,
		.type = query->type };

	set_name(&q.name, query->name);
	if (query->class != DNS_CLASS_IN || query->type == DNS_AXFR ||
	    !dns_wire_is_under(
		dns_wire_span(&q.name), dns_wire_span(&q.c->apex), &q.labels))
		return dns_reply_end(r, false, DNS_RCODE_REFUSED);
	if (is_meta(query->type))
		return dns_reply_end(r, false, DNS_RCODE_NOTIMP);
	q.apex = (uint16_t)(DNS_HEADER_OCTETS + q.labels.n);
	if (q.labels.n == 0)
		return answer_apex(&q);
	if (is_one_label(q.labels))
		said = dns_zone_find(z, span_skip(q.labels, 1), &e);
	return said == LOOKUP_FOUND ? answer_entry(&q, &e)
				    : answer_host(&q, said == LOOKUP_NONE);
}

#include "serve/dns_transfer.h"

#include <stdlib.h>

#include "base/limits.h"
#include "serve/dns_answer.h"

enum {
	LABEL_MAX = 63,
	/* What one step below may need, which is most for the apex: a name
	 * server takes 2 + 10 + 255, an address 2 + 10 + 16. */
	STEP_OCTETS = LIMIT_DNS_SERVERS * 267 + LIMIT_DNS_ADDRESSES * 28,
	/* A TSIG record: key, fixed part, algorithm, members, MAC and time. */
	TSIG_OCTETS = DNS_NAME_OCTETS + 10 + 16 + 16 + TSIG_MAC_MAX + 6,
};

enum step { FIRST_SOA, APEX, HOSTS, ENTRIES, LAST_SOA, END, BROKEN };

struct dns_transfer {
	struct dns_zone *zone;
	const struct clock *clock;
	struct dns_query query; /* its name stands in question */
	char question[DNS_NAME_OCTETS + 4];
	bool is_signed;
	struct tsig_stream signer;
	struct tsig tsig;
	uint32_t serial;
	enum step step;
	size_t host; /* the next one */
	char label[LABEL_MAX]; /* the last one */
	size_t label_n;
};

struct dns_transfer *
dns_transfer_new(struct dns_zone *zone, const struct clock *clock,
    const struct dns_query *query, const struct tsig_stream *signer,
    const struct tsig *tsig)
{
	struct span question = dns_query_question(query);
	struct dns_transfer *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->zone = zone;
	t->clock = clock;
	t->query = *query;
	memcpy(t->question, question.p, question.n);
	t->query.name.p = t->question;
	t->serial = dns_zone_serial(zone);
	if (signer != NULL) {
		t->is_signed = true;
		t->signer = *signer;
		t->tsig = *tsig;
		t->tsig.mac = t->tsig.other = SPAN(""); /* were the query's */
	}
	return t;
}

void
dns_transfer_free(struct dns_transfer *t)
{
	if (t == NULL)
		return;
	if (t->is_signed)
		tsig_stream_release(&t->signer);
	free(t);
}

static enum step
put_apex(struct dns_transfer *t, struct dns_reply *r)
{
	const struct dns_zone_constants *c = dns_zone_constants(t->zone);

	dns_answer_servers(r, c, DNS_HEADER_OCTETS);
	dns_answer_addresses(r, c, dns_place_question(), IP_NONE);
	return HOSTS;
}

static enum step
put_host(struct dns_transfer *t, struct dns_reply *r)
{
	const struct dns_zone_constants *c = dns_zone_constants(t->zone);
	const struct dns_constant_host *host;

	if (t->host == c->n_hosts)
		return ENTRIES;
	host = &c->hosts[t->host];
	dns_reply_address(r, DNS_ANSWER,
	    dns_answer_place(&host->name, c, DNS_HEADER_OCTETS), c->ttl,
	    &host->address);
	t->host++;
	return HOSTS;
}

/* The records of a name behind its first one point to that one's owner. */
static enum step
put_entry(struct dns_transfer *t, struct dns_reply *r)
{
	const struct dns_zone_constants *c = dns_zone_constants(t->zone);
	char wire[1 + LABEL_MAX];
	struct dns_place owner;
	struct dns_entry e;

	switch (dns_zone_next(t->zone, (struct span){ t->label, t->label_n },
	    t->label, &t->label_n, &e)) {
	case LOOKUP_FOUND:
		break;
	case LOOKUP_SAME:
	case LOOKUP_NONE:
		return LAST_SOA;
	case LOOKUP_FAILED:
		return BROKEN;
	}
	wire[0] = (char)t->label_n;
	memcpy(wire + 1, t->label, t->label_n);
	owner =
	    (struct dns_place){ { wire, 1 + t->label_n }, DNS_HEADER_OCTETS };
	for (size_t i = 0; i < c->n_addresses; i++) {
		size_t at = r->b.n;

		dns_reply_address(
		    r, DNS_ANSWER, owner, c->ttl, &c->addresses[i]);
		if (i == 0)
			owner =
			    (struct dns_place){ SPAN_INIT(""), (uint16_t)at };
	}
	dns_answer_id(r, c, owner, &e);
	return ENTRIES;
}

static enum step
put_step(struct dns_transfer *t, struct dns_reply *r)
{
	uint32_t ttl = dns_zone_constants(t->zone)->ttl;

	switch (t->step) {
	case FIRST_SOA:
		dns_answer_soa(
		    r, DNS_ANSWER, t->zone, DNS_HEADER_OCTETS, ttl, t->serial);
		return APEX;
	case APEX:
		return put_apex(t, r);
	case HOSTS:
		return put_host(t, r);
	case ENTRIES:
		return put_entry(t, r);
	case LAST_SOA:
		dns_answer_soa(
		    r, DNS_ANSWER, t->zone, DNS_HEADER_OCTETS, ttl, t->serial);
		return END;
	case END:
	case BROKEN:
		break;
	}
	return t->step;
}

enum err
dns_transfer_next(struct dns_transfer *t, char *mem, struct span *out)
{
	struct dns_reply r;
	struct buf message;
	enum err rc;

	*out = SPAN("");
	if (t->step == END)
		return ERR_OK;
	dns_reply_init(&r, mem, LIMIT_DNS_TRANSFER_MESSAGE,
	    t->is_signed ? TSIG_OCTETS : 0, &t->query);
	while (t->step != END && t->step != BROKEN &&
	       r.b.cap - r.b.n >= STEP_OCTETS)
		t->step = put_step(t, &r);
	if (t->step == BROKEN)
		return ERR_STORE;
	message = buf_init(mem, LIMIT_DNS_TRANSFER_MESSAGE);
	message.n = dns_reply_end(&r, true, DNS_RCODE_NOERROR).n;
	if (t->is_signed) {
		rc = tsig_stream_answer(&t->signer, &message, &t->tsig, 0,
		    clock_wall(t->clock), NULL);
		if (rc != ERR_OK)
			return rc;
	}
	if (message.overflow)
		return ERR_LIMIT;
	*out = buf_span(&message);
	return ERR_OK;
}

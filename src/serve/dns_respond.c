#include "serve/dns_respond.h"

#include "base/ascii.h"
#include "serve/dns_answer.h"
#include "wire/dns.h"
#include "wire/dns_serial.h"

enum {
	/* A TSIG record without its key's name and its MAC: fixed part,
	 * algorithm, members, the time of BADTIME. */
	TSIG_OCTETS = 10 + 16 + 16 + 6,
};

/* A message at hand. */
struct exchange {
	const struct dns_responder *d;
	struct dns_query q;
	enum dns_transport over;
	const struct ip_addr *from;
	struct buf *out;
	struct dns_reply r;

	bool is_signed;
	struct tsig tsig; /* of the query */
	const struct tsig_key *key; /* NULL: not known */
	struct tsig_stream signer; /* if there is a key */
	uint16_t fault; /* enum tsig_error, or 0 */
};

/* What the answer's signature will take. */
static size_t
signature_octets(const struct exchange *x)
{
	if (!x->is_signed)
		return 0;
	return TSIG_OCTETS + x->tsig.key.n + 2 + TSIG_MAC_MAX;
}

static void
begin(struct exchange *x)
{
	size_t octets =
	    x->over == DNS_OVER_UDP ? dns_reply_udp_octets(&x->q) : x->out->cap;

	dns_reply_init(&x->r, x->out->p, octets, signature_octets(x), &x->q);
}

static void
refuse(struct exchange *x, enum dns_rcode rcode)
{
	begin(x);
	x->out->n = dns_reply_end(&x->r, false, rcode).n;
}

/* ---- signatures ---- */

static const struct tsig_key *
find_key(const struct dns_responder *d, const struct tsig *t)
{
	for (size_t i = 0; i < d->n_secondaries; i++) {
		const struct tsig_key *key = d->secondaries[i].key;

		if (key != NULL &&
		    span_eq(
			dns_name_span(&key->name), dns_name_span(&t->key)) &&
		    span_eq(tsig_algorithms[key->algorithm].name,
			dns_name_span(&t->algorithm)))
			return key;
	}
	return NULL;
}

/* Is the signature good? What is wrong with it goes to x->fault. */
static enum dns_rcode
check_signature(struct exchange *x, struct span message)
{
	if (tsig_find(message, &x->tsig) != TSIG_FOUND)
		return DNS_RCODE_FORMERR;
	x->is_signed = true;
	x->key = find_key(x->d, &x->tsig);
	if (x->key == NULL) {
		x->fault = TSIG_BADKEY;
		return DNS_RCODE_NOTAUTH;
	}
	if (tsig_stream_init(&x->signer, x->key, NULL) != ERR_OK ||
	    tsig_stream_accept(&x->signer, message, &x->tsig,
		clock_wall(x->d->clock), &x->fault, NULL) != ERR_OK)
		return DNS_RCODE_SERVFAIL;
	return x->fault == 0 ? DNS_RCODE_NOERROR : DNS_RCODE_NOTAUTH;
}

/* RFC 8945 5.3: an answer to a signed query is signed, unless the key is not
 * to be trusted. False: no such answer can be given. */
static bool
sign(struct exchange *x)
{
	if (x->key == NULL || x->fault == TSIG_BADSIG)
		return tsig_put_fault(x->out, &x->tsig, x->fault) &&
		       !x->out->overflow;
	return tsig_stream_answer(&x->signer, x->out, &x->tsig, x->fault,
		   clock_wall(x->d->clock), NULL) == ERR_OK &&
	       !x->out->overflow;
}

/* ---- transfers ---- */

static bool
may_transfer(const struct exchange *x)
{
	if (x->is_signed)
		return true; /* keys are the secondaries' */
	for (size_t i = 0; i < x->d->n_secondaries; i++)
		if (x->d->secondaries[i].key == NULL &&
		    ip_eq(x->d->secondaries[i].at.address, *x->from))
			return true;
	return false;
}

static bool
is_apex(const struct exchange *x)
{
	const struct dns_zone_constants *c = dns_zone_constants(x->d->zone);
	struct span apex = dns_wire_span(&c->apex);

	return x->q.class == DNS_CLASS_IN && ascii_eq_nocase(x->q.name, apex);
}

/* RFC 1995 2: who has this version, or a later one, gets the SOA record alone;
 * so does who asks over UDP. dns_answer gives it. */
static bool
is_up_to_date(const struct exchange *x)
{
	return x->q.type == DNS_IXFR &&
	       (x->over == DNS_OVER_UDP ||
		   (x->q.has_serial && !dns_serial_is_older(x->q.serial,
					   dns_zone_serial(x->d->zone))));
}

static bool
is_transfer(const struct exchange *x)
{
	return x->q.type == DNS_AXFR || x->q.type == DNS_IXFR;
}

/* DNS_RCODE_NOERROR: it may begin. RFC 5936 2.2.1, 4.2: AXFR is for TCP. */
static enum dns_rcode
check_transfer(const struct exchange *x)
{
	if (!is_apex(x))
		return DNS_RCODE_NOTAUTH;
	if (!may_transfer(x) || x->over == DNS_OVER_UDP)
		return DNS_RCODE_REFUSED;
	return DNS_RCODE_NOERROR;
}

static enum dns_outcome
transfer(struct exchange *x, struct dns_transfer **out)
{
	enum dns_rcode rcode = check_transfer(x);

	if (rcode == DNS_RCODE_NOERROR) {
		*out = dns_transfer_new(x->d->zone, x->d->clock, &x->q,
		    x->is_signed ? &x->signer : NULL, &x->tsig);
		if (*out != NULL)
			return DNS_TRANSFER;
		rcode = DNS_RCODE_SERVFAIL;
	}
	refuse(x, rcode);
	return DNS_MESSAGE;
}

/* ---- all of it ---- */

static enum dns_outcome
answer(struct exchange *x, struct dns_transfer **out)
{
	if (is_transfer(x) && !is_up_to_date(x))
		return transfer(x, out);
	begin(x);
	x->out->n = dns_answer(x->d->zone, &x->r).n;
	return DNS_MESSAGE;
}

static enum dns_outcome
answer_signed(
    struct exchange *x, struct span message, struct dns_transfer **out)
{
	enum dns_rcode rcode = check_signature(x, message);
	enum dns_outcome outcome = DNS_MESSAGE;

	if (rcode == DNS_RCODE_NOERROR)
		outcome = answer(x, out);
	else
		refuse(x, rcode);
	if (outcome == DNS_TRANSFER)
		return outcome; /* which has the signer now */
	if (x->is_signed && rcode != DNS_RCODE_SERVFAIL && !sign(x))
		outcome = DNS_NO_ANSWER;
	if (x->key != NULL)
		tsig_stream_release(&x->signer);
	return outcome;
}

enum dns_outcome
dns_respond(const struct dns_responder *d, struct span message,
    enum dns_transport over, const struct ip_addr *from, struct buf *out,
    struct dns_transfer **transfer)
{
	struct exchange x;

	/* Not with an initializer: the names in it are 4 KB. */
	x.d = d;
	x.over = over;
	x.from = from;
	x.out = out;
	x.is_signed = false;
	x.key = NULL;
	x.fault = 0;
	if (!dns_query_read(message, &x.q))
		return DNS_NO_ANSWER;
	if (x.q.rcode == DNS_RCODE_NOERROR) {
		if (x.q.has_tsig)
			return answer_signed(&x, message, transfer);
		return answer(&x, transfer);
	}
	refuse(&x, (enum dns_rcode)x.q.rcode);
	return DNS_MESSAGE;
}

bool
dns_respond_slip(struct span message, struct buf *out)
{
	struct dns_query q;
	struct dns_reply r;

	if (!dns_query_read(message, &q))
		return false;
	dns_reply_init(&r, out->p, DNS_UDP_MIN, 0, &q);
	out->n = dns_reply_truncate(&r).n;
	return true;
}

#include "io/zone_transfer.h"

#include <inttypes.h>

#include "base/limits.h"
#include "io/conn.h"
#include "io/tsig_stream.h"
#include "wire/axfr.h"
#include "wire/dns.h"
#include "wire/name.h"

const struct zone_transfer_limits zone_transfer_limits = {
	.idle_ms = LIMIT_TRANSFER_IDLE_MS,
	.total_ms = LIMIT_TRANSFER_MS,
	.bytes = LIMIT_TRANSFER_BYTES,
};

enum {
	MESSAGE_MAX = UINT16_MAX, /* RFC 1035 4.2.2 */
	LENGTH = 2, /* in front of a message */
	QUERY_MAX = 1024, /* a question and a TSIG record */
};

/* One transfer under way. */
struct transfer {
	const struct zone_transfer *z;
	const struct zone_file_reader *taker;
	struct conn conn;
	struct mono_time end;
	struct tsig_stream tsig; /* where z->key is there */
	struct axfr axfr;
	uint64_t bytes; /* received */
	char message[MESSAGE_MAX]; /* the one at hand */
};

/* ---- the connection ---- */

/* Until the server must have said or taken something. */
static void
set_deadline(struct transfer *t)
{
	t->conn.deadline = mono_earlier(t->end,
	    mono_after_ms(clock_mono(t->z->clock), t->z->limits->idle_ms));
}

/* Why reading or writing came to nothing. */
static enum err
fail_talk(struct transfer *t, enum talk_result r, struct error *e)
{
	const struct zone_transfer_limits *l = t->z->limits;

	if (r == TALK_CLOSED)
		return error_set(e, ERR_DATA,
		    "the server ended the transfer before the zone was whole");
	if (r != TALK_TIMEOUT)
		return error_set(e, ERR_NO_INPUT, "%s", t->conn.reason);
	if (mono_ms_until(clock_mono(t->z->clock), t->end) > 0)
		return error_set(e, ERR_NO_INPUT,
		    "the server said nothing for %" PRId64 " s",
		    l->idle_ms / 1000);
	return error_set(e, ERR_LIMIT,
	    "the transfer takes more than %" PRId64 " s", l->total_ms / 1000);
}

static enum err
open_any(struct transfer *t, struct error *e)
{
	const struct zone_transfer *z = t->z;
	enum talk_result r = TALK_UNTRIED;

	for (size_t i = 0; i < z->n_servers && r != TALK_OK; i++) {
		t->conn = conn_init(z->clock, z->stop);
		set_deadline(t);
		r = conn_open(&t->conn, z->servers[i].address,
		    z->servers[i].port, t->conn.deadline);
		if (r != TALK_OK)
			conn_close(&t->conn);
	}
	if (r == TALK_OK)
		return ERR_OK;
	return error_set(e, ERR_NO_INPUT, "cannot connect: %s", t->conn.reason);
}

static enum err
read_octets(struct transfer *t, char *to, size_t n, struct error *e)
{
	while (n > 0) {
		size_t got;
		enum talk_result r;

		set_deadline(t);
		r = conn_read(&t->conn, to, n, &got);
		if (r != TALK_OK)
			return fail_talk(t, r, e);
		to += got;
		n -= got;
	}
	return ERR_OK;
}

/* RFC 1035 4.2.2: its length, and the message. */
static enum err
read_message(struct transfer *t, struct span *out, struct error *e)
{
	char length[LENGTH];
	enum err rc = read_octets(t, length, sizeof length, e);

	if (rc != ERR_OK)
		return rc;
	*out = (struct span){ t->message,
		dns_u16((struct span){ length, LENGTH }, 0) };
	t->bytes += LENGTH + out->n;
	if (t->bytes > t->z->limits->bytes)
		return error_set(e, ERR_LIMIT,
		    "the transfer is larger than %" PRIu64 " bytes",
		    t->z->limits->bytes);
	return read_octets(t, t->message, out->n, e);
}

/* ---- the query ---- */

static enum err
send_query(struct transfer *t, struct error *e)
{
	const struct zone_transfer *z = t->z;
	char mem[LENGTH + QUERY_MAX];
	struct buf length = buf_init(mem, LENGTH);
	struct buf query = buf_init(mem + LENGTH, QUERY_MAX);
	enum talk_result r;
	uint16_t id;

	if (!randomness_fill(z->random, &id, sizeof id))
		return error_set(e, ERR_SYSTEM, "no random numbers");
	t->axfr = axfr_init(z->zone, id);
	if (!dns_query_write(&query, id, z->zone, DNS_AXFR, false))
		return error_set(e, ERR_DATA, "the zone's name is none");
	if (z->key != NULL) {
		enum err rc =
		    tsig_stream_sign(&t->tsig, &query, clock_wall(z->clock), e);

		if (rc != ERR_OK)
			return rc;
	}
	if (query.overflow)
		return error_set(e, ERR_LIMIT, "the query is too long");
	dns_put_u16(&length, (unsigned)query.n);
	set_deadline(t);
	r = conn_write(&t->conn, (struct span){ mem, LENGTH + query.n });
	return r == TALK_OK ? ERR_OK : fail_talk(t, r, e);
}

/* ---- the answer ---- */

/* clang-format off */
static const struct {
	uint8_t		 rcode; /* enum dns_rcode */
	const char	*text;
} refusals[] = {
	{ DNS_RCODE_FORMERR, "FORMERR: the server does not understand the query" },
	{ DNS_RCODE_SERVFAIL, "SERVFAIL: the server cannot give the zone now; its "
	    "log says why" },
	{ DNS_RCODE_NXDOMAIN, "NXDOMAIN: the server has no such zone" },
	{ DNS_RCODE_NOTIMP, "NOTIMP: the server does no zone transfers" },
	{ DNS_RCODE_REFUSED, "REFUSED: the server does not give the zone to us; "
	    "allow the transfer there, to this address or to a key" },
	{ DNS_RCODE_NOTAUTH, "NOTAUTH: the server does not have the zone, or gives "
	    "it to none but the holder of a key" },
};
/* clang-format on */

static enum err
fail_rcode(const struct transfer *t, struct error *e)
{
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
		if (t->axfr.rcode == refusals[i].rcode)
			return error_set(
			    e, ERR_NO_INPUT, "%s", refusals[i].text);
	return error_set(
	    e, ERR_NO_INPUT, "the server answers with rcode %d", t->axfr.rcode);
}

static enum err
fail_step(const struct transfer *t, enum axfr_step step, struct error *e)
{
	const char *text = "";

	switch (step) {
	case AXFR_OK:
	case AXFR_MORE:
	case AXFR_DONE:
		return ERR_OK;
	case AXFR_RCODE:
		return fail_rcode(t, e);
	case AXFR_FORMAT:
		text = "what the server sends is no DNS message, or breaks the "
		       "format";
		break;
	case AXFR_OTHER_QUERY:
		text = "the server answers something that was not asked";
		break;
	case AXFR_NO_ZONE:
		text = "the server's answer holds no zone: it does not begin "
		       "with an SOA record";
		break;
	case AXFR_OTHER_ZONE:
		text = "the server's answer holds another zone";
		break;
	case AXFR_SOA_CHANGED:
		text = "the zone changed while it was sent: try again";
		break;
	case AXFR_BEHIND_END:
		text = "the server's answer goes on behind the end of the zone";
		break;
	}
	return error_set(e, ERR_DATA, "%s", text);
}

/* RFC 7505 3: "0 ." takes no mail. False in *ok: the record is broken. */
static bool
is_mail_host(struct span message, const struct dns_record *rr, bool *ok)
{
	struct dns_name exchange;
	size_t at = rr->rdata + 2;

	*ok = true;
	if (rr->type != DNS_MX || rr->class != DNS_CLASS_IN)
		return false;
	*ok = rr->rdlength > 2 && dns_name_read(message, &at, &exchange) &&
	      at == rr->rdata + rr->rdlength;
	return *ok && exchange.n > 0;
}

static enum err
take_record(struct transfer *t, const struct dns_record *rr, struct error *e)
{
	struct span owner = dns_name_span(&rr->owner);
	bool ok, is_mail = is_mail_host(t->axfr.message, rr, &ok);

	if (!ok)
		return fail_step(t, AXFR_FORMAT, e);
	if (!is_mail || !name_is_domain(owner) ||
	    !name_is_under(owner, t->z->zone) ||
	    t->taker->take(t->taker->arg, owner))
		return ERR_OK;
	return error_plain(e, ERR_LIMIT);
}

/* A sound header, and the signature where there must be one. */
static enum err
check_message(struct transfer *t, struct span message, struct error *e)
{
	const struct zone_transfer *z = t->z;
	struct wall_time now = clock_wall(z->clock);
	enum axfr_step step = axfr_message(&t->axfr, message);
	enum err rc = ERR_OK;

	/* What it has against our key says more than the rcode, which may not
	 * be signed. */
	if (step == AXFR_RCODE && z->key != NULL)
		rc = tsig_complaint(message, now, e);
	if (rc == ERR_OK)
		rc = fail_step(t, step, e);
	if (rc == ERR_OK && z->key != NULL)
		rc = tsig_stream_take(&t->tsig, message, now, e);
	return rc;
}

/* The records of the next message; *done if they end the zone. */
static enum err
take_message(struct transfer *t, bool *done, struct error *e)
{
	struct span message;
	struct dns_record rr;
	enum axfr_step step = AXFR_OK;
	enum err rc = read_message(t, &message, e);

	if (rc == ERR_OK)
		rc = check_message(t, message, e);
	while (rc == ERR_OK && step == AXFR_OK) {
		step = axfr_next(&t->axfr, &rr);
		rc = step == AXFR_OK ? take_record(t, &rr, e)
				     : fail_step(t, step, e);
	}
	*done = step == AXFR_DONE;
	return rc;
}

static enum err
run(struct transfer *t, struct error *e)
{
	const struct zone_transfer *z = t->z;
	bool done = false;
	enum err rc;

	t->end = mono_after_ms(clock_mono(z->clock), z->limits->total_ms);
	rc = open_any(t, e);
	if (rc == ERR_OK)
		rc = send_query(t, e);
	while (rc == ERR_OK && !done)
		rc = take_message(t, &done, e);
	if (rc == ERR_OK && z->key != NULL)
		rc = tsig_stream_end(&t->tsig, e);
	conn_close(&t->conn);
	return rc;
}

enum err
zone_transfer_read(const struct zone_transfer *z,
    const struct zone_file_reader *r, struct error *e)
{
	struct transfer *t = malloc(sizeof *t);
	enum err rc = ERR_OK;

	if (t == NULL)
		return error_plain(e, ERR_MEMORY);
	t->z = z;
	t->taker = r;
	t->bytes = 0;
	t->tsig = (struct tsig_stream){ .key = NULL };
	if (z->key != NULL)
		rc = tsig_stream_init(&t->tsig, z->key, e);
	if (rc == ERR_OK)
		rc = run(t, e);
	tsig_stream_release(&t->tsig);
	free(t);
	return rc;
}

#include "io/tsig_stream.h"

#include <inttypes.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>

#include "base/ascii.h"

static void
put(void *arg, struct span s)
{
	struct tsig_stream *t = arg;

	if (EVP_MAC_update(t->ctx, (const unsigned char *)s.p, s.n) != 1)
		t->failed = true;
}

/* A new MAC begins. The library takes names that it could write to. */
static void
begin(struct tsig_stream *s)
{
	OSSL_PARAM params[2];
	char digest[16];

	snprintf(digest, sizeof digest, "%s",
	    tsig_algorithms[s->key->algorithm].digest);
	params[0] =
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (EVP_MAC_init(s->ctx, s->key->secret, s->key->secret_n, params) != 1)
		s->failed = true;
}

/* What begins the MAC of the next message is the last one's. */
static void
begin_behind(struct tsig_stream *s, struct span mac)
{
	const struct tsig_sink to = { put, s };

	begin(s);
	tsig_digest_prior(mac, &to);
}

static enum err
library_failed(struct error *e)
{
	return error_set(e, ERR_LIBRARY, "the TLS library cannot compute HMAC");
}

enum err
tsig_stream_init(
    struct tsig_stream *s, const struct tsig_key *key, struct error *e)
{
	*s = (struct tsig_stream){ .key = key };
	s->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (s->mac != NULL)
		s->ctx = EVP_MAC_CTX_new(s->mac);
	if (s->ctx == NULL)
		return library_failed(e);
	begin(s);
	return s->failed ? library_failed(e) : ERR_OK;
}

void
tsig_stream_release(struct tsig_stream *s)
{
	EVP_MAC_CTX_free(s->ctx);
	EVP_MAC_free(s->mac);
}

/* The MAC of all that was put; mem has room for TSIG_MAC_MAX. */
static struct span
finish(struct tsig_stream *s, char *mem)
{
	size_t n = 0;

	if (EVP_MAC_final(s->ctx, (unsigned char *)mem, &n, TSIG_MAC_MAX) != 1)
		s->failed = true;
	return (struct span){ mem, n };
}

enum err
tsig_stream_sign(struct tsig_stream *s, struct buf *query, struct wall_time now,
    struct error *e)
{
	const struct tsig_sink to = { put, s };
	struct tsig t = {
		.key = s->key->name,
		.time_s = (uint64_t)now.s,
		.fudge_s = TSIG_FUDGE_S,
		.original_id = dns_u16(buf_span(query), 0),
		.mac = SPAN_INIT(""),
		.other = SPAN_INIT(""),
		.at = query->n,
	};
	char mem[TSIG_MAC_MAX];

	if (!dns_name_parse(
		tsig_algorithms[s->key->algorithm].name, &t.algorithm))
		return library_failed(e);
	tsig_digest_message(buf_span(query), &t, TSIG_VARIABLES, &to);
	t.mac = finish(s, mem);
	begin_behind(s, t.mac);
	if (s->failed || !tsig_write(query, &t))
		return library_failed(e);
	return ERR_OK;
}

/* RFC 8945 5.2.3: with BADTIME the server tells its time. */
static enum err
complain_of_time(const struct tsig *t, struct wall_time now, struct error *e)
{
	int64_t server;

	if (t->other.n != 6)
		return error_set(e, ERR_DATA,
		    "BADTIME: our clock and the server's differ too much");
	server = (int64_t)((uint64_t)dns_u16(t->other, 0) << 32 |
			   dns_u32(t->other, 2));
	return error_set(e, ERR_DATA,
	    "BADTIME: the server's clock is %" PRId64 " s %s ours, which is "
	    "more than signatures allow: set the clocks",
	    server > now.s ? server - now.s : now.s - server,
	    server > now.s ? "ahead of" : "behind");
}

static enum err
complain(const struct tsig *t, struct wall_time now, struct error *e)
{
	switch (t->error) {
	case 0:
		return ERR_OK;
	case TSIG_BADKEY:
		return error_set(e, ERR_DATA,
		    "BADKEY: the server does not know the key %.*s, or has it "
		    "with another algorithm",
		    (int)t->key.n, t->key.s);
	case TSIG_BADSIG:
		return error_set(e, ERR_DATA,
		    "BADSIG: the server has the key %.*s with another secret",
		    (int)t->key.n, t->key.s);
	case TSIG_BADTIME:
		return complain_of_time(t, now, e);
	case TSIG_BADTRUNC:
		return error_set(e, ERR_DATA,
		    "BADTRUNC: the server wants a longer signature than its "
		    "algorithm has");
	}
	return error_set(e, ERR_DATA,
	    "the server does not accept the signature (TSIG error %d)",
	    t->error);
}

enum err
tsig_complaint(struct span message, struct wall_time now, struct error *e)
{
	struct tsig t;

	return tsig_find(message, &t) == TSIG_FOUND ? complain(&t, now, e)
						    : ERR_OK;
}

static enum err
take_unsigned(struct tsig_stream *s, struct span message, struct error *e)
{
	if (!s->answered)
		return error_set(e, ERR_DATA,
		    "the server's answer is not signed, but the query was");
	if (++s->between > TSIG_BETWEEN_MAX)
		return error_set(e, ERR_DATA,
		    "more than %d messages without a signature (RFC 8945 "
		    "5.3.1)",
		    TSIG_BETWEEN_MAX);
	put(s, message);
	return s->failed ? library_failed(e) : ERR_OK;
}

/* RFC 8945 5.2.1: signed with the key of the query? */
static bool
is_our_key(const struct tsig_stream *s, const struct tsig *t)
{
	return span_eq(dns_name_span(&t->key), dns_name_span(&s->key->name)) &&
	       span_eq(dns_name_span(&t->algorithm),
		   tsig_algorithms[s->key->algorithm].name);
}

/* RFC 8945 5.2.2.1: all of us sign in full, so nothing shorter will do. */
static bool
is_equal(struct span got, struct span want)
{
	return got.n == want.n && CRYPTO_memcmp(got.p, want.p, got.n) == 0;
}

/* RFC 8945 5.2.3 */
static bool
is_in_time(const struct tsig *t, struct wall_time now)
{
	int64_t off = now.s - (int64_t)t->time_s;

	return off <= t->fudge_s && -off <= t->fudge_s;
}

static enum err
take_signed(struct tsig_stream *s, struct span message, const struct tsig *t,
    struct wall_time now, struct error *e)
{
	const struct tsig_sink to = { put, s };
	char mem[TSIG_MAC_MAX];
	struct span mac;

	if (!is_our_key(s, t))
		return error_set(e, ERR_DATA,
		    "the answer is signed with the key %.*s, not with ours",
		    (int)t->key.n, t->key.s);
	tsig_digest_message(
	    message, t, s->answered ? TSIG_TIMERS : TSIG_VARIABLES, &to);
	mac = finish(s, mem);
	if (s->failed)
		return library_failed(e);
	if (!is_equal(mac, t->mac))
		return error_set(e, ERR_DATA,
		    "the signature is wrong: the messages were changed on "
		    "their way, or the server has another secret");
	if (!is_in_time(t, now))
		return error_set(e, ERR_DATA,
		    "the signature is of another time, %" PRId64 " s from "
		    "ours: set the clocks",
		    (int64_t)t->time_s - now.s);
	begin_behind(s, t->mac);
	s->answered = true;
	s->between = 0;
	return s->failed ? library_failed(e) : ERR_OK;
}

enum err
tsig_stream_take(struct tsig_stream *s, struct span message,
    struct wall_time now, struct error *e)
{
	struct tsig t;
	enum err rc;

	switch (tsig_find(message, &t)) {
	case TSIG_ABSENT:
		return take_unsigned(s, message, e);
	case TSIG_MALFORMED:
		break;
	case TSIG_FOUND:
		rc = complain(&t, now, e);
		return rc == ERR_OK ? take_signed(s, message, &t, now, e) : rc;
	}
	return error_set(e, ERR_DATA,
	    "the message, or the signature in it, breaks its format");
}

enum err
tsig_stream_end(const struct tsig_stream *s, struct error *e)
{
	if (s->answered && s->between == 0)
		return ERR_OK;
	return error_set(
	    e, ERR_DATA, "the last message of the answer is not signed");
}

/* ---- the server's side ---- */

enum err
tsig_stream_accept(struct tsig_stream *s, struct span query,
    const struct tsig *t, struct wall_time now, uint16_t *out, struct error *e)
{
	const struct tsig_sink to = { put, s };
	char mem[TSIG_MAC_MAX];

	if (!is_our_key(s, t)) {
		*out = TSIG_BADKEY;
		return ERR_OK;
	}
	tsig_digest_message(query, t, TSIG_VARIABLES, &to);
	*out = !is_equal(t->mac, finish(s, mem)) ? TSIG_BADSIG
	       : !is_in_time(t, now)		 ? TSIG_BADTIME
						 : 0;
	begin_behind(s, t->mac);
	return s->failed ? library_failed(e) : ERR_OK;
}

static struct span
put_time(struct buf *b, struct wall_time t)
{
	dns_put_u16(b, (unsigned)(t.s >> 32 & 0xffff));
	dns_put_u16(b, (unsigned)(t.s >> 16 & 0xffff));
	dns_put_u16(b, (unsigned)(t.s & 0xffff));
	return buf_span(b);
}

enum err
tsig_stream_answer(struct tsig_stream *s, struct buf *message,
    const struct tsig *query, uint16_t fault, struct wall_time now,
    struct error *e)
{
	const struct tsig_sink to = { put, s };
	char mac[TSIG_MAC_MAX], time_mem[6];
	struct buf time = buf_init(time_mem, sizeof time_mem);
	struct tsig t = *query;

	t.original_id = dns_u16(buf_span(message), 0);
	t.error = fault;
	t.other = SPAN("");
	t.at = message->n;
	if (fault == TSIG_BADTIME)
		t.other = put_time(&time, now); /* time signed as it came */
	else
		t.time_s = (uint64_t)now.s;
	t.fudge_s = TSIG_FUDGE_S;
	tsig_digest_message(buf_span(message), &t,
	    s->answered ? TSIG_TIMERS : TSIG_VARIABLES, &to);
	t.mac = finish(s, mac);
	begin_behind(s, t.mac);
	s->answered = true;
	if (s->failed || !tsig_write(message, &t))
		return library_failed(e);
	return ERR_OK;
}

bool
tsig_put_fault(struct buf *message, const struct tsig *query, uint16_t fault)
{
	struct tsig t = *query;

	t.original_id = dns_u16(buf_span(message), 0);
	t.error = fault;
	t.mac = t.other = SPAN("");
	return tsig_write(message, &t);
}

/* tsig_stream.h - one signed query, and the signed answers to it (RFC 8945),
 * as the client sees them and as the server does.
 *
 * The answers of a zone transfer are many messages, of which the first and the
 * last are signed and, between them, at least every hundredth; a signature
 * covers what stands unsigned before it. So nothing of a message may be relied
 * on until the stream has ended and tsig_stream_end has said so. */
#ifndef IO_TSIG_STREAM_H
#define IO_TSIG_STREAM_H

#include <openssl/evp.h>

#include "base/clock.h"
#include "io/tsig_key_file.h"

struct tsig_stream {
	const struct tsig_key *key; /* borrowed */
	EVP_MAC *mac;
	EVP_MAC_CTX *ctx; /* has taken what precedes the next message */
	bool answered; /* a signed answer was there, or was given */
	int between; /* unsigned messages since the last signed one */
	bool failed; /* of the library; sticky */
};

/* ERR_LIBRARY if there is no HMAC to be had. s goes to tsig_stream_release in
 * any case. */
enum err
tsig_stream_init(struct tsig_stream *s, const struct tsig_key *key,
    struct error *e) MUST_CHECK;

void
tsig_stream_release(struct tsig_stream *s);

/* Sign the query in b, which begins with its header; b may overflow. */
enum err
tsig_stream_sign(struct tsig_stream *s, struct buf *query, struct wall_time now,
    struct error *e) MUST_CHECK;

/* The next message of the answer. ERR_DATA with a sentence in e if it cannot be
 * a part of what the server signed: a wrong or missing signature, another key,
 * a time outside of the fudge (RFC 8945 5.2.3), or the server's own complaint.
 * The message is looked at, not kept. */
enum err
tsig_stream_take(struct tsig_stream *s, struct span message,
    struct wall_time now, struct error *e) MUST_CHECK;

/* The stream has ended: was its last message signed? ERR_DATA if not. */
enum err
tsig_stream_end(const struct tsig_stream *s, struct error *e) MUST_CHECK;

/* What the server has against our signature (RFC 8945 5.3.2): ERR_DATA with a
 * sentence if message holds such a complaint, whoever wrote it, else ERR_OK. */
enum err
tsig_complaint(
    struct span message, struct wall_time now, struct error *e) MUST_CHECK;

/* ---- the server's side ---- */

/* Take a signed query; t is what tsig_find found in it, and s is as
 * tsig_stream_init left it. *out is 0, or why the query is not to be trusted
 * (RFC 8945 5.2): TSIG_BADKEY, TSIG_BADSIG or TSIG_BADTIME. An answer to it is
 * due in any case. */
enum err
tsig_stream_accept(struct tsig_stream *s, struct span query,
    const struct tsig *t, struct wall_time now, uint16_t *out,
    struct error *e) MUST_CHECK;

/* Sign the next message of the answer to the query that was accepted. fault is
 * 0, or TSIG_BADTIME, which goes back with our time (RFC 8945 5.2.3). b may
 * overflow. */
enum err
tsig_stream_answer(struct tsig_stream *s, struct buf *message,
    const struct tsig *query, uint16_t fault, struct wall_time now,
    struct error *e) MUST_CHECK;

/* RFC 8945 5.3.2: an answer that cannot be signed, as there is no key for it,
 * or no trust in it. b may overflow. False: the names of t are none. */
bool
tsig_put_fault(
    struct buf *message, const struct tsig *query, uint16_t fault) MUST_CHECK;

#endif

#include "io/handshake.h"

#include "wire/name.h"

void
tls_seen_blank(struct tls_seen *out)
{
	*out = (struct tls_seen){
		.cipher = SPAN(""), .error = SPAN(""), .trust_error = SPAN("")
	};
}

static void
read_chain(struct conn *c, const struct tls_client *client, struct arena *a,
    struct tls_seen *out, struct der_chain *der)
{
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(c->ssl);
	struct certs_verdict v;

	if (chain == NULL || sk_X509_num(chain) == 0)
		return;
	certs_read(chain, a, &out->chain, &out->n_chain);
	v = certs_verify(
	    trust_store_get(client->trust), chain, clock_wall(c->clock), a);
	certs_mark(&v, out->chain, out->n_chain);
	out->trust = (uint8_t)v.trust;
	out->trust_error = v.error;
	if (der != NULL)
		certs_save(chain, a, der);
}

enum talk_result
handshake_do(struct conn *c, const struct tls_client *client,
    const struct handshake *h, struct arena *a, struct tls_seen *out,
    struct der_chain *der)
{
	/* RFC 6066 3: a host name, so nothing that cannot be one. */
	bool named = h->sni.n > 0 && name_is_domain(h->sni);
	struct conn_tls tls = { .ctx = client->ctx,
		.sni = named ? arena_str(a, h->sni) : NULL,
		.min = h->min,
		.max = h->max };
	enum talk_result r = conn_start_tls(c, &tls);

	tls_seen_blank(out);
	out->result = (uint8_t)r;
	out->client_cert_asked = c->client_cert_asked;
	if (r != TALK_OK) {
		out->error = arena_span(a, span_str(c->reason));
		return r;
	}
	out->version = (uint16_t)SSL_version(c->ssl);
	out->cipher = arena_span(a, span_str(SSL_get_cipher_name(c->ssl)));
	if (h->facts)
		read_chain(c, client, a, out, der);
	return r;
}

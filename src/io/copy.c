#include "io/copy.h"

#include "io/handshake.h"

static void
copy_span(struct arena *a, struct span *s)
{
	*s = s->n > 0 ? arena_span(a, *s) : SPAN("");
}

static void
copy_cert(struct arena *a, struct cert *c)
{
	struct span *ids = arena_array(a, c->n_dns_ids, sizeof *ids);

	copy_span(a, &c->subject);
	copy_span(a, &c->issuer);
	copy_span(a, &c->cn);
	copy_span(a, &c->key);
	copy_span(a, &c->signature);
	copy_span(a, &c->sha256);
	for (size_t i = 0; ids != NULL && i < c->n_dns_ids; i++)
		ids[i] = arena_span(a, c->dns_ids[i]);
	c->dns_ids = ids;
	if (ids == NULL)
		c->n_dns_ids = 0;
}

static void
copy_chain(struct arena *a, struct tls_seen *t)
{
	struct cert *chain = arena_array(a, t->n_chain, sizeof *chain);

	for (size_t i = 0; chain != NULL && i < t->n_chain; i++) {
		chain[i] = t->chain[i];
		copy_cert(a, &chain[i]);
	}
	t->chain = chain;
	if (chain == NULL)
		t->n_chain = 0;
}

static void
copy_all_but_chain(struct arena *a, struct tls_seen *t)
{
	copy_span(a, &t->cipher);
	copy_span(a, &t->error);
	copy_span(a, &t->trust_error);
}

void
copy_tls(struct arena *a, const struct tls_seen *from, struct tls_seen *to)
{
	*to = *from;
	copy_all_but_chain(a, to);
	copy_chain(a, to);
}

/* Most servers show one certificate with and without SNI; then both places of
 * the evidence share it, in the copy as in the original. */
static void
copy_second(struct arena *a, const struct tls_seen *first_from,
    const struct tls_seen *first_to, const struct tls_seen *from,
    struct tls_seen *to)
{
	*to = *from;
	copy_all_but_chain(a, to);
	if (from->n_chain > 0 && from->chain == first_from->chain) {
		to->chain = first_to->chain;
		to->n_chain = first_to->n_chain;
	} else {
		copy_chain(a, to);
	}
}

void
copy_probe(struct arena *a, const struct probe *from, struct probe *to)
{
	*to = *from;
	copy_span(a, &to->greeting);
	copy_span(a, &to->ehlo);
	copy_span(a, &to->starttls);
	copy_span(a, &to->dane_error);
	copy_tls(a, &from->tls, &to->tls);
	copy_second(a, &from->tls, &to->tls, &from->no_sni, &to->no_sni);
}

void
copy_fetch(struct arena *a, const struct fetch *from, struct fetch *to)
{
	*to = *from;
	copy_span(a, &to->location);
	copy_span(a, &to->content_type);
	copy_span(a, &to->content_encoding);
	copy_span(a, &to->server);
	copy_span(a, &to->mitigated);
	copy_span(a, &to->retry_after);
	copy_span(a, &to->body);
	copy_tls(a, &from->tls, &to->tls);
	copy_second(a, &from->tls, &to->tls, &from->no_sni, &to->no_sni);
}

static struct span *
copy_spans(struct arena *a, const struct span *from, size_t n)
{
	struct span *to = arena_array(a, n, sizeof *to);

	for (size_t i = 0; to != NULL && i < n; i++)
		to[i] = arena_span(a, from[i]);
	return to;
}

/* Arrays that hold no pointers. */
static void *
copy_array(struct arena *a, const void *from, size_t n, size_t size)
{
	void *to = arena_array(a, n, size);

	if (to != NULL && n > 0)
		memcpy(to, from, n * size);
	return to;
}

static struct dns_mx *
copy_mx(struct arena *a, const struct dns_mx *from, size_t n)
{
	struct dns_mx *to = copy_array(a, from, n, sizeof *to);

	for (size_t i = 0; to != NULL && i < n; i++)
		copy_span(a, &to[i].host);
	return to;
}

static struct dns_txt *
copy_txt(struct arena *a, const struct dns_txt *from, size_t n)
{
	struct dns_txt *to = copy_array(a, from, n, sizeof *to);

	for (size_t i = 0; to != NULL && i < n; i++)
		to[i].strings = copy_spans(a, to[i].strings, to[i].n_strings);
	return to;
}

static struct dns_tlsa *
copy_tlsa(struct arena *a, const struct dns_tlsa *from, size_t n)
{
	struct dns_tlsa *to = copy_array(a, from, n, sizeof *to);

	for (size_t i = 0; to != NULL && i < n; i++)
		copy_span(a, &to[i].data);
	return to;
}

void
copy_answer(
    struct arena *a, const struct dns_answer *from, struct dns_answer *to)
{
	*to = *from;
	copy_span(a, &to->name);
	copy_span(a, &to->why);
	to->chain = copy_spans(a, from->chain, from->n_chain);
	to->mx = copy_mx(a, from->mx, from->n_mx);
	to->txt = copy_txt(a, from->txt, from->n_txt);
	to->addr = copy_array(a, from->addr, from->n_addr, sizeof *to->addr);
	to->tlsa = copy_tlsa(a, from->tlsa, from->n_tlsa);
	to->ns = copy_spans(a, from->ns, from->n_ns);
}

void
copy_server(
    struct arena *a, const struct server_seen *from, struct server_seen *to)
{
	*to = *from;
	copy_span(a, &to->name);
	copy_answer(a, &from->mx.answer, &to->mx.answer);
	copy_answer(a, &from->txt.answer, &to->txt.answer);
}

void
copy_der(struct arena *a, const struct der_chain *from, struct der_chain *to)
{
	to->n_certs = 0;
	to->certs = arena_array(a, from->n_certs, sizeof *to->certs);
	if (to->certs == NULL)
		return;
	for (size_t i = 0; i < from->n_certs; i++)
		to->certs[i] = arena_span(a, from->certs[i]);
	to->n_certs = from->n_certs;
}

void
blank_probe(struct ip_addr address, enum talk_result result, struct probe *out)
{
	*out = (struct probe){ .address = address,
		.result = (uint8_t)result,
		.stage = STAGE_CONNECT,
		.greeting = SPAN(""),
		.ehlo = SPAN(""),
		.starttls = SPAN(""),
		.dane_error = SPAN("") };
	tls_seen_blank(&out->tls);
	tls_seen_blank(&out->no_sni);
}

void
blank_fetch(struct ip_addr address, enum talk_result result, struct fetch *out)
{
	*out = (struct fetch){ .address = address,
		.result = (uint8_t)result,
		.stage = STAGE_CONNECT,
		.location = SPAN(""),
		.content_type = SPAN(""),
		.content_encoding = SPAN(""),
		.server = SPAN(""),
		.mitigated = SPAN(""),
		.retry_after = SPAN(""),
		.content_length = -1,
		.body = SPAN("") };
	tls_seen_blank(&out->tls);
	tls_seen_blank(&out->no_sni);
}

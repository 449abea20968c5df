#include "io/look_host.h"

#include "base/limits.h"
#include "io/tlsa_base.h"

void
host_blank(struct span name, struct mx_host *out)
{
	*out = (struct mx_host){ .host = name };
	resolver_blank(name, DNS_A, DNS_UNASKED, &out->a);
	resolver_blank(name, DNS_AAAA, DNS_UNASKED, &out->aaaa);
	resolver_blank(SPAN(""), DNS_TLSA, DNS_UNASKED, &out->tlsa);
}

static void
after_tlsa(void *arg);

static void
ask_tlsa(struct host_look *h, struct span base)
{
	h->tlsa_asked = true;
	errands_ask(h->errands, tlsa_name(h->errands->a, base), DNS_TLSA,
	    &h->host->tlsa, after_tlsa, h);
}

static void
after_tlsa(void *arg)
{
	struct host_look *h = arg;
	struct mx_host *m = h->host;

	if (tlsa_base_try_host(&m->tlsa, tlsa_base_of(&m->tlsa), m->host))
		ask_tlsa(h, m->host);
}

static void
after_address(
    struct host_look *h, const struct dns_answer *answer, struct party *party)
{
	if (answer->n_addr == 0)
		return;
	errands_probe(h->errands, h->host->host, answer,
	    *h->room < LIMIT_ADDRESSES ? *h->room : LIMIT_ADDRESSES, h->since,
	    party);
	*h->room -= party->n;
	/* A sender does not ask where the address is insecure (RFC 7672 2.2.2);
	 * we do, to tell who publishes TLSA in vain. */
	if (!h->tlsa_asked)
		ask_tlsa(h, tlsa_base_first(answer));
}

static void
after_a(void *arg)
{
	struct host_look *h = arg;

	after_address(h, &h->host->a, &h->v4);
}

static void
after_aaaa(void *arg)
{
	struct host_look *h = arg;

	after_address(h, &h->host->aaaa, &h->v6);
}

void
host_begin(struct host_look *h)
{
	struct mx_host *m = h->host;

	if (m->host.n == 0) /* RFC 7505 3: the null MX is no host */
		return;
	errands_ask(h->errands, m->host, DNS_A, &m->a, after_a, h);
	errands_ask(h->errands, m->host, DNS_AAAA, &m->aaaa, after_aaaa, h);
}

void
host_end(struct host_look *h, struct der_chain **out_ders)
{
	struct arena *a = h->errands->a;
	size_t n = h->v4.n + h->v6.n;
	struct probe *probes = arena_array(a, n, sizeof *probes);
	struct der_chain *ders = arena_array(a, n, sizeof *ders);

	*out_ders = ders;
	if (probes == NULL || ders == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		bool v4 = i < h->v4.n;
		const struct der_chain *der;

		probes[i] = *party_probe(
		    v4 ? &h->v4 : &h->v6, v4 ? i : i - h->v4.n, &der);
		ders[i] = *der;
	}
	h->host->probes = probes;
	h->host->n_probes = n;
}

/* RFC 7672 3.2.2: for DANE-TA the leaf bears the TLSA base domain, the MX
 * host's name, the domain, or what the domain is an alias of. RFC 7672 2.2.2:
 * records that are not secure do not count. */
void
host_check_dane(struct mx_host *m, const struct der_chain *ders,
    const struct evidence *ev, struct arena *a)
{
	struct span names[] = { m->host, tlsa_base_of(&m->tlsa), ev->domain,
		dns_owner(&ev->mx) };

	if (m->tlsa.result != DNS_OK || !m->tlsa.secure)
		return;
	for (size_t i = 0; i < m->n_probes; i++)
		if (ders[i].n_certs > 0)
			m->probes[i].dane = (uint8_t)certs_dane(&ders[i],
			    m->tlsa.tlsa, m->tlsa.n_tlsa, names,
			    sizeof names / sizeof names[0], ev->checked_at, a,
			    &m->probes[i].dane_error);
}

enum err
look_at_host(const struct look_env *env, struct span host,
    struct mono_time deadline, struct arena *a, struct host_seen *out)
{
	size_t room = LIMIT_PROBES;
	struct errands errands;
	struct host_look h = { .errands = &errands,
		.host = &out->host,
		.since = clock_mono(env->clock),
		.room = &room };
	enum err rc;

	*out = (struct host_seen){ .checked_at = clock_wall(env->clock) };
	host_blank(arena_span(a, host), &out->host);
	if ((rc = errands_init(&errands, env, deadline, a)) != ERR_OK)
		return rc;
	host_begin(&h);
	if ((rc = errands_run(&errands)) != ERR_OK)
		return rc;
	host_end(&h, &out->ders);
	out->n_ders = out->host.n_probes;
	return a->failed ? ERR_LIMIT : ERR_OK;
}

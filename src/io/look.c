#include "io/look.h"

#include "base/limits.h"
#include "io/copy.h"
#include "io/tlsa_base.h"
#include "wire/name.h"
#include "wire/sts_record.h"

enum {
	LABEL_RANDOM = 10, /* octets: 16 letters and digits */
};

struct look;

enum errand_kind { QUESTION, FETCH, PROBE };

/* One thing that is out, and where its result belongs. */
struct errand {
	enum errand_kind kind;
	bool out;
	struct errand *next; /* all of the look */
	union {
		struct question *question;
		struct ticket *ticket;
	};

	struct dns_answer *answer; /* QUESTION */
	void (*then)(struct look *l, size_t mx); /* may be NULL */
	size_t mx; /* which of the MX hosts it is about */

	struct fetch fetch;
	struct probe probe;
	struct der_chain der;
};

/* Conversations with the addresses of one answer, in its order. */
struct party {
	struct errand **errands;
	size_t n;
};

/* What is known of an MX host besides its evidence. */
struct mx_work {
	struct party v4, v6;
	struct span tlsa_base;
	bool tlsa_asked;
};

/* CNAMEs followed one by one, for a lookup that failed. */
struct trace {
	struct dns_answer *answer; /* whose chain it is */
	struct dns_answer step;
};

enum trace_of { TRACE_STS, TRACE_HOST_A, TRACE_HOST_AAAA, TRACES };

struct look {
	const struct look_env *env;
	struct arena *a;
	struct evidence *ev;
	struct mono_time deadline;
	struct inbox inbox;
	struct errand *errands;
	size_t out; /* how many errands are */
	size_t probes;
	struct trace traces[TRACES];
	struct party v4, v6; /* of the policy host */
	struct mx_work *mx; /* beside ev->mx_hosts */
	bool failed;
};

/* ---- errands ---- */

static struct errand *
errand_new(struct look *l, enum errand_kind kind)
{
	struct errand *e = arena_alloc(l->a, sizeof *e);

	if (e == NULL) {
		l->failed = true;
		return NULL;
	}
	e->kind = kind;
	e->next = l->errands;
	l->errands = e;
	return e;
}

static void
go_out(struct look *l, struct errand *e, bool ok)
{
	e->out = ok;
	l->out += ok;
	l->failed |= !ok;
}

static void
changed(struct look *l, bool done)
{
	if (l->env->changed != NULL)
		l->env->changed(l->env->changed_arg, done);
}

/* The answer stays a time-out until there is one. */
static void
ask(struct look *l, struct span name, uint16_t type, struct dns_answer *answer,
    void (*then)(struct look *, size_t), size_t mx)
{
	struct errand *e = errand_new(l, QUESTION);

	resolver_blank(name, type, DNS_TIMEOUT, answer);
	if (e == NULL)
		return;
	e->answer = answer;
	e->then = then;
	e->mx = mx;
	e->question = resolver_ask(l->env->resolver, name, type, &l->inbox, e);
	go_out(l, e, e->question != NULL);
	if (e->out)
		changed(l, false);
}

static void
come_back(struct look *l, struct errand *e)
{
	struct span name;

	e->out = false;
	l->out--;
	switch (e->kind) {
	case QUESTION:
		name = e->answer->name;
		question_read(e->question, l->a, e->answer);
		e->answer->name = name;
		question_drop(e->question);
		changed(l, true);
		if (e->then != NULL)
			e->then(l, e->mx);
		break;
	case FETCH:
		ticket_take_fetch(e->ticket, l->a, &e->fetch);
		ticket_drop(e->ticket);
		break;
	case PROBE:
		ticket_take_probe(e->ticket, l->a, &e->probe, &e->der);
		ticket_drop(e->ticket);
		break;
	}
}

static void
give_up(struct look *l, struct errand *e)
{
	if (!e->out)
		return;
	if (e->kind == QUESTION) {
		question_drop(e->question);
		changed(l, true);
	} else {
		ticket_drop(e->ticket);
	}
}

/* ---- conversations ---- */

/* The owner of a domain chooses these addresses; he shall not make us talk to
 * what is not on the public Internet. */
static bool
is_allowed(const struct look_env *env, struct ip_addr address)
{
	if (ip_is_global(address))
		return true;
	for (size_t i = 0; i < env->n_allow_net; i++)
		if (ip_in_prefix(address, env->allow_net[i]))
			return true;
	return false;
}

static void
begin_talk(
    struct look *l, struct errand *e, struct span name, struct ip_addr address)
{
	bool allowed = is_allowed(l->env, address);
	enum talk_result result = allowed ? TALK_UNFINISHED : TALK_NOT_ALLOWED;

	blank_fetch(address, result, &e->fetch);
	blank_probe(address, result, &e->probe);
	if (!allowed)
		return;
	e->ticket = e->kind == FETCH ? talks_fetch(l->env->talks, name, address,
					   l->deadline, &l->inbox, e)
				     : talks_probe(l->env->talks, name, address,
					   &l->inbox, e);
	go_out(l, e, e->ticket != NULL);
}

/* Talk to the first max addresses of an answer. */
static void
begin_party(struct look *l, enum errand_kind kind, struct span name,
    const struct dns_answer *answer, size_t max, struct party *party)
{
	size_t n = answer->n_addr < max ? answer->n_addr : max;

	party->errands = arena_array(l->a, n, sizeof *party->errands);
	if (party->errands == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		struct errand *e = errand_new(l, kind);

		if (e == NULL)
			return;
		party->errands[party->n++] = e;
		begin_talk(l, e, name, answer->addr[i]);
	}
}

/* ---- chains of CNAMEs ---- */

/* A resolver that fails may do so because CNAMEs loop or never end, but does
 * not say so. Step by step, each CNAME by itself can be seen. */
static void
after_step(struct look *l, size_t trace);

static void
step(struct look *l, size_t trace, struct span name)
{
	ask(l, name, DNS_CNAME, &l->traces[trace].step, after_step, trace);
}

static bool
was_here(const struct dns_answer *answer, struct span name)
{
	for (size_t i = 0; i < answer->n_chain; i++)
		if (name_eq(answer->chain[i], name))
			return true;
	return name_eq(answer->name, name);
}

static void
after_step(struct look *l, size_t trace)
{
	struct trace *t = &l->traces[trace];
	struct dns_answer *answer = t->answer;
	struct span target;

	if (t->step.n_chain == 0)
		return;
	target = t->step.chain[0];
	if (answer->n_chain == LIMIT_CNAME_CHAIN || was_here(answer, target)) {
		answer->result = DNS_CHAIN;
		return;
	}
	answer->chain[answer->n_chain++] = target;
	step(l, trace, target);
}

/* Follow the CNAMEs from a name whose lookup failed. */
static void
follow_chain(struct look *l, enum trace_of trace, struct dns_answer *answer)
{
	if (answer->result != DNS_SERVFAIL)
		return;
	answer->chain =
	    arena_array(l->a, LIMIT_CNAME_CHAIN, sizeof *answer->chain);
	answer->n_chain = 0;
	if (answer->chain == NULL)
		return;
	l->traces[trace].answer = answer;
	step(l, trace, answer->name);
}

/* ---- the policy host ---- */

static void
after_host_a(struct look *l, size_t mx)
{
	(void)mx;
	begin_party(l, FETCH, l->ev->domain, &l->ev->host_a,
	    LIMIT_POLICY_HOST_ADDRESSES, &l->v4);
	follow_chain(l, TRACE_HOST_A, &l->ev->host_a);
}

static void
after_host_aaaa(struct look *l, size_t mx)
{
	(void)mx;
	begin_party(l, FETCH, l->ev->domain, &l->ev->host_aaaa,
	    LIMIT_POLICY_HOST_ADDRESSES, &l->v6);
	follow_chain(l, TRACE_HOST_AAAA, &l->ev->host_aaaa);
}

/* ---- the record ---- */

static struct span
under(struct look *l, const char *label)
{
	return arena_printf(
	    l->a, "%s.%.*s", label, (int)l->ev->domain.n, l->ev->domain.p);
}

/* No STSv1 record where it belongs: perhaps it stands where people put it by
 * mistake. */
static void
after_sts(struct look *l, size_t mx)
{
	struct evidence *ev = l->ev;
	struct span d = ev->domain;

	(void)mx;
	follow_chain(l, TRACE_STS, &ev->sts_txt);
	if (!dns_is_known(&ev->sts_txt) ||
	    sts_rrset_parse(ev->sts_txt.txt, ev->sts_txt.n_txt, l->a).verdict !=
		STS_RRSET_NONE)
		return;
	ask(l, d, DNS_TXT, &ev->apex_txt, NULL, 0);
	ask(l, under(l, "mta-sts"), DNS_TXT, &ev->host_txt, NULL, 0);
	ask(l,
	    arena_printf(
		l->a, "_mta-sts.%.*s.%.*s", (int)d.n, d.p, (int)d.n, d.p),
	    DNS_TXT, &ev->doubled_txt, NULL, 0);
}

/* ---- the mail exchangers ---- */

static void
after_tlsa(struct look *l, size_t mx);

static void
ask_tlsa(struct look *l, size_t mx, struct span base)
{
	struct mx_work *w = &l->mx[mx];

	w->tlsa_asked = true;
	w->tlsa_base = base;
	ask(l, arena_printf(l->a, "_25._tcp.%.*s", (int)base.n, base.p),
	    DNS_TLSA, &l->ev->mx_hosts[mx].tlsa, after_tlsa, mx);
}

static void
after_tlsa(struct look *l, size_t mx)
{
	struct mx_host *m = &l->ev->mx_hosts[mx];

	if (tlsa_base_try_host(&m->tlsa, l->mx[mx].tlsa_base, m->host))
		ask_tlsa(l, mx, m->host);
}

static void
after_address(struct look *l, size_t mx, const struct dns_answer *answer,
    struct party *party)
{
	struct mx_host *m = &l->ev->mx_hosts[mx];
	size_t room = LIMIT_PROBES - l->probes;

	if (answer->n_addr == 0)
		return;
	begin_party(l, PROBE, m->host, answer,
	    room < LIMIT_ADDRESSES ? room : LIMIT_ADDRESSES, party);
	l->probes += party->n;
	/* A sender does not ask where the address is insecure (RFC 7672 2.2.2);
	 * we do, to tell who publishes TLSA in vain. */
	if (!l->mx[mx].tlsa_asked)
		ask_tlsa(l, mx, tlsa_base_first(answer));
}

static void
after_mx_a(struct look *l, size_t mx)
{
	after_address(l, mx, &l->ev->mx_hosts[mx].a, &l->mx[mx].v4);
}

static void
after_mx_aaaa(struct look *l, size_t mx)
{
	after_address(l, mx, &l->ev->mx_hosts[mx].aaaa, &l->mx[mx].v6);
}

static bool
have_mx_hosts(struct look *l, size_t n)
{
	l->ev->mx_hosts = arena_array(l->a, n, sizeof *l->ev->mx_hosts);
	l->mx = arena_array(l->a, n, sizeof *l->mx);
	if (l->ev->mx_hosts == NULL || l->mx == NULL)
		return false;
	l->ev->n_mx_hosts = n;
	return true;
}

static void
begin_mx_host(struct look *l, size_t mx, struct span host)
{
	struct mx_host *m = &l->ev->mx_hosts[mx];

	m->host = host;
	resolver_blank(host, DNS_A, DNS_UNASKED, &m->a);
	resolver_blank(host, DNS_AAAA, DNS_UNASKED, &m->aaaa);
	resolver_blank(SPAN(""), DNS_TLSA, DNS_UNASKED, &m->tlsa);
	if (host.n == 0) /* RFC 7505 3: the null MX is no host */
		return;
	ask(l, host, DNS_A, &m->a, after_mx_a, mx);
	ask(l, host, DNS_AAAA, &m->aaaa, after_mx_aaaa, mx);
}

static void
after_mx(struct look *l, size_t unused)
{
	const struct dns_answer *mx = &l->ev->mx;
	size_t n = mx->n_mx < LIMIT_MX_HOSTS ? mx->n_mx : LIMIT_MX_HOSTS;

	(void)unused;
	/* RFC 5321 5.1: without MX records the domain is its own. */
	if (mx->result == DNS_NODATA) {
		if (!have_mx_hosts(l, 1))
			return;
		l->ev->mx_hosts[0].implicit = true;
		begin_mx_host(l, 0, l->ev->domain);
		return;
	}
	if (mx->result != DNS_OK || !have_mx_hosts(l, n))
		return;
	for (size_t i = 0; i < n; i++) {
		l->ev->mx_hosts[i].preference = mx->mx[i].preference;
		begin_mx_host(l, i, mx->mx[i].host);
	}
}

/* ---- the beginning ---- */

/* A label that nobody has made: letters and digits of base 32. */
static struct span
random_label(struct look *l, const char *prefix)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char raw[LABEL_RANDOM];
	char text[2 * LABEL_RANDOM];
	size_t n = 0;
	unsigned bits = 0, have = 0;

	if (!randomness_fill(l->env->randomness, raw, sizeof raw)) {
		l->failed = true;
		return SPAN("");
	}
	for (size_t i = 0; i < sizeof raw; i++) {
		bits = bits << 8 | raw[i];
		for (have += 8; have >= 5; have -= 5)
			text[n++] = digits[bits >> (have - 5) & 31];
	}
	return arena_printf(l->a, "%s%.*s", prefix, (int)n, text);
}

static struct span
random_name(struct look *l, const char *prefix)
{
	struct span label = random_label(l, prefix);

	return arena_printf(l->a, "%.*s.%.*s", (int)label.n, label.p,
	    (int)l->ev->domain.n, l->ev->domain.p);
}

static void
begin(struct look *l)
{
	struct evidence *ev = l->ev;
	struct span host = under(l, "mta-sts");

	ask(l, ev->domain, DNS_MX, &ev->mx, after_mx, 0);
	ask(l, under(l, "_mta-sts"), DNS_TXT, &ev->sts_txt, after_sts, 0);
	ask(l, host, DNS_A, &ev->host_a, after_host_a, 0);
	ask(l, host, DNS_AAAA, &ev->host_aaaa, after_host_aaaa, 0);
	ask(l, random_name(l, "_mta-sts-"), DNS_TXT, &ev->sts_wildcard, NULL,
	    0);
	ask(l, random_name(l, "mta-sts-"), DNS_A, &ev->host_wildcard, NULL, 0);
	ask(l, under(l, "_smtp._tls"), DNS_TXT, &ev->tlsrpt_txt, NULL, 0);
	ask(l, under(l, "_smtp-tlsrpt"), DNS_TXT, &ev->tlsrpt_old, NULL, 0);
}

/* ---- the end ---- */

static void
assemble_fetches(struct look *l)
{
	struct evidence *ev = l->ev;
	size_t n = l->v4.n + l->v6.n;

	ev->fetches = arena_array(l->a, n, sizeof *ev->fetches);
	if (ev->fetches == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		ev->fetches[i] = i < l->v4.n
				     ? l->v4.errands[i]->fetch
				     : l->v6.errands[i - l->v4.n]->fetch;
	ev->n_fetches = n;
}

/* RFC 7672 3.2.2: for DANE-TA the leaf bears the TLSA base domain, the MX
 * host's name, the domain, or what the domain is an alias of. RFC 7672 2.2.2:
 * records that are not secure do not count. */
static void
check_dane(
    struct look *l, size_t mx, const struct der_chain *der, struct probe *p)
{
	const struct mx_host *m = &l->ev->mx_hosts[mx];
	struct span names[] = { m->host, l->mx[mx].tlsa_base, l->ev->domain,
		dns_owner(&l->ev->mx) };

	if (m->tlsa.result != DNS_OK || !m->tlsa.secure || der->n == 0)
		return;
	p->dane = (uint8_t)certs_dane(der, m->tlsa.tlsa, m->tlsa.n_tlsa, names,
	    sizeof names / sizeof names[0], l->ev->checked_at, l->a,
	    &p->dane_error);
}

static void
assemble_probes(struct look *l, size_t mx)
{
	struct mx_host *m = &l->ev->mx_hosts[mx];
	struct mx_work *w = &l->mx[mx];
	size_t n = w->v4.n + w->v6.n;

	m->probes = arena_array(l->a, n, sizeof *m->probes);
	if (m->probes == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		struct errand *e =
		    i < w->v4.n ? w->v4.errands[i] : w->v6.errands[i - w->v4.n];

		m->probes[i] = e->probe;
		check_dane(l, mx, &e->der, &m->probes[i]);
	}
	m->n_probes = n;
}

/* The implicit MX host is one only if it has an address. */
static void
settle_implicit(struct evidence *ev)
{
	struct mx_host *m = ev->mx_hosts;

	if (ev->n_mx_hosts == 0 || !m->implicit)
		return;
	ev->apex_a = m->a;
	ev->apex_aaaa = m->aaaa;
	if (m->a.n_addr + m->aaaa.n_addr == 0)
		ev->n_mx_hosts = 0;
}

static void
conclude(struct look *l)
{
	struct evidence *ev = l->ev;

	assemble_fetches(l);
	for (size_t i = 0; i < ev->n_mx_hosts; i++)
		assemble_probes(l, i);
	settle_implicit(ev);
	org_gather(l->env->orgs, ev, l->a);
	ev->dnssec = resolver_validates(l->env->resolver);
	ev->smtp_works_here = talks_smtp_works(l->env->talks);
	ev->v6_works_here = l->env->v6_route || talks_v6_works(l->env->talks);
}

enum err
look_at(const struct look_env *env, struct span domain,
    struct mono_time deadline, struct arena *a, struct evidence *out)
{
	struct mono_time from = clock_mono(env->clock);
	struct look l = { .env = env, .a = a, .ev = out, .deadline = deadline };
	struct letter *letter;
	enum err rc;

	evidence_blank(out);
	out->domain = arena_span(a, domain);
	out->checked_at = clock_wall(env->clock);
	if ((rc = inbox_init(&l.inbox)) != ERR_OK)
		return rc;
	begin(&l);
	while (l.out > 0 && !l.failed && !a->failed &&
	       (letter = inbox_take(&l.inbox, env->clock, deadline)) != NULL)
		come_back(&l, letter->tag);
	for (struct errand *e = l.errands; e != NULL; e = e->next)
		give_up(&l, e);
	inbox_release(&l.inbox);
	conclude(&l);
	out->ms = (uint32_t)mono_ms_until(from, clock_mono(env->clock));
	if (a->failed)
		return ERR_LIMIT;
	return l.failed ? ERR_MEMORY : ERR_OK;
}

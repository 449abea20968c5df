/* One look at a domain: whole, with its mail hosts, or in parts without. */
#include "io/look.h"

#include "base/base32.h"
#include "base/limits.h"
#include "io/look_authority.h"
#include "io/look_host.h"
#include "io/look_mx.h"
#include "wire/name.h"
#include "wire/sts_record.h"

enum {
	LABEL_RANDOM = 10, /* octets: 16 letters and digits */
	RECORDS = 1 << LOOK_RECORDS,
	POLICY = 1 << LOOK_POLICY,
	AUTHORITY = 1 << LOOK_AUTHORITY,
};

struct domain_look;

/* CNAMEs followed one by one, for a lookup that failed. */
struct trace {
	struct domain_look *look;
	struct dns_answer *answer; /* whose chain it is */
	struct dns_answer step;
};

enum trace_of { TRACE_STS, TRACE_HOST_A, TRACE_HOST_AAAA, TRACES };

struct domain_look {
	struct errands errands;
	struct evidence *ev;
	const struct look_plan *plan; /* NULL: whole */
	unsigned wanted, looks; /* looks that are wanted, and begun */
	unsigned records; /* answers about them that are not there yet */
	struct trace traces[TRACES];
	struct party v4, v6; /* of the policy host */
	struct host_look *hosts; /* beside ev->mx_hosts; NULL: none looked at */
	size_t room; /* probes that may yet begin */
	struct authority authority;
};

static void
ask(struct domain_look *l, struct span name, uint16_t type,
    struct dns_answer *answer, void (*then)(void *arg))
{
	errands_ask(&l->errands, name, type, answer, then, l);
}

/* ---- chains of CNAMEs ---- */

/* A resolver that fails may do so because CNAMEs loop or never end, but does
 * not say so. Step by step, each CNAME by itself can be seen. */
static void
after_step(void *arg);

static void
step(struct trace *t, struct span name)
{
	errands_ask(
	    &t->look->errands, name, DNS_CNAME, &t->step, after_step, t);
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
after_step(void *arg)
{
	struct trace *t = arg;
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
	step(t, target);
}

/* Follow the CNAMEs from a name whose lookup failed. */
static void
follow_chain(
    struct domain_look *l, enum trace_of trace, struct dns_answer *answer)
{
	struct trace *t = &l->traces[trace];

	if (answer->result != DNS_SERVFAIL)
		return;
	answer->chain =
	    arena_array(l->errands.a, LIMIT_CNAME_CHAIN, sizeof *answer->chain);
	answer->n_chain = 0;
	if (answer->chain == NULL)
		return;
	*t = (struct trace){ .look = l, .answer = answer };
	step(t, answer->name);
}

/* ---- the policy host, and all else of DNS ---- */

static void
after_host_a(void *arg)
{
	struct domain_look *l = arg;

	errands_fetch(&l->errands, l->ev->domain, &l->ev->host_a,
	    LIMIT_POLICY_HOST_ADDRESSES, &l->v4);
	follow_chain(l, TRACE_HOST_A, &l->ev->host_a);
}

static void
after_host_aaaa(void *arg)
{
	struct domain_look *l = arg;

	errands_fetch(&l->errands, l->ev->domain, &l->ev->host_aaaa,
	    LIMIT_POLICY_HOST_ADDRESSES, &l->v6);
	follow_chain(l, TRACE_HOST_AAAA, &l->ev->host_aaaa);
}

static struct span
under(struct domain_look *l, const char *label)
{
	return name_below(l->errands.a, label, l->ev->domain);
}

/* Of a label that nobody has made. */
static struct span
random_name(struct domain_look *l, const char *prefix)
{
	char raw[LABEL_RANDOM], text[NAME_MAX_LABEL + 1];
	struct buf label = buf_init(text, sizeof text);

	if (!randomness_fill(l->errands.env->randomness, raw, sizeof raw)) {
		l->errands.failed = true;
		return SPAN("");
	}
	buf_put(&label, span_str(prefix));
	base32_put(&label, (struct span){ raw, sizeof raw });
	buf_putc(&label, '\0');
	return under(l, text);
}

static void
begin_policy(struct domain_look *l)
{
	struct evidence *ev = l->ev;
	struct span host = under(l, "mta-sts");

	l->looks |= POLICY;
	ask(l, host, DNS_A, &ev->host_a, after_host_a);
	ask(l, host, DNS_AAAA, &ev->host_aaaa, after_host_aaaa);
	ask(l, random_name(l, "_mta-sts-"), DNS_TXT, &ev->sts_wildcard, NULL);
	ask(l, random_name(l, "mta-sts-"), DNS_A, &ev->host_wildcard, NULL);
	ask(l, under(l, "_smtp._tls"), DNS_TXT, &ev->tlsrpt_txt, NULL);
	ask(l, under(l, "_smtp-tlsrpt"), DNS_TXT, &ev->tlsrpt_old, NULL);
}

/* ---- the record ---- */

/* No STSv1 record where it belongs: perhaps it stands where people put it by
 * mistake. */
static void
ask_for_lost_record(struct domain_look *l)
{
	struct evidence *ev = l->ev;
	struct span d = ev->domain;

	ask(l, d, DNS_TXT, &ev->apex_txt, NULL);
	ask(l, under(l, "mta-sts"), DNS_TXT, &ev->host_txt, NULL);
	ask(l,
	    arena_printf(l->errands.a, "_mta-sts.%.*s.%.*s", (int)d.n, d.p,
		(int)d.n, d.p),
	    DNS_TXT, &ev->doubled_txt, NULL);
}

/* Is it another record than the one that is known? Then the file belongs to the
 * same observation. */
static bool
is_news(const struct look_plan *plan, const struct sts_rrset *seen)
{
	bool valid = seen->verdict == STS_RRSET_OK;

	if (valid != plan->has_known_id)
		return true;
	return valid && !span_eq(seen->record.id, plan->known_id);
}

/* Both records are what the servers are compared by. */
static void
count_record(struct domain_look *l)
{
	if (--l->records > 0 || (l->wanted & AUTHORITY) == 0)
		return;
	l->looks |= AUTHORITY;
	authority_begin(&l->authority, &l->errands, l->ev);
}

static void
after_sts(void *arg)
{
	struct domain_look *l = arg;
	const struct dns_answer *txt = &l->ev->sts_txt;
	struct sts_rrset set;

	count_record(l);
	follow_chain(l, TRACE_STS, &l->ev->sts_txt);
	if (!dns_is_known(txt))
		return;
	set = sts_rrset_parse(txt->txt, txt->n_txt, l->errands.a);
	if ((l->looks & POLICY) == 0 && is_news(l->plan, &set))
		begin_policy(l);
	if ((l->looks & POLICY) != 0 && set.verdict == STS_RRSET_NONE)
		ask_for_lost_record(l);
}

/* ---- the mail exchangers ---- */

static void
begin_hosts(struct domain_look *l)
{
	struct evidence *ev = l->ev;

	l->hosts = arena_array(l->errands.a, ev->n_mx_hosts, sizeof *l->hosts);
	for (size_t i = 0; l->hosts != NULL && i < ev->n_mx_hosts; i++) {
		l->hosts[i] = (struct host_look){ .errands = &l->errands,
			.host = &ev->mx_hosts[i],
			.room = &l->room };
		host_begin(&l->hosts[i]);
	}
}

static void
after_mx(void *arg)
{
	struct domain_look *l = arg;

	mx_list(l->ev, l->errands.a);
	if (l->plan == NULL)
		begin_hosts(l);
	count_record(l);
}

static void
begin_records(struct domain_look *l)
{
	l->looks |= RECORDS;
	l->records = 2;
	ask(l, l->ev->domain, DNS_MX, &l->ev->mx, after_mx);
	ask(l, under(l, "_mta-sts"), DNS_TXT, &l->ev->sts_txt, after_sts);
}

/* ---- beginning and end ---- */

static void
blank_evidence(struct evidence *ev)
{
	struct dns_answer *answers[] = { &ev->mx, &ev->apex_a, &ev->apex_aaaa,
		&ev->sts_txt, &ev->sts_wildcard, &ev->apex_txt, &ev->host_txt,
		&ev->doubled_txt, &ev->tlsrpt_txt, &ev->tlsrpt_old, &ev->host_a,
		&ev->host_aaaa, &ev->host_wildcard };

	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
		resolver_blank(SPAN(""), 0, DNS_UNASKED, answers[i]);
}

static void
take_fetches(struct domain_look *l)
{
	struct evidence *ev = l->ev;
	size_t n = l->v4.n + l->v6.n;

	ev->fetches = arena_array(l->errands.a, n, sizeof *ev->fetches);
	if (ev->fetches == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		ev->fetches[i] =
		    *(i < l->v4.n ? party_fetch(&l->v4, i)
				  : party_fetch(&l->v6, i - l->v4.n));
	ev->n_fetches = n;
}

static void
take_hosts(struct domain_look *l)
{
	struct evidence *ev = l->ev;

	for (size_t i = 0; l->hosts != NULL && i < ev->n_mx_hosts; i++) {
		struct der_chain *ders;

		host_end(&l->hosts[i], &ders);
		host_check_dane(&ev->mx_hosts[i], ders, ev, l->errands.a);
	}
	mx_settle_implicit(ev);
}

static enum err
run(struct domain_look *l)
{
	const struct look_env *env = l->errands.env;
	struct mono_time from = clock_mono(env->clock);
	struct evidence *ev = l->ev;
	enum err rc;

	blank_evidence(ev);
	begin_records(l);
	if ((l->wanted & POLICY) != 0)
		begin_policy(l);
	if ((rc = errands_run(&l->errands)) != ERR_OK)
		return rc;
	take_fetches(l);
	if (l->plan == NULL)
		take_hosts(l);
	if ((l->looks & AUTHORITY) != 0)
		authority_end(&l->authority);
	org_gather(env->orgs, ev, l->errands.a);
	look_note_vantage(env, ev);
	ev->ms = (uint32_t)mono_ms_until(from, clock_mono(env->clock));
	return l->errands.a->failed ? ERR_LIMIT : ERR_OK;
}

static enum err
look(struct domain_look *l, const struct look_env *env, struct span domain,
    struct mono_time deadline, struct arena *a)
{
	enum err rc;

	*l->ev = (struct evidence){ .domain = arena_span(a, domain),
		.checked_at = clock_wall(env->clock) };
	l->room = LIMIT_PROBES;
	if ((rc = errands_init(&l->errands, env, deadline, a)) != ERR_OK)
		return rc;
	return run(l);
}

enum err
look_at(const struct look_env *env, struct span domain,
    struct mono_time deadline, struct arena *a, struct evidence *out)
{
	struct domain_look l = { .ev = out,
		.wanted = RECORDS | POLICY | (env->authority ? AUTHORITY : 0) };

	return look(&l, env, domain, deadline, a);
}

enum err
look_in_parts(const struct look_env *env, struct span domain,
    const struct look_plan *plan, struct mono_time deadline, struct arena *a,
    struct evidence *out, unsigned *out_looked)
{
	struct domain_look l = {
		.ev = out, .plan = plan, .wanted = plan->looks
	};
	enum err rc = look(&l, env, domain, deadline, a);

	*out_looked = l.looks;
	return rc;
}

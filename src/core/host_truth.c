#include "core/host_truth.h"

#include "core/sighting.h"

/* ---- filling up ---- */

/* Did the conversation end without telling anything? One that asked us to come
 * back told nothing either (RFC 5321 4.2.1). */
static bool
is_unmeasured(const struct probe *p)
{
	static const uint16_t later[] = { 421, 450, 451 };

	if (p->result == TALK_UNTRIED || p->result == TALK_UNFINISHED)
		return true;
	for (size_t i = 0; i < sizeof later / sizeof later[0]; i++)
		if (p->greeting_code == later[i] || p->ehlo_code == later[i] ||
		    p->starttls_code == later[i])
			return true;
	return false;
}

/* Where the probe of that address is; n_probes: nowhere. */
static size_t
probe_of(const struct host_seen *h, struct ip_addr address)
{
	size_t i = 0;

	while (
	    i < h->host.n_probes && !ip_eq(h->host.probes[i].address, address))
		i++;
	return i;
}

/* Answers that were not had. */
static void
fill_answers(struct mx_host *out, const struct mx_host *truth)
{
	if (!dns_is_known(&out->a) && dns_is_known(&truth->a))
		out->a = truth->a;
	if (!dns_is_known(&out->aaaa) && dns_is_known(&truth->aaaa))
		out->aaaa = truth->aaaa;
	if (!dns_is_known(&out->tlsa) && dns_is_known(&truth->tlsa))
		out->tlsa = truth->tlsa;
}

static void
take_probe(const struct host_seen *from, size_t i, struct host_seen *out)
{
	out->host.probes[out->host.n_probes++] = from->host.probes[i];
	if (i < from->n_ders)
		out->ders[out->n_ders] = from->ders[i];
	out->n_ders++;
}

static void
fill_probes(const struct dns_answer *answer, const struct host_seen *seen,
    const struct host_seen *truth, struct host_seen *out)
{
	for (size_t i = 0; i < answer->n_addr; i++) {
		size_t now = probe_of(seen, answer->addr[i]);
		size_t old = probe_of(truth, answer->addr[i]);
		bool is_there = now < seen->host.n_probes;

		if (old < truth->host.n_probes &&
		    (!is_there || is_unmeasured(&seen->host.probes[now])))
			take_probe(truth, old, out);
		else if (is_there)
			take_probe(seen, now, out);
	}
}

enum err
host_fill(const struct host_seen *seen, const struct host_seen *truth,
    struct arena *a, struct host_seen *out)
{
	size_t n;

	*out = *seen;
	if (truth == NULL)
		return ERR_OK;
	fill_answers(&out->host, &truth->host);
	n = out->host.a.n_addr + out->host.aaaa.n_addr;
	out->host.probes = arena_array(a, n + 1, sizeof *out->host.probes);
	out->ders = arena_array(a, n + 1, sizeof *out->ders);
	out->host.n_probes = out->n_ders = 0;
	if (out->host.probes == NULL || out->ders == NULL)
		return ERR_MEMORY;
	fill_probes(&out->host.a, seen, truth, out);
	fill_probes(&out->host.aaaa, seen, truth, out);
	return ERR_OK;
}

/* ---- weighing ---- */

enum health { HEALTHY, BAD, UNMEASURED };

/* The host judged alone, as the one MX of nobody. */
static enum err
judge_alone(const struct host_question *q, struct arena *a, struct judged *out)
{
	struct mx_host *host = arena_alloc(a, sizeof *host);
	struct dns_mx *mx = arena_alloc(a, sizeof *mx);
	struct evidence *ev = arena_alloc(a, sizeof *ev);

	if (host == NULL || mx == NULL || ev == NULL)
		return ERR_MEMORY;
	*host = q->seen->host;
	*mx = (struct dns_mx){ .host = host->host };
	evidence_blank(ev);
	ev->domain = host->host;
	ev->checked_at = q->now;
	ev->dnssec = q->dnssec;
	ev->smtp_works_here = q->smtp_works_here;
	ev->v6_works_here = q->v6_works_here;
	ev->mx = (struct dns_answer){ .name = host->host,
		.type = DNS_MX,
		.result = DNS_OK,
		.why = SPAN(""),
		.mx = mx,
		.n_mx = 1 };
	ev->mx_hosts = host;
	ev->n_mx_hosts = 1;
	return judge(ev, q->now, JUDGE_ALL, a, out);
}

static bool
is_measured(const struct judged_mx *m)
{
	if (!dns_is_known(&m->host->a) || !dns_is_known(&m->host->aaaa))
		return false;
	for (size_t i = 0; i < m->n_addresses; i++)
		if (m->addresses[i].result == RESULT_UNKNOWN &&
		    !m->addresses[i].ours)
			return false;
	return true;
}

/* To a domain that has more at stake than nobody it weighs as much as it can.
 */
static bool
would_be_told(const struct finding *f)
{
	return f->severity > SEVERITY_INFO ||
	       check_severity(f->check, STAKES_ENFORCE) > SEVERITY_INFO;
}

/* Anything that a domain would be told of. All of its addresses are down: of a
 * domain with other hosts that would be said as "some". */
static bool
is_bad(const struct judged *j)
{
	for (size_t i = 0; i < j->n_findings; i++) {
		const struct finding *f = &j->findings[i];

		if (f->result == RESULT_FAIL && would_be_told(f) &&
		    (check_is_of_host(f->check) ||
			f->check == CHECK_SMTP_CONNECT_ALL))
			return true;
	}
	return false;
}

static enum err
examine(const struct host_question *q, struct arena *a, enum health *out)
{
	struct judged j;
	enum err rc = judge_alone(q, a, &j);

	if (rc != ERR_OK)
		return rc;
	*out = is_bad(&j)	       ? BAD
	       : j.n_mx == 0	       ? UNMEASURED
	       : is_measured(&j.mx[0]) ? HEALTHY
				       : UNMEASURED;
	return ERR_OK;
}

static struct host_answer
in_vain(const struct host_question *q)
{
	bool told =
	    !q->offline && q->failures >= HOST_FAILURES && q->seen_differs;

	return (struct host_answer){
		.belief = told ? HOST_AS_SEEN : HOST_AS_BEFORE,
		.doubts = q->doubts,
		.outcome = LOOK_FAILED,
	};
}

static struct host_answer
bad_news(const struct host_question *q)
{
	bool believed = q->doubts + 1 >= HOST_DOUBTS;

	return (struct host_answer){
		.belief = believed ? HOST_AS_FILLED : HOST_AS_BEFORE,
		.doubts = believed ? 0 : q->doubts + 1,
		.ails = believed,
		.outcome = believed ? LOOK_STEADY : LOOK_SUSPECT,
	};
}

enum err
host_weigh(
    const struct host_question *q, struct arena *a, struct host_answer *out)
{
	enum health health;
	enum err rc = examine(q, a, &health);

	if (rc != ERR_OK)
		return rc;
	if (q->offline || health == UNMEASURED)
		*out = in_vain(q);
	else if (!q->filled_differs)
		*out = (struct host_answer){ .ails = health == BAD,
			.outcome = LOOK_STEADY };
	else if (health == BAD)
		*out = bad_news(q);
	else
		*out = (struct host_answer){ .belief = HOST_AS_FILLED,
			.outcome = LOOK_STEADY };
	return ERR_OK;
}

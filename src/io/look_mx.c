/* What the MX records name, and the hosts of those names as they were seen. */
#include "io/look_mx.h"

#include "base/limits.h"
#include "io/collect.h"
#include "io/look_host.h"
#include "wire/name.h"

static bool
have_hosts(struct evidence *ev, size_t n, struct arena *a)
{
	ev->mx_hosts = arena_array(a, n, sizeof *ev->mx_hosts);
	ev->n_mx_hosts = ev->mx_hosts != NULL ? n : 0;
	return ev->mx_hosts != NULL;
}

void
mx_list(struct evidence *ev, struct arena *a)
{
	const struct dns_answer *mx = &ev->mx;
	size_t n = mx->n_mx < LIMIT_MX_HOSTS ? mx->n_mx : LIMIT_MX_HOSTS;

	ev->n_mx_hosts = 0;
	if (mx->result == DNS_NODATA && have_hosts(ev, 1, a)) {
		host_blank(ev->domain, &ev->mx_hosts[0]);
		ev->mx_hosts[0].implicit = true;
	}
	if (mx->result != DNS_OK || !have_hosts(ev, n, a))
		return;
	for (size_t i = 0; i < n; i++) {
		host_blank(mx->mx[i].host, &ev->mx_hosts[i]);
		ev->mx_hosts[i].preference = mx->mx[i].preference;
	}
}

void
mx_settle_implicit(struct evidence *ev)
{
	struct mx_host *m = ev->mx_hosts;

	if (ev->n_mx_hosts == 0 || !m->implicit)
		return;
	ev->apex_a = m->a;
	ev->apex_aaaa = m->aaaa;
	if (m->a.n_addr + m->aaaa.n_addr == 0)
		ev->n_mx_hosts = 0;
}

void
look_note_vantage(const struct look_env *env, struct evidence *ev)
{
	ev->dnssec = resolver_validates(env->resolver);
	ev->smtp_works_here = talks_smtp_works(env->talks);
	ev->v6_works_here = env->v6_route || talks_v6_works(env->talks);
}

/* ---- a domain from its parts ---- */

static const struct host_seen *
find_host(const struct host_seen *hosts, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if (name_eq(hosts[i].host.host, name))
			return &hosts[i];
	return NULL;
}

/* The probes are the domain's own: dane is judged for it. */
static void
put_host(const struct host_seen *seen, size_t *room, struct arena *a,
    const struct evidence *ev, struct mx_host *m)
{
	size_t n = seen->host.n_probes < *room ? seen->host.n_probes : *room;
	struct probe *probes = arena_array(a, n, sizeof *probes);

	m->a = seen->host.a;
	m->aaaa = seen->host.aaaa;
	m->tlsa = seen->host.tlsa;
	if (probes == NULL || seen->n_ders < n)
		return;
	for (size_t i = 0; i < n; i++)
		probes[i] = seen->host.probes[i];
	m->probes = probes;
	m->n_probes = n;
	*room -= n;
	host_check_dane(m, seen->ders, ev, a);
}

/* What has worked for a look that is kept did work here, though a program that
 * was started again has not seen it. */
static void
note_kept_vantage(struct evidence *ev)
{
	for (size_t i = 0; i < ev->n_mx_hosts; i++) {
		const struct mx_host *m = &ev->mx_hosts[i];

		for (size_t k = 0; k < m->n_probes; k++) {
			const struct probe *p = &m->probes[k];

			if (!talk_was_answered(p->result, p->stage))
				continue;
			ev->smtp_works_here = true;
			ev->v6_works_here |= p->address.family == IP_V6;
		}
	}
}

static void
put_hosts(const struct host_seen *hosts, size_t n_hosts, struct arena *a,
    struct evidence *ev)
{
	bool implicit_seen = true;
	size_t room = LIMIT_PROBES;

	mx_list(ev, a);
	for (size_t i = 0; i < ev->n_mx_hosts; i++) {
		struct mx_host *m = &ev->mx_hosts[i];
		const struct host_seen *seen =
		    m->host.n > 0 ? find_host(hosts, n_hosts, m->host) : NULL;

		if (seen != NULL)
			put_host(seen, &room, a, ev, m);
		else if (m->implicit)
			implicit_seen = false;
	}
	if (implicit_seen)
		mx_settle_implicit(ev);
}

enum err
look_assemble(const struct look_env *env, const struct host_seen *hosts,
    size_t n_hosts, struct arena *a, struct evidence *ev)
{
	put_hosts(hosts, n_hosts, a, ev);
	org_gather(env->orgs, ev, a);
	look_note_vantage(env, ev);
	note_kept_vantage(ev);
	return a->failed ? ERR_LIMIT : ERR_OK;
}

enum err
collect_kept(const struct host_seen *hosts, size_t n_hosts, struct arena *a,
    struct evidence *ev)
{
	put_hosts(hosts, n_hosts, a, ev);
	note_kept_vantage(ev);
	return org_facts(ev, a);
}

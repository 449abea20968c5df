#include "io/look_authority.h"

#include "base/limits.h"
#include "wire/name.h"

/* ---- the servers of a zone ---- */

static void
begin_queries(
    struct server_look *s, const struct dns_answer *answer, struct party *party)
{
	struct authority *au = s->authority;

	if (au->room == 0)
		return;
	errands_query(au->errands, &s->wish, answer, party);
	au->room -= party->n;
}

static void
after_server_a(void *arg)
{
	struct server_look *s = arg;

	begin_queries(s, &s->a, &s->v4);
}

static void
after_server_aaaa(void *arg)
{
	struct server_look *s = arg;

	begin_queries(s, &s->aaaa, &s->v6);
}

/* What is asked of each: the names and types of the answers. */
static void
set_wish(
    struct server_look *s, struct span name, struct span mx, struct span txt)
{
	s->wish = (struct server_seen){ .name = name };
	resolver_blank(
	    mx, mx.n > 0 ? DNS_MX : 0, DNS_UNASKED, &s->wish.mx.answer);
	resolver_blank(
	    txt, txt.n > 0 ? DNS_TXT : 0, DNS_UNASKED, &s->wish.txt.answer);
}

static void
begin_servers(struct authority *au, struct zone_look *z)
{
	const struct zone_seen *seen = z->seen;
	const struct dns_answer *ns = &seen->ns;

	z->servers = arena_array(au->errands->a, ns->n_ns, sizeof *z->servers);
	for (size_t i = 0; z->servers != NULL && i < ns->n_ns; i++) {
		struct server_look *s = &z->servers[z->n_servers++];

		s->authority = au;
		set_wish(s, ns->ns[i], seen->mx, seen->txt);
		errands_ask(
		    au->errands, ns->ns[i], DNS_A, &s->a, after_server_a, s);
		errands_ask(au->errands, ns->ns[i], DNS_AAAA, &s->aaaa,
		    after_server_aaaa, s);
	}
}

/* ---- the zones ---- */

/* Walks that met at one zone ask their questions together. Of two for TXT the
 * first one's is enough: the server follows an alias within its zone. */
static void
join_walks(struct authority *au)
{
	for (size_t i = 1; i < au->n_walks; i++) {
		struct zone_walk *w = &au->walks[i];

		for (size_t k = 0; k < i && w->at.n > 0; k++) {
			struct zone_walk *first = &au->walks[k];

			if (!name_eq(first->at, w->at))
				continue;
			if (first->mx.n == 0)
				first->mx = w->mx;
			if (first->txt.n == 0)
				first->txt = w->txt;
			w->at = SPAN("");
		}
	}
}

static void
begin_zones(struct authority *au)
{
	struct evidence *ev = au->ev;

	join_walks(au);
	ev->zones =
	    arena_array(au->errands->a, AUTHORITY_ZONES, sizeof *ev->zones);
	if (ev->zones == NULL)
		return;
	for (size_t i = 0; i < au->n_walks; i++) {
		struct zone_walk *w = &au->walks[i];
		struct zone_look *z = &au->zones[ev->n_zones];

		if (w->at.n == 0)
			continue;
		z->seen = &ev->zones[ev->n_zones++];
		*z->seen = (struct zone_seen){
			.ns = w->ns, .mx = w->mx, .txt = w->txt
		};
		begin_servers(au, z);
	}
}

/* ---- from a name up to its zone ---- */

static void
after_ns(void *arg);

static void
step(struct zone_walk *w)
{
	errands_ask(w->authority->errands, w->at, DNS_NS, &w->ns, after_ns, w);
}

static void
arrive(struct zone_walk *w)
{
	if (--w->authority->walking == 0)
		begin_zones(w->authority);
}

/* Is the name above all that is the domain owner's? */
static bool
is_public(const struct authority *au, struct span name)
{
	return name_labels(name) < 2 ||
	       (!name_eq(name, au->ev->domain) &&
		   org_registrable(au->errands->env->orgs, name).n == 0);
}

/* An answer by way of an alias is about another name. */
static void
after_ns(void *arg)
{
	struct zone_walk *w = arg;
	bool found = w->ns.result == DNS_OK && w->ns.n_chain == 0;

	if (!found && (dns_is_known(&w->ns) || w->ns.n_chain > 0)) {
		w->at = name_parent(w->at);
		if (++w->steps < LIMIT_ZONE_STEPS &&
		    !is_public(w->authority, w->at)) {
			step(w);
			return;
		}
		w->at = SPAN("");
	}
	if (is_public(w->authority, w->at))
		w->at = SPAN("");
	arrive(w);
}

static void
add_walk(
    struct authority *au, struct span from, struct span mx, struct span txt)
{
	au->walks[au->n_walks++] = (struct zone_walk){
		.authority = au, .at = from, .mx = mx, .txt = txt
	};
}

/* A CNAME stands alone (RFC 1034 3.6.2), so an alias is no zone's apex and the
 * walk begins above it. */
static void
add_walks(struct authority *au)
{
	const struct evidence *ev = au->ev;
	const struct dns_answer *txt = &ev->sts_txt;
	struct span none = SPAN("");

	if (ev->mx.result == DNS_NXDOMAIN) /* a domain that is none */
		return;
	add_walk(au, dns_owner(&ev->mx), dns_owner(&ev->mx), none);
	add_walk(
	    au, txt->n_chain > 0 ? ev->domain : txt->name, none, txt->name);
	if (txt->n_chain > 0 &&
	    (txt->result == DNS_OK || txt->result == DNS_NODATA))
		add_walk(au, dns_owner(txt), none, dns_owner(txt));
}

void
authority_begin(
    struct authority *au, struct errands *errands, struct evidence *ev)
{
	*au = (struct authority){
		.errands = errands, .ev = ev, .room = LIMIT_SERVERS
	};
	add_walks(au);
	au->walking = au->n_walks;
	for (size_t i = 0; i < au->n_walks; i++)
		step(&au->walks[i]);
}

/* ---- the end ---- */

/* Our deadline came before a zone was found: it is not known. */
static void
note_unfinished(struct authority *au)
{
	struct evidence *ev = au->ev;

	if (au->walking == 0)
		return;
	ev->zones = arena_array(au->errands->a, 1, sizeof *ev->zones);
	if (ev->zones == NULL)
		return;
	ev->zones[0] = (struct zone_seen){ .mx = dns_owner(&ev->mx),
		.txt = ev->sts_txt.name };
	resolver_blank(ev->domain, DNS_NS, DNS_TIMEOUT, &ev->zones[0].ns);
	ev->n_zones = 1;
}

static void
take_servers(struct zone_look *z, struct arena *a)
{
	struct zone_seen *seen = z->seen;

	seen->servers = arena_array(a, 2 * z->n_servers, sizeof *seen->servers);
	if (seen->servers == NULL)
		return;
	for (size_t i = 0; i < z->n_servers; i++) {
		const struct server_look *s = &z->servers[i];

		if (s->v4.n > 0)
			seen->servers[seen->n_servers++] =
			    *party_server(&s->v4, 0);
		if (s->v6.n > 0)
			seen->servers[seen->n_servers++] =
			    *party_server(&s->v6, 0);
	}
}

void
authority_end(struct authority *au)
{
	note_unfinished(au);
	for (size_t i = 0; i < AUTHORITY_ZONES; i++)
		if (au->zones[i].seen != NULL)
			take_servers(&au->zones[i], au->errands->a);
}

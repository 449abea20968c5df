/* Group O: the name servers of the domain's zones, each asked by itself. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "core/docket.h"
#include "wire/dns_message.h"
#include "wire/name.h"
#include "wire/sts_record.h"

enum {
	NAMED_SERVERS = 2, /* of those that say one thing; the rest counted */
	NAMED_SAYINGS = 4,
};

/* ---- a server that does not answer ---- */

static bool
is_ours(const struct evidence *ev, const struct server_seen *s,
    const struct server_answer *q)
{
	return q->result == TALK_UNTRIED || q->result == TALK_NOT_ALLOWED ||
	       q->result == TALK_UNFINISHED ||
	       evidence_lacks_v6(ev, q->result, s->address);
}

static bool
is_good_rcode(uint8_t rcode)
{
	return rcode == DNS_RCODE_NOERROR || rcode == DNS_RCODE_NXDOMAIN;
}

/* Did it answer from the data of the zone? */
static bool
is_answer(const struct server_answer *q)
{
	return q->result == TALK_OK && q->authoritative &&
	       is_good_rcode(q->rcode);
}

static const char *
rcode_text(struct docket *d, uint8_t rcode)
{
	switch (rcode) {
	case DNS_RCODE_NOERROR:
	case DNS_RCODE_NXDOMAIN:
		return "answers, but not from the data of the zone";
	case DNS_RCODE_SERVFAIL:
		return "answers SERVFAIL";
	case DNS_RCODE_REFUSED:
		return "answers REFUSED";
	}
	return arena_printf(d->a, "answers with the code %u", rcode).p;
}

/* "I could not", which is no word on whose zone it is; it mostly passes. */
static bool
has_failed(const struct server_answer *q)
{
	return q->result == TALK_OK && q->rcode == DNS_RCODE_SERVFAIL;
}

/* One finding a server, whatever it was asked. */
static void
judge_server(
    struct docket *d, const struct zone_seen *z, const struct server_seen *s)
{
	const struct server_answer *asked[] = { &s->mx, &s->txt };

	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		const struct server_answer *q = asked[i];
		struct finding *f;

		if (q->answer.type == 0 || is_ours(d->ev, s, q))
			continue;
		f = has_failed(q)
			? docket_unknown(d, CHECK_NS_LAME, s->name)
			: docket_hold(d, CHECK_NS_LAME, is_answer(q), s->name);
		if (f == NULL)
			continue;
		f->address = s->address;
		finding_fact(d, f, "zone", "%s", docket_quote(d, z->ns.name));
		finding_say(d, f, "%s (%s), a name server of %s, %s.",
		    docket_quote(d, s->name), ip_format(s->address).s,
		    docket_quote(d, z->ns.name),
		    q->result == TALK_OK ? rcode_text(d, q->rcode)
					 : talk_result_text(q->result));
		return;
	}
}

/* ---- what the servers say ---- */

struct saying {
	const struct server_seen *server;
	struct span what; /* in words, but not escaped; equal if the same */
	bool told;
};

/* What all servers of a zone say about one name. */
struct comparison {
	enum check_id check;
	const struct zone_seen *zone;
	struct span name; /* that they are asked for */
	struct saying *sayings;
	size_t n;
};

static struct span
alias_or(struct docket *d, const struct dns_answer *a, const char *nothing)
{
	struct span target = dns_owner(a);

	if (a->n_chain == 0)
		return span_str(nothing);
	return arena_printf(d->a, "an alias of %.*s", (int)target.n, target.p);
}

static struct span
txt_saying(struct docket *d, const struct dns_answer *a)
{
	struct sts_rrset set = sts_rrset_parse(a->txt, a->n_txt, d->a);

	switch (set.verdict) {
	case STS_RRSET_OK:
		return arena_printf(d->a, "the id \"%.*s\"",
		    (int)set.record.id.n, set.record.id.p);
	case STS_RRSET_NONE:
		break;
	case STS_RRSET_MULTIPLE:
		return SPAN("more than one record");
	case STS_RRSET_INVALID:
		return arena_printf(d->a, "the invalid record \"%.*s\"",
		    (int)set.text.n, set.text.p);
	}
	return alias_or(d, a, "no record");
}

static int
by_name(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

static struct span
join(struct docket *d, const struct span *names, size_t n)
{
	size_t cap = 0;
	struct buf b;

	for (size_t i = 0; i < n; i++)
		cap += names[i].n + sizeof ", ";
	b = buf_init(arena_alloc(d->a, cap), cap);
	for (size_t i = 0; i < n && b.p != NULL; i++) {
		buf_put(&b, i > 0 ? SPAN(", ") : SPAN(""));
		buf_put(&b, names[i]);
	}
	return b.p != NULL ? buf_span(&b) : SPAN("");
}

/* The hosts alone: preferences are no matter of a policy. */
static struct span
mx_saying(struct docket *d, const struct dns_answer *a)
{
	struct span *hosts = arena_array(d->a, a->n_mx, sizeof *hosts);

	if (a->n_mx == 0 || hosts == NULL)
		return alias_or(d, a, "no MX");
	for (size_t i = 0; i < a->n_mx; i++)
		hosts[i] = a->mx[i].host.n > 0 ? a->mx[i].host : SPAN(".");
	qsort(hosts, a->n_mx, sizeof *hosts, by_name);
	return join(d, hosts, a->n_mx);
}

static struct span
what_it_says(
    struct docket *d, const struct comparison *c, const struct server_answer *q)
{
	return c->check == CHECK_NS_TXT_DIFFERS ? txt_saying(d, &q->answer)
						: mx_saying(d, &q->answer);
}

static void
collect_sayings(struct docket *d, struct comparison *c)
{
	const struct zone_seen *z = c->zone;
	size_t n = z->n_servers < LIMIT_SERVERS ? z->n_servers : LIMIT_SERVERS;

	c->sayings = arena_array(d->a, n, sizeof *c->sayings);
	for (size_t i = 0; c->sayings != NULL && i < n; i++) {
		const struct server_seen *s = &z->servers[i];
		const struct server_answer *q =
		    c->check == CHECK_NS_TXT_DIFFERS ? &s->txt : &s->mx;

		if (is_answer(q) && dns_is_known(&q->answer))
			c->sayings[c->n++] = (struct saying){ .server = s,
				.what = what_it_says(d, c, q) };
	}
}

static bool
agree(const struct comparison *c)
{
	for (size_t i = 1; i < c->n; i++)
		if (!span_eq(c->sayings[0].what, c->sayings[i].what))
			return false;
	return true;
}

/* "ns1.example (192.0.2.1), ns2.example (192.0.2.2) and 3 more: the id "1"" */
static struct span
tell_saying(struct docket *d, struct comparison *c, size_t first)
{
	struct span what = c->sayings[first].what, who = SPAN("");
	size_t n = 0;

	for (size_t i = first; i < c->n; i++) {
		struct saying *s = &c->sayings[i];

		if (!span_eq(s->what, what))
			continue;
		s->told = true;
		if (n++ < NAMED_SERVERS)
			who = arena_printf(d->a, "%.*s%s%s (%s)", (int)who.n,
			    who.p, who.n > 0 ? ", " : "",
			    docket_quote(d, s->server->name),
			    ip_format(s->server->address).s);
	}
	if (n > NAMED_SERVERS)
		who = arena_printf(d->a, "%.*s and %zu more", (int)who.n, who.p,
		    n - NAMED_SERVERS);
	return arena_printf(
	    d->a, "%.*s: %s", (int)who.n, who.p, docket_quote(d, what));
}

static struct span
tell_all(struct docket *d, struct comparison *c)
{
	struct span text = SPAN("");
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct span one;

		if (c->sayings[i].told)
			continue;
		one = tell_saying(d, c, i);
		if (n++ < NAMED_SAYINGS)
			text = arena_printf(d->a, "%.*s%s%.*s", (int)text.n,
			    text.p, text.n > 0 ? "; " : "", (int)one.n, one.p);
	}
	if (n > NAMED_SAYINGS)
		text = arena_printf(d->a, "%.*s; and %zu other answers",
		    (int)text.n, text.p, n - NAMED_SAYINGS);
	return text;
}

static void
judge_comparison(struct docket *d, struct comparison *c)
{
	struct finding *f = docket_hold(d, c->check, agree(c), c->name);
	struct span all;

	if (f == NULL)
		return;
	all = tell_all(d, c);
	finding_fact(d, f, "zone", "%s", docket_quote(d, c->zone->ns.name));
	finding_say(d, f,
	    "The name servers of %s give different answers for %s %s. "
	    "%.*s.",
	    docket_quote(d, c->zone->ns.name), docket_quote(d, c->name),
	    c->check == CHECK_NS_TXT_DIFFERS ? "TXT" : "MX", (int)all.n, all.p);
}

/* Not one server answered for the zone. What has been told already is its
 * cause: nobody answers, or the records cannot be looked up in any way. */
static void
judge_unmeasured(struct docket *d, const struct comparison *c)
{
	enum check_id causes[] = { CHECK_NS_LAME,
		c->check == CHECK_NS_TXT_DIFFERS ? CHECK_TXT_LOOKUP_FAILED
						 : CHECK_MX_LOOKUP_FAILED };
	const struct dns_answer *ns = &c->zone->ns;
	struct finding *f;

	for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
		if (docket_has_failed(d, causes[i])) {
			docket_blocked(d, c->check, causes[i]);
			return;
		}
	f = docket_unknown(d, c->check, c->name);
	finding_remedy(d, f,
	    "It is tried again. If it stays so, see whether the zone's name "
	    "servers answer.");
	if (ns->result == DNS_OK)
		finding_say(d, f,
		    "No name server of %s could be asked from here.",
		    docket_quote(d, ns->name));
	else
		finding_say(d, f, "The lookup of %s NS ended in %s%s%s.",
		    docket_quote(d, ns->name), dns_result_names[ns->result],
		    ns->why.n > 0 ? ": " : "", docket_quote(d, ns->why));
}

static void
judge_zone(struct docket *d, enum check_id check, const struct zone_seen *z)
{
	struct comparison c = { .check = check,
		.zone = z,
		.name = check == CHECK_NS_TXT_DIFFERS ? z->txt : z->mx };

	if (c.name.n == 0)
		return;
	collect_sayings(d, &c);
	if (c.n > 0)
		judge_comparison(d, &c);
	else
		judge_unmeasured(d, &c);
}

void
judge_authority(struct docket *d)
{
	const struct evidence *ev = d->ev;

	for (size_t i = 0; i < ev->n_zones; i++)
		for (size_t k = 0; k < ev->zones[i].n_servers; k++)
			judge_server(
			    d, &ev->zones[i], &ev->zones[i].servers[k]);
	for (size_t i = 0; i < ev->n_zones; i++) {
		judge_zone(d, CHECK_NS_TXT_DIFFERS, &ev->zones[i]);
		judge_zone(d, CHECK_NS_MX_DIFFERS, &ev->zones[i]);
	}
}

/* Weeks of flakiness: the monitor's rounds over a world in which every fifth
 * look meets something that fails by itself (a lookup, a mail host that asks to
 * come back, our own deadline) and the resolver is restarted now and then.
 *
 * A good domain is looked at for six weeks without one alarm. A fault among all
 * that is told within two rounds in which it could be seen, and is over within
 * two rounds after it was mended, and not before.
 *
 * The world is evidence, made once for each fault and each failure; the rounds
 * are those of core/round.h, core/host_truth.h and core/schedule.h. */
#include "core/round.h"

#include "base/limits.h"
#include "base/test_table.h"
#include "core/host_truth.h"
#include "core/test_scene.h"

enum {
	MINUTE = 60,
	HOUR = 3600,
	WEEK = 7 * DAY,
	SEEDS = 2, /* of each fault */
	FLAKY_PERCENT = 20,
	RESTART_S = 10 * MINUTE,
	RESTART_EVERY_S = 36 * HOUR,
	ROUNDS = 2, /* in which a fault is told */
};

/* ---- what fails by itself ---- */

static void
lookup_fails(struct dns_answer *d, enum dns_result how)
{
	char *name = (char *)(uintptr_t)d->name.p;

	*d = scene_answer(name, d->type, how);
	d->secure = false;
}

static void
mx_fails(struct scene *s, enum dns_result how)
{
	lookup_fails(&s->ev.mx, how);
	s->ev.n_mx_hosts = 0;
}

static void
host_a_fails(struct scene *s, enum dns_result how)
{
	lookup_fails(&s->ev.host_a, how);
	s->ev.n_fetches = 0;
}

/* Without addresses there is nothing to talk to. */
static void
mail_host_fails(struct mx_host *m, enum dns_result how)
{
	lookup_fails(&m->a, how);
	m->n_probes = 0;
}

static void
tlsa_fails(struct mx_host *m, enum dns_result how)
{
	lookup_fails(&m->tlsa, how);
	m->probes[0].dane = DANE_UNTRIED;
}

static void
comes_later(struct probe *p, uint16_t code)
{
	scene_probe_ended(p, STAGE_GREETING, TALK_OK);
	p->greeting_code = code;
	p->ehlo_code = p->starttls_code = 0;
	p->dane = DANE_UNTRIED;
}

static void
probe_unfinished(struct probe *p, enum talk_stage stage)
{
	scene_probe_ended(p, stage, TALK_UNFINISHED);
	p->dane = DANE_UNTRIED;
}

static void
fetch_unfinished(struct fetch *f, enum talk_stage stage)
{
	scene_fetch_ended(f, stage, TALK_UNFINISHED);
	if (stage <= STAGE_HANDSHAKE)
		f->tls.n_chain = 0;
}

/* clang-format off */
static void mx_servfail(struct scene *s) { mx_fails(s, DNS_SERVFAIL); }
static void mx_timeout(struct scene *s) { mx_fails(s, DNS_TIMEOUT); }
static void txt_servfail(struct scene *s) { lookup_fails(&s->ev.sts_txt, DNS_SERVFAIL); }
static void txt_timeout(struct scene *s) { lookup_fails(&s->ev.sts_txt, DNS_TIMEOUT); }
static void wildcard_servfail(struct scene *s) { lookup_fails(&s->ev.sts_wildcard, DNS_SERVFAIL); lookup_fails(&s->ev.host_wildcard, DNS_SERVFAIL); }
static void rpt_timeout(struct scene *s) { lookup_fails(&s->ev.tlsrpt_txt, DNS_TIMEOUT); }
static void host_servfail(struct scene *s) { host_a_fails(s, DNS_SERVFAIL); }
static void host_timeout(struct scene *s) { host_a_fails(s, DNS_TIMEOUT); }
static void host_aaaa_servfail(struct scene *s) { lookup_fails(&s->ev.host_aaaa, DNS_SERVFAIL); }
static void mail_a_servfail(struct scene *s) { mail_host_fails(&s->hosts[0], DNS_SERVFAIL); }
static void mail_a_timeout(struct scene *s) { mail_host_fails(&s->hosts[1], DNS_TIMEOUT); }
static void mail_aaaa_servfail(struct scene *s) { lookup_fails(&s->hosts[0].aaaa, DNS_SERVFAIL); }
static void tlsa_servfail(struct scene *s) { tlsa_fails(&s->hosts[0], DNS_SERVFAIL); }
static void tlsa_timeout(struct scene *s) { tlsa_fails(&s->hosts[1], DNS_TIMEOUT); }
static void greeting_421(struct scene *s) { comes_later(&s->probes[0], 421); }
static void greeting_450(struct scene *s) { comes_later(&s->probes[1], 450); }
static void all_421(struct scene *s) { comes_later(&s->probes[0], 421); comes_later(&s->probes[1], 421); }
static void probe_connecting(struct scene *s) { probe_unfinished(&s->probes[0], STAGE_CONNECT); }
static void probe_talking(struct scene *s) { probe_unfinished(&s->probes[1], STAGE_EHLO); }
static void fetch_connecting(struct scene *s) { fetch_unfinished(&s->fetches[0], STAGE_CONNECT); }
static void fetch_reading(struct scene *s) { fetch_unfinished(&s->fetches[1], STAGE_BODY); }
static void all_unfinished(struct scene *s) { for (int i = 0; i < 2; i++) { probe_unfinished(&s->probes[i], STAGE_HANDSHAKE); fetch_unfinished(&s->fetches[i], STAGE_HANDSHAKE); } }
static void resolver_restarts(struct scene *s) { mx_servfail(s); txt_servfail(s); wildcard_servfail(s); rpt_timeout(s); host_servfail(s); host_aaaa_servfail(s); for (int i = 0; i < 2; i++) { mail_host_fails(&s->hosts[i], DNS_SERVFAIL); lookup_fails(&s->hosts[i].aaaa, DNS_SERVFAIL); tlsa_fails(&s->hosts[i], DNS_SERVFAIL); } }
static void nothing(struct scene *s) { (void)s; }

static const struct {
	const char *label;
	void (*happen)(struct scene *s);
} failures[] = {
	{ "nothing", nothing },
	{ "the resolver restarts", resolver_restarts },
	{ "MX: SERVFAIL", mx_servfail },
	{ "MX: no answer", mx_timeout },
	{ "record: SERVFAIL", txt_servfail },
	{ "record: no answer", txt_timeout },
	{ "wildcards: SERVFAIL", wildcard_servfail },
	{ "TLSRPT: no answer", rpt_timeout },
	{ "policy host: SERVFAIL", host_servfail },
	{ "policy host: no answer", host_timeout },
	{ "policy host AAAA: SERVFAIL", host_aaaa_servfail },
	{ "mail host A: SERVFAIL", mail_a_servfail },
	{ "mail host A: no answer", mail_a_timeout },
	{ "mail host AAAA: SERVFAIL", mail_aaaa_servfail },
	{ "TLSA: SERVFAIL", tlsa_servfail },
	{ "TLSA: no answer", tlsa_timeout },
	{ "421 from one", greeting_421 },
	{ "450 from one", greeting_450 },
	{ "421 from all", all_421 },
	{ "deadline at a mail host", probe_connecting },
	{ "deadline in a conversation", probe_talking },
	{ "deadline at the policy host", fetch_connecting },
	{ "deadline in the policy", fetch_reading },
	{ "deadline everywhere", all_unfinished },
};
/* clang-format on */

enum { NOTHING, RESTART, FAILURES = ROWS(failures) };

/* ---- good domains ---- */

static const struct span renewed_policy =
    SPAN_INIT("version: STSv1\nmode: enforce\nmx: mx1.example.com\n"
	      "mx: mx2.example.com\nmax_age: 1814400\n");

/* TLSA records at both hosts, two addresses of the policy host. */
static void
good_with_dane(struct scene *s)
{
	memset(s->digest, 7, sizeof s->digest);
	s->tlsa[0] = (struct dns_tlsa){ 3, 1, 1, { s->digest, 32 } };
	for (int i = 0; i < 2; i++) {
		s->hosts[i].tlsa =
		    scene_answer("_25._tcp.mx", DNS_TLSA, DNS_OK);
		s->hosts[i].tlsa.tlsa = s->tlsa;
		s->hosts[i].tlsa.n_tlsa = 1;
		s->probes[i].dane = DANE_OK;
	}
	s->ev.host_a.n_addr = s->ev.n_fetches = 2;
}

static void
good_by_cname(struct scene *s)
{
	s->chain[0] = SPAN("mta-sts.host.example.net");
	s->ev.sts_txt.chain = s->ev.host_a.chain = s->chain;
	s->ev.sts_txt.n_chain = s->ev.host_a.n_chain = 1;
}

static void
without_sts(struct scene *s)
{
	scene_no_record(s);
	scene_no_policy(s);
	s->ev.tlsrpt_txt =
	    scene_answer("_smtp._tls.example.com", DNS_TXT, DNS_NODATA);
}

/* A page for whatever is asked of it. */
static void
web_server(struct scene *s)
{
	without_sts(s);
	s->ev.host_a = scene_answer("mta-sts.example.com", DNS_A, DNS_OK);
	s->ev.host_a.addr = s->host4;
	s->ev.host_a.n_addr = s->ev.n_fetches = 2;
	s->ev.host_wildcard = s->ev.host_a;
	s->ev.host_wildcard.name = SPAN("x.example.com");
	scene_body(s, SPAN("<html></html>"));
	s->fetches[0].content_type = SPAN("text/html");
	s->fetches[1].status = 404;
}

/* ---- faults ---- */

static void
both_fetches(struct scene *s, enum talk_stage stage, enum talk_result result)
{
	for (int i = 0; i < 2; i++) {
		scene_fetch_ended(&s->fetches[i], stage, result);
		if (stage < STAGE_CERTIFICATE)
			s->fetches[i].tls.n_chain = 0;
	}
}

static void
new_body(struct scene *s, struct span text)
{
	for (int i = 0; i < 2; i++) {
		s->fetches[i].body = text;
		s->fetches[i].body_bytes = text.n;
	}
}

static void
refuses(struct probe *p)
{
	scene_probe_ended(p, STAGE_CONNECT, TALK_REFUSED);
	p->dane = DANE_UNTRIED;
}

/* clang-format off */
static void no_starttls(struct scene *s) { scene_probe_ended(&s->probes[0], STAGE_STARTTLS, TALK_OK); s->probes[0].starttls_offered = false; s->probes[0].starttls_code = 0; s->probes[0].dane = DANE_UNTRIED; }
static void expired(struct scene *s) { s->certs[0].not_before.s = SCENE_NOW_S - 90 * DAY; s->certs[0].not_after.s = SCENE_NOW_S; }
static void dane_wrong(struct scene *s) { s->probes[0].dane = DANE_MISMATCH; }
static void host_gone(struct scene *s) { s->hosts[1].a = s->hosts[1].aaaa = scene_answer("mx2.example.com", DNS_A, DNS_NXDOMAIN); s->hosts[1].n_probes = 0; s->hosts[1].tlsa.n_tlsa = 0; s->hosts[1].tlsa.result = DNS_NXDOMAIN; }
static void one_refuses(struct scene *s) { refuses(&s->probes[1]); }
static void all_refuse(struct scene *s) { refuses(&s->probes[0]); refuses(&s->probes[1]); }
static void other_mx(struct scene *s) { s->mx[1].host = s->hosts[1].host = s->ids[1][0] = SPAN("mx3.example.com"); s->hosts[1].a.name = s->hosts[1].aaaa.name = SPAN("mx3.example.com"); }
static void http_404(struct scene *s) { s->fetches[0].status = s->fetches[1].status = 404; }
static void http_refused(struct scene *s) { both_fetches(s, STAGE_CONNECT, TALK_REFUSED); }
static void one_http_refused(struct scene *s) { scene_fetch_ended(&s->fetches[1], STAGE_CONNECT, TALK_REFUSED); s->fetches[1].tls.n_chain = 0; }
static void http_expired(struct scene *s) { both_fetches(s, STAGE_CERTIFICATE, TALK_HANDSHAKE); s->host_cert.not_before.s = SCENE_NOW_S - 90 * DAY; s->host_cert.not_after.s = SCENE_NOW_S; }
static void void_policy(struct scene *s) { new_body(s, SPAN("version: STSv1\nmode: enforced\nmx: mx1.example.com\nmx: mx2.example.com\nmax_age: 1209600\n")); }
static void same_id(struct scene *s) { new_body(s, renewed_policy); }
static void new_id(struct scene *s) { same_id(s); scene_record(s, SPAN("v=STSv1; id=2;")); }
static void record_gone(struct scene *s) { scene_no_record(s); }
static void two_records(struct scene *s) { s->sts_strings[1] = SPAN("v=STSv1; id=2;"); s->sts[1] = (struct dns_txt){ &s->sts_strings[1], 1 }; s->ev.sts_txt.n_txt = 2; }
static void rpt_gone(struct scene *s) { s->ev.tlsrpt_txt = scene_answer("_smtp._tls.example.com", DNS_TXT, DNS_NODATA); }

/* Where a fault is seen: in a round that makes all of these looks, or in those
 * at all of these mail hosts. */
enum {
	RECORDS = 1 << LOOK_RECORDS,
	POLICY = 1 << LOOK_POLICY,
	MX1 = 1 << LOOKS,
	MX2 = MX1 << 1,
};

static const struct fault {
	const char *label;
	void (*happen)(struct scene *s);
	void (*mend)(struct scene *s);
	unsigned places;
	int64_t grace_s; /* before it is one */
	const char *want; /* what is told */
	const char *may; /* and what may be told besides */
} faults[] = {
	{ "no STARTTLS", no_starttls, nothing, MX1, 0, "starttls.missing", "" },
	{ "a mail host's certificate expired", expired, nothing, MX1, 0, "mxcert.expired", "" },
	{ "a TLSA record that does not match", dane_wrong, nothing, MX1, 0, "dane.tlsa-mismatch", "" },
	{ "a mail host without a name", host_gone, nothing, MX2, 0, "mx.host-nxdomain", "" },
	{ "a mail host is down", one_refuses, nothing, MX2, 0, "smtp.connect-some", "" },
	{ "all mail hosts are down", all_refuse, nothing, MX1 | MX2, 0, "smtp.connect-all", "smtp.connect-some" },
	{ "an MX host that is not in the policy", other_mx, nothing, RECORDS, 0, "change.mx-before-policy", "" },
	{ "the policy is gone", http_404, nothing, POLICY, 0, "removal.file-gone", "" },
	{ "the policy host is down", http_refused, nothing, POLICY, 0, "https.connect", "" },
	{ "one address of it is down", one_http_refused, nothing, POLICY, 0, "https.some-addresses", "" },
	{ "its certificate expired", http_expired, nothing, POLICY, 0, "https.cert-expired", "" },
	{ "the policy is void", void_policy, nothing, POLICY, 0, "mode.invalid", "" },
	{ "a new file under an old id", same_id, new_id, RECORDS | POLICY, LEDGER_GRACE_S, "change.id-not-rotated", "" },
	{ "the record is gone", record_gone, nothing, RECORDS, 0, "removal.txt-gone", "" },
	{ "two records", two_records, nothing, RECORDS, 0, "txt.multiple", "" },
	{ "no TLSRPT record", rpt_gone, nothing, POLICY, 0, "tlsrpt.absent", "" },
};
/* clang-format on */

/* ---- the world ---- */

enum era { BEFORE, DURING, AFTER, ERAS };

struct world {
	void (*kind)(struct scene *s); /* of good domain */
	const struct fault *fault; /* NULL: none */
	struct scene *scenes[ERAS][FAILURES]; /* made when first needed */
	struct wall_time from, to; /* of the fault */
	struct wall_time restart; /* of the resolver; the next or this one */
	uint64_t random;
	struct arena a;
};

/* xorshift64*: any generator will do, as long as it is always the same. */
static uint32_t
draw(struct world *w)
{
	w->random ^= w->random >> 12;
	w->random ^= w->random << 25;
	w->random ^= w->random >> 27;
	return (uint32_t)(w->random * 0x2545f4914f6cdd1d >> 32);
}

static enum era
era_at(const struct world *w, struct wall_time now)
{
	return now.s < w->from.s ? BEFORE : now.s < w->to.s ? DURING : AFTER;
}

/* What is seen now; *clean if nothing fails by itself. */
static const struct scene *
see(struct world *w, struct wall_time now, bool *clean)
{
	enum era era = era_at(w, now);
	size_t failure = NOTHING;
	struct scene **s;

	while (now.s >= w->restart.s + RESTART_S)
		w->restart.s += HOUR + draw(w) % (2 * RESTART_EVERY_S);
	if (now.s >= w->restart.s)
		failure = RESTART;
	else if (draw(w) % 100 < FLAKY_PERCENT)
		failure = RESTART + 1 + draw(w) % (FAILURES - RESTART - 1);
	*clean = failure == NOTHING;
	s = &w->scenes[era][failure];
	if (*s == NULL) {
		*s = arena_alloc(&w->a, sizeof **s);
		assert_non_null(*s);
		scene_good(*s);
		w->kind(*s);
		if (w->fault != NULL && era == DURING)
			w->fault->happen(*s);
		if (w->fault != NULL && era == AFTER)
			w->fault->mend(*s);
		failures[failure].happen(*s);
	}
	return *s;
}

/* ---- the monitor ---- */

enum { HOSTS = 3, HOST_SEEN = 0, HOST_FILLED = 1 };

struct host {
	struct span name;
	struct host_seen *truth;
	int64_t doubts;
	uint8_t failures;
	struct wall_time due;
	size_t seen[ERAS]; /* looks in which nothing failed by itself */
};

/* What is to be said of a fault, and what was. */
struct story {
	size_t seen[ERAS]; /* rounds in which it, or its end, was to be seen */
	bool opened, resolved;
	size_t standing; /* at one address or at several */
	struct tally *t;
};

struct monitor {
	struct world world;
	struct ledger ledger;
	struct sightings sightings;
	struct evidence ev; /* of the last round */
	struct schedule schedule;
	struct host hosts[HOSTS];
	struct story story;
	struct wall_time now;
	struct arena truths; /* of the hosts */
	struct arena rounds[2]; /* the state after this round, and the last */
	size_t n_rounds;
};

static const struct mx_host *
find_host(const struct scene *s, struct span name)
{
	for (size_t i = 0; i < ROWS(s->hosts); i++)
		if (span_eq(s->hosts[i].host, name))
			return &s->hosts[i];
	return NULL;
}

static bool
is_same_probe(const struct probe *a, const struct probe *b)
{
	return a->result == b->result && a->stage == b->stage &&
	       a->greeting_code == b->greeting_code && a->dane == b->dane &&
	       a->tls.n_chain == b->tls.n_chain &&
	       (a->tls.n_chain == 0 ||
		   a->tls.chain[0].not_after.s == b->tls.chain[0].not_after.s);
}

/* As far as this world makes them differ. */
static bool
is_same(const struct host_seen *a, const struct host_seen *b)
{
	if (b == NULL || a->host.a.result != b->host.a.result ||
	    a->host.aaaa.result != b->host.aaaa.result ||
	    a->host.tlsa.result != b->host.tlsa.result ||
	    a->host.n_probes != b->host.n_probes)
		return false;
	for (size_t i = 0; i < a->host.n_probes; i++)
		if (!is_same_probe(&a->host.probes[i], &b->host.probes[i]))
			return false;
	return true;
}

/* True if what is held true has changed. */
static bool
weigh(struct monitor *m, struct host *h, const struct host_seen *seen)
{
	struct host_seen *all = arena_array(&m->truths, 2, sizeof *all);
	struct host_question q = { .seen = seen,
		.truth = h->truth,
		.smtp_works_here = true,
		.v6_works_here = true,
		.dnssec = true,
		.doubts = h->doubts,
		.failures = h->failures,
		.now = m->now };
	struct host_answer answer;
	struct arena a;

	assert_non_null(all);
	arena_init(&a, LIMIT_CHECK_MEMORY);
	all[HOST_SEEN] = *seen;
	assert_int_equal(
	    host_fill(seen, h->truth, &m->truths, &all[HOST_FILLED]), ERR_OK);
	q.seen_differs = !is_same(seen, h->truth);
	q.filled_differs = !is_same(&all[HOST_FILLED], h->truth);
	assert_int_equal(host_weigh(&q, &a, &answer), ERR_OK);
	arena_release(&a);
	if (answer.belief == HOST_AS_FILLED)
		h->truth = &all[HOST_FILLED];
	if (answer.belief == HOST_AS_SEEN)
		h->truth = &all[HOST_SEEN];
	h->doubts = answer.doubts;
	h->due = schedule_after(&cadence_default, cadence_default.host_every_s,
	    answer.outcome, m->now, draw(&m->world), &h->failures);
	return answer.belief != HOST_AS_BEFORE;
}

static bool
look_at_host(struct monitor *m, struct host *h)
{
	struct der_chain der = { 0 };
	struct host_seen seen = { .checked_at = m->now, .ders = &der };
	const struct mx_host *host;
	bool clean;

	host = find_host(see(&m->world, m->now, &clean), h->name);
	if (host == NULL) { /* no MX host of the domain: nobody asks */
		h->due.s = m->now.s + HOUR;
		return false;
	}
	seen.host = *host;
	h->seen[era_at(&m->world, m->now)] += clean;
	return weigh(m, h, &seen);
}

/* The mail hosts of the MX records, with what is held true of each. */
static void
fill_hosts(struct monitor *m, struct evidence *ev, struct arena *a)
{
	struct mx_host *all = arena_array(a, ev->n_mx_hosts + 1, sizeof *all);

	assert_non_null(all);
	for (size_t i = 0; i < ev->n_mx_hosts; i++) {
		const struct mx_host *named = &ev->mx_hosts[i];

		all[i] = (struct mx_host){ .host = named->host,
			.a = scene_answer("", DNS_A, DNS_UNASKED),
			.aaaa = scene_answer("", DNS_AAAA, DNS_UNASKED),
			.tlsa = scene_answer("", DNS_TLSA, DNS_UNASKED) };
		for (size_t k = 0; k < HOSTS; k++)
			if (span_eq(m->hosts[k].name, named->host) &&
			    m->hosts[k].truth != NULL)
				all[i] = m->hosts[k].truth->host;
		all[i].preference = named->preference;
	}
	ev->mx_hosts = all;
}

/* ---- what outlives a round ---- */

static void *
copy_array(struct arena *a, const void *from, size_t n, size_t size)
{
	void *to = arena_array(a, n + 1, size);

	assert_non_null(to);
	if (n > 0)
		memcpy(to, from, n * size);
	return to;
}

static struct span *
copy_spans(struct arena *a, const struct span *from, size_t n)
{
	struct span *to = copy_array(a, from, n, sizeof *to);

	for (size_t i = 0; i < n; i++)
		to[i] = arena_span(a, from[i]);
	return to;
}

static void
keep_sightings(
    const struct sightings *from, struct arena *a, struct sightings *out)
{
	out->n = from->n;
	out->all = copy_array(a, from->all, from->n, sizeof *out->all);
	for (size_t i = 0; i < from->n; i++) {
		struct sighting *s = &out->all[i];

		s->subject = arena_span(a, s->subject);
		s->message = arena_span(a, s->message);
		s->remedy = arena_span(a, s->remedy);
	}
}

static void
keep_ledger(struct ledger *l, struct arena *a)
{
	l->versions =
	    copy_array(a, l->versions, l->n_versions, sizeof *l->versions);
	l->versions_cap = l->n_versions;
	for (size_t i = 0; i < l->n_versions; i++) {
		struct ledger_version *v = &l->versions[i];

		v->body = arena_span(a, v->body);
		v->mx = copy_spans(a, v->mx, v->n_mx);
	}
	l->ids = copy_array(a, l->ids, l->n_ids, sizeof *l->ids);
	l->ids_cap = l->n_ids;
	for (size_t i = 0; i < l->n_ids; i++)
		l->ids[i].id = arena_span(a, l->ids[i].id);
	l->latest_id = arena_span(a, l->latest_id);
	l->mx_sets =
	    copy_array(a, l->mx_sets, l->n_mx_sets, sizeof *l->mx_sets);
	l->mx_sets_cap = l->n_mx_sets;
	for (size_t i = 0; i < l->n_mx_sets; i++)
		l->mx_sets[i].hosts =
		    copy_spans(a, l->mx_sets[i].hosts, l->mx_sets[i].n_hosts);
}

/* ---- what was told ---- */

static void
hear(struct monitor *m, const struct sighting_event *e)
{
	const struct fault *f = m->world.fault;
	const char *slug = checks[e->sighting->check].slug;
	struct story *st = &m->story;
	enum era era = era_at(&m->world, m->now);
	bool opened = e->kind == SIGHTING_OPENED;

	if (e->kind == SIGHTING_WORSENED ||
	    (f != NULL && era != BEFORE && strcmp(slug, f->may) == 0))
		return;
	if (f != NULL && strcmp(slug, f->want) == 0 &&
	    era == (opened ? DURING : AFTER)) {
		st->standing += opened ? 1 : (size_t)-1;
		st->opened |= opened;
		st->resolved = !opened && st->standing == 0;
		return;
	}
	st->t->failed++;
	printf("# %s: after %lld minutes: %s %s: %.*s\n", st->t->label,
	    (long long)(m->now.s - SCENE_NOW_S) / MINUTE, slug,
	    opened ? "was told" : "was taken back", (int)e->sighting->message.n,
	    e->sighting->message.p);
}

/* Was the fault to be seen in this round, or that it is mended? */
static bool
is_to_be_seen(const struct monitor *m, const struct evidence *ev,
    unsigned looks, bool clean)
{
	const struct fault *f = m->world.fault;
	enum era era = era_at(&m->world, m->now);

	if (!dns_is_known(&ev->mx) || !dns_is_known(&ev->sts_txt))
		return false;
	if (era == DURING && m->now.s < m->ledger.latest_since.s + f->grace_s)
		return false;
	for (size_t i = 0; i < 2; i++)
		if (f->places & (unsigned)MX1 << i &&
		    m->hosts[i].seen[era] < ROUNDS)
			return false;
	return f->places >= MX1 || (clean && (f->places & ~looks) == 0);
}

/* A mail host was confirmed when it was looked at; the domain as a whole needs
 * a second round. */
static void
check_promptness(
    struct monitor *m, const struct evidence *ev, unsigned looks, bool clean)
{
	const struct fault *f = m->world.fault;
	enum era era = era_at(&m->world, m->now);
	struct story *st = &m->story;
	size_t rounds;

	if (f == NULL || era == BEFORE || !is_to_be_seen(m, ev, looks, clean))
		return;
	rounds = f->places == MX1 || f->places == MX2 ? 1 : ROUNDS;
	if (++st->seen[era] != rounds)
		return;
	want_bool(st->t, era == DURING ? "told in time" : "over in time",
	    era == DURING ? st->opened : st->resolved, true);
}

/* ---- the rounds ---- */

static void
look_at_domain(struct monitor *m)
{
	struct arena *a = &m->rounds[m->n_rounds++ % 2], scratch;
	unsigned looks = round_must_be_whole(&m->sightings)
			     ? LOOK_EVERYTHING
			     : schedule_due(&m->schedule, m->now);
	struct evidence ev;
	struct round r = { .ledger = &m->ledger,
		.before = &m->sightings,
		.ev = &ev,
		.now = m->now };
	const struct scene *s;
	bool clean;

	/* Every look asks for the records; none is made when we were woken. */
	if (looks != 0)
		looks |= RECORDS;
	arena_release(a);
	arena_init(&scratch, LIMIT_CHECK_MEMORY);
	s = see(&m->world, m->now, &clean);
	ev = s->ev;
	evidence_carry(&ev, &m->ev, looks);
	if (looks == 0) {
		ev.mx_hosts = m->ev.mx_hosts;
		ev.n_mx_hosts = m->ev.n_mx_hosts;
	}
	ev.checked_at = m->now;
	m->ev = ev;
	fill_hosts(m, &ev, &scratch);
	r.failed = round_unmeasured(&s->ev, looks);
	r.looks = looks;
	assert_int_equal(round_judge(&r, &scratch), ERR_OK);
	for (size_t i = 0; i < r.sightings.n_events; i++)
		hear(m, &r.sightings.events[i]);
	check_promptness(m, &ev, looks, clean);
	keep_sightings(&r.sightings.after, a, &m->sightings);
	keep_ledger(&m->ledger, a);
	schedule_looked(&cadence_default, &m->schedule, looks, r.outcome,
	    m->now, draw(&m->world));
	arena_release(&scratch);
}

static struct wall_time
next_moment(const struct monitor *m)
{
	struct wall_time t = schedule_next(&m->schedule);

	for (size_t i = 0; i < HOSTS; i++)
		if (m->hosts[i].due.s < t.s)
			t = m->hosts[i].due;
	return t.s > m->now.s ? t : m->now;
}

static void
run(struct monitor *m, struct wall_time end)
{
	for (m->now.s = SCENE_NOW_S; m->now.s < end.s;
	     m->now = next_moment(m)) {
		bool due = schedule_next(&m->schedule).s <= m->now.s;
		bool woken = false;

		for (size_t i = 0; i < HOSTS; i++)
			if (m->hosts[i].due.s <= m->now.s)
				woken |= look_at_host(m, &m->hosts[i]);
		/* What waits for its second look sees what woke us too. */
		if (due || (woken && !round_must_be_whole(&m->sightings)))
			look_at_domain(m);
	}
}

/* From the first look on; `seed` decides what fails when. */
static void
run_weeks(struct tally *t, void (*kind)(struct scene *s),
    const struct fault *fault, size_t seed, int64_t length_s)
{
	struct monitor m = {
		.world = { .kind = kind,
		    .fault = fault,
		    .restart = { SCENE_NOW_S },
		    .random = 0x9e3779b97f4a7c15 * (seed + 1) },
		.hosts = { { .name = SPAN("mx1.example.com") },
		    { .name = SPAN("mx2.example.com") },
		    { .name = SPAN("mx3.example.com") } },
		.story = { .t = t },
	};

	arena_init(&m.world.a, LIMIT_CHECK_MEMORY);
	arena_init(&m.truths, LIMIT_CHECK_MEMORY);
	arena_init(&m.rounds[0], LIMIT_CHECK_MEMORY);
	arena_init(&m.rounds[1], LIMIT_CHECK_MEMORY);
	evidence_blank(&m.ev);
	m.world.from.s = SCENE_NOW_S + length_s / 3 + draw(&m.world) % DAY;
	m.world.to.s = m.world.from.s + DAY + draw(&m.world) % DAY;
	run(&m, (struct wall_time){ SCENE_NOW_S + length_s });
	if (fault != NULL) {
		want_bool(t, "told", m.story.opened, true);
		want_bool(t, "over", m.story.resolved, true);
	}
	arena_release(&m.world.a);
	arena_release(&m.truths);
	arena_release(&m.rounds[0]);
	arena_release(&m.rounds[1]);
}

/* ---- the tests ---- */

static void
test_good_weeks(void **state)
{
	static const struct {
		const char *label;
		void (*kind)(struct scene *s);
	} kinds[] = {
		{ "a plain domain", nothing },
		{ "DANE, and two addresses", good_with_dane },
		{ "a domain behind CNAMEs", good_by_cname },
		{ "no MTA-STS", without_sts },
		{ "no MTA-STS, and a web server at every name", web_server },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(kinds); i++) {
		t.label = kinds[i].label;
		run_weeks(&t, kinds[i].kind, NULL, i, 6 * WEEK);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_faults(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(faults); i++)
		for (size_t seed = 0; seed < SEEDS; seed++) {
			t.label = faults[i].label;
			run_weeks(&t, good_with_dane, &faults[i],
			    100 + i * SEEDS + seed, WEEK);
		}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_weeks),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

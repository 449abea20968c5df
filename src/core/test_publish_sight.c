/* From a round of a published domain to what is left of it for the publish
 * role, and that as text. */
#include "base/buf.h"
#include "base/limits.h"
#include "base/test_table.h"
#include "core/publish_sight.h"
#include "core/test_scene.h"

#define OURS                                                                   \
	"version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\n"           \
	"mx: mx2.example.com\r\nmax_age: 1209600\r\n"
#define TWO_WEEKS (14 * (int64_t)DAY)

enum { RECORDS = 1 << LOOK_RECORDS, AUTHORITY = 1 << LOOK_AUTHORITY };

static const struct wall_time now = { SCENE_NOW_S };

struct stage {
	struct scene s;
	struct published p;
	struct ledger l;
	struct arena a;
	struct judged j;
	struct span ns[2], hosts[2], other[1];
	struct ledger_version versions[2];
	struct ledger_mx_set set;
	struct published_body bodies[2];
	struct mx_pattern patterns[3];
	unsigned looks;
	size_t incidents;
};

static void
set_up_servers(struct stage *g)
{
	struct scene *s = &g->s;

	s->zone.ns = scene_answer("example.com", DNS_NS, DNS_OK);
	s->zone.ns.ns = g->ns;
	s->zone.ns.n_ns = 2;
	s->zone.mx = SPAN("example.com");
	s->zone.txt = SPAN("_mta-sts.example.com");
	for (size_t i = 0; i < 2; i++) {
		struct server_seen *n = &s->servers[i];

		g->ns[i] = n->name =
		    i == 0 ? SPAN("ns1.example.net") : SPAN("ns2.example.net");
		n->address = scene_ip(i == 0 ? "192.0.2.53" : "192.0.2.54");
		n->mx.result = n->txt.result = TALK_OK;
		n->mx.authoritative = n->txt.authoritative = true;
		n->mx.answer = s->ev.mx;
		s->server_mx[i][0] = s->mx[1 - i];
		s->server_mx[i][1] = s->mx[i];
		n->mx.answer.mx = s->server_mx[i];
		n->txt.answer = s->ev.sts_txt;
	}
	s->zone.servers = s->servers;
	s->zone.n_servers = 2;
	s->ev.zones = &s->zone;
	s->ev.n_zones = 1;
}

/* The policy that is served now, and one that was until a day ago. */
static void
set_up_ledger(struct stage *g)
{
	static struct span both[] = { SPAN_INIT("mx1.example.com"),
		SPAN_INIT("mx2.example.com") };

	g->versions[0] = (struct ledger_version){ .seq = 1,
		.body = SPAN("one"),
		.mode = STS_MODE_TESTING,
		.max_age = DAY * 7,
		.mx = both,
		.n_mx = 2,
		.last_seen = { now.s - DAY },
		.renewed = { now.s - DAY } };
	g->versions[1] = (struct ledger_version){ .seq = 2,
		.body = SPAN(OURS),
		.mode = STS_MODE_ENFORCE,
		.max_age = TWO_WEEKS,
		.mx = both,
		.n_mx = 2,
		.last_seen = now,
		.served = true,
		.named = true };
	g->hosts[0] = both[0];
	g->hosts[1] = both[1];
	g->set = (struct ledger_mx_set){ .hosts = g->hosts, .n_hosts = 2 };
	g->l = (struct ledger){ .begun = true,
		.versions = g->versions,
		.n_versions = 2,
		.latest = 2,
		.latest_id = SPAN(""),
		.mode = STS_MODE_ENFORCE,
		.mode_before = STS_MODE_TESTING,
		.mx_sets = &g->set,
		.n_mx_sets = 1 };
}

static void
set_up(struct stage *g)
{
	memset(g, 0, sizeof *g);
	arena_init(&g->a, LIMIT_CHECK_MEMORY);
	scene_good(&g->s);
	g->s.ev.mx.secure = false;
	set_up_servers(g);
	set_up_ledger(g);
	g->bodies[0] =
	    (struct published_body){ 2, SPAN(OURS), { now.s - DAY } };
	g->bodies[1] =
	    (struct published_body){ 1, SPAN("one"), { now.s - 9 * DAY } };
	g->p = (struct published){ .bodies = g->bodies,
		.n_bodies = 2,
		.state = { .stage = PUBLICATION_LIVE,
		    .version = 2,
		    .body = SPAN(OURS) } };
	g->patterns[0].host = SPAN("mx1.example.com");
	g->patterns[1].host = SPAN("mx2.example.com");
	g->p.follow.patterns = g->patterns;
	g->p.follow.n_patterns = 2;
	g->looks = LOOK_EVERYTHING;
}

static void
see(struct stage *g, struct publish_sight *out)
{
	assert_int_equal(judge(&g->s.ev, now, JUDGE_ALL, &g->a, &g->j), ERR_OK);
	assert_int_equal(publish_sight_of(&g->j, &g->l, &g->p, g->looks,
			     g->incidents, &g->a, out),
	    ERR_OK);
}

/* clang-format off */
static void nothing(struct stage *g) { (void)g; }
static void no_authority(struct stage *g) { g->looks = RECORDS; }
static void secure(struct stage *g) { g->looks = RECORDS; g->s.ev.mx.secure = true; }
static void secure_apart(struct stage *g) { g->s.ev.mx.secure = true; g->s.servers[1].mx.answer.n_mx = 1; }
static void secure_not_now(struct stage *g) { secure(g); g->looks = AUTHORITY; g->s.servers[1].mx.answer.n_mx = 1; }
static void secure_null(struct stage *g) { secure(g); g->s.mx[0].host = SPAN(""); g->s.ev.mx.n_mx = 1; }
static void apart(struct stage *g) { g->s.servers[1].mx.answer.n_mx = 1; }
static void apart_in_preference(struct stage *g) { g->s.server_mx[1][0].preference = 99; }
static void silent(struct stage *g) { g->s.servers[1].mx.result = TALK_TIMEOUT; }
static void without_authority(struct stage *g) { g->s.servers[1].mx.authoritative = false; }
static void no_address(struct stage *g) { g->s.zone.n_servers = 1; }
static void no_v6(struct stage *g) { g->s.servers[1].name = g->s.servers[0].name; g->s.zone.ns.n_ns = 1; g->s.servers[1].mx.result = TALK_UNREACHABLE; g->s.servers[1].address = scene_ip("2001:db8::53"); g->s.ev.v6_works_here = false; }
static void only_v6(struct stage *g) { silent(g); g->s.servers[1].mx.result = TALK_UNREACHABLE; g->s.servers[1].address = scene_ip("2001:db8::53"); g->s.ev.v6_works_here = false; }
static void not_allowed(struct stage *g) { g->s.servers[1].mx.result = TALK_NOT_ALLOWED; }
static void empty(struct stage *g) { g->s.servers[0].mx.answer.n_mx = g->s.servers[1].mx.answer.n_mx = 0; g->s.servers[0].mx.answer.result = g->s.servers[1].mx.answer.result = DNS_NODATA; }
static void empty_at_one(struct stage *g) { g->s.servers[1].mx.answer.n_mx = 0; g->s.servers[1].mx.answer.result = DNS_NODATA; }
static void null_mx(struct stage *g) { for (size_t i = 0; i < 2; i++) { g->s.server_mx[i][0].host = SPAN(""); g->s.servers[i].mx.answer.n_mx = 1; } }
static void address(struct stage *g) { for (size_t i = 0; i < 2; i++) g->s.server_mx[i][i].host = SPAN("192.0.2.9"); }
static void bogus(struct stage *g) { g->s.ev.mx = scene_answer("example.com", DNS_MX, DNS_BOGUS); }
static void nobody_knows(struct stage *g) { g->s.ev.n_zones = 0; }
static void twice(struct stage *g) { for (size_t i = 0; i < 2; i++) g->s.server_mx[i][0].host = g->s.server_mx[i][1].host = SPAN("mx1.example.com"); }
static void long_ttl(struct stage *g) { g->s.servers[1].mx.answer.ttl = 86400; }
/* clang-format on */

static const struct {
	const char *label;
	void (*change)(struct stage *g);
	bool fresh;
	const char *want; /* kind, TTL, hosts */
} quorum[] = {
	/* clang-format off */
	{ "all servers agree, in any order", nothing, true, "hosts 3600 mx2.example.com mx1.example.com" },
	{ "only a resolver was asked", no_authority, false, "unknown 0" },
	{ "and DNSSEC vouches for it", secure, true, "hosts 3600 mx1.example.com mx2.example.com" },
	{ "DNSSEC vouches, and a secondary lags", secure_apart, true, "hosts 3600 mx1.example.com mx2.example.com" },
	{ "what DNSSEC vouched for an hour ago", secure_not_now, true, "apart 0" },
	{ "RFC 7505 3: DNSSEC vouches for a null MX", secure_null, true, "empty 3600" },
	{ "one has another set", apart, true, "apart 0" },
	{ "one has another preference", apart_in_preference, true, "hosts 3600 mx2.example.com mx1.example.com" },
	{ "one does not answer", silent, true, "unknown 0" },
	{ "one only passes on", without_authority, true, "unknown 0" },
	{ "one has no address that could be had", no_address, true, "unknown 0" },
	{ "one has another address, and no IPv6 here", no_v6, true, "hosts 3600 mx2.example.com mx1.example.com" },
	{ "one has IPv6 only, and there is none here", only_v6, true, "unknown 0" },
	{ "one stands where we do not ask", not_allowed, true, "unknown 0" },
	{ "no MX records", empty, true, "empty 3600" },
	{ "no MX records at one", empty_at_one, true, "apart 0" },
	{ "RFC 7505 3: the null MX", null_mx, true, "empty 3600" },
	{ "an address is no host", address, true, "hosts 3600 mx1.example.com" },
	{ "RFC 4035 5.5: what is forged is not asked for elsewhere", bogus, true, "unknown 0" },
	{ "nobody knows who they are", nobody_knows, true, "unknown 0" },
	{ "a host that is there twice", twice, true, "hosts 3600 mx1.example.com" },
	{ "the longest TTL counts", long_ttl, true, "hosts 86400 mx2.example.com mx1.example.com" },
	/* clang-format on */
};

static const char *const kinds[] = { "unknown", "apart", "empty", "hosts" };

static void
test_quorum(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(quorum); i++) {
		struct publish_sight s;
		struct stage g;
		char mem[256];
		struct buf b = buf_init(mem, sizeof mem);

		t.label = quorum[i].label;
		set_up(&g);
		quorum[i].change(&g);
		see(&g, &s);
		buf_printf(&b, "%s %u", kinds[s.mx.kind], s.mx.ttl);
		for (size_t k = 0; k < s.mx.n_hosts; k++)
			buf_printf(
			    &b, " %.*s", (int)s.mx.hosts[k].n, s.mx.hosts[k].p);
		want_bool(&t, "fresh", s.fresh, quorum[i].fresh);
		want_span(&t, "mx", buf_span(&b), span_str(quorum[i].want));
		want_int(&t, "mx.at", s.mx.at.s, now.s);
		arena_release(&g.a);
	}
	assert_int_equal(t.failed, 0);
}

/* clang-format off */
static void no_starttls(struct stage *g) { scene_probe_ended(&g->s.probes[1], STAGE_STARTTLS, TALK_OK); g->s.probes[1].starttls_offered = false; }
static void ends_soon(struct stage *g) { g->s.certs[0].not_after.s = now.s + 6 * DAY; }
static void incidents(struct stage *g) { g->incidents = 2; }
static void not_covered(struct stage *g) { g->p.follow.n_patterns = 1; }
static void moved(struct stage *g) { not_covered(g); g->other[0] = SPAN("mx2.example.com"); g->p.move.to = g->other; g->p.move.n_to = 1; }
static void the_first(struct stage *g) { g->p.follow.n_patterns = 0; }
/* clang-format on */

static const struct {
	const char *label;
	void (*change)(struct stage *g);
	const char *want; /* the gate's text; "": open */
} gates[] = {
	{ "all is well", nothing, "" },
	{ "an address without STARTTLS", no_starttls,
	    "mx2.example.com (192.0.2.26) would be refused by senders that "
	    "enforce." },
	{ "two bars, two lines", ends_soon,
	    "The certificate of mx1.example.com (192.0.2.25) ends in 6 days; 1 "
	    "week are wanted." },
	{ "what is open", incidents, "What loses mail and is open: 2." },
	{ "a host that the patterns do not cover", not_covered,
	    "No pattern of the policy covers mx2.example.com." },
	{ "a move covers it", moved, "" },
	{ "before the first policy the hosts are its patterns", the_first, "" },
};

static void
test_gate(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(gates); i++) {
		struct publish_sight s;
		struct stage g;

		t.label = gates[i].label;
		set_up(&g);
		gates[i].change(&g);
		see(&g, &s);
		want_span(&t, "text", s.gate_text, span_str(gates[i].want));
		want_bool(&t, "open", s.gate_open, gates[i].want[0] == '\0');
		arena_release(&g.a);
	}
	assert_int_equal(t.failed, 0);
}

/* clang-format off */
static void only_mx1_before(struct stage *g) { g->versions[0].n_mx = 1; }
static void only_mx1_now(struct stage *g) { g->versions[1].n_mx = 1; }
static void expired_before(struct stage *g) { only_mx1_before(g); g->versions[0].renewed.s = now.s - 8 * DAY; }
static void none_before(struct stage *g) { only_mx1_before(g); g->versions[0].mode = STS_MODE_NONE; }
static void crowded(struct stage *g) { g->l.crowded_until.s = now.s + 3; }
static void crowded_once(struct stage *g) { g->l.crowded_until.s = now.s - 3; }
static void mx_unknown(struct stage *g) { only_mx1_before(g); silent(g); }
static void alien(struct stage *g) { g->versions[0].body = SPAN("alien"); }
static void alien_expired(struct stage *g) { alien(g); g->versions[0].renewed.s = now.s - 8 * DAY; }
static void alien_none(struct stage *g) { alien(g); g->versions[0].mode = STS_MODE_NONE; }
static void two_aliens(struct stage *g) { alien(g); g->versions[1].body = SPAN("newer alien"); }
static void leaving(struct stage *g) { g->versions[1].mode = STS_MODE_NONE; g->versions[1].body = g->bodies[0].body = SPAN("version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"); g->l.mode = STS_MODE_NONE; g->bodies[1].body = g->versions[0].body = SPAN("version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmax_age: 604800\r\n"); }
static void left(struct stage *g) { leaving(g); g->versions[0].renewed.s = g->bodies[0].at.s = now.s - 8 * DAY; }
static void to_mx3(struct stage *g) { static struct span mx3 = SPAN_INIT("mx3.example.com"); g->p.move = (struct publish_move){ .to = &mx3, .n_to = 1 }; }
static void left_unseen(struct stage *g) { leaving(g); g->l.n_versions = 1; g->versions[0] = g->versions[1]; g->l.latest = 2; }
/* clang-format on */

static const struct {
	const char *label;
	void (*change)(struct stage *g);
	int64_t horizon; /* from now; -1: none */
	bool may_leave;
	int64_t leave_at; /* from now */
	const char *foreign;
} caches[] = {
	/* clang-format off */
	{ "every copy covers every host", nothing, -1, false, TWO_WEEKS + 1, "" },
	{ "an older copy lacks a host", only_mx1_before, 6 * DAY, false, TWO_WEEKS + 1, "" },
	{ "the current one does", only_mx1_now, TWO_WEEKS, false, TWO_WEEKS + 1, "" },
	{ "a copy that has expired", expired_before, -1, false, TWO_WEEKS + 1, "" },
	{ "a copy of mode none", none_before, -1, false, TWO_WEEKS + 1, "" },
	{ "what there was no room to remember", crowded, 3, false, TWO_WEEKS + 1, "" },
	{ "what there was no room for, and is over", crowded_once, -1, false, TWO_WEEKS + 1, "" },
	{ "a copy that lacks a host of a move", to_mx3, TWO_WEEKS, false, TWO_WEEKS + 1, "" },
	{ "hosts of the last look, if they could not be seen", mx_unknown, 6 * DAY, false, TWO_WEEKS + 1, "" },
	{ "a policy that is not ours", alien, -1, false, TWO_WEEKS + 1, "alien" },
	{ "its copies have expired", alien_expired, -1, false, TWO_WEEKS + 1, "" },
	{ "one of mode none", alien_none, -1, false, TWO_WEEKS + 1, "" },
	{ "of two the last one", two_aliens, -1, false, TWO_WEEKS + 1, "newer alien" },
	{ "RFC 8461 8.3: mode none since a day", leaving, -1, false, 6 * DAY + 1, "" },
	{ "RFC 8461 8.3: mode none long enough", left, -1, true, -1, "" },
	{ "RFC 8461 8.3: what nobody looked at while it was ours", left_unseen, -1, false, 6 * DAY + 1, "" },
	/* clang-format on */
};

static void
want_time(
    struct tally *t, const char *what, struct wall_time got, int64_t from_now)
{
	want_int(t, what, got.s, from_now < 0 ? 0 : now.s + from_now);
}

static void
test_caches(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(caches); i++) {
		struct publish_sight s;
		struct stage g;

		t.label = caches[i].label;
		set_up(&g);
		caches[i].change(&g);
		see(&g, &s);
		want_time(&t, "horizon", s.horizon, caches[i].horizon);
		want_bool(&t, "may leave", s.may_leave, caches[i].may_leave);
		want_time(&t, "leave at", s.leave_at, caches[i].leave_at);
		want_span(
		    &t, "foreign", s.foreign, span_str(caches[i].foreign));
		arena_release(&g.a);
	}
	assert_int_equal(t.failed, 0);
}

/* ---- what a round is worth ---- */

static void
test_incidents(void **state)
{
	static const struct {
		enum check_id check;
		enum severity severity;
	} all[] = {
		{ CHECK_STARTTLS_MISSING, SEVERITY_WARNING }, /* counts */
		{ CHECK_MXCERT_EXPIRING, SEVERITY_WARNING },
		{ CHECK_CHANGE_MX_BEFORE_POLICY, SEVERITY_WARNING },
		{ CHECK_CHANGE_MX_REMOVED_EARLY, SEVERITY_ERROR }, /* counts */
		{ CHECK_TLSRPT_ABSENT, SEVERITY_WARNING },
	};
	struct sighting sightings[ROWS(all)] = { 0 };
	struct cause causes[ROWS(all)];
	const struct causes c = { causes, ROWS(all) };

	(void)state;
	for (size_t i = 0; i < ROWS(all); i++) {
		sightings[i].check = all[i].check;
		causes[i] =
		    (struct cause){ SPAN(""), all[i].severity, &sightings[i] };
	}
	assert_int_equal(publish_sight_incidents(&c), 2);
}

/* A round without a look at MX keeps what was seen, and whether it counts. */
static void
test_carry(void **state)
{
	static const struct {
		const char *label;
		bool fresh, fresh_before, stepped, want;
	} carries[] = {
		{ "seen now", true, true, true, true },
		{ "seen before, and nobody has stepped", false, true, false,
		    true },
		{ "seen before, and counted", false, true, true, false },
		{ "never fresh", false, false, false, false },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(carries); i++) {
		struct publish_sight before = { .fresh =
						    carries[i].fresh_before,
			.mx = { .at = { 1 }, .kind = MX_SIGHT_APART } };
		struct publish_sight s = { .fresh = carries[i].fresh,
			.mx = { .at = { 2 } } };

		t.label = carries[i].label;
		publish_sight_carry(&s, &before, carries[i].stepped);
		want_bool(&t, "fresh", s.fresh, carries[i].want);
		want_int(&t, "mx.at", s.mx.at.s, carries[i].fresh ? 2 : 1);
	}
	assert_int_equal(t.failed, 0);
}

/* clang-format off */
static void another_host(struct stage *g) { for (size_t i = 0; i < 2; i++) g->s.server_mx[i][i].host = SPAN("mx3.example.com"); g->s.mx[1].host = SPAN("mx3.example.com"); }
static void another_host_unasked(struct stage *g) { another_host(g); g->looks = RECORDS; }
static void another_host_told(struct stage *g) { another_host(g); g->p.follow.state = MX_WAITING; g->p.follow.seen_told = true; g->hosts[1] = SPAN("mx3.example.com"); g->p.follow.seen = g->hosts; g->p.follow.n_seen = 2; }
static void yet_another_host(struct stage *g) { another_host_told(g); g->hosts[0] = SPAN("mx4.example.com"); }
static void another_host_apart(struct stage *g) { another_host(g); g->s.servers[1].mx.answer.n_mx = 1; }
static void another_host_ended(struct stage *g) { another_host(g); g->p.state.stage = PUBLICATION_ENDED; }
static void kept_pattern(struct stage *g) { g->patterns[2].host = SPAN("old.example.com"); g->patterns[2].gone = true; g->p.follow.n_patterns = 3; }
static void watched_back(struct stage *g) { g->p.follow.state = MX_WATCHED; }
static void held(struct stage *g) { g->p.follow.hold = MX_HOLD_APART; }
static void may_go(struct stage *g) { left(g); g->p.state.stage = PUBLICATION_LEAVING; }
static void moving(struct stage *g) { g->hosts[0] = SPAN("mx1.example.com"); g->p.move = (struct publish_move){ .to = g->hosts, .n_to = 1 }; }
static void moving_told(struct stage *g) { moving(g); g->p.move.may_add_told = true; }
static void gate_opens(struct stage *g) { g->p.gate_text = SPAN("x"); }
static void foreign_gone(struct stage *g) { g->p.bar = PUBLISH_FOREIGN; }
static void no_look(struct stage *g) { g->looks = 0; }
/* clang-format on */

static void
test_awaited(void **state)
{
	static const struct {
		const char *label;
		void (*change)(struct stage *g);
		bool awaited, wants_more;
	} waits[] = {
		/* clang-format off */
		{ "as ever", nothing, false, false },
		{ "nothing was looked at", no_look, false, false },
		{ "the first hosts", the_first, true, true },
		{ "another host", another_host, true, true },
		{ "another host, by a resolver alone", another_host_unasked, false, true },
		{ "another host, of which all is known", another_host_told, true, false },
		{ "yet another one", yet_another_host, true, true },
		{ "servers that do not agree will be asked in time", another_host_apart, true, false },
		{ "nothing is published any more", another_host_ended, true, false },
		{ "a pattern that is kept", kept_pattern, false, false },
		{ "the settled set again", watched_back, true, false },
		{ "a hold is over", held, true, false },
		{ "the records may go", may_go, true, false },
		{ "a move that waits to add", moving, true, false },
		{ "that was told", moving_told, false, false },
		{ "the gate opens", gate_opens, true, false },
		{ "the other policy is gone", foreign_gone, true, false },
		/* clang-format on */
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(waits); i++) {
		struct publish_sight s;
		struct stage g;

		t.label = waits[i].label;
		set_up(&g);
		waits[i].change(&g);
		see(&g, &s);
		want_bool(&t, "awaited", publish_sight_is_awaited(&s, &g.p),
		    waits[i].awaited);
		want_bool(&t, "wants more",
		    publish_sight_wants_more(&s, &g.j, &g.p),
		    waits[i].wants_more);
		arena_release(&g.a);
	}
	assert_int_equal(t.failed, 0);
}

/* ---- as text ---- */

static struct publish_sight
full_sight(struct span hosts[2])
{
	hosts[0] = SPAN("mx1.example.com");
	hosts[1] = SPAN("a\\010b=c.example.com");
	return (struct publish_sight){
		.at = now,
		.fresh = true,
		.mx = { .at = { now.s - 5 },
		    .kind = MX_SIGHT_HOSTS,
		    .hosts = hosts,
		    .n_hosts = 2,
		    .ttl = UINT32_MAX,
		    .servers = 3 },
		.gate_open = false,
		.gate_text = SPAN("One.\nTwo = 2."),
		.horizon = { now.s + 1 },
		.may_leave = false,
		.leave_at = { now.s + 2 },
		.foreign = SPAN("version: STSv1\r\n\0\xff"),
	};
}

static void
test_text(void **state)
{
	struct span hosts[2], text;
	struct publish_sight s = full_sight(hosts), got;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	assert_int_equal(publish_sight_write(&s, &a, &text), ERR_OK);
	assert_int_equal(publish_sight_read(text, &a, &got), ERR_OK);
	assert_true(publish_sight_same(&s, &got));
	assert_int_equal(got.at.s, s.at.s);
	assert_int_equal(got.fresh, s.fresh);
	assert_int_equal(got.mx.at.s, s.mx.at.s);
	assert_int_equal(got.mx.servers, s.mx.servers);
	assert_int_equal(got.horizon.s, s.horizon.s);
	assert_int_equal(got.leave_at.s, s.leave_at.s);
	arena_release(&a);
}

/* What a step would do something else with, and what not. */
static void
test_same(void **state)
{
	struct span hosts[2], other[2];
	const struct publish_sight s = full_sight(hosts);
	struct publish_sight o;

	(void)state;
	o = full_sight(other);
	o.at.s = o.mx.at.s = o.horizon.s = o.leave_at.s = 7;
	o.mx.ttl = 5;
	o.fresh = false;
	other[0] = hosts[1];
	other[1] = hosts[0];
	assert_true(publish_sight_same(&s, &o));
	assert_false(publish_sight_is_in_line(&s, &o));
	o.fresh = true;
	assert_true(publish_sight_is_in_line(&s, &o));
	o.horizon.s = 0;
	assert_false(publish_sight_same(&s, &o));
	o = full_sight(other);
	other[1] = SPAN("mx3.example.com");
	assert_false(publish_sight_same(&s, &o));
	assert_false(publish_sight_is_in_line(&s, &o));
	o = full_sight(other);
	o.gate_text = SPAN("One.");
	assert_false(publish_sight_same(&s, &o));
	o = full_sight(other);
	o.may_leave = true;
	assert_false(publish_sight_same(&s, &o));
	o = full_sight(other);
	o.foreign = SPAN("");
	assert_false(publish_sight_same(&s, &o));
}

static void
test_bad_text(void **state)
{
	static const struct {
		const char *label, *text;
		enum err want;
	} texts[] = {
		{ "nothing", "", ERR_DATA },
		{ "the least", "v=1\n", ERR_OK },
		{ "of later, with what is not known", "v=1\nmore=x\n", ERR_OK },
		{ "another version", "v=2\n", ERR_DATA },
		{ "no line end", "v=1", ERR_DATA },
		{ "no equals sign", "v=1\nat\n", ERR_DATA },
		{ "no version", "at=1\n", ERR_DATA },
		{ "twice", "v=1\nat=1\nat=1\n", ERR_DATA },
		{ "no number", "v=1\nat=x\n", ERR_DATA },
		{ "a number below zero", "v=1\nat=-1\n", ERR_DATA },
		{ "too large", "v=1\nmx-ttl=4294967296\n", ERR_DATA },
		{ "neither yes nor no", "v=1\nfresh=2\n", ERR_DATA },
		{ "no such kind", "v=1\nmx=many\n", ERR_DATA },
		{ "hosts without any", "v=1\nmx=hosts\n", ERR_DATA },
		{ "a host of none", "v=1\nmx=empty\nmx-host=a.b\n", ERR_DATA },
		{ "a host without a name", "v=1\nmx=hosts\nmx-host=\n",
		    ERR_DATA },
		{ "an empty bar", "v=1\ngate-text=\n", ERR_DATA },
		{ "no base64url", "v=1\nforeign=*\n", ERR_DATA },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(texts); i++) {
		struct publish_sight s;
		struct arena a;

		t.label = texts[i].label;
		arena_init(&a, LIMIT_CHECK_MEMORY);
		want_int(&t, "err",
		    publish_sight_read(span_str(texts[i].text), &a, &s),
		    texts[i].want);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

/* One host more than there may be, one octet more than there may be. */
static void
test_ceilings(void **state)
{
	struct publish_sight s;
	struct span text;
	struct buf b;
	struct arena a;
	char *mem;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	mem = arena_alloc(&a, LIMIT_PUBLISH_SIGHT + 1);
	assert_non_null(mem);
	b = buf_init(mem, LIMIT_PUBLISH_SIGHT);
	buf_put(&b, SPAN("v=1\nmx=hosts\n"));
	for (int i = 0; i < LIMIT_MX_HOSTS; i++)
		buf_printf(&b, "mx-host=mx%d.example.com\n", i);
	assert_int_equal(publish_sight_read(buf_span(&b), &a, &s), ERR_OK);
	assert_int_equal(s.mx.n_hosts, LIMIT_MX_HOSTS);
	buf_put(&b, SPAN("mx-host=one.more\n"));
	assert_int_equal(publish_sight_read(buf_span(&b), &a, &s), ERR_DATA);

	memset(mem, 'x', LIMIT_PUBLISH_SIGHT + 1);
	text = (struct span){ mem, LIMIT_PUBLISH_SIGHT + 1 };
	assert_int_equal(publish_sight_read(text, &a, &s), ERR_DATA);
	s = (struct publish_sight){ .gate_text = text, .foreign = SPAN("") };
	assert_int_equal(publish_sight_write(&s, &a, &text), ERR_DATA);
	arena_release(&a);
}

static void
over(struct arena *a, const void *arg)
{
	struct span hosts[2], text;
	struct publish_sight s = full_sight(hosts), got;
	enum err rc;

	(void)arg;
	rc = publish_sight_write(&s, a, &text);
	if (rc == ERR_OK)
		rc = publish_sight_read(text, a, &got);
	assert_true(rc == (a->failed ? ERR_MEMORY : ERR_OK));
}

static void
over_round(struct arena *a, const void *arg)
{
	struct stage *g = (struct stage *)(uintptr_t)arg;
	struct publish_sight s;
	enum err rc = publish_sight_of(
	    &g->j, &g->l, &g->p, g->looks, g->incidents, a, &s);

	assert_true(rc == (a->failed ? ERR_MEMORY : ERR_OK));
}

static void
test_memory(void **state)
{
	struct publish_sight s;
	struct stage g;

	(void)state;
	sweep_memory(over, NULL);
	set_up(&g);
	ends_soon(&g);
	incidents(&g);
	see(&g, &s);
	sweep_memory(over_round, &g);
	arena_release(&g.a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quorum),
		cmocka_unit_test(test_gate),
		cmocka_unit_test(test_caches),
		cmocka_unit_test(test_incidents),
		cmocka_unit_test(test_carry),
		cmocka_unit_test(test_awaited),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_bad_text),
		cmocka_unit_test(test_ceilings),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

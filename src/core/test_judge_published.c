/* A domain whose policy we publish, and what happens when one thing about it
 * changes: seen from outside, or left by the roles that publish. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/test_table.h"
#include "core/judge.h"
#include "core/ledger.h"
#include "core/measured.h"
#include "core/published.h"
#include "core/test_scene.h"

#define TARGET "k3jx5fq2v7m4a6bd.sts.example.net"
#define ID "0123456789abcdef0123456789abcdef"
#define OLDER                                                                  \
	"version: STSv1\r\nmode: testing\r\nmx: mx1.example.com\r\n"           \
	"max_age: 604800\r\n"
#define DOWN                                                                   \
	"version: STSv1\r\nmode: testing\r\nmx: mx1.example.com\r\n"           \
	"mx: mx2.example.com\r\nmax_age: 1209600\r\n"
#define ALIEN                                                                  \
	"version: STSv1\r\nmode: enforce\r\nmx: mx.evil.example\r\n"           \
	"max_age: 31557600\r\n"

static const struct wall_time now = { SCENE_NOW_S };

struct stage {
	struct scene s;
	struct published p;
	struct ledger l;
	struct arena a;
	struct span chain[1], other[1];
	struct published_body bodies[2];
	struct mx_pattern patterns[2];
	struct span seen[1];
	bool no_look; /* the file was not looked at now */
};

static void
lead(struct stage *g, struct dns_answer *a, struct span *to, const char *target)
{
	(void)g;
	to[0] = span_str(target);
	a->chain = to;
	a->n_chain = 1;
}

static void
set_up_published(struct stage *g)
{
	struct published *p = &g->p;

	*p = (struct published){
		.domain = 1,
		.name = SPAN("example.com"),
		.label = SPAN("k3jx5fq2v7m4a6bd"),
		.target = SPAN(TARGET),
		.order = { .mode = STS_MODE_ENFORCE,
		    .max_age = 1209600,
		    .override_by = SPAN(""),
		    .asked_at = { now.s - 60 * DAY } },
		.bar_text = SPAN(""),
		.gate_text = SPAN(""),
		.certificate = { .exists = true,
		    .not_after = { now.s + 60 * DAY },
		    .issuer = SPAN("https://ca.example/"),
		    .problem = SPAN("") },
	};
	p->state = (struct publication){ .stage = PUBLICATION_LIVE,
		.stage_since = { now.s - 50 * DAY },
		.change = CHANGE_REST,
		.change_since = { now.s - 3600 },
		.version = 2,
		.body = g->s.fetches[0].body,
		.id = ID,
		.id_since = { now.s - 4 * 3600 },
		.id_version = 2 };
	g->bodies[0] =
	    (struct published_body){ 2, p->state.body, { now.s - 20 * DAY } };
	g->bodies[1] =
	    (struct published_body){ 1, SPAN(OLDER), { now.s - 50 * DAY } };
	p->bodies = g->bodies;
	p->n_bodies = 2;
	g->patterns[0].host = SPAN("mx1.example.com");
	g->patterns[1].host = SPAN("mx2.example.com");
	p->follow.patterns = g->patterns;
	p->follow.n_patterns = 2;
}

static void
set_up(struct stage *g)
{
	memset(g, 0, sizeof *g);
	arena_init(&g->a, LIMIT_CHECK_MEMORY);
	scene_good(&g->s);
	scene_record(&g->s, SPAN("v=STSv1; id=" ID ";"));
	lead(g, &g->s.ev.sts_txt, g->chain, TARGET);
	lead(g, &g->s.ev.host_a, g->chain, TARGET);
	set_up_published(g);
}

/* As round_judge does. */
static void
look(struct stage *g, struct wall_time at, bool file)
{
	struct observation seen;
	struct ledger_change change;
	struct judged j;

	g->s.ev.checked_at = at;
	assert_int_equal(judge(&g->s.ev, at, JUDGE_ALL, &g->a, &j), ERR_OK);
	assert_int_equal(ledger_observe(&j, &g->a, &seen), ERR_OK);
	if (!file)
		seen.file = seen.host_cname = SIGHT_UNKNOWN;
	assert_int_equal(ledger_step(&g->l, &seen, &g->a, &change), ERR_OK);
}

static void
judge_stage(struct stage *g, struct judged *j)
{
	const struct judge_memory memory = { &g->l, &g->p };

	look(g, now, !g->no_look);
	assert_int_equal(
	    judge_remembering(&g->s.ev, &memory, now, &g->a, j), ERR_OK);
}

/* clang-format off */
static void nothing(struct stage *g) { (void)g; }
static void awaited(struct stage *g) { g->p.state.stage = PUBLICATION_AWAITED; g->p.state.id[0] = '\0'; }
static void ended(struct stage *g) { g->p.state.stage = PUBLICATION_ENDED; }

static void record_elsewhere(struct stage *g) { lead(g, &g->s.ev.sts_txt, g->other, "id.other.example"); }
static void host_elsewhere(struct stage *g) { lead(g, &g->s.ev.host_a, g->other, "www.other.example"); }
static void both_elsewhere(struct stage *g) { record_elsewhere(g); host_elsewhere(g); scene_body(&g->s, SPAN(ALIEN)); }
static void elsewhere_broken(struct stage *g) { host_elsewhere(g); scene_fetch_ended(&g->s.fetches[0], STAGE_CONNECT, TALK_REFUSED); g->s.fetches[0].tls.n_chain = 0; }
static void awaited_elsewhere(struct stage *g) { awaited(g); both_elsewhere(g); }
static void awaited_misread(struct stage *g) { awaited(g); lead(g, &g->s.ev.host_a, g->other, "k3jx5fq2v7m4a6bb.sts.example.net"); lead(g, &g->s.ev.sts_txt, g->other, "k3jx5fq2v7m4a6bb.sts.example.net"); }
static void record_gone(struct stage *g) { scene_no_record(&g->s); }
static void host_gone(struct stage *g) { scene_no_policy(&g->s); }
static void all_gone(struct stage *g) { record_gone(g); host_gone(g); }
static void all_gone_removable(struct stage *g) { all_gone(g); g->p.state.stage = PUBLICATION_REMOVABLE; }
static void record_unknown(struct stage *g) { g->s.ev.sts_txt = scene_answer("_mta-sts.example.com", DNS_TXT, DNS_SERVFAIL); }
static void host_by_value(struct stage *g) { g->s.ev.host_a.n_chain = 0; }
static void just_live(struct stage *g) { g->p.state.stage_since.s = now.s - 3600; }
static void just_live_elsewhere(struct stage *g) { just_live(g); both_elsewhere(g); scene_body(&g->s, SPAN(OLDER "x-other: 1\r\n")); g->bodies[1].at.s = now.s - DAY; }
static void just_live_unseen(struct stage *g) { just_live(g); host_by_value(g); }
static void just_live_lost(struct stage *g) { just_live_unseen(g); g->p.state.lost = true; }
static void our_hash(struct stage *g) { scene_record(&g->s, SPAN("v=STSv1; id=fedcba9876543210fedcba9876543210;")); }

static void alien(struct stage *g) { scene_body(&g->s, SPAN(ALIEN)); }
static void alien_at_one(struct stage *g) { g->s.ev.n_fetches = g->s.ev.host_a.n_addr = 2; g->s.fetches[1].body = SPAN(ALIEN); }
static void alien_page(struct stage *g) { scene_body(&g->s, SPAN("<html>parked</html>")); }
static void alien_before_us(struct stage *g) { alien(g); g->bodies[0].at.s = g->bodies[1].at.s = now.s + 1; }
static void older(struct stage *g) { scene_body(&g->s, SPAN(OLDER)); g->p.state.change = CHANGE_FILE; g->p.state.id_version = 1; }
static void older_for_a_minute(struct stage *g) { older(g); g->bodies[0].at.s = now.s - 60; }
static void older_not_looked_at(struct stage *g) { older(g); g->no_look = true; g->bodies[0].at.s = now.s - 7 * DAY + 60; }
static void out_of_order(struct stage *g) { scene_body(&g->s, SPAN(OLDER)); }
static void out_of_order_fresh(struct stage *g) { out_of_order(g); g->bodies[0].at.s = now.s - 60; g->p.state.id_since.s = now.s - 30; }
static void older_before_the_id(struct stage *g) { out_of_order_fresh(g); g->p.state.id_since.s = now.s; }
static void nothing_served(struct stage *g) { g->s.fetches[0].status = 404; scene_body(&g->s, SPAN("")); }
static void edge_down(struct stage *g) { scene_fetch_ended(&g->s.fetches[0], STAGE_CONNECT, TALK_REFUSED); g->s.fetches[0].tls.n_chain = 0; }

static void watched(struct stage *g) { g->p.follow.state = MX_WATCHED; g->seen[0] = SPAN("mx9.example.com"); g->p.follow.seen = g->seen; g->p.follow.n_seen = 1; g->p.follow.rounds = 1; g->p.follow.seen_since = now; }
static void watched_long(struct stage *g) { watched(g); g->p.follow.seen_since.s = now.s - 2 * 3600; }
static void waiting(struct stage *g) { watched(g); g->p.follow.state = MX_WAITING; g->p.order.follow = FOLLOW_APPROVE; }
static void moved(struct stage *g) { g->s.ev.n_mx_hosts = g->s.ev.mx.n_mx = 1; }
static void unbelieved(struct stage *g) { moved(g); g->p.follow.hold = MX_HOLD_UNKNOWN; g->p.follow.hold_since.s = now.s - DAY; }
static void unbelieved_apart(struct stage *g) { unbelieved(g); g->p.follow.hold = MX_HOLD_APART; }
static void unbelieved_yet(struct stage *g) { unbelieved(g); g->p.follow.hold_since.s = now.s - 60; }
static void held_unchanged(struct stage *g) { g->p.follow.hold = MX_HOLD_UNKNOWN; g->p.follow.hold_since.s = now.s - DAY; }
static void off(struct stage *g) { watched(g); g->p.order.follow = FOLLOW_OFF; }
static void first_watched(struct stage *g) { watched(g); g->p.follow.n_patterns = 0; }
static void no_hosts(struct stage *g) { g->s.ev.mx = scene_answer("example.com", DNS_MX, DNS_NODATA); g->s.ev.n_mx_hosts = 0; g->s.ev.apex_a = scene_answer("example.com", DNS_A, DNS_NODATA); g->s.ev.apex_aaaa = scene_answer("example.com", DNS_AAAA, DNS_NODATA); }
static void empty(struct stage *g) { no_hosts(g); g->p.follow.hold = MX_HOLD_EMPTY; g->p.follow.hold_since.s = now.s - 3600; }
static void empty_again_there(struct stage *g) { g->p.follow.hold = MX_HOLD_EMPTY; }
static void no_mx(struct stage *g) { awaited(g); g->p.follow.n_patterns = 0; g->p.bar = PUBLISH_NO_MX; }
static void no_mx_yet(struct stage *g) { no_mx(g); g->p.order.asked_at.s = now.s - 600; }
static void too_long(struct stage *g) { g->p.bar = PUBLISH_TOO_LONG; g->p.bar_text = SPAN("The policy would be 65536 octets long."); }
static void foreign(struct stage *g) { awaited_elsewhere(g); g->p.bar = PUBLISH_FOREIGN; }
static void gate_shut(struct stage *g) { g->p.gate_text = SPAN("mx1.example.com (192.0.2.25) would be refused.\nB.\nC.\nD."); g->p.gate_since.s = now.s - DAY; scene_probe_ended(&g->s.probes[0], STAGE_STARTTLS, TALK_OK); g->s.probes[0].starttls_offered = false; }
static void gate_of_time(struct stage *g) { g->p.gate_text = SPAN("Mode testing lasts since yesterday."); g->p.gate_since.s = now.s - DAY; }
static void gate_of_testing(struct stage *g) { gate_of_time(g); g->p.order.mode = STS_MODE_TESTING; }
static void renewal_fails(struct stage *g) { g->p.certificate.failing_since.s = now.s - 2 * DAY; g->p.certificate.problem = SPAN("urn:ietf:params:acme:error:caa: \033 forbidden"); g->p.certificate.next_try.s = now.s + 3600; }
static void renewal_fails_now(struct stage *g) { renewal_fails(g); g->p.certificate.failing_since.s = now.s - 3600; }
static void renewal_urgent(struct stage *g) { renewal_fails_now(g); g->p.certificate.not_after.s = now.s + 6 * DAY; }
static void first_fails(struct stage *g) { awaited(g); g->p.state.stage = PUBLICATION_CERTIFYING; renewal_fails(g); g->p.certificate.exists = false; }
static void first_fails_now(struct stage *g) { first_fails(g); g->p.certificate.failing_since.s = now.s - 60; }
static void first_fails_today(struct stage *g) { first_fails(g); g->p.certificate.failing_since.s = now.s - 2 * 3600; }
static void first_unproved(struct stage *g) { awaited(g); g->p.state.stage = PUBLICATION_CERTIFYING; g->p.state.change = CHANGE_PROVING; g->bodies[0].at.s = now.s - 2 * 3600; }
static void first_unproved_yet(struct stage *g) { first_unproved(g); g->bodies[0].at.s = now.s - 600; }
static void first_unproved_awaited(struct stage *g) { first_unproved(g); g->p.state.stage = PUBLICATION_AWAITED; }
static void unannounced(struct stage *g) { g->p.state.change = CHANGE_FILE; g->p.state.id_version = 1; }
static void here_at_last(struct stage *g) { g->p.state.stage = PUBLICATION_CERTIFYING; g->p.state.id[0] = '\0'; g->s.ev.sts_txt = scene_answer("_mta-sts.example.com", DNS_TXT, DNS_NODATA); nothing_served(g); lead(g, &g->s.ev.sts_txt, g->chain, TARGET); }
static void not_delegated(struct stage *g) { awaited(g); scene_no_record(&g->s); scene_no_policy(&g->s); lead(g, &g->s.ev.sts_txt, g->chain, TARGET); lead(g, &g->s.ev.host_a, g->chain, TARGET); }
static void here_just_now(struct stage *g) { here_at_last(g); g->p.state.stage_since.s = now.s - 600; }
static void foreign_here(struct stage *g) { here_at_last(g); g->p.bar = PUBLISH_FOREIGN; }
static void first_fails_here(struct stage *g) { here_at_last(g); renewal_fails(g); g->p.certificate.exists = false; }
static void down_by_order(struct stage *g) { scene_body(&g->s, SPAN(DOWN)); g->p.state.body = g->bodies[0].body = SPAN(DOWN); g->p.order.mode = STS_MODE_TESTING; }
static void down_by_accident(struct stage *g) { down_by_order(g); g->p.state.body = SPAN(OLDER); g->bodies[0].at = now; }
static void stalled(struct stage *g) { g->p.state.id_since.s = now.s - 2 * DAY; }
static void all_at_once(struct stage *g) { ended(g); all_gone(g); waiting(g); too_long(g); gate_of_time(g); renewal_urgent(g); stalled(g); }
/* clang-format on */

/* What is found beside information: "!" an error, "( )" what only follows. */
static const struct {
	const char *label;
	void (*change)(struct stage *g);
	const char *want;
} rows[] = {
	/* clang-format off */
	{ "all is well", nothing, "" },
	{ "nobody has seen the CNAMEs yet", awaited, "" },
	{ "it is over", ended, "" },

	{ "RFC 8461 8.2: the record leads elsewhere", record_elsewhere, "cname.target-wrong! (cname.two-publishers)" },
	{ "RFC 8461 8.2: the host leads elsewhere", host_elsewhere, "cname.target-wrong! (cname.two-publishers)" },
	{ "both lead elsewhere, where another policy is", both_elsewhere, "(change.mx-removed-early!) (change.unexpected-body!) cname.target-wrong! cname.target-wrong! (match.none!)" },
	{ "elsewhere is down", elsewhere_broken, "cname.target-wrong! (cname.two-publishers) (https.connect!)" },
	{ "both lead elsewhere, as ever", awaited_elsewhere, "change.mx-removed-early! (match.none!)" },
	{ "a label that was misread", awaited_misread, "cname.target-wrong! cname.target-wrong!" },
	{ "RFC 8461 8.3: the record's CNAME is gone", record_gone, "cname.removed-by-surprise! (removal.txt-gone!) (txt.absent-policy-present!)" },
	{ "RFC 8461 8.3: the host's CNAME is gone", host_gone, "(cname.half-delegated) cname.removed-by-surprise! (host.nxdomain!) (removal.file-gone!)" },
	{ "RFC 8461 8.3: both are gone", all_gone, "cname.removed-by-surprise! (removal.file-gone!) (removal.txt-gone!)" },
	{ "they may be", all_gone_removable, "cname.removed-by-surprise! (removal.file-gone!) (removal.txt-gone!)" },
	{ "a lookup that failed is no CNAME that is gone", record_unknown, "txt.lookup-failed?" },
	{ "an address in place of the CNAME", host_by_value, "(cname.half-delegated) cname.removed-by-surprise!" },
	{ "what a cache holds from before we went live", just_live_elsewhere, "change.mode-downgrade change.mx-removed-early (match.backup-only)" },
	{ "no CNAME yet, in a cache", just_live_unseen, "cname.half-delegated" },
	{ "the publish role does not see it either", just_live_lost, "(cname.half-delegated) cname.removed-by-surprise!" },
	{ "our own id is random, and no hash", our_hash, "" },

	{ "RFC 8461 10.2: a policy that is none of ours", alien, "(change.mx-removed-early!) change.unexpected-body! (match.none!)" },
	{ "at one address of two", alien_at_one, "change.unexpected-body! (vantage.body-differs!)" },
	{ "a web page", alien_page, "change.unexpected-body! (policy.html!)" },
	{ "what was there before our first", alien_before_us, "change.mx-removed-early! (match.none!)" },
	{ "an older one of ours", older, "auto.served-not-intended! (change.mode-downgrade) (change.mx-removed-early) (match.backup-only)" },
	{ "for a minute", older_for_a_minute, "change.mode-downgrade change.mx-removed-early (match.backup-only)" },
	{ "as of a look before the newer one was", older_not_looked_at, "auto.served-not-intended match.backup-only" },
	{ "RFC 8461 8.1: under the id of the newer one", out_of_order, "auto.order-violated! (auto.served-not-intended!) (change.mode-downgrade) (change.mx-removed-early) (match.backup-only)" },
	{ "RFC 8461 8.1: there is no grace for that", out_of_order_fresh, "auto.order-violated! (auto.served-not-intended!) (change.mode-downgrade) (change.mx-removed-early) (match.backup-only)" },
	{ "the file was seen before the id was out", older_before_the_id, "change.mode-downgrade change.mx-removed-early (match.backup-only)" },
	{ "nothing", nothing_served, "auto.served-not-intended! (http.status!) (removal.file-gone!)" },
	{ "an edge is down", edge_down, "(auto.served-not-intended!) https.connect!" },

	{ "other MX hosts, seen once", watched, "" },
	{ "other MX hosts that are not seen again", watched_long, "auto.mx-change-held" },
	{ "other MX hosts that wait for approval", waiting, "auto.mx-change-held" },
	{ "other MX hosts that a name server does not vouch for", unbelieved, "auto.mx-change-held" },
	{ "that name servers differ on", unbelieved_apart, "auto.mx-change-held" },
	{ "since a minute", unbelieved_yet, "" },
	{ "a name server is silent, and nothing changed", held_unchanged, "" },
	{ "other MX hosts that are not followed", off, "" },
	{ "the first MX hosts", first_watched, "" },
	{ "no MX host any more", empty, "auto.mx-empty-held!" },
	{ "they are back", empty_again_there, "" },
	{ "never any MX host", no_mx, "auto.no-mx" },
	{ "not within ten minutes", no_mx_yet, "" },
	{ "a policy that nobody would read", too_long, "auto.policy-oversize!" },
	{ "another policy", foreign, "auto.foreign-policy change.mx-removed-early! (match.none!)" },
	{ "a gate that is shut", gate_shut, "auto.gate-blocked starttls.missing!" },
	{ "a gate that waits for time to pass", gate_of_time, "" },
	{ "a gate that nobody wants to go through", gate_of_testing, "" },
	{ "a renewal that fails for days", renewal_fails, "auto.cert-renew-failed" },
	{ "a renewal that fails since an hour", renewal_fails_now, "" },
	{ "a renewal that fails, and a week is left", renewal_urgent, "auto.cert-renew-failed!" },
	{ "the first certificate fails", first_fails, "auto.cert-renew-failed!" },
	{ "the first certificate fails since a minute", first_fails_now, "" },
	{ "since two hours", first_fails_today, "auto.cert-renew-failed" },
	{ "the first policy cannot be proved", first_unproved, "auto.served-not-intended" },
	{ "for ten minutes", first_unproved_yet, "" },
	{ "and the CNAMEs are gone again", first_unproved_awaited, "" },
	{ "a policy that edges do not take over", unannounced, "auto.served-not-intended" },
	{ "the CNAMEs lead here since an hour", here_at_last, "removal.file-gone! removal.txt-gone!" },
	{ "since ten minutes", here_just_now, "" },
	{ "another policy, and the CNAMEs lead here", foreign_here, "auto.foreign-policy (removal.file-gone!) (removal.txt-gone!)" },
	{ "a first certificate fails, and the CNAMEs lead here", first_fails_here, "auto.cert-renew-failed! (removal.file-gone!) (removal.txt-gone!)" },
	{ "the service zone is not delegated", not_delegated, "cname.dangling! cname.dangling! (removal.file-gone!) (removal.txt-gone!)" },
	{ "back to testing, as was ordered", down_by_order, "" },
	{ "back to testing, as was not", down_by_accident, "change.mode-downgrade" },
	{ "an id of two days", stalled, "auto.rotation-stalled" },
	{ "nothing matters when it is over", all_at_once, "cname.removed-by-surprise! (removal.file-gone!) (removal.txt-gone!)" },
	/* clang-format on */
};

static int
by_slug(const void *a, const void *b)
{
	const struct finding *x = *(const struct finding *const *)a;
	const struct finding *y = *(const struct finding *const *)b;

	return strcmp(checks[x->check].slug, checks[y->check].slug);
}

static void
say(const struct judged *j, struct buf *out)
{
	const struct finding *all[64];
	size_t n = 0;

	for (size_t i = 0; i < j->n_findings && n < ROWS(all); i++)
		if (j->findings[i].severity != SEVERITY_INFO &&
		    j->findings[i].result != RESULT_OK &&
		    (j->findings[i].result == RESULT_FAIL ||
			j->findings[i].blocked_by == CHECKS))
			all[n++] = &j->findings[i];
	qsort(all, n, sizeof *all, by_slug);
	for (size_t i = 0; i < n; i++) {
		bool follows = all[i]->blocked_by != CHECKS;

		buf_printf(out, "%s%s%s%s%s", out->n > 0 ? " " : "",
		    follows ? "(" : "", checks[all[i]->check].slug,
		    all[i]->result == RESULT_UNKNOWN	 ? "?"
		    : all[i]->severity == SEVERITY_ERROR ? "!"
							 : "",
		    follows ? ")" : "");
	}
}

static void
test_rows(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct stage g;
		struct judged j;
		char mem[1024];
		struct buf got = buf_init(mem, sizeof mem);

		t.label = rows[i].label;
		set_up(&g);
		look(&g, (struct wall_time){ now.s - 7 * DAY }, true);
		rows[i].change(&g);
		judge_stage(&g, &j);
		say(&j, &got);
		want_span(
		    &t, "findings", buf_span(&got), span_str(rows[i].want));
		for (size_t k = 0; k < j.n_findings; k++)
			for (size_t c = 0; c < j.findings[k].message.n; c++)
				assert_true(j.findings[k].message.p[c] >= 0x20);
		arena_release(&g.a);
	}
	assert_int_equal(t.failed, 0);
}

/* What a person reads. */
static void
test_sentences(void **state)
{
	static const struct {
		void (*change)(struct stage *g);
		enum check_id check;
		const char *message, *remedy; /* "": the row's */
	} said[] = {
		{ record_elsewhere, CHECK_CNAME_TARGET_WRONG,
		    "_mta-sts.example.com leads to id.other.example, not "
		    "to " TARGET ", which was issued for example.com.",
		    "Publish this record:\n_mta-sts.example.com. CNAME " TARGET
		    "." },
		{ host_gone, CHECK_CNAME_REMOVED_BY_SURPRISE,
		    "mta-sts.example.com no longer leads to " TARGET
		    ", while copies of the policy may be in use until "
		    "2026-12-06 10:00 UTC. What was published goes on being "
		    "served there.",
		    "Publish this record:\nmta-sts.example.com. CNAME " TARGET
		    "." },
		{ all_gone, CHECK_CNAME_REMOVED_BY_SURPRISE,
		    "_mta-sts.example.com and mta-sts.example.com no longer "
		    "lead to " TARGET
		    ", while copies of the policy may be in use until "
		    "2026-12-06 10:00 UTC. What was published goes on being "
		    "served there.",
		    "Publish these records:\n_mta-sts.example.com. "
		    "CNAME " TARGET ".\nmta-sts.example.com. CNAME " TARGET
		    "." },
		{ out_of_order, CHECK_AUTO_ORDER_VIOLATED,
		    "The id \"" ID
		    "\" was announced at 2026-11-22 06:00 UTC for version 2 of "
		    "the policy, but 192.0.2.80 still serves version 1.",
		    "" },
		{ gate_shut, CHECK_AUTO_GATE_BLOCKED,
		    "Mode enforce is held back since 2026-11-21 10:00 UTC. "
		    "mx1.example.com (192.0.2.25) would be refused. B. C. And "
		    "1 more.",
		    "" },
		{ waiting, CHECK_AUTO_MX_CHANGE_HELD,
		    "The MX hosts are mx9.example.com since 2026-11-22 10:00 "
		    "UTC; the published policy is made for mx1.example.com, "
		    "mx2.example.com. The change waits for approval.",
		    "If the change is yours, say: mtasts publish --approve "
		    "example.com --host mx9.example.com" },
		{ unbelieved, CHECK_AUTO_MX_CHANGE_HELD,
		    "The MX hosts seem to be mx1.example.com; the published "
		    "policy is made for mx1.example.com, mx2.example.com. The "
		    "change is not believed: since 2026-11-21 10:00 UTC not "
		    "every name server of the domain answers.",
		    "See that every name server of example.com answers, and "
		    "that all show the same MX records." },
		{ older_for_a_minute, CHECK_MATCH_BACKUP_ONLY,
		    "The MX host mx2.example.com (preference 20) is not "
		    "covered by the policy.",
		    "See how far the policy is behind the MX records: mtasts "
		    "publish --status example.com" },
		{ first_unproved, CHECK_AUTO_SERVED_NOT_INTENDED,
		    "Version 2 of the policy is to be served since 2026-11-22 "
		    "08:00 UTC, but the policy cannot be fetched as it should "
		    "be through the addresses of the service; it is not "
		    "announced before.",
		    "" },
		{ foreign_here, CHECK_AUTO_FOREIGN_POLICY,
		    "Another policy is published, and ours waits.", "" },
		{ stalled, CHECK_AUTO_ROTATION_STALLED,
		    "The id \"" ID "\" is out since 2026-11-20 10:00 UTC; a "
		    "new one is due every day, but no edge is heard of, or the "
		    "role publish does not run.",
		    "" },
		{ not_delegated, CHECK_CNAME_DANGLING,
		    "_mta-sts.example.com leads to " TARGET
		    ", which was issued "
		    "for it but does not exist (NXDOMAIN): the service zone is "
		    "not delegated to its name servers, or they do not have "
		    "the name yet.",
		    "See that sts.example.net is delegated, and that its name "
		    "servers answer." },
		{ renewal_urgent, CHECK_AUTO_CERT_RENEW_FAILED,
		    "A certificate for mta-sts.example.com cannot be had since "
		    "2026-11-22 09:00 UTC: "
		    "urn:ietf:params:acme:error:caa: \\x1b forbidden. The one "
		    "in use ends in 6 days; the next try is in 60 minutes.",
		    "" },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(said); i++) {
		const struct check *check = &checks[said[i].check];
		const struct finding *f = NULL;
		struct stage g;
		struct judged j;

		t.label = check->slug;
		set_up(&g);
		look(&g, (struct wall_time){ now.s - 7 * DAY }, true);
		said[i].change(&g);
		judge_stage(&g, &j);
		for (size_t k = 0; f == NULL && k < j.n_findings; k++)
			if (j.findings[k].check == said[i].check)
				f = &j.findings[k];
		assert_non_null(f);
		want_span(&t, "message", f->message, span_str(said[i].message));
		want_span(&t, "remedy", f->remedy,
		    span_str(said[i].remedy[0] != '\0' ? said[i].remedy
						       : check->remedy));
		arena_release(&g.a);
	}
	assert_int_equal(t.failed, 0);
}

/* Severity follows the copies: what nobody holds loses nothing. */
static void
test_copies(void **state)
{
	struct stage g;
	struct judged j;

	(void)state;
	set_up(&g);
	look(&g, (struct wall_time){ now.s - 30 * DAY }, true);
	all_gone(&g);
	look(&g, (struct wall_time){ now.s - 29 * DAY }, true);
	judge_stage(&g, &j);
	for (size_t i = 0; i < j.n_findings; i++)
		if (j.findings[i].check == CHECK_CNAME_REMOVED_BY_SURPRISE) {
			assert_int_equal(
			    j.findings[i].severity, SEVERITY_WARNING);
			arena_release(&g.a);
			return;
		}
	fail_msg("the CNAMEs are gone, and nothing is said");
}

/* What could not be looked at is not over. */
static void
test_measured(void **state)
{
	static const struct {
		void (*change)(struct stage *g);
		enum check_id check;
		bool want;
	} looks[] = {
		{ nothing, CHECK_CNAME_TARGET_WRONG, true },
		{ nothing, CHECK_CHANGE_UNEXPECTED_BODY, true },
		{ nothing, CHECK_AUTO_ORDER_VIOLATED, true },
		{ record_unknown, CHECK_CNAME_TARGET_WRONG, false },
		{ record_unknown, CHECK_AUTO_ORDER_VIOLATED, false },
		{ edge_down, CHECK_CHANGE_UNEXPECTED_BODY, false },
		{ edge_down, CHECK_AUTO_SERVED_NOT_INTENDED, false },
		{ edge_down, CHECK_AUTO_ROTATION_STALLED, true },
		{ record_unknown, CHECK_AUTO_CERT_RENEW_FAILED, true },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(looks); i++) {
		struct stage g;
		struct judged j;

		t.label = checks[looks[i].check].slug;
		set_up(&g);
		looks[i].change(&g);
		judge_stage(&g, &j);
		want_bool(&t, "measured",
		    was_measured(&j, looks[i].check, SPAN("example.com"),
			(struct ip_addr){ 0 }),
		    looks[i].want);
		arena_release(&g.a);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

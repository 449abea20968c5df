/* The publish role, from claim to what is told, with both databases: in a world
 * that the test plays, and once against a name server and a policy host on
 * loopback. */
#include <openssl/pem.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/limits.h"
#include "io/test_dns.h"
#include "io/test_peer.h"
#include "roles/publish.h"
#include "store/certificates.h"
#include "store/history.h"
#include "store/outbox.h"
#include "store/served.h"
#include "store/test_published.h"
#include "store/work.h"

enum {
	MINUTE = 60,
	HOUR = 3600,
	DAY = 86400,
	ADDRESSES = 3,
	CALM = 8, /* steps after which nothing is under way any more */
	TURNS = 500, /* of 200 ms at most: something hangs */
};

#define LABEL "abcdefghijklmnop"

/* ---- the world ---- */

struct world {
	struct publish_eyes eyes; /* first: the functions cast */
	struct clock clock;
	atomic_llong now_s;
	struct randomness randomness;
	atomic_uint drawn;
	struct fixture *f;
	struct config config;
	struct role_env env;
	struct stop stop;
	int64_t worker, edge;

	_Atomic(enum publish_lead) host, txt;
	atomic_bool is_astray; /* the target has no address of ours */
	enum publish_shown pages[ADDRESSES], ids[ADDRESSES];
	size_t n_ids;
	bool servers_known;
	atomic_uint pages_asked, ids_asked;

	bool edges_stand; /* the edge does not follow */
	struct publish_sight sight;
	int64_t seq; /* of the history that was read */
};

static struct wall_time
wall(const struct clock *c)
{
	const char *at = (const char *)c - offsetof(struct world, clock);
	const struct world *w = (const struct world *)(const void *)at;

	return (struct wall_time){ atomic_load(&w->now_s) };
}

static struct mono_time
mono(const struct clock *c)
{
	(void)c;
	return clock_mono(&clock_system);
}

/* Never the same twice. */
static bool
count_up(const struct randomness *r, void *buf, size_t n)
{
	const char *at = (const char *)r - offsetof(struct world, randomness);
	struct world *w = (struct world *)(uintptr_t)at;
	unsigned number = atomic_fetch_add(&w->drawn, 1) + 1;

	memset(buf, 0, n);
	memcpy(buf, &number, n < sizeof number ? n : sizeof number);
	return true;
}

static struct world *
world_of(const struct publish_eyes *eyes)
{
	return (struct world *)(uintptr_t)eyes;
}

static enum publish_lead
lead(const struct publish_eyes *eyes, struct span name, struct span target,
    struct mono_time deadline, struct arena *a)
{
	struct world *w = world_of(eyes);

	(void)deadline;
	(void)a;
	assert_true(span_eq(target, SPAN(LABEL ".pub.example.net")));
	if (span_eq(name, SPAN("mta-sts.a.example")))
		return atomic_load(&w->host);
	assert_true(span_eq(name, SPAN("_mta-sts.a.example")));
	return atomic_load(&w->txt);
}

static bool
arrives(const struct publish_eyes *eyes, struct span name,
    struct mono_time deadline, struct arena *a)
{
	(void)deadline;
	(void)a;
	assert_true(span_eq(name, SPAN("mta-sts.a.example")));
	return !world_of(eyes)->is_astray;
}

static enum publish_shown
page(const struct publish_eyes *eyes, struct span domain,
    struct ip_addr address, struct span body, struct mono_time deadline,
    struct arena *a)
{
	struct world *w = world_of(eyes);

	(void)deadline;
	(void)a;
	assert_true(span_eq(domain, SPAN("a.example")));
	assert_true(body.n > 0);
	assert_in_range(address.b[3], 1, ADDRESSES);
	atomic_fetch_add(&w->pages_asked, 1);
	return w->pages[address.b[3] - 1];
}

static bool
servers(const struct publish_eyes *eyes, struct mono_time deadline,
    struct arena *a, struct publish_server **out, size_t *n)
{
	struct world *w = world_of(eyes);

	(void)deadline;
	*out = arena_array(a, ADDRESSES, sizeof **out);
	assert_non_null(*out);
	for (*n = 0; *n < w->n_ids; (*n)++)
		(*out)[*n].port = (uint16_t)*n;
	return w->servers_known;
}

static enum publish_shown
id(const struct publish_eyes *eyes, struct publish_server server,
    struct span target, struct span text, struct mono_time deadline,
    struct arena *a)
{
	struct world *w = world_of(eyes);

	(void)target;
	(void)deadline;
	(void)a;
	assert_int_equal(text.n, PUBLICATION_ID_OCTETS);
	atomic_fetch_add(&w->ids_asked, 1);
	return w->ids[server.port];
}

static struct wall_time
now(struct world *w)
{
	return (struct wall_time){ atomic_load(&w->now_s) };
}

static int
setup(void **state)
{
	static const char *addresses[] = { "192.0.2.1", "192.0.2.2",
		"192.0.2.3" };
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	fixture_setup((void **)&w->f);
	w->eyes = (struct publish_eyes){ lead, arrives, page, servers, id };
	w->clock = (struct clock){ wall, mono };
	w->randomness.fill = count_up;
	atomic_store(&w->now_s, test_now.s);
	assert_int_equal(stop_init(&w->stop), ERR_OK);
	w->config = (struct config){ .store = w->f->url,
		.service_zone = "pub.example.net",
		.service_addresses = { addresses, ADDRESSES },
		.publish_every_s = 600,
		.edge_lease_s = 60,
		.publish_steps = 4,
		.group_s = 2 * MINUTE };
	w->env = (struct role_env){ .config = &w->config,
		.clock = &w->clock,
		.randomness = &w->randomness,
		.log = log_new(LOG_TO_STDERR, "publish", &w->clock),
		.stop = &w->stop };
	assert_non_null(w->env.log);
	for (size_t i = 0; i < ADDRESSES; i++)
		w->pages[i] = w->ids[i] = SHOWN_IT;
	w->n_ids = 2;
	w->servers_known = true;
	atomic_store(&w->host, LEAD_NONE);
	atomic_store(&w->txt, LEAD_NONE);
	w->sight = (struct publish_sight){ .gate_text = SPAN(""),
		.foreign = SPAN("") };
	w->worker = fixture_worker(w->f);
	w->edge = fixture_worker(w->f);
	fixture_domain(w->f, "a.example");
	assert_err(w->f,
	    service_zone_set(w->f->s, SPAN("pub.example.net"), &w->f->e),
	    ERR_OK);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	log_free(w->env.log);
	stop_release(&w->stop);
	fixture_teardown((void **)&w->f);
	free(w);
	return 0;
}

#define PLAY(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* ---- what others do ---- */

static void
ask(struct world *w, const struct publish_order *order)
{
	struct publish_order o = *order;
	enum publication_asked asked;

	o.asked_at = now(w);
	assert_err(w->f,
	    publication_ask(w->f->s, SPAN("a.example"), &o, SPAN(LABEL), now(w),
		&asked, &w->f->e),
	    ERR_OK);
	assert_in_range(asked, PUBLICATION_NEW, PUBLICATION_SAME);
}

static const struct publish_order testing = {
	.mode = STS_MODE_TESTING,
	.max_age = 7 * DAY,
	.follow = FOLLOW_AUTO,
	.overlap_s = 2 * DAY,
	.override_by = SPAN_INIT(""),
};

static struct published
published(struct world *w)
{
	return fixture_published(w->f, "a.example");
}

/* A round of the monitor, that saw the MX hosts of these letters. */
static void
see(struct world *w, const char *letters)
{
	struct span hosts[8], text;
	struct mx_sight *mx = &w->sight.mx;

	*mx = (struct mx_sight){ .at = now(w),
		.kind = MX_SIGHT_HOSTS,
		.hosts = hosts,
		.ttl = 300,
		.servers = 2 };
	for (; letters[mx->n_hosts] != '\0'; mx->n_hosts++)
		hosts[mx->n_hosts] =
		    arena_printf(&w->f->a, "%c.example", letters[mx->n_hosts]);
	w->sight.at = now(w);
	w->sight.fresh = true;
	assert_int_equal(
	    publish_sight_write(&w->sight, &w->f->a, &text), ERR_OK);
	assert_err(w->f,
	    publication_put_sight(
		w->f->s, published(w).domain, text, now(w), true, &w->f->e),
	    ERR_OK);
}

/* The certs role has one, where one is wanted. */
static void
certify(struct world *w)
{
	struct certificate_order *orders;
	const struct certificate_outcome out = { .order = SPAN(""),
		.key_name = SPAN("key"),
		.chain = SPAN("chain"),
		.not_before = now(w),
		.not_after = { now(w).s + 90 * DAY },
		.issuer = SPAN("ca"),
		.renew_at = { now(w).s + 60 * DAY },
		.due_at = { now(w).s + 60 * DAY },
		.problem = SPAN("") };
	size_t n;
	bool held;

	assert_err(w->f,
	    certificate_claim(w->f->s, w->worker, now(w),
		(struct wall_time){ now(w).s + HOUR }, 10, &w->f->a, &orders,
		&n, &w->f->e),
	    ERR_OK);
	for (size_t i = 0; i < n; i++) {
		assert_err(w->f,
		    orders[i].wanted
			? certificate_finish(w->f->s, w->worker, &orders[i],
			      &out, now(w), &held, &w->f->e)
			: certificate_drop(
			      w->f->s, w->worker, &orders[i], &held, &w->f->e),
		    ERR_OK);
		assert_true(held);
	}
}

static void
edge_follows(struct world *w)
{
	uint64_t number;

	if (w->edges_stand)
		return;
	assert_err(w->f, served_last(w->f->s, &number, &w->f->e), ERR_OK);
	assert_err(w->f, edge_beat(w->f->s, w->edge, number, now(w), &w->f->e),
	    ERR_OK);
}

static struct served
served(struct world *w)
{
	struct served s = { 0 };
	bool found;

	assert_err(w->f,
	    served_label(w->f->s, SPAN(LABEL), &w->f->a, &s, &found, &w->f->e),
	    ERR_OK);
	assert_true(found);
	return s;
}

/* ---- the role ---- */

/* One case that is due; false: there is none. */
static bool
step(struct world *w, struct publish_step *out)
{
	struct publish_desk d = { &w->env, w->f->s, w->worker };
	struct publish_case c = { .worker = w->worker };
	struct publication_claim *claims;
	bool found, held;
	size_t n;

	assert_err(w->f,
	    publication_claim(w->f->s, w->worker, now(w),
		(struct wall_time){ now(w).s + PUBLISH_LEASE_S }, 1, &w->f->a,
		&claims, &n, &w->f->e),
	    ERR_OK);
	if (n == 0)
		return false;
	c.claim = claims[0];
	arena_init(&c.arena, LIMIT_CHECK_MEMORY);
	assert_err(w->f, publish_load(&d, &c, &found, &w->f->e), ERR_OK);
	assert_true(found);
	publish_look(&w->env, &w->eyes, &c);
	assert_err(w->f, publish_settle(&d, &c, out, &held, &w->f->e), ERR_OK);
	assert_true(held);
	arena_release(&c.arena);
	return true;
}

/* Minute by minute, until nothing is under way. */
static void
run(struct world *w)
{
	struct publish_step out;

	for (int i = 0; i < CALM; i++) {
		edge_follows(w);
		certify(w);
		assert_err(w->f,
		    publication_wake_waiting(w->f->s, now(w), &w->f->e),
		    ERR_OK);
		while (step(w, &out))
			edge_follows(w);
		atomic_fetch_add(&w->now_s, MINUTE);
	}
}

static void
pass(struct world *w, int64_t s)
{
	atomic_fetch_add(&w->now_s, s);
}

static void
delegate(struct world *w, enum publish_lead host, enum publish_lead txt)
{
	atomic_store(&w->host, host);
	atomic_store(&w->txt, txt);
	pass(w, 11 * MINUTE);
}

/* Live, with the MX hosts of these letters. */
static void
go_live(struct world *w, const struct publish_order *order, const char *mx)
{
	ask(w, order);
	see(w, mx);
	run(w);
	see(w, mx);
	run(w);
	delegate(w, LEAD_OURS, LEAD_OURS);
	run(w);
	assert_int_equal(published(w).state.stage, PUBLICATION_LIVE);
	assert_int_equal(published(w).state.change, CHANGE_REST);
}

/* ---- what is told ---- */

/* Kinds of the history since the last time, the oldest first. */
static struct span
history(struct world *w)
{
	struct history_event *all;
	struct span s = SPAN("");
	int64_t seq = w->seq;
	size_t n;

	assert_err(w->f,
	    history_list(w->f->s, published(w).domain, 0, 100, &w->f->a, &all,
		&n, &w->f->e),
	    ERR_OK);
	while (n-- > 0) {
		if (all[n].seq <= seq)
			continue;
		w->seq = all[n].seq;
		s = arena_printf(&w->f->a, "%.*s%s%.*s", (int)s.n, s.p,
		    s.n > 0 ? " " : "", (int)all[n].kind.n, all[n].kind.p);
	}
	return s;
}

/* Texts of the news since the last time, a line each. */
static struct span
news(struct world *w)
{
	struct outbox_row *all;
	struct span s = SPAN("");
	size_t n;

	assert_err(w->f,
	    outbox_claim(w->f->s, w->worker, SPAN(""),
		(struct wall_time){ now(w).s + DAY },
		(struct wall_time){ now(w).s + 9999 * (int64_t)DAY }, 100,
		&w->f->a, &all, &n, &w->f->e),
	    ERR_OK);
	for (size_t i = 0; i < n; i++)
		s = arena_printf(&w->f->a, "%.*s%s%s: %.*s", (int)s.n, s.p,
		    s.n > 0 ? "\n" : "", news_kind_names[all[i].news.kind],
		    (int)all[i].news.text.n, all[i].news.text.p);
	return s;
}

/* ---- a life ---- */

static void
test_life(void **state)
{
	struct world *w = *state;
	struct tally t = { .label = "a life" };
	struct publish_order order = testing;
	struct span first_id;
	struct served gone;
	bool found;

	ask(w, &order);
	run(w);
	want_span(&t, "awaited", history(w), SPAN("publish-barred"));
	see(w, "a");
	run(w);
	see(w, "a");
	run(w);
	want_span(&t, "MX", history(w), SPAN("mx-believed publish-barred"));
	delegate(w, LEAD_OURS, LEAD_NONE);
	run(w);
	want_int(&t, "half", published(w).state.stage, PUBLICATION_AWAITED);
	want_size(&t, "nothing served", served(w).body_number, 0);
	delegate(w, LEAD_OURS, LEAD_OURS);
	run(w);
	want_span(&t, "live", history(w),
	    SPAN("delegation-came policy-to-serve policy-announced"));
	first_id = served(w).id;
	want_size(&t, "id", first_id.n, PUBLICATION_ID_OCTETS);
	want_span(&t, "quiet", news(w), SPAN(""));

	pass(w, DAY);
	run(w);
	want_bool(&t, "another id", span_eq(served(w).id, first_id), false);
	want_span(&t, "and nothing told", history(w), SPAN(""));

	see(w, "ab");
	run(w);
	see(w, "ab");
	run(w);
	want_span(&t, "MX changed", history(w),
	    SPAN("mx-believed policy-to-serve policy-announced"));
	want_span(&t, "MX changed", news(w),
	    SPAN("changed: The MX hosts changed from a.example to a.example, "
		 "b.example; all 2 name servers agree. The policy has them "
		 "from now on."));
	see(w, "b");
	run(w);
	see(w, "b");
	run(w);
	want_span(&t, "one left", news(w),
	    SPAN("changed: The MX hosts changed from a.example, b.example to "
		 "b.example; all 2 name servers agree. The policy has them "
		 "from now on; what has left stays in it for 2 days at "
		 "least."));

	order.leave = true;
	w->sight.leave_at.s = now(w).s + 8 * DAY;
	see(w, "b");
	history(w);
	ask(w, &order);
	run(w);
	want_span(&t, "leaving", history(w),
	    SPAN("policy-to-serve removal-begun policy-announced"));
	want_span(&t, "leaving", news(w),
	    SPAN("advice: The removal has begun. Both CNAMEs must stay until "
		 "2027-01-24 09:42 UTC at least; you will be told when they "
		 "may go."));
	pass(w, 8 * DAY);
	w->sight.may_leave = true;
	see(w, "b");
	run(w);
	want_span(&t, "may go", news(w),
	    SPAN("advice: The CNAMEs mta-sts.a.example and _mta-sts.a.example "
		 "may be removed since 2027-01-24 09:50 UTC: no sender holds a "
		 "policy any more."));
	delegate(w, LEAD_NONE, LEAD_NONE);
	run(w);
	want_int(&t, "over", published(w).state.stage, PUBLICATION_ENDED);
	assert_err(w->f,
	    served_label(
		w->f->s, SPAN(LABEL), &w->f->a, &gone, &found, &w->f->e),
	    ERR_OK);
	want_bool(&t, "served", found, false);
	want_span(
	    &t, "over", history(w), SPAN("may-be-removed publication-ended"));
	assert_int_equal(t.failed, 0);
}

/* ---- what stands in the way ---- */

static void
test_gate(void **state)
{
	struct world *w = *state;
	struct tally t = { .label = "gate" };
	struct publish_order order = testing;

	order.mode = STS_MODE_ENFORCE;
	w->sight.gate_text = SPAN("a.example is bad.");
	go_live(w, &order, "a");
	want_bool(&t, "shut", published(w).gate_text.n > 0, true);
	history(w);
	pass(w, 14 * DAY);
	w->sight.gate_open = true;
	w->sight.gate_text = SPAN("");
	see(w, "a");
	run(w);
	want_span(&t, "open", news(w),
	    SPAN("advice: The gate is open: mode enforce is published from now "
		 "on."));
	want_span(&t, "open", history(w),
	    SPAN("mode-enforce policy-to-serve policy-announced"));
	order.mode = STS_MODE_TESTING;
	ask(w, &order);
	run(w);
	want_span(&t, "ready", news(w),
	    SPAN("advice: Ready to enforce: every mail host is good, nothing "
		 "that loses mail is known, and mode testing has lasted long "
		 "enough to have shown it. When you want it: mtasts publish "
		 "--mode enforce a.example"));
	w->sight.gate_open = false;
	w->sight.gate_text = SPAN("One.\nTwo.");
	see(w, "a");
	order.mode = STS_MODE_ENFORCE;
	order.override_by = SPAN("alice");
	order.override_at = now(w);
	ask(w, &order);
	run(w);
	want_span(&t, "override", news(w),
	    SPAN("advice: Mode enforce is published from now on, whatever the "
		 "gate says: so it was asked for by alice on 2027-01-29 08:51 "
		 "UTC. One. Two."));
	assert_int_equal(t.failed, 0);
}

static void
test_approval(void **state)
{
	struct world *w = *state;
	struct tally t = { .label = "approval" };
	struct publish_order order = testing;
	const struct span hosts[] = { SPAN_INIT("b.example"),
		SPAN_INIT("a.example") };
	bool found;

	order.follow = FOLLOW_APPROVE;
	go_live(w, &order, "a");
	w->sight.mx.servers = 0;
	see(w, "ab");
	run(w);
	see(w, "ab");
	run(w);
	want_span(&t, "asked", news(w),
	    SPAN("advice: The MX hosts changed from a.example to a.example, "
		 "b.example; all 2 name servers agree. The policy stays as it "
		 "is until you approve: mtasts publish --approve --host "
		 "a.example --host b.example a.example"));
	assert_err(w->f,
	    publication_approve(
		w->f->s, SPAN("a.example"), hosts, 2, now(w), &found, &w->f->e),
	    ERR_OK);
	assert_true(found);
	run(w);
	want_bool(&t, "followed",
	    memmem(published(w).state.body.p, published(w).state.body.n,
		"mx: b.example", 13) != NULL,
	    true);
	order.follow = FOLLOW_OFF;
	ask(w, &order);
	see(w, "b");
	run(w);
	see(w, "b");
	run(w);
	want_span(&t, "off", news(w),
	    SPAN("changed: The MX hosts changed from a.example, b.example to "
		 "b.example; all 2 name servers agree. The policy stays as it "
		 "is, since it follows no change."));
	order.follow = FOLLOW_APPROVE;
	ask(w, &order);
	see(w, "b");
	run(w);
	want_span(&t, "asked after all", news(w),
	    SPAN("advice: The MX hosts changed from a.example, b.example to "
		 "b.example; all 2 name servers agree. The policy stays as it "
		 "is until you approve: mtasts publish --approve --host "
		 "b.example a.example"));
	assert_int_equal(t.failed, 0);
}

static void
test_foreign(void **state)
{
	struct world *w = *state;
	struct tally t = { .label = "foreign" };
	bool found;

	ask(w, &testing);
	w->sight.foreign = SPAN("version: STSv1\n");
	see(w, "a");
	run(w);
	see(w, "a");
	delegate(w, LEAD_OURS, LEAD_OURS);
	run(w);
	want_span(&t, "told", news(w),
	    SPAN("advice: Another policy is published there, or was within its "
		 "life; ours takes its place when its owner says so. To say "
		 "so: mtasts publish --replace a.example"));
	want_size(&t, "not served", served(w).body_number, 0);
	assert_err(w->f,
	    publication_replace(
		w->f->s, SPAN("a.example"), now(w), &found, &w->f->e),
	    ERR_OK);
	run(w);
	want_int(&t, "live", published(w).state.stage, PUBLICATION_LIVE);
	assert_int_equal(t.failed, 0);
}

static void
test_move(void **state)
{
	struct world *w = *state;
	struct tally t = { .label = "move" };
	const struct span to[] = { SPAN_INIT("b.example") };
	bool found;

	go_live(w, &testing, "a");
	history(w);
	assert_err(w->f,
	    publication_move(
		w->f->s, SPAN("a.example"), to, 1, now(w), &found, &w->f->e),
	    ERR_OK);
	run(w);
	pass(w, 7 * DAY);
	run(w);
	see(w, "a");
	run(w);
	want_span(&t, "add", news(w),
	    SPAN("advice: The MX records may have b.example from now on: no "
		 "sender holds a policy that does not cover them."));
	see(w, "b");
	run(w);
	see(w, "b");
	run(w);
	(void)news(w);
	pass(w, 2 * DAY);
	see(w, "b");
	run(w);
	want_span(&t, "drop", news(w),
	    SPAN("advice: The mail hosts that have left the MX records may be "
		 "switched off: nobody has the old records any more."));
	want_span(&t, "history", history(w),
	    SPAN("policy-to-serve policy-announced move-may-add mx-believed "
		 "policy-to-serve move-may-drop move-done policy-announced"));
	assert_int_equal(t.failed, 0);
}

/* The domain is judged anew when the delegation is lost, and not before it has
 * been; and what is lost is served on, until nobody holds it. */
static void
test_lost(void **state)
{
	static const struct sql_statement woken = {
		"SELECT COUNT(*) FROM work WHERE woken_at IS NOT NULL"
	};
	struct world *w = *state;
	struct tally t = { .label = "lost" };
	struct work_claim *claims;
	bool held;
	size_t n;

	go_live(w, &testing, "a");
	history(w);
	assert_err(w->f,
	    work_claim(w->f->s, w->worker, now(w),
		(struct wall_time){ now(w).s + 60 }, 1, &w->f->a, &claims, &n,
		&w->f->e),
	    ERR_OK);
	assert_err(w->f,
	    work_finish(w->f->s, w->worker, &claims[0],
		&(struct schedule){
		    .due = { { now(w).s + 30 * DAY }, { now(w).s + 30 * DAY },
			{ now(w).s + 30 * DAY } } },
		now(w), &held, &w->f->e),
	    ERR_OK);
	run(w);
	want_int(&t, "asleep", fixture_count(w->f, &woken), 0);
	delegate(w, LEAD_NONE, LEAD_UNKNOWN);
	run(w);
	want_int(&t, "unknown", fixture_count(w->f, &woken), 0);
	delegate(w, LEAD_NONE, LEAD_OURS);
	run(w);
	want_int(&t, "woken", fixture_count(w->f, &woken), 1);
	want_span(&t, "lost", history(w), SPAN("delegation-lost"));
	pass(w, 6 * DAY);
	delegate(w, LEAD_NONE, LEAD_NONE);
	run(w);
	want_bool(&t, "served on", served(w).body_number > 0, true);
	pass(w, DAY);
	run(w);
	want_size(&t, "given up", served(w).body_number, 0);
	want_span(&t, "no id", served(w).id, SPAN(""));
	want_span(&t, "given up", history(w), SPAN("publication-given-up"));
	assert_int_equal(t.failed, 0);
}

static const struct sql_statement wanted = {
	"SELECT COUNT(*) FROM certificate WHERE wanted = 1"
};

/* A certificate is wanted from the first sight of the delegation to the end,
 * whatever the CNAMEs do in between. */
static void
test_certificate(void **state)
{
	static const struct {
		const char *label;
		enum publish_lead lead;
		bool leave;
		int64_t want;
	} rows[] = {
		{ "awaited", LEAD_NONE, false, 0 },
		{ "it came", LEAD_OURS, false, 1 },
		{ "it went", LEAD_NONE, false, 1 },
		{ "it came again", LEAD_OURS, false, 1 },
		{ "the end", LEAD_OURS, true, 0 },
	};
	struct world *w = *state;
	struct tally t = { 0 };
	struct publish_order order = testing;
	struct publish_step out;

	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		order.leave = rows[i].leave;
		ask(w, &order);
		delegate(w, rows[i].lead, rows[i].lead);
		assert_true(step(w, &out));
		want_int(
		    &t, "wanted", fixture_count(w->f, &wanted), rows[i].want);
	}
	assert_int_equal(t.failed, 0);
}

/* The CNAMEs stand, and lead to nobody yet: no certificate is asked for. */
static void
test_astray(void **state)
{
	struct world *w = *state;
	struct publish_step out;

	ask(w, &testing);
	atomic_store(&w->is_astray, true);
	delegate(w, LEAD_OURS, LEAD_OURS);
	assert_true(step(w, &out));
	assert_int_equal(fixture_count(w->f, &wanted), 0);
	atomic_store(&w->is_astray, false);
	pass(w, 11 * MINUTE);
	assert_true(step(w, &out));
	assert_int_equal(fixture_count(w->f, &wanted), 1);
}

/* ---- the look ---- */

static const struct {
	const char *label;
	const char *pages; /* of the addresses: + shows it, - other, . nobody */
	bool want;
} proofs[] = {
	{ "all of them", "+++", true },
	{ "one that is down is in nobody's way", "+.+", true },
	{ "but is no proof", "...", false },
	{ "one that shows another body is", "++-", false },
	{ "whoever else is down", "+-.", false },
};

static enum publish_shown
shown(char mark)
{
	return mark == '+'   ? SHOWN_IT
	       : mark == '-' ? SHOWN_OTHER
			     : SHOWN_NOTHING;
}

static void
test_proof(void **state)
{
	struct world *w = *state;
	struct tally t = { 0 };
	struct publish_case c = {
		.p = { .name = SPAN("a.example"),
		    .target = SPAN(LABEL ".pub.example.net"),
		    .state = { .body = SPAN("body"), .change = CHANGE_ID } },
		.prove = true,
	};

	arena_init(&c.arena, LIMIT_CHECK_MEMORY);
	memset(c.p.state.id, 'a', PUBLICATION_ID_OCTETS);
	for (size_t i = 0; i < ROWS(proofs); i++) {
		t.label = proofs[i].label;
		for (size_t k = 0; k < ADDRESSES; k++)
			w->pages[k] = w->ids[k] = shown(proofs[i].pages[k]);
		w->n_ids = ADDRESSES;
		publish_look(&w->env, &w->eyes, &c);
		want_bool(&t, "proved", c.proved, proofs[i].want);
		want_bool(&t, "id", c.id_shown, proofs[i].want);
	}
	t.label = "servers that could not be found";
	w->ids[0] = w->ids[1] = w->ids[2] = SHOWN_IT;
	w->servers_known = false;
	publish_look(&w->env, &w->eyes, &c);
	want_bool(&t, "id", c.id_shown, false);
	t.label = "what is not under way is not looked at";
	atomic_store(&w->pages_asked, 0);
	atomic_store(&w->ids_asked, 0);
	c.p.state.change = CHANGE_REST;
	c.prove = false;
	publish_look(&w->env, &w->eyes, &c);
	want_int(&t, "pages", atomic_load(&w->pages_asked), 0);
	want_int(&t, "ids", atomic_load(&w->ids_asked), 0);
	t.label = "a look that was cut off says nothing";
	c.prove = true;
	w->pages[0] = SHOWN_IT;
	w->pages[1] = w->pages[2] = SHOWN_NOTHING;
	publish_look(&w->env, &w->eyes, &c);
	want_bool(&t, "proved", c.proved, true);
	stop_pull(&w->stop);
	publish_look(&w->env, &w->eyes, &c);
	want_bool(&t, "cut", c.cut, true);
	want_bool(&t, "proved", c.proved, false);
	want_int(&t, "delegation", c.delegation, DELEGATION_UNKNOWN);
	arena_release(&c.arena);
	assert_int_equal(t.failed, 0);
}

/* Nothing is announced while an edge is behind, or none lives. */
static void
test_edges(void **state)
{
	struct world *w = *state;
	struct tally t = { .label = "edges" };

	ask(w, &testing);
	see(w, "a");
	run(w);
	see(w, "a");
	w->edges_stand = true;
	delegate(w, LEAD_OURS, LEAD_OURS);
	run(w);
	want_int(&t, "none lives", published(w).state.change, CHANGE_FILE);
	want_int(&t, "not fetched", atomic_load(&w->pages_asked), 0);
	assert_err(
	    w->f, edge_beat(w->f->s, w->edge, 1, now(w), &w->f->e), ERR_OK);
	run(w);
	want_int(&t, "behind", published(w).state.change, CHANGE_FILE);
	w->edges_stand = false;
	w->pages[1] = SHOWN_OTHER;
	run(w);
	want_int(&t, "not proved", published(w).state.change, CHANGE_PROVING);
	want_span(&t, "no id", served(w).id, SPAN(""));
	w->pages[1] = SHOWN_IT;
	w->ids[1] = SHOWN_OTHER;
	run(w);
	want_int(&t, "on its way", published(w).state.change, CHANGE_ID);
	w->ids[1] = SHOWN_IT;
	run(w);
	want_int(&t, "done", published(w).state.change, CHANGE_REST);
	assert_int_equal(t.failed, 0);
}

/* ---- when again ---- */

static void
test_pace(void **state)
{
	static const struct sql_statement due = {
		"SELECT due_at FROM publication"
	};
	struct world *w = *state;
	struct tally t = { .label = "pace" };
	struct publish_step out;

	ask(w, &testing);
	assert_true(step(w, &out));
	want_int(&t, "who has just asked", fixture_count(w->f, &due),
	    now(w).s + MINUTE);
	pass(w, 2 * DAY);
	assert_true(step(w, &out));
	want_int(
	    &t, "later", fixture_count(w->f, &due), now(w).s + 10 * MINUTE);
	go_live(w, &testing, "a");
	pass(w, 10 * MINUTE);
	assert_true(step(w, &out));
	want_int(
	    &t, "at rest", fixture_count(w->f, &due), now(w).s + 10 * MINUTE);
	w->edges_stand = true;
	pass(w, DAY);
	see(w, "ab");
	assert_true(step(w, &out));
	see(w, "ab");
	assert_true(step(w, &out));
	want_int(&t, "a change", published(w).state.change, CHANGE_FILE);
	want_int(&t, "soon", fixture_count(w->f, &due), now(w).s + 1);
	pass(w, 4 * MINUTE);
	assert_true(step(w, &out));
	want_int(&t, "less soon", fixture_count(w->f, &due), now(w).s + 60);
	pass(w, HOUR);
	assert_true(step(w, &out));
	want_int(&t, "and no later", fixture_count(w->f, &due), now(w).s + 120);
	assert_int_equal(t.failed, 0);
}

/* Who was slow finds that somebody else has the work, and writes nothing. */
static void
test_lease(void **state)
{
	struct world *w = *state;
	struct publish_desk d = { &w->env, w->f->s, w->worker };
	struct publish_case c = { .worker = w->worker };
	struct publication_claim *claims;
	struct publish_step out;
	bool found, held;
	size_t n;

	ask(w, &testing);
	assert_err(w->f,
	    publication_claim(w->f->s, w->worker, now(w),
		(struct wall_time){ now(w).s + 10 }, 1, &w->f->a, &claims, &n,
		&w->f->e),
	    ERR_OK);
	assert_int_equal(n, 1);
	c.claim = claims[0];
	arena_init(&c.arena, LIMIT_CHECK_MEMORY);
	assert_err(w->f, publish_load(&d, &c, &found, &w->f->e), ERR_OK);
	pass(w, 11);
	assert_true(step(w, &out));
	assert_int_equal(out.publish, 1U << PUBLISH_BARRED);
	(void)history(w);
	publish_look(&w->env, &w->eyes, &c);
	assert_err(w->f, publish_settle(&d, &c, &out, &held, &w->f->e), ERR_OK);
	assert_false(held);
	assert_int_equal(history(w).n, 0);
	arena_release(&c.arena);
}

/* A sight that cannot be read is as if nobody had looked. */
static void
test_damaged(void **state)
{
	struct world *w = *state;
	struct publish_step out;

	ask(w, &testing);
	assert_err(w->f,
	    publication_put_sight(w->f->s, published(w).domain, SPAN("what?"),
		now(w), true, &w->f->e),
	    ERR_OK);
	assert_true(step(w, &out));
	assert_int_equal(published(w).bar, PUBLISH_NO_MX);
}

/* ---- the loop ---- */

static void
test_loop(void **state)
{
	struct world *w = *state;
	struct publisher p = { .line.env = &w->env, .eyes = &w->eyes };
	int turns = 0;

	ask(w, &testing);
	atomic_store(&w->host, LEAD_OURS);
	atomic_store(&w->txt, LEAD_OURS);
	assert_err(w->f, publish_begin(&p, &w->f->e), ERR_OK);
	see(w, "a");
	while (published(w).state.change != CHANGE_REST ||
	       published(w).state.stage != PUBLICATION_LIVE) {
		assert_true(turns++ < TURNS);
		publish_turn(&p);
		certify(w);
		edge_follows(w);
		if (published(w).follow.n_patterns == 0 && p.n_jobs == 0)
			see(w, "a");
		pass(w, 1);
	}
	assert_true(p.steps > 0);
	assert_int_equal(p.announced, 1);
	stop_pull(&w->stop);
	publish_end(&p);
}

/* ---- the world itself ---- */

static void
serve_policy(struct test_peer *p, struct test_talk *t, int nth)
{
	const char *line;

	(void)nth;
	if (!test_tls(p, t, false))
		return;
	while ((line = test_line(t)) != NULL && line[0] != '\0')
		;
	if (line == NULL)
		return;
	test_say(t, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
	test_say(t, p->script);
}

static void
write_ca(const char *path, const struct test_id *ca)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	PEM_write_X509(f, ca->x);
	fclose(f);
}

static const struct test_rr zone[] = {
	{ "", DNS_NS, "ns.example" },
	{ "mta-sts.a.example", DNS_CNAME, "l.pub.example" },
	{ "_mta-sts.a.example", DNS_CNAME, "alias.agency.example" },
	{ "alias.agency.example", DNS_CNAME, "l.pub.example" },
	{ "mta-sts.b.example", DNS_CNAME, "other.pub.example" },
	{ "mta-sts.c.example", DNS_A, "192.0.2.1" },
	{ "mta-sts.d.example", TEST_DNS_SERVFAIL, "" },
	{ "mta-sts.e.example", DNS_CNAME, "mta-sts.e.example" },
	{ "l.pub.example", DNS_TXT, "v=STSv1; id=abc;" },
	{ "l.pub.example", DNS_A, "192.0.2.2" },
	{ "other.pub.example", DNS_A, "192.0.2.99" },
	{ "ns.far.example", DNS_A, "192.0.2.53" },
	{ NULL, 0, NULL },
};

static const struct {
	const char *label, *name;
	enum publish_lead want;
} leads[] = {
	{ "ours", "mta-sts.a.example", LEAD_OURS },
	{ "by a name of the owner's own", "_mta-sts.a.example", LEAD_OURS },
	{ "another's", "mta-sts.b.example", LEAD_NONE },
	{ "no CNAME", "mta-sts.c.example", LEAD_NONE },
	{ "no name", "mta-sts.z.example", LEAD_NONE },
	{ "a failure", "mta-sts.d.example", LEAD_UNKNOWN },
	{ "in a circle", "mta-sts.e.example", LEAD_NONE },
};

static void
want_servers(struct tally *t, struct world *w, const struct publish_eyes *eyes,
    struct mono_time end, const char *want)
{
	struct publish_server *all;
	char mem[256];
	struct buf b = buf_init(mem, sizeof mem);
	size_t n;

	want_bool(
	    t, "known", eyes->servers(eyes, end, &w->f->a, &all, &n), true);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s@%s", i > 0 ? " " : "",
		    ip_format(all[i].address).s,
		    all[i].port == 5300 ? "5300" : "dns");
	want_span(t, "servers", buf_span(&b), span_str(want));
}

static void
test_eyes(void **state)
{
	static const char *named[] = { "ns1.pub.example", "ns.far.example" };
	static const char *hosts[] = { "ns1.pub.example=127.0.0.1" };
	static const char *secondaries[] = { "127.0.0.2@5300" };
	struct world *w = *state;
	struct tally t = { 0 };
	struct test_id ca =
	    test_issue(&(struct test_wish){ .cn = "Test CA", .ca = true });
	struct test_id leaf = test_issue(&(struct test_wish){
	    .cn = "host", .san = "DNS:mta-sts.a.example", .issuer = &ca });
	struct test_peer https = { .serve = serve_policy, .script = "policy" };
	struct test_dns dns = { .zone = zone };
	const char *resolver = dns.address;
	char ca_file[80];
	struct publish_ports ports;
	const struct publish_eyes *eyes;
	struct mono_time end;
	struct ip_addr nobody;

	/* Certificates are made by the machine's clock. */
	atomic_store(&w->now_s, clock_wall(&clock_system).s);
	https.tls = test_server_tls(&leaf, NULL);
	test_peer_start(&https);
	test_dns_start(&dns);
	snprintf(ca_file, sizeof ca_file, "%s/ca", w->f->dir);
	write_ca(ca_file, &ca);
	w->config.ca_file = ca_file;
	w->config.resolvers = (struct config_list){ &resolver, 1 };
	ports = (struct publish_ports){ https.port, dns.port };
	assert_err(
	    w->f, publish_eyes_new(&w->env, &ports, &eyes, &w->f->e), ERR_OK);
	end = mono_after_ms(clock_mono(&w->clock), PUBLISH_LOOK_MS);

	for (size_t i = 0; i < ROWS(leads); i++) {
		t.label = leads[i].label;
		want_int(&t, "lead",
		    eyes->lead(eyes, span_str(leads[i].name),
			SPAN("l.pub.example"), end, &w->f->a),
		    leads[i].want);
	}
	t.label = "arrival";
	want_bool(&t, "at the service",
	    eyes->arrives(eyes, SPAN("mta-sts.a.example"), end, &w->f->a),
	    true);
	want_bool(&t, "elsewhere",
	    eyes->arrives(eyes, SPAN("mta-sts.b.example"), end, &w->f->a),
	    false);
	want_bool(&t, "nowhere",
	    eyes->arrives(eyes, SPAN("mta-sts.d.example"), end, &w->f->a),
	    false);
	t.label = "page";
	want_int(&t, "it",
	    eyes->page(eyes, SPAN("a.example"), test_loopback(), SPAN("policy"),
		end, &w->f->a),
	    SHOWN_IT);
	want_int(&t, "another",
	    eyes->page(eyes, SPAN("a.example"), test_loopback(),
		SPAN("policy "), end, &w->f->a),
	    SHOWN_OTHER);
	want_int(&t, "another's certificate",
	    eyes->page(eyes, SPAN("b.example"), test_loopback(), SPAN("policy"),
		end, &w->f->a),
	    SHOWN_OTHER);
	assert_true(ip_parse(SPAN("127.0.0.9"), &nobody));
	want_int(&t, "nobody",
	    eyes->page(
		eyes, SPAN("a.example"), nobody, SPAN("policy"), end, &w->f->a),
	    SHOWN_NOTHING);
	t.label = "id";
	want_int(&t, "it",
	    eyes->id(eyes, (struct publish_server){ test_loopback(), dns.port },
		SPAN("l.pub.example"), SPAN("abc"), end, &w->f->a),
	    SHOWN_IT);
	want_int(&t, "another",
	    eyes->id(eyes, (struct publish_server){ test_loopback(), dns.port },
		SPAN("l.pub.example"), SPAN("abd"), end, &w->f->a),
	    SHOWN_OTHER);
	want_int(&t, "none",
	    eyes->id(eyes, (struct publish_server){ test_loopback(), dns.port },
		SPAN("m.pub.example"), SPAN("abc"), end, &w->f->a),
	    SHOWN_OTHER);
	want_int(&t, "nobody",
	    eyes->id(eyes, (struct publish_server){ nobody, dns.port },
		SPAN("l.pub.example"), SPAN("abc"), end, &w->f->a),
	    SHOWN_NOTHING);
	t.label = "the edges alone";
	want_servers(
	    &t, w, eyes, end, "192.0.2.1@dns 192.0.2.2@dns 192.0.2.3@dns");
	t.label = "as configured";
	w->config.service_servers = (struct config_list){ named, 2 };
	w->config.service_hosts = (struct config_list){ hosts, 1 };
	w->config.secondaries = (struct config_list){ secondaries, 1 };
	want_servers(
	    &t, w, eyes, end, "127.0.0.1@dns 192.0.2.53@dns 127.0.0.2@5300");

	publish_eyes_free(eyes);
	test_dns_stop(&dns);
	test_peer_stop(&https);
	SSL_CTX_free(https.tls);
	test_id_free(&leaf);
	test_id_free(&ca);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAY(test_life),
		PLAY(test_gate),
		PLAY(test_approval),
		PLAY(test_foreign),
		PLAY(test_move),
		PLAY(test_lost),
		PLAY(test_certificate),
		PLAY(test_astray),
		PLAY(test_proof),
		PLAY(test_edges),
		PLAY(test_pace),
		PLAY(test_lease),
		PLAY(test_damaged),
		PLAY(test_loop),
		PLAY(test_eyes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

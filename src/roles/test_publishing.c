#include "roles/test_publishing.h"

#include <stdlib.h>

#include "store/certificates.h"
#include "store/history.h"
#include "store/outbox.h"

#define TARGET PLAY_LABEL "." PLAY_ZONE

enum { CALM = 8 }; /* steps after which nothing is under way any more */

static struct wall_time
wall(const struct clock *c)
{
	const char *at = (const char *)c - offsetof(struct play, clock);
	const struct play *w = (const struct play *)(const void *)at;

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
	const char *at = (const char *)r - offsetof(struct play, randomness);
	struct play *w = (struct play *)(uintptr_t)at;
	unsigned number = atomic_fetch_add(&w->drawn, 1) + 1;

	memset(buf, 0, n);
	memcpy(buf, &number, n < sizeof number ? n : sizeof number);
	return true;
}

static struct play *
world_of(const struct publish_eyes *eyes)
{
	return (struct play *)(uintptr_t)eyes;
}

static enum publish_lead
lead(const struct publish_eyes *eyes, struct span name, struct span target,
    struct mono_time deadline, struct arena *a)
{
	struct play *w = world_of(eyes);

	(void)deadline;
	(void)a;
	assert_true(span_eq(target, SPAN(TARGET)));
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
	struct play *w = world_of(eyes);

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
	struct play *w = world_of(eyes);

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
	struct play *w = world_of(eyes);

	(void)target;
	(void)deadline;
	(void)a;
	assert_int_equal(text.n, PUBLICATION_ID_OCTETS);
	atomic_fetch_add(&w->ids_asked, 1);
	return w->ids[server.port];
}

struct wall_time
play_now(struct play *w)
{
	return (struct wall_time){ atomic_load(&w->now_s) };
}

int
play_setup(void **state)
{
	static const char *addresses[] = { "192.0.2.1", "192.0.2.2",
		"192.0.2.3" };
	struct play *w = calloc(1, sizeof *w);

	assert_non_null(w);
	fixture_setup((void **)&w->f);
	w->eyes = (struct publish_eyes){ lead, arrives, page, servers, id };
	w->clock = (struct clock){ wall, mono };
	w->randomness.fill = count_up;
	atomic_store(&w->now_s, test_now.s);
	assert_int_equal(stop_init(&w->stop), ERR_OK);
	w->config = (struct config){ .store = w->f->url,
		.service_zone = PLAY_ZONE,
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
	assert_err(
	    w->f, service_zone_set(w->f->s, SPAN(PLAY_ZONE), &w->f->e), ERR_OK);
	*state = w;
	return 0;
}

int
play_teardown(void **state)
{
	struct play *w = *state;

	log_free(w->env.log);
	stop_release(&w->stop);
	fixture_teardown((void **)&w->f);
	free(w);
	return 0;
}

/* ---- what others do ---- */

void
play_ask(struct play *w, const struct publish_order *order)
{
	struct publish_order o = *order;
	enum publication_asked asked;

	o.asked_at = play_now(w);
	assert_err(w->f,
	    publication_ask(w->f->s, SPAN("a.example"), &o, SPAN(PLAY_LABEL),
		play_now(w), &asked, &w->f->e),
	    ERR_OK);
	assert_in_range(asked, PUBLICATION_NEW, PUBLICATION_SAME);
}

const struct publish_order play_order = {
	.mode = STS_MODE_TESTING,
	.max_age = 7 * DAY,
	.follow = FOLLOW_AUTO,
	.overlap_s = 2 * DAY,
	.override_by = SPAN_INIT(""),
};

struct published
play_published(struct play *w)
{
	return fixture_published(w->f, "a.example");
}

/* A round of the monitor, that saw the MX hosts of these letters. */
void
play_see(struct play *w, const char *letters)
{
	struct span hosts[8], text;
	struct mx_sight *mx = &w->sight.mx;

	*mx = (struct mx_sight){ .at = play_now(w),
		.kind = MX_SIGHT_HOSTS,
		.hosts = hosts,
		.ttl = 300,
		.servers = 2 };
	for (; letters[mx->n_hosts] != '\0'; mx->n_hosts++)
		hosts[mx->n_hosts] =
		    arena_printf(&w->f->a, "%c.example", letters[mx->n_hosts]);
	w->sight.at = play_now(w);
	w->sight.fresh = true;
	assert_int_equal(
	    publish_sight_write(&w->sight, &w->f->a, &text), ERR_OK);
	assert_err(w->f,
	    publication_put_sight(w->f->s, play_published(w).domain, text,
		play_now(w), true, &w->f->e),
	    ERR_OK);
}

/* The certs role has one, where one is wanted. */
void
play_certify(struct play *w)
{
	struct certificate_order *orders;
	const struct certificate_outcome out = { .order = SPAN(""),
		.key_name = SPAN("key"),
		.chain = SPAN("chain"),
		.not_before = play_now(w),
		.not_after = { play_now(w).s + 90 * DAY },
		.issuer = SPAN("ca"),
		.renew_at = { play_now(w).s + 60 * DAY },
		.due_at = { play_now(w).s + 60 * DAY },
		.problem = SPAN("") };
	size_t n;
	bool held;

	assert_err(w->f,
	    certificate_claim(w->f->s, w->worker, play_now(w),
		(struct wall_time){ play_now(w).s + HOUR }, 10, &w->f->a,
		&orders, &n, &w->f->e),
	    ERR_OK);
	for (size_t i = 0; i < n; i++) {
		assert_err(w->f,
		    orders[i].wanted
			? certificate_finish(w->f->s, w->worker, &orders[i],
			      &out, play_now(w), &held, &w->f->e)
			: certificate_drop(
			      w->f->s, w->worker, &orders[i], &held, &w->f->e),
		    ERR_OK);
		assert_true(held);
	}
}

void
play_edge(struct play *w)
{
	uint64_t number;

	if (w->edges_stand)
		return;
	assert_err(w->f, served_last(w->f->s, &number, &w->f->e), ERR_OK);
	assert_err(w->f,
	    edge_beat(w->f->s, w->edge, number, play_now(w), &w->f->e), ERR_OK);
}

struct served
play_served(struct play *w)
{
	struct served s = { 0 };
	bool found;

	assert_err(w->f,
	    served_label(
		w->f->s, SPAN(PLAY_LABEL), &w->f->a, &s, &found, &w->f->e),
	    ERR_OK);
	assert_true(found);
	return s;
}

/* ---- the role ---- */

/* One case that is due; false: there is none. */
bool
play_step(struct play *w, struct publish_step *out)
{
	struct publish_desk d = { &w->env, w->f->s, w->worker };
	struct publish_case c = { .worker = w->worker };
	struct publication_claim *claims;
	bool found, held;
	size_t n;

	assert_err(w->f,
	    publication_claim(w->f->s, w->worker, play_now(w),
		(struct wall_time){ play_now(w).s + PUBLISH_LEASE_S }, 1,
		&w->f->a, &claims, &n, &w->f->e),
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
void
play_run(struct play *w)
{
	struct publish_step out;

	for (int i = 0; i < CALM; i++) {
		play_edge(w);
		play_certify(w);
		assert_err(w->f,
		    publication_wake_waiting(w->f->s, play_now(w), &w->f->e),
		    ERR_OK);
		while (play_step(w, &out))
			play_edge(w);
		atomic_fetch_add(&w->now_s, MINUTE);
	}
}

void
play_pass(struct play *w, int64_t s)
{
	atomic_fetch_add(&w->now_s, s);
}

void
play_cnames(struct play *w, enum publish_lead host, enum publish_lead txt)
{
	atomic_store(&w->host, host);
	atomic_store(&w->txt, txt);
	play_pass(w, 11 * MINUTE);
}

/* Live, with the MX hosts of these letters. */
void
play_to_live(struct play *w, const struct publish_order *order, const char *mx)
{
	play_ask(w, order);
	play_see(w, mx);
	play_run(w);
	play_see(w, mx);
	play_run(w);
	play_cnames(w, LEAD_OURS, LEAD_OURS);
	play_run(w);
	assert_int_equal(play_published(w).state.stage, PUBLICATION_LIVE);
	assert_int_equal(play_published(w).state.change, CHANGE_REST);
}

/* ---- what is told ---- */

/* Kinds of the history since the last time, the oldest first. */
struct span
play_history(struct play *w)
{
	struct history_event *all;
	struct span s = SPAN("");
	int64_t seq = w->seq;
	size_t n;

	assert_err(w->f,
	    history_list(w->f->s, play_published(w).domain, 0, 100, &w->f->a,
		&all, &n, &w->f->e),
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
struct span
play_news(struct play *w)
{
	struct outbox_row *all;
	struct span s = SPAN("");
	size_t n;

	assert_err(w->f,
	    outbox_claim(w->f->s, w->worker, SPAN(""),
		(struct wall_time){ play_now(w).s + DAY },
		(struct wall_time){ play_now(w).s + 9999 * (int64_t)DAY }, 100,
		&w->f->a, &all, &n, &w->f->e),
	    ERR_OK);
	for (size_t i = 0; i < n; i++)
		s = arena_printf(&w->f->a, "%.*s%s%s: %.*s", (int)s.n, s.p,
		    s.n > 0 ? "\n" : "", news_kind_names[all[i].news.kind],
		    (int)all[i].news.text.n, all[i].news.text.p);
	return s;
}

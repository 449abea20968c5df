/* File before id, in 1,000 random kills: the publish role lives a publication
 * from its first to its last day again and again, and is killed in the middle
 * of whatever it does, while edges come, go and lose the store, name servers
 * lag, and a crowd of senders (RFC 8461 3.1) fetches under the ids that it
 * sees. None of them may ever get, under an id, a file that is older than the
 * one that the id was announced for. */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "roles/publish.h"
#include "store/certificates.h"
#include "store/served.h"
#include "store/test_store.h"
#include "store/work.h"

enum {
	KILLS = 1000,
	KILLS_MAX =
	    10 * KILLS, /* on a machine that gets nothing done between */
	LIVES = 3,
	ADDRESSES = 3,
	EDGES = 4, /* the first and the last behind one address */
	SERVERS = 2,
	SENDERS = 40,
	IDS = 4096,
	BODIES = 8192,
	BODY = 1024,
	LIFE = 1000000, /* versions of one life, so that lives can be told */
	HOUR = 3600,
	DAY = 86400,
};

/* ---- what all processes see ---- */

/* The texts stand there before their numbers do. */
struct stage {
	atomic_llong now_s;
	atomic_uint drawn; /* so that no id comes twice */
	_Atomic(enum publish_lead) lead;
	struct {
		atomic_bool up;
		atomic_uint body; /* number of the text; 0: none */
	} edges[EDGES];
	atomic_uint ids_at[SERVERS]; /* number of the id; 0: none */
	char bodies[BODIES][BODY];
	char ids[IDS][PUBLICATION_ID_OCTETS + 1];
};

/* ---- the role, to be killed ---- */

struct role {
	struct publish_eyes eyes; /* first: the functions cast */
	struct clock clock;
	struct randomness randomness;
	struct stage *stage;
	/* It ends itself when it has asked the world or the clock so often:
	 * these are the points between which something happens. 0: somebody
	 * else does. */
	int points_left;
};

static void
pass_point(struct role *r)
{
	if (r->points_left > 0 && --r->points_left == 0)
		raise(SIGKILL);
}

static struct role *
role_of_clock(const struct clock *c)
{
	const char *at = (const char *)c - offsetof(struct role, clock);

	return (struct role *)(uintptr_t)at;
}

static struct wall_time
wall(const struct clock *c)
{
	struct role *r = role_of_clock(c);

	pass_point(r);
	return (struct wall_time){ atomic_load(&r->stage->now_s) };
}

static struct mono_time
mono(const struct clock *c)
{
	(void)c;
	return clock_mono(&clock_system);
}

static bool
count_up(const struct randomness *random, void *buf, size_t n)
{
	const char *at =
	    (const char *)random - offsetof(struct role, randomness);
	struct role *r = (struct role *)(uintptr_t)at;
	unsigned number = atomic_fetch_add(&r->stage->drawn, 1) + 1;

	memset(buf, 0, n);
	memcpy(buf, &number, n < sizeof number ? n : sizeof number);
	return true;
}

static struct role *
role_of(const struct publish_eyes *eyes)
{
	return (struct role *)(uintptr_t)eyes;
}

static enum publish_lead
see_lead(const struct publish_eyes *eyes, struct span name, struct span target,
    struct mono_time deadline, struct arena *a)
{
	(void)name;
	(void)target;
	(void)deadline;
	(void)a;
	pass_point(role_of(eyes));
	return atomic_load(&role_of(eyes)->stage->lead);
}

static bool
see_arrival(const struct publish_eyes *w, struct span name,
    struct mono_time deadline, struct arena *a)
{
	(void)w;
	(void)name;
	(void)deadline;
	(void)a;
	return true;
}

static enum publish_shown
see_page(const struct publish_eyes *eyes, struct span domain,
    struct ip_addr address, struct span body, struct mono_time deadline,
    struct arena *a)
{
	struct stage *s = role_of(eyes)->stage;
	unsigned edge = address.b[3] - 1U, other = edge + ADDRESSES;

	(void)domain;
	(void)deadline;
	(void)a;
	pass_point(role_of(eyes));
	/* Of two that live one answers, whichever it is. */
	if (other < EDGES && atomic_load(&s->edges[other].up) &&
	    (!atomic_load(&s->edges[edge].up) ||
		atomic_load(&s->now_s) % 2 == 0))
		edge = other;
	if (!atomic_load(&s->edges[edge].up))
		return SHOWN_NOTHING;
	return span_eq(
		   body, span_str(s->bodies[atomic_load(&s->edges[edge].body)]))
		   ? SHOWN_IT
		   : SHOWN_OTHER;
}

static bool
list_servers(const struct publish_eyes *eyes, struct mono_time deadline,
    struct arena *a, struct publish_server **out, size_t *n)
{
	(void)eyes;
	(void)deadline;
	*out = arena_array(a, SERVERS, sizeof **out);
	for (*n = 0; *out != NULL && *n < SERVERS; (*n)++)
		(*out)[*n].port = (uint16_t)*n;
	return *out != NULL;
}

static enum publish_shown
see_id(const struct publish_eyes *eyes, struct publish_server server,
    struct span target, struct span id, struct mono_time deadline,
    struct arena *a)
{
	struct stage *s = role_of(eyes)->stage;

	(void)target;
	(void)deadline;
	(void)a;
	pass_point(role_of(eyes));
	return span_eq(
		   id, span_str(s->ids[atomic_load(&s->ids_at[server.port])]))
		   ? SHOWN_IT
		   : SHOWN_OTHER;
}

static void
take_cases(const struct publish_desk *d, const struct publish_eyes *eyes)
{
	struct publication_claim *claims;
	struct publish_step step;
	struct publish_case c = { .worker = d->worker };
	struct wall_time now = clock_wall(d->env->clock);
	bool found, held;
	struct error e;
	size_t n = 0;

	arena_init(&c.arena, LIMIT_CHECK_MEMORY);
	if (publication_claim(d->store, d->worker, now,
		(struct wall_time){ now.s + PUBLISH_LEASE_S }, 1, &c.arena,
		&claims, &n, &e) != ERR_OK ||
	    n == 0) {
		usleep(200);
	} else {
		c.claim = claims[0];
		if (publish_load(d, &c, &found, &e) == ERR_OK && found) {
			publish_look(d->env, eyes, &c);
			(void)!publish_settle(d, &c, &step, &held, &e);
		}
	}
	arena_release(&c.arena);
}

/* Until it is killed. A store that somebody else holds is asked again. */
static void
play_role(struct stage *stage, const char *url, int points)
{
	static const char *addresses[] = { "192.0.2.1", "192.0.2.2",
		"192.0.2.3" };
	struct role r = {
		.eyes = { see_lead, see_arrival, see_page, list_servers,
		    see_id },
		.clock = { wall, mono },
		.randomness = { count_up },
		.stage = stage,
		.points_left = points,
	};
	struct stop stop = { .fd = -1 };
	const struct config config = { .service_zone = "pub.example.net",
		.service_addresses = { addresses, ADDRESSES },
		.publish_every_s = 600,
		.edge_lease_s = 60,
		.publish_steps = 4 };
	const struct role_env env = { .config = &config,
		.clock = &r.clock,
		.randomness = &r.randomness,
		.stop = &stop };
	struct publish_desk d = { .env = &env };
	struct error e;

	if (store_open(url, STORE_USE, clock_wall(&r.clock), &d.store, &e) !=
		ERR_OK ||
	    work_join(d.store, SPAN("publish"), SPAN("publish"),
		clock_wall(&r.clock), &d.worker, &e) != ERR_OK)
		_exit(1);
	for (;;)
		take_cases(&d, &r.eyes);
}

/* ---- the world ---- */

struct edge {
	int64_t worker;
	struct wall_time joined;
	bool beats;
	bool alone; /* it has lost the store, and serves what it had */
	uint64_t number; /* up to which it has read */
	int64_t served; /* life and version */
};

struct sender {
	unsigned id; /* on its way with it; 0: none */
};

/* What the store says, in one view of it. */
struct view {
	struct fixture *f;
	struct arena *a;
	struct published p;
	uint64_t number;
};

struct world {
	struct fixture *f;
	struct stage *stage;
	uint32_t random;
	struct edge edges[EDGES];
	struct sender senders[SENDERS];
	int64_t id_version[IDS]; /* life and version that it was out for */
	char id_body[IDS][BODY]; /* and its text */
	unsigned n_ids, n_bodies;
	int64_t certs; /* the worker */
	int64_t life;
	unsigned changes; /* of the MX, to a host that was never there */
	bool leaves;
	struct view view;
	struct arena a;
	bool hurry;

	/* What was seen. */
	unsigned wrong, fetched, lives, kills;
	unsigned killed_at[PUBLICATION_ENDED + 1][CHANGE_ID + 1];
};

static uint32_t
chance(struct world *w, uint32_t n)
{
	w->random = w->random * 1664525U + 1013904223U;
	return (w->random >> 8) % n;
}

static struct wall_time
now(const struct world *w)
{
	return (struct wall_time){ atomic_load(&w->stage->now_s) };
}

static enum err
read_view(struct store *s, void *arg, struct error *e)
{
	struct view *v = arg;
	bool found;
	enum err rc = served_last(s, &v->number, e);

	if (rc == ERR_OK)
		rc = publication_get(
		    s, SPAN("a.example"), v->a, &v->p, &found, e);
	if (rc == ERR_OK)
		assert_true(found);
	return rc;
}

/* Its text gets a number before anybody serves it. */
static unsigned
number_of_body(struct world *w)
{
	struct span body = w->view.p.state.body;
	char *last = w->stage->bodies[w->n_bodies];

	if (body.n == 0)
		return 0;
	if (w->n_bodies > 0 && span_eq(body, span_str(last)))
		return w->n_bodies;
	assert_true(w->n_bodies + 1 < BODIES && body.n < BODY);
	last = w->stage->bodies[++w->n_bodies];
	memcpy(last, body.p, body.n);
	return w->n_bodies;
}

/* And so does an id, which is no other that ever was. */
static unsigned
number_of_id(struct world *w)
{
	const struct publication *p = &w->view.p.state;

	if (p->id[0] == '\0')
		return 0;
	if (w->n_ids > 0 && strcmp(p->id, w->stage->ids[w->n_ids]) == 0)
		return w->n_ids;
	assert_true(w->n_ids + 1 < IDS);
	for (unsigned i = 1; i <= w->n_ids; i++)
		assert_string_not_equal(p->id, w->stage->ids[i]);
	w->n_ids++;
	memcpy(w->stage->ids[w->n_ids], p->id, sizeof p->id);
	w->id_version[w->n_ids] = w->life * LIFE + (int64_t)p->id_version;
	for (size_t i = 0; i < w->view.p.n_bodies; i++)
		if (w->view.p.bodies[i].version == p->id_version)
			memcpy(w->id_body[w->n_ids], w->view.p.bodies[i].body.p,
			    w->view.p.bodies[i].body.n);
	assert_true(w->id_body[w->n_ids][0] != '\0');
	return w->n_ids;
}

/* It reads up to a number, serves that, and says so when it gets to it. One
 * that comes up has read before it serves. */
static void
edge_moves(struct world *w, int i)
{
	struct edge *e = &w->edges[i];
	bool up = atomic_load(&w->stage->edges[i].up);
	bool comes = !up && chance(w, 20) == 0;

	if (up && chance(w, 150) == 0) {
		atomic_store(&w->stage->edges[i].up, false);
		return;
	}
	/* One that shares its address could not be seen. */
	if (chance(w, 150) == 0 && i % ADDRESSES != 0)
		e->alone = !e->alone;
	if (comes)
		e->alone = false;
	if ((up || comes) && !e->alone && (comes || chance(w, 2) == 0)) {
		atomic_store(&w->stage->edges[i].body, number_of_body(w));
		e->served = w->life * LIFE + (int64_t)w->view.p.state.version;
		e->number = w->view.number;
	}
	if (comes)
		atomic_store(&w->stage->edges[i].up, true);
	e->beats = up && !e->alone && chance(w, 4) != 0;
}

/* All at once, which costs one transaction. Whoever was silent for a week was
 * forgotten, so that they all join anew now and then. */
static enum err
beat(struct store *s, void *arg, struct error *e)
{
	enum { AGAIN_S = 3 * DAY };
	struct world *w = arg;
	enum err rc = ERR_OK;

	for (int i = 0; rc == ERR_OK && i < EDGES; i++) {
		struct edge *edge = &w->edges[i];

		if (!edge->beats)
			continue;
		if (now(w).s - edge->joined.s > AGAIN_S) {
			edge->joined = now(w);
			rc = work_join(s, SPAN("edge"), SPAN("edge"), now(w),
			    &edge->worker, e);
		}
		if (rc == ERR_OK)
			rc =
			    edge_beat(s, edge->worker, edge->number, now(w), e);
	}
	return rc;
}

static void
server_moves(struct world *w, int i)
{
	if (chance(w, 2) == 0)
		atomic_store(&w->stage->ids_at[i], number_of_id(w));
}

/* An earlier version with the same text is the same policy. */
static bool
is_old(const struct world *w, uint32_t edge, unsigned id)
{
	const struct stage *s = w->stage;
	const char *text = s->bodies[atomic_load(&s->edges[edge].body)];

	return w->edges[edge].served < w->id_version[id] &&
	       strcmp(text, w->id_body[id]) != 0;
}

/* RFC 8461 3.1: it saw an id, and fetches under it. */
static void
sender_moves(struct world *w, struct sender *s)
{
	uint32_t i = chance(w, EDGES);

	if (s->id == 0) {
		s->id = atomic_load(&w->stage->ids_at[chance(w, SERVERS)]);
		return;
	}
	if (chance(w, 3) != 0)
		return;
	if (atomic_load(&w->stage->edges[i].up) &&
	    atomic_load(&w->stage->edges[i].body) != 0) {
		w->fetched++;
		w->wrong += is_old(w, i, s->id);
	}
	s->id = 0;
}

/* ---- the owner, the monitor, the certs role ---- */

static void
ask(struct world *w, bool leave)
{
	const struct publish_order order = { .mode = STS_MODE_TESTING,
		.max_age = DAY,
		.follow = FOLLOW_AUTO,
		.overlap_s = HOUR,
		.leave = leave,
		.override_by = SPAN(""),
		.asked_at = now(w) };
	char label[PUBLISHED_LABEL_OCTETS + 1];
	enum publication_asked asked;

	snprintf(label, sizeof label, "%016lld", (long long)w->life);
	assert_err(w->f,
	    publication_ask(w->f->s, SPAN("a.example"), &order, span_str(label),
		now(w), &asked, &w->f->e),
	    ERR_OK);
}

/* Another set of MX hosts now and then, at two rounds. */
static void
monitor_looks(struct world *w)
{
	const enum publication_stage stage = w->view.p.state.stage;
	struct span host = arena_printf(&w->a, "mx%u.example", w->changes);
	struct span text;
	struct publish_sight s = { .at = now(w),
		.fresh = true,
		.mx = { .at = now(w),
		    .kind = MX_SIGHT_HOSTS,
		    .hosts = &host,
		    .n_hosts = 1,
		    .servers = 2 },
		.gate_text = SPAN(""),
		.foreign = SPAN(""),
		.may_leave = stage == PUBLICATION_LEAVING };

	assert_int_equal(publish_sight_write(&s, &w->a, &text), ERR_OK);
	assert_err(w->f,
	    publication_put_sight(
		w->f->s, w->view.p.domain, text, now(w), true, &w->f->e),
	    ERR_OK);
}

static void
certs_works(struct world *w)
{
	struct certificate_order *orders;
	const struct certificate_outcome out = { .order = SPAN(""),
		.key_name = SPAN("key"),
		.chain = SPAN("chain"),
		.not_before = now(w),
		.not_after = { now(w).s + 900 * (int64_t)DAY },
		.issuer = SPAN("ca"),
		.renew_at = { now(w).s + 800 * (int64_t)DAY },
		.due_at = { now(w).s + 800 * (int64_t)DAY },
		.problem = SPAN("") };
	bool held;
	size_t n;

	assert_err(w->f,
	    certificate_claim(w->f->s, w->certs, now(w),
		(struct wall_time){ now(w).s + 1 }, 1, &w->a, &orders, &n,
		&w->f->e),
	    ERR_OK);
	if (n > 0)
		assert_err(w->f,
		    orders[0].wanted
			? certificate_finish(w->f->s, w->certs, &orders[0],
			      &out, now(w), &held, &w->f->e)
			: certificate_drop(
			      w->f->s, w->certs, &orders[0], &held, &w->f->e),
		    ERR_OK);
}

/* What the owner does in a life: CNAMEs, some changes of the MX, the way out,
 * and then another life. */
static void
owner_acts(struct world *w)
{
	const struct publication *p = &w->view.p.state;

	switch (p->stage) {
	case PUBLICATION_AWAITED:
	case PUBLICATION_CERTIFYING:
		atomic_store(&w->stage->lead, LEAD_OURS);
		break;
	case PUBLICATION_LIVE:
		if (chance(w, 12) == 0)
			w->changes++;
		if (chance(w, 120) == 0)
			ask(w, true);
		break;
	case PUBLICATION_LEAVING:
		w->hurry = true;
		if (chance(w, 60) == 0)
			ask(w, false);
		break;
	case PUBLICATION_REMOVABLE:
		atomic_store(&w->stage->lead, LEAD_NONE);
		break;
	case PUBLICATION_ENDED:
		w->lives++;
		w->life++;
		w->hurry = false;
		ask(w, false);
		break;
	}
}

/* A moment of the world: half a minute, or some hours. */
static void
world_moves(struct world *w)
{
	int64_t s = 5 + chance(w, 40);

	if (chance(w, w->hurry ? 8 : 40) == 0)
		s += chance(w, 8 * HOUR);
	atomic_fetch_add(&w->stage->now_s, s);
	arena_release(&w->a);
	w->view.a = &w->a;
	assert_err(w->f, store_transact(w->f->s, read_view, &w->view, &w->f->e),
	    ERR_OK);
	for (int i = 0; i < EDGES; i++)
		edge_moves(w, i);
	assert_err(w->f, store_transact(w->f->s, beat, w, &w->f->e), ERR_OK);
	for (int i = 0; i < SERVERS; i++)
		server_moves(w, i);
	for (int i = 0; i < SENDERS; i++)
		sender_moves(w, &w->senders[i]);
	owner_acts(w);
	if (chance(w, 4) == 0)
		certs_works(w);
	if (chance(w, 3) == 0)
		monitor_looks(w);
}

static void
begin(struct world *w, struct fixture *f)
{
	w->f = f;
	w->random = 20261126;
	w->stage = mmap(NULL, sizeof *w->stage, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(w->stage != MAP_FAILED);
	atomic_store(&w->stage->now_s, test_now.s);
	atomic_store(&w->stage->lead, LEAD_NONE);
	arena_init(&w->a, LIMIT_CHECK_MEMORY);
	fixture_domain(f, "a.example");
	assert_err(
	    f, service_zone_set(f->s, SPAN("pub.example.net"), &f->e), ERR_OK);
	w->certs = fixture_worker(f);
	w->life = 1;
	ask(w, false);
}

/* One life of the process. */
static void
run_and_kill(struct world *w)
{
	bool by_itself = chance(w, 2) == 0;
	int points = by_itself ? 1 + (int)chance(w, 60) : 0, status;
	uint32_t moments = 1 + chance(w, 16);
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		play_role(w->stage, w->f->url, points);
	for (uint32_t i = 0; i < moments; i++)
		world_moves(w);
	usleep(chance(w, 1500));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	w->kills++;
	arena_release(&w->a);
	assert_err(w->f, store_transact(w->f->s, read_view, &w->view, &w->f->e),
	    ERR_OK);
	w->killed_at[w->view.p.state.stage][w->view.p.state.change]++;
}

/* Every state that a publication can be in has to have been one that somebody
 * died in. */
static const struct {
	enum publication_stage stage;
	enum publication_change change;
} states[] = {
	{ PUBLICATION_AWAITED, CHANGE_REST },
	{ PUBLICATION_CERTIFYING, CHANGE_REST },
	{ PUBLICATION_CERTIFYING, CHANGE_FILE },
	{ PUBLICATION_CERTIFYING, CHANGE_PROVING },
	{ PUBLICATION_LIVE, CHANGE_ID },
	{ PUBLICATION_LIVE, CHANGE_REST },
	{ PUBLICATION_LIVE, CHANGE_FILE },
	{ PUBLICATION_LIVE, CHANGE_PROVING },
	{ PUBLICATION_LEAVING, CHANGE_FILE },
	{ PUBLICATION_LEAVING, CHANGE_PROVING },
	{ PUBLICATION_LEAVING, CHANGE_ID },
	{ PUBLICATION_LEAVING, CHANGE_REST },
	/* The last copy ends when the id of a day is due. */
	{ PUBLICATION_REMOVABLE, CHANGE_ID },
};

/* What is missing for it to have been a lively time, or NULL; otherwise nothing
 * was shown. */
static const char *
missing(const struct world *w)
{
	for (size_t i = 0; i < ROWS(states); i++)
		if (w->killed_at[states[i].stage][states[i].change] == 0)
			return publication_stage_names[states[i].stage];
	return w->lives < LIVES		     ? "lives"
	       : w->n_bodies <= 50	     ? "bodies"
	       : w->n_ids <= w->n_bodies / 4 ? "ids"
	       : w->fetched <= 10 * KILLS    ? "fetches"
					     : NULL;
}

static void
test_kills(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	assert_non_null(w);
	begin(w, *state);
	while (w->kills < KILLS || (missing(w) != NULL && w->kills < KILLS_MAX))
		run_and_kill(w);
	printf("# %u kills, %u lives, %u bodies, %u ids, %u fetches\n",
	    w->kills, w->lives, w->n_bodies, w->n_ids, w->fetched);
	assert_int_equal(w->wrong, 0);
	assert_string_equal(missing(w) != NULL ? missing(w) : "", "");
	arena_release(&w->a);
	munmap(w->stage, sizeof *w->stage);
	free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { RUN(test_kills) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

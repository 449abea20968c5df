/* The ledger against the senders that it is about.
 *
 * A world of six policies and eight ids changes by chance, one thing at a time.
 * A hundred senders cache by RFC 8461 3.2 and 5.1; every other one lets an
 * unchanged id renew its copy, as some do. The ledger looks every quarter of an
 * hour, and now and then fails to see anything. Then: no sender ever holds a
 * copy beyond the ledger's horizon, and no horizon is later than a sender who
 * tries every minute could need, by more than the time between two looks. */
#include "base/test_table.h"
#include "core/ledger.h"

enum {
	VERSIONS = 6,
	IDS = 8,
	SENDERS = 100,
	MINUTES = 30 * 24 * 60,
	LOOK_MIN = 15,
	BLIND_LOOKS = 2, /* at most, in a row */
	GAP_MIN = LOOK_MIN * (BLIND_LOOKS + 1), /* between two that see */
	NONE = -1,
};

static const struct wall_time start = { 1795341600 };

struct sender {
	bool renews; /* by an unchanged id, without a fetch */
	int version, id; /* NONE */
	int64_t until; /* minute */
	int64_t next; /* when it has mail to send */
};

/* The longest that any copy of a version can live, found minute by minute. */
struct truth {
	int64_t until[VERSIONS]; /* NONE: never served */
	unsigned ids[VERSIONS];
	int64_t slack; /* how long after its end an id may still renew it */
};

struct world {
	uint64_t seed;
	int file, id; /* NONE: not there */
	int64_t age[VERSIONS]; /* minutes */
	int64_t next_change;
	struct sender senders[SENDERS];
	struct truth least, most;
	struct ledger ledger;
	struct arena a;
	int blind; /* looks in a row that saw nothing */
	int64_t checked; /* copies held against a horizon */
};

static uint64_t
chance(struct world *w, uint64_t n)
{
	w->seed ^= w->seed << 13;
	w->seed ^= w->seed >> 7;
	w->seed ^= w->seed << 17;
	return w->seed % n;
}

static void
world_init(struct world *w, uint64_t seed)
{
	memset(w, 0, sizeof *w);
	w->seed = seed * 0x9e3779b97f4a7c15u + 1;
	w->file = w->id = NONE;
	arena_init(&w->a, 1 << 20);
	for (int v = 0; v < VERSIONS; v++) {
		w->age[v] = 1 + (int64_t)chance(w, v % 2 ? 600 : 8 * 1440);
		w->least.until[v] = w->most.until[v] = NONE;
	}
	w->most.slack = 2 * GAP_MIN + 1;
	for (int i = 0; i < SENDERS; i++)
		w->senders[i] = (struct sender){ .renews = i % 2 != 0,
			.version = NONE,
			.id = NONE,
			.next = (int64_t)chance(w, 1440) };
}

/* Each state lasts long enough to be seen once. */
static void
change(struct world *w, int64_t minute)
{
	if (minute < w->next_change)
		return;
	if (chance(w, 2))
		w->file = (int)chance(w, VERSIONS + 1) - 1;
	else
		w->id = (int)chance(w, IDS + 1) - 1;
	w->next_change = minute + GAP_MIN + 2 +
			 (int64_t)chance(w, chance(w, 3) ? 90 : 4 * 1440);
}

static void
live(const struct world *w, struct truth *t, int64_t minute)
{
	for (int v = 0; v < VERSIONS; v++) {
		bool named = w->id != NONE && (t->ids[v] & 1u << w->id) &&
			     t->until[v] + t->slack >= minute;

		if (w->file == v && w->id != NONE)
			t->ids[v] |= 1u << w->id;
		if (w->file == v || (t->until[v] != NONE && named))
			t->until[v] = minute + w->age[v];
	}
}

static void
fetch(const struct world *w, struct sender *s, int64_t minute)
{
	if (w->file == NONE)
		return; /* RFC 8461 3.3: what is cached stays */
	s->version = w->file;
	s->id = w->id;
	s->until = minute + w->age[w->file];
}

/* RFC 8461 5.1: a cached policy until it expires, another one when the id
 * changes. RFC 8461 3.3: a fetch now and then all the same. */
static void
send(struct world *w, struct sender *s, int64_t minute)
{
	if (minute < s->next)
		return;
	s->next = minute + 1 + (int64_t)chance(w, chance(w, 4) ? 120 : 2880);
	if (s->version != NONE && minute > s->until)
		s->version = s->id = NONE;
	if (s->version != NONE && chance(w, 10) == 0)
		fetch(w, s, minute);
	else if (w->id != NONE && (s->version == NONE || s->id != w->id))
		fetch(w, s, minute);
	else if (w->id != NONE && s->renews)
		s->until = minute + w->age[s->version];
}

static struct span
name(struct arena *a, const char *what, int i)
{
	return arena_printf(a, "%s%d", what, i);
}

static bool
look(struct world *w, int64_t minute)
{
	struct ledger_change changed;
	struct observation o = { .at = { start.s + minute * 60 } };
	bool sees = w->blind >= BLIND_LOOKS || chance(w, 8) != 0;
	struct arena a;

	w->blind = sees ? 0 : w->blind + 1;
	arena_init(&a, 1 << 16);
	if (sees) {
		o.txt = w->id != NONE ? SIGHT_PRESENT : SIGHT_ABSENT;
		o.id = name(&a, "id", w->id);
		o.file = w->file != NONE ? SIGHT_PRESENT : SIGHT_ABSENT;
		o.body = name(&a, "body", w->file);
		o.mode = STS_MODE_ENFORCE;
		o.max_age =
		    w->file != NONE ? (uint32_t)w->age[w->file] * 60 : 0;
	}
	assert_int_equal(ledger_step(&w->ledger, &o, &w->a, &changed), ERR_OK);
	arena_release(&a);
	return sees;
}

static const struct ledger_version *
known(const struct world *w, int v)
{
	char body[16];

	snprintf(body, sizeof body, "body%d", v);
	for (size_t i = 0; i < w->ledger.n_versions; i++)
		if (span_eq(w->ledger.versions[i].body, span_str(body)))
			return &w->ledger.versions[i];
	return NULL;
}

static int64_t
horizon_minute(const struct ledger_version *v, int64_t minute)
{
	struct wall_time now = { start.s + minute * 60 };

	return (ledger_horizon(v, now).s - start.s) / 60;
}

/* RFC 8461 3.2: nobody holds a copy for longer than the ledger says. */
static void
check_senders(struct world *w, int64_t minute)
{
	for (int i = 0; i < SENDERS; i++) {
		const struct sender *s = &w->senders[i];
		const struct ledger_version *v;

		if (s->version == NONE || minute > s->until)
			continue;
		v = known(w, s->version);
		assert_non_null(v);
		assert_true(horizon_minute(v, minute) >= s->until);
		w->checked++;
	}
}

static void
check_truth(struct world *w, int64_t minute)
{
	for (int i = 0; i < VERSIONS; i++) {
		const struct ledger_version *v = known(w, i);

		if (v == NULL) {
			assert_int_equal(w->least.until[i], NONE);
			continue;
		}
		assert_true(horizon_minute(v, minute) >= w->least.until[i]);
		assert_true(horizon_minute(v, minute) <=
			    w->most.until[i] + GAP_MIN + 1);
	}
}

static void
test_senders(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct world w;

		world_init(&w, seed);
		for (int64_t m = 0; m < MINUTES; m++) {
			change(&w, m);
			live(&w, &w.least, m);
			live(&w, &w.most, m);
			for (int i = 0; i < SENDERS; i++)
				send(&w, &w.senders[i], m);
			if (m % LOOK_MIN != 0 || !look(&w, m))
				continue;
			check_senders(&w, m);
			check_truth(&w, m);
		}
		assert_true(w.checked > 1000);
		arena_release(&w.a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_senders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

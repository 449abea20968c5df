/* A ledger that is stored and read again after every step is the ledger that
 * never was. */
#include "store/ledger_state.h"
#include "store/ledgers.h"
#include "store/test_store.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

static void
want_time(struct tally *t, const char *what, struct wall_time got,
    struct wall_time want)
{
	want_int(t, what, got.s, want.s);
}

static void
want_spans(struct tally *t, const char *what, const struct span *got,
    size_t n_got, const struct span *want, size_t n_want)
{
	want_size(t, what, n_got, n_want);
	for (size_t i = 0; i < n_got && i < n_want; i++)
		want_span(t, what, got[i], want[i]);
}

static void
want_version(struct tally *t, const struct ledger_version *got,
    const struct ledger_version *want)
{
	want_int(t, "version.seq", got->seq, want->seq);
	want_span(t, "version.body", got->body, want->body);
	want_int(t, "version.mode", got->mode, want->mode);
	want_int(t, "version.max_age", got->max_age, want->max_age);
	want_spans(t, "version.mx", got->mx, got->n_mx, want->mx, want->n_mx);
	want_time(t, "version.first_seen", got->first_seen, want->first_seen);
	want_time(t, "version.last_seen", got->last_seen, want->last_seen);
	want_bool(t, "version.served", got->served, want->served);
	want_bool(t, "version.named", got->named, want->named);
	want_time(t, "version.renewed", got->renewed, want->renewed);
}

static void
want_id(
    struct tally *t, const struct ledger_id *got, const struct ledger_id *want)
{
	want_span(t, "id", got->id, want->id);
	want_time(t, "id.first_seen", got->first_seen, want->first_seen);
	want_time(t, "id.last_seen", got->last_seen, want->last_seen);
	want_time(t, "id.since", got->since, want->since);
	want_time(t, "id.away_since", got->away_since, want->away_since);
	want_bool(t, "id.back", got->back, want->back);
	want_bool(t, "id.reused", got->reused, want->reused);
	want_size(t, "id.n_versions", got->n_versions, want->n_versions);
	for (size_t i = 0; i < got->n_versions && i < want->n_versions; i++)
		want_int(t, "id.versions", got->versions[i], want->versions[i]);
}

static void
want_presence(struct tally *t, const char *what, struct ledger_presence got,
    struct ledger_presence want)
{
	want_int(t, what, got.sight, want.sight);
	want_time(t, what, got.since, want.since);
	want_time(t, what, got.seen_at, want.seen_at);
	want_bool(t, what, got.was_present, want.was_present);
}

static void
want_rows(struct tally *t, const struct ledger *got, const struct ledger *want)
{
	want_size(t, "n_versions", got->n_versions, want->n_versions);
	want_size(t, "n_ids", got->n_ids, want->n_ids);
	want_size(t, "n_mx_sets", got->n_mx_sets, want->n_mx_sets);
	if (t->failed > 0)
		return;
	for (size_t i = 0; i < got->n_versions; i++)
		want_version(t, &got->versions[i], &want->versions[i]);
	for (size_t i = 0; i < got->n_ids; i++)
		want_id(t, &got->ids[i], &want->ids[i]);
	for (size_t i = 0; i < got->n_mx_sets; i++) {
		const struct ledger_mx_set *g = &got->mx_sets[i],
					   *w = &want->mx_sets[i];

		want_spans(
		    t, "mx.hosts", g->hosts, g->n_hosts, w->hosts, w->n_hosts);
		want_time(t, "mx.first_seen", g->first_seen, w->first_seen);
		want_time(t, "mx.last_seen", g->last_seen, w->last_seen);
	}
}

static void
want_ledger(
    struct tally *t, const struct ledger *got, const struct ledger *want)
{
	want_bool(t, "begun", got->begun, want->begun);
	want_time(t, "began", got->began, want->began);
	want_time(t, "at", got->at, want->at);
	want_rows(t, got, want);
	want_int(t, "last_seq", got->last_seq, want->last_seq);
	want_int(t, "latest", got->latest, want->latest);
	want_time(t, "latest_since", got->latest_since, want->latest_since);
	want_span(t, "latest_id", got->latest_id, want->latest_id);
	want_int(t, "mode", got->mode, want->mode);
	want_int(t, "mode_before", got->mode_before, want->mode_before);
	want_time(t, "mode_since", got->mode_since, want->mode_since);
	want_time(t, "mode_before_since", got->mode_before_since,
	    want->mode_before_since);
	want_presence(t, "txt", got->txt, want->txt);
	want_presence(t, "file", got->file, want->file);
	want_presence(t, "txt_cname", got->txt_cname, want->txt_cname);
	want_presence(t, "host_cname", got->host_cname, want->host_cname);
	for (size_t i = 0; i < LEDGER_FLIPS; i++)
		want_time(t, "flips", got->flips[i], want->flips[i]);
	want_time(t, "crowded_enforce_until", got->crowded_enforce_until,
	    want->crowded_enforce_until);
	want_time(t, "crowded_until", got->crowded_until, want->crowded_until);
}

/* How a domain behaves. */
struct temper {
	const char *label;
	int steps;
	uint32_t bodies, ids, sets; /* to choose from */
	uint32_t change_percent; /* at a step, of each */
	uint32_t unseen_percent; /* that a look fails, or finds it broken */
	int64_t step_s; /* on average */
	uint32_t gap_percent; /* a step of a hundred days instead */
	bool forgets; /* must, for the test to be one */
};

static const struct temper tempers[] = {
	{ "calm", 300, 3, 3, 3, 2, 5, HOUR, 0, false },
	{ "lively", 500, 12, 20, 9, 20, 20, 3 * HOUR, 1, true },
	{ "always new", 300, 1000000, 1000000, 1000000, 90, 5, DAY, 0, true },
	{ "crowded", 1200, 1000000, 1000000, 1000000, 100, 0, 10 * MINUTE, 0,
	    true },
};

struct world {
	const struct temper *temper;
	uint64_t random;
	uint32_t body, id, set; /* what is there now */
	struct wall_time now;
};

static uint32_t
dice(struct world *w, uint32_t sides)
{
	w->random = w->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(w->random >> 33) % sides;
}

static void
may_change(struct world *w, uint32_t *what, uint32_t from)
{
	if (dice(w, 100) < w->temper->change_percent)
		*what = dice(w, from);
}

static enum sight
see(struct world *w)
{
	static const enum sight bad[] = { SIGHT_UNKNOWN, SIGHT_ABSENT,
		SIGHT_BROKEN };

	return dice(w, 100) < w->temper->unseen_percent ? bad[dice(w, 3)]
							: SIGHT_PRESENT;
}

static void
observe_body(struct world *w, struct arena *a, struct observation *o)
{
	static const char *const modes[] = { "enforce", "testing", "none" };
	struct sts_policy policy;
	uint32_t k = w->body;

	o->file = see(w);
	if (o->file != SIGHT_PRESENT)
		return;
	o->body = arena_printf(a,
	    "version: STSv1\nmode: %s\nmx: MX%u.example.net\nmx: *.example.%u"
	    "\nmax_age: %u\n",
	    modes[k % 3], k % 5, k, 86400 * (1 + k % 20));
	sts_policy_parse(o->body, a, &policy);
	assert_true(policy.valid);
	o->mode = policy.mode;
	o->max_age = policy.max_age;
	o->mx_patterns = policy.mx;
	o->n_mx_patterns = policy.n_mx;
}

static void
observe_mx(struct world *w, struct arena *a, struct observation *o)
{
	size_t n = w->set % 4; /* none at all, too */
	struct span *hosts = arena_array(a, n, sizeof *hosts);

	o->mx = dice(w, 100) < w->temper->unseen_percent ? SIGHT_UNKNOWN
		: n > 0					 ? SIGHT_PRESENT
							 : SIGHT_ABSENT;
	assert_non_null(hosts);
	for (size_t i = 0; i < n; i++)
		hosts[i] = arena_printf(a, "mx%zu.n%u.example", i, w->set);
	o->mx_hosts = hosts;
	o->n_mx_hosts = n;
}

static struct observation
observe(struct world *w, struct arena *a)
{
	const struct temper *t = w->temper;
	struct observation o = { .at = w->now };

	may_change(w, &w->body, t->bodies);
	may_change(w, &w->id, t->ids);
	may_change(w, &w->set, t->sets);
	o.txt = see(w);
	if (o.txt == SIGHT_PRESENT)
		o.id = arena_printf(a, "id%u", w->id);
	observe_body(w, a, &o);
	observe_mx(w, a, &o);
	o.txt_cname = see(w);
	o.host_cname = see(w);
	w->now.s += dice(w, 100) < t->gap_percent
			? 100 * DAY
			: dice(w, 2 * (uint32_t)t->step_s);
	return o;
}

/* One step of the stored one, in a job of its own. */
static void
step_stored(struct fixture *f, int64_t domain, struct world *w,
    struct ledger *never, struct arena *never_a, struct tally *t)
{
	struct ledger now, before;
	struct ledger_change change, want_change;
	struct observation o;

	arena_release(&f->a);
	assert_err(f, ledger_load(f->s, domain, &f->a, &now, &f->e), ERR_OK);
	want_ledger(t, &now, never);
	o = observe(w, &f->a);
	assert_err(f, ledger_snapshot(&now, &f->a, &before), ERR_OK);
	assert_err(f, ledger_step(&now, &o, &f->a, &change), ERR_OK);
	want_ledger(t, &before, never);
	assert_err(f, ledger_step(never, &o, never_a, &want_change), ERR_OK);
	want_int(t, "events", change.events, want_change.events);
	assert_err(f, ledger_save(f->s, domain, &before, &now, &f->e), ERR_OK);
}

static void
test_as_if_never_stored(void **state)
{
	struct fixture *f = *state;
	int64_t domain = 0;

	for (size_t i = 0; i < ROWS(tempers); i++) {
		struct tally t = { .label = tempers[i].label };
		struct world w = {
			.temper = &tempers[i], .random = i, .now = test_now
		};
		struct ledger never = { 0 }, last;
		struct arena a;
		char name[32];

		arena_init(&a, 64 * 1024 * 1024);
		snprintf(name, sizeof name, "d%zu.example", i);
		domain = fixture_domain(f, name);
		for (int k = 0; k < tempers[i].steps && t.failed == 0; k++)
			step_stored(f, domain, &w, &never, &a, &t);
		assert_err(
		    f, ledger_load(f->s, domain, &f->a, &last, &f->e), ERR_OK);
		want_ledger(&t, &last, &never);
		if (tempers[i].forgets)
			assert_true(never.n_versions < never.last_seq);
		arena_release(&a);
		assert_int_equal(t.failed, 0);
	}
}

static const struct sql_statement writes = { "SELECT total_changes()" };

/* Rounds that see nothing new write the state, and nothing else. */
static void
test_quiet(void **state)
{
	static const struct temper quiet = { "quiet", 0, 1, 1, 1, 0, 0, HOUR, 0,
		false };
	struct fixture *f = *state;
	int64_t domain = fixture_domain(f, "a.example"), before;
	struct tally t = { .label = "quiet" };
	struct world w = { .temper = &quiet, .now = test_now };
	struct ledger never = { 0 };
	struct arena a;

	w.set = 2;
	arena_init(&a, 1024 * 1024);
	step_stored(f, domain, &w, &never, &a, &t);
	for (int i = 0; i < 20; i++) {
		before = fixture_count(f, &writes);
		step_stored(f, domain, &w, &never, &a, &t);
		assert_int_equal(fixture_count(f, &writes), before + 1);
	}
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

static void
test_none_yet(void **state)
{
	struct fixture *f = *state;
	int64_t domain = fixture_domain(f, "a.example");
	struct ledger l, zero = { 0 };
	struct tally t = { .label = "none" };

	assert_err(f, ledger_load(f->s, domain, &f->a, &l, &f->e), ERR_OK);
	want_ledger(&t, &l, &zero);
	assert_err(f, ledger_save(f->s, domain, &zero, &l, &f->e), ERR_OK);
	assert_err(f, ledger_load(f->s, domain, &f->a, &l, &f->e), ERR_OK);
	want_ledger(&t, &l, &zero);
	assert_int_equal(t.failed, 0);
}

static void
test_damaged(void **state)
{
	/* clang-format off */
	static const struct {
		const char *label, *damage;
		enum err want;
		const char *want_text;
	} rows[] = {
		{ "as it was", "UPDATE ledger SET state = state", ERR_OK, "" },
		{ "an unknown word", "UPDATE ledger SET state = state || ' new-thing=x y='", ERR_OK, "" },
		{ "no state", "UPDATE ledger SET state = ''", ERR_DATA, "''" },
		{ "another version", "UPDATE ledger SET state = 'v=2'", ERR_DATA, "'v=2'" },
		{ "no value", "UPDATE ledger SET state = 'v=1 at'", ERR_DATA, "'at'" },
		{ "no name", "UPDATE ledger SET state = 'v=1 =5'", ERR_DATA, "'=5'" },
		{ "two blanks", "UPDATE ledger SET state = 'v=1  at=5'", ERR_DATA, "''" },
		{ "no time", "UPDATE ledger SET state = 'v=1 at=-5'", ERR_DATA, "'at=-5'" },
		{ "a time too late", "UPDATE ledger SET state = 'v=1 at=9223372036854775808'", ERR_DATA, "'at=9223372036854775808'" },
		{ "a number too large", "UPDATE ledger SET state = 'v=1 latest=4294967296'", ERR_DATA, "'latest=4294967296'" },
		{ "no flag", "UPDATE ledger SET state = 'v=1 txt-was=2'", ERR_DATA, "'txt-was=2'" },
		{ "no sight", "UPDATE ledger SET state = 'v=1 file=gone'", ERR_DATA, "'file=gone'" },
		{ "no mode", "UPDATE ledger SET state = 'v=1 mode='", ERR_DATA, "'mode='" },
		{ "an id that is not there", "UPDATE ledger SET state = 'v=1 last-seq=9 id=2'", ERR_DATA, "latest id" },
		{ "a version of the future", "UPDATE ledger SET state = 'v=1'", ERR_DATA, "version of its policy" },
		{ "a policy that is none", "UPDATE policy_version SET body = {x}", ERR_DATA, "version of its policy" },
		{ "version 0", "UPDATE policy_version SET seq = 0", ERR_DATA, "version of its policy" },
		{ "versions of an id", "UPDATE sts_id SET versions = '1,2'", ERR_DATA, "an id" },
		{ "too many of them", "UPDATE sts_id SET versions = '1 2 3 4 5 6 7 8 9'", ERR_DATA, "an id" },
	};
	/* clang-format on */
	static const struct temper calm = { "calm", 0, 1, 1, 1, 0, 0, HOUR, 0,
		false };
	struct fixture *f = *state;
	struct tally t = { .label = "step" };
	struct world w = { .temper = &calm, .now = test_now };
	int64_t domain = fixture_domain(f, "a.example");
	struct sql *sql = store_sql(f->s);
	struct ledger l = { 0 };
	struct arena a;

	arena_init(&a, 1024 * 1024);
	step_stored(f, domain, &w, &l, &a, &t);
	arena_release(&a);
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *damage = rows[i].damage;

		if (strstr(damage, "{x}") != NULL)
			damage =
			    f->is_postgres
				? "UPDATE policy_version SET body = '\\x00'"
				: "UPDATE policy_version SET body = x'00'";
		t.label = rows[i].label;
		f->e.text[0] = '\0';
		assert_err(f, sql_begin(sql, SQL_WRITE, &f->e), ERR_OK);
		assert_err(f, sql_exec(sql, damage, &f->e), ERR_OK);
		want_int(&t, "error",
		    ledger_load(f->s, domain, &f->a, &l, &f->e), rows[i].want);
		want_bool(&t, f->e.text,
		    strstr(f->e.text, rows[i].want_text) != NULL, true);
		sql_rollback(sql);
	}
	assert_int_equal(t.failed, 0);
}

/* Without room it says so, and can be had again with room. */
static void
test_without_memory(void **state)
{
	static const struct temper lively = { "lively", 0, 9, 9, 9, 50, 0, DAY,
		0, false };
	enum { STEPS = 20, SIZE_STEP = 61, ENOUGH = 256 * 1024 };
	struct fixture *f = *state;
	struct tally t = { .label = "step" };
	struct world w = { .temper = &lively, .now = test_now };
	int64_t domain = fixture_domain(f, "a.example");
	struct ledger never = { 0 }, l;
	struct arena a, small;
	enum err err = ERR_MEMORY;
	size_t n;

	arena_init(&a, 1024 * 1024);
	for (int i = 0; i < STEPS; i++)
		step_stored(f, domain, &w, &never, &a, &t);
	for (n = 0; err == ERR_MEMORY && n < ENOUGH; n += SIZE_STEP) {
		char *mem = test_malloc(n + 1);

		arena_init_fixed(&small, mem, n);
		err = ledger_load(f->s, domain, &small, &l, &f->e);
		if (err == ERR_OK)
			want_ledger(&t, &l, &never);
		test_free(mem);
	}
	arena_release(&a);
	assert_err(f, err, ERR_OK);
	assert_true(n > 10 * SIZE_STEP);
	assert_int_equal(t.failed, 0);
}

/* Every word at its longest fits. */
static void
test_longest_state(void **state)
{
	struct ledger_state s, again;
	char mem[LEDGER_STATE_MAX];
	struct buf b = buf_init(mem, sizeof mem);
	struct tally t = { .label = "longest" };
	struct ledger *l = &s.ledger;
	struct ledger_presence p = { SIGHT_PRESENT, { INT64_MAX },
		{ INT64_MAX }, true };
	struct span word;

	(void)state;
	s = (struct ledger_state){ .latest_id = UINT32_MAX,
		.mx_seen = { INT64_MAX } };
	*l = (struct ledger){ .begun = true,
		.began = { INT64_MAX },
		.at = { INT64_MAX },
		.last_seq = UINT32_MAX,
		.latest = UINT32_MAX,
		.latest_since = { INT64_MAX },
		.mode = STS_MODE_ENFORCE,
		.mode_before = STS_MODE_TESTING,
		.mode_since = { INT64_MAX },
		.mode_before_since = { INT64_MAX },
		.txt = p,
		.file = p,
		.txt_cname = p,
		.host_cname = p,
		.flips = { { INT64_MAX }, { INT64_MAX }, { INT64_MAX } },
		.crowded_enforce_until = { INT64_MAX },
		.crowded_until = { INT64_MAX } };
	ledger_state_write(&s, &b);
	assert_false(b.overflow);
	assert_true(ledger_state_read(buf_span(&b), &again, &word));
	want_ledger(&t, &again.ledger, l);
	want_int(&t, "latest_id", again.latest_id, s.latest_id);
	want_time(&t, "mx_seen", again.mx_seen, s.mx_seen);
	assert_int_equal(t.failed, 0);
}

#define OF_BOTH                                                                \
	RUN(test_as_if_never_stored), RUN(test_none_yet), RUN(test_damaged),   \
	    RUN(test_without_memory), RUN(test_longest_state)

int
main(void)
{
	const struct CMUnitTest sqlite[] = {
		OF_BOTH,
		RUN(test_quiet),
	};
	const struct CMUnitTest postgres[] = { OF_BOTH };

	if (getenv("STORE_URL") != NULL)
		return cmocka_run_group_tests(postgres, NULL, NULL);
	return cmocka_run_group_tests(sqlite, NULL, NULL);
}

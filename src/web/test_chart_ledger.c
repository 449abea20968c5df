#include "base/test_table.h"

#include <stdlib.h>

#include "web/chart_ledger.h"

enum { NOW = 1795341600, DAY = 86400 };

/* A ledger of n versions, each served for `each` seconds until the next, the
 * last until now; with an id a day, and a change of the MX hosts a version. */
struct made {
	struct ledger l;
	struct ledger_version versions[LEDGER_VERSIONS];
	struct ledger_id ids[LEDGER_IDS];
	struct ledger_mx_set sets[LEDGER_MX_SETS];
};

static void
make(struct made *m, size_t n, int64_t each, uint32_t max_age)
{
	*m = (struct made){ .l = { .begun = true,
				.versions = m->versions,
				.ids = m->ids,
				.mx_sets = m->sets } };
	for (size_t i = 0; i < n; i++) {
		bool is_last = i + 1 == n;
		int64_t to = NOW - (int64_t)(n - i - 1) * each;

		m->versions[i] = (struct ledger_version){
			.seq = (uint32_t)i + 1,
			.body = SPAN("x"),
			.mode = i % 2 ? STS_MODE_ENFORCE : STS_MODE_TESTING,
			.max_age = max_age,
			.first_seen = { to - each },
			.last_seen = { to },
			.served = is_last,
			.named = is_last,
			.renewed = { to },
		};
		if (m->l.n_mx_sets < LEDGER_MX_SETS)
			m->sets[m->l.n_mx_sets++].first_seen.s = to - each;
	}
	m->l.n_versions = n;
	for (int64_t t = NOW - (int64_t)n * each;
	     n > 0 && t < NOW && m->l.n_ids < LEDGER_IDS; t += DAY)
		m->ids[m->l.n_ids++] =
		    (struct ledger_id){ .id = SPAN("i"), .first_seen = { t } };
}

static bool
is_inside(int x)
{
	return x >= CHART_LEFT && x <= CHART_RIGHT;
}

static void
want_bars(struct tally *t, const struct chart_ledger *c)
{
	for (size_t i = 0; i < c->n_bars; i++) {
		const struct chart_bar *b = &c->bars[i];

		want_bool(t, "within the picture",
		    is_inside(b->from) && is_inside(b->until), true);
		want_bool(t, "in order",
		    b->from < b->served_to && b->served_to <= b->named_to &&
			b->named_to <= b->until,
		    true);
		want_bool(
		    t, "above the axis", b->y + b->height <= c->axis_y, true);
		if (i > 0)
			want_bool(t, "below the one before",
			    c->bars[i - 1].y + c->bars[i - 1].height <= b->y,
			    true);
	}
}

static void
want_apart(struct tally *t, const struct chart_place *all, size_t n, int gap)
{
	for (size_t i = 0; i < n; i++) {
		want_bool(t, "place inside", is_inside(all[i].x), true);
		if (i > 0)
			want_bool(t, "places apart",
			    all[i].x - all[i - 1].x >= gap, true);
	}
}

static void
test_geometry(void **state)
{
	static const struct {
		const char *label;
		size_t n;
		int64_t each;
		uint32_t max_age;
		size_t want_grid; /* at least */
	} rows[] = {
		/* clang-format off */
		{ "nothing", 0, 0, 0, 0 },
		{ "just seen", 1, 1, 86400, 1 },
		{ "for a minute", 1, 60, 14 * DAY, 3 },
		{ "a year, kept a year", 1, 365 * DAY, 31557600, 3 },
		{ "one a minute", 64, 60, 604800, 3 },
		{ "one a week", 64, 7 * DAY, 31557600, 3 },
		{ "kept for a second", 5, DAY, 1, 2 },
		{ "a hundred years", 2, (int64_t)50 * 365 * DAY, 31557600, 3 },
		/* clang-format on */
	};
	struct tally t = { 0 };
	struct made *m = malloc(sizeof *m);

	(void)state;
	assert_non_null(m);
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct wall_time now = { NOW };
		struct chart_ledger c;
		struct arena a;
		size_t ids = 0;

		t.label = rows[i].label;
		make(m, rows[i].n, rows[i].each, rows[i].max_age);
		arena_init(&a, 1 << 20);
		assert_int_equal(chart_ledger_lay(&m->l, now, &a, &c), ERR_OK);
		want_int(&t, "bars", (int64_t)c.n_bars, (int64_t)rows[i].n);
		want_bool(&t, "now inside",
		    c.now_x > CHART_LEFT && c.now_x < CHART_RIGHT, true);
		want_bars(&t, &c);
		want_apart(&t, c.ids, c.n_ids, CHART_TICK_GAP);
		want_apart(&t, c.mx, c.n_mx, CHART_TICK_GAP);
		want_apart(&t, c.grid, c.n_grid, 40);
		want_bool(&t, "days", c.n_grid >= rows[i].want_grid, true);
		for (size_t k = 0; k < c.n_ids; k++)
			ids += c.ids[k].n;
		want_int(&t, "ids", (int64_t)ids, (int64_t)m->l.n_ids);
		arena_release(&a);
	}
	free(m);
	assert_int_equal(t.failed, 0);
}

/* What was served ends where it was over, and only the past is left of now. */
static void
test_moments(void **state)
{
	const struct wall_time now = { NOW };
	struct tally t = { .label = "two versions" };
	struct made *m = malloc(sizeof *m);
	struct chart_ledger c;
	struct arena a;

	(void)state;
	assert_non_null(m);
	make(m, 2, 10 * DAY, 10 * DAY);
	arena_init(&a, 1 << 20);
	assert_int_equal(chart_ledger_lay(&m->l, now, &a, &c), ERR_OK);
	want_int(&t, "the latest first", c.bars[0].version->seq, 2);
	want_int(&t, "served until now", c.bars[0].served_to, c.now_x);
	want_int(&t, "the old one ends where the new one begins",
	    c.bars[1].served_to, c.bars[0].from);
	want_int(&t, "and expires now", c.bars[1].until, c.now_x);
	want_bool(&t, "copies of the new one outlive it",
	    c.bars[0].until > c.now_x, true);
	arena_release(&a);
	free(m);
	assert_int_equal(t.failed, 0);
}

static void
test_memory(void **state)
{
	const struct wall_time now = { NOW };
	struct made *m = malloc(sizeof *m);
	size_t size = 0;
	enum err rc;

	(void)state;
	assert_non_null(m);
	make(m, 8, DAY, DAY);
	do {
		struct chart_ledger c;
		struct arena a;

		arena_init(&a, size);
		rc = chart_ledger_lay(&m->l, now, &a, &c);
		arena_release(&a);
		size += 64;
	} while (rc == ERR_MEMORY && size < 1 << 20);
	free(m);
	assert_int_equal(rc, ERR_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_geometry),
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

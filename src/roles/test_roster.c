#include "roles/roster.h"

#include "base/test_table.h"

/* What is wanted: roles with one process, as bits, and so many edges. */
enum { MONITOR = 1 << ROLE_MONITOR, NOTIFY = 1 << ROLE_NOTIFY, SHIFT = 8 };
#define EDGES(n) ((n) << SHIFT)
/* An edge that ended. */
#define EDGE(n) (ROLE_EDGE | (n) << SHIFT)

static struct mono_time
at_s(int64_t s)
{
	return (struct mono_time){ s * 1000000000 };
}

/* What happens, and all that is to be done then: "start monitor, ...". */
enum what { WANT, ENDED, HURRY, NOTHING };

struct step {
	int64_t s;
	enum what what;
	unsigned roles; /* WANT: as above; ENDED: the role, or EDGE */
	const char *want;
	int64_t want_wake_s; /* -1: none */
};

/* clang-format off */
static const struct row {
	const char *label;
	struct step steps[12];
} rows[] = {
	{ "both start, and end", {
		{ 0, WANT, MONITOR | NOTIFY, "start monitor, start notify, ", -1 },
		{ 9, NOTHING, 0, "", -1 },
		{ 10, WANT, 0, "tell monitor, tell notify, ", 40 },
		{ 11, ENDED, ROLE_MONITOR, "", 40 },
		{ 12, ENDED, ROLE_NOTIFY, "empty", -1 },
	} },
	{ "one does not end in time", {
		{ 0, WANT, MONITOR | NOTIFY, "start monitor, start notify, ", -1 },
		{ 10, WANT, 0, "tell monitor, tell notify, ", 40 },
		{ 11, ENDED, ROLE_MONITOR, "", 40 },
		{ 39, NOTHING, 0, "", 40 },
		{ 40, NOTHING, 0, "kill notify, ", -1 },
		{ 50, NOTHING, 0, "", -1 },
		{ 51, ENDED, ROLE_NOTIFY, "empty", -1 },
	} },
	{ "told twice", {
		{ 0, WANT, MONITOR, "start monitor, ", -1 },
		{ 10, WANT, 0, "tell monitor, ", 40 },
		{ 11, HURRY, 0, "kill monitor, ", -1 },
		{ 12, ENDED, ROLE_MONITOR, "empty", -1 },
	} },
	{ "backs off, up to a minute", {
		{ 0, WANT, MONITOR, "start monitor, ", -1 },
		{ 0, ENDED, ROLE_MONITOR, "", 1 },
		{ 1, NOTHING, 0, "start monitor, ", -1 },
		{ 1, ENDED, ROLE_MONITOR, "", 3 },
		{ 3, NOTHING, 0, "start monitor, ", -1 },
		{ 3, ENDED, ROLE_MONITOR, "", 7 },
		{ 7, NOTHING, 0, "start monitor, ", -1 },
		{ 306, ENDED, ROLE_MONITOR, "", 314 },
		{ 314, NOTHING, 0, "start monitor, ", -1 },
		{ 614, ENDED, ROLE_MONITOR, "", 615 },
	} },
	{ "a new file: one after the other", {
		{ 0, WANT, MONITOR | NOTIFY, "start monitor, start notify, ", -1 },
		{ 10, WANT, MONITOR | NOTIFY, "tell monitor, ", 40 },
		{ 12, ENDED, ROLE_MONITOR, "start monitor, tell notify, ", 42 },
		{ 13, ENDED, ROLE_NOTIFY, "start notify, ", -1 },
		{ 14, NOTHING, 0, "settled", -1 },
	} },
	{ "a new file with a role less", {
		{ 0, WANT, MONITOR | NOTIFY, "start monitor, start notify, ", -1 },
		{ 10, WANT, NOTIFY, "tell monitor, ", 40 },
		{ 11, ENDED, ROLE_MONITOR, "tell notify, ", 41 },
		{ 12, ENDED, ROLE_NOTIFY, "start notify, ", -1 },
	} },
	{ "a new file with a role more", {
		{ 0, WANT, NOTIFY, "start notify, ", -1 },
		{ 10, WANT, MONITOR | NOTIFY, "start monitor, tell notify, ", 40 },
		{ 11, ENDED, ROLE_NOTIFY, "start notify, ", -1 },
	} },
	{ "a new file while one waits", {
		{ 0, WANT, MONITOR, "start monitor, ", -1 },
		{ 0, ENDED, ROLE_MONITOR, "", 1 },
		{ 0, WANT, MONITOR, "start monitor, ", -1 },
		{ 0, ENDED, ROLE_MONITOR, "", 1 },
	} },
	{ "the end while one waits", {
		{ 0, WANT, MONITOR, "start monitor, ", -1 },
		{ 0, ENDED, ROLE_MONITOR, "", 1 },
		{ 0, WANT, 0, "empty", -1 },
	} },
	{ "dies when it is to be exchanged", {
		{ 0, WANT, MONITOR | NOTIFY, "start monitor, start notify, ", -1 },
		{ 10, WANT, MONITOR | NOTIFY, "tell monitor, ", 40 },
		{ 10, ENDED, ROLE_NOTIFY, "", 11 },
		{ 11, ENDED, ROLE_MONITOR, "start monitor, start notify, ", -1 },
		{ 12, NOTHING, 0, "settled", -1 },
	} },
	{ "each of several is started again by itself", {
		{ 0, WANT, EDGES(2), "start edge/0, start edge/1, ", -1 },
		{ 9, ENDED, EDGE(0), "", 10 },
		{ 10, NOTHING, 0, "start edge/0, ", -1 },
		{ 10, ENDED, EDGE(0), "", 12 },
		{ 11, ENDED, EDGE(1), "", 12 },
		{ 12, NOTHING, 0, "start edge/0, start edge/1, ", -1 },
	} },
	{ "a new file: the next one goes when the first one serves again", {
		{ 0, WANT, MONITOR | EDGES(2), "start monitor, start edge/0, start edge/1, ", -1 },
		{ 10, WANT, MONITOR | EDGES(2), "tell monitor, ", 40 },
		{ 11, ENDED, ROLE_MONITOR, "start monitor, tell edge/0, ", 41 },
		{ 12, ENDED, EDGE(0), "start edge/0, ", 14 },
		{ 13, NOTHING, 0, "", 14 },
		{ 14, NOTHING, 0, "tell edge/1, ", 44 },
		{ 15, ENDED, EDGE(1), "start edge/1, ", -1 },
		{ 16, NOTHING, 0, "settled", -1 },
	} },
	{ "a new file with which none can live: the last one goes on", {
		{ 0, WANT, EDGES(2), "start edge/0, start edge/1, ", -1 },
		{ 10, WANT, EDGES(2), "tell edge/0, ", 40 },
		{ 11, ENDED, EDGE(0), "start edge/0, ", 13 },
		{ 11, ENDED, EDGE(0), "", 12 },
		{ 12, NOTHING, 0, "start edge/0, ", 14 },
		{ 12, ENDED, EDGE(0), "", 14 },
		{ 14, NOTHING, 0, "start edge/0, ", 16 },
		{ 16, NOTHING, 0, "tell edge/1, ", 46 },
	} },
	{ "one alone has nobody to wait for", {
		{ 0, WANT, EDGES(1), "start edge/0, ", -1 },
		{ 1, WANT, EDGES(1), "tell edge/0, ", 31 },
		{ 2, ENDED, EDGE(0), "start edge/0, ", -1 },
	} },
	{ "a new file with more of them, and with fewer", {
		{ 0, WANT, EDGES(1), "start edge/0, ", -1 },
		{ 10, WANT, EDGES(3), "start edge/1, start edge/2, ", 12 },
		{ 12, NOTHING, 0, "tell edge/0, ", 42 },
		{ 13, ENDED, EDGE(0), "start edge/0, ", -1 },
		{ 20, WANT, EDGES(2), "tell edge/0, tell edge/2, ", 50 },
		{ 21, ENDED, EDGE(2), "", 50 },
		{ 22, ENDED, EDGE(0), "start edge/0, ", 24 },
		{ 24, NOTHING, 0, "tell edge/1, ", 54 },
		{ 25, ENDED, EDGE(1), "start edge/1, ", -1 },
		{ 25, NOTHING, 0, "settled", -1 },
	} },
	{ "all of them end at once", {
		{ 0, WANT, EDGES(2), "start edge/0, start edge/1, ", -1 },
		{ 10, WANT, 0, "tell edge/0, tell edge/1, ", 40 },
		{ 11, ENDED, EDGE(0), "", 40 },
		{ 11, ENDED, EDGE(1), "empty", -1 },
	} },
};
/* clang-format on */

static const char *const order_names[] = {
	[ROSTER_START] = "start",
	[ROSTER_TELL] = "tell",
	[ROSTER_KILL] = "kill",
};

static void
want_all(struct roster *r, unsigned roles, struct mono_time now)
{
	unsigned wanted[ROLES] = { [ROLE_EDGE] = roles >> SHIFT };

	for (int i = 0; i < ROLES; i++)
		if ((roles & 1U << i) != 0)
			wanted[i] = 1;
	roster_want(r, wanted, 30, now);
}

static struct roster_place
place(unsigned roles)
{
	return (struct roster_place){
		(enum role_id)(roles & ((1U << SHIFT) - 1)), roles >> SHIFT
	};
}

static void
happen(struct roster *r, const struct step *step)
{
	switch (step->what) {
	case WANT:
		want_all(r, step->roles, at_s(step->s));
		break;
	case ENDED:
		roster_ended(r, place(step->roles), at_s(step->s));
		break;
	case HURRY:
		roster_hurry(r, at_s(step->s));
		break;
	case NOTHING:
		break;
	}
}

static void
take(struct tally *t, struct roster *r, const struct step *step)
{
	char mem[256];
	struct buf b = buf_init(mem, sizeof mem);
	enum roster_order order;
	struct mono_time wake;
	struct roster_place at;

	while (roster_next(r, at_s(step->s), &at, &order))
		if (at.role == ROLE_EDGE)
			buf_printf(&b, "%s edge/%u, ", order_names[order],
			    at.instance);
		else
			buf_printf(&b, "%s %s, ", order_names[order],
			    role_names[at.role]);
	wake = roster_wake(r, &wake) ? wake : at_s(-1);
	if (strcmp(step->want, "empty") == 0)
		want_bool(t, "empty", roster_is_empty(r), true);
	else if (strcmp(step->want, "settled") == 0)
		want_bool(t, "settled", roster_is_settled(r), true);
	else
		want_span(t, "orders", buf_span(&b), span_str(step->want));
	want_int(t, "wakes at", wake.ns / 1000000000, step->want_wake_s);
}

static void
test_rows(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct roster r = { 0 };

		t.label = rows[i].label;
		for (const struct step *s = rows[i].steps; s->want != NULL;
		     s++) {
			happen(&r, s);
			take(&t, &r, s);
		}
	}
	assert_int_equal(t.failed, 0);
}

/* The pauses of a process that cannot live. */
static void
test_backoff(void **state)
{
	static const unsigned want[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	struct roster r = { 0 };
	struct tally t = { .label = "back-off" };
	struct mono_time now = at_s(0);
	enum roster_order order;
	struct roster_place at;

	(void)state;
	want_all(&r, MONITOR, now);
	for (size_t i = 0; i < ROWS(want); i++) {
		assert_true(roster_next(&r, now, &at, &order));
		assert_false(roster_ended(&r, at, now));
		want_int(&t, "pause", r.all[at.role][at.instance].backoff_s,
		    want[i]);
		assert_true(roster_wake(&r, &now));
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_backoff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

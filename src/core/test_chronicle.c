/* What a step brought, in sentences. */
#include "base/limits.h"
#include "base/test_table.h"
#include "core/chronicle.h"

enum { HOUR = 3600, DAY = 86400 };

static struct span enforce_mx[] = { SPAN_INIT("mx1.example.net"),
	SPAN_INIT("*.example.org") };
static struct span hosts_a[] = { SPAN_INIT("mx1.example.net") };
static struct span hosts_b[] = { SPAN_INIT("mx2.example.net"),
	SPAN_INIT("bad\n.example.net") };

#define BIT(event) (1u << LEDGER_##event)

static const struct {
	const char *label;
	uint32_t events, version_before;
	enum sts_mode mode;
	bool was_absent; /* the record, and an answer had said so */
	const char *want; /* "kind[!]: text" each, "!" if it is told */
} rows[] = {
	{ "nothing", 0, 1, STS_MODE_ENFORCE, false, "" },
	{ "there from the beginning, or from before it could be measured",
	    BIT(NEW_VERSION) | BIT(NEW_ID), 0, STS_MODE_ENFORCE, false,
	    "policy-seen: A policy is there: mode enforce, kept for 2 weeks, "
	    "mx mx1.example.net, *.example.org.\n" },
	{ "the day it appears", BIT(NEW_VERSION) | BIT(NEW_ID), 0,
	    STS_MODE_TESTING, true,
	    "policy-appeared!: A policy has appeared: mode testing, kept for 2 "
	    "weeks, mx mx1.example.net, *.example.org.\n" },
	{ "another policy", BIT(NEW_VERSION) | BIT(FILE_ALONE), 1,
	    STS_MODE_NONE, false,
	    "policy-changed!: The policy changed: mode none, kept for 2 "
	    "weeks.\n" },
	{ "an earlier one", BIT(VERSION_BACK) | BIT(NEW_ID), 2,
	    STS_MODE_ENFORCE, false,
	    "policy-back!: An earlier policy is back: mode enforce, kept for 2 "
	    "weeks, mx mx1.example.net, *.example.org.\n" },
	{ "a new id every day is as it should be", BIT(NEW_ID) | BIT(ID_ALONE),
	    1, STS_MODE_ENFORCE, false, "" },
	{ "an id that is back", BIT(ID_BACK), 1, STS_MODE_ENFORCE, false,
	    "id-back: The id 42 is back.\n" },
	{ "with another policy", BIT(ID_BACK) | BIT(ID_REUSED), 1,
	    STS_MODE_ENFORCE, false,
	    "id-reused: The id 42 is back, with another policy than "
	    "before.\n" },
	{ "all that goes", BIT(RECORD_GONE) | BIT(FILE_GONE) | BIT(CNAME_GONE),
	    1, STS_MODE_ENFORCE, false,
	    "record-gone: The _mta-sts record is gone.\n"
	    "file-gone: The policy file is gone.\n"
	    "cname-gone: A CNAME of the delegation is gone.\n" },
};

static struct span
in_words(const struct chronicle *c, struct arena *a)
{
	struct span s = SPAN("");

	for (size_t i = 0; i < c->n; i++)
		s = arena_printf(a, "%.*s%s%s: %.*s\n", (int)s.n, s.p,
		    c->all[i].kind, c->all[i].tell ? "!" : "",
		    (int)c->all[i].text.n, c->all[i].text.p);
	return s;
}

static void
test_steps(void **state)
{
	struct tally t = { 0 };
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct ledger before = { .txt.sight = rows[i].was_absent
							  ? SIGHT_ABSENT
							  : SIGHT_UNKNOWN };
		struct ledger_version v = { .seq = 3,
			.mode = rows[i].mode,
			.max_age = 14 * DAY,
			.mx = enforce_mx,
			.n_mx = 2 };
		struct ledger l = { .begun = true,
			.at = { DAY },
			.versions = &v,
			.n_versions = 1,
			.latest = 3,
			.latest_id = SPAN("42") };
		struct ledger_change change = { rows[i].events,
			rows[i].version_before };
		struct chronicle c;

		t.label = rows[i].label;
		assert_int_equal(
		    chronicle_write(&before, &l, &change, &a, &c), ERR_OK);
		want_span(&t, "said", in_words(&c, &a), span_str(rows[i].want));
	}
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

/* MX hosts from look to look, hours apart: A and B are sets, - is no answer.
 * Then, in which look the change is told. */
static void
test_mx(void **state)
{
	static const struct {
		const char *label, *looks;
		int want;
	} lives[] = {
		{ "from the beginning", "AAAA", -1 },
		{ "at the second sight", "AABBB", 3 },
		{ "not at an answer that fails", "AAB-BB", 4 },
		{ "one answer is none", "AABAA", -1 },
		{ "nor are two that differ", "AABCAA", -1 },
		{ "straight through another", "AABCC", 4 },
		{ "soon after the beginning", "ABB", 2 },
		{ "and back", "ABBAA", 2 },
	};
	static const struct span others[] = { SPAN_INIT("mx3.example.net") };
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(lives); i++) {
		struct ledger l = { 0 };
		struct arena a;
		int told = -1;

		arena_init(&a, LIMIT_CHECK_MEMORY);
		t.label = lives[i].label;
		for (int k = 0; lives[i].looks[k] != '\0'; k++) {
			char set = lives[i].looks[k];
			struct observation o = { .at = { k * HOUR },
				.mx =
				    set == '-' ? SIGHT_UNKNOWN : SIGHT_PRESENT,
				.mx_hosts = set == 'A'	 ? hosts_a
					    : set == 'B' ? hosts_b
							 : others,
				.n_mx_hosts = set == 'B' ? 2 : 1 };
			struct ledger before = l;
			struct ledger_mx_set sets[8];
			struct ledger_change change;
			struct chronicle c;

			for (size_t n = 0; n < l.n_mx_sets; n++)
				sets[n] = l.mx_sets[n];
			before.mx_sets = sets;
			assert_int_equal(
			    ledger_step(&l, &o, &a, &change), ERR_OK);
			assert_int_equal(
			    chronicle_write(&before, &l, &change, &a, &c),
			    ERR_OK);
			if (c.n > 0 && told < 0)
				told = k;
		}
		want_int(&t, "told", told, lives[i].want);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_mx_text(void **state)
{
	struct ledger_mx_set sets[] = {
		{ .hosts = hosts_a, .n_hosts = 1, .last_seen = { HOUR } },
		{ .hosts = hosts_b,
		    .n_hosts = 2,
		    .first_seen = { DAY },
		    .last_seen = { DAY + HOUR } },
	};
	struct ledger_mx_set last = sets[1];
	struct ledger before = { .mx_sets = &last, .n_mx_sets = 1 };
	struct ledger now = { .mx_sets = sets, .n_mx_sets = 2 };
	struct ledger_change none = { 0 };
	struct tally t = { .label = "other MX hosts" };
	struct chronicle c;
	struct arena a;

	(void)state;
	last.last_seen = last.first_seen;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	assert_int_equal(chronicle_write(&before, &now, &none, &a, &c), ERR_OK);
	want_span(&t, "said", in_words(&c, &a),
	    SPAN("mx-changed!: The MX hosts changed from mx1.example.net to "
		 "mx2.example.net, bad\\x0a.example.net.\n"));
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

/* Two policies that take turns: told of, until it is clear that they do. */
static void
test_flap(void **state)
{
	static const struct span ids[] = { SPAN_INIT("1"), SPAN_INIT("2") };
	struct ledger l = { 0 };
	size_t written = 0, at_half = 0;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	for (int k = 0; k < 40; k++) {
		const struct observation o = { .at = { DAY + k * HOUR / 4 },
			.txt = SIGHT_PRESENT,
			.id = ids[k % 2] };
		struct ledger before = l;
		struct ledger_change change;
		struct chronicle c;

		assert_int_equal(ledger_step(&l, &o, &a, &change), ERR_OK);
		assert_int_equal(
		    chronicle_write(&before, &l, &change, &a, &c), ERR_OK);
		written += c.n;
		if (k == 20)
			at_half = written;
	}
	assert_in_range(written, 1, 8);
	assert_int_equal(written, at_half);
	arena_release(&a);
}

/* Every event at once still fits. */
static void
everything(struct arena *a, const void *arg)
{
	struct ledger_version v = { .seq = 1, .mx = enforce_mx, .n_mx = 2 };
	struct ledger l = { .versions = &v,
		.n_versions = 1,
		.latest = 1,
		.latest_id = SPAN("1") };
	struct ledger_change change = { UINT32_MAX, 1 };
	struct chronicle c;
	struct ledger before = { 0 };
	enum err rc = chronicle_write(&before, &l, &change, a, &c);

	(void)arg;
	assert_int_equal(rc, a->failed ? ERR_MEMORY : ERR_OK);
	assert_in_range(c.n, 3, CHRONICLE_MAX);
}

static void
test_memory(void **state)
{
	(void)state;
	sweep_memory(everything, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_mx),
		cmocka_unit_test(test_mx_text),
		cmocka_unit_test(test_flap),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

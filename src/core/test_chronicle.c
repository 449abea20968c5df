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
	bool first; /* the ledger begins with this step */
	const char *want; /* "kind[!]: text" each, "!" if it is told */
} rows[] = {
	{ "nothing", 0, 1, STS_MODE_ENFORCE, false, "" },
	{ "there from the beginning", BIT(NEW_VERSION) | BIT(NEW_ID), 0,
	    STS_MODE_ENFORCE, true,
	    "policy-seen: A policy is there: mode enforce, kept for 2 weeks, "
	    "mx mx1.example.net, *.example.org.\n" },
	{ "the day it appears", BIT(NEW_VERSION) | BIT(NEW_ID), 0,
	    STS_MODE_TESTING, false,
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
	{ "other MX hosts", BIT(MX_CHANGED), 1, STS_MODE_ENFORCE, false,
	    "mx-changed!: The MX hosts changed from mx1.example.net to "
	    "mx2.example.net, bad\\x0a.example.net.\n" },
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
	struct ledger_mx_set before = { .hosts = hosts_a, .n_hosts = 1 };
	struct ledger_mx_set after = { .hosts = hosts_b, .n_hosts = 2 };
	struct tally t = { 0 };
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct ledger_version v = { .seq = 3,
			.mode = rows[i].mode,
			.max_age = 14 * DAY,
			.mx = enforce_mx,
			.n_mx = 2 };
		struct ledger l = { .begun = true,
			.at = { DAY },
			.began = { rows[i].first ? DAY : 0 },
			.versions = &v,
			.n_versions = 1,
			.latest = 3,
			.latest_id = SPAN("42"),
			.mx_sets = &after,
			.n_mx_sets = 1 };
		struct ledger_change change = { rows[i].events,
			rows[i].version_before };
		struct chronicle c;

		t.label = rows[i].label;
		assert_int_equal(
		    chronicle_write(&l, &change, &before, &a, &c), ERR_OK);
		want_span(&t, "said", in_words(&c, &a), span_str(rows[i].want));
	}
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

/* Every event at once still fits. */
static void
everything(struct arena *a, const void *arg)
{
	struct ledger_mx_set mx = { .hosts = hosts_a, .n_hosts = 1 };
	struct ledger_version v = { .seq = 1, .mx = enforce_mx, .n_mx = 2 };
	struct ledger l = { .versions = &v,
		.n_versions = 1,
		.latest = 1,
		.latest_id = SPAN("1"),
		.mx_sets = &mx,
		.n_mx_sets = 1 };
	struct ledger_change change = { UINT32_MAX, 1 };
	struct chronicle c;
	enum err rc = chronicle_write(&l, &change, &mx, a, &c);

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
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

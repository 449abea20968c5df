/* Moves as rows. The past is what was published, a word a look: days ago, then
 * the mode (E enforce, T testing, N none) and the letters of its patterns, "-"
 * no policy at all. Now is the end of it. MX hosts are letters too. What is
 * wanted is the plan: each step with its state (+ done, ! now, . later) and,
 * unless it is done, how long from now. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/num.h"
#include "base/test_table.h"
#include "core/mx_move.h"
#include "wire/sts_policy.h"

enum { HOUR = 3600, DAY = 86400, HOSTS = 8, TTL = HOUR, OVERLAP = 2 * DAY };

static const struct wall_time now = { 1795341600 };

static const struct row {
	const char *label;
	const char *past; /* "30E:ab" 30 days ago enforce for a and b */
	const char *mx, *to;
	const char *checks; /* a letter a host of to: g b u, "-" unchecked */
	bool published;
	const char *want;
	bool want_blocked, want_done;
} rows[] = {
	/* clang-format off */
	{ "no policy: the TTL alone", "-", "a", "b", "g", false,
	  "check+ add!0s drop.1h off.2h", false, false },
	{ "RFC 8461 5: every copy in enforce has to know the new host", "30E:a", "a", "b", "g", false,
	  "check+ policy!0s wait.338h add.338h drop.339h off.340h clean.387h", false, false },
	{ "of ours: the same dates", "30E:a", "a", "b", "g", true,
	  "check+ policy!0s wait.338h add.338h drop.339h off.340h clean.387h", false, false },
	{ "in testing nothing is lost: the dates are the same, the words are not", "30T:a", "a", "b", "g", false,
	  "check+ policy!0s wait.338h add.338h drop.339h off.340h clean.387h", false, false },
	{ "an older copy in enforce counts, though testing is published", "30E:a 2T:ab", "a", "b", "g", false,
	  "check+ policy+ wait!288h add.288h drop.289h off.290h clean.337h", false, false },
	{ "a copy that has run out does not", "60E:a 20T:ab", "a", "b", "g", false,
	  "check+ policy+ add!0s drop.1h off.2h clean.49h", false, false },
	{ "mode none: what was enforced before it may still be held", "30E:a 2N:", "a", "b", "g", false,
	  "check+ wait!288h add.288h drop.289h off.290h", false, false },
	{ "a wildcard covers both: no policy is in the way", "30E:*", "a", "b", "g", false,
	  "check+ policy+ add!0s drop.1h off.2h clean+", false, false },
	{ "the policy has changed, and the old copies live", "30E:a 4E:ab", "a", "b", "g", true,
	  "check+ policy+ wait!240h add.240h drop.241h off.242h clean.289h", false, false },
	{ "they have run out: the records may change", "60E:a 20E:ab", "a", "b", "g", true,
	  "check+ policy+ add!0s drop.1h off.2h clean.49h", false, false },
	{ "both are MX", "60E:a 20E:ab", "ab", "b", "g", true,
	  "check+ policy+ add+ drop!0s off.1h clean.48h", false, false },
	{ "the old ones have left", "60E:a 20E:ab", "b", "b", "g", true,
	  "check+ policy+ add+ drop+ off+ clean.47h", false, false },
	{ "and the policy too", "60E:ab 20E:b", "b", "b", "g", true,
	  "check+ policy+ add+", false, true },
	{ "new hosts that are MX too early: the old ones stay", "30E:a 4E:ab", "ab", "b", "g", true,
	  "check+ policy+ wait!240h add+ drop.240h off.241h clean.288h", false, false },
	{ "only another host beside the old one", "30E:a", "a", "ab", "gg", false,
	  "check+ policy!0s wait.338h add.338h", false, false },
	{ "one of two goes: nothing to wait for", "30E:ab", "ab", "a", "g", false,
	  "check+ policy+ add+ drop!0s off.1h clean.48h", false, false },
	{ "a host that senders would refuse", "30E:a", "a", "bc", "gb", false,
	  "check!0s policy.0s wait.338h add.338h drop.339h off.340h clean.387h", true, false },
	{ "is no obstacle where nobody enforces", "30T:a", "a", "b", "b", false,
	  "check!0s policy!0s wait.338h add.338h drop.339h off.340h clean.387h", false, false },
	{ "one that was not looked at", "30E:a", "a", "b", "-", false,
	  "check!0s policy!0s wait.338h add.338h drop.339h off.340h clean.387h", false, false },
	{ "one that could not be measured", "30E:a", "a", "b", "u", false,
	  "check!0s policy!0s wait.338h add.338h drop.339h off.340h clean.387h", false, false },
	/* clang-format on */
};

static struct span
host(struct arena *a, char letter)
{
	return letter == '*' ? SPAN("*.example.net")
			     : arena_printf(a, "%c.example.net", letter);
}

static size_t
hosts(struct arena *a, const char *letters, size_t n, struct span out[HOSTS])
{
	assert_true(n <= HOSTS);
	for (size_t i = 0; i < n; i++)
		out[i] = host(a, letters[i]);
	return n;
}

static enum sts_mode
mode_of(char letter)
{
	return letter == 'E'   ? STS_MODE_ENFORCE
	       : letter == 'T' ? STS_MODE_TESTING
			       : STS_MODE_NONE;
}

/* One look; the policy lives two weeks. */
static void
look(struct ledger *l, struct span word, const struct span *mx, size_t n_mx,
    struct wall_time at, struct arena *a)
{
	struct span patterns[HOSTS] = { { "", 0 } };
	struct ledger_change change;
	struct observation o = { .at = at,
		.txt = SIGHT_PRESENT,
		.id = word,
		.file = SIGHT_PRESENT,
		.body = word,
		.mode = mode_of(word.p[0]),
		.max_age = 14 * DAY,
		.mx_patterns = patterns,
		.n_mx_patterns = hosts(a, word.p + 2, word.n - 2, patterns),
		.mx = SIGHT_PRESENT,
		.mx_hosts = mx,
		.n_mx_hosts = n_mx };

	/* An id has no colon. */
	o.id = arena_printf(a, "%lld", (long long)at.s);
	assert_int_equal(ledger_step(l, &o, a, &change), ERR_OK);
}

/* Every word is looked at from its day to the next one's. */
static void
build(struct ledger *l, const struct row *r, struct arena *a)
{
	struct span text = span_str(r->past), mx[HOSTS];
	size_t n = hosts(a, r->mx, strlen(r->mx), mx);
	struct span before = SPAN("");

	while (text.n > 0 && text.p[0] != '-') {
		struct span word = span_head(text, span_find(text, ' '));
		size_t digits = strspn(word.p, "0123456789");
		struct wall_time at;
		uint64_t days;

		assert_true(num_parse(span_head(word, digits), 1000, &days));
		at.s = now.s - (int64_t)days * DAY;
		if (before.n > 0)
			look(l, before, mx, n, (struct wall_time){ at.s - 1 },
			    a);
		text = span_skip(text, word.n + 1);
		before = span_skip(word, digits);
		look(l, before, mx, n, at, a);
	}
	if (before.n > 0) {
		/* The MX hosts are so since a moment ago. */
		struct ledger_mx_set *set = &l->mx_sets[l->n_mx_sets - 1];

		set->first_seen.s = now.s - TTL;
	}
}

static enum mx_move_check
check_of(char letter)
{
	switch (letter) {
	case 'g':
		return MX_MOVE_GOOD;
	case 'b':
		return MX_MOVE_BAD;
	case 'u':
		return MX_MOVE_UNKNOWN;
	default:
		return MX_MOVE_UNCHECKED;
	}
}

struct question {
	struct mx_move_question q;
	struct dns_mx mx[HOSTS];
	struct mx_move_host to[HOSTS];
	struct ledger ledger;
};

static void
ask(struct question *k, const struct row *r, struct arena *a)
{
	*k = (struct question){ 0 };
	build(&k->ledger, r, a);
	k->q = (struct mx_move_question){ .domain = SPAN("example.com"),
		.mx = k->mx,
		.n_mx = strlen(r->mx),
		.ttl = TTL,
		.to = k->to,
		.n_to = strlen(r->to),
		.ledger = &k->ledger,
		.overlap_s = OVERLAP,
		.published = r->published,
		.fresh_ids = { "11111111111111111111111111111111",
		    "22222222222222222222222222222222" },
		.now = now };
	for (size_t i = 0; i < k->q.n_mx; i++)
		k->mx[i] =
		    (struct dns_mx){ (uint16_t)(10 * i), host(a, r->mx[i]) };
	for (size_t i = 0; i < k->q.n_to; i++)
		k->to[i] = (struct mx_move_host){ host(a, r->to[i]),
			check_of(r->checks[i]), SPAN("") };
}

/* "wait.338h"; a second too many, that a copy lives through, is not said. */
static struct span
said(const struct mx_move_plan *plan, struct buf *b)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct mx_move_step *s = &plan->steps[i];
		int64_t in = s->at.s - now.s;

		buf_printf(b, "%s%s%c", i > 0 ? " " : "",
		    mx_move_kind_names[s->kind], "+!."[s->state]);
		if (s->state == MX_MOVE_DONE)
			continue;
		in -= in % HOUR == 1;
		if (in % HOUR == 0 && in > 0)
			buf_printf(b, "%lldh", (long long)in / HOUR);
		else
			buf_printf(b, "%llds", (long long)in);
	}
	return buf_span(b);
}

static void
test_plans(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char mem[1024];
		struct buf b = buf_init(mem, sizeof mem);
		struct mx_move_plan plan;
		struct question k;
		struct arena a;

		t.label = rows[i].label;
		arena_init(&a, LIMIT_CHECK_MEMORY);
		ask(&k, &rows[i], &a);
		want_int(&t, "err", mx_move_plan(&k.q, &a, &plan), ERR_OK);
		want_span(&t, "plan", said(&plan, &b), span_str(rows[i].want));
		want_bool(&t, "blocked", plan.blocked, rows[i].want_blocked);
		want_bool(&t, "done", plan.is_done, rows[i].want_done);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

/* What is to be published is read back as a sender reads it. */
static void
test_texts(void **state)
{
	static const struct row row = { "texts", "30E:a", "a", "bc", "gg",
		false, "", false, false };
	static const struct {
		size_t step;
		const char *records, *file;
	} wants[] = {
		{ 1,
		    "_mta-sts.example.com. 300 IN TXT \"v=STSv1; "
		    "id=11111111111111111111111111111111;\"",
		    "version: STSv1\r\nmode: enforce\r\nmx: a.example.net\r\n"
		    "mx: b.example.net\r\nmx: c.example.net\r\n"
		    "max_age: 1209600\r\n" },
		{ 3,
		    "example.com. 3600 IN MX 0 a.example.net.\n"
		    "example.com. 3600 IN MX 0 b.example.net.\n"
		    "example.com. 3600 IN MX 10 c.example.net.",
		    "" },
		{ 4,
		    "example.com. 3600 IN MX 0 b.example.net.\n"
		    "example.com. 3600 IN MX 10 c.example.net.",
		    "" },
		{ 6,
		    "_mta-sts.example.com. 300 IN TXT \"v=STSv1; "
		    "id=22222222222222222222222222222222;\"",
		    "version: STSv1\r\nmode: enforce\r\nmx: b.example.net\r\n"
		    "mx: c.example.net\r\nmax_age: 1209600\r\n" },
	};
	struct tally t = { "texts", 0 };
	struct mx_move_plan plan;
	struct question k;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	ask(&k, &row, &a);
	want_int(&t, "err", mx_move_plan(&k.q, &a, &plan), ERR_OK);
	assert_int_equal(plan.n, MX_MOVE_KINDS);
	for (size_t i = 0; i < ROWS(wants); i++) {
		const struct mx_move_step *s = &plan.steps[wants[i].step];

		want_span(
		    &t, "records", s->records, span_str(wants[i].records));
		want_span(&t, "file", s->file, span_str(wants[i].file));
	}
	/* Of ours the daemon does it: there is nothing to copy. */
	k.q.published = true;
	want_int(&t, "err", mx_move_plan(&k.q, &a, &plan), ERR_OK);
	want_bool(&t, "by us", plan.steps[1].by_us, true);
	want_span(&t, "records", plan.steps[1].records, SPAN(""));
	want_span(&t, "file", plan.steps[1].file, SPAN(""));
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

/* What senders make of a copy that lacks a host is in the reason to wait. */
static void
test_reasons(void **state)
{
	static const struct {
		const char *past, *want;
	} reasons[] = {
		{ "30E:a",
		    "Before 2026-12-06 12:00 UTC a sender may hold a copy of "
		    "the policy in mode enforce that does not cover "
		    "b.example.net, and would refuse to deliver to it." },
		{ "30T:a",
		    "Until then a sender may hold a copy of the policy in mode "
		    "testing that does not cover b.example.net. It would "
		    "deliver, and report a failure: who is in a hurry need not "
		    "wait." },
		{ "30E:a 2T:a",
		    "Before 2026-12-04 10:00 UTC a sender may hold a copy of "
		    "the policy in mode enforce that does not cover "
		    "b.example.net, and would refuse to deliver to it; before "
		    "2026-12-06 12:00 UTC one in mode testing, and would "
		    "report a failure." },
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(reasons); i++) {
		const struct row row = { reasons[i].past, reasons[i].past, "a",
			"b", "g", false, "", false, false };
		struct mx_move_plan plan;
		struct question k;
		struct arena a;

		t.label = row.label;
		arena_init(&a, LIMIT_CHECK_MEMORY);
		ask(&k, &row, &a);
		want_int(&t, "err", mx_move_plan(&k.q, &a, &plan), ERR_OK);
		want_int(&t, "kind", plan.steps[2].kind, MX_MOVE_WAIT);
		want_span(
		    &t, "why", plan.steps[2].why, span_str(reasons[i].want));
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

/* A policy that senders would not read to its end is not proposed. */
static void
test_too_long(void **state)
{
	static const struct row row = { "too long", "30E:a", "a", "b", "g",
		false, "", false, false };
	enum { MANY = 300 };
	static struct mx_move_host many[MANY];
	struct mx_move_plan plan;
	struct question k;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	ask(&k, &row, &a);
	for (size_t i = 0; i < MANY; i++) {
		many[i].host = arena_printf(
		    &a, "%0*zu.%060d.%060d.%060d.example", 60, i, 0, 0, 0);
		assert_true(many[i].host.n > 220);
	}
	k.q.to = many;
	k.q.n_to = MANY;
	assert_int_equal(mx_move_plan(&k.q, &a, &plan), ERR_LIMIT);
	arena_release(&a);
}

/* Versions that were forgotten for want of room may lack every host. */
static void
test_crowded(void **state)
{
	static const struct row row = { "crowded", "30E:ab", "a", "b", "g",
		false, "", false, false };
	struct tally t = { "crowded", 0 };
	char mem[1024];
	struct buf b = buf_init(mem, sizeof mem);
	struct mx_move_plan plan;
	struct question k;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	ask(&k, &row, &a);
	k.ledger.crowded_enforce_until.s = now.s + 5 * HOUR;
	want_int(&t, "err", mx_move_plan(&k.q, &a, &plan), ERR_OK);
	want_span(&t, "plan", said(&plan, &b),
	    SPAN("check+ policy+ wait!5h add.5h drop.6h off.7h clean.54h"));
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

/* Whatever the memory, it is a plan or ERR_MEMORY. */
static void
test_memory(void **state)
{
	static const struct row row = { "memory", "30E:a 4E:ab", "a", "bc",
		"gg", false, "", false, false };
	static char mem[256 * 1024];
	struct mx_move_plan plan;
	struct question k;
	struct arena a, small;
	size_t refused = 0;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	ask(&k, &row, &a);
	for (size_t n = 0; n <= sizeof mem; n += 1009) {
		enum err rc;

		arena_init_fixed(&small, mem, n);
		rc = mx_move_plan(&k.q, &small, &plan);
		assert_true(rc == ERR_OK || rc == ERR_MEMORY);
		refused += rc == ERR_MEMORY;
		arena_release(&small);
	}
	assert_true(refused > 0);
	arena_init_fixed(&small, mem, sizeof mem);
	assert_int_equal(mx_move_plan(&k.q, &small, &plan), ERR_OK);
	arena_release(&small);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plans),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_crowded),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

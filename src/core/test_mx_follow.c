/* Rounds of MX records, as words: the letters of the hosts, "?" a failure, "!"
 * servers that do not agree, "-" no MX or the null MX; "+3d" lets time pass. A
 * round comes every quarter of an hour. Under each what it brought: "b"
 * believed, "p" other patterns, "a" asks, "h" held, "r" released; and the
 * patterns at the end, those of hosts that left in brackets. */
#include <string.h>

#include "base/limits.h"
#include "base/num.h"
#include "base/test_table.h"
#include "core/mx_follow.h"

enum { QUARTER = 15 * 60, HOUR = 3600, DAY = 86400, HOSTS = 8 };

static const struct {
	const char *label;
	enum mx_follow_mode mode;
	int64_t horizon; /* seconds from the start; 0: none */
	const char *rounds, *want_events, *want_patterns;
} rows[] = {
	{ "the first set at the second look", FOLLOW_AUTO, 0, "ab ab ab",
	    ". bp .", "ab" },
	{ "which the owner has approved of by asking", FOLLOW_APPROVE, 0,
	    "ab ab", ". bp", "ab" },
	{ "so it is where nothing is followed", FOLLOW_OFF, 0, "ab ab ab",
	    ". bp .", "ab" },
	{ "off publishes no other set by itself, and tells once", FOLLOW_OFF, 0,
	    "a a ab ab ab ab", ". bp . b . .", "a" },
	{ "the order of the records is no change", FOLLOW_AUTO, 0,
	    "ab ab ba ba", ". bp . .", "ab" },
	{ "an addition at once", FOLLOW_AUTO, 0, "a a ab ab ab", ". bp . bp .",
	    "ab" },
	{ "one forged round does nothing", FOLLOW_AUTO, 0, "a a ax a ax a",
	    ". bp . . . .", "a" },
	{ "nor two with a failure between", FOLLOW_AUTO, 0, "a a ax ? ax ax",
	    ". bp . h r bp", "ax" },
	{ "nor two different ones", FOLLOW_AUTO, 0, "a a ax ay ax ay",
	    ". bp . . . .", "a" },
	{ "servers that do not agree", FOLLOW_AUTO, 0, "a a ! ! a",
	    ". bp h . r", "a" },
	{ "an empty answer never reaches the policy", FOLLOW_AUTO, 0,
	    "a a - - - - a", ". bp h . . . r", "a" },
	{ "one hold after another", FOLLOW_AUTO, 0, "a a ? ! - a",
	    ". bp h h h r", "a" },
	{ "a host that left keeps its pattern", FOLLOW_AUTO, 0, "ab ab a a a",
	    ". bp . bp .", "a(b)" },
	{ "for the overlap", FOLLOW_AUTO, 0, "ab ab a a +47h a +2h a",
	    ". bp . bp . p", "a" },
	{ "and until no copy may make it needed", FOLLOW_AUTO, 9 * DAY,
	    "ab ab a a +3d a +3d a +4d a", ". bp . bp . . p", "a" },
	{ "not while nothing can be seen", FOLLOW_AUTO, 0,
	    "ab ab a a +9d ? ? a", ". bp . bp h . pr", "a" },
	{ "a host that is back is no stranger", FOLLOW_AUTO, 0,
	    "ab ab a a +1d ab ab +9d ab", ". bp . bp . bp .", "ab" },
	{ "a move: both for a while, then the new one", FOLLOW_AUTO, 0,
	    "a a b b +3d b", ". bp . bp p", "b" },
	{ "approval is asked for once", FOLLOW_APPROVE, 0, "a a ab ab ab ab",
	    ". bp . ab . .", "a" },
	{ "and is for what was shown", FOLLOW_APPROVE, 0,
	    "a a ab ab ac ac =ab ac =ac ac", ". bp . ab . ab . .", "ac" },
	{ "a change that is taken back waits no more", FOLLOW_APPROVE, 0,
	    "a a ab ab a =ab a", ". bp . ab . .", "a" },
};

static struct span letters[26];

static size_t
hosts_of(const char *word, size_t n, struct span hosts[HOSTS])
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz";

	assert_true(n <= HOSTS);
	for (size_t i = 0; i < n; i++) {
		letters[word[i] - 'a'] =
		    (struct span){ &alphabet[word[i] - 'a'], 1 };
		hosts[i] = letters[word[i] - 'a'];
	}
	return n;
}

static struct mx_sight
sight_of(
    const char *word, size_t n, struct wall_time at, struct span hosts[HOSTS])
{
	struct mx_sight s = { .at = at, .kind = MX_SIGHT_HOSTS, .ttl = HOUR };

	switch (word[0]) {
	case '?':
		s.kind = MX_SIGHT_UNKNOWN;
		break;
	case '!':
		s.kind = MX_SIGHT_APART;
		break;
	case '-':
		s.kind = MX_SIGHT_EMPTY;
		break;
	default:
		s.hosts = hosts;
		s.n_hosts = hosts_of(word, n, hosts);
		break;
	}
	return s;
}

static void
say_events(struct buf *b, unsigned events)
{
	static const struct {
		enum mx_follow_event event;
		char letter;
	} names[] = { { MX_FOLLOW_ASKS, 'a' }, { MX_FOLLOW_BELIEVED, 'b' },
		{ MX_FOLLOW_HELD, 'h' }, { MX_FOLLOW_PATTERNS, 'p' },
		{ MX_FOLLOW_RELEASED, 'r' } };

	if (b->n > 0)
		buf_putc(b, ' ');
	if (events == 0)
		buf_putc(b, '.');
	for (size_t i = 0; i < ROWS(names); i++)
		if (events & 1U << names[i].event)
			buf_putc(b, names[i].letter);
}

static void
say_patterns(struct buf *b, const struct mx_follow *f)
{
	for (size_t i = 0; i < f->n_patterns; i++) {
		if (f->patterns[i].gone)
			buf_putc(b, '(');
		buf_put(b, f->patterns[i].host);
		if (f->patterns[i].gone)
			buf_putc(b, ')');
	}
}

/* One word of a row. */
static void
play(struct mx_follow *f, const struct mx_follow_rules *rules, struct span word,
    struct wall_time *now, struct arena *a, struct buf *said)
{
	struct span hosts[HOSTS];
	struct mx_sight sight;
	uint64_t s;
	unsigned events;

	if (word.p[0] == '+') {
		assert_true(
		    num_parse_duration(span_skip(word, 1), 400 * DAY, &s));
		now->s += (int64_t)s;
		return;
	}
	if (word.p[0] == '=') {
		size_t n = hosts_of(word.p + 1, word.n - 1, hosts);

		(void)!mx_follow_approve(f, hosts, n, *now, a);
		return;
	}
	sight = sight_of(word.p, word.n, *now, hosts);
	assert_int_equal(mx_follow_step(f, rules, &sight, a, &events), ERR_OK);
	say_events(said, events);
	now->s += QUARTER;
}

static void
test_rounds(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct wall_time start = { 1795341600 };
		const struct mx_follow_rules rules = { .mode = rows[i].mode,
			.overlap_s = MX_FOLLOW_OVERLAP_S,
			.horizon = { rows[i].horizon > 0
					 ? start.s + rows[i].horizon
					 : 0 } };
		struct span left = span_str(rows[i].rounds);
		char mem[256], mem_patterns[64];
		struct buf said = buf_init(mem, sizeof mem);
		struct buf patterns =
		    buf_init(mem_patterns, sizeof mem_patterns);
		struct mx_follow f = { 0 };
		struct wall_time now = start;
		struct arena a;

		t.label = rows[i].label;
		arena_init(&a, LIMIT_CHECK_MEMORY);
		while (left.n > 0) {
			size_t end = span_find(left, ' ');

			play(&f, &rules, span_head(left, end), &now, &a, &said);
			left = span_skip(left, end + 1);
		}
		say_patterns(&patterns, &f);
		want_span(&t, "events", buf_span(&said),
		    span_str(rows[i].want_events));
		want_span(&t, "patterns", buf_span(&patterns),
		    span_str(rows[i].want_patterns));
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

/* A step that does not fit leaves everything as it was. */
static void
test_memory(void **state)
{
	const struct mx_follow_rules rules = { .overlap_s = DAY };
	struct span hosts[HOSTS];
	struct mx_sight sight;
	enum err rc = ERR_MEMORY;

	(void)state;
	sight = sight_of("abc", 3, (struct wall_time){ 1000 }, hosts);
	for (size_t cap = 0; rc != ERR_OK; cap++) {
		struct mx_follow f = { 0 };
		char *mem = test_malloc(cap + 1);
		struct arena a;
		unsigned events;

		assert_true(cap < 64 * 1024);
		arena_init_fixed(&a, mem, cap);
		rc = mx_follow_step(&f, &rules, &sight, &a, &events);
		if (rc == ERR_OK)
			rc = mx_follow_step(&f, &rules, &sight, &a, &events);
		assert_int_equal(f.n_patterns, rc == ERR_OK ? 3 : 0);
		test_free(mem);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

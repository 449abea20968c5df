#include "store/publication_state.h"

#include "base/limits.h"
#include "base/test_table.h"

static struct span
write(const struct publication_state *s, struct arena *a)
{
	struct span text = SPAN("");
	struct error e = { 0 };

	assert_int_equal(publication_state_write(s, a, &text, &e), ERR_OK);
	return text;
}

/* What is read is written again as it was, but for what is not known. */
static void
test_texts(void **state)
{
	/* clang-format off */
	static const struct {
		const char *label;
		struct span text;
		const char *want; /* NULL: the same; "": it is damaged */
	} rows[] = {
		{ "nothing",		SPAN_INIT(""),	"v=1" },
		{ "all zero",		SPAN_INIT("v=1"),	NULL },
		{ "every scalar",	SPAN_INIT("v=1 follow=waiting rounds=2 seen-since=3 seen-told=1"
					" hold=empty hold-since=4 move-since=5 move-may-add-told=1"
					" advised=1 may-replace=1"), NULL },
		{ "lists",		SPAN_INIT("v=1 seen=a.example seen=b.example"
					" pattern=a.example,1,,60 pattern=c.example,2,3,0"
					" move-to=d.example"), NULL },
		{ "foreign bytes",	SPAN_INIT("v=1 seen=a%20%25%2c=%ff%00.example"), NULL },
		{ "unknown words",	SPAN_INIT("v=1 colour=red advised=1 shape=%zz"), "v=1 advised=1" },
		{ "what is zero",	SPAN_INIT("v=1 rounds=0 advised=0"), "v=1" },
		{ "no version",		SPAN_INIT("advised=1"),	"" },
		{ "another version",	SPAN_INIT("v=2"),	"" },
		{ "a NUL",		SPAN_INIT("v=1\0"),	"" },
		{ "no name",		SPAN_INIT("v=1 =1"),	"" },
		{ "no value",		SPAN_INIT("v=1 advised"), "" },
		{ "two blanks",		SPAN_INIT("v=1  advised=1"), "" },
		{ "not a flag",		SPAN_INIT("v=1 advised=2"), "" },
		{ "not a number",	SPAN_INIT("v=1 rounds=-1"), "" },
		{ "too large",		SPAN_INIT("v=1 rounds=4294967296"), "" },
		{ "not a state",	SPAN_INIT("v=1 follow=asleep"), "" },
		{ "no host",		SPAN_INIT("v=1 seen="),	"" },
		{ "half an escape",	SPAN_INIT("v=1 seen=a%2"), "" },
		{ "no hexadecimal",	SPAN_INIT("v=1 seen=a%2G"), "" },
		{ "a NUL for a digit",	SPAN_INIT("v=1 seen=a%2\0"), "" },
		{ "no TTL",		SPAN_INIT("v=1 pattern=a,1,2,"), "" },
		{ "too few fields",	SPAN_INIT("v=1 pattern=a,1,2"), "" },
		{ "too many fields",	SPAN_INIT("v=1 pattern=a,1,2,3,4"), "" },
		{ "no moment",		SPAN_INIT("v=1 pattern=a,,2,3"), "" },
		{ "no host of it",	SPAN_INIT("v=1 pattern=,1,2,3"), "" },
		{ "not gone at",	SPAN_INIT("v=1 pattern=a,1,x,3"), "" },
	};
	/* clang-format on */
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct publication_state s;
		struct error e = { 0 };
		struct arena a;
		enum err err;

		arena_init(&a, 64 * 1024);
		t.label = rows[i].label;
		err = publication_state_read(rows[i].text, &a, &s, &e);
		if (rows[i].want == NULL)
			want_span(&t, "text", write(&s, &a), rows[i].text);
		else if (rows[i].want[0] != '\0')
			want_span(
			    &t, "text", write(&s, &a), span_str(rows[i].want));
		want_int(&t, "error", err,
		    rows[i].want != NULL && rows[i].want[0] == '\0' ? ERR_DATA
								    : ERR_OK);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_limit(void **state)
{
	enum { HOSTS = 1100, LONG = 253 };
	static char name[LONG];
	static struct span hosts[HOSTS];
	struct publication_state s = { .move = { .to = hosts } };
	struct error e = { 0 };
	struct span text;
	struct arena a;

	(void)state;
	memset(name, 'x', sizeof name);
	for (size_t i = 0; i < HOSTS; i++)
		hosts[i] = (struct span){ name, sizeof name };
	arena_init(&a, 8 * LIMIT_PUBLICATION_STATE);
	/* as many MX hosts as we look at, as seen, as patterns, as moved to */
	s.move.n_to = s.follow.n_seen = 100;
	s.follow.seen = hosts;
	write(&s, &a);
	s.move.n_to = HOSTS;
	assert_int_equal(publication_state_write(&s, &a, &text, &e), ERR_LIMIT);
	memset(&s, 0, sizeof s);
	text.n = LIMIT_PUBLICATION_STATE + 1;
	text.p = test_calloc(1, text.n);
	assert_int_equal(publication_state_read(text, &a, &s, &e), ERR_DATA);
	test_free((void *)(uintptr_t)text.p);
	arena_release(&a);
}

/* What one changed is his, and the rest ours. */
static void
test_merge(void **state)
{
	/* clang-format off */
	static const struct {
		const char *label, *before, *theirs, *ours, *want;
	} rows[] = {
		{ "nothing",	"v=1",			"v=1",			"v=1",			"v=1" },
		{ "ours",	"v=1",			"v=1",			"v=1 advised=1",	"v=1 advised=1" },
		{ "theirs",	"v=1",			"v=1 may-replace=1",	"v=1",			"v=1 may-replace=1" },
		{ "both",	"v=1",			"v=1 may-replace=1",	"v=1 advised=1",	"v=1 advised=1 may-replace=1" },
		{ "taken back",	"v=1 may-replace=1",	"v=1 may-replace=1",	"v=1",			"v=1" },
		{ "a move",	"v=1 move-since=1 move-to=a", "v=1",		"v=1 move-since=1 move-may-add-told=1 move-to=a", "v=1" },
		{ "approved",	"v=1 follow=waiting seen=a", "v=1 pattern=a,1,,0", "v=1 follow=waiting hold=apart seen=a advised=1", "v=1 advised=1 pattern=a,1,,0" },
	};
	/* clang-format on */
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct publication_state before, theirs, ours;
		struct error e = { 0 };
		struct arena a;

		arena_init(&a, 64 * 1024);
		t.label = rows[i].label;
		assert_int_equal(publication_state_read(
				     span_str(rows[i].before), &a, &before, &e),
		    ERR_OK);
		assert_int_equal(publication_state_read(
				     span_str(rows[i].theirs), &a, &theirs, &e),
		    ERR_OK);
		assert_int_equal(publication_state_read(
				     span_str(rows[i].ours), &a, &ours, &e),
		    ERR_OK);
		assert_int_equal(
		    publication_state_merge(&before, &theirs, &ours, &a, &e),
		    ERR_OK);
		want_span(
		    &t, "merged", write(&ours, &a), span_str(rows[i].want));
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

static void
read_and_write(struct arena *a, const void *arg)
{
	static const struct span text = SPAN_INIT(
	    "v=1 seen=a.example seen=b.example pattern=a.example,1,,60");
	struct publication_state s;
	struct error e = { 0 };
	struct span again;
	enum err err = publication_state_read(text, a, &s, &e);

	(void)arg;
	if (err == ERR_OK)
		err = publication_state_write(&s, a, &again, &e);
	assert_int_equal(err, a->failed ? ERR_MEMORY : ERR_OK);
}

static void
test_memory(void **state)
{
	(void)state;
	sweep_memory(read_and_write, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

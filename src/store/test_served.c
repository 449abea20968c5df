#include "store/served.h"

#include <pthread.h>

#include "store/change.h"
#include "store/domains.h"
#include "store/test_published.h"
#include "store/work.h"

static uint64_t
last_number(struct store *s)
{
	uint64_t n;

	assert_int_equal(served_last(s, &n, NULL), ERR_OK);
	return n;
}

/* Of the domain of that letter, what is there to serve. */
static void
serve(struct fixture *f, int64_t w, const char *body, const char *id)
{
	struct test_step s = test_step_begin(f, w, 0);

	s.after.state.version++;
	s.after.state.body = span_str(body);
	snprintf(s.after.state.id, sizeof s.after.state.id, "%s", id);
	assert_true(test_step_end(f, &s, 0, 0));
}

static void
test_changes(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);
	struct served *list;
	size_t n;

	assert_int_equal(last_number(f->s), 0);
	fixture_publish(f, "a.example");
	serve(f, w, "body a", "id-a");
	fixture_publish(f, "b.example");
	fixture_publish(f, "c.example");
	assert_int_equal(last_number(f->s), 4);
	/* each once, as it is now */
	assert_err(
	    f, served_changes(f->s, 0, 2, &f->a, &list, &n, &f->e), ERR_OK);
	assert_int_equal(n, 2);
	assert_int_equal(list[0].number, 2);
	want_text(list[0].label, "aaaaaaaaaaaaaaaa");
	want_text(list[0].host, "mta-sts.a.example");
	want_text(list[0].id, "id-a");
	want_text(list[0].body, "");
	assert_int_equal(list[0].body_number, 2);
	assert_int_equal(list[1].number, 3);
	assert_int_equal(list[1].body_number, 0);
	assert_err(
	    f, served_changes(f->s, 3, 2, &f->a, &list, &n, &f->e), ERR_OK);
	assert_int_equal(n, 1);
	want_text(list[0].host, "mta-sts.c.example");
	assert_err(
	    f, served_changes(f->s, 4, 2, &f->a, &list, &n, &f->e), ERR_OK);
	assert_int_equal(n, 0);
}

static void
test_host_and_labels(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);
	struct served s;
	bool found;

	fixture_publish(f, "a.example");
	serve(f, w, "body a", "id-a");
	fixture_publish(f, "c.example");
	assert_err(f,
	    served_host(
		f->s, SPAN("mta-sts.a.example"), 0, &f->a, &s, &found, &f->e),
	    ERR_OK);
	assert_true(found);
	want_text(s.body, "body a");
	assert_err(f,
	    served_host(f->s, SPAN("mta-sts.a.example"), s.body_number, &f->a,
		&s, &found, &f->e),
	    ERR_OK);
	assert_true(found);
	want_text(s.body, "");
	want_text(s.id, "id-a");
	assert_err(f,
	    served_host(
		f->s, SPAN("mta-sts.b.example"), 0, &f->a, &s, &found, &f->e),
	    ERR_OK);
	assert_false(found);
	assert_err(f,
	    served_host(f->s, SPAN("\xff"), 0, &f->a, &s, &found, &f->e),
	    ERR_OK);
	assert_false(found);

	assert_err(f,
	    served_label(
		f->s, SPAN("aaaaaaaaaaaaaaaa"), &f->a, &s, &found, &f->e),
	    ERR_OK);
	assert_true(found);
	want_text(s.host, "mta-sts.a.example");
	assert_err(f,
	    served_next(
		f->s, SPAN("aaaaaaaaaaaaaaaa"), &f->a, &s, &found, &f->e),
	    ERR_OK);
	assert_true(found);
	want_text(s.label, "cccccccccccccccc");
	assert_err(f,
	    served_next(
		f->s, SPAN("cccccccccccccccc"), &f->a, &s, &found, &f->e),
	    ERR_OK);
	assert_false(found);
}

/* What is gone is told, and not found. */
static void
test_gone(void **state)
{
	struct fixture *f = *state;
	struct served s, *list;
	size_t n;
	bool found;

	fixture_publish(f, "a.example");
	fixture_publish(f, "b.example");
	assert_err(f,
	    domains_remove(f->s, SPAN("a.example"), test_now, &found, &f->e),
	    ERR_OK);
	assert_err(
	    f, served_changes(f->s, 2, 9, &f->a, &list, &n, &f->e), ERR_OK);
	assert_int_equal(n, 1);
	assert_true(list[0].gone);
	want_text(list[0].host, "mta-sts.a.example");
	assert_err(f,
	    served_label(
		f->s, SPAN("aaaaaaaaaaaaaaaa"), &f->a, &s, &found, &f->e),
	    ERR_OK);
	assert_false(found);
	assert_err(
	    f, served_next(f->s, SPAN(""), &f->a, &s, &found, &f->e), ERR_OK);
	assert_true(found);
	want_text(s.host, "mta-sts.b.example");
	/* the label is never another's */
	fixture_domain(f, "c.example");
	assert_err(f,
	    publication_ask(f->s, SPAN("c.example"), &test_order,
		SPAN("aaaaaaaaaaaaaaaa"), test_now,
		&(enum publication_asked){ 0 }, &f->e),
	    ERR_STORE);
}

/* ---- numbers come in the order of commits ---- */

/* Of two that are under way at once the second one waits for its number, and
 * until the first is there nobody sees either. */
static void
test_second_waits(void **state)
{
	struct fixture *f = *state;
	struct store *second;
	int64_t number;

	assert_err(
	    f, store_open(f->url, STORE_USE, test_now, &second, &f->e), ERR_OK);
	assert_err(f, sql_begin(store_sql(f->s), SQL_WRITE, &f->e), ERR_OK);
	assert_err(f, change_next(store_sql(f->s), &number, &f->e), ERR_OK);
	assert_int_equal(number, 1);
	assert_err(f, sql_begin(store_sql(second), SQL_WRITE, &f->e), ERR_OK);
	assert_err(f,
	    sql_exec(
		store_sql(second), "SET LOCAL lock_timeout = '50ms'", &f->e),
	    ERR_OK);
	assert_int_equal(last_number(second), 0);
	assert_err(
	    f, change_next(store_sql(second), &number, &f->e), ERR_STORE_BUSY);
	sql_rollback(store_sql(second));
	assert_err(f, sql_commit(store_sql(f->s), &f->e), ERR_OK);
	assert_err(f, sql_begin(store_sql(second), SQL_WRITE, &f->e), ERR_OK);
	assert_int_equal(last_number(second), 1);
	assert_err(f, change_next(store_sql(second), &number, &f->e), ERR_OK);
	assert_int_equal(number, 2);
	assert_err(f, sql_commit(store_sql(second), &f->e), ERR_OK);
	store_free(second);
}

enum { WRITERS = 4, EACH = 40 };

struct writer {
	const char *url;
	pthread_t thread;
	int k;
	bool failed;
};

static void *
run_writer(void *arg)
{
	struct writer *w = arg;
	enum publication_asked asked;
	char name[32], label[PUBLISHED_LABEL_OCTETS + 1];
	struct store *s;

	if (store_open(w->url, STORE_USE, test_now, &s, NULL) != ERR_OK) {
		w->failed = true;
		return NULL;
	}
	for (int i = 0; i < EACH && !w->failed; i++) {
		snprintf(name, sizeof name, "d%d-%d.example", w->k, i);
		snprintf(label, sizeof label, "%c%015d", 'a' + w->k, i);
		w->failed =
		    publication_ask(s, span_str(name), &test_order,
			span_str(label), test_now, &asked, NULL) != ERR_OK;
	}
	store_free(s);
	return NULL;
}

/* Who reads while many write finds one number after the other: one that came
 * later than a larger one would be missed for good. */
static void
test_reader_misses_nothing(void **state)
{
	struct fixture *f = *state;
	struct writer *writers = test_calloc(WRITERS, sizeof *writers);
	struct served *list;
	uint64_t seen = 0;
	int idle = 0, gaps = 0;
	struct arena a;
	size_t n;

	for (int k = 0; k < WRITERS; k++)
		for (int i = 0; i < EACH; i++)
			fixture_domain(
			    f, arena_printf(&f->a, "d%d-%d.example", k, i).p);
	for (int k = 0; k < WRITERS; k++) {
		writers[k].url = f->url;
		writers[k].k = k;
		assert_int_equal(pthread_create(&writers[k].thread, NULL,
				     run_writer, &writers[k]),
		    0);
	}
	while (seen < WRITERS * EACH && idle < 1000000) {
		arena_init(&a, 1024 * 1024);
		assert_err(f,
		    served_changes(f->s, seen, 7, &a, &list, &n, &f->e),
		    ERR_OK);
		for (size_t i = 0; i < n; i++)
			gaps += list[i].number != ++seen;
		idle = n > 0 ? 0 : idle + 1;
		arena_release(&a);
	}
	for (int k = 0; k < WRITERS; k++) {
		pthread_join(writers[k].thread, NULL);
		assert_false(writers[k].failed);
	}
	test_free(writers);
	assert_int_equal(gaps, 0);
	assert_int_equal(seen, WRITERS * EACH);
	assert_int_equal(last_number(f->s), WRITERS * EACH);
}

/* ---- answers to HTTP-01 ---- */

static bool
find_challenge(
    struct fixture *f, const char *host, struct span token, const char *want)
{
	struct span text;
	bool found;

	assert_err(f,
	    challenge_find(
		f->s, span_str(host), token, &f->a, &text, &found, &f->e),
	    ERR_OK);
	if (found)
		want_text(text, want);
	return found;
}

static void
test_challenges(void **state)
{
	static const struct challenge all[] = {
		{ SPAN_INIT("a"), SPAN_INIT("t1"), SPAN_INIT("one") },
		{ SPAN_INIT("a"), SPAN_INIT("t2"), SPAN_INIT("two") },
		{ SPAN_INIT("b"), SPAN_INIT("t1"), SPAN_INIT("three") },
		{ SPAN_INIT("a"), SPAN_INIT("t1"), SPAN_INIT("four") },
	};
	struct fixture *f = *state;

	assert_err(f, challenge_put(f->s, all, 3, test_now, &f->e), ERR_OK);
	assert_true(find_challenge(f, "a", SPAN("t1"), "one"));
	assert_true(find_challenge(f, "a", SPAN("t2"), "two"));
	assert_true(find_challenge(f, "b", SPAN("t1"), "three"));
	assert_false(find_challenge(f, "b", SPAN("t2"), ""));
	assert_false(find_challenge(f, "a", SPAN("t1\xff"), ""));
	assert_false(find_challenge(f, "a", SPAN("t1\0"), ""));
	/* once more, later */
	assert_err(
	    f, challenge_put(f->s, &all[3], 1, test_after(10), &f->e), ERR_OK);
	assert_true(find_challenge(f, "a", SPAN("t1"), "four"));
	assert_err(f, challenge_expire(f->s, test_after(10), &f->e), ERR_OK);
	assert_false(find_challenge(f, "a", SPAN("t2"), ""));
	assert_false(find_challenge(f, "b", SPAN("t1"), ""));
	assert_true(find_challenge(f, "a", SPAN("t1"), "four"));
	assert_err(f, challenge_remove(f->s, SPAN("b"), &f->e), ERR_OK);
	assert_true(find_challenge(f, "a", SPAN("t1"), "four"));
	assert_err(f, challenge_remove(f->s, SPAN("a"), &f->e), ERR_OK);
	assert_false(find_challenge(f, "a", SPAN("t1"), ""));
}

/* ---- edges ---- */

static void
beat(struct fixture *f, int64_t worker, uint64_t served, int64_t at)
{
	assert_err(
	    f, edge_beat(f->s, worker, served, test_after(at), &f->e), ERR_OK);
}

static void
want_edges(struct fixture *f, int64_t since, size_t alive, uint64_t served)
{
	struct edges e;

	assert_err(f, edges_alive(f->s, test_after(since), &e, &f->e), ERR_OK);
	assert_int_equal(e.alive, alive);
	assert_int_equal(e.served, served);
}

static void
test_edges(void **state)
{
	struct fixture *f = *state;
	int64_t one = fixture_worker(f), two = fixture_worker(f), three;

	want_edges(f, 0, 0, 0);
	beat(f, one, 7, 0);
	beat(f, two, 9, 5);
	want_edges(f, 0, 2, 7);
	want_edges(f, 1, 1, 9); /* one is silent */
	beat(f, one, 8, 6);
	want_edges(f, 1, 2, 8);
	assert_err(f, work_leave(f->s, two, &f->e), ERR_OK);
	want_edges(f, 0, 1, 8);

	/* nobody would wait for it */
	assert_err(
	    f, edge_beat(f->s, two, 10, test_after(7), &f->e), ERR_STORE);
	assert_non_null(strstr(f->e.text, "join anew"));
	want_edges(f, 0, 1, 8);

	/* one that died long ago is forgotten with its worker */
	beat(f, one, 1, 0);
	assert_err(f,
	    work_join(f->s, SPAN("x"), SPAN("edge"), test_after(8 * 86400),
		&three, &f->e),
	    ERR_OK);
	want_edges(f, 0, 0, 0);
}

/* clang-format off */
#define OF_BOTH								\
	RUN(test_changes),						\
	RUN(test_host_and_labels),					\
	RUN(test_gone),							\
	RUN(test_reader_misses_nothing),				\
	RUN(test_challenges),						\
	RUN(test_edges)
/* clang-format on */

int
main(void)
{
	const struct CMUnitTest sqlite[] = { OF_BOTH };
	const struct CMUnitTest postgres[] = {
		OF_BOTH,
		RUN(test_second_waits), /* SQLite has one writer at a time */
	};

	if (getenv("STORE_URL") != NULL)
		return cmocka_run_group_tests(postgres, NULL, NULL);
	return cmocka_run_group_tests(sqlite, NULL, NULL);
}

#include <pthread.h>

#include "base/limits.h"
#include "store/history.h"
#include "store/test_store.h"

static void
add(struct fixture *f, int64_t domain, int64_t at, struct span text)
{
	assert_err(f,
	    history_add(f->s, domain, (struct wall_time){ test_now.s + at },
		SPAN("mx-changed"), text, &f->e),
	    ERR_OK);
}

static struct history_event *
list(struct fixture *f, int64_t domain, int64_t before, size_t max, size_t want)
{
	struct history_event *out;
	size_t n;

	assert_err(f,
	    history_list(f->s, domain, before, max, &f->a, &out, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, want);
	return out;
}

static void
test_pages(void **state)
{
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example"),
		b = fixture_domain(f, "b.example");
	struct history_event *page;

	list(f, a, 0, 10, 0);
	for (int64_t i = 1; i <= 5; i++)
		add(f, a, i, arena_printf(&f->a, "It changed (%d).", (int)i));
	add(f, b, 9, SPAN("Another's."));
	page = list(f, a, 0, 3, 3);
	for (int64_t i = 0; i < 3; i++) {
		assert_int_equal(page[i].seq, 5 - i);
		assert_int_equal(page[i].at.s, test_now.s + 5 - i);
	}
	assert_true(span_eq(page[0].kind, SPAN("mx-changed")));
	assert_true(span_eq(page[0].text, SPAN("It changed (5).")));
	page = list(f, a, page[2].seq, 3, 2);
	assert_int_equal(page[1].seq, 1);
	list(f, a, 1, 3, 0);
	assert_int_equal(list(f, b, 0, 3, 1)->seq, 1);
}

static void
test_page_is_bounded(void **state)
{
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example");

	for (int i = 0; i < 2; i++)
		add(f, a, i, SPAN("."));
	list(f, a, 0, (size_t)1 << 60, 2);
	list(f, a, 0, 0, 0);
	fixture_exec(f, "DELETE FROM event");
	assert_err(f, sql_begin(store_sql(f->s), SQL_WRITE, &f->e), ERR_OK);
	for (int i = 0; i < LIMIT_STORE_PAGE + 5; i++)
		add(f, a, i, SPAN("."));
	assert_err(f, sql_commit(store_sql(f->s), &f->e), ERR_OK);
	list(f, a, 0, (size_t)1 << 60, LIMIT_STORE_PAGE);
}

static const struct sql_statement count_events = {
	"SELECT COUNT(*) FROM event"
};

static void
test_limit(void **state)
{
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example"),
		b = fixture_domain(f, "b.example");

	add(f, b, 1, SPAN("."));
	assert_err(f, sql_begin(store_sql(f->s), SQL_WRITE, &f->e), ERR_OK);
	for (int i = 0; i < LIMIT_HISTORY + 10; i++)
		add(f, a, i, SPAN("."));
	assert_err(f, sql_commit(store_sql(f->s), &f->e), ERR_OK);
	assert_int_equal(fixture_count(f, &count_events), LIMIT_HISTORY + 1);
	list(f, a, 11, 5, 0);
	list(f, a, 12, 5, 1);
}

static void
test_refuses(void **state)
{
	struct fixture *f = *state;
	int64_t a = fixture_domain(f, "a.example");

	assert_err(f,
	    history_add(f->s, a, test_now, SPAN("x"), SPAN("\xff"), &f->e),
	    ERR_DATA);
	assert_err(f,
	    history_add(f->s, a + 1, test_now, SPAN("x"), SPAN("x"), &f->e),
	    ERR_STORE);
	list(f, a, 0, 3, 0);
}

enum { WRITERS = 4, EVENTS = 40 };

struct writer {
	const char *url;
	int64_t domain;
	pthread_t thread;
	enum err err;
	struct error e;
};

static void *
run_writer(void *arg)
{
	struct writer *w = arg;
	struct store *s;

	w->err = store_open(w->url, STORE_USE, test_now, &s, &w->e);
	if (w->err != ERR_OK)
		return NULL;
	for (int i = 0; i < EVENTS && w->err == ERR_OK; i++)
		w->err = history_add(s, w->domain, test_now, SPAN("mx-changed"),
		    SPAN("It changed."), &w->e);
	store_free(s);
	return NULL;
}

/* Each event has its own number, whoever writes at the same moment. */
static void
test_at_once(void **state)
{
	struct fixture *f = *state;
	int64_t domain = fixture_domain(f, "a.example");
	struct writer writers[WRITERS];
	struct history_event *all;

	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ .url = f->url, .domain = domain };
		assert_int_equal(pthread_create(&writers[i].thread, NULL,
				     run_writer, &writers[i]),
		    0);
	}
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(writers[i].thread, NULL);
		f->e = writers[i].e;
		assert_err(f, writers[i].err, ERR_OK);
	}
	all = list(f, domain, 0, WRITERS * EVENTS + 1, WRITERS * EVENTS);
	for (int i = 0; i < WRITERS * EVENTS; i++)
		assert_int_equal(all[i].seq, WRITERS * EVENTS - i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_pages),
		RUN(test_page_is_bounded),
		RUN(test_limit),
		RUN(test_refuses),
		RUN(test_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

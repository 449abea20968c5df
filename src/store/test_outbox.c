#include <pthread.h>

#include "base/limits.h"
#include "store/domains.h"
#include "store/incidents.h"
#include "store/outbox.h"
#include "store/test_store.h"
#include "store/work.h"

enum { LEASE_S = 60 };

static struct wall_time
after(int64_t s)
{
	return (struct wall_time){ test_now.s + s };
}

static void
put(struct fixture *f, const char *key, int64_t tell_at)
{
	const struct news news = {
		.key = span_str(key),
		.kind = NEWS_CHANGED,
		.severity = SEVERITY_WARNING,
		.text = SPAN("MX hosts changed."),
		.tell_at = after(tell_at),
	};

	assert_err(f, outbox_put(f->s, &news, test_now, &f->e), ERR_OK);
}

static struct outbox_row *
claim(struct fixture *f, int64_t worker, const char *channel, int64_t at,
    size_t max, size_t want)
{
	struct outbox_row *list;
	size_t n;

	assert_err(f,
	    outbox_claim(f->s, worker, span_str(channel), after(at),
		after(at + LEASE_S), max, &f->a, &list, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, want);
	return list;
}

static bool
route(struct fixture *f, int64_t worker, const struct outbox_row *row,
    const struct outbox_target *targets, size_t n)
{
	bool held;

	assert_err(f,
	    outbox_route(f->s, worker, row, targets, n, after(0), &held, &f->e),
	    ERR_OK);
	return held;
}

static bool
retry(struct fixture *f, int64_t worker, const struct outbox_row *row,
    struct span why, int64_t next)
{
	bool held;

	assert_err(f,
	    outbox_retry(f->s, worker, row, why, after(next), &held, &f->e),
	    ERR_OK);
	return held;
}

static bool
done(
    struct fixture *f, int64_t worker, const struct outbox_row *row, int64_t at)
{
	bool held;

	assert_err(
	    f, outbox_done(f->s, worker, row, after(at), &held, &f->e), ERR_OK);
	return held;
}

static bool
give_up(struct fixture *f, int64_t worker, const struct outbox_row *row,
    struct span why)
{
	bool held;

	assert_err(
	    f, outbox_give_up(f->s, worker, row, why, &held, &f->e), ERR_OK);
	return held;
}

/* One piece of news becomes a delivery for `channel`. */
static struct outbox_row *
deliver_to(
    struct fixture *f, int64_t worker, const char *key, const char *channel)
{
	const struct outbox_target to = { span_str(channel), after(0) };

	put(f, key, 0);
	assert_true(route(f, worker, claim(f, worker, "", 0, 1, 1), &to, 1));
	return claim(f, worker, channel, 0, 1, 1);
}

static void
test_news(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f), d = fixture_domain(f, "a.example");
	const struct news news = {
		.key = SPAN("a.example/mx/1"),
		.kind = NEWS_ADVICE,
		.severity = SEVERITY_ERROR,
		.domain = d,
		.text = SPAN("The record may go."),
		.tell_at = after(30),
	};
	struct outbox_row *row;

	assert_err(f, outbox_put(f->s, &news, after(2), &f->e), ERR_OK);
	claim(f, w, "", 29, 10, 0);
	claim(f, w, "mail", 99, 10, 0);
	row = claim(f, w, "", 30, 10, 1);
	assert_true(span_eq(row->news.key, news.key));
	assert_int_equal(row->channel.n, 0);
	assert_int_equal(row->news.kind, NEWS_ADVICE);
	assert_int_equal(row->news.severity, SEVERITY_ERROR);
	assert_int_equal(row->news.incident, 0);
	assert_int_equal(row->news.domain, d);
	assert_true(span_eq(row->news.text, news.text));
	assert_int_equal(row->news.tell_at.s, after(30).s);
	assert_int_equal(row->created_at.s, after(2).s);
	assert_int_equal(row->attempts, 0);
	claim(f, w, "", 31, 10, 0);
}

/* The same thing twice is one piece of news, also when it was told. */
static void
test_key(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);

	put(f, "same", 0);
	put(f, "same", 0);
	put(f, "other", 0);
	claim(f, w, "", 0, 10, 2);
	put(f, "same", 0);
	claim(f, w, "", LEASE_S - 1, 10, 0);
	for (size_t i = 0; i < 2; i++)
		assert_true(
		    done(f, w, claim(f, w, "", (int64_t)LEASE_S * 2, 1, 1), 0));
	put(f, "same", 0);
	claim(f, w, "", (int64_t)LEASE_S * 9, 10, 0);
}

static void
test_route(void **state)
{
	static const struct outbox_target to[] = {
		{ SPAN_INIT("mail"), { 1800000010 } },
		{ SPAN_INIT("chat"), { 1800000020 } },
		{ SPAN_INIT("chat"), { 1800000030 } },
	};
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);
	struct outbox_row *row, *mail;

	put(f, "k", 0);
	row = claim(f, w, "", 0, 10, 1);
	assert_true(route(f, w, row, to, 3));
	assert_false(route(f, w, row, to, 3));
	claim(f, w, "", 10 * LEASE_S, 10, 0);
	claim(f, w, "mail", 9, 10, 0);
	mail = claim(f, w, "mail", 10, 10, 1);
	assert_true(span_eq(mail->channel, SPAN("mail")));
	assert_true(span_eq(mail->news.key, SPAN("k")));
	assert_int_equal(mail->news.kind, NEWS_CHANGED);
	assert_true(span_eq(mail->news.text, row->news.text));
	assert_int_equal(mail->created_at.s, row->created_at.s);
	claim(f, w, "chat", 20, 10, 1);
	assert_true(done(f, w, mail, 11));
	assert_false(done(f, w, mail, 11));
	claim(f, w, "mail", 10 * LEASE_S, 10, 0);
	claim(f, w, "chat", 10 * LEASE_S, 10, 1);
}

/* News that concerns nobody is done. */
static void
test_route_nowhere(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);

	put(f, "k", 0);
	assert_true(route(f, w, claim(f, w, "", 0, 10, 1), NULL, 0));
	claim(f, w, "", 10 * LEASE_S, 10, 0);
}

static void
test_retry_and_give_up(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);
	struct outbox_row *row = deliver_to(f, w, "k", "mail");
	struct outbox_health h;

	assert_true(retry(f, w, row, SPAN("421 come back"), 100));
	assert_false(retry(f, w, row, SPAN("again"), 100));
	claim(f, w, "mail", 99, 10, 0);
	row = claim(f, w, "mail", 100, 10, 1);
	assert_int_equal(row->attempts, 1);
	assert_int_equal(row->news.tell_at.s, after(100).s);
	assert_err(
	    f, outbox_health(f->s, SPAN("mail"), &f->a, &h, &f->e), ERR_OK);
	assert_int_equal(h.waiting, 1);
	assert_true(span_eq(h.error, SPAN("421 come back")));
	assert_true(give_up(f, w, row, SPAN("550 no such user")));
	assert_false(give_up(f, w, row, SPAN("550 no such user")));
	assert_false(done(f, w, row, 1));
	claim(f, w, "mail", 100 * LEASE_S, 10, 0);
}

/* Cut between characters, whatever their length. */
static void
test_long_error(void **state)
{
	static const struct {
		const char *label, *character;
	} rows[] = {
		{ "one byte", "x" },
		{ "two", "\xc3\xbc" },
		{ "three", "\xe2\x82\xac" },
		{ "four", "\xf0\x9f\x93\xa7" },
	};
	struct fixture *f = *state;
	struct tally t = { 0 };
	int64_t w = fixture_worker(f);

	for (size_t i = 0; i < ROWS(rows); i++) {
		size_t step = strlen(rows[i].character), n = 0;
		char text[2 * LIMIT_OUTBOX_ERROR];
		struct outbox_health h;

		t.label = rows[i].label;
		text[n++] = '!';
		for (; n + step <= sizeof text; n += step)
			memcpy(text + n, rows[i].character, step);
		assert_true(
		    retry(f, w, deliver_to(f, w, rows[i].label, rows[i].label),
			(struct span){ text, n }, 1000));
		assert_err(f,
		    outbox_health(
			f->s, span_str(rows[i].label), &f->a, &h, &f->e),
		    ERR_OK);
		want_size(&t, "length", h.error.n,
		    1 + (LIMIT_OUTBOX_ERROR - 1) / step * step);
		want_span(
		    &t, "text", h.error, (struct span){ text, h.error.n });
	}
	assert_int_equal(t.failed, 0);
}

/* Who dies leaves its rows to the next, and is told if it was only slow. */
static void
test_taken_over(void **state)
{
	struct fixture *f = *state;
	int64_t slow = fixture_worker(f), other = fixture_worker(f);
	struct outbox_row *row = deliver_to(f, slow, "k", "mail"), *taken;

	claim(f, other, "mail", LEASE_S - 1, 10, 0);
	taken = claim(f, other, "mail", LEASE_S, 10, 1);
	assert_int_equal(taken->id, row->id);
	assert_false(done(f, slow, row, 1));
	assert_false(retry(f, slow, row, SPAN("x"), 1));
	assert_false(give_up(f, slow, row, SPAN("x")));
	assert_true(done(f, other, taken, 1));
}

static void
test_leave(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f), other = fixture_worker(f);

	deliver_to(f, w, "k", "mail");
	put(f, "n", 5);
	claim(f, w, "", 5, 10, 1);
	assert_err(f, work_leave(f->s, w, &f->e), ERR_OK);
	claim(f, other, "mail", 1, 10, 1);
	claim(f, other, "", 4, 10, 0);
	claim(f, other, "", 5, 10, 1);
}

static void
test_longest_wait_first(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);
	struct outbox_row *list;

	put(f, "c", 30);
	put(f, "a", 10);
	put(f, "b", 20);
	list = claim(f, w, "", 99, 2, 2); /* a, b: as they were written */
	assert_true(span_eq(list[0].news.key, SPAN("a")));
	assert_true(span_eq(list[1].news.key, SPAN("b")));
	assert_true(span_eq(claim(f, w, "", 99, 2, 1)->news.key, SPAN("c")));
	put(f, "d", -5);
	list = claim(f, w, "", 99 + LEASE_S, 9, 4);
	for (size_t i = 1; i < 4; i++)
		assert_true(list[i - 1].id < list[i].id);
}

static void
test_health(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);
	struct outbox_health h;

	assert_err(
	    f, outbox_health(f->s, SPAN("mail"), &f->a, &h, &f->e), ERR_OK);
	assert_int_equal(h.waiting, 0);
	assert_int_equal(h.attempts, 0);
	assert_int_equal(h.error.n, 0);
	for (int i = 0; i < 3; i++) {
		struct outbox_row *row =
		    deliver_to(f, w, arena_printf(&f->a, "k%d", i).p, "mail");

		if (i == 2)
			assert_true(done(f, w, row, 1));
		else
			assert_true(retry(f, w, row, SPAN("first"), 50 - i));
	}
	assert_true(
	    retry(f, w, claim(f, w, "mail", 49, 1, 1), SPAN("second"), 60));
	put(f, "news", 0);
	assert_err(
	    f, outbox_health(f->s, SPAN("mail"), &f->a, &h, &f->e), ERR_OK);
	assert_int_equal(h.waiting, 2);
	assert_int_equal(h.oldest.s, test_now.s);
	assert_int_equal(h.attempts, 2);
	assert_true(span_eq(h.error, SPAN("second")));
	assert_err(f, outbox_health(f->s, SPAN(""), &f->a, &h, &f->e), ERR_OK);
	assert_int_equal(h.waiting, 1);
}

static const struct sql_statement count_rows = {
	"SELECT COUNT(*) FROM outbox"
};

static void
test_forget(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);

	assert_true(done(f, w, deliver_to(f, w, "old", "mail"), 10));
	assert_true(done(f, w, deliver_to(f, w, "new", "mail"), 500));
	assert_true(give_up(f, w, deliver_to(f, w, "up", "mail"), SPAN("x")));
	deliver_to(f, w, "waits", "mail");
	assert_int_equal(fixture_count(f, &count_rows), 8);
	/* four routed at 0, one done at 10, one given up at the lease's end */
	assert_err(f, outbox_forget(f->s, after(10), &f->e), ERR_OK);
	assert_int_equal(fixture_count(f, &count_rows), 4);
	assert_err(f, outbox_forget(f->s, after(LEASE_S + 1), &f->e), ERR_OK);
	assert_int_equal(fixture_count(f, &count_rows), 2);
	assert_err(f, outbox_forget(f->s, after(9999), &f->e), ERR_OK);
	assert_int_equal(fixture_count(f, &count_rows), 1);
	claim(f, w, "mail", LEASE_S, 9, 1);
}

static void
raise_(struct fixture *f, const char *cause, enum severity severity, int64_t at)
{
	const struct incident_fault fault = {
		.cause = span_str(cause),
		.check = SPAN("mxcert.expired"),
		.subject = SPAN("mx.example"),
		.severity = severity,
		.message = SPAN("m"),
		.remedy = SPAN("r"),
	};
	enum incident_event event;

	assert_err(f,
	    incident_raise(
		f->s, 0, &fault, after(at), after(at), &event, &f->e),
	    ERR_OK);
	assert_int_equal(event, INCIDENT_OPENED);
}

static void
remind(struct fixture *f, enum severity severity, int64_t opened_before,
    int64_t reminded_before, int64_t now, size_t want)
{
	size_t n;

	assert_err(f,
	    outbox_remind(f->s, severity, after(opened_before),
		after(reminded_before), after(now), &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, want);
}

static void
test_remind(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);
	enum incident_event event;
	struct outbox_row *list;
	bool found;

	raise_(f, "1", SEVERITY_ERROR, 0);
	raise_(f, "2", SEVERITY_WARNING, 0);
	raise_(f, "3", SEVERITY_ERROR, 50);
	raise_(f, "4", SEVERITY_ERROR, 0);
	raise_(f, "5", SEVERITY_ERROR, 0);
	assert_err(f,
	    incident_acknowledge(
		f->s, 4, SPAN("me"), SPAN(""), after(1), &found, &f->e),
	    ERR_OK);
	assert_err(f,
	    incident_clear(
		f->s, 0, SPAN("5"), after(0), after(1), &event, &f->e),
	    ERR_OK);
	claim(f, w, "", 50, 99, 6);
	remind(f, SEVERITY_ERROR, 50, 60, 60, 1);
	list = claim(f, w, "", 60, 99, 1);
	assert_true(
	    span_eq(list->news.key, SPAN("incident/1/reminder/1800000060")));
	assert_int_equal(list->news.kind, NEWS_REMINDER);
	assert_int_equal(list->news.severity, SEVERITY_ERROR);
	assert_int_equal(list->news.incident, 1);
	remind(f, SEVERITY_ERROR, 50, 60, 61, 0); /* reminded at 60 */
	remind(f, SEVERITY_ERROR, 51, 60, 62, 1); /* 3 */
	remind(f, SEVERITY_INFO, 51, 60, 63, 1); /* 2 */
	remind(f, SEVERITY_INFO, 51, 64, 70, 3);
}

enum { TELLERS = 4, MESSAGES = 200 };

struct teller {
	const char *url;
	pthread_t thread;
	int64_t worker;
	int64_t got[MESSAGES];
	size_t n, reminded;
	bool failed;
};

static void *
run_teller(void *arg)
{
	struct teller *t = arg;
	struct outbox_row *list;
	struct store *s;
	struct arena a;
	size_t n = 1;

	if (store_open(t->url, STORE_USE, test_now, &s, NULL) != ERR_OK) {
		t->failed = true;
		return NULL;
	}
	t->failed = outbox_remind(s, SEVERITY_INFO, after(1), after(1),
			after(1), &t->reminded, NULL) != ERR_OK;
	while (n > 0 && !t->failed) {
		arena_init(&a, 1024 * 1024);
		t->failed =
		    outbox_claim(s, t->worker, SPAN("mail"), after(0),
			after(LEASE_S), 7, &a, &list, &n, NULL) != ERR_OK;
		for (size_t i = 0; i < n && t->n < MESSAGES; i++)
			t->got[t->n++] = list[i].id;
		arena_release(&a);
	}
	store_free(s);
	return NULL;
}

/* Every message is one teller's, and an incident is reminded of once. */
static void
test_disjoint(void **state)
{
	struct fixture *f = *state;
	struct teller *t = test_calloc(TELLERS, sizeof *t);
	char seen[4 * MESSAGES + 1] = { 0 };
	size_t n = 0, reminded = 0;

	for (int i = 0; i < 20; i++)
		raise_(f, arena_printf(&f->a, "%d", i).p, SEVERITY_ERROR, 0);
	for (int i = 0; i < MESSAGES; i++)
		put(f, arena_printf(&f->a, "k%d", i).p, 0);
	fixture_exec(f, "UPDATE outbox SET channel = 'mail' WHERE incident IS"
			" NULL");
	for (size_t i = 0; i < TELLERS; i++) {
		t[i].url = f->url;
		t[i].worker = fixture_worker(f);
	}
	for (size_t i = 0; i < TELLERS; i++)
		assert_int_equal(
		    pthread_create(&t[i].thread, NULL, run_teller, &t[i]), 0);
	for (size_t i = 0; i < TELLERS; i++) {
		pthread_join(t[i].thread, NULL);
		assert_false(t[i].failed);
		n += t[i].n;
		reminded += t[i].reminded;
		for (size_t k = 0; k < t[i].n; k++) {
			assert_in_range(t[i].got[k], 1, 4 * MESSAGES);
			assert_int_equal(seen[t[i].got[k]]++, 0);
		}
	}
	test_free(t);
	assert_int_equal(n, MESSAGES);
	assert_int_equal(reminded, 20);
}

static void
want_told(struct fixture *f, const char *channel, int64_t incident,
    struct outbox_told want)
{
	struct outbox_told got;

	assert_err(f,
	    outbox_told(f->s, span_str(channel), incident, &got, &f->e),
	    ERR_OK);
	assert_int_equal(got.was_told, want.was_told);
	assert_int_equal(got.at.s, want.at.s);
	assert_int_equal(got.waits, want.waits);
}

/* What a channel was told of an incident, and nothing else. */
static void
test_told(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f), d = fixture_domain(f, "a.example");
	const struct incident_fault fault = { SPAN("slug a.example"),
		SPAN("slug"), SPAN("a.example"), SEVERITY_WARNING, SPAN("m"),
		SPAN("r"), { 0 } };
	const struct outbox_target both[] = { { SPAN("mail"), after(0) },
		{ SPAN("chat"), after(0) } };
	enum incident_event event;
	struct outbox_row *news, *row;
	int64_t incident;

	assert_err(f,
	    incident_raise(f->s, d, &fault, after(0), after(0), &event, &f->e),
	    ERR_OK);
	news = claim(f, w, "", 0, 10, 1);
	incident = news->news.incident;
	want_told(f, "mail", incident, (struct outbox_told){ false });
	assert_true(route(f, w, news, both, 2));
	want_told(f, "mail", incident, (struct outbox_told){ .waits = true });
	assert_true(done(f, w, claim(f, w, "mail", 0, 10, 1), 7));
	want_told(f, "mail", incident,
	    (struct outbox_told){ .was_told = true, .at = after(7) });
	assert_true(give_up(f, w, claim(f, w, "chat", 0, 10, 1), SPAN("no")));
	want_told(f, "chat", incident, (struct outbox_told){ false });

	/* That it is over is not what is asked for. */
	assert_err(f,
	    incident_clear(
		f->s, d, fault.cause, after(0), after(9), &event, &f->e),
	    ERR_OK);
	assert_true(route(f, w, claim(f, w, "", 9, 10, 1), both, 2));
	row = claim(f, w, "chat", 9, 10, 1);
	want_told(f, "chat", incident, (struct outbox_told){ false });
	assert_true(done(f, w, row, 9));
	want_told(f, "chat", incident, (struct outbox_told){ false });
	want_told(f, "mail", incident,
	    (struct outbox_told){ .was_told = true, .at = after(7) });
}

static void
put_test(struct fixture *f, const char *channel, int64_t at)
{
	assert_err(f,
	    outbox_put_test(f->s, span_str(channel), after(at), &f->e), ERR_OK);
}

static struct outbox_row *
claim_tests(struct fixture *f, int64_t worker, int64_t at, size_t want)
{
	struct outbox_row *list;
	size_t n;

	assert_err(f,
	    outbox_claim_tests(f->s, worker, SPAN("mail"), after(at),
		after(at + LEASE_S), 10, &f->a, &list, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, want);
	return list;
}

static void
want_test(struct fixture *f, const char *channel, int64_t asked_at,
    enum outbox_test_state state, const char *error)
{
	struct outbox_test got;
	bool found;

	assert_err(f,
	    outbox_last_test(
		f->s, span_str(channel), &f->a, &got, &found, &f->e),
	    ERR_OK);
	assert_true(found);
	assert_int_equal(got.asked_at.s, after(asked_at).s);
	assert_string_equal(
	    outbox_test_state_names[got.state], outbox_test_state_names[state]);
	assert_true(span_eq(got.error, span_str(error)));
}

/* From the question to the answer, for one channel among others whose names
 * begin like its own. */
static void
test_tests(void **state)
{
	const struct outbox_target mail = { SPAN("mail"), after(0) };
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);
	struct outbox_test none;
	struct outbox_row *row;
	bool found;

	put_test(f, "mail2", 0);
	put_test(f, "mail.b", 0);
	put_test(f, "mail/0", 0);
	assert_err(f,
	    outbox_last_test(f->s, SPAN("mail"), &f->a, &none, &found, &f->e),
	    ERR_OK);
	assert_false(found);
	fixture_exec(f, "UPDATE outbox SET next_try = NULL, state = 'done'");

	put_test(f, "mail", 1);
	put_test(f, "mail", 1);
	want_test(f, "mail", 1, OUTBOX_TEST_WAITING, "");
	row = claim(f, w, "", 1, 10, 1);
	assert_int_equal(row->news.kind, NEWS_TEST);
	assert_true(span_eq(row->news.text, SPAN("mail")));
	assert_true(route(f, w, row, &mail, 1));
	want_test(f, "mail", 1, OUTBOX_TEST_WAITING, "");

	/* A delivery of its own kind. */
	deliver_to(f, w, "other", "mail");
	claim(f, w, "mail", 2, 10, 0);
	row = claim_tests(f, w, 2, 1);
	claim_tests(f, w, 2, 0);
	assert_true(done(f, w, row, 3));
	want_test(f, "mail", 1, OUTBOX_TEST_DELIVERED, "");

	put_test(f, "mail", 10);
	want_test(f, "mail", 10, OUTBOX_TEST_WAITING, "");
	assert_true(route(f, w, claim(f, w, "", 10, 10, 1), &mail, 1));
	assert_true(
	    give_up(f, w, claim_tests(f, w, 10, 1), SPAN("550 no such user")));
	want_test(f, "mail", 10, OUTBOX_TEST_FAILED, "550 no such user");

	/* Nobody has the channel. */
	put_test(f, "mail", 20);
	assert_true(route(f, w, claim(f, w, "", 20, 10, 1), NULL, 0));
	want_test(f, "mail", 20, OUTBOX_TEST_FAILED,
	    "the role notify has no such channel");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_news),
		RUN(test_key),
		RUN(test_route),
		RUN(test_route_nowhere),
		RUN(test_retry_and_give_up),
		RUN(test_long_error),
		RUN(test_taken_over),
		RUN(test_leave),
		RUN(test_longest_wait_first),
		RUN(test_health),
		RUN(test_forget),
		RUN(test_remind),
		RUN(test_told),
		RUN(test_disjoint),
		RUN(test_tests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

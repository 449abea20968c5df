/* Publications: what a step came to, and who takes it when. */
#include "store/certificates.h"
#include "store/served.h"
#include "store/test_published.h"
#include "store/work.h"

static uint64_t
last_number(struct fixture *f)
{
	uint64_t n;

	assert_err(f, served_last(f->s, &n, &f->e), ERR_OK);
	return n;
}

/* ---- a step ---- */

static void
fill(struct published *p)
{
	static struct mx_pattern patterns[2] = {
		{ .host = SPAN_INIT("mx1.example"),
		    .since = { 10 },
		    .ttl = 60 },
		{ .host = SPAN_INIT("odd, 100%=\xff.example"),
		    .since = { 20 },
		    .gone = true,
		    .gone_at = { 30 } },
	};
	static struct span seen[] = { SPAN_INIT("mx3.example"),
		SPAN_INIT("mx4.example") };

	p->state = (struct publication){ .stage = PUBLICATION_LIVE,
		.stage_since = { 11 },
		.change = CHANGE_ID,
		.change_since = { 12 },
		.version = 7,
		.body = SPAN("version: STSv1\n"),
		.id = "0123456789abcdef0123456789abcdef",
		.id_since = { 13 },
		.id_version = 6,
		.lost = true,
		.lost_since = { 14 } };
	p->follow = (struct mx_follow){ .state = MX_WAITING,
		.seen = seen,
		.n_seen = 2,
		.rounds = 2,
		.seen_since = { 15 },
		.seen_told = true,
		.patterns = patterns,
		.n_patterns = 2,
		.hold = MX_HOLD_APART,
		.hold_since = { 16 } };
	p->move = (struct publish_move){
		.to = seen, .n_to = 1, .since = { 17 }, .may_add_told = true
	};
	p->bar = PUBLISH_FOREIGN;
	p->bar_text = SPAN("Another policy is there.");
	p->gate_text = SPAN("one\ntwo");
	p->gate_since.s = 18;
	p->advised = p->may_replace = true;
}

static void
want_hosts(struct tally *t, const char *what, const struct span *got,
    size_t got_n, const struct span *want, size_t want_n)
{
	want_size(t, what, got_n, want_n);
	for (size_t i = 0; i < got_n && i < want_n; i++)
		want_span(t, what, got[i], want[i]);
}

static void
want_published(
    struct tally *t, const struct published *got, const struct published *want)
{
	const struct publication *g = &got->state, *w = &want->state;

	want_int(t, "stage", g->stage, w->stage);
	want_int(t, "stage_since", g->stage_since.s, w->stage_since.s);
	want_int(t, "change", g->change, w->change);
	want_int(t, "change_since", g->change_since.s, w->change_since.s);
	want_int(t, "version", (int64_t)g->version, (int64_t)w->version);
	want_span(t, "body", g->body, w->body);
	want_span(t, "id", span_str(g->id), span_str(w->id));
	want_int(t, "id_since", g->id_since.s, w->id_since.s);
	want_int(
	    t, "id_version", (int64_t)g->id_version, (int64_t)w->id_version);
	want_bool(t, "lost", g->lost, w->lost);
	want_int(t, "lost_since", g->lost_since.s, w->lost_since.s);
	want_int(t, "bar", got->bar, want->bar);
	want_span(t, "bar_text", got->bar_text, want->bar_text);
	want_span(t, "gate_text", got->gate_text, want->gate_text);
	want_int(t, "gate_since", got->gate_since.s, want->gate_since.s);
	want_bool(t, "advised", got->advised, want->advised);
	want_bool(t, "may_replace", got->may_replace, want->may_replace);
}

static void
want_follow(
    struct tally *t, const struct published *got, const struct published *want)
{
	const struct mx_follow *g = &got->follow, *w = &want->follow;

	want_int(t, "follow", g->state, w->state);
	want_hosts(t, "seen", g->seen, g->n_seen, w->seen, w->n_seen);
	want_int(t, "rounds", g->rounds, w->rounds);
	want_int(t, "seen_since", g->seen_since.s, w->seen_since.s);
	want_bool(t, "seen_told", g->seen_told, w->seen_told);
	want_size(t, "patterns", g->n_patterns, w->n_patterns);
	for (size_t i = 0; i < g->n_patterns && i < w->n_patterns; i++) {
		const struct mx_pattern *p = &g->patterns[i];
		const struct mx_pattern *q = &w->patterns[i];

		want_span(t, "pattern", p->host, q->host);
		want_int(t, "since", p->since.s, q->since.s);
		want_bool(t, "gone", p->gone, q->gone);
		want_int(t, "gone_at", p->gone_at.s, q->gone_at.s);
		want_int(t, "ttl", p->ttl, q->ttl);
	}
	want_int(t, "hold", g->hold, w->hold);
	want_int(t, "hold_since", g->hold_since.s, w->hold_since.s);
	want_hosts(t, "move", got->move.to, got->move.n_to, want->move.to,
	    want->move.n_to);
	want_int(t, "move since", got->move.since.s, want->move.since.s);
	want_bool(t, "move may_add_told", got->move.may_add_told,
	    want->move.may_add_told);
}

static void
test_save(void **state)
{
	struct fixture *f = *state;
	int64_t w = fixture_worker(f), domain = fixture_publish(f, "a.example");
	struct test_step s = test_step_begin(f, w, 0);
	struct tally t = { .label = "as it was saved" };
	struct published p;
	bool found;

	fill(&s.after);
	assert_true(test_step_end(f, &s, 3, 50));
	p = fixture_published(f, "a.example");
	want_published(&t, &p, &s.after);
	want_follow(&t, &p, &s.after);
	assert_int_equal(t.failed, 0);
	assert_int_equal(p.n_bodies, 1);
	assert_int_equal(p.bodies[0].version, 7);
	assert_int_equal(p.bodies[0].at.s, test_now.s + 3);
	want_text(p.bodies[0].body, "version: STSv1\n");
	assert_err(
	    f, publication_of(f->s, domain, &f->a, &p, &found, &f->e), ERR_OK);
	assert_true(found);
	want_published(&t, &p, &s.after);
	assert_int_equal(t.failed, 0);

	/* all of it ends again */
	fixture_claim(f, w, 49, 0);
	s.claim = fixture_claim(f, w, 50, 1);
	assert_false(s.claim->woken);
	s.before = p;
	s.after.state.lost = false;
	s.after.state.lost_since.s = 0;
	s.after.follow = (struct mx_follow){ 0 };
	s.after.move = (struct publish_move){ 0 };
	s.after.bar = PUBLISH_FREE;
	s.after.bar_text = s.after.gate_text = SPAN("");
	s.after.gate_since.s = 0;
	s.after.advised = s.after.may_replace = false;
	assert_true(test_step_end(f, &s, 51, 60));
	p = fixture_published(f, "a.example");
	t.label = "as it ended";
	want_published(&t, &p, &s.after);
	want_follow(&t, &p, &s.after);
	assert_int_equal(t.failed, 0);
}

/* What edges see, and nothing else, takes a number. */
static void
test_numbers(void **state)
{
	struct fixture *f = *state;
	int64_t w = (fixture_publish(f, "a.example"), fixture_worker(f));
	struct test_step s = test_step_begin(f, w, 0);
	uint64_t number = last_number(f), body_number;
	struct served served;
	bool found;

	/* clang-format off */
	static const struct {
		const char *label;
		const char *body, *id;
		uint64_t version;
		enum publication_stage stage;
		bool numbered, is_body;
	} rows[] = {
		{ "a stage",	"",	"",	0,	PUBLICATION_CERTIFYING,	false,	false },
		{ "a body",	"one",	"",	1,	PUBLICATION_CERTIFYING,	true,	true },
		{ "the same",	"one",	"",	1,	PUBLICATION_CERTIFYING,	false,	false },
		{ "an id",	"one",	"aa",	1,	PUBLICATION_LIVE,	true,	false },
		{ "both",	"two",	"bb",	2,	PUBLICATION_LIVE,	true,	true },
		{ "no body",	"",	"",	3,	PUBLICATION_AWAITED,	true,	true },
		{ "begun anew",	"three", "",	4,	PUBLICATION_CERTIFYING,	true,	true },
		{ "the end",	"three", "",	4,	PUBLICATION_ENDED,	true,	false },
	};
	/* clang-format on */
	struct tally t = { 0 };

	assert_int_equal(number, 1);
	body_number = 0;
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		s.after.state.stage = rows[i].stage;
		s.after.state.body = span_str(rows[i].body);
		s.after.state.version = rows[i].version;
		snprintf(s.after.state.id, sizeof s.after.state.id, "%s",
		    rows[i].id);
		assert_true(test_step_end(f, &s, (int64_t)i, (int64_t)i + 1));
		number += rows[i].numbered;
		if (rows[i].is_body)
			body_number = rows[i].body[0] != '\0' ? number : 0;
		want_int(
		    &t, "number", (int64_t)last_number(f), (int64_t)number);
		assert_err(f,
		    served_host(f->s, SPAN("mta-sts.a.example"), 0, &f->a,
			&served, &found, &f->e),
		    ERR_OK);
		want_bool(
		    &t, "found", found, rows[i].stage != PUBLICATION_ENDED);
		if (found) {
			want_int(&t, "body number", (int64_t)served.body_number,
			    (int64_t)body_number);
			want_span(&t, "body", served.body,
			    s.after.state.body.n > 0 ? s.after.state.body
						     : SPAN(""));
			want_span(&t, "id", served.id, span_str(rows[i].id));
		}
		s = test_step_begin(f, w, (int64_t)i + 1);
	}
	assert_int_equal(t.failed, 0);
}

/* What was written is dated anew when it is announced: an edge may have served
 * the one before it until then. */
static void
test_announced_at(void **state)
{
	static const struct {
		uint64_t version, id_version;
		int64_t want[4]; /* of the bodies, the last first */
	} rows[] = {
		{ 1, 0, { 10 } },
		{ 2, 0, { 20, 10 } },
		{ 2, 2, { 30, 30 } },
		{ 3, 2, { 40, 30, 30 } },
		{ 4, 2, { 50, 40, 30, 30 } },
		{ 4, 4, { 60, 60, 30, 30 } },
		{ 4, 4, { 60, 60, 30, 30 } },
	};
	struct fixture *f = *state;
	struct tally t = { .label = "at" };
	int64_t w;

	fixture_publish(f, "a.example");
	w = fixture_worker(f);
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t at = 10 * (int64_t)(i + 1);
		struct test_step s = test_step_begin(f, w, at);
		struct published p;

		s.after.state.version = rows[i].version;
		s.after.state.body = arena_printf(
		    &f->a, "body %llu", (unsigned long long)rows[i].version);
		s.after.state.id_version = rows[i].id_version;
		assert_true(test_step_end(f, &s, at, at + 1));
		p = fixture_published(f, "a.example");
		want_size(&t, "bodies", p.n_bodies, (size_t)rows[i].version);
		for (size_t k = 0; k < p.n_bodies; k++)
			want_int(&t, "at", p.bodies[k].at.s - test_now.s,
			    rows[i].want[k]);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_forget(void **state)
{
	struct fixture *f = *state;
	int64_t domain = fixture_publish(f, "a.example");
	int64_t w = fixture_worker(f);
	struct published p;

	/* version n is served from n0 on */
	for (int64_t n = 1; n <= 3; n++) {
		struct test_step s = test_step_begin(f, w, 10 * n);

		s.after.state.version = (uint64_t)n;
		s.after.state.body =
		    arena_printf(&f->a, "body %lld", (long long)n);
		assert_true(test_step_end(f, &s, 10 * n, 10 * n + 1));
	}
	p = fixture_published(f, "a.example");
	assert_int_equal(p.n_bodies, 3);
	assert_int_equal(p.bodies[0].version, 3);
	assert_int_equal(p.bodies[2].version, 1);
	want_text(p.bodies[2].body, "body 1");
	/* the first one was served until 20 */
	assert_err(
	    f, publication_forget(f->s, domain, test_after(20), &f->e), ERR_OK);
	assert_int_equal(fixture_published(f, "a.example").n_bodies, 3);
	assert_err(
	    f, publication_forget(f->s, domain, test_after(21), &f->e), ERR_OK);
	assert_int_equal(fixture_published(f, "a.example").n_bodies, 2);
	assert_err(f, publication_forget(f->s, domain, test_after(1000), &f->e),
	    ERR_OK);
	p = fixture_published(f, "a.example");
	assert_int_equal(p.n_bodies, 1);
	want_text(p.bodies[0].body, "body 3");
	want_text(p.state.body, "body 3");
}

/* ---- who takes it when ---- */

static void
test_claims(void **state)
{
	struct fixture *f = *state;
	int64_t slow = fixture_worker(f), other = fixture_worker(f);
	struct test_step s;
	struct publication_claim *c;

	fixture_claim(f, slow, 0, 0);
	fixture_publish(f, "a.example");
	fixture_claim(f, slow, -1, 0);
	s = test_step_begin(f, slow, 0);
	want_text(s.claim->name, "a.example");
	fixture_claim(f, other, TEST_LEASE_S - 1, 0);
	c = fixture_claim(f, other, TEST_LEASE_S, 1);
	s.after.state.version = 9;
	s.after.state.body = SPAN("too late");
	assert_false(test_step_end(f, &s, TEST_LEASE_S, 1000));
	want_text(fixture_published(f, "a.example").state.body, "");
	/* who leaves gives back what he has */
	assert_err(f, work_leave(f->s, other, &f->e), ERR_OK);
	s.claim = c;
	s.worker = other;
	assert_false(test_step_end(f, &s, TEST_LEASE_S, 1000));
	s = test_step_begin(f, slow, 0);
	assert_true(test_step_end(f, &s, 1, 10));
	fixture_claim(f, slow, 9, 0);
	fixture_claim(f, slow, 10, 1);
}

static void
test_longest_wait_first(void **state)
{
	static const char *const names[] = { "a.example", "b.example",
		"c.example" };
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);
	struct publication_claim *c;
	size_t n;

	for (size_t i = 0; i < ROWS(names); i++) {
		struct test_step s;

		fixture_publish(f, names[i]);
		s = test_step_begin(f, w, 0);
		assert_true(test_step_end(f, &s, 0, 100 - 10 * (int64_t)i));
	}
	for (size_t i = ROWS(names); i-- > 0;) {
		assert_err(f,
		    publication_claim(f->s, w, test_after(200),
			test_after(1000), 1, &f->a, &c, &n, &f->e),
		    ERR_OK);
		assert_int_equal(n, 1);
		want_text(c->name, names[i]);
	}
}

static void
test_wake(void **state)
{
	struct fixture *f = *state;
	int64_t domain = fixture_publish(f, "a.example");
	int64_t w = fixture_worker(f);
	struct test_step s = test_step_begin(f, w, 0);

	/* due when it is woken, and at no other moment */
	assert_true(test_step_end(f, &s, 1, 0));
	fixture_claim(f, w, 1000000, 0);
	assert_err(
	    f, publication_wake(f->s, domain, test_after(50), &f->e), ERR_OK);
	fixture_claim(f, w, 49, 0);
	s = test_step_begin(f, w, 50);
	assert_true(s.claim->woken);
	/* while somebody has it: he is not disturbed */
	assert_err(
	    f, publication_wake(f->s, domain, test_after(51), &f->e), ERR_OK);
	fixture_claim(f, w, 52, 0);
	assert_true(test_step_end(f, &s, 53, 0));
	s = test_step_begin(f, w, 53);
	assert_true(s.claim->woken);
	assert_true(test_step_end(f, &s, 54, 1000));
	s.claim = NULL;
	/* what is due already is due as it was */
	assert_err(
	    f, publication_wake(f->s, domain, test_after(2000), &f->e), ERR_OK);
	s = test_step_begin(f, w, 1000);
	assert_true(s.claim->woken);
	assert_true(test_step_end(f, &s, 1001, 5000));
	s = test_step_begin(f, w, 5000);
	assert_false(s.claim->woken);
}

/* Those whose change waits, and no others. */
static void
test_wake_waiting(void **state)
{
	static const enum publication_change changes[] = { CHANGE_REST,
		CHANGE_FILE, CHANGE_PROVING, CHANGE_ID };
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);

	for (size_t i = 0; i < ROWS(changes); i++) {
		struct test_step s;

		fixture_publish(
		    f, arena_printf(&f->a, "%c.example", 'a' + (int)i).p);
		s = test_step_begin(f, w, 0);
		s.after.state.change = changes[i];
		assert_true(test_step_end(f, &s, 0, 1000));
	}
	fixture_claim(f, w, 20, 0);
	assert_err(
	    f, publication_wake_waiting(f->s, test_after(10), &f->e), ERR_OK);
	fixture_claim(f, w, 10, 3);
}

/* A clock that was ahead planned for years from now. */
static void
test_hurry(void **state)
{
	enum { DAY = 86400 };
	struct fixture *f = *state;
	int64_t w = fixture_worker(f), domain;
	struct certificate_order *orders;
	size_t n;

	fixture_publish(f, "a.example");
	domain = fixture_publish(f, "b.example");
	fixture_exec(f, "UPDATE publication SET due_at = due_at + 100000"
			" WHERE name = 'a.example'");
	fixture_exec(f, "UPDATE publication SET due_at = due_at + 87000"
			" WHERE name = 'b.example'");
	assert_err(f,
	    certificate_want(f->s, domain, SPAN("mta-sts.b.example"), true,
		test_after(100000), &f->e),
	    ERR_OK);
	assert_err(f, work_hurry(f->s, test_after(5), test_after(1000), &f->e),
	    ERR_OK);
	want_text(fixture_claim(f, w, 5, 1)->name, "a.example");
	assert_err(f,
	    certificate_claim(f->s, w, test_after(5), test_after(1000), 10,
		&f->a, &orders, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 1);
}

/* ---- what the monitor leaves ---- */

static bool
get_sight(
    struct fixture *f, int64_t domain, const char *want, bool want_stepped)
{
	struct span text;
	bool stepped, found;

	assert_err(f,
	    publication_get_sight(
		f->s, domain, &f->a, &text, &stepped, &found, &f->e),
	    ERR_OK);
	if (found) {
		want_text(text, want);
		assert_int_equal(stepped, want_stepped);
	}
	return found;
}

static void
put_sight(
    struct fixture *f, int64_t domain, const char *text, int64_t at, bool wake)
{
	assert_err(f,
	    publication_put_sight(
		f->s, domain, span_str(text), test_after(at), wake, &f->e),
	    ERR_OK);
}

static void
test_sight(void **state)
{
	struct fixture *f = *state;
	int64_t other = fixture_domain(f, "other.example");
	int64_t domain = fixture_publish(f, "a.example");
	int64_t w = fixture_worker(f);
	struct test_step s = test_step_begin(f, w, 0);

	assert_true(test_step_end(f, &s, 1, 1000));
	put_sight(f, other, "x", 1, true); /* it is not published */
	assert_false(get_sight(f, other, "", false));
	assert_false(get_sight(f, domain, "", false));
	put_sight(f, domain, "one", 5, false);
	fixture_claim(f, w, 5, 0);
	assert_true(get_sight(f, domain, "one", false));
	put_sight(f, domain, "two", 6, true);
	s = test_step_begin(f, w, 6);
	assert_true(s.claim->woken);
	assert_true(get_sight(f, domain, "two", false));
	s.after.state.stage = PUBLICATION_ENDED;
	assert_true(test_step_end(f, &s, 7, 1000));
	assert_true(get_sight(f, domain, "two", true));
	put_sight(f, domain, "three", 8, true); /* nor is it any more */
	assert_true(get_sight(f, domain, "two", true));
	fixture_claim(f, w, 8, 0);
}

/* ---- a page ---- */

static void
test_list(void **state)
{
	enum { ALL = 26 };
	struct fixture *f = *state;
	int64_t w = fixture_worker(f);
	struct publication_filter filter = { .after = SPAN(""), .max = 10 };
	struct publication_row *rows;
	struct test_step s;
	size_t n;

	for (int i = ALL; i-- > 0;)
		fixture_publish(
		    f, arena_printf(&f->a, "%c.example", 'a' + i).p);
	assert_err(
	    f, service_zone_set(f->s, SPAN("zone.example"), &f->e), ERR_OK);
	for (int i = 0; i < ALL; i++) {
		if (i % 10 == 0) {
			assert_err(f,
			    publication_list(
				f->s, &filter, &f->a, &rows, &n, &f->e),
			    ERR_OK);
			assert_int_equal(n, i < 20 ? 10 : 6);
			filter.after = rows[n - 1].name;
		}
		assert_int_equal(rows[i % 10].name.p[0], 'a' + i);
		assert_int_equal(rows[i % 10].stage, PUBLICATION_AWAITED);
		assert_false(rows[i % 10].waits || rows[i % 10].held ||
			     rows[i % 10].advised);
	}
	want_text(rows[5].target, "zzzzzzzzzzzzzzzz.zone.example");

	fixture_exec(f, "UPDATE publication SET due_at = NULL"
			" WHERE name <> 'k.example'");
	s = test_step_begin(f, w, 0);
	fill(&s.after);
	assert_true(test_step_end(f, &s, 1, 1000));
	assert_err(f,
	    certificate_want(f->s, s.claim->domain, SPAN("mta-sts.k.example"),
		true, test_now, &f->e),
	    ERR_OK);
	fixture_exec(f, "UPDATE certificate SET problem = 'no'");
	filter = (struct publication_filter){
		.stage = "live", .after = SPAN("a.example"), .max = 10
	};
	assert_err(f, publication_list(f->s, &filter, &f->a, &rows, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 1);
	want_text(rows->name, "k.example");
	assert_int_equal(rows->stage, PUBLICATION_LIVE);
	assert_int_equal(rows->change, CHANGE_ID);
	assert_int_equal(rows->mode, STS_MODE_TESTING);
	assert_true(rows->lost);
	assert_false(rows->leave);
	assert_true(rows->waits);
	assert_true(rows->held);
	assert_int_equal(rows->advised, s.after.advised);
	want_text(rows->gate_text, "one\ntwo");
	want_text(rows->bar_text, "Another policy is there.");
	want_text(rows->problem, "no");
	filter.after = SPAN("k.example");
	assert_err(f, publication_list(f->s, &filter, &f->a, &rows, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, 0);
}

static void
test_count(void **state)
{
	struct fixture *f = *state;
	int64_t n[PUBLICATION_STAGES];

	for (size_t i = 0; i < PUBLICATION_STAGES; i++)
		n[i] = -1;
	assert_err(f, publication_count(f->s, n, &f->e), ERR_OK);
	for (size_t i = 0; i < PUBLICATION_STAGES; i++)
		assert_int_equal(n[i], 0);
	fixture_publish(f, "a.example");
	fixture_publish(f, "b.example");
	fixture_publish(f, "c.example");
	fixture_exec(f,
	    "UPDATE publication SET stage = 'live' WHERE name = 'b.example'");
	assert_err(f, publication_count(f->s, n, &f->e), ERR_OK);
	assert_int_equal(n[PUBLICATION_AWAITED], 2);
	assert_int_equal(n[PUBLICATION_LIVE], 1);
	assert_int_equal(n[PUBLICATION_ENDED], 0);
	fixture_exec(f, "UPDATE publication SET stage = 'lost'");
	assert_err(f, publication_count(f->s, n, &f->e), ERR_DATA);
}

/* What can be had and not be read. */
static void
test_damage(void **state)
{
	/* clang-format off */
	static const struct {
		const char *damage, *want;
	} rows[] = {
		{ "UPDATE publication SET stage = 'dead'", "a stage 'dead'" },
		{ "UPDATE publication SET change = ''", "a change ''" },
		{ "UPDATE publication SET mode = 'harsh'", "a mode 'harsh'" },
		{ "UPDATE publication SET follow = 'no'", "a way to follow MX records 'no'" },
		{ "UPDATE publication SET bar = 'iron'", "a bar 'iron'" },
		{ "UPDATE publication SET state = 'v=1 rounds=x'", "'rounds=x'" },
		{ "UPDATE publication SET state = 'v=2'", "'v=2'" },
		{ "UPDATE served SET id = '0123456789abcdef0123456789abcdef0'", "id" },
	};
	/* clang-format on */
	struct fixture *f = *state;
	struct sql *sql = store_sql(f->s);
	struct tally t = { 0 };
	struct published p;
	bool found;

	fixture_publish(f, "a.example");
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].damage;
		f->e.text[0] = '\0';
		assert_err(f, sql_begin(sql, SQL_WRITE, &f->e), ERR_OK);
		assert_err(f, sql_exec(sql, rows[i].damage, &f->e), ERR_OK);
		want_int(&t, "error",
		    publication_get(
			f->s, SPAN("a.example"), &f->a, &p, &found, &f->e),
		    ERR_DATA);
		want_bool(&t, rows[i].want,
		    strstr(f->e.text, rows[i].want) != NULL, true);
		sql_rollback(sql);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_save),
		RUN(test_numbers),
		RUN(test_announced_at),
		RUN(test_forget),
		RUN(test_claims),
		RUN(test_longest_wait_first),
		RUN(test_wake),
		RUN(test_wake_waiting),
		RUN(test_hurry),
		RUN(test_sight),
		RUN(test_list),
		RUN(test_count),
		RUN(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

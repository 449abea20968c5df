#include "store/publications.h"

#include "store/domains.h"
#include "store/served.h"
#include "store/test_store.h"
#include "store/work.h"

enum { LEASE_S = 120 };

#define LABEL "abcdefghijklmnop"
#define OTHER_LABEL "ponmlkjihgfedcba"

static const struct publish_order testing = {
	.mode = STS_MODE_TESTING,
	.max_age = 86400,
	.follow = FOLLOW_APPROVE,
	.overlap_s = 172800,
	.override_by = SPAN_INIT(""),
	.asked_at = { 100 },
};

static struct wall_time
after(int64_t s)
{
	return (struct wall_time){ test_now.s + s };
}

static void
ask(struct fixture *f, const char *name, const struct publish_order *order,
    const char *label, int64_t at, enum publication_asked want)
{
	enum publication_asked asked;

	assert_err(f,
	    publication_ask(f->s, span_str(name), order, span_str(label),
		after(at), &asked, &f->e),
	    ERR_OK);
	assert_int_equal(asked, want);
}

static struct published
get(struct fixture *f, const char *name)
{
	struct published p = { 0 };
	bool found;

	assert_err(f,
	    publication_get(f->s, span_str(name), &f->a, &p, &found, &f->e),
	    ERR_OK);
	assert_true(found);
	return p;
}

static struct publication_claim *
claim(struct fixture *f, int64_t worker, int64_t at, size_t want)
{
	struct publication_claim *list;
	size_t n;

	assert_err(f,
	    publication_claim(f->s, worker, after(at), after(at + LEASE_S), 10,
		&f->a, &list, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, want);
	return list;
}

static bool
save(struct fixture *f, int64_t worker, const struct publication_claim *c,
    const struct published *before, const struct published *now, int64_t at,
    struct wall_time next)
{
	bool held;

	assert_err(f,
	    publication_save(
		f->s, worker, c, before, now, next, after(at), &held, &f->e),
	    ERR_OK);
	return held;
}

static uint64_t
last_number(struct fixture *f)
{
	uint64_t n;

	assert_err(f, served_last(f->s, &n, &f->e), ERR_OK);
	return n;
}

static void
want_text(struct span got, const char *want)
{
	struct tally t = { .label = "text" };

	want_span(&t, "text", got, span_str(want));
	assert_int_equal(t.failed, 0);
}

/* A domain with a publication that is claimed, and loaded. */
struct step {
	int64_t domain, worker;
	struct publication_claim *claim;
	struct published before, after;
};

static struct step
begin(struct fixture *f, int64_t at)
{
	struct step s = { .worker = fixture_worker(f) };

	s.domain = fixture_domain(f, "a.example");
	ask(f, "a.example", &testing, LABEL, at, PUBLICATION_NEW);
	s.claim = claim(f, s.worker, at, 1);
	s.before = s.after = get(f, "a.example");
	return s;
}

static bool
end(struct fixture *f, const struct step *s, int64_t at, int64_t next)
{
	return save(
	    f, s->worker, s->claim, &s->before, &s->after, at, after(next));
}

/* ---- what the owner wants ---- */

static void
test_ask(void **state)
{
	struct fixture *f = *state;
	struct publish_order order = testing;
	struct published p;
	struct span zone;

	ask(f, "a.example", &testing, LABEL, 0, PUBLICATION_NO_DOMAIN);
	fixture_domain(f, "a.example");
	ask(f, "a.example", &testing, LABEL, 5, PUBLICATION_NEW);
	p = get(f, "a.example");
	want_text(p.name, "a.example");
	want_text(p.label, LABEL);
	want_text(p.target, "");
	assert_int_equal(p.state.stage, PUBLICATION_AWAITED);
	assert_int_equal(p.state.stage_since.s, test_now.s + 5);
	assert_int_equal(p.state.change, CHANGE_REST);
	assert_int_equal(p.state.version, 0);
	assert_int_equal(p.state.body.n, 0);
	assert_string_equal(p.state.id, "");
	assert_int_equal(p.order.mode, STS_MODE_TESTING);
	assert_int_equal(p.order.max_age, 86400);
	assert_int_equal(p.order.follow, FOLLOW_APPROVE);
	assert_int_equal(p.order.overlap_s, 172800);
	assert_int_equal(p.order.asked_at.s, 100);
	assert_false(p.certificate.exists);
	assert_int_equal(p.n_bodies, 0);

	order.asked_at.s = 200;
	ask(f, "a.example", &order, OTHER_LABEL, 6, PUBLICATION_SAME);
	order.mode = STS_MODE_ENFORCE;
	order.override_by = SPAN("Ann");
	order.override_at.s = 200;
	ask(f, "a.example", &order, OTHER_LABEL, 7, PUBLICATION_CHANGED);

	assert_err(f, service_zone_get(f->s, &f->a, &zone, &f->e), ERR_OK);
	want_text(zone, "");
	for (int i = 0; i < 2; i++)
		assert_err(f,
		    service_zone_set(f->s, SPAN("sts.example.net"), &f->e),
		    ERR_OK);
	assert_err(f, service_zone_get(f->s, &f->a, &zone, &f->e), ERR_OK);
	want_text(zone, "sts.example.net");
	p = get(f, "a.example");
	want_text(p.label, LABEL);
	want_text(p.target, LABEL ".sts.example.net");
	assert_int_equal(p.order.mode, STS_MODE_ENFORCE);
	want_text(p.order.override_by, "Ann");
	assert_int_equal(p.order.override_at.s, 200);
	assert_int_equal(p.order.asked_at.s, 200);
}

/* A label that was let go is never issued again, and serves nobody. */
static void
test_ask_again(void **state)
{
	struct fixture *f = *state;
	struct step s = begin(f, 0);
	struct served served;
	struct published p;
	bool found;

	s.after.state.stage = PUBLICATION_ENDED;
	s.after.state.version = 3;
	s.after.state.body = SPAN("old");
	s.after.may_replace = true;
	assert_true(end(f, &s, 1, 1000));
	ask(f, "a.example", &testing, OTHER_LABEL, 2, PUBLICATION_NEW);
	p = get(f, "a.example");
	want_text(p.label, OTHER_LABEL);
	assert_int_equal(p.state.stage, PUBLICATION_AWAITED);
	assert_int_equal(p.state.version, 0);
	assert_int_equal(p.n_bodies, 0);
	assert_false(p.may_replace);
	want_text(p.state.body, "");
	assert_err(f,
	    served_label(f->s, SPAN(LABEL), &f->a, &served, &found, &f->e),
	    ERR_OK);
	assert_false(found);
	assert_err(f,
	    served_host(f->s, SPAN("mta-sts.a.example"), 0, &f->a, &served,
		&found, &f->e),
	    ERR_OK);
	assert_true(found);
	want_text(served.label, OTHER_LABEL);
	/* whoever had the one that ended has lost it */
	assert_false(end(f, &s, 3, 1000));
	claim(f, s.worker, 3, 1);
}

/* ---- a step ---- */

static void
fill(struct published *p, struct arena *a)
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

	(void)a;
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
	struct step s = begin(f, 0);
	struct tally t = { .label = "as it was saved" };
	struct published p;
	bool found;

	fill(&s.after, &f->a);
	assert_true(end(f, &s, 3, 50));
	p = get(f, "a.example");
	want_published(&t, &p, &s.after);
	want_follow(&t, &p, &s.after);
	assert_int_equal(t.failed, 0);
	assert_int_equal(p.n_bodies, 1);
	assert_int_equal(p.bodies[0].version, 7);
	assert_int_equal(p.bodies[0].at.s, test_now.s + 3);
	want_text(p.bodies[0].body, "version: STSv1\n");
	assert_err(f, publication_of(f->s, s.domain, &f->a, &p, &found, &f->e),
	    ERR_OK);
	assert_true(found);
	want_published(&t, &p, &s.after);
	assert_int_equal(t.failed, 0);

	/* all of it ends again */
	claim(f, s.worker, 49, 0);
	s.claim = claim(f, s.worker, 50, 1);
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
	assert_true(end(f, &s, 51, 60));
	p = get(f, "a.example");
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
	struct step s = begin(f, 0);
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
		{ "no body",	"",	"",	0,	PUBLICATION_AWAITED,	true,	true },
		{ "begun anew",	"three", "",	1,	PUBLICATION_CERTIFYING,	true,	true },
		{ "the end",	"three", "",	1,	PUBLICATION_ENDED,	true,	false },
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
		assert_true(end(f, &s, (int64_t)i, (int64_t)i + 1));
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
		s.claim = claim(f, s.worker, (int64_t)i + 1, 1);
		s.before = s.after = get(f, "a.example");
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_ask),
		RUN(test_ask_again),
		RUN(test_save),
		RUN(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

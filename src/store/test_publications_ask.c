/* Publications: what their owner says. */
#include "store/certificates.h"
#include "store/domains.h"
#include "store/served.h"
#include "store/test_published.h"

/* ---- what he wants ---- */

static void
test_ask(void **state)
{
	struct fixture *f = *state;
	struct publish_order order = test_order;
	struct published p;
	struct span zone;

	fixture_ask(
	    f, "a.example", &test_order, TEST_LABEL, 0, PUBLICATION_NO_DOMAIN);
	fixture_domain(f, "a.example");
	fixture_ask(
	    f, "a.example", &test_order, TEST_LABEL, 5, PUBLICATION_NEW);
	p = fixture_published(f, "a.example");
	want_text(p.name, "a.example");
	want_text(p.label, TEST_LABEL);
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
	fixture_ask(
	    f, "a.example", &order, TEST_OTHER_LABEL, 6, PUBLICATION_SAME);
	order.mode = STS_MODE_ENFORCE;
	order.override_by = SPAN("Ann");
	order.override_at.s = 200;
	fixture_ask(
	    f, "a.example", &order, TEST_OTHER_LABEL, 7, PUBLICATION_CHANGED);

	assert_err(f, service_zone_get(f->s, &f->a, &zone, &f->e), ERR_OK);
	want_text(zone, "");
	for (int i = 0; i < 2; i++)
		assert_err(f,
		    service_zone_set(f->s, SPAN("sts.example.net"), &f->e),
		    ERR_OK);
	assert_err(f, service_zone_get(f->s, &f->a, &zone, &f->e), ERR_OK);
	want_text(zone, "sts.example.net");
	p = fixture_published(f, "a.example");
	want_text(p.label, TEST_LABEL);
	want_text(p.target, TEST_LABEL ".sts.example.net");
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
	int64_t w = (fixture_domain(f, "a.example"), fixture_worker(f));
	struct test_step s;
	struct served served;
	struct published p;
	struct span sight;
	bool found, stepped;

	fixture_ask(
	    f, "a.example", &test_order, TEST_LABEL, 0, PUBLICATION_NEW);
	s = test_step_begin(f, w, 0);
	s.after.state.stage = PUBLICATION_ENDED;
	s.after.state.version = 3;
	s.after.state.body = SPAN("old");
	s.after.may_replace = true;
	assert_err(f,
	    publication_put_sight(f->s, s.before.domain, SPAN("what was seen"),
		test_after(1), false, &f->e),
	    ERR_OK);
	assert_true(test_step_end(f, &s, 1, 1000));
	fixture_ask(
	    f, "a.example", &test_order, TEST_OTHER_LABEL, 2, PUBLICATION_NEW);
	assert_err(f,
	    publication_get_sight(
		f->s, s.before.domain, &f->a, &sight, &stepped, &found, &f->e),
	    ERR_OK);
	assert_false(found);
	p = fixture_published(f, "a.example");
	want_text(p.label, TEST_OTHER_LABEL);
	assert_int_equal(p.state.stage, PUBLICATION_AWAITED);
	assert_int_equal(p.state.version, 0);
	assert_int_equal(p.n_bodies, 0);
	assert_false(p.may_replace);
	want_text(p.state.body, "");
	assert_err(f,
	    served_label(f->s, SPAN(TEST_LABEL), &f->a, &served, &found, &f->e),
	    ERR_OK);
	assert_false(found);
	assert_err(f,
	    served_host(f->s, SPAN("mta-sts.a.example"), 0, &f->a, &served,
		&found, &f->e),
	    ERR_OK);
	assert_true(found);
	want_text(served.label, TEST_OTHER_LABEL);
	/* whoever had the one that ended has lost it */
	assert_false(test_step_end(f, &s, 3, 1000));
	fixture_claim(f, w, 3, 1);
}

/* ---- his word on one thing ---- */

static struct span hosts[] = { SPAN_INIT("mx1.example"),
	SPAN_INIT("mx2.example"), SPAN_INIT("mx3.example") };

static bool
approve(struct fixture *f, const char *name, size_t n, int64_t at)
{
	bool found;

	assert_err(f,
	    publication_approve(
		f->s, span_str(name), hosts, n, test_after(at), &found, &f->e),
	    ERR_OK);
	return found;
}

static bool
replace(struct fixture *f, const char *name, int64_t at)
{
	bool found;

	assert_err(f,
	    publication_replace(
		f->s, span_str(name), test_after(at), &found, &f->e),
	    ERR_OK);
	return found;
}

static bool
move(struct fixture *f, const char *name, size_t n, int64_t at)
{
	bool found;

	assert_err(f,
	    publication_move(
		f->s, span_str(name), hosts, n, test_after(at), &found, &f->e),
	    ERR_OK);
	return found;
}

/* Two other MX hosts were seen, and their owner is asked. */
static void
ask_for_approval(struct test_step *s)
{
	s->after.follow.state = MX_WAITING;
	s->after.follow.seen = hosts;
	s->after.follow.n_seen = 2;
	s->after.follow.rounds = MX_FOLLOW_ROUNDS;
}

static void
test_words(void **state)
{
	struct fixture *f = *state;
	int64_t w = (fixture_publish(f, "a.example"), fixture_worker(f));
	struct test_step s = test_step_begin(f, w, 0);
	struct published p;

	assert_false(approve(f, "b.example", 2, 0));
	assert_false(replace(f, "b.example", 0));
	assert_false(move(f, "b.example", 2, 0));
	ask_for_approval(&s);
	assert_true(test_step_end(f, &s, 1, 0));

	/* not what he was asked */
	assert_false(approve(f, "a.example", 3, 2));
	fixture_claim(f, w, 2, 0);
	assert_int_equal(
	    fixture_published(f, "a.example").follow.state, MX_WAITING);
	assert_true(approve(f, "a.example", 2, 3));
	s = test_step_begin(f, w, 3);
	assert_true(s.claim->woken);
	assert_int_equal(s.before.follow.state, MX_SETTLED);
	assert_int_equal(s.before.follow.n_patterns, 2);
	want_text(s.before.follow.patterns[0].host, "mx1.example");
	assert_true(test_step_end(f, &s, 4, 0));

	assert_false(fixture_published(f, "a.example").may_replace);
	assert_true(replace(f, "a.example", 5));
	s = test_step_begin(f, w, 5);
	assert_true(s.before.may_replace);
	assert_true(test_step_end(f, &s, 6, 0));

	assert_true(move(f, "a.example", 3, 7));
	s = test_step_begin(f, w, 7);
	assert_int_equal(s.before.move.n_to, 3);
	want_text(s.before.move.to[2], "mx3.example");
	assert_int_equal(s.before.move.since.s, test_now.s + 7);
	assert_true(test_step_end(f, &s, 8, 0));
	assert_true(move(f, "a.example", 0, 9));
	p = fixture_published(f, "a.example");
	assert_int_equal(p.move.n_to, 0);
	assert_int_equal(p.move.since.s, 0);
	/* and the rest is as it was */
	assert_true(p.may_replace);
	assert_int_equal(p.follow.n_patterns, 2);
}

/* He speaks while a step is under way that has not heard him. */
static void
test_meanwhile(void **state)
{
	struct publish_order order = test_order;
	struct fixture *f = *state;
	int64_t w = (fixture_publish(f, "a.example"), fixture_worker(f));
	struct test_step s = test_step_begin(f, w, 0);
	struct published p;

	ask_for_approval(&s);
	s.after.may_replace = true;
	assert_true(test_step_end(f, &s, 1, 2));
	s = test_step_begin(f, w, 2);
	assert_true(approve(f, "a.example", 2, 3));
	assert_true(move(f, "a.example", 3, 3));
	order.leave = true;
	fixture_ask(f, "a.example", &order, TEST_LABEL, 3, PUBLICATION_CHANGED);
	s.after.follow.hold = MX_HOLD_UNKNOWN;
	s.after.advised = true;
	s.after.may_replace = false;
	s.after.state.stage = PUBLICATION_CERTIFYING;
	assert_true(test_step_end(f, &s, 4, 1000));

	p = fixture_published(f, "a.example");
	assert_int_equal(p.follow.state, MX_SETTLED); /* his */
	assert_int_equal(p.follow.hold, MX_HOLD_NONE);
	assert_int_equal(p.move.n_to, 3);
	assert_true(p.order.leave);
	assert_true(p.advised); /* ours */
	assert_false(p.may_replace);
	assert_int_equal(p.state.stage, PUBLICATION_CERTIFYING);
	/* and there is another step at once, which hears him */
	assert_true(test_step_begin(f, w, 4).claim->woken);
}

/* ---- the domain goes ---- */

static void
test_domain_goes(void **state)
{
	/* clang-format off */
	static const struct {
		enum publication_stage stage;
		enum err want;
	} rows[] = {
		{ PUBLICATION_AWAITED,		ERR_OK },
		{ PUBLICATION_CERTIFYING,	ERR_OK },
		{ PUBLICATION_LIVE,		ERR_USAGE },
		{ PUBLICATION_LEAVING,		ERR_USAGE },
		{ PUBLICATION_REMOVABLE,	ERR_USAGE },
		{ PUBLICATION_ENDED,		ERR_OK },
	};
	/* clang-format on */
	struct fixture *f = *state;
	struct tally t = { 0 };

	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *name =
		    arena_printf(&f->a, "%c.example", 'a' + (int)i).p;
		struct span host = arena_printf(&f->a, "mta-sts.%s", name);
		int64_t w = fixture_worker(f),
			domain = fixture_publish(f, name);
		struct test_step s = test_step_begin(f, w, 0);
		struct certificate_order *o;
		struct served served;
		struct domain d;
		uint64_t before, after;
		size_t n;
		bool found;

		t.label = publication_stage_names[rows[i].stage];
		s.after.state.stage = rows[i].stage;
		s.after.state.version = 1;
		s.after.state.body = SPAN("body");
		assert_true(test_step_end(f, &s, 1, 0));
		assert_err(f,
		    certificate_want(
			f->s, domain, host, true, test_after(9000), &f->e),
		    ERR_OK);
		assert_err(f, served_last(f->s, &before, &f->e), ERR_OK);
		f->e = (struct error){ 0 };
		want_int(&t, "error",
		    domains_remove(
			f->s, span_str(name), test_after(50), &found, &f->e),
		    rows[i].want);
		want_bool(&t, "what to do",
		    strstr(f->e.text, "mtasts publish --remove") != NULL,
		    rows[i].want != ERR_OK);
		assert_err(f,
		    domains_get(f->s, span_str(name), &f->a, &d, &found, &f->e),
		    ERR_OK);
		want_bool(&t, "there", found, rows[i].want != ERR_OK);
		assert_err(f,
		    served_host(f->s, host, 0, &f->a, &served, &found, &f->e),
		    ERR_OK);
		want_bool(&t, "served", found, rows[i].want != ERR_OK);
		assert_err(f, served_last(f->s, &after, &f->e), ERR_OK);
		want_bool(
		    &t, "a change", after > before, rows[i].want == ERR_OK);
		assert_err(f,
		    certificate_claim(f->s, w, test_after(50), test_after(100),
			9, &f->a, &o, &n, &f->e),
		    ERR_OK);
		want_size(&t, "certificates due", n, rows[i].want == ERR_OK);
		if (n > 0)
			want_bool(&t, "wanted", o->wanted, false);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_ask),
		RUN(test_ask_again),
		RUN(test_words),
		RUN(test_meanwhile),
		RUN(test_domain_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

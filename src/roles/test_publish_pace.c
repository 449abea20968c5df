/* The publish role: what counts as proof, when it comes again, and its loop. */
#include "roles/test_publishing.h"

enum { TURNS = 500 }; /* of 200 ms at most: something hangs */

/* ---- the look ---- */

static const struct {
	const char *label;
	const char *pages; /* of the addresses: + shows it, - other, . nobody */
	bool want;
} proofs[] = {
	{ "all of them", "+++", true },
	{ "one that is down is in nobody's way", "+.+", true },
	{ "but is no proof", "...", false },
	{ "one that shows another body is", "++-", false },
	{ "whoever else is down", "+-.", false },
};

static enum publish_shown
shown(char mark)
{
	return mark == '+'   ? SHOWN_IT
	       : mark == '-' ? SHOWN_OTHER
			     : SHOWN_NOTHING;
}

static void
test_proof(void **state)
{
	struct play *w = *state;
	struct tally t = { 0 };
	struct publish_case c = {
		.p = { .name = SPAN("a.example"),
		    .target = SPAN(PLAY_LABEL ".pub.example.net"),
		    .state = { .body = SPAN("body"), .change = CHANGE_ID } },
		.prove = true,
	};

	arena_init(&c.arena, LIMIT_CHECK_MEMORY);
	memset(c.p.state.id, 'a', PUBLICATION_ID_OCTETS);
	for (size_t i = 0; i < ROWS(proofs); i++) {
		t.label = proofs[i].label;
		for (size_t k = 0; k < ADDRESSES; k++)
			w->pages[k] = w->ids[k] = shown(proofs[i].pages[k]);
		w->n_ids = ADDRESSES;
		publish_look(&w->env, &w->eyes, &c);
		want_bool(&t, "proved", c.proved, proofs[i].want);
		want_bool(&t, "id", c.id_shown, proofs[i].want);
	}
	t.label = "servers that could not be found";
	w->ids[0] = w->ids[1] = w->ids[2] = SHOWN_IT;
	w->servers_known = false;
	publish_look(&w->env, &w->eyes, &c);
	want_bool(&t, "id", c.id_shown, false);
	t.label = "what is not under way is not looked at";
	atomic_store(&w->pages_asked, 0);
	atomic_store(&w->ids_asked, 0);
	c.p.state.change = CHANGE_REST;
	c.prove = false;
	publish_look(&w->env, &w->eyes, &c);
	want_int(&t, "pages", atomic_load(&w->pages_asked), 0);
	want_int(&t, "ids", atomic_load(&w->ids_asked), 0);
	t.label = "a look that was cut off says nothing";
	c.prove = true;
	w->pages[0] = SHOWN_IT;
	w->pages[1] = w->pages[2] = SHOWN_NOTHING;
	publish_look(&w->env, &w->eyes, &c);
	want_bool(&t, "proved", c.proved, true);
	stop_pull(&w->stop);
	publish_look(&w->env, &w->eyes, &c);
	want_bool(&t, "cut", c.cut, true);
	want_bool(&t, "proved", c.proved, false);
	want_int(&t, "delegation", c.delegation, DELEGATION_UNKNOWN);
	arena_release(&c.arena);
	assert_int_equal(t.failed, 0);
}

/* Nothing is announced while an edge is behind, or none lives. */
static void
test_edges(void **state)
{
	struct play *w = *state;
	struct tally t = { .label = "edges" };

	play_ask(w, &play_order);
	play_see(w, "a");
	play_run(w);
	play_see(w, "a");
	w->edges_stand = true;
	play_cnames(w, LEAD_OURS, LEAD_OURS);
	play_run(w);
	want_int(&t, "none lives", play_published(w).state.change, CHANGE_FILE);
	want_int(&t, "not fetched", atomic_load(&w->pages_asked), 0);
	assert_err(w->f, edge_beat(w->f->s, w->edge, 1, play_now(w), &w->f->e),
	    ERR_OK);
	play_run(w);
	want_int(&t, "behind", play_published(w).state.change, CHANGE_FILE);
	w->edges_stand = false;
	w->pages[1] = SHOWN_OTHER;
	play_run(w);
	want_int(
	    &t, "not proved", play_published(w).state.change, CHANGE_PROVING);
	want_span(&t, "no id", play_served(w).id, SPAN(""));
	w->pages[1] = SHOWN_IT;
	w->ids[1] = SHOWN_OTHER;
	play_run(w);
	want_int(&t, "on its way", play_published(w).state.change, CHANGE_ID);
	w->ids[1] = SHOWN_IT;
	play_run(w);
	want_int(&t, "done", play_published(w).state.change, CHANGE_REST);
	assert_int_equal(t.failed, 0);
}

/* ---- when again ---- */

static void
test_pace(void **state)
{
	static const struct sql_statement due = {
		"SELECT due_at FROM publication"
	};
	struct play *w = *state;
	struct tally t = { .label = "pace" };
	struct publish_step out;

	play_ask(w, &play_order);
	assert_true(play_step(w, &out));
	want_int(&t, "who has just asked", fixture_count(w->f, &due),
	    play_now(w).s + MINUTE);
	play_pass(w, 2 * DAY);
	assert_true(play_step(w, &out));
	want_int(&t, "later", fixture_count(w->f, &due),
	    play_now(w).s + 10 * MINUTE);
	play_to_live(w, &play_order, "a");
	play_pass(w, 10 * MINUTE);
	assert_true(play_step(w, &out));
	want_int(&t, "at rest", fixture_count(w->f, &due),
	    play_now(w).s + 10 * MINUTE);
	w->edges_stand = true;
	play_pass(w, DAY);
	play_see(w, "ab");
	assert_true(play_step(w, &out));
	play_see(w, "ab");
	assert_true(play_step(w, &out));
	want_int(&t, "a change", play_published(w).state.change, CHANGE_FILE);
	want_int(&t, "soon", fixture_count(w->f, &due), play_now(w).s + 1);
	play_pass(w, 4 * MINUTE);
	assert_true(play_step(w, &out));
	want_int(
	    &t, "less soon", fixture_count(w->f, &due), play_now(w).s + 60);
	play_pass(w, HOUR);
	assert_true(play_step(w, &out));
	want_int(
	    &t, "and no later", fixture_count(w->f, &due), play_now(w).s + 120);
	assert_int_equal(t.failed, 0);
}

/* Who was slow finds that somebody else has the work, and writes nothing. */
static void
test_lease(void **state)
{
	struct play *w = *state;
	struct publish_desk d = { &w->env, w->f->s, w->worker };
	struct publish_case c = { .worker = w->worker };
	struct publication_claim *claims;
	struct publish_step out;
	bool found, held;
	size_t n;

	play_ask(w, &play_order);
	assert_err(w->f,
	    publication_claim(w->f->s, w->worker, play_now(w),
		(struct wall_time){ play_now(w).s + 10 }, 1, &w->f->a, &claims,
		&n, &w->f->e),
	    ERR_OK);
	assert_int_equal(n, 1);
	c.claim = claims[0];
	arena_init(&c.arena, LIMIT_CHECK_MEMORY);
	assert_err(w->f, publish_load(&d, &c, &found, &w->f->e), ERR_OK);
	play_pass(w, 11);
	assert_true(play_step(w, &out));
	assert_int_equal(out.publish, 1U << PUBLISH_BARRED);
	(void)play_history(w);
	publish_look(&w->env, &w->eyes, &c);
	assert_err(w->f, publish_settle(&d, &c, &out, &held, &w->f->e), ERR_OK);
	assert_false(held);
	assert_int_equal(play_history(w).n, 0);
	arena_release(&c.arena);
}

/* A sight that cannot be read is as if nobody had looked. */
static void
test_damaged(void **state)
{
	struct play *w = *state;
	struct publish_step out;

	play_ask(w, &play_order);
	assert_err(w->f,
	    publication_put_sight(w->f->s, play_published(w).domain,
		SPAN("what?"), play_now(w), true, &w->f->e),
	    ERR_OK);
	assert_true(play_step(w, &out));
	assert_int_equal(play_published(w).bar, PUBLISH_NO_MX);
}

/* ---- the loop ---- */

static void
test_loop(void **state)
{
	struct play *w = *state;
	struct publisher p = { .line.env = &w->env, .eyes = &w->eyes };
	int turns = 0;

	play_ask(w, &play_order);
	atomic_store(&w->host, LEAD_OURS);
	atomic_store(&w->txt, LEAD_OURS);
	assert_err(w->f, publish_begin(&p, &w->f->e), ERR_OK);
	play_see(w, "a");
	while (play_published(w).state.change != CHANGE_REST ||
	       play_published(w).state.stage != PUBLICATION_LIVE) {
		assert_true(turns++ < TURNS);
		publish_turn(&p);
		play_certify(w);
		play_edge(w);
		if (play_published(w).follow.n_patterns == 0 && p.n_jobs == 0)
			play_see(w, "a");
		play_pass(w, 1);
	}
	assert_true(p.steps > 0);
	assert_int_equal(p.announced, 1);
	stop_pull(&w->stop);
	publish_end(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAY(test_proof),
		PLAY(test_edges),
		PLAY(test_pace),
		PLAY(test_lease),
		PLAY(test_damaged),
		PLAY(test_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

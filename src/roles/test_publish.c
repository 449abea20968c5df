/* The publish role, from claim to what is told. */
#include "roles/test_publishing.h"

#include "store/work.h"

/* ---- a life ---- */

static void
test_life(void **state)
{
	struct play *w = *state;
	struct tally t = { .label = "a life" };
	struct publish_order order = play_order;
	struct span first_id;
	struct served gone;
	bool found;

	play_ask(w, &order);
	play_run(w);
	want_span(&t, "awaited", play_history(w), SPAN("publish-barred"));
	play_see(w, "a");
	play_run(w);
	play_see(w, "a");
	play_run(w);
	want_span(
	    &t, "MX", play_history(w), SPAN("mx-believed publish-barred"));
	play_cnames(w, LEAD_OURS, LEAD_NONE);
	play_run(w);
	want_int(
	    &t, "half", play_published(w).state.stage, PUBLICATION_AWAITED);
	want_size(&t, "nothing served", play_served(w).body_number, 0);
	play_cnames(w, LEAD_OURS, LEAD_OURS);
	play_run(w);
	want_span(&t, "live", play_history(w),
	    SPAN("delegation-came policy-to-serve policy-announced"));
	first_id = play_served(w).id;
	want_size(&t, "id", first_id.n, PUBLICATION_ID_OCTETS);
	want_span(&t, "quiet", play_news(w), SPAN(""));

	play_pass(w, DAY);
	play_run(w);
	want_bool(
	    &t, "another id", span_eq(play_served(w).id, first_id), false);
	want_span(&t, "and nothing told", play_history(w), SPAN(""));

	play_see(w, "ab");
	play_run(w);
	play_see(w, "ab");
	play_run(w);
	want_span(&t, "MX changed", play_history(w),
	    SPAN("mx-believed policy-to-serve policy-announced"));
	want_span(&t, "MX changed", play_news(w),
	    SPAN("changed: The MX hosts changed from a.example to a.example, "
		 "b.example; all 2 name servers agree. The policy has them "
		 "from now on."));
	play_see(w, "b");
	play_run(w);
	play_see(w, "b");
	play_run(w);
	want_span(&t, "one left", play_news(w),
	    SPAN("changed: The MX hosts changed from a.example, b.example to "
		 "b.example; all 2 name servers agree. The policy has them "
		 "from now on; what has left stays in it for 2 days at "
		 "least."));

	order.leave = true;
	w->sight.leave_at.s = play_now(w).s + 8 * DAY;
	play_see(w, "b");
	play_history(w);
	play_ask(w, &order);
	play_run(w);
	want_span(&t, "leaving", play_history(w),
	    SPAN("policy-to-serve removal-begun policy-announced"));
	want_span(&t, "leaving", play_news(w),
	    SPAN("advice: The removal has begun. Both CNAMEs must stay until "
		 "2027-01-24 09:42 UTC at least; you will be told when they "
		 "may go."));
	play_pass(w, 8 * DAY);
	w->sight.may_leave = true;
	play_see(w, "b");
	play_run(w);
	want_span(&t, "may go", play_news(w),
	    SPAN("advice: The CNAMEs mta-sts.a.example and _mta-sts.a.example "
		 "may be removed since 2027-01-24 09:50 UTC: no sender holds a "
		 "policy any more."));
	play_cnames(w, LEAD_NONE, LEAD_NONE);
	play_run(w);
	want_int(&t, "over", play_published(w).state.stage, PUBLICATION_ENDED);
	assert_err(w->f,
	    served_label(
		w->f->s, SPAN(PLAY_LABEL), &w->f->a, &gone, &found, &w->f->e),
	    ERR_OK);
	want_bool(&t, "served", found, false);
	want_span(&t, "over", play_history(w),
	    SPAN("may-be-removed publication-ended"));
	assert_int_equal(t.failed, 0);
}

/* ---- what stands in the way ---- */

static void
test_gate(void **state)
{
	struct play *w = *state;
	struct tally t = { .label = "gate" };
	struct publish_order order = play_order;

	order.mode = STS_MODE_ENFORCE;
	w->sight.gate_text = SPAN("a.example is bad.");
	play_to_live(w, &order, "a");
	want_bool(&t, "shut", play_published(w).gate_text.n > 0, true);
	play_history(w);
	play_pass(w, 14 * DAY);
	w->sight.gate_open = true;
	w->sight.gate_text = SPAN("");
	play_see(w, "a");
	play_run(w);
	want_span(&t, "open", play_news(w),
	    SPAN("advice: The gate is open: mode enforce is published from now "
		 "on."));
	want_span(&t, "open", play_history(w),
	    SPAN("mode-enforce policy-to-serve policy-announced"));
	order.mode = STS_MODE_TESTING;
	play_ask(w, &order);
	play_run(w);
	want_span(&t, "ready", play_news(w),
	    SPAN("advice: Ready to enforce: every mail host is good, nothing "
		 "that loses mail is known, and mode testing has lasted long "
		 "enough to have shown it. When you want it: mtasts publish "
		 "--mode enforce a.example"));
	w->sight.gate_open = false;
	w->sight.gate_text = SPAN("One.\nTwo.");
	play_see(w, "a");
	order.mode = STS_MODE_ENFORCE;
	order.override_by = SPAN("alice");
	order.override_at = play_now(w);
	play_ask(w, &order);
	play_run(w);
	want_span(&t, "override", play_news(w),
	    SPAN("advice: Mode enforce is published from now on, whatever the "
		 "gate says: so it was asked for by alice on 2027-01-29 08:51 "
		 "UTC. One. Two."));
	assert_int_equal(t.failed, 0);
}

static void
test_approval(void **state)
{
	struct play *w = *state;
	struct tally t = { .label = "approval" };
	struct publish_order order = play_order;
	const struct span hosts[] = { SPAN_INIT("b.example"),
		SPAN_INIT("a.example") };
	bool found;

	order.follow = FOLLOW_APPROVE;
	play_to_live(w, &order, "a");
	w->sight.mx.servers = 0;
	play_see(w, "ab");
	play_run(w);
	play_see(w, "ab");
	play_run(w);
	want_span(&t, "asked", play_news(w),
	    SPAN("advice: The MX hosts changed from a.example to a.example, "
		 "b.example; all 2 name servers agree. The policy stays as it "
		 "is until you approve: mtasts publish --approve --host "
		 "a.example --host b.example a.example"));
	assert_err(w->f,
	    publication_approve(w->f->s, SPAN("a.example"), hosts, 2,
		play_now(w), &found, &w->f->e),
	    ERR_OK);
	assert_true(found);
	play_run(w);
	want_bool(&t, "followed",
	    memmem(play_published(w).state.body.p,
		play_published(w).state.body.n, "mx: b.example", 13) != NULL,
	    true);
	order.follow = FOLLOW_OFF;
	play_ask(w, &order);
	play_see(w, "b");
	play_run(w);
	play_see(w, "b");
	play_run(w);
	want_span(&t, "off", play_news(w),
	    SPAN("changed: The MX hosts changed from a.example, b.example to "
		 "b.example; all 2 name servers agree. The policy stays as it "
		 "is, since it follows no change."));
	order.follow = FOLLOW_APPROVE;
	play_ask(w, &order);
	play_see(w, "b");
	play_run(w);
	want_span(&t, "asked after all", play_news(w),
	    SPAN("advice: The MX hosts changed from a.example, b.example to "
		 "b.example; all 2 name servers agree. The policy stays as it "
		 "is until you approve: mtasts publish --approve --host "
		 "b.example a.example"));
	assert_int_equal(t.failed, 0);
}

static void
test_foreign(void **state)
{
	struct play *w = *state;
	struct tally t = { .label = "foreign" };
	bool found;

	play_ask(w, &play_order);
	w->sight.foreign = SPAN("version: STSv1\n");
	play_see(w, "a");
	play_run(w);
	play_see(w, "a");
	play_cnames(w, LEAD_OURS, LEAD_OURS);
	play_run(w);
	want_span(&t, "told", play_news(w),
	    SPAN("advice: Another policy is published there, or was within its "
		 "life; ours takes its place when its owner says so. To say "
		 "so: mtasts publish --replace a.example"));
	want_size(&t, "not served", play_served(w).body_number, 0);
	assert_err(w->f,
	    publication_replace(
		w->f->s, SPAN("a.example"), play_now(w), &found, &w->f->e),
	    ERR_OK);
	play_run(w);
	want_int(&t, "live", play_published(w).state.stage, PUBLICATION_LIVE);
	assert_int_equal(t.failed, 0);
}

static void
test_move(void **state)
{
	struct play *w = *state;
	struct tally t = { .label = "move" };
	const struct span to[] = { SPAN_INIT("b.example") };
	bool found;

	play_to_live(w, &play_order, "a");
	play_history(w);
	assert_err(w->f,
	    publication_move(w->f->s, SPAN("a.example"), to, 1, play_now(w),
		&found, &w->f->e),
	    ERR_OK);
	play_run(w);
	play_pass(w, 7 * DAY);
	play_run(w);
	play_see(w, "a");
	play_run(w);
	want_span(&t, "add", play_news(w),
	    SPAN("advice: The MX records may have b.example from now on: no "
		 "sender holds a policy that does not cover them."));
	play_see(w, "b");
	play_run(w);
	play_see(w, "b");
	play_run(w);
	(void)play_news(w);
	play_pass(w, 2 * DAY);
	play_see(w, "b");
	play_run(w);
	want_span(&t, "drop", play_news(w),
	    SPAN("advice: The mail hosts that have left the MX records may be "
		 "switched off: nobody has the old records any more."));
	want_span(&t, "history", play_history(w),
	    SPAN("policy-to-serve policy-announced move-may-add mx-believed "
		 "policy-to-serve move-may-drop move-done policy-announced"));
	assert_int_equal(t.failed, 0);
}

/* The domain is judged anew when the delegation is lost, and not before it has
 * been; and what is lost is served on, until nobody holds it. */
static void
test_lost(void **state)
{
	static const struct sql_statement woken = {
		"SELECT COUNT(*) FROM work WHERE woken_at IS NOT NULL"
	};
	struct play *w = *state;
	struct tally t = { .label = "lost" };
	struct work_claim *claims;
	bool held;
	size_t n;

	play_to_live(w, &play_order, "a");
	play_history(w);
	assert_err(w->f,
	    work_claim(w->f->s, w->worker, play_now(w),
		(struct wall_time){ play_now(w).s + 60 }, 1, &w->f->a, &claims,
		&n, &w->f->e),
	    ERR_OK);
	assert_err(w->f,
	    work_finish(w->f->s, w->worker, &claims[0],
		&(struct schedule){ .due = { { play_now(w).s + 30 * DAY },
					{ play_now(w).s + 30 * DAY },
					{ play_now(w).s + 30 * DAY } } },
		play_now(w), &held, &w->f->e),
	    ERR_OK);
	play_run(w);
	want_int(&t, "asleep", fixture_count(w->f, &woken), 0);
	play_cnames(w, LEAD_NONE, LEAD_UNKNOWN);
	play_run(w);
	want_int(&t, "unknown", fixture_count(w->f, &woken), 0);
	play_cnames(w, LEAD_NONE, LEAD_OURS);
	play_run(w);
	want_int(&t, "woken", fixture_count(w->f, &woken), 1);
	want_span(&t, "lost", play_history(w), SPAN("delegation-lost"));
	play_pass(w, 6 * DAY);
	play_cnames(w, LEAD_NONE, LEAD_NONE);
	play_run(w);
	want_bool(&t, "served on", play_served(w).body_number > 0, true);
	play_pass(w, DAY);
	play_run(w);
	want_size(&t, "given up", play_served(w).body_number, 0);
	want_span(&t, "no id", play_served(w).id, SPAN(""));
	want_span(
	    &t, "given up", play_history(w), SPAN("publication-given-up"));
	assert_int_equal(t.failed, 0);
}

static const struct sql_statement wanted = {
	"SELECT COUNT(*) FROM certificate WHERE wanted = 1"
};

/* A certificate is wanted from the first sight of the delegation to the end,
 * whatever the CNAMEs do in between. */
static void
test_certificate(void **state)
{
	static const struct {
		const char *label;
		enum publish_lead lead;
		bool leave;
		int64_t want;
	} rows[] = {
		{ "awaited", LEAD_NONE, false, 0 },
		{ "it came", LEAD_OURS, false, 1 },
		{ "it went", LEAD_NONE, false, 1 },
		{ "it came again", LEAD_OURS, false, 1 },
		{ "the end", LEAD_OURS, true, 0 },
	};
	struct play *w = *state;
	struct tally t = { 0 };
	struct publish_order order = play_order;
	struct publish_step out;

	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		order.leave = rows[i].leave;
		play_ask(w, &order);
		play_cnames(w, rows[i].lead, rows[i].lead);
		assert_true(play_step(w, &out));
		want_int(
		    &t, "wanted", fixture_count(w->f, &wanted), rows[i].want);
	}
	assert_int_equal(t.failed, 0);
}

/* The CNAMEs stand, and lead to nobody yet: no certificate is asked for. */
static void
test_astray(void **state)
{
	struct play *w = *state;
	struct publish_step out;

	play_ask(w, &play_order);
	atomic_store(&w->is_astray, true);
	play_cnames(w, LEAD_OURS, LEAD_OURS);
	assert_true(play_step(w, &out));
	assert_int_equal(fixture_count(w->f, &wanted), 0);
	atomic_store(&w->is_astray, false);
	play_pass(w, 11 * MINUTE);
	assert_true(play_step(w, &out));
	assert_int_equal(fixture_count(w->f, &wanted), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAY(test_life),
		PLAY(test_gate),
		PLAY(test_approval),
		PLAY(test_foreign),
		PLAY(test_move),
		PLAY(test_lost),
		PLAY(test_certificate),
		PLAY(test_astray),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

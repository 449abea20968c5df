/* The monitor, where we publish the policy of a domain. */
#include "roles/test_watch.h"

#include "core/publish_sight.h"
#include "store/test_published.h"

#define LABEL "k3jx5fq2v7m4a6bd"
#define TARGET LABEL ".sts.example"
#define ID "0123456789abcdef0123456789abcdef"

static struct test_rr *
find_record(struct watch *w, const char *name)
{
	for (size_t i = 0; i < w->n_zone; i++)
		if (strcmp(w->zone[i].name, name) == 0)
			return &w->zone[i];
	fail_msg("no record at %s", name);
	return NULL;
}

static void
delegate(struct watch *w)
{
	static const char *const names[] = { "_mta-sts.a.example",
		"mta-sts.a.example" };

	for (size_t i = 0; i < ROWS(names); i++) {
		struct test_rr *rr = find_record(w, names[i]);

		*rr = (struct test_rr){ rr->name, DNS_CNAME, TARGET };
	}
	watch_record(w, TARGET, DNS_TXT, "v=STSv1; id=" ID ";");
	watch_record(w, TARGET, DNS_A, "127.0.0.1");
}

static void
order_policy(struct watch *w)
{
	const struct publish_order order = { .mode = STS_MODE_ENFORCE,
		.max_age = 604800,
		.override_by = SPAN(""),
		.asked_at = clock_wall(&w->time.clock) };
	enum publication_asked asked;

	assert_err(w->f,
	    service_zone_set(w->f->s, SPAN("sts.example"), &w->f->e), ERR_OK);
	assert_err(w->f,
	    publication_ask(w->f->s, SPAN("a.example"), &order, SPAN(LABEL),
		clock_wall(&w->time.clock), &asked, &w->f->e),
	    ERR_OK);
	assert_int_equal(asked, PUBLICATION_NEW);
}

/* As the publish role does; false: nothing is due. */
static bool
step_publication(struct watch *w,
    void (*change)(struct published *p, const struct publish_sight *s,
	bool is_new, struct wall_time now, struct arena *a))
{
	struct wall_time now = clock_wall(&w->time.clock);
	struct publish_sight sight = { 0 };
	struct publication_claim *c;
	struct published before, after;
	struct span text;
	bool found, stepped = true, held;
	size_t n;

	assert_err(w->f,
	    publication_claim(w->f->s, w->m.worker, now,
		(struct wall_time){ now.s + MINUTE }, 1, &w->f->a, &c, &n,
		&w->f->e),
	    ERR_OK);
	if (n == 0)
		return false;
	assert_err(w->f,
	    publication_of(
		w->f->s, c->domain, &w->f->a, &before, &found, &w->f->e),
	    ERR_OK);
	assert_true(found);
	assert_err(w->f,
	    publication_get_sight(w->f->s, c->domain, &w->f->a, &text, &stepped,
		&found, &w->f->e),
	    ERR_OK);
	if (found)
		assert_int_equal(
		    publish_sight_read(text, &w->f->a, &sight), ERR_OK);
	after = before;
	change(&after, &sight, found && !stepped, now, &w->f->a);
	assert_err(w->f,
	    publication_save(w->f->s, w->m.worker, c, &before, &after,
		(struct wall_time){ 0 }, now, &held, &w->f->e),
	    ERR_OK);
	assert_true(held);
	return true;
}

static void
follow(struct published *p, const struct publish_sight *s, bool is_new,
    struct wall_time now, struct arena *a)
{
	const struct mx_follow_rules rules = { .mode = FOLLOW_AUTO };
	unsigned events;

	(void)now;
	if (is_new && s->fresh)
		assert_int_equal(
		    mx_follow_step(&p->follow, &rules, &s->mx, a, &events),
		    ERR_OK);
}

static void
go_live(struct published *p, const struct publish_sight *s, bool is_new,
    struct wall_time now, struct arena *a)
{
	(void)s;
	(void)is_new;
	(void)a;
	p->state = (struct publication){ .stage = PUBLICATION_LIVE,
		.stage_since = { now.s - 7 * 24 * HOUR },
		.change = CHANGE_REST,
		.change_since = now,
		.version = 1,
		.body = SPAN(POLICY),
		.id = ID,
		.id_since = now,
		.id_version = 1 };
}

static void
set_bar(struct published *p, const struct publish_sight *s, bool is_new,
    struct wall_time now, struct arena *a)
{
	(void)s;
	(void)is_new;
	(void)now;
	(void)a;
	p->bar = PUBLISH_TOO_LONG;
	p->bar_text = SPAN("The policy would be 70000 octets long.");
}

static void
free_bar(struct published *p, const struct publish_sight *s, bool is_new,
    struct wall_time now, struct arena *a)
{
	(void)s;
	(void)is_new;
	(void)now;
	(void)a;
	p->bar = PUBLISH_FREE;
	p->bar_text = SPAN("");
}

static void
publish_live(struct watch *w)
{
	watch_record(w, "a.example", DNS_NS, "ns.a.example");
	watch_record(w, "ns.a.example", DNS_A, "127.0.0.1");
	delegate(w);
	watch_domain(w, "a.example");
	order_policy(w);
	assert_true(step_publication(w, go_live));
	watch_run(w);
}

/* Rounds leave what they saw; another MX host is believed after two of them,
 * and they come soon. */
static void
test_published_mx(void **state)
{
	struct watch *w = *state;
	struct published p;

	publish_live(w);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM incident"), 0);
	assert_true(step_publication(w, follow));
	assert_false(step_publication(w, follow));
	assert_int_equal(
	    fixture_published(w->f, "a.example").follow.n_patterns, 0);
	watch_pass_and_run(w, AGAIN);
	assert_true(step_publication(w, follow));
	p = fixture_published(w->f, "a.example");
	assert_int_equal(p.follow.n_patterns, 1);
	assert_true(
	    span_eq(p.follow.patterns[0].host, SPAN("mx.shared.example")));

	/* As ever: nobody is woken. */
	for (int i = 0; i < 5; i++)
		watch_pass_and_run(w, 15 * MINUTE + 1);
	assert_false(step_publication(w, follow));

	watch_record(w, "a.example", DNS_MX, "20 mx.new.example");
	watch_record(w, "mx.new.example", DNS_A, "127.0.0.1");
	watch_collector(w, &w->m);
	watch_pass_and_run(w, HOUR + 1);
	/* Nobody steps with it: there is no hurry to see it again. */
	for (int i = 0; i < 3; i++)
		watch_pass_and_run(w, AGAIN);
	w->m.rounds = 0;
	watch_pass_and_run(w, AGAIN);
	assert_int_equal(w->m.rounds, 0);
	assert_true(step_publication(w, follow));
	assert_int_equal(
	    fixture_published(w->f, "a.example").follow.state, MX_WATCHED);
	assert_int_equal(fixture_published(w->f, "a.example").follow.rounds, 1);
	watch_pass_and_run(w, 15 * MINUTE + 1);
	watch_pass_and_run(w, AGAIN);
	assert_true(step_publication(w, follow));
	assert_int_equal(
	    fixture_published(w->f, "a.example").follow.n_patterns, 2);
	/* Its owner hears of it once, from the publish role. */
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM event"
					" WHERE kind = 'mx-changed'"),
	    1);
	assert_int_equal(
	    watch_count(
		w, "SELECT COUNT(*) FROM outbox WHERE kind = 'changed'"),
	    0);
}

/* A stranger answers for the policy host, the CNAME goes, and what the publish
 * role could not do: raised, and over. */
static void
test_published_faults(void **state)
{
	struct watch *w = *state;
	struct test_rr kept;

	publish_live(w);
	assert_true(step_publication(w, follow));
	watch_run(w);
	watch_pass_and_run(w, HOUR + 1);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM incident"), 0);

	atomic_store(&w->policy,
	    "version: STSv1\nmode: enforce\nmx: mx.evil.example\n"
	    "max_age: 31557600\n");
	watch_pass_and_run(w, HOUR + 1);
	assert_int_equal(watch_count(w, OPEN("change.unexpected-body")), 1);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM incident"), 1);
	atomic_store(&w->policy, POLICY);
	watch_pass_and_run(w, HOUR + 1);
	watch_pass_and_run(w, AGAIN);
	assert_int_equal(watch_count(w, OPEN("change.unexpected-body")), 0);

	kept = *find_record(w, "mta-sts.a.example");
	*find_record(w, "mta-sts.a.example") =
	    (struct test_rr){ "mta-sts.a.example", DNS_TXT, "gone" };
	watch_collector(w, &w->m);
	watch_pass_and_run(w, HOUR + 1);
	watch_pass_and_run(w, AGAIN);
	assert_int_equal(watch_count(w, OPEN("cname.removed-by-surprise")), 1);
	*find_record(w, "mta-sts.a.example") = kept;
	watch_collector(w, &w->m);
	watch_pass_and_run(w, HOUR + 1);
	watch_pass_and_run(w, AGAIN);
	assert_int_equal(watch_count(w, OPEN("cname.removed-by-surprise")), 0);

	while (step_publication(w, follow))
		;
	fixture_exec(w->f, "UPDATE publication SET due_at = 0");
	assert_true(step_publication(w, set_bar));
	watch_pass_and_run(w, 15 * MINUTE + 1);
	watch_pass_and_run(w, AGAIN);
	assert_int_equal(watch_count(w, OPEN("auto.policy-oversize")), 1);
	fixture_exec(w->f, "UPDATE publication SET due_at = 0");
	assert_true(step_publication(w, free_bar));
	watch_pass_and_run(w, 15 * MINUTE + 1);
	watch_pass_and_run(w, AGAIN);
	assert_int_equal(watch_count(w, OPEN("auto.policy-oversize")), 0);
}

/* What the store holds of it cannot be read: the domain is watched all the
 * same. */
static void
test_published_damaged(void **state)
{
	struct watch *w = *state;

	publish_live(w);
	fixture_exec(w->f, "UPDATE publication SET sight = 'v=99'");
	watch_pass_and_run(w, HOUR + 1);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM publication"
					" WHERE sight LIKE 'v=1%'"),
	    1);
	fixture_exec(w->f, "UPDATE publication SET state = 'v=99'");
	w->m.rounds = 0;
	watch_pass_and_run(w, HOUR + 1);
	assert_true(w->m.rounds > 0);
	assert_int_equal(watch_count(w, "SELECT COUNT(*) FROM incident"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_published_mx),
		STORY(test_published_faults),
		STORY(test_published_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

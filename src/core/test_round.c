/* Rounds of one good domain, with one thing or another about them. */
#include "base/limits.h"
#include "base/test_table.h"
#include "core/round.h"
#include "core/test_scene.h"

enum { RECORDS = 1 << LOOK_RECORDS, POLICY = 1 << LOOK_POLICY };
enum { QUARTER = 15 * 60 };

/* A domain that is watched: what a monitor remembers. */
struct watch {
	struct arena a;
	struct ledger ledger;
	struct sightings sightings;
	struct scene scene;
	struct round round; /* the last one */
	struct wall_time now;
};

static void
begin(struct watch *w)
{
	*w = (struct watch){ .now = { SCENE_NOW_S } };
	arena_init(&w->a, 4 * (size_t)LIMIT_CHECK_MEMORY);
	scene_good(&w->scene);
}

static void
look(struct watch *w, unsigned looks, const bool *muted)
{
	w->scene.ev.checked_at = w->now;
	w->round = (struct round){ .ledger = &w->ledger,
		.before = &w->sightings,
		.ev = &w->scene.ev,
		.looks = looks,
		.failed = round_unmeasured(&w->scene.ev, looks),
		.muted = muted,
		.now = w->now };
	assert_int_equal(round_judge(&w->round, &w->a), ERR_OK);
	w->sightings = w->round.sightings.after;
	w->now.s += QUARTER;
}

static void
want_outcome(
    const struct watch *w, enum look_outcome records, enum look_outcome policy)
{
	assert_int_equal(w->round.outcome[LOOK_RECORDS], records);
	assert_int_equal(w->round.outcome[LOOK_POLICY], policy);
}

static void
test_outcomes(void **state)
{
	struct watch w;

	(void)state;
	begin(&w);
	look(&w, LOOK_EVERYTHING, NULL);
	want_outcome(&w, LOOK_CHANGED, LOOK_CHANGED); /* all of it is new */
	look(&w, LOOK_EVERYTHING, NULL);
	want_outcome(&w, LOOK_STEADY, LOOK_STEADY);
	scene_record(&w.scene, SPAN("v=STSv1; id=2;"));
	look(&w, LOOK_EVERYTHING, NULL);
	want_outcome(&w, LOOK_CHANGED, LOOK_STEADY);
	w.scene.ev.mx.result = DNS_SERVFAIL;
	look(&w, LOOK_EVERYTHING, NULL);
	want_outcome(&w, LOOK_FAILED, LOOK_STEADY);
	arena_release(&w.a);
}

/* A fault is suspect until it stands, and again until it is gone. */
static void
test_suspicion(void **state)
{
	struct watch w;

	(void)state;
	begin(&w);
	look(&w, LOOK_EVERYTHING, NULL);
	w.scene.ev.fetches[0].status = 404;
	look(&w, LOOK_EVERYTHING, NULL);
	want_outcome(&w, LOOK_SUSPECT, LOOK_SUSPECT);
	assert_true(round_must_be_whole(&w.sightings));
	assert_false(round_is_ailing(&w.sightings));
	assert_int_equal(w.round.sightings.n_events, 0);
	look(&w, LOOK_EVERYTHING, NULL);
	assert_false(round_must_be_whole(&w.sightings));
	assert_true(round_is_ailing(&w.sightings));
	assert_true(w.round.sightings.n_events > 0);
	scene_good(&w.scene);
	look(&w, LOOK_EVERYTHING, NULL);
	assert_true(round_must_be_whole(&w.sightings));
	look(&w, LOOK_EVERYTHING, NULL);
	assert_false(round_must_be_whole(&w.sightings));
	assert_int_equal(w.sightings.n, 0);
	arena_release(&w.a);
}

/* What was not looked at is no news to the ledger, whatever stands in the
 * evidence that was carried over. */
static void
test_ledger_sees_what_was_looked_at(void **state)
{
	struct watch w;

	(void)state;
	begin(&w);
	look(&w, LOOK_EVERYTHING, NULL);
	assert_int_equal(w.ledger.n_versions, 1);
	assert_int_equal(w.ledger.n_ids, 1);
	scene_record(&w.scene, SPAN("v=STSv1; id=2;"));
	scene_body(&w.scene, SPAN("version: STSv1\nmode: testing\n"
				  "mx: mx1.example.com\nmx: mx2.example.com\n"
				  "max_age: 86400\n"));
	look(&w, 0, NULL);
	assert_int_equal(w.ledger.n_versions, 1);
	assert_int_equal(w.ledger.n_ids, 1);
	look(&w, RECORDS, NULL);
	assert_int_equal(w.ledger.n_versions, 1);
	assert_int_equal(w.ledger.n_ids, 2);
	look(&w, POLICY, NULL);
	assert_int_equal(w.ledger.n_versions, 2);
	arena_release(&w.a);
}

static void
test_muted(void **state)
{
	bool muted[CHECKS] = { [CHECK_HTTP_STATUS] = true };
	struct watch w;

	(void)state;
	begin(&w);
	look(&w, LOOK_EVERYTHING, muted);
	w.scene.ev.fetches[0].status = 404;
	look(&w, LOOK_EVERYTHING, muted);
	look(&w, LOOK_EVERYTHING, muted);
	for (size_t i = 0; i < w.sightings.n; i++)
		assert_int_not_equal(
		    w.sightings.all[i].check, CHECK_HTTP_STATUS);
	/* It is still judged, and shown. */
	assert_int_equal(w.round.judged.verdict, VERDICT_ERROR);
	arena_release(&w.a);
}

/* What is muted while it stands is over, and told so by its cause, even where
 * nobody can see whether it is mended. */
static void
test_muted_later(void **state)
{
	bool muted[CHECKS] = { [CHECK_MODE_NONE_LIVE] = true };
	struct sighting s = { .check = CHECK_MODE_NONE_LIVE,
		.result = RESULT_FAIL,
		.subject = SPAN("example.com"),
		.state = SIGHTING_STANDING,
		.severity = SEVERITY_WARNING,
		.message = SPAN(""),
		.remedy = SPAN("") };
	struct watch w;

	(void)state;
	begin(&w);
	w.sightings = (struct sightings){ &s, 1 };
	w.scene.ev.mx.result = w.scene.ev.sts_txt.result = DNS_SERVFAIL;
	look(&w, LOOK_EVERYTHING, NULL);
	assert_int_equal(w.sightings.all[0].check, CHECK_MX_LOOKUP_FAILED);
	assert_true(w.sightings.n > 1);
	look(&w, LOOK_EVERYTHING, muted);
	for (size_t i = 0; i < w.sightings.n; i++)
		assert_int_not_equal(
		    w.sightings.all[i].check, CHECK_MODE_NONE_LIVE);
	arena_release(&w.a);
}

static void
test_flap(void **state)
{
	struct watch w;

	(void)state;
	begin(&w);
	for (int i = 0; i < 6; i++) {
		scene_record(&w.scene, i % 2 == 0 ? SPAN("v=STSv1; id=1;")
						  : SPAN("v=STSv1; id=2;"));
		look(&w, RECORDS, NULL);
		assert_int_equal(
		    w.round.outcome[LOOK_RECORDS] == LOOK_CHANGED, i < 4);
	}
	arena_release(&w.a);
}

static struct sighting
sighting(enum check_id id, const char *subject, const char *address,
    enum severity severity, enum sighting_state state)
{
	return (struct sighting){ .check = id,
		.result = RESULT_FAIL,
		.subject = span_str(subject),
		.address = scene_ip(address),
		.severity = severity,
		.state = state };
}

static struct causes
list(struct sighting *all, size_t n, struct arena *a)
{
	const struct sightings s = { all, n };
	struct causes out;

	assert_int_equal(causes_of(&s, SPAN("d.example"), a, &out), ERR_OK);
	return out;
}

/* "-name" left, "+name" came, "!name" weighs more or less than before. */
static struct span
differences(
    const struct causes *before, const struct causes *after, struct arena *a)
{
	struct causes_walk w = { .before = before, .after = after };
	const struct cause *b, *n;
	struct span s = SPAN("");

	while (causes_next(&w, &b, &n)) {
		const struct cause *c = n != NULL ? n : b;
		const char *how = b == NULL		       ? "+"
				  : n == NULL		       ? "-"
				  : b->severity != n->severity ? "!"
							       : "=";

		s = arena_printf(a, "%.*s%s%.*s\n", (int)s.n, s.p, how,
		    (int)c->name.n, c->name.p);
	}
	return s;
}

static void
test_causes(void **state)
{
	struct sighting before[] = {
		sighting(CHECK_TXT_MULTIPLE, "d.example", "192.0.2.1",
		    SEVERITY_ERROR, SIGHTING_LEAVING),
		sighting(CHECK_HTTP_STATUS, "mta-sts.d.example", "192.0.2.1",
		    SEVERITY_WARNING, SIGHTING_STANDING),
		sighting(CHECK_STARTTLS_MISSING, "mx.example", "192.0.2.1",
		    SEVERITY_WARNING, SIGHTING_STANDING),
	};
	struct sighting after[] = {
		sighting(CHECK_HTTP_STATUS, "mta-sts.d.example", "192.0.2.1",
		    SEVERITY_ERROR, SIGHTING_STANDING),
		sighting(CHECK_STARTTLS_MISSING, "mx.example", "192.0.2.1",
		    SEVERITY_WARNING, SIGHTING_STANDING),
		sighting(CHECK_STARTTLS_MISSING, "mx.example", "192.0.2.2",
		    SEVERITY_WARNING, SIGHTING_STANDING),
		sighting(CHECK_MXCERT_EXPIRED, "mx.example", "192.0.2.1",
		    SEVERITY_ERROR, SIGHTING_STANDING),
		sighting(CHECK_MXCERT_NAME, "mx.example", "192.0.2.1",
		    SEVERITY_ERROR, SIGHTING_PENDING),
	};
	struct tally t = { .label = "causes" };
	struct causes b, n;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	b = list(before, ROWS(before), &a);
	n = list(after, ROWS(after), &a);
	want_span(&t, "differences", differences(&b, &n, &a),
	    SPAN("!http.status d.example mta-sts.d.example\n"
		 "+mxcert.expired mx.example\n"
		 "=starttls.missing mx.example\n"
		 "-txt.multiple d.example d.example\n"));
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

static void
test_memory(void **state)
{
	struct watch w;
	enum err rc = ERR_MEMORY;

	(void)state;
	begin(&w);
	for (size_t cap = 0; rc != ERR_OK; cap += 509) {
		struct ledger ledger = { 0 };
		struct round r = { .ledger = &ledger,
			.before = &w.sightings,
			.ev = &w.scene.ev,
			.looks = LOOK_EVERYTHING,
			.now = w.now };
		char *mem = test_malloc(cap + 1);
		struct arena a;

		assert_true(cap < 1024 * 1024);
		arena_init_fixed(&a, mem, cap);
		rc = round_judge(&r, &a);
		assert_int_equal(rc == ERR_OK, !a.failed);
		test_free(mem);
	}
	arena_release(&w.a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_suspicion),
		cmocka_unit_test(test_ledger_sees_what_was_looked_at),
		cmocka_unit_test(test_muted),
		cmocka_unit_test(test_muted_later),
		cmocka_unit_test(test_flap),
		cmocka_unit_test(test_causes),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

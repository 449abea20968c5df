/* From what happened to what is read, over simulated hours; with both
 * databases. */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "roles/notify.h"
#include "store/domains.h"
#include "store/incidents.h"
#include "store/test_store.h"
#include "store/work.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, GROUP_S = 120, STEP_S = 10 };

#define ALL                                                                    \
	(1u << NEWS_OPENED | 1u << NEWS_WORSENED | 1u << NEWS_RESOLVED |       \
	    1u << NEWS_REMINDER | 1u << NEWS_CHANGED | 1u << NEWS_ADVICE)

/* ---- the world ---- */

enum { MAIL, PAGER, CHANNELS, TOLD_MAX = 600 };

struct told {
	char id[96], thread[64], subject[80], text[2048];
};

/* What came out of a channel, and how it does. */
struct receiver {
	struct told told[TOLD_MAX];
	size_t n;
	int64_t down_until; /* seconds after test_now */
	enum delivery otherwise; /* while it is down */
	int attempts;
};

struct world {
	struct clock clock; /* first: the functions cast */
	int64_t now; /* seconds after test_now */
	struct fixture *f;
	struct config config;
	struct channel_config channels[CHANNELS];
	struct channel channel[CHANNELS];
	struct notify_channel work[CHANNELS];
	struct receiver received[CHANNELS];
	int64_t worker;
	struct notify_chores chores;
};

/* Where a channel's receiver is: the channel's clock is the world. */
static struct world *
world_of(const struct clock *c)
{
	return (struct world *)(uintptr_t)c;
}

static struct wall_time
at(int64_t s)
{
	return (struct wall_time){ test_now.s + s };
}

static struct wall_time
tell_time(const struct clock *c)
{
	return at(world_of(c)->now);
}

static void
receive(const struct channel *c, const struct message *m, struct arena *a,
    struct delivered *out)
{
	struct world *w = world_of(c->clock);
	struct receiver *r = &w->received[c->own - w->channels];
	struct told *t = &r->told[r->n];

	(void)a;
	r->attempts++;
	if (w->now < r->down_until) {
		delivered_say(out, r->otherwise, "nobody is there");
		out->retry_after_s = 0;
		return;
	}
	*out = (struct delivered){ .delivery = DELIVERY_DELIVERED };
	assert_true(r->n < TOLD_MAX);
	snprintf(t->id, sizeof t->id, "%.*s", (int)m->id.n, m->id.p);
	snprintf(
	    t->thread, sizeof t->thread, "%.*s", (int)m->thread.n, m->thread.p);
	snprintf(t->subject, sizeof t->subject, "%.*s", (int)m->subject.n,
	    m->subject.p);
	snprintf(t->text, sizeof t->text, "%.*s", (int)m->text.n, m->text.p);
	r->n++;
}

static int
setup(void **state)
{
	struct world *w = test_calloc(1, sizeof *w);

	fixture_setup((void **)&w->f);
	w->clock.wall = tell_time;
	w->config = (struct config){ .group_s = GROUP_S,
		.first_group_s = 30 * MINUTE,
		.burst = 10,
		.give_up_s = 3 * DAY,
		.cadence = cadence_default,
		.channels = w->channels,
		.n_channels = CHANNELS };
	w->channels[MAIL] = (struct channel_config){ .name = "mail",
		.severity = SEVERITY_WARNING,
		.kinds = ALL,
		.digest_at = -1 };
	w->channels[PAGER] = (struct channel_config){ .name = "pager",
		.severity = SEVERITY_ERROR,
		.kinds = ALL,
		.digest_at = -1 };
	w->worker = fixture_worker(w->f);
	for (int i = 0; i < CHANNELS; i++) {
		w->channel[i] = (struct channel){ .config = &w->config,
			.own = &w->channels[i],
			.clock = &w->clock };
		w->work[i] = (struct notify_channel){ .store = w->f->s,
			.worker = w->worker,
			.channel = &w->channel[i],
			.deliver = receive };
		w->received[i].otherwise = DELIVERY_TRY_LATER;
	}
	w->chores = (struct notify_chores){
		.store = w->f->s, .config = &w->config, .clock = &w->clock
	};
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	fixture_teardown((void **)&w->f);
	test_free(w);
	return 0;
}

static void
turn(struct world *w)
{
	struct notify_routing routing = { w->f->s, w->worker, &w->config,
		&w->clock };
	struct error *e = &w->f->e;
	size_t n;

	if (w->now % MINUTE == 0)
		assert_err(w->f, notify_do_chores(&w->chores, e), ERR_OK);
	assert_err(w->f, notify_route(&routing, &n, e), ERR_OK);
	for (int i = 0; i < CHANNELS; i++) {
		assert_err(w->f, notify_try(&w->work[i], e), ERR_OK);
		assert_err(w->f, notify_tell(&w->work[i], e), ERR_OK);
	}
}

/* The role at work, for so long. Where nothing happens for many hours, it looks
 * about as often as it does its chores. */
static void
pass(struct world *w, int64_t s)
{
	int64_t step = s < 6 * HOUR ? STEP_S : MINUTE;

	for (int64_t end = w->now + s; w->now < end; w->now += step)
		turn(w);
}

/* ---- what happens ---- */

static struct incident_fault
fault_of(struct span cause, enum severity severity)
{
	return (struct incident_fault){ .cause = cause,
		.check = SPAN("mxcert.expired"),
		.subject = SPAN("mx.example"),
		.severity = severity,
		.message = SPAN("The certificate of mx.example has expired."),
		.remedy = SPAN("Renew it."),
		.horizon = at(9 * DAY) };
}

static void
raise_at(struct world *w, int64_t domain, const char *cause,
    enum severity severity, int64_t hold_s)
{
	struct incident_fault fault = fault_of(span_str(cause), severity);
	enum incident_event event;

	assert_err(w->f,
	    incident_raise(w->f->s, domain, &fault, at(w->now),
		at(w->now + hold_s), &event, &w->f->e),
	    ERR_OK);
}

static void
clear(struct world *w, int64_t domain, const char *cause)
{
	enum incident_event event;

	assert_err(w->f,
	    incident_clear(w->f->s, domain, span_str(cause), at(9 * DAY),
		at(w->now), &event, &w->f->e),
	    ERR_OK);
}

static int64_t
add_domain(struct world *w, int i)
{
	char name[32];

	snprintf(name, sizeof name, "d%03d.example", i);
	return fixture_domain(w->f, name);
}

/* Nobody looks at these domains in the tests, and nobody is to miss it. */
static void
pause_domains(struct world *w)
{
	fixture_exec(w->f, "UPDATE work SET due_at = NULL");
}

static void
change(struct world *w, int64_t domain, const char *key)
{
	const struct news n = { .key = span_str(key),
		.kind = NEWS_CHANGED,
		.severity = SEVERITY_INFO,
		.domain = domain,
		.text = SPAN("The MX records changed."),
		.tell_at = at(w->now) };

	assert_err(w->f, outbox_put(w->f->s, &n, at(w->now), &w->f->e), ERR_OK);
}

static void
want_told(struct world *w, int channel, size_t n, ...)
{
	struct receiver *r = &w->received[channel];
	va_list ap;
	int failed = r->n != n;

	va_start(ap, n);
	for (size_t i = 0; i < n && i < r->n; i++) {
		const char *want = va_arg(ap, const char *);

		if (strncmp(r->told[i].subject, want, strlen(want)) == 0)
			continue;
		failed++;
		printf("# %zu: got '%s', want '%s...'\n", i, r->told[i].subject,
		    want);
	}
	va_end(ap);
	if (r->n != n)
		printf("# got %zu messages, want %zu\n", r->n, n);
	for (size_t i = n; i < r->n && i < n + 5; i++)
		printf("# more: '%s'\n", r->told[i].subject);
	assert_int_equal(failed, 0);
}

/* ---- grouping ---- */

static void
test_one_incident_of_many_domains(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 200; i++)
		raise_at(w, add_domain(w, i), "mxcert.expired mx.example",
		    SEVERITY_ERROR, GROUP_S);
	pause_domains(w);
	pass(w, GROUP_S);
	want_told(w, MAIL, 0);
	pass(w, MINUTE);
	want_told(w, MAIL, 1, "LOSS mx.example (200 domains): ");
	want_told(w, PAGER, 1, "LOSS mx.example (200 domains): ");
	assert_non_null(strstr(w->received[MAIL].told[0].text,
	    "Domains (200): d000.example, d001.example,"));
	assert_non_null(strstr(w->received[MAIL].told[0].text, "and 190 more"));
	pass(w, HOUR);
	want_told(w, MAIL, 1, "LOSS");
}

/* 300 domains are added, and looked at over ten minutes; what is wrong with
 * each is its own incident. */
static void
test_first_look_is_a_summary(void **state)
{
	enum { MANY = 300 };
	struct world *w = *state;
	char cause[64];

	for (int i = 0; i < MANY; i++) {
		int64_t d = add_domain(w, i);

		snprintf(cause, sizeof cause, "mxcert.expired %d", i);
		raise_at(w, d, cause, SEVERITY_ERROR, 30 * MINUTE);
		w->now += 2;
	}
	pause_domains(w);
	w->now = w->now / STEP_S * STEP_S;
	pass(w, 20 * MINUTE);
	want_told(w, MAIL, 0);
	pass(w, 2 * HOUR);
	want_told(w, MAIL, 1, "SUMMARY of 300: 300 losses");
	want_told(w, PAGER, 1, "SUMMARY of 300: 300 losses");
	assert_non_null(strstr(w->received[MAIL].told[0].text, "and 280 more"));
}

/* A host of policies is down: rounds find it out over a quarter of an hour.
 * Nobody gets 120 messages of it. */
static void
test_storm(void **state)
{
	enum { MANY = 120 };
	struct world *w = *state;
	int64_t ids[MANY];
	char cause[64];

	for (int i = 0; i < MANY; i++)
		ids[i] = add_domain(w, i);
	pause_domains(w);
	for (int i = 0; i < MANY; i++) {
		snprintf(cause, sizeof cause, "https.connect %d", i);
		raise_at(w, ids[i], cause, SEVERITY_ERROR, GROUP_S);
		pass(w, 10);
	}
	pass(w, HOUR);
	printf("# a storm of %d: %zu messages\n", MANY, w->received[MAIL].n);
	assert_in_range(w->received[MAIL].n, 1, 30);
	w->received[MAIL].n = 0;
	for (int i = 0; i < MANY; i++) {
		snprintf(cause, sizeof cause, "https.connect %d", i);
		clear(w, ids[i], cause);
		pass(w, 10);
	}
	pass(w, HOUR);
	printf("# and of its end: %zu\n", w->received[MAIL].n);
	assert_in_range(w->received[MAIL].n, 1, 30);
}

/* ---- whom, and whether ---- */

static void
test_life_of_an_incident(void **state)
{
	struct world *w = *state;
	int64_t d = add_domain(w, 1);
	struct receiver *mail = &w->received[MAIL];

	pause_domains(w);
	raise_at(w, d, "cause", SEVERITY_WARNING, GROUP_S);
	pass(w, HOUR);
	want_told(w, MAIL, 1, "WARNING d001.example: ");
	want_told(w, PAGER, 0);
	raise_at(w, d, "cause", SEVERITY_ERROR, GROUP_S);
	pass(w, HOUR);
	want_told(w, MAIL, 2, "WARNING", "LOSS d001.example, was a warning: ");
	want_told(w, PAGER, 1, "LOSS d001.example, was a warning: ");
	raise_at(w, d, "cause", SEVERITY_WARNING, GROUP_S);
	pass(w, HOUR);
	clear(w, d, "cause");
	pass(w, HOUR);
	/* Those hear of the end that heard of it. */
	want_told(w, MAIL, 3, "WARNING", "LOSS",
	    "RESOLVED d001.example after 3 hours: ");
	want_told(w, PAGER, 2, "LOSS", "RESOLVED d001.example after 3 hours: ");
	/* All of it is one conversation. */
	assert_string_equal(mail->told[0].thread, "");
	assert_string_equal(mail->told[1].thread, mail->told[0].id);
	assert_string_equal(mail->told[2].thread, mail->told[0].id);
}

static void
test_over_before_it_is_told(void **state)
{
	struct world *w = *state;
	int64_t d = add_domain(w, 1);

	pause_domains(w);
	raise_at(w, d, "cause", SEVERITY_ERROR, GROUP_S);
	pass(w, MINUTE);
	clear(w, d, "cause");
	pass(w, HOUR);
	want_told(w, MAIL, 0);
	/* It counts all the same. */
	w->channels[MAIL].digest_at =
	    (int32_t)((test_now.s + w->now) % DAY / MINUTE + 1);
	pass(w, HOUR);
	want_told(w, MAIL, 1, "DIGEST nothing is open, 1 ended");
	pass(w, HOUR);
	want_told(w, MAIL, 1, "DIGEST");
}

static void
test_tags(void **state)
{
	static const char *tags[] = { "customer" };
	struct world *w = *state;
	int64_t d = add_domain(w, 1), other = add_domain(w, 2);
	bool found;

	pause_domains(w);
	w->channels[PAGER].tags = (struct config_list){ tags, 1 };
	assert_err(w->f,
	    domains_tag(w->f->s, SPAN("d001.example"), SPAN("customer"), &found,
		&w->f->e),
	    ERR_OK);
	raise_at(w, other, "cause 2", SEVERITY_ERROR, 0);
	raise_at(w, d, "cause 1", SEVERITY_ERROR, 0);
	change(w, d, "change 1");
	change(w, other, "change 2");
	pass(w, MINUTE);
	want_told(w, MAIL, 4, "LOSS d002", "LOSS d001",
	    "CHANGED d001.example: ", "CHANGED d002.example: ");
	want_told(w, PAGER, 2, "LOSS d001", "CHANGED d001.example: ");
}

static void
test_reminders(void **state)
{
	struct world *w = *state;
	int64_t d = add_domain(w, 1);
	struct incident *all;
	size_t n;
	bool found;

	pause_domains(w);
	w->channels[MAIL].reminder_s = 6 * HOUR;
	w->channels[PAGER].reminder_s = 12 * HOUR;
	raise_at(w, d, "cause", SEVERITY_ERROR, 0);
	pass(w, 13 * HOUR);
	want_told(w, MAIL, 3, "LOSS", "STILL LOSS d001.example, 6 hours: ",
	    "STILL LOSS d001.example, 12 hours: ");
	want_told(w, PAGER, 2, "LOSS", "STILL LOSS d001.example, 12 hours: ");
	assert_err(w->f,
	    incident_list(w->f->s,
		&(struct incident_filter){ .tag = SPAN(""), .max = 1 },
		&w->f->a, &all, &n, &w->f->e),
	    ERR_OK);
	assert_int_equal(n, 1);
	assert_err(w->f,
	    incident_acknowledge(w->f->s, all[0].id, SPAN("me"), SPAN(""),
		at(w->now), &found, &w->f->e),
	    ERR_OK);
	pass(w, DAY);
	want_told(w, MAIL, 3, "LOSS", "STILL", "STILL");
}

/* ---- failures ---- */

static void
test_channel_down(void **state)
{
	enum { MANY = 6 };
	struct world *w = *state;
	int64_t ids[MANY];
	char cause[64];

	for (int i = 0; i < MANY; i++)
		ids[i] = add_domain(w, i);
	pause_domains(w);
	w->received[MAIL].down_until = HOUR;
	for (int i = 0; i < MANY; i++) {
		snprintf(cause, sizeof cause, "cause %d", i);
		raise_at(w, ids[i], cause, SEVERITY_WARNING, 0);
		pass(w, 10 * MINUTE);
	}
	/* The other one is told, though it is one for errors. */
	want_told(w, PAGER, 1, "WARNING mail: A channel does not deliver");
	assert_in_range(w->received[MAIL].attempts, 3, 12);
	pass(w, 2 * HOUR);
	/* Nothing lost, in order, and nothing twice. */
	want_told(w, MAIL, MANY, "WARNING d000", "WARNING d001", "WARNING d002",
	    "WARNING d003", "WARNING d004", "WARNING d005");
	want_told(w, PAGER, 2, "WARNING mail: ", "RESOLVED mail after ");
}

static void
test_channel_down_and_a_burst(void **state)
{
	enum { MANY = 40 };
	struct world *w = *state;
	char cause[64];
	int64_t d = add_domain(w, 1);

	pause_domains(w);
	w->received[MAIL].down_until = HOUR;
	for (int i = 0; i < MANY; i++) {
		snprintf(cause, sizeof cause, "cause %d", i);
		raise_at(w, d, cause, SEVERITY_WARNING, 0);
		pass(w, MINUTE);
	}
	/* What is over by then is told to nobody. */
	clear(w, d, "cause 7");
	pass(w, 3 * HOUR);
	want_told(w, MAIL, 1, "SUMMARY of 39: 39 warnings");
}

/* One that nobody wants does not hold up the others. */
static void
test_one_bad_message(void **state)
{
	struct world *w = *state;
	int64_t d = add_domain(w, 1);
	struct receiver *mail = &w->received[MAIL];

	pause_domains(w);
	change(w, d, "change 1");
	pass(w, MINUTE);
	mail->down_until = w->now + MINUTE;
	mail->otherwise = DELIVERY_REFUSED;
	change(w, d, "change 2");
	pass(w, 10 * MINUTE);
	change(w, d, "change 3");
	pass(w, 10 * MINUTE);
	want_told(w, MAIL, 2, "CHANGED", "CHANGED");
	assert_int_equal(mail->attempts, 3);
}

static const struct sql_statement open_incidents = {
	"SELECT COUNT(*) FROM incident WHERE resolved_at IS NULL"
};

static void
test_give_up(void **state)
{
	struct world *w = *state;
	struct outbox_health health;
	int64_t d = add_domain(w, 1);

	pause_domains(w);
	w->config.give_up_s = 2 * HOUR;
	w->received[MAIL].down_until = 10 * DAY;
	change(w, d, "change 1");
	pass(w, HOUR);
	assert_err(w->f,
	    outbox_health(w->f->s, SPAN("mail"), &w->f->a, &health, &w->f->e),
	    ERR_OK);
	assert_int_equal(health.waiting, 1);
	assert_true(span_eq(health.error, SPAN("nobody is there")));
	pass(w, 2 * HOUR);
	assert_err(w->f,
	    outbox_health(w->f->s, SPAN("mail"), &w->f->a, &health, &w->f->e),
	    ERR_OK);
	assert_int_equal(health.waiting, 0);
}

/* Each day has a count, its last one; and what a day shows follows within the
 * hour. */
static void
test_census(void **state)
{
	static const struct sql_statement all = {
		"SELECT CAST(SUM(n) AS {INT}) FROM census"
	};
	static const struct sql_statement days = {
		"SELECT COUNT(DISTINCT day) FROM census"
	};
	struct world *w = *state;

	add_domain(w, 1);
	add_domain(w, 2);
	pause_domains(w);
	pass(w, MINUTE);
	assert_int_equal(fixture_count(w->f, &all), 2);
	add_domain(w, 3);
	pause_domains(w);
	pass(w, HOUR - 2 * MINUTE);
	assert_int_equal(fixture_count(w->f, &all), 2);
	pass(w, 2 * MINUTE);
	assert_int_equal(fixture_count(w->f, &all), 3);
	assert_int_equal(fixture_count(w->f, &days), 1);
	pass(w, DAY);
	assert_int_equal(fixture_count(w->f, &all), 6);
	assert_int_equal(fixture_count(w->f, &days), 2);
}

static void
put_test(struct world *w)
{
	assert_err(w->f,
	    outbox_put_test(w->f->s, SPAN("mail"), at(w->now), &w->f->e),
	    ERR_OK);
}

static void
want_test(struct world *w, enum outbox_test_state state, const char *error)
{
	struct outbox_test got;
	bool found;

	assert_err(w->f,
	    outbox_last_test(
		w->f->s, SPAN("mail"), &w->f->a, &got, &found, &w->f->e),
	    ERR_OK);
	assert_true(found);
	assert_int_equal(got.state, state);
	assert_true(span_eq(got.error, span_str(error)));
}

/* A test goes to its channel alone and at once, whatever that does not take and
 * however much it has said. */
static void
test_try(void **state)
{
	enum { MANY = 11 };
	const char *tag = "nobody's";
	struct world *w = *state;
	int64_t d = add_domain(w, 1);
	char key[32];

	pause_domains(w);
	for (int i = 0; i < MANY; i++) {
		snprintf(key, sizeof key, "change %d", i);
		change(w, d, key);
		pass(w, 3 * STEP_S);
	}
	assert_true(w->work[MAIL].quiet_until.s > at(w->now).s);
	w->channels[MAIL].kinds = 0;
	w->channels[MAIL].severity = SEVERITY_ERROR;
	w->channels[MAIL].tags.items = &tag;
	w->channels[MAIL].tags.n = 1;
	w->received[MAIL].n = w->received[PAGER].n = 0;
	put_test(w);
	want_test(w, OUTBOX_TEST_WAITING, "");
	pass(w, STEP_S);
	want_told(w, MAIL, 1, "TEST of channel mail");
	want_test(w, OUTBOX_TEST_DELIVERED, "");
	pass(w, HOUR);
	want_told(w, MAIL, 1, "TEST of channel mail");
	for (size_t i = 0; i < w->received[PAGER].n; i++)
		assert_null(strstr(w->received[PAGER].told[i].subject, "TEST"));
}

/* It is tried once, and does not make the channel wait any longer; where it
 * arrives, the channel is well. */
static void
test_try_while_down(void **state)
{
	struct world *w = *state;
	int64_t d = add_domain(w, 1);
	struct wall_time quiet_until;
	int64_t failures;
	int attempts;

	pause_domains(w);
	w->received[MAIL].down_until = 2 * HOUR;
	raise_at(w, d, "cause 1", SEVERITY_WARNING, 0);
	raise_at(w, d, "cause 2", SEVERITY_WARNING, 0);
	pass(w, 2 * HOUR - MINUTE);
	want_told(w, PAGER, 1, "WARNING mail: A channel does not deliver");
	quiet_until = w->work[MAIL].quiet_until;
	failures = w->work[MAIL].failures;
	assert_true(quiet_until.s > at(w->now).s + 2 * MINUTE);
	attempts = w->received[MAIL].attempts;
	put_test(w);
	pass(w, 3 * STEP_S);
	want_test(w, OUTBOX_TEST_FAILED, "nobody is there");
	assert_int_equal(w->received[MAIL].attempts, attempts + 1);
	assert_int_equal(w->work[MAIL].failures, failures);
	assert_int_equal(w->work[MAIL].quiet_until.s, quiet_until.s);

	pass(w, MINUTE);
	put_test(w);
	pass(w, STEP_S);
	want_test(w, OUTBOX_TEST_DELIVERED, "");
	want_told(w, MAIL, 1, "TEST of channel mail");
	pass(w, 4 * MINUTE);
	want_told(w, PAGER, 2, "WARNING mail: ", "RESOLVED mail after ");
	pass(w, HOUR);
	want_told(w, MAIL, 3, "TEST", "WARNING d001", "WARNING d001");
}

/* A channel fails, and is then taken out of the configuration: what waits for
 * it waits until whoever else may have it would have given up, and then its
 * failure is over. */
static void
test_channel_taken_out(void **state)
{
	struct world *w = *state;
	int64_t d = add_domain(w, 1);
	struct outbox_health health;

	pause_domains(w);
	w->received[MAIL].down_until = 100 * DAY;
	change(w, d, "change 1");
	pass(w, 3 * HOUR);
	assert_int_equal(fixture_count(w->f, &open_incidents), 1);
	w->config.n_channels = 1; /* the pager takes its place */
	w->channels[MAIL].name = "pager";
	w->channels[MAIL].kinds = 0;
	pass(w, 3 * DAY);
	assert_err(w->f,
	    outbox_health(w->f->s, SPAN("mail"), &w->f->a, &health, &w->f->e),
	    ERR_OK);
	assert_int_equal(health.waiting, 1);
	assert_int_equal(fixture_count(w->f, &open_incidents), 1);
	pass(w, 2 * DAY);
	assert_err(w->f,
	    outbox_health(w->f->s, SPAN("mail"), &w->f->a, &health, &w->f->e),
	    ERR_OK);
	assert_int_equal(health.waiting, 0);
	assert_int_equal(fixture_count(w->f, &open_incidents), 0);
}

/* ---- the monitor itself ---- */

static void
test_stale(void **state)
{
	struct world *w = *state;

	add_domain(w, 1);
	pass(w, 25 * MINUTE);
	want_told(w, MAIL, 0);
	pass(w, 15 * MINUTE);
	want_told(w, MAIL, 1, "WARNING mtasts: Domains are not looked at");
	want_told(w, PAGER, 0);
	pause_domains(w);
	pass(w, 10 * MINUTE);
	want_told(w, MAIL, 2, "WARNING", "RESOLVED mtasts after ");
}

/* ---- crashes and company ---- */

/* In another process: told, and then killed before it could write so. */
static void
die_in_delivery(const struct channel *c, const struct message *m,
    struct arena *a, struct delivered *out)
{
	(void)c;
	(void)a;
	(void)out;
	(void)!write(STDOUT_FILENO, m->id.p, m->id.n);
	_exit(0);
}

static void
tell_and_die(struct world *w, int out)
{
	struct notify_channel work = w->work[MAIL];
	struct error e;

	dup2(out, STDOUT_FILENO);
	work.deliver = die_in_delivery;
	if (store_open(w->f->url, STORE_USE, at(w->now), &work.store, &e) ==
	    ERR_OK)
		(void)!notify_tell(&work, &e);
	_exit(1);
}

/* An incident whose opening was told, and nobody could write so. */
static void
raise_and_die(struct world *w, int64_t domain, char *id, size_t size)
{
	struct notify_routing routing = { w->f->s, w->worker, &w->config,
		&w->clock };
	int fds[2], status;
	size_t n;
	pid_t pid;

	raise_at(w, domain, "cause", SEVERITY_ERROR, 0);
	assert_err(w->f, notify_route(&routing, &n, &w->f->e), ERR_OK);
	w->now += MINUTE;
	/* A connection must not be shared with a child. */
	store_free(w->f->s);
	w->f->s = NULL;
	assert_int_equal(pipe(fds), 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		tell_and_die(w, fds[1]);
	close(fds[1]);
	assert_true(read(fds[0], id, size - 1) > 0);
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_err(w->f,
	    store_open(w->f->url, STORE_USE, test_now, &w->f->s, &w->f->e),
	    ERR_OK);
	w->work[MAIL].store = w->work[PAGER].store = w->chores.store = w->f->s;
}

static void
test_killed_between(void **state)
{
	struct world *w = *state;
	int64_t d = add_domain(w, 1);
	char id[96] = "";

	pause_domains(w);
	raise_and_die(w, d, id, sizeof id);
	pass(w, MINUTE);
	want_told(w, MAIL, 0);
	pass(w, NOTIFY_LEASE_S);
	want_told(w, MAIL, 1, "LOSS");
	assert_string_equal(w->received[MAIL].told[0].id, id);
	pass(w, HOUR);
	want_told(w, MAIL, 1, "LOSS");
}

/* Meanwhile it is over. Somebody may have read of the opening, and waits to
 * hear of the end. */
static void
test_killed_between_and_over(void **state)
{
	struct world *w = *state;
	int64_t d = add_domain(w, 1);
	char id[96] = "";

	pause_domains(w);
	raise_and_die(w, d, id, sizeof id);
	clear(w, d, "cause");
	pass(w, 2 * NOTIFY_LEASE_S + 10 * MINUTE);
	want_told(w, MAIL, 2, "LOSS", "RESOLVED");
	assert_string_equal(w->received[MAIL].told[0].id, id);
}

enum { COMPANY = 3, SHARED = 200 };

static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;

static void
receive_shared(const struct channel *c, const struct message *m,
    struct arena *a, struct delivered *out)
{
	pthread_mutex_lock(&shared_lock);
	receive(c, m, a, out);
	pthread_mutex_unlock(&shared_lock);
}

struct mate {
	struct world *w;
	pthread_t thread;
	struct notify_channel work;
	int64_t worker;
	bool failed;
};

/* Routes and tells until nothing is left; the clock stands still. */
static void *
run_mate(void *arg)
{
	struct mate *m = arg;
	struct store *s;
	struct error e;
	size_t n = 1;

	if (store_open(m->w->f->url, STORE_USE, test_now, &s, &e) != ERR_OK) {
		m->failed = true;
		return NULL;
	}
	m->work.store = s;
	m->work.worker = m->worker;
	m->work.deliver = receive_shared;
	for (int i = 0; i < 20 && !m->failed; i++) {
		struct notify_routing routing = { s, m->worker, &m->w->config,
			&m->w->clock };

		m->failed = notify_route(&routing, &n, &e) != ERR_OK ||
			    notify_tell(&m->work, &e) != ERR_OK;
	}
	if (m->failed)
		printf("# %s\n", e.text);
	store_free(s);
	return NULL;
}

/* Several on one store: everything is told, and nothing twice. */
static void
test_company(void **state)
{
	struct world *w = *state;
	struct mate mates[COMPANY] = { { 0 } };
	struct receiver *mail = &w->received[MAIL];
	int64_t d = add_domain(w, 1);
	char key[32];

	w->config.burst = 1000;
	pause_domains(w);
	for (int i = 0; i < SHARED; i++) {
		snprintf(key, sizeof key, "change %d", i);
		change(w, d, key);
	}
	w->channels[PAGER].kinds = 0;
	for (int i = 0; i < COMPANY; i++) {
		mates[i].w = w;
		mates[i].work = w->work[MAIL];
		mates[i].worker = fixture_worker(w->f);
		assert_int_equal(
		    pthread_create(&mates[i].thread, NULL, run_mate, &mates[i]),
		    0);
	}
	for (int i = 0; i < COMPANY; i++) {
		pthread_join(mates[i].thread, NULL);
		assert_false(mates[i].failed);
	}
	w->now += MINUTE;
	pass(w, MINUTE);
	assert_int_equal(mail->n, SHARED);
	for (size_t i = 0; i < mail->n; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(
			    mail->told[i].id, mail->told[k].id);
}

#define RUN_NOTIFY(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* With an argument: only the tests of that name. */
int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		RUN_NOTIFY(test_one_incident_of_many_domains),
		RUN_NOTIFY(test_first_look_is_a_summary),
		RUN_NOTIFY(test_storm),
		RUN_NOTIFY(test_life_of_an_incident),
		RUN_NOTIFY(test_over_before_it_is_told),
		RUN_NOTIFY(test_tags),
		RUN_NOTIFY(test_reminders),
		RUN_NOTIFY(test_channel_down),
		RUN_NOTIFY(test_channel_down_and_a_burst),
		RUN_NOTIFY(test_one_bad_message),
		RUN_NOTIFY(test_give_up),
		RUN_NOTIFY(test_census),
		RUN_NOTIFY(test_try),
		RUN_NOTIFY(test_try_while_down),
		RUN_NOTIFY(test_channel_taken_out),
		RUN_NOTIFY(test_stale),
		RUN_NOTIFY(test_killed_between),
		RUN_NOTIFY(test_killed_between_and_over),
		RUN_NOTIFY(test_company),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "roles/test_tell.h"

#include "store/incidents.h"

/* Where a channel's receiver is: the channel's clock is the world. */
static struct tell *
world_of(const struct clock *c)
{
	return (struct tell *)(uintptr_t)c;
}

struct wall_time
tell_at(int64_t s)
{
	return (struct wall_time){ test_now.s + s };
}

static struct wall_time
its_time(const struct clock *c)
{
	return tell_at(world_of(c)->now);
}

void
tell_receive(const struct channel *c, const struct message *m, struct arena *a,
    struct delivered *out)
{
	struct tell *w = world_of(c->clock);
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

int
tell_setup(void **state)
{
	struct tell *w = test_calloc(1, sizeof *w);

	fixture_setup((void **)&w->f);
	w->clock.wall = its_time;
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
			.deliver = tell_receive };
		w->received[i].otherwise = DELIVERY_TRY_LATER;
	}
	w->chores = (struct notify_chores){
		.store = w->f->s, .config = &w->config, .clock = &w->clock
	};
	*state = w;
	return 0;
}

int
tell_teardown(void **state)
{
	struct tell *w = *state;

	fixture_teardown((void **)&w->f);
	test_free(w);
	return 0;
}

static void
turn(struct tell *w)
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
void
tell_pass(struct tell *w, int64_t s)
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
		.horizon = tell_at(9 * DAY) };
}

void
tell_raise(struct tell *w, int64_t domain, const char *cause,
    enum severity severity, int64_t hold_s)
{
	struct incident_fault fault = fault_of(span_str(cause), severity);
	enum incident_event event;

	assert_err(w->f,
	    incident_raise(w->f->s, domain, &fault, tell_at(w->now),
		tell_at(w->now + hold_s), &event, &w->f->e),
	    ERR_OK);
}

void
tell_clear(struct tell *w, int64_t domain, const char *cause)
{
	enum incident_event event;

	assert_err(w->f,
	    incident_clear(w->f->s, domain, span_str(cause), tell_at(9 * DAY),
		tell_at(w->now), &event, &w->f->e),
	    ERR_OK);
}

int64_t
tell_domain(struct tell *w, int i)
{
	char name[32];

	snprintf(name, sizeof name, "d%03d.example", i);
	return fixture_domain(w->f, name);
}

/* Nobody looks at these domains in the tests, and nobody is to miss it. */
void
tell_pause(struct tell *w)
{
	fixture_exec(w->f, "UPDATE work SET due_at = NULL");
}

void
tell_change(struct tell *w, int64_t domain, const char *key)
{
	const struct news n = { .key = span_str(key),
		.kind = NEWS_CHANGED,
		.severity = SEVERITY_INFO,
		.domain = domain,
		.text = SPAN("The MX records changed."),
		.tell_at = tell_at(w->now) };

	assert_err(
	    w->f, outbox_put(w->f->s, &n, tell_at(w->now), &w->f->e), ERR_OK);
}

void
tell_want(struct tell *w, int channel, size_t n, ...)
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

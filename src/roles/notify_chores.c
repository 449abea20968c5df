/* What has its time: reminders, digests, the dead man's question, the count. */
#include <inttypes.h>

#include "base/limits.h"
#include "core/words.h"
#include "roles/notify.h"
#include "store/census.h"
#include "store/incidents.h"
#include "store/work.h"

enum {
	FORGET_S = 30 * 86400, /* what was told, or given up */
	HOUR_S = 3600,
	/* Beyond give_up_s: whoever has the channel gives up first. */
	EXPIRE_MORE_S = 86400,
};

static enum err
remind(struct notify_chores *w, struct wall_time now, struct error *e)
{
	enum severity severity;
	uint64_t every = routing_reminder_s(w->config, &severity);
	struct wall_time before = { now.s - (int64_t)every };
	size_t n;

	return every == 0 ? ERR_OK
			  : outbox_remind(
				w->store, severity, before, before, now, &n, e);
}

/* The key makes it one a day, whoever puts it. */
static enum err
put_digests(struct notify_chores *w, struct wall_time now, struct error *e)
{
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < w->config->n_channels; i++) {
		const struct channel_config *c = &w->config->channels[i];
		char key[LIMIT_CHANNEL_NAME + 32];
		struct rfc3339 day;
		struct news news;

		if (!routing_is_digest_due(c, now, &day))
			continue;
		snprintf(key, sizeof key, "digest/%s/%s", c->name, day.text);
		news = (struct news){ .key = span_str(key),
			.kind = NEWS_DIGEST,
			.severity = SEVERITY_INFO,
			.text = span_str(c->name),
			.tell_at = now };
		err = outbox_put(w->store, &news, now, e);
	}
	return err;
}

static enum err
raise_stale(struct notify_chores *w, const struct work_overdue *overdue,
    struct wall_time now, struct error *e)
{
	const struct check *check = &checks[CHECK_MONITOR_STALE];
	struct wall_time tell_at = { now.s + (int64_t)w->config->group_s };
	enum incident_event event;
	struct incident_fault f;
	struct arena a;
	char mem[1024];

	arena_init_fixed(&a, mem, sizeof mem);
	f = (struct incident_fault){
		.cause = span_str(check->slug),
		.check = span_str(check->slug),
		.subject = SPAN(""),
		.severity = check->severity,
		.message = arena_printf(&a,
		    "Domains that should have been looked at and were not: "
		    "%" PRId64 "; the first since %s.",
		    overdue->domains, words_date(&a, overdue->since)),
		.remedy = span_str(check->remedy),
	};
	/* Held, for monitors that have just started catch up. */
	return incident_raise(w->store, 0, &f, now, tell_at, &event, e);
}

static enum err
look_after_monitors(
    struct notify_chores *w, struct wall_time now, struct error *e)
{
	struct work_overdue overdue;
	enum incident_event event;
	enum err err = work_overdue(w->store,
	    (struct wall_time){ now.s - config_stale_s(w->config) }, &overdue,
	    e);

	if (err != ERR_OK)
		return err;
	if (overdue.domains > 0)
		return raise_stale(w, &overdue, now, e);
	return incident_clear(w->store, 0,
	    span_str(checks[CHECK_MONITOR_STALE].slug), (struct wall_time){ 0 },
	    now, &event, e);
}

/* A channel that failed and is not configured here any more: once nothing waits
 * for it, there is nothing left that could fail. */
static enum err
forget_failure(struct notify_chores *w, const struct incident *i,
    struct wall_time now, struct arena *a, struct error *e)
{
	struct outbox_health health;
	enum incident_event event;
	enum err err = outbox_health(w->store, i->subject, a, &health, e);

	if (err != ERR_OK || health.waiting > 0)
		return err;
	return incident_clear(
	    w->store, 0, i->cause, (struct wall_time){ 0 }, now, &event, e);
}

static bool
is_configured(const struct config *c, struct span name)
{
	for (size_t i = 0; i < c->n_channels; i++)
		if (span_eq(span_str(c->channels[i].name), name))
			return true;
	return false;
}

static enum err
forget_failures(struct notify_chores *w, struct wall_time now, struct error *e)
{
	const struct incident_filter open = { .tag = SPAN(""),
		.severity = SEVERITY_WARNING,
		.max = LIMIT_STORE_PAGE };
	const char *slug = checks[CHECK_MONITOR_NOTIFY_FAILED].slug;
	struct incident *all;
	struct arena a;
	size_t n;
	enum err err;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	err = incident_list(w->store, &open, &a, &all, &n, e);
	for (size_t i = 0; err == ERR_OK && i < n; i++)
		if (span_eq(all[i].check, span_str(slug)) &&
		    !is_configured(w->config, all[i].subject))
			err = forget_failure(w, &all[i], now, &a, e);
	arena_release(&a);
	return err;
}

static enum err
forget(struct notify_chores *w, struct wall_time now, struct error *e)
{
	int64_t expired = (int64_t)w->config->give_up_s + EXPIRE_MORE_S;
	enum err err = outbox_expire(
	    w->store, (struct wall_time){ now.s - expired }, now, e);

	if (err == ERR_OK)
		err = forget_failures(w, now, e);
	return err == ERR_OK ? outbox_forget(w->store,
				   (struct wall_time){ now.s - FORGET_S }, e)
			     : err;
}

/* The last count of a day is the one that is remembered of it. */
static enum err
do_hourly(struct notify_chores *w, struct wall_time now, struct error *e)
{
	enum err err;

	if (now.s - w->hour_at.s < HOUR_S)
		return ERR_OK;
	w->hour_at = now;
	err = census_keep(w->store, now, e);
	return err == ERR_OK ? forget(w, now, e) : err;
}

enum err
notify_do_chores(struct notify_chores *w, struct error *e)
{
	struct wall_time now = clock_wall(w->clock);
	enum err err = remind(w, now, e);

	if (err == ERR_OK)
		err = put_digests(w, now, e);
	if (err == ERR_OK)
		err = look_after_monitors(w, now, e);
	return err == ERR_OK ? do_hourly(w, now, e) : err;
}

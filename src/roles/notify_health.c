/* How a channel does: what fails for long is an incident of its own. */
#include <inttypes.h>

#include "base/limits.h"
#include "core/words.h"
#include "roles/notify.h"
#include "store/incidents.h"

static const char cause_prefix[] = "monitor.notify-failed ";

static enum err
raise_failure(struct notify_channel *w, const char *reason, struct error *e)
{
	const struct check *check = &checks[CHECK_MONITOR_NOTIFY_FAILED];
	struct wall_time now = notify_now(w);
	struct span name = notify_name(w);
	enum incident_event event;
	struct outbox_health health;
	struct incident_fault f;
	struct arena a;
	enum err err;

	arena_init(&a, LIMIT_MESSAGE_MEMORY);
	err = outbox_health(w->store, name, &a, &health, e);
	f = (struct incident_fault){
		.cause = arena_printf(
		    &a, "%s%.*s", cause_prefix, (int)name.n, name.p),
		.check = span_str(check->slug),
		.subject = name,
		.severity = check->severity,
		.message = arena_printf(&a,
		    "The channel %.*s does not deliver since %s: %s. Messages "
		    "that wait: %" PRId64 ".",
		    (int)name.n, name.p, words_date(&a, w->failing_since),
		    reason, err == ERR_OK ? health.waiting : 0),
		.remedy = span_str(check->remedy),
	};
	if (err == ERR_OK && a.failed)
		err = error_set(e, ERR_MEMORY, "an incident");
	if (err == ERR_OK)
		err = incident_raise(w->store, 0, &f, now, now, &event, e);
	arena_release(&a);
	w->is_raised |= err == ERR_OK;
	return err;
}

static enum err
clear_failure(struct notify_channel *w, struct error *e)
{
	char cause[sizeof cause_prefix + LIMIT_CHANNEL_NAME];
	int n = snprintf(
	    cause, sizeof cause, "%s%s", cause_prefix, w->channel->own->name);
	enum incident_event event;
	enum err err =
	    incident_clear(w->store, 0, (struct span){ cause, (size_t)n },
		(struct wall_time){ 0 }, notify_now(w), &event, e);

	w->is_raised &= err != ERR_OK;
	w->was_well |= err == ERR_OK;
	return err;
}

void
notify_say(struct notify_channel *w, enum log_event event,
    const struct message *m, const char *reason)
{
	if (w->log != NULL)
		log_say(w->log, event, log_text("channel", notify_name(w)),
		    log_text("id", m->id), log_text("subject", m->subject),
		    log_text("reason", span_str(reason)));
}

enum err
notify_fails(struct notify_channel *w, const struct message *m,
    const char *reason, struct error *e)
{
	struct wall_time now = notify_now(w);

	if (w->failures++ == 0)
		w->failing_since = now;
	if (w->is_raised ||
	    !routing_is_failing(w->failures, w->failing_since, now))
		return ERR_OK;
	notify_say(w, LOG_CHANNEL_FAILS, m, reason);
	return raise_failure(w, reason, e);
}

enum err
notify_works(struct notify_channel *w, const struct message *m, struct error *e)
{
	if (w->is_raised)
		notify_say(w, LOG_CHANNEL_WORKS, m, "");
	w->failures = 0;
	if (w->was_well && !w->is_raised)
		return ERR_OK;
	/* Also what a process left that is gone. */
	return clear_failure(w, e);
}

/* Nobody answers: what is done about it, and when it is told. */
#include <stdio.h>

#include "core/words.h"
#include "roles/monitor.h"
#include "store/incidents.h"

/* Of looks at the records, before it is told. */
enum { OFFLINE_INTERVALS = 2 };

void
monitor_note_offline(struct monitor *m)
{
	bool offline = collector_is_offline(m->collector);

	if (offline) {
		m->was_offline = true;
		m->offline_last = clock_mono(m->line.env->clock);
	}
	if (offline == m->offline)
		return;
	log_say(m->line.env->log, offline ? LOG_OFFLINE : LOG_ONLINE,
	    log_int("under-way", (int64_t)m->n_jobs));
	m->offline = offline;
	m->offline_since = clock_mono(m->line.env->clock);
	m->offline_at = monitor_now(m);
}

static enum err
raise_offline(struct monitor *m, struct span cause, struct error *e)
{
	const struct check *check = &checks[CHECK_MONITOR_OFFLINE];
	struct wall_time now = monitor_now(m);
	enum incident_event event;
	struct incident_fault f;
	struct arena a;
	char mem[1024];

	arena_init_fixed(&a, mem, sizeof mem);
	f = (struct incident_fault){
		.cause = cause,
		.check = span_str(check->slug),
		.subject = span_str(m->machine),
		.severity = check->severity,
		.message = arena_printf(&a,
		    "Nobody has answered the monitor on %s since %s.",
		    m->machine, words_date(&a, m->offline_at)),
		.remedy = span_str(check->remedy),
	};
	return incident_raise(m->line.store, 0, &f, now, now, &event, e);
}

/* While we are offline no failure is believed. That must not hide for good that
 * all which a small portfolio has is down: a person can tell the two apart. */
enum err
monitor_tell_offline(struct monitor *m, struct error *e)
{
	int64_t patience_ms =
	    (int64_t)m->line.env->config->cadence.every_s[LOOK_RECORDS] * 1000 *
	    OFFLINE_INTERVALS;
	bool tell =
	    m->offline && mono_ms_until(m->offline_since,
			      clock_mono(m->line.env->clock)) > patience_ms;
	char cause[128];
	enum incident_event event;
	enum err rc;

	if (tell == m->offline_told)
		return ERR_OK;
	snprintf(cause, sizeof cause, "%s %s",
	    checks[CHECK_MONITOR_OFFLINE].slug, m->machine);
	rc = tell ? raise_offline(m, span_str(cause), e)
		  : incident_clear(m->line.store, 0, span_str(cause),
			(struct wall_time){ 0 }, monitor_now(m), &event, e);
	if (rc == ERR_OK)
		m->offline_told = tell;
	return rc;
}

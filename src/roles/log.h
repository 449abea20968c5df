/* log.h - one logfmt line an event, on standard error or to syslog.
 *
 *	time=2026-11-26T16:40:00Z level=info role=monitor event=started looks=3
 *
 * Events are rows of log.def: name, level, what it says. Each error is logged
 * once, where it is handled. Foreign bytes are escaped here, and a value stands
 * in quotes where it must; one that is longer than LIMIT_LOG_VALUE is cut and
 * ends in "...". Syslog has the time and the level already. Any thread. */
#ifndef ROLES_LOG_H
#define ROLES_LOG_H

#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/span.h"
#include "roles/config.h"

enum log_event {
#define LOG_EVENT(symbol, ...) LOG_##symbol,
#include "roles/log.def"
#undef LOG_EVENT
	LOG_EVENTS
};

struct log;

/* Of an event, and what it says to a person. */
const char *
log_event_name(enum log_event event);
const char *
log_event_text(enum log_event event);

struct log_field {
	const char *name;
	struct span text; /* if p is not NULL */
	int64_t number; /* otherwise */
};

static inline struct log_field
log_text(const char *name, struct span text)
{
	return (struct log_field){ name, text, 0 };
}

static inline struct log_field
log_int(const char *name, int64_t number)
{
	return (struct log_field){ .name = name, .number = number };
}

/* NULL: out of memory. role is a literal; clock is borrowed until log_free. */
struct log *
log_new(enum log_target target, const char *role,
    const struct clock *clock) MUST_CHECK;

/* The line of an event, which ends with a newline: for log_write and its test.
 * A field that does not fit is left out. */
void
log_line(struct buf *b, enum log_target target, const char *role,
    struct wall_time now, enum log_event event, const struct log_field *fields,
    size_t n);

void
log_free(struct log *l);

void
log_write(struct log *l, enum log_event event, const struct log_field *fields,
    size_t n);

/* log_say(l, LOG_STARTED, log_text("store", url), log_int("pid", pid)) */
#define log_say(l, event, ...)                                                 \
	log_write((l), (event), (struct log_field[]){ __VA_ARGS__ },           \
	    sizeof((struct log_field[]){ __VA_ARGS__ }) /                      \
		sizeof(struct log_field))

/* An error of ours: its text. */
static inline struct log_field
log_error(const struct error *e)
{
	return log_text("error", span_str(e->text));
}

#endif

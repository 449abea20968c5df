/* log.h - one logfmt line an event, on standard error or to syslog.
 *
 *	time=2026-11-26T16:40:00Z level=info role=monitor event=round-done
 *domain=example.com looks=3
 *
 * Events are rows of log.def: name, level, what it says. Each error is logged
 * once, where it is handled. Foreign bytes are escaped here. Any thread. */
#ifndef ROLES_LOG_H
#define ROLES_LOG_H

#include <stdint.h>

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

/* NULL: out of memory. role is a literal. */
struct log *
log_new(enum log_target target, const char *role,
    const struct clock *clock) MUST_CHECK;

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

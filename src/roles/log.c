#include <errno.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/limits.h"
#include "base/rfc3339.h"
#include "roles/log.h"

enum level { LEVEL_INFO, LEVEL_WARNING, LEVEL_ERROR };

static const struct {
	const char *name;
	int priority; /* of syslog(3) */
} levels[] = {
	[LEVEL_INFO] = { "info", LOG_INFO },
	[LEVEL_WARNING] = { "warning", LOG_WARNING },
	[LEVEL_ERROR] = { "error", LOG_ERR },
};

static const struct {
	enum level level;
	const char *name, *text;
} events[] = {
#define LOG_EVENT(symbol, level_, name_, text_)                                \
	[LOG_##symbol] = {                                                     \
		.level = LEVEL_##level_, .name = (name_), .text = (text_)      \
	},
#include "roles/log.def"
#undef LOG_EVENT
};

struct log {
	enum log_target target;
	const char *role;
	const struct clock *clock;
};

const char *
log_event_name(enum log_event event)
{
	return events[event].name;
}

const char *
log_event_text(enum log_event event)
{
	return events[event].text;
}

struct log *
log_new(enum log_target target, const char *role, const struct clock *clock)
{
	struct log *l = malloc(sizeof *l);

	if (l == NULL)
		return NULL;
	*l = (struct log){ .target = target, .role = role, .clock = clock };
	if (target == LOG_TO_SYSLOG)
		openlog("mtastsd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
	return l;
}

void
log_free(struct log *l)
{
	if (l != NULL && l->target == LOG_TO_SYSLOG)
		closelog();
	free(l);
}

/* Would a reader of logfmt take it for something else? A backslash begins an
 * escape only within quotes. */
static bool
needs_quotes(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' || s.p[i] == '"' || s.p[i] == '=' ||
		    s.p[i] == '\\')
			return true;
	return s.n == 0;
}

static void
put_text(struct buf *b, struct span text)
{
	char mem[4 * LIMIT_LOG_VALUE];
	struct buf escaped = buf_init(mem, sizeof mem);
	struct span s;

	escape_put(&escaped, span_head(text, LIMIT_LOG_VALUE));
	s = buf_span(&escaped);
	if (!needs_quotes(s) && text.n <= LIMIT_LOG_VALUE) {
		buf_put(b, s);
		return;
	}
	buf_putc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_putc(b, '\\');
		buf_putc(b, s.p[i]);
	}
	if (text.n > LIMIT_LOG_VALUE)
		buf_put(b, SPAN("..."));
	buf_putc(b, '"');
}

static void
put_field(struct buf *b, const struct log_field *f)
{
	buf_printf(b, " %s=", f->name);
	if (f->text.p != NULL)
		put_text(b, f->text);
	else
		buf_printf(b, "%lld", (long long)f->number);
}

void
log_line(struct buf *b, enum log_target target, const char *role,
    struct wall_time now, enum log_event event, const struct log_field *fields,
    size_t n)
{
	if (target == LOG_TO_STDERR)
		buf_printf(b, "time=%s level=%s ", rfc3339_format(now).text,
		    levels[events[event].level].name);
	buf_printf(b, "role=%s event=%s", role, events[event].name);
	for (size_t i = 0; i < n; i++) {
		/* Room for the newline stays. */
		struct buf rest = buf_init(b->p + b->n, b->cap - b->n - 1);

		put_field(&rest, &fields[i]);
		if (!rest.overflow)
			b->n += rest.n;
	}
	buf_putc(b, '\n');
}

void
log_write(struct log *l, enum log_event event, const struct log_field *fields,
    size_t n)
{
	char mem[LIMIT_LOG_LINE];
	struct buf b = buf_init(mem, sizeof mem);
	int was = errno;

	log_line(
	    &b, l->target, l->role, clock_wall(l->clock), event, fields, n);
	if (l->target == LOG_TO_SYSLOG)
		syslog(levels[events[event].level].priority, "%.*s",
		    (int)b.n - 1, b.p);
	else /* If the log cannot be written there is nobody to tell. */
		(void)!write(STDERR_FILENO, b.p, b.n);
	errno = was;
}

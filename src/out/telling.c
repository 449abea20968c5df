#include "out/telling.h"

#include <stdarg.h>

#include "base/escape.h"
#include "core/words.h"

struct publish_stepped *
telling_step(struct telling *t, enum publish_step_kind kind,
    enum publish_step_state state)
{
	struct publish_stepped *o = &t->out->all[t->out->n++];

	*o = (struct publish_stepped){ kind, state, SPAN(""), SPAN("") };
	return o;
}

void
telling_add(struct telling *t, struct publish_stepped *o, const char *fmt, ...)
{
	struct span s;
	va_list ap;

	va_start(ap, fmt);
	s = arena_vprintf(t->a, fmt, ap);
	va_end(ap);
	o->text = o->text.n == 0
		      ? s
		      : arena_printf(t->a, "%.*s %.*s", (int)o->text.n,
			    o->text.p, (int)s.n, s.p);
}

void
telling_line(struct telling *t, struct publish_stepped *o, struct span s)
{
	o->text = arena_printf(
	    t->a, "%.*s\n%.*s", (int)o->text.n, o->text.p, (int)s.n, s.p);
}

void
telling_command(struct telling *t, struct publish_stepped *o, const char *rest)
{
	const struct span name = t->s->p.name;

	o->command = arena_printf(t->a, "mtasts %s %.*s%s",
	    o->kind == PUBLISH_STEP_MOVE ? "plan mx-move" : "publish",
	    (int)name.n, name.p, rest);
}

const char *
telling_date(struct telling *t, struct wall_time at)
{
	return words_date(t->a, at);
}

const char *
telling_shown(struct telling *t, struct span s, size_t max)
{
	return escape_str(t->a, s, max);
}

bool
telling_is_ending(const struct published *p)
{
	return p->state.stage == PUBLICATION_REMOVABLE ||
	       p->state.stage == PUBLICATION_ENDED;
}

void
telling_line_cname(
    struct telling *t, struct publish_stepped *o, const char *label)
{
	const struct published *p = &t->s->p;

	if (p->target.n == 0)
		return;
	telling_line(t, o,
	    arena_printf(t->a, "%s.%.*s. 3600 IN CNAME %.*s.", label,
		(int)p->name.n, p->name.p, (int)p->target.n, p->target.p));
}

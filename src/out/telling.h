/* telling.h - the words that the steps of a publication are told in. Within
 * out/ only. */
#ifndef OUT_TELLING_H
#define OUT_TELLING_H

#include "out/publish_steps.h"

enum { NAME_SHOWN = 80, TEXT_SHOWN = 400 };

struct telling {
	const struct publish_state *s;
	struct arena *a;
	struct publish_steps *out;
};

/* One more step; its text is empty. */
struct publish_stepped *
telling_step(struct telling *t, enum publish_step_kind kind,
    enum publish_step_state state);

/* One more sentence behind those that are there. */
void
telling_add(struct telling *t, struct publish_stepped *o, const char *fmt, ...)
    PRINTF(3, 4);

/* A line to copy, or of a list. */
void
telling_line(struct telling *t, struct publish_stepped *o, struct span s);

/* One of the domain's two CNAMEs, likewise; label is "mta-sts" or "_mta-sts".
 */
void
telling_line_cname(
    struct telling *t, struct publish_stepped *o, const char *label);

/* What the owner may say: the command for the domain, and the rest of it. */
void
telling_command(struct telling *t, struct publish_stepped *o, const char *rest);

const char *
telling_date(struct telling *t, struct wall_time at);

/* At most max octets of s, escaped. */
const char *
telling_shown(struct telling *t, struct span s, size_t max);

/* May its records go, or are they gone? */
bool
telling_is_ending(const struct published *p);

/* The steps that are about what the policy says, each if it has anything to
 * say. */
void
telling_mode(struct telling *t);
void
telling_follow(struct telling *t);
void
telling_move(struct telling *t);
void
telling_removal(struct telling *t);

#endif

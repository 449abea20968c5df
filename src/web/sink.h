/* sink.h - inside the web: where the body of an answer is written to.
 *
 * One of a struct web, and so of one request at a time; what is kept of it
 * between two is its memory. Whoever writes need not look whether that worked:
 * it is sticky. */
#ifndef WEB_SINK_H
#define WEB_SINK_H

#include <stdio.h>

#include "base/err.h"
#include "base/span.h"

struct sink {
	FILE *f;
	char *p;
	size_t n, cap;
	enum err failed; /* ERR_LIMIT: LIMIT_WEB_REPLY; ERR_MEMORY */
};

enum err
sink_init(struct sink *s, struct error *e) MUST_CHECK;
void
sink_release(struct sink *s);

/* Nothing is written yet. */
void
sink_empty(struct sink *s);

/* What has been written, until more is. */
enum err
sink_text(struct sink *s, struct span *out, struct error *e) MUST_CHECK;

#endif

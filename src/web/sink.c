#include "web/sink.h"

#include <stdio_ext.h>
#include <stdlib.h>

#include "base/limits.h"

enum {
	SINK_FIRST = 64 * 1024, /* most pages */
	/* What a large answer has taken is given back behind it. */
	SINK_KEEP = 1024 * 1024,
};

static enum err
make_room(struct sink *s, size_t more)
{
	size_t cap = s->cap > 0 ? s->cap : SINK_FIRST;
	char *p;

	if (more > LIMIT_WEB_REPLY - s->n)
		return ERR_LIMIT;
	while (cap < s->n + more)
		cap *= 2;
	if (cap == s->cap)
		return ERR_OK;
	p = realloc(s->p, cap);
	if (p == NULL)
		return ERR_MEMORY;
	s->p = p;
	s->cap = cap;
	return ERR_OK;
}

/* What does not fit is taken too, so that the stream never has something that
 * it would say in the next answer. */
static ssize_t
take(void *cookie, const char *p, size_t n)
{
	struct sink *s = cookie;

	if (s->failed == ERR_OK)
		s->failed = make_room(s, n);
	if (s->failed == ERR_OK) {
		memcpy(s->p + s->n, p, n);
		s->n += n;
	}
	return (ssize_t)n;
}

enum err
sink_init(struct sink *s, struct error *e)
{
	*s = (struct sink){ 0 };
	s->f = fopencookie(s, "w", (cookie_io_functions_t){ .write = take });
	return s->f != NULL ? ERR_OK
			    : error_set(e, ERR_MEMORY, "a stream in memory");
}

void
sink_release(struct sink *s)
{
	if (s->f != NULL)
		fclose(s->f);
	free(s->p);
}

void
sink_empty(struct sink *s)
{
	__fpurge(s->f);
	clearerr(s->f);
	if (s->cap > SINK_KEEP) {
		free(s->p);
		s->p = NULL;
		s->cap = 0;
	}
	s->n = 0;
	s->failed = ERR_OK;
}

enum err
sink_text(struct sink *s, struct span *out, struct error *e)
{
	if (fflush(s->f) != 0 && s->failed == ERR_OK)
		s->failed = ERR_MEMORY;
	*out = (struct span){ s->n > 0 ? s->p : "", s->n };
	if (s->failed == ERR_LIMIT)
		return error_set(e, ERR_LIMIT,
		    "an answer of more than %d octets", LIMIT_WEB_REPLY);
	return s->failed == ERR_OK
		   ? ERR_OK
		   : error_set(e, s->failed, "memory for an answer");
}

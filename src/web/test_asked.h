/* test_asked.h - for tests only: what is asked of a handler, and what it
 * answers, as rows. */
#ifndef WEB_TEST_ASKED_H
#define WEB_TEST_ASKED_H

#include "web/test_call.h"

struct asked {
	const char *label;
	enum err (*handle)(struct web_call *c, struct error *e);
	const char *target, *body;
	int status;
	const char *said, *unsaid; /* NULL: whatever */
};

static inline void
want_rows(struct test_call *tc, const struct asked *rows, size_t n)
{
	struct tally t = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct asked *r = &rows[i];

		t.label = r->label;
		want_int(&t, "result",
		    test_call_handler(tc, r->handle, r->target, r->body),
		    ERR_OK);
		want_int(&t, "status", tc->status, r->status);
		if (r->said != NULL)
			want_said(&t, tc, r->said);
		if (r->unsaid != NULL)
			want_unsaid(&t, tc, r->unsaid);
	}
	assert_int_equal(t.failed, 0);
}

#endif

#include "wire/fuzz.h"

#include "base/limits.h"
#include "wire/smtp_reply.h"

static void
check_done(struct span in, const struct smtp_reply *r)
{
	struct smtp_reply again;
	struct arena a;

	assert(r->code >= 200 && r->code <= 599);
	assert(r->size >= 4 && r->size <= in.n && r->size <= LIMIT_SMTP_REPLY);
	assert(r->text.n < r->size);
	assert(in.p[r->size - 1] == '\n');
	assert(span_find(r->text, '\0') == r->text.n);
	arena_init(&a, 1 << 20);
	/* Not a byte before its end is it there, and what follows it does not
	 * count. */
	assert(smtp_reply_parse(span_head(in, r->size - 1), &a, &again) ==
	       SMTP_MORE);
	assert(
	    smtp_reply_parse(span_head(in, r->size), &a, &again) == SMTP_DONE);
	assert(again.code == r->code && span_eq(again.text, r->text));
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	struct smtp_reply r;
	struct arena a;
	enum smtp_parse p;

	arena_init(&a, 1 << 20);
	p = smtp_reply_parse(in, &a, &r);
	assert(!a.failed);
	if (p == SMTP_DONE)
		check_done(in, &r);
	if (p == SMTP_MORE)
		assert(n < LIMIT_SMTP_REPLY);
	(void)smtp_ehlo_offers(p == SMTP_DONE ? r.text : in, SPAN("STARTTLS"));
	arena_release(&a);
	return 0;
}

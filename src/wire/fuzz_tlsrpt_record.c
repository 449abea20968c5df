#include "wire/fuzz.h"

#include "base/ascii.h"
#include "base/buf.h"
#include "base/limits.h"
#include "wire/tlsrpt_record.h"

static void
check(const struct tlsrpt_record *r, size_t n)
{
	size_t usable = 0;

	assert(r->n_tlsrpt <= n && r->n_rua <= LIMIT_RUA);
	assert((r->verdict == TLSRPT_NONE) == (r->n_tlsrpt == 0));
	assert((r->verdict == TLSRPT_MULTIPLE) == (r->n_tlsrpt > 1));
	assert(r->verdict != TLSRPT_OK || r->n_rua > 0);
	assert(r->verdict != TLSRPT_OK || r->fault == TLSRPT_FAULT_NONE);
	assert(r->verdict != TLSRPT_INVALID || r->fault != TLSRPT_FAULT_NONE);
	assert(r->bad_at <= r->text.n);
	for (size_t i = 0; i < r->n_rua; i++) {
		struct span uri = r->rua[i].uri;

		assert(uri.n > 0 && fuzz_is_inside(uri, r->text));
		assert(ascii_trim(uri).n == uri.n);
		usable += r->rua[i].usable;
		for (size_t k = 0; k < uri.n && r->rua[i].usable; k++)
			assert(uri.p[k] > 0x20 && uri.p[k] < 0x7f &&
			       uri.p[k] != ',' && uri.p[k] != ';' &&
			       uri.p[k] != '!');
	}
	assert(usable == r->n_usable);
}

/* The usable ones, written anew, are all there again. */
static void
check_again(const struct tlsrpt_record *r)
{
	size_t room = r->text.n + 64 + 4 * r->n_rua;
	char *text = malloc(room);
	struct buf b = buf_init(text, room);
	struct span one;
	struct dns_txt txt = { &one, 1 };
	struct tlsrpt_record again;
	struct arena a;

	assert(text != NULL);
	buf_put(&b, SPAN("v=TLSRPTv1; rua="));
	for (size_t i = 0, done = 0; i < r->n_rua; i++) {
		if (!r->rua[i].usable)
			continue;
		if (done++ > 0)
			buf_putc(&b, ',');
		buf_put(&b, r->rua[i].uri);
	}
	assert(!b.overflow);
	one = buf_span(&b);
	arena_init(&a, 1 << 20);
	tlsrpt_rrset_parse(&txt, 1, &a, &again);
	assert(again.verdict == TLSRPT_OK && again.n_usable == r->n_usable);
	assert(again.n_rua == again.n_usable);
	assert(!again.duplicate || r->duplicate);
	arena_release(&a);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n), strings[16];
	struct dns_txt txt[8];
	struct tlsrpt_record r;
	struct arena a;
	size_t records = 0;

	if (n > 1 << 16)
		return 0;
	/* Records are separated by LF, and each is cut in two strings. */
	for (; records < 8 && in.n > 0; records++) {
		size_t end = span_find(in, '\n');
		struct span *s = &strings[2 * records];

		s[0] = span_head(in, end / 2);
		s[1] = span_skip(span_head(in, end), end / 2);
		txt[records] = (struct dns_txt){ s, 2 };
		in = span_skip(in, end + 1);
	}
	arena_init(&a, 1 << 20);
	tlsrpt_rrset_parse(txt, records, &a, &r);
	assert(!a.failed);
	check(&r, records);
	if (r.n_usable > 0)
		check_again(&r);
	arena_release(&a);
	return 0;
}

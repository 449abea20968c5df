#include "wire/fuzz.h"

#include "wire/tsig.h"

enum { DIGEST_MAX = 2 * 65536 };

static void
collect(void *arg, struct span s)
{
	buf_put(arg, s);
}

static void
digest(struct span message, const struct tsig *t, enum tsig_scope scope,
    struct buf *out)
{
	const struct tsig_sink to = { collect, out };

	out->n = 0;
	tsig_digest_prior(t->mac, &to);
	tsig_digest_message(message, t, scope, &to);
	assert(out->overflow || out->n >= 2 + t->mac.n + t->at + 8);
}

static void
check_same(const struct tsig *a, const struct tsig *b)
{
	assert(a->at == b->at && a->time_s == b->time_s &&
	       a->fudge_s == b->fudge_s && a->error == b->error &&
	       a->original_id == b->original_id);
	assert(span_eq(a->mac, b->mac) && span_eq(a->other, b->other));
	assert(span_eq(dns_name_span(&a->key), dns_name_span(&b->key)));
	assert(span_eq(
	    dns_name_span(&a->algorithm), dns_name_span(&b->algorithm)));
}

/* The record taken away and put back is the same record, and what is digested
 * then is the same too. */
static void
check_again(struct span message, const struct tsig *t, struct buf *whole)
{
	static char mem[2][DIGEST_MAX];
	struct buf first = buf_init(mem[0], DIGEST_MAX);
	struct buf second = buf_init(mem[1], DIGEST_MAX);
	struct buf count = buf_init(whole->p + 10, 2);
	struct tsig again = { .mac = SPAN_INIT("") };

	whole->n = 0;
	buf_put(whole, span_head(message, t->at));
	dns_put_u16(&count, dns_u16(message, 10) - 1U);
	assert(tsig_write(whole, t));
	if (whole->overflow)
		return;
	assert(tsig_find(buf_span(whole), &again) == TSIG_FOUND);
	check_same(t, &again);
	for (enum tsig_scope i = TSIG_VARIABLES; i <= TSIG_TIMERS; i++) {
		digest(message, t, i, &first);
		digest(buf_span(whole), &again, i, &second);
		assert(span_eq(buf_span(&first), buf_span(&second)));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char mem[DIGEST_MAX];
	struct span message = fuzz_input(data, n);
	struct buf whole = buf_init(mem, sizeof mem);
	struct tsig t;

	if (n > UINT16_MAX || tsig_find(message, &t) != TSIG_FOUND)
		return 0;
	assert(t.at >= DNS_HEADER_OCTETS && t.at < message.n);
	assert(fuzz_is_inside(t.mac, message));
	assert(fuzz_is_inside(t.other, message));
	assert(t.time_s >> 48 == 0);
	check_again(message, &t, &whole);
	return 0;
}

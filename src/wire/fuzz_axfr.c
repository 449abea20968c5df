#include "wire/fuzz.h"

#include "wire/axfr.h"
#include "wire/dns.h"

/* All records of a message. */
static enum axfr_step
read_message(struct axfr *x, struct span message)
{
	enum axfr_step step = axfr_message(x, message);
	size_t records = 0;

	while (step == AXFR_OK) {
		struct dns_record rr;

		step = axfr_next(x, &rr);
		if (step != AXFR_OK)
			break;
		assert(x->begun && !x->done && rr.type != DNS_SOA);
		assert(rr.rdata + rr.rdlength <= message.n);
		assert(rr.owner.n <= sizeof rr.owner.s);
		assert(++records <= UINT16_MAX);
	}
	assert((step == AXFR_DONE) == (x->done && x->left == 0) ||
	       step > AXFR_DONE);
	assert((step == AXFR_RCODE) == (x->rcode != 0) || step > AXFR_DONE);
	return step;
}

/* The input is a stream: two octets of length, a message, and so on. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	struct axfr x = axfr_init(SPAN("example.net"), 0x1234);
	enum axfr_step step = AXFR_MORE;

	while (step == AXFR_MORE && in.n >= 2) {
		struct span message =
		    span_head(span_skip(in, 2), dns_u16(in, 0));

		in = span_skip(in, 2 + message.n);
		step = read_message(&x, message);
	}
	return 0;
}

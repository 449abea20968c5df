/* renewal.h - the moment at which a certificate is renewed.
 *
 * Where the CA suggests a window (RFC 9773 4.2), it is a moment in there, at
 * random, so that not everybody comes at once. Otherwise it is two thirds of
 * the certificate's life, which leaves a third to fail in: 30 days of 90, 15 of
 * 45, two of six.
 *
 * Pure: the moment and the randomness are passed in. */
#ifndef CORE_RENEWAL_H
#define CORE_RENEWAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

/* start < end, both zero: the CA suggests nothing. */
struct renewal_window {
	struct wall_time start, end;
};

/* When to renew what is valid from .. to. The random number is drawn once for a
 * certificate and kept, so that asking again does not choose again. A window
 * that ends behind the certificate's own end is cut there: no CA's mistake lets
 * one run out. */
struct wall_time
renewal_at(struct wall_time from, struct wall_time to,
    const struct renewal_window *w, uint32_t random);

/* How long to wait before the CA is asked for its window again: Retry-After,
 * but no less than a minute and no more than a day (RFC 9773 4.3.1); 6 hours
 * where it says nothing, which covers all failures too (RFC 9773 4.3.2). */
int64_t
renewal_ask_again_s(int64_t retry_after_s);

#endif

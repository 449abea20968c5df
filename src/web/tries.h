/* tries.h - who has tried to log in, and failed.
 *
 * Three ceilings, each of which fills again with time:
 *
 *   of one client on one account   somebody guesses one password
 *   of one client                  ... or several people's
 *   of all clients together        many of them do; and what it costs us
 *
 * There is none of an account alone: otherwise strangers could lock its owner
 * out. For the same reason a client from which somebody has logged in before
 * has one of its own instead of the last one, as high: who knows a password
 * does not keep us busy with it either. What remains for strangers is some
 * 100,000 guesses a day at all accounts together, in which nobody finds a
 * password of twelve characters that was chosen by random, or by a person with
 * some care. A try costs us 15 ms of processor time and 16 MB for that long
 * (yescrypt), so that all of them take 1.5 % of a processor.
 *
 * A client is an IPv4 address or an IPv6 /64. Memory is bounded: where there
 * are too many clients the newer one takes the place of another, who is let off
 * what he had done; never does one pay for another. Of this process. */
#ifndef WEB_TRIES_H
#define WEB_TRIES_H

#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/siphash.h"
#include "base/span.h"
#include "wire/ipaddr.h"

struct tries;

/* NULL: no memory. The key is secret: strangers choose their addresses. */
struct tries *
tries_new(const struct siphash_key *key) MUST_CHECK;

void
tries_free(struct tries *t);

struct
try {
	struct span account; /* as it was said */
	struct ip_addr client;
	struct mono_time now;
};

/* In how many seconds it may be tried; 0: now, and then it is counted. */
int64_t
tries_ask(struct tries *t, const struct try *one);

void
tries_failed(struct tries *t, const struct try *one);
void
tries_succeeded(struct tries *t, const struct try *one);

#endif

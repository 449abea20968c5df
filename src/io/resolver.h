/* resolver.h - DNS questions, answered and validated.
 *
 * libunbound as a stub that validates by itself: it forwards to the configured
 * resolver and checks every signature from the root's key down, so that the
 * path to that resolver need not be trusted (RFC 7672 2.1.1). It runs on one
 * thread of ours; all others hand in questions and are told by letter.
 *
 * Where the configured resolver strips DNSSEC nothing could be validated and
 * everything would be bogus. That is tried out once, at the start; then the
 * resolver goes on without validation and says so. */
#ifndef IO_RESOLVER_H
#define IO_RESOLVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "io/inbox.h"
#include "wire/dns.h"

struct resolver;
struct question;

struct resolver_options {
	const struct clock *clock; /* borrowed until resolver_free */
	const char *const *servers; /* "address[@port]" each */
	size_t n_servers; /* 0: the nameservers of /etc/resolv.conf */
	const char *trust_anchor; /* file of DNSKEY or DS; NULL: the system's */
	int64_t timeout_ms; /* for one question, once it is under way */
};

/* Starts the thread. e may be NULL. */
enum err
resolver_new(const struct resolver_options *o, struct resolver **out,
    struct error *e) MUST_CHECK;

/* No question may be held any more, dropped ones apart. */
void
resolver_free(struct resolver *r);

/* Waits until it is known, at most some 3 s. False: answers come, and none of
 * them can be validated. */
bool
resolver_validates(struct resolver *r);

/* Ask. The question begins with a letter bearing tag, which is put into inbox
 * when the answer, or the time-out, is there. The question is the caller's
 * until he drops it. NULL: out of memory. */
struct question *
resolver_ask(struct resolver *r, struct span name, uint16_t type,
    struct inbox *inbox, void *tag) MUST_CHECK;

/* The question that a letter begins. */
struct question *
question_of(struct letter *l);

/* What was answered; once, after the letter came. All memory from a. */
void
question_read(struct question *q, struct arena *a, struct dns_answer *out);

/* Give q up, answered or not. It no longer touches the inbox; what still
 * arrives for it is thrown away. */
void
question_drop(struct question *q);

struct resolver_query {
	struct span name;
	uint16_t type;
};

/* Ask n questions at once and wait for all until the deadline; what is not
 * answered by then is DNS_TIMEOUT. out has room for n. */
enum err
resolver_lookup(struct resolver *r, const struct resolver_query *queries,
    size_t n, struct mono_time deadline, struct arena *a,
    struct dns_answer *out) MUST_CHECK;

/* An answer that holds nothing yet: result and no record. */
void
resolver_blank(struct span name, uint16_t type, enum dns_result result,
    struct dns_answer *out);

#endif

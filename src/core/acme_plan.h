/* acme_plan.h - the life of an order for a certificate, and what to try when
 * (RFC 8555 7.1.6, 7.4).
 *
 *	  acme_plan_opened, seen: PENDING       seen: READY
 *	WANTED ----------------------> PENDING -------------> READY
 *	  ^  ^                            |                     |
 *	  |  |     acme_plan_failed,      |                     | seen:
 *	  |  +--- the order is given up --+---------------------+ PROCESSING
 *	  |                               |                     v
 *	  |                    DONE <-- VALID <------------ PROCESSING
 *	  |                      |  acme_plan_fetched  seen: VALID
 *	  +----------------------+
 *	      acme_plan_renew
 *
 * "Seen" is acme_plan_seen: what the CA says of its order moves ours, also over
 * a state (an order whose names are all proven already begins READY). It is
 * therefore enough to save the plan with the order's URL: whatever was under
 *way when a process died, the CA is asked and its word is taken.
 *
 * A failure is a row of the table in acme_plan.c: does another CA help, does
 *the order survive, does it count against the name, how long to wait. Waits
 *double up to a ceiling and are spread by jitter; a Retry-After is obeyed where
 *it is longer. Every CA has its own wait, so that one that is down for a week
 *neither blocks the others nor is forgotten.
 *
 * Pure: the moment and the randomness are passed in. */
#ifndef CORE_ACME_PLAN_H
#define CORE_ACME_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

enum {
	ACME_CAS_MAX = 4, /* one, its fall-back, and as many again */
	/* Failures to prove a name within an hour, at which we stop. CAs allow
	 * 5 an hour for a name and an account; one is left to a person. */
	ACME_TRIES_MAX = 4,
};

enum acme_state {
	ACME_WANTED, /* there is no order */
	ACME_PENDING, /* names are to be proven */
	ACME_READY, /* all of them are; the CA waits for the request */
	ACME_PROCESSING, /* the CA has it */
	ACME_VALID, /* the certificate waits to be fetched */
	ACME_DONE,
};

extern const char *const acme_state_names[];

enum acme_failure {
	ACME_FAILED_NOT, /* all is well */
	ACME_FAILED_REACH, /* no connection, no answer, no valid certificate */
	ACME_FAILED_SERVER, /* the CA says that it is the CA's fault */
	ACME_FAILED_RATE, /* a rate limit */
	ACME_FAILED_PROTOCOL, /* an answer that is none */
	ACME_FAILED_ACCOUNT, /* the CA does not know us, or wants consent */
	ACME_FAILED_NAME, /* the CA will not have this name */
	ACME_FAILED_CAA, /* CAA forbids this CA, or cannot be read */
	ACME_FAILED_PROOF, /* the CA did not see the name's answer */
	ACME_FAILED_REQUEST, /* the CA finds fault with what we sent */
	ACME_FAILED_GONE, /* the CA has forgotten the order, or ended it */
	ACME_FAILURES,
};

extern const char *const acme_failure_names[];

/* The last times a name could not be proven; zero: never. */
struct acme_tries {
	struct wall_time at[ACME_TRIES_MAX];
};

struct acme_plan {
	enum acme_state state;
	uint8_t ca; /* whose order it is, or is to be next */
	uint8_t polls; /* answers in a row that said: not yet */
	uint8_t stumbles; /* failures that this order has survived */
	struct wall_time opened; /* when the order was made */
	struct wall_time next; /* nothing is to be done before */
	struct {
		struct wall_time not_before;
		uint8_t failures; /* in a row */
	} cas[ACME_CAS_MAX];
};

/* In WANTED: choose a CA out of the set (bits) that may be asked now, the first
 * in order. False: none may; next says when, and ca which one then. The set is
 * not empty. */
bool
acme_plan_choose(struct acme_plan *p, unsigned cas, struct wall_time now);

/* The chosen CA made an order; what it says of it is for acme_plan_seen. */
void
acme_plan_opened(struct acme_plan *p, struct wall_time now);

/* The CA says where its order stands: PENDING, READY, PROCESSING or VALID.
 * *out_wait_ms is how long to wait before the next request: nothing if there is
 * something new to do. If not, it is the CA's turn, and waits grow from 0.25 to
 * 30 s, or are Retry-After where the CA sent one. False: the order is an hour
 * old and still not done; it is for the caller to call it failed. */
bool
acme_plan_seen(struct acme_plan *p, enum acme_state order,
    int64_t retry_after_s, struct wall_time now, int64_t *out_wait_ms);

/* The certificate is here. */
void
acme_plan_fetched(struct acme_plan *p);

/* Another one is wanted. */
void
acme_plan_renew(struct acme_plan *p, struct wall_time now);

/* It went wrong with the CA at hand. retry_after_s: what the CA asks for, 0 for
 * nothing. The plan is WANTED, or where it was if the order survives. */
void
acme_plan_failed(struct acme_plan *p, enum acme_failure why, unsigned cas,
    int64_t retry_after_s, struct wall_time now, uint32_t random);

/* A clock that was ahead may have written into the plan what is years away by
 * now: a wait that is longer than any is over. Before a plan is gone on with.
 */
void
acme_plan_mend(struct acme_plan *p, struct wall_time now);

/* Does such a failure count against the name? Then note it for each name that
 * the CA complains of, and try nothing before acme_tries_next of all names. */
bool
acme_failure_counts(enum acme_failure why);

void
acme_tries_note(struct acme_tries *t, struct wall_time now);

/* When the name may be tried again: now, or once the hour is over. Tries that
 * lie ahead are those of a clock that was, and count for nothing. */
struct wall_time
acme_tries_next(const struct acme_tries *t, struct wall_time now);

#endif

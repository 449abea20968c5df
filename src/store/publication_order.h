/* publication_order.h - a policy is asked for, by whatever way: what its owner
 * does not say stays as it was. */
#ifndef STORE_PUBLICATION_ORDER_H
#define STORE_PUBLICATION_ORDER_H

#include "store/publications.h"

enum { PUBLICATION_MAX_AGE_S = 14 * 86400 }; /* of who names none */

/* What is said. All zero: nothing, so a new one is as we advise. */
struct publication_wants {
	enum sts_mode mode; /* TESTING or ENFORCE; UNSET: not said */
	uint32_t max_age; /* s; 0: not said */
	bool says_follow;
	enum mx_follow_mode follow; /* if so */
	uint32_t overlap_s; /* 0: not said */
	struct span override_by; /* who enforces though the gate says no */
};

/* Names of the zone are targets and name servers: whoever takes mail there
 * could not have the CNAMEs beside them. And names below it have to be names
 * too. */
enum publication_name {
	PUBLICATION_NAME_OK,
	PUBLICATION_NAME_IN_ZONE,
	PUBLICATION_NAME_LONG,
};
enum publication_name
publication_name(struct span name, struct span zone);

enum publication_refused {
	PUBLICATION_TAKEN, /* not refused */
	PUBLICATION_LEAVES, /* its removal has to be called off first */
	PUBLICATION_TESTS, /* and an override is for mode enforce */
	PUBLICATION_REMOVED, /* no domain of the portfolio, by now */
};

struct publication_answer {
	enum publication_refused refused;
	enum publication_asked asked; /* unless it is */
	struct span target; /* likewise: what both CNAMEs point to; in a */
};

/* For a domain of the portfolio, in the caller's transaction. label is as that
 * of publication_ask(), zone what service_zone_get() gives. One that has ended
 * begins anew, as if it had never been. */
enum err
publication_order(struct store *s, struct span name, struct span zone,
    const struct publication_wants *wants, struct span label,
    struct wall_time now, struct arena *a, struct publication_answer *out,
    struct error *e) MUST_CHECK;

#endif

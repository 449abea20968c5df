/* publication_order.h - the owner's order, said anew: what he does not name
 * stays as it was, or is as it is for everybody.
 *
 * Whoever takes orders (the command line, the dashboard) takes them here. */
#ifndef STORE_PUBLICATION_ORDER_H
#define STORE_PUBLICATION_ORDER_H

#include "store/publications.h"

enum {
	/* RFC 8461 3.2: "in the range of weeks or greater" */
	ORDER_MAX_AGE_S = 14 * 86400,
	ORDER_SHORT_S = 7 * 86400, /* whoever wants less is warned */
	ORDER_LEAST_S = 86400, /* of max_age and of the overlap */
};

/* All zero: nothing is named. */
struct order_asked {
	enum sts_mode mode; /* UNSET: not named */
	uint32_t max_age, overlap_s; /* 0: not named */
	bool has_follow;
	enum mx_follow_mode follow; /* if so */
	struct span override_by; /* enforce whatever the gate says; "": no */
};

/* Why nothing was done. */
enum order_refusal {
	ORDER_IS_TAKEN,
	ORDER_IN_ZONE, /* it is a name of the service zone */
	ORDER_TOO_LONG, /* no name below it would be one */
	ORDER_LEAVING, /* it is being removed */
	ORDER_IS_TESTING, /* an override, where testing is wanted */
	ORDER_NO_DOMAIN, /* it is not in the portfolio */
};

struct order_answer {
	enum order_refusal refusal;
	enum publication_asked asked; /* if it is taken */
	struct span target; /* what the CNAMEs lead to; in the arena */
};

/* May a policy be published by CNAMEs of that name at all? */
enum order_refusal
publication_order_fits(struct span name, struct span zone);

/* Put the order for one domain (canonical), which may have none yet: label (16
 * octets of base32 by random) is for that. One that has ended begins anew, as
 * if it had never been. In the caller's transaction, which may run again.
 * ERR_STORE_BUSY: somebody else asks for the same at this moment. */
enum err
publication_order(struct store *s, struct span name,
    const struct order_asked *asked, struct span label, struct span zone,
    struct wall_time now, struct arena *a, struct order_answer *out,
    struct error *e) MUST_CHECK;

#endif

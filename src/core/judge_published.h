/* judge_published.h - what the judges of a published domain share.
 *
 * For core/judge_published.c and core/judge_served.c, and for nobody else. */
#ifndef CORE_JUDGE_PUBLISHED_H
#define CORE_JUDGE_PUBLISHED_H

#include "core/docket.h"
#include "core/ledger.h"
#include "core/published.h"

/* Where one of the two names leads. */
enum way {
	WAY_UNKNOWN,
	WAY_NONE, /* no CNAME */
	WAY_ELSEWHERE,
	WAY_HERE,
};

struct outlook {
	struct docket *d;
	const struct ledger *l;
	const struct published *p;
	struct ledger_held held;
	bool is_out; /* announced, and not to be removed yet */
	bool is_settled; /* what the CNAMEs seem to be is what they are */
	enum way record, host;
};

/* L18, P05, P06. */
void
judge_served(struct outlook *o);

#endif

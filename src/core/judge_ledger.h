/* judge_ledger.h - what the judges of the ledger share.
 *
 * For core/judge_ledger*.c and for nobody else. */
#ifndef CORE_JUDGE_LEDGER_H
#define CORE_JUDGE_LEDGER_H

#include "core/docket.h"
#include "core/ledger.h"

/* What every rule here looks at. */
struct sitting {
	struct docket *d;
	const struct ledger *l;
	const struct ledger_version *latest; /* never NULL */
	const struct ledger_id *id; /* NULL: none was ever seen */
	struct ledger_held held;
	struct wall_time now, until; /* of any copy that may refuse mail */
	bool copies; /* there may be one */
};

/* docket_fail() for the domain. Severity follows the copies that the finding is
 * about, not today's file. */
struct finding *
sitting_fail(struct sitting *s, enum check_id id, enum stakes stakes);

/* docket_date(). */
const char *
sitting_date(struct sitting *s, struct wall_time t);

/* The MX hosts against every copy: A11, I05, L09 to L11. Needs no policy. */
void
judge_ledger_mx(struct docket *d, const struct ledger *l);

/* C07, L12 to L16. */
void
judge_ledger_removal(struct sitting *s);

#endif

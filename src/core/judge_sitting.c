/* What the judges of the ledger share. */
#include "core/judge_ledger.h"

struct finding *
sitting_fail(struct sitting *s, enum check_id id, enum stakes stakes)
{
	struct finding *f = docket_fail(s->d, id, s->d->ev->domain);

	f->severity = check_severity(id, stakes);
	return f;
}

const char *
sitting_date(struct sitting *s, struct wall_time t)
{
	return docket_date(s->d, t);
}

#include "core/acme_plan.h"

#include <assert.h>

enum {
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,

	ORDER_MAX_S = HOUR, /* CAs prove and sign within a minute */
	POLL_FIRST_MS = 250,
	POLL_MAX_MS = 30 * 1000,
	STUMBLES_MAX = 3, /* then the order is given up for another CA */
	WAIT_MAX_S =
	    6 * HOUR, /* four tries a day, for the weeks that are left */
	/* The longest rate limit of a public CA lasts a week. */
	RETRY_AFTER_MAX_S = 7 * DAY,
	JITTER_PERCENT = 10,
};

/* clang-format off */
const char *const acme_state_names[] = {
	[ACME_WANTED]		= "wanted",
	[ACME_PENDING]		= "pending",
	[ACME_READY]		= "ready",
	[ACME_PROCESSING]	= "processing",
	[ACME_VALID]		= "valid",
	[ACME_DONE]		= "done",
	NULL
};

const char *const acme_failure_names[] = {
	[ACME_FAILED_NOT]	= "none",
	[ACME_FAILED_REACH]	= "unreachable",
	[ACME_FAILED_SERVER]	= "server",
	[ACME_FAILED_RATE]	= "rate-limit",
	[ACME_FAILED_PROTOCOL]	= "protocol",
	[ACME_FAILED_ACCOUNT]	= "account",
	[ACME_FAILED_NAME]	= "name-refused",
	[ACME_FAILED_CAA]	= "caa",
	[ACME_FAILED_PROOF]	= "proof",
	[ACME_FAILED_REQUEST]	= "request-refused",
	[ACME_FAILED_GONE]	= "order-gone",
	NULL
};

static const struct {
	bool	other_ca;	/* another one may fare better, at once */
	bool	survives;	/* the order is still good */
	bool	counts;		/* against the name */
	int32_t	wait_s;		/* the first wait */
} rows[ACME_FAILURES] = {
	[ACME_FAILED_REACH]	= { true,  true,  false, MINUTE },
	[ACME_FAILED_SERVER]	= { true,  true,  false, MINUTE },
	[ACME_FAILED_RATE]	= { true,  true,  false, HOUR },
	[ACME_FAILED_PROTOCOL]	= { true,  false, false, 10 * MINUTE },
	[ACME_FAILED_ACCOUNT]	= { true,  false, false, HOUR },
	[ACME_FAILED_NAME]	= { true,  false, false, HOUR },
	[ACME_FAILED_CAA]	= { true,  false, false, 15 * MINUTE },
	[ACME_FAILED_PROOF]	= { false, false, true,  5 * MINUTE },
	[ACME_FAILED_REQUEST]	= { true,  false, false, HOUR },
	[ACME_FAILED_GONE]	= { false, false, false, MINUTE },
};
/* clang-format on */

static int64_t
greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

bool
acme_plan_choose(struct acme_plan *p, unsigned cas, struct wall_time now)
{
	unsigned best = ACME_CAS_MAX;

	assert((cas & ((1U << ACME_CAS_MAX) - 1)) != 0);
	for (unsigned i = 0; i < ACME_CAS_MAX; i++) {
		int64_t at = p->cas[i].not_before.s;

		if ((cas & 1U << i) == 0)
			continue;
		/* All those that may be asked now are alike. */
		if (best == ACME_CAS_MAX ||
		    greater(at, now.s) <
			greater(p->cas[best].not_before.s, now.s))
			best = i;
	}
	p->ca = (uint8_t)best;
	p->next.s = greater(p->next.s, p->cas[best].not_before.s);
	return p->next.s <= now.s;
}

void
acme_plan_opened(struct acme_plan *p, struct wall_time now)
{
	p->opened = now;
	p->polls = 0;
	p->stumbles = 0;
}

static int64_t
poll_wait_ms(const struct acme_plan *p, int64_t retry_after_s)
{
	int64_t ms = POLL_FIRST_MS;

	if (retry_after_s > 0)
		return lesser(retry_after_s, ORDER_MAX_S) * 1000;
	for (unsigned i = 1; i < p->polls && ms < POLL_MAX_MS; i++)
		ms *= 2;
	return lesser(ms, POLL_MAX_MS);
}

bool
acme_plan_seen(struct acme_plan *p, enum acme_state order,
    int64_t retry_after_s, struct wall_time now, int64_t *out_wait_ms)
{
	bool waits = order == p->state || order == ACME_PROCESSING;

	assert(order > ACME_WANTED && order < ACME_DONE);
	p->state = order;
	*out_wait_ms = 0;
	if (!waits) {
		p->polls = 0;
		return true;
	}
	if (p->polls < UINT8_MAX)
		p->polls++;
	*out_wait_ms = poll_wait_ms(p, retry_after_s);
	return now.s - p->opened.s < ORDER_MAX_S;
}

void
acme_plan_fetched(struct acme_plan *p)
{
	p->state = ACME_DONE;
	p->cas[p->ca].failures = 0;
	p->cas[p->ca].not_before.s = 0;
}

void
acme_plan_renew(struct acme_plan *p, struct wall_time now)
{
	p->state = ACME_WANTED;
	p->next = now;
}

/* wait_s doubled with each failure, up to the ceiling, give or take the jitter;
 * never less than what the CA asks for. */
static int64_t
wait_for(
    int64_t wait_s, unsigned failures, int64_t retry_after_s, uint32_t random)
{
	int64_t half;

	for (unsigned i = 1; i < failures && wait_s < WAIT_MAX_S; i++)
		wait_s *= 2;
	wait_s = lesser(wait_s, WAIT_MAX_S);
	half = wait_s * JITTER_PERCENT / 100;
	wait_s += (int64_t)(random % (uint64_t)(2 * half + 1)) - half;
	return greater(wait_s, lesser(retry_after_s, RETRY_AFTER_MAX_S));
}

/* With more than one CA an order that fails repeatedly is left behind. */
static bool
survives(struct acme_plan *p, enum acme_failure why)
{
	if (p->state == ACME_WANTED || !rows[why].survives)
		return false;
	return ++p->stumbles < STUMBLES_MAX;
}

void
acme_plan_failed(struct acme_plan *p, enum acme_failure why, unsigned cas,
    int64_t retry_after_s, struct wall_time now, uint32_t random)
{
	int64_t until;

	assert(why > ACME_FAILED_NOT && why < ACME_FAILURES);
	if (p->cas[p->ca].failures < UINT8_MAX)
		p->cas[p->ca].failures++;
	until = now.s + wait_for(rows[why].wait_s, p->cas[p->ca].failures,
			    retry_after_s, random);
	p->cas[p->ca].not_before.s = until;
	if (survives(p, why)) {
		p->next.s = until;
		return;
	}
	p->state = ACME_WANTED;
	p->next.s = rows[why].other_ca ? now.s : until;
	if (cas != 0)
		(void)acme_plan_choose(p, cas, now);
}

static void
mend_time(struct wall_time *t, struct wall_time latest, struct wall_time now)
{
	if (t->s > latest.s)
		*t = now;
}

void
acme_plan_mend(struct acme_plan *p, struct wall_time now)
{
	struct wall_time latest = { now.s + RETRY_AFTER_MAX_S };

	mend_time(&p->opened, now, now);
	mend_time(&p->next, latest, now);
	for (size_t i = 0; i < ACME_CAS_MAX; i++)
		mend_time(&p->cas[i].not_before, latest, now);
}

bool
acme_failure_counts(enum acme_failure why)
{
	return rows[why].counts;
}

void
acme_tries_note(struct acme_tries *t, struct wall_time now)
{
	size_t oldest = 0;

	for (size_t i = 1; i < ACME_TRIES_MAX; i++)
		if (t->at[i].s < t->at[oldest].s)
			oldest = i;
	t->at[oldest] = now;
}

struct wall_time
acme_tries_next(const struct acme_tries *t, struct wall_time now)
{
	int64_t oldest = t->at[0].s;

	for (size_t i = 1; i < ACME_TRIES_MAX; i++)
		oldest = lesser(oldest, t->at[i].s);
	if (oldest == 0 || oldest > now.s)
		return now;
	return (struct wall_time){ greater(now.s, oldest + HOUR) };
}

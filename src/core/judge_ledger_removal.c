/* What is gone while copies live, and the way out (RFC 8461 8.3): C07, L12 to
 * L16. */
#include "core/judge_ledger.h"

/* A delegation that was there and went at the time when the thing behind it
 * did: then the CNAME is the cause. */
static bool
was_delegated(
    const struct ledger_presence *cname, const struct ledger_presence *thing)
{
	int64_t apart = cname->since.s - thing->since.s;

	return cname->was_present && cname->sight == SIGHT_ABSENT &&
	       apart <= LEDGER_GRACE_S && apart >= -LEDGER_GRACE_S;
}

static bool
is_gone(const struct ledger_presence *p)
{
	return p->was_present && p->sight == SIGHT_ABSENT;
}

/* C07, L12, L13: one thing is gone, and copies live. */
static void
judge_gone(struct sitting *s, const struct ledger_presence *thing,
    const struct ledger_presence *cname, enum check_id id, const char *what)
{
	struct finding *f;
	bool delegated = was_delegated(cname, thing);

	if (!is_gone(thing) || !s->copies) {
		docket_pass(s->d, id);
		return;
	}
	f = sitting_fail(s, id, s->held.stakes);
	finding_say(s->d, f,
	    "%s is gone since %s, while copies of the policy may be in use "
	    "until %s.",
	    what, sitting_date(s, thing->since), sitting_date(s, s->until));
	if (!delegated)
		return;
	f->blocked_by = CHECK_CNAME_REMOVED_BY_SURPRISE;
	if (docket_has_failed(s->d, CHECK_CNAME_REMOVED_BY_SURPRISE))
		return;
	f = sitting_fail(s, CHECK_CNAME_REMOVED_BY_SURPRISE, s->held.stakes);
	finding_say(s->d, f,
	    "The CNAME that delegated MTA-STS is gone since %s, and nothing "
	    "took its place, while copies of the policy may be in use until "
	    "%s.",
	    sitting_date(s, cname->since), sitting_date(s, s->until));
}

/* What the look itself found is the same thing, with less to say. */
static void
own_what_is_gone(struct docket *d)
{
	if (docket_has_failed(d, CHECK_REMOVAL_TXT_GONE))
		docket_follows(d, 0, CHECK_TXT_ABSENT_POLICY_PRESENT,
		    CHECK_TXT_ABSENT, CHECK_REMOVAL_TXT_GONE);
	if (!docket_has_failed(d, CHECK_REMOVAL_FILE_GONE))
		return;
	docket_follows(d, 0, CHECK_HOST_NXDOMAIN, CHECK_HOST_NO_ADDRESS,
	    CHECK_REMOVAL_FILE_GONE);
	docket_follows(d, 0, CHECK_HTTP_STATUS, CHECK_HTTP_STATUS,
	    CHECK_REMOVAL_FILE_GONE);
}

/* L14: begun by the procedure, and not kept up. */
static void
judge_too_short(struct sitting *s)
{
	const struct ledger_presence *gone =
	    is_gone(&s->l->txt) ? &s->l->txt : &s->l->file;
	struct finding *f;

	if (!is_gone(gone) || !s->copies) {
		docket_pass(s->d, CHECK_REMOVAL_NONE_TOO_SHORT);
		return;
	}
	f = sitting_fail(s, CHECK_REMOVAL_NONE_TOO_SHORT, s->held.stakes);
	finding_say(s->d, f,
	    "The %s is gone since %s, but copies of policies older than mode "
	    "none may be in use until %s: senders that hold one do not learn "
	    "of mode none any more.",
	    gone == &s->l->txt ? "_mta-sts record" : "policy file",
	    sitting_date(s, gone->since), sitting_date(s, s->until));
	finding_remedy(s->d, f,
	    "Serve mode none and a record with a new id again, until %s.",
	    sitting_date(s, s->until));
}

/* L12 to L16 (RFC 8461 8.3). */
void
judge_ledger_removal(struct sitting *s)
{
	struct ledger_removal r = ledger_removal(s->l, s->now);
	struct finding *f;

	if (r.state == REMOVAL_NOT_BEGUN) {
		judge_gone(s, &s->l->txt, &s->l->txt_cname,
		    CHECK_REMOVAL_TXT_GONE, "The _mta-sts record");
		judge_gone(s, &s->l->file, &s->l->host_cname,
		    CHECK_REMOVAL_FILE_GONE, "The policy file");
		if (!docket_has_failed(s->d, CHECK_CNAME_REMOVED_BY_SURPRISE))
			docket_pass(s->d, CHECK_CNAME_REMOVED_BY_SURPRISE);
		own_what_is_gone(s->d);
		return;
	}
	judge_too_short(s);
	if (r.state != REMOVAL_DONE || (s->l->txt.sight != SIGHT_PRESENT &&
					   s->l->file.sight != SIGHT_PRESENT))
		return;
	f = sitting_fail(s, CHECK_REMOVAL_DONE, STAKES_NONE);
	finding_say(s->d, f,
	    r.blind ? "The record and the policy host may be removed now, as "
		      "far as is known: mode none was there already at the "
		      "first look at %s, and an older policy may have been "
		      "meant to last a year."
		    : "No copy of a policy from before mode none is in use any "
		      "more. The record and the policy host may be removed "
		      "(mode none since %s).",
	    sitting_date(s, r.blind ? s->l->began : s->l->mode_since));
}

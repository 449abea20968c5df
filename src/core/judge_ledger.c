/* Group L: ids, modes, and the copies that a change leaves behind. The MX hosts
 * and the way out are in files of their own. */
#include "core/judge_ledger.h"

static enum stakes
stakes_of(enum sts_mode mode)
{
	switch (mode) {
	case STS_MODE_ENFORCE:
		return STAKES_ENFORCE;
	case STS_MODE_TESTING:
		return STAKES_TESTING;
	case STS_MODE_NONE:
	case STS_MODE_UNSET:
		break;
	}
	return STAKES_NONE;
}

static const char *
horizon(struct sitting *s, const struct ledger_version *v)
{
	return sitting_date(s, ledger_horizon(v, s->now));
}

/* Between two versions that may be held: the one that matters more. */
static const struct ledger_version *
weightier(struct sitting *s, const struct ledger_version *a,
    const struct ledger_version *b)
{
	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	if (a->mode != b->mode)
		return a->mode > b->mode ? a : b;
	return ledger_horizon(a, s->now).s >= ledger_horizon(b, s->now).s ? a
									  : b;
}

/* L01. */
static void
judge_horizon(struct sitting *s)
{
	const struct ledger_version *old = NULL;
	struct finding *f;

	for (size_t i = 0; i < s->l->n_versions; i++) {
		const struct ledger_version *v = &s->l->versions[i];

		if (!v->served && ledger_is_held(v, s->now))
			old = weightier(s, old, v);
	}
	if (old == NULL) {
		docket_pass(s->d, CHECK_LEDGER_HORIZON);
		return;
	}
	f = sitting_fail(s, CHECK_LEDGER_HORIZON, stakes_of(old->mode));
	finding_say(s->d, f,
	    "Copies of the policy of %s (mode %s) may be in use until %s%s.",
	    sitting_date(s, old->first_seen), sts_mode_names[old->mode],
	    horizon(s, old),
	    old->named ? ", and longer while the id stays as it is" : "");
	finding_fact(s->d, f, "versions-held", "%zu", s->held.n);
}

/* A comment or another line end makes no difference to anybody. */
static bool
means_the_same(const struct ledger_version *a, const struct ledger_version *b)
{
	return a->mode == b->mode && a->max_age == b->max_age &&
	       span_set_eq(a->mx, a->n_mx, b->mx, b->n_mx);
}

/* Another policy that senders may hold under the id that is visible now: they
 * see no reason to fetch (RFC 8461 3.1). */
static const struct ledger_version *
pinned(struct sitting *s)
{
	const struct ledger_version *worst = NULL;

	for (size_t i = 0; i < s->l->n_versions; i++) {
		const struct ledger_version *v = &s->l->versions[i];

		if (v != s->latest && v->named && ledger_is_held(v, s->now) &&
		    !means_the_same(v, s->latest))
			worst = weightier(s, worst, v);
	}
	return worst;
}

/* The id is back with the body that it had, and another was served between. */
static bool
is_rolled_back(struct sitting *s)
{
	for (size_t i = 0; s->id->back && i < s->l->n_versions; i++) {
		const struct ledger_version *v = &s->l->versions[i];

		if (v != s->latest && ledger_is_held(v, s->now) &&
		    v->last_seen.s > s->id->away_since.s &&
		    v->last_seen.s < s->id->since.s &&
		    !means_the_same(v, s->latest))
			return true;
	}
	return false;
}

/* L04. */
static void
judge_reuse(struct sitting *s, const struct ledger_version *old)
{
	struct finding *f = sitting_fail(s, CHECK_CHANGE_ID_REUSED,
	    old != NULL ? stakes_of(old->mode) : STAKES_TESTING);

	if (old != NULL)
		finding_say(s->d, f,
		    "The id \"%s\" is in use again since %s, with another "
		    "policy than before: senders that hold the policy of %s "
		    "under it do not look for the new one, and may use theirs "
		    "until %s, some longer.",
		    docket_quote(s->d, s->id->id),
		    sitting_date(s, s->id->since),
		    sitting_date(s, old->first_seen), horizon(s, old));
	else
		finding_say(s->d, f,
		    "The id \"%s\", last seen %s, is in use again since %s.",
		    docket_quote(s->d, s->id->id),
		    sitting_date(s, s->id->away_since),
		    sitting_date(s, s->id->since));
}

/* L02, L03, L15: the same harm; which mistake it was says the order. */
static void
judge_pinned(struct sitting *s, const struct ledger_version *old)
{
	bool id_first = s->id->since.s > old->first_seen.s &&
			s->l->latest_since.s - s->id->since.s <= LEDGER_GRACE_S;
	enum check_id id = s->latest->mode == STS_MODE_NONE
			       ? CHECK_REMOVAL_NONE_SAME_ID
			   : id_first ? CHECK_CHANGE_ID_BEFORE_FILE
				      : CHECK_CHANGE_ID_NOT_ROTATED;
	struct finding *f = sitting_fail(s, id, stakes_of(old->mode));

	finding_say(s->d, f,
	    "%s %s, but the id \"%s\" is the one of the policy of %s: senders "
	    "that hold that one (mode %s) do not look for the new one, and may "
	    "use it until %s, some longer while the id stays.",
	    s->latest->mode == STS_MODE_NONE ? "The policy says mode none since"
					     : "The policy file changed at",
	    sitting_date(s, s->l->latest_since), docket_quote(s->d, s->id->id),
	    sitting_date(s, old->first_seen), sts_mode_names[old->mode],
	    horizon(s, old));
}

/* Ids and bodies: which belongs to which. File before id is how it is done
 * (RFC 8461 8.1), so the time between is nothing to speak of (reading A21). */
static void
judge_ids(struct sitting *s)
{
	const struct ledger_version *old = pinned(s);
	struct wall_time since = s->l->latest_since;
	struct finding *f;

	if (ledger_is_flapping(s->l, s->now)) {
		f = sitting_fail(s, CHECK_FLAP, s->held.stakes);
		finding_say(s->d, f,
		    "Ids or policies that were replaced came back %d times "
		    "since %s: senders get one or the other by chance.",
		    LEDGER_FLIPS, sitting_date(s, s->l->flips[0]));
		return;
	}
	docket_pass(s->d, CHECK_FLAP);
	if (s->id == NULL || s->l->txt.sight != SIGHT_PRESENT ||
	    s->l->file.sight != SIGHT_PRESENT)
		return;
	if (since.s < s->id->since.s)
		since = s->id->since;
	if ((s->id->reused || old != NULL || is_rolled_back(s)) &&
	    s->now.s - since.s < LEDGER_GRACE_S)
		return;
	if ((s->id->back && old != NULL) || is_rolled_back(s) ||
	    (s->id->reused && s->held.n_old > 0)) {
		judge_reuse(s, old);
		return;
	}
	docket_pass(s->d, CHECK_CHANGE_ID_REUSED);
	if (old != NULL) {
		judge_pinned(s, old);
		return;
	}
	docket_pass(s->d, CHECK_CHANGE_ID_NOT_ROTATED);
	docket_pass(s->d, CHECK_CHANGE_ID_BEFORE_FILE);
	if (s->latest->mode == STS_MODE_NONE)
		docket_pass(s->d, CHECK_REMOVAL_NONE_SAME_ID);
}

/* L06. */
static void
judge_downgrade(struct sitting *s)
{
	const struct ledger *l = s->l;
	struct finding *f;

	if (l->mode_before != STS_MODE_ENFORCE || l->mode == STS_MODE_ENFORCE ||
	    s->held.enforce_until.s == 0) {
		docket_pass(s->d, CHECK_CHANGE_MODE_DOWNGRADE);
		return;
	}
	f = sitting_fail(s, CHECK_CHANGE_MODE_DOWNGRADE, STAKES_ENFORCE);
	finding_say(s->d, f,
	    "The policy went from enforce to %s at %s. Copies that enforce may "
	    "be in use until %s; every other sender now delivers unprotected.",
	    sts_mode_names[l->mode], sitting_date(s, l->mode_since),
	    sitting_date(s, s->held.enforce_until));
}

/* L07. Back to enforce after a pause is no first time. */
static bool
is_early(const struct sitting *s)
{
	const struct ledger *l = s->l;
	struct wall_time testing = l->mode_before_since;

	if (l->mode != STS_MODE_ENFORCE || l->mode_before != STS_MODE_TESTING)
		return false;
	for (size_t i = 0; i < l->n_versions; i++)
		if (l->versions[i].mode == STS_MODE_ENFORCE &&
		    l->versions[i].first_seen.s < testing.s)
			return false;
	/* What was there at the first look may be older than the ledger. */
	return testing.s > l->began.s &&
	       l->mode_since.s - testing.s < LEDGER_TESTING_S &&
	       s->now.s - testing.s < LEDGER_TESTING_S;
}

static void
judge_upgrade(struct sitting *s)
{
	struct finding *f = docket_hold(s->d, CHECK_CHANGE_MODE_UPGRADE_EARLY,
	    !is_early(s), s->d->ev->domain);
	struct wall_time enough = { s->l->mode_before_since.s +
				    LEDGER_TESTING_S };

	if (f == NULL)
		return;
	finding_say(s->d, f,
	    "The policy went from testing to enforce at %s, after testing "
	    "since %s only.",
	    sitting_date(s, s->l->mode_since),
	    sitting_date(s, s->l->mode_before_since));
	finding_remedy(s->d, f,
	    "Go back to testing under a new id until %s, unless reports of "
	    "failures have been watched elsewhere.",
	    sitting_date(s, enough));
}

/* L08: the longer copies outlive those of the shorter policy. */
static void
judge_shrunk(struct sitting *s)
{
	struct wall_time until = ledger_horizon(s->latest, s->now);
	const struct ledger_version *old = NULL;
	struct finding *f;

	for (size_t i = 0; i < s->l->n_versions; i++) {
		const struct ledger_version *v = &s->l->versions[i];

		if (v->mode != STS_MODE_NONE &&
		    v->max_age > s->latest->max_age &&
		    ledger_horizon(v, s->now).s > until.s)
			old = weightier(s, old, v);
	}
	if (s->latest->mode == STS_MODE_NONE)
		return;
	if (old == NULL) {
		docket_pass(s->d, CHECK_CHANGE_MAX_AGE_SHRUNK);
		return;
	}
	f = sitting_fail(s, CHECK_CHANGE_MAX_AGE_SHRUNK, stakes_of(old->mode));
	finding_say(s->d, f,
	    "max_age went from %s to %s at %s. Copies with the longer one may "
	    "be in use until %s.",
	    docket_duration(s->d, old->max_age),
	    docket_duration(s->d, s->latest->max_age),
	    sitting_date(s, s->l->latest_since), horizon(s, old));
}

/* H23. */
static void
judge_testing(struct sitting *s)
{
	const struct ledger *l = s->l;
	struct finding *f;

	if (l->mode != STS_MODE_TESTING ||
	    s->now.s - l->mode_since.s < LEDGER_TESTED_S ||
	    docket_loses_mail(s->d))
		return;
	f = sitting_fail(s, CHECK_MODE_TESTING_STALE, STAKES_TESTING);
	finding_say(s->d, f,
	    "%s has been in mode testing since %s, and nothing that would lose "
	    "mail is wrong: it is ready for enforce.",
	    docket_quote(s->d, s->d->ev->domain),
	    sitting_date(s, l->mode_since));
}

void
judge_ledger(struct docket *d, const struct ledger *l)
{
	struct sitting s = {
		.d = d,
		.l = l,
		.latest = ledger_latest(l),
		.id = ledger_latest_id(l),
		.now = d->now,
	};

	judge_ledger_mx(d, l);
	if (s.latest == NULL)
		return;
	ledger_held(l, s.now, &s.held);
	s.until = s.held.enforce_until.s > s.held.testing_until.s
		      ? s.held.enforce_until
		      : s.held.testing_until;
	s.copies = s.until.s > 0;
	judge_horizon(&s);
	judge_ids(&s);
	judge_ledger_removal(&s);
	if (l->file.sight != SIGHT_PRESENT)
		return;
	judge_downgrade(&s);
	judge_upgrade(&s);
	judge_shrunk(&s);
	judge_testing(&s);
}

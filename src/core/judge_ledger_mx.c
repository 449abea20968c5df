/* The MX hosts against every policy that senders may hold, the one served now
 * and those before: A11, I05, L09 to L11. */
#include "core/judge_ledger.h"

enum { HOSTS_SAID = DOCKET_LIST_MAX };

/* The mistakes, and of each the version that it hurts most. */
enum mistake {
	WRONG_FROM_THE_START, /* I05: a copy of a policy that never fitted */
	TOO_EARLY, /* L09: the policy went first, and was not waited for */
	NO_OVERLAP, /* L10: no MX host at all is covered by the copy */
	MX_FIRST, /* L11: DNS was changed before the policy */
	PATTERN_GONE, /* L09: the file lost a host that is still an MX */
	MISTAKES,
};

struct harm {
	const struct ledger_version *version;
	struct span hosts[HOSTS_SAID];
	size_t n_hosts;
	struct wall_time since; /* of the first host */
};

/* When a policy that covers the host was first seen; 0: never. */
static struct wall_time
covered_since(const struct ledger *l, struct span host)
{
	struct wall_time since = { 0 };

	for (size_t i = 0; i < l->n_versions; i++) {
		const struct ledger_version *v = &l->versions[i];

		if (ledger_covers(v, host) &&
		    (since.s == 0 || v->first_seen.s < since.s))
			since = v->first_seen;
	}
	return since;
}

/* Why does v not cover a host that is an MX now? MISTAKES: that is for
 * judge_match alone to say. */
static enum mistake
mistake_of(
    const struct ledger *l, const struct ledger_version *v, struct span host)
{
	struct wall_time mx = ledger_mx_since(l, host);
	struct wall_time covered = covered_since(l, host);
	bool was_covered = covered.s != 0 && covered.s < l->latest_since.s;

	if (v->served && was_covered && mx.s <= l->latest_since.s)
		return PATTERN_GONE;
	if (mx.s <= v->first_seen.s)
		return v->served ? MISTAKES : WRONG_FROM_THE_START;
	if (!v->served && covered.s != 0 && covered.s <= mx.s)
		return TOO_EARLY;
	return MX_FIRST;
}

static bool
is_worse(const struct ledger_version *a, const struct ledger_version *b,
    struct wall_time now)
{
	if (b == NULL || a->mode != b->mode)
		return b == NULL || a->mode > b->mode;
	return ledger_horizon(a, now).s > ledger_horizon(b, now).s;
}

/* All that one version would refuse, put under its mistakes. */
static void
weigh_version(const struct ledger *l, const struct ledger_version *v,
    struct wall_time now, struct harm harms[MISTAKES])
{
	const struct ledger_mx_set *set = ledger_mx(l);
	struct harm own[MISTAKES] = { 0 };
	size_t lost = 0;

	for (size_t i = 0; i < set->n_hosts; i++)
		lost += !ledger_covers(v, set->hosts[i]);
	for (size_t i = 0; i < set->n_hosts; i++) {
		struct span host = set->hosts[i];
		enum mistake m = mistake_of(l, v, host);

		if (ledger_covers(v, host) || m == MISTAKES)
			continue;
		if (!v->served && lost == set->n_hosts &&
		    m != WRONG_FROM_THE_START)
			m = NO_OVERLAP;
		if (own[m].n_hosts == 0)
			own[m].since = ledger_mx_since(l, host);
		if (own[m].n_hosts < HOSTS_SAID)
			own[m].hosts[own[m].n_hosts] = host;
		own[m].n_hosts++;
		own[m].version = v;
	}
	for (size_t m = 0; m < MISTAKES; m++)
		if (own[m].n_hosts > 0 && is_worse(v, harms[m].version, now))
			harms[m] = own[m];
}

/* "<hosts><since> <date><how>." */
static const struct {
	enum check_id id;
	const char *since, *how;
} mistakes[MISTAKES] = {
	/* clang-format off */
	[WRONG_FROM_THE_START] = { CHECK_MATCH_FUTURE,
	    ", an MX host since", ", is not covered by an older policy" },
	[TOO_EARLY] = { CHECK_CHANGE_MX_REMOVED_EARLY,
	    " became an MX host at", ", when the policy that covers it was new" },
	[NO_OVERLAP] = { CHECK_CHANGE_MX_SWAP_NO_OVERLAP,
	    " became an MX host at", ", and none is left of those that an older policy covers" },
	[MX_FIRST] = { CHECK_CHANGE_MX_BEFORE_POLICY,
	    " became an MX host at", ", before the policy covered it" },
	[PATTERN_GONE] = { CHECK_CHANGE_MX_REMOVED_EARLY,
	    ", an MX host since", ", is no longer covered by the policy" },
	/* clang-format on */
};

static void
say_harm(struct docket *d, const struct harm *h, enum mistake m)
{
	const struct ledger_version *v = h->version;
	enum check_id id = mistakes[m].id;
	struct finding *f = docket_fail(d, id, d->ev->domain);
	const char *until = docket_date(d, ledger_horizon(v, d->now));

	f->severity = check_severity(
	    id, v->mode == STS_MODE_ENFORCE ? STAKES_ENFORCE : STAKES_TESTING);
	finding_say(d, f,
	    "%s%s %s%s. Copies of the policy of %s (mode %s), which %s refuse "
	    "it, may be in use until %s%s.",
	    docket_list(d, h->hosts, h->n_hosts), mistakes[m].since,
	    docket_date(d, h->since), mistakes[m].how,
	    docket_date(d, v->first_seen), sts_mode_names[v->mode],
	    v->mode == STS_MODE_ENFORCE ? "makes senders"
					: "would make senders",
	    until,
	    v->served  ? ", and longer while it is served"
	    : v->named ? ", and longer while the id stays as it is"
		       : "");
	if (v->served && docket_is_ours(d))
		finding_remedy(d, f,
		    "The policy follows the MX records as you ordered it. Keep "
		    "the MX hosts that it covers now until the copies have "
		    "expired. Next time announce the move first: mtasts plan "
		    "mx-move");
	else if (v->served)
		finding_remedy(d, f,
		    "Put this line into the policy file, then give the record "
		    "a new id, and keep the MX hosts that it covers now until "
		    "the copies have expired:\nmx: %s",
		    docket_quote(d, h->hosts[0]));
	else
		finding_remedy(d, f,
		    "Keep an MX host that the older policy covers, in first "
		    "place, until %s.",
		    until);
	finding_fact(d, f, "hosts", "%s", docket_list(d, h->hosts, h->n_hosts));
	finding_fact(
	    d, f, "policy-first-seen", "%s", docket_date(d, v->first_seen));
	finding_fact(d, f, "until", "%s", until);
	/* That today's policy does not cover a host is the same mistake. */
	if (v->served)
		docket_follows(
		    d, 0, CHECK_MATCH_NONE, CHECK_MATCH_BACKUP_ONLY, id);
}

static void
judge_copies(struct docket *d, const struct ledger *l)
{
	struct harm harms[MISTAKES] = { 0 };

	for (size_t i = 0; i < l->n_versions; i++) {
		const struct ledger_version *v = &l->versions[i];

		if (v->mode != STS_MODE_NONE && ledger_is_held(v, d->now))
			weigh_version(l, v, d->now, harms);
	}
	/* One finding a check: what is broken now outweighs what was. */
	if (harms[PATTERN_GONE].n_hosts > 0)
		harms[TOO_EARLY].n_hosts = 0;
	for (enum mistake m = 0; m < MISTAKES; m++)
		if (harms[m].n_hosts > 0)
			say_harm(d, &harms[m], m);
	for (enum mistake m = 0; m < MISTAKES; m++)
		if (!docket_has_failed(d, mistakes[m].id))
			docket_pass(d, mistakes[m].id);
}

/* A11: news for a day. */
static void
judge_changed(struct docket *d, const struct ledger *l)
{
	const struct ledger_mx_set *set = ledger_mx(l), *before;
	struct finding *f;

	if (l->n_mx_sets < 2 || d->now.s - set->first_seen.s >= LEDGER_DAY_S) {
		docket_pass(d, CHECK_MX_CHANGED);
		return;
	}
	before = &l->mx_sets[l->n_mx_sets - 2];
	f = docket_fail(d, CHECK_MX_CHANGED, d->ev->domain);
	finding_say(d, f, "The MX hosts changed at %s: from %s to %s.",
	    docket_date(d, set->first_seen),
	    docket_list(d, before->hosts, before->n_hosts),
	    docket_list(d, set->hosts, set->n_hosts));
}

void
judge_ledger_mx(struct docket *d, const struct ledger *l)
{
	if (ledger_mx(l) == NULL)
		return;
	judge_changed(d, l);
	if (l->latest != 0 && ledger_mx(l)->n_hosts > 0)
		judge_copies(d, l);
}

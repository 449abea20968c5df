/* Group I: the policy against the MX records. */
#include "core/docket.h"
#include "wire/mx_match.h"
#include "wire/name.h"

/* Needless patterns that are told one by one; a policy can hold 6,000. */
enum { EXTRAS_TOLD = 10 };

/* The first pattern that covers host; "" if none does. */
static struct span
covering(const struct sts_policy *p, struct span host)
{
	for (size_t i = 0; i < p->n_mx; i++)
		if (mx_match(p->mx[i], host))
			return p->mx[i];
	return SPAN("");
}

static struct span
covering_loosely(const struct sts_policy *p, struct span host)
{
	for (size_t i = 0; i < p->n_mx; i++)
		if (mx_match_loosely(p->mx[i], host))
			return p->mx[i];
	return SPAN("");
}

/* Null MX records and names that are none are another check's matter. */
static bool
is_matched_against(const struct mx_host *m)
{
	return name_is_domain(m->host);
}

static uint16_t
best_preference(const struct evidence *ev)
{
	uint16_t best = UINT16_MAX;

	for (size_t i = 0; i < ev->n_mx_hosts; i++)
		if (is_matched_against(&ev->mx_hosts[i]) &&
		    ev->mx_hosts[i].preference < best)
			best = ev->mx_hosts[i].preference;
	return best;
}

/* A policy of ours is changed with the MX records, and by nobody's hand. */
static void
advise_ours(struct docket *d, struct finding *f)
{
	finding_remedy(d, f,
	    "See how far the policy is behind the MX records: mtasts publish "
	    "--status %s",
	    docket_quote(d, d->ev->domain));
}

static void
advise(struct docket *d, struct finding *f, struct span host)
{
	if (docket_is_ours(d)) {
		advise_ours(d, f);
		return;
	}
	finding_remedy(d, f,
	    "Add this line to the policy file, then give the record a new "
	    "id:\nmx: %s",
	    docket_quote(d, host));
}

static void
judge_none(struct docket *d)
{
	const struct evidence *ev = d->ev;
	struct finding *f = docket_fail(d, CHECK_MATCH_NONE, ev->domain);
	struct span lines = SPAN("");

	for (size_t i = 0; i < ev->n_mx_hosts; i++)
		if (is_matched_against(&ev->mx_hosts[i]))
			lines = arena_printf(d->a, "%.*s\nmx: %s", (int)lines.n,
			    lines.p, docket_quote(d, ev->mx_hosts[i].host));
	finding_say(d, f,
	    "None of the MX hosts%s%s is covered by the policy: every sender "
	    "that enforces it stops delivering.",
	    ev->domain.n > 0 ? " of " : "", docket_quote(d, ev->domain));
	finding_remedy(d, f,
	    "Add to the policy file, then give the record a new id:%.*s",
	    (int)lines.n, lines.p);
	if (docket_is_ours(d))
		advise_ours(d, f);
}

/* One host that is not covered while others are. */
static void
judge_uncovered(struct docket *d, const struct mx_host *m, uint16_t best)
{
	bool backup = m->preference > best;
	struct span loose = covering_loosely(&d->out->sts, m->host);
	struct finding *f = docket_fail(d,
	    loose.n > 0 ? CHECK_MATCH_MULTI_LABEL
	    : backup	? CHECK_MATCH_BACKUP_ONLY
			: CHECK_MATCH_SOME,
	    m->host);

	/* No better covered than by nothing: a preferred host is lost. */
	if (loose.n > 0 && !backup && !docket_has_failed(d, CHECK_MATCH_NONE))
		f->severity = check_severity(CHECK_MATCH_SOME, d->out->stakes);
	if (loose.n > 0)
		finding_say(d, f,
		    "%s would match \"%s\" only if \"*\" spanned several "
		    "labels, which it does not.",
		    docket_quote(d, m->host), docket_quote(d, loose));
	else
		finding_say(d, f,
		    "The MX host %s (preference %u) is not covered by the "
		    "policy.",
		    docket_quote(d, m->host), m->preference);
	advise(d, f, m->host);
}

static void
judge_extra(struct docket *d)
{
	const struct sts_policy *p = &d->out->sts;
	size_t extra = 0;
	struct finding *f;

	for (size_t i = 0; i < p->n_mx; i++) {
		bool used = false;

		for (size_t k = 0; k < d->ev->n_mx_hosts; k++)
			used |= mx_match(p->mx[i], d->ev->mx_hosts[k].host);
		if (!used && ++extra > EXTRAS_TOLD)
			continue;
		f = docket_hold(d, CHECK_MATCH_EXTRA, used, d->ev->domain);
		if (f == NULL)
			continue;
		f->line = p->mx_line[i];
		finding_say(d, f, "\"%s\" covers no MX host of the domain.",
		    docket_quote(d, p->mx[i]));
	}
	if (extra > EXTRAS_TOLD)
		finding_say(d, docket_fail(d, CHECK_MATCH_EXTRA, d->ev->domain),
		    "%zu more patterns cover no MX host of the domain.",
		    extra - EXTRAS_TOLD);
}

void
judge_match(struct docket *d)
{
	const struct evidence *ev = d->ev;
	const struct sts_policy *p = &d->out->sts;
	size_t hosts = 0, covered = 0;
	uint16_t best = best_preference(ev);

	/* Patterns of a void policy are matched all the same: the next
	 * correction will make them count. */
	if (p->n_mx == 0 || p->mode == STS_MODE_NONE)
		return;
	for (size_t i = 0; i < ev->n_mx_hosts; i++) {
		hosts += is_matched_against(&ev->mx_hosts[i]);
		covered += covering(p, ev->mx_hosts[i].host).n > 0;
	}
	if (hosts == 0)
		return;
	if (covered == 0) {
		judge_none(d);
	} else {
		docket_pass(d, CHECK_MATCH_NONE);
		docket_pass(d, CHECK_MATCH_SOME);
		docket_pass(d, CHECK_MATCH_BACKUP_ONLY);
		docket_pass(d, CHECK_MATCH_MULTI_LABEL);
	}
	for (size_t i = 0; i < ev->n_mx_hosts; i++) {
		const struct mx_host *m = &ev->mx_hosts[i];
		bool loose = covering_loosely(p, m->host).n > 0;

		if (is_matched_against(m) && covering(p, m->host).n == 0 &&
		    (covered > 0 || loose))
			judge_uncovered(d, m, best);
	}
	judge_extra(d);
}

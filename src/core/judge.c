#include "core/judge.h"

#include <stdlib.h>

#include "core/docket.h"
#include "core/ledger.h"
#include "wire/mx_match.h"

/* clang-format off */
const char *const check_result_names[] = {
	[RESULT_NA]		= "n/a",
	[RESULT_OK]		= "ok",
	[RESULT_FAIL]		= "fail",
	[RESULT_UNKNOWN]	= "unknown",
	NULL
};

const char *const deployment_names[] = {
	[DEPLOYMENT_NONE]	= "none",
	[DEPLOYMENT_TESTING]	= "testing",
	[DEPLOYMENT_ENFORCE]	= "enforce",
	[DEPLOYMENT_REMOVING]	= "removing",
	[DEPLOYMENT_BROKEN]	= "broken",
	[DEPLOYMENT_UNKNOWN]	= "unknown",
	NULL
};

const char *const eligibility_names[] = {
	[ELIGIBLE]			= "eligible",
	[ELIGIBILITY_INELIGIBLE]	= "ineligible",
	[ELIGIBILITY_UNKNOWN]		= "unknown",
	[ELIGIBILITY_NO_MAIL]		= "no-mail",
	NULL
};

const char *const verdict_names[] = {
	[VERDICT_OK]		= "ok",
	[VERDICT_WARNING]	= "warning",
	[VERDICT_ERROR]		= "error",
	[VERDICT_UNKNOWN]	= "unknown",
	NULL
};

const char *const thing_names[] = {
	[THING_OK]		= "ok",
	[THING_NONE]		= "none",
	[THING_INVALID]		= "invalid",
	[THING_UNREACHABLE]	= "unreachable",
	[THING_UNKNOWN]		= "unknown",
	NULL
};

const char *const dane_state_names[] = {
	[DANE_STATE_NONE]	= "none",
	[DANE_STATE_OK]		= "ok",
	[DANE_STATE_FAIL]	= "fail",
	[DANE_STATE_UNUSABLE]	= "unusable",
	[DANE_STATE_UNKNOWN]	= "unknown",
	NULL
};
/* clang-format on */

/* The record as a sender sees it. A record that was not found because the
 * lookup failed is unknown, not absent. */
static void
read_record(struct docket *d)
{
	const struct dns_answer *txt = &d->ev->sts_txt;
	struct judged *out = d->out;

	out->rrset = sts_rrset_parse(txt->txt, txt->n_txt, d->a);
	if (!dns_is_known(txt)) {
		out->record = THING_UNKNOWN;
		return;
	}
	switch (out->rrset.verdict) {
	case STS_RRSET_OK:
		out->record = THING_OK;
		break;
	case STS_RRSET_NONE:
		out->record = THING_NONE;
		break;
	case STS_RRSET_MULTIPLE:
	case STS_RRSET_INVALID:
		out->record = THING_INVALID;
		break;
	}
}

/* The attempt that a sender would take its policy from: the first that
 * succeeded, in the order of the addresses. Failing that, the first whose
 * answer can be looked into. */
static const struct fetch *
choose_fetch(const struct evidence *ev)
{
	const struct fetch *second = NULL;

	for (size_t i = 0; i < ev->n_fetches; i++) {
		const struct fetch *f = &ev->fetches[i];

		if (f->result == TALK_OK && f->status == 200)
			return f;
		if (second == NULL && f->status != 0)
			second = f;
	}
	return second;
}

/* Nobody got as far as to ask: it may well serve the policy. */
static bool
may_serve(const struct fetch *f)
{
	return f->result == TALK_UNTRIED || f->result == TALK_UNFINISHED;
}

/* Why there is no body: is the host to blame, or could we not measure? */
static enum thing
without_policy(const struct evidence *ev)
{
	bool measured = false;

	if (ev->n_fetches == 0) {
		if (ev->host_a.result == DNS_BOGUS ||
		    ev->host_aaaa.result == DNS_BOGUS ||
		    ev->host_a.result == DNS_CHAIN)
			return THING_UNREACHABLE;
		if (!dns_is_known(&ev->host_a) || !dns_is_known(&ev->host_aaaa))
			return THING_UNKNOWN;
		return THING_NONE;
	}
	for (size_t i = 0; i < ev->n_fetches; i++) {
		const struct fetch *f = &ev->fetches[i];

		if (may_serve(f))
			return THING_UNKNOWN;
		measured |= !evidence_lacks_v6(ev, f->result, f->address);
	}
	return measured ? THING_UNREACHABLE : THING_UNKNOWN;
}

/* A file without a single word of a policy. */
static bool
is_something_else(const struct sts_policy *p)
{
	return p->mode == STS_MODE_UNSET && p->n_mx == 0 && !p->has_max_age;
}

static enum thing
thing_of_file(const struct judged *out)
{
	if (out->sts.valid)
		return THING_OK; /* judge_policy may void it for its type */
	/* A web server at this name that nobody was sent to does no wrong. */
	if (is_something_else(&out->sts) && out->record == THING_NONE)
		return THING_NONE;
	if (is_something_else(&out->sts) && out->record == THING_UNKNOWN)
		return THING_UNKNOWN;
	return THING_INVALID;
}

static void
read_policy(struct docket *d)
{
	struct judged *out = d->out;
	const struct fetch *f = choose_fetch(d->ev);

	out->fetch = f;
	if (f != NULL && f->status == 200 && f->result == TALK_OK) {
		sts_policy_parse(f->body, d->a, &out->sts);
		out->policy = thing_of_file(out);
		return;
	}
	out->policy = without_policy(d->ev);
	/* A policy host that exists for something else is no policy. */
	if (out->policy == THING_UNREACHABLE && out->record == THING_NONE)
		out->policy = THING_NONE;
}

/* The record could not be looked up, and what is served, if anything, is no
 * policy: nobody knows whether there is anything here to be broken. */
static bool
is_in_the_dark(const struct judged *out)
{
	return out->record == THING_UNKNOWN && out->policy != THING_OK &&
	       out->policy != THING_INVALID;
}

/* What may senders act on? From one look only; what they may still hold in
 * their caches is the ledger's to say. */
static enum stakes
weigh_stakes(const struct judged *out)
{
	bool announced = out->rrset.n_sts > 0 || out->record == THING_UNKNOWN ||
			 out->record == THING_INVALID;
	bool served = out->policy == THING_OK || out->policy == THING_INVALID;

	switch (out->sts.mode) {
	case STS_MODE_NONE:
		return STAKES_NONE;
	case STS_MODE_TESTING:
		return STAKES_TESTING;
	case STS_MODE_ENFORCE:
		return announced || out->sts.valid ? STAKES_ENFORCE
						   : STAKES_NOTHING;
	case STS_MODE_UNSET:
		break;
	}
	if (out->record == THING_UNKNOWN)
		return served ? STAKES_ENFORCE : STAKES_NOTHING;
	return announced ? STAKES_ENFORCE : STAKES_NOTHING;
}

static enum deployment
deployment_of(const struct judged *out)
{
	bool announced =
	    out->record == THING_OK || out->record == THING_UNKNOWN;

	if (out->record == THING_NONE && out->policy != THING_OK)
		return DEPLOYMENT_NONE;
	if (out->record == THING_UNKNOWN && out->policy != THING_OK &&
	    out->policy != THING_INVALID)
		return DEPLOYMENT_UNKNOWN;
	if (announced && out->policy == THING_UNKNOWN)
		return DEPLOYMENT_UNKNOWN;
	if (!announced || out->policy != THING_OK)
		return DEPLOYMENT_BROKEN;
	switch (out->sts.mode) {
	case STS_MODE_ENFORCE:
		return DEPLOYMENT_ENFORCE;
	case STS_MODE_TESTING:
		return DEPLOYMENT_TESTING;
	case STS_MODE_NONE:
	case STS_MODE_UNSET:
		break;
	}
	return DEPLOYMENT_REMOVING;
}

static bool
has_mail_host(const struct evidence *ev)
{
	for (size_t i = 0; i < ev->n_mx_hosts; i++)
		if (ev->mx_hosts[i].host.n > 0)
			return true;
	return false;
}

static enum eligibility
eligibility_of(const struct judged *out)
{
	bool unknown = !dns_is_known(&out->evidence->mx);
	size_t measured = 0;

	for (size_t i = 0; i < out->n_mx; i++) {
		const struct judged_mx *m = &out->mx[i];

		if (!dns_is_known(&m->host->a) || !dns_is_known(&m->host->aaaa))
			unknown = true;
		else if (m->host->a.n_addr + m->host->aaaa.n_addr == 0)
			return ELIGIBILITY_INELIGIBLE;
		else if (m->n_addresses == 0) /* over LIMIT_PROBES */
			unknown = true;
		for (size_t k = 0; k < m->n_addresses; k++) {
			if (m->addresses[k].ours)
				continue;
			measured++;
			if (m->addresses[k].result == RESULT_FAIL)
				return ELIGIBILITY_INELIGIBLE;
			if (m->addresses[k].result == RESULT_UNKNOWN)
				unknown = true;
		}
	}
	if (unknown)
		return ELIGIBILITY_UNKNOWN;
	if (!has_mail_host(out->evidence))
		return ELIGIBILITY_NO_MAIL;
	return measured > 0 ? ELIGIBLE : ELIGIBILITY_UNKNOWN;
}

/* The worst that was found. What could not be measured is never green, and
 * never hides a failure. */
static enum verdict
verdict_of(const struct judged *out)
{
	bool warning = false, unknown = false;

	for (size_t i = 0; i < out->n_findings; i++) {
		const struct finding *f = &out->findings[i];

		if (f->blocked_by != CHECKS || f->severity == SEVERITY_INFO ||
		    f->result == RESULT_OK)
			continue;
		if (f->result == RESULT_UNKNOWN)
			unknown = true;
		else if (f->severity == SEVERITY_ERROR)
			return VERDICT_ERROR;
		else
			warning = true;
	}
	return warning	 ? VERDICT_WARNING
	       : unknown ? VERDICT_UNKNOWN
			 : VERDICT_OK;
}

/* Causes before consequences, failures before unknowns before what passed,
 * heavy before light; then in the order of the catalogue. */
static int
by_weight(const void *va, const void *vb)
{
	const struct finding *a = va, *b = vb;
	int a_later = (a->result == RESULT_OK) * 2 + (a->blocked_by != CHECKS);
	int b_later = (b->result == RESULT_OK) * 2 + (b->blocked_by != CHECKS);
	int c;

	if (a_later != b_later)
		return a_later - b_later;
	if (a->severity != b->severity)
		return (int)b->severity - (int)a->severity;
	if (a->result != b->result)
		return (int)a->result - (int)b->result;
	if (a->check != b->check)
		return (int)a->check - (int)b->check;
	if ((c = span_cmp(a->subject, b->subject)) != 0)
		return c;
	if ((c = memcmp(&a->address, &b->address, sizeof a->address)) != 0)
		return c;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return span_cmp(a->message, b->message);
}

/* A finding for each check that applied and failed nowhere. */
static void
add_passed(struct docket *d)
{
	for (enum check_id id = 0; id < CHECKS; id++) {
		struct finding *f;

		if (!d->passed[id] || d->failed[id])
			continue;
		f = docket_fail(d, id, d->ev->domain);
		f->result = RESULT_OK;
		f->severity = SEVERITY_INFO;
		f->message = f->remedy = SPAN("");
	}
}

/* What needs more than one look. */
static void
judge_from_memory(struct docket *d, const struct judge_memory *memory)
{
	judge_ledger(d, memory->ledger);
	if (memory->published != NULL) {
		judge_published(d, memory->ledger);
		judge_publishing(d);
	}
}

/* memory may be NULL. */
static enum err
judge_all(const struct evidence *ev, const struct judge_memory *memory,
    struct wall_time now, unsigned scope, struct arena *a, struct judged *out)
{
	struct docket d = { .ev = ev,
		.now = now,
		.published = memory != NULL ? memory->published : NULL,
		.a = a,
		.out = out };

	*out = (struct judged){ .evidence = ev, .now = now };
	if (scope & (JUDGE_RECORD | JUDGE_DOMAIN))
		read_record(&d);
	if (scope & (JUDGE_POLICY | JUDGE_DOMAIN))
		read_policy(&d);
	/* A file or a record alone is held against the full rules. */
	out->stakes = scope & JUDGE_DOMAIN ? weigh_stakes(out) : STAKES_ENFORCE;
	if (memory != NULL)
		out->stakes = ledger_stakes(memory->ledger, out->stakes, now);

	if (scope & JUDGE_DOMAIN)
		judge_mx(&d);
	if (scope & JUDGE_RECORD)
		judge_record(&d);
	if (scope & JUDGE_DOMAIN)
		judge_delegation(&d);
	if (scope & JUDGE_DOMAIN && is_in_the_dark(out)) {
		docket_block(&d, CHECK_CNAME_HALF_DELEGATED,
		    CHECK_MATCH_MULTI_LABEL, CHECK_TXT_LOOKUP_FAILED);
	} else {
		if (scope & JUDGE_DOMAIN) {
			judge_host(&d);
			judge_fetches(&d);
		}
		if (scope & JUDGE_POLICY) {
			judge_policy(&d);
			judge_match(&d);
		}
	}
	if (scope & JUDGE_DOMAIN) {
		judge_authority(&d);
		judge_smtp(&d);
		judge_dane(&d);
	}
	if (scope & JUDGE_TLSRPT)
		judge_tlsrpt(&d);
	out->eligibility = eligibility_of(out);
	if (memory != NULL)
		judge_from_memory(&d, memory);
	add_passed(&d);
	if (a->failed)
		return ERR_MEMORY;

	qsort(out->findings, out->n_findings, sizeof *out->findings, by_weight);
	out->deployment = deployment_of(out);
	out->verdict = verdict_of(out);
	return ERR_OK;
}

enum err
judge(const struct evidence *ev, struct wall_time now, unsigned scope,
    struct arena *a, struct judged *out)
{
	return judge_all(ev, NULL, now, scope, a, out);
}

enum err
judge_remembering(const struct evidence *ev, const struct judge_memory *memory,
    struct wall_time now, struct arena *a, struct judged *out)
{
	return judge_all(ev, memory, now, JUDGE_ALL, a, out);
}

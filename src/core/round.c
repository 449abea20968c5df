#include "core/round.h"

#include <stdlib.h>

/* ---- what could not be measured ---- */

static bool
is_record_known(const struct evidence *ev)
{
	return dns_is_known(&ev->mx) && dns_is_known(&ev->sts_txt);
}

/* A host that is down was measured; one that we had no time for was not. */
static bool
is_policy_known(const struct evidence *ev)
{
	if (ev->n_fetches == 0)
		return dns_is_known(&ev->host_a) &&
		       dns_is_known(&ev->host_aaaa);
	for (size_t i = 0; i < ev->n_fetches; i++)
		if (ev->fetches[i].result != TALK_UNTRIED &&
		    ev->fetches[i].result != TALK_UNFINISHED)
			return true;
	return false;
}

unsigned
round_unmeasured(const struct evidence *fresh, unsigned looks)
{
	unsigned failed = 0;

	if (!is_record_known(fresh))
		failed |= 1U << LOOK_RECORDS;
	if (!is_policy_known(fresh))
		failed |= 1U << LOOK_POLICY;
	return failed & looks;
}

/* ---- the round ---- */

static bool
is_unconfirmed(const struct sighting *s)
{
	return (s->state == SIGHTING_PENDING && s->result == RESULT_FAIL) ||
	       s->state == SIGHTING_LEAVING;
}

bool
round_must_be_whole(const struct sightings *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (is_unconfirmed(&s->all[i]))
			return true;
	return false;
}

bool
round_is_ailing(const struct sightings *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->all[i].state == SIGHTING_STANDING &&
		    s->all[i].severity == SEVERITY_ERROR)
			return true;
	return false;
}

/* What was not looked at now says nothing to the ledger. */
static void
mask_observation(struct observation *o, unsigned looks)
{
	if (!(looks & 1U << LOOK_RECORDS)) {
		o->txt = SIGHT_UNKNOWN;
		o->txt_cname = SIGHT_UNKNOWN;
		o->mx = SIGHT_UNKNOWN;
	}
	if (!(looks & 1U << LOOK_POLICY)) {
		o->file = SIGHT_UNKNOWN;
		o->host_cname = SIGHT_UNKNOWN;
	}
}

static enum err
step_ledger(struct round *r, struct arena *a)
{
	struct judged plain;
	enum err rc = judge(r->ev, r->now, JUDGE_ALL, a, &plain);

	if (rc == ERR_OK)
		rc = ledger_observe(&plain, a, &r->seen);
	if (rc != ERR_OK)
		return rc;
	mask_observation(&r->seen, r->looks);
	return ledger_step(r->ledger, &r->seen, a, &r->change);
}

/* The judgement, and what is followed, without what the owner does not want to
 * hear of: that is over at once, whether or not it could be measured. */
static enum err
without_muted(const struct round *r, struct arena *a, struct judged *out,
    struct sightings *before)
{
	*out = r->judged;
	*before = *r->before;
	if (r->muted == NULL)
		return ERR_OK;
	before->n = 0;
	before->all = arena_array(a, r->before->n, sizeof *before->all);
	if (before->all == NULL)
		return ERR_MEMORY;
	for (size_t i = 0; i < r->before->n; i++)
		if (!r->muted[r->before->all[i].check])
			before->all[before->n++] = r->before->all[i];
	out->n_findings = 0;
	out->findings =
	    arena_array(a, r->judged.n_findings, sizeof *out->findings);
	if (out->findings == NULL)
		return ERR_MEMORY;
	for (size_t i = 0; i < r->judged.n_findings; i++)
		if (!r->muted[r->judged.findings[i].check])
			out->findings[out->n_findings++] =
			    r->judged.findings[i];
	return ERR_OK;
}

/* A change that all other evidence may follow. What alternates changes at every
 * look, and is looked at as often as what does not. */
static bool
has_changed(const struct round *r, enum look look)
{
	static const enum ledger_event records[] = { LEDGER_NEW_ID,
		LEDGER_ID_BACK, LEDGER_RECORD_GONE, LEDGER_RECORD_BROKEN,
		LEDGER_RECORD_BACK, LEDGER_MX_CHANGED };
	static const enum ledger_event policy[] = { LEDGER_NEW_VERSION,
		LEDGER_VERSION_BACK, LEDGER_FILE_GONE, LEDGER_FILE_BROKEN,
		LEDGER_FILE_BACK };
	const enum ledger_event *events =
	    look == LOOK_RECORDS ? records : policy;
	size_t n = look == LOOK_RECORDS	 ? sizeof records / sizeof records[0]
		   : look == LOOK_POLICY ? sizeof policy / sizeof policy[0]
					 : 0;

	if (ledger_has_event(&r->change, LEDGER_FLAP))
		return false;
	for (size_t i = 0; i < n; i++)
		if (ledger_has_event(&r->change, events[i]))
			return true;
	return false;
}

static void
settle_outcomes(struct round *r)
{
	bool suspect = round_must_be_whole(&r->sightings.after);

	for (enum look k = 0; k < LOOKS; k++)
		r->outcome[k] = r->failed & 1U << k ? LOOK_FAILED
				: suspect	    ? LOOK_SUSPECT
				: has_changed(r, k) ? LOOK_CHANGED
						    : LOOK_STEADY;
}

enum err
round_judge(struct round *r, struct arena *a)
{
	const struct judge_memory memory = { r->ledger, r->published };
	bool whole = (r->looks & LOOK_EVERYTHING) == LOOK_EVERYTHING;
	struct sightings before;
	struct judged heard;
	enum err rc = step_ledger(r, a);

	if (rc == ERR_OK)
		rc = judge_remembering(r->ev, &memory, r->now, a, &r->judged);
	if (rc == ERR_OK)
		rc = without_muted(r, a, &heard, &before);
	if (rc == ERR_OK)
		rc = sightings_step(&before, &heard, whole, a, &r->sightings);
	if (rc == ERR_OK)
		settle_outcomes(r);
	return rc;
}

/* ---- causes ---- */

static struct span
cause_name(const struct sighting *s, struct span domain, struct arena *a)
{
	size_t cap = domain.n + s->subject.n + 64;
	char *mem = arena_alloc(a, cap);
	struct buf b;

	if (mem == NULL)
		return SPAN("");
	b = buf_init(mem, cap);
	sighting_cause(s, domain, &b);
	return buf_span(&b);
}

static void
add_cause(struct causes *c, struct span name, const struct sighting *s)
{
	for (size_t i = 0; i < c->n; i++)
		if (span_eq(c->all[i].name, name)) {
			if (s->severity > c->all[i].severity) {
				c->all[i].severity = s->severity;
				c->all[i].sighting = s;
			}
			return;
		}
	c->all[c->n++] = (struct cause){ name, s->severity, s };
}

static int
by_name(const void *va, const void *vb)
{
	const struct cause *a = va, *b = vb;

	return span_cmp(a->name, b->name);
}

enum err
causes_of(const struct sightings *s, struct span domain, struct arena *a,
    struct causes *out)
{
	*out = (struct causes){ 0 };
	out->all = arena_array(a, s->n + 1, sizeof *out->all);
	if (out->all == NULL)
		return ERR_MEMORY;
	for (size_t i = 0; i < s->n; i++)
		if (s->all[i].state != SIGHTING_PENDING)
			add_cause(
			    out, cause_name(&s->all[i], domain, a), &s->all[i]);
	qsort(out->all, out->n, sizeof *out->all, by_name);
	return a->failed ? ERR_MEMORY : ERR_OK;
}

bool
causes_next(struct causes_walk *w, const struct cause **before,
    const struct cause **after)
{
	const struct cause *b =
	    w->b < w->before->n ? &w->before->all[w->b] : NULL;
	const struct cause *a =
	    w->a < w->after->n ? &w->after->all[w->a] : NULL;
	int c = b == NULL ? 1 : a == NULL ? -1 : span_cmp(b->name, a->name);

	if (b == NULL && a == NULL)
		return false;
	*before = c <= 0 ? b : NULL;
	*after = c >= 0 ? a : NULL;
	w->b += c <= 0;
	w->a += c >= 0;
	return true;
}

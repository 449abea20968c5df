/* The steps of a move, and what is said of each. */
#include <stdarg.h>

#include "base/escape.h"
#include "core/mx_move_planning.h"
#include "core/words.h"
#include "wire/name.h"
#include "wire/sts_write.h"

enum {
	NAME_SHOWN = 80,
	PREFERENCE_STEP = 10, /* between new hosts beyond the old ones */
};

/* ---- what it is said with ---- */

static struct span
say(struct mx_move_planning *p, const char *fmt, ...) PRINTF(2, 3);

static struct span
say(struct mx_move_planning *p, const char *fmt, ...)
{
	struct span s;
	va_list ap;

	va_start(ap, fmt);
	s = arena_vprintf(p->a, fmt, ap);
	va_end(ap);
	return s;
}

static const char *
name(struct mx_move_planning *p, struct span host)
{
	return escape_str(p->a, host, NAME_SHOWN);
}

/* The new hosts take the places of the old ones, in their order. */
static unsigned
preference(const struct mx_move_question *q, size_t i)
{
	if (i < q->n_mx)
		return q->mx[i].preference;
	if (q->n_mx == 0)
		return (unsigned)(i + 1) * PREFERENCE_STEP;
	i = q->mx[q->n_mx - 1].preference + (i - q->n_mx + 1) * PREFERENCE_STEP;
	return i < UINT16_MAX ? (unsigned)i : UINT16_MAX;
}

static void
put_mx(struct buf *b, const struct mx_move_planning *p, unsigned pref,
    struct span host)
{
	buf_put(b, p->q->domain);
	buf_printf(b, ". %u IN MX %u ", p->ttl, pref);
	buf_put(b, host);
	buf_put(b, SPAN(".\n"));
}

/* The MX records with the new hosts, and with the old ones or without. */
static struct span
mx_records(struct mx_move_planning *p, bool with_old)
{
	const struct mx_move_question *q = p->q;
	size_t cap = (q->n_mx + q->n_to) * (2 * (NAME_MAX_TEXT + 1) + 40);
	char *mem = arena_alloc(p->a, cap);
	struct buf b = buf_init(mem, mem != NULL ? cap : 0);

	for (size_t i = 0; i < q->n_mx; i++)
		if (with_old || mx_move_is_new(q, q->mx[i].host))
			put_mx(&b, p, q->mx[i].preference, q->mx[i].host);
	for (size_t i = 0; i < q->n_to; i++)
		if (!mx_move_is_mx(q, q->to[i].host))
			put_mx(&b, p, preference(q, i), q->to[i].host);
	return b.n > 0 ? span_head(buf_span(&b), b.n - 1) : SPAN("");
}

static void
put_policy(struct mx_move_planning *p, struct mx_move_step *s,
    const struct span *patterns, size_t n, const char *id)
{
	char *mem = arena_alloc(p->a, STS_WRITE_MAX);
	struct buf b = buf_init(mem, mem != NULL ? STS_WRITE_MAX : 0);
	char record[64];
	struct buf r = buf_init(record, sizeof record);

	if (s->by_us || s->state == MX_MOVE_DONE || p->a->failed)
		return;
	p->too_long |= !sts_write_policy(p->policy->mode, p->policy->max_age,
			   patterns, n, &b) ||
		       !sts_write_record(span_str(id), &r);
	s->file = buf_span(&b);
	s->records = say(p, "_mta-sts.%.*s. 300 IN TXT \"%.*s\"",
	    (int)p->q->domain.n, p->q->domain.p, (int)r.n, r.p);
}

/* ---- the steps ---- */

static struct mx_move_step *
step(struct mx_move_planning *p, enum mx_move_kind kind, bool done,
    struct wall_time at, const char *clause)
{
	struct mx_move_step *s = &p->out->steps[p->out->n++];

	*s = (struct mx_move_step){ .kind = kind,
		.state = done ? MX_MOVE_DONE : MX_MOVE_LATER,
		.at = at,
		.clause = clause,
		.records = SPAN(""),
		.file = SPAN("") };
	return s;
}

static void
plan_check(struct mx_move_planning *p)
{
	const struct mx_move_question *q = p->q;
	bool good = true;
	struct mx_move_step *s;

	for (size_t i = 0; i < q->n_to; i++)
		good &= q->to[i].check == MX_MOVE_GOOD;
	s = step(p, MX_MOVE_CHECK, good, q->now, "RFC 8461 4.2");
	s->what =
	    good ? SPAN("Every address of the new hosts shows a certificate "
			"that senders accept.")
		 : SPAN("Make sure that every address of the new hosts "
			"shows a certificate that senders accept.");
	s->why = SPAN("A sender that enforces the policy refuses a host that "
		      "does not.");
}

static void
plan_policy(struct mx_move_planning *p)
{
	struct mx_move_step *s;

	if (p->policy == NULL && !p->q->published)
		return;
	s = step(p, MX_MOVE_POLICY, p->covered, p->q->now, "RFC 8461 8.1");
	s->by_us = p->q->published;
	s->what = p->covered ? SPAN("The policy covers the new hosts.")
		  : s->by_us
		      ? SPAN("The new hosts become patterns of the policy "
			     "beside the old ones, and a new id is announced.")
		      : SPAN("Serve this file, fetch it from outside, and only "
			     "then publish the record with its new id.");
	s->why = SPAN("Senders keep the policy for its max_age; it has to be "
		      "ahead of the MX records.");
	if (!s->by_us)
		put_policy(p, s, p->wide, p->n_wide, p->q->fresh_ids[0]);
}

/* Why the MX records may not change yet. */
static struct span
why_wait(struct mx_move_planning *p)
{
	const char *until = words_date(p->a, p->lacking_until);
	const char *host = name(p, p->lacking_host);

	if (p->refused_until.s == 0)
		return say(p,
		    "Until then a sender may hold a copy of the policy in mode "
		    "testing that does not cover %s. It would deliver, and "
		    "report a failure: who is in a hurry need not wait.",
		    host);
	if (p->refused_until.s < p->lacking_until.s)
		return say(p,
		    "Before %s a sender may hold a copy of the policy in mode "
		    "enforce that does not cover %s, and would refuse to "
		    "deliver to it; before %s one in mode testing, and would "
		    "report a failure.",
		    words_date(p->a, p->refused_until), host, until);
	return say(p,
	    "Before %s a sender may hold a copy of the policy in mode enforce "
	    "that does not cover %s, and would refuse to deliver to it.",
	    until, host);
}

static void
plan_wait(struct mx_move_planning *p)
{
	struct mx_move_step *s;

	if (p->lacking_until.s == 0)
		return;
	s = step(p, MX_MOVE_WAIT, false, p->lacking_until, "RFC 8461 5");
	s->what = p->added
		      ? SPAN("The new hosts became MX hosts before their time. "
			     "Leave the old ones there until then.")
		      : SPAN("Change nothing in the MX records until then.");
	s->why = why_wait(p);
}

static struct wall_time
plan_add(struct mx_move_planning *p)
{
	const struct mx_move_question *q = p->q;
	struct wall_time at = q->now;
	struct mx_move_step *s;

	if (p->policy != NULL && !p->covered)
		at.s += LEDGER_GRACE_S;
	wall_extend(&at, p->lacking_until);
	s = step(p, MX_MOVE_ADD, p->added, at, "RFC 8461 8.1");
	if (p->added) {
		s->what = SPAN("The new hosts are MX hosts.");
		s->why = SPAN("");
		return at;
	}
	s->what = SPAN("Add the new hosts to the MX records, beside the old "
		       "ones.");
	s->why = SPAN("No sender refuses them any more, and the old ones are "
		      "still there for those whose resolvers remember.");
	s->records = mx_records(p, true);
	return at;
}

/* Since when the MX hosts are those of now. */
static struct wall_time
mx_since(const struct mx_move_planning *p)
{
	const struct ledger_mx_set *set = ledger_mx(p->q->ledger);

	return set != NULL ? set->first_seen : p->q->now;
}

static struct wall_time
after(struct wall_time t, uint32_t s)
{
	return (struct wall_time){ t.s + s };
}

/* The old hosts leave the MX records: not before those who refuse the new ones,
 * or know only the old ones, are gone. Returns when they do, or did. */
static struct wall_time
plan_drop(struct mx_move_planning *p, struct wall_time add_at)
{
	bool done = p->added && p->dropped;
	struct wall_time at = after(p->added ? mx_since(p) : add_at, p->ttl);
	struct mx_move_step *s;

	if (done) {
		at = mx_since(p);
	} else {
		wall_extend(&at, p->lacking_until);
		wall_extend(&at, p->q->now);
	}
	s = step(p, MX_MOVE_DROP, done, at, "RFC 1035 3.2.1");
	if (done) {
		s->what = SPAN("The old hosts are MX hosts no more.");
		s->why = SPAN("");
		return at;
	}
	s->what = SPAN("Remove the old hosts from the MX records. They go on "
		       "taking mail.");
	s->why = say(p,
	    "Resolvers keep the MX records for %s; before that some senders "
	    "know of the old hosts only.",
	    words_duration(p->a, p->ttl));
	s->records = mx_records(p, false);
	return at;
}

static void
plan_off(struct mx_move_planning *p, struct wall_time left)
{
	struct wall_time at = after(left, p->ttl);
	bool done = p->added && p->dropped && at.s <= p->q->now.s;
	struct mx_move_step *s =
	    step(p, MX_MOVE_OFF, done, at, "RFC 1035 3.2.1");

	s->what = SPAN("The old hosts may be switched off.");
	s->why =
	    say(p, "For %s after the change resolvers may still name them.",
		words_duration(p->a, p->ttl));
}

static void
plan_clean(struct mx_move_planning *p, struct wall_time left)
{
	const struct mx_move_question *q = p->q;
	uint32_t overlap = q->overlap_s > p->ttl ? q->overlap_s : p->ttl;
	struct mx_move_step *s;

	if (p->policy == NULL && !q->published)
		return;
	s = step(p, MX_MOVE_CLEAN, p->covered && !p->stale,
	    after(left, overlap), "RFC 8461 8.1");
	s->by_us = q->published;
	s->what = s->by_us
		      ? SPAN("The old hosts leave the policy, under a new id.")
		      : SPAN("Serve this file, fetch it from outside, and only "
			     "then publish the record with its new id.");
	s->why = SPAN("Until then there is a way back: the policy covers the "
		      "old hosts too.");
	if (!s->by_us)
		put_policy(p, s, p->narrow, p->n_narrow, q->fresh_ids[1]);
}

/* The old hosts leave the MX records, the house, and the policy. */
static void
plan_end(struct mx_move_planning *p, struct wall_time add_at)
{
	struct wall_time left = plan_drop(p, add_at);

	plan_off(p, left);
	plan_clean(p, left);
}

void
mx_move_put_steps(struct mx_move_planning *p)
{
	struct wall_time add_at;

	plan_check(p);
	plan_policy(p);
	plan_wait(p);
	add_at = plan_add(p);
	if (!p->dropped || p->stale)
		plan_end(p, add_at);
}

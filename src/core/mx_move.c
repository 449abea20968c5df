#include "core/mx_move.h"

#include <stdarg.h>

#include "base/escape.h"
#include "core/words.h"
#include "wire/mx_match.h"
#include "wire/name.h"
#include "wire/sts_write.h"

enum {
	NAME_SHOWN = 80,
	PREFERENCE_STEP = 10, /* between new hosts beyond the old ones */
	TTL_DEFAULT_S = 3600, /* where none is known */
};

/* clang-format off */
const char *const mx_move_kind_names[] = {
	[MX_MOVE_CHECK]		= "check",
	[MX_MOVE_POLICY]	= "policy",
	[MX_MOVE_WAIT]		= "wait",
	[MX_MOVE_ADD]		= "add",
	[MX_MOVE_DROP]		= "drop",
	[MX_MOVE_OFF]		= "off",
	[MX_MOVE_CLEAN]		= "clean",
	NULL
};

const char *const mx_move_state_names[] = {
	[MX_MOVE_DONE]	= "done",
	[MX_MOVE_NOW]	= "now",
	[MX_MOVE_LATER]	= "later",
	NULL
};

const char *const mx_move_check_names[] = {
	[MX_MOVE_UNCHECKED]	= "unchecked",
	[MX_MOVE_GOOD]		= "good",
	[MX_MOVE_BAD]		= "bad",
	[MX_MOVE_UNKNOWN]	= "unknown",
	NULL
};
/* clang-format on */

/* What the question comes to, and the plan as far as it is made. */
struct planning {
	const struct mx_move_question *q;
	struct arena *a;
	struct mx_move_plan *out;
	bool too_long;

	const struct ledger_version *policy; /* NULL: none is in force */
	struct span *wide, *narrow; /* patterns: during the move, and after */
	size_t n_wide, n_narrow;
	bool covered; /* the policy has all new hosts */
	bool stale; /* and patterns that cover none of them */
	bool added, dropped; /* new hosts are MX; no others are */
	uint32_t ttl;

	/* Until then a copy lacks a new host, that one; and one in enforce. 0:
	 * there is none. */
	struct wall_time lacking_until, refused_until;
	struct span lacking_host;
};

/* ---- what is so ---- */

static bool
is_mx(const struct mx_move_question *q, struct span host)
{
	for (size_t i = 0; i < q->n_mx; i++)
		if (span_eq(q->mx[i].host, host))
			return true;
	return false;
}

static bool
is_new(const struct mx_move_question *q, struct span host)
{
	for (size_t i = 0; i < q->n_to; i++)
		if (span_eq(q->to[i].host, host))
			return true;
	return false;
}

static bool
covers_new(const struct mx_move_question *q, struct span pattern)
{
	for (size_t i = 0; i < q->n_to; i++)
		if (mx_match(pattern, q->to[i].host))
			return true;
	return false;
}

static void
extend(struct wall_time *until, struct wall_time t)
{
	if (until->s < t.s)
		*until = t;
}

/* The policy that is in force, what it is to become, and what it is at the
 * end. */
static void
find_patterns(struct planning *p)
{
	const struct mx_move_question *q = p->q;
	const struct ledger_version *v = ledger_latest(q->ledger);
	size_t n = v != NULL ? v->n_mx : 0;

	if (v == NULL || v->mode == STS_MODE_NONE)
		return;
	p->policy = v;
	p->wide = arena_array(p->a, n + q->n_to, sizeof *p->wide);
	p->narrow = arena_array(p->a, n + q->n_to, sizeof *p->narrow);
	if (p->wide == NULL || p->narrow == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		p->wide[p->n_wide++] = v->mx[i];
		if (covers_new(q, v->mx[i]))
			p->narrow[p->n_narrow++] = v->mx[i];
	}
	p->stale = p->n_narrow < p->n_wide;
	p->covered = true;
	for (size_t i = 0; i < q->n_to; i++)
		if (!ledger_covers(v, q->to[i].host)) {
			p->covered = false;
			p->wide[p->n_wide++] = q->to[i].host;
			p->narrow[p->n_narrow++] = q->to[i].host;
		}
}

static void
note_copy(
    struct planning *p, bool enforce, struct span host, struct wall_time end)
{
	if (p->lacking_host.n == 0)
		p->lacking_host = host;
	extend(&p->lacking_until, end);
	if (enforce)
		extend(&p->refused_until, end);
}

/* Copies that lack a new host. What is served or named can be fetched until the
 * new policy is everywhere, and lives from then on; through its last second. */
static void
find_copies(struct planning *p)
{
	const struct mx_move_question *q = p->q;
	const struct ledger *l = q->ledger;
	struct wall_time taken = { q->now.s + LEDGER_GRACE_S };

	for (size_t i = 0; i < l->n_versions; i++) {
		const struct ledger_version *v = &l->versions[i];
		struct wall_time end = { ledger_horizon(v, taken).s + 1 };

		if (v->mode == STS_MODE_NONE || !ledger_is_held(v, q->now))
			continue;
		for (size_t k = 0; k < q->n_to; k++)
			if (!ledger_covers(v, q->to[k].host))
				note_copy(p, v->mode == STS_MODE_ENFORCE,
				    q->to[k].host, end);
	}
	/* Versions that were forgotten: nobody knows what they covered. */
	if (l->crowded_until.s >= q->now.s)
		note_copy(p, false, q->to[0].host,
		    (struct wall_time){ l->crowded_until.s + 1 });
	if (l->crowded_enforce_until.s >= q->now.s)
		note_copy(p, true, q->to[0].host,
		    (struct wall_time){ l->crowded_enforce_until.s + 1 });
}

static void
find(struct planning *p)
{
	const struct mx_move_question *q = p->q;

	p->ttl = q->ttl > 0 ? q->ttl : TTL_DEFAULT_S;
	find_patterns(p);
	find_copies(p);
	p->added = p->dropped = true;
	for (size_t i = 0; i < q->n_to; i++)
		p->added &= is_mx(q, q->to[i].host);
	for (size_t i = 0; i < q->n_mx; i++)
		p->dropped &= is_new(q, q->mx[i].host);
	for (size_t i = 0; i < q->n_to; i++)
		p->out->blocked |=
		    q->to[i].check == MX_MOVE_BAD &&
		    (p->refused_until.s > 0 ||
			(p->policy != NULL &&
			    p->policy->mode == STS_MODE_ENFORCE));
}

/* ---- what it is said with ---- */

static struct span
say(struct planning *p, const char *fmt, ...) PRINTF(2, 3);

static struct span
say(struct planning *p, const char *fmt, ...)
{
	struct span s;
	va_list ap;

	va_start(ap, fmt);
	s = arena_vprintf(p->a, fmt, ap);
	va_end(ap);
	return s;
}

static const char *
name(struct planning *p, struct span host)
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
put_mx(struct buf *b, const struct planning *p, unsigned pref, struct span host)
{
	buf_put(b, p->q->domain);
	buf_printf(b, ". %u IN MX %u ", p->ttl, pref);
	buf_put(b, host);
	buf_put(b, SPAN(".\n"));
}

/* The MX records with the new hosts, and with the old ones or without. */
static struct span
mx_records(struct planning *p, bool with_old)
{
	const struct mx_move_question *q = p->q;
	size_t cap = (q->n_mx + q->n_to) * (2 * (NAME_MAX_TEXT + 1) + 40);
	char *mem = arena_alloc(p->a, cap);
	struct buf b = buf_init(mem, mem != NULL ? cap : 0);

	for (size_t i = 0; i < q->n_mx; i++)
		if (with_old || is_new(q, q->mx[i].host))
			put_mx(&b, p, q->mx[i].preference, q->mx[i].host);
	for (size_t i = 0; i < q->n_to; i++)
		if (!is_mx(q, q->to[i].host))
			put_mx(&b, p, preference(q, i), q->to[i].host);
	return b.n > 0 ? span_head(buf_span(&b), b.n - 1) : SPAN("");
}

static void
put_policy(struct planning *p, struct mx_move_step *s,
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
step(struct planning *p, enum mx_move_kind kind, bool done, struct wall_time at,
    const char *clause)
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
plan_check(struct planning *p)
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
plan_policy(struct planning *p)
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
why_wait(struct planning *p)
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
plan_wait(struct planning *p)
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
plan_add(struct planning *p)
{
	const struct mx_move_question *q = p->q;
	struct wall_time at = q->now;
	struct mx_move_step *s;

	if (p->policy != NULL && !p->covered)
		at.s += LEDGER_GRACE_S;
	extend(&at, p->lacking_until);
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
mx_since(const struct planning *p)
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
plan_drop(struct planning *p, struct wall_time add_at)
{
	bool done = p->added && p->dropped;
	struct wall_time at = after(p->added ? mx_since(p) : add_at, p->ttl);
	struct mx_move_step *s;

	if (done) {
		at = mx_since(p);
	} else {
		extend(&at, p->lacking_until);
		extend(&at, p->q->now);
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
plan_off(struct planning *p, struct wall_time left)
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
plan_clean(struct planning *p, struct wall_time left)
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
plan_end(struct planning *p, struct wall_time add_at)
{
	struct wall_time left = plan_drop(p, add_at);

	plan_off(p, left);
	plan_clean(p, left);
}

/* The first step that is open is to be taken when its date has come. The check
 * keeps nobody from going on unless it found something. */
static void
find_now(struct planning *p)
{
	struct mx_move_plan *plan = p->out;

	plan->is_done = true;
	for (size_t i = 0; i < plan->n; i++) {
		struct mx_move_step *s = &plan->steps[i];

		if (s->state == MX_MOVE_DONE)
			continue;
		if (s->kind == MX_MOVE_CHECK) {
			s->state = MX_MOVE_NOW;
			if (plan->blocked)
				plan->is_done = false;
			if (plan->blocked)
				return;
			continue;
		}
		plan->is_done = false;
		/* To wait is for now, whatever its end. */
		if (s->at.s <= p->q->now.s || s->kind == MX_MOVE_WAIT)
			s->state = MX_MOVE_NOW;
		return;
	}
}

enum err
mx_move_plan(
    const struct mx_move_question *q, struct arena *a, struct mx_move_plan *out)
{
	struct planning p = {
		.q = q, .a = a, .out = out, .lacking_host = SPAN("")
	};
	struct wall_time add_at;

	*out = (struct mx_move_plan){ 0 };
	out->steps = arena_array(a, MX_MOVE_KINDS, sizeof *out->steps);
	if (out->steps == NULL)
		return ERR_MEMORY;
	find(&p);
	plan_check(&p);
	plan_policy(&p);
	plan_wait(&p);
	add_at = plan_add(&p);
	if (!p.dropped || p.stale)
		plan_end(&p, add_at);
	find_now(&p);
	if (a->failed)
		return ERR_MEMORY;
	return p.too_long ? ERR_LIMIT : ERR_OK;
}

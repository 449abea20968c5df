#include "core/publish_wish.h"

#include "core/gate.h"
#include "core/words.h"
#include "wire/sts_write.h"

enum {
	/* RFC 8461 8.3: "a small max_age (e.g., one day)". */
	NONE_MAX_AGE_S = 86400,
	/* "mx: ", and the end of its line; and all lines but those. */
	PATTERN_EXTRA = 6,
	POLICY_EXTRA = 128,
	/* What opens the gate is no older: the monitor may stand still. */
	GATE_SIGHT_S = 2 * 86400,
};

struct wishing {
	struct published *p;
	const struct publish_sight *sight;
	const struct publish_copies *copies;
	const struct span *patterns;
	size_t n;
	struct wall_time now;
	struct arena *a;
	unsigned *events;
};

static void
note(struct wishing *w, enum publish_event event)
{
	*w->events |= 1U << event;
}

enum sts_mode
publish_mode_of(struct span body, struct arena *a)
{
	struct sts_policy policy;

	if (body.n == 0)
		return STS_MODE_UNSET;
	sts_policy_parse(body, a, &policy);
	return policy.mode;
}

/* ---- the bar ---- */

static void
set_bar(struct wishing *w, enum publish_bar bar, struct span text)
{
	if (bar != w->p->bar)
		note(w, PUBLISH_BARRED);
	w->p->bar = bar;
	w->p->bar_text = text;
}

static struct span
why_no_mx(const struct wishing *w)
{
	switch (w->p->follow.hold) {
	case MX_HOLD_UNKNOWN:
		return SPAN("The MX records could not be had from every name "
			    "server of the domain yet: there is nothing to "
			    "make a policy of.");
	case MX_HOLD_APART:
		return SPAN("The name servers do not agree on the MX records: "
			    "there is nothing to make a policy of yet.");
	case MX_HOLD_EMPTY:
		return SPAN("The domain has no MX records, or says that it "
			    "takes no mail: there is nothing to make a policy "
			    "of.");
	case MX_HOLD_NONE:
		break;
	}
	return SPAN("The MX records have to be seen in two rounds before a "
		    "policy is made of them.");
}

/* "" if it cannot be written: it is too long. */
static struct span
write_policy(struct wishing *w, enum sts_mode mode, uint32_t max_age, size_t n)
{
	size_t room = POLICY_EXTRA;
	struct buf b;
	char *mem;

	for (size_t i = 0; i < n; i++)
		room += w->patterns[i].n + PATTERN_EXTRA;
	mem = arena_alloc(w->a, room);
	b = buf_init(mem, mem != NULL ? room : 0);
	if (!sts_write_policy(mode, max_age, w->patterns, n, &b))
		return SPAN("");
	return buf_span(&b);
}

/* ---- the gate ---- */

/* Since when senders have known a policy of mode testing; 0: they do not. */
static struct wall_time
testing_since(const struct wishing *w)
{
	struct wall_time since = publish_copies_testing_since(w->copies);
	const struct publication *p = &w->p->state;

	if (p->stage < PUBLICATION_LIVE || since.s == 0)
		return (struct wall_time){ 0 };
	return since.s > p->stage_since.s ? since : p->stage_since;
}

/* The bars that the last round saw. */
static struct span
bars_of_sight(const struct wishing *w)
{
	const struct publish_sight *s = w->sight;

	if (s->at.s == 0 || (!s->gate_open && s->gate_text.n == 0))
		return SPAN("The mail hosts have not been looked at yet.");
	if (w->now.s - s->at.s > GATE_SIGHT_S)
		return arena_printf(w->a,
		    "The mail hosts have not been looked at since %s.",
		    words_date(w->a, s->at));
	return s->gate_open ? SPAN("") : s->gate_text;
}

/* Its bars, a sentence a line; "" if it is open. */
static struct span
gate_bars(struct wishing *w)
{
	struct span testing =
	    gate_testing_text(testing_since(w), w->now, &gate_default, w->a);
	struct span sight = bars_of_sight(w);

	if (sight.n == 0 || testing.n == 0)
		return sight.n == 0 ? testing : sight;
	return arena_printf(w->a, "%.*s\n%.*s", (int)sight.n, sight.p,
	    (int)testing.n, testing.p);
}

static void
shut(struct wishing *w, struct span bars)
{
	struct published *p = w->p;

	if (span_eq(p->gate_text, bars))
		return;
	if (p->gate_text.n == 0)
		p->gate_since = w->now;
	p->gate_text = bars;
	note(w, PUBLISH_GATE_SHUT);
}

static void
let_through(struct wishing *w)
{
	if (w->p->gate_text.n > 0)
		note(w, PUBLISH_GATE_OPENED);
	w->p->gate_text = SPAN("");
	w->p->gate_since.s = 0;
}

/* Enforce that is out stays so, whatever the gate says later: what went wrong
 * since is an incident, and mail is safer with the policy that senders know
 * than with one that changes with every fault. */
static enum sts_mode
mode_for_mail(struct wishing *w)
{
	struct published *p = w->p;
	struct span bars;

	if (p->order.mode != STS_MODE_ENFORCE) {
		p->gate_text = SPAN("");
		p->gate_since.s = 0;
		return STS_MODE_TESTING;
	}
	p->advised = false;
	bars = gate_bars(w);
	if (publish_mode_of(p->state.body, w->a) == STS_MODE_ENFORCE ||
	    p->order.override_by.n > 0)
		bars = SPAN("");
	if (bars.n > 0) {
		shut(w, bars);
		return STS_MODE_TESTING;
	}
	let_through(w);
	return STS_MODE_ENFORCE;
}

/* Told once for each time that testing is what the owner wants. */
static void
advise(struct wishing *w)
{
	struct published *p = w->p;

	if (p->order.mode != STS_MODE_TESTING || p->advised ||
	    p->state.stage != PUBLICATION_LIVE ||
	    p->state.change != CHANGE_REST || gate_bars(w).n > 0)
		return;
	p->advised = true;
	note(w, PUBLISH_READY);
}

/* ---- the wish ---- */

static void
wish_for_mail(struct wishing *w, struct publication_wish *out)
{
	struct published *p = w->p;
	enum sts_mode mode = mode_for_mail(w);
	struct span body;

	out->body = p->state.body;
	if (p->follow.n_patterns == 0 || w->n == 0) {
		set_bar(w, PUBLISH_NO_MX, why_no_mx(w));
		return;
	}
	if (p->state.stage < PUBLICATION_LIVE && w->sight->foreign.n > 0 &&
	    !p->may_replace) {
		out->body = SPAN("");
		set_bar(w, PUBLISH_FOREIGN,
		    SPAN("Another policy is published there, or was within its "
			 "life; ours takes its place when its owner says "
			 "so."));
		return;
	}
	body = write_policy(w, mode, p->order.max_age, w->n);
	if (body.n == 0) {
		set_bar(w, PUBLISH_TOO_LONG,
		    arena_printf(w->a,
			"A policy with %zu MX hosts is longer than the %d "
			"octets that every sender reads.",
			w->n, (int)STS_WRITE_MAX));
		return;
	}
	set_bar(w, PUBLISH_FREE, SPAN(""));
	out->body = body;
	advise(w);
}

/* One pattern is enough, and a known sender wants it (wire/sts_write.h). What
 * is out already is not changed with the MX records: every change would begin
 * the wait anew. */
static void
wish_for_the_end(struct wishing *w, struct publication_wish *out)
{
	struct published *p = w->p;
	size_t n = w->n > 0;
	uint32_t max_age = p->order.max_age < NONE_MAX_AGE_S ? p->order.max_age
							     : NONE_MAX_AGE_S;

	p->gate_text = SPAN("");
	p->gate_since.s = 0;
	p->advised = false;
	set_bar(w, PUBLISH_FREE, SPAN(""));
	out->leave = true;
	out->body = p->state.body;
	if (publish_mode_of(p->state.body, w->a) != STS_MODE_NONE)
		out->body = write_policy(w, STS_MODE_NONE, max_age, n);
	/* A round that saw it, and by our own count too. */
	out->may_leave = w->sight->may_leave &&
			 w->sight->at.s >= p->state.id_since.s &&
			 publish_copies_end_of_mail(w->copies).s < w->now.s;
}

void
publish_wish_make(struct published *p, const struct publish_sight *sight,
    const struct publish_copies *copies, const struct span *patterns, size_t n,
    struct wall_time now, struct arena *a, struct publication_wish *out,
    unsigned *events)
{
	struct wishing w = { p, sight, copies, patterns, n, now, a, events };

	*out = (struct publication_wish){ .body = SPAN("") };
	if (p->order.leave)
		wish_for_the_end(&w, out);
	else
		wish_for_mail(&w, out);
	out->is_forgotten =
	    p->state.lost && publish_copies_end(copies).s < now.s;
}

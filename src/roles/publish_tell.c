/* What a step of a publication came to, in sentences: for the domain's history,
 * and for its owner where he has to know, or may do something now. What is
 * wrong is told as an incident, by the monitor. */
#include "base/escape.h"
#include "core/words.h"
#include "roles/publish.h"
#include "store/history.h"
#include "store/outbox.h"

enum { NAME_SHOWN = 80 };

struct telling {
	struct store *s;
	const struct publish_told *t;
	struct arena *a;
	struct error *e;
	enum err rc; /* sticky */
};

static void
record(struct telling *y, const char *kind, struct span text)
{
	if (y->rc == ERR_OK)
		y->rc = history_add(y->s, y->t->after->domain, y->t->now,
		    span_str(kind), text, y->e);
}

static void
tell(struct telling *y, const char *kind, enum news_kind news,
    enum severity severity, struct span text)
{
	const struct publish_told *t = y->t;
	const struct news n = {
		.key = arena_printf(y->a, "domain/%lld/%s/%lld",
		    (long long)t->after->domain, kind, (long long)t->now.s),
		.kind = news,
		.severity = severity,
		.domain = t->after->domain,
		.text = text,
		.tell_at = t->tell_at,
	};

	record(y, kind, text);
	if (y->rc == ERR_OK)
		y->rc = outbox_put(y->s, &n, t->now, y->e);
}

static const char *
domain(const struct telling *y)
{
	return escape_str(y->a, y->t->after->name, NAME_SHOWN);
}

/* ---- the MX ---- */

static struct span
who_saw_it(const struct telling *y)
{
	unsigned n = y->t->sight->mx.servers;

	if (n == 0)
		return SPAN("DNSSEC vouches for it");
	if (n == 1)
		return SPAN("the only name server says so");
	return arena_printf(y->a, "all %u name servers agree", n);
}

/* Is a host of before not there any more? */
static bool
some_left(const struct publish_step *k)
{
	for (size_t i = 0; i < k->n_before; i++)
		if (!span_in(k->hosts_before[i], k->hosts_now, k->n_now))
			return true;
	return false;
}

/* The command that says yes to exactly this set. */
static struct span
approval(const struct telling *y)
{
	const struct publish_step *k = y->t->step;
	struct span s = SPAN("mtasts publish --approve");

	for (size_t i = 0; i < k->n_now; i++)
		s = arena_printf(y->a, "%.*s --host %s", (int)s.n, s.p,
		    escape_str(y->a, k->hosts_now[i], NAME_SHOWN));
	return arena_printf(y->a, "%.*s %s", (int)s.n, s.p, domain(y));
}

static struct span
what_was_done(const struct telling *y)
{
	const struct publish_step *k = y->t->step;
	struct span yes;

	if (k->follow & 1U << MX_FOLLOW_ASKS) {
		yes = approval(y);
		return arena_printf(y->a,
		    "The policy stays as it is until you approve: %.*s",
		    (int)yes.n, yes.p);
	}
	if (!(k->follow & 1U << MX_FOLLOW_PATTERNS))
		return SPAN("The policy stays as it is, since it follows no "
			    "change.");
	if (!some_left(k))
		return SPAN("The policy has them from now on.");
	return arena_printf(y->a,
	    "The policy has them from now on; what has left stays in it for "
	    "%s at least.",
	    words_duration(y->a, y->t->after->order.overlap_s));
}

static void
tell_mx(struct telling *y)
{
	const struct publish_step *k = y->t->step;
	bool asks = (k->follow & 1U << MX_FOLLOW_ASKS) != 0;
	struct span who = who_saw_it(y), done = what_was_done(y);
	struct span text;

	/* Asked for approval without being told anew: he follows otherwise than
	 * when it was believed. */
	if (!(k->follow & (1U << MX_FOLLOW_BELIEVED | 1U << MX_FOLLOW_ASKS)))
		return;
	if (k->n_before == 0) {
		record(y, "mx-believed",
		    arena_printf(y->a, "The MX hosts are %s; %.*s.",
			words_list(y->a, k->hosts_now, k->n_now), (int)who.n,
			who.p));
		return;
	}
	text =
	    arena_printf(y->a, "The MX hosts changed from %s to %s; %.*s. %.*s",
		words_list(y->a, k->hosts_before, k->n_before),
		words_list(y->a, k->hosts_now, k->n_now), (int)who.n, who.p,
		(int)done.n, done.p);
	tell(y, "mx-believed", asks ? NEWS_ADVICE : NEWS_CHANGED,
	    SEVERITY_WARNING, text);
}

/* ---- sentences ---- */

static struct span
one_line(const struct telling *y, struct span text)
{
	char *mem = arena_str(y->a, text);

	for (size_t i = 0; mem != NULL && i < text.n; i++)
		if (mem[i] == '\n')
			mem[i] = ' ';
	return mem != NULL ? (struct span){ mem, text.n } : SPAN("");
}

static struct span
say_serves(const struct telling *y)
{
	struct sts_policy policy;

	sts_policy_parse(y->t->after->state.body, y->a, &policy);
	return arena_printf(y->a,
	    "To be served from now on: mode %s, kept for %s, mx %s.",
	    sts_mode_names[policy.mode], words_duration(y->a, policy.max_age),
	    words_list(y->a, policy.mx, policy.n_mx));
}

static struct span
say_announces(const struct telling *y)
{
	const struct published *b = y->t->before, *a = y->t->after;

	/* The same policy under a new id, every day, is how it should be. */
	if (b->state.id[0] != '\0' &&
	    b->state.id_version == a->state.id_version)
		return SPAN("");
	return arena_printf(y->a,
	    "Every edge serves the policy; it is announced under the id %s.",
	    a->state.id);
}

static struct span
say_held(const struct telling *y)
{
	switch (y->t->after->follow.hold) {
	case MX_HOLD_UNKNOWN:
		return SPAN("The MX records cannot be had from every name "
			    "server: the policy stays as it is.");
	case MX_HOLD_APART:
		return SPAN("The name servers do not agree on the MX records: "
			    "the policy stays as it is.");
	case MX_HOLD_EMPTY:
		return SPAN("The domain has no MX records any more, or says "
			    "that it takes no mail: the policy stays as it "
			    "is.");
	case MX_HOLD_NONE:
		break;
	}
	return SPAN("");
}

static struct span
say_shut(const struct telling *y)
{
	struct span why = one_line(y, y->t->after->gate_text);

	return arena_printf(
	    y->a, "Mode enforce is kept back. %.*s", (int)why.n, why.p);
}

static struct span
say_up(const struct telling *y)
{
	const struct publish_order *o = &y->t->after->order;
	struct span bars = one_line(y, y->t->sight->gate_text);

	if (o->override_by.n == 0)
		return SPAN("The gate is open: mode enforce is published from "
			    "now on.");
	return arena_printf(y->a,
	    "Mode enforce is published from now on, whatever the gate says: so "
	    "it was asked for by %s on %s.%s%.*s",
	    escape_str(y->a, o->override_by, NAME_SHOWN),
	    words_date(y->a, o->override_at), bars.n > 0 ? " " : "",
	    (int)bars.n, bars.p);
}

static struct span
say_ready(const struct telling *y)
{
	return arena_printf(y->a,
	    "Ready to enforce: every mail host is good, nothing that loses "
	    "mail is known, and mode testing has lasted long enough to have "
	    "shown it. When you want it: mtasts publish --mode enforce %s",
	    domain(y));
}

static struct span
say_barred(const struct telling *y)
{
	struct span text = y->t->after->bar_text;

	return text.n > 0 ? text
			  : SPAN("Nothing stands in the way of the policy any "
				 "more.");
}

static struct span
say_may_go(const struct telling *y)
{
	return arena_printf(y->a,
	    "The CNAMEs mta-sts.%s and _mta-sts.%s may be removed since %s: no "
	    "sender holds a policy any more.",
	    domain(y), domain(y), words_date(y->a, y->t->now));
}

static struct span
say_may_add(const struct telling *y)
{
	const struct publish_move *m = &y->t->after->move;

	return arena_printf(y->a,
	    "The MX records may have %s from now on: no sender holds a policy "
	    "that does not cover them.",
	    words_list(y->a, m->to, m->n_to));
}

static struct span
say_moved(const struct telling *y)
{
	const struct publish_move *m = &y->t->before->move;

	return arena_printf(
	    y->a, "The move to %s is done.", words_list(y->a, m->to, m->n_to));
}

/* ---- everything that may happen ---- */

enum of { OF_PUBLICATION, OF_FOLLOW, OF_PUBLISH };

/* In the order in which it is told; the owner gets what is advice. */
static const struct row {
	enum of of;
	unsigned event;
	const char *kind;
	bool is_advice;
	const char *text; /* or */
	struct span (*say)(const struct telling *y); /* "": nothing */
} rows[] = {
	/* clang-format off */
	{ OF_PUBLICATION, PUBLICATION_CAME, "delegation-came", false, "Both CNAMEs lead here; a certificate is to be had.", NULL },
	{ OF_PUBLICATION, PUBLICATION_LOST, "delegation-lost", false, "The CNAMEs do not both lead here any more; the policy is served on.", NULL },
	{ OF_PUBLICATION, PUBLICATION_FOUND, "delegation-back", false, "Both CNAMEs lead here again.", NULL },
	{ OF_PUBLICATION, PUBLICATION_GIVEN_UP, "publication-given-up", true, "The CNAMEs are gone, and no sender holds a policy any more: nothing is served until they are back.", NULL },
	{ OF_FOLLOW, MX_FOLLOW_HELD, "mx-held", false, NULL, say_held },
	{ OF_FOLLOW, MX_FOLLOW_RELEASED, "mx-released", false, "The MX records can be followed again.", NULL },
	{ OF_PUBLISH, PUBLISH_BARRED, "publish-barred", false, NULL, say_barred },
	{ OF_PUBLISH, PUBLISH_GATE_SHUT, "gate-shut", false, NULL, say_shut },
	{ OF_PUBLISH, PUBLISH_MODE_UP, "mode-enforce", true, NULL, say_up },
	{ OF_PUBLISH, PUBLISH_READY, "ready-to-enforce", true, NULL, say_ready },
	{ OF_PUBLICATION, PUBLICATION_SERVES, "policy-to-serve", false, NULL, say_serves },
	{ OF_PUBLICATION, PUBLICATION_ANNOUNCES, "policy-announced", false, NULL, say_announces },
	{ OF_PUBLISH, PUBLISH_MOVE_MAY_ADD, "move-may-add", true, NULL, say_may_add },
	{ OF_PUBLISH, PUBLISH_MOVE_MAY_DROP, "move-may-drop", true, "The mail hosts that have left the MX records may be switched off: nobody has the old records any more.", NULL },
	{ OF_PUBLISH, PUBLISH_MOVE_DONE, "move-done", false, NULL, say_moved },
	{ OF_PUBLICATION, PUBLICATION_MAY_GO, "may-be-removed", true, NULL, say_may_go },
	{ OF_PUBLICATION, PUBLICATION_IS_OVER, "publication-ended", false, "The publication has ended.", NULL },
	/* clang-format on */
};

static bool
has_happened(const struct publish_step *k, const struct row *r)
{
	switch (r->of) {
	case OF_PUBLICATION:
		return (k->publication & 1U << r->event) != 0;
	case OF_FOLLOW:
		return (k->follow & 1U << r->event) != 0;
	case OF_PUBLISH:
		break;
	}
	return (k->publish & 1U << r->event) != 0;
}

/* What only the owner can decide. */
static void
tell_foreign(struct telling *y)
{
	const struct publish_told *t = y->t;

	if (t->after->bar == PUBLISH_FOREIGN &&
	    t->before->bar != PUBLISH_FOREIGN)
		tell(y, "foreign-policy", NEWS_ADVICE, SEVERITY_WARNING,
		    arena_printf(y->a,
			"%.*s To say so: mtasts publish --replace %s",
			(int)t->after->bar_text.n, t->after->bar_text.p,
			domain(y)));
}

/* RFC 8461 8.3, with a date where one is known. */
static void
tell_leaving(struct telling *y)
{
	const struct publish_told *t = y->t;
	struct wall_time at = t->sight->leave_at;

	if (t->after->state.stage != PUBLICATION_LEAVING ||
	    t->before->state.stage == PUBLICATION_LEAVING)
		return;
	tell(y, "removal-begun", NEWS_ADVICE, SEVERITY_INFO,
	    at.s > t->now.s
		? arena_printf(y->a,
		      "The removal has begun. Both CNAMEs must stay until %s "
		      "at least; you will be told when they may go.",
		      words_date(y->a, at))
		: SPAN("The removal has begun. Both CNAMEs must stay until no "
		       "sender holds a policy; you will be told when they may "
		       "go."));
}

enum err
publish_tell(struct store *s, const struct publish_told *t, struct arena *a,
    struct error *e)
{
	struct telling y = { s, t, a, e, ERR_OK };

	tell_mx(&y);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *r = &rows[i];
		struct span text;

		if (!has_happened(t->step, r))
			continue;
		text = r->say != NULL ? r->say(&y) : span_str(r->text);
		if (text.n == 0)
			continue;
		if (r->is_advice)
			tell(&y, r->kind, NEWS_ADVICE, SEVERITY_INFO, text);
		else
			record(&y, r->kind, text);
	}
	tell_foreign(&y);
	tell_leaving(&y);
	if (y.rc == ERR_OK && a->failed)
		return error_plain(e, ERR_MEMORY);
	return y.rc;
}

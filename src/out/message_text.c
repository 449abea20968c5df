/* What is wrong, whom it hits, until when, what to do: the text of a mail. */
#include <inttypes.h>

#include "core/words.h"
#include "out/message_part.h"
#include "out/style.h"

static const struct style plain = { .colour = false, .width = 72 };

static void
para(FILE *f, struct span s)
{
	style_wrap(&plain, f, 0, s);
}

/* "Label: value", wrapped. */
static void
field(FILE *f, const char *label, struct span value, struct arena *a)
{
	para(f, arena_printf(a, "%s: %.*s", label, (int)value.n, value.p));
}

static void
put_domains(FILE *f, const struct message_news *n, struct arena *a)
{
	int64_t all = part_domains(n->incident);
	struct part_writer w;
	struct span list;

	if (n->n_domains == 0)
		return;
	part_open(&w);
	for (size_t i = 0; w.f != NULL && i < n->n_domains; i++)
		fprintf(w.f, "%s%.*s", i > 0 ? ", " : "", (int)n->domains[i].n,
		    n->domains[i].p);
	if (w.f != NULL && all > (int64_t)n->n_domains)
		fprintf(
		    w.f, " and %" PRId64 " more", all - (int64_t)n->n_domains);
	list = part_close(&w, a);
	if (all > 1)
		field(f, arena_printf(a, "Domains (%" PRId64 ")", all).p, list,
		    a);
	else
		field(f, "Domain", list, a);
}

/* What it does to mail, now. */
static const char *
stake(const struct incident *i)
{
	enum check_id id = check_by_slug(i->check);

	if (id >= CHECKS || check_is_ours(id))
		return NULL;
	switch (checks[id].effect) {
	case EFFECT_LOSS:
		return i->severity == SEVERITY_ERROR
			   ? "senders that hold the policy refuse or delay "
			     "mail."
			   : "nothing now; mail would be lost if the policy "
			     "were enforced.";
	case EFFECT_OPEN:
		return "mail arrives, but MTA-STS does not protect it.";
	case EFFECT_LATENT:
		return "nothing now; it can become a fault by itself or at "
		       "the next change.";
	case EFFECT_HYGIENE:
		return "little; senders differ in what they make of it.";
	case EFFECT_SECURITY:
		return "the policy proves less than it seems to.";
	}
	return NULL;
}

static void
put_horizon(FILE *f, const struct incident *i, const struct message_env *env,
    struct arena *a)
{
	if (i->horizon.s <= env->now.s)
		return;
	field(f, "Until",
	    arena_printf(a,
		"%s. So long a sender may act on a policy that it "
		"holds.",
		words_date(a, i->horizon)),
	    a);
}

static void
put_lead(FILE *f, const struct message_news *n, const struct message_env *env,
    struct arena *a)
{
	const struct incident *i = n->incident;

	if (n->news.kind == NEWS_WORSENED)
		para(f, SPAN("What was a warning is worse now."));
	if (n->news.kind == NEWS_REMINDER)
		para(f, arena_printf(a,
			    "Open for %s, and nobody has said that they know.",
			    part_duration(i->opened_at, env->now, a)));
	if (n->news.kind == NEWS_RESOLVED)
		para(f, arena_printf(a, "It is over, after %s. What it was:",
			    part_duration(i->opened_at, i->resolved_at, a)));
	para(f, i->message);
}

static void
put_times(FILE *f, const struct incident *i, struct arena *a)
{
	field(f, "Since", span_str(words_date(a, i->opened_at)), a);
	if (i->is_resolved)
		field(f, "Ended", span_str(words_date(a, i->resolved_at)), a);
	if (i->is_acknowledged)
		field(f, "Known to", i->acknowledged_by, a);
}

static void
put_remedy(FILE *f, const struct incident *i, struct arena *a)
{
	enum check_id id = check_by_slug(i->check);

	if (i->remedy.n > 0) {
		putc('\n', f);
		field(f, "What to do", i->remedy, a);
	}
	if (id < CHECKS) {
		putc('\n', f);
		field(f, "Why", span_str(checks[id].why), a);
	}
}

static void
put_source(FILE *f, const struct message_news *n, const struct message_env *env,
    struct arena *a)
{
	enum check_id id =
	    n->incident != NULL ? check_by_slug(n->incident->check) : CHECKS;

	if (id < CHECKS)
		fprintf(f, "\n%s; mtasts explain %s\n", checks[id].clause,
		    checks[id].slug);
	if (env->link != NULL && n->incident != NULL)
		fprintf(f, "%s%s/incidents/%" PRId64 "\n",
		    id < CHECKS ? "" : "\n", env->link, n->incident->id);
	else if (env->link != NULL && n->domain.n > 0)
		fprintf(f, "\n%s/domains/%.*s\n", env->link, (int)n->domain.n,
		    n->domain.p);
	(void)a;
}

static void
incident_text(FILE *f, const struct message_news *n,
    const struct message_env *env, struct arena *a)
{
	const struct incident *i = n->incident;
	const char *at_stake = stake(i);

	put_lead(f, n, env, a);
	putc('\n', f);
	put_domains(f, n, a);
	put_times(f, i, a);
	if (at_stake != NULL && !i->is_resolved)
		field(f, "At stake", span_str(at_stake), a);
	put_horizon(f, i, env, a);
	if (!i->is_resolved)
		put_remedy(f, i, a);
}

static void
other_text(FILE *f, const struct message_news *n, struct arena *a)
{
	if (n->domain.n > 0)
		field(f, "Domain", n->domain, a);
	if (n->news.kind == NEWS_TEST) {
		para(f,
		    arena_printf(a,
			"This is a test of the channel %.*s. Whoever reads it "
			"will be reached when something is wrong.",
			(int)n->news.text.n, n->news.text.p));
		return;
	}
	field(f, "Seen", span_str(words_date(a, n->at)), a);
	putc('\n', f);
	para(f, n->news.text);
	if (n->news.kind == NEWS_CHANGED) {
		putc('\n', f);
		para(f, SPAN("Expected? Then nothing is to be done. If nobody "
			     "meant it, find out now who changed it: whoever "
			     "controls these records receives the mail."));
	}
}

void
part_text(FILE *f, const struct message_news *n, const struct message_env *env,
    struct arena *a)
{
	if (n->incident != NULL)
		incident_text(f, n, env, a);
	else
		other_text(f, n, a);
	put_source(f, n, env, a);
}

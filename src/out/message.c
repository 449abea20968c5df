#include "out/message.h"

#include <inttypes.h>

#include "core/words.h"
#include "out/message_part.h"
#include "out/style.h"

/* ---- one piece of news ---- */

/* A sentence, and the record that it may end with; a whole file has no place in
 * a line. */
static struct span
first_two_lines(struct span s)
{
	size_t one = span_find(s, '\n');

	return span_head(s, one + 1 + span_find(span_skip(s, one + 1), '\n'));
}

/* What to do, in as few words as there are: the line below the headline. */
static struct span
brief_advice(const struct message_news *n, const struct message_env *env,
    struct arena *a)
{
	const struct incident *i = n->incident;
	struct span remedy = SPAN("");
	const char *until = "";

	if (n->news.kind == NEWS_CHANGED)
		return SPAN("Expected? Then nothing is to be done.");
	if (i == NULL)
		return SPAN("");
	if (i->horizon.s > env->now.s)
		until = arena_printf(a,
		    " Until %s a sender may act on a policy that it holds.",
		    words_date(a, i->horizon))
			    .p;
	if (!i->is_resolved)
		remedy = part_one_line(first_two_lines(i->remedy), a);
	return arena_printf(a, "%.*s%s", (int)remedy.n, remedy.p,
	    remedy.n > 0 || *until == '\0' ? until : until + 1);
}

static struct span
brief_of(const struct message_news *n, const struct message_env *env,
    struct arena *a)
{
	struct span head = part_headline(n, env, true, a);
	struct span advice = brief_advice(n, env, a);

	if (advice.n == 0)
		return head;
	return arena_printf(
	    a, "%.*s\n%.*s", (int)head.n, head.p, (int)advice.n, advice.p);
}

/* An opening has the id that all that follows it can name. */
static void
set_ids(struct message *m, const struct message_news *n, struct arena *a)
{
	if (n->news.kind == NEWS_OPENED && n->incident != NULL) {
		m->id = part_opening_id(n->incident, a);
		return;
	}
	m->id = part_news_id(n->news.key, n->at, a);
	if (n->incident != NULL)
		m->thread = part_opening_id(n->incident, a);
}

enum err
message_of_news(const struct message_news *n, const struct message_env *env,
    struct arena *a, struct message *out)
{
	const char *kind = news_kind_names[n->news.kind];
	struct json_writer w = { false };
	struct part_writer text;
	json_t *o;

	*out = (struct message){ .thread = SPAN(""), .at = n->at };
	out->severity =
	    n->incident != NULL ? n->incident->severity : n->news.severity;
	set_ids(out, n, a);
	out->subject =
	    part_clip(part_headline(n, env, false, a), MESSAGE_SUBJECT, a);
	out->brief = brief_of(n, env, a);
	part_open(&text);
	if (text.f != NULL)
		part_text(text.f, n, env, a);
	out->text = part_close(&text, a);

	o = part_head_json(&w, out, kind);
	if (env->link != NULL)
		json_put(&w, o, "link", json_word(env->link));
	json_put(&w, o, "news", json_pack("[o]", part_news_json(&w, n)));
	if (!part_dump(&w, o, a, &out->json))
		return ERR_MEMORY;
	part_facts(out, kind, env, a);
	if (n->domain.n > 0)
		part_fact(out, "DOMAIN", n->domain);
	if (n->incident != NULL)
		part_incident_facts(out, n, a);
	return a->failed ? ERR_MEMORY : ERR_OK;
}

/* ---- many ---- */

struct tally {
	int64_t losses, errors, warnings, resolved, others;
};

static void
count(struct tally *t, const struct message_news *n)
{
	const struct incident *i = n->incident;

	if (i == NULL)
		t->others++;
	else if (i->is_resolved)
		t->resolved++;
	else if (i->severity == SEVERITY_WARNING)
		t->warnings++;
	else if (i->severity != SEVERITY_ERROR)
		t->others++;
	else if (part_state(i->severity, i->check)[0] == 'L')
		t->losses++;
	else
		t->errors++;
}

/* "12 losses, 3 warnings": what there is, the worst first. "" if nothing. */
static struct span
tally_text(const struct tally *t, struct arena *a)
{
	const struct {
		int64_t n;
		const char *one, *many;
	} rows[] = {
		{ t->losses, "loss", "losses" },
		{ t->errors, "error", "errors" },
		{ t->warnings, "warning", "warnings" },
		{ t->resolved, "resolved", "resolved" },
		{ t->others, "other", "others" },
	};
	struct span s = SPAN("");

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].n > 0)
			s = arena_printf(a, "%.*s%s%s", (int)s.n, s.p,
			    s.n > 0 ? ", " : "",
			    part_count(
				rows[i].n, rows[i].one, rows[i].many, a));
	return s;
}

static json_t *
tally_json(struct json_writer *w, const struct tally *t)
{
	json_t *o = json_object();

	json_put(w, o, "losses", json_integer(t->losses));
	json_put(w, o, "errors", json_integer(t->errors));
	json_put(w, o, "warnings", json_integer(t->warnings));
	json_put(w, o, "resolved", json_integer(t->resolved));
	json_put(w, o, "others", json_integer(t->others));
	return o;
}

/* How much it weighs in a list: what ended weighs nothing. */
static int
weight(const struct message_news *n)
{
	if (n->incident == NULL || n->incident->is_resolved)
		return -1;
	return (int)n->incident->severity * 2 +
	       (part_state(n->incident->severity, n->incident->check)[0] ==
		   'L');
}

enum { LISTED = 20, HEAVIEST = 2 * SEVERITY_ERROR + 1 };

/* The heaviest first, each in the order that they came; LISTED of them. */
static void
put_list(FILE *f, const struct message_news *all, size_t n,
    const struct message_env *env, struct arena *a)
{
	static const struct style plain = { .colour = false, .width = 72 };
	size_t told = 0;

	for (int w = HEAVIEST; w >= -1; w--)
		for (size_t i = 0; i < n && told < LISTED; i++)
			if (weight(&all[i]) == w) {
				style_wrap(&plain, f, 2,
				    part_headline(&all[i], env, false, a));
				told++;
			}
	if (n > told)
		fprintf(f, "  and %zu more: mtasts incidents\n", n - told);
}

/* How many there are of each, and below it the heaviest. */
static struct span
brief_of_list(struct span subject, const struct message_news *all, size_t n,
    const struct message_env *env, struct arena *a)
{
	size_t worst = 0;
	struct span head;

	for (size_t i = 1; i < n; i++)
		if (weight(&all[i]) > weight(&all[worst]))
			worst = i;
	if (n == 0)
		return subject;
	head = part_headline(&all[worst], env, false, a);
	return arena_printf(
	    a, "%.*s\n%.*s", (int)subject.n, subject.p, (int)head.n, head.p);
}

/* FNV-1a, to tell one set of news from another. */
static uint64_t
hash_keys(const struct message_news *all, size_t n)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < all[i].news.key.n; k++)
			h = (h ^ (unsigned char)all[i].news.key.p[k]) *
			    1099511628211u;
	return h;
}

static enum severity
heaviest(const struct message_news *all, size_t n)
{
	enum severity worst = SEVERITY_INFO;

	for (size_t i = 0; i < n; i++)
		if (all[i].incident != NULL && !all[i].incident->is_resolved &&
		    all[i].incident->severity > worst)
			worst = all[i].incident->severity;
	return worst;
}

/* What summary and digest have alike, once subject and text stand. */
static enum err
finish(struct message *m, const char *kind, const struct tally *t,
    const struct message_news *all, size_t n, const struct message_env *env,
    struct arena *a)
{
	struct json_writer w = { false };
	json_t *o, *list = json_array();

	m->subject = part_clip(m->subject, MESSAGE_SUBJECT, a);
	o = part_head_json(&w, m, kind);
	if (env->link != NULL)
		json_put(&w, o, "link", json_word(env->link));
	json_put(&w, o, "counts", tally_json(&w, t));
	for (size_t i = 0; i < n; i++)
		json_add(&w, list, part_news_json(&w, &all[i]));
	json_put(&w, o, "news", list);
	if (!part_dump(&w, o, a, &m->json))
		return ERR_MEMORY;
	part_facts(m, kind, env, a);
	part_fact(m, "COUNT", arena_printf(a, "%zu", n));
	return a->failed ? ERR_MEMORY : ERR_OK;
}

enum err
message_of_many(const struct message_news *all, size_t n,
    const struct message_env *env, struct arena *a, struct message *out)
{
	struct tally t = { 0 };
	struct part_writer text;
	struct span counts;

	*out = (struct message){ .thread = SPAN(""),
		.severity = heaviest(all, n),
		.at = n > 0 ? all[0].at : env->now };
	for (size_t i = 0; i < n; i++)
		count(&t, &all[i]);
	out->id = arena_printf(
	    a, "summary.%" PRId64 ".%016" PRIx64, out->at.s, hash_keys(all, n));
	counts = tally_text(&t, a);
	out->subject =
	    arena_printf(a, "SUMMARY of %zu: %.*s", n, (int)counts.n, counts.p);
	part_open(&text);
	if (text.f != NULL) {
		fprintf(text.f, "%zu messages in one: %.*s.\n\n", n,
		    (int)counts.n, counts.p);
		put_list(text.f, all, n, env, a);
		if (env->link != NULL)
			fprintf(text.f, "\n%s/incidents\n", env->link);
	}
	out->text = part_close(&text, a);
	out->brief = brief_of_list(out->subject, all, n, env, a);
	return finish(out, "summary", &t, all, n, env, a);
}

/* ---- the digest ---- */

static struct span
digest_subject(
    const struct message_digest *d, struct span open, struct arena *a)
{
	const char *ended =
	    part_count((int64_t)d->n_ended, "ended", "ended", a);

	if (d->n_open == 0)
		return arena_printf(a, "DIGEST nothing is open, %s", ended);
	return arena_printf(a, "DIGEST open: %.*s%s; %s", (int)open.n, open.p,
	    d->more_open ? " and more" : "", ended);
}

static void
digest_text(FILE *f, const struct message_digest *d, struct span open,
    const struct message_env *env, struct arena *a)
{
	if (d->n_open == 0)
		fputs("Nothing is wrong that anybody should know of.\n", f);
	else
		fprintf(f, "Open%s: %.*s.\n\n",
		    d->more_open ? " (the heaviest)" : "", (int)open.n, open.p);
	put_list(f, d->open, d->n_open, env, a);
	if (d->n_ended > 0)
		fprintf(f, "\nEnded in the last day%s:\n\n",
		    d->more_ended ? " (the latest)" : "");
	put_list(f, d->ended, d->n_ended, env, a);
	if (env->link != NULL)
		fprintf(f, "\n%s/incidents\n", env->link);
}

enum err
message_of_digest(const struct message_digest *d, const struct message_env *env,
    struct arena *a, struct message *out)
{
	struct tally t = { 0 };
	struct part_writer text;
	struct span open;

	*out = (struct message){ .thread = SPAN(""),
		.severity = heaviest(d->open, d->n_open),
		.at = d->at };
	for (size_t i = 0; i < d->n_open; i++)
		count(&t, &d->open[i]);
	open = tally_text(&t, a);
	t.resolved = (int64_t)d->n_ended;
	out->id = part_news_id(d->key, d->at, a);
	out->subject = digest_subject(d, open, a);
	part_open(&text);
	if (text.f != NULL)
		digest_text(text.f, d, open, env, a);
	out->text = part_close(&text, a);
	out->brief = brief_of_list(out->subject, d->open, d->n_open, env, a);
	return finish(out, "digest", &t, d->open, d->n_open, env, a);
}

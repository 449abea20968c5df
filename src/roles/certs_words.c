/* The certs role: what a CA's failure is for a person. */
#include "base/ascii.h"
#include "base/escape.h"
#include "io/acme_problem.h"
#include "roles/certs.h"

enum {
	WORDS_MAX = 300, /* of what a CA says, at a time */
	PARTS_MAX = 3, /* names that are told apart */
};

/* What it was doing, and what stood in the way: "CA" is put in for %s, the CA's
 * own words follow. */
/* clang-format off */
static const char *const sentences[ACME_FAILURES] = {
	[ACME_FAILED_NOT]	= "%s issues the certificate",
	[ACME_FAILED_REACH]	= "%s cannot be reached",
	[ACME_FAILED_SERVER]	= "%s has trouble of its own",
	[ACME_FAILED_RATE]	= "%s issues no more for now",
	[ACME_FAILED_PROTOCOL]	= "%s gave an answer that is none",
	[ACME_FAILED_ACCOUNT]	= "%s does not accept our account",
	[ACME_FAILED_NAME]	= "%s does not issue for this name",
	[ACME_FAILED_CAA]	= "CAA keeps %s from issuing",
	[ACME_FAILED_PROOF]	= "%s did not get our answer from the name's port 80",
	[ACME_FAILED_REQUEST]	= "%s refused the request",
	[ACME_FAILED_GONE]	= "%s gave up the order",
};

/* Where somebody can do something about it. */
static const struct {
	const char *word, *remedy;
} remedies[] = {
	{ "externalAccountRequired",
	  "Set eab-kid and eab-key-file in [certs] to what the CA gave you." },
	{ "userActionRequired",
	  "Its terms have changed: read them, and agree to them there." },
	{ "agreementRequired", "Read its terms, and set agree = on in [certs]." },
	{ "invalidContact", "See the key contact in [certs]." },
	{ "unsupportedContact", "See the key contact in [certs]." },
	{ "dns", "Does the name still point to our service?" },
	{ "connection", "Does the name still point to our service?" },
	{ "incorrectResponse", "Does the name still point to our service?" },
	{ "unauthorized", "Does the name still point to our service?" },
};
/* clang-format on */

/* A CA's words, fit to be read: without what controls a terminal, and without
 * the full stop, which stands behind. */
static const char *
said(struct arena *a, struct span s)
{
	s = ascii_trim(s);
	while (s.n > 0 && (s.p[s.n - 1] == '.' || s.p[s.n - 1] == ':'))
		s.n--;
	return escape_str(a, s, WORDS_MAX);
}

/* The parts that say something that the whole did not (RFC 8555 6.7.1). */
static struct span
parts(const struct acme_problem *p, struct span host, struct arena *a)
{
	struct span text = SPAN("");
	size_t told = 0;

	for (size_t i = 0; i < p->n_parts && told < PARTS_MAX; i++) {
		const struct acme_subproblem *part = &p->parts[i];

		if (part->detail.n == 0 || span_eq(part->detail, p->detail))
			continue;
		told++;
		if (span_eq(part->name, host))
			text = arena_printf(a, "%.*s; %s", (int)text.n, text.p,
			    said(a, part->detail));
		else
			text = arena_printf(a, "%.*s; %s: %s", (int)text.n,
			    text.p, said(a, part->name), said(a, part->detail));
	}
	return text;
}

static const char *
remedy(const struct acme_problem *p)
{
	for (size_t i = 0; i < sizeof remedies / sizeof remedies[0]; i++)
		if (acme_problem_is(p, remedies[i].word))
			return remedies[i].remedy;
	return "";
}

/* The part of a URL that a person knows a CA by. */
static struct span
host_of(const char *directory)
{
	struct span s = span_str(directory);

	if (span_starts(s, SPAN("https://")))
		s = span_skip(s, 8);
	return span_head(s, span_find(s, '/'));
}

struct span
certs_problem(const struct acme_order *o, const char *directory,
    struct span host, struct arena *a)
{
	struct span ca = host_of(directory), more = parts(&o->problem, host, a);
	const char *name = escape_str(a, ca, WORDS_MAX);
	const char *what = remedy(&o->problem);

	return arena_printf(a, "%s: %s%.*s.%s%s",
	    arena_printf(a, sentences[o->failure], name).p, said(a, o->why),
	    (int)more.n, more.p, *what != '\0' ? " " : "", what);
}

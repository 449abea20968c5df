/* Groups G and H, and the part of F that is about the file: what the policy
 * says, and how it is written. */
#include "base/ascii.h"
#include "base/buf.h"
#include "base/limits.h"
#include "core/docket.h"
#include "wire/media_type.h"
#include "wire/name.h"
#include "wire/sts_template.h"

enum { DAY_S = 86400, WEEK_S = 7 * DAY_S };

/* The check behind each deviation that the parser reports. */
static const enum check_id deviation_checks[STS_DEVIATION_KINDS] = {
	[STS_EMPTY] = CHECK_POLICY_EMPTY,
	[STS_HTML] = CHECK_POLICY_HTML,
	[STS_BOM] = CHECK_POLICY_BOM,
	[STS_ENCODING] = CHECK_POLICY_ENCODING,
	[STS_BARE_CR] = CHECK_POLICY_BARE_CR,
	[STS_BLANK_LINE] = CHECK_POLICY_BLANK_LINE,
	[STS_NO_COLON] = CHECK_POLICY_NO_COLON,
	[STS_COMMENT] = CHECK_POLICY_COMMENT,
	[STS_LEADING_SPACE] = CHECK_POLICY_LEADING_SPACE,
	[STS_KEY_CASE] = CHECK_POLICY_KEY_CASE,
	[STS_UNKNOWN_KEY] = CHECK_POLICY_UNKNOWN_KEY,
	[STS_TYPO_KEY] = CHECK_POLICY_TYPO_KEY,
	[STS_EXT_INVALID] = CHECK_POLICY_EXT_INVALID,
	[STS_DUPLICATE_KEY] = CHECK_POLICY_DUPLICATE_KEY,
	[STS_TEMPLATE_LEFT] = CHECK_POLICY_TEMPLATE_LEFT,
	[STS_ID_IN_FILE] = CHECK_POLICY_ID_IN_FILE,
	[STS_TOO_BIG] = CHECK_HTTP_TOO_BIG,
	[STS_BIG] = CHECK_HTTP_BIG,
	[STS_VERSION_BAD] = CHECK_VERSION_MISSING_OR_BAD,
	[STS_VERSION_NOT_FIRST] = CHECK_VERSION_NOT_FIRST,
	[STS_MODE_MISSING] = CHECK_MODE_MISSING,
	[STS_MODE_INVALID] = CHECK_MODE_INVALID,
	[STS_MAX_AGE_INVALID] = CHECK_MAX_AGE_INVALID,
	[STS_MAX_AGE_TOO_BIG] = CHECK_MAX_AGE_TOO_BIG,
	[STS_MX_MISSING] = CHECK_MX_MISSING,
	[STS_MX_SYNTAX] = CHECK_MX_SYNTAX,
	[STS_MX_TRAILING_DOT] = CHECK_MX_TRAILING_DOT,
	[STS_MX_BAD_WILDCARD] = CHECK_MX_BAD_WILDCARD,
	[STS_MX_U_LABEL] = CHECK_MX_U_LABEL,
	[STS_MX_IP] = CHECK_MX_IP,
	[STS_MX_UPPERCASE] = CHECK_MX_UPPERCASE,
	[STS_MX_DUPLICATE] = CHECK_MX_DUPLICATE,
};

static struct span
policy_subject(struct docket *d)
{
	if (d->ev->domain.n == 0)
		return SPAN("mta-sts.txt");
	return arena_printf(d->a, "mta-sts.%s", docket_quote(d, d->ev->domain));
}

static bool
is_html(struct span what)
{
	return span_starts(what, SPAN("<"));
}

/* A page where the policy should be. Three causes, and only one of them is
 * said: a robot check, another virtual host, or a file with the wrong text. */
static enum check_id
page_check(struct docket *d, const struct sts_deviation *v)
{
	struct media_type m = media_type_parse(d->out->fetch->content_type);

	if (is_html(v->what) && !media_type_is_text_plain(m))
		return CHECK_HTTP_WRONG_VHOST;
	return CHECK_POLICY_HTML;
}

static struct span
without_wildcard(struct span pattern)
{
	return span_starts(pattern, SPAN("*.")) ? span_skip(pattern, 2)
						: pattern;
}

/* A placeholder is one only where it is not the domain's own name. */
static bool
is_own_name(struct docket *d, const struct sts_deviation *v)
{
	struct span what = without_wildcard(v->what);

	if (d->ev->domain.n > 0 && name_is_under(what, d->ev->domain))
		return true;
	for (size_t i = 0; i < d->ev->mx.n_mx; i++)
		if (name_is_under(d->ev->mx.mx[i].host, what))
			return true;
	return false;
}

/* An mx line that is meant, and is not in p->mx. */
static bool
is_lost_mx(const struct sts_deviation *v)
{
	return (v->kind >= STS_MX_SYNTAX && v->kind <= STS_MX_IP) ||
	       (v->kind == STS_TEMPLATE_LEFT &&
		   !name_is_domain(without_wildcard(v->what))) ||
	       span_eq(v->meant, SPAN("mx"));
}

/* The lines "mx: ..." that a policy for this domain needs: its MX hosts, or
 * what the file has where they are not known. */
static struct span
mx_lines(struct docket *d)
{
	const struct evidence *ev = d->ev;
	const struct sts_policy *p = &d->out->sts;
	/* A pattern takes no more here than in the file, but for the space. */
	size_t room = 2 * LIMIT_POLICY_BYTES;
	char *mem = arena_alloc(d->a, room);
	struct buf b = buf_init(mem, mem != NULL ? room : 0);
	bool lost = false;

	for (size_t i = 0; i < ev->n_mx_hosts; i++)
		if (name_is_domain(ev->mx_hosts[i].host))
			buf_printf(&b, "mx: %s\n",
			    docket_quote(d, ev->mx_hosts[i].host));
	if (b.n > 0)
		return buf_span(&b);
	for (size_t i = 0; i < p->n_mx; i++)
		buf_printf(&b, "mx: %.*s\n", (int)p->mx[i].n, p->mx[i].p);
	/* Nobody shall copy a file that lacks a host. */
	for (size_t i = 0; i < p->n_deviations; i++)
		lost |= is_lost_mx(&p->deviations[i]);
	if (lost || b.n == 0)
		buf_put(&b, SPAN("mx: <the name of your MX host>\n"));
	return buf_span(&b);
}

/* A void policy is best written anew. Told once, with the first fault. */
static void
advise_file(struct docket *d, struct finding *f)
{
	const struct sts_policy *p = &d->out->sts;
	enum sts_mode mode =
	    p->mode != STS_MODE_UNSET ? p->mode : STS_MODE_TESTING;
	unsigned max_age =
	    p->has_max_age && p->max_age >= WEEK_S ? p->max_age : 2 * WEEK_S;
	struct span mx;

	if (d->file_told || f->severity != SEVERITY_ERROR)
		return;
	d->file_told = true;
	mx = mx_lines(d);
	finding_remedy(d, f,
	    "%.*s A file without fault, to be followed by a new id:\n"
	    "version: STSv1\nmode: %s\n%.*smax_age: %u",
	    (int)f->remedy.n, f->remedy.p, sts_mode_names[mode], (int)mx.n,
	    mx.p, max_age);
}

static void
say_deviation(
    struct docket *d, struct finding *f, const struct sts_deviation *v)
{
	const char *title = checks[f->check].title;
	const char *what = docket_quote(d, v->what);

	f->line = v->line;
	f->column = v->column;
	if (v->line == 0)
		return;
	if (v->what.n == 0)
		finding_say(d, f, "%s (line %zu, column %zu).", title, v->line,
		    v->column);
	else
		finding_say(d, f, "%s: \"%s\" (line %zu, column %zu).", title,
		    what, v->line, v->column);
	if (v->meant.n > 0)
		finding_remedy(
		    d, f, "Write \"%s:\" instead.", docket_quote(d, v->meant));
}

static void
judge_deviation(struct docket *d, const struct sts_deviation *v)
{
	enum check_id id = deviation_checks[v->kind];
	struct finding *f;

	if (v->kind == STS_TEMPLATE_LEFT && is_own_name(d, v))
		return;
	if (v->kind == STS_HTML) {
		if (docket_has_failed(d, CHECK_HTTP_BOT_CHALLENGE))
			return;
		id = page_check(d, v);
	}
	f = docket_fail(d, id, policy_subject(d));
	say_deviation(d, f, v);
	/* Whose file it is, nobody said: example.com may be what is meant. */
	if (v->kind == STS_TEMPLATE_LEFT && d->ev->domain.n == 0 &&
	    sts_template_is_example(v->what))
		finding_cap(f, SEVERITY_INFO);
	advise_file(d, f);
	/* Of a misspelt key only the loss of an mx line loses mail. */
	if (v->kind == STS_TYPO_KEY && !span_eq(v->meant, SPAN("mx")) &&
	    d->out->sts.valid)
		finding_cap(f, SEVERITY_WARNING);
}

/* RFC 8461 3.2: senders check the media type (reading A9: a missing one cannot
 * be checked, and is refused). */
static void
judge_media_type(struct docket *d)
{
	const struct fetch *t = d->out->fetch;
	struct media_type m = media_type_parse(t->content_type);
	struct finding *f;

	if (!t->has_content_type || m.type.n == 0) {
		f = docket_fail(
		    d, CHECK_HTTP_CONTENT_TYPE_MISSING, policy_subject(d));
		d->out->policy = THING_INVALID;
		return;
	}
	docket_pass(d, CHECK_HTTP_CONTENT_TYPE_MISSING);
	if (!media_type_is_text_plain(m)) {
		d->out->policy = THING_INVALID;
		if (docket_has_failed(d, CHECK_HTTP_WRONG_VHOST) ||
		    docket_has_failed(d, CHECK_HTTP_BOT_CHALLENGE))
			return;
		f = docket_fail(d, CHECK_HTTP_CONTENT_TYPE, policy_subject(d));
		finding_say(d, f,
		    "The policy is served as \"%s\", not as text/plain; "
		    "several senders refuse it.",
		    docket_quote(d, t->content_type));
		return;
	}
	docket_pass(d, CHECK_HTTP_CONTENT_TYPE);
	f = docket_hold(d, CHECK_HTTP_CHARSET,
	    m.charset.n == 0 || ascii_eq_nocase(m.charset, SPAN("utf-8")) ||
		ascii_eq_nocase(m.charset, SPAN("us-ascii")),
	    policy_subject(d));
	if (f != NULL)
		finding_say(d, f, "The policy is served with the charset %s.",
		    docket_quote(d, m.charset));
}

/* How long copies live: RFC 8461 3.2 and 10.2. */
static void
judge_max_age(struct docket *d)
{
	const struct sts_policy *p = &d->out->sts;
	struct finding *f;

	/* RFC 8461 8.3: a policy being removed has a short life on purpose. */
	if (!p->has_max_age || p->mode == STS_MODE_NONE)
		return;
	docket_pass(d, CHECK_MAX_AGE_INVALID);
	if (p->max_age == 0) {
		docket_fail(d, CHECK_MAX_AGE_ZERO, policy_subject(d));
		return;
	}
	docket_pass(d, CHECK_MAX_AGE_ZERO);
	if (p->max_age >= WEEK_S) {
		docket_pass(d, CHECK_MAX_AGE_SHORT);
		f = docket_hold(d, CHECK_MAX_AGE_SHORT_ENFORCE,
		    p->mode != STS_MODE_ENFORCE || p->max_age >= 2 * WEEK_S,
		    policy_subject(d));
		if (f != NULL)
			finding_say(d, f,
			    "max_age is %s; two weeks or more make the policy "
			    "harder to hide.",
			    docket_duration(d, p->max_age));
		return;
	}
	f = docket_fail(d, CHECK_MAX_AGE_SHORT, policy_subject(d));
	finding_say(d, f,
	    p->max_age < DAY_S
		? "max_age is %s; large senders ignore policies of less than "
		  "a day."
		: "max_age is %s; weeks or more are meant.",
	    docket_duration(d, p->max_age));
	/* A short life is how one begins. */
	if (p->mode == STS_MODE_TESTING && p->max_age >= DAY_S)
		finding_cap(f, SEVERITY_INFO);
}

/* Hosts in which anybody can have a name: a pattern over one of these covers
 * strangers, although the Public Suffix List may not have it. */
static const struct span shared_hosts[] = {
	SPAN_INIT("google.com"),
	SPAN_INIT("googlemail.com"),
	SPAN_INIT("outlook.com"),
	SPAN_INIT("protection.outlook.com"),
	SPAN_INIT("mail.protection.outlook.com"),
	SPAN_INIT("mx.microsoft"),
	SPAN_INIT("amazonaws.com"),
	SPAN_INIT("pphosted.com"),
	SPAN_INIT("mimecast.com"),
	SPAN_INIT("messagelabs.com"),
	SPAN_INIT("secureserver.net"),
};

static bool
is_shared(struct docket *d, struct span base)
{
	for (size_t i = 0; i < sizeof shared_hosts / sizeof shared_hosts[0];
	     i++)
		if (name_eq(base, shared_hosts[i]))
			return true;
	return name_labels(base) == 1 || evidence_org(d->ev, base).n == 0;
}

static void
judge_wildcard(struct docket *d, struct span pattern, size_t line)
{
	struct span base = span_skip(pattern, 2);
	struct span domain = d->ev->domain;
	bool own = domain.n > 0 && name_eq(base, domain);
	enum check_id id =
	    own ? CHECK_MX_WILDCARD_OWN : CHECK_MX_WILDCARD_BROAD;
	struct finding *f;

	if (!span_starts(pattern, SPAN("*.")))
		return;
	f = docket_hold(d, id, !own && !is_shared(d, base), policy_subject(d));
	if (f == NULL)
		return;
	f->line = line;
	f->column = 1;
	finding_say(d, f,
	    own ? "\"%s\" covers every host of the domain."
		: "\"%s\" covers hosts of strangers: whoever has a name there "
		  "passes the policy.",
	    docket_quote(d, pattern));
}

static void
judge_values(struct docket *d)
{
	const struct sts_policy *p = &d->out->sts;
	struct finding *f;

	judge_max_age(d);
	for (size_t i = 0; i < p->n_mx && p->mode != STS_MODE_NONE; i++)
		judge_wildcard(d, p->mx[i], p->mx_line[i]);
	if (p->mode != STS_MODE_NONE)
		return;
	docket_fail(d, CHECK_MODE_NONE_LIVE, policy_subject(d));
	if (p->n_mx == 0) {
		f = docket_fail(d, CHECK_MX_IN_NONE, policy_subject(d));
		finding_cap(f, SEVERITY_INFO);
	}
}

/* Everything the parser could have found and did not. */
static void
pass_the_rest(struct docket *d)
{
	for (size_t k = 0; k < STS_DEVIATION_KINDS; k++)
		docket_pass(d, deviation_checks[k]);
	if (d->out->sts.mode != STS_MODE_NONE)
		docket_pass(d, CHECK_MODE_NONE_LIVE);
	docket_pass(d, CHECK_MX_WILDCARD_BROAD);
	docket_pass(d, CHECK_HTTP_WRONG_VHOST);
}

void
judge_policy(struct docket *d)
{
	const struct fetch *t = d->out->fetch;
	const struct sts_policy *p = &d->out->sts;
	bool page;

	if (t == NULL || t->status != 200 || t->result != TALK_OK)
		return;
	/* Compressed, it is no text that could be looked into. */
	if (docket_has_failed(d, CHECK_HTTP_ENCODING) && !p->valid) {
		docket_block(d, CHECK_POLICY_EMPTY, CHECK_MATCH_MULTI_LABEL,
		    CHECK_HTTP_ENCODING);
		return;
	}
	if (d->out->policy == THING_NONE)
		return;
	page = p->n_deviations > 0 && p->deviations[0].kind == STS_HTML;
	for (size_t i = 0; i < p->n_deviations; i++)
		judge_deviation(d, &p->deviations[i]);
	judge_media_type(d);
	judge_values(d);
	if (!page)
		pass_the_rest(d);
}

/* Group B: the _mta-sts TXT record. */
#include "base/ascii.h"
#include "base/rfc3339.h"
#include "core/docket.h"

enum { DAY_S = 86400 };

/* "_mta-sts.example.com", or "_mta-sts" where the domain is not known. */
static struct span
record_name(struct docket *d)
{
	if (d->ev->domain.n == 0)
		return SPAN("_mta-sts");
	return arena_printf(
	    d->a, "_mta-sts.%s", docket_quote(d, d->ev->domain));
}

/* The record to publish. Its id is only an example of one: the moment of the
 * check, which no earlier policy can have had. */
static void
advise_record(struct docket *d, struct finding *f)
{
	struct civil c = civil_from_time(d->now);

	finding_remedy(d, f,
	    "Publish this record, or one with another new id:\n"
	    "%s%s TXT \"v=STSv1; id=%04d%02d%02dT%02d%02d%02d;\"",
	    docket_quote(d, record_name(d)), d->ev->domain.n > 0 ? "." : "",
	    (int)c.year, c.month, c.day, c.hour, c.minute, c.second);
}

static struct finding *
fault(struct docket *d, enum check_id id, struct span text)
{
	struct finding *f = docket_fail(d, id, record_name(d));

	finding_fact(d, f, "record", "%s", docket_quote(d, text));
	f->line = d->out->rrset.at + 1;
	advise_record(d, f);
	return f;
}

static const char *
joined(struct docket *d, size_t i)
{
	return docket_quote(d, dns_txt_join(d->a, &d->ev->sts_txt.txt[i]));
}

static void
judge_multiple(struct docket *d)
{
	const struct sts_rrset *set = &d->out->rrset;
	struct finding *f = fault(d, CHECK_TXT_MULTIPLE, set->text);

	finding_say(d, f,
	    "%zu records at %s begin \"v=STSv1;\"; senders must then act as "
	    "if there were none.",
	    set->n_sts, docket_quote(d, record_name(d)));
	finding_remedy(d, f, "Keep the one that is right, such as \"%s\".",
	    docket_quote(d, set->text));
}

/* The one record there is does not parse. */
static void
judge_syntax(struct docket *d)
{
	const struct sts_rrset *set = &d->out->rrset;
	const char *text = docket_quote(d, set->text);
	size_t column = set->record.bad_at + 1;
	struct finding *f;

	if (set->record_verdict == STS_RECORD_NO_ID) {
		f = fault(d, CHECK_TXT_ID_MISSING, set->text);
		finding_say(d, f, "The record \"%s\" has no id.", text);
		return;
	}
	switch (set->record.fault) {
	case STS_RECORD_FAULT_ID:
		f = fault(d, CHECK_TXT_ID_INVALID, set->text);
		finding_say(d, f,
		    "The id in \"%s\" is not 1 to 32 letters and digits "
		    "(character %zu).",
		    text, column);
		break;
	case STS_RECORD_FAULT_EXTENSION:
		f = fault(d, CHECK_TXT_EXT_INVALID, set->text);
		finding_say(d, f,
		    "A field of \"%s\" is outside the grammar (character "
		    "%zu); strict senders drop the whole record.",
		    text, column);
		break;
	case STS_RECORD_FAULT_TRAILING_SPACE:
		f = fault(d, CHECK_TXT_TRAILING_SPACE, set->text);
		finding_say(d, f,
		    "\"%s\" ends in white space without a semicolon; strict "
		    "senders treat the record as absent.",
		    text);
		break;
	case STS_RECORD_FAULT_NONE:
	case STS_RECORD_FAULT_DELIMITER:
	default:
		f = fault(d, CHECK_TXT_DELIMITER, set->text);
		finding_say(d, f,
		    "The fields of \"%s\" are not separated by one semicolon "
		    "each (character %zu).",
		    text, column);
		break;
	}
	f->column = column;
}

/* A record that was meant for MTA-STS and is none. */
static enum check_id
near_miss(enum sts_record_near_miss n)
{
	switch (n) {
	case STS_RECORD_QUOTED:
		return CHECK_TXT_QUOTES_ESCAPED;
	case STS_RECORD_VERSION_NOT_FIRST:
		return CHECK_TXT_VERSION_NOT_FIRST;
	case STS_RECORD_VERSION_OTHER:
		return CHECK_TXT_VERSION_OTHER;
	case STS_RECORD_VERSION_DELIMITER:
		return CHECK_TXT_DELIMITER;
	case STS_RECORD_NOT_NEAR:
		break;
	}
	return CHECKS;
}

/* Records are there, but none counts. True if one was meant to. */
static bool
judge_near_misses(struct docket *d)
{
	const struct dns_answer *txt = &d->ev->sts_txt;
	bool meant = false;

	for (size_t i = 0; i < txt->n_txt; i++) {
		struct span text = dns_txt_join(d->a, &txt->txt[i]);
		enum check_id id = near_miss(sts_record_near(text));
		struct finding *f;

		if (id == CHECKS)
			continue;
		meant = true;
		f = fault(d, id, text);
		f->line = i + 1;
		f->column = 1;
		finding_say(d, f, "%s: \"%s\". Senders ignore it.",
		    checks[id].title, joined(d, i));
	}
	return meant;
}

/* The first text of an answer that counts as an MTA-STS record, or near. */
static bool
find_sts(struct docket *d, const struct dns_answer *txt, struct span *out)
{
	for (size_t i = 0; i < txt->n_txt; i++) {
		struct sts_record rec;

		*out = dns_txt_join(d->a, &txt->txt[i]);
		if (sts_record_parse(*out, &rec) != STS_RECORD_OTHER ||
		    sts_record_near(*out) != STS_RECORD_NOT_NEAR)
			return true;
	}
	return false;
}

static bool
judge_wrong_place(struct docket *d)
{
	const struct dns_answer *places[] = { &d->ev->apex_txt,
		&d->ev->host_txt, &d->ev->doubled_txt };

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		struct span text;
		struct finding *f;

		if (!find_sts(d, places[i], &text))
			continue;
		f = fault(d, CHECK_TXT_WRONG_PLACE, text);
		finding_say(d, f,
		    "The record \"%s\" stands at %s; senders look at %s only.",
		    docket_quote(d, text), docket_quote(d, places[i]->name),
		    docket_quote(d, record_name(d)));
		finding_remedy(
		    d, f, "Move it to %s.", docket_quote(d, record_name(d)));
		return true;
	}
	return false;
}

/* Does a name that nobody made answer with this text too? */
static bool
is_from_wildcard(struct docket *d, struct span text)
{
	const struct dns_answer *w = &d->ev->sts_wildcard;

	for (size_t i = 0; i < w->n_txt; i++)
		if (span_eq(dns_txt_join(d->a, &w->txt[i]), text))
			return true;
	return false;
}

/* Neither a record nor a near miss at _mta-sts. */
static void
judge_absent(struct docket *d)
{
	const struct dns_answer *txt = &d->ev->sts_txt;
	const struct dns_answer *wildcard = &d->ev->sts_wildcard;
	struct judged *out = d->out;
	struct finding *f;

	if (judge_wrong_place(d))
		return;
	/* What a wildcard answers for every name was not put here; whether it
	 * does, an answer must say. */
	if (txt->n_txt > 0 &&
	    (dns_is_known(wildcard) || wildcard->result == DNS_UNASKED) &&
	    !is_from_wildcard(d, dns_txt_join(d->a, &txt->txt[0]))) {
		f = fault(d, CHECK_TXT_SPF_OR_OTHER,
		    dns_txt_join(d->a, &txt->txt[0]));
		finding_say(d, f, "%s holds \"%s\" and no MTA-STS record.",
		    docket_quote(d, record_name(d)), joined(d, 0));
		return;
	}
	if (out->policy == THING_OK || out->policy == THING_INVALID) {
		f = docket_fail(
		    d, CHECK_TXT_ABSENT_POLICY_PRESENT, record_name(d));
		finding_say(d, f,
		    "A policy is served, but no record at %s announces it: "
		    "senders that do not know the policy never fetch it.",
		    docket_quote(d, record_name(d)));
		advise_record(d, f);
		if (txt->n_chain > 0) /* said as a dangling CNAME */
			f->blocked_by = CHECK_CNAME_DANGLING;
		return;
	}
	docket_fail(d, CHECK_TXT_ABSENT, record_name(d));
}

/* Hexadecimal digits, as many as a digest has or is usually cut to, letters
 * among them: a time stamp or a counter has none, and a random id is rarely
 * this regular. */
static bool
looks_like_hash(struct span id)
{
	bool hex = true, letters = false, digits = false;

	for (size_t i = 0; i < id.n; i++) {
		unsigned char c = (unsigned char)id.p[i];

		letters |= ascii_is_alpha(c);
		digits |= ascii_is_digit(c);
		hex &= ascii_is_digit(c) || (c >= 'a' && c <= 'f') ||
		       (c >= 'A' && c <= 'F');
	}
	return hex && letters && digits &&
	       (id.n == 32 || id.n == 20 || id.n == 16 || id.n == 8);
}

static void
judge_id(struct docket *d)
{
	const struct sts_rrset *set = &d->out->rrset;
	const char *text = docket_quote(d, set->text);
	struct finding *f;

	docket_pass(d, CHECK_TXT_ID_MISSING);
	docket_pass(d, CHECK_TXT_ID_INVALID);
	/* Ours are as many random bits as a hash has, and drawn. */
	f = docket_hold(d, CHECK_TXT_ID_LOOKS_LIKE_HASH,
	    !looks_like_hash(set->record.id) ||
		docket_leads_to_us(d, &d->ev->sts_txt),
	    record_name(d));
	if (f != NULL)
		finding_say(d, f,
		    "The id \"%s\" looks like a hash. If it is one of the "
		    "policy, an old policy that comes back brings its old id "
		    "with it, and senders do not notice.",
		    docket_quote(d, set->record.id));
	if (set->record.duplicate_id) {
		f = fault(d, CHECK_TXT_ID_DUPLICATE, set->text);
		finding_say(d, f,
		    "The record \"%s\" has two ids; the first counts, and "
		    "some senders refuse the record.",
		    text);
	} else {
		docket_pass(d, CHECK_TXT_ID_DUPLICATE);
	}
}

/* A record that counts: what is less than perfect about it. */
static void
judge_one(struct docket *d)
{
	const struct sts_rrset *set = &d->out->rrset;
	struct finding *f;

	docket_pass(d, CHECK_TXT_MULTIPLE);
	docket_pass(d, CHECK_TXT_VERSION_NOT_FIRST);
	docket_pass(d, CHECK_TXT_VERSION_OTHER);
	docket_pass(d, CHECK_TXT_ABSENT);
	docket_pass(d, CHECK_TXT_SPF_OR_OTHER);
	docket_pass(d, CHECK_TXT_WRONG_PLACE);
	docket_pass(d, CHECK_TXT_QUOTES_ESCAPED);
	if (set->record.space_before_semicolon) {
		f = fault(d, CHECK_TXT_SPACE_BEFORE_SEMICOLON, set->text);
		finding_say(d, f,
		    "White space stands before the first semicolon of \"%s\"; "
		    "senders differ on whether the record counts.",
		    docket_quote(d, set->text));
		f->column = sizeof "v=STSv1";
	} else {
		docket_pass(d, CHECK_TXT_SPACE_BEFORE_SEMICOLON);
	}
	if (set->verdict != STS_RRSET_OK) {
		judge_syntax(d);
		return;
	}
	docket_pass(d, CHECK_TXT_DELIMITER);
	docket_pass(d, CHECK_TXT_EXT_INVALID);
	docket_pass(d, CHECK_TXT_TRAILING_SPACE);
	judge_id(d);
	docket_hold(d, CHECK_TXT_SPLIT_STRINGS,
	    d->ev->sts_txt.txt[set->at].n_strings <= 1, record_name(d));
}

/* What only DNS can show: TTL, DNSSEC, wildcards. */
static void
judge_answer(struct docket *d)
{
	const struct evidence *ev = d->ev;
	struct span text;
	struct finding *f;

	/* A low one proves nothing: a cache may be about to drop the record. */
	if (ev->sts_txt.ttl != 0 || ev->domain.n > 0) {
		f = docket_hold(
		    d, CHECK_TXT_TTL, ev->sts_txt.ttl <= DAY_S, record_name(d));
		if (f != NULL)
			finding_say(d, f, "The record may be cached for %s.",
			    docket_duration(d, ev->sts_txt.ttl));
	}
	if (ev->dnssec)
		docket_hold(
		    d, CHECK_TXT_INSECURE, ev->sts_txt.secure, record_name(d));
	if (ev->sts_wildcard.result == DNS_UNASKED)
		return;
	f = docket_hold(d, CHECK_TXT_WILDCARD,
	    !find_sts(d, &ev->sts_wildcard, &text), record_name(d));
	if (f != NULL) {
		finding_say(d, f,
		    "%s, a name that nobody made, answers with \"%s\" too: "
		    "the record comes from a wildcard.",
		    docket_quote(d, ev->sts_wildcard.name),
		    docket_quote(d, text));
		advise_record(d, f);
	}
}

void
judge_record(struct docket *d)
{
	const struct dns_answer *txt = &d->ev->sts_txt;
	const struct sts_rrset *set = &d->out->rrset;

	if (!dns_is_known(txt)) {
		struct finding *f =
		    docket_unknown(d, CHECK_TXT_LOOKUP_FAILED, record_name(d));

		finding_say(d, f, "The lookup of %s TXT ended in %s%s%s.",
		    docket_quote(d, record_name(d)),
		    dns_result_names[txt->result], txt->why.n > 0 ? ": " : "",
		    docket_quote(d, txt->why));
		docket_block(d, CHECK_TXT_MULTIPLE, CHECK_TXT_INSECURE,
		    CHECK_TXT_LOOKUP_FAILED);
		return;
	}
	docket_pass(d, CHECK_TXT_LOOKUP_FAILED);
	if (set->n_sts == 0) {
		if (!judge_near_misses(d))
			judge_absent(d);
		return;
	}
	docket_pass(d, CHECK_TXT_ABSENT_POLICY_PRESENT);
	if (set->verdict == STS_RRSET_MULTIPLE)
		judge_multiple(d);
	else
		judge_one(d);
	judge_answer(d);
}

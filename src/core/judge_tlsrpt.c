/* Group N: the TLSRPT record (RFC 8460 3). */
#include "base/ascii.h"
#include "core/docket.h"
#include "wire/name.h"

static struct span
record_name(struct docket *d)
{
	if (d->ev->domain.n == 0)
		return SPAN("_smtp._tls");
	return arena_printf(
	    d->a, "_smtp._tls.%s", docket_quote(d, d->ev->domain));
}

static void
advise(struct docket *d, struct finding *f)
{
	const char *domain =
	    d->ev->domain.n > 0 ? docket_quote(d, d->ev->domain) : "<domain>";

	finding_remedy(d, f,
	    "Publish this record, with an address that somebody reads:\n"
	    "_smtp._tls.%s. TXT \"v=TLSRPTv1; "
	    "rua=mailto:tls-reports@%s\"",
	    domain, domain);
}

static struct finding *
fault(struct docket *d, enum check_id id)
{
	const struct tlsrpt_record *r = &d->out->rpt;
	struct finding *f = docket_fail(d, id, record_name(d));

	if (r->text.n > 0)
		finding_fact(d, f, "record", "%s", docket_quote(d, r->text));
	return f;
}

static void
judge_syntax(struct docket *d)
{
	static const char *const faults[] = {
		[TLSRPT_FAULT_NONE] = "is malformed",
		[TLSRPT_FAULT_VERSION] = "does not begin \"v=TLSRPTv1;\"",
		[TLSRPT_FAULT_DELIMITER] =
		    "does not separate its fields by one semicolon each",
		[TLSRPT_FAULT_NO_RUA] = "has no rua",
		[TLSRPT_FAULT_URI] = "has a value outside the grammar",
		[TLSRPT_FAULT_TRAILING_SPACE] =
		    "ends in white space without a semicolon",
	};
	const struct tlsrpt_record *r = &d->out->rpt;
	struct finding *f = fault(d, CHECK_TLSRPT_SYNTAX);

	f->line = 1;
	f->column = r->bad_at + 1;
	finding_say(d, f, "\"%s\" %s (character %zu).",
	    docket_quote(d, r->text), faults[r->fault], r->bad_at + 1);
	advise(d, f);
}

/* The domain part of a mailto: destination; "" for others. */
static struct span
mail_domain(struct span uri)
{
	size_t at;

	if (!ascii_starts_nocase(uri, SPAN("mailto:")))
		return SPAN("");
	at = span_find(uri, '@');
	uri = span_skip(uri, at + 1);
	return span_head(uri, span_find(uri, '?'));
}

static void
judge_destinations(struct docket *d)
{
	const struct tlsrpt_record *r = &d->out->rpt;
	bool elsewhere = d->ev->domain.n == 0;
	struct finding *f;

	for (size_t i = 0; i < r->n_rua; i++) {
		elsewhere |=
		    !name_is_under(mail_domain(r->rua[i].uri), d->ev->domain);
		f = docket_hold(d, CHECK_TLSRPT_RUA_SCHEME, r->rua[i].usable,
		    record_name(d));
		if (f == NULL)
			continue;
		finding_fact(d, f, "rua", "%s", docket_quote(d, r->rua[i].uri));
		finding_say(d, f,
		    "The report destination \"%s\" is neither a mailto: nor "
		    "an https: URI.",
		    docket_quote(d, r->rua[i].uri));
	}
	if (r->n_usable > 0)
		docket_hold(
		    d, CHECK_TLSRPT_RUA_SAME_DOMAIN, elsewhere, record_name(d));
}

static void
judge_valid(struct docket *d)
{
	const struct tlsrpt_record *r = &d->out->rpt;

	d->out->tlsrpt = r->n_usable > 0 ? THING_OK : THING_INVALID;
	docket_pass(d, CHECK_TLSRPT_ABSENT);
	docket_pass(d, CHECK_TLSRPT_MULTIPLE);
	docket_pass(d, CHECK_TLSRPT_SYNTAX);
	judge_destinations(d);
	docket_hold(
	    d, CHECK_TLSRPT_RUA_EMPTY_ITEM, !r->empty_item, record_name(d));
	docket_hold(d, CHECK_TLSRPT_RUA_DUPLICATE,
	    !r->duplicate && !r->several_rua_fields, record_name(d));
}

static void
judge_absent(struct docket *d)
{
	struct finding *f;

	if (d->ev->tlsrpt_old.n_txt > 0)
		docket_fail(d, CHECK_TLSRPT_OLD_NAME, record_name(d));
	f = docket_fail(d, CHECK_TLSRPT_ABSENT, record_name(d));
	finding_say(d, f,
	    "%s has no TLSRPT record: nobody can tell you that mail to %s "
	    "fails.",
	    docket_quote(d, record_name(d)),
	    d->ev->domain.n > 0 ? docket_quote(d, d->ev->domain) : "you");
	advise(d, f);
}

void
judge_tlsrpt(struct docket *d)
{
	const struct dns_answer *txt = &d->ev->tlsrpt_txt;
	struct tlsrpt_record *r = &d->out->rpt;
	struct finding *f;

	if (!dns_is_known(txt)) {
		d->out->tlsrpt = THING_UNKNOWN;
		f = docket_unknown(
		    d, CHECK_TLSRPT_LOOKUP_FAILED, record_name(d));
		finding_say(d, f, "The lookup of %s TXT ended in %s%s%s.",
		    docket_quote(d, record_name(d)),
		    dns_result_names[txt->result], txt->why.n > 0 ? ": " : "",
		    docket_quote(d, txt->why));
		return;
	}
	tlsrpt_rrset_parse(txt->txt, txt->n_txt, d->a, r);
	switch (r->verdict) {
	case TLSRPT_OK:
		judge_valid(d);
		break;
	case TLSRPT_NONE:
		d->out->tlsrpt = THING_NONE;
		if (r->fault != TLSRPT_FAULT_NONE) /* meant, not written */
			judge_syntax(d);
		else
			judge_absent(d);
		break;
	case TLSRPT_MULTIPLE:
		d->out->tlsrpt = THING_INVALID;
		f = fault(d, CHECK_TLSRPT_MULTIPLE);
		finding_say(d, f,
		    "%zu records at %s begin \"v=TLSRPTv1;\"; senders must "
		    "then act as if there were none.",
		    r->n_tlsrpt, docket_quote(d, record_name(d)));
		break;
	case TLSRPT_INVALID:
		d->out->tlsrpt = THING_INVALID;
		judge_syntax(d);
		break;
	}
}

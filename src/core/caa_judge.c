#include "core/caa_judge.h"

#include "base/ascii.h"
#include "wire/name.h"

/* clang-format off */
const char *const caa_verdict_names[] = {
	[CAA_ALLOWED]		= "allowed",
	[CAA_FORBIDDEN]		= "forbidden",
	[CAA_ACCOUNT]		= "account",
	[CAA_METHOD]		= "method",
	[CAA_UNREADABLE]	= "unreadable",
	[CAA_UNKNOWN]		= "unknown",
	NULL
};

/* What RFC 8659 4 and the registry define. issuewild is for wildcards, the
 * others are for other things: known, and not ours to look at. */
static const char *const known[] = {
	"issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail",
	"contactphone",
};
/* clang-format on */

static bool
is_known(struct span tag)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (ascii_eq_nocase(tag, span_str(known[i])))
			return true;
	return false;
}

/* RFC 8657 4: value = [*(label ",") label]; the methods it lists. */
static bool
lists_method(struct span list, struct span method)
{
	while (list.n > 0) {
		size_t comma = span_find(list, ',');

		if (span_eq(span_head(list, comma), method))
			return true;
		list = span_skip(list, comma + 1);
	}
	return false;
}

/* RFC 8657 3: a property with more than one accounturi, or with one that is not
 * ours, authorises nobody. Parameters of other names are ignored (RFC 8659
 * 4.2). */
static enum caa_verdict
weigh_parameters(struct span rest, const struct caa_wish *w)
{
	struct caa_parameter p;
	size_t accounts = 0, methods = 0;
	bool account = true, method = true;

	while (caa_parameter_next(&rest, &p)) {
		if (ascii_eq_nocase(p.name, SPAN("accounturi"))) {
			accounts++;
			account =
			    w->account.n > 0 && span_eq(p.value, w->account);
		} else if (ascii_eq_nocase(p.name, SPAN("validationmethods"))) {
			methods++;
			method = lists_method(p.value, w->method);
		}
	}
	if (!account || accounts > 1)
		return CAA_ACCOUNT;
	return !method || methods > 1 ? CAA_METHOD : CAA_ALLOWED;
}

static enum caa_verdict
weigh_issue(struct span value, const struct caa_wish *w)
{
	struct caa_issuer issuer;

	if (!caa_issuer_read(value, &issuer))
		return CAA_FORBIDDEN;
	for (size_t i = 0; i < w->n_issuers; i++)
		if (issuer.name.n > 0 && name_eq(issuer.name, w->issuers[i]))
			return weigh_parameters(issuer.parameters, w);
	return CAA_FORBIDDEN;
}

/* The records that apply: one property that allows it is enough; the one that
 * comes nearest says what is wrong. */
static enum caa_verdict
weigh(const struct dns_answer *d, const struct caa_wish *w)
{
	enum caa_verdict best = CAA_FORBIDDEN;
	bool restricts = false;

	for (size_t i = 0; i < d->n_caa; i++) {
		const struct dns_caa *r = &d->caa[i];
		enum caa_verdict v;

		if ((r->flags & CAA_CRITICAL) != 0 && !is_known(r->tag))
			return CAA_UNREADABLE;
		if (!ascii_eq_nocase(r->tag, SPAN("issue")))
			continue;
		restricts = true;
		v = weigh_issue(r->value, w);
		if (v == CAA_ALLOWED || best == CAA_FORBIDDEN)
			best = best == CAA_ALLOWED ? best : v;
	}
	return restricts ? best : CAA_ALLOWED;
}

struct caa_finding
caa_judge(const struct dns_answer *climb, size_t n, const struct caa_wish *w)
{
	struct caa_finding f = { CAA_ALLOWED, SPAN("") };

	for (size_t i = 0; i < n; i++) {
		f.at = climb[i].name;
		if (!dns_is_known(&climb[i])) {
			f.verdict = CAA_UNKNOWN;
			return f;
		}
		if (climb[i].n_caa == 0)
			continue;
		if (w->n_issuers > 0)
			f.verdict = weigh(&climb[i], w);
		return f;
	}
	f.at = SPAN("");
	return f;
}

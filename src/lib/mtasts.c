#include "mtasts.h"

#include "base/limits.h"
#include "wire/cert_name.h"
#include "wire/mx_match.h"
#include "wire/smtp_reply.h"
#include "wire/sts_policy.h"
#include "wire/sts_record.h"
#include "wire/tlsa.h"
#include "wire/tlsrpt_record.h"

#define API __attribute__((visibility("default")))
#define STR(x) STR_(x)
#define STR_(x) #x

/* The public numbers are the ABI; the internal ones follow them. */
#define SAME(public, own) _Static_assert((int)(public) == (int)(own), #public)

SAME(MTASTS_RECORD_OK, STS_RRSET_OK);
SAME(MTASTS_RECORD_NONE, STS_RRSET_NONE);
SAME(MTASTS_RECORD_MULTIPLE, STS_RRSET_MULTIPLE);
SAME(MTASTS_RECORD_INVALID, STS_RRSET_INVALID);
SAME(MTASTS_MODE_UNSET, STS_MODE_UNSET);
SAME(MTASTS_MODE_NONE, STS_MODE_NONE);
SAME(MTASTS_MODE_TESTING, STS_MODE_TESTING);
SAME(MTASTS_MODE_ENFORCE, STS_MODE_ENFORCE);
SAME(MTASTS_TLSA_USABLE, TLSA_USABLE);
SAME(MTASTS_TLSA_BAD_USAGE, TLSA_USAGE);
SAME(MTASTS_TLSA_BAD_SELECTOR, TLSA_SELECTOR);
SAME(MTASTS_TLSA_BAD_MATCHING, TLSA_MATCHING);
SAME(MTASTS_TLSA_BAD_LENGTH, TLSA_LENGTH);
SAME(MTASTS_TLSRPT_OK, TLSRPT_OK);
SAME(MTASTS_TLSRPT_NONE, TLSRPT_NONE);
SAME(MTASTS_TLSRPT_MULTIPLE, TLSRPT_MULTIPLE);
SAME(MTASTS_TLSRPT_INVALID, TLSRPT_INVALID);
SAME(MTASTS_SMTP_MORE, SMTP_MORE);
SAME(MTASTS_SMTP_DONE, SMTP_DONE);
SAME(MTASTS_SMTP_SYNTAX, SMTP_SYNTAX);
SAME(MTASTS_SMTP_TOO_LONG, SMTP_TOO_LONG);
SAME(MTASTS_MAX_AGE, STS_MAX_AGE);
SAME(MTASTS_RECORDS_MAX, LIMIT_TXT_RECORDS);
SAME(MTASTS_RUA_MAX, LIMIT_RUA);
#define DEVIATION(symbol, breaks, voids)                                       \
	SAME(MTASTS_DEV_##symbol, STS_##symbol);
#include "wire/sts_policy.def"
#undef DEVIATION

static struct span
in(struct mtasts_span s)
{
	return (struct span){ s.n > 0 ? s.p : "", s.n };
}

static struct mtasts_span
out_span(struct span s)
{
	return (struct mtasts_span){ s.p, s.n };
}

API const char *
mtasts_version(void)
{
	return STR(MTASTS_VERSION_MAJOR) "." STR(MTASTS_VERSION_MINOR) "." STR(
	    MTASTS_VERSION_PATCH);
}

/* An RRset of joined records. Nothing has to be joined any more, so that the
 * parsers need no memory for it. */
struct rrset {
	struct span strings[MTASTS_RECORDS_MAX];
	struct dns_txt txt[MTASTS_RECORDS_MAX];
	size_t n;
};

static void
make_rrset(const struct mtasts_span *txt, size_t n, struct rrset *set)
{
	set->n = n < MTASTS_RECORDS_MAX ? n : MTASTS_RECORDS_MAX;
	for (size_t i = 0; i < set->n; i++) {
		set->strings[i] = in(txt[i]);
		set->txt[i] = (struct dns_txt){ &set->strings[i], 1 };
	}
}

API void
mtasts_record_parse(
    const struct mtasts_span *txt, size_t n, struct mtasts_record *out)
{
	struct rrset set;
	struct sts_rrset r;
	struct arena none;

	make_rrset(txt, n, &set);
	arena_init_fixed(&none, NULL, 0);
	r = sts_rrset_parse(set.txt, set.n, &none);
	*out = (struct mtasts_record){ .result =
					   (enum mtasts_record_result)r.verdict,
		.n_sts = r.n_sts,
		.at = r.at,
		.bad_at = r.record.bad_at };
	if (r.verdict == STS_RRSET_OK)
		memcpy(out->id, r.record.id.p, r.record.id.n);
}

static const struct mtasts_span *
public_mx(const struct sts_policy *p, struct arena *a)
{
	struct mtasts_span *mx = arena_array(a, p->n_mx, sizeof *mx);

	for (size_t i = 0; i < p->n_mx && mx != NULL; i++)
		mx[i] = out_span(p->mx[i]);
	return mx;
}

static const struct mtasts_deviation *
public_deviations(const struct sts_policy *p, struct arena *a)
{
	struct mtasts_deviation *d = arena_array(a, p->n_deviations, sizeof *d);

	for (size_t i = 0; i < p->n_deviations && d != NULL; i++)
		d[i] = (struct mtasts_deviation){
			.kind =
			    (enum mtasts_deviation_kind)p->deviations[i].kind,
			.line = p->deviations[i].line,
			.column = p->deviations[i].column,
			.what = out_span(p->deviations[i].what)
		};
	return d;
}

API enum mtasts_status
mtasts_policy_parse(
    struct mtasts_span body, void *mem, size_t mem_n, struct mtasts_policy *out)
{
	struct sts_policy p;
	struct arena a;

	arena_init_fixed(&a, mem, mem_n);
	sts_policy_parse(in(body), &a, &p);
	*out = (struct mtasts_policy){ .mode = (enum mtasts_mode)p.mode,
		.has_max_age = p.has_max_age,
		.max_age = p.max_age,
		.mx = public_mx(&p, &a),
		.n_mx = p.n_mx,
		.deviations = public_deviations(&p, &a),
		.n_deviations = p.n_deviations };
	if (a.failed) {
		*out = (struct mtasts_policy){ .mode = MTASTS_MODE_UNSET };
		return MTASTS_NO_MEMORY;
	}
	out->valid = p.valid;
	out->strict = p.strict;
	return MTASTS_OK;
}

API const char *
mtasts_mode_name(enum mtasts_mode mode)
{
	return (unsigned)mode <= MTASTS_MODE_ENFORCE ? sts_mode_names[mode]
						     : "";
}

API const char *
mtasts_deviation_name(enum mtasts_deviation_kind kind)
{
	static const char *const names[] = {
#define DEVIATION(symbol, breaks, voids) #symbol,
#include "wire/sts_policy.def"
#undef DEVIATION
	};

	return (unsigned)kind < STS_DEVIATION_KINDS ? names[kind] : "";
}

API bool
mtasts_mx_pattern_is_valid(struct mtasts_span pattern)
{
	return mx_pattern_check(in(pattern)) == MX_PATTERN_OK;
}

API bool
mtasts_mx_match(struct mtasts_span pattern, struct mtasts_span host)
{
	return mx_match(in(pattern), in(host));
}

API bool
mtasts_policy_covers(
    const struct mtasts_policy *policy, struct mtasts_span host)
{
	for (size_t i = 0; i < policy->n_mx; i++)
		if (mx_match(in(policy->mx[i]), in(host)))
			return true;
	return false;
}

API bool
mtasts_cert_match(
    const struct mtasts_span *dns_names, size_t n, struct mtasts_span host)
{
	for (size_t i = 0; i < n; i++)
		if (cert_name_match(in(dns_names[i]), in(host)))
			return true;
	return false;
}

API enum mtasts_tlsa
mtasts_tlsa_check(
    uint8_t usage, uint8_t selector, uint8_t matching, size_t data_n)
{
	/* Only the length is looked at. */
	struct dns_tlsa t = { usage, selector, matching, { "", data_n } };

	return (enum mtasts_tlsa)tlsa_check(&t);
}

API void
mtasts_tlsrpt_parse(
    const struct mtasts_span *txt, size_t n, struct mtasts_tlsrpt *out)
{
	/* A list that grows to LIMIT_RUA by doubling: less than twice that. */
	_Alignas(
	    max_align_t) char mem[2 * LIMIT_RUA * sizeof(struct tlsrpt_rua)];
	struct tlsrpt_record r;
	struct rrset set;
	struct arena a;

	make_rrset(txt, n, &set);
	arena_init_fixed(&a, mem, sizeof mem);
	tlsrpt_rrset_parse(set.txt, set.n, &a, &r);
	*out = (struct mtasts_tlsrpt){ .result =
					   (enum mtasts_tlsrpt_result)r.verdict,
		.n_tlsrpt = r.n_tlsrpt,
		.bad_at = r.bad_at,
		.n_rua = r.n_rua,
		.n_usable = r.n_usable };
	for (size_t i = 0; i < r.n_rua; i++)
		out->rua[i] = (struct mtasts_rua){ out_span(r.rua[i].uri),
			r.rua[i].usable };
}

API enum mtasts_status
mtasts_smtp_parse(struct mtasts_span input, void *mem, size_t mem_n,
    enum mtasts_smtp_result *out_result, struct mtasts_smtp_reply *out)
{
	struct smtp_reply r;
	struct arena a;

	arena_init_fixed(&a, mem, mem_n);
	*out_result =
	    (enum mtasts_smtp_result)smtp_reply_parse(in(input), &a, &r);
	if (a.failed)
		return MTASTS_NO_MEMORY;
	if (*out_result == MTASTS_SMTP_DONE)
		*out = (struct mtasts_smtp_reply){ r.code, out_span(r.text),
			r.size };
	return MTASTS_OK;
}

API bool
mtasts_smtp_offers(struct mtasts_span ehlo_text, struct mtasts_span keyword)
{
	return smtp_ehlo_offers(in(ehlo_text), in(keyword));
}

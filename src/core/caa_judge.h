/* caa_judge.h - may this CA issue a certificate for this name? RFC 8659, with
 * the parameters of RFC 8657.
 *
 * CAs look themselves; we look before, since a CA that is not allowed counts
 * the attempt, and says less well what is wrong. */
#ifndef CORE_CAA_JUDGE_H
#define CORE_CAA_JUDGE_H

#include "wire/dns.h"

enum caa_verdict {
	CAA_ALLOWED,
	CAA_FORBIDDEN, /* the records that apply do not name the CA */
	CAA_ACCOUNT, /* they do, for another account (RFC 8657 3) */
	CAA_METHOD, /* they do, for other methods (RFC 8657 4) */
	CAA_UNREADABLE, /* a critical property that nobody knows (RFC 8659 4.1)
			 */
	CAA_UNKNOWN, /* DNS does not answer: nobody may issue then */
};

extern const char *const caa_verdict_names[];

struct caa_wish {
	const struct span *issuers; /* the names that the CA goes by */
	size_t n_issuers; /* 0: it tells none, and everything is allowed */
	struct span account; /* URL; "": none yet, which no accounturi allows */
	struct span method; /* "http-01" */
};

struct caa_finding {
	enum caa_verdict verdict;
	struct span at; /* whose records they are, or who does not answer */
};

/* RFC 8659 3: climb holds the answers for the name, its parent and so on up to
 * the top-level domain, in that order; the first with records applies. A CNAME
 * or DNAME has been followed by the resolver. The name is no wildcard. */
struct caa_finding
caa_judge(const struct dns_answer *climb, size_t n, const struct caa_wish *w);

#endif

/* domain_summary.h - for this folder: a row of `domain` as a struct domain, and
 * what of a summary only the store keeps, to sort by. */
#ifndef STORE_DOMAIN_SUMMARY_H
#define STORE_DOMAIN_SUMMARY_H

#include "store/domains.h"

/* What domain_read reads, in its order; `work` is joined. */
#define DOMAIN_COLUMNS                                                         \
	"domain.id, domain.name, added_at, note, paused, settings,"            \
	" deployment, eligibility, verdict, mode, max_age, stakes,"            \
	" work.checked_at, work.wanted_at,"                                    \
	" record, policy, tlsrpt, provider, next_step, next_check,"            \
	" addresses, good_addresses, mx, covered_mx,"                          \
	" mode_since, cached_until, policy_cert_until, mx_cert_until,"         \
	" changed_at"
enum { DOMAIN_COLUMNS_N = 29 };

struct domain
domain_read(const struct sql_value *row);

/* "None" of a column that begins with what comes soonest. */
#define DOMAIN_NEVER INT64_C(9999999999999)

int64_t
domain_moment(struct wall_time t);

/* The earlier end of its certificates, or DOMAIN_NEVER. */
int64_t
domain_cert_until(const struct domain_summary *summary);

/* 0 is the heaviest. */
int64_t
domain_weight(const struct domain_summary *summary);

#endif

/* portfolio_filter.h - for this folder: a filter of the portfolio in SQL.
 *
 * It has the parameters $1 to $10 of every statement that it is in. Every order
 * of the portfolio has an index that holds all that is asked here, so that to
 * skip a domain is no look into the table. */
#ifndef STORE_PORTFOLIO_FILTER_H
#define STORE_PORTFOLIO_FILTER_H

#include "store/portfolio.h"
#include "store/tagged.h"

enum { PORTFOLIO_TAG_ARG = 6, PORTFOLIO_FILTER_ARGS = 10 };

/* clang-format off */
#define PORTFOLIO_ENDS(column)                                                 \
	"(" column " >= $9 AND " column " < $10)"
/* The cheapest and most telling come first. NULL is any word; '' is what nobody
 * has looked at yet. */
#define PORTFOLIO_FILTER                                                       \
	" (verdict = $1 OR $1 IS NULL)"                                        \
	" AND (deployment = $2 OR $2 IS NULL)"                                 \
	" AND (eligibility = $3 OR $3 IS NULL)"                                \
	" AND ($8 < 0 OR paused = $8)"                                         \
	" AND ($4 = '' OR next_step = $4)"                                     \
	" AND ($5 = '' OR provider = $5)"                                      \
	" AND (CAST($10 AS {INT}) = 0 OR " PORTFOLIO_ENDS("policy_cert_until") \
	" OR " PORTFOLIO_ENDS("mx_cert_until") ")"                             \
	" AND ($6 = '' OR {FIND}(domain.name, $6) > 0)"
/* clang-format on */

/* One of two. A tag of few domains leads to them; what many have is looked for
 * on the way. */
#define PORTFOLIO_OF_TAG                                                       \
	" FROM domain_tag CROSS JOIN domain"                                   \
	" WHERE tag = $7 AND domain.id = domain_tag.domain"                    \
	" AND" PORTFOLIO_FILTER
#define PORTFOLIO_WITH_TAG " FROM domain WHERE" PORTFOLIO_FILTER TAGGED("$7")

enum err
portfolio_filter_is_rare(struct sql *sql, const struct portfolio_filter *f,
    bool *out, struct error *e) MUST_CHECK;

/* PORTFOLIO_FILTER_ARGS of them. */
void
portfolio_filter_put(const struct portfolio_filter *f, struct sql_value *args);

/* What a stranger asks for that can be no text of the store is not in it. */
bool
portfolio_filter_can_be(const struct portfolio_filter *f);

#endif

/* bulk_all.h - one thing done to all domains that match a filter: what is
 * asked, how many they are, and the deed. */
#ifndef WEB_BULK_ALL_H
#define WEB_BULK_ALL_H

#include "store/portfolio_do.h"
#include "web/call.h"

struct bulk_all {
	bool is_asked;
	struct span matching; /* the query, as it was asked */
	struct portfolio_filter filter;
	int64_t count; /* how many they are meant to be */
};

/* Of the body "all", "matching" and "count". Sticky, as input.h is. */
void
bulk_all_read(struct web_call *c, struct bulk_all *out);

/* Are they so many still, and no more than `most`? Not good: the call is
 * answered. */
enum err
bulk_all_confirm(struct web_call *c, const struct bulk_all *all, int64_t most,
    bool *good, struct error *e) MUST_CHECK;

/* A thousand a transaction; the first one writes the audit log, once for all.
 * tag: of the deeds that have one. If the store fails in between, the parts
 * before it are done; to do it again does no harm. */
enum err
bulk_all_do(struct web_call *c, const struct bulk_all *all, const char *word,
    enum portfolio_deed deed, struct span tag, int64_t *changed,
    struct error *e) MUST_CHECK;

#endif

/* audit.h - who did what through the dashboard or the API: of people and
 * programs that we know about the last LIMIT_AUDIT, of strangers the last
 * LIMIT_AUDIT_STRANGERS, so that these push nothing out but their own. Written
 * in the transaction of the deed. */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "store/store.h"

struct audit_entry {
	int64_t id;
	struct wall_time at;
	struct span who; /* account, or "token NAME"; "" : a stranger */
	struct span from; /* address */
	struct span what; /* "login", "login-failed", "domain-add", ... */
	struct span target; /* what it was done to */
};

enum err
audit_put(struct store *s, const struct audit_entry *entry,
    struct error *e) MUST_CHECK;

/* Newest first: those before `before` (0: the newest), max of them,
 * LIMIT_STORE_PAGE at most. */
enum err
audit_list(struct store *s, int64_t before, size_t max, struct arena *a,
    struct audit_entry **out, size_t *n, struct error *e) MUST_CHECK;

#endif

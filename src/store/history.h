/* history.h - what has happened to each domain: changes only, the last
 * LIMIT_HISTORY of them. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "store/store.h"

struct history_event {
	int64_t seq; /* from 1, of this domain */
	struct wall_time at;
	struct span kind; /* "mx-changed", "incident-opened", ... */
	struct span text; /* a sentence for people */
};

enum err
history_add(struct store *s, int64_t domain, struct wall_time at,
    struct span kind, struct span text, struct error *e) MUST_CHECK;

/* A page, newest first: events before `before` (0: the newest ones), max of
 * them, LIMIT_STORE_PAGE at most. */
enum err
history_list(struct store *s, int64_t domain, int64_t before, size_t max,
    struct arena *a, struct history_event **out, size_t *n,
    struct error *e) MUST_CHECK;

/* The same of all domains, newest first. */
struct activity_event {
	int64_t domain;
	struct span name;
	struct history_event event;
};

struct activity_filter {
	struct span kind, tag; /* "": whatever it is */
	/* Behind this one, the last of a page; all zero: from the newest. */
	struct wall_time at;
	int64_t domain, seq;
	size_t max; /* rows; LIMIT_STORE_PAGE at most */
};

enum err
activity_list(struct store *s, const struct activity_filter *filter,
    struct arena *a, struct activity_event **out, size_t *n,
    struct error *e) MUST_CHECK;

#endif

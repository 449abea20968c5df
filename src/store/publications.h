/* publications.h - the policies that we publish (core/published.h), and who
 * takes the next step with which.
 *
 * As in work.h a claim is a lease. What a step changes is written in one
 * transaction: publication_save first, and unless it was held, nothing else. It
 * holds the domain's row of `work` from then on, as a round does.
 * What edges are to serve changes with it, under a change number (served.h):
 * so an edge that has served up to a number has served every policy up to it.
 */
#ifndef STORE_PUBLICATIONS_H
#define STORE_PUBLICATIONS_H

#include "core/published.h"
#include "store/store.h"

/* The name of the service zone, that targets are under; set by the publish role
 * when it starts, so that whoever has the store knows it. Empty: never set. */
enum err
service_zone_set(struct store *s, struct span zone, struct error *e) MUST_CHECK;
enum err
service_zone_get(struct store *s, struct arena *a, struct span *out,
    struct error *e) MUST_CHECK;

enum publication_asked {
	PUBLICATION_NEW,
	PUBLICATION_CHANGED,
	PUBLICATION_SAME,
	PUBLICATION_NO_DOMAIN, /* it is not in the portfolio */
};

/* What the owner wants from `now` on; the publication is due then. label (16
 * octets of base32 by random) is used if it is a new one, or one that had
 * ENDED. SAME: but for the moments when it was said; nothing is written. */
enum err
publication_ask(struct store *s, struct span name,
    const struct publish_order *order, struct span label, struct wall_time now,
    enum publication_asked *out, struct error *e) MUST_CHECK;

/* The owner's word on one thing, which the next step reads; one that is under
 * way does not take it back. Due at `now`. Not found: nothing is published, or
 * what waits for approval is not exactly these hosts. */
enum err
publication_approve(struct store *s, struct span name, const struct span *hosts,
    size_t n, struct wall_time now, bool *found, struct error *e) MUST_CHECK;
enum err
publication_replace(struct store *s, struct span name, struct wall_time now,
    bool *found, struct error *e) MUST_CHECK;
/* A move to these hosts; none: it is called off. */
enum err
publication_move(struct store *s, struct span name, const struct span *hosts,
    size_t n, struct wall_time now, bool *found, struct error *e) MUST_CHECK;

/* All of it lives in the arena. target is "" if the zone was never set. */
enum err
publication_get(struct store *s, struct span name, struct arena *a,
    struct published *out, bool *found, struct error *e) MUST_CHECK;
enum err
publication_of(struct store *s, int64_t domain, struct arena *a,
    struct published *out, bool *found, struct error *e) MUST_CHECK;

struct publication_filter {
	const char *stage; /* NULL: all */
	struct span after;
	size_t max; /* rows; LIMIT_STORE_PAGE at most */
};

struct publication_row {
	struct span name, target;
	enum publication_stage stage;
	enum publication_change change;
	enum sts_mode mode; /* of the order */
	bool leave, lost;
	bool waits; /* other MX hosts, for approval */
	bool held; /* the MX records are none to follow */
	bool advised; /* nothing speaks against enforce */
	struct span gate_text, bar_text, problem;
};

/* In the order of names. */
enum err
publication_list(struct store *s, const struct publication_filter *filter,
    struct arena *a, struct publication_row **out, size_t *n,
    struct error *e) MUST_CHECK;

/* How many of each stage there are. */
enum { PUBLICATION_STAGES = PUBLICATION_ENDED + 1 };
enum err
publication_count(struct store *s, int64_t out[PUBLICATION_STAGES],
    struct error *e) MUST_CHECK;

/* ---- the publish role ---- */

struct publication_claim {
	int64_t domain, number; /* both make the claim */
	struct span name;
	bool woken; /* a sight, an edge, a certificate or the owner is new */
};

/* As work_claim. */
enum err
publication_claim(struct store *s, int64_t worker, struct wall_time now,
    struct wall_time until, size_t max, struct arena *a,
    struct publication_claim **out, size_t *n, struct error *e) MUST_CHECK;

/* What a step came to: `before` as it was loaded, `after` as it is now; written
 * is what differs. The order is its owner's, and is not written. A version or
 * an id that changed, and the end, take the next change number. Due again at
 * next (0: when it is woken), or at once if it was woken meanwhile. */
enum err
publication_save(struct store *s, int64_t worker,
    const struct publication_claim *claim, const struct published *before,
    const struct published *after, struct wall_time next, struct wall_time now,
    bool *held, struct error *e) MUST_CHECK;

/* Of the bodies (struct published) those that were last to be served before
 * then are forgotten; the current one stays. */
enum err
publication_forget(struct store *s, int64_t domain, struct wall_time before,
    struct error *e) MUST_CHECK;

/* Due at `now`: all whose change waits for the edges. */
enum err
publication_wake_waiting(
    struct store *s, struct wall_time now, struct error *e) MUST_CHECK;
enum err
publication_wake(struct store *s, int64_t domain, struct wall_time now,
    struct error *e) MUST_CHECK;

/* ---- what the monitor leaves ---- */

/* The text of core/publish_sight.h. wake: the publication is due at `now`;
 * otherwise it is read at the next step. Nothing happens for a domain that is
 * not published. */
enum err
publication_put_sight(struct store *s, int64_t domain, struct span text,
    struct wall_time at, bool wake, struct error *e) MUST_CHECK;
/* stepped: publication_save has been called since it was put. */
enum err
publication_get_sight(struct store *s, int64_t domain, struct arena *a,
    struct span *text, bool *stepped, bool *found, struct error *e) MUST_CHECK;

#endif

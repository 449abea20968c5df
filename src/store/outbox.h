/* outbox.h - what is to be told, and to whom: written in the transaction of its
 * cause, delivered at least once.
 *
 * Two kinds of rows. News says that something happened; nobody has decided yet
 * whom it concerns. A delivery is one piece of news for one channel:
 *
 *   outbox_put() -> news -> outbox_route() -> deliveries -> outbox_done()
 *                                              |     ^  `--> outbox_give_up()
 *                                              v     | outbox_retry()
 *
 * Rows are claimed for a time, like all work (work.h): who dies with one leaves
 * it to the next, who says it again under the same key. */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include "core/checks.h"
#include "store/store.h"

enum news_kind {
	NEWS_OPENED,
	NEWS_WORSENED,
	NEWS_RESOLVED,
	NEWS_REMINDER, /* still open, and nobody knows */
	NEWS_CHANGED, /* the domain's MX or policy changed: text says how */
	NEWS_ADVICE, /* may be done now: text says what */
	NEWS_DIGEST, /* all that is open, once a day */
	NEWS_TEST,
	NEWS_KINDS,
};

/* "opened", "worsened", ... */
extern const char *const news_kind_names[];

struct news {
	struct span key; /* the same thing twice has the same key */
	enum news_kind kind;
	enum severity severity;
	int64_t incident, domain; /* 0: none */
	struct span text; /* of CHANGED, ADVICE */
	struct wall_time
	    tell_at; /* not before; of a claimed row: its due time */
};

/* Part of the caller's transaction. A key that is there already changes
 * nothing. */
enum err
outbox_put(struct store *s, const struct news *news, struct wall_time now,
    struct error *e) MUST_CHECK;

/* Ask for a test of a channel: NEWS_TEST, that goes to it alone, past all that
 * it is set to leave out, and is tried once. One a second at most; another one
 * in the same second changes nothing. */
enum err
outbox_put_test(struct store *s, struct span channel, struct wall_time now,
    struct error *e) MUST_CHECK;

struct outbox_row {
	int64_t id, number; /* both make the claim */
	struct span channel; /* empty: news */
	struct news news;
	struct wall_time created_at;
	int64_t attempts; /* before this one */
};

/* Claim what is due at `now`: news (channel empty), or the deliveries of one
 * channel but for its tests; those that wait longest, max rows
 * (LIMIT_STORE_CLAIM at most). They stand in the order in which they were
 * written. */
enum err
outbox_claim(struct store *s, int64_t worker, struct span channel,
    struct wall_time now, struct wall_time until, size_t max, struct arena *a,
    struct outbox_row **out, size_t *n, struct error *e) MUST_CHECK;

/* The same of its tests, which wait for nothing else. */
enum err
outbox_claim_tests(struct store *s, int64_t worker, struct span channel,
    struct wall_time now, struct wall_time until, size_t max, struct arena *a,
    struct outbox_row **out, size_t *n, struct error *e) MUST_CHECK;

/* One channel that a piece of news is for, and not before when. */
struct outbox_target {
	struct span channel;
	struct wall_time tell_at;
};

/* The news becomes a delivery for each of the channels, and is done. Not held:
 * the claim is another's by now; nothing was changed. So for all below. */
enum err
outbox_route(struct store *s, int64_t worker, const struct outbox_row *news,
    const struct outbox_target *targets, size_t n, struct wall_time now,
    bool *held, struct error *e) MUST_CHECK;

enum err
outbox_done(struct store *s, int64_t worker, const struct outbox_row *row,
    struct wall_time now, bool *held, struct error *e) MUST_CHECK;

/* Try again then; `error` says why: printable, cut to LIMIT_OUTBOX_ERROR
 * bytes. */
enum err
outbox_retry(struct store *s, int64_t worker, const struct outbox_row *row,
    struct span error, struct wall_time next, bool *held,
    struct error *e) MUST_CHECK;

enum err
outbox_give_up(struct store *s, int64_t worker, const struct outbox_row *row,
    struct span error, bool *held, struct error *e) MUST_CHECK;

/* What a channel knows of an incident: OPENED, WORSENED or REMINDER, whichever
 * was last. */
struct outbox_told {
	bool was_told; /* one of them was delivered, */
	struct wall_time at; /* the last one then */
	bool waits; /* one of them is still to be delivered */
};

enum err
outbox_told(struct store *s, struct span channel, int64_t incident,
    struct outbox_told *out, struct error *e) MUST_CHECK;

/* Open incidents that nobody has acknowledged, opened before `opened_before`,
 * without a REMINDER since `reminded_before`: put one for each, of at least
 * that severity. *n is how many. */
enum err
outbox_remind(struct store *s, enum severity severity,
    struct wall_time opened_before, struct wall_time reminded_before,
    struct wall_time now, size_t *n, struct error *e) MUST_CHECK;

/* Deliveries that were put before then are given up, whoever should have taken
 * them: their channel may be configured nowhere any more. */
enum err
outbox_expire(struct store *s, struct wall_time before, struct wall_time now,
    struct error *e) MUST_CHECK;

/* Rows that were done or given up before then are forgotten, and with them that
 * their keys were there. Given up counts as of the end of the claim. */
enum err
outbox_forget(
    struct store *s, struct wall_time before, struct error *e) MUST_CHECK;

struct outbox_health {
	int64_t waiting; /* deliveries of the channel, 10,000 at most */
	struct wall_time oldest; /* of them, if there are */
	int64_t attempts; /* the most that one of them has had */
	struct span error; /* and what it ended in */
};

enum err
outbox_health(struct store *s, struct span channel, struct arena *a,
    struct outbox_health *out, struct error *e) MUST_CHECK;

enum outbox_test_state {
	OUTBOX_TEST_WAITING,
	OUTBOX_TEST_DELIVERED,
	OUTBOX_TEST_FAILED,
};

/* "waiting", "delivered", "failed" */
extern const char *const outbox_test_state_names[];

struct outbox_test {
	enum outbox_test_state state;
	struct wall_time asked_at;
	struct span error; /* if it failed: why, printable */
};

/* The last test of the channel (outbox_put_test); *found is false where there
 * was none within the time after which outbox_forget() is asked to forget. */
enum err
outbox_last_test(struct store *s, struct span channel, struct arena *a,
    struct outbox_test *out, bool *found, struct error *e) MUST_CHECK;

#endif

/* notify.h - what the parts of the notify role share; for roles/notify*.c and
 * for nobody else.
 *
 *   main thread:        news -> whom it is for -> deliveries; chores
 *   a thread a channel: deliveries -> what is still to be told -> words ->
 *                       the channel -> done, or later, or given up; tests of
 *                       it, past all of that
 *
 * Each thread has its own connection to the store, so that a receiver that
 * hangs holds up nobody else. All that a pass does rests on the store alone:
 * whoever dies in the middle of one leaves claims, which lapse. What was
 * delivered and not written down is delivered again under the same id. */
#ifndef ROLES_NOTIFY_H
#define ROLES_NOTIFY_H

#include "roles/channel.h"
#include "roles/log.h"
#include "roles/routing.h"
#include "store/outbox.h"

enum {
	NOTIFY_LEASE_S = 180,
	/* A channel takes along what is due so soon. Another process does so
	 * too, and must not take what is being told: so the work on a lot ends
	 * that much before its lease. */
	NOTIFY_AHEAD_S = 60,
};

/* ---- what a row is about, as it is now ---- */

/* Memory from a. gone: its incident or its domain is not there any more, and
 * *out has nothing of it. */
enum err
notify_about(struct store *s, const struct outbox_row *row, struct arena *a,
    struct message_news *out, bool *gone, struct error *e) MUST_CHECK;

/* The digest of a channel: what is open and what has ended within a day, of its
 * severity and its tags. */
enum err
notify_digest(struct store *s, const struct channel_config *c,
    const struct outbox_row *row, struct wall_time now, struct arena *a,
    struct message_digest *out, struct error *e) MUST_CHECK;

/* ---- news to deliveries ---- */

struct notify_routing {
	struct store *store;
	int64_t worker;
	const struct config *config;
	const struct clock *clock;
};

/* All that is due, and what belongs to it; *n is how many. */
enum err
notify_route(struct notify_routing *w, size_t *n, struct error *e) MUST_CHECK;

/* ---- deliveries of one channel ---- */

struct notify_channel {
	struct store *store;
	int64_t worker;
	struct log *log; /* NULL: none */
	const struct channel *channel;
	/* channel_deliver, but for tests. */
	void (*deliver)(const struct channel *c, const struct message *m,
	    struct arena *a, struct delivered *out);

	int64_t failures; /* in a row */
	struct wall_time failing_since; /* if there are */
	struct wall_time quiet_until; /* nothing is tried before */
	struct routing_flow flow;
	bool is_raised; /* as an incident */
	bool was_well; /* it has delivered, so nothing is left to clear */
};

static inline struct span
notify_name(const struct notify_channel *w)
{
	return span_str(w->channel->own->name);
}

static inline struct wall_time
notify_now(const struct notify_channel *w)
{
	return clock_wall(w->channel->clock);
}

/* Tell what is due. */
enum err
notify_tell(struct notify_channel *w, struct error *e) MUST_CHECK;

/* One test of the channel that somebody has asked for (outbox_put_test), though
 * nothing else be tried now. */
enum err
notify_try(struct notify_channel *w, struct error *e) MUST_CHECK;

/* ---- how the channel does ---- */

/* For the log: what came of that message. */
void
notify_say(struct notify_channel *w, enum log_event event,
    const struct message *m, const char *reason);

/* An attempt failed. What fails for long is an incident of its own. */
enum err
notify_fails(struct notify_channel *w, const struct message *m,
    const char *reason, struct error *e) MUST_CHECK;

/* One did not, and that is over. */
enum err
notify_works(struct notify_channel *w, const struct message *m,
    struct error *e) MUST_CHECK;

/* ---- what has its time ---- */

struct notify_chores {
	struct store *store;
	const struct config *config;
	const struct clock *clock;
	struct wall_time hour_at; /* when that was done which is done hourly */
};

/* Once a minute or so: reminders, digests, the dead man's question; and once an
 * hour the portfolio is counted, and what is old is forgotten. */
enum err
notify_do_chores(struct notify_chores *w, struct error *e) MUST_CHECK;

#endif

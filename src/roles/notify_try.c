/* Tests of a channel that somebody has asked for: told at once, past all that
 * waits or holds it back, and once. Who asked wants to know whether it arrives
 * now. */
#include "base/limits.h"
#include "roles/notify.h"

static enum err
conclude(struct notify_channel *w, const struct outbox_row *row,
    const struct message *m, const struct delivered *d, struct error *e)
{
	bool held; /* else another says what came of it */
	enum err err;

	if (d->delivery != DELIVERY_DELIVERED) {
		notify_say(w, LOG_GAVE_UP, m, d->reason);
		/* Not counted among its failures: how often somebody asks says
		 * nothing of the channel. */
		return outbox_give_up(
		    w->store, w->worker, row, span_str(d->reason), &held, e);
	}
	notify_say(w, LOG_TOLD, m, d->reason);
	err = outbox_done(w->store, w->worker, row, notify_now(w), &held, e);
	if (w->failures > 0) /* and nothing was tried because of them */
		w->quiet_until.s = 0;
	return err == ERR_OK ? notify_works(w, m, e) : err;
}

static enum err
try(struct notify_channel *w, const struct outbox_row *row, struct arena *a,
    struct error *e)
{
	struct message_env env = { notify_now(w), w->channel->config->link };
	struct stop *stop = w->channel->stop;
	struct message_news news;
	struct delivered d;
	struct message m;
	bool gone;
	enum err err = notify_about(w->store, row, a, &news, &gone, e);

	if (err == ERR_OK && message_of_news(&news, &env, a, &m) != ERR_OK)
		err = error_set(e, ERR_MEMORY, "a message");
	if (err != ERR_OK)
		return err;
	w->deliver(w->channel, &m, a, &d);
	if (d.delivery == DELIVERY_TRY_LATER && stop != NULL &&
	    stop_is_pulled(stop))
		return ERR_OK; /* cut off by us: the claim is given back */
	return conclude(w, row, &m, &d, e);
}

enum err
notify_try(struct notify_channel *w, struct error *e)
{
	struct wall_time now = notify_now(w);
	struct outbox_row *row;
	struct arena a;
	size_t n;
	enum err err;

	arena_init(&a, LIMIT_MESSAGE_MEMORY);
	err = outbox_claim_tests(w->store, w->worker, notify_name(w), now,
	    (struct wall_time){ now.s + NOTIFY_LEASE_S }, 1, &a, &row, &n, e);
	if (err == ERR_OK && n > 0)
		err = try(w, row, &a, e);
	arena_release(&a);
	return err;
}

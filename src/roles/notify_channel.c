/* Deliveries of one channel become messages, and are delivered. */
#include <stdlib.h>

#include "base/limits.h"
#include "roles/notify.h"

/* Deliveries that were claimed together, in the order of what happened. */
struct lot {
	struct notify_channel *w;
	struct wall_time now; /* when they were claimed */
	struct arena a;
	const struct outbox_row **rows;
	struct message_news *news; /* of each row */
	size_t n;
};

static const struct config *
config_of(const struct notify_channel *w)
{
	return w->channel->config;
}

/* ---- claim ---- */

static enum err
claim_rows(struct lot *l, int64_t ahead_s, size_t max, struct outbox_row **rows,
    size_t *n, struct error *e)
{
	return outbox_claim(l->w->store, l->w->worker, notify_name(l->w),
	    (struct wall_time){ l->now.s + ahead_s },
	    (struct wall_time){ l->now.s + NOTIFY_LEASE_S }, max, &l->a, rows,
	    n, e);
}

static int
by_id(const void *va, const void *vb)
{
	const struct outbox_row *const *a = va, *const *b = vb;

	return ((*a)->id > (*b)->id) - ((*a)->id < (*b)->id);
}

/* What is due, and then what is due within the minute. */
static enum err
claim_lot(struct lot *l, struct error *e)
{
	int64_t ahead_s = routing_ahead_s(config_of(l->w), false);
	struct outbox_row *due, *ahead = NULL;
	size_t n_due = 0, n_ahead = 0, max = LIMIT_STORE_CLAIM;
	enum err err = claim_rows(l, 0, max, &due, &n_due, e);

	if (err != ERR_OK || n_due == 0)
		return err;
	if (ahead_s > NOTIFY_AHEAD_S)
		ahead_s = NOTIFY_AHEAD_S;
	if (n_due < max)
		err = claim_rows(l, ahead_s, max - n_due, &ahead, &n_ahead, e);
	if (err != ERR_OK)
		return err;
	l->rows = arena_array(&l->a, n_due + n_ahead, sizeof *l->rows);
	l->news = arena_array(&l->a, n_due + n_ahead, sizeof *l->news);
	if (l->rows == NULL || l->news == NULL)
		return error_set(e, ERR_MEMORY, "a lot of deliveries");
	for (size_t i = 0; i < n_due; i++)
		l->rows[l->n++] = &due[i];
	for (size_t i = 0; i < n_ahead; i++)
		l->rows[l->n++] = &ahead[i];
	qsort(l->rows, l->n, sizeof *l->rows, by_id);
	return ERR_OK;
}

/* ---- sift ---- */

/* What stands before it in the lot says the same. */
static void
look_back(
    const struct lot *l, size_t kept, int64_t incident, struct routing_state *s)
{
	for (size_t i = 0; incident != 0 && i < kept; i++) {
		if (l->rows[i]->news.incident != incident)
			continue;
		s->after_opened |= l->rows[i]->news.kind == NEWS_OPENED;
		s->after_worsened |= l->rows[i]->news.kind == NEWS_WORSENED;
	}
}

/* Whoever ends a claim says so, and that is an attempt; who dies does not. */
static bool
is_uncertain(const struct outbox_row *row)
{
	return row->number - 1 > row->attempts;
}

static enum err
find_fate(struct lot *l, size_t kept, const struct outbox_row *row,
    struct message_news *news, enum routing_fate *out, struct error *e)
{
	struct routing_state s = { .is_uncertain = is_uncertain(row) };
	enum err err =
	    notify_about(l->w->store, row, &l->a, news, &s.is_gone, e);

	if (err == ERR_OK && news->incident != NULL) {
		s.is_resolved = news->incident->is_resolved;
		s.is_acknowledged = news->incident->is_acknowledged;
		err = outbox_told(l->w->store, notify_name(l->w),
		    news->incident->id, &s.told, e);
	}
	look_back(l, kept, row->news.incident, &s);
	*out = routing_fate(row->news.kind, &s);
	return err;
}

static enum err
put_off(struct lot *l, const struct outbox_row *row, const char *why,
    struct wall_time next, struct error *e)
{
	bool held; /* else another has it, and says when */

	return outbox_retry(
	    l->w->store, l->w->worker, row, span_str(why), next, &held, e);
}

static enum err
give_up(struct lot *l, const struct outbox_row *row, const char *why,
    struct error *e)
{
	bool held;

	return outbox_give_up(
	    l->w->store, l->w->worker, row, span_str(why), &held, e);
}

/* Leave in the lot what is still to be told, with what it is about. */
static enum err
sift(struct lot *l, struct error *e)
{
	size_t kept = 0;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < l->n; i++) {
		const struct outbox_row *row = l->rows[i];
		enum routing_fate fate = FATE_TELL;

		err = find_fate(l, kept, row, &l->news[kept], &fate, e);
		if (err != ERR_OK)
			break;
		switch (fate) {
		case FATE_TELL:
			l->rows[kept++] = row;
			break;
		case FATE_DROP:
			err = give_up(
			    l, row, "overtaken by what happened since", e);
			break;
		case FATE_WAIT:
			err = put_off(l, row, "the opening is being told",
			    (struct wall_time){ l->now.s + NOTIFY_AHEAD_S }, e);
			break;
		}
	}
	l->n = kept;
	return err;
}

/* ---- what came of an attempt ---- */

static enum err
conclude_delivered(struct lot *l, size_t from, size_t n,
    const struct message *m, const struct delivered *d, struct error *e)
{
	struct notify_channel *w = l->w;
	enum err err = ERR_OK;
	bool held;

	notify_say(w, LOG_TOLD, m, d->reason);
	for (size_t i = from; err == ERR_OK && i < from + n; i++)
		err = outbox_done(
		    w->store, w->worker, l->rows[i], notify_now(w), &held, e);
	if (routing_flow_add(config_of(w), &w->flow, 1, notify_now(w)))
		w->quiet_until.s =
		    notify_now(w).s + routing_ahead_s(config_of(w), false);
	return err == ERR_OK ? notify_works(w, m, e) : err;
}

static enum err
conclude_refused(struct lot *l, size_t from, size_t n, const struct message *m,
    const struct delivered *d, struct error *e)
{
	enum err err = ERR_OK;

	notify_say(l->w, LOG_GAVE_UP, m, d->reason);
	for (size_t i = from; err == ERR_OK && i < from + n; i++)
		err = give_up(l, l->rows[i], d->reason, e);
	return err == ERR_OK ? notify_fails(l->w, m, d->reason, e) : err;
}

/* Two in a row are the channel's: the rest of the lot, which would fare no
 * better, waits with them, and nothing is tried before then. */
static enum err
conclude_later(struct lot *l, size_t from, size_t n, const struct message *m,
    const struct delivered *d, struct error *e)
{
	struct notify_channel *w = l->w;
	struct wall_time now = notify_now(w), next;
	int64_t attempts = l->rows[from]->attempts + 1;
	enum err err;

	notify_say(w, LOG_TELL_FAILED, m, d->reason);
	err = notify_fails(w, m, d->reason, e);
	if (attempts < w->failures)
		attempts = w->failures;
	next.s = now.s + routing_back_off_s(attempts, d->retry_after_s);
	if (w->failures >= 2 || d->retry_after_s > 0) {
		w->quiet_until = next;
		n = l->n - from;
	}
	for (size_t i = from; err == ERR_OK && i < from + n; i++) {
		bool over =
		    routing_gives_up(config_of(w), l->rows[i]->created_at, now);

		if (over)
			notify_say(w, LOG_GAVE_UP, m, d->reason);
		err = over ? give_up(l, l->rows[i], d->reason, e)
			   : put_off(l, l->rows[i], d->reason, next, e);
	}
	return err;
}

/* *go_on: the lot may be gone on with. */
static enum err
deliver(struct lot *l, size_t from, size_t n, const struct message *m,
    struct arena *a, bool *go_on, struct error *e)
{
	struct stop *stop = l->w->channel->stop;
	struct delivered d;
	enum err err;

	l->w->deliver(l->w->channel, m, a, &d);
	switch (d.delivery) {
	case DELIVERY_DELIVERED:
		return conclude_delivered(l, from, n, m, &d, e);
	case DELIVERY_REFUSED:
		return conclude_refused(l, from, n, m, &d, e);
	case DELIVERY_TRY_LATER:
		break;
	}
	*go_on = false;
	if (stop != NULL && stop_is_pulled(stop))
		return ERR_OK; /* cut off by us: the claim is given back */
	err = conclude_later(l, from, n, m, &d, e);
	*go_on = notify_now(l->w).s >= l->w->quiet_until.s;
	return err;
}

/* ---- tell ---- */

static enum err
write_one(struct lot *l, size_t i, struct arena *a, struct message *m,
    struct error *e)
{
	struct notify_channel *w = l->w;
	struct message_env env = { notify_now(w), config_of(w)->link };
	struct message_digest digest;
	enum err err = ERR_OK;

	if (l->rows[i]->news.kind != NEWS_DIGEST) {
		err = message_of_news(&l->news[i], &env, a, m);
	} else {
		err = notify_digest(w->store, w->channel->own, l->rows[i],
		    env.now, a, &digest, e);
		if (err == ERR_OK)
			err = message_of_digest(&digest, &env, a, m);
	}
	return err == ERR_MEMORY ? error_set(e, err, "a message") : err;
}

/* Is there time for another attempt before others may take the lot? */
static bool
has_time(const struct lot *l)
{
	int64_t limit_s = channel_limit_ms(l->w->channel->own->type) / 1000;

	return notify_now(l->w).s + limit_s <=
	       l->now.s + NOTIFY_LEASE_S - NOTIFY_AHEAD_S;
}

/* Those from `from` on, one by one; what there is no time for comes back when
 * the lease ends. */
static enum err
tell_each(struct lot *l, size_t from, struct error *e)
{
	enum err err = ERR_OK;
	bool go_on = true;

	for (size_t i = from; err == ERR_OK && go_on && i < l->n && has_time(l);
	     i++) {
		struct message m;
		struct arena a;

		arena_init(&a, LIMIT_MESSAGE_MEMORY);
		err = write_one(l, i, &a, &m, e);
		if (err == ERR_OK)
			err = deliver(l, i, 1, &m, &a, &go_on, e);
		arena_release(&a);
	}
	return err;
}

/* The first n as one. */
static enum err
tell_many(struct lot *l, size_t n, bool *go_on, struct error *e)
{
	struct notify_channel *w = l->w;
	struct message_env env = { notify_now(w), config_of(w)->link };
	struct message m;
	struct arena a;
	enum err err;

	arena_init(&a, LIMIT_MESSAGE_MEMORY);
	err = message_of_many(l->news, n, &env, &a, &m);
	if (err == ERR_OK)
		err = deliver(l, 0, n, &m, &a, go_on, e);
	else
		err = error_set(e, err, "a summary");
	arena_release(&a);
	return err;
}

/* What may be part of a summary comes first; the order stays. Returns how many
 * those are. */
static size_t
sum_first(struct lot *l)
{
	const struct outbox_row *row;
	struct message_news news;
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (!routing_may_be_summed(l->rows[i]->news.kind))
			continue;
		row = l->rows[i];
		news = l->news[i];
		memmove(
		    l->rows + n + 1, l->rows + n, (i - n) * sizeof *l->rows);
		memmove(
		    l->news + n + 1, l->news + n, (i - n) * sizeof *l->news);
		l->rows[n] = row;
		l->news[n++] = news;
	}
	return n;
}

static enum err
tell_lot(struct lot *l, struct error *e)
{
	struct notify_channel *w = l->w;
	size_t n = sum_first(l);
	bool go_on = true;
	enum err err;

	if (!routing_is_burst(config_of(w), &w->flow, n, l->now))
		return tell_each(l, 0, e);
	err = tell_many(l, n, &go_on, e);
	return err == ERR_OK && go_on ? tell_each(l, n, e) : err;
}

enum err
notify_tell(struct notify_channel *w, struct error *e)
{
	struct lot l = { .w = w, .now = notify_now(w) };
	enum err err;

	if (l.now.s < w->quiet_until.s)
		return ERR_OK;
	arena_init(&l.a, LIMIT_MESSAGE_MEMORY);
	err = claim_lot(&l, e);
	if (err == ERR_OK && l.n > 0)
		err = sift(&l, e);
	if (err == ERR_OK && l.n > 0)
		err = tell_lot(&l, e);
	arena_release(&l.a);
	return err;
}

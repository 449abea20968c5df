/* The notify role: its threads and what they share. */
#include "roles/notify.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "io/get.h"
#include "roles/line.h"

enum {
	POLL_MS = 5 * 1000, /* how often one asks for what is due */
	CHORES_MS = 60 * 1000,
	STACK = 512 * 1024,
};

struct notify {
	const struct role_env *env;
	struct line line;
	atomic_llong worker; /* its number is another after it was removed */
	struct stop cut; /* ends deliveries that take too long at the end */
	struct mono_time chores_at;
	struct notify_chores chores;
	struct post {
		struct notify *n;
		struct line line;
		struct channel channel;
		struct notify_channel work;
		pthread_t thread;
		bool runs;
	} * posts;
	size_t n_posts;
};

/* ---- a channel ---- */

static enum err
tell(struct notify_channel *w, struct error *e)
{
	enum err err = notify_try(w, e);

	return err == ERR_OK ? notify_tell(w, e) : err;
}

static void *
run_post(void *arg)
{
	struct post *p = arg;
	struct error e;

	while (!stop_is_pulled(p->line.env->stop)) {
		if (line_is_up(&p->line)) {
			p->work.store = p->line.store;
			p->work.worker = atomic_load(&p->n->worker);
			if (tell(&p->work, &e) == ERR_OK)
				line_worked(&p->line);
			else
				line_failed(&p->line, &e);
		}
		line_pause(&p->line, POLL_MS);
	}
	line_close(&p->line);
	return NULL;
}

static enum err
start_post(struct notify *n, struct post *p, const struct channel_config *own,
    struct error *e)
{
	const struct role_env *env = n->env;
	pthread_attr_t attr;
	enum err err =
	    channel_init(&p->channel, env->config, own, env->clock, &n->cut, e);

	if (err != ERR_OK)
		return err;
	p->n = n;
	p->line.env = env;
	p->work = (struct notify_channel){ .log = env->log,
		.channel = &p->channel,
		.deliver = channel_deliver };
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	p->runs = pthread_create(&p->thread, &attr, run_post, p) == 0;
	pthread_attr_destroy(&attr);
	return p->runs ? ERR_OK
		       : error_set(e, ERR_SYSTEM, "no thread for channel %s",
			     own->name);
}

static enum err
start_posts(struct notify *n, struct error *e)
{
	const struct config *c = n->env->config;
	enum err err = ERR_OK;

	n->posts = calloc(c->n_channels + 1, sizeof *n->posts);
	if (n->posts == NULL)
		return error_set(e, ERR_MEMORY, "channels");
	for (; err == ERR_OK && n->n_posts < c->n_channels; n->n_posts++)
		err = start_post(
		    n, &n->posts[n->n_posts], &c->channels[n->n_posts], e);
	return err;
}

/* What is being delivered may end in most of the time that the supervisor gives
 * us; then it is cut off, and said again by whoever comes next. */
static void
end_posts(struct notify *n)
{
	struct timespec end = { .tv_sec =
				    clock_wall(&clock_system).s +
				    (int64_t)n->env->config->drain_s * 3 / 4 };

	for (size_t i = 0; i < n->n_posts; i++) {
		struct post *p = &n->posts[i];

		if (!p->runs)
			continue;
		if (pthread_timedjoin_np(p->thread, NULL, &end) != 0) {
			stop_pull(&n->cut);
			pthread_join(p->thread, NULL);
		}
	}
	for (size_t i = 0; i < n->n_posts; i++)
		channel_release(&n->posts[i].channel);
	free(n->posts);
}

/* ---- the main thread ---- */

static enum err
beat(struct notify *n, struct error *e)
{
	int64_t worker = atomic_load(&n->worker);
	enum err err = line_beat(&n->line, "notify", &worker, e);

	atomic_store(&n->worker, worker);
	return err;
}

static enum err
turn(struct notify *n, struct error *e)
{
	struct mono_time now = clock_mono(n->env->clock);
	struct notify_routing routing = { .store = n->line.store,
		.worker = atomic_load(&n->worker),
		.config = n->env->config,
		.clock = n->env->clock };
	size_t routed;
	enum err err = ERR_OK;

	if (mono_ms_until(now, n->chores_at) <= 0) {
		n->chores_at = mono_after_ms(now, CHORES_MS);
		n->chores.store = n->line.store;
		err = beat(n, e);
		if (err == ERR_OK)
			err = notify_do_chores(&n->chores, e);
	}
	return err == ERR_OK ? notify_route(&routing, &routed, e) : err;
}

static void
run(struct notify *n)
{
	struct error e;

	while (!stop_is_pulled(n->env->stop)) {
		if (line_is_up(&n->line)) {
			if (turn(n, &e) == ERR_OK)
				line_worked(&n->line);
			else
				line_failed(&n->line, &e);
		}
		line_pause(&n->line, POLL_MS);
	}
}

/* The worker's number must be there before the first claim. */
static enum err
set_up(struct notify *n, struct error *e)
{
	enum err err = get_global_init();

	if (err == ERR_OK)
		err = stop_init(&n->cut);
	if (err != ERR_OK)
		return error_plain(e, err);
	err = store_open(n->env->config->store, STORE_USE,
	    clock_wall(n->env->clock), &n->line.store, e);
	if (err == ERR_OK)
		err = beat(n, e);
	return err == ERR_OK ? start_posts(n, e) : err;
}

static void
tear_down(struct notify *n)
{
	end_posts(n);
	line_leave(&n->line, atomic_load(&n->worker));
	stop_release(&n->cut);
}

int
role_notify(const struct role_env *env)
{
	struct notify n = { .env = env,
		.line.env = env,
		.cut.fd = -1,
		.chores_at = clock_mono(env->clock),
		.chores = { .config = env->config, .clock = env->clock } };
	struct error e;
	enum err err = set_up(&n, &e);

	if (err == ERR_OK) {
		run(&n);
	} else {
		log_say(env->log, LOG_CANNOT_START, log_error(&e));
		stop_pull(env->stop);
	}
	tear_down(&n);
	return err_exit_status(err);
}

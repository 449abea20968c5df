/* The edge role: the thread that serves the zone. */
#include <event2/event.h>

#include "roles/edge.h"

enum {
	/* What connections may still ask when no new ones are taken. */
	LAST_WORDS_S = 1,
	CONSTANTS_MEMORY = 256 * 1024,
};

/* ---- the zone ---- */

static enum err
make_zone(struct edge_dns *d, struct error *e)
{
	struct dns_zone_config config;
	struct arena a;
	enum err rc;

	arena_init(&a, CONSTANTS_MEMORY);
	rc = edge_zone_config(d->env->config, &a, &config, e);
	if (rc == ERR_OK) {
		config.serial = edge_serial(0);
		config.source = edge_dns_source(&d->source);
		rc = dns_zone_new(&config, d->env->randomness, &d->zone, e);
	}
	arena_release(&a);
	return rc;
}

/* ---- secondaries ---- */

static enum err
set_secondaries(struct edge_dns *d, struct error *e)
{
	const struct config *c = d->env->config;
	enum err rc = ERR_OK;
	size_t n;

	if (c->secondaries.n > LIMIT_DNS_SECONDARIES)
		return error_set(e, ERR_LIMIT, "too many secondaries");
	if (c->secondary_key != NULL)
		rc = tsig_key_read(c->secondary_key, &d->key, e);
	for (size_t i = 0; rc == ERR_OK && i < c->secondaries.n; i++) {
		d->secondaries[i].key =
		    c->secondary_key != NULL ? &d->key : NULL;
		rc = endpoint_find(span_str(c->secondaries.items[i]), 53,
		    &d->secondaries[i].at, 1, &n, e);
	}
	return rc;
}

static void
told(void *arg, const struct dns_secondary *to, uint32_t serial,
    enum dns_notified result)
{
	const struct edge_dns *d = arg;
	char at[64];

	if (result == DNS_NOTIFIED)
		return;
	snprintf(
	    at, sizeof at, "%s@%u", ip_format(to->at.address).s, to->at.port);
	log_say(d->env->log, LOG_SECONDARY_FAILS,
	    log_text("secondary", span_str(at)), log_int("serial", serial),
	    log_text("error", result == DNS_NOTIFY_REFUSED
				  ? SPAN("it refuses NOTIFY")
				  : SPAN("it does not answer NOTIFY")));
}

/* ---- the server ---- */

/* New clients find another edge; those that are connected may end. */
static void
on_stop(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval end = { .tv_sec = LAST_WORDS_S };
	struct edge_dns *d = arg;

	(void)fd;
	(void)what;
	dns_server_leave(d->server);
	(void)event_base_loopexit(d->base, &end);
}

static enum err
make_server(struct edge_dns *d, struct error *e)
{
	const struct role_env *env = d->env;
	const struct dns_server_config config = { .base = d->base,
		.clock = env->clock,
		.randomness = env->randomness,
		.zone = d->zone,
		.listen = env->sockets->dns_at,
		.sockets = env->sockets->dns,
		.n_listen = env->sockets->n_dns,
		.secondaries = d->secondaries,
		.n_secondaries = env->config->secondaries.n,
		.notifies = env->instance == 0,
		.told = told,
		.told_arg = d,
		.rate = (uint32_t)env->config->dns_rate };

	return dns_server_new(&config, &d->server, e);
}

enum err
edge_dns_init(struct edge_dns *d, const struct role_env *env,
    const struct edge_pulse *pulse, struct error *e)
{
	enum err rc;

	*d = (struct edge_dns){ .env = env, .base = event_base_new() };
	rc = edge_source_init(&d->source, env, pulse, e);
	if (rc == ERR_OK && d->base != NULL)
		d->stop =
		    event_new(d->base, env->stop->fd, EV_READ, on_stop, d);
	if (rc == ERR_OK && (d->stop == NULL || event_add(d->stop, NULL) != 0))
		rc = error_set(e, ERR_LIBRARY, "libevent");
	if (rc == ERR_OK)
		rc = make_zone(d, e);
	if (rc == ERR_OK)
		rc = set_secondaries(d, e);
	return rc == ERR_OK ? make_server(d, e) : rc;
}

static void *
run(void *arg)
{
	struct edge_dns *d = arg;
	struct error e;
	enum err rc = ERR_OK;

	if (event_base_dispatch(d->base) < 0)
		rc = error_set(&e, ERR_LIBRARY, "libevent");
	edge_thread_ends(d->threads, d->env, rc, &e);
	return NULL;
}

enum err
edge_dns_start(
    struct edge_dns *d, struct edge_threads *threads, struct error *e)
{
	d->threads = threads;
	atomic_fetch_add(&threads->running, 1);
	d->runs = pthread_create(&d->thread, NULL, run, d) == 0;
	if (d->runs)
		return ERR_OK;
	atomic_fetch_sub(&threads->running, 1);
	return error_set(e, ERR_SYSTEM, "cannot start a thread");
}

void
edge_dns_release(struct edge_dns *d)
{
	if (d->env == NULL)
		return;
	if (d->runs)
		pthread_join(d->thread, NULL);
	dns_server_free(d->server);
	if (d->stop != NULL)
		event_free(d->stop);
	if (d->base != NULL)
		event_base_free(d->base);
	dns_zone_free(d->zone);
	tsig_key_wipe(&d->key);
	edge_source_release(&d->source);
}

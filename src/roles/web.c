/* The web role: the dashboard and the API over HTTP. */
#include "web/web.h"

#include <stdio.h>

#include "io/bearer.h"
#include "roles/line.h"
#include "roles/sockets.h"
#include "store/accounts.h"

enum {
	FIRST_LINK_S = 24 * 3600,
	/* As the notify role tells that nothing is looked at any more. */
	STALE_INTERVALS = 2,
};

struct dashboard {
	const struct role_env *env;
	struct line line;
	bool asked; /* whether anybody can log in */
	struct arena a; /* of the configuration */
	struct web_config config;
	struct web *web;
	struct tls *tls;
	struct http_server *server;
};

/* ---- the first login ---- */

struct first_link {
	const struct role_env *env;
	struct bearer link;
	bool is_needed;
};

/* Several processes may ask; one of them makes the link. */
static enum err
make_link(struct store *s, void *arg, struct error *e)
{
	struct first_link *f = arg;
	struct wall_time now = clock_wall(f->env->clock);
	struct wall_time until = { now.s + FIRST_LINK_S };
	bool is_there;
	enum err rc = accounts_are_there(s, &is_there, e);

	f->is_needed = rc == ERR_OK && !is_there;
	return f->is_needed ? link_put(s, f->link.hash, SPAN(""),
				  SCOPE_ADMINISTER, now, until, e)
			    : rc;
}

/* To whom started the daemon: on his terminal, and in the log. */
static void
say_link(const struct role_env *env, const struct bearer *link)
{
	char text[512];

	snprintf(text, sizeof text, "%s/welcome?token=%s",
	    env->config->web_origin, link->text);
	fprintf(stderr, "mtastsd: web: the first login: %s\n", text);
	log_say(env->log, LOG_FIRST_LOGIN, log_text("link", span_str(text)));
}

static enum err
offer_first_login(struct dashboard *d, struct error *e)
{
	struct first_link f = { .env = d->env };
	enum err rc = bearer_make(d->env->randomness, &f.link, e);

	if (rc == ERR_OK)
		rc = store_transact(d->line.store, make_link, &f, e);
	if (rc == ERR_OK && f.is_needed)
		say_link(d->env, &f.link);
	return rc;
}

/* ---- the store ---- */

/* Whether somebody can log in is asked when the store is first there. */
static struct store *
give_store(void *arg)
{
	struct dashboard *d = arg;
	struct error e;

	if (!line_is_up(&d->line))
		return NULL;
	if (!d->asked && d->env->instance == 0 &&
	    offer_first_login(d, &e) != ERR_OK) {
		line_failed(&d->line, &e);
		return NULL;
	}
	d->asked = true;
	return d->line.store;
}

static void
take_result(void *arg, const struct error *e)
{
	struct dashboard *d = arg;

	if (e == NULL)
		line_worked(&d->line);
	else if (store_has_failed(e->code))
		line_failed(&d->line, e);
	else
		log_say(d->env->log, LOG_REQUEST_FAILED, log_error(e));
}

/* ---- what the settings show of the configuration ---- */

static struct span
host_of(const char *url)
{
	struct span rest = span_str(url);

	rest = span_skip(rest, span_find(rest, '/') + 2);
	return span_head(rest, span_find(rest, '/'));
}

/* No secret: of a URL the host alone, since its path may be one. */
static struct span
addressee(const struct channel_config *c, struct arena *a)
{
	struct span to = SPAN("");

	switch (c->type) {
	case CHANNEL_MAIL:
	case CHANNEL_SENDMAIL:
		for (size_t i = 0; i < c->to.n; i++)
			to = arena_printf(a, "%.*s%s%s", (int)to.n, to.p,
			    i > 0 ? ", " : "", c->to.items[i]);
		return to;
	case CHANNEL_WEBHOOK:
	case CHANNEL_CHAT:
		return host_of(c->url);
	case CHANNEL_COMMAND:
		return span_str(c->command);
	case CHANNEL_SYSLOG:
		return span_str(c->facility);
	case CHANNEL_TYPES:
		break;
	}
	return to;
}

static void
show_channels(struct dashboard *d)
{
	const struct config *c = d->env->config;
	struct web_channel *all =
	    arena_array(&d->a, c->n_channels, sizeof *all);

	for (size_t i = 0; all != NULL && i < c->n_channels; i++)
		all[i] = (struct web_channel){
			.name = span_str(c->channels[i].name),
			.type =
			    span_str(channel_type_names[c->channels[i].type]),
			.to = addressee(&c->channels[i], &d->a),
			.severity =
			    span_str(severity_names[c->channels[i].severity]),
		};
	d->config.channels = all;
	d->config.n_channels = c->n_channels;
}

static void
show_cas(struct dashboard *d)
{
	const struct config *c = d->env->config;
	struct span *all = arena_array(&d->a, c->cas.n, sizeof *all);

	for (size_t i = 0; all != NULL && i < c->cas.n; i++)
		all[i] = span_str(c->cas.items[i]);
	d->config.cas = all;
	d->config.n_cas = c->cas.n;
}

static int64_t
stale_s(const struct config *c)
{
	uint64_t every = c->cadence.every_s[LOOK_RECORDS];

	return STALE_INTERVALS *
	       (int64_t)(every > c->lease_s ? every : c->lease_s);
}

static enum err
make_web(struct dashboard *d, struct error *e)
{
	const struct config *c = d->env->config;

	d->config = (struct web_config){
		.store = give_store,
		.failed = take_result,
		.arg = d,
		.clock = d->env->clock,
		.randomness = d->env->randomness,
		.origin = span_str(c->web_origin),
		.proxies = c->web_proxies.all,
		.n_proxies = c->web_proxies.n,
		.metrics_open = c->web_open_metrics,
		.stale_s = stale_s(c),
	};
	show_channels(d);
	show_cas(d);
	if (d->a.failed)
		return error_set(e, ERR_MEMORY, "%s", err_text(ERR_MEMORY));
	return web_new(&d->config, &d->web, e);
}

/* ---- the server ---- */

static enum err
make_tls(struct dashboard *d, struct error *e)
{
	const struct tls_config config = {
		.clock = d->env->clock,
		.certificate = d->env->config->web_certificate,
		.key = d->env->config->web_key,
	};

	return config.certificate != NULL ? tls_new(&config, &d->tls, e)
					  : ERR_OK;
}

static enum err
make_server(struct dashboard *d, struct error *e)
{
	struct sockets *s = d->env->sockets;
	struct http_server_config c = http_server_defaults(d->env->clock);

	c.tls = d->tls;
	c.handler = (struct http_handler){ web_handle, d->web };
	memcpy(c.listeners, s->http, sizeof c.listeners);
	c.n_listeners = s->n_http;
	c.stop_fd = d->env->stop->fd;
	c.max_connections = sockets_room(c.max_connections);
	c.max_body = LIMIT_WEB_BODY;
	c.drain_ms = sockets_drain_ms(d->env->config);
	if (c.settle_ms > c.drain_ms)
		c.settle_ms = c.drain_ms;
	return randomness_fill(d->env->randomness, &c.seed, sizeof c.seed)
		   ? http_server_new(&c, &d->server, e)
		   : error_set(e, ERR_SYSTEM, "no randomness can be had");
}

static enum err
set_up(struct dashboard *d, struct error *e)
{
	enum err rc = make_web(d, e);

	if (rc == ERR_OK)
		rc = make_tls(d, e);
	return rc == ERR_OK ? make_server(d, e) : rc;
}

static void
tear_down(struct dashboard *d)
{
	http_server_free(d->server);
	tls_free(d->tls);
	web_free(d->web);
	line_close(&d->line);
	arena_release(&d->a);
}

int
role_web(const struct role_env *env)
{
	struct dashboard d = { .env = env, .line.env = env };
	struct error e;
	enum err rc;

	arena_init(&d.a, LIMIT_CONFIG_MEMORY);
	rc = set_up(&d, &e);
	if (rc == ERR_OK) {
		(void)give_store(&d);
		rc = http_server_run(d.server, &e);
	}
	if (rc != ERR_OK)
		log_say(env->log, LOG_CANNOT_START, log_error(&e));
	tear_down(&d);
	return err_exit_status(rc);
}

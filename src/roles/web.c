/* The web role: the dashboard and the API at their addresses.
 *
 * One loop, which answers one request after the other; the store is asked
 * within them. Where it is out of reach a request is told so at once, and the
 * next one tries again once it is time. */
#include <stdio.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/limits.h"
#include "io/bearer.h"
#include "roles/line.h"
#include "roles/serving.h"
#include "roles/sockets.h"
#include "roles/web_channels.h"
#include "store/accounts.h"
#include "web/web.h"

enum {
	/* People wait in front of it. */
	FIRST_WAIT_MS = 250,
	LAST_WAIT_MS = 5 * 1000,
	BEAT_S = 60, /* who reads the table takes five minutes for dead */
};

struct web_role {
	const struct role_env *env;
	struct line line;
	struct arena a; /* of the configuration */
	struct web_config config;
	struct web *web;
	struct tls *tls;
	struct http_server *server;
	/* Somebody can log in; or a link was made that lets somebody do so,
	 * until then. */
	bool has_accounts;
	struct wall_time link_until;
	int64_t worker; /* 0: it has not joined yet */
	struct mono_time beat; /* the next sign of life; if it has */
	int timer; /* wakes the loop, so that it gives one; -1 */
};

/* ---- who logs in first ---- */

/* On standard error, for a person: it stands in no log. */
static void
print_link(const struct web_role *x, const struct bearer *link)
{
	fprintf(stderr,
	    "mtastsd: web: the first login, within a day: "
	    "%s/welcome?token=%s\n",
	    x->env->config->origin, link->text);
}

static enum err
make_link(struct web_role *x, struct wall_time now, struct error *e)
{
	struct wall_time until = { now.s + LIMIT_FIRST_LINK_S };
	struct bearer link;
	enum err rc = bearer_make(x->env->randomness, &link, e);

	if (rc == ERR_OK)
		rc = link_put(x->line.store, link.hash, SPAN(""),
		    SCOPE_ADMINISTER, now, until, e);
	if (rc != ERR_OK)
		return rc;
	x->link_until = until;
	print_link(x, &link);
	log_say(x->env->log, LOG_FIRST_LOGIN,
	    log_int("valid_s", LIMIT_FIRST_LINK_S));
	return ERR_OK;
}

/* Of several workers the first one looks after that. */
static enum err
let_somebody_in(struct web_role *x, struct error *e)
{
	struct wall_time now = clock_wall(x->env->clock);
	enum err rc;

	if (x->env->instance != 0 || x->has_accounts || x->link_until.s > now.s)
		return ERR_OK;
	rc = accounts_are_there(x->line.store, &x->has_accounts, e);
	return rc == ERR_OK && !x->has_accounts ? make_link(x, now, e) : rc;
}

/* ---- among those that work there ---- */

static enum err
give_sign(struct web_role *x, struct error *e)
{
	struct mono_time now = clock_mono(x->env->clock);
	enum err rc;

	if (x->worker != 0 && mono_ms_until(now, x->beat) > 0)
		return ERR_OK;
	rc = line_beat(&x->line, "web", &x->worker, e);
	if (rc == ERR_OK)
		x->beat = mono_after_ms(now, BEAT_S * 1000);
	return rc;
}

/* ---- the store ---- */

static void
failed(void *arg, const struct error *e)
{
	struct web_role *x = arg;

	if (e == NULL)
		line_worked(&x->line);
	else if (store_has_failed(e->code))
		line_failed(&x->line, e);
	else
		log_say(x->env->log, LOG_REQUEST_FAILED, log_error(e));
}

static struct store *
store(void *arg)
{
	struct web_role *x = arg;
	struct error e;

	if (line_is_up(&x->line) &&
	    (let_somebody_in(x, &e) != ERR_OK || give_sign(x, &e) != ERR_OK))
		failed(x, &e);
	return x->line.store;
}

/* Nobody may ask for anything for hours. */
static void
woken(void *arg)
{
	struct web_role *x = arg;
	uint64_t times;

	if (read(x->timer, &times, sizeof times) > 0)
		(void)store(x);
}

/* ---- beginning and end ---- */

static const struct span *
spans(const struct config_list *list, struct arena *a)
{
	struct span *all = arena_array(a, list->n, sizeof *all);

	for (size_t i = 0; all != NULL && i < list->n; i++)
		all[i] = span_str(list->items[i]);
	return all;
}

static enum err
make_web(struct web_role *x, struct error *e)
{
	const struct config *c = x->env->config;

	x->config = (struct web_config){
		.store = store,
		.failed = failed,
		.arg = x,
		.clock = x->env->clock,
		.randomness = x->env->randomness,
		.origin = span_str(c->origin),
		.proxies = c->proxies.all,
		.n_proxies = c->proxies.n,
		.metrics_open = c->metrics_open,
		.channels = web_channels(c, &x->a),
		.n_channels = c->n_channels,
		.cas = spans(&c->cas, &x->a),
		.n_cas = c->cas.n,
		.stale_s = config_stale_s(c),
	};
	return x->a.failed ? error_plain(e, ERR_MEMORY)
			   : web_new(&x->config, &x->web, e);
}

static enum err
make_tls(struct web_role *x, struct error *e)
{
	struct sockets *s = x->env->sockets;
	struct tls_config config = { .clock = x->env->clock,
		.fixed = { .certificate = s->certificate, .key = s->key } };
	enum err rc;

	if (s->certificate.n == 0)
		return ERR_OK;
	if (!randomness_fill(
		x->env->randomness, &config.seed, sizeof config.seed))
		return error_set(e, ERR_SYSTEM, "no randomness can be had");
	rc = tls_new(&config, &x->tls, e);
	sockets_wipe(s);
	return rc;
}

static enum err
make_timer(struct web_role *x, struct error *e)
{
	const struct itimerspec each = { { BEAT_S, 0 }, { BEAT_S, 0 } };

	x->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (x->timer < 0 || timerfd_settime(x->timer, 0, &each, NULL) != 0)
		return error_set(e, ERR_SYSTEM, "cannot make a timer");
	return ERR_OK;
}

static enum err
make_server(struct web_role *x, struct error *e)
{
	struct http_server_config c;
	enum err rc = serving_config(x->env, &c, e);

	if (rc == ERR_OK)
		rc = make_timer(x, e);
	if (rc != ERR_OK)
		return rc;
	c.wake_fd = x->timer;
	c.woken = woken;
	c.woken_arg = x;
	c.tls = x->tls;
	c.handler = (struct http_handler){ web_handle, x->web };
	c.max_body = LIMIT_WEB_BODY;
	c.shared = x->config.proxies;
	c.n_shared = x->config.n_proxies;
	return http_server_new(&c, &x->server, e);
}

static enum err
run(struct web_role *x, struct error *e)
{
	enum err rc = make_web(x, e);

	if (rc == ERR_OK)
		rc = make_tls(x, e);
	if (rc == ERR_OK)
		rc = make_server(x, e);
	if (rc != ERR_OK)
		return rc;
	(void)store(x);
	log_say(
	    x->env->log, LOG_WEB_SERVING, log_text("origin", x->config.origin));
	return http_server_run(x->server, e);
}

int
role_web(const struct role_env *env)
{
	struct web_role x = { .env = env,
		.timer = -1,
		.line = { .env = env,
		    .first_wait_ms = FIRST_WAIT_MS,
		    .last_wait_ms = LAST_WAIT_MS } };
	struct error e;
	enum err rc;

	arena_init(&x.a, LIMIT_CONFIG_MEMORY);
	rc = run(&x, &e);
	if (rc != ERR_OK) {
		log_say(env->log, LOG_SERVER_FAILED, log_error(&e));
		stop_pull(env->stop);
	}
	http_server_free(x.server);
	tls_free(x.tls);
	web_free(x.web);
	line_leave(&x.line, x.worker);
	if (x.timer >= 0)
		close(x.timer);
	arena_release(&x.a);
	return rc == ERR_OK ? 0 : err_exit_status(rc);
}

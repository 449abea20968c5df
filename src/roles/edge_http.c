/* The edge role: the thread that serves policies, and answers to HTTP-01. */
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "roles/edge.h"
#include "roles/serving.h"

/* ---- what is to be forgotten ---- */

void
edge_http_forget(
    void *arg, enum edge_thing thing, const struct span *hosts, size_t n)
{
	struct edge_http *h = arg;

	pthread_mutex_lock(&h->lock);
	h->thing = thing;
	h->hosts = hosts;
	h->n_hosts = n;
	/* The counter of an eventfd that is read every time cannot be full. */
	(void)!write(h->wake_fd, &(uint64_t){ 1 }, sizeof(uint64_t));
	while (h->hosts != NULL && !h->is_ending)
		pthread_cond_wait(&h->done, &h->lock);
	h->hosts = NULL;
	pthread_mutex_unlock(&h->lock);
}

static void
forget(struct edge_http *h, struct span host)
{
	switch (h->thing) {
	case EDGE_POLICY:
		policy_host_forget(h->policies, host);
		break;
	case EDGE_CERTIFICATE:
		tls_forget(h->tls, host);
		break;
	}
}

/* By the server's loop, between two requests. */
static void
on_wake(void *arg)
{
	struct edge_http *h = arg;
	uint64_t times;

	(void)!read(h->wake_fd, &times, sizeof times);
	pthread_mutex_lock(&h->lock);
	for (size_t i = 0; h->hosts != NULL && i < h->n_hosts; i++)
		forget(h, h->hosts[i]);
	h->hosts = NULL;
	pthread_cond_signal(&h->done);
	pthread_mutex_unlock(&h->lock);
}

/* ---- the server ---- */

static bool
seed(const struct edge_http *h, uint64_t *out)
{
	return randomness_fill(h->env->randomness, out, sizeof *out);
}

static enum err
make_tls(struct edge_http *h, struct error *e)
{
	struct tls_config config = { .source = edge_tls_source(&h->source),
		.clock = h->env->clock,
		.max_identities = (size_t)h->env->config->edge_certificates,
		.recheck_ms = LIMIT_TLS_RECHECK_MS };

	return seed(h, &config.seed)
		   ? tls_new(&config, &h->tls, e)
		   : error_set(e, ERR_SYSTEM, "no randomness can be had");
}

/* What has changed is forgotten, so that it need not be asked for often. */
static enum err
make_policies(struct edge_http *h, struct error *e)
{
	struct policy_host_config config = {
		.source = edge_policy_source(&h->source),
		.clock = h->env->clock,
		.max_cache = LIMIT_POLICY_CACHE,
		.recheck_ms = LIMIT_EDGE_RECHECK_MS,
	};

	if (!seed(h, &config.seed))
		return error_set(e, ERR_SYSTEM, "no randomness can be had");
	h->policies = policy_host_new(&config);
	return h->policies != NULL ? ERR_OK : error_plain(e, ERR_MEMORY);
}

static enum err
make_server(struct edge_http *h, struct error *e)
{
	struct http_server_config c;
	enum err rc = serving_config(h->env, &c, e);

	if (rc != ERR_OK)
		return rc;
	c.tls = h->tls;
	c.handler = (struct http_handler){ policy_host_handle, h->policies };
	c.wake_fd = h->wake_fd;
	c.woken = on_wake;
	c.woken_arg = h;
	return http_server_new(&c, &h->server, e);
}

enum err
edge_http_init(struct edge_http *h, const struct role_env *env,
    const struct edge_pulse *pulse, struct error *e)
{
	enum err rc;

	*h = (struct edge_http){ .env = env,
		.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->done, NULL);
	rc = edge_source_init(&h->source, env, pulse, e);
	if (rc == ERR_OK && h->wake_fd < 0)
		rc = error_set(e, ERR_SYSTEM, "cannot make an eventfd");
	if (rc == ERR_OK)
		rc = make_tls(h, e);
	if (rc == ERR_OK)
		rc = make_policies(h, e);
	return rc == ERR_OK ? make_server(h, e) : rc;
}

static void *
run(void *arg)
{
	struct edge_http *h = arg;
	struct error e;
	enum err rc = http_server_run(h->server, &e);

	pthread_mutex_lock(&h->lock);
	h->is_ending = true;
	pthread_cond_signal(&h->done);
	pthread_mutex_unlock(&h->lock);
	edge_thread_ends(h->threads, h->env, rc, &e);
	return NULL;
}

enum err
edge_http_start(
    struct edge_http *h, struct edge_threads *threads, struct error *e)
{
	h->threads = threads;
	atomic_fetch_add(&threads->running, 1);
	h->runs = pthread_create(&h->thread, NULL, run, h) == 0;
	if (h->runs)
		return ERR_OK;
	atomic_fetch_sub(&threads->running, 1);
	return error_set(e, ERR_SYSTEM, "cannot start a thread");
}

void
edge_http_release(struct edge_http *h)
{
	if (h->env == NULL)
		return;
	if (h->runs)
		pthread_join(h->thread, NULL);
	http_server_free(h->server);
	policy_host_free(h->policies);
	tls_free(h->tls);
	edge_source_release(&h->source);
	if (h->wake_fd >= 0)
		close(h->wake_fd);
	pthread_cond_destroy(&h->done);
	pthread_mutex_destroy(&h->lock);
}

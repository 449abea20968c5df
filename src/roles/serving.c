#include "roles/serving.h"

#include <string.h>
#include <sys/resource.h>

#include "base/limits.h"
#include "roles/sockets.h"

enum {
	DESCRIPTORS_LEFT = 256, /* for stores, DNS and libraries */
};

static size_t
connections(size_t wanted)
{
	struct rlimit files;
	size_t room;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 ||
	    files.rlim_cur <= 2 * DESCRIPTORS_LEFT)
		return DESCRIPTORS_LEFT;
	room = (size_t)files.rlim_cur - DESCRIPTORS_LEFT;
	return wanted < room ? wanted : room;
}

/* The supervisor does not wait longer than its own drain. */
static int
drain_ms(const struct config *c)
{
	uint64_t ms = c->drain_s * 1000 * 3 / 4;

	return ms < LIMIT_HTTP_DRAIN_MS ? (int)ms : LIMIT_HTTP_DRAIN_MS;
}

enum err
serving_config(
    const struct role_env *env, struct http_server_config *out, struct error *e)
{
	const struct sockets *s = env->sockets;

	*out = http_server_defaults(env->clock);
	memcpy(out->listeners, s->http, sizeof out->listeners);
	out->n_listeners = s->n_http;
	out->stop_fd = env->stop->fd;
	out->max_connections = connections(out->max_connections);
	out->drain_ms = drain_ms(env->config);
	if (out->settle_ms > out->drain_ms)
		out->settle_ms = out->drain_ms;
	return randomness_fill(env->randomness, &out->seed, sizeof out->seed)
		   ? ERR_OK
		   : error_set(e, ERR_SYSTEM, "no randomness can be had");
}

#include "serve/dns_server.h"

#include <stdlib.h>

#include "base/limits.h"
#include "serve/dns_socket.h"
#include "serve/dns_tcp.h"
#include "serve/dns_udp.h"

/* An address: both sockets, and what the loop waits for on them. */
struct listener {
	struct dns_server *server;
	struct dns_sockets sockets;
	bool is_ours; /* to be closed */
	struct dns_udp udp;
	struct event *udp_event, *tcp_event;
};

struct dns_server {
	struct event_base *base;
	struct dns_responder responder;
	struct dns_limit limit;
	struct dns_counts counts;
	struct dns_batch *batch;
	struct dns_tcp *tcp;
	struct dns_notify *notify; /* NULL: another server does that */
	struct event *tick;
	struct listener listeners[LIMIT_DNS_LISTENERS];
	size_t n; /* of them, open */
};

static void
on_udp(evutil_socket_t fd, short what, void *arg)
{
	const struct listener *l = arg;

	(void)fd;
	(void)what;
	dns_udp_serve(&l->udp);
}

static void
on_tcp(evutil_socket_t fd, short what, void *arg)
{
	const struct listener *l = arg;

	(void)what;
	dns_tcp_accept(l->server->tcp, fd);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct dns_server *s = arg;

	(void)fd;
	(void)what;
	dns_tcp_sweep(s->tcp);
	if (s->notify != NULL)
		dns_notify_look(s->notify);
}

/* ---- opening ---- */

static bool
is_wildcard(const struct ip_addr *a)
{
	struct ip_addr zero = { .family = a->family };

	return ip_eq(*a, zero);
}

static enum err
check(const struct dns_server_config *c, struct error *e)
{
	if (c->n_listen > LIMIT_DNS_LISTENERS ||
	    c->n_secondaries > LIMIT_DNS_SECONDARIES)
		return error_set(e, ERR_LIMIT,
		    "DNS is served at no more than %d addresses, for no more "
		    "than %d secondaries",
		    LIMIT_DNS_LISTENERS, LIMIT_DNS_SECONDARIES);
	for (size_t i = 0; i < c->n_listen; i++)
		if (is_wildcard(&c->listen[i].address))
			return error_set(e, ERR_USAGE,
			    "DNS cannot be served at %s: name each address",
			    ip_format(c->listen[i].address).s);
	return ERR_OK;
}

static enum err
out_of_memory(struct error *e)
{
	return error_set(e, ERR_MEMORY, "out of memory");
}

static enum err
listen_on(struct dns_server *s, struct dns_sockets sockets, struct error *e)
{
	struct listener *l = &s->listeners[s->n++];

	l->server = s;
	l->sockets = sockets;
	l->udp.fd = sockets.udp;
	l->udp.batch = s->batch;
	l->udp.responder = &s->responder;
	l->udp.limit = &s->limit;
	l->udp.counts = &s->counts;
	l->udp_event =
	    event_new(s->base, l->udp.fd, EV_READ | EV_PERSIST, on_udp, l);
	l->tcp_event =
	    event_new(s->base, sockets.tcp, EV_READ | EV_PERSIST, on_tcp, l);
	if (l->udp_event == NULL || l->tcp_event == NULL ||
	    event_add(l->udp_event, NULL) != 0 ||
	    event_add(l->tcp_event, NULL) != 0)
		return out_of_memory(e);
	return ERR_OK;
}

static enum err
listen_at(struct dns_server *s, const struct endpoint *at, struct error *e)
{
	struct dns_sockets sockets;
	enum err rc = dns_sockets_open(at, &sockets, e);

	if (rc != ERR_OK)
		return rc;
	s->listeners[s->n].is_ours = true;
	return listen_on(s, sockets, e);
}

static enum err
listen_all(
    struct dns_server *s, const struct dns_server_config *c, struct error *e)
{
	enum err rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < c->n_listen; i++)
		rc = c->sockets != NULL ? listen_on(s, c->sockets[i], e)
					: listen_at(s, &c->listen[i], e);
	for (size_t i = 0; rc == ERR_OK && i < c->n_listen; i++)
		s->listeners[i].is_ours = true;
	return rc;
}

static enum err
start_limit(
    struct dns_server *s, const struct dns_server_config *c, struct error *e)
{
	struct siphash_key key;

	if (!randomness_fill(c->randomness, key.k, sizeof key.k))
		return error_set(e, ERR_SYSTEM, "no randomness");
	return dns_limit_init(&s->limit, c->rate, &key) == ERR_OK
		   ? ERR_OK
		   : out_of_memory(e);
}

static enum err
start_tcp(
    struct dns_server *s, const struct dns_server_config *c, struct error *e)
{
	const struct dns_tcp_config tcp = { .base = s->base,
		.responder = &s->responder,
		.counts = &s->counts,
		.max = c->connections };

	return dns_tcp_new(&tcp, &s->tcp, e);
}

static enum err
start_notify(
    struct dns_server *s, const struct dns_server_config *c, struct error *e)
{
	const struct dns_notify_config notify = { .base = s->base,
		.responder = &s->responder,
		.randomness = c->randomness,
		.told = c->told,
		.told_arg = c->told_arg };

	return c->notifies ? dns_notify_new(&notify, &s->notify, e) : ERR_OK;
}

/* NOTIFY begins when the base runs, and is looked at every second. */
static enum err
start_tick(struct dns_server *s, struct error *e)
{
	const struct timeval second = { .tv_sec = 1 };

	s->tick = event_new(s->base, -1, EV_PERSIST, on_tick, s);
	if (s->tick == NULL || event_add(s->tick, &second) != 0)
		return out_of_memory(e);
	event_active(s->tick, EV_TIMEOUT, 0);
	return ERR_OK;
}

static enum err
start(struct dns_server *s, const struct dns_server_config *c, struct error *e)
{
	enum err rc = start_limit(s, c, e);

	if (rc == ERR_OK)
		rc = start_tcp(s, c, e);
	if (rc == ERR_OK)
		rc = start_notify(s, c, e);
	if (rc == ERR_OK && (s->batch = dns_batch_new()) == NULL)
		rc = out_of_memory(e);
	if (rc == ERR_OK)
		rc = start_tick(s, e);
	return rc == ERR_OK ? listen_all(s, c, e) : rc;
}

enum err
dns_server_new(
    const struct dns_server_config *c, struct dns_server **out, struct error *e)
{
	struct dns_server *s;
	enum err rc = check(c, e);

	if (rc != ERR_OK)
		return rc;
	s = calloc(1, sizeof *s);
	if (s == NULL)
		return out_of_memory(e);
	s->base = c->base;
	s->responder = (struct dns_responder){ .zone = c->zone,
		.clock = c->clock,
		.secondaries = c->secondaries,
		.n_secondaries = c->n_secondaries };
	rc = start(s, c, e);
	if (rc == ERR_OK)
		*out = s;
	else
		dns_server_free(s);
	return rc;
}

static void
stop_listening(struct listener *l)
{
	if (l->udp_event != NULL)
		event_free(l->udp_event);
	if (l->tcp_event != NULL)
		event_free(l->tcp_event);
	if (l->is_ours)
		dns_sockets_close(&l->sockets);
}

void
dns_server_leave(struct dns_server *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct listener *l = &s->listeners[i];

		dns_udp_serve(&l->udp);
		dns_tcp_accept(s->tcp, l->sockets.tcp);
		stop_listening(l);
	}
	s->n = 0;
}

void
dns_server_free(struct dns_server *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++)
		stop_listening(&s->listeners[i]);
	if (s->tick != NULL)
		event_free(s->tick);
	dns_notify_free(s->notify);
	dns_tcp_free(s->tcp);
	dns_batch_free(s->batch);
	dns_limit_release(&s->limit);
	free(s);
}

const struct dns_counts *
dns_server_counts(const struct dns_server *s)
{
	return &s->counts;
}

uint16_t
dns_server_port(const struct dns_server *s, size_t i)
{
	return dns_socket_port(s->listeners[i].udp.fd);
}

/* dns_server.h - the authoritative name server of one zone: UDP, TCP, zone
 * transfers, NOTIFY.
 *
 * Everything happens on one event base, that one thread runs. Several of them,
 * in threads or processes, may serve the same addresses: the kernel deals
 * queries and connections out (SO_REUSEPORT). Threads may share a zone. */
#ifndef SERVE_DNS_SERVER_H
#define SERVE_DNS_SERVER_H

#include "serve/dns_counts.h"
#include "serve/dns_notify.h"
#include "serve/dns_socket.h"

struct dns_server;

/* All is borrowed. */
struct dns_server_config {
	struct event_base *base;
	const struct clock *clock;
	const struct randomness *randomness;
	struct dns_zone *zone;
	/* Each of them an address of its own: from the wildcard the system
	 * would choose where an answer comes from. At most
	 * LIMIT_DNS_LISTENERS. Port 0 is for tests. */
	const struct endpoint *listen;
	size_t n_listen;
	/* Of listen[i], open already; the server's, if there is one. NULL: it
	 * opens them itself. */
	const struct dns_sockets *sockets;
	/* At most LIMIT_DNS_SECONDARIES. */
	const struct dns_secondary *secondaries;
	size_t n_secondaries;
	/* Of all servers of a zone one sends NOTIFY. */
	bool notifies;
	void (*told)(void *arg, const struct dns_secondary *to, uint32_t serial,
	    enum dns_notified result); /* may be NULL */
	void *told_arg;
	uint32_t rate; /* answers a second to one network; 0: LIMIT_DNS_RATE */
	size_t connections; /* TCP, at most; 0: LIMIT_DNS_CONNECTIONS */
};

/* Open the sockets, which may need a privilege, and be ready when the base
 * runs. ERR_SYSTEM with a sentence if an address cannot be had, ERR_USAGE for a
 * wildcard, ERR_LIMIT, ERR_MEMORY. */
enum err
dns_server_new(const struct dns_server_config *config, struct dns_server **out,
    struct error *e) MUST_CHECK;

/* Answer what waits, and close the listening sockets: what is asked from now on
 * is asked of another one of the same address. TCP connections go on. For the
 * thread that runs it. */
void
dns_server_leave(struct dns_server *s);

/* Not while its base runs. */
void
dns_server_free(struct dns_server *s);

/* What it has done, for the thread that runs it. */
const struct dns_counts *
dns_server_counts(const struct dns_server *s);

/* The port of listen[i]. */
uint16_t
dns_server_port(const struct dns_server *s, size_t i);

#endif

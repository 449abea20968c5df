/* dns_tcp.h - queries over TCP (RFC 7766), and zone transfers.
 *
 * Queries of a connection are answered in their order, as they come; while a
 * client does not read its answers, nothing more is read from it. Connections
 * share nothing but the loop, which never waits for one. */
#ifndef SERVE_DNS_TCP_H
#define SERVE_DNS_TCP_H

#include <event2/event.h>

#include "serve/dns_counts.h"
#include "serve/dns_respond.h"

struct dns_tcp;

struct dns_tcp_config {
	struct event_base *base; /* all borrowed */
	const struct dns_responder *responder;
	struct dns_counts *counts;
	size_t max; /* connections; 0: LIMIT_DNS_CONNECTIONS */
};

/* Without listeners yet. */
enum err
dns_tcp_new(const struct dns_tcp_config *config, struct dns_tcp **out,
    struct error *e) MUST_CHECK;

void
dns_tcp_free(struct dns_tcp *t);

/* The listening socket can be read: take the connections that wait there. */
void
dns_tcp_accept(struct dns_tcp *t, int listener);

/* Close what has been idle for LIMIT_DNS_IDLE_MS. About every second. */
void
dns_tcp_sweep(struct dns_tcp *t);

#endif

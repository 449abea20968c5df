/* dns_udp.h - queries over UDP, in batches. */
#ifndef SERVE_DNS_UDP_H
#define SERVE_DNS_UDP_H

#include "serve/dns_counts.h"
#include "serve/dns_limit.h"
#include "serve/dns_respond.h"

/* Room for the datagrams of one call. Any number of sockets of one thread may
 * share it, one after the other. */
struct dns_batch;

struct dns_batch *
dns_batch_new(void);

void
dns_batch_free(struct dns_batch *b);

struct dns_udp {
	int fd;
	/* borrowed */
	struct dns_batch *batch;
	const struct dns_responder *responder;
	struct dns_limit *limit;
	struct dns_counts *counts;
};

/* The socket can be read: answer what is there, but return after
 * LIMIT_DNS_BATCHES. */
void
dns_udp_serve(const struct dns_udp *u);

#endif

/* dns_notify.h - tells the secondaries that the zone has changed (RFC 1996).
 *
 * Each is told of a serial until it answers, some times, and then of the next
 * one; at the beginning of the one there is, as it may have missed it. */
#ifndef SERVE_DNS_NOTIFY_H
#define SERVE_DNS_NOTIFY_H

#include <event2/event.h>

#include "serve/dns_respond.h"

enum dns_notified {
	DNS_NOTIFIED, /* it has answered */
	DNS_NOTIFY_REFUSED, /* it has answered with an error, or in a way that
			     * its key does not explain */
	DNS_NOTIFY_SILENT, /* no answer to any of them */
};

struct dns_notify_config {
	struct event_base *base; /* all borrowed */
	const struct dns_responder *responder; /* whose secondaries, and zone */
	const struct randomness *randomness;
	/* What became of it; may be NULL. */
	void (*told)(void *arg, const struct dns_secondary *to, uint32_t serial,
	    enum dns_notified result);
	void *told_arg;
	/* For the first answer; 0: LIMIT_DNS_NOTIFY_MS. Doubled every time. */
	int64_t wait_ms;
};

struct dns_notify;

enum err
dns_notify_new(const struct dns_notify_config *config, struct dns_notify **out,
    struct error *e) MUST_CHECK;

void
dns_notify_free(struct dns_notify *n);

/* Is there another serial than the secondaries know of? About every second. */
void
dns_notify_look(struct dns_notify *n);

#endif

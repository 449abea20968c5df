/* web.h - the dashboard and the API: what a request is answered.
 *
 *   request -> route (routes.def) -> who asks (caller.h), and may he?
 *           -> handler: reads the store, or carries out one operation
 *           -> reply: HTML or JSON, compressed, with the fields that keep a
 *              browser from doing what we do not mean
 *
 * Operations are said once: what a program says as JSON a page says as a form,
 * to the same address, and the same function carries it out (input.h). A
 * program gets JSON back, a form is led back to its page. So everything that
 * can be done in the dashboard can be done without scripts, and by a program.
 * What a form says beside its fields: "csrf" (caller.h), "method" (PUT or
 * DELETE, which a form cannot be sent by), "back" (the page to be led to).
 *
 * Everything is read from the store at every request; nothing here remembers
 * but how often strangers have tried to log in. Any number of processes serve
 * the same store. One thread. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "base/clock.h"
#include "io/random.h"
#include "serve/http_handler.h"
#include "store/store.h"

/* A way to tell people, as the configuration names it. */
struct web_channel {
	struct span name, type; /* "mail", ... */
	struct span to; /* for people: mailboxes, the URL's host; no secret */
	struct span severity;
};

struct web_config {
	/* The store, when a request comes; NULL: it is out of reach. failed is
	 * told of whatever could not be done, be it the store's fault
	 * (store_has_failed()) or ours; NULL: the store has worked. */
	struct store *(*store)(void *arg);
	void (*failed)(void *arg, const struct error *e);
	void *arg;
	const struct clock *clock;
	const struct randomness *randomness;

	/* Where a browser finds us, "https://sts.example.net", without a final
	 * slash. */
	struct span origin;
	/* Of these peers the client is whom X-Forwarded-For names last. */
	const struct ip_prefix *proxies;
	size_t n_proxies;
	bool metrics_open; /* /metrics needs no token */

	const struct web_channel *channels;
	size_t n_channels;
	const struct span *cas; /* directories of the CAs, in order */
	size_t n_cas;
	int64_t stale_s; /* overdue for so long: not healthy */
};

struct web;

/* *config and what it points to are borrowed. */
enum err
web_new(const struct web_config *config, struct web **out,
    struct error *e) MUST_CHECK;

void
web_free(struct web *w);

/* For struct http_handler; arg is the struct web. */
void
web_handle(
    void *arg, const struct http_request *request, struct http_response *out);

#endif

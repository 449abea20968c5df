/* channel.h - a message to the people behind one channel: the form that its
 * type wants, by the way that its type goes. */
#ifndef ROLES_CHANNEL_H
#define ROLES_CHANNEL_H

#include "io/deliver.h"
#include "out/message.h"
#include "roles/config.h"

struct channel {
	const struct config *config;
	const struct channel_config *own;
	const struct clock *clock;
	struct stop *stop; /* may be NULL */
	struct trust_store *trust; /* what the channel trusts */
	const char *syslog_socket; /* NULL: the system's */
};

/* channel.trust, of the channel's file, or the network's, or the system's. */
enum err
channel_init(struct channel *c, const struct config *config,
    const struct channel_config *own, const struct clock *clock,
    struct stop *stop, struct error *e) MUST_CHECK;

void
channel_release(struct channel *c);

/* How long one attempt may take. */
int64_t
channel_limit_ms(enum channel_type type);

/* One attempt. Memory from a. */
void
channel_deliver(const struct channel *c, const struct message *m,
    struct arena *a, struct delivered *out);

#endif

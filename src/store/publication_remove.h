/* publication_remove.h - for domains.c: a domain goes, and what we publish for
 * it with it. */
#ifndef STORE_PUBLICATION_REMOVE_H
#define STORE_PUBLICATION_REMOVE_H

#include "store/store.h"

/* Before anything else of the domain is changed. Nothing of it is served any
 * more, and no certificate is wanted; its rows go with the domain's. ERR_USAGE
 * says what to do where senders may hold a policy of ours. */
enum err
publication_remove(struct store *s, int64_t domain, struct wall_time now,
    struct error *e) MUST_CHECK;

#endif

/* acme_saved.h - an order as text, so that it outlives the process.
 *
 * All but the private key, which is kept apart and sealed (io/sealed.h). JSON,
 * one object; readers skip what they do not know. */
#ifndef IO_ACME_SAVED_H
#define IO_ACME_SAVED_H

#include "io/acme_order.h"

enum err
acme_saved_write(
    const struct acme_order *o, struct arena *a, struct span *out) MUST_CHECK;

/* key: what o->key was. ERR_DATA if the text was not written by us. */
enum err
acme_saved_read(struct span text, struct span key, struct arena *a,
    struct acme_order *o, struct error *e) MUST_CHECK;

#endif

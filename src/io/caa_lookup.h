/* caa_lookup.h - CAA of the names of an order, asked before the CA is. */
#ifndef IO_CAA_LOOKUP_H
#define IO_CAA_LOOKUP_H

#include "core/caa_judge.h"
#include "io/acme_order.h"
#include "io/resolver.h"

/* Ask for the name and all above it, at once, until the deadline. */
enum err
caa_lookup(struct resolver *r, struct span name, const struct caa_wish *w,
    struct mono_time deadline, struct arena *a,
    struct caa_finding *out) MUST_CHECK;

/* For each name of the order: may the CA, which has been greeted, issue for our
 * account by HTTP-01? False: *why is a sentence for a person. What goes wrong
 * with us counts as no answer, and is tried again as that is. */
bool
caa_lookup_order(struct resolver *r, const struct acme_order *o,
    struct acme_client *ca, struct mono_time deadline, struct arena *a,
    struct span *why);

#endif

/* test_published.h - for tests only: what edges serve, put into a store as the
 * roles publish and certs would. */
#ifndef ROLES_TEST_PUBLISHED_H
#define ROLES_TEST_PUBLISHED_H

#include "io/sealed.h"
#include "store/secrets.h"
#include "store/served.h"

/* The policy of a domain and its id: "" for none. The label counts when the
 * domain is published for the first time. */
enum err
test_publish(struct store *s, struct span domain, struct span label,
    struct span body, const char *id, struct error *e) MUST_CHECK;

/* Its label is served no more. */
enum err
test_unpublish(struct store *s, struct span domain, struct error *e) MUST_CHECK;

/* A certificate for mta-sts.DOMAIN: the chain, and its key, sealed under a name
 * of its own. Both in DER. */
enum err
test_certify(struct store *s, struct secrets *secrets,
    const struct sealing_key *sealing_key, struct span domain,
    struct span chain, struct span key, struct error *e) MUST_CHECK;

#endif

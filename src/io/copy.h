/* copy.h - evidence from one arena into another.
 *
 * A conversation that several domains wait for is kept where it was made; each
 * domain takes a copy, so that nothing borrows across threads. What does not
 * fit leaves a->failed set. */
#ifndef IO_COPY_H
#define IO_COPY_H

#include "base/arena.h"
#include "core/evidence.h"
#include "io/certs.h"

void
copy_tls(struct arena *a, const struct tls_seen *from, struct tls_seen *to);

void
copy_probe(struct arena *a, const struct probe *from, struct probe *to);

void
copy_fetch(struct arena *a, const struct fetch *from, struct fetch *to);

void
copy_answer(
    struct arena *a, const struct dns_answer *from, struct dns_answer *to);

void
copy_server(
    struct arena *a, const struct server_seen *from, struct server_seen *to);

void
copy_der(struct arena *a, const struct der_chain *from, struct der_chain *to);

/* What has not been looked at yet, or never will be: every span is empty, and
 * result says why. */
void
blank_probe(struct ip_addr address, enum talk_result result, struct probe *out);

void
blank_fetch(struct ip_addr address, enum talk_result result, struct fetch *out);

#endif

/* look_host.h - a mail host within a look: its addresses, its TLSA records, and
 * a probe of every address. */
#ifndef IO_LOOK_HOST_H
#define IO_LOOK_HOST_H

#include "io/errand.h"

struct host_look {
	struct errands *errands;
	struct mx_host *host; /* what is filled; its name is there */
	struct mono_time since; /* of the probes: see errands_probe */
	size_t *room; /* probes that may yet begin */
	struct party v4, v6;
	bool tlsa_asked;
};

/* A host that nothing is known of: every lookup is DNS_UNASKED. */
void
host_blank(struct span name, struct mx_host *out);

/* Send out the first questions. *h stays where it is until errands_run has
 * returned. */
void
host_begin(struct host_look *h);

/* Behind errands_run: put the probes into h->host, and into *out_ders, as many
 * of them, what chains they showed. NULL if memory ran out. */
void
host_end(struct host_look *h, struct der_chain **out_ders);

/* Hold the chains that a host showed, one a probe, against its TLSA records, on
 * behalf of a domain: whom DANE-TA expects in a certificate depends on it
 * (RFC 7672 3.2.2). Fills dane and dane_error of every probe. */
void
host_check_dane(struct mx_host *host, const struct der_chain *ders,
    const struct evidence *ev, struct arena *a);

#endif

/* look_authority.h - the name servers of a domain, each asked by itself.
 *
 *   the zone that holds      is asked for
 *   the domain's MX          MX
 *   _mta-sts.<domain>        TXT there; an alias shows as such
 *   what that is an alias of TXT there
 *
 * Up to three zones, as a rule one. A top-level zone is not asked on behalf of
 * a name in it. */
#ifndef IO_LOOK_AUTHORITY_H
#define IO_LOOK_AUTHORITY_H

#include "io/errand.h"

enum { AUTHORITY_ZONES = 3 };

struct authority;

/* The way from a name up to the zone that holds it. */
struct zone_walk {
	struct authority *authority;
	struct span at; /* where it stands */
	unsigned steps;
	struct dns_answer ns; /* at that name */
	struct span mx, txt; /* what the zone is asked for; "": not */
};

/* A name server's addresses, and what each said. */
struct server_look {
	struct authority *authority;
	struct server_seen wish;
	struct dns_answer a, aaaa;
	struct party v4, v6;
};

struct zone_look {
	struct zone_seen *seen;
	struct server_look *servers;
	size_t n_servers;
};

struct authority {
	struct errands *errands;
	struct evidence *ev;
	struct zone_walk walks[AUTHORITY_ZONES];
	size_t n_walks, walking;
	struct zone_look zones[AUTHORITY_ZONES];
	size_t room; /* servers that may yet be asked */
};

/* Send out the first questions, once MX and TXT of ev are there (or could not
 * be had). *au stays where it is until errands_run has returned. */
void
authority_begin(
    struct authority *au, struct errands *errands, struct evidence *ev);

/* Behind errands_run: put what the servers said into ev->zones. */
void
authority_end(struct authority *au);

#endif

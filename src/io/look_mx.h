/* look_mx.h - the list of a domain's mail hosts, as far as the MX records alone
 * say; and what a look says of the place from which it was made. */
#ifndef IO_LOOK_MX_H
#define IO_LOOK_MX_H

#include "io/look.h"

/* One blank entry of ev->mx_hosts for each of the first LIMIT_MX_HOSTS records
 * of ev->mx; where there are none, the domain itself (RFC 5321 5.1). No entry
 * if the MX records are not known, or memory ran out. */
void
mx_list(struct evidence *ev, struct arena *a);

/* The implicit MX host is one only if it has an address; what was asked of it
 * was asked of the domain. Once the host has been looked at. */
void
mx_settle_implicit(struct evidence *ev);

/* Fill dnssec, smtp_works_here, v6_works_here. */
void
look_note_vantage(const struct look_env *env, struct evidence *ev);

#endif

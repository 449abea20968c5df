/* place.h - where in the network something is, as a person writes it.
 *
 * Pure. Whether anything is there is not asked. */
#ifndef ROLES_PLACE_H
#define ROLES_PLACE_H

#include <stdbool.h>

#include "base/span.h"
#include "wire/ipaddr.h"

/* "192.0.2.1" or "192.0.2.1@53" */
bool
place_is_resolver(struct span s);

/* "smtp://HOST", "smtps://HOST:465"; HOST is a name, an IPv4 address, or an
 * IPv6 address in brackets. */
bool
place_is_server(struct span s);

/* "https://HOST/...", "http://HOST:8080" */
bool
place_is_url(struct span s);

/* "ns1.example.com=192.0.2.1": a name, and an address of it. What is handed out
 * borrows from s. */
bool
place_read_pair(struct span s, struct span *name, struct ip_addr *address);

/* "ops@example.com": nothing around it, nothing quoted. */
bool
place_is_mailbox(struct span s);

#endif

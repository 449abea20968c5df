/* endpoint.h - a server as a person names it: "192.0.2.1", "2001:db8::1@5353",
 * "ns1.example.net". */
#ifndef IO_ENDPOINT_H
#define IO_ENDPOINT_H

#include "base/err.h"
#include "base/span.h"
#include "wire/ipaddr.h"

struct endpoint {
	struct ip_addr address;
	uint16_t port;
};

/* Read "address", "host" and either of them with "@port" behind it. A host name
 * is looked up in the system's way, which takes as long as it takes: for
 * programs that a person waits for. At most max addresses, in the order in
 * which they should be tried; *n > 0 with ERR_OK.
 *
 * ERR_DATA if text is none of this, ERR_NO_INPUT if the host has no address. */
enum err
endpoint_find(struct span text, uint16_t default_port, struct endpoint *out,
    size_t max, size_t *n, struct error *e) MUST_CHECK;

#endif

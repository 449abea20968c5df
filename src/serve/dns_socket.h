/* dns_socket.h - sockets of the server, and addresses as the system has them.
 */
#ifndef SERVE_DNS_SOCKET_H
#define SERVE_DNS_SOCKET_H

#include <netinet/in.h>

#include "base/err.h"
#include "io/endpoint.h"

union dns_sockaddr {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* The length of *out. */
socklen_t
dns_sockaddr_set(union dns_sockaddr *out, const struct endpoint *at);

/* An IPv4 address inside of IPv6 does not occur: our sockets are V6ONLY. */
struct ip_addr
dns_sockaddr_address(const union dns_sockaddr *s);

/* A socket that does not block, bound to the address beside others of ours
 * (SO_REUSEPORT): type SOCK_DGRAM, or SOCK_STREAM, which listens. */
enum err
dns_socket_open(
    const struct endpoint *at, int type, int *out, struct error *e) MUST_CHECK;

/* Both sockets of an address. With port 0 they have the same one. */
struct dns_sockets {
	int udp, tcp;
};

enum err
dns_sockets_open(const struct endpoint *at, struct dns_sockets *out,
    struct error *e) MUST_CHECK;

void
dns_sockets_close(struct dns_sockets *s);

/* A datagram socket that knows this peer alone, from a port of chance. */
enum err
dns_socket_connect(const struct endpoint *to, int *out) MUST_CHECK;

/* The port that it is bound to; 0 if that cannot be said. */
uint16_t
dns_socket_port(int fd);

#endif

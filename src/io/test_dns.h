/* test_dns.h - for tests only: a name server on loopback that answers from a
 * table, over UDP, without DNSSEC, and with authority. */
#ifndef IO_TEST_DNS_H
#define IO_TEST_DNS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* One record; of several with one name and type all are given. */
struct test_rr {
	const char *name; /* lower case, no final dot; NULL ends the table */
	uint16_t type; /* enum dns_type, or one of these */
	const char *data; /* "192.0.2.1"; "10 mx.example"; "text"; "target";
			   * of CAA the value of "issue" */
};

enum { TEST_DNS_SILENT = 60001, TEST_DNS_SERVFAIL };

struct test_dns {
	const struct test_rr *zone;
	const char *host; /* where it listens; NULL: 127.0.0.1 */
	uint16_t port; /* 0: one is chosen, and stands here then */
	bool refuses; /* whatever it is asked */
	char address[32]; /* "127.0.0.1@PORT" */
	atomic_int questions;
	int fd;
	pthread_t thread;
};

/* Names that are not in the zone do not exist. False: the port is taken, as any
 * may be for a moment by the resolver of another test. */
bool
test_dns_start(struct test_dns *d);

void
test_dns_stop(struct test_dns *d);

#endif

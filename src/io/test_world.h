/* test_world.h - for tests only: a name server, a mail exchanger and a policy
 * host on loopback, and what a look needs to find them. */
#ifndef IO_TEST_WORLD_H
#define IO_TEST_WORLD_H

#include "base/test_table.h"
#include "io/look.h"
#include "io/test_dns.h"
#include "io/test_peer.h"

#define POLICY                                                                 \
	"version: STSv1\nmode: enforce\nmx: mx.good.example\nmax_age: "        \
	"604800\n"

/* The zone stands in test_world.c. */
struct world {
	struct test_dns dns; /* the resolver's, and a name server */
	struct test_dns lagging, lame; /* at other addresses, same port */
	struct test_peer smtp, https;
	struct test_id ca, mx, host;
	SSL_CTX *client;
	struct trust_store *trust;
	struct stop stop;
	struct resolver *resolver;
	struct talks *talks;
	struct org_list *orgs;
	struct ip_prefix allowed;
	struct look_env env;
};

/* The set-up and tear-down of a cmocka test; *state is a struct world. */
int
test_world_set_up(void **state);

int
test_world_tear_down(void **state);

#endif

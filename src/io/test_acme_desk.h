/* test_acme_desk.h - for tests only: a scripted CA, an account there, and an
 * order for a.example whose hooks note what they are told. */
#ifndef IO_TEST_ACME_DESK_H
#define IO_TEST_ACME_DESK_H

#include "io/acme_order.h"
#include "io/test_ca.h"

enum { TEST_ACME_MS = 20000 };

/* What the hooks were told, and what they shall say. */
struct test_acme_told {
	int shown, hidden, saved, asked;
	char token[64], text[256]; /* shown last */
	char first_key[256]; /* when it was first saved */
	bool no_show, no_save, forbidden;
};

struct test_acme_desk {
	struct test_ca ca; /* its script is set before the desk is opened */
	struct test_acme_told told;
	struct acme_hooks hooks;
	struct acme_client *client;
	struct acme_env env;
	struct arena a;
	EVP_PKEY *account;
	struct acme_order o;
	struct error e;
};

/* limit_ms: one request. */
void
test_acme_open(struct test_acme_desk *d, int64_t limit_ms);

void
test_acme_close(struct test_acme_desk *d);

/* Another client in the place of the one that is there, as after a restart. */
void
test_acme_restart(struct test_acme_desk *d, int64_t limit_ms);

/* acme_order_run, for TEST_ACME_MS at most. */
enum err
test_acme_run(struct test_acme_desk *d) MUST_CHECK;

#endif

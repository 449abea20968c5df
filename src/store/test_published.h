/* test_published.h - for tests only: publications, asked for and stepped. */
#ifndef STORE_TEST_PUBLISHED_H
#define STORE_TEST_PUBLISHED_H

#include "store/publications.h"
#include "store/test_store.h"

enum { TEST_LEASE_S = 120 };

#define TEST_LABEL "abcdefghijklmnop"
#define TEST_OTHER_LABEL "ponmlkjihgfedcba"

/* In testing, and nothing special. */
extern const struct publish_order test_order;

struct wall_time
test_after(int64_t s);

/* Asked for at `at` seconds. */
void
fixture_ask(struct fixture *f, const char *name,
    const struct publish_order *order, const char *label, int64_t at,
    enum publication_asked want);

/* A domain is added and published at once, under a label of its name's first
 * letter; its id. */
int64_t
fixture_publish(struct fixture *f, const char *name);

struct published
fixture_published(struct fixture *f, const char *name);

/* At `at` seconds, with a lease of TEST_LEASE_S. */
struct publication_claim *
fixture_claim(struct fixture *f, int64_t worker, int64_t at, size_t want);

/* One publication under way, as loaded and as it is to be. */
struct test_step {
	int64_t worker;
	struct publication_claim *claim;
	struct published before, after;
};

/* The only one that is due. */
struct test_step
test_step_begin(struct fixture *f, int64_t worker, int64_t at);

/* Was it held? next 0: due when it is woken. */
bool
test_step_end(
    struct fixture *f, const struct test_step *s, int64_t at, int64_t next);

/* One test fails if the text is another. */
void
want_text(struct span got, const char *want);

#endif

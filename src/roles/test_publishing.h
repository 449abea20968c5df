/* test_publishing.h - for tests only: the publish role in a world that the test
 * plays: one domain, a.example, its owner, the monitor, the certs role, an edge
 * and what can be seen from outside; with a store of either kind. */
#ifndef ROLES_TEST_PUBLISHING_H
#define ROLES_TEST_PUBLISHING_H

#include <stdatomic.h>

#include "base/limits.h"
#include "roles/publish.h"
#include "store/served.h"
#include "store/test_published.h"

enum {
	MINUTE = 60,
	HOUR = 3600,
	DAY = 86400,
	ADDRESSES = 3,
};

#define PLAY_LABEL "abcdefghijklmnop"
#define PLAY_ZONE "pub.example.net"

struct play {
	struct publish_eyes eyes; /* first: the functions cast */
	struct clock clock;
	atomic_llong now_s;
	struct randomness randomness;
	atomic_uint drawn;
	struct fixture *f;
	struct config config;
	struct role_env env;
	struct stop stop;
	int64_t worker, edge;

	_Atomic(enum publish_lead) host, txt;
	atomic_bool is_astray; /* the target has no address of ours */
	enum publish_shown pages[ADDRESSES], ids[ADDRESSES];
	size_t n_ids;
	bool servers_known;
	atomic_uint pages_asked, ids_asked;

	bool edges_stand; /* the edge does not follow */
	struct publish_sight sight;
	int64_t seq; /* of the history that was read */
};

int
play_setup(void **state);
int
play_teardown(void **state);
#define PLAY(test)                                                             \
	cmocka_unit_test_setup_teardown(test, play_setup, play_teardown)

struct wall_time
play_now(struct play *w);

/* So many seconds go by. */
void
play_pass(struct play *w, int64_t s);

/* ---- what others do ---- */

/* Mode testing for a week, following the MX. */
extern const struct publish_order play_order;

void
play_ask(struct play *w, const struct publish_order *order);

/* A round of the monitor, that saw the MX hosts of these letters. */
void
play_see(struct play *w, const char *letters);

/* The certs role has a certificate, where one is wanted. */
void
play_certify(struct play *w);

void
play_edge(struct play *w);

/* The owner's two CNAMEs lead there. */
void
play_cnames(struct play *w, enum publish_lead host, enum publish_lead txt);

/* ---- the role ---- */

/* One case that is due; false: there is none. */
bool
play_step(struct play *w, struct publish_step *out);

/* Minute by minute, until nothing is under way. */
void
play_run(struct play *w);

/* Live, with the MX hosts of these letters. */
void
play_to_live(struct play *w, const struct publish_order *order, const char *mx);

/* ---- what came of it ---- */

struct published
play_published(struct play *w);

struct served
play_served(struct play *w);

/* Kinds of the history since the last time, the oldest first. */
struct span
play_history(struct play *w);

/* Texts of the news since the last time, a line each. */
struct span
play_news(struct play *w);

#endif

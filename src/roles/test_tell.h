/* test_tell.h - for tests only: what the notify role has to tell, and whom;
 * over simulated hours, with a store of either kind. */
#ifndef ROLES_TEST_TELL_H
#define ROLES_TEST_TELL_H

#include "roles/notify.h"
#include "store/test_store.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, GROUP_S = 120, STEP_S = 10 };

#define ALL                                                                    \
	(1u << NEWS_OPENED | 1u << NEWS_WORSENED | 1u << NEWS_RESOLVED |       \
	    1u << NEWS_REMINDER | 1u << NEWS_CHANGED | 1u << NEWS_ADVICE)

enum { MAIL, PAGER, CHANNELS, TOLD_MAX = 600 };

struct told {
	char id[96], thread[64], subject[80], text[2048];
};

/* What came out of a channel, and how it does. */
struct receiver {
	struct told told[TOLD_MAX];
	size_t n;
	int64_t down_until; /* seconds after test_now */
	enum delivery otherwise; /* while it is down */
	int attempts;
};

struct tell {
	struct clock clock; /* first: the functions cast */
	int64_t now; /* seconds after test_now */
	struct fixture *f;
	struct config config;
	struct channel_config channels[CHANNELS];
	struct channel channel[CHANNELS];
	struct notify_channel work[CHANNELS];
	struct receiver received[CHANNELS];
	int64_t worker;
	struct notify_chores chores;
};

int
tell_setup(void **state);
int
tell_teardown(void **state);
#define TELL(test)                                                             \
	cmocka_unit_test_setup_teardown(test, tell_setup, tell_teardown)

/* So many seconds after test_now. */
struct wall_time
tell_at(int64_t s);

/* The role at work, for so long. Where nothing happens for many hours, it looks
 * about as often as it does its chores. */
void
tell_pass(struct tell *w, int64_t s);

/* A channel's deliver. */
void
tell_receive(const struct channel *c, const struct message *m, struct arena *a,
    struct delivered *out);

/* ---- what happens ---- */

int64_t
tell_domain(struct tell *w, int i);

/* Nobody looks at these domains in the tests, and nobody is to miss it. */
void
tell_pause(struct tell *w);

void
tell_raise(struct tell *w, int64_t domain, const char *cause,
    enum severity severity, int64_t hold_s);

void
tell_clear(struct tell *w, int64_t domain, const char *cause);

void
tell_change(struct tell *w, int64_t domain, const char *key);

/* n messages came out of the channel, and their subjects begin with these. */
void
tell_want(struct tell *w, int channel, size_t n, ...);

#endif

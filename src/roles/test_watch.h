/* test_watch.h - for tests only: a monitor and what it watches.
 *
 * A name server, a mail host and a policy host on loopback, a store of either
 * kind, and a wall clock of the test's own. The mail host serves all domains;
 * a.example and b.example have a policy, c.example has none. */
#ifndef ROLES_TEST_WATCH_H
#define ROLES_TEST_WATCH_H

#include <stdatomic.h>

#include "base/limits.h"
#include "io/test_dns.h"
#include "io/test_peer.h"
#include "roles/monitor.h"
#include "roles/test_clock.h"
#include "store/domains.h"
#include "store/test_store.h"

enum {
	MINUTE = 60,
	HOUR = 3600,
	AGAIN = 3 * MINUTE, /* again-after, and its jitter */
	WATCH_RECORDS = 160,
};

#define POLICY                                                                 \
	"version: STSv1\nmode: enforce\nmx: mx.shared.example\n"               \
	"max_age: 604800\n"

struct watch {
	struct test_clock time;
	struct fixture *f;
	struct config config;
	struct role_env env;
	struct stop stop;

	struct test_rr zone[WATCH_RECORDS];
	size_t n_zone;
	struct test_dns dns;
	struct test_peer smtp, https;
	struct test_id ca, mx, host;
	char ca_file[80];
	struct ip_prefix allowed;
	_Atomic(const char *) policy;
	atomic_bool no_starttls, waits; /* the mail host */

	struct monitor m;
};

int
watch_setup(void **state);
int
watch_teardown(void **state);
#define STORY(test)                                                            \
	cmocka_unit_test_setup_teardown(test, watch_setup, watch_teardown)

/* Another monitor on the same store; monitor_release() ends it. */
void
watch_begin(struct watch *w, struct monitor *m);

/* A resolver that has nothing in its cache. */
void
watch_collector(struct watch *w, struct monitor *m);

/* data lives as long as the test. */
void
watch_record(
    struct watch *w, const char *name, uint16_t type, const char *data);

void
watch_domain(struct watch *w, const char *name);

/* All three, and their first looks. */
void
watch_three(struct watch *w);

/* What a query counts. */
int64_t
watch_count(struct watch *w, const char *text);

bool
watch_is_due(struct watch *w);

/* Until nothing is due and nothing under way. */
void
watch_run(struct watch *w);

/* So many seconds go by. */
void
watch_pass(struct watch *w, int64_t s);

void
watch_pass_and_run(struct watch *w, int64_t s);

/* The only job that is due is done, and not settled. */
struct job *
watch_one_job(struct watch *w);

#define OPEN(slug)                                                             \
	"SELECT COUNT(*) FROM incident WHERE check_slug = '" slug              \
	"' AND resolved_at IS NULL"
#define SUFFERERS(slug)                                                        \
	"SELECT COUNT(*) FROM incident_domain JOIN incident"                   \
	" ON incident.id = incident_domain.incident WHERE check_slug = '" slug \
	"' AND incident_domain.resolved_at IS NULL"

#endif

/* edge.h - what the parts of the edge role share; for roles/edge*.c and for
 * nobody else.
 *
 *   main   follows the store, and says how far (edge_follow.c)
 *   DNS    the zone (edge_dns.c)
 *   HTTP   policies, and answers to HTTP-01 (edge_http.c)
 *
 * Three threads, each with connections of its own to the store; what the
 * servers ask it, edge_source.c answers.
 *
 * "Served up to N". An id is announced when every edge has said that it serves
 * up to the number under which the policy of that id was written. That must be
 * true: who asks an edge afterwards is not to get an older policy. So
 *
 *   1. main reads the last number given, N, and then all changes up to N;
 *   2. the HTTP thread forgets the hosts that have changed, between two
 *	requests, and main waits until it has;
 *   3. main writes N into the store.
 *
 * A request that comes after 3 is answered from the store or from the cache. A
 * question to the store that begins after 1 sees N, since N was committed when
 * 1 read it; and what the cache has after 2 of a host that has changed up to N,
 * it has from such a question. If the store cannot be asked then, the host has
 * no policy here (503), rather than an old one. Of hosts that have not changed
 * the cache has what is right, for as long as it likes.
 *
 * The first number is written before the first request is answered, when no
 * cache holds anything: whoever serves is counted. For the same reason the
 * threads have ended when the edge leaves.
 *
 * While main does not reach the store, everything goes on with what is known,
 * and no number is written: after the edge's lease it does not count any more.
 *
 * A store that has gone back, since a copy of it was restored or a replica took
 * over that had not got everything, gives its numbers a second time, and what
 * is in memory is of the first time. Then the edge says nothing more and ends,
 * to be started anew. */
#ifndef ROLES_EDGE_H
#define ROLES_EDGE_H

#include <pthread.h>
#include <stdatomic.h>

#include "io/sealed.h"
#include "roles/role.h"
#include "roles/sockets.h"
#include "serve/cache.h"
#include "serve/policy_host.h"
#include "store/secrets.h"
#include "store/served.h"

/* ---- what the servers ask ---- */

/* When the store last answered main. While it does not, nobody else asks it: a
 * server that waits for a store that hangs keeps everybody waiting. */
struct edge_pulse {
	const struct clock *clock;
	_Atomic int64_t at_ns;
};

void
edge_pulse_beat(struct edge_pulse *p);

/* One thread's. */
struct edge_source {
	const struct role_env *env;
	const struct edge_pulse *pulse;
	struct store *store; /* NULL: out of reach */
	struct secrets *secrets; /* likewise */
	struct mono_time retry, secrets_retry;
	bool failed; /* was told */
	bool has_key;
	struct sealing_key key;
	struct arena a; /* of the last answer */
	struct span secret; /* in it, to be wiped */
	struct cache *told; /* hosts whose key cannot be opened */
};

/* All but *x is borrowed. ERR_MEMORY, ERR_SYSTEM without randomness. */
enum err
edge_source_init(struct edge_source *x, const struct role_env *env,
    const struct edge_pulse *pulse, struct error *e) MUST_CHECK;

void
edge_source_release(struct edge_source *x);

/* Their arg is x. */
struct tls_source
edge_tls_source(struct edge_source *x);
struct policy_source
edge_policy_source(struct edge_source *x);
struct dns_source
edge_dns_source(struct edge_source *x);

/* What the zone has of a label. False: an id that no record can hold. */
bool
edge_entry(const struct served *s, struct dns_entry *out) MUST_CHECK;

/* ---- how the store is followed ---- */

enum edge_thing { EDGE_POLICY, EDGE_CERTIFICATE };

struct edge_follower {
	struct store *store; /* borrowed, may be another one at every call */
	struct dns_zone *zone;
	/* Forget what is known of these hosts; it has been done when this
	 * returns. */
	void (*forget)(void *arg, enum edge_thing thing,
	    const struct span *hosts, size_t n);
	void *arg;

	uint64_t number; /* everything up to it has been followed */
	uint64_t goal; /* and up to this one it will have been next */
	uint64_t at_served, at_certificates; /* read so far */
	bool is_loaded; /* the zone has all its names */
	bool is_astray; /* the store has gone back: begin anew */
};

/* A step: a page of changes at most. *more: there is another one to be done at
 * once. ERR_DATA and is_astray: the store's last number is smaller than what
 * was followed. */
enum err
edge_follow(struct edge_follower *f, bool *more, struct error *e) MUST_CHECK;

/* ---- the zone ---- */

/* As the configuration says; everything is in the arena, or borrowed from c. */
enum err
edge_zone_config(const struct config *c, struct arena *a,
    struct dns_zone_config *out, struct error *e) MUST_CHECK;

/* Of the change number N: 32 bits of it, and never 0, which some secondaries
 * take for "none". */
uint32_t
edge_serial(uint64_t number);

/* ---- the threads ---- */

/* Threads that serve, and how the role learns that one has ended. */
struct edge_threads {
	atomic_int running;
	struct stop ended; /* pulled by each of them */
	atomic_int status; /* of the first one that could not go on */
};

struct edge_dns {
	const struct role_env *env;
	struct edge_threads *threads;
	struct edge_source source;
	struct dns_zone *zone;
	struct dns_secondary secondaries[LIMIT_DNS_SECONDARIES];
	struct tsig_key key;
	struct event_base *base;
	struct event *stop;
	struct dns_server *server;
	pthread_t thread;
	bool runs;
};

/* The zone, and the server, which does not run yet. */
enum err
edge_dns_init(struct edge_dns *d, const struct role_env *env,
    const struct edge_pulse *pulse, struct error *e) MUST_CHECK;
enum err
edge_dns_start(struct edge_dns *d, struct edge_threads *threads,
    struct error *e) MUST_CHECK;
/* Waits for its thread; after edge_dns_init, whatever came of it. */
void
edge_dns_release(struct edge_dns *d);

struct edge_http {
	const struct role_env *env;
	struct edge_threads *threads;
	struct edge_source source;
	struct tls *tls;
	struct policy_host *policies;
	struct http_server *server;
	pthread_t thread;
	bool runs;

	/* What main has it forget. */
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t done;
	int wake_fd;
	bool is_ending; /* nothing is served any more */
	enum edge_thing thing;
	const struct span *hosts; /* NULL: nothing is asked */
	size_t n_hosts;
};

enum err
edge_http_init(struct edge_http *h, const struct role_env *env,
    const struct edge_pulse *pulse, struct error *e) MUST_CHECK;
enum err
edge_http_start(struct edge_http *h, struct edge_threads *threads,
    struct error *e) MUST_CHECK;
void
edge_http_release(struct edge_http *h);

/* For struct edge_follower; arg is the struct edge_http. Any thread but its
 * own. */
void
edge_http_forget(
    void *arg, enum edge_thing thing, const struct span *hosts, size_t n);

/* At the end of a thread of either. */
void
edge_thread_ends(struct edge_threads *t, const struct role_env *env,
    enum err rc, const struct error *e);

#endif

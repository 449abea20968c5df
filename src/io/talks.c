#include "io/talks.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/ascii.h"
#include "base/limits.h"
#include "io/copy.h"
#include "io/pool.h"
#include "io/reach.h"

enum {
	TABLE = 4096,
	HTTPS_AT_A_TIME = 4, /* connections to one address */
	QUERIES_AT_A_TIME = 4, /* and queries */
	KEEP_BYTES = 16 * 1024 * 1024, /* of finished probes: some 1,000 */
	/* OpenSSL's and libcurl's frames, with room to spare. */
	STACK = 256 * 1024,
};

enum kind { PROBE, FETCH, QUERY };

struct flight {
	struct pool_job job; /* first: see run */
	struct talks *talks;
	enum kind kind;
	struct ip_addr address;
	struct span name; /* MX host, domain, name server; in arena */
	struct mono_time deadline; /* but of PROBE */
	atomic_bool given_up;

	/* The worker's until done, unchanged after that. */
	struct arena arena;
	struct der_chain der;
	union {
		struct probe probe;
		struct fetch fetch;
		struct server_seen server;
	};

	/* Under the lock of talks. */
	bool begun, done;
	struct mono_time begun_at, done_at;
	struct ticket *tickets;
	struct flight *same_hash; /* PROBE */
	struct flight *older, *newer; /* by last use, all there are */
};

struct ticket {
	struct letter letter; /* first: the receiver casts */
	struct flight *flight;
	struct inbox *inbox;
	struct ticket *next, **at;
};

struct talks {
	struct talks_options o;
	struct pool *pool;

	pthread_mutex_t lock;
	struct reach reach;
	struct flight *oldest, *newest;
	size_t kept; /* bytes of finished probes */
	struct flight *table[TABLE];
};

/* ---- the table and the list, under the lock ---- */

static uint64_t
hash_bytes(uint64_t h, const void *p, size_t n)
{
	const unsigned char *b = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ ascii_lower(b[i])) * 0x100000001b3u; /* FNV-1a */
	return h;
}

/* Never 0, which is no key. */
static uint64_t
hash_address(struct ip_addr a, unsigned salt)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < (a.family == IP_V6 ? 16 : 4); i++)
		h = (h ^ a.b[i]) * 0x100000001b3u;
	return hash_bytes(h, &salt, sizeof salt) | 1;
}

static struct flight **
bucket(struct talks *t, struct span host, struct ip_addr address)
{
	return &t->table[hash_bytes(hash_address(address, 0), host.p, host.n) >>
			     20 &
			 (TABLE - 1)];
}

static void
list_remove(struct talks *t, struct flight *f)
{
	*(f->older != NULL ? &f->older->newer : &t->oldest) = f->newer;
	*(f->newer != NULL ? &f->newer->older : &t->newest) = f->older;
}

static void
list_append(struct talks *t, struct flight *f)
{
	f->older = t->newest;
	f->newer = NULL;
	*(t->newest != NULL ? &t->newest->newer : &t->oldest) = f;
	t->newest = f;
}

static void
flight_free(struct flight *f)
{
	arena_release(&f->arena);
	free(f);
}

/* Take f out of everything and free it. Nobody holds a ticket. */
static void
forget(struct talks *t, struct flight *f)
{
	list_remove(t, f);
	if (f->kind == PROBE) {
		struct flight **at = bucket(t, f->name, f->address);

		while (*at != f)
			at = &(*at)->same_hash;
		*at = f->same_hash;
		if (f->done)
			t->kept -= f->arena.used;
	}
	flight_free(f);
}

static bool
is_stale(const struct talks *t, const struct flight *f)
{
	return f->done && t->o.probe_keep_ms > 0 &&
	       mono_ms_until(f->done_at, clock_mono(t->o.probe.clock)) >
		   t->o.probe_keep_ms;
}

/* The probe of host at address if it is there, fresh, and did not begin before
 * `since`. One that is done, of no use, and held by nobody is forgotten on the
 * way. */
static struct flight *
find_probe(struct talks *t, struct span host, struct ip_addr address,
    struct mono_time since)
{
	struct flight *f = *bucket(t, host, address), *next;

	for (; f != NULL; f = next) {
		next = f->same_hash;
		if (!ascii_eq_nocase(f->name, host) ||
		    !ip_eq(f->address, address))
			continue;
		if (!is_stale(t, f) &&
		    (!f->begun || f->begun_at.ns >= since.ns))
			return f;
		if (f->done && f->tickets == NULL)
			forget(t, f);
	}
	return NULL;
}

static void
make_room(struct talks *t)
{
	struct flight *f = t->oldest, *next;

	for (; f != NULL && t->kept > KEEP_BYTES; f = next) {
		next = f->newer;
		if (f->done && f->tickets == NULL)
			forget(t, f);
	}
}

/* ---- a worker's part ---- */

static void
note_reach(struct talks *t, const struct flight *f)
{
	switch (f->kind) {
	case PROBE:
		reach_note(&t->reach, f->address, true, f->probe.result,
		    f->probe.stage);
		break;
	case FETCH:
		reach_note(&t->reach, f->address, false, f->fetch.result,
		    f->fetch.stage);
		break;
	case QUERY:
		break;
	}
}

static void
land(struct flight *f)
{
	struct talks *t = f->talks;
	struct ticket *k;

	if (t->o.changed != NULL)
		t->o.changed(t->o.changed_arg, true);
	pthread_mutex_lock(&t->lock);
	note_reach(t, f);
	f->done = true;
	f->done_at = clock_mono(t->o.probe.clock);
	for (k = f->tickets; k != NULL; k = k->next)
		inbox_put(k->inbox, &k->letter);
	if (f->kind == PROBE)
		t->kept += f->arena.used;
	/* If nobody waits, a fetch is of no use; a probe may yet be. */
	if (f->tickets == NULL && f->kind != PROBE)
		forget(t, f);
	make_room(t);
	pthread_mutex_unlock(&t->lock);
}

/* A flight that nobody waits for any more does not take off. Looked at and
 * forgotten in one go, so that nobody can come aboard in between. */
static bool
flight_begin(struct flight *f)
{
	struct talks *t = f->talks;

	pthread_mutex_lock(&t->lock);
	f->begun = f->tickets != NULL;
	f->begun_at = clock_mono(t->o.probe.clock);
	if (f->begun) {
		pthread_mutex_unlock(&t->lock);
		return true;
	}
	forget(t, f);
	pthread_mutex_unlock(&t->lock);
	if (t->o.changed != NULL)
		t->o.changed(t->o.changed_arg, true);
	return false;
}

/* Put one question if it is wished for. */
static void
query(struct flight *f, struct server_answer *q)
{
	if (q->answer.type != 0 && !atomic_load(&f->given_up))
		server_query(&f->talks->o.server, f->address, q->answer.name,
		    q->answer.type, f->deadline, &f->arena, q);
}

static void
run(struct pool_job *job)
{
	struct flight *f = (struct flight *)job;
	struct talks *t = f->talks;

	if (!flight_begin(f))
		return;
	switch (f->kind) {
	case PROBE:
		probe_address(&t->o.probe, f->name, f->address, &f->arena,
		    &f->probe, &f->der);
		break;
	case FETCH:
		fetch_address(&t->o.fetch, f->name, f->address, f->deadline,
		    &f->given_up, &f->arena, &f->fetch);
		break;
	case QUERY:
		query(f, &f->server.mx);
		/* Who was silent once is not waited for again. */
		if (f->server.mx.result != TALK_TIMEOUT)
			query(f, &f->server.txt);
		break;
	}
	land(f);
}

/* talks_free has all flights in its list. */
static void
drop(struct pool_job *job)
{
	(void)job;
}

/* ---- asking ---- */

/* What the pool should know: where a flight goes, and how many may at a time.
 */
static void
set_route(struct flight *f)
{
	static const struct {
		unsigned port, limit;
	} routes[] = {
		[PROBE] = { 25, 1 },
		[FETCH] = { 443, HTTPS_AT_A_TIME },
		[QUERY] = { 53, QUERIES_AT_A_TIME },
	};

	f->job.key = hash_address(f->address, routes[f->kind].port);
	f->job.limit = routes[f->kind].limit;
}

static struct flight *
flight_new(struct talks *t, enum kind kind, struct span name,
    struct ip_addr address, struct mono_time deadline)
{
	struct flight *f = calloc(1, sizeof *f);

	if (f == NULL)
		return NULL;
	f->job.run = run;
	f->job.drop = drop;
	f->talks = t;
	f->kind = kind;
	f->address = address;
	f->deadline = deadline;
	set_route(f);
	atomic_init(&f->given_up, false);
	arena_init(&f->arena, LIMIT_PROBE_MEMORY);
	f->name = arena_span(&f->arena, name);
	switch (kind) {
	case PROBE:
		blank_probe(address, TALK_UNTRIED, &f->probe);
		break;
	case FETCH:
		blank_fetch(address, TALK_UNTRIED, &f->fetch);
		break;
	case QUERY: /* the wish follows */
		break;
	}
	if (!f->arena.failed)
		return f;
	flight_free(f);
	return NULL;
}

static void
hand_out(struct flight *f, struct ticket *k)
{
	k->flight = f;
	k->next = f->tickets;
	k->at = &f->tickets;
	if (k->next != NULL)
		k->next->at = &k->next;
	f->tickets = k;
	if (f->done)
		inbox_put(k->inbox, &k->letter);
}

/* Begin a flight. The ticket is on board before it takes off. */
static bool
take_off(struct talks *t, struct flight *f, struct ticket *k)
{
	if (f == NULL)
		return false;
	hand_out(f, k);
	list_append(t, f);
	if (f->kind == PROBE) {
		struct flight **at = bucket(t, f->name, f->address);

		f->same_hash = *at;
		*at = f;
	}
	if (pool_submit(t->pool, &f->job) == ERR_OK) {
		if (t->o.changed != NULL)
			t->o.changed(t->o.changed_arg, false);
		return true;
	}
	f->tickets = NULL;
	forget(t, f);
	return false;
}

static struct ticket *
ticket_new(struct inbox *inbox, void *tag)
{
	struct ticket *k = calloc(1, sizeof *k);

	if (k == NULL)
		return NULL;
	k->inbox = inbox;
	k->letter.tag = tag;
	return k;
}

/* The ticket if it is on board; else it is of no use. */
static struct ticket *
ticket_if(bool ok, struct ticket *k)
{
	if (ok)
		return k;
	free(k);
	return NULL;
}

/* Put the ticket on a flight that is its own, and is NULL if there is no
 * memory. */
static struct ticket *
go_alone(struct talks *t, struct flight *f, struct ticket *k)
{
	bool ok;

	pthread_mutex_lock(&t->lock);
	ok = take_off(t, f, k);
	pthread_mutex_unlock(&t->lock);
	return ticket_if(ok, k);
}

struct ticket *
talks_probe(struct talks *t, struct span host, struct ip_addr address,
    struct mono_time since, struct inbox *inbox, void *tag)
{
	static const struct mono_time never = { 0 };
	struct ticket *k = ticket_new(inbox, tag);
	struct flight *f;
	bool ok = true;

	if (k == NULL)
		return NULL;
	pthread_mutex_lock(&t->lock);
	f = find_probe(t, host, address, since);
	if (f != NULL) {
		list_remove(t, f);
		list_append(t, f);
		hand_out(f, k);
	} else {
		ok = take_off(t, flight_new(t, PROBE, host, address, never), k);
	}
	pthread_mutex_unlock(&t->lock);
	return ticket_if(ok, k);
}

struct ticket *
talks_fetch(struct talks *t, struct span domain, struct ip_addr address,
    struct mono_time deadline, struct inbox *inbox, void *tag)
{
	struct ticket *k = ticket_new(inbox, tag);

	return k == NULL
		   ? NULL
		   : go_alone(
			 t, flight_new(t, FETCH, domain, address, deadline), k);
}

struct ticket *
talks_query(struct talks *t, const struct server_seen *wish,
    struct mono_time deadline, struct inbox *inbox, void *tag)
{
	struct ticket *k = ticket_new(inbox, tag);
	struct flight *f;

	if (k == NULL)
		return NULL;
	f = flight_new(t, QUERY, wish->name, wish->address, deadline);
	if (f != NULL)
		copy_server(&f->arena, wish, &f->server);
	return go_alone(t, f, k);
}

/* A flight with a ticket stays, and does not change once it is done. */

void
ticket_take_probe(
    struct ticket *k, struct arena *a, struct probe *out, struct der_chain *der)
{
	assert(k->flight->kind == PROBE);
	copy_probe(a, &k->flight->probe, out);
	copy_der(a, &k->flight->der, der);
}

void
ticket_take_fetch(struct ticket *k, struct arena *a, struct fetch *out)
{
	assert(k->flight->kind == FETCH);
	copy_fetch(a, &k->flight->fetch, out);
}

void
ticket_take_server(struct ticket *k, struct arena *a, struct server_seen *out)
{
	assert(k->flight->kind == QUERY);
	copy_server(a, &k->flight->server, out);
}

void
ticket_drop(struct ticket *k)
{
	struct flight *f = k->flight;
	struct talks *t = f->talks;

	pthread_mutex_lock(&t->lock);
	*k->at = k->next;
	if (k->next != NULL)
		k->next->at = k->at;
	if (f->done)
		inbox_remove(k->inbox, &k->letter);
	if (f->kind != PROBE) {
		atomic_store(&f->given_up, true);
		if (f->done)
			forget(t, f);
	}
	pthread_mutex_unlock(&t->lock);
	free(k);
}

static struct reach
reach_of(struct talks *t)
{
	struct reach r;

	pthread_mutex_lock(&t->lock);
	r = t->reach;
	pthread_mutex_unlock(&t->lock);
	return r;
}

bool
talks_smtp_works(struct talks *t)
{
	return reach_of(t).smtp_works;
}

bool
talks_v6_works(struct talks *t)
{
	return reach_of(t).v6_works;
}

bool
talks_is_offline(struct talks *t)
{
	struct reach r = reach_of(t);

	return reach_is_offline(&r);
}

/* ---- beginning and end ---- */

enum err
talks_new(const struct talks_options *o, struct talks **out)
{
	struct talks *t = calloc(1, sizeof *t);
	enum err e;

	if (t == NULL)
		return ERR_MEMORY;
	t->o = *o;
	if ((e = pool_new(o->workers, STACK, &t->pool)) != ERR_OK) {
		free(t);
		return e;
	}
	pthread_mutex_init(&t->lock, NULL);
	*out = t;
	return ERR_OK;
}

void
talks_free(struct talks *t)
{
	if (t == NULL)
		return;
	stop_pull(t->o.stop);
	pool_free(t->pool);
	while (t->oldest != NULL)
		forget(t, t->oldest);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

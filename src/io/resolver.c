#include "io/resolver.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unbound-event.h>
#include <unbound.h>
#include <unistd.h>

#include "wire/name.h"

enum {
	OUTSTANDING = 256, /* questions that libunbound has at a time */
	CHECK_MS = 3000, /* the question by which validation is tried out */
	CLASS_IN = 1,
	RCODE_NXDOMAIN = 3,
	SEC_BOGUS = 1, /* of ub_event_callback_type */
	SEC_SECURE = 2,
};

/* As text of the master file each octet takes up to four ("\255"). */
enum { NAME_TEXT = 4 * 255 + 1 };

static const char *const anchor_files[] = {
	"/usr/share/dns/root.key",
	"/var/lib/unbound/root.key",
};

struct question {
	struct letter letter; /* first: see question_of */
	struct resolver *r;

	/* Under the resolver's lock. */
	struct inbox *inbox; /* NULL: dropped, or the resolver's own */
	bool done;
	struct question *next; /* waiting to be submitted */

	/* The resolver thread's own until done. */
	struct question *run_next, **run_at; /* with libunbound */
	struct event *timer;
	int async_id;

	/* The question; then the answer. */
	uint16_t type;
	bool is_check;
	enum dns_result failed; /* DNS_UNASKED: read the packet */
	bool secure;
	void *packet;
	size_t packet_len;
	char *why;
	char name[NAME_TEXT];
};

enum resolver_state { CHECKING, VALIDATES, STRIPPED };

struct resolver {
	const struct clock *clock;
	int64_t timeout_ms;
	pthread_t thread;

	pthread_mutex_t lock;
	pthread_cond_t settled; /* validates is known */
	struct question *waiting, **waiting_last;
	enum resolver_state state;
	bool stopping;

	/* The thread's own. */
	struct event_base *base;
	struct event *wake;
	int wake_fd;
	struct ub_ctx *ctx, *plain; /* plain: without an anchor, in reserve */
	unsigned outstanding;
	struct question *running;
	struct question *submitting; /* inside ub_resolve_event */
};

/* clang-format off */
static const struct {
	const char *name, *value;
} options[] = {
	/* One user's questions are few; the program stays small. */
	{ "msg-cache-size:",		"4m" },
	{ "rrset-cache-size:",		"4m" },
	{ "key-cache-size:",		"4m" },
	{ "neg-cache-size:",		"1m" },
	/* The library's own 16 sockets make a queue of every bulk run. */
	{ "outgoing-range:",		"256" },
	{ "num-queries-per-thread:",	"512" },
	{ "outgoing-num-tcp:",		"16" },
	/* TTLs are evidence: a day's cap would hide the longer ones. */
	{ "cache-max-ttl:",		"2147483647" },
	/* No fragments on the way (DNS Flag Day 2020). */
	{ "edns-buffer-size:",		"1232" },
	/* A resolver on this machine is the usual case. */
	{ "do-not-query-localhost:",	"no" },
	/* The only server is the configured one. That it is slow for one
	 * domain must not count against it for the next. */
	{ "infra-host-ttl:",		"0" },
	/* It recurses for us: that it had an answer at hand says nothing about
	 * the next question. Asked again too soon, and too often, it would
	 * have failed before it was done. */
	{ "infra-cache-min-rtt:",	"1000" },
};

/* Names that libunbound would answer by itself. We are a stub: what they mean
 * is the configured resolver's business. */
static const char *const local_zones[] = {
	"localhost.", "test.", "invalid.", "home.arpa.", "onion.",
};
/* clang-format on */

static void
wake_up(struct resolver *r)
{
	(void)!write(r->wake_fd, &(uint64_t){ 1 }, sizeof(uint64_t));
}

/* ---- the libunbound context ---- */

static enum err
set_servers(
    struct ub_ctx *ctx, const struct resolver_options *o, struct error *e)
{
	int rc;

	if (o->n_servers == 0 && (rc = ub_ctx_resolvconf(ctx, NULL)) != 0)
		return error_set(
		    e, ERR_NO_INPUT, "/etc/resolv.conf: %s", ub_strerror(rc));
	for (size_t i = 0; i < o->n_servers; i++)
		if ((rc = ub_ctx_set_fwd(ctx, o->servers[i])) != 0)
			return error_set(e, ERR_USAGE,
			    "resolver \"%s\": %s; address or address@port is "
			    "wanted",
			    o->servers[i], ub_strerror(rc));
	return ERR_OK;
}

/* Removing the first of them puts all options into force. */
static enum err
remove_local_zones(struct ub_ctx *ctx, const char *anchor, struct error *e)
{
	for (size_t i = 0; i < sizeof local_zones / sizeof local_zones[0];
	     i++) {
		int rc = ub_ctx_zone_remove(ctx, local_zones[i]);

		if (rc == 0)
			continue;
		if (anchor != NULL)
			return error_set(e, ERR_DATA,
			    "trust anchor %s: not a DNSKEY or DS record",
			    anchor);
		return error_set(
		    e, ERR_LIBRARY, "libunbound: %s", ub_strerror(rc));
	}
	return ERR_OK;
}

/* The anchor goes in before the zones come out: removing one finalises the
 * context, and an anchor added later would be dropped in silence. */
static enum err
context_new(struct resolver *r, const struct resolver_options *o,
    const char *anchor, struct ub_ctx **out, struct error *e)
{
	struct ub_ctx *ctx = ub_ctx_create_event(r->base);
	enum err code;
	int rc;

	if (ctx == NULL)
		return error_set(e, ERR_LIBRARY, "libunbound does not start");
	(void)ub_ctx_debugout(ctx, NULL); /* we never log */
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		rc = ub_ctx_set_option(ctx, options[i].name, options[i].value);
		if (rc != 0) {
			code = error_set(e, ERR_LIBRARY, "libunbound: %s %s",
			    options[i].name, ub_strerror(rc));
			goto fail;
		}
	}
	if ((code = set_servers(ctx, o, e)) != ERR_OK)
		goto fail;
	if (anchor != NULL && (rc = ub_ctx_add_ta_file(ctx, anchor)) != 0) {
		code = error_set(e, ERR_NO_INPUT, "trust anchor %s: %s", anchor,
		    ub_strerror(rc));
		goto fail;
	}
	if ((code = remove_local_zones(ctx, anchor, e)) != ERR_OK)
		goto fail;
	*out = ctx;
	return ERR_OK;
fail:
	ub_ctx_delete(ctx);
	return code;
}

static const char *
system_anchor(void)
{
	for (size_t i = 0; i < sizeof anchor_files / sizeof anchor_files[0];
	     i++)
		if (access(anchor_files[i], R_OK) == 0)
			return anchor_files[i];
	return NULL;
}

/* ---- questions, on the resolver's thread ---- */

static void
question_free(struct question *q)
{
	if (q->timer != NULL)
		event_free(q->timer);
	free(q->packet);
	free(q->why);
	free(q);
}

/* Stripped is what answers, but not with anything that could be validated. A
 * resolver that does not answer at all is another trouble. */
static void
settle(struct resolver *r, const struct question *check)
{
	bool answered = check->failed == DNS_UNASKED ||
			check->failed == DNS_BOGUS ||
			check->failed == DNS_NXDOMAIN;

	pthread_mutex_lock(&r->lock);
	r->state = answered && !check->secure ? STRIPPED : VALIDATES;
	pthread_cond_broadcast(&r->settled);
	pthread_mutex_unlock(&r->lock);
}

/* q has its answer. From here on it is its owner's, who may free it at once. */
static void
finish(struct question *q)
{
	struct resolver *r = q->r;
	bool dropped;

	if (r->submitting == q)
		r->submitting = NULL;
	if (q->run_next != NULL)
		q->run_next->run_at = q->run_at;
	*q->run_at = q->run_next;
	r->outstanding--;
	if (q->timer != NULL)
		event_free(q->timer);
	q->timer = NULL;
	if (q->is_check)
		settle(r, q);
	/* New questions go in from the event, not from here: we may be deep
	 * inside libunbound. */
	event_active(r->wake, 0, 0);

	pthread_mutex_lock(&r->lock);
	q->done = true;
	dropped = q->inbox == NULL;
	if (!dropped)
		inbox_put(q->inbox, &q->letter);
	pthread_mutex_unlock(&r->lock);
	if (dropped)
		question_free(q);
}

static void
on_answer(void *arg, int rcode, void *packet, int packet_len, int sec,
    char *why, int was_ratelimited)
{
	struct question *q = arg;

	(void)was_ratelimited;
	/* Bogus first: a bogus answer may well carry data. */
	if (sec == SEC_BOGUS) {
		q->failed = DNS_BOGUS;
		q->why = why != NULL ? strdup(why) : NULL;
	} else if (rcode == RCODE_NXDOMAIN && packet == NULL) {
		q->failed = DNS_NXDOMAIN;
	} else if (rcode != 0 || packet == NULL || packet_len <= 0) {
		q->failed = DNS_SERVFAIL;
	} else {
		q->secure = sec == SEC_SECURE;
		q->packet = malloc((size_t)packet_len);
		if (q->packet != NULL) {
			q->packet_len = (size_t)packet_len;
			memcpy(q->packet, packet, q->packet_len);
		} else {
			q->failed = DNS_SERVFAIL;
		}
	}
	finish(q);
}

static void
on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct question *q = arg;

	(void)fd;
	(void)what;
	/* libunbound forgets q here: no call of on_answer follows. */
	(void)ub_cancel(q->r->ctx, q->async_id);
	q->failed = DNS_TIMEOUT;
	finish(q);
}

static void
start_timer(struct question *q)
{
	int64_t ms = q->is_check ? CHECK_MS : q->r->timeout_ms;
	struct timeval tv = { .tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000 };

	q->timer = evtimer_new(q->r->base, on_timeout, q);
	if (q->timer == NULL || evtimer_add(q->timer, &tv) != 0)
		on_timeout(-1, 0, q);
}

static void
submit(struct resolver *r, struct question *q)
{
	int rc, id = 0;

	r->outstanding++;
	q->run_next = r->running;
	q->run_at = &r->running;
	if (q->run_next != NULL)
		q->run_next->run_at = &q->run_next;
	r->running = q;
	r->submitting = q;
	rc = ub_resolve_event(
	    r->ctx, q->name, q->type, CLASS_IN, q, on_answer, &id);
	/* An answer at hand has come inside the call, and q may be gone. */
	if (r->submitting != q)
		return;
	r->submitting = NULL;
	if (rc == 0) {
		q->async_id = id;
		start_timer(q);
		return;
	}
	/* A name that cannot be written on the wire cannot exist. */
	q->failed = rc == UB_SYNTAX ? DNS_NXDOMAIN : DNS_SERVFAIL;
	finish(q);
}

/* The next question to submit, or NULL. Dropped ones end here. */
static struct question *
next_waiting(struct resolver *r)
{
	struct question *q;

	pthread_mutex_lock(&r->lock);
	while ((q = r->waiting) != NULL) {
		if (r->state == CHECKING && !q->is_check) {
			q = NULL;
			break;
		}
		r->waiting = q->next;
		if (r->waiting == NULL)
			r->waiting_last = &r->waiting;
		if (q->inbox != NULL || q->is_check)
			break;
		question_free(q);
	}
	pthread_mutex_unlock(&r->lock);
	return q;
}

/* Of two contexts one stays: the one with the anchor, or, where nothing
 * validates, the one in reserve. No other question has been submitted yet. */
static void
keep_one(struct resolver *r, enum resolver_state state)
{
	struct ub_ctx *spare = state == STRIPPED ? r->ctx : r->plain;

	if (r->plain == NULL)
		return;
	if (state == STRIPPED)
		r->ctx = r->plain;
	r->plain = NULL;
	ub_ctx_delete(spare);
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct resolver *r = arg;
	enum resolver_state state;
	struct question *q;
	uint64_t n;

	(void)what;
	(void)!read(fd, &n, sizeof n);
	pthread_mutex_lock(&r->lock);
	if (r->stopping)
		event_base_loopbreak(r->base);
	state = r->state;
	pthread_mutex_unlock(&r->lock);
	if (state != CHECKING)
		keep_one(r, state);
	while (r->outstanding < OUTSTANDING && (q = next_waiting(r)) != NULL)
		submit(r, q);
}

static void *
thread_main(void *arg)
{
	struct resolver *r = arg;

	event_base_loop(r->base, EVLOOP_NO_EXIT_ON_EMPTY);
	return NULL;
}

/* ---- for the other threads ---- */

static struct question *
question_new(struct resolver *r, struct span name, uint16_t type)
{
	struct question *q = calloc(1, sizeof *q);

	if (q == NULL)
		return NULL;
	q->r = r;
	q->type = type;
	if (name.n >= sizeof q->name - 1 || span_find(name, '\0') != name.n)
		q->failed = DNS_NXDOMAIN; /* no name at all */
	else if (name.n > 0)
		memcpy(q->name, name.p, name.n);
	return q;
}

static void
enqueue(struct resolver *r, struct question *q)
{
	pthread_mutex_lock(&r->lock);
	*r->waiting_last = q;
	r->waiting_last = &q->next;
	pthread_mutex_unlock(&r->lock);
	wake_up(r);
}

struct question *
resolver_ask(struct resolver *r, struct span name, uint16_t type,
    struct inbox *inbox, void *tag)
{
	struct question *q = question_new(r, name, type);

	if (q == NULL)
		return NULL;
	q->inbox = inbox;
	q->letter.tag = tag;
	if (q->failed != DNS_UNASKED) {
		q->done = true;
		inbox_put(inbox, &q->letter);
	} else {
		enqueue(r, q);
	}
	return q;
}

struct question *
question_of(struct letter *l)
{
	return (struct question *)l;
}

void
resolver_blank(struct span name, uint16_t type, enum dns_result result,
    struct dns_answer *out)
{
	*out = (struct dns_answer){ .name = name,
		.type = type,
		.result = (uint8_t)result,
		.why = SPAN("") };
}

void
question_read(struct question *q, struct arena *a, struct dns_answer *out)
{
	struct span name = arena_span(a, span_str(q->name));

	if (q->failed != DNS_UNASKED) {
		resolver_blank(name, q->type, q->failed, out);
		if (q->why != NULL)
			out->why = arena_span(a, span_str(q->why));
		return;
	}
	dns_read(
	    (struct span){ q->packet, q->packet_len }, name, q->type, a, out);
	out->secure = q->secure;
	out->why = SPAN("");
}

void
question_drop(struct question *q)
{
	struct resolver *r = q->r;
	bool done;

	pthread_mutex_lock(&r->lock);
	done = q->done;
	if (done && q->inbox != NULL)
		inbox_remove(q->inbox, &q->letter);
	q->inbox = NULL;
	pthread_mutex_unlock(&r->lock);
	if (done)
		question_free(q);
}

bool
resolver_validates(struct resolver *r)
{
	bool yes;

	pthread_mutex_lock(&r->lock);
	while (r->state == CHECKING)
		pthread_cond_wait(&r->settled, &r->lock);
	yes = r->state == VALIDATES;
	pthread_mutex_unlock(&r->lock);
	return yes;
}

enum err
resolver_lookup(struct resolver *r, const struct resolver_query *queries,
    size_t n, struct mono_time deadline, struct arena *a,
    struct dns_answer *out)
{
	struct question **qs = arena_array(a, n, sizeof *qs);
	struct inbox inbox;
	struct letter *l;
	enum err e;

	if (qs == NULL)
		return ERR_MEMORY;
	if ((e = inbox_init(&inbox)) != ERR_OK)
		return e;
	for (size_t i = 0; i < n; i++) {
		resolver_blank(
		    queries[i].name, queries[i].type, DNS_TIMEOUT, &out[i]);
		qs[i] = resolver_ask(
		    r, queries[i].name, queries[i].type, &inbox, &out[i]);
		if (qs[i] == NULL)
			e = ERR_MEMORY;
	}
	for (size_t left = n; left > 0 && e == ERR_OK; left--) {
		if ((l = inbox_take(&inbox, r->clock, deadline)) == NULL)
			break;
		question_read(question_of(l), a, l->tag);
	}
	for (size_t i = 0; i < n; i++)
		if (qs[i] != NULL)
			question_drop(qs[i]);
	inbox_release(&inbox);
	return e == ERR_OK && a->failed ? ERR_MEMORY : e;
}

/* ---- beginning and end ---- */

/* The event base without locks is right: only the thread touches it once it
 * runs, and it is woken by a descriptor. */
static enum err
set_up_base(struct resolver *r, struct error *e)
{
	r->base = event_base_new();
	r->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->base == NULL || r->wake_fd < 0)
		return error_set(e, ERR_SYSTEM, "no event loop can be had");
	r->wake =
	    event_new(r->base, r->wake_fd, EV_READ | EV_PERSIST, on_wake, r);
	if (r->wake == NULL || event_add(r->wake, NULL) != 0)
		return error_set(e, ERR_MEMORY, "out of memory");
	return ERR_OK;
}

/* With an anchor: the context that has it, one in reserve, and the question by
 * which it is tried out. The root's NS set is signed, in every cache, and
 * cannot be validated without the root's DNSKEY. */
static enum err
set_up_contexts(
    struct resolver *r, const struct resolver_options *o, struct error *e)
{
	const char *anchor =
	    o->trust_anchor != NULL ? o->trust_anchor : system_anchor();
	struct question *check;
	enum err rc;

	if (anchor == NULL) {
		r->state = STRIPPED;
		return context_new(r, o, NULL, &r->ctx, e);
	}
	if ((rc = context_new(r, o, anchor, &r->ctx, e)) != ERR_OK ||
	    (rc = context_new(r, o, NULL, &r->plain, e)) != ERR_OK)
		return rc;
	check = question_new(r, SPAN("."), DNS_NS);
	if (check == NULL)
		return error_set(e, ERR_MEMORY, "out of memory");
	check->is_check = true;
	enqueue(r, check);
	return ERR_OK;
}

static bool
start_thread(struct resolver *r)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&r->thread, NULL, thread_main, r);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc == 0;
}

static void
free_waiting(struct resolver *r)
{
	struct question *q, *next;

	for (q = r->waiting; q != NULL; q = next) {
		next = q->next;
		question_free(q);
	}
}

/* Deleting a context may answer what is still under way, which takes it out of
 * the list; what was cancelled there is no longer in it. */
static void
tear_down(struct resolver *r)
{
	if (r->ctx != NULL)
		ub_ctx_delete(r->ctx);
	if (r->plain != NULL)
		ub_ctx_delete(r->plain);
	while (r->running != NULL) {
		struct question *q = r->running;

		r->running = q->run_next;
		question_free(q);
	}
	free_waiting(r);
	if (r->wake != NULL)
		event_free(r->wake);
	if (r->base != NULL)
		event_base_free(r->base);
	if (r->wake_fd >= 0)
		close(r->wake_fd);
	pthread_cond_destroy(&r->settled);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

enum err
resolver_new(
    const struct resolver_options *o, struct resolver **out, struct error *e)
{
	struct resolver *r = calloc(1, sizeof *r);
	enum err rc;

	if (r == NULL)
		return error_set(e, ERR_MEMORY, "out of memory");
	r->clock = o->clock;
	r->timeout_ms = o->timeout_ms;
	r->waiting_last = &r->waiting;
	r->wake_fd = -1;
	pthread_mutex_init(&r->lock, NULL);
	if (cond_init(&r->settled) != ERR_OK) {
		pthread_mutex_destroy(&r->lock);
		free(r);
		return error_set(e, ERR_SYSTEM, "no thread can be had");
	}
	if ((rc = set_up_base(r, e)) != ERR_OK ||
	    (rc = set_up_contexts(r, o, e)) != ERR_OK)
		goto fail;
	if (!start_thread(r)) {
		rc = error_set(e, ERR_SYSTEM, "no thread can be had");
		goto fail;
	}
	*out = r;
	return ERR_OK;
fail:
	tear_down(r);
	return rc;
}

void
resolver_free(struct resolver *r)
{
	if (r == NULL)
		return;
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	pthread_mutex_unlock(&r->lock);
	wake_up(r);
	pthread_join(r->thread, NULL);
	tear_down(r);
}

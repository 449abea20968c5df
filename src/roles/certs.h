/* certs.h - what the parts of the certs role share; for roles/certs*.c and for
 * nobody else.
 *
 *   claim (main thread) -> order (a thread each) -> finish (the same thread)
 *
 * A job is one claimed certificate. Its thread takes it as far as it goes
 * without a long wait, and writes what came of it: an order that waits for a
 * Retry-After or for a CA that is down is not in memory. Its state is in the
 * store (io/acme_saved.h), its key in the store of secrets, and due_at says
 * when somebody goes on with it, here or on another machine. So a process that
 * dies leaves claims, which lapse, and nothing else.
 *
 * A job has a desk: connections to both stores and to the CAs, for one thread
 * at a time. There are as many as jobs may be, and they stay from job to job,
 * since a conversation with a CA begins with a handshake, a directory and a
 * nonce. */
#ifndef ROLES_CERTS_H
#define ROLES_CERTS_H

#include <pthread.h>

#include "base/limits.h"
#include "io/acme_order.h"
#include "io/inbox.h"
#include "io/pool.h"
#include "io/resolver.h"
#include "io/sealed.h"
#include "roles/line.h"
#include "store/certificates.h"
#include "store/secrets.h"

/* ---- the vault: what is read and written under the sealing key ---- */

/* What all threads share; opened at the first need, by whoever comes first. */
struct certs_vault {
	pthread_mutex_t lock;
	bool is_open;
	struct sealing_key key;
	struct arena arena; /* of eab_key */
	struct span eab_key; /* "": none */
	EVP_PKEY *accounts[ACME_CAS_MAX]; /* as the configuration's CAs */
};

enum err
certs_vault_init(struct certs_vault *v) MUST_CHECK;
void
certs_vault_release(struct certs_vault *v);

/* What a secret is for is a part of its name: "account/DIRECTORY",
 * "order/HOST/...", "certificate/HOST/...". */

/* A name for a secret that there was never before: kind/HOST/SECONDS.RANDOM, so
 * that its age can be told. "" if there is no memory, or no randomness. */
struct span
certs_secret_name(const struct role_env *env, const char *kind,
    struct span host, struct arena *a);

/* ---- CAs that are left in peace ---- */

/* Each order has waits of its own, so that a name that fails is in nobody's
 * way; but of ten thousand new names each would be refused by a CA that takes
 * no more, and be counted there. So a CA that has failed the first orders of
 * several names in a row, without having taken one in between, gets no first
 * order for a while; then the next one tries it. Who is served already is
 * renewed all the same: CAs do not count that, and it is what may run out. */
struct certs_rests {
	pthread_mutex_t lock; /* of all that follows */
	struct {
		uint32_t failures; /* in a row */
		struct mono_time until;
	} cas[ACME_CAS_MAX];
};

enum err
certs_rests_init(struct certs_rests *r) MUST_CHECK;
void
certs_rests_release(struct certs_rests *r);

/* A CA failed an order, which waits for so long. True: a rest begins. */
bool
certs_rests_failed(struct certs_rests *r, size_t ca, enum acme_failure why,
    int64_t wait_s, struct mono_time now);
/* It took one. */
void
certs_rests_worked(struct certs_rests *r, size_t ca);
/* How long one that comes now has to wait, spread by the random number; 0: it
 * need not. */
int64_t
certs_rests_left_s(struct certs_rests *r, size_t ca, struct mono_time now,
    uint32_t random) MUST_CHECK;

/* ---- a desk ---- */

struct certs;

struct certs_desk {
	struct certs *c;
	struct store *store; /* NULL: not opened, or it failed */
	struct secrets *secrets;
	struct acme_client *cas[ACME_CAS_MAX];
	bool is_taken;
};

/* The stores are there. */
enum err
certs_desk_open(struct certs_desk *d, struct error *e) MUST_CHECK;
/* And the CAs can be spoken to: the sealing key, the accounts' keys (made where
 * there are none). ERR_DATA where the sealing key is another one, or an
 * account's key is damaged: nothing is made in its place. */
enum err
certs_desk_greet(struct certs_desk *d, struct error *e) MUST_CHECK;
void
certs_desk_close(struct certs_desk *d);

/* The CA of a directory; n_cas: the configuration has it no more. */
size_t
certs_desk_find(const struct certs_desk *d, struct span directory);

/* Seal, and keep under that name. */
enum err
certs_secret_put(struct certs_desk *d, struct span name, struct span secret,
    struct error *e) MUST_CHECK;
/* *out lives in a, and is the caller's to wipe. ERR_DATA: it cannot be opened;
 * e says why. */
enum err
certs_secret_get(struct certs_desk *d, struct span name, struct arena *a,
    struct span *out, bool *found, struct error *e) MUST_CHECK;

/* ---- a job ---- */

struct certs_job {
	struct pool_job pool_job; /* first: the pool's callback casts */
	struct letter letter;
	struct certs *c;
	struct certs_desk *desk;
	int64_t worker; /* under which it was claimed */
	struct arena arena;
	struct certificate_order claim; /* as it was claimed */
	struct acme_order order; /* if there is one */
	struct span text; /* of it, as it is in the store; "": none */
	struct span key_name; /* of its key; "": none */
	bool key_is_kept; /* in the store of secrets */
	bool is_lost; /* the claim is another's */
	bool store_failed; /* not that of secrets */
	struct span problems[ACME_CAS_MAX]; /* that each CA had; "": none */
	atomic_bool is_over; /* its claim is not to be extended */
	struct certs_job *next, **at; /* all under way */
};

/* From claim to finish, on the job's thread. */
void
certs_work(struct certs_job *j);

/* The end of its claim; with nothing new but when it is due, and what is in the
 * way. */
enum err
certs_finish(struct certs_job *j, const struct certificate_outcome *out,
    struct error *e) MUST_CHECK;
enum err
certs_finish_as_it_is(struct certs_job *j, struct wall_time due,
    struct span problem, struct error *e) MUST_CHECK;

/* The same for an order that is done: its certificate, if it is of use, takes
 * the place of the one that is served. */
enum err
certs_deliver(struct certs_job *j, struct error *e) MUST_CHECK;

/* A key that has done its work; one that cannot be removed now is swept. */
void
certs_forget_key(struct certs_job *j, struct span name);

/* When the certificate that is served is to be renewed, and when that is to be
 * asked again (RFC 9773). */
struct certs_renewal {
	bool is_due; /* now */
	struct wall_time renew_at, ask_at;
};

enum err
certs_renewal_plan(
    struct certs_job *j, struct certs_renewal *out, struct error *e) MUST_CHECK;

/* What a CA's failure means, for the person who has to do something about it:
 * one sentence or two. Memory from a. */
struct span
certs_problem(const struct acme_order *o, const char *directory,
    struct span host, struct arena *a);

/* ---- what has its time ---- */

struct certs_chores {
	const struct role_env *env;
	struct secrets *secrets; /* NULL: not opened, or it failed */
	char after[LIMIT_SECRET_NAME + 1]; /* where the sweep has come to */
};

/* Once a minute: challenges that nobody will ask for any more, and a page of
 * the secrets that nothing refers to. */
enum err
certs_do_chores(
    struct certs_chores *w, struct store *s, struct error *e) MUST_CHECK;

/* ---- the loop ---- */

struct certs {
	const struct role_env *env;
	struct line line;
	int64_t worker;
	struct trust_store *trust;
	struct resolver *resolver;
	struct certs_vault vault;
	struct certs_rests rests;
	bool has_vault, has_rests;
	/* Ends requests that take too long at the end: one that is cut off may
	 * have been obeyed, and is made twice. */
	struct stop cut;
	struct certs_desk *desks; /* as many as orders at a time */
	struct pool *pool;
	struct inbox done; /* jobs that are over */
	bool has_inbox;
	struct certs_job *jobs; /* all under way */
	size_t n_jobs;
	struct mono_time poll, beat, chores_at;
	struct certs_chores chores;
};

/* *c is all zero but for env. certs_release may come after it, whatever it
 * said. */
enum err
certs_begin(struct certs *c, struct error *e) MUST_CHECK;

/* One turn: what has its time, then wait for a job to end, some 200 ms at most.
 * Stopping: nothing is claimed. */
void
certs_turn(struct certs *c, bool stopping);

/* What is under way may take its step to the end; what has not ended by then
 * stays where it is (c->n_jobs), and its claims lapse. */
void
certs_drain(struct certs *c);

void
certs_release(struct certs *c);

#endif

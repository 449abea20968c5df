/* acme_order.h - from names to a certificate (RFC 8555 7.4, 7.5, 8.3).
 *
 * core/acme_plan.h draws the states. Each has one function here, which makes
 *the requests of that state and sets down what came of them:
 *
 *	WANTED		step_wanted	 CAA, new order
 *	PENDING		step_pending	 the names' authorizations; answers to
 *					 HTTP-01 are shown, and the CA is told
 *	READY		step_ready	 the request for the certificate
 *	PROCESSING	step_processing	 the order is looked at again
 *	VALID		step_valid	 the chain is fetched and looked at
 *
 * An order is plain data. It is saved (hook) before its key is used and after
 * every step, so that a process that dies takes up where it was: every step
 * may be made twice. What was shown stays shown until it is hidden.
 *
 * Whatever the CA does is in the order (failure, problem, why) and in its plan
 * (when to go on); an enum err is our own. */
#ifndef IO_ACME_ORDER_H
#define IO_ACME_ORDER_H

#include "core/acme_plan.h"
#include "io/acme_http.h"
#include "io/random.h"

struct acme_name {
	struct span name; /* canonical */
	struct acme_tries tries;
};

struct acme_order {
	struct acme_plan plan;
	struct acme_name *names;
	size_t n_names;
	/* The certificate's private key, PKCS #8 in DER. It is made with the
	 * order and kept until another is wanted: a secret. */
	struct span key;
	/* RFC 9773 5: which certificate this one takes the place of, and the
	 * directory of the CA that issued it; "": none. */
	struct span replaces, replaces_at;
	/* The directory of the CA that has, or had, the order. A CA that is no
	 * longer among those of the environment takes its order with it. */
	struct span directory;
	/* Of the CA's order; "" and none where there is no order. */
	struct span url, finalize, certificate;
	struct span *authorizations;
	size_t n_authorizations;
	struct span chain; /* PEM, leaf first; "" until the end */

	/* The last failure; none after a step that went well. */
	enum acme_failure failure;
	struct acme_problem problem;
	struct span why; /* for a person */

	bool answered; /* the CA was told of every answer; not saved */
};

/* One answer to HTTP-01: at the name's port 80, below
 * /.well-known/acme-challenge/, under token (base64url, nothing else). */
struct acme_answer {
	struct span name, token, text;
};

/* What the caller does. Failures of these are ours, and end the step. */
struct acme_hooks {
	void *arg;
	/* From the return on, whoever asks at any of the names' addresses gets
	 * the answer. What is shown already may be shown again. */
	enum err (*show)(void *arg, const struct acme_answer *answers, size_t n,
	    struct error *e);
	/* No answer of the order's names is needed any more. */
	void (*hide)(void *arg, const struct acme_order *o);
	/* On stable storage when it returns. The key is to be sealed. */
	enum err (*save)(
	    void *arg, const struct acme_order *o, struct error *e);
	/* May this CA be asked for these names (CAA)? False: *why says who
	 * forbids it, in memory of a. NULL: it is not looked at. */
	bool (*may_ask)(void *arg, const struct acme_order *o,
	    struct acme_client *ca, struct arena *a, struct span *why);
};

struct acme_env {
	struct acme_client *const *cas; /* in order of preference */
	unsigned n_cas; /* 1 to ACME_CAS_MAX */
	const struct acme_hooks *hooks;
	const struct clock *clock;
	const struct randomness *random;
	struct stop *stop; /* what it ends is no failure; may be NULL */
};

/* An order for n names (host names, at most LIMIT_ACME_NAMES), with a new key.
 * All of it lives in a, the names too. ERR_DATA for what is no name. */
enum err
acme_order_init(struct acme_order *o, const struct span *names, size_t n,
    struct arena *a, struct error *e) MUST_CHECK;

/* Begin again for the certificate's successor, with a new key. The old key and
 * chain are no longer in the order: what is served meanwhile is kept elsewhere.
 */
enum err
acme_order_renew(struct acme_order *o, struct wall_time now, struct arena *a,
    struct error *e) MUST_CHECK;

/* Make the next step if its time has come. *wait_ms: how long to wait before
 * the one after it; 0 if it can follow, or if the order is DONE. What is new in
 * the order lives in a. */
enum err
acme_order_step(struct acme_order *o, const struct acme_env *env,
    struct arena *a, int64_t *wait_ms, struct error *e) MUST_CHECK;

/* Step and wait until the order is done, or has failed, or the next step is not
 * due before the deadline. */
enum err
acme_order_run(struct acme_order *o, const struct acme_env *env,
    struct mono_time deadline, struct arena *a, struct error *e) MUST_CHECK;

/* Overwrite the key. */
void
acme_order_wipe(struct acme_order *o);

#endif

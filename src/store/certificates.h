/* certificates.h - a certificate for each policy host: what is served, and the
 * order for its successor.
 *
 * Everything here may be read by whoever reads the store: private keys are in a
 * store of their own (secrets.h), under the name that key_name() gives. A key
 * is put there before its certificate is put here, and removed after it. */
#ifndef STORE_CERTIFICATES_H
#define STORE_CERTIFICATES_H

#include "core/published.h"
#include "store/store.h"

/* What an edge needs. */
struct certificate {
	uint64_t number; /* a change number of served.h; > 0 */
	struct span host;
	struct span chain; /* certificates in DER, leaf first, end to end */
	struct span key_name; /* in the store of secrets */
};

/* Not found: there is none. If number is `have`, the rest is left out. */
enum err
certificate_find(struct store *s, struct span host, uint64_t have,
    struct arena *a, struct certificate *out, bool *found,
    struct error *e) MUST_CHECK;
/* Hosts whose certificate has changed behind a number, in order, max of them
 * (LIMIT_STORE_PAGE at most). Chains and keys are left out. */
enum err
certificate_changes(struct store *s, uint64_t behind, size_t max,
    struct arena *a, struct certificate **out, size_t *n,
    struct error *e) MUST_CHECK;

/* ---- the certs role ---- */

struct certificate_order {
	int64_t domain, claim; /* both make the claim */
	struct span host;
	bool wanted; /* false: the policy is not published any more */
	struct span order; /* io/acme_saved.h; "": none was ever made */
	/* The directory of the CA that is asked next, or has it; "": none was
	 * chosen yet. */
	struct span ca;
	/* The CA has it; otherwise it waits for that. Said by whoever saves it;
	 * a claim does not tell. */
	bool is_at_ca;
	struct span key_name; /* of the order's key, in the store of secrets */
	struct certificate now; /* what is served; number 0: nothing */
	struct wall_time not_before, not_after; /* if so */
	struct span issuer; /* directory of its CA, if so */
	uint32_t random; /* drawn once a certificate (core/renewal.h) */
	struct wall_time renew_at; /* as last planned; 0: not planned */
	struct wall_time failing_since; /* 0: it does not */
};

/* Due: certificates that are wanted and not there, or to be renewed, or to be
 * asked for (ARI), or not wanted any more. As work_claim. */
enum err
certificate_claim(struct store *s, int64_t worker, struct wall_time now,
    struct wall_time until, size_t max, struct arena *a,
    struct certificate_order **out, size_t *n, struct error *e) MUST_CHECK;

/* The order as it is now, while it is under way; the claim goes on. */
enum err
certificate_save_order(struct store *s, int64_t worker,
    const struct certificate_order *o, struct wall_time until, bool *held,
    struct error *e) MUST_CHECK;

/* A later end for the claim, and nothing else. */
enum err
certificate_extend(struct store *s, int64_t worker,
    const struct certificate_order *o, struct wall_time until, bool *held,
    struct error *e) MUST_CHECK;

/* The end of a claim whose order waits: somebody goes on with it at due. What
 * was told of it stands. */
enum err
certificate_put_off(struct store *s, int64_t worker,
    const struct certificate_order *o, struct wall_time due, bool *held,
    struct error *e) MUST_CHECK;

/* Why an order failed, at one CA. */
struct certificate_refusal {
	struct span ca; /* its directory; "": it failed here, before any */
	struct span reason;
};

/* The end of a claim. With a new chain it takes the place of the old one under
 * a new change number, and the publication is woken. problem is "" if nothing
 * failed; then failing_since ends, and no refusal is remembered. Both are
 * changes that the monitor is woken for: the domain is judged anew. */
struct certificate_outcome {
	struct span order; /* to be kept, as are these in certificate_order */
	struct span ca;
	bool is_at_ca;
	struct span chain; /* DER; "": as it was */
	/* Of the chain, if there is one; otherwise of the order, to be kept. */
	struct span key_name;
	struct wall_time not_before, not_after; /* of the chain, as are these */
	struct span issuer;
	uint32_t random;

	struct wall_time renew_at, due_at;
	struct span problem; /* all of it, for the domain's owner */
	/* What each CA said that was asked this time. What others said before
	 * stands, as they may still be in the way, but for a week at most.
	 * None: the problem is ours. */
	const struct certificate_refusal *refusals;
	size_t n_refusals;
};

enum err
certificate_finish(struct store *s, int64_t worker,
    const struct certificate_order *o, const struct certificate_outcome *out,
    struct wall_time now, bool *held, struct error *e) MUST_CHECK;

/* It is not wanted any more, and everything of it forgotten, its answers to
 * HTTP-01 too. Not held: as ever, or it is wanted again. */
enum err
certificate_drop(struct store *s, int64_t worker,
    const struct certificate_order *o, bool *held, struct error *e) MUST_CHECK;

/* The keys that a host's certificate and its order refer to, by their names in
 * the store of secrets; "" where there is none. Not found: nothing is wanted
 * for that host, nor served. */
struct certificate_keys {
	struct span served, order;
	struct wall_time since; /* not_before of what is served; 0: nothing */
};

enum err
certificate_keys(struct store *s, struct span host, struct arena *a,
    struct certificate_keys *out, bool *found, struct error *e) MUST_CHECK;

/* What the publish role wants: a certificate for a host from now on, or none
 * any more. Where that is news, whoever has claimed it loses it, and it is due
 * at `now`. */
enum err
certificate_want(struct store *s, int64_t domain, struct span host, bool wanted,
    struct wall_time now, struct error *e) MUST_CHECK;

#endif

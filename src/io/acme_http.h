/* acme_http.h - conversations with one CA (RFC 8555 6 and 7.1 to 7.3).
 *
 * A client knows the CA's directory, holds the nonce for its next request, says
 * a request again when the CA did not like the nonce, and reads what comes back
 * within bounds. It keeps its connection. It belongs to one thread at a time;
 * several may speak for one account.
 *
 * Whatever the CA does is data (struct acme_reply, its failure); an enum err is
 * our own. Redirects are not followed, no proxy of the environment is used, and
 * nothing but HTTPS is spoken, whatever URLs the CA hands out. */
#ifndef IO_ACME_HTTP_H
#define IO_ACME_HTTP_H

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/err.h"
#include "core/acme_plan.h"
#include "io/stop.h"
#include "io/trust.h"

/* All of it is borrowed until acme_client_free. */
struct acme_client_options {
	struct stop *stop; /* ends what is under way; may be NULL */
	struct trust_store *trust;
	const char *user_agent;
	int64_t limit_ms; /* one request */
	const char *directory; /* the CA's URL */
	EVP_PKEY *key; /* the account's */
	const char *account; /* its URL, where it is known; else NULL */
	const char *const *contacts; /* mailboxes that the CA may write to */
	size_t n_contacts;
	bool terms_agreed; /* by the person who runs us */
	/* The name by which CAA records call the CA, where that person knows
	 * better than the directory, or the directory says nothing; else NULL.
	 */
	const char *caa;
	/* RFC 8555 7.3.4: what the CA gave that person; "": nothing. */
	struct span eab_kid, eab_key; /* the key as octets */
};

/* A part of a problem that is about one name (RFC 8555 6.7.1). */
struct acme_subproblem {
	struct span name, type, detail;
};

/* A problem document (RFC 7807), in the CA's own words. */
struct acme_problem {
	struct span text; /* all of it as it came; "": there is none */
	struct span type, detail;
	struct acme_subproblem *parts;
	size_t n_parts;
};

struct acme_reply {
	enum acme_failure failure;
	int status; /* 0: no answer */
	struct span body; /* at most LIMIT_ACME_ANSWER */
	struct span location; /* "" */
	int64_t retry_after_s; /* 0: nothing was said */
	struct acme_problem problem;
	struct span why; /* in our words, where it failed; for a person */
};

struct acme_client;

/* libcurl is set up (get_global_init). */
enum err
acme_client_new(const struct acme_client_options *o, struct acme_client **out,
    struct error *e) MUST_CHECK;

void
acme_client_free(struct acme_client *c);

/* What the directory names. Memory of the client. */
enum acme_resource {
	ACME_NEW_NONCE,
	ACME_NEW_ACCOUNT,
	ACME_NEW_ORDER,
	ACME_REVOKE_CERT,
	ACME_KEY_CHANGE,
	ACME_RENEWAL_INFO, /* RFC 9773 4; not every CA has it */
	ACME_RESOURCES,
};

/* Fetch the directory, if that has not been done; out->failure if it cannot be
 * had. */
enum err
acme_client_greet(
    struct acme_client *c, struct arena *a, struct acme_reply *out) MUST_CHECK;

/* "": the CA has it not, or nobody looked. */
struct span
acme_client_url(const struct acme_client *c, enum acme_resource r);

/* The names by which CAA records may call the CA (RFC 8555 7.1.1,
 * caaIdentities); none before acme_client_greet, and perhaps none at all. */
size_t
acme_client_caa(const struct acme_client *c, const struct span **out);

/* The URL of the options. */
struct span
acme_client_directory(const struct acme_client *c);

/* The account's URL; "" before there is one. */
struct span
acme_client_account(const struct acme_client *c);

/* Make the account, or find the one that the key has already (RFC 8555 7.3).
 * Nothing is done where its URL is known. */
enum err
acme_client_register(
    struct acme_client *c, struct arena *a, struct acme_reply *out) MUST_CHECK;

/* A signed request by the account, which is registered. If the CA does not know
 * it any more it will be registered again the next time. The payload is "" for
 * POST-as-GET. *out lives in a. */
enum err
acme_post(struct acme_client *c, struct span url, struct span payload,
    struct arena *a, struct acme_reply *out) MUST_CHECK;

/* The same to a resource of the directory; a CA without it is a failure of
 * protocol. */
enum err
acme_post_to(struct acme_client *c, enum acme_resource r, struct span payload,
    struct arena *a, struct acme_reply *out) MUST_CHECK;

/* An unsigned GET, as for renewal information (RFC 9773 4.1). */
enum err
acme_get(struct acme_client *c, struct span url, struct arena *a,
    struct acme_reply *out) MUST_CHECK;

/* The account's key, for key authorizations and for the roll-over; borrowed. */
EVP_PKEY *
acme_client_key(const struct acme_client *c);

/* Sign with another key from now on: the account has it (io/acme_account.h). */
void
acme_client_use_key(struct acme_client *c, EVP_PKEY *key);

#endif

#include "io/acme_http.h"

#include <stdlib.h>

#include "base/limits.h"
#include "io/acme_exchange.h"
#include "io/acme_json.h"
#include "io/acme_jws.h"
#include "io/acme_problem.h"

struct acme_client {
	struct acme_client_options o;
	struct acme_wire wire;
	struct arena memory; /* what lives as long as the client */
	struct span urls[ACME_RESOURCES]; /* "" */
	struct span *caa; /* of the directory */
	size_t n_caa;
	struct span own_caa; /* of the options, if there is one */
	struct span account; /* "" */
	bool greeted;
};

/* ---- a client ---- */

static void
forget_directory(struct acme_client *c)
{
	for (size_t i = 0; i < ACME_RESOURCES; i++)
		c->urls[i] = SPAN("");
	c->n_caa = 0;
	arena_release(&c->memory);
	arena_init(&c->memory, LIMIT_ACME_CLIENT);
}

enum err
acme_client_new(const struct acme_client_options *o, struct acme_client **out,
    struct error *e)
{
	struct acme_client *c = calloc(1, sizeof *c);

	if (c == NULL)
		return error_plain(e, ERR_MEMORY);
	c->o = *o;
	forget_directory(c);
	c->own_caa = span_str(o->caa != NULL ? o->caa : "");
	c->account = span_str(o->account != NULL ? o->account : "");
	if (!acme_wire_init(&c->wire, &c->o)) {
		acme_client_free(c);
		return error_set(e, ERR_LIBRARY, "libcurl cannot be set up");
	}
	*out = c;
	return ERR_OK;
}

void
acme_client_free(struct acme_client *c)
{
	if (c == NULL)
		return;
	acme_wire_release(&c->wire);
	arena_release(&c->memory);
	free(c);
}

EVP_PKEY *
acme_client_key(const struct acme_client *c)
{
	return c->o.key;
}

struct span
acme_client_directory(const struct acme_client *c)
{
	return span_str(c->o.directory);
}

struct span
acme_client_account(const struct acme_client *c)
{
	return c->account;
}

struct span
acme_client_url(const struct acme_client *c, enum acme_resource r)
{
	return c->urls[r];
}

size_t
acme_client_caa(const struct acme_client *c, const struct span **out)
{
	*out = c->o.caa != NULL ? &c->own_caa : c->caa;
	return c->o.caa != NULL ? 1 : c->n_caa;
}

void
acme_client_use_key(struct acme_client *c, EVP_PKEY *key)
{
	c->o.key = key;
}

/* ---- the directory (RFC 8555 7.1.1) ---- */

/* clang-format off */
static const struct {
	const char	*member;
	bool		 required;
} resources[ACME_RESOURCES] = {
	[ACME_NEW_NONCE]	= { "newNonce", true },
	[ACME_NEW_ACCOUNT]	= { "newAccount", true },
	[ACME_NEW_ORDER]	= { "newOrder", true },
	[ACME_REVOKE_CERT]	= { "revokeCert", false },
	[ACME_KEY_CHANGE]	= { "keyChange", false },
	[ACME_RENEWAL_INFO]	= { "renewalInfo", false },
};
/* clang-format on */

static void
read_caa(struct acme_client *c, const json_t *meta)
{
	const json_t *names = json_object_get(meta, "caaIdentities");
	size_t n = json_array_size(names);

	c->n_caa = 0;
	c->caa = arena_array(&c->memory, n, sizeof *c->caa);
	for (size_t i = 0; i < n && c->caa != NULL; i++) {
		const json_t *v = json_array_get(names, i);

		if (json_is_string(v))
			c->caa[c->n_caa++] = arena_span(
			    &c->memory, (struct span){ json_string_value(v),
					    json_string_length(v) });
	}
}

static void
read_directory(struct acme_client *c, struct acme_reply *r)
{
	json_t *d = acme_json_read(r->body);
	bool good = true;

	for (size_t i = 0; i < ACME_RESOURCES; i++) {
		c->urls[i] = acme_json_text(d, resources[i].member, &c->memory);
		good = good && (c->urls[i].n > 0 || !resources[i].required);
	}
	read_caa(c, json_object_get(d, "meta"));
	json_decref(d);
	c->greeted = good && !c->memory.failed;
	if (c->greeted)
		return;
	forget_directory(c);
	r->failure = ACME_FAILED_PROTOCOL;
	r->why = SPAN("the CA's directory is none, or too long");
}

enum err
acme_client_greet(
    struct acme_client *c, struct arena *a, struct acme_reply *out)
{
	enum err e;

	if (c->greeted) {
		*out = (struct acme_reply){ .status = 200 };
		return ERR_OK;
	}
	e = acme_exchange(
	    &c->wire, ACME_GET, span_str(c->o.directory), SPAN(""), a, out);
	if (e != ERR_OK || out->failure != ACME_FAILED_NOT)
		return e;
	read_directory(c, out);
	return ERR_OK;
}

/* ---- requests ---- */

enum err
acme_get(struct acme_client *c, struct span url, struct arena *a,
    struct acme_reply *out)
{
	return acme_exchange(&c->wire, ACME_GET, url, SPAN(""), a, out);
}

/* RFC 8555 7.2 */
static enum err
fetch_nonce(struct acme_client *c, struct arena *a, struct acme_reply *out)
{
	enum err e = acme_exchange(
	    &c->wire, ACME_HEAD, c->urls[ACME_NEW_NONCE], SPAN(""), a, out);

	if (e == ERR_OK && out->failure == ACME_FAILED_NOT &&
	    c->wire.nonce[0] == '\0') {
		out->failure = ACME_FAILED_PROTOCOL;
		out->why = SPAN("the CA gave no nonce");
	}
	return e;
}

/* The request once. The nonce is used up, whatever comes of it. */
static enum err
say(struct acme_client *c, const struct acme_jws *what, struct arena *a,
    struct acme_reply *out)
{
	struct acme_jws w = *what;
	struct span text;
	enum err e;

	if (c->wire.nonce[0] == '\0') {
		e = fetch_nonce(c, a, out);
		if (e != ERR_OK || out->failure != ACME_FAILED_NOT)
			return e;
	}
	w.nonce = arena_span(a, span_str(c->wire.nonce));
	c->wire.nonce[0] = '\0';
	if ((e = acme_jws_sign(&w, a, &text)) != ERR_OK)
		return e;
	return acme_exchange(&c->wire, ACME_POST, w.url, text, a, out);
}

/* RFC 8555 6.5: an answer that refuses a nonce brings the next one. */
static enum err
post(struct acme_client *c, const struct acme_jws *w, struct arena *a,
    struct acme_reply *out)
{
	enum err e = ERR_OK;

	for (int i = 0; i < LIMIT_ACME_NONCES; i++) {
		e = say(c, w, a, out);
		if (e != ERR_OK || !acme_problem_is(&out->problem, "badNonce"))
			break;
	}
	return e;
}

enum err
acme_post(struct acme_client *c, struct span url, struct span payload,
    struct arena *a, struct acme_reply *out)
{
	struct acme_jws w = { .key = c->o.key,
		.kid = c->account,
		.url = url,
		.payload = payload };
	enum err e = post(c, &w, a, out);

	if (e == ERR_OK &&
	    acme_problem_is(&out->problem, "accountDoesNotExist"))
		c->account = SPAN("");
	return e;
}

enum err
acme_post_to(struct acme_client *c, enum acme_resource r, struct span payload,
    struct arena *a, struct acme_reply *out)
{
	enum err e = acme_client_greet(c, a, out);

	if (e != ERR_OK || out->failure != ACME_FAILED_NOT)
		return e;
	if (c->urls[r].n == 0) {
		out->failure = ACME_FAILED_PROTOCOL;
		out->why =
		    arena_printf(a, "the CA has no %s", resources[r].member);
		return ERR_OK;
	}
	return acme_post(c, c->urls[r], payload, a, out);
}

/* ---- the account (RFC 8555 7.3) ---- */

/* RFC 8555 7.3, RFC 6068; NULL without memory. */
static json_t *
contacts_of(const struct acme_client *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->o.n_contacts; i++)
		if (json_array_append_new(list,
			json_sprintf("mailto:%s", c->o.contacts[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static enum err
account_request(struct acme_client *c, struct arena *a, struct span *out)
{
	json_t *q = json_object(), *bound;
	struct span text;
	bool good = q != NULL;
	enum err e;

	if (c->o.terms_agreed)
		good = json_object_set_new(
			   q, "termsOfServiceAgreed", json_true()) == 0;
	if (c->o.n_contacts > 0)
		good = good &&
		       json_object_set_new(q, "contact", contacts_of(c)) == 0;
	if (good && c->o.eab_kid.n > 0) {
		e = acme_jws_bind(c->o.key, c->o.eab_kid, c->o.eab_key,
		    c->urls[ACME_NEW_ACCOUNT], a, &text);
		if (e != ERR_OK) {
			json_decref(q);
			return e;
		}
		bound = acme_json_read(text);
		good = json_object_set_new(
			   q, "externalAccountBinding", bound) == 0;
	}
	*out = acme_json_dump(q, a);
	return good && !a->failed ? ERR_OK : ERR_MEMORY;
}

enum err
acme_client_register(
    struct acme_client *c, struct arena *a, struct acme_reply *out)
{
	struct acme_jws w = { .key = c->o.key, .kid = SPAN("") };
	enum err e = acme_client_greet(c, a, out);

	if (e != ERR_OK || out->failure != ACME_FAILED_NOT || c->account.n > 0)
		return e;
	w.url = c->urls[ACME_NEW_ACCOUNT];
	if ((e = account_request(c, a, &w.payload)) != ERR_OK ||
	    (e = post(c, &w, a, out)) != ERR_OK ||
	    out->failure != ACME_FAILED_NOT)
		return e;
	if (out->location.n == 0) {
		out->failure = ACME_FAILED_PROTOCOL;
		out->why = SPAN("the CA made an account without a URL");
		return ERR_OK;
	}
	c->account = arena_span(&c->memory, out->location);
	return c->memory.failed ? ERR_MEMORY : ERR_OK;
}

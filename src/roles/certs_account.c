/* The certs role: the desks, and what is kept under the sealing key. */
#include <inttypes.h>
#include <openssl/crypto.h>

#include "base/ascii.h"
#include "base/base64url.h"
#include "base/limits.h"
#include "io/acme_jws.h"
#include "io/secret_file.h"
#include "roles/certs.h"
#include "version.h"

static const struct config *
config_of(const struct certs_desk *d)
{
	return d->c->env->config;
}

/* ---- secrets ---- */

struct span
certs_secret_name(const struct role_env *env, const char *kind,
    struct span host, struct arena *a)
{
	uint64_t random;

	if (!randomness_fill(env->randomness, &random, sizeof random))
		return SPAN("");
	return arena_printf(a, "%s/%.*s/%" PRId64 ".%016" PRIx64, kind,
	    (int)host.n, host.p, clock_wall(env->clock).s, random);
}

enum err
certs_secret_put(
    struct certs_desk *d, struct span name, struct span secret, struct error *e)
{
	const struct role_env *env = d->c->env;
	struct span sealed = SPAN("");
	struct arena a;
	enum err rc;

	arena_init(&a, LIMIT_SECRET_MEMORY);
	rc = sealed_write(
	    &d->c->vault.key, env->randomness, name, secret, &a, &sealed);
	if (rc != ERR_OK)
		rc = error_plain(e, rc);
	else
		rc = secret_put(
		    d->secrets, name, sealed, clock_wall(env->clock), e);
	arena_release(&a);
	return rc;
}

enum err
certs_secret_get(struct certs_desk *d, struct span name, struct arena *a,
    struct span *out, bool *found, struct error *e)
{
	struct span sealed = SPAN("");
	enum err rc = secret_get(d->secrets, name, a, &sealed, found, e);

	if (rc == ERR_OK && *found)
		rc = sealed_read(&d->c->vault.key, name, sealed, a, out, e);
	return rc;
}

/* ---- the vault ---- */

enum err
certs_vault_init(struct certs_vault *v)
{
	if (pthread_mutex_init(&v->lock, NULL) != 0)
		return ERR_SYSTEM;
	arena_init(&v->arena, LIMIT_SECRET_MEMORY);
	v->eab_key = SPAN("");
	return ERR_OK;
}

static void
empty(struct certs_vault *v)
{
	OPENSSL_cleanse((char *)v->eab_key.p, v->eab_key.n);
	v->eab_key = SPAN("");
	sealing_key_wipe(&v->key);
	for (size_t i = 0; i < ACME_CAS_MAX; i++) {
		EVP_PKEY_free(v->accounts[i]);
		v->accounts[i] = NULL;
	}
	arena_release(&v->arena);
}

void
certs_vault_release(struct certs_vault *v)
{
	empty(v);
	pthread_mutex_destroy(&v->lock);
}

/* What the CA gave the person for the account (RFC 8555 7.3.4). */
static enum err
read_eab(struct certs_vault *v, const struct config *c, struct error *e)
{
	char mem[LIMIT_KEY_FILE];
	struct buf text = buf_init(mem, sizeof mem);
	enum err rc;

	if (c->eab_key_file == NULL)
		return ERR_OK;
	rc = secret_file_read(c->eab_key_file, &text, e);
	if (rc == ERR_OK && (!base64url_decode(&v->arena,
				 ascii_trim(buf_span(&text)), &v->eab_key) ||
				v->eab_key.n == 0))
		rc = error_set(e, ERR_DATA,
		    "%s does not hold a key in base64url", c->eab_key_file);
	OPENSSL_cleanse(mem, sizeof mem);
	return rc;
}

static enum err
make_account(struct certs_desk *d, struct span name, struct error *e)
{
	struct span der = SPAN("");
	struct arena a;
	EVP_PKEY *key;
	enum err rc = acme_key_new(&key, e);

	if (rc != ERR_OK)
		return rc;
	arena_init(&a, LIMIT_SECRET_MEMORY);
	rc = acme_key_write(key, &a, &der, e);
	EVP_PKEY_free(key);
	if (rc == ERR_OK)
		rc = certs_secret_put(d, name, der, e);
	OPENSSL_cleanse((char *)der.p, der.n);
	arena_release(&a);
	if (rc == ERR_OK)
		log_say(
		    d->c->env->log, LOG_ACCOUNT_MADE, log_text("name", name));
	return rc;
}

static enum err
read_account(struct certs_desk *d, struct span name, EVP_PKEY **out,
    bool *found, struct error *e)
{
	struct span der = SPAN("");
	struct error why;
	struct arena a;
	enum err rc;

	arena_init(&a, LIMIT_SECRET_MEMORY);
	rc = certs_secret_get(d, name, &a, &der, found, &why);
	if (rc == ERR_OK && *found)
		rc = acme_key_read(der, out, &why);
	OPENSSL_cleanse((char *)der.p, der.n);
	arena_release(&a);
	if (rc == ERR_DATA)
		return error_set(e, rc,
		    "the key \"%.*s\" cannot be opened with %s: %s",
		    (int)name.n, name.p, config_of(d)->sealing_key, why.text);
	return rc == ERR_OK ? rc : error_set(e, rc, "%s", why.text);
}

/* Of two processes that make one at a time the last one's stays: so it is read
 * again. */
static enum err
open_account(struct certs_desk *d, size_t i, struct error *e)
{
	char text[LIMIT_SECRET_NAME + 1];
	EVP_PKEY **out = &d->c->vault.accounts[i];
	struct span name;
	bool found = false;
	enum err rc;

	snprintf(text, sizeof text, "account/%s", config_of(d)->cas.items[i]);
	name = span_str(text);
	rc = read_account(d, name, out, &found, e);
	if (rc != ERR_OK || found)
		return rc;
	rc = make_account(d, name, e);
	if (rc == ERR_OK)
		rc = read_account(d, name, out, &found, e);
	if (rc == ERR_OK && !found)
		rc = error_set(e, ERR_STORE, "the key \"%s\" is gone", text);
	return rc;
}

/* The lock is held. */
static enum err
open_vault(struct certs_desk *d, struct error *e)
{
	struct certs_vault *v = &d->c->vault;
	const struct config *c = config_of(d);
	enum err rc = sealing_key_read(c->sealing_key, &v->key, e);

	if (rc == ERR_OK)
		rc = read_eab(v, c, e);
	for (size_t i = 0; rc == ERR_OK && i < c->cas.n; i++)
		rc = open_account(d, i, e);
	v->is_open = rc == ERR_OK;
	if (!v->is_open)
		empty(v);
	return rc;
}

/* ---- desks ---- */

enum err
certs_desk_open(struct certs_desk *d, struct error *e)
{
	const struct config *c = config_of(d);
	struct wall_time now = clock_wall(d->c->env->clock);
	enum err rc = ERR_OK;

	if (d->store == NULL)
		rc = store_open(c->store, STORE_USE, now, &d->store, e);
	if (rc == ERR_OK && d->secrets == NULL)
		rc = secrets_open(c->keys, now, &d->secrets, e);
	return rc;
}

static enum err
make_client(struct certs_desk *d, size_t i, struct error *e)
{
	const struct config *c = config_of(d);
	const struct certs_vault *v = &d->c->vault;
	const struct acme_client_options o = {
		.stop = &d->c->cut,
		.trust = d->c->trust,
		.user_agent = c->user_agent != NULL
				  ? c->user_agent
				  : "mtasts/" MTASTS_VERSION_TEXT,
		.limit_ms = LIMIT_ACME_MS,
		.directory = c->cas.items[i],
		.key = v->accounts[i],
		.contacts = c->ca_contacts.items,
		.n_contacts = c->ca_contacts.n,
		.terms_agreed = c->ca_agree,
		/* It is the first CA's. */
		.eab_kid =
		    span_str(i == 0 && c->eab_kid != NULL ? c->eab_kid : ""),
		.eab_key = i == 0 ? v->eab_key : SPAN(""),
	};

	return acme_client_new(&o, &d->cas[i], e);
}

enum err
certs_desk_greet(struct certs_desk *d, struct error *e)
{
	struct certs_vault *v = &d->c->vault;
	enum err rc = ERR_OK;

	pthread_mutex_lock(&v->lock);
	if (!v->is_open)
		rc = open_vault(d, e);
	pthread_mutex_unlock(&v->lock);
	for (size_t i = 0; rc == ERR_OK && i < config_of(d)->cas.n; i++)
		if (d->cas[i] == NULL)
			rc = make_client(d, i, e);
	return rc;
}

void
certs_desk_close(struct certs_desk *d)
{
	for (size_t i = 0; i < ACME_CAS_MAX; i++) {
		acme_client_free(d->cas[i]);
		d->cas[i] = NULL;
	}
	secrets_free(d->secrets);
	store_free(d->store);
	d->secrets = NULL;
	d->store = NULL;
}

size_t
certs_desk_find(const struct certs_desk *d, struct span directory)
{
	const struct config_list *cas = &config_of(d)->cas;
	size_t i = 0;

	while (i < cas->n && !span_eq(span_str(cas->items[i]), directory))
		i++;
	return i;
}

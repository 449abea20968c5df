/* The edge role: what the servers ask, answered from the store. */
#include <openssl/crypto.h>

#include "core/published.h"
#include "roles/edge.h"
#include "store/certificates.h"

enum {
	SILENT_MS = 5 * 1000, /* a store that main has not heard for so long */
	RETRY_MS = 1000,
	TOLD_AGAIN_MS = 3600 * 1000,
	TOLD_HOSTS = 1024,
};

/* ---- the store ---- */

void
edge_pulse_beat(struct edge_pulse *p)
{
	atomic_store(&p->at_ns, clock_mono(p->clock).ns);
}

static struct mono_time
now(const struct edge_source *x)
{
	return clock_mono(x->env->clock);
}

static bool
is_silent(const struct edge_source *x)
{
	struct mono_time heard = { atomic_load(&x->pulse->at_ns) };

	return mono_ms_until(heard, now(x)) >= SILENT_MS;
}

/* Did the store answer? What is wrong with one row is no reason to connect
 * anew. Told once, until something succeeds. */
static bool
worked(struct edge_source *x, enum err rc, const struct error *e)
{
	if (rc != ERR_OK && !x->failed)
		log_say(x->env->log, LOG_STORE_FAILED, log_error(e));
	x->failed = rc != ERR_OK;
	if (rc != ERR_OK && rc != ERR_DATA && rc != ERR_MEMORY) {
		store_free(x->store);
		x->store = NULL;
		x->retry = mono_after_ms(now(x), RETRY_MS);
	}
	return rc == ERR_OK;
}

static struct store *
reach(struct edge_source *x)
{
	struct error e;
	enum err rc;

	if (is_silent(x))
		return NULL;
	if (x->store != NULL || mono_ms_until(now(x), x->retry) > 0)
		return x->store;
	rc = store_open(x->env->config->store, STORE_USE,
	    clock_wall(x->env->clock), &x->store, &e);
	return worked(x, rc, &e) ? x->store : NULL;
}

static void
forget_answer(struct edge_source *x)
{
	if (x->secret.n > 0)
		OPENSSL_cleanse((char *)(uintptr_t)x->secret.p, x->secret.n);
	x->secret = SPAN("");
	arena_release(&x->a);
}

/* The last answer is not needed any more. NULL: nothing can be said. */
static struct store *
begin_answer(struct edge_source *x)
{
	forget_answer(x);
	return reach(x);
}

/* ---- certificates ---- */

/* Only these are published: for others strangers need not make us ask. */
static bool
is_policy_host(struct span name)
{
	return span_starts(name, SPAN("mta-sts."));
}

static enum err
reach_secrets(struct edge_source *x, struct error *e)
{
	const struct config *c = x->env->config;
	enum err rc = ERR_OK;

	if (x->has_key && x->secrets != NULL)
		return ERR_OK;
	if (mono_ms_until(now(x), x->secrets_retry) > 0)
		return error_set(e, ERR_STORE_BUSY,
		    "the store of secrets was out of reach a moment ago");
	x->secrets_retry = mono_after_ms(now(x), RETRY_MS);
	if (!x->has_key) {
		rc = sealing_key_read(c->sealing_key, &x->key, e);
		x->has_key = rc == ERR_OK;
	}
	if (rc == ERR_OK && x->secrets == NULL)
		rc = secrets_open(
		    c->keys, clock_wall(x->env->clock), &x->secrets, e);
	return rc;
}

static enum err
open_secret(struct edge_source *x, struct span name, struct error *e)
{
	struct span sealed;
	bool found = false;
	enum err rc = reach_secrets(x, e);

	if (rc != ERR_OK)
		return rc;
	rc = secret_get(x->secrets, name, &x->a, &sealed, &found, e);
	if (rc != ERR_OK && rc != ERR_DATA && rc != ERR_MEMORY) {
		secrets_free(x->secrets);
		x->secrets = NULL;
	}
	if (rc == ERR_OK && !found)
		rc = error_set(e, ERR_DATA, "the key is not in the store");
	return rc == ERR_OK
		   ? sealed_read(&x->key, name, sealed, &x->a, &x->secret, e)
		   : rc;
}

/* Every hour at most: it happens at every handshake. */
static void
tell_of_key(struct edge_source *x, struct span host, const struct error *e)
{
	struct cache_item *last = cache_get(x->told, host);
	struct cache_item item = { .value = x, .version = 1, .asked = now(x) };

	if (last != NULL && mono_ms_until(last->asked, now(x)) < TOLD_AGAIN_MS)
		return;
	if (cache_put(x->told, host, item, 0))
		log_say(x->env->log, LOG_KEY_UNUSABLE, log_text("host", host),
		    log_error(e));
}

static void
keep_nothing(void *value)
{
	(void)value;
}

static enum lookup
find_identity(
    void *arg, struct span name, uint64_t have, struct tls_identity *out)
{
	struct edge_source *x = arg;
	struct certificate c;
	struct store *store;
	struct error e;
	bool found;

	if (!is_policy_host(name))
		return LOOKUP_NONE;
	if ((store = begin_answer(x)) == NULL)
		return LOOKUP_FAILED;
	if (!worked(x,
		certificate_find(store, name, have, &x->a, &c, &found, &e), &e))
		return LOOKUP_FAILED;
	if (!found)
		return LOOKUP_NONE;
	if (c.number == have)
		return LOOKUP_SAME;
	if (open_secret(x, c.key_name, &e) != ERR_OK) {
		tell_of_key(x, name, &e);
		return LOOKUP_FAILED;
	}
	*out = (struct tls_identity){ c.chain, x->secret, c.number };
	return LOOKUP_FOUND;
}

/* ---- policies ---- */

static enum lookup
find_policy(void *arg, struct span host, uint64_t have, struct span *out_body,
    uint64_t *out_version)
{
	struct edge_source *x = arg;
	struct served s;
	struct store *store;
	struct error e;
	bool found;

	if (!is_policy_host(host))
		return LOOKUP_NONE;
	if ((store = begin_answer(x)) == NULL)
		return LOOKUP_FAILED;
	if (!worked(
		x, served_host(store, host, have, &x->a, &s, &found, &e), &e))
		return LOOKUP_FAILED;
	if (!found || s.body_number == 0)
		return LOOKUP_NONE;
	if (s.body_number == have)
		return LOOKUP_SAME;
	*out_body = s.body;
	*out_version = s.body_number;
	return LOOKUP_FOUND;
}

/* Without a cache: it is there from the moment at which it is put. */
static enum lookup
find_challenge(
    void *arg, struct span host, struct span token, struct span *out_body)
{
	struct edge_source *x = arg;
	struct store *store;
	struct error e;
	bool found;

	if (!is_policy_host(host))
		return LOOKUP_NONE;
	if ((store = begin_answer(x)) == NULL)
		return LOOKUP_FAILED;
	if (!worked(x,
		challenge_find(store, host, token, &x->a, out_body, &found, &e),
		&e))
		return LOOKUP_FAILED;
	return found ? LOOKUP_FOUND : LOOKUP_NONE;
}

/* ---- the zone ---- */

bool
edge_entry(const struct served *s, struct dns_entry *out)
{
	if (s->id.n > DNS_ID_MAX)
		return false;
	memcpy(out->id, s->id.p, s->id.n);
	out->id_n = (uint8_t)s->id.n;
	return true;
}

/* Base32 in lower case, as they are issued. */
static bool
is_label(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') &&
		    !(s.p[i] >= '2' && s.p[i] <= '7'))
			return false;
	return s.n == PUBLISHED_LABEL_OCTETS;
}

static enum lookup
find_label(void *arg, struct span label, struct dns_entry *out)
{
	struct edge_source *x = arg;
	struct served s;
	struct store *store;
	struct error e;
	bool found;

	if (!is_label(label))
		return LOOKUP_NONE;
	if ((store = begin_answer(x)) == NULL)
		return LOOKUP_FAILED;
	if (!worked(x, served_label(store, label, &x->a, &s, &found, &e), &e))
		return LOOKUP_FAILED;
	if (!found || s.gone)
		return LOOKUP_NONE;
	return edge_entry(&s, out) ? LOOKUP_FOUND : LOOKUP_FAILED;
}

static enum lookup
next_label(void *arg, struct span after, char *label, size_t *label_n,
    struct dns_entry *out)
{
	struct edge_source *x = arg;
	struct served s;
	struct store *store;
	struct error e;
	bool found;

	if ((store = begin_answer(x)) == NULL)
		return LOOKUP_FAILED;
	if (!worked(x, served_next(store, after, &x->a, &s, &found, &e), &e))
		return LOOKUP_FAILED;
	if (!found)
		return LOOKUP_NONE;
	if (!is_label(s.label) || !edge_entry(&s, out))
		return LOOKUP_FAILED;
	memcpy(label, s.label.p, s.label.n);
	*label_n = s.label.n;
	return LOOKUP_FOUND;
}

/* ---- all of it ---- */

enum err
edge_source_init(struct edge_source *x, const struct role_env *env,
    const struct edge_pulse *pulse, struct error *e)
{
	struct cache_config told = { .max_items = TOLD_HOSTS,
		.release = keep_nothing };

	*x = (struct edge_source){
		.env = env, .pulse = pulse, .secret = SPAN("")
	};
	arena_init(&x->a, LIMIT_EDGE_ANSWER);
	x->retry = x->secrets_retry = now(x);
	if (!randomness_fill(env->randomness, &told.seed, sizeof told.seed))
		return error_set(e, ERR_SYSTEM, "no randomness can be had");
	x->told = cache_new(&told);
	return x->told != NULL ? ERR_OK : error_plain(e, ERR_MEMORY);
}

void
edge_source_release(struct edge_source *x)
{
	forget_answer(x);
	sealing_key_wipe(&x->key);
	store_free(x->store);
	secrets_free(x->secrets);
	cache_free(x->told);
}

struct tls_source
edge_tls_source(struct edge_source *x)
{
	return (struct tls_source){ find_identity, x };
}

struct policy_source
edge_policy_source(struct edge_source *x)
{
	return (struct policy_source){ find_policy, find_challenge, x };
}

struct dns_source
edge_dns_source(struct edge_source *x)
{
	return (struct dns_source){ find_label, next_label, x };
}

/* The certs role: what an order has brought is handed over to the edges. */
#include <openssl/crypto.h>

#include "base/rfc3339.h"
#include "core/renewal.h"
#include "io/acme_csr.h"
#include "io/acme_jws.h"
#include "roles/certs.h"

enum {
	AGAIN_S = 3600, /* after a certificate that is of no use */
	/* Between two certificates for a host, whatever clocks and CAs say. */
	SETTLED_S = 3600,
};

static struct wall_time
now_of(const struct certs_job *j)
{
	return clock_wall(j->c->env->clock);
}

/* What the order has brought, once more looked at: it may have lain in the
 * store for long. NULL, or in words what is wrong with it. */
static enum err
unpack(struct certs_job *j, struct certificate_outcome *out, struct span *key,
    const char **fault, struct error *e)
{
	struct span pem = SPAN("");
	struct acme_leaf leaf;
	EVP_PKEY *pair;
	enum err rc = acme_key_read(j->order.key, &pair, e);

	if (rc != ERR_OK)
		return rc;
	*fault = acme_chain_take(j->order.chain, pair, &j->claim.host, 1,
	    now_of(j), &j->arena, &pem);
	if (*fault == NULL)
		rc = acme_key_write_ec(pair, &j->arena, key, e);
	EVP_PKEY_free(pair);
	if (rc != ERR_OK || *fault != NULL)
		return rc;
	if (!acme_chain_der(pem, &j->arena, &out->chain) ||
	    !acme_leaf_read(pem, &j->arena, &leaf))
		return error_plain(e, ERR_MEMORY);
	out->not_before = leaf.from;
	out->not_after = leaf.to;
	return ERR_OK;
}

/* Under a name of its own, so that the key of what is served stays. */
static enum err
put_key(
    struct certs_job *j, struct span key, struct span *name, struct error *e)
{
	*name = certs_secret_name(
	    j->c->env, "certificate", j->claim.host, &j->arena);
	if (name->n == 0)
		return error_set(e, ERR_SYSTEM, "no name for a key");
	return certs_secret_put(j->desk, *name, key, e);
}

/* The plan of the renewal is made when the CA is asked for it. */
static enum err
plan_next(struct certs_job *j, struct certificate_outcome *out, struct error *e)
{
	const struct renewal_window none = { { 0 }, { 0 } };
	struct wall_time now = now_of(j);
	struct wall_time soon = (struct wall_time){ now.s + SETTLED_S };

	if (!randomness_fill(
		j->c->env->randomness, &out->random, sizeof out->random))
		return error_set(e, ERR_SYSTEM, "no randomness can be had");
	out->renew_at =
	    renewal_at(out->not_before, out->not_after, &none, out->random);
	if (out->renew_at.s < soon.s)
		out->renew_at = soon;
	out->due_at.s = now.s + renewal_ask_again_s(0);
	if (out->renew_at.s < out->due_at.s)
		out->due_at = out->renew_at;
	return ERR_OK;
}

static void
say_issued(const struct certs_job *j, const struct certificate_outcome *out)
{
	struct rfc3339 until = rfc3339_format(out->not_after);

	log_say(j->c->env->log, LOG_CERTIFICATE_ISSUED,
	    log_text("host", j->claim.host), log_text("ca", out->issuer),
	    log_text("not-after", span_str(until.text)));
}

void
certs_forget_key(struct certs_job *j, struct span name)
{
	struct error e;

	if (name.n > 0 && secret_remove(j->desk->secrets, name, &e) != ERR_OK)
		log_say(j->c->env->log, LOG_STORE_FAILED, log_error(&e));
}

static enum err
refuse(struct certs_job *j, const char *fault, struct error *e)
{
	struct span problem = arena_printf(&j->arena,
	    "The certificate for %.*s from %.*s is of no use: %s.",
	    (int)j->claim.host.n, j->claim.host.p, (int)j->order.directory.n,
	    j->order.directory.p, fault);
	size_t ca = certs_desk_find(j->desk, j->order.directory);

	if (ca < j->c->env->config->cas.n)
		j->problems[ca] = problem;
	log_say(j->c->env->log, LOG_ORDER_FAILED,
	    log_text("host", j->claim.host), log_text("problem", problem));
	j->text = j->key_name = SPAN("");
	return certs_finish_as_it_is(
	    j, (struct wall_time){ now_of(j).s + AGAIN_S }, problem, e);
}

enum err
certs_deliver(struct certs_job *j, struct error *e)
{
	struct certificate_outcome out = { .order = SPAN(""),
		.key_name = SPAN(""),
		.chain = SPAN(""),
		.issuer = j->order.directory,
		.problem = SPAN("") };
	const char *fault = NULL;
	struct span key = SPAN("");
	struct span order_key = j->key_name;
	enum err rc = unpack(j, &out, &key, &fault, e);

	if (rc == ERR_OK && fault == NULL)
		rc = put_key(j, key, &out.key_name, e);
	OPENSSL_cleanse((char *)key.p, key.n);
	if (rc == ERR_OK && fault != NULL)
		return refuse(j, fault, e);
	if (rc == ERR_OK)
		rc = plan_next(j, &out, e);
	if (rc == ERR_OK)
		rc = certs_finish(j, &out, e);
	if (rc != ERR_OK)
		return rc;
	say_issued(j, &out);
	certs_forget_key(j, order_key);
	return ERR_OK;
}

/* The certs role: is it time for a certificate's successor? */
#include <openssl/crypto.h>

#include "io/acme_renewal.h"
#include "roles/certs.h"

enum {
	/* Whatever is planned, each certificate is looked at as often, so that
	 * a clock that was wrong once, or a key that is lost, is found out. */
	LOOK_EVERY_S = 86400,
};

static bool
is_before(struct wall_time a, struct wall_time b)
{
	return a.s < b.s;
}

/* Can the edges open the key of what they serve? What they cannot open is as
 * good as not there: another certificate takes its place, and the secret stays
 * as it is. */
static enum err
look_at_key(struct certs_job *j, bool *good, struct error *e)
{
	struct span key = SPAN("");
	struct error why = { .text = "it is not there" };
	enum err rc = certs_secret_get(
	    j->desk, j->claim.now.key_name, &j->arena, &key, good, &why);

	OPENSSL_cleanse((char *)key.p, key.n);
	if (rc != ERR_OK && rc != ERR_DATA)
		return error_set(e, rc, "%s", why.text);
	*good = *good && rc == ERR_OK;
	if (!*good)
		log_say(j->c->env->log, LOG_KEY_LOST,
		    log_text("host", j->claim.host), log_error(&why));
	return ERR_OK;
}

/* What the CA that issued it suggests, and when to ask again: RFC 9773. One
 * that does not answer has not taken back what it said before (!known); one
 * that knows nothing of renewal, or that we have no more, suggests nothing. */
struct suggestion {
	struct renewal_window window;
	bool known;
	int64_t again_s;
};

static enum err
ask(struct certs_job *j, const struct acme_leaf *leaf, struct suggestion *out,
    struct error *e)
{
	size_t ca = certs_desk_find(j->desk, j->claim.issuer);
	struct acme_reply reply;
	enum err rc;

	*out = (struct suggestion){ .known = true, .again_s = LOOK_EVERY_S };
	if (ca == j->c->env->config->cas.n)
		return ERR_OK;
	rc = acme_renewal_ask(j->desk->cas[ca], leaf, &j->arena, &out->window,
	    &out->again_s, &reply);
	if (rc != ERR_OK)
		return error_plain(e, rc);
	if (reply.failure == ACME_FAILED_GONE)
		out->again_s = LOOK_EVERY_S;
	out->known = reply.failure == ACME_FAILED_NOT ||
		     reply.failure == ACME_FAILED_GONE;
	return ERR_OK;
}

enum err
certs_renewal_plan(
    struct certs_job *j, struct certs_renewal *out, struct error *e)
{
	const struct certificate_order *c = &j->claim;
	struct wall_time now = clock_wall(j->c->env->clock);
	struct suggestion s;
	struct acme_leaf leaf;
	bool good;
	enum err rc = look_at_key(j, &good, e);

	*out = (struct certs_renewal){ .is_due = true };
	if (rc != ERR_OK || !good ||
	    !acme_leaf_read_der(c->now.chain, &j->arena, &leaf))
		return rc;
	if ((rc = ask(j, &leaf, &s, e)) != ERR_OK)
		return rc;
	out->renew_at =
	    !s.known && c->renew_at.s > 0
		? c->renew_at
		: renewal_at(leaf.from, leaf.to, &s.window, c->random);
	out->is_due = !is_before(now, out->renew_at);
	out->ask_at = (struct wall_time){ now.s + s.again_s };
	if (is_before(out->renew_at, out->ask_at))
		out->ask_at = out->renew_at;
	return ERR_OK;
}

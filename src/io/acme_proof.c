#include "io/acme_proof.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "io/acme_json.h"
#include "io/acme_jws.h"
#include "io/acme_problem.h"

/* An authorization, and its challenge of type http-01 (RFC 8555 7.1.4, 8). */
struct proof {
	struct span name, status;
	struct span challenge_status, url,
	    token; /* "" without such a challenge */
	struct acme_problem error; /* of the challenge */
};

static void
read_challenge(const json_t *list, struct arena *a, struct proof *p)
{
	size_t i;
	json_t *v;

	json_array_foreach(list, i, v)
	{
		struct acme_problem error;

		/* Another kind of challenge may have been the one that failed.
		 */
		acme_problem_read(json_object_get(v, "error"), a, &error);
		if (error.type.n > 0)
			p->error = error;
		if (!span_eq(acme_json_text(v, "type", a), SPAN("http-01")))
			continue;
		p->challenge_status = acme_json_text(v, "status", a);
		p->url = acme_json_text(v, "url", a);
		p->token = acme_json_text(v, "token", a);
	}
}

static void
read_proof(struct span body, struct arena *a, struct proof *p)
{
	json_t *d = acme_json_read(body);

	*p = (struct proof){ .challenge_status = SPAN(""),
		.url = SPAN(""),
		.token = SPAN(""),
		.error = { SPAN(""), SPAN(""), SPAN(""), NULL, 0 } };
	p->status = acme_json_text(d, "status", a);
	p->name = acme_json_text(json_object_get(d, "identifier"), "value", a);
	read_challenge(json_object_get(d, "challenges"), a, p);
	json_decref(d);
}

/* All authorizations of the order; the failure of the first that cannot be had
 * is in *out. */
static enum err
fetch_proofs(struct acme_client *ca, const struct acme_order *o,
    struct arena *a, struct proof **proofs, struct acme_reply *out)
{
	struct proof *p = arena_array(a, o->n_authorizations, sizeof *p);

	*out = (struct acme_reply){ .why = SPAN("") };
	if (p == NULL)
		return ERR_MEMORY;
	for (size_t i = 0; i < o->n_authorizations; i++) {
		enum err e =
		    acme_post(ca, o->authorizations[i], SPAN(""), a, out);

		if (e != ERR_OK || out->failure != ACME_FAILED_NOT)
			return e;
		read_proof(out->body, a, &p[i]);
	}
	*proofs = p;
	return ERR_OK;
}

/* RFC 8555 8.3: the token becomes a part of a path. */
static bool
is_token(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum((unsigned char)s.p[i]) && s.p[i] != '-' &&
		    s.p[i] != '_')
			return false;
	return s.n > 0 && s.n <= LIMIT_ACME_NONCE;
}

static bool
is_ours(const struct acme_order *o, struct span name)
{
	for (size_t i = 0; i < o->n_names; i++)
		if (ascii_eq_nocase(o->names[i].name, name))
			return true;
	return false;
}

static void
refuse(struct acme_reply *out, const char *why)
{
	out->failure = ACME_FAILED_PROTOCOL;
	out->why = span_str(why);
}

/* Is there something to answer? What is no authorization is refused. */
static bool
is_to_answer(
    const struct acme_order *o, const struct proof *p, struct acme_reply *out)
{
	if (span_eq(p->status, SPAN("valid")))
		return false;
	if (!is_ours(o, p->name)) {
		refuse(
		    out, "the CA wants a name proven that was not asked for");
		return false;
	}
	if (!span_eq(p->status, SPAN("pending")))
		return false; /* the order will say what became of it */
	if (p->url.n == 0 || !is_token(p->token))
		refuse(out, "the CA offers no challenge over HTTP");
	return out->failure == ACME_FAILED_NOT &&
	       span_eq(p->challenge_status, SPAN("pending"));
}

static enum err
tell(struct acme_client *ca, const struct proof *const *pending, size_t n,
    struct arena *a, struct acme_reply *out)
{
	for (size_t i = 0; i < n; i++) {
		enum err e = acme_post(ca, pending[i]->url, SPAN("{}"), a, out);

		if (e != ERR_OK || out->failure != ACME_FAILED_NOT)
			return e;
	}
	return ERR_OK;
}

enum err
acme_proof_answer(struct acme_client *ca, const struct acme_order *o,
    const struct acme_hooks *hooks, struct arena *a, struct acme_reply *out,
    struct error *e)
{
	size_t max = o->n_authorizations, n = 0;
	struct acme_answer *answers = arena_array(a, max, sizeof *answers);
	const struct proof **pending = arena_array(a, max, sizeof *pending);
	struct span thumb =
	    acme_thumbprint(acme_jwk(acme_client_key(ca), a), a);
	struct proof *all = NULL;
	enum err rc = fetch_proofs(ca, o, a, &all, out);

	if (rc != ERR_OK || out->failure != ACME_FAILED_NOT)
		return rc;
	if (answers == NULL || pending == NULL)
		return ERR_MEMORY;
	for (size_t i = 0; i < max; i++) {
		struct span token = all[i].token;

		if (!is_to_answer(o, &all[i], out))
			continue;
		/* RFC 8555 8.1: the key authorization. */
		answers[n] = (struct acme_answer){ all[i].name, token,
			arena_printf(a, "%.*s.%.*s", (int)token.n, token.p,
			    (int)thumb.n, thumb.p) };
		pending[n++] = &all[i];
	}
	if (a->failed)
		return ERR_MEMORY;
	if (out->failure != ACME_FAILED_NOT || n == 0)
		return ERR_OK;
	if ((rc = hooks->show(hooks->arg, answers, n, e)) != ERR_OK)
		return rc;
	return tell(ca, pending, n, a, out);
}

/* ---- which failed ---- */

static void
add_part(struct acme_problem *to, const struct proof *p)
{
	if (to->n_parts == 0)
		*to = (struct acme_problem){ p->error.text, p->error.type,
			p->error.detail, to->parts, 0 };
	to->parts[to->n_parts++] =
	    (struct acme_subproblem){ p->name, p->error.type, p->error.detail };
}

enum err
acme_proof_fault(struct acme_client *ca, const struct acme_order *o,
    struct arena *a, struct acme_reply *out)
{
	struct acme_problem fault = { SPAN(""), SPAN(""), SPAN(""), NULL, 0 };
	struct proof *all = NULL;
	enum err rc = fetch_proofs(ca, o, a, &all, out);

	if (rc != ERR_OK || out->failure != ACME_FAILED_NOT)
		return rc;
	fault.parts = arena_array(a, o->n_authorizations, sizeof *fault.parts);
	if (fault.parts == NULL)
		return ERR_MEMORY;
	for (size_t i = 0; i < o->n_authorizations; i++)
		if (span_eq(all[i].status, SPAN("invalid")))
			add_part(&fault, &all[i]);
	out->problem = fault;
	out->failure = fault.n_parts > 0
			   ? acme_problem_failure(&fault, ACME_FAILED_PROOF)
			   : ACME_FAILED_GONE;
	out->why =
	    fault.detail.n > 0 ? fault.detail : SPAN("the CA ended the order");
	return ERR_OK;
}

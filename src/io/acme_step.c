#include "io/acme_step.h"

#include "base/base64url.h"
#include "base/limits.h"
#include "io/acme_csr.h"
#include "io/acme_json.h"
#include "io/acme_jws.h"
#include "io/acme_problem.h"
#include "io/acme_proof.h"

void
acme_step_forget(struct acme_order *o)
{
	o->url = o->finalize = o->certificate = SPAN("");
	o->n_authorizations = 0;
	o->answered = false;
}

/* ---- the order as the CA has it (RFC 8555 7.1.3) ---- */

static bool
state_of_word(struct span word, enum acme_state *out)
{
	for (enum acme_state s = ACME_PENDING; s <= ACME_VALID; s++)
		if (span_eq(word, span_str(acme_state_names[s]))) {
			*out = s;
			return true;
		}
	return false;
}

static void
fail(struct acme_step *s, enum acme_failure failure, struct span why)
{
	s->r.failure = failure;
	s->r.why = why;
}

static void
keep_authorizations(struct acme_step *s, const json_t *list)
{
	struct acme_order *o = s->o;
	size_t n = json_array_size(list);

	if (n == 0 || n > LIMIT_ACME_NAMES) {
		fail(s, ACME_FAILED_PROTOCOL,
		    SPAN("the CA's order has no authorizations, or too many"));
		return;
	}
	o->authorizations = arena_array(s->a, n, sizeof *o->authorizations);
	for (size_t i = 0; i < n && o->authorizations != NULL; i++) {
		const json_t *v = json_array_get(list, i);

		o->authorizations[i] = arena_span(s->a,
		    span_str(json_is_string(v) ? json_string_value(v) : ""));
		o->n_authorizations = i + 1;
	}
}

/* An order that ended badly: the authorizations say whose name it was; where
 * they are all good, the order says what happened behind them. */
static enum err
read_invalid(struct acme_step *s, const json_t *order)
{
	struct acme_problem p;
	enum err rc;

	acme_problem_read(json_object_get(order, "error"), &s->scratch, &p);
	rc = acme_proof_fault(s->ca, s->o, &s->scratch, &s->r);
	if (rc != ERR_OK || s->r.failure != ACME_FAILED_GONE || p.type.n == 0)
		return rc;
	s->r.problem = p;
	fail(s, acme_problem_failure(&p, ACME_FAILED_GONE), p.detail);
	return ERR_OK;
}

/* The answer in s->r is an order: note what it says. */
static enum err
read_order(struct acme_step *s)
{
	struct acme_order *o = s->o;
	json_t *order = acme_json_read(s->r.body);
	struct span word = acme_json_text(order, "status", &s->scratch);
	enum acme_state state;
	enum err rc = ERR_OK;

	if (o->n_authorizations == 0) {
		o->finalize = acme_json_text(order, "finalize", s->a);
		keep_authorizations(
		    s, json_object_get(order, "authorizations"));
	}
	o->certificate = acme_json_text(order, "certificate", s->a);
	if (span_eq(word, SPAN("invalid")))
		rc = read_invalid(s, order);
	else if (!state_of_word(word, &state))
		fail(s, ACME_FAILED_PROTOCOL, SPAN("the CA's order is none"));
	else if (s->r.failure == ACME_FAILED_NOT &&
		 !acme_plan_seen(
		     &o->plan, state, s->r.retry_after_s, s->now, &s->wait_ms))
		fail(s, ACME_FAILED_GONE,
		    SPAN("the CA did not end the order within an hour"));
	json_decref(order);
	return rc;
}

static enum err
look_at_order(struct acme_step *s)
{
	enum err rc = acme_post(s->ca, s->o->url, SPAN(""), &s->scratch, &s->r);

	if (rc != ERR_OK || s->r.failure != ACME_FAILED_NOT)
		return rc;
	return read_order(s);
}

/* ---- the steps ---- */

static struct span
order_request(const struct acme_step *s, struct arena *a)
{
	const struct acme_order *o = s->o;
	json_t *q = json_object(), *list = json_array();
	bool good = true;

	for (size_t i = 0; i < o->n_names; i++)
		good =
		    good && json_array_append_new(list,
				json_pack("{s:s, s:o}", "type", "dns", "value",
				    acme_json_string(o->names[i].name))) == 0;
	good = json_object_set_new(q, "identifiers", list) == 0 && good;
	/* RFC 9773 5: to the CA that issued it, if that one knows ARI. */
	if (o->replaces.n > 0 &&
	    span_eq(o->replaces_at, acme_client_directory(s->ca)) &&
	    acme_client_url(s->ca, ACME_RENEWAL_INFO).n > 0)
		good = json_object_set_new(
			   q, "replaces", acme_json_string(o->replaces)) == 0 &&
		       good;
	if (!good) {
		json_decref(q);
		q = NULL;
	}
	return acme_json_dump(q, a);
}

static enum err
order_made(struct acme_step *s)
{
	struct acme_order *o = s->o;

	if (s->r.location.n == 0) {
		fail(s, ACME_FAILED_PROTOCOL,
		    SPAN("the CA made an order without a URL"));
		return ERR_OK;
	}
	acme_step_forget(o);
	o->url = arena_span(s->a, s->r.location);
	o->directory = arena_span(s->a, acme_client_directory(s->ca));
	acme_plan_opened(&o->plan, s->now);
	return read_order(s);
}

static enum err
step_wanted(struct acme_step *s)
{
	struct acme_order *o = s->o;
	const struct acme_hooks *h = s->env->hooks;
	struct span why = SPAN("");
	enum err rc;

	if (h->may_ask != NULL &&
	    !h->may_ask(h->arg, o, s->ca, &s->scratch, &why)) {
		fail(s, ACME_FAILED_CAA, why);
		return ERR_OK;
	}
	/* The key is safe before anybody sees it. */
	if ((rc = h->save(h->arg, o, s->e)) != ERR_OK)
		return rc;
	rc = acme_post_to(s->ca, ACME_NEW_ORDER, order_request(s, &s->scratch),
	    &s->scratch, &s->r);
	/* RFC 9773 5: then it is ordered as any other. */
	if (rc == ERR_OK && acme_problem_is(&s->r.problem, "alreadyReplaced")) {
		o->replaces = SPAN("");
		rc = acme_post_to(s->ca, ACME_NEW_ORDER,
		    order_request(s, &s->scratch), &s->scratch, &s->r);
	}
	if (rc != ERR_OK || s->r.failure != ACME_FAILED_NOT)
		return rc;
	return order_made(s);
}

static enum err
step_pending(struct acme_step *s)
{
	struct acme_order *o = s->o;
	enum err rc;

	if (!o->answered) {
		rc = acme_proof_answer(
		    s->ca, o, s->env->hooks, &s->scratch, &s->r, s->e);
		if (rc != ERR_OK || s->r.failure != ACME_FAILED_NOT)
			return rc;
		o->answered = true;
	}
	return look_at_order(s);
}

/* NULL, and scratch has failed, if they do not fit. */
static struct span *
names_of(struct acme_step *s)
{
	const struct acme_order *o = s->o;
	struct span *names =
	    arena_array(&s->scratch, o->n_names, sizeof *names);

	for (size_t i = 0; i < o->n_names && names != NULL; i++)
		names[i] = o->names[i].name;
	return names;
}

/* RFC 8555 7.4 */
static enum err
finalize_request(struct acme_step *s, struct span *out)
{
	struct acme_order *o = s->o;
	struct span *names = names_of(s), csr = SPAN("");
	EVP_PKEY *key;
	enum err rc;

	if (names == NULL)
		return ERR_MEMORY;
	if ((rc = acme_key_read(o->key, &key, s->e)) != ERR_OK)
		return rc;
	rc = acme_csr_write(key, names, o->n_names, &s->scratch, &csr);
	EVP_PKEY_free(key);
	csr = base64url_encode(&s->scratch, csr);
	*out =
	    arena_printf(&s->scratch, "{\"csr\":\"%.*s\"}", (int)csr.n, csr.p);
	return rc;
}

static enum err
step_ready(struct acme_step *s)
{
	struct span request = SPAN("");
	enum err rc = finalize_request(s, &request);

	if (rc != ERR_OK)
		return rc;
	rc = acme_post(s->ca, s->o->finalize, request, &s->scratch, &s->r);
	/* It was there already: a step made twice. */
	if (rc == ERR_OK && acme_problem_is(&s->r.problem, "orderNotReady"))
		return look_at_order(s);
	if (rc != ERR_OK || s->r.failure != ACME_FAILED_NOT)
		return rc;
	return read_order(s);
}

static enum err
step_processing(struct acme_step *s)
{
	return look_at_order(s);
}

static enum err
step_valid(struct acme_step *s)
{
	struct acme_order *o = s->o;
	struct span *names = names_of(s);
	const char *fault;
	EVP_PKEY *key;
	enum err rc;

	if (names == NULL)
		return ERR_MEMORY;
	rc = acme_post(s->ca, o->certificate, SPAN(""), &s->scratch, &s->r);
	if (rc != ERR_OK || s->r.failure != ACME_FAILED_NOT)
		return rc;
	if ((rc = acme_key_read(o->key, &key, s->e)) != ERR_OK)
		return rc;
	fault = acme_chain_take(
	    s->r.body, key, names, o->n_names, s->now, s->a, &o->chain);
	EVP_PKEY_free(key);
	if (fault != NULL)
		fail(s, ACME_FAILED_PROTOCOL, span_str(fault));
	else
		acme_plan_fetched(&o->plan);
	return ERR_OK;
}

enum err
acme_step_make(struct acme_step *s)
{
	switch (s->o->plan.state) {
	case ACME_WANTED:
		return step_wanted(s);
	case ACME_PENDING:
		return step_pending(s);
	case ACME_READY:
		return step_ready(s);
	case ACME_PROCESSING:
		return step_processing(s);
	case ACME_VALID:
		return step_valid(s);
	case ACME_DONE:
		break;
	}
	return ERR_OK;
}

#include "io/acme_order.h"

#include <openssl/crypto.h>
#include <poll.h>

#include "base/base64url.h"
#include "base/limits.h"
#include "io/acme_csr.h"
#include "io/acme_json.h"
#include "io/acme_jws.h"
#include "io/acme_problem.h"
#include "io/acme_proof.h"
#include "wire/name.h"

/* One step. */
struct step {
	struct acme_order *o;
	const struct acme_env *env;
	struct acme_client *ca; /* whose order it is */
	struct arena *a; /* of the order */
	struct arena scratch; /* of the step */
	struct acme_reply r; /* how it went, at last */
	struct wall_time now;
	int64_t wait_ms;
	struct error *e;
};

/* ---- an order ---- */

static enum err
new_key(struct acme_order *o, struct arena *a, struct error *e)
{
	EVP_PKEY *key;
	enum err rc = acme_key_new(&key, e);

	if (rc != ERR_OK)
		return rc;
	rc = acme_key_write(key, a, &o->key, e);
	EVP_PKEY_free(key);
	return rc;
}

static void
forget_order(struct acme_order *o)
{
	o->url = o->finalize = o->certificate = SPAN("");
	o->n_authorizations = 0;
	o->answered = false;
}

static void
forget_failure(struct acme_order *o)
{
	o->failure = ACME_FAILED_NOT;
	o->problem =
	    (struct acme_problem){ SPAN(""), SPAN(""), SPAN(""), NULL, 0 };
	o->why = SPAN("");
}

enum err
acme_order_init(struct acme_order *o, const struct span *names, size_t n,
    struct arena *a, struct error *e)
{
	if (n == 0 || n > LIMIT_ACME_NAMES)
		return error_set(e, ERR_LIMIT,
		    "a certificate has 1 to %d names", LIMIT_ACME_NAMES);
	*o = (struct acme_order){ .chain = SPAN(""),
		.replaces = SPAN(""),
		.replaces_at = SPAN(""),
		.directory = SPAN("") };
	forget_order(o);
	forget_failure(o);
	o->names = arena_array(a, n, sizeof *o->names);
	if (o->names == NULL)
		return error_set(e, ERR_MEMORY, "%s", err_text(ERR_MEMORY));
	for (size_t i = 0; i < n; i++) {
		o->names[i].name = name_canonical(a, names[i]);
		if (!name_is_domain(o->names[i].name))
			return error_set(e, ERR_DATA,
			    "not a name for a certificate: %.*s",
			    (int)names[i].n, names[i].p);
	}
	o->n_names = n;
	return new_key(o, a, e);
}

void
acme_order_wipe(struct acme_order *o)
{
	OPENSSL_cleanse((char *)o->key.p, o->key.n);
	o->key = SPAN("");
}

enum err
acme_order_renew(struct acme_order *o, struct wall_time now, struct arena *a,
    struct error *e)
{
	struct acme_leaf leaf;

	o->replaces = SPAN("");
	if (acme_leaf_read(o->chain, a, &leaf)) {
		o->replaces = leaf.cert_id;
		o->replaces_at = o->directory;
	}
	o->chain = SPAN("");
	forget_order(o);
	forget_failure(o);
	acme_plan_renew(&o->plan, now);
	acme_order_wipe(o);
	return new_key(o, a, e);
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
fail(struct step *s, enum acme_failure failure, struct span why)
{
	s->r.failure = failure;
	s->r.why = why;
}

static void
keep_authorizations(struct step *s, const json_t *list)
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
read_invalid(struct step *s, const json_t *order)
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
read_order(struct step *s)
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
look_at_order(struct step *s)
{
	enum err rc = acme_post(s->ca, s->o->url, SPAN(""), &s->scratch, &s->r);

	if (rc != ERR_OK || s->r.failure != ACME_FAILED_NOT)
		return rc;
	return read_order(s);
}

/* ---- the steps ---- */

static struct span
order_request(const struct step *s, struct arena *a)
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
order_made(struct step *s)
{
	struct acme_order *o = s->o;

	if (s->r.location.n == 0) {
		fail(s, ACME_FAILED_PROTOCOL,
		    SPAN("the CA made an order without a URL"));
		return ERR_OK;
	}
	forget_order(o);
	o->url = arena_span(s->a, s->r.location);
	o->directory = arena_span(s->a, acme_client_directory(s->ca));
	acme_plan_opened(&o->plan, s->now);
	return read_order(s);
}

static enum err
step_wanted(struct step *s)
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
step_pending(struct step *s)
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

static enum err
step_ready(struct step *s)
{
	struct acme_order *o = s->o;
	struct span *names =
	    arena_array(&s->scratch, o->n_names, sizeof *names);
	struct span csr = SPAN("");
	EVP_PKEY *key;
	enum err rc = acme_key_read(o->key, &key, s->e);

	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < o->n_names && names != NULL; i++)
		names[i] = o->names[i].name;
	rc = names != NULL
		 ? acme_csr_write(key, names, o->n_names, &s->scratch, &csr)
		 : ERR_MEMORY;
	EVP_PKEY_free(key);
	if (rc != ERR_OK)
		return rc;
	csr = base64url_encode(&s->scratch, csr);
	csr =
	    arena_printf(&s->scratch, "{\"csr\":\"%.*s\"}", (int)csr.n, csr.p);
	rc = acme_post(s->ca, o->finalize, csr, &s->scratch, &s->r);
	/* It was there already: a step made twice. */
	if (rc == ERR_OK && acme_problem_is(&s->r.problem, "orderNotReady"))
		return look_at_order(s);
	if (rc != ERR_OK || s->r.failure != ACME_FAILED_NOT)
		return rc;
	return read_order(s);
}

static enum err
step_processing(struct step *s)
{
	return look_at_order(s);
}

static enum err
step_valid(struct step *s)
{
	struct acme_order *o = s->o;
	struct span *names =
	    arena_array(&s->scratch, o->n_names, sizeof *names);
	const char *fault;
	EVP_PKEY *key;
	enum err rc =
	    acme_post(s->ca, o->certificate, SPAN(""), &s->scratch, &s->r);

	if (rc != ERR_OK || s->r.failure != ACME_FAILED_NOT)
		return rc;
	if (names == NULL)
		return ERR_MEMORY;
	if ((rc = acme_key_read(o->key, &key, s->e)) != ERR_OK)
		return rc;
	for (size_t i = 0; i < o->n_names; i++)
		names[i] = o->names[i].name;
	fault = acme_chain_take(
	    s->r.body, key, names, o->n_names, s->now, s->a, &o->chain);
	EVP_PKEY_free(key);
	if (fault != NULL) {
		fail(s, ACME_FAILED_PROTOCOL, span_str(fault));
		return ERR_OK;
	}
	acme_plan_fetched(&o->plan);
	return ERR_OK;
}

static enum err
step_of(struct step *s)
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

/* ---- around a step ---- */

static void
keep_failure(struct step *s)
{
	struct acme_order *o = s->o;
	const struct acme_problem *p = &s->r.problem;

	o->failure = s->r.failure;
	o->why = arena_span(s->a, s->r.why);
	o->problem.text = arena_span(s->a, p->text);
	o->problem.type = arena_span(s->a, p->type);
	o->problem.detail = arena_span(s->a, p->detail);
	o->problem.parts =
	    arena_array(s->a, p->n_parts, sizeof *o->problem.parts);
	o->problem.n_parts = 0;
	for (size_t i = 0; i < p->n_parts && o->problem.parts != NULL; i++)
		o->problem.parts[o->problem.n_parts++] =
		    (struct acme_subproblem){
			    .name = arena_span(s->a, p->parts[i].name),
			    .type = arena_span(s->a, p->parts[i].type),
			    .detail = arena_span(s->a, p->parts[i].detail),
		    };
}

/* Is the problem about this name? One without parts is about all. */
static bool
is_blamed(const struct acme_problem *p, struct span name)
{
	for (size_t i = 0; i < p->n_parts; i++)
		if (name_eq(p->parts[i].name, name))
			return true;
	return p->n_parts == 0;
}

static enum err
note_failure(struct step *s)
{
	struct acme_order *o = s->o;
	enum acme_failure why = s->r.failure;
	unsigned cas = (1U << s->env->n_cas) - 1;
	uint32_t random;

	if (!randomness_fill(s->env->random, &random, sizeof random))
		return ERR_SYSTEM;
	keep_failure(s);
	acme_plan_failed(
	    &o->plan, why, cas, s->r.retry_after_s, s->now, random);
	for (size_t i = 0; i < o->n_names; i++) {
		struct wall_time next;

		if (acme_failure_counts(why) &&
		    is_blamed(&o->problem, o->names[i].name))
			acme_tries_note(&o->names[i].tries, s->now);
		next = acme_tries_next(&o->names[i].tries, s->now);
		if (next.s > o->plan.next.s)
			o->plan.next = next;
	}
	if (o->plan.state == ACME_WANTED) {
		s->env->hooks->hide(s->env->hooks->arg, o);
		forget_order(o);
	}
	return ERR_OK;
}

static bool
is_stopped(const struct acme_env *env)
{
	return env->stop != NULL && stop_is_pulled(env->stop);
}

static enum err
make_step(struct step *s)
{
	const struct acme_hooks *h = s->env->hooks;
	enum acme_state before = s->o->plan.state;
	enum err rc = acme_client_register(s->ca, &s->scratch, &s->r);

	if (rc == ERR_OK && s->r.failure == ACME_FAILED_NOT)
		rc = step_of(s);
	if (rc == ERR_OK && is_stopped(s->env) &&
	    s->r.failure == ACME_FAILED_REACH)
		return ERR_OK;
	if (rc == ERR_OK && s->r.failure != ACME_FAILED_NOT)
		rc = note_failure(s);
	else if (rc == ERR_OK)
		forget_failure(s->o);
	/* At the end once more: a process may have died before it could. */
	if (rc == ERR_OK && before != s->o->plan.state &&
	    (s->o->plan.state == ACME_DONE ||
		(before == ACME_PENDING && s->o->plan.state > before)))
		h->hide(h->arg, s->o);
	if (rc == ERR_OK && (s->a->failed || s->scratch.failed))
		rc = ERR_MEMORY;
	return rc != ERR_OK ? rc : h->save(h->arg, s->o, s->e);
}

/* CAs are known by their directories: their places may have changed since the
 * order was saved. */
static void
find_ca(struct acme_order *o, const struct acme_env *env)
{
	if (o->plan.state == ACME_WANTED)
		return;
	for (unsigned i = 0; i < env->n_cas; i++) {
		unsigned ca = (o->plan.ca + i) % env->n_cas;

		if (span_eq(
			o->directory, acme_client_directory(env->cas[ca]))) {
			o->plan.ca = (uint8_t)ca;
			return;
		}
	}
	acme_plan_renew(&o->plan, o->plan.next);
	forget_order(o);
}

enum err
acme_order_step(struct acme_order *o, const struct acme_env *env,
    struct arena *a, int64_t *wait_ms, struct error *e)
{
	struct step s = { .o = o,
		.env = env,
		.a = a,
		.now = clock_wall(env->clock),
		.e = e };
	enum err rc = ERR_OK;

	*wait_ms = 0;
	if (o->plan.state == ACME_DONE)
		return ERR_OK;
	find_ca(o, env);
	if (o->plan.next.s <= s.now.s &&
	    (o->plan.state != ACME_WANTED ||
		acme_plan_choose(&o->plan, (1U << env->n_cas) - 1, s.now))) {
		s.ca = env->cas[o->plan.ca];
		arena_init(&s.scratch, LIMIT_ACME_MEMORY);
		rc = make_step(&s);
		arena_release(&s.scratch);
	}
	if (rc != ERR_OK)
		return rc;
	*wait_ms = s.wait_ms;
	if (o->plan.next.s > s.now.s)
		*wait_ms = (o->plan.next.s - s.now.s) * 1000;
	return ERR_OK;
}

/* Wait, unless it is all to end. */
static void
pause_for(const struct acme_env *env, int64_t ms)
{
	struct pollfd p = { .fd = env->stop != NULL ? env->stop->fd : -1,
		.events = POLLIN };

	(void)poll(&p, 1, (int)ms);
}

enum err
acme_order_run(struct acme_order *o, const struct acme_env *env,
    struct mono_time deadline, struct arena *a, struct error *e)
{
	while (o->plan.state != ACME_DONE && !is_stopped(env)) {
		int64_t left, wait_ms;
		enum err rc = acme_order_step(o, env, a, &wait_ms, e);

		if (rc != ERR_OK)
			return rc;
		left = mono_ms_until(clock_mono(env->clock), deadline);
		if (o->plan.state == ACME_DONE || wait_ms >= left)
			break;
		if (wait_ms > 0)
			pause_for(env, wait_ms);
	}
	return ERR_OK;
}

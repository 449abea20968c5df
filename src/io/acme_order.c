#include "io/acme_order.h"

#include <openssl/crypto.h>

#include "base/limits.h"
#include "io/acme_csr.h"
#include "io/acme_jws.h"
#include "io/acme_step.h"
#include "wire/name.h"

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
	acme_step_forget(o);
	forget_failure(o);
	o->names = arena_array(a, n, sizeof *o->names);
	if (o->names == NULL)
		return error_plain(e, ERR_MEMORY);
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
	acme_step_forget(o);
	forget_failure(o);
	acme_plan_renew(&o->plan, now);
	acme_order_wipe(o);
	return new_key(o, a, e);
}

/* ---- around a step ---- */

static void
keep_failure(struct acme_step *s)
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
note_failure(struct acme_step *s)
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
		acme_step_forget(o);
	}
	return ERR_OK;
}

static bool
is_stopped(const struct acme_env *env)
{
	return env->stop != NULL && stop_is_pulled(env->stop);
}

static enum err
make_step(struct acme_step *s)
{
	const struct acme_hooks *h = s->env->hooks;
	enum acme_state before = s->o->plan.state;
	enum err rc = acme_client_register(s->ca, &s->scratch, &s->r);

	if (rc == ERR_OK && s->r.failure == ACME_FAILED_NOT)
		rc = acme_step_make(s);
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
	acme_step_forget(o);
}

enum err
acme_order_step(struct acme_order *o, const struct acme_env *env,
    struct arena *a, int64_t *wait_ms, struct error *e)
{
	struct acme_step s = { .o = o,
		.env = env,
		.a = a,
		.now = clock_wall(env->clock),
		.e = e };
	enum err rc = ERR_OK;

	*wait_ms = 0;
	if (o->plan.state == ACME_DONE)
		return ERR_OK;
	acme_plan_mend(&o->plan, s.now);
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
			stop_wait(env->stop, wait_ms);
	}
	return ERR_OK;
}

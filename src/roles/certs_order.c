/* The certs role: one certificate, from claim to finish. */
#include <openssl/crypto.h>

#include "io/acme_csr.h"
#include "io/acme_saved.h"
#include "io/caa_lookup.h"
#include "roles/certs.h"
#include "store/served.h"

enum {
	/* A CA that lets one wait longer gets its order looked at again when
	 * that is over, by whoever has time then. */
	PATIENCE_MS = 5000,
	CAA_MS = 20 * 1000, /* for all lookups of a name */
	AGAIN_S = 600, /* after a failure of ours */
};

static struct wall_time
now_of(const struct certs_job *j)
{
	return clock_wall(j->c->env->clock);
}

static struct wall_time
after(struct wall_time t, int64_t s)
{
	return (struct wall_time){ t.s + s };
}

static struct wall_time
lease_end(const struct certs_job *j)
{
	return after(now_of(j), (int64_t)j->c->env->config->lease_s);
}

static const char *
directory(const struct certs_job *j, size_t ca)
{
	return j->c->env->config->cas.items[ca];
}

/* What came of a call of the store. */
static enum err
of_store(struct certs_job *j, enum err rc)
{
	j->store_failed |= rc != ERR_OK;
	return rc;
}

/* And of one that tells whether the claim is still ours. */
static enum err
of_claim(struct certs_job *j, enum err rc, bool held, struct error *e)
{
	if (rc != ERR_OK)
		return of_store(j, rc);
	j->is_lost = !held;
	return held ? ERR_OK
		    : error_set(e, ERR_LIMIT, "the claim is another's by now");
}

/* Of the order that is under way, or is to be; where none was taken up, the
 * claim's. */
static struct span
ca_of(const struct certs_job *j, bool *is_at_ca)
{
	const struct acme_order *o = &j->order;

	*is_at_ca = o->n_names > 0 && o->plan.state != ACME_WANTED;
	if (o->n_names == 0)
		return j->claim.ca;
	if (*is_at_ca)
		return o->directory;
	return o->plan.ca < j->c->env->config->cas.n
		   ? span_str(directory(j, o->plan.ca))
		   : SPAN("");
}

/* The claim, with the order as it was last saved: one that never was has no key
 * in the store of secrets. */
static struct certificate_order
as_saved(const struct certs_job *j)
{
	struct certificate_order o = j->claim;

	o.order = j->text;
	o.key_name = j->text.n > 0 ? j->key_name : SPAN("");
	o.ca = ca_of(j, &o.is_at_ca);
	return o;
}

/* ---- the end of a claim ---- */

enum err
certs_finish(
    struct certs_job *j, const struct certificate_outcome *out, struct error *e)
{
	bool held = false;
	enum err rc;

	atomic_store(&j->is_over, true);
	rc = certificate_finish(
	    j->desk->store, j->worker, &j->claim, out, now_of(j), &held, e);
	return of_claim(j, rc, held, e);
}

static size_t
put_refusals(const struct certs_job *j,
    struct certificate_refusal out[static ACME_CAS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < j->c->env->config->cas.n; i++)
		if (j->problems[i].n > 0)
			out[n++] = (struct certificate_refusal){
				span_str(directory(j, i)), j->problems[i]
			};
	return n;
}

enum err
certs_finish_as_it_is(struct certs_job *j, struct wall_time due,
    struct span problem, struct error *e)
{
	const struct certificate_order saved = as_saved(j);
	struct certificate_refusal refusals[ACME_CAS_MAX];
	const struct certificate_outcome out = {
		.order = saved.order,
		.ca = saved.ca,
		.is_at_ca = saved.is_at_ca,
		.key_name = saved.key_name,
		.chain = SPAN(""),
		.issuer = j->claim.issuer,
		.random = j->claim.random,
		.renew_at = j->claim.renew_at,
		.due_at = due,
		.problem = problem,
		.refusals = refusals,
		.n_refusals = put_refusals(j, refusals),
	};

	return certs_finish(j, &out, e);
}

/* Somebody goes on with it then; what was told of it stands. */
static enum err
put_off(struct certs_job *j, int64_t wait_ms, struct error *e)
{
	const struct certificate_order saved = as_saved(j);
	bool held = false;
	enum err rc;

	atomic_store(&j->is_over, true);
	rc = certificate_put_off(j->desk->store, j->worker, &saved,
	    after(now_of(j), (wait_ms + 999) / 1000), &held, e);
	return of_claim(j, rc, held, e);
}

/* ---- what an order asks of us (io/acme_order.h) ---- */

static enum err
show(void *arg, const struct acme_answer *answers, size_t n, struct error *e)
{
	struct certs_job *j = arg;
	struct challenge *all = arena_array(&j->arena, n, sizeof *all);

	if (all == NULL)
		return error_plain(e, ERR_MEMORY);
	for (size_t i = 0; i < n; i++)
		all[i] = (struct challenge){ answers[i].name, answers[i].token,
			answers[i].text };
	return of_store(j, challenge_put(j->desk->store, all, n, now_of(j), e));
}

/* One that stays is removed when it is old. */
static void
hide(void *arg, const struct acme_order *o)
{
	struct certs_job *j = arg;
	struct error e;

	(void)o;
	if (challenge_remove(j->desk->store, j->claim.host, &e) != ERR_OK)
		log_say(j->c->env->log, LOG_STORE_FAILED, log_error(&e));
}

/* The key goes first: an order whose key is not there is of no use. */
static enum err
save(void *arg, const struct acme_order *o, struct error *e)
{
	struct certs_job *j = arg;
	struct certificate_order saved;
	struct span text;
	bool held = false;
	enum err rc = ERR_OK;

	if (!j->key_is_kept)
		rc = certs_secret_put(j->desk, j->key_name, o->key, e);
	if (rc != ERR_OK)
		return rc;
	j->key_is_kept = true;
	rc = acme_saved_write(o, &j->arena, &text);
	if (rc != ERR_OK)
		return error_plain(e, rc);
	j->text = text;
	saved = as_saved(j);
	rc = certificate_save_order(
	    j->desk->store, j->worker, &saved, lease_end(j), &held, e);
	return of_claim(j, rc, held, e);
}

static bool
may_ask(void *arg, const struct acme_order *o, struct acme_client *ca,
    struct arena *a, struct span *why)
{
	const struct certs_job *j = arg;

	return caa_lookup_order(j->c->resolver, o, ca,
	    mono_after_ms(clock_mono(j->c->env->clock), CAA_MS), a, why);
}

/* ---- the order ---- */

/* The one that is under way. False: there is none, or none that can be gone on
 * with, which costs an order and no more. */
static enum err
take_up(struct certs_job *j, bool *found, struct error *e)
{
	struct span key = SPAN("");
	struct error why = { .text = "its key is not there" };
	enum err rc;

	*found = false;
	if (j->claim.order.n == 0)
		return ERR_OK;
	rc = certs_secret_get(
	    j->desk, j->claim.key_name, &j->arena, &key, found, &why);
	if (rc == ERR_OK && *found)
		rc = acme_saved_read(
		    j->claim.order, key, &j->arena, &j->order, &why);
	OPENSSL_cleanse((char *)key.p, key.n);
	if (rc == ERR_OK && *found) {
		j->text = j->claim.order;
		j->key_name = j->claim.key_name;
		j->key_is_kept = true;
		return ERR_OK;
	}
	if (rc != ERR_OK && rc != ERR_DATA)
		return error_set(e, rc, "%s", why.text);
	*found = false;
	log_say(j->c->env->log, LOG_ORDER_DAMAGED,
	    log_text("host", j->claim.host), log_error(&why));
	return ERR_OK;
}

static enum err
begin(struct certs_job *j, struct error *e)
{
	struct acme_leaf leaf;
	enum err rc;

	j->text = SPAN("");
	rc = acme_order_init(&j->order, &j->claim.host, 1, &j->arena, e);
	if (rc != ERR_OK)
		return rc;
	j->key_name =
	    certs_secret_name(j->c->env, "order", j->claim.host, &j->arena);
	if (j->key_name.n == 0)
		return error_set(e, ERR_SYSTEM, "no name for a key");
	/* RFC 9773 5 */
	if (acme_leaf_read_der(j->claim.now.chain, &j->arena, &leaf)) {
		j->order.replaces = leaf.cert_id;
		j->order.replaces_at = j->claim.issuer;
	}
	return ERR_OK;
}

static bool
is_first(const struct certs_job *j)
{
	return j->claim.now.number == 0;
}

/* A CA that rests may be asked later; another one now. */
static void
heed_rests(struct certs_job *j)
{
	struct acme_plan *p = &j->order.plan;
	struct mono_time now = clock_mono(j->c->env->clock);
	uint32_t random;

	if (!is_first(j) || p->state != ACME_WANTED ||
	    !randomness_fill(j->c->env->randomness, &random, sizeof random))
		return;
	for (size_t i = 0; i < j->c->env->config->cas.n; i++) {
		struct wall_time end = after(now_of(j),
		    certs_rests_left_s(&j->c->rests, i, now, random));

		if (end.s > now_of(j).s && end.s > p->cas[i].not_before.s)
			p->cas[i].not_before = end;
	}
}

static void
note_rest(struct certs_job *j, size_t ca)
{
	const struct acme_order *o = &j->order;
	int64_t wait_s = o->plan.cas[ca].not_before.s - now_of(j).s;

	if (is_first(j) && certs_rests_failed(&j->c->rests, ca, o->failure,
			       wait_s, clock_mono(j->c->env->clock)))
		log_say(j->c->env->log, LOG_CA_RESTS,
		    log_text("ca", span_str(directory(j, ca))),
		    log_text("problem", j->problems[ca]));
}

/* The step may have chosen another CA since: the one that failed is the one
 * that has to wait now. */
static void
note_step(struct certs_job *j, const struct acme_plan *before)
{
	const struct acme_order *o = &j->order;

	if (before->state == ACME_WANTED && o->plan.state != ACME_WANTED)
		certs_rests_worked(&j->c->rests, o->plan.ca);
	if (o->failure == ACME_FAILED_NOT)
		return;
	for (size_t i = 0; i < j->c->env->config->cas.n; i++) {
		if (o->plan.cas[i].not_before.s == before->cas[i].not_before.s)
			continue;
		j->problems[i] =
		    certs_problem(o, directory(j, i), j->claim.host, &j->arena);
		log_say(j->c->env->log, LOG_ORDER_FAILED,
		    log_text("host", j->claim.host),
		    log_text(
			"failure", span_str(acme_failure_names[o->failure])),
		    log_text("problem", j->problems[i]));
		note_rest(j, i);
	}
}

/* As far as it goes without a long wait: *wait_ms, then. */
static enum err
drive(struct certs_job *j, int64_t *wait_ms, struct error *e)
{
	const struct role_env *env = j->c->env;
	const struct acme_hooks hooks = { j, show, hide, save, may_ask };
	const struct acme_env acme = { .cas = j->desk->cas,
		.n_cas = (unsigned)env->config->cas.n,
		.hooks = &hooks,
		.clock = env->clock,
		.random = env->randomness,
		.stop = &j->c->cut };
	enum err rc = ERR_OK;

	*wait_ms = 0;
	while (rc == ERR_OK && j->order.plan.state != ACME_DONE &&
	       *wait_ms <= PATIENCE_MS && !stop_is_pulled(env->stop)) {
		struct acme_plan before;

		heed_rests(j);
		before = j->order.plan;
		if (*wait_ms > 0)
			stop_wait(env->stop, *wait_ms);
		rc = acme_order_step(&j->order, &acme, &j->arena, wait_ms, e);
		if (rc == ERR_OK)
			note_step(j, &before);
	}
	return rc;
}

/* ---- what came of it ---- */

static struct span
all_problems(struct certs_job *j)
{
	struct span all = SPAN("");

	for (size_t i = 0; i < ACME_CAS_MAX; i++)
		if (j->problems[i].n > 0)
			all = arena_printf(&j->arena, "%.*s%s%.*s", (int)all.n,
			    all.p, all.n > 0 ? " " : "", (int)j->problems[i].n,
			    j->problems[i].p);
	return all;
}

static enum err
settle(struct certs_job *j, int64_t wait_ms, struct error *e)
{
	struct span problem = all_problems(j);

	if (j->order.plan.state == ACME_DONE)
		return certs_deliver(j, e);
	/* One that another CA goes on with has not failed yet. */
	if (j->order.failure == ACME_FAILED_NOT || problem.n == 0)
		return put_off(j, wait_ms, e);
	return certs_finish_as_it_is(
	    j, after(now_of(j), (wait_ms + 999) / 1000), problem, e);
}

/* ---- a job ---- */

static enum err
drop(struct certs_job *j, struct error *e)
{
	bool held = false;
	enum err rc;

	atomic_store(&j->is_over, true);
	rc = certificate_drop(j->desk->store, j->worker, &j->claim, &held, e);
	rc = of_claim(j, rc, held, e);
	if (rc != ERR_OK)
		return rc;
	certs_forget_key(j, j->claim.key_name);
	certs_forget_key(j, j->claim.now.key_name);
	log_say(j->c->env->log, LOG_CERTIFICATE_DROPPED,
	    log_text("host", j->claim.host));
	return ERR_OK;
}

/* What is served is well: when is it to be looked at again? */
static enum err
leave_until(struct certs_job *j, const struct certs_renewal *r, struct error *e)
{
	j->claim.renew_at = r->renew_at;
	return certs_finish_as_it_is(j, r->ask_at, SPAN(""), e);
}

static enum err
obtain(struct certs_job *j, struct error *e)
{
	struct certs_renewal r = { .is_due = true };
	int64_t wait_ms = 0;
	bool found;
	enum err rc = certs_desk_greet(j->desk, e);

	if (rc == ERR_OK)
		rc = take_up(j, &found, e);
	if (rc == ERR_OK && !found && j->claim.now.number > 0)
		rc = certs_renewal_plan(j, &r, e);
	if (rc == ERR_OK && !r.is_due)
		return leave_until(j, &r, e);
	if (rc == ERR_OK && !found)
		rc = begin(j, e);
	if (rc == ERR_OK)
		rc = drive(j, &wait_ms, e);
	if (rc == ERR_OK)
		rc = settle(j, wait_ms, e);
	acme_order_wipe(&j->order);
	return rc;
}

static void
forget_problems(struct certs_job *j)
{
	for (size_t i = 0; i < ACME_CAS_MAX; i++)
		j->problems[i] = SPAN("");
}

/* We failed, not a CA. If it can be written down it is; if not, the claim
 * lapses. */
static void
fail(struct certs_job *j, const struct error *why)
{
	struct log *log = j->c->env->log;
	struct span problem;
	struct error e;
	enum err rc;

	if (j->is_lost) {
		log_say(log, LOG_CLAIM_LOST, log_text("name", j->claim.host));
		return;
	}
	if (j->store_failed || j->desk->store == NULL) {
		log_say(log, LOG_STORE_FAILED, log_error(why));
		certs_desk_close(j->desk);
		return;
	}
	log_say(log, LOG_ORDER_FAILED, log_text("host", j->claim.host),
	    log_error(why));
	forget_problems(j);
	problem = arena_printf(&j->arena,
	    "The certificate for %.*s cannot be seen to here: %s.",
	    (int)j->claim.host.n, j->claim.host.p, why->text);
	rc = certs_finish_as_it_is(j, after(now_of(j), AGAIN_S), problem, &e);
	if (rc != ERR_OK)
		log_say(log, LOG_STORE_FAILED, log_error(&e));
	/* Whatever it was, it is looked at anew. */
	certs_desk_close(j->desk);
}

void
certs_work(struct certs_job *j)
{
	struct error e;
	enum err rc;

	j->text = j->claim.order;
	j->key_name = j->claim.key_name;
	forget_problems(j);
	rc = certs_desk_open(j->desk, &e);
	if (rc == ERR_OK)
		rc = j->claim.wanted ? obtain(j, &e) : drop(j, &e);
	if (rc != ERR_OK)
		fail(j, &e);
}

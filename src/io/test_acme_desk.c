#include "io/test_acme_desk.h"

#include "base/limits.h"
#include "base/test_table.h"
#include "io/acme_jws.h"

static enum err
show(void *arg, const struct acme_answer *answers, size_t n, struct error *e)
{
	struct test_acme_told *t = arg;

	t->shown++;
	assert_int_equal(n, 1);
	snprintf(t->token, sizeof t->token, "%.*s", (int)answers[0].token.n,
	    answers[0].token.p);
	snprintf(t->text, sizeof t->text, "%.*s", (int)answers[0].text.n,
	    answers[0].text.p);
	return t->no_show ? error_set(e, ERR_STORE, "cannot show") : ERR_OK;
}

static void
hide(void *arg, const struct acme_order *o)
{
	struct test_acme_told *t = arg;

	(void)o;
	t->hidden++;
}

static enum err
save(void *arg, const struct acme_order *o, struct error *e)
{
	struct test_acme_told *t = arg;

	if (t->saved++ == 0)
		memcpy(t->first_key, o->key.p, o->key.n);
	return t->no_save ? error_set(e, ERR_STORE, "cannot save") : ERR_OK;
}

static bool
may_ask(void *arg, const struct acme_order *o, struct acme_client *ca,
    struct arena *a, struct span *why)
{
	struct test_acme_told *t = arg;
	const struct span *names;

	(void)o;
	t->asked++;
	/* It is known by now what CAA is compared to. */
	assert_int_equal(acme_client_caa(ca, &names), 1);
	assert_true(span_eq(names[0], SPAN("ca.example")));
	assert_true(acme_client_account(ca).n > 0);
	*why = arena_printf(a, "%s", "CAA says no");
	return !t->forbidden;
}

static bool
fill_middle(const struct randomness *r, void *buf, size_t n)
{
	(void)r;
	memset(buf, 0, n);
	return true;
}

static const struct randomness no_randomness = { fill_middle };

static struct acme_client_options
options(const struct test_acme_desk *d, int64_t limit_ms)
{
	return (struct acme_client_options){ .trust = d->ca.trust,
		.user_agent = "mtasts/test",
		.limit_ms = limit_ms,
		.directory = d->ca.directory,
		.key = d->account,
		.eab_kid = SPAN(""),
		.eab_key = SPAN("") };
}

void
test_acme_open(struct test_acme_desk *d, int64_t limit_ms)
{
	struct acme_client_options o;
	struct span name = SPAN("a.example");

	test_ca_start(&d->ca);
	arena_init(&d->a, LIMIT_ACME_MEMORY);
	assert_int_equal(acme_key_new(&d->account, &d->e), ERR_OK);
	o = options(d, limit_ms);
	assert_int_equal(acme_client_new(&o, &d->client, &d->e), ERR_OK);
	d->hooks = (struct acme_hooks){ &d->told, show, hide, save, may_ask };
	d->env = (struct acme_env){ .cas = &d->client,
		.n_cas = 1,
		.hooks = &d->hooks,
		.clock = &clock_system,
		.random = &no_randomness };
	assert_int_equal(
	    acme_order_init(&d->o, &name, 1, &d->a, &d->e), ERR_OK);
}

void
test_acme_restart(struct test_acme_desk *d, int64_t limit_ms)
{
	struct acme_client_options o = options(d, limit_ms);

	acme_client_free(d->client);
	assert_int_equal(acme_client_new(&o, &d->client, &d->e), ERR_OK);
}

enum err
test_acme_run(struct test_acme_desk *d)
{
	return acme_order_run(&d->o, &d->env,
	    mono_after_ms(clock_mono(&clock_system), TEST_ACME_MS), &d->a,
	    &d->e);
}

void
test_acme_close(struct test_acme_desk *d)
{
	acme_order_wipe(&d->o);
	acme_client_free(d->client);
	EVP_PKEY_free(d->account);
	test_ca_stop(&d->ca);
	arena_release(&d->a);
}

#include "io/org.h"

#include "base/limits.h"

#include <libpsl.h>
#include <stdlib.h>

#include "wire/name.h"
#include "wire/sts_policy.h"

struct org_list {
	psl_ctx_t *latest; /* NULL: the built-in one */
	const psl_ctx_t *psl;
};

enum err
org_list_new(struct org_list **out)
{
	struct org_list *l = calloc(1, sizeof *l);

	if (l == NULL)
		return ERR_MEMORY;
	l->latest = psl_latest(NULL);
	l->psl = l->latest != NULL ? l->latest : psl_builtin();
	*out = l;
	return ERR_OK;
}

void
org_list_free(struct org_list *l)
{
	if (l == NULL)
		return;
	psl_free(l->latest);
	free(l);
}

struct span
org_registrable(const struct org_list *l, struct span name)
{
	char text[NAME_MAX_TEXT + 1];
	const char *r;

	/* What is no name of a host belongs to nobody but itself. */
	if (l->psl == NULL || !name_is_domain(name) || name.n >= sizeof text)
		return name;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	r = psl_registrable_domain(l->psl, text);
	return r != NULL ? span_tail(name, strlen(r)) : SPAN("");
}

struct gathering {
	const struct org_list *l;
	struct evidence *ev;
	struct arena *a;
	size_t cap;
};

static void
add(struct gathering *g, struct span name)
{
	struct evidence *ev = g->ev;
	struct org_fact *orgs;

	if (name.n == 0 || ev->n_orgs == LIMIT_ORGS)
		return;
	for (size_t i = 0; i < ev->n_orgs; i++)
		if (name_eq(ev->orgs[i].name, name))
			return;
	orgs = arena_grow(g->a, ev->orgs, ev->n_orgs, &g->cap, sizeof *orgs);
	if (orgs == NULL)
		return;
	ev->orgs = orgs;
	orgs[ev->n_orgs++] = (struct org_fact){ .name = name,
		.registrable = org_registrable(g->l, name) };
}

static void
add_chain(struct gathering *g, const struct dns_answer *answer)
{
	for (size_t i = 0; i < answer->n_chain; i++)
		add(g, answer->chain[i]);
}

/* The names in the patterns of the first policy that was served. */
static void
add_patterns(struct gathering *g)
{
	const struct evidence *ev = g->ev;
	struct sts_policy policy;

	for (size_t i = 0; i < ev->n_fetches; i++) {
		const struct fetch *f = &ev->fetches[i];

		if (f->result != TALK_OK || f->status != 200)
			continue;
		sts_policy_parse(f->body, g->a, &policy);
		for (size_t k = 0; k < policy.n_mx; k++)
			add(g, span_starts(policy.mx[k], SPAN("*."))
				   ? span_skip(policy.mx[k], 2)
				   : policy.mx[k]);
		return;
	}
}

void
org_gather(const struct org_list *l, struct evidence *ev, struct arena *a)
{
	struct gathering g = { .l = l, .ev = ev, .a = a };

	ev->orgs = NULL;
	ev->n_orgs = 0;
	add(&g, ev->domain);
	add_chain(&g, &ev->sts_txt);
	add_chain(&g, &ev->host_a);
	add_chain(&g, &ev->host_aaaa);
	add_chain(&g, &ev->tlsrpt_txt);
	for (size_t i = 0; i < ev->n_mx_hosts; i++) {
		add(&g, ev->mx_hosts[i].host);
		add_chain(&g, &ev->mx_hosts[i].a);
	}
	add_patterns(&g);
}

enum err
org_facts(struct evidence *ev, struct arena *a)
{
	struct org_list *l;
	enum err rc = org_list_new(&l);

	if (rc != ERR_OK)
		return rc;
	org_gather(l, ev, a);
	org_list_free(l);
	return a->failed ? ERR_LIMIT : ERR_OK;
}

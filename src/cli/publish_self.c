/* A policy that its owner publishes on his own: what, and in which order. */
#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "cli/publish.h"
#include "cli/remembered.h"
#include "io/fresh.h"
#include "io/resolver.h"
#include "out/publish_self.h"
#include "store/domains.h"
#include "wire/mx_match.h"
#include "wire/name.h"
#include "wire/sts_write.h"

enum {
	MAX_AGE_DEFAULT_S = 14 * 86400,
	MAX_AGE_NONE_S = 86400, /* whoever holds it asks again soon */
	LOOKUP_MS = 20000,
};

/* ---- the patterns ---- */

static enum err
patterns_named(
    struct publishing *p, struct span *out, size_t *n, struct error *e)
{
	const struct option_list *mx = &p->options->mx;

	for (*n = 0; *n < mx->n; ++*n) {
		struct span s = span_str(mx->items[*n]);

		out[*n] = name_canonical(p->a, s);
		if (mx_pattern_check(out[*n]) != MX_PATTERN_OK)
			return error_set(e, ERR_DATA,
			    "--mx takes the name of a mail host, or *. before "
			    "a name, not \"%s\"",
			    mx->items[*n]);
	}
	return ERR_OK;
}

static enum err
look_up(struct publishing *p, struct dns_answer *out, struct error *e)
{
	const struct look_options *look = &p->options->look;
	const struct resolver_options ro = { .clock = &clock_system,
		.servers = look->resolver.items,
		.n_servers = look->resolver.n,
		.trust_anchor = look->trust_anchor,
		.timeout_ms = LOOKUP_MS };
	const struct resolver_query query = { p->domains.names[0], DNS_MX };
	struct resolver *r;
	enum err rc = resolver_new(&ro, &r, e);

	if (rc != ERR_OK)
		return rc;
	rc = resolver_lookup(r, &query, 1,
	    mono_after_ms(clock_mono(&clock_system), LOOKUP_MS), p->a, out);
	resolver_free(r);
	return error_plain(e, rc);
}

/* Nothing is made up: without MX records its owner has to say which hosts take
 * the mail. */
static enum err
patterns_seen(
    struct publishing *p, struct span **out, size_t *n, struct error *e)
{
	struct span domain = p->domains.names[0];
	struct dns_answer mx;
	enum err rc = look_up(p, &mx, e);

	if (rc != ERR_OK)
		return rc;
	if (mx.result != DNS_OK) {
		publish_refuse(p, domain,
		    dns_is_known(&mx) ? "has no MX records (%s); name its "
					"mail hosts with --mx"
				      : "could not be looked up (%s); name "
					"its mail hosts with --mx",
		    dns_result_names[mx.result]);
		return ERR_OK;
	}
	*out = arena_array(p->a, mx.n_mx, sizeof **out);
	for (size_t i = 0; *out != NULL && i < mx.n_mx; i++)
		if (mx.mx[i].host.n > 0)
			(*out)[(*n)++] = mx.mx[i].host;
	if (*n == 0)
		publish_refuse(p, domain, "takes no mail (RFC 7505)");
	return ERR_OK;
}

static enum err
find_patterns(
    struct publishing *p, struct span **out, size_t *n, struct error *e)
{
	if (p->options->mx.n == 0)
		return patterns_seen(p, out, n, e);
	*out = arena_array(p->a, p->options->mx.n, sizeof **out);
	return *out != NULL ? patterns_named(p, *out, n, e)
			    : error_plain(e, ERR_MEMORY);
}

/* ---- what is printed ---- */

static enum err
write_file(const char *path, struct span body, struct error *e)
{
	FILE *f = fopen(path, "wbe");
	bool good = f != NULL && fwrite(body.p, 1, body.n, f) == body.n;

	if (f != NULL && fclose(f) != 0)
		good = false;
	return good ? ERR_OK
		    : error_set(e, ERR_CANT_CREATE, "cannot write %s: %s", path,
			  strerror(errno));
}

static enum err
remember(struct publishing *p, struct remembered *out, struct error *e)
{
	const struct span name = p->domains.names[0];
	enum err rc = remembered_load(p->store, name, p->a, out, e);

	if (rc == ERR_OK && out->is_published)
		fprintf(stderr,
		    "mtasts publish: warning: we publish %.*s by two CNAMEs, "
		    "which leave no room for these records; --status tells "
		    "more\n",
		    (int)name.n, name.p);
	return rc;
}

/* What is not named stays as it is, where that is known. */
static void
choose(const struct publish_options *o, const struct ledger *l,
    enum sts_mode *mode, uint32_t *max_age)
{
	const struct ledger_version *v = ledger_latest(l);
	bool goes_on = v != NULL && v->served && v->mode != STS_MODE_NONE;

	*mode = o->wants_mode;
	if (*mode == STS_MODE_UNSET)
		*mode = goes_on ? v->mode : STS_MODE_TESTING;
	*max_age = goes_on ? v->max_age : MAX_AGE_DEFAULT_S;
	if (*mode == STS_MODE_NONE)
		*max_age = MAX_AGE_NONE_S;
	if (o->max_age_s > 0)
		*max_age = (uint32_t)o->max_age_s;
}

/* Until when a sender may act on what was published before mode none. */
static struct wall_time
held_until(const struct publishing *p, const struct ledger *l)
{
	struct ledger_held held;

	ledger_held(l, p->now, &held);
	return held.enforce_until.s > held.testing_until.s ? held.enforce_until
							   : held.testing_until;
}

static enum err
make(struct publishing *p, const struct span *patterns, size_t n,
    const struct ledger *l, struct self_hosted *out, struct error *e)
{
	char *mem = arena_alloc(p->a, STS_WRITE_MAX);
	struct buf b = buf_init(mem, mem != NULL ? STS_WRITE_MAX : 0);
	enum err rc = fresh_id(&randomness_system, out->id, e);
	enum sts_mode mode;
	uint32_t max_age;

	if (rc != ERR_OK)
		return rc;
	choose(p->options, l, &mode, &max_age);
	if (!sts_write_policy(mode, max_age, patterns, n, &b))
		return error_set(e, ERR_DATA,
		    "a mail host's name is none that a policy may have, or "
		    "there are more than senders read");
	out->domain = p->domains.names[0];
	out->policy = buf_span(&b);
	out->file = p->options->write;
	out->enforces = mode == STS_MODE_ENFORCE;
	out->ends = mode == STS_MODE_NONE;
	if (out->ends)
		out->held_until = held_until(p, l);
	return ERR_OK;
}

/* So that it is watched. */
static enum err
add_to_portfolio(struct publishing *p, struct error *e)
{
	struct domains_added added;

	if (p->store == NULL)
		return ERR_OK;
	return domains_add(p->store, p->domains.names, 1, p->now, &added, e);
}

enum err
publish_self_hosted(struct publishing *p, struct error *e)
{
	struct self_hosted s = { .watched = p->store != NULL };
	struct remembered r = { .is_published = false };
	struct span *patterns = NULL;
	size_t n = 0;
	enum err rc = find_patterns(p, &patterns, &n, e);

	if (rc == ERR_OK && n > 0)
		rc = remember(p, &r, e);
	if (rc != ERR_OK || n == 0)
		return rc;
	rc = make(p, patterns, n, &r.ledger, &s, e);
	if (rc == ERR_OK && s.file != NULL)
		rc = write_file(s.file, s.policy, e);
	if (rc == ERR_OK)
		rc = add_to_portfolio(p, e);
	if (rc != ERR_OK)
		return rc;
	if (!p->options->json) {
		self_hosted_text(&s, stdout);
		return ERR_OK;
	}
	rc = self_hosted_json(&s, stdout);
	return error_plain(e, rc);
}

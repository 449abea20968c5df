#include "io/caa_lookup.h"

#include "wire/name.h"

enum err
caa_lookup(struct resolver *r, struct span name, const struct caa_wish *w,
    struct mono_time deadline, struct arena *a, struct caa_finding *out)
{
	size_t n = name_labels(name);
	struct resolver_query *q = arena_array(a, n, sizeof *q);
	struct dns_answer *climb = arena_array(a, n, sizeof *climb);
	enum err e;

	if (q == NULL || climb == NULL)
		return ERR_MEMORY;
	for (size_t i = 0; i < n; i++, name = name_parent(name))
		q[i] = (struct resolver_query){ name, DNS_CAA };
	e = resolver_lookup(r, q, n, deadline, a, climb);
	if (e == ERR_OK)
		*out = caa_judge(climb, n, w);
	return e;
}

static struct span
sentence(struct span name, const struct caa_finding *f, struct arena *a)
{
	static const char *const texts[] = {
		[CAA_ALLOWED] = "",
		[CAA_FORBIDDEN] = "do not name this CA",
		[CAA_ACCOUNT] = "name this CA for another account",
		[CAA_METHOD] = "do not allow validation over HTTP",
		[CAA_UNREADABLE] = "have a critical property nobody knows",
	};

	if (f->verdict == CAA_UNKNOWN)
		return arena_printf(a,
		    "%.*s: its CAA records cannot be looked up at %.*s",
		    (int)name.n, name.p, (int)f->at.n, f->at.p);
	return arena_printf(a, "%.*s: the CAA records of %.*s %s", (int)name.n,
	    name.p, (int)f->at.n, f->at.p, texts[f->verdict]);
}

bool
caa_lookup_order(struct resolver *r, const struct acme_order *o,
    struct acme_client *ca, struct mono_time deadline, struct arena *a,
    struct span *why)
{
	struct caa_wish w = { .account = acme_client_account(ca),
		.method = SPAN("http-01") };

	w.n_issuers = acme_client_caa(ca, &w.issuers);
	for (size_t i = 0; i < o->n_names; i++) {
		struct caa_finding f = { CAA_UNKNOWN, SPAN("") };

		if (caa_lookup(r, o->names[i].name, &w, deadline, a, &f) !=
			ERR_OK ||
		    f.verdict != CAA_ALLOWED) {
			*why = sentence(o->names[i].name, &f, a);
			return false;
		}
	}
	return true;
}

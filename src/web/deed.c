#include "web/deed.h"

#include "base/limits.h"
#include "io/idn.h"
#include "web/done.h"
#include "web/model_domain.h"

struct running {
	struct deed *d;
	enum err (*run)(struct deed *d, struct error *e);
};

static enum err
run_all(struct store *s, void *arg, struct error *e)
{
	struct running *r = arg;
	struct deed *d = r->d;
	enum err rc;

	(void)s;
	d->found = true;
	d->missing = d->refused = SPAN("");
	rc = r->run(d, e);
	if (rc != ERR_OK || !d->found || d->missing.n > 0 || d->refused.n > 0)
		return rc;
	return call_audit(d->c, d->what, d->name, e);
}

enum err
deed_run(struct deed *d, enum err (*run)(struct deed *d, struct error *e),
    bool *done, struct error *e)
{
	struct running r = { d, run };
	enum err rc = ERR_OK;

	*done = false;
	d->name = domain_of_path(d->c, d->c->captured[0]);
	if (!input_end(d->c))
		return ERR_OK;
	d->found = d->name.n > 0;
	if (d->found)
		rc = store_transact(d->c->store, run_all, &r, e);
	if (rc != ERR_OK)
		return rc;
	if (!d->found)
		return domain_refuse_missing(d->c);
	if (d->missing.n > 0)
		return call_refuse(d->c, PROBLEM_MISSING, "%.*s",
		    (int)d->missing.n, d->missing.p);
	if (d->refused.n > 0)
		return call_refuse(d->c, PROBLEM_STATE, "%.*s",
		    (int)d->refused.n, d->refused.p);
	*done = true;
	return ERR_OK;
}

enum err
deed_do(struct deed *d, enum err (*run)(struct deed *d, struct error *e),
    struct error *e)
{
	bool done;
	enum err rc = deed_run(d, run, &done, e);

	return rc == ERR_OK && done ? done_say(d->c, d->said, e) : rc;
}

struct span *
deed_hosts(struct web_call *c, const char *name, size_t *n)
{
	size_t said;
	struct span *all =
	    input_list(&c->input, name, LIMIT_MX_HOSTS, INPUT_REQUIRED, &said);

	*n = 0;
	for (size_t i = 0; i < said; i++) {
		struct span host;
		struct error why;

		if (idn_domain(all[i], c->a, &host, &why) != ERR_OK)
			input_wrong(&c->input, "\"%s\": %s", name, why.text);
		else if (!span_in(host, all, *n))
			all[(*n)++] = host;
	}
	return all;
}

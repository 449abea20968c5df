#include "web/model_incidents.h"

#include "base/num.h"
#include "store/domains.h"
#include "web/query.h"
#include "wire/name.h"

static const char *const states[] = { "open", "resolved", NULL };

/* Its number; of one that is not in the portfolio nothing is to be told. */
static enum err
find_domain(struct web_call *c, struct span text, int64_t *out, bool *good,
    struct error *e)
{
	struct span name = name_canonical(c->a, text);
	struct domain d;
	bool found = false;
	enum err rc = ERR_OK;

	*good = true;
	if (text.n == 0)
		return ERR_OK;
	if (name_is_domain(name))
		rc = domains_get(c->store, name, c->a, &d, &found, e);
	if (rc != ERR_OK)
		return rc;
	*good = found;
	if (found)
		*out = d.id;
	else
		return call_refuse(c, PROBLEM_INPUT,
		    "%.*s is not in the portfolio.", (int)text.n, text.p);
	return ERR_OK;
}

enum err
incidents_asked(struct web_call *c, struct incident_filter *out, bool *good,
    struct error *e)
{
	size_t severity = SEVERITY_INFO, resolved = 0;

	*out = (struct incident_filter){ .tag = fields_find(&c->query, "tag") };
	*good = query_word(c, "severity", severity_names, &severity) &&
		query_word(c, "state", states, &resolved) &&
		query_day(c, "day", &out->day) &&
		query_number(c, "after", 1, INT64_MAX, &out->after);
	if (!*good)
		return ERR_OK;
	if (out->day.s != 0 && fields_find(&c->query, "state").n > 0) {
		*good = false;
		return call_refuse(c, PROBLEM_INPUT,
		    "\"state\" and \"day\" exclude each other: of a day are "
		    "those that were open on it, whatever became of them.");
	}
	out->severity = (enum severity)severity;
	out->resolved = resolved == 1;
	return find_domain(
	    c, fields_find(&c->query, "domain"), &out->domain, good, e);
}

int64_t
incident_number(const struct web_call *c)
{
	uint64_t id = 0;

	return num_parse(c->captured[0], INT64_MAX, &id) ? (int64_t)id : 0;
}

enum err
incident_missing(struct web_call *c)
{
	return call_refuse(c, PROBLEM_MISSING, "There is no such incident.");
}

enum err
incident_asked(
    struct web_call *c, struct incident *out, bool *found, struct error *e)
{
	enum err rc =
	    incident_get(c->store, incident_number(c), c->a, out, found, e);

	if (rc == ERR_OK && !*found)
		return incident_missing(c);
	return rc;
}

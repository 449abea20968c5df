/* mtasts incidents: what is wrong, by cause. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/num.h"
#include "cli/command.h"
#include "cli/domain_list.h"
#include "cli/login_name.h"
#include "cli/open_store.h"
#include "out/incident_out.h"
#include "store/domains.h"

/* Of show and ack. */
enum { EXIT_NOT_THERE = 1 };

struct options {
	const char *store, *domain, *tag, *severity, *by, *note;
	bool all, resolved, json;
};

const struct option_row incidents_options[] = {
	STORE_OPTION_ROW(struct options),
	{ .name = "resolved",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, resolved),
	    .help = "With list: those that ended, the last one first." },
	{ .name = "all",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, all),
	    .help = "With list: the open ones, then those that ended." },
	{ .name = "domain",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, domain),
	    .argument = "DOMAIN",
	    .help = "With list: only those of this domain." },
	{ .name = "tag",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, tag),
	    .argument = "TAG",
	    .help = "With list: only those of domains that have this tag." },
	{ .name = "severity",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, severity),
	    .argument = "WORD",
	    .help = "With list: only those that weigh as much or more: "
		    "warning or error." },
	{ .name = "by",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, by),
	    .argument = "NAME",
	    .help = "With ack: who knows. Default: your login name." },
	{ .name = "note",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, note),
	    .argument = "TEXT",
	    .help = "With ack: a note for people." },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, json),
	    .help = "With list and show: print one JSON object a line." },
	{ 0 },
};

struct run {
	const struct options *options;
	const char *const *ids; /* operands behind the action */
	size_t n_ids;
	struct store *store;
	struct arena a;
	struct style style;
	struct wall_time now;
	size_t listed;
	int status;
};

/* ---- list ---- */

static enum err
read_severity(const char *word, enum severity *out, struct error *e)
{
	if (word == NULL)
		return ERR_OK;
	for (*out = SEVERITY_INFO; *out <= SEVERITY_ERROR; (*out)++)
		if (strcmp(word, severity_names[*out]) == 0)
			return ERR_OK;
	return error_set(e, ERR_USAGE,
	    "--severity takes \"warning\" or \"error\", not \"%s\"", word);
}

/* Canonical, and in the portfolio. */
static enum err
find_domain(struct run *r, int64_t *out, struct error *e)
{
	struct domain_list list = { .a = &r->a };
	struct domain d;
	bool found;
	enum err rc;

	if (r->options->domain == NULL)
		return ERR_OK;
	rc = domain_list_add(&list, span_str(r->options->domain), e);
	if (rc == ERR_OK)
		rc = domains_get(r->store, list.names[0], &r->a, &d, &found, e);
	if (rc == ERR_OK && !found)
		return error_set(e, ERR_USAGE, "%s is not in the portfolio",
		    r->options->domain);
	if (rc == ERR_OK)
		*out = d.id;
	return rc;
}

static enum err
print_row(struct run *r, const struct incident *i, struct error *e)
{
	struct json_writer w = { false };

	r->listed++;
	if (!i->is_resolved && (int)i->severity > r->status)
		r->status = (int)i->severity;
	if (!r->options->json) {
		incident_line(i, &r->style, stdout);
		return ERR_OK;
	}
	return error_plain(e, json_line(&w, incident_to_json(&w, i), stdout));
}

/* One page: what it took is given back before the next. */
static enum err
list_page(struct run *r, struct incident_filter *f, bool *more, struct error *e)
{
	struct incident *page;
	struct arena a;
	size_t n;
	enum err rc;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	rc = incident_list(r->store, f, &a, &page, &n, e);
	for (size_t i = 0; rc == ERR_OK && i < n; i++)
		rc = print_row(r, &page[i], e);
	*more = rc == ERR_OK && n == f->max;
	if (*more)
		f->after = page[n - 1].id;
	arena_release(&a);
	return rc;
}

static enum err
list_all(struct run *r, struct incident_filter f, struct error *e)
{
	bool more = true;
	enum err rc = ERR_OK;

	while (rc == ERR_OK && more)
		rc = list_page(r, &f, &more, e);
	return rc;
}

static enum err
run_list(struct run *r, struct error *e)
{
	const struct options *o = r->options;
	struct incident_filter f = {
		.tag = span_str(o->tag != NULL ? o->tag : ""),
		.max = LIMIT_STORE_PAGE,
	};
	enum err rc = read_severity(o->severity, &f.severity, e);

	if (rc == ERR_OK)
		rc = find_domain(r, &f.domain, e);
	if (rc == ERR_OK && !o->resolved)
		rc = list_all(r, f, e);
	f.resolved = true;
	if (rc == ERR_OK && (o->resolved || o->all))
		rc = list_all(r, f, e);
	if (rc == ERR_OK && r->listed == 0 && !o->json)
		puts(o->resolved ? "nothing has ended" : "nothing is open");
	return rc;
}

/* ---- show ---- */

/* "12" or "#12". */
static enum err
read_id(const char *text, int64_t *out, struct error *e)
{
	struct span s = span_str(text);
	uint64_t id;

	if (span_starts(s, SPAN("#")))
		s = span_skip(s, 1);
	if (!num_parse(s, INT64_MAX, &id))
		return error_set(e, ERR_USAGE,
		    "\"%s\" is not the number of an incident", text);
	*out = (int64_t)id;
	return ERR_OK;
}

static void
say_missing(struct run *r, int64_t id)
{
	fprintf(stderr, "mtasts incidents: there is no incident %lld\n",
	    (long long)id);
	r->status = EXIT_NOT_THERE;
}

/* Its domains, a page at a time: as text, or into list. */
static enum err
show_domains(struct run *r, int64_t id, struct json_writer *w, json_t *list,
    struct error *e)
{
	struct incident_domain *page;
	struct arena a, last;
	struct span after = SPAN("");
	size_t n = LIMIT_STORE_PAGE;
	enum err rc = ERR_OK;

	arena_init(&last, LIMIT_CHECK_MEMORY);
	while (rc == ERR_OK && n == LIMIT_STORE_PAGE) {
		arena_init(&a, LIMIT_CHECK_MEMORY);
		rc = incident_domains(
		    r->store, id, after, LIMIT_STORE_PAGE, &a, &page, &n, e);
		for (size_t i = 0; rc == ERR_OK && i < n; i++)
			if (list != NULL)
				json_add(
				    w, list, incident_domain_json(w, &page[i]));
			else
				incident_domain_line(
				    &page[i], &r->style, stdout);
		if (rc == ERR_OK && n > 0)
			after = arena_span(&last, page[n - 1].name);
		arena_release(&a);
	}
	arena_release(&last);
	return rc;
}

static enum err
show_json(struct run *r, const struct incident *i, struct error *e)
{
	struct json_writer w = { false };
	json_t *o = incident_to_json(&w, i), *list = json_array();
	enum err rc = show_domains(r, i->id, &w, list, e);

	json_put(&w, o, "affected", list);
	if (rc != ERR_OK) {
		json_decref(o);
		return rc;
	}
	return error_plain(e, json_line(&w, o, stdout));
}

static enum err
show_one(struct run *r, int64_t id, struct error *e)
{
	struct incident i;
	bool found;
	enum err rc = incident_get(r->store, id, &r->a, &i, &found, e);

	if (rc != ERR_OK)
		return rc;
	if (!found) {
		say_missing(r, id);
		return ERR_OK;
	}
	if (r->options->json)
		return show_json(r, &i, e);
	incident_text(&i, r->now, &r->style, stdout);
	rc = show_domains(r, id, NULL, NULL, e);
	putc('\n', stdout);
	return rc;
}

static enum err
run_show(struct run *r, struct error *e)
{
	enum err rc = ERR_OK;

	for (size_t k = 0; rc == ERR_OK && k < r->n_ids; k++) {
		int64_t id = 0;

		rc = read_id(r->ids[k], &id, e);
		if (rc == ERR_OK)
			rc = show_one(r, id, e);
	}
	return rc;
}

/* ---- ack ---- */

static enum err
ack_all(struct store *s, void *arg, struct error *e)
{
	struct run *r = arg;
	const struct options *o = r->options;
	struct span by = o->by != NULL ? span_str(o->by) : login_name(&r->a);
	struct span note = span_str(o->note != NULL ? o->note : "");
	enum err rc = ERR_OK;

	for (size_t k = 0; rc == ERR_OK && k < r->n_ids; k++) {
		bool found = true;
		int64_t id = 0;

		rc = read_id(r->ids[k], &id, e);
		if (rc == ERR_OK)
			rc = incident_acknowledge(
			    s, id, by, note, r->now, &found, e);
		if (rc == ERR_OK && !found)
			say_missing(r, id);
	}
	return rc;
}

static enum err
run_ack(struct run *r, struct error *e)
{
	return store_transact(r->store, ack_all, r, e);
}

/* ---- the command ---- */

static const struct action {
	const char *name;
	bool takes_ids;
	enum err (*run)(struct run *r, struct error *e);
} actions[] = {
	{ "list", false, run_list },
	{ "show", true, run_show },
	{ "ack", true, run_ack },
};

/* The first operand, or "list" where there is none. */
static const struct action *
find_action(const struct option_parse *p)
{
	const char *name = p->n_operands > 0 ? p->operands[0] : "list";

	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (strcmp(name, actions[i].name) == 0)
			return &actions[i];
	return NULL;
}

static enum err
run_action(struct run *r, const struct action *action,
    const struct option_parse *p, struct error *e)
{
	enum err rc;

	r->n_ids = p->n_operands > 1 ? p->n_operands - 1 : 0;
	r->ids = p->operands + 1;
	if (action->takes_ids != (r->n_ids > 0))
		return error_set(e, ERR_USAGE,
		    action->takes_ids ? "the number of an incident is needed"
				      : "list takes no incidents");
	if (r->options->all && r->options->resolved)
		return error_set(
		    e, ERR_USAGE, "--all and --resolved exclude each other");
	rc = open_store_kept(r->options->store, &r->store, e);
	return rc == ERR_OK ? action->run(r, e) : rc;
}

int
cmd_incidents(const struct command *c, int argc, char **argv)
{
	struct options o = { 0 };
	struct run r = { .options = &o, .now = clock_wall(&clock_system) };
	struct option_parse p;
	const struct action *action;
	struct error e;
	int status = 0;

	arena_init(&r.a, LIMIT_CHECK_MEMORY);
	r.style = style_for(stdout);
	if (!command_begin(c, argc, argv, &o, &p, &status))
		goto out;
	action = find_action(&p);
	if (action == NULL)
		status =
		    command_usage(c, "\"list\", \"show\" or \"ack\" is needed");
	else if (run_action(&r, action, &p, &e) != ERR_OK)
		status = command_fail(c, &e);
	else
		status = r.status;
out:
	store_free(r.store);
	option_parse_release(&p);
	arena_release(&r.a);
	return status;
}

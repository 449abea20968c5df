/* mtasts domain: the portfolio. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "cli/command.h"
#include "cli/domain_list.h"
#include "cli/domain_settings.h"
#include "cli/domain_show.h"
#include "cli/open_store.h"
#include "out/domain_out.h"
#include "store/domains.h"

enum { EXIT_NOT_THERE = 1 };

struct options {
	const char *store, *file, *zone, *origin, *axfr, *tsig;
	const char *prefix, *verdict, *note;
	struct option_list tag, untag, setting;
	bool pause, resume, json;
};

const struct option_row domain_options[] = {
	STORE_OPTION_ROW(struct options),
	{ .name = "file",
	    .kind = OPTION_FILE,
	    .at = offsetof(struct options, file),
	    .argument = "LIST",
	    .help = "Also the domains in LIST, one a line; \"#\" begins a "
		    "comment, \"-\" is standard input." },
	{ .name = "zone",
	    .kind = OPTION_FILE,
	    .at = offsetof(struct options, zone),
	    .argument = "FILE",
	    .help = "With add: every name of the zone file that has an MX "
		    "record." },
	{ .name = "origin",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, origin),
	    .argument = "NAME",
	    .help = "With --zone: what its relative names are relative to." },
	{ .name = "axfr",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, axfr),
	    .argument = "ZONE@SERVER",
	    .help = "With add: every name of the zone that has an MX record, "
		    "by zone transfer from the server: an address or a host "
		    "name, \"@port\" may follow." },
	{ .name = "tsig",
	    .kind = OPTION_FILE,
	    .at = offsetof(struct options, tsig),
	    .argument = "FILE",
	    .help = "With --axfr: the TSIG key for it, as tsig-keygen or "
		    "keymgr -t prints it." },
	{ .name = "tag",
	    .kind = OPTION_LIST,
	    .at = offsetof(struct options, tag),
	    .argument = "TAG",
	    .help = "With add and set: give them this tag. With list: only "
		    "those that have it." },
	{ .name = "untag",
	    .kind = OPTION_LIST,
	    .at = offsetof(struct options, untag),
	    .argument = "TAG",
	    .help = "With set: take this tag from them." },
	{ .name = "setting",
	    .kind = OPTION_LIST,
	    .at = offsetof(struct options, setting),
	    .argument = "KEY=VALUE",
	    .help = "With set: a setting of these domains alone; an empty "
		    "VALUE takes it back." },
	{ .name = "note",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, note),
	    .argument = "TEXT",
	    .help = "With set: a note for people." },
	{ .name = "pause",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, pause),
	    .help = "With set: watch them no longer, until --resume." },
	{ .name = "resume",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, resume),
	    .help = "With set: watch them again." },
	{ .name = "prefix",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, prefix),
	    .argument = "TEXT",
	    .help = "With list: only names that begin with TEXT." },
	{ .name = "verdict",
	    .words = "ok warning error unknown",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, verdict),
	    .argument = "WORD",
	    .help = "With list: only those of this verdict: ok, warning, "
		    "error or unknown." },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, json),
	    .help = "With list and show: print one JSON object a line." },
	{ 0 },
};

struct portfolio {
	const struct options *options;
	struct store *store;
	struct domain_list domains;
	struct arena a;
	bool missing; /* one of the domains is not in the portfolio */
};

static void
say_missing(struct portfolio *p, struct span name)
{
	fprintf(stderr, "mtasts domain: %.*s is not in the portfolio\n",
	    (int)name.n, name.p);
	p->missing = true;
}

static enum err
add_all(struct store *s, void *arg, struct error *e)
{
	struct portfolio *p = arg;
	const struct option_list *tags = &p->options->tag;
	struct domains_added added;
	enum err rc = domains_add(s, p->domains.names, p->domains.n,
	    clock_wall(&clock_system), &added, e);

	for (size_t i = 0; rc == ERR_OK && i < p->domains.n; i++)
		for (size_t k = 0; rc == ERR_OK && k < tags->n; k++) {
			bool found;

			rc = domains_tag(s, p->domains.names[i],
			    span_str(tags->items[k]), &found, e);
		}
	if (rc == ERR_OK)
		printf(
		    "%zu added, %zu known already\n", added.added, added.known);
	return rc;
}

/* All of them with their tags, or none. */
static enum err
run_add(struct portfolio *p, struct error *e)
{
	return store_transact(p->store, add_all, p, e);
}

static enum err
remove_all(struct store *s, void *arg, struct error *e)
{
	struct portfolio *p = arg;
	enum err rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < p->domains.n; i++) {
		bool found;

		rc = domains_remove(s, p->domains.names[i],
		    clock_wall(&clock_system), &found, e);
		if (rc == ERR_OK && !found)
			say_missing(p, p->domains.names[i]);
	}
	return rc;
}

static enum err
run_remove(struct portfolio *p, struct error *e)
{
	return store_transact(p->store, remove_all, p, e);
}

static enum err
set_one(struct portfolio *p, struct span name, bool *found, struct error *e)
{
	const struct options *o = p->options;
	struct store *s = p->store;
	enum err rc = ERR_OK;

	if (o->note != NULL)
		rc = domains_set_note(s, name, span_str(o->note), found, e);
	if (rc == ERR_OK && o->setting.n > 0)
		rc = domain_settings_apply(
		    s, name, &o->setting, clock_wall(&clock_system), found, e);
	if (rc == ERR_OK && (o->pause || o->resume))
		rc = domains_set_paused(
		    s, name, o->pause, clock_wall(&clock_system), found, e);
	for (size_t i = 0; rc == ERR_OK && i < o->tag.n; i++)
		rc = domains_tag(s, name, span_str(o->tag.items[i]), found, e);
	for (size_t i = 0; rc == ERR_OK && i < o->untag.n; i++)
		rc = domains_untag(
		    s, name, span_str(o->untag.items[i]), found, e);
	return rc;
}

static enum err
set_all(struct store *s, void *arg, struct error *e)
{
	struct portfolio *p = arg;
	enum err rc = ERR_OK;

	(void)s;
	for (size_t i = 0; rc == ERR_OK && i < p->domains.n; i++) {
		bool found = true;

		rc = set_one(p, p->domains.names[i], &found, e);
		if (rc == ERR_OK && !found)
			say_missing(p, p->domains.names[i]);
	}
	return rc;
}

static enum err
run_set(struct portfolio *p, struct error *e)
{
	const struct options *o = p->options;

	if (o->pause && o->resume)
		return error_set(
		    e, ERR_USAGE, "--pause and --resume exclude each other");
	if (o->note == NULL && o->tag.n + o->untag.n + o->setting.n == 0 &&
	    !o->pause && !o->resume)
		return error_set(e, ERR_USAGE, "there is nothing to set");
	return store_transact(p->store, set_all, p, e);
}

static enum err
print_line(struct portfolio *p, const struct domain *d, struct error *e)
{
	struct span *tags;
	size_t n;
	enum err rc = domains_tags(p->store, d->name, &p->a, &tags, &n, e);

	if (rc != ERR_OK)
		return rc;
	if (!p->options->json) {
		domain_line(d, tags, n, stdout);
		return ERR_OK;
	}
	rc = domain_json(d, tags, n, NULL, stdout);
	return error_plain(e, rc);
}

static enum err
run_show(struct portfolio *p, struct error *e)
{
	const struct style style = style_for(stdout);
	enum err rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < p->domains.n; i++) {
		struct domain d;
		bool found;

		rc = domains_get(
		    p->store, p->domains.names[i], &p->a, &d, &found, e);
		if (rc == ERR_OK && !found)
			say_missing(p, p->domains.names[i]);
		else if (rc == ERR_OK)
			rc = domain_show(
			    p->store, &d, p->options->json, &style, e);
		arena_release(&p->a);
	}
	return rc;
}

/* One page: what it took is given back before the next. *after lives in mem. */
static enum err
list_page(struct portfolio *p, struct domain_filter *f, char *mem, bool *more,
    struct error *e)
{
	struct domain *page;
	size_t n;
	enum err rc = domains_list(p->store, f, &p->a, &page, &n, e);

	for (size_t i = 0; rc == ERR_OK && i < n; i++)
		rc = print_line(p, &page[i], e);
	*more = rc == ERR_OK && n == f->max;
	if (*more) {
		memcpy(mem, page[n - 1].name.p, page[n - 1].name.n);
		f->after = (struct span){ mem, page[n - 1].name.n };
	}
	arena_release(&p->a);
	return rc;
}

static enum err
run_list(struct portfolio *p, struct error *e)
{
	const struct options *o = p->options;
	struct domain_filter f = {
		.tag = span_str(o->tag.n > 0 ? o->tag.items[0] : ""),
		.prefix = span_str(o->prefix != NULL ? o->prefix : ""),
		.verdict = span_str(o->verdict != NULL ? o->verdict : ""),
		.after = SPAN(""),
		.max = LIMIT_STORE_PAGE,
	};
	char last[256];
	bool more = true;
	enum err rc = ERR_OK;

	while (rc == ERR_OK && more)
		rc = list_page(p, &f, last, &more, e);
	return rc;
}

static const struct action {
	const char *name;
	bool takes_domains;
	enum err (*run)(struct portfolio *p, struct error *e);
} actions[] = {
	{ "add", true, run_add },
	{ "remove", true, run_remove },
	{ "list", false, run_list },
	{ "show", true, run_show },
	{ "set", true, run_set },
};

static const struct action *
find_action(const struct option_parse *p)
{
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (p->n_operands > 0 &&
		    strcmp(p->operands[0], actions[i].name) == 0)
			return &actions[i];
	return NULL;
}

/* Those of the command line, of the list, of the zone file and of the name
 * server. */
static enum err
read_domains(
    struct portfolio *p, const struct option_parse *parse, struct error *e)
{
	const struct options *o = p->options;
	enum err rc = ERR_OK;

	for (size_t i = 1; rc == ERR_OK && i < parse->n_operands; i++)
		rc = domain_list_add(
		    &p->domains, span_str(parse->operands[i]), e);
	if (rc == ERR_OK && o->file != NULL)
		rc = domain_list_file(&p->domains, o->file, e);
	if (rc == ERR_OK && o->zone != NULL)
		rc = domain_list_zone(&p->domains, o->zone,
		    span_str(o->origin != NULL ? o->origin : ""), e);
	if (rc == ERR_OK && o->axfr != NULL)
		rc = domain_list_axfr(&p->domains, o->axfr, o->tsig, e);
	else if (rc == ERR_OK && o->tsig != NULL)
		rc = error_set(e, ERR_USAGE, "--tsig is for --axfr");
	return rc;
}

static enum err
run_action(struct portfolio *p, const struct action *action,
    const struct option_parse *parse, struct error *e)
{
	enum err rc = read_domains(p, parse, e);

	if (rc != ERR_OK)
		return rc;
	if (action->takes_domains != (p->domains.n > 0))
		return error_set(e, ERR_USAGE,
		    action->takes_domains ? "a domain is needed"
					  : "list takes no domains");
	rc = open_store(p->options->store, STORE_USE, &p->store, e);
	return rc == ERR_OK ? action->run(p, e) : rc;
}

int
cmd_domain(const struct command *c, int argc, char **argv)
{
	struct options o = { 0 };
	struct portfolio p = { .options = &o };
	struct option_parse parse;
	const struct action *action;
	struct arena names;
	struct error e;
	int status = 0;

	arena_init(&names, 8 * (size_t)LIMIT_DOMAIN_LIST);
	arena_init(&p.a, LIMIT_CHECK_MEMORY);
	p.domains.a = &names;
	if (!command_begin(c, argc, argv, &o, &parse, &status))
		goto out;
	action = find_action(&parse);
	if (action == NULL)
		status = command_usage(c,
		    "\"add\", \"remove\", \"list\", \"show\" or \"set\" is "
		    "needed");
	else if (run_action(&p, action, &parse, &e) != ERR_OK)
		status = command_fail(c, &e);
	else if (p.missing)
		status = EXIT_NOT_THERE;
out:
	store_free(p.store);
	option_parse_release(&parse);
	arena_release(&p.a);
	arena_release(&names);
	return status;
}

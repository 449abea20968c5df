/* mtasts publish: policies by two CNAMEs. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "cli/command.h"
#include "cli/open_store.h"
#include "cli/publish.h"
#include "store/publication_order.h"
#include "wire/name.h"

enum {
	EXIT_REFUSED = 1,
};

const struct option_row publish_options[] = {
	STORE_OPTION_ROW(struct publish_options),
	{ .name = "file",
	    .kind = OPTION_FILE,
	    .at = offsetof(struct publish_options, file),
	    .argument = "LIST",
	    .help = "Also the domains in LIST, one a line; \"#\" begins a "
		    "comment, \"-\" is standard input." },
	{ .name = "mode",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct publish_options, mode),
	    .argument = "MODE",
	    .words = "testing enforce none",
	    .help = "What is asked for: testing or enforce; with "
		    "--self-hosted also none, the end. Default: testing, or as "
		    "it was." },
	{ .name = "max-age",
	    .kind = OPTION_DURATION,
	    .at = offsetof(struct publish_options, max_age_s),
	    .argument = "TIME",
	    .min = ORDER_LEAST_S,
	    .max = STS_MAX_AGE,
	    .help = "How long senders may keep the policy. Default: 2w, or as "
		    "it was." },
	{ .name = "follow",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct publish_options, follow),
	    .argument = "WORD",
	    .words = "auto approve off",
	    .help = "What a change of the MX records does to the policy: auto, "
		    "approve or off. Default: auto, or as it was." },
	{ .name = "overlap",
	    .kind = OPTION_DURATION,
	    .at = offsetof(struct publish_options, overlap_s),
	    .argument = "TIME",
	    .min = ORDER_LEAST_S,
	    .max = STS_MAX_AGE,
	    .help = "How long a mail host that left stays in the policy, at "
		    "least. Default: 2d, or as it was." },
	{ .name = "override",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct publish_options, override),
	    .help = "Enforce though the gate says no; it is kept who said "
		    "so." },
	{ .name = "status",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct publish_options, status),
	    .help = "Show how far it has come, and what stands in the way; "
		    "without a domain a line for each." },
	{ .name = "stage",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct publish_options, stage),
	    .argument = "STAGE",
	    .words = "awaited certifying live leaving removable ended",
	    .help = "With --status: only those at this stage: awaited, "
		    "certifying, live, leaving, removable or ended." },
	{ .name = "remove",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct publish_options, remove),
	    .help = "Begin the removal: mode none, until no sender may hold "
		    "an older policy." },
	{ .name = "keep",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct publish_options, keep),
	    .help = "Think again: end the removal." },
	{ .name = "replace",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct publish_options, replace),
	    .help = "Another policy is there that is not ours: put ours in its "
		    "place." },
	{ .name = "approve",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct publish_options, approve),
	    .help = "Let the MX hosts that wait, named by --host, into the "
		    "policy." },
	{ .name = "host",
	    .kind = OPTION_LIST,
	    .at = offsetof(struct publish_options, host),
	    .argument = "HOST",
	    .help = "With --approve: one of them. They must be exactly those "
		    "that wait." },
	{ .name = "self-hosted",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct publish_options, self_hosted),
	    .help = "Publish nothing: print what the owner has to publish on "
		    "his own." },
	{ .name = "mx",
	    .kind = OPTION_LIST,
	    .at = offsetof(struct publish_options, mx),
	    .argument = "HOST",
	    .help = "With --self-hosted: a pattern of the policy. Default: "
		    "the hosts of the MX records." },
	LOOKUP_OPTION_ROWS(struct publish_options),
	{ .name = "write",
	    .kind = OPTION_FILE,
	    .at = offsetof(struct publish_options, write),
	    .argument = "FILE",
	    .help = "With --self-hosted: write the policy to FILE, to the "
		    "byte as it is to be served." },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct publish_options, json),
	    .help = "Print one JSON object a line, schema "
		    "mtasts.publish/1." },
	{ 0 },
};

void
publish_refuse(struct publishing *p, struct span name, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "mtasts publish: %.*s ", (int)name.n, name.p);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	putc('\n', stderr);
	p->refused = true;
}

/* ---- what is to be done ---- */

/* Which options go with an action, beside store, file and json. */
enum {
	TAKES_ORDER = 1, /* --mode, --max-age */
	TAKES_POLICY = 2, /* --follow, --overlap, --override */
	TAKES_STAGE = 4,
	TAKES_HOSTS = 8,
	TAKES_SELF = 16, /* --mx, --write, --resolver, --trust-anchor */
	ONE_DOMAIN = 32,
	NO_DOMAIN_TOO = 64, /* none is all */
};

static const struct action {
	const char *name; /* of its flag; NULL: to ask for a policy */
	size_t at; /* of it */
	unsigned takes;
	enum err (*run)(struct publishing *p, struct error *e);
} actions[] = {
	{ "status", offsetof(struct publish_options, status),
	    TAKES_STAGE | NO_DOMAIN_TOO, publish_status },
	{ "remove", offsetof(struct publish_options, remove), 0,
	    publish_remove },
	{ "keep", offsetof(struct publish_options, keep), 0, publish_keep },
	{ "replace", offsetof(struct publish_options, replace), 0,
	    publish_replace },
	{ "approve", offsetof(struct publish_options, approve),
	    TAKES_HOSTS | ONE_DOMAIN, publish_approve },
	{ "self-hosted", offsetof(struct publish_options, self_hosted),
	    TAKES_ORDER | TAKES_SELF | ONE_DOMAIN, publish_self_hosted },
	{ NULL, 0, TAKES_ORDER | TAKES_POLICY, publish_ask },
};

static enum err
find_action(
    const struct publish_options *o, const struct action **out, struct error *e)
{
	const struct action *a = actions;

	*out = NULL;
	for (; a->name != NULL; a++) {
		if (!*(const bool *)((const char *)o + a->at))
			continue;
		if (*out != NULL)
			return error_set(e, ERR_USAGE,
			    "--%s and --%s exclude each other", (*out)->name,
			    a->name);
		*out = a;
	}
	if (*out == NULL)
		*out = a;
	return ERR_OK;
}

/* An option that says nothing to this action is a misunderstanding. */
static enum err
check_given(
    const struct publish_options *o, const struct action *a, struct error *e)
{
	const struct {
		const char *name;
		bool given;
		unsigned takes;
	} given[] = {
		{ "mode", o->mode != NULL, TAKES_ORDER },
		{ "max-age", o->max_age_s > 0, TAKES_ORDER },
		{ "follow", o->follow != NULL, TAKES_POLICY },
		{ "overlap", o->overlap_s > 0, TAKES_POLICY },
		{ "override", o->override, TAKES_POLICY },
		{ "stage", o->stage != NULL, TAKES_STAGE },
		{ "host", o->host.n > 0, TAKES_HOSTS },
		{ "mx", o->mx.n > 0, TAKES_SELF },
		{ "write", o->write != NULL, TAKES_SELF },
		{ "resolver", o->look.resolver.n > 0, TAKES_SELF },
		{ "trust-anchor", o->look.trust_anchor != NULL, TAKES_SELF },
	};

	for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
		const struct action *other = actions;

		if (!given[i].given || (a->takes & given[i].takes) != 0)
			continue;
		while ((other->takes & given[i].takes) == 0)
			other++;
		return error_set(e, ERR_USAGE, "--%s is not for %s%s%s%s",
		    given[i].name, a->name != NULL ? "--" : "publishing",
		    a->name != NULL ? a->name : "",
		    other->name != NULL ? "; it goes with --" : "",
		    other->name != NULL ? other->name : "");
	}
	return ERR_OK;
}

/* The place of word in names, which end with NULL. */
static enum err
read_word(const char *option, const char *word, const char *const *names,
    const char *wants, unsigned *out, struct error *e)
{
	for (*out = 0; names[*out] != NULL; (*out)++)
		if (strcmp(word, names[*out]) == 0)
			return ERR_OK;
	return error_set(
	    e, ERR_USAGE, "--%s takes %s, not \"%s\"", option, wants, word);
}

static enum err
read_words(struct publish_options *o, struct error *e)
{
	static const char *const modes[] = { "testing", "enforce", NULL };
	unsigned i;
	enum err rc = ERR_OK;

	if (o->mode != NULL && strcmp(o->mode, "none") == 0) {
		o->wants_mode = STS_MODE_NONE;
		if (!o->self_hosted)
			return error_set(e, ERR_USAGE,
			    "mode none is the end of a policy: use --remove");
	} else if (o->mode != NULL) {
		rc = read_word(
		    "mode", o->mode, modes, "testing or enforce", &i, e);
		if (rc == ERR_OK)
			o->wants_mode =
			    i == 0 ? STS_MODE_TESTING : STS_MODE_ENFORCE;
	}
	if (rc == ERR_OK && o->follow != NULL) {
		rc = read_word("follow", o->follow, mx_follow_mode_names,
		    "auto, approve or off", &i, e);
		o->wants_follow = (enum mx_follow_mode)i;
	}
	if (rc == ERR_OK && o->stage != NULL)
		rc = read_word("stage", o->stage, publication_stage_names,
		    "awaited, certifying, live, leaving, removable or ended",
		    &i, e);
	if (rc == ERR_OK && o->override && o->wants_mode == STS_MODE_TESTING)
		rc = error_set(e, ERR_USAGE, "--override is for mode enforce");
	return rc;
}

/* ---- for whom ---- */

/* Names below it have to be names too. */
static enum err
check_lengths(const struct domain_list *l, struct error *e)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->names[i].n + sizeof "_mta-sts." - 1 > NAME_MAX_TEXT)
			return error_set(e, ERR_DATA,
			    "too long for a name below it: %.*s",
			    (int)l->names[i].n, l->names[i].p);
	return ERR_OK;
}

static enum err
read_domains(struct publishing *p, const struct option_parse *parse,
    const struct action *action, struct error *e)
{
	struct domain_list *l = &p->domains;
	enum err rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < parse->n_operands; i++)
		rc = domain_list_add(l, span_str(parse->operands[i]), e);
	if (rc == ERR_OK && p->options->file != NULL)
		rc = domain_list_file(l, p->options->file, e);
	if (rc == ERR_OK)
		rc = domain_list_once(l, e);
	if (rc == ERR_OK)
		rc = check_lengths(l, e);
	if (rc != ERR_OK)
		return rc;
	if (l->n == 0 && (action->takes & NO_DOMAIN_TOO) == 0)
		return error_set(e, ERR_USAGE, "a domain is needed");
	if (l->n != 1 && (action->takes & ONE_DOMAIN) != 0)
		return error_set(
		    e, ERR_USAGE, "--%s takes one domain", action->name);
	return ERR_OK;
}

/* A self-hosted policy needs a store only to be watched. */
static enum err
open_if_needed(
    struct publishing *p, const struct action *action, struct error *e)
{
	const char *url = p->options->store;

	if ((action->takes & TAKES_SELF) == 0)
		return open_store_kept(url, &p->store, e);
	return open_store_is_named(url)
		   ? open_store(url, STORE_USE, &p->store, e)
		   : ERR_OK;
}

/* Mode none is to be forgotten. */
static void
warn_of_max_age(const struct publish_options *o)
{
	if (o->max_age_s > 0 && o->max_age_s < ORDER_SHORT_S &&
	    o->wants_mode != STS_MODE_NONE)
		fputs("mtasts publish: warning: --max-age is less than a week; "
		      "RFC 8461 3.2 expects weeks, for who keeps a policy for "
		      "days can be made to forget it\n",
		    stderr);
}

static enum err
run(struct publishing *p, struct publish_options *o,
    const struct option_parse *parse, struct error *e)
{
	const struct action *action;
	enum err rc = find_action(o, &action, e);

	if (rc == ERR_OK)
		rc = check_given(o, action, e);
	if (rc == ERR_OK)
		rc = read_words(o, e);
	if (rc == ERR_OK)
		rc = read_domains(p, parse, action, e);
	if (rc == ERR_OK)
		rc = open_if_needed(p, action, e);
	if (rc == ERR_OK)
		rc = action->run(p, e);
	if (rc == ERR_OK)
		warn_of_max_age(o);
	return rc;
}

int
cmd_publish(const struct command *c, int argc, char **argv)
{
	struct publish_options o = { 0 };
	struct arena a;
	struct publishing p = { .options = &o,
		.a = &a,
		.domains = { .a = &a, .faults = stderr },
		.now = clock_wall(&clock_system) };
	struct option_parse parse;
	struct error e;
	int status = 0;

	arena_init(&a, 8 * (size_t)LIMIT_DOMAIN_LIST);
	p.style = style_for(stdout);
	if (command_begin(c, argc, argv, &o, &parse, &status)) {
		if (run(&p, &o, &parse, &e) != ERR_OK)
			status = command_fail(c, &e);
		else if (p.refused)
			status = EXIT_REFUSED;
	}
	store_free(p.store);
	option_parse_release(&parse);
	arena_release(&a);
	return status;
}

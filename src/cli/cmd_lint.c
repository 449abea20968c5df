/* mtasts lint: a policy file or a TXT record alone, without a network.
 *
 * The text is put into evidence as if it had been seen on the network, and
 * judged by the same code as there. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "io/org.h"
#include "io/read_file.h"
#include "out/lint_out.h"
#include "wire/name.h"
#include "wire/sts_policy.h"
#include "wire/txt_text.h"

/* A file beyond this is not looked into: no sender would. */
enum { FILE_MAX = 16 * 1024 * 1024, LINT_MEMORY = 4 * FILE_MAX };

struct options {
	bool json;
	struct option_list mx;
	const char *content_type;
};

const struct option_row lint_options[] = {
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, json),
	    .help = "Print one JSON object, schema mtasts.lint/1." },
	{ .name = "mx",
	    .kind = OPTION_LIST,
	    .at = offsetof(struct options, mx),
	    .argument = "HOST",
	    .help = "For a policy: an MX host that it should cover. May be "
		    "given several times, the preferred one first." },
	{ .name = "content-type",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, content_type),
	    .argument = "TYPE",
	    .help = "For a policy: the media type that the file came with. "
		    "Default: text/plain. Empty: the header was missing." },
	{ 0 },
};

struct lint {
	const struct command *command;
	const struct options *options;
	enum lint_kind kind;
	const char **operands;
	size_t n_operands;
	struct arena a;
	struct evidence ev;
};

static int
say(struct lint *l, const struct judged *j)
{
	struct style s = style_for(stdout);
	struct error e;
	enum err rc;

	if (!l->options->json) {
		lint_text(j, l->kind, &s, stdout);
	} else if ((rc = lint_json(j, l->kind, stdout)) != ERR_OK) {
		error_plain(&e, rc);
		return command_fail(l->command, &e);
	}
	return (int)j->verdict;
}

static int
judge_and_say(struct lint *l, enum judge_scope scope)
{
	struct judged j;
	struct error e;
	enum err rc =
	    judge(&l->ev, clock_wall(&clock_system), scope, &l->a, &j);

	if (rc == ERR_OK)
		return say(l, &j);
	error_plain(&e, rc);
	return command_fail(l->command, &e);
}

/* Each operand one TXT record of the RRset. */
static int
lint_txt(struct lint *l, enum judge_scope scope, struct dns_answer *out)
{
	out->txt = arena_array(&l->a, l->n_operands, sizeof *out->txt);
	if (out->txt == NULL)
		return EXIT_OURS;
	for (size_t i = 0; i < l->n_operands; i++) {
		struct span text = span_str(l->operands[i]);
		size_t at;

		if (!txt_text_parse(text, &l->a, &out->txt[i], &at))
			return command_usage(l->command,
			    "record %zu is not in zone-file form (\"...\" "
			    "\"...\", \\DDD): see character %zu",
			    i + 1, at + 1);
	}
	out->n_txt = l->n_operands;
	out->result = DNS_OK;
	return judge_and_say(l, scope);
}

/* The MX hosts of --mx, in the order of their preference. */
static enum err
add_hosts(struct lint *l)
{
	const struct option_list *mx = &l->options->mx;
	struct evidence *ev = &l->ev;

	ev->mx.mx = arena_array(&l->a, mx->n, sizeof *ev->mx.mx);
	ev->mx_hosts = arena_array(&l->a, mx->n, sizeof *ev->mx_hosts);
	if (ev->mx.mx == NULL || ev->mx_hosts == NULL)
		return ERR_MEMORY;
	for (size_t i = 0; i < mx->n; i++) {
		struct span host =
		    name_canonical(&l->a, span_str(mx->items[i]));

		ev->mx.mx[i] = (struct dns_mx){ (uint16_t)i, host };
		ev->mx_hosts[i] =
		    (struct mx_host){ .host = host, .preference = (uint16_t)i };
	}
	ev->mx.n_mx = ev->n_mx_hosts = mx->n;
	ev->mx.result = mx->n > 0 ? DNS_OK : DNS_UNASKED;
	return ERR_OK;
}

/* Whose the wildcards are, for the rule about broad ones. */
static enum err
add_orgs(struct lint *l, struct span body)
{
	struct sts_policy p;
	struct org_list *list;
	enum err rc = org_list_new(&list);

	if (rc != ERR_OK)
		return rc;
	sts_policy_parse(body, &l->a, &p);
	l->ev.orgs = arena_array(&l->a, p.n_mx, sizeof *l->ev.orgs);
	for (size_t i = 0; l->ev.orgs != NULL && i < p.n_mx; i++) {
		struct span base = span_starts(p.mx[i], SPAN("*."))
				       ? span_skip(p.mx[i], 2)
				       : p.mx[i];

		l->ev.orgs[l->ev.n_orgs++] =
		    (struct org_fact){ base, org_registrable(list, base) };
	}
	org_list_free(list);
	return l->a.failed ? ERR_MEMORY : ERR_OK;
}

static int
lint_policy(struct lint *l)
{
	const char *type = l->options->content_type;
	struct fetch f = {
		.result = TALK_OK,
		.stage = STAGE_DONE,
		.status = 200,
		.content_type = SPAN("text/plain"),
		.has_content_type = true,
		.content_length = -1,
	};
	struct error e;
	enum err rc;

	if (l->n_operands != 1)
		return command_usage(
		    l->command, "one policy file, or \"-\", is needed");
	rc = read_file(l->operands[0], FILE_MAX, &l->a, &f.body, &e);
	if (rc != ERR_OK)
		return command_fail(l->command, &e);
	if (type != NULL) {
		f.content_type = span_str(type);
		f.has_content_type = type[0] != '\0';
	}
	f.body_bytes = f.body.n;
	l->ev.fetches = &f;
	l->ev.n_fetches = 1;
	rc = add_hosts(l);
	if (rc == ERR_OK)
		rc = add_orgs(l, f.body);
	if (rc != ERR_OK) {
		error_plain(&e, rc);
		return command_fail(l->command, &e);
	}
	return judge_and_say(l, JUDGE_POLICY);
}

static int
run(struct lint *l, const char *what)
{
	if (strcmp(what, "policy") == 0) {
		l->kind = LINT_POLICY;
		return lint_policy(l);
	}
	if (l->n_operands == 0)
		return command_usage(l->command, "a record is needed");
	if (strcmp(what, "record") == 0) {
		l->kind = LINT_RECORD;
		return lint_txt(l, JUDGE_RECORD, &l->ev.sts_txt);
	}
	if (strcmp(what, "tlsrpt") == 0) {
		l->kind = LINT_TLSRPT;
		return lint_txt(l, JUDGE_TLSRPT, &l->ev.tlsrpt_txt);
	}
	return command_usage(l->command,
	    "\"policy\", \"record\" or \"tlsrpt\" is needed, not \"%s\"", what);
}

int
cmd_lint(const struct command *c, int argc, char **argv)
{
	struct options o = { 0 };
	struct option_parse p;
	struct lint l = { .command = c, .options = &o };
	int status = 0;

	arena_init(&l.a, LINT_MEMORY);
	if (command_begin(c, argc, argv, &o, &p, &status)) {
		if (p.n_operands == 0) {
			status = command_usage(c,
			    "\"policy\", \"record\" or \"tlsrpt\" is needed");
		} else {
			l.operands = p.operands + 1;
			l.n_operands = p.n_operands - 1;
			status = run(&l, p.operands[0]);
		}
	}
	option_parse_release(&p);
	arena_release(&l.a);
	return status;
}

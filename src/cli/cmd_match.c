/* mtasts match: does a policy's pattern cover an MX host (RFC 8461 4.1)? */
#include <stdio.h>

#include "cli/command.h"
#include "out/json.h"
#include "wire/mx_match.h"

struct options {
	bool json;
};

const struct option_row match_options[] = {
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, json),
	    .help = "Print the answer as JSON." },
	{ 0 },
};

static const char *
fault_text(enum mx_pattern_fault fault)
{
	switch (fault) {
	case MX_PATTERN_OK:
		return "";
	case MX_PATTERN_SYNTAX:
		return "the pattern is not a domain name";
	case MX_PATTERN_TRAILING_DOT:
		return "a pattern has no final dot";
	case MX_PATTERN_WILDCARD:
		return "\"*\" may only be the whole first label";
	case MX_PATTERN_U_LABEL:
		return "a pattern is written in A-labels (\"xn--...\")";
	case MX_PATTERN_IP:
		break;
	}
	return "a pattern is a name, not an address";
}

static int
print_json(const struct command *c, bool match)
{
	struct json_writer w = { false };
	json_t *o = json_object();
	struct error e;
	enum err rc;

	json_put(&w, o, "match", json_boolean(match));
	rc = json_line(&w, o, stdout);
	if (rc != ERR_OK) {
		error_plain(&e, rc);
		return command_fail(c, &e);
	}
	return match ? 0 : EXIT_NO_MATCH;
}

int
cmd_match(const struct command *c, int argc, char **argv)
{
	struct options o = { 0 };
	struct option_parse p;
	struct span pattern, host;
	enum mx_pattern_fault fault;
	int status = 0;
	bool match;

	if (!command_begin(c, argc, argv, &o, &p, &status))
		goto out;
	if (p.n_operands != 2) {
		status = command_usage(c, "a pattern and a host are needed");
		goto out;
	}
	pattern = span_str(p.operands[0]);
	host = span_str(p.operands[1]);
	fault = mx_pattern_check(pattern);
	match = mx_match(pattern, host);
	if (o.json) {
		status = print_json(c, match);
		goto out;
	}
	printf("%s %s %s%s%s\n", p.operands[0],
	    match ? "matches" : "does not match", p.operands[1],
	    fault != MX_PATTERN_OK ? ": " : "", fault_text(fault));
	status = match ? 0 : EXIT_NO_MATCH;
out:
	option_parse_release(&p);
	return status;
}

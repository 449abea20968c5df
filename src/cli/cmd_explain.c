/* mtasts explain: what a check means. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "out/explain_out.h"

struct options {
	bool json;
};

const struct option_row explain_options[] = {
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, json),
	    .help = "Print one JSON object a line." },
	{ 0 },
};

static enum err
explain(enum check_id id, bool json, const struct style *s)
{
	if (json)
		return explain_json(id, stdout);
	explain_text(id, s, stdout);
	return ERR_OK;
}

static int
explain_all(const struct command *c, bool json, const struct style *s)
{
	for (enum check_id id = 0; id < CHECKS; id++) {
		struct error e;
		enum err rc;

		if (id > 0 && !json)
			putchar('\n');
		rc = explain(id, json, s);
		if (rc != ERR_OK) {
			error_plain(&e, rc);
			return command_fail(c, &e);
		}
	}
	return 0;
}

int
cmd_explain(const struct command *c, int argc, char **argv)
{
	struct options o = { 0 };
	struct option_parse p;
	struct style s = style_for(stdout);
	enum check_id id;
	int status = 0;

	if (!command_begin(c, argc, argv, &o, &p, &status))
		goto out;
	if (p.n_operands != 1) {
		status = command_usage(c, "one check, or \"all\", is needed");
		goto out;
	}
	if (strcmp(p.operands[0], "all") == 0) {
		status = explain_all(c, o.json, &s);
		goto out;
	}
	id = check_by_slug(span_str(p.operands[0]));
	if (id == CHECKS)
		status = command_usage(c,
		    "there is no check \"%s\"; \"mtasts explain all\" lists "
		    "them",
		    p.operands[0]);
	else if (explain(id, o.json, &s) != ERR_OK)
		status = EXIT_OURS;
out:
	option_parse_release(&p);
	return status;
}

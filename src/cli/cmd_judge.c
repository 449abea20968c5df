/* mtasts judge: findings from saved evidence, offline. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/rfc3339.h"
#include "cli/command.h"
#include "cli/report.h"
#include "io/read_file.h"
#include "out/evidence_json.h"

struct options {
	struct report_options report;
	const char *now;
};

const struct option_row judge_options[] = {
	REPORT_OPTION_ROWS(struct options),
	{ .name = "now",
	    .kind = OPTION_STRING,
	    .at = offsetof(struct options, now),
	    .argument = "TIME",
	    .help =
		"Judge as if it were TIME (RFC 3339, such as "
		"2026-12-24T00:00:00Z). Default: the moment of the check." },
	{ 0 },
};

struct run {
	const struct options *options;
	struct wall_time now;
	struct style style;
	enum verdict worst;
};

static enum err
judge_one(struct run *r, const json_t *json, struct error *e)
{
	struct evidence ev;
	struct judged j;
	struct arena a;
	enum err rc;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	rc = evidence_from_json(json, &a, &ev, e);
	if (rc == ERR_OK) {
		rc =
		    judge(&ev, r->options->now != NULL ? r->now : ev.checked_at,
			JUDGE_ALL, &a, &j);
		if (rc == ERR_OK)
			rc = report(&j, &r->options->report, &r->style, stdout);
		if (rc == ERR_OK)
			r->worst = report_worse(r->worst, j.verdict);
		else
			error_plain(e, rc);
	}
	arena_release(&a);
	return rc;
}

/* A file holds one object or several, one after the other. */
static enum err
judge_file(struct run *r, struct span text, struct error *e)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK;
	size_t n = 0;

	for (;; n++) {
		json_error_t je;
		json_t *json;
		enum err rc;

		while (text.n > 0 && strchr(" \t\r\n", text.p[0]) != NULL)
			text = span_skip(text, 1);
		if (text.n == 0)
			break;
		json = json_loadb(text.p, text.n, flags, &je);
		if (json == NULL)
			return error_set(e, ERR_DATA,
			    "object %zu is not JSON: %s (line %d)", n + 1,
			    je.text, je.line);
		text = span_skip(text, (size_t)je.position);
		rc = judge_one(r, json, e);
		json_decref(json);
		if (rc != ERR_OK)
			return rc;
	}
	if (n == 0)
		return error_set(e, ERR_DATA, "the file is empty");
	return ERR_OK;
}

int
cmd_judge(const struct command *c, int argc, char **argv)
{
	struct options o = { 0 };
	struct run r = { .options = &o };
	struct option_parse p;
	struct arena a;
	struct span text;
	struct error e;
	int status = 0;

	arena_init(&a, 4 * (size_t)LIMIT_EVIDENCE_FILE);
	if (!command_begin(c, argc, argv, &o, &p, &status))
		goto out;
	if (p.n_operands != 1 || report_conflict(&o.report) != NULL) {
		status = command_usage(c, "%s",
		    p.n_operands != 1 ? "one file of evidence is needed"
				      : report_conflict(&o.report));
		goto out;
	}
	if (o.now != NULL && !rfc3339_parse(span_str(o.now), &r.now)) {
		status = command_usage(c,
		    "--now takes a time such as 2026-12-24T00:00:00Z, not "
		    "\"%s\"",
		    o.now);
		goto out;
	}
	r.style = style_for(stdout);
	if (read_file(p.operands[0], LIMIT_EVIDENCE_FILE, &a, &text, &e) !=
		ERR_OK ||
	    judge_file(&r, text, &e) != ERR_OK)
		status = command_fail(c, &e);
	else
		status = (int)r.worst;
out:
	arena_release(&a);
	option_parse_release(&p);
	return status;
}

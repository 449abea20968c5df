/* mtasts check: look at domains as a sender does, and say what is wrong. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "cli/command.h"
#include "cli/domain_list.h"
#include "cli/look_options.h"
#include "cli/parallel.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "out/evidence_json.h"

enum {
	/* Enough domains at once to keep 64 probes in flight. */
	JOBS_DEFAULT = 32,
	JOBS_MAX = 256,
	PROBES_DEFAULT = 64,
	PROBES_MAX = 512,
	DEADLINE_DEFAULT_S = 60,
	DEADLINE_MAX_S = 3600,
	/* Results that may wait for a slow domain before them. */
	WINDOW = 512,
};

struct options {
	struct report_options report;
	struct look_options look;
	const char *file, *save;
	uint64_t jobs, probes, deadline_s;
	bool authority;
};

const struct option_row check_options[] = {
	REPORT_OPTION_ROWS(struct options),
	{ .name = "save",
	    .kind = OPTION_FILE,
	    .at = offsetof(struct options, save),
	    .argument = "FILE",
	    .help = "Keep the evidence in FILE, for \"mtasts judge\"." },
	{ .name = "file",
	    .kind = OPTION_FILE,
	    .at = offsetof(struct options, file),
	    .argument = "LIST",
	    .help = "Also check the domains in LIST, one a line; \"#\" begins "
		    "a comment, \"-\" is standard input." },
	{ .name = "jobs",
	    .letter = 'j',
	    .kind = OPTION_NUMBER,
	    .at = offsetof(struct options, jobs),
	    .argument = "N",
	    .min = 1,
	    .max = JOBS_MAX,
	    .help = "Look at up to N domains at once. Default: 32." },
	{ .name = "probes",
	    .kind = OPTION_NUMBER,
	    .at = offsetof(struct options, probes),
	    .argument = "N",
	    .min = 1,
	    .max = PROBES_MAX,
	    .help = "Have up to N connections open at once, never two to one "
		    "address. Default: 64." },
	{ .name = "deadline",
	    .kind = OPTION_DURATION,
	    .at = offsetof(struct options, deadline_s),
	    .argument = "TIME",
	    .min = 1,
	    .max = DEADLINE_MAX_S,
	    .help = "Take at most TIME for each domain; what is not done by "
		    "then is unknown. Default: 60s." },
	{ .name = "authority",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, authority),
	    .help = "Also ask each authoritative name server, and compare." },
	LOOK_OPTION_ROWS(struct options),
	{ 0 },
};

struct run {
	const struct command *command;
	const struct options *options;
	struct arena a; /* of the domains and the options */
	struct domain_list domains;
	struct collector *collector;
	struct progress progress;
	struct style style;
	FILE *save;
	enum verdict worst;
};

/* One domain's texts, ready to be printed. */
struct result {
	enum err err;
	enum verdict verdict;
	char *text, *evidence; /* malloc */
	size_t text_n, evidence_n;
};

/* Nothing is checked if one of them is no domain: half a list is not what was
 * asked for. */
static enum err
read_domains(struct run *r, const struct option_parse *p, struct error *e)
{
	for (size_t i = 0; i < p->n_operands; i++) {
		enum err rc =
		    domain_list_add(&r->domains, span_str(p->operands[i]), e);

		if (rc != ERR_OK)
			return rc;
	}
	if (r->options->file == NULL)
		return ERR_OK;
	return domain_list_file(&r->domains, r->options->file, e);
}

static enum err
start(struct run *r, struct error *e)
{
	const struct options *o = r->options;
	struct collect_options co;
	enum err rc;

	collect_options_init(&co);
	rc = look_options_apply(&o->look, &r->a, &co, e);
	if (rc != ERR_OK)
		return rc;
	co.workers = (unsigned)o->probes;
	co.authority = o->authority;
	r->progress.total = r->domains.n;
	co.progress = r->progress.on ? progress_update : NULL;
	co.progress_arg = &r->progress;
	if (o->save != NULL && (r->save = fopen(o->save, "wbe")) == NULL)
		return error_set(e, ERR_CANT_CREATE, "cannot write %s: %s",
		    o->save, strerror(errno));
	return collector_new(&co, &r->collector, e);
}

static enum err
keep_evidence(const struct evidence *ev, FILE *f)
{
	struct json_writer w = { false };

	return json_line(&w, evidence_to_json(&w, ev), f);
}

/* The texts are made on the thread that judged, printed on another. */
static enum err
render(const struct run *r, const struct judged *j, struct result *out)
{
	FILE *f = open_memstream(&out->text, &out->text_n);
	enum err rc;

	if (f == NULL)
		return ERR_MEMORY;
	rc = report(j, &r->options->report, &r->style, f);
	if (fclose(f) != 0 && rc == ERR_OK)
		rc = ERR_MEMORY;
	if (rc != ERR_OK || r->save == NULL)
		return rc;
	f = open_memstream(&out->evidence, &out->evidence_n);
	if (f == NULL)
		return ERR_MEMORY;
	rc = keep_evidence(j->evidence, f);
	if (fclose(f) != 0 && rc == ERR_OK)
		rc = ERR_MEMORY;
	return rc;
}

static void *
make_result(void *arg, size_t i)
{
	struct run *r = arg;
	struct result *out = calloc(1, sizeof *out);
	struct mono_time deadline = mono_after_ms(
	    clock_mono(&clock_system), (int64_t)r->options->deadline_s * 1000);
	struct evidence ev;
	struct judged j;
	struct arena a;

	if (out == NULL)
		return NULL;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	out->err = collect_domain(
	    r->collector, r->domains.names[i], deadline, &a, &ev);
	if (out->err == ERR_OK)
		out->err = judge(&ev, ev.checked_at, JUDGE_ALL, &a, &j);
	if (out->err == ERR_OK) {
		out->verdict = j.verdict;
		out->err = render(r, &j, out);
	}
	arena_release(&a);
	return out;
}

static void
drop_result(void *arg)
{
	struct result *out = arg;

	free(out->text);
	free(out->evidence);
	free(out);
}

/* The resolver's path is ours, not the domain's: it is told once. */
static void
tell_no_dnssec(struct run *r)
{
	if (collector_validates(r->collector))
		return;
	fprintf(stderr,
	    "mtasts check: the resolver does not pass DNSSEC on; going on "
	    "without DANE (see --resolver)\n");
}

static enum err
take_result(void *arg, size_t i, void *result)
{
	struct run *r = arg;
	struct result *out = result;
	enum err rc = out->err;

	progress_clear(&r->progress);
	if (i == 0)
		tell_no_dnssec(r);
	if (rc == ERR_OK) {
		fwrite(out->text, 1, out->text_n, stdout);
		fflush(stdout);
		r->worst = report_worse(r->worst, out->verdict);
		if (r->save != NULL && fwrite(out->evidence, 1, out->evidence_n,
					   r->save) != out->evidence_n)
			rc = ERR_CANT_CREATE;
	}
	drop_result(out);
	return rc;
}

static enum err
check_all(struct run *r, struct error *e)
{
	const struct parallel p = {
		.n = r->domains.n,
		.threads = (unsigned)r->options->jobs,
		.window = WINDOW,
		.make = make_result,
		.take = take_result,
		.drop = drop_result,
		.arg = r,
	};
	enum err rc = parallel_run(&p);

	if (r->save != NULL) {
		if (fclose(r->save) != 0 && rc == ERR_OK)
			rc = ERR_CANT_CREATE;
		r->save = NULL;
	}
	if (rc != ERR_OK)
		error_plain(e, rc);
	return rc;
}

static int
run_check(struct run *r, const struct option_parse *p)
{
	const char *conflict = report_conflict(&r->options->report);
	struct error e;
	enum err rc;

	if (conflict != NULL)
		return command_usage(r->command, "%s", conflict);
	rc = read_domains(r, p, &e);
	if (rc == ERR_OK && r->domains.n == 0)
		return command_usage(r->command, "a domain is needed");
	if (rc == ERR_OK)
		rc = start(r, &e);
	if (rc == ERR_OK)
		rc = check_all(r, &e);
	return rc == ERR_OK ? (int)r->worst : command_fail(r->command, &e);
}

int
cmd_check(const struct command *c, int argc, char **argv)
{
	struct options o = {
		.jobs = JOBS_DEFAULT,
		.probes = PROBES_DEFAULT,
		.deadline_s = DEADLINE_DEFAULT_S,
	};
	struct run r = { .command = c, .options = &o };
	struct option_parse p;
	int status = 0;

	arena_init(&r.a, 8 * (size_t)LIMIT_DOMAIN_LIST);
	r.domains.a = &r.a;
	r.style = style_for(stdout);
	if (command_begin(c, argc, argv, &o, &p, &status)) {
		progress_init(&r.progress);
		status = run_check(&r, &p);
		if (r.collector != NULL)
			collector_free(r.collector);
		progress_release(&r.progress);
	}
	option_parse_release(&p);
	arena_release(&r.a);
	return status;
}

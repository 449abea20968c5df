/* command.h - the commands, one file each: cli/cmd_*.c. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/err.h"
#include "out/option.h"

/* Exit status of the program, beside the four verdicts (core/judge.h). */
enum { EXIT_NO_MATCH = 1, EXIT_USAGE = 64, EXIT_OURS = 70 };

struct command {
	const char *name;
	const char *operands; /* as in the synopsis */
	const char *summary; /* one line, no period */
	const char *words; /* what the first operand may be, for completion */
	const struct option_row *options;
	/* argv[0] is the command's name. Returns the exit status. */
	int (*run)(const struct command *c, int argc, char **argv);
};

/* Ends with a NULL name. */
extern const struct command commands[];

extern const struct option_row check_options[];
extern const struct option_row lint_options[];
extern const struct option_row judge_options[];
extern const struct option_row match_options[];
extern const struct option_row explain_options[];
extern const struct option_row domain_options[];
extern const struct option_row publish_options[];
extern const struct option_row plan_options[];
extern const struct option_row incidents_options[];
extern const struct option_row history_options[];
extern const struct option_row login_options[];
extern const struct option_row db_options[];
extern const struct option_row completion_options[];

int
cmd_check(const struct command *c, int argc, char **argv);
int
cmd_lint(const struct command *c, int argc, char **argv);
int
cmd_judge(const struct command *c, int argc, char **argv);
int
cmd_match(const struct command *c, int argc, char **argv);
int
cmd_explain(const struct command *c, int argc, char **argv);
int
cmd_domain(const struct command *c, int argc, char **argv);
int
cmd_publish(const struct command *c, int argc, char **argv);
int
cmd_plan(const struct command *c, int argc, char **argv);
int
cmd_incidents(const struct command *c, int argc, char **argv);
int
cmd_history(const struct command *c, int argc, char **argv);
int
cmd_login(const struct command *c, int argc, char **argv);
int
cmd_db(const struct command *c, int argc, char **argv);
int
cmd_completion(const struct command *c, int argc, char **argv);

/* Parse argv as c's, into *dest. False if the command is to end at once with
 * *out_status: --help was asked for, or the usage was bad (a sentence and the
 * synopsis are on standard error). p is to be released in either case. */
bool
command_begin(const struct command *c, int argc, char **argv, void *dest,
    struct option_parse *p, int *out_status);

/* "mtasts check: <sentence>", and how to get help. Returns EXIT_USAGE. */
int
command_usage(const struct command *c, const char *fmt, ...) PRINTF(2, 3);

/* "mtasts check: <sentence>". Returns the status of e's code. */
int
command_fail(const struct command *c, const struct error *e);

#endif

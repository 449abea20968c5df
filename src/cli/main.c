/* mtasts - the command line. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "version.h"

/* clang-format off */
const struct command commands[] = {
	{ "check", "DOMAIN...",
	  "look at domains as a sender does, and say what is wrong",
	  NULL, check_options, cmd_check },
	{ "lint", "policy FILE|- | record TEXT... | tlsrpt TEXT...",
	  "look at a policy file or a TXT record alone",
	  "policy record tlsrpt", lint_options, cmd_lint },
	{ "match", "PATTERN HOST",
	  "say whether a policy's pattern covers an MX host",
	  NULL, match_options, cmd_match },
	{ "explain", "SLUG|all",
	  "say what a check means, its clause, and what to do",
	  "all", explain_options, cmd_explain },
	{ "judge", "EVIDENCE",
	  "judge saved evidence again, offline",
	  NULL, judge_options, cmd_judge },
	{ "domain", "add|remove|list|show|set [DOMAIN...]",
	  "the portfolio of watched domains",
	  "add remove list show set", domain_options, cmd_domain },
	{ "publish", "[--status|--remove|--keep|--approve|...] [DOMAIN...]",
	  "publish policies by two CNAMEs",
	  NULL, publish_options, cmd_publish },
	{ "plan", "mx-move DOMAIN",
	  "dated steps of a safe move of the mail hosts",
	  "mx-move", plan_options, cmd_plan },
	{ "incidents", "[list] | show ID... | ack ID...",
	  "what is wrong with the portfolio, by cause",
	  "list show ack", incidents_options, cmd_incidents },
	{ "history", "DOMAIN",
	  "what has happened to a domain of the portfolio",
	  NULL, history_options, cmd_history },
	{ "login", "",
	  "make a link that lets somebody in to the dashboard",
	  NULL, login_options, cmd_login },
	{ "db", "migrate|check|backup FILE",
	  "the store that remembers",
	  "migrate check backup", db_options, cmd_db },
	{ "completion", "bash|zsh|fish",
	  "print a completion script for a shell",
	  "bash zsh fish", completion_options, cmd_completion },
	{ NULL, NULL, NULL, NULL, NULL, NULL },
};
/* clang-format on */

static void
print_commands(FILE *f)
{
	fputs("usage: mtasts COMMAND [OPTIONS] ...\n\n", f);
	for (const struct command *c = commands; c->name != NULL; c++)
		fprintf(f, "  %-11s %s\n", c->name, c->summary);
	fputs("\n\"mtasts COMMAND --help\" tells more; so does \"man "
	      "mtasts\".\n",
	    f);
}

static void
print_help(const struct command *c, FILE *f)
{
	fprintf(f, "usage: mtasts %s [OPTIONS]%s%s\n\n", c->name,
	    c->operands[0] != '\0' ? " " : "", c->operands);
	fprintf(f, "  %s\n\n", c->summary);
	option_help(c->options, f);
	fprintf(f, "\nSee also \"man mtasts-%s\".\n", c->name);
}

bool
command_begin(const struct command *c, int argc, char **argv, void *dest,
    struct option_parse *p, int *out_status)
{
	struct error e;
	enum err rc = option_parse(c->options, argc, argv, dest, p, &e);

	if (rc == ERR_USAGE) {
		*out_status = command_usage(c, "%s", e.text);
		return false;
	}
	if (rc != ERR_OK) {
		*out_status = command_fail(c, &e);
		return false;
	}
	if (p->help) {
		print_help(c, stdout);
		*out_status = 0;
		return false;
	}
	return true;
}

int
command_usage(const struct command *c, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "mtasts %s: ", c->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nusage: mtasts %s [OPTIONS]%s%s\n", c->name,
	    c->operands[0] != '\0' ? " " : "", c->operands);
	return EXIT_USAGE;
}

int
command_fail(const struct command *c, const struct error *e)
{
	fprintf(stderr, "mtasts %s: %s\n", c->name, e->text);
	return err_exit_status(e->code);
}

static const struct command *
find(const char *name)
{
	for (const struct command *c = commands; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

/* "mtasts help check" is "mtasts check --help". */
static int
help(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2) {
		print_commands(stdout);
		return 0;
	}
	c = find(argv[1]);
	if (c == NULL) {
		fprintf(
		    stderr, "mtasts: there is no command \"%s\"\n", argv[1]);
		return EXIT_USAGE;
	}
	print_help(c, stdout);
	return 0;
}

static int
run(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2) {
		print_commands(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("mtasts %s\n", MTASTS_VERSION_TEXT);
		return 0;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0)
		return help(argc - 1, argv + 1);
	c = find(argv[1]);
	if (c == NULL) {
		fprintf(
		    stderr, "mtasts: there is no command \"%s\"\n", argv[1]);
		print_commands(stderr);
		return EXIT_USAGE;
	}
	return c->run(c, argc - 1, argv + 1);
}

int
main(int argc, char **argv)
{
	int status = run(argc, argv);

	/* What was not written was not said: a full disk is our failure. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "mtasts: cannot write the output: %s\n",
		    strerror(errno));
		return EXIT_OURS;
	}
	return status;
}

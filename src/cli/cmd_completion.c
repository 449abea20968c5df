/* mtasts completion: a script for a shell, from the tables of commands and
 * options. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

const struct option_row completion_options[] = {
	{ 0 },
};

static void
bash_options(const struct option_row *rows)
{
	for (; rows->name != NULL; rows++)
		printf(" --%s", rows->name);
}

/* Behind an option that takes one of some words, these; behind another one that
 * takes something, a file's name is as good as anything. */
static void
bash_arguments(const struct command *c)
{
	for (const struct option_row *o = c->options; o->name != NULL; o++)
		if (o->argument != NULL)
			printf("\t\t%s:--%s) words=\"%s\" ;;\n", c->name,
			    o->name, o->words != NULL ? o->words : "");
}

static void
bash(void)
{
	fputs("_mtasts()\n{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words\n"
	      "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]}\n\n"
	      "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\twords=\"",
	    stdout);
	for (const struct command *c = commands; c->name != NULL; c++)
		printf("%s ", c->name);
	fputs("help\"\n\telse\n\t\tcase ${COMP_WORDS[1]}:$prev in\n", stdout);
	for (const struct command *c = commands; c->name != NULL; c++) {
		bash_arguments(c);
		printf("\t\t%s:*) words=\"%s", c->name,
		    c->words != NULL ? c->words : "");
		bash_options(c->options);
		fputs(" --help\" ;;\n", stdout);
	}
	fputs("\t\tesac\n\tfi\n"
	      "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
	      "complete -o default -F _mtasts mtasts\n",
	    stdout);
}

/* In single quotes for zsh's _arguments, where a bracket ends the text. */
static void
zsh_help(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s == '[' || *s == ']' || *s == ':')
			printf("\\%c", *s);
		else if (*s == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*s);
}

static void
zsh_command(const struct command *c)
{
	printf("\t%s)\n\t\t_arguments \\\n", c->name);
	for (const struct option_row *o = c->options; o->name != NULL; o++) {
		printf("\t\t\t'%s--%s[", o->kind == OPTION_LIST ? "*" : "",
		    o->name);
		zsh_help(o->help);
		putchar(']');
		if (o->argument != NULL && o->words != NULL)
			printf(":%s:(%s)", o->argument, o->words);
		else if (o->argument != NULL)
			printf(":%s:%s", o->argument,
			    o->kind == OPTION_FILE ? "_files" : "");
		fputs("' \\\n", stdout);
	}
	if (c->words != NULL)
		printf("\t\t\t'1:what:(%s)' \\\n", c->words);
	fputs("\t\t\t'*:operand:_files'\n\t\t;;\n", stdout);
}

static void
zsh(void)
{
	fputs("#compdef mtasts\n\n_mtasts()\n{\n\tlocal -a commands\n\n"
	      "\tcommands=(\n",
	    stdout);
	for (const struct command *c = commands; c->name != NULL; c++) {
		printf("\t\t'%s:", c->name);
		zsh_help(c->summary);
		fputs("'\n", stdout);
	}
	fputs("\t)\n\tif (( CURRENT == 2 )); then\n"
	      "\t\t_describe command commands\n\t\treturn\n\tfi\n"
	      "\tshift words\n\t(( CURRENT-- ))\n\tcase $words[1] in\n",
	    stdout);
	for (const struct command *c = commands; c->name != NULL; c++)
		zsh_command(c);
	fputs("\tesac\n}\n\n_mtasts \"$@\"\n", stdout);
}

static void
fish_quoted(const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\'' || *s == '\\')
			putchar('\\');
		putchar(*s);
	}
}

static void
fish_command(const struct command *c)
{
	printf("complete -c mtasts -n __fish_use_subcommand -f -a %s -d '",
	    c->name);
	fish_quoted(c->summary);
	fputs("'\n", stdout);
	if (c->words != NULL)
		printf("complete -c mtasts -n '__fish_seen_subcommand_from "
		       "%s' -a '%s'\n",
		    c->name, c->words);
	for (const struct option_row *o = c->options; o->name != NULL; o++) {
		printf("complete -c mtasts -n '__fish_seen_subcommand_from "
		       "%s' -l %s",
		    c->name, o->name);
		if (o->letter != '\0')
			printf(" -s %c", o->letter);
		if (o->argument != NULL)
			fputs(o->kind == OPTION_FILE ? " -rF" : " -x", stdout);
		if (o->words != NULL)
			printf(" -a '%s'", o->words);
		fputs(" -d '", stdout);
		fish_quoted(o->help);
		fputs("'\n", stdout);
	}
}

static void
fish(void)
{
	for (const struct command *c = commands; c->name != NULL; c++)
		fish_command(c);
}

int
cmd_completion(const struct command *c, int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} shells[] = {
		{ "bash", bash },
		{ "zsh", zsh },
		{ "fish", fish },
	};
	struct option_parse p;
	char none[1];
	int status = 0;

	if (!command_begin(c, argc, argv, none, &p, &status))
		goto out;
	status = EXIT_USAGE;
	for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
		if (p.n_operands == 1 &&
		    strcmp(p.operands[0], shells[i].name) == 0) {
			shells[i].print();
			status = 0;
		}
	if (status != 0)
		command_usage(c, "the name of a shell is needed");
out:
	option_parse_release(&p);
	return status;
}

/* option.h - options as rows.
 *
 * A command's options are a table. The parser, --help and the shell completion
 * all read it, and a test holds the manual against it. */
#ifndef OUT_OPTION_H
#define OUT_OPTION_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

enum option_kind {
	OPTION_FLAG, /* bool */
	OPTION_STRING, /* const char * */
	OPTION_FILE, /* const char *, completed as a file name */
	OPTION_LIST, /* struct option_list: given as often as one likes */
	OPTION_NUMBER, /* uint64_t, between min and max */
	OPTION_DURATION, /* uint64_t seconds, between min and max */
};

/* The strings borrow from argv. */
struct option_list {
	const char **items;
	size_t n;
};

struct option_row {
	const char *name; /* without its dashes; NULL ends the table */
	char letter; /* the short form, or 0 */
	enum option_kind kind;
	size_t at; /* offset in the command's options struct */
	const char *argument; /* its name in the help; NULL for a flag */
	uint64_t min, max;
	const char *help;
	const char *words; /* what it takes, for completion; NULL: anything */
};

/* Room for the items of every OPTION_LIST and for the operands: what argv can
 * hold. */
struct option_parse {
	const char **operands; /* what is no option, in order */
	size_t n_operands;
	bool help; /* --help was there: nothing else was looked at */
	void *memory; /* option_parse_release() */
};

/* Fill *dest (of the rows' struct, with its defaults set) from argv, argv[0]
 * being the command's name. Options and operands may be mixed; "--" ends the
 * options. ERR_USAGE with a sentence in e for anything else. */
enum err
option_parse(const struct option_row *rows, int argc, char **argv, void *dest,
    struct option_parse *out, struct error *e) MUST_CHECK;

void
option_parse_release(struct option_parse *p);

/* "  -j, --jobs N   what it does", one option a paragraph. */
void
option_help(const struct option_row *rows, FILE *f);

#endif

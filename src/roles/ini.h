/* ini.h - the lines of a configuration file.
 *
 *	[section]
 *	key = value	# a comment
 *
 * A "#" begins a comment where a line begins, or behind white space. White
 * space around names and values does not count. There is no quoting, and no
 * line goes on with the next. A line that is none of these is told, and so is
 * one that is too long or is not text: nothing is cut or guessed.
 *
 * Pure. */
#ifndef ROLES_INI_H
#define ROLES_INI_H

#include "base/attr.h"
#include "base/span.h"

struct ini {
	struct span rest; /* of the file */
	unsigned line; /* how many were taken */
};

enum ini_kind { INI_SECTION, INI_KEY, INI_FAULT };

struct ini_line {
	enum ini_kind kind;
	unsigned line; /* from 1 */
	struct span name; /* of the section, or the key; borrowed */
	struct span value; /* of the key; may be empty */
	const char *fault; /* a sentence */
};

/* The next line that says something; false at the end. */
bool
ini_next(struct ini *ini, struct ini_line *out) MUST_CHECK;

#endif

/* state_words.h - for this folder: a struct as text, for a column that is read
 * and written as a whole.
 *
 * Words of the form name=value, a blank between two; "v=1" is the first. What
 * is zero has no word. A word that is not known is passed over, so that a
 * member more is no migration. */
#ifndef STORE_STATE_WORDS_H
#define STORE_STATE_WORDS_H

#include "base/buf.h"

enum state_kind {
	STATE_TIME, /* struct wall_time */
	STATE_NUMBER, /* uint32_t, or unsigned */
	STATE_FLAG, /* bool */
	STATE_NAME, /* an enum, whose zero is not written */
};

struct state_row {
	const char *name;
	enum state_kind kind;
	size_t offset; /* of the member */
	const char *const *names; /* of the enum's values, */
	size_t n_names; /* and how many there are */
};

struct state_form {
	const struct state_row *rows;
	size_t n_rows;
	/* For words that are no row's: false if one of them cannot be read.
	 * NULL: there are none. */
	bool (*other)(void *out, struct span name, struct span value);
};

void
state_write(const struct state_form *form, const void *in, struct buf *b);

/* Into out, which is all zero. *word is the first one that cannot be read, if
 * so. */
bool
state_read(const struct state_form *form, struct span text, void *out,
    struct span *word) MUST_CHECK;

#endif

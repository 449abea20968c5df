/* err.h - what we could not do.
 *
 * Two kinds of bad news are kept apart. What the world did (a name that does
 * not exist, an expired certificate, a malformed policy) is data: a verdict or
 * a finding. What we could not do is an enum err, and must be looked at. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/attr.h"

enum err {
	ERR_OK,
#define ERR(symbol, status, text) ERR_##symbol,
#include "base/err.def"
#undef ERR
};

/* The row's sentence, without a final period. */
const char *
err_text(enum err e);

/* The exit status of a program that ends because of e; 0 for ERR_OK. */
int
err_exit_status(enum err e);

/* Where the row is not enough. Untouched on success; the text is for a person
 * and has no final newline. */
struct error {
	enum err code;
	char text[256];
};

/* Fill e (which may be NULL) and return code. A longer text is cut. */
enum err
error_set(struct error *e, enum err code, const char *fmt, ...) PRINTF(3, 4);

/* With the row's sentence; ERR_OK is passed on, and leaves e as it is. */
enum err
error_plain(struct error *e, enum err code);

#endif

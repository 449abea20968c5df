/* open_store.h - the store that a command works on. */
#ifndef CLI_OPEN_STORE_H
#define CLI_OPEN_STORE_H

#include <stdbool.h>

#include "store/store.h"

/* Its row in a command's table of options, whose struct has the member
 * `store`. */
/* clang-format off */
#define STORE_OPTION_ROW(type)						\
	{ .name = "store", .kind = OPTION_STRING,			\
	  .at = offsetof(type, store), .argument = "URL",		\
	  .help = "The store: a path, sqlite:PATH or postgresql://... "	\
		  "Default: $MTASTS_STORE, else "			\
		  "/var/lib/mtasts/mtasts.db." }
/* clang-format on */

/* url as given by the option, or NULL. */
enum err
open_store(const char *url, enum store_mode mode, struct store **out,
    struct error *e) MUST_CHECK;

/* Likewise, for who wants to see or change what others have begun: a file that
 * is not there is ERR_NO_INPUT, and none is made. */
enum err
open_store_kept(
    const char *url, struct store **out, struct error *e) MUST_CHECK;

/* Does the option or the environment name one? For commands that need none. */
bool
open_store_is_named(const char *url);

/* Does one of them, or is there a file in the default place? */
bool
open_store_is_there(const char *url);

#endif

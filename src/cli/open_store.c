#include "cli/open_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define DEFAULT_STORE "/var/lib/mtasts/mtasts.db"

/* What the caller or the environment names, or NULL. */
static const char *
named(const char *url)
{
	if (url == NULL)
		url = getenv("MTASTS_STORE");
	return url != NULL && url[0] != '\0' ? url : NULL;
}

bool
open_store_is_named(const char *url)
{
	return named(url) != NULL;
}

bool
open_store_is_there(const char *url)
{
	return named(url) != NULL || access(DEFAULT_STORE, F_OK) == 0;
}

static const char *
named_or_default(const char *url)
{
	url = named(url);
	return url != NULL ? url : DEFAULT_STORE;
}

enum err
open_store(
    const char *url, enum store_mode mode, struct store **out, struct error *e)
{
	return store_open(
	    named_or_default(url), mode, clock_wall(&clock_system), out, e);
}

enum err
open_store_kept(const char *url, struct store **out, struct error *e)
{
	const char *where;

	url = named_or_default(url);
	if (sql_driver_of(url, &where) == &sql_sqlite &&
	    access(where, F_OK) != 0)
		return error_set(e, ERR_NO_INPUT,
		    "there is no store at %s: %s; mtastsd makes it, and "
		    "--store or MTASTS_STORE names another",
		    where, strerror(errno));
	return store_open(url, STORE_USE, clock_wall(&clock_system), out, e);
}

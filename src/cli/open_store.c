#include "cli/open_store.h"

#include <stdlib.h>
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

enum err
open_store(
    const char *url, enum store_mode mode, struct store **out, struct error *e)
{
	url = named(url);
	if (url == NULL)
		url = DEFAULT_STORE;
	return store_open(url, mode, clock_wall(&clock_system), out, e);
}

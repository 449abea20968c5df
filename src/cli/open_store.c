#include "cli/open_store.h"

#include <stdlib.h>

#include "base/clock.h"

enum err
open_store(
    const char *url, enum store_mode mode, struct store **out, struct error *e)
{
	if (url == NULL)
		url = getenv("MTASTS_STORE");
	if (url == NULL || url[0] == '\0')
		url = "/var/lib/mtasts/mtasts.db";
	return store_open(url, mode, clock_wall(&clock_system), out, e);
}

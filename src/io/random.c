#include "io/random.h"

#include <errno.h>
#include <sys/random.h>

static bool
system_fill(const struct randomness *r, void *buf, size_t n)
{
	char *p = buf;

	(void)r;
	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

const struct randomness randomness_system = { system_fill };

#include "cli/login_name.h"

#include <pwd.h>
#include <unistd.h>

struct span
login_name(struct arena *a)
{
	size_t size = 16 * 1024;
	char *mem = arena_alloc(a, size);
	struct passwd pw, *found = NULL;

	if (mem != NULL && getpwuid_r(getuid(), &pw, mem, size, &found) == 0 &&
	    found != NULL)
		return span_str(pw.pw_name);
	return arena_printf(a, "user %ld", (long)getuid());
}

#include "io/read_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { STEP = 64 * 1024 };

static enum err
read_all(FILE *f, const char *path, size_t max, struct arena *a,
    struct span *out, struct error *e)
{
	size_t n = 0, cap = 0;
	char *p = NULL;

	for (;;) {
		if (cap - n < STEP) {
			char *more = arena_alloc(a, cap * 2 + STEP);

			if (more == NULL)
				return error_plain(e, ERR_MEMORY);
			if (n > 0)
				memcpy(more, p, n);
			p = more;
			cap = cap * 2 + STEP;
		}
		n += fread(p + n, 1, cap - n, f);
		if (n > max)
			return error_set(e, ERR_LIMIT,
			    "%s holds more than %zu bytes", path, max);
		if (ferror(f))
			return error_set(e, ERR_NO_INPUT, "cannot read %s: %s",
			    path, strerror(errno));
		if (feof(f))
			break;
	}
	*out = (struct span){ p, n };
	return ERR_OK;
}

enum err
read_file(const char *path, size_t max, struct arena *a, struct span *out,
    struct error *e)
{
	FILE *f;
	enum err rc;

	if (strcmp(path, "-") == 0)
		return read_all(stdin, "standard input", max, a, out, e);
	f = fopen(path, "rbe");
	if (f == NULL)
		return error_set(e, ERR_NO_INPUT, "cannot open %s: %s", path,
		    strerror(errno));
	rc = read_all(f, path, max, a, out, e);
	fclose(f);
	return rc;
}

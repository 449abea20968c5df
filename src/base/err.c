#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
	const char *text;
	int status;
} rows[] = {
	[ERR_OK] = { "no error", 0 },
#define ERR(symbol, exit_status, sentence)                                     \
	[ERR_##symbol] = { .text = (sentence), .status = (exit_status) },
#include "base/err.def"
#undef ERR
};

const char *
err_text(enum err e)
{
	return rows[e].text;
}

int
err_exit_status(enum err e)
{
	return rows[e].status;
}

enum err
error_set(struct error *e, enum err code, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return code;
	e->code = code;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	return code;
}

enum err
error_plain(struct error *e, enum err code)
{
	return code == ERR_OK ? ERR_OK
			      : error_set(e, code, "%s", err_text(code));
}

#include "wire/field.h"

#include <stdint.h>

#include "base/ascii.h"

enum { FIELD_NAME_MAX = 32 };

static bool
is_name_tail(unsigned char c)
{
	return ascii_is_alnum(c) || c == '_' || c == '-' || c == '.';
}

bool
field_delim(struct reader *r)
{
	struct reader try = *r;

	reader_run(&try, ascii_is_wsp, SIZE_MAX);
	if (!reader_lit(&try, SPAN(";")))
		return false;
	reader_run(&try, ascii_is_wsp, SIZE_MAX);
	*r = try;
	return true;
}

struct span
field_name(struct reader *r)
{
	size_t from = r->at;

	if (reader_run(r, ascii_is_alnum, 1).n == 1)
		reader_run(r, is_name_tail, FIELD_NAME_MAX - 1);
	return (struct span){ r->in.p + from, r->at - from };
}

bool
field_is_value(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != ';' && c != '=';
}

bool
field_begins(struct reader r)
{
	return field_name(&r).n > 0 && reader_lit(&r, SPAN("="));
}

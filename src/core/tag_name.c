#include "core/tag_name.h"

#include "base/escape.h"
#include "base/limits.h"
#include "base/utf8.h"

_Static_assert(LIMIT_TAG == 64, "the sentence says so");

const char *
tag_name_fault(struct span tag)
{
	if (tag.n == 0 || tag.n > LIMIT_TAG)
		return "has 1 to 64 octets";
	if (span_eq(tag, SPAN(".")) || span_eq(tag, SPAN("..")))
		return "is more than dots";
	for (size_t n; tag.n > 0; tag = span_skip(tag, n)) {
		uint32_t c;

		n = utf8_next(tag, &c);
		if (n == 0 || escape_is_unprintable(c))
			return "has no characters that cannot be printed";
	}
	return NULL;
}

#include "core/account_name.h"

#include "base/escape.h"
#include "base/limits.h"

const char *
account_name_fault(struct span name, struct arena *a)
{
	if (name.n == 0)
		return "is empty";
	if (name.n > LIMIT_ACCOUNT_NAME)
		return "is longer than 64 octets";
	if (name.p[0] == ' ' || name.p[name.n - 1] == ' ')
		return "begins or ends with a space";
	/* As one part of a path it is gone before it is sent (RFC 3986
	 * 5.2.4). */
	if (span_eq(name, SPAN(".")) || span_eq(name, SPAN("..")))
		return "is nothing but dots";
	if (!span_eq(span_str(escape_str(a, name, LIMIT_ACCOUNT_NAME)), name))
		return "has characters that cannot be printed, or a backslash";
	if (span_starts(name, SPAN("token ")))
		return "looks like a token in the audit log";
	return NULL;
}

/* field.h - the fields of a TXT record: "name=value; name=value".
 *
 * MTA-STS (RFC 8461 3.1) and TLSRPT (RFC 8460 3) share this grammar, but for
 * the values that they define themselves. */
#ifndef WIRE_FIELD_H
#define WIRE_FIELD_H

#include <stdbool.h>

#include "base/reader.h"

/* field-delim = *WSP ";" *WSP. False, and nothing taken, if there is none. */
bool
field_delim(struct reader *r);

/* ext-name = (ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / "."). Empty if
 * there is none. */
struct span
field_name(struct reader *r);

/* An octet of an ext-value: no "=", ";", SP or control. */
bool
field_is_value(unsigned char c);

/* Does a field ("name=") begin here? */
bool
field_begins(struct reader r);

#endif

/* mx_match.h - does a policy's pattern cover an MX host (RFC 8461 4.1)? */
#ifndef WIRE_MX_MATCH_H
#define WIRE_MX_MATCH_H

#include <stdbool.h>

#include "base/span.h"

enum mx_pattern_fault {
	MX_PATTERN_OK,
	MX_PATTERN_SYNTAX, /* not a domain name */
	MX_PATTERN_TRAILING_DOT,
	MX_PATTERN_WILDCARD, /* "*" other than as the whole first label */
	MX_PATTERN_U_LABEL,
	MX_PATTERN_IP,
};

/* RFC 8461 3.2: sts-policy-mx-value = ["*."] Domain */
enum mx_pattern_fault
mx_pattern_check(struct span pattern);

/* RFC 8461 4.1: "*" stands for exactly one label, the left-most. Letters
 * compare without case; one final dot of the host (DNS presentation) is no
 * difference. A pattern that mx_pattern_check faults matches nothing. */
bool
mx_match(struct span pattern, struct span host);

/* Would it match if "*" stood for any number of labels, as some senders have
 * it? */
bool
mx_match_loosely(struct span pattern, struct span host);

#endif

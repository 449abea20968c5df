/* name.h - domain names as text: hosts, policy domains, MX hosts.
 *
 * Everywhere inside, a name is A-labels in lower case without a final dot, as
 * name_canonical makes it. Names are compared label by label, ASCII letters
 * without case (RFC 4343). */
#ifndef WIRE_NAME_H
#define WIRE_NAME_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

enum {
	NAME_MAX_TEXT = 253, /* RFC 1035 2.3.4: 255 octets on the wire */
	NAME_MAX_LABEL = 63, /* RFC 1035 2.3.4 */
};

/* RFC 5321 4.1.2, Domain: labels of letters, digits and inner hyphens. No
 * final dot, no underscore, no address literal; nor four numbers with dots,
 * which its grammar would allow. */
bool
name_is_domain(struct span s);

/* A U-label's bytes: somewhere outside ASCII. */
bool
name_has_u_label(struct span s);

/* Four numbers with dots (in range or not), an IPv6 address, either of them in
 * brackets, "[IPv6:...]": what people write where a name belongs. */
bool
name_is_ip_literal(struct span s);

/* Lower case, without one final dot. Not validated. Empty, and a->failed, if
 * it does not fit. */
struct span
name_canonical(struct arena *a, struct span s);

/* label.domain. Not validated. Empty, and a->failed, if it does not fit. */
struct span
name_below(struct arena *a, const char *label, struct span domain);

/* Equal but for case and one final dot. */
bool
name_eq(struct span a, struct span b);

/* Is child the same as parent, or below it? Nothing is below the empty name:
 * that is "no such name" here, not the root. */
bool
name_is_under(struct span child, struct span parent);

/* What follows the first dot, or empty. */
struct span
name_parent(struct span s);

/* How many labels, one final dot apart; 0 for the empty name. */
size_t
name_labels(struct span s);

#endif

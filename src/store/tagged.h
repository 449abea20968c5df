/* tagged.h - for this folder: two ways to the domains of a tag. */
#ifndef STORE_TAGGED_H
#define STORE_TAGGED_H

#include "store/sql.h"

/* Do so few domains have the tag, `most` or less, that to read and sort them
 * all costs less than to walk along an index until a page of them has come by?
 * Of no tag at all ("") it is false. */
enum err
tagged_is_rare(struct sql *sql, struct span tag, int64_t most, bool *out,
    struct error *e) MUST_CHECK;

/* Where `domain` is walked along; parameter is the tag's, or ''. */
#define TAGGED(parameter)                                                      \
	" AND (" parameter " = '' OR EXISTS (SELECT 1 FROM domain_tag"         \
	" WHERE tag = " parameter " AND domain_tag.name = domain.name))"

#endif

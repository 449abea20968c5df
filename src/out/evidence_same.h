/* evidence_same.h - did two looks see the same?
 *
 * What changes from look to look without meaning anything does not count: times
 * and how long something took, TTLs, texts of SMTP replies (their codes count),
 * Retry-After, the body of a response that is no 200, and the labels made up to
 * find wildcards. Nor does the order of the records of an answer, which servers
 * rotate. The tables of out/layout.c say so, member by member. */
#ifndef OUT_EVIDENCE_SAME_H
#define OUT_EVIDENCE_SAME_H

#include "core/evidence.h"

bool
evidence_same(const struct evidence *a, const struct evidence *b);

bool
host_seen_same(const struct host_seen *a, const struct host_seen *b);

#endif

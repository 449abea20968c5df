/* measured.h - could a look say that something is over?
 *
 * A finding that is not there any more is over only if the look would have
 * shown it. What each check rests on stands here as a table: lookups, the
 * policy file, a conversation with an address that came far enough. */
#ifndef CORE_MEASURED_H
#define CORE_MEASURED_H

#include "core/judge.h"

/* Is the check about a mail host, the same for every domain that uses it? */
bool
check_is_of_host(enum check_id id);

/* The check did not fail in j for that subject and address. Was it measured
 * there, or is what it was about gone? */
bool
was_measured(const struct judged *j, enum check_id id, struct span subject,
    struct ip_addr address);

#endif

/* acme_problem.h - what a CA's answer means for the order: RFC 8555 6.7.
 *
 * The document is kept word for word, since a person has to read it; its type
 * decides what is tried next. */
#ifndef IO_ACME_PROBLEM_H
#define IO_ACME_PROBLEM_H

#include <jansson.h>

#include "io/acme_http.h"

/* Read the status, and the body of an answer that is an error: sets failure,
 * problem and why. */
void
acme_problem_judge(struct acme_reply *r, struct arena *a);

/* Read a problem out of a member of another document, such as a challenge. */
void
acme_problem_read(
    const json_t *document, struct arena *a, struct acme_problem *out);

/* Which failure it is, by its type; otherwise where the type is not known. */
enum acme_failure
acme_problem_failure(const struct acme_problem *p, enum acme_failure otherwise);

/* Is it of this type? The word behind "urn:ietf:params:acme:error:". */
bool
acme_problem_is(const struct acme_problem *p, const char *word);

#endif

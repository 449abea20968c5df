/* org.h - whose a name is: its registrable domain, from the Public Suffix
 * List. */
#ifndef IO_ORG_H
#define IO_ORG_H

#include "base/arena.h"
#include "base/err.h"
#include "core/evidence.h"

struct org_list;

/* The system's list, or the one built into the library. */
enum err
org_list_new(struct org_list **out) MUST_CHECK;

void
org_list_free(struct org_list *l);

/* The registrable domain of a canonical name: a tail of it. "" if name is
 * itself a public suffix. Any thread. */
struct span
org_registrable(const struct org_list *l, struct span name);

/* Fill ev->orgs for every name that a rule compares: the domain, targets of
 * CNAMEs, MX hosts, and the names in the policy's patterns. Memory from a; what
 * does not fit is left out, and a->failed is set. */
void
org_gather(const struct org_list *l, struct evidence *ev, struct arena *a);

/* The same for evidence that came another way, with a list of its own. */
enum err
org_facts(struct evidence *ev, struct arena *a) MUST_CHECK;

#endif

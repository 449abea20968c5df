/* deed.h - an operation on one domain, in one transaction with its line of the
 * audit log. */
#ifndef WEB_DEED_H
#define WEB_DEED_H

#include "web/call.h"

struct deed {
	struct web_call *c;
	struct span name; /* the domain of the path */
	const char *what; /* for the audit log */
	const char *said; /* of said.def */
	const void *arg; /* what is said, */
	void *own; /* and what is made of it: the caller's */

	/* Left by what is done. */
	bool found; /* the domain */
	/* What else it is about and is not there, a sentence; "": it is. */
	struct span missing;
	/* Why it cannot be done now, a sentence; "": it is done. */
	struct span refused;
};

/* Is the input well, and is there a name? Then run it and answer; run may run
 * again. */
enum err
deed_do(struct deed *d, enum err (*run)(struct deed *d, struct error *e),
    struct error *e) MUST_CHECK;

/* The same without the answer of success, which the caller gives: *done. */
enum err
deed_run(struct deed *d, enum err (*run)(struct deed *d, struct error *e),
    bool *done, struct error *e) MUST_CHECK;

/* The names of mail hosts in the body, canonical, each once; LIMIT_MX_HOSTS at
 * most, and one at least. */
struct span *
deed_hosts(struct web_call *c, const char *name, size_t *n);

#endif

/* route.h - what there is to ask for: the rows of routes.def. */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include <stdbool.h>

#include "base/err.h"
#include "store/accounts.h"
#include "wire/http_request.h"

struct web_call;

enum { ROUTE_CAPTURES = 2 };

enum route_kind {
	ROUTE_PAGE, /* HTML; who is not logged in is led to the login */
	ROUTE_API, /* JSON; an operation unless it is a GET */
	ROUTE_OPEN, /* for anybody: no login is asked for */
	ROUTE_PLAIN, /* the same, and without a store: call->store may be NULL
		      */
	ROUTE_FORM, /* for anybody, a form of our own pages: login and welcome
		     */
};

struct route {
	enum http_method method;
	const char *path; /* "{}" is one part of it, and is captured */
	enum route_kind kind;
	enum scope scope; /* that a caller needs; not of OPEN and FORM */
	enum err (*handle)(struct web_call *c, struct error *e);
};

extern const struct route routes[];
extern const size_t n_routes;

/* Does that path, as sent, follow the route's? What stands in the place of {}
 * is not empty, and borrows from the path. */
bool
route_matches(const struct route *r, struct span path,
    struct span captured[ROUTE_CAPTURES]);

/* The one of that method (a HEAD has those of a GET). NULL: there is none, and
 * *allowed has a bit for each method that there is for that path. */
const struct route *
route_find(enum http_method method, struct span path,
    struct span captured[ROUTE_CAPTURES], unsigned *allowed);

/* The handlers, one a row. */
#define ROUTE(method, path, kind, scope, handle)                               \
	enum err handle(struct web_call *c, struct error *e) MUST_CHECK;
#include "web/routes.def"
#undef ROUTE

#endif

/* call.h - one request while it is answered: what a handler is given, and what
 * it leaves.
 *
 * A handler returns ERR_OK when there is an answer, be it a problem; any other
 * error is ours, and becomes 503 (the store) or 500, told without its details.
 */
#ifndef WEB_CALL_H
#define WEB_CALL_H

#include <jansson.h>
#include <stdio.h>

#include "base/arena.h"
#include "out/json.h"
#include "web/caller.h"
#include "web/input.h"
#include "web/route.h"
#include "web/web.h"

struct web_call {
	const struct web_config *config;
	struct web *web;
	struct store *store;
	struct arena *a; /* of this request: LIMIT_WEB_MEMORY */
	struct wall_time now;
	const struct http_request *http;
	const struct route *route;
	/* What stands in the place of {} in the route's path, decoded. */
	struct span captured[ROUTE_CAPTURES];
	struct fields query; /* behind the "?" */
	struct input input; /* the body, of an operation */
	struct caller caller;
	struct ip_addr peer; /* the client, behind a proxy too */

	/* The answer. */
	int status; /* 200 unless it is set */
	const char *type; /* of the body; text/html unless it is set */
	FILE *body; /* where it is written, NULL until call_body() */
	struct span location; /* of a redirect */
	struct span cookie; /* Set-Cookie */
	struct span filename; /* to be saved under that name */
	bool is_public; /* anybody may keep it for a while */
	bool is_forever; /* ... and for ever: its address has its hash */
	struct span packed; /* the body by gzip, where that is ready */
	unsigned allowed; /* methods, as route_find() says; 0: no matter */
	int64_t retry_s; /* when to try again; 0: no matter */
	/* What was done, a word of said.def: an operation's form is led back to
	 * its page, which says it. */
	const char *said;
	struct span back; /* ... to this page; "": whence it came */
};

/* The stream for the body: in memory, of at most LIMIT_WEB_REPLY octets. */
FILE *
call_body(struct web_call *c);

/* The answer is this object, which is released; json_put() and its kin have
 * w->failed set where memory ran out. */
enum err
call_json(struct web_call *c, struct json_writer *w, json_t *root,
    struct error *e) MUST_CHECK;

/* A word of problems.def. */
enum problem {
#define PROBLEM(symbol, ...) PROBLEM_##symbol,
#include "web/problems.def"
#undef PROBLEM
	PROBLEMS,
};

/* The answer is a problem: as "application/problem+json" (RFC 9457) for a
 * program, as a page for a person. The sentence may hold foreign bytes. */
enum err
call_refuse(struct web_call *c, enum problem problem, const char *fmt, ...)
    PRINTF(3, 4);

/* Where a person is led when something is done, or has failed: call->back, or
 * the form's field "back", or whence he came; "/" if that is no page of ours.
 */
struct span
call_way_back(const struct web_call *c);

/* Is it the path of a page of ours, whatever stranger has written it? */
bool
call_is_local(struct span path);

/* Led to another page of ours. */
enum err
call_redirect(struct web_call *c, struct span path);

/* Is the answer for a person: is the route a page, or the body a form? */
bool
call_is_for_person(const struct web_call *c);

/* Who asks, for people: the account, or "token NAME", which no account is
 * called; "": a stranger. */
struct span
call_who(struct web_call *c);

/* Who did what to what: written where the operation is, in its transaction. */
enum err
call_audit(struct web_call *c, const char *what, struct span target,
    struct error *e) MUST_CHECK;

#endif

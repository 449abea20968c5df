/* test_call.h - for tests only: a request to the dashboard, without a socket.
 *
 * Over the store of a fixture (store/test_store.h). A handler is called alone,
 * with whatever caller and input a test says, or the request goes the whole way
 * through web_handle(). */
#ifndef WEB_TEST_CALL_H
#define WEB_TEST_CALL_H

#include "store/test_store.h"
#include "web/call.h"

/* Stands still until a test changes it. */
struct test_moment {
	struct clock clock; /* first: the functions cast */
	struct wall_time wall; /* test_now to begin with */
	struct mono_time mono;
};

struct test_call {
	struct fixture *f; /* borrowed */
	struct web_config config; /* a test may change it */
	struct web *web;
	struct wall_time now; /* of the request; test_now to begin with */
	enum scope scope; /* of who asks: "anna"; SCOPE_ADMINISTER */

	/* The last answer, until the next request. */
	int status;
	struct span body, type, location;
	struct http_response response; /* of test_call_ask() */

	struct test_moment moment; /* what web_handle() takes for now */
	struct ip_addr peer;
	bool is_unread; /* the body was too long for the server */
	bool is_clear; /* no TLS */
	int failures; /* that were told of, of the store or of ours */
	char cookie[128]; /* of who is logged in; "": nobody */

	struct arena a;
	struct http_head head;
	struct http_request http;
	struct web_call call;
};

/* The caller, with NULL for f: there is no store. */
void
test_call_init(struct test_call *t, struct fixture *f);
void
test_call_release(struct test_call *t);

/* The handler alone: as logged in with t->scope, with that target ("/a?b=c";
 * its captures come from the route of that handler), and that body, which is
 * JSON if it begins with "{", and a form otherwise; NULL: none. What the
 * handler returns is in the result; what it answered is in t. */
enum err
test_call_handler(struct test_call *t,
    enum err (*handle)(struct web_call *c, struct error *e), const char *target,
    const char *body);

/* The same up to the handler: t->call is ready for it. */
void
test_call_begin(struct test_call *t,
    enum err (*handle)(struct web_call *c, struct error *e), const char *target,
    const char *body);

/* ... and that handler, with what it answered. */
enum err
test_call_end(struct test_call *t,
    enum err (*handle)(struct web_call *c, struct error *e));

/* A request as a client sends it, through web_handle(). */
struct test_ask {
	enum http_method method;
	const char *target;
	const char *fields; /* "name: value\n...", or NULL */
	const char *body; /* as above, with its Content-Type; or NULL */
};

void
test_call_ask(struct test_call *t, const struct test_ask *ask);

/* A field of the last answer; "" if there is none. */
struct span
test_call_field(const struct test_call *t, const char *name);

/* "anna" has an account of t->scope, and is logged in: what is asked from now
 * on has her cookie. */
void
test_call_log_in(struct test_call *t);

/* What her pages have for their forms. */
const char *
test_call_csrf(struct test_call *t, struct arena *a);

/* Does the last answer's body have that text? Says what is there if not. */
void
want_said(struct tally *tally, const struct test_call *t, const char *text);
void
want_unsaid(struct tally *tally, const struct test_call *t, const char *text);

#endif

/* caller.h - who asks: a person with a session, a program with a token, or
 * nobody that we know.
 *
 * A session is 32 octets by random in a cookie (__Host-mtasts, Secure,
 * HttpOnly, SameSite=Lax; "mtasts" where the origin is http:), of which the
 * store has a hash. What changes something needs, beside the cookie, a token
 * that only our pages have (the field "csrf", or the header X-CSRF-Token), and
 * no Origin but ours. A program sends "Authorization: Bearer TOKEN"; its token
 * is no cookie, so nobody can make a browser send it. */
#ifndef WEB_CALLER_H
#define WEB_CALLER_H

#include "base/attr.h"
#include "base/err.h"
#include "store/accounts.h"

enum caller_kind { CALLER_NOBODY, CALLER_PERSON, CALLER_PROGRAM };

struct caller {
	enum caller_kind kind;
	struct span name; /* of the account, or of the token */
	struct span account; /* the same, or of who made the token */
	enum scope scope; /* what it may do, at most */
	uint8_t session[SECRET_HASH]; /* of a PERSON */
	/* Of a PERSON, for forms: masked anew in every answer, so that
	 * compression tells nothing of it. */
	char csrf[2 * 2 * 16 + 1];
};

/* In front of a program's token, so that it is known for what it is where it
 * must not be. */
#define CALLER_TOKEN_MARK "mtasts_"

struct web_call;
struct web_config;

/* Who it is: call->caller. What is not known, or has expired, is nobody. */
enum err
caller_find(struct web_call *c, struct error *e) MUST_CHECK;

/* Of a session; "__Host-" where the origin is https:. */
struct span
caller_cookie_name(const struct web_config *config);

bool
caller_is_https(const struct web_config *config);

/* May it do what the route says? If not, the call is answered. */
bool
caller_may(struct web_call *c) MUST_CHECK;

#endif

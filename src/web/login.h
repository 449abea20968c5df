/* login.h - inside the web: how somebody gets in. */
#ifndef WEB_LOGIN_H
#define WEB_LOGIN_H

#include "io/bearer.h"
#include "web/call.h"

/* A session ends so long after its login, used or not: the next morning one
 * logs in again, and a cookie that was stolen is worth no more than a day. */
enum { SESSION_S = 12 * 3600 };

/* In the caller's transaction: the session is there, the one that this browser
 * had is not, and the audit log says what let him in ("login", "welcome"). The
 * call's caller is that account. *begun is false where the password is another
 * one by now (session_begin()). */
enum err
login_begin(struct web_call *c, const struct account *account,
    const struct bearer *session, const char *what, bool *begun,
    struct error *e) MUST_CHECK;

/* Too many wrong passwords (tries.h): not before so many seconds. */
enum err
login_refuse_often(struct web_call *c, int64_t wait_s);

/* And the answer, when it stands: the cookie, and where it leads. */
enum err
login_answer(
    struct web_call *c, const struct bearer *session, struct span back);

#endif

/* login_name.h - who gives the command. */
#ifndef CLI_LOGIN_NAME_H
#define CLI_LOGIN_NAME_H

#include "base/arena.h"

/* The login name, as far as the system knows one; else "user" and the number.
 */
struct span
login_name(struct arena *a);

#endif

/* password.h - passwords, hashed by the system's crypt(3): yescrypt, slow and
 * with much memory on purpose (some 50 ms). */
#ifndef WEB_PASSWORD_H
#define WEB_PASSWORD_H

#include "base/arena.h"
#include "base/err.h"
#include "io/random.h"

/* Why it is none, as the end of a sentence; NULL if it is good enough. Length
 * alone counts (NIST SP 800-63B 5.1.1.2). */
const char *
password_fault(struct span password);

/* Of a password without a fault; in the arena. */
enum err
password_hash(struct span password, const struct randomness *r, struct arena *a,
    struct span *out, struct error *e) MUST_CHECK;

/* A hash of "" is nobody's. */
enum err
password_check(struct span password, struct span hash, struct arena *a,
    bool *good, struct error *e) MUST_CHECK;

#endif

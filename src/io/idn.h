/* idn.h - a domain as a person writes it, made into the one we work with.
 *
 * IDNA2008 (RFC 5891), non-transitional: "straße.de" is xn--strae-oqa.de, not
 * strasse.de. Input is UTF-8. */
#ifndef IO_IDN_H
#define IO_IDN_H

#include "base/arena.h"
#include "base/err.h"

/* text becomes *out: A-labels in lower case without a final dot, in a, and
 * valid as a domain of mail (RFC 5321 4.1.2). A name in ASCII passes through
 * unchanged but for case and dot. ERR_DATA with a sentence in e (which may be
 * NULL) that says what is wrong: an address, a U-label that cannot be
 * registered, a space, an underscore, a label too long. Thread-safe. */
enum err
idn_domain(struct span text, struct arena *a, struct span *out,
    struct error *e) MUST_CHECK;

#endif

/* sealed.h - secrets at rest: AES-256-GCM under a key that lies in a file.
 *
 * Who has the store but not the file has nothing. A sealed secret opens under
 * its own name alone, so that whoever can write to the store cannot have one
 * taken for another.
 *
 *	"mts" 1			format and version
 *	8 octets		which key it is (a hash of it)
 *	12 octets		nonce, at random
 *	the secret, encrypted
 *	16 octets		tag, over the header, the name and the secret
 *
 * A random nonce is good for 2^32 secrets under one key (NIST SP 800-38D 8.3):
 * a million certificates, renewed monthly, for three centuries. */
#ifndef IO_SEALED_H
#define IO_SEALED_H

#include "base/arena.h"
#include "base/err.h"
#include "io/random.h"

enum { SEALED_KEY = 32, SEALED_KEY_ID = 8, SEALED_OVERHEAD = 40 };

struct sealing_key {
	unsigned char octets[SEALED_KEY];
	unsigned char id[SEALED_KEY_ID];
};

/* The file holds 64 hexadecimal digits, as "openssl rand -hex 32" prints them;
 * it is for its owner alone (io/secret_file.h). The caller wipes *out. */
enum err
sealing_key_read(
    const char *path, struct sealing_key *out, struct error *e) MUST_CHECK;

/* Make such a file. ERR_CANT_CREATE if there is one already. */
enum err
sealing_key_create(
    const char *path, const struct randomness *r, struct error *e) MUST_CHECK;

void
sealing_key_wipe(struct sealing_key *k);

enum err
sealed_write(const struct sealing_key *k, const struct randomness *r,
    struct span name, struct span secret, struct arena *a,
    struct span *out) MUST_CHECK;

/* *out is in memory of a, and is the caller's to wipe. ERR_DATA if it was not
 * sealed under this key and this name, or is not what was sealed; e says
 * which of these it is, as far as can be told. */
enum err
sealed_read(const struct sealing_key *k, struct span name, struct span sealed,
    struct arena *a, struct span *out, struct error *e) MUST_CHECK;

#endif

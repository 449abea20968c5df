/* tsig_key_file.h - the secret that we share with a name server (RFC 8945 8).
 *
 * It stands in a file of its own, and in memory for as long as it is used. */
#ifndef IO_TSIG_KEY_FILE_H
#define IO_TSIG_KEY_FILE_H

#include "base/err.h"
#include "wire/tsig.h"

enum { TSIG_SECRET_MAX = 512 };

struct tsig_key {
	struct dns_name name;
	enum tsig_algorithm algorithm;
	unsigned char secret[TSIG_SECRET_MAX];
	size_t secret_n;
};

/* Read a key in one of the forms of wire/tsig_key.h. ERR_NO_INPUT if the file
 * cannot be read or others than its owner may read or write it, ERR_DATA if it
 * is no key; a sentence in e. No copy of the secret is left but in *out, which
 * goes to tsig_key_wipe in any case. */
enum err
tsig_key_read(
    const char *path, struct tsig_key *out, struct error *e) MUST_CHECK;

void
tsig_key_wipe(struct tsig_key *k);

#endif

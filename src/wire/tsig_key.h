/* tsig_key.h - a TSIG key as people keep it in a file.
 *
 * As BIND has it, and tsig-keygen prints it:
 *
 *	key "name" { algorithm hmac-sha256; secret "base64"; };
 *
 * or on one line, as kdig -y takes it and, behind "# ", the first line of what
 * keymgr -t prints:
 *
 *	hmac-sha256:name:base64 */
#ifndef WIRE_TSIG_KEY_H
#define WIRE_TSIG_KEY_H

#include "wire/tsig.h"

enum tsig_key_parse {
	TSIG_KEY_OK,
	TSIG_KEY_SYNTAX, /* neither form, or more than one key */
	TSIG_KEY_NAME, /* the name is none */
	TSIG_KEY_WEAK, /* an algorithm that RFC 8945 6 does not recommend */
	TSIG_KEY_ALGORITHM, /* one that is not known */
};

/* The sentence of a row. */
const char *
tsig_key_parse_text(enum tsig_key_parse p);

struct tsig_key_text {
	struct dns_name name;
	enum tsig_algorithm algorithm;
	struct span secret; /* base64, not looked at; borrowed */
};

/* *out is whole with TSIG_KEY_OK only. */
enum tsig_key_parse
tsig_key_parse(struct span text, struct tsig_key_text *out) MUST_CHECK;

#endif

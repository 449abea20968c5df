#include "io/bearer.h"

#include <openssl/sha.h>

#include "base/ascii.h"

enum { OCTETS = BEARER_TEXT / 2 };

enum err
bearer_make(const struct randomness *r, struct bearer *out, struct error *e)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t octets[OCTETS];

	if (!randomness_fill(r, octets, sizeof octets))
		return error_set(e, ERR_SYSTEM, "there is no randomness");
	for (size_t i = 0; i < OCTETS; i++) {
		out->text[2 * i] = hex[octets[i] >> 4];
		out->text[2 * i + 1] = hex[octets[i] & 15];
	}
	out->text[BEARER_TEXT] = '\0';
	SHA256((const unsigned char *)out->text, BEARER_TEXT, out->hash);
	return ERR_OK;
}

bool
bearer_hash(struct span text, uint8_t out[BEARER_HASH])
{
	if (text.n != BEARER_TEXT)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (!ascii_is_digit((unsigned char)text.p[i]) &&
		    (text.p[i] < 'a' || text.p[i] > 'f'))
			return false;
	SHA256((const unsigned char *)text.p, text.n, out);
	return true;
}

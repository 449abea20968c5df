#include "io/secret.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "base/base64url.h"

_Static_assert(SECRET_DIGEST == SHA256_DIGEST_LENGTH, "a hash is a SHA-256");

/* For an encoding or a decoding of one secret. */
enum { SECRET_MEMORY = 256 };

static void
hash_octets(struct span octets, uint8_t hash[SECRET_DIGEST])
{
	SHA256((const unsigned char *)octets.p, octets.n, hash);
}

enum err
secret_make(const struct randomness *r, struct secret *out, struct error *e)
{
	char octets[SECRET_OCTETS], mem[SECRET_MEMORY];
	struct span all = { octets, sizeof octets }, text;
	struct arena a;

	if (!randomness_fill(r, octets, sizeof octets))
		return error_set(e, ERR_SYSTEM, "there is no randomness");
	arena_init_fixed(&a, mem, sizeof mem);
	text = base64url_encode(&a, all);
	*out = (struct secret){ 0 };
	memcpy(out->text, text.p, text.n < SECRET_TEXT ? text.n : SECRET_TEXT);
	hash_octets(all, out->hash);
	OPENSSL_cleanse(octets, sizeof octets);
	OPENSSL_cleanse(mem, sizeof mem);
	return ERR_OK;
}

bool
secret_hash(struct span text, uint8_t hash[SECRET_DIGEST])
{
	char mem[SECRET_MEMORY];
	struct span octets;
	struct arena a;

	arena_init_fixed(&a, mem, sizeof mem);
	if (text.n != SECRET_TEXT || !base64url_decode(&a, text, &octets))
		return false;
	hash_octets(octets, hash);
	OPENSSL_cleanse(mem, sizeof mem);
	return true;
}

#include "web/password.h"

#include <crypt.h>
#include <openssl/crypto.h>

#include "base/limits.h"

enum { SALT_OCTETS = 16 };

const char *
password_fault(struct span password)
{
	if (password.n < LIMIT_PASSWORD_LEAST)
		return "has fewer than 12 octets";
	if (password.n > LIMIT_PASSWORD)
		return "has more than 256 octets";
	if (span_find(password, '\0') < password.n)
		return "holds a NUL";
	return NULL;
}

/* What crypt(3) makes of it with that setting; "" if that is none of its. The
 * password is wiped; the arena has the result alone. */
static enum err
run_crypt(struct span password, const char *setting, struct arena *a,
    struct span *out, struct error *e)
{
	struct crypt_data *data = calloc(1, sizeof *data);
	char text[LIMIT_PASSWORD + 1] = "";
	const char *hash;

	if (data == NULL)
		return error_set(e, ERR_MEMORY, "hashing a password");
	memcpy(text, password.p, password.n);
	hash = crypt_rn(text, setting, data, sizeof *data);
	*out = hash != NULL ? arena_span(a, span_str(hash)) : SPAN("");
	OPENSSL_cleanse(text, sizeof text);
	OPENSSL_cleanse(data, sizeof *data);
	free(data);
	return a->failed ? error_set(e, ERR_MEMORY, "hashing a password")
			 : ERR_OK;
}

enum err
password_hash(struct span password, const struct randomness *r, struct arena *a,
    struct span *out, struct error *e)
{
	char salt[SALT_OCTETS], setting[CRYPT_GENSALT_OUTPUT_SIZE];
	enum err rc;

	*out = SPAN("");
	if (!randomness_fill(r, salt, sizeof salt))
		return error_set(e, ERR_SYSTEM, "there is no randomness");
	if (crypt_gensalt_rn(
		"$y$", 0, salt, sizeof salt, setting, sizeof setting) == NULL)
		return error_set(e, ERR_LIBRARY, "crypt has no yescrypt");
	rc = run_crypt(password, setting, a, out, e);
	if (rc == ERR_OK && out->n == 0)
		return error_set(e, ERR_LIBRARY, "crypt has failed");
	return rc;
}

enum err
password_check(struct span password, struct span hash, struct arena *a,
    bool *good, struct error *e)
{
	const char *setting = arena_str(a, hash);
	struct span got;
	enum err rc;

	*good = false;
	if (hash.n == 0 || setting == NULL || password_fault(password) != NULL)
		return ERR_OK;
	rc = run_crypt(password, setting, a, &got, e);
	*good = rc == ERR_OK && got.n == hash.n &&
		CRYPTO_memcmp(got.p, hash.p, hash.n) == 0;
	return rc;
}

#include "io/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "io/secret_file.h"

enum {
	MAGIC = 4,
	HEADER = MAGIC + SEALED_KEY_ID,
	NONCE = 12,
	TAG = 16,
	DIGITS = 2 * SEALED_KEY,
};
_Static_assert(SEALED_OVERHEAD == HEADER + NONCE + TAG, "as the header draws");

static const char magic[MAGIC] = { 'm', 't', 's', 1 };

/* ---- the key ---- */

static void
set_id(struct sealing_key *k)
{
	static const char label[] = "mtasts sealing key";
	unsigned char text[sizeof label + SEALED_KEY];
	unsigned char hash[SHA256_DIGEST_LENGTH];

	memcpy(text, label, sizeof label);
	memcpy(text + sizeof label, k->octets, SEALED_KEY);
	SHA256(text, sizeof text, hash);
	memcpy(k->id, hash, SEALED_KEY_ID);
	OPENSSL_cleanse(text, sizeof text);
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool
decode(struct span text, unsigned char out[SEALED_KEY])
{
	if (text.n > 0 && text.p[text.n - 1] == '\n')
		text.n--;
	if (text.n != DIGITS)
		return false;
	for (size_t i = 0; i < SEALED_KEY; i++) {
		int high = digit(text.p[2 * i]), low = digit(text.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

enum err
sealing_key_read(const char *path, struct sealing_key *out, struct error *e)
{
	char mem[LIMIT_KEY_FILE];
	struct buf text = buf_init(mem, sizeof mem);
	enum err rc = secret_file_read(path, &text, e);

	if (rc == ERR_OK && !decode(buf_span(&text), out->octets))
		rc = error_set(e, ERR_DATA,
		    "%s does not hold a key: %d hexadecimal digits", path,
		    DIGITS);
	if (rc == ERR_OK)
		set_id(out);
	OPENSSL_cleanse(mem, sizeof mem);
	return rc;
}

void
sealing_key_wipe(struct sealing_key *k)
{
	OPENSSL_cleanse(k, sizeof *k);
}

static bool
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		p += put;
		n -= (size_t)put;
	}
	return fsync(fd) == 0;
}

enum err
sealing_key_create(
    const char *path, const struct randomness *r, struct error *e)
{
	unsigned char key[SEALED_KEY];
	char text[DIGITS + 2];
	bool good;
	int fd;

	if (!randomness_fill(r, key, sizeof key))
		return error_set(e, ERR_SYSTEM, "no randomness can be had");
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		OPENSSL_cleanse(key, sizeof key);
		return error_set(e, ERR_CANT_CREATE, "cannot create %s: %s",
		    path, strerror(errno));
	}
	for (size_t i = 0; i < SEALED_KEY; i++)
		snprintf(text + 2 * i, 3, "%02x", key[i]);
	text[DIGITS] = '\n';
	good = write_all(fd, text, DIGITS + 1);
	OPENSSL_cleanse(key, sizeof key);
	OPENSSL_cleanse(text, sizeof text);
	if (close(fd) == 0 && good)
		return ERR_OK;
	unlink(path);
	return error_set(e, ERR_CANT_CREATE, "cannot write %s", path);
}

/* ---- sealing ---- */

/* What is bound to the secret without being encrypted: the header, whose length
 * is fixed, and the name. */
static bool
bind(EVP_CIPHER_CTX *ctx, struct span header, struct span name)
{
	int n;

	return EVP_CipherUpdate(ctx, NULL, &n, (const unsigned char *)header.p,
		   (int)header.n) == 1 &&
	       EVP_CipherUpdate(ctx, NULL, &n, (const unsigned char *)name.p,
		   (int)name.n) == 1;
}

static bool
encrypt(EVP_CIPHER_CTX *ctx, const struct sealing_key *k, struct span name,
    struct span secret, char *out)
{
	unsigned char *nonce = (unsigned char *)out + HEADER;
	unsigned char *at = nonce + NONCE;
	int n = 0, end = 0;

	return EVP_EncryptInit_ex2(
		   ctx, EVP_aes_256_gcm(), k->octets, nonce, NULL) == 1 &&
	       bind(ctx, (struct span){ out, HEADER }, name) &&
	       EVP_EncryptUpdate(ctx, at, &n, (const unsigned char *)secret.p,
		   (int)secret.n) == 1 &&
	       EVP_EncryptFinal_ex(ctx, at + n, &end) == 1 &&
	       EVP_CIPHER_CTX_ctrl(
		   ctx, EVP_CTRL_AEAD_GET_TAG, TAG, at + secret.n) == 1;
}

enum err
sealed_write(const struct sealing_key *k, const struct randomness *r,
    struct span name, struct span secret, struct arena *a, struct span *out)
{
	char *p;
	EVP_CIPHER_CTX *ctx;
	bool good;

	if (secret.n > LIMIT_SEALED || name.n > LIMIT_SEALED)
		return ERR_LIMIT;
	if ((p = arena_alloc(a, SEALED_OVERHEAD + secret.n)) == NULL)
		return ERR_MEMORY;
	memcpy(p, magic, MAGIC);
	memcpy(p + MAGIC, k->id, SEALED_KEY_ID);
	if (!randomness_fill(r, p + HEADER, NONCE))
		return ERR_SYSTEM;
	ctx = EVP_CIPHER_CTX_new();
	good = ctx != NULL && encrypt(ctx, k, name, secret, p);
	EVP_CIPHER_CTX_free(ctx);
	if (!good) {
		ERR_clear_error();
		return ERR_LIBRARY;
	}
	*out = (struct span){ p, SEALED_OVERHEAD + secret.n };
	return ERR_OK;
}

/* ---- opening ---- */

static bool
decrypt(EVP_CIPHER_CTX *ctx, const struct sealing_key *k, struct span name,
    struct span sealed, char *out)
{
	const unsigned char *nonce = (const unsigned char *)sealed.p + HEADER;
	const unsigned char *at = nonce + NONCE;
	size_t len = sealed.n - SEALED_OVERHEAD;
	unsigned char tag[TAG];
	int n = 0, end = 0;

	memcpy(tag, at + len, TAG);
	return EVP_DecryptInit_ex2(
		   ctx, EVP_aes_256_gcm(), k->octets, nonce, NULL) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, tag) == 1 &&
	       bind(ctx, span_head(sealed, HEADER), name) &&
	       EVP_DecryptUpdate(ctx, (unsigned char *)out, &n, at, (int)len) ==
		   1 &&
	       EVP_DecryptFinal_ex(ctx, (unsigned char *)out + n, &end) == 1;
}

enum err
sealed_read(const struct sealing_key *k, struct span name, struct span sealed,
    struct arena *a, struct span *out, struct error *e)
{
	EVP_CIPHER_CTX *ctx;
	size_t len;
	char *p;
	bool good;

	if (sealed.n < SEALED_OVERHEAD ||
	    sealed.n > SEALED_OVERHEAD + LIMIT_SEALED ||
	    name.n > LIMIT_SEALED || memcmp(sealed.p, magic, MAGIC) != 0)
		return error_set(e, ERR_DATA, "not a sealed secret");
	if (memcmp(sealed.p + MAGIC, k->id, SEALED_KEY_ID) != 0)
		return error_set(
		    e, ERR_DATA, "a secret that is sealed under another key");
	len = sealed.n - SEALED_OVERHEAD;
	if ((p = arena_alloc(a, len)) == NULL)
		return error_plain(e, ERR_MEMORY);
	ctx = EVP_CIPHER_CTX_new();
	good = ctx != NULL && decrypt(ctx, k, name, sealed, p);
	EVP_CIPHER_CTX_free(ctx);
	if (!good) {
		/* What was decrypted before the tag was seen to be wrong. */
		OPENSSL_cleanse(p, len);
		ERR_clear_error();
		return error_set(e, ERR_DATA,
		    "a sealed secret is damaged, or is another one's");
	}
	*out = (struct span){ p, len };
	return ERR_OK;
}

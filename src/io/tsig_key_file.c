#include "io/tsig_key_file.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/limits.h"
#include "io/secret_file.h"
#include "wire/tsig_key.h"

/* The library takes "=" anywhere, counts it, and skips blanks at both ends. */
static bool
decode(struct span base64, struct tsig_key *out)
{
	size_t end = span_find(base64, '='), padding = base64.n - end;
	int n;

	if (base64.n == 0 || base64.n % 4 != 0 || padding > 2 ||
	    span_find(span_tail(base64, padding), '=') > 0 ||
	    (padding == 2 && base64.p[base64.n - 1] != '=') ||
	    base64.n / 4 * 3 > sizeof out->secret)
		return false;
	n = EVP_DecodeBlock(
	    out->secret, (const unsigned char *)base64.p, (int)base64.n);
	if (n != (int)(base64.n / 4 * 3))
		return false;
	out->secret_n = (size_t)n - padding;
	return true;
}

static enum err
take_text(
    struct span text, const char *path, struct tsig_key *out, struct error *e)
{
	struct tsig_key_text key;
	enum tsig_key_parse p = tsig_key_parse(text, &key);

	if (p != TSIG_KEY_OK)
		return error_set(
		    e, ERR_DATA, "%s %s", path, tsig_key_parse_text(p));
	out->name = key.name;
	out->algorithm = key.algorithm;
	if (!decode(key.secret, out))
		return error_set(e, ERR_DATA,
		    "%s holds a key whose secret is not base64 of 1 to %d "
		    "octets",
		    path, TSIG_SECRET_MAX);
	return ERR_OK;
}

enum err
tsig_key_read(const char *path, struct tsig_key *out, struct error *e)
{
	char mem[LIMIT_KEY_FILE];
	struct buf text = buf_init(mem, sizeof mem);
	enum err rc = secret_file_read(path, &text, e);

	if (rc == ERR_OK)
		rc = take_text(buf_span(&text), path, out, e);
	OPENSSL_cleanse(mem, sizeof mem);
	return rc;
}

void
tsig_key_wipe(struct tsig_key *k)
{
	OPENSSL_cleanse(k, sizeof *k);
}

#include "io/tsig_key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "wire/tsig_key.h"

/* For whom the file is: we and no other. */
static enum err
check_mode(int fd, const char *path, struct error *e)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return error_set(e, ERR_NO_INPUT, "cannot look at %s: %s", path,
		    strerror(errno));
	if ((st.st_mode & 077) != 0)
		return error_set(e, ERR_NO_INPUT,
		    "%s holds a secret, and others may read or write it "
		    "(mode %03o): chmod 600 it, and change the key if they "
		    "have",
		    path, (unsigned)st.st_mode & 0777);
	return ERR_OK;
}

static enum err
read_all(int fd, const char *path, struct buf *b, struct error *e)
{
	while (b->n < b->cap) {
		ssize_t got = read(fd, b->p + b->n, b->cap - b->n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(e, ERR_NO_INPUT, "cannot read %s: %s",
			    path, strerror(errno));
		if (got == 0)
			return ERR_OK;
		b->n += (size_t)got;
	}
	return error_set(
	    e, ERR_DATA, "%s is too long to be the file of a key", path);
}

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
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err rc;

	if (fd < 0)
		return error_set(e, ERR_NO_INPUT, "cannot open %s: %s", path,
		    strerror(errno));
	rc = check_mode(fd, path, e);
	if (rc == ERR_OK)
		rc = read_all(fd, path, &text, e);
	if (rc == ERR_OK)
		rc = take_text(buf_span(&text), path, out, e);
	OPENSSL_cleanse(mem, sizeof mem);
	close(fd);
	return rc;
}

void
tsig_key_wipe(struct tsig_key *k)
{
	OPENSSL_cleanse(k, sizeof *k);
}

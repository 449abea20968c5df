#include "io/fresh.h"

#include "base/base32.h"

enum { LABEL_BYTES = PUBLISHED_LABEL_OCTETS * 5 / 8 };

static enum err
fill(const struct randomness *r, void *out, size_t n, struct error *e)
{
	return randomness_fill(r, out, n)
		   ? ERR_OK
		   : error_set(e, ERR_SYSTEM, "there is no randomness");
}

enum err
fresh_id(const struct randomness *r, char out[PUBLICATION_ID_OCTETS + 1],
    struct error *e)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[PUBLICATION_ID_OCTETS / 2];
	enum err rc = fill(r, bytes, sizeof bytes, e);

	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < sizeof bytes; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[PUBLICATION_ID_OCTETS] = '\0';
	return ERR_OK;
}

enum err
fresh_label(const struct randomness *r, char out[PUBLISHED_LABEL_OCTETS],
    struct error *e)
{
	char bytes[LABEL_BYTES];
	struct buf b = buf_init(out, PUBLISHED_LABEL_OCTETS);
	enum err rc = fill(r, bytes, sizeof bytes, e);

	if (rc == ERR_OK)
		base32_put(&b, (struct span){ bytes, sizeof bytes });
	return rc;
}

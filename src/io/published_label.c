#include "io/published_label.h"

#include "base/base32.h"

enum { LABEL_BYTES = PUBLISHED_LABEL_OCTETS * 5 / 8 };

enum err
published_label(const struct randomness *r, char out[PUBLISHED_LABEL_OCTETS],
    struct error *e)
{
	char bytes[LABEL_BYTES];
	struct buf b = buf_init(out, PUBLISHED_LABEL_OCTETS);

	if (!randomness_fill(r, bytes, sizeof bytes))
		return error_set(e, ERR_SYSTEM, "there is no randomness");
	base32_put(&b, (struct span){ bytes, sizeof bytes });
	return ERR_OK;
}

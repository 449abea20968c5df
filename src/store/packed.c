#include "store/packed.h"

#include <zlib.h>

#include "base/limits.h"

/* Half-way between speed and size: JSON shrinks to a sixth, and level 9 gains
 * another percent at twice the time. */
enum { LEVEL = 6 };

enum err
packed_write(
    struct span text, struct arena *a, struct span *out, struct error *e)
{
	uLongf n = compressBound(text.n);
	Bytef *mem;

	if (text.n > LIMIT_STORE_TEXT)
		return error_set(e, ERR_LIMIT,
		    "a text for the store has at most %d bytes",
		    LIMIT_STORE_TEXT);
	mem = arena_alloc(a, n);
	if (mem == NULL ||
	    compress2(mem, &n, (const Bytef *)text.p, text.n, LEVEL) != Z_OK)
		return error_set(e, ERR_MEMORY, "compressing a text");
	*out = (struct span){ (const char *)mem, n };
	return ERR_OK;
}

static enum err
is_damaged(struct error *e)
{
	return error_set(e, ERR_DATA,
	    "a compressed text in the store cannot be read: it is damaged");
}

/* How long the text is. All of the bytes are zlib's, and are whole. */
static enum err
measure(struct span packed, size_t *length, struct error *e)
{
	Bytef scratch[4096];
	z_stream z = { .next_in = (z_const Bytef *)packed.p,
		.avail_in = (uInt)packed.n };
	bool whole;
	int rc = Z_OK;

	if (inflateInit(&z) != Z_OK)
		return error_set(e, ERR_MEMORY, "reading a compressed text");
	while (rc == Z_OK && z.total_out <= LIMIT_STORE_TEXT) {
		z.next_out = scratch;
		z.avail_out = sizeof scratch;
		rc = inflate(&z, Z_NO_FLUSH);
	}
	*length = z.total_out;
	whole = rc == Z_STREAM_END && z.avail_in == 0;
	inflateEnd(&z);
	if (rc == Z_MEM_ERROR)
		return error_set(e, ERR_MEMORY, "reading a compressed text");
	return whole && *length <= LIMIT_STORE_TEXT ? ERR_OK : is_damaged(e);
}

/* The length is not stored, so that the store's bytes are zlib's and nothing
 * else; to inflate twice costs less than to guess and copy. */
enum err
packed_read(
    struct span packed, struct arena *a, struct span *out, struct error *e)
{
	uLongf n;
	size_t length;
	Bytef *mem;
	enum err err;

	if (packed.n > LIMIT_STORE_VALUE)
		return is_damaged(e);
	err = measure(packed, &length, e);
	if (err != ERR_OK)
		return err;
	n = length + 1; /* room for nothing is no room to zlib */
	mem = arena_alloc(a, n);
	if (mem == NULL ||
	    uncompress(mem, &n, (const Bytef *)packed.p, packed.n) != Z_OK)
		return error_set(e, ERR_MEMORY, "reading a compressed text");
	*out = (struct span){ (const char *)mem, length };
	return ERR_OK;
}

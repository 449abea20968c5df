#include "base/base64url.h"

#include <stdint.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct span
base64url_encode(struct arena *a, struct span octets)
{
	size_t n = octets.n / 3 * 4 + (octets.n % 3 * 4 + 2) / 3, at = 0;
	char *p = arena_alloc(a, n);
	uint32_t bits = 0;
	unsigned have = 0;

	if (p == NULL)
		return SPAN("");
	for (size_t i = 0; i < octets.n; i++) {
		bits = (bits << 8 | (unsigned char)octets.p[i]) & 0xffff;
		for (have += 8; have >= 6; have -= 6)
			p[at++] = alphabet[bits >> (have - 6) & 63];
	}
	if (have > 0)
		p[at++] = alphabet[bits << (6 - have) & 63];
	return (struct span){ p, at };
}

static int
value_of(char c)
{
	const char *at = c != '\0' ? strchr(alphabet, c) : NULL;

	return at != NULL ? (int)(at - alphabet) : -1;
}

bool
base64url_decode(struct arena *a, struct span text, struct span *out)
{
	char *p = arena_alloc(a, text.n);
	uint32_t bits = 0;
	unsigned have = 0;
	size_t at = 0;

	if (p == NULL || text.n % 4 == 1)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		int v = value_of(text.p[i]);

		if (v < 0)
			return false;
		bits = (bits << 6 | (uint32_t)v) & 0xffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			p[at++] = (char)(bits >> have & 0xff);
		}
	}
	if ((bits & ((1U << have) - 1)) != 0)
		return false;
	*out = (struct span){ p, at };
	return true;
}

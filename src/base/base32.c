#include "base/base32.h"

#include <stdint.h>

void
base32_put(struct buf *b, struct span octets)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned bits = 0;
	uint32_t held = 0;

	for (size_t i = 0; i < octets.n; i++) {
		held = held << 8 | (uint8_t)octets.p[i];
		for (bits += 8; bits >= 5; bits -= 5)
			buf_putc(b, alphabet[held >> (bits - 5) & 31]);
	}
	if (bits > 0)
		buf_putc(b, alphabet[held << (5 - bits) & 31]);
}

/* hex.h - octets as hexadecimal digits. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "base/ascii.h"

/* -1: it is none. */
static inline int
hex_value(char digit)
{
	unsigned char c = ascii_lower((unsigned char)digit);

	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 2 * n digits, in lower case, without a NUL. */
static inline void
hex_put(char *to, const uint8_t *octets, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		to[2 * i] = digits[octets[i] >> 4];
		to[2 * i + 1] = digits[octets[i] & 15];
	}
}

#endif

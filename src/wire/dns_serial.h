/* dns_serial.h - the serial of a zone, which wraps (RFC 1982). */
#ifndef WIRE_DNS_SERIAL_H
#define WIRE_DNS_SERIAL_H

#include <stdbool.h>
#include <stdint.h>

/* RFC 1982 3.2: is a older than b? Of two serials that lie exactly half the
 * circle apart neither is. */
static inline bool
dns_serial_is_older(uint32_t a, uint32_t b)
{
	return a != b && b - a < UINT32_C(0x80000000);
}

#endif

/* base32.h - octets as letters and digits that are a DNS label whatever comes
 * out: the alphabet of RFC 4648 6 in lower case, without padding. */
#ifndef BASE_BASE32_H
#define BASE_BASE32_H

#include "base/buf.h"

/* Five bits a character; what is left over at the end is filled with zeros. */
void
base32_put(struct buf *b, struct span octets);

#endif

/* caa.h - CAA records: who may issue certificates for a name (RFC 8659 4, RFC
 * 8657). */
#ifndef WIRE_CAA_H
#define WIRE_CAA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/span.h"

/* RFC 8659 4.1 */
struct dns_caa {
	uint8_t flags;
	struct span tag; /* "issue", ...; in any case */
	struct span value;
};

enum { CAA_CRITICAL = 128 }; /* of flags */

/* Read the data of a record; the parts are borrowed. RFC 8659 4.1: the tag is
 * one letter or digit at least, and they are all it has. */
bool
caa_read(struct span rdata, struct dns_caa *out) MUST_CHECK;

/* The value of a property that authorises a CA: "ca.example; name=value; ..."
 */
struct caa_issuer {
	struct span name; /* "": nobody may issue */
	struct span parameters; /* what follows it, for caa_parameter_next */
};

/* RFC 8659 4.2: *out is borrowed from value. False if it does not keep to the
 * grammar, which is to be read as "nobody". */
bool
caa_issuer_read(struct span value, struct caa_issuer *out) MUST_CHECK;

struct caa_parameter {
	struct span name, value;
};

/* Take the next parameter off the front of *rest; false if there is none. */
bool
caa_parameter_next(struct span *rest, struct caa_parameter *out) MUST_CHECK;

#endif

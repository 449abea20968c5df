/* tlsrpt_record.h - the _smtp._tls TXT record (RFC 8460, section 3). */
#ifndef WIRE_TLSRPT_RECORD_H
#define WIRE_TLSRPT_RECORD_H

#include <stdbool.h>

#include "base/arena.h"
#include "wire/dns.h"

enum tlsrpt_fault {
	TLSRPT_FAULT_NONE,
	TLSRPT_FAULT_VERSION, /* "v=TLSRPTv1" meant, not written */
	TLSRPT_FAULT_DELIMITER,
	TLSRPT_FAULT_NO_RUA,
	TLSRPT_FAULT_URI, /* a rua or an extension outside the grammar */
	TLSRPT_FAULT_TRAILING_SPACE,
};

enum tlsrpt_verdict {
	TLSRPT_OK, /* one record, grammatical; see n_usable */
	TLSRPT_NONE,
	TLSRPT_MULTIPLE, /* counts as none */
	TLSRPT_INVALID,
};

struct tlsrpt_rua {
	struct span uri; /* as written, trimmed */
	bool usable; /* mailto: or https: with something behind it */
};

struct tlsrpt_record {
	enum tlsrpt_verdict verdict;
	enum tlsrpt_fault fault;
	size_t n_tlsrpt; /* how many records count as TLSRPTv1 */
	struct span text; /* the first of them, or the near miss, joined */
	size_t bad_at; /* octet of text where parsing stopped, if INVALID */
	struct tlsrpt_rua *rua; /* of all rua fields, in order */
	size_t n_rua, n_usable;
	bool empty_item; /* "rua=a,,b" or a comma at the end */
	bool duplicate; /* one destination twice */
	bool several_rua_fields;
};

/* Judge an RRset: join, discard what does not begin "v=TLSRPTv1;" (a record
 * alone may have white space before the ";"), parse if exactly one is left.
 * Memory comes from a. */
void
tlsrpt_rrset_parse(const struct dns_txt *txt, size_t n, struct arena *a,
    struct tlsrpt_record *out);

#endif

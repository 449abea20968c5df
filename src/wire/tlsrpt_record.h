/* tlsrpt_record.h - the _smtp._tls TXT record (RFC 8460 3). */
#ifndef WIRE_TLSRPT_RECORD_H
#define WIRE_TLSRPT_RECORD_H

#include <stdbool.h>

#include "base/arena.h"
#include "wire/dns.h"

enum tlsrpt_fault {
	TLSRPT_FAULT_NONE,
	TLSRPT_FAULT_VERSION, /* "v=TLSRPTv1" meant, not written */
	TLSRPT_FAULT_DELIMITER,
	TLSRPT_FAULT_NO_RUA, /* none at all, or nothing behind "rua=" */
	TLSRPT_FAULT_URI, /* a field outside the grammar */
	TLSRPT_FAULT_TRAILING_SPACE, /* WSP with no ";" before the end */
};

enum tlsrpt_verdict {
	TLSRPT_OK, /* one record, grammatical; see n_usable */
	TLSRPT_NONE, /* fault is VERSION or DELIMITER if text is a near miss */
	TLSRPT_MULTIPLE, /* counts as none */
	TLSRPT_INVALID,
};

struct tlsrpt_rua {
	struct span uri; /* as written, trimmed */
	bool usable; /* mailto: with an address, or https: with a host */
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
	bool duplicate; /* one destination twice; both are in rua */
	bool several_rua_fields;
};

/* Judge an RRset: join, discard what does not begin "v=TLSRPTv1;" (a record
 * alone may have white space before the ";"), parse if exactly one is left.
 *
 * A destination that is no URI, or of another scheme, is listed as not usable
 * and voids nothing: RFC 8460 leaves the others as they are. One that is there
 * twice is listed once; those beyond LIMIT_RUA are dropped. On INVALID, rua has
 * what stood before the fault.
 *
 * out->text is as dns_txt_join has it. All memory comes from a; if that is
 * full, a->failed is set and nothing here may be believed. */
void
tlsrpt_rrset_parse(const struct dns_txt *txt, size_t n, struct arena *a,
    struct tlsrpt_record *out);

#endif

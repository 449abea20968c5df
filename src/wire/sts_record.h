/* sts_record.h - the _mta-sts TXT record (RFC 8461 3.1).
 *
 * Pure: no I/O, no clock. */
#ifndef WIRE_STS_RECORD_H
#define WIRE_STS_RECORD_H

#include "base/arena.h"
#include "wire/dns.h"

enum sts_record_verdict {
	STS_RECORD_OK,
	STS_RECORD_OTHER, /* not "v=STSv1": some other TXT, ignore it */
	STS_RECORD_SYNTAX,
	STS_RECORD_NO_ID,
};

/* Why one text is not as it should be. The first fault that voids a record
 * ends the parse; what does not void it is a bit of its own, below. */
enum sts_record_fault {
	STS_RECORD_FAULT_NONE,
	STS_RECORD_FAULT_DELIMITER, /* ";;", a comma, no ";" between fields */
	STS_RECORD_FAULT_ID, /* empty, over 32, or not alphanumeric */
	STS_RECORD_FAULT_EXTENSION, /* name or value outside the grammar */
	STS_RECORD_FAULT_TRAILING_SPACE, /* WSP with no ";" before the end */
};

struct sts_record {
	struct span id; /* 1*32 alphanumerics; "" if none was read */
	enum sts_record_fault fault;
	size_t bad_at; /* the octet at fault, if SYNTAX */
	bool space_before_semicolon; /* after "v=STSv1" (erratum 6285) */
	bool duplicate_id; /* a second id field, ignored (RFC 8461 3.2) */
};

/* Parse one TXT record, its character-strings already joined.
 * rec->id borrows from text and lives no longer than it does. */
enum sts_record_verdict
sts_record_parse(struct span text, struct sts_record *rec);

/* What a text that is no STSv1 record was meant to be. */
enum sts_record_near_miss {
	STS_RECORD_NOT_NEAR, /* another TXT record altogether */
	STS_RECORD_QUOTED, /* quotes or backslashes in the data */
	STS_RECORD_VERSION_NOT_FIRST, /* space before, id first, "V=", "v =" */
	STS_RECORD_VERSION_OTHER, /* STSv2, STSv10, stsv1 */
	/* "v=STSv1,id=...", "v=STSv1 id=...", "v=STSv1" and nothing more */
	STS_RECORD_VERSION_DELIMITER,
};

/* Classify a text for which sts_record_parse says OTHER. */
enum sts_record_near_miss
sts_record_near(struct span text);

enum sts_rrset_verdict {
	STS_RRSET_OK, /* exactly one, and it is valid */
	STS_RRSET_NONE, /* no record begins with v=STSv1 */
	STS_RRSET_MULTIPLE, /* senders must treat as none */
	STS_RRSET_INVALID, /* exactly one, and it is not valid */
};

struct sts_rrset {
	enum sts_rrset_verdict verdict;
	size_t n_sts; /* how many records count as STSv1 */
	size_t at; /* index of the first of them, if any */
	struct span text; /* that record, as dns_txt_join has it; "" if none */
	enum sts_record_verdict record_verdict;
	struct sts_record record;
};

/* Judge an RRset as RFC 8461 3.1 has a sender do it: join the strings of each
 * record, discard what does not begin "v=STSv1;", and parse if exactly one is
 * left. A record alone may have white space before that ";" (the ABNF allows
 * it); beside other TXT records it is discarded (the prose's literal rule).
 * If a is full, a->failed is set and the verdict may not be believed. */
struct sts_rrset
sts_rrset_parse(const struct dns_txt *txt, size_t n, struct arena *a);

#endif

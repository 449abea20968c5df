/* dns.h - DNS answers: what a resolver said, as records (RFC 1035).
 *
 * The reader takes a whole response as libunbound or a server sends it, and
 * follows the chain of CNAMEs inside it. Pure; bytes are hostile. */
#ifndef WIRE_DNS_H
#define WIRE_DNS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "wire/caa.h"
#include "wire/ipaddr.h"

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_OPT = 41,
	DNS_TLSA = 52,
	DNS_TSIG = 250,
	DNS_IXFR = 251,
	DNS_AXFR = 252,
	DNS_ANY = 255, /* a question only */
	DNS_CAA = 257,
};

/* What a lookup came to. Only the first three are answers; the others mean
 * that nothing is known. */
enum dns_result {
	DNS_UNASKED,
	DNS_OK, /* at least one record */
	DNS_NODATA, /* the name exists, the type does not */
	DNS_NXDOMAIN,
	DNS_SERVFAIL, /* the resolver could not, or would not */
	DNS_BOGUS, /* DNSSEC validation failed (RFC 4035 4.3) */
	DNS_TIMEOUT,
	DNS_CHAIN, /* CNAMEs in a loop, or more than LIMIT_CNAME_CHAIN */
	DNS_MALFORMED, /* the response breaks its own format */
};

struct dns_mx {
	uint16_t preference;
	struct span host; /* canonical; "" for the root, which is a null MX */
};

/* One TXT record: its character-strings as they came, each up to 255 octets. */
struct dns_txt {
	struct span *strings;
	size_t n_strings;
};

/* RFC 6698 2.1 */
struct dns_tlsa {
	uint8_t usage, selector, matching;
	struct span data;
};

struct dns_answer {
	struct span name; /* as asked, canonical */
	uint16_t type; /* enum dns_type */
	uint8_t result; /* enum dns_result */
	bool secure; /* validated by DNSSEC, the whole chain */
	bool beside; /* a CNAME stands beside the records (RFC 1034 3.6.2) */
	uint32_t ttl; /* least of the records used; 0 if none */
	struct span why; /* bogus: the validator's reason; else "" */
	struct span *chain; /* targets of the CNAMEs followed, in order */
	size_t n_chain;
	struct dns_mx *mx; /* by preference, then name */
	size_t n_mx;
	struct dns_txt
	    *txt; /* in order of bytes, so that rotation is no change */
	size_t n_txt;
	struct ip_addr *addr; /* A or AAAA, in order of bytes */
	size_t n_addr;
	struct dns_tlsa *tlsa;
	size_t n_tlsa;
	struct span *ns;
	size_t n_ns;
	struct dns_caa *caa;
	size_t n_caa;
};

/* Read a response to the question (name, type) into *out. Sets all of it:
 * result is never DNS_BOGUS or DNS_TIMEOUT, which no packet tells, and secure
 * and why are false and empty until the caller, who knows, sets them behind.
 *
 * Names come out canonical; an octet that is no printable ASCII, and a dot or a
 * backslash inside a label, as \DDD (RFC 1035 5.1). Records that are there
 * twice count once; those beyond the limits of base/limits.h are dropped, the
 * last in order first. NXDOMAIN, NODATA and CHAIN keep the chain that led
 * there.
 *
 * All memory comes from a; if that is full, a->failed is set and the result is
 * DNS_SERVFAIL. */
void
dns_read(struct span packet, struct span name, uint16_t type, struct arena *a,
    struct dns_answer *out);

/* Did the resolver answer, one way or the other? False means: not known. */
bool
dns_is_known(const struct dns_answer *d);

/* The name at which the records stand: the last CNAME's target, or the name. */
struct span
dns_owner(const struct dns_answer *d);

/* The character-strings of t joined with nothing between (RFC 8461 3.1): a
 * single one is borrowed from t, several are copied to a; empty, and a->failed,
 * if they do not fit. */
struct span
dns_txt_join(struct arena *a, const struct dns_txt *t);

/* Text of enum dns_result, as it stands in JSON: "ok", "nxdomain", ... */
extern const char *const dns_result_names[];

#endif

/* mtasts.h - libmtasts: what MTA-STS (RFC 8461) and its neighbours publish,
 * read and judged.
 *
 * Pure functions over bytes. The library does no I/O, has no state, asks for
 * no memory and never logs; every function may be called from any thread at
 * any time. Input may be hostile. Where a result needs room, the caller gives
 * it, and a macro says how much is always enough.
 *
 * Bytes travel as struct mtasts_span: a pointer and a length, not terminated,
 * possibly with NULs inside. A span in a result borrows from the input or from
 * the caller's memory, as said with each, and is never NULL.
 *
 * Names compare without ASCII case; those with U-labels must be converted to
 * A-labels first (IDNA).
 *
 * C99 and C++11. */
#ifndef MTASTS_H
#define MTASTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MTASTS_VERSION_MAJOR 0
#define MTASTS_VERSION_MINOR 1
#define MTASTS_VERSION_PATCH 0

/* "0.1.0": the library that runs, whatever header was compiled with. */
const char *
mtasts_version(void);

struct mtasts_span {
	const char *p;
	size_t n; /* octets */
};

static inline struct mtasts_span
mtasts_bytes(const void *p, size_t n)
{
	struct mtasts_span s;

	s.p = (const char *)p;
	s.n = n;
	return s;
}

/* A NUL-terminated string, which is borrowed. */
static inline struct mtasts_span
mtasts_str(const char *s)
{
	return mtasts_bytes(s, strlen(s));
}

/* What the library could not do. What it found out about the input is never an
 * error: it stands in the result. */
enum mtasts_status {
	MTASTS_OK = 0,
	MTASTS_NO_MEMORY = 1 /* mem_n was too small; the result is unusable */
};

/* --- the _mta-sts TXT record (RFC 8461 3.1) -------------------- */

enum mtasts_record_result {
	MTASTS_RECORD_OK = 0, /* exactly one, and it is valid */
	MTASTS_RECORD_NONE = 1, /* none begins with "v=STSv1;" */
	MTASTS_RECORD_MULTIPLE = 2, /* several: senders act as if none */
	MTASTS_RECORD_INVALID = 3 /* one, not valid: senders act as if none */
};

/* Records looked at; a resolver's answer has a handful. */
#define MTASTS_RECORDS_MAX 64

struct mtasts_record {
	enum mtasts_record_result result;
	char id[33]; /* 1 to 32 letters and digits, NUL-terminated; or "" */
	size_t n_sts; /* how many records count as STSv1 */
	size_t at; /* index of the first of them */
	size_t bad_at; /* INVALID: the octet of it that is at fault */
};

/* Judge the TXT RRset of _mta-sts.<policy domain>, after any CNAMEs: n records,
 * each with its character-strings already joined, with nothing between. Those
 * behind MTASTS_RECORDS_MAX are not looked at. */
void
mtasts_record_parse(
    const struct mtasts_span *txt, size_t n, struct mtasts_record *out);

/* --- the policy (RFC 8461 3.2) --------------------------------- */

enum mtasts_mode {
	MTASTS_MODE_UNSET = 0,
	MTASTS_MODE_NONE = 1,
	MTASTS_MODE_TESTING = 2,
	MTASTS_MODE_ENFORCE = 3
};

/* RFC 8461 3.2: the greatest max_age, in seconds. */
#define MTASTS_MAX_AGE 31557600

/* Memory that is always enough for the policy in a body of n octets. One of a
 * kilobyte takes some 6 KB. */
#define MTASTS_POLICY_MEMORY(n) (40 * 1024 + 48 * (size_t)(n))

/* How a body differs from what it should be. */
enum mtasts_deviation_kind {
	MTASTS_DEV_EMPTY = 0,
	MTASTS_DEV_HTML = 1, /* or JSON */
	MTASTS_DEV_BOM = 2,
	MTASTS_DEV_ENCODING = 3, /* no UTF-8, or control octets */
	MTASTS_DEV_BARE_CR = 4,
	MTASTS_DEV_BLANK_LINE = 5,
	MTASTS_DEV_NO_COLON = 6,
	MTASTS_DEV_COMMENT = 7,
	MTASTS_DEV_LEADING_SPACE = 8,
	MTASTS_DEV_KEY_CASE = 9,
	MTASTS_DEV_UNKNOWN_KEY = 10,
	MTASTS_DEV_TYPO_KEY = 11, /* one edit from a known key */
	MTASTS_DEV_EXT_INVALID = 12, /* a field outside the grammar */
	MTASTS_DEV_DUPLICATE_KEY = 13, /* the first counts */
	MTASTS_DEV_TEMPLATE_LEFT = 14, /* a placeholder; example.com */
	MTASTS_DEV_ID_IN_FILE = 15,
	MTASTS_DEV_TOO_BIG = 16, /* over 65,536 octets: not read */
	MTASTS_DEV_BIG = 17, /* over 4,096 octets */
	MTASTS_DEV_VERSION_BAD = 18, /* missing, or not STSv1 */
	MTASTS_DEV_VERSION_NOT_FIRST = 19,
	MTASTS_DEV_MODE_MISSING = 20,
	MTASTS_DEV_MODE_INVALID = 21,
	MTASTS_DEV_MAX_AGE_INVALID = 22, /* missing, or not 1 to 10 digits */
	MTASTS_DEV_MAX_AGE_TOO_BIG = 23, /* accepted, and capped */
	MTASTS_DEV_MX_MISSING = 24,
	MTASTS_DEV_MX_SYNTAX = 25,
	MTASTS_DEV_MX_TRAILING_DOT = 26,
	MTASTS_DEV_MX_BAD_WILDCARD = 27,
	MTASTS_DEV_MX_U_LABEL = 28,
	MTASTS_DEV_MX_IP = 29,
	MTASTS_DEV_MX_UPPERCASE = 30,
	MTASTS_DEV_MX_DUPLICATE = 31
};

struct mtasts_deviation {
	enum mtasts_deviation_kind kind;
	size_t line, column; /* from 1, column in octets; 0: the whole file */
	struct mtasts_span
	    what; /* the octets at fault; borrows from the body */
};

struct mtasts_policy {
	bool valid; /* a careful sender uses it */
	bool strict; /* it is exactly what the grammar generates */
	enum mtasts_mode mode;
	bool has_max_age;
	uint32_t max_age; /* seconds, at most MTASTS_MAX_AGE */
	const struct mtasts_span *mx; /* lower case, in order, in mem */
	size_t n_mx;
	const struct mtasts_deviation *deviations; /* in order, in mem */
	size_t n_deviations; /* the first 100 at most */
};

/* Parse the body of https://mta-sts.<policy domain>/.well-known/mta-sts.txt.
 * Only if `valid` may the other fields be acted on. *out lives as long as both
 * body and mem.
 *
 * MTASTS_NO_MEMORY if mem_n octets at mem do not suffice, which for
 * MTASTS_POLICY_MEMORY(body.n) and more they do. */
enum mtasts_status
mtasts_policy_parse(struct mtasts_span body, void *mem, size_t mem_n,
    struct mtasts_policy *out);

/* "none", "testing", "enforce"; "" for what is no mode. */
const char *
mtasts_mode_name(enum mtasts_mode mode);

/* "BARE_CR" and so on; "" for what is no kind. */
const char *
mtasts_deviation_name(enum mtasts_deviation_kind kind);

/* --- hosts and certificates (RFC 8461 4) ----------------------- */

/* Is this a pattern that a policy may have (RFC 8461 3.2)? */
bool
mtasts_mx_pattern_is_valid(struct mtasts_span pattern);

/* Does the pattern cover the MX host, which is the name in the MX record
 * (RFC 8461 4.1)? "*." stands for exactly one label. A final dot of the host is
 * no difference. What is no valid pattern covers nothing. */
bool
mtasts_mx_match(struct mtasts_span pattern, struct mtasts_span host);

/* Does any pattern of the policy? */
bool
mtasts_policy_covers(
    const struct mtasts_policy *policy, struct mtasts_span host);

/* Is a certificate with these dNSName entries for this host (RFC 8461 4.2,
 * RFC 9525 6.3)? The common name does not count. The chain and the dates are
 * for a TLS library to check. */
bool
mtasts_cert_match(
    const struct mtasts_span *dns_names, size_t n, struct mtasts_span host);

/* --- TLSA records for SMTP (RFC 7672) ----------------------------------- */

enum mtasts_tlsa {
	MTASTS_TLSA_USABLE = 0,
	MTASTS_TLSA_BAD_USAGE = 1, /* only DANE-TA(2) and DANE-EE(3) */
	MTASTS_TLSA_BAD_SELECTOR = 2,
	MTASTS_TLSA_BAD_MATCHING = 3,
	MTASTS_TLSA_BAD_LENGTH = 4 /* not the length of its digest */
};

/* RFC 7672 3.1: data_n is the length of the association data in octets. */
enum mtasts_tlsa
mtasts_tlsa_check(
    uint8_t usage, uint8_t selector, uint8_t matching, size_t data_n);

/* --- the _smtp._tls TXT record (RFC 8460 3) -------------------- */

enum mtasts_tlsrpt_result {
	MTASTS_TLSRPT_OK = 0, /* one, grammatical; see n_usable */
	MTASTS_TLSRPT_NONE = 1,
	MTASTS_TLSRPT_MULTIPLE = 2, /* counts as none */
	MTASTS_TLSRPT_INVALID = 3
};

#define MTASTS_RUA_MAX 32

struct mtasts_rua {
	struct mtasts_span uri; /* as written; borrows from the record */
	bool usable; /* mailto: with an address, or https: with a host */
};

struct mtasts_tlsrpt {
	enum mtasts_tlsrpt_result result;
	size_t n_tlsrpt; /* how many records count as TLSRPTv1 */
	size_t bad_at; /* INVALID: the octet at fault */
	struct mtasts_rua rua[MTASTS_RUA_MAX]; /* of all rua fields, in order */
	size_t n_rua, n_usable;
};

/* Judge the TXT RRset of _smtp._tls.<policy domain>, as mtasts_record_parse
 * does that of _mta-sts. */
void
mtasts_tlsrpt_parse(
    const struct mtasts_span *txt, size_t n, struct mtasts_tlsrpt *out);

/* --- SMTP replies (RFC 5321 4.2) ------------------------------- */

enum mtasts_smtp_result {
	MTASTS_SMTP_MORE = 0, /* no complete reply yet */
	MTASTS_SMTP_DONE = 1,
	MTASTS_SMTP_SYNTAX = 2, /* this is no SMTP reply */
	MTASTS_SMTP_TOO_LONG = 3 /* over 4 KB a line, 32 KB or 128 lines */
};

struct mtasts_smtp_reply {
	int code; /* 200 to 599 */
	struct mtasts_span text; /* lines without codes, joined by LF; in mem */
	size_t size; /* octets of the input that the reply took */
};

/* Memory that is always enough for input of n octets. */
#define MTASTS_SMTP_MEMORY(n) (64 + (size_t)(n))

/* Read the reply at the head of in, which is all that has come so far. What
 * stands behind it (in.n > out->size after the reply to STARTTLS: plaintext
 * that does not belong there, RFC 3207 6) is the caller's to judge.
 *
 * *out_result is MTASTS_SMTP_DONE if *out was set. MTASTS_NO_MEMORY if mem_n
 * octets at mem do not hold the text. */
enum mtasts_status
mtasts_smtp_parse(struct mtasts_span in, void *mem, size_t mem_n,
    enum mtasts_smtp_result *out_result, struct mtasts_smtp_reply *out);

/* Does the text of an EHLO reply offer the keyword, such as "STARTTLS"
 * (RFC 5321 4.1.1.1, RFC 3207 2)? Without case. */
bool
mtasts_smtp_offers(struct mtasts_span ehlo_text, struct mtasts_span keyword);

#ifdef __cplusplus
}
#endif

#endif

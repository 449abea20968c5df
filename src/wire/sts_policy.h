/* sts_policy.h - the policy file (RFC 8461 3.2).
 *
 * Two readings side by side: `strict`, which is the ABNF and nothing else, and
 * `valid`, which is what a careful sender concludes (where the text is
 * ambiguous, the reading that loses no mail and opens no hole). Every deviation
 * is reported with its place, whether or not it voids the policy.
 *
 * Pure; bytes are hostile. */
#ifndef WIRE_STS_POLICY_H
#define WIRE_STS_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* RFC 8461 3.2: max_age has a maximum value of 31557600 seconds. */
enum { STS_MAX_AGE = 31557600 };

enum sts_mode {
	STS_MODE_UNSET,
	STS_MODE_NONE,
	STS_MODE_TESTING,
	STS_MODE_ENFORCE,
};

enum sts_deviation_kind {
#define DEVIATION(symbol, breaks_abnf, voids) STS_##symbol,
#include "wire/sts_policy.def"
#undef DEVIATION
	STS_DEVIATION_KINDS,
};

struct sts_deviation {
	enum sts_deviation_kind kind;
	size_t line, column; /* from 1; column counts octets. 0: whole file */
	struct span what; /* the bytes it is about; borrows from the body */
	/* TYPO_KEY, KEY_CASE, and EXT_INVALID of a known key with a space
	 * before its colon: the key it should be. Else empty. */
	struct span meant;
};

struct sts_policy {
	bool valid; /* a careful sender uses it */
	bool strict; /* it is exactly what the ABNF generates */
	enum sts_mode mode;
	bool has_max_age;
	uint32_t max_age; /* seconds, capped at STS_MAX_AGE */
	uint64_t max_age_written; /* as in the file, at most 10 digits */
	struct span *mx; /* well-formed, lower case, each once, in order */
	size_t *mx_line; /* and the line of each */
	size_t n_mx;
	struct sts_deviation *deviations; /* in order of place */
	size_t n_deviations; /* at most LIMIT_PROBLEMS */
};

/* Parse a body. One cause is one deviation: a mode that is written "Mode" is
 * KEY_CASE and not MODE_MISSING besides, and the policy is void all the same.
 *
 * A body that is something else altogether (HTML, BOM of UTF-16, TOO_BIG,
 * EMPTY) is not read any further; neither valid nor strict.
 *
 * All memory comes from a; if that is full, a->failed is set and the policy is
 * neither valid nor strict. */
void
sts_policy_parse(struct span body, struct arena *a, struct sts_policy *out);

/* "none", "testing", "enforce"; "" for UNSET. */
extern const char *const sts_mode_names[];

#endif

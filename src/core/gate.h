/* gate.h - may this domain enforce its policy?
 *
 * Enforcing what is not yet true loses mail at once and for as long as copies
 * live. So the way to enforce leads through here: every address of every mail
 * host is good, with a margin on its certificate; nothing that loses mail is
 * known; testing has lasted long enough to have shown it. The gate shows its
 * evidence whether it opens or not, and who overrides it has seen what he
 * overrides. The way back, to testing, needs no gate.
 *
 * Pure. */
#ifndef CORE_GATE_H
#define CORE_GATE_H

#include "core/judge.h"
#include "core/ledger.h"

enum gate_bar_kind {
	GATE_NOT_MEASURED, /* an address, or all: we do not know */
	GATE_ADDRESS, /* a sender that enforces would refuse it */
	GATE_NO_HOST, /* the domain takes no mail */
	GATE_CERTIFICATE, /* it ends too soon */
	GATE_COVERAGE, /* the policy to be enforced does not cover a host */
	GATE_INCIDENTS, /* something that loses mail is open */
	GATE_TESTING, /* not long enough */
};

struct gate_bar {
	enum gate_bar_kind kind;
	struct span host; /* if it is about one */
	struct ip_addr address; /* IP_NONE if it is about none */
	struct span text; /* a sentence; foreign bytes are escaped */
};

struct gate_rules {
	uint32_t testing_s; /* how long at least */
	uint32_t certificate_s; /* how long a certificate has to last */
};

/* Two weeks of testing (as the largest senders advise), and a week of every
 * certificate: long enough to mend a renewal that failed. */
extern const struct gate_rules gate_default;

struct gate {
	bool open;
	struct gate_bar *bars; /* why not; in the order of the hosts */
	size_t n_bars;
	size_t addresses, good; /* measured, and found good */
};

/* The domain as it was judged now; patterns are those of the policy that is to
 * be enforced; incidents counts what is open and loses mail; testing_since is 0
 * where it has not begun. ERR_MEMORY if a is full. */
struct gate_question {
	const struct judged *judged;
	const struct span *patterns;
	size_t n_patterns;
	size_t incidents;
	struct wall_time testing_since, now;
	struct gate_rules rules;
};

enum err
gate_check(const struct gate_question *q, struct arena *a,
    struct gate *out) MUST_CHECK;

/* Why testing was too short, if it was: a sentence; "" if it was long enough.
 * testing_since 0: it has not begun. */
struct span
gate_testing_text(struct wall_time testing_since, struct wall_time now,
    const struct gate_rules *rules, struct arena *a);

extern const char *const gate_bar_names[];

#endif

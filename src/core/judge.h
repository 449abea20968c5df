/* judge.h - what the evidence means.
 *
 * Pure: the same evidence and the same moment give the same findings, to the
 * byte, on any machine. */
#ifndef CORE_JUDGE_H
#define CORE_JUDGE_H

#include "base/arena.h"
#include "base/err.h"
#include "core/checks.h"
#include "core/evidence.h"
#include "wire/sts_policy.h"
#include "wire/sts_record.h"
#include "wire/tlsrpt_record.h"

/* What one check came to. `unknown` is never red and never green. */
enum check_result {
	RESULT_NA, /* does not apply here */
	RESULT_OK,
	RESULT_FAIL,
	RESULT_UNKNOWN, /* could not be measured */
};

/* One piece of the evidence a finding rests on. */
struct fact {
	const char *name;
	struct span value; /* printable */
};

enum { FINDING_FACTS = 6 };

struct finding {
	enum check_id check;
	enum check_result result;
	enum severity severity;
	struct span subject; /* the name it is about */
	struct ip_addr address; /* IP_NONE if it is about no address */
	struct span message; /* printable UTF-8, one sentence or more */
	struct span remedy; /* a sentence; behind a newline what to publish */
	struct fact facts[FINDING_FACTS];
	size_t n_facts;
	size_t line, column; /* in a file or a record, from 1; 0: none */
	enum check_id blocked_by; /* its cause; CHECKS if none */
};

/* What is published, as a sender sees it. */
enum deployment {
	DEPLOYMENT_NONE,
	DEPLOYMENT_TESTING,
	DEPLOYMENT_ENFORCE,
	DEPLOYMENT_REMOVING, /* mode none */
	DEPLOYMENT_BROKEN, /* begun, but void */
	DEPLOYMENT_UNKNOWN, /* announced or not, no policy could be looked up */
};

/* Could it enforce: is every address of every MX host good? */
enum eligibility {
	ELIGIBLE,
	ELIGIBILITY_INELIGIBLE,
	ELIGIBILITY_UNKNOWN,
	ELIGIBILITY_NO_MAIL,
};

/* In the order of the exit status: 0, 1, 2, 3. */
enum verdict { VERDICT_OK, VERDICT_WARNING, VERDICT_ERROR, VERDICT_UNKNOWN };

/* What became of one published thing: the record, the policy, TLSRPT. */
enum thing {
	THING_OK,
	THING_NONE,
	THING_INVALID,
	THING_UNREACHABLE, /* a policy only */
	THING_UNKNOWN,
};

enum dane_state {
	DANE_STATE_NONE,
	DANE_STATE_OK,
	DANE_STATE_FAIL,
	DANE_STATE_UNUSABLE,
	DANE_STATE_UNKNOWN,
};

struct judged_address {
	const struct probe *probe;
	enum check_result result; /* OK, FAIL or UNKNOWN */
	bool ours; /* not measured for want of our own IPv6: does not count */
};

struct judged_mx {
	const struct mx_host *host;
	struct span matched_by; /* the policy's pattern; "" if none */
	enum dane_state dane;
	struct judged_address *addresses;
	size_t n_addresses;
};

struct ledger;
struct published;

struct judged {
	const struct evidence *evidence;
	struct wall_time now;

	enum deployment deployment;
	enum eligibility eligibility;
	enum verdict verdict;
	enum stakes stakes;

	enum thing record, policy, tlsrpt;
	struct sts_rrset rrset;
	struct sts_policy sts; /* as far as it could be read */
	const struct fetch *fetch; /* the attempt sts was read from, or NULL */
	struct tlsrpt_record rpt;
	struct judged_mx *mx;
	size_t n_mx;

	struct finding *findings; /* by weight; those that passed come last */
	size_t n_findings;
};

/* Which parts of the evidence there are. `lint` has one of them only. */
enum judge_scope {
	JUDGE_RECORD = 1,
	JUDGE_POLICY = 2,
	JUDGE_TLSRPT = 4,
	JUDGE_DOMAIN = 8, /* everything that needs the network */
	JUDGE_ALL = 15,
};

/* Judge ev as of now. All memory comes from a; the result borrows from it and
 * from ev. ERR_MEMORY if a is full: *out is not to be used then. */
enum err
judge(const struct evidence *ev, struct wall_time now, unsigned scope,
    struct arena *a, struct judged *out) MUST_CHECK;

/* What is known besides the evidence of one look. */
struct judge_memory {
	/* It has had its step for this look already (ledger_observe,
	 * ledger_step). */
	const struct ledger *ledger;
	/* What we publish for the domain; NULL: nothing. */
	const struct published *published;
};

/* The same, knowing what senders may still hold: severity follows the caches,
 * and the checks of change and removal are judged too; and those of what we
 * publish. */
enum err
judge_remembering(const struct evidence *ev, const struct judge_memory *memory,
    struct wall_time now, struct arena *a, struct judged *out) MUST_CHECK;

extern const char *const check_result_names[];
extern const char *const deployment_names[];
extern const char *const eligibility_names[];
extern const char *const verdict_names[];
extern const char *const thing_names[];
extern const char *const dane_state_names[];

#endif

/* docket.h - how the judges write their findings down.
 *
 * Shared by core/judge_*.c and by nobody else. A judge looks at the evidence
 * and says of a check that it passed, failed, or could not be measured. There
 * is no error to handle on the way: when memory runs out, the findings go to a
 * spare one, the arena stays failed, and judge() says so at its end. */
#ifndef CORE_DOCKET_H
#define CORE_DOCKET_H

#include "core/judge.h"

struct docket {
	const struct evidence *ev;
	struct wall_time now;
	const struct published *published; /* NULL: nothing is */
	struct arena *a;
	struct judged *out;
	bool passed[CHECKS]; /* measured somewhere, and good there */
	bool failed[CHECKS]; /* failed or unknown somewhere */
	bool file_told; /* a remedy holds the whole policy file already */
	size_t cap; /* of out->findings */
	struct finding spare;
};

/* The check applies and held. A failure elsewhere outweighs it. */
void
docket_pass(struct docket *d, enum check_id id);

/* The check failed for subject. Never NULL; say more of it below. The message
 * begins as the row's title, the remedy as the row's remedy. */
struct finding *
docket_fail(struct docket *d, enum check_id id, struct span subject);

/* Pass or fail, whichever. Returns NULL if it passed. */
struct finding *
docket_hold(struct docket *d, enum check_id id, bool good, struct span subject);

/* It could not be measured. */
struct finding *
docket_unknown(struct docket *d, enum check_id id, struct span subject);

/* It could not be measured because `by` failed. Said only when all is asked. */
void
docket_blocked(struct docket *d, enum check_id id, enum check_id by);

/* Every check from first to last. */
void
docket_block(struct docket *d, enum check_id first, enum check_id last,
    enum check_id by);

/* What was found since the finding number `from`, of the checks from first to
 * last, follows from `by`: it is no cause of its own. */
void
docket_follows(struct docket *d, size_t from, enum check_id first,
    enum check_id last, enum check_id by);

/* Has it failed anywhere (or was it unknown)? */
bool
docket_has_failed(const struct docket *d, enum check_id id);

void
finding_say(struct docket *d, struct finding *f, const char *fmt, ...)
    PRINTF(3, 4);
void
finding_remedy(struct docket *d, struct finding *f, const char *fmt, ...)
    PRINTF(3, 4);
void
finding_fact(struct docket *d, struct finding *f, const char *name,
    const char *fmt, ...) PRINTF(4, 5);

/* Never heavier than that. */
void
finding_cap(struct finding *f, enum severity max);

/* Foreign bytes, escaped and cut for a sentence. */
const char *
docket_quote(struct docket *d, struct span s);

/* "a.example, b.example, c.example and 4 more", "none"; of more than
 * DOCKET_LIST_MAX names the others need not be there. */
enum { DOCKET_LIST_MAX = 3 };
const char *
docket_list(struct docket *d, const struct span *names, size_t n);

/* "2026-12-01 10:00 UTC" */
const char *
docket_date(struct docket *d, struct wall_time t);

/* "in 3 days", "2 hours ago" */
const char *
docket_distance(struct docket *d, struct wall_time t);

/* "5 seconds", "2 weeks", "31557600 seconds" */
const char *
docket_duration(struct docket *d, uint64_t s);

/* The judges, one a file or a part of one. Each reads what those before it
 * have put into out. */
void
judge_mx(struct docket *d); /* A */
void
judge_record(struct docket *d); /* B */
void
judge_delegation(struct docket *d); /* C */
void
judge_host(struct docket *d); /* D */
void
judge_fetches(struct docket *d); /* E, F, and vantage */
void
judge_authority(struct docket *d); /* O: the name servers compared */
void
judge_policy(struct docket *d); /* G, H, and what F says of the file */
void
judge_match(struct docket *d); /* I */
void
judge_smtp(struct docket *d); /* J, K */
void
judge_dane(struct docket *d); /* M */
void
judge_tlsrpt(struct docket *d); /* N */

/* The judges of what was seen over days, from a ledger that has taken this
 * look's observation already. They come last. */
struct ledger;
void
judge_ledger(struct docket *d, const struct ledger *l); /* A11, C07, I05, L */

/* The judges of a domain whose policy we publish: what is seen of it against
 * what it should be (C02, C07, L18, P05, P06), and what stands in the way of
 * publishing (P01 to P04, P07, P08). Behind judge_ledger(); stakes and
 * eligibility are known. */
void
judge_published(struct docket *d, const struct ledger *l);
void
judge_publishing(struct docket *d);

/* Does the answer come by way of the name that was issued for the domain? */
bool
docket_leads_to_us(const struct docket *d, const struct dns_answer *a);

/* Is its policy one that we publish, and out? Then it is ours to change, and
 * no line is to be written by hand. */
bool
docket_is_ours(const struct docket *d);

/* The name "label.domain", to be printed. */
struct span
docket_under(struct docket *d, const char *label);

/* Is there anything here that a fault of the policy host would hurt? */
bool
docket_wants_host(const struct docket *d);

/* Would a sender that enforced refuse mail anywhere, by what was found? */
bool
docket_loses_mail(const struct docket *d);

/* Which checks a chain of certificates is held against. CHECKS: not at all. */
struct cert_checks {
	enum check_id expired, expiring, name, name_is_domain, cn_only,
	    untrusted, chain, weak, purpose;
};

/* Judge a presented chain for host. Returns whether a sender accepts it.
 * other is a name that the certificate bears by mistake ("" if none). */
bool
judge_chain(struct docket *d, const struct cert_checks *ids,
    const struct tls_seen *tls, struct span host, struct span other,
    struct ip_addr address);

/* What the server was doing when it failed, in words: "refused the connection".
 * Never NULL. */
const char *
talk_result_text(enum talk_result r);

#endif

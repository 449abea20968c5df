/* mx_move.h - how a domain's mail moves to other hosts while senders hold
 * copies of its policy: steps, each with its date and its reason.
 *
 * A sender refuses a host that its copy does not cover (RFC 8461 5), and keeps
 * the copy for max_age. So the policy goes ahead of the MX records, by the life
 * of every copy that does not know the new hosts, and comes behind them at the
 * end, so that there is a way back:
 *
 *   CHECK   would senders that enforce deliver to the new hosts?
 *   POLICY  the new hosts become patterns beside the old ones, under a new id
 *   WAIT    until every copy covers them; one in mode testing loses no mail
 *   ADD     they become MX hosts beside the old ones
 *   DROP    a TTL later the old ones leave the MX records
 *   OFF     another TTL later nobody may look for them there
 *   CLEAN   the old patterns leave the policy
 *
 * Steps that have nothing to do are left out. What is done already is told from
 * the MX records and the ledger alone, so the same question, asked later, tells
 * how far a move has come.
 *
 * Pure. */
#ifndef CORE_MX_MOVE_H
#define CORE_MX_MOVE_H

#include "core/ledger.h"
#include "wire/dns.h"

enum mx_move_kind {
	MX_MOVE_CHECK,
	MX_MOVE_POLICY,
	MX_MOVE_WAIT,
	MX_MOVE_ADD,
	MX_MOVE_DROP,
	MX_MOVE_OFF,
	MX_MOVE_CLEAN,
	MX_MOVE_KINDS,
};

enum mx_move_state {
	MX_MOVE_DONE,
	MX_MOVE_NOW, /* nothing before it is open, and its date has come */
	MX_MOVE_LATER,
};

/* Would a sender that enforces deliver to it? */
enum mx_move_check {
	MX_MOVE_UNCHECKED,
	MX_MOVE_GOOD,
	MX_MOVE_BAD,
	MX_MOVE_UNKNOWN, /* it was looked at, and could not be measured */
};

struct mx_move_host {
	struct span host; /* canonical */
	enum mx_move_check check;
	struct span text; /* what is wrong, a sentence a line; or "" */
};

/* What it rests on; borrowed for the plan. */
struct mx_move_question {
	struct span domain;
	const struct dns_mx *mx; /* the records as they are, by preference */
	size_t n_mx;
	uint32_t ttl; /* of them, as the name servers give it */
	const struct mx_move_host *to; /* all that are to be MX at the end */
	size_t n_to;
	const struct ledger *ledger; /* all zero: nothing is remembered */
	uint32_t overlap_s; /* how long an old host keeps its pattern */
	/* The policy is ours: its steps are carried out by the daemon, once it
	 * is told (publication_move). */
	bool published;
	const char *fresh_ids[2]; /* for policies that are not */
	struct wall_time now;
};

struct mx_move_step {
	enum mx_move_kind kind;
	enum mx_move_state state;
	/* Not before. Of WAIT: its end. What follows a step that the owner has
	 * yet to take moves with him. */
	struct wall_time at;
	bool by_us; /* the daemon does it */
	struct span what, why; /* sentences */
	const char *clause;
	/* To be published, lines: records of the zone; of a policy the file, in
	 * CRLF. "": nothing. */
	struct span records, file;
};

struct mx_move_plan {
	struct mx_move_step *steps; /* in their order */
	size_t n;
	bool blocked; /* mail would be lost at a new host: see CHECK */
	bool is_done; /* every step is */
};

/* ERR_MEMORY if a is full; ERR_LIMIT if the policy would be longer than senders
 * read (wire/sts_write.h). */
enum err
mx_move_plan(const struct mx_move_question *q, struct arena *a,
    struct mx_move_plan *out) MUST_CHECK;

extern const char *const mx_move_kind_names[]; /* "check", ... */
extern const char *const mx_move_state_names[];
extern const char *const mx_move_check_names[];

#endif

/* publication.h - the life of a policy that we publish: what the edges serve,
 * and when senders are told of it.
 *
 * A sender that sees a new id fetches the policy, and keeps what it gets under
 * that id for weeks (RFC 8461 3.1, 5.1). So the file comes first and the id
 * last, always: on any number of edges, whatever crashes in between. Each
 * publication has a version that counts what the edges are to serve, and an id
 * that is announced. A change walks round once:
 *
 *        another policy is wanted          an id is a day old, nothing else
 *   REST -----------------------> FILE     REST --------------------> ID
 *    ^                             |                                  ^
 *    |                             | every live edge has the version  |
 *    |                             v                                  |
 *    |                          PROVING -------------------------------'
 *    |                             fetched from outside through every edge
 *    |                             address, as a sender does, it is the version
 *    |                             (RFC 8461 3.3)
 *    |
 *    '------------------------- ID
 *       every authoritative server shows the id
 *
 * and from everywhere to FILE when yet another policy is wanted.
 *
 * A publication goes through these stages:
 *
 *   AWAITED -> CERTIFYING -> LIVE -> LEAVING -> REMOVABLE -> ENDED
 *      ^                    |  ^         |
 *      '--------------------'  '---------' the owner thinks again
 *        lost, and nobody holds a copy
 *
 *   AWAITED: the two CNAMEs do not lead here yet.
 *
 *   CERTIFYING: they do; a certificate for the policy host is wanted.
 *
 *   LIVE: the first id was announced; from here on nothing that fails takes the
 *   last good policy away.
 *
 *   LEAVING: the owner wants an end: mode none, and every copy of what was
 *   published before has to expire (RFC 8461 8.3).
 *
 *   REMOVABLE: they have: the records may go.
 *
 *   ENDED: the records are gone, and nobody may hold a copy.
 *
 * A delegation that vanishes while copies may be held changes no stage: it is
 * told, and we go on serving. When they have all expired, nothing is served any
 * more, and whoever comes back begins anew; who was leaving has left.
 *
 * Pure: the state before, what was seen, the state after. What is in the state
 * is all there is, so a crash loses nothing but the step. */
#ifndef CORE_PUBLICATION_H
#define CORE_PUBLICATION_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "wire/sts_policy.h"

enum {
	/* A new id a day, though nothing changed: a sender that was shown a
	 * forged answer or failed to fetch comes back within the day. */
	PUBLICATION_ROTATE_S = 86400,
	PUBLICATION_ID_OCTETS = 32, /* hexadecimal: 128 bits by random */
};

enum publication_stage {
	PUBLICATION_AWAITED,
	PUBLICATION_CERTIFYING,
	PUBLICATION_LIVE,
	PUBLICATION_LEAVING,
	PUBLICATION_REMOVABLE,
	PUBLICATION_ENDED,
};

enum publication_change {
	CHANGE_REST,
	CHANGE_FILE, /* the edges are to serve it */
	CHANGE_PROVING, /* they say that they do */
	CHANGE_ID, /* and it is so: the id is out */
};

struct publication {
	enum publication_stage stage;
	struct wall_time stage_since;
	enum publication_change change;
	struct wall_time change_since;

	/* What the edges are to serve. Version 0: nothing yet. */
	uint64_t version;
	struct span body;

	/* What is announced. Empty: nothing yet. */
	char id[PUBLICATION_ID_OCTETS + 1];
	struct wall_time id_since;
	uint64_t id_version; /* the version that it was announced for */

	bool lost; /* a delegation that was there is not */
	struct wall_time lost_since;
};

/* What the owner wants, as far as it may be had: the gate has spoken. */
struct publication_wish {
	bool leave;
	/* The policy; while leaving that of mode none. Empty: what is out
	 * stays, and what is not yet waits. */
	struct span body;
	/* Leaving: RFC 8461 8.3, from the ledger: every copy has expired. */
	bool may_leave;
	/* Of a delegation that is lost: since then so has every copy. */
	bool is_forgotten;
};

/* What a round saw; unknown changes nothing. */
struct publication_sight {
	struct wall_time at;
	enum {
		DELEGATION_UNKNOWN,
		DELEGATION_NONE,
		DELEGATION_PART, /* one of the two CNAMEs */
		DELEGATION_WHOLE,
	} delegation;
	bool has_certificate;
	/* Every edge that lives serves at least this version. 0: none lives, or
	 * one has not said. */
	uint64_t edges_version;
	/* Fetched from outside through every address of every edge, the policy
	 * of this version came. 0: not, or not tried. */
	uint64_t proved_version;
	/* Every authoritative server, secondaries too, shows this id. */
	struct span seen_id;
};

enum publication_event {
	PUBLICATION_CAME, /* the delegation stands for the first time */
	PUBLICATION_SERVES, /* another version is to be served */
	PUBLICATION_ANNOUNCES, /* another id is out */
	PUBLICATION_IS_LIVE, /* and it is the first */
	PUBLICATION_LOST, /* a delegation is gone while copies may be held */
	PUBLICATION_FOUND, /* it is back */
	PUBLICATION_MAY_GO, /* the records may be removed */
	PUBLICATION_IS_OVER,
	PUBLICATION_GIVEN_UP, /* it is lost, and nobody holds a copy */
};

/* One round. fresh_id: PUBLICATION_ID_OCTETS hexadecimal digits by random, used
 * if an id is needed and never again. *events: bits, 1 << enum
 * publication_event. ERR_MEMORY if a, which takes the body, is full: p is as
 * it was. */
enum err
publication_step(struct publication *p, const struct publication_wish *wish,
    const struct publication_sight *sight, const char *fresh_id,
    struct arena *a, unsigned *events) MUST_CHECK;

/* Is the id older than a day and a half, though something is published? P07. */
bool
publication_is_stalled(const struct publication *p, struct wall_time now);

extern const char *const publication_stage_names[];
extern const char *const publication_change_names[];

#endif

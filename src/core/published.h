/* published.h - a policy that we publish, as all parts of the program know it:
 * what the owner wants, how far it has come, and what stands in its way.
 *
 * The owner's two CNAMEs, mta-sts.D and _mta-sts.D, both point to one name
 * under the service zone, LABEL.ZONE, that is issued for him alone and never
 * again: it has the edges' addresses and the TXT record with the id. Who claims
 * a name that was let go gets another label, and serves nobody's policy. */
#ifndef CORE_PUBLISHED_H
#define CORE_PUBLISHED_H

#include "core/mx_follow.h"
#include "core/publication.h"

enum {
	/* 80 bits by random, base32 in lower case: nobody finds one by trying,
	 * and it is a DNS label whatever comes out. */
	PUBLISHED_LABEL_OCTETS = 16,
};

/* What the owner asked for. */
struct publish_order {
	enum sts_mode mode; /* TESTING or ENFORCE */
	uint32_t max_age; /* s */
	enum mx_follow_mode follow;
	uint32_t overlap_s; /* how long a host that left keeps its pattern */
	bool leave; /* the procedure of RFC 8461 8.3 */
	/* Enforce though the gate says no: who said so, and when. Empty: nobody
	 * did. */
	struct span override_by;
	struct wall_time override_at;
	struct wall_time asked_at;
};

/* A move of the MX that the owner has announced (mtasts plan mx-move): these
 * hosts are patterns from now on, whatever the MX records say. */
struct publish_move {
	struct span *to; /* canonical; none: no move is under way */
	size_t n_to;
	struct wall_time since;
	bool may_add_told; /* that the MX records may be changed now */
};

/* Why the policy that is wanted is not the one that is published. */
enum publish_bar {
	PUBLISH_FREE,
	PUBLISH_NO_MX, /* none was ever believed: there is nothing to publish */
	PUBLISH_TOO_LONG, /* it would be longer than senders read (RFC 8461 3.2)
			   */
	PUBLISH_FOREIGN, /* another policy is there, that is not ours: it is
			  * taken over when its owner says so */
};

extern const char *const publish_bar_names[];

/* The owner announces a move to these hosts, another one than before, or none:
 * it is called off. Those of before that he was told he may add are taken for
 * added: they stay in the policy for as long as hosts that leave the MX records
 * do. `to` is borrowed. False without memory, and all is as it was. */
bool
publish_move_set(struct publish_move *m, struct mx_follow *f, struct span *to,
    size_t n, struct wall_time now, struct arena *a) MUST_CHECK;

/* What stands in the way of a certificate, or of its successor. */
struct publish_certificate {
	bool exists;
	struct wall_time not_after; /* if so */
	struct span issuer; /* the directory it came from */
	/* The order for it fails since then; 0: it does not. */
	struct wall_time failing_since;
	struct span problem; /* the CA's words (RFC 8555 6.7), or ours */
	struct wall_time next_try; /* if it fails */
};

struct published_body {
	uint64_t version;
	struct span body;
	/* Since when it was to be served; once it was announced, since when
	 * every edge was seen to serve it, and nothing older. */
	struct wall_time at;
};

struct published {
	int64_t domain;
	struct span name; /* the policy domain */
	struct span label;
	struct span target; /* LABEL.ZONE, what both CNAMEs point to */
	struct publish_order order;
	struct publication state;
	struct mx_follow follow;
	struct publish_move move;

	enum publish_bar bar;
	struct span bar_text; /* a sentence, if there is one */
	/* The gate's bars, a sentence a line, while enforce is wanted and kept
	 * back; "" otherwise. */
	struct span gate_text;
	struct wall_time gate_since; /* if so */
	bool advised; /* was told that the domain is ready to enforce */
	/* Another policy was found there: its owner agrees that ours takes its
	 * place. */
	bool may_replace;

	struct publish_certificate certificate;
	/* All that was ever to be served and that a sender may still hold, the
	 * last first. */
	const struct published_body *bodies;
	size_t n_bodies;
};

#endif

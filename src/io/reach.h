/* reach.h - what conversations say about our own network, as opposed to their
 * peers. Pure; the caller locks. */
#ifndef IO_REACH_H
#define IO_REACH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/evidence.h"

enum { REACH_SILENT = 3 }; /* addresses in a row that make us think of it */

struct reach {
	bool smtp_works; /* some port 25 answered, if only to refuse */
	bool v6_works; /* some IPv6 address answered */
	struct ip_addr silent[REACH_SILENT]; /* since the last answer */
	size_t n_silent;
};

/* One conversation ended. An answer is whatever a peer sends, a refusal too.
 * Silence is a time-out or no route before that. Where IPv6 or port 25 never
 * worked it tells nothing: many networks have neither. */
void
reach_note(struct reach *r, struct ip_addr address, bool is_smtp,
    enum talk_result result, enum talk_stage stage);

/* Were the last conversations, with REACH_SILENT different addresses at least,
 * all silent? */
bool
reach_is_offline(const struct reach *r);

#endif

/* What keeps the ledger bounded. */
#include "core/ledger.h"

#include <assert.h>

static void
drop_version(struct ledger *l, size_t i)
{
	memmove(&l->versions[i], &l->versions[i + 1],
	    (--l->n_versions - i) * sizeof *l->versions);
}

/* The one that matters least: never the latest. */
static void
make_room(struct ledger *l, struct wall_time now)
{
	struct wall_time until, *crowded = &l->crowded_until;
	size_t least = 0;

	for (size_t i = 0; i < l->n_versions; i++)
		if (l->versions[least].seq == l->latest ||
		    (l->versions[i].seq != l->latest &&
			ledger_horizon(&l->versions[i], now).s <
			    ledger_horizon(&l->versions[least], now).s))
			least = i;
	until = ledger_horizon(&l->versions[least], now);
	if (l->versions[least].mode == STS_MODE_ENFORCE)
		crowded = &l->crowded_enforce_until;
	if (l->versions[least].mode != STS_MODE_NONE && crowded->s < until.s)
		*crowded = until;
	drop_version(l, least);
}

void
ledger_forget(struct ledger *l, struct wall_time now)
{
	for (size_t i = l->n_versions; i-- > 0;) {
		const struct ledger_version *v = &l->versions[i];

		if (v->seq != l->latest &&
		    now.s - LEDGER_KEEP_S > ledger_horizon(v, now).s)
			drop_version(l, i);
	}
	if (l->n_versions > LEDGER_VERSIONS)
		make_room(l, now);
	for (size_t i = l->n_ids; i-- > 0;) {
		const struct ledger_id *id = &l->ids[i];

		if (span_eq(id->id, l->latest_id))
			continue;
		if (now.s - LEDGER_ID_KEEP_S > id->last_seen.s ||
		    (i == 0 && l->n_ids > LEDGER_IDS))
			memmove(&l->ids[i], &l->ids[i + 1],
			    (--l->n_ids - i) * sizeof *l->ids);
	}
	assert(l->n_versions <= LEDGER_VERSIONS);
}

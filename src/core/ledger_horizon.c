/* What follows from the ledger: who may hold what, and until when. */
#include "core/ledger.h"
#include "wire/mx_match.h"

const struct ledger_version *
ledger_version(const struct ledger *l, uint32_t seq)
{
	for (size_t i = 0; i < l->n_versions; i++)
		if (l->versions[i].seq == seq)
			return &l->versions[i];
	return NULL;
}

const struct ledger_version *
ledger_latest(const struct ledger *l)
{
	return ledger_version(l, l->latest);
}

const struct ledger_id *
ledger_latest_id(const struct ledger *l)
{
	for (size_t i = l->n_ids; i-- > 0;)
		if (span_eq(l->ids[i].id, l->latest_id))
			return &l->ids[i];
	return NULL;
}

bool
ledger_id_has(const struct ledger_id *id, uint32_t seq)
{
	for (size_t i = 0; i < id->n_versions; i++)
		if (id->versions[i] == seq)
			return true;
	return false;
}

const struct ledger_mx_set *
ledger_mx(const struct ledger *l)
{
	return l->n_mx_sets > 0 ? &l->mx_sets[l->n_mx_sets - 1] : NULL;
}

struct wall_time
ledger_mx_since(const struct ledger *l, struct span host)
{
	struct wall_time since = { 0 };

	for (size_t i = l->n_mx_sets; i-- > 0;) {
		const struct ledger_mx_set *set = &l->mx_sets[i];
		bool found = false;

		for (size_t k = 0; k < set->n_hosts; k++)
			found |= span_eq(set->hosts[k], host);
		if (!found)
			break;
		since = set->first_seen;
	}
	return since;
}

struct wall_time
ledger_horizon(const struct ledger_version *v, struct wall_time now)
{
	struct wall_time from = v->served || v->named ? now : v->renewed;

	return (struct wall_time){ from.s + v->max_age };
}

bool
ledger_is_held(const struct ledger_version *v, struct wall_time now)
{
	return now.s <= ledger_horizon(v, now).s;
}

static struct wall_time *
until_of(struct ledger_held *h, enum sts_mode mode)
{
	switch (mode) {
	case STS_MODE_ENFORCE:
		return &h->enforce_until;
	case STS_MODE_TESTING:
		return &h->testing_until;
	case STS_MODE_NONE:
	case STS_MODE_UNSET:
		break;
	}
	return &h->none_until;
}

void
ledger_held(
    const struct ledger *l, struct wall_time now, struct ledger_held *out)
{
	*out = (struct ledger_held){ 0 };
	for (size_t i = 0; i < l->n_versions; i++) {
		const struct ledger_version *v = &l->versions[i];

		if (!ledger_is_held(v, now))
			continue;
		out->n++;
		out->n_old += !v->served;
		wall_extend(until_of(out, v->mode), ledger_horizon(v, now));
	}
	if (now.s <= l->crowded_enforce_until.s)
		wall_extend(&out->enforce_until, l->crowded_enforce_until);
	if (now.s <= l->crowded_until.s)
		wall_extend(&out->testing_until, l->crowded_until);
	out->stakes = out->enforce_until.s > 0	 ? STAKES_ENFORCE
		      : out->testing_until.s > 0 ? STAKES_TESTING
		      : out->none_until.s > 0	 ? STAKES_NONE
						 : STAKES_NOTHING;
}

enum stakes
ledger_stakes(const struct ledger *l, enum stakes seen, struct wall_time now)
{
	struct ledger_held held;

	ledger_held(l, now, &held);
	if (l->latest != 0 && l->file.sight != SIGHT_PRESENT)
		return held.stakes;
	return held.stakes > seen ? held.stakes : seen;
}

struct ledger_removal
ledger_removal(const struct ledger *l, struct wall_time now)
{
	const struct ledger_version *latest = ledger_latest(l);
	struct ledger_removal r = { .state = REMOVAL_NOT_BEGUN };
	struct ledger_held held;

	if (latest == NULL || latest->mode != STS_MODE_NONE)
		return r;
	r.blind = l->mode_before == STS_MODE_UNSET;
	ledger_held(l, now, &held);
	wall_extend(&r.safe_at, held.enforce_until);
	wall_extend(&r.safe_at, held.testing_until);
	if (r.safe_at.s == 0) {
		r.state = REMOVAL_DONE;
		return r;
	}
	r.safe_at.s++; /* a copy lives through its last second */
	r.state = REMOVAL_WAITING;
	for (size_t i = 0; i < l->n_versions; i++)
		if (l->versions[i].named &&
		    l->versions[i].mode != STS_MODE_NONE)
			r.state = REMOVAL_SAME_ID;
	return r;
}

bool
ledger_safe_to_remove(const struct ledger *l, struct wall_time now)
{
	return ledger_removal(l, now).state == REMOVAL_DONE;
}

bool
ledger_covers(const struct ledger_version *v, struct span host)
{
	for (size_t i = 0; i < v->n_mx; i++)
		if (mx_match(v->mx[i], host))
			return true;
	return false;
}

size_t
ledger_would_lose(const struct ledger *l, const struct span *hosts,
    size_t n_hosts, struct wall_time now, struct ledger_loss *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_versions; i++) {
		const struct ledger_version *v = &l->versions[i];

		if (v->mode == STS_MODE_NONE || !ledger_is_held(v, now))
			continue;
		for (size_t k = 0; k < n_hosts; k++) {
			if (ledger_covers(v, hosts[k]))
				continue;
			if (n < max)
				out[n] = (struct ledger_loss){ v, hosts[k],
					ledger_horizon(v, now) };
			n++;
		}
	}
	return n;
}

bool
ledger_is_flapping(const struct ledger *l, struct wall_time now)
{
	return l->flips[0].s > 0 && now.s - l->flips[0].s < LEDGER_DAY_S;
}

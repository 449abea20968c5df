/* The step: what one round saw, entered into the ledger. */
#include "core/ledger.h"

/* clang-format off */
const char *const ledger_event_names[] = {
	[LEDGER_NEW_VERSION]		= "new-version",
	[LEDGER_VERSION_BACK]		= "version-back",
	[LEDGER_NEW_ID]			= "new-id",
	[LEDGER_ID_BACK]		= "id-back",
	[LEDGER_ID_REUSED]		= "id-reused",
	[LEDGER_ID_ALONE]		= "id-alone",
	[LEDGER_FILE_ALONE]		= "file-alone",
	[LEDGER_MODE_UP]		= "mode-up",
	[LEDGER_MODE_DOWN]		= "mode-down",
	[LEDGER_MAX_AGE_SHRUNK]		= "max-age-shrunk",
	[LEDGER_PATTERN_REMOVED]	= "pattern-removed",
	[LEDGER_RECORD_GONE]		= "record-gone",
	[LEDGER_RECORD_BROKEN]		= "record-broken",
	[LEDGER_RECORD_BACK]		= "record-back",
	[LEDGER_FILE_GONE]		= "file-gone",
	[LEDGER_FILE_BROKEN]		= "file-broken",
	[LEDGER_FILE_BACK]		= "file-back",
	[LEDGER_MX_CHANGED]		= "mx-changed",
	[LEDGER_CNAME_GONE]		= "cname-gone",
	[LEDGER_FLAP]			= "flap",
	NULL
};
/* clang-format on */

/* An observation with its place in the ledger found, and room made for what is
 * new, so that nothing can fail after that. */
struct entry {
	const struct observation *o;
	struct ledger_change *out;
	size_t version, id; /* indices; n if new */
	struct ledger_version new_version;
	struct ledger_id new_id;
	bool mx_changed;
	struct ledger_mx_set new_mx;
};

static void
note(struct entry *e, enum ledger_event what)
{
	e->out->events |= 1u << what;
}

static struct span *
copy_spans(struct arena *a, const struct span *from, size_t n)
{
	struct span *to = arena_array(a, n > 0 ? n : 1, sizeof *to);

	for (size_t i = 0; to != NULL && i < n; i++)
		to[i] = arena_span(a, from[i]);
	return to;
}

static void
prepare_version(struct ledger *l, struct entry *e, struct arena *a)
{
	const struct observation *o = e->o;
	struct ledger_version *all;

	for (e->version = 0; e->version < l->n_versions; e->version++)
		if (span_eq(l->versions[e->version].body, o->body))
			return;
	all = arena_grow(
	    a, l->versions, l->n_versions, &l->versions_cap, sizeof *all);
	if (all == NULL)
		return;
	l->versions = all;
	e->new_version = (struct ledger_version){
		.seq = l->last_seq + 1,
		.body = arena_span(a, o->body),
		.mode = o->mode,
		.max_age = o->max_age,
		.mx = copy_spans(a, o->mx_patterns, o->n_mx_patterns),
		.n_mx = o->n_mx_patterns,
		.first_seen = o->at,
	};
}

static void
prepare_id(struct ledger *l, struct entry *e, struct arena *a)
{
	struct ledger_id *all;

	for (e->id = 0; e->id < l->n_ids; e->id++)
		if (span_eq(l->ids[e->id].id, e->o->id))
			return;
	all = arena_grow(a, l->ids, l->n_ids, &l->ids_cap, sizeof *all);
	if (all == NULL)
		return;
	l->ids = all;
	e->new_id = (struct ledger_id){ .id = arena_span(a, e->o->id),
		.first_seen = e->o->at,
		.since = e->o->at };
}

static bool
is_same_set(const struct ledger_mx_set *set, const struct observation *o)
{
	return span_set_eq(
	    o->mx_hosts, o->n_mx_hosts, set->hosts, set->n_hosts);
}

static void
prepare_mx(struct ledger *l, struct entry *e, struct arena *a)
{
	const struct observation *o = e->o;
	struct ledger_mx_set *all;

	if (l->n_mx_sets > 0 && is_same_set(&l->mx_sets[l->n_mx_sets - 1], o))
		return;
	e->mx_changed = true;
	all = arena_grow(
	    a, l->mx_sets, l->n_mx_sets, &l->mx_sets_cap, sizeof *all);
	if (all == NULL)
		return;
	l->mx_sets = all;
	e->new_mx = (struct ledger_mx_set){
		.hosts = copy_spans(a, o->mx_hosts, o->n_mx_hosts),
		.n_hosts = o->n_mx_hosts,
		.first_seen = o->at,
	};
}

/* Returns whether it was present before and is not now. */
static bool
see_presence(struct ledger_presence *p, enum sight s, struct wall_time at)
{
	bool gone = p->sight == SIGHT_PRESENT && s != SIGHT_PRESENT;

	if (s == SIGHT_UNKNOWN)
		return false;
	if (p->sight != s)
		p->since = at;
	p->sight = s;
	p->seen_at = at;
	p->was_present |= s == SIGHT_PRESENT;
	return gone;
}

/* SERVED, NAMED -> FADING when neither is left. */
static void
set_flag(struct ledger_version *v, bool *flag, bool on, struct wall_time at)
{
	bool was = v->served || v->named;

	*flag = on;
	if (was && !v->served && !v->named)
		v->renewed = at;
}

static void
compare_versions(struct entry *e, const struct ledger_version *before,
    const struct ledger_version *v)
{
	if (v->mode > before->mode)
		note(e, LEDGER_MODE_UP);
	if (v->mode < before->mode)
		note(e, LEDGER_MODE_DOWN);
	if (v->mode == STS_MODE_NONE)
		return; /* no hosts and a short life: as it should be */
	if (v->max_age < before->max_age)
		note(e, LEDGER_MAX_AGE_SHRUNK);
	for (size_t i = 0; i < before->n_mx; i++)
		if (!span_in(before->mx[i], v->mx, v->n_mx)) {
			note(e, LEDGER_PATTERN_REMOVED);
			break;
		}
}

static void
see_mode(struct ledger *l, enum sts_mode mode, struct wall_time at)
{
	if (l->mode == mode)
		return;
	l->mode_before = l->mode;
	l->mode_before_since = l->mode_since;
	l->mode = mode;
	l->mode_since = at;
}

/* A valid policy was served: the version it is, added if it is new. */
static void
see_body(struct ledger *l, struct entry *e)
{
	const struct ledger_version *before = ledger_latest(l);
	bool known = e->version < l->n_versions;
	struct ledger_version *v;

	if (!known) {
		l->versions[l->n_versions++] = e->new_version;
		l->last_seq = e->new_version.seq;
	}
	v = &l->versions[e->version];
	v->last_seen = e->o->at;
	e->out->version_before = l->latest;
	see_mode(l, v->mode, e->o->at);
	if (v->seq == l->latest)
		return;
	note(e, known ? LEDGER_VERSION_BACK : LEDGER_NEW_VERSION);
	if (before != NULL)
		compare_versions(e, before, v);
	l->latest = v->seq;
	l->latest_since = e->o->at;
}

static void
see_file(struct ledger *l, struct entry *e)
{
	const struct observation *o = e->o;
	bool was_gone = l->file.was_present && l->file.sight != SIGHT_PRESENT;

	if (o->file == SIGHT_UNKNOWN)
		return;
	if (see_presence(&l->file, o->file, o->at))
		note(e, o->file == SIGHT_ABSENT ? LEDGER_FILE_GONE
						: LEDGER_FILE_BROKEN);
	if (o->file == SIGHT_PRESENT) {
		if (was_gone)
			note(e, LEDGER_FILE_BACK);
		see_body(l, e);
	}
	for (size_t i = 0; i < l->n_versions; i++) {
		struct ledger_version *v = &l->versions[i];

		set_flag(v, &v->served,
		    o->file == SIGHT_PRESENT && i == e->version, o->at);
	}
}

/* The body that was served under the id in the same look. */
static void
pair(struct ledger_id *id, uint32_t seq)
{
	if (ledger_id_has(id, seq))
		return;
	if (id->back && id->n_versions > 0)
		id->reused = true;
	if (id->n_versions == LEDGER_ID_VERSIONS) {
		memmove(id->versions, id->versions + 1,
		    (LEDGER_ID_VERSIONS - 1) * sizeof id->versions[0]);
		id->n_versions--;
	}
	id->versions[id->n_versions++] = seq;
}

static void
see_id(struct ledger *l, struct entry *e)
{
	bool known = e->id < l->n_ids, changed;
	struct ledger_id *id;

	if (!known)
		l->ids[l->n_ids++] = e->new_id;
	id = &l->ids[e->id];
	changed = !span_eq(id->id, l->latest_id);
	if (changed) {
		note(e, known ? LEDGER_ID_BACK : LEDGER_NEW_ID);
		id->since = e->o->at;
		id->back = known;
		id->reused = false;
		id->away_since = id->last_seen;
	}
	l->latest_id = id->id;
	id->last_seen = e->o->at;
	if (e->o->file != SIGHT_PRESENT)
		return;
	pair(id, l->latest);
	if (changed && id->reused)
		note(e, LEDGER_ID_REUSED);
	if (l->latest == e->out->version_before && changed)
		note(e, LEDGER_ID_ALONE);
	if (l->latest != e->out->version_before && !changed)
		note(e, LEDGER_FILE_ALONE);
}

/* An id that is back renews what may still be held: at some moment since the
 * last look at the record, when it may have returned. */
static void
see_record(struct ledger *l, struct entry *e)
{
	const struct observation *o = e->o;
	struct wall_time last = l->txt.seen_at;
	bool was_gone = l->txt.was_present && l->txt.sight != SIGHT_PRESENT;

	if (o->txt == SIGHT_UNKNOWN)
		return;
	if (see_presence(&l->txt, o->txt, o->at))
		note(e, o->txt == SIGHT_ABSENT ? LEDGER_RECORD_GONE
					       : LEDGER_RECORD_BROKEN);
	if (o->txt == SIGHT_PRESENT) {
		if (was_gone)
			note(e, LEDGER_RECORD_BACK);
		see_id(l, e);
	}
	for (size_t i = 0; i < l->n_versions; i++) {
		struct ledger_version *v = &l->versions[i];

		set_flag(v, &v->named,
		    o->txt == SIGHT_PRESENT &&
			ledger_id_has(&l->ids[e->id], v->seq) &&
			ledger_horizon(v, o->at).s >= last.s,
		    o->at);
	}
}

static void
see_mx(struct ledger *l, struct entry *e)
{
	if (e->o->mx == SIGHT_UNKNOWN)
		return;
	if (e->mx_changed) {
		if (l->n_mx_sets > 0)
			note(e, LEDGER_MX_CHANGED);
		l->mx_sets[l->n_mx_sets++] = e->new_mx;
	}
	l->mx_sets[l->n_mx_sets - 1].last_seen = e->o->at;
	if (l->n_mx_sets > LEDGER_MX_SETS)
		memmove(l->mx_sets, l->mx_sets + 1,
		    --l->n_mx_sets * sizeof *l->mx_sets);
}

static void
see_flips(struct ledger *l, struct entry *e)
{
	if (!ledger_has_event(e->out, LEDGER_ID_BACK) &&
	    !ledger_has_event(e->out, LEDGER_VERSION_BACK))
		return;
	memmove(
	    l->flips, l->flips + 1, (LEDGER_FLIPS - 1) * sizeof l->flips[0]);
	l->flips[LEDGER_FLIPS - 1] = e->o->at;
	if (ledger_is_flapping(l, e->o->at))
		note(e, LEDGER_FLAP);
}

enum err
ledger_step(struct ledger *l, const struct observation *o, struct arena *a,
    struct ledger_change *out)
{
	struct entry e = { .o = o, .out = out };

	*out = (struct ledger_change){ .version_before = l->latest };
	if (l->begun && o->at.s < l->at.s)
		return ERR_OK;
	if (o->file == SIGHT_PRESENT)
		prepare_version(l, &e, a);
	if (o->txt == SIGHT_PRESENT)
		prepare_id(l, &e, a);
	if (o->mx != SIGHT_UNKNOWN)
		prepare_mx(l, &e, a);
	if (a->failed)
		return ERR_MEMORY;

	if (!l->begun) {
		l->begun = true;
		l->began = o->at;
	}
	l->at = o->at;
	see_file(l, &e);
	see_record(l, &e);
	see_mx(l, &e);
	if (see_presence(&l->txt_cname, o->txt_cname, o->at))
		note(&e, LEDGER_CNAME_GONE);
	if (see_presence(&l->host_cname, o->host_cname, o->at))
		note(&e, LEDGER_CNAME_GONE);
	see_flips(l, &e);
	ledger_forget(l, o->at);
	return ERR_OK;
}

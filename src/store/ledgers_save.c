/* What differs between two ledgers, written. */
#include <assert.h>

#include "store/ledger_state.h"
#include "store/ledgers.h"

struct saving {
	int64_t domain;
	const struct ledger *before, *after;
	struct arena *a;
};

static bool
is_same_value(const struct sql_value *a, const struct sql_value *b)
{
	return a->type == b->type && a->i == b->i && span_eq(a->s, b->s);
}

/* Rows are compared as they would be written. */
static bool
is_same_row(const struct sql_value *a, const struct sql_value *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_same_value(&a[i], &b[i]))
			return false;
	return true;
}

/* ---- the state ---- */

static const struct sql_statement put_state = {
	"INSERT INTO ledger (domain, state) VALUES ($1, $2)"
	" ON CONFLICT (domain) DO UPDATE SET state = $2"
};

static struct span
state_text(const struct ledger *l, struct buf *b)
{
	struct ledger_state s = { .ledger = *l };

	for (size_t i = 0; i < l->n_ids && s.latest_id == 0; i++)
		if (span_eq(l->ids[i].id, l->latest_id))
			s.latest_id = (uint32_t)i + 1;
	if (l->n_mx_sets > 0)
		s.mx_seen = l->mx_sets[l->n_mx_sets - 1].last_seen;
	ledger_state_write(&s, b);
	assert(!b->overflow);
	return buf_span(b);
}

static enum err
save_state(struct sql *sql, const struct saving *v, struct error *e)
{
	char mem_before[LEDGER_STATE_MAX], mem_after[LEDGER_STATE_MAX];
	struct buf b = buf_init(mem_before, sizeof mem_before);
	struct buf a = buf_init(mem_after, sizeof mem_after);
	struct sql_value args[] = { sql_int(v->domain),
		sql_text(state_text(v->after, &a)) };

	if (v->before->begun &&
	    span_eq(state_text(v->before, &b), buf_span(&a)))
		return ERR_OK;
	return sql_run(sql, &put_state, args, 2, NULL, e);
}

/* ---- versions, known by their seq ---- */

static const struct sql_statement insert_version = {
	"INSERT INTO policy_version (domain, seq, last_seen, served, named,"
	" renewed_at, body, first_seen) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
};
static const struct sql_statement update_version = {
	"UPDATE policy_version SET last_seen = $3, served = $4, named = $5,"
	" renewed_at = $6 WHERE domain = $1 AND seq = $2"
};
static const struct sql_statement delete_version = {
	"DELETE FROM policy_version WHERE domain = $1 AND seq = $2"
};
enum { VERSION_KEY = 2, VERSION_MOVES = 6, VERSION_ARGS = 8 };

static void
version_row(const struct saving *v, const struct ledger *l, size_t i,
    struct sql_value row[VERSION_ARGS])
{
	const struct ledger_version *ver = &l->versions[i];
	bool is_told = ver->served && ver->last_seen.s == l->file.seen_at.s;

	row[0] = sql_int(v->domain);
	row[1] = sql_int(ver->seq);
	row[2] = sql_time(!is_told, ver->last_seen);
	row[3] = sql_int(ver->served);
	row[4] = sql_int(ver->named);
	row[5] = sql_time(ver->renewed.s != 0, ver->renewed);
	row[6] = sql_blob(ver->body);
	row[7] = sql_int(ver->first_seen.s);
}

static enum err
save_versions(struct sql *sql, const struct saving *v, struct error *e)
{
	const struct ledger *before = v->before, *after = v->after;
	size_t i = 0, k = 0;
	enum err err = ERR_OK;

	while (err == ERR_OK &&
	       (i < before->n_versions || k < after->n_versions)) {
		struct sql_value old[VERSION_ARGS], new[VERSION_ARGS];
		bool had = i < before->n_versions, has = k < after->n_versions;

		if (had)
			version_row(v, before, i, old);
		if (has)
			version_row(v, after, k, new);
		if (had && (!has || old[1].i < new[1].i)) {
			err = sql_run(
			    sql, &delete_version, old, VERSION_KEY, NULL, e);
			i++;
			continue;
		}
		if (!had || old[1].i > new[1].i)
			err = sql_run(
			    sql, &insert_version, new, VERSION_ARGS, NULL, e);
		else if (!is_same_row(old, new, VERSION_MOVES))
			err = sql_run(
			    sql, &update_version, new, VERSION_MOVES, NULL, e);
		i += had && old[1].i == new[1].i;
		k++;
	}
	return err;
}

/* ---- ids, known by themselves, in order of first sight ---- */

static const struct sql_statement insert_id = {
	"INSERT INTO sts_id (domain, seq, id, last_seen, since, away_since,"
	" reused, versions, first_seen)"
	" SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4, $5, $6, $7, $8"
	" FROM sts_id WHERE domain = $1"
};
static const struct sql_statement update_id = {
	"UPDATE sts_id SET last_seen = $3, since = $4, away_since = $5,"
	" reused = $6, versions = $7 WHERE domain = $1 AND id = $2"
};
static const struct sql_statement delete_id = {
	"DELETE FROM sts_id WHERE domain = $1 AND id = $2"
};
enum { ID_KEY = 2, ID_MOVES = 7, ID_ARGS = 8 };

static struct span
versions_text(const struct ledger_id *id, struct buf *b)
{
	for (size_t i = 0; i < id->n_versions; i++)
		buf_printf(b, "%s%u", i > 0 ? " " : "", id->versions[i]);
	assert(!b->overflow);
	return buf_span(b);
}

/* The row of an id, and the memory of its text. */
struct id_row {
	struct sql_value v[ID_ARGS];
	char versions[LEDGER_ID_VERSIONS * 11];
};

static void
id_row(const struct saving *v, const struct ledger *l, size_t i,
    struct id_row *out)
{
	const struct ledger_id *id = &l->ids[i];
	struct buf b = buf_init(out->versions, sizeof out->versions);
	bool is_told = l->txt.sight == SIGHT_PRESENT &&
		       id->last_seen.s == l->txt.seen_at.s &&
		       span_eq(id->id, l->latest_id);

	out->v[0] = sql_int(v->domain);
	out->v[1] = sql_blob(id->id);
	out->v[2] = sql_time(!is_told, id->last_seen);
	out->v[3] = sql_int(id->since.s);
	out->v[4] = sql_time(id->back, id->away_since);
	out->v[5] = sql_int(id->reused);
	out->v[6] = sql_text(versions_text(id, &b));
	out->v[7] = sql_int(id->first_seen.s);
}

/* New ones are behind all that remain; others may have been forgotten. */
static enum err
save_ids(struct sql *sql, const struct saving *v, struct error *e)
{
	const struct ledger *before = v->before, *after = v->after;
	struct id_row old, new;
	size_t k = 0;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < before->n_ids; i++) {
		id_row(v, before, i, &old);
		if (k == after->n_ids ||
		    !span_eq(before->ids[i].id, after->ids[k].id)) {
			err = sql_run(sql, &delete_id, old.v, ID_KEY, NULL, e);
			continue;
		}
		id_row(v, after, k++, &new);
		if (!is_same_row(old.v, new.v, ID_MOVES))
			err =
			    sql_run(sql, &update_id, new.v, ID_MOVES, NULL, e);
	}
	for (; err == ERR_OK && k < after->n_ids; k++) {
		id_row(v, after, k, &new);
		err = sql_run(sql, &insert_id, new.v, ID_ARGS, NULL, e);
	}
	return err;
}

/* ---- sets of MX hosts: some are gone in front, some are new behind ---- */

static const struct sql_statement end_mx_set = {
	"UPDATE mx_set SET last_seen = $2 WHERE domain = $1"
	" AND last_seen IS NULL"
};
static const struct sql_statement insert_mx_set = {
	"INSERT INTO mx_set (domain, seq, hosts, first_seen, last_seen)"
	" SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4"
	" FROM mx_set WHERE domain = $1"
};
/* Numbers have no gaps. */
static const struct sql_statement keep_mx_sets = {
	"DELETE FROM mx_set WHERE domain = $1 AND seq <="
	" (SELECT MAX(seq) FROM mx_set WHERE domain = $1) - $2"
};

static bool
is_same_set(const struct ledger_mx_set *a, const struct ledger_mx_set *b)
{
	if (a->first_seen.s != b->first_seen.s || a->n_hosts != b->n_hosts)
		return false;
	for (size_t i = 0; i < a->n_hosts; i++)
		if (!span_eq(a->hosts[i], b->hosts[i]))
			return false;
	return true;
}

/* How many of the sets before are gone. */
static size_t
sets_gone(const struct ledger *before, const struct ledger *after)
{
	for (size_t gone = 0; gone < before->n_mx_sets; gone++) {
		size_t left = before->n_mx_sets - gone, i = 0;

		while (
		    i < left && i < after->n_mx_sets &&
		    is_same_set(&before->mx_sets[gone + i], &after->mx_sets[i]))
			i++;
		if (i == left)
			return gone;
	}
	return before->n_mx_sets;
}

static struct span
hosts_text(const struct ledger_mx_set *set, struct arena *a)
{
	struct buf b;
	size_t n = 0;

	for (size_t i = 0; i < set->n_hosts; i++)
		n += set->hosts[i].n + 1;
	b = buf_init(arena_alloc(a, n), n);
	if (b.p == NULL)
		return SPAN("");
	for (size_t i = 0; i < set->n_hosts; i++) {
		if (i > 0)
			buf_putc(&b, '\n');
		buf_put(&b, set->hosts[i]);
	}
	return buf_span(&b);
}

static enum err
insert_set(struct sql *sql, const struct saving *v, size_t i, struct error *e)
{
	const struct ledger_mx_set *set = &v->after->mx_sets[i];
	bool is_last = i + 1 == v->after->n_mx_sets;
	struct sql_value args[] = { sql_int(v->domain),
		sql_text(hosts_text(set, v->a)), sql_int(set->first_seen.s),
		sql_time(!is_last, set->last_seen) };

	if (v->a->failed)
		return error_set(e, ERR_MEMORY, "a set of MX hosts");
	return sql_run(sql, &insert_mx_set, args, 4, NULL, e);
}

static enum err
save_mx_sets(struct sql *sql, const struct saving *v, struct error *e)
{
	const struct ledger *before = v->before, *after = v->after;
	size_t gone = sets_gone(before, after);
	size_t kept = before->n_mx_sets - gone;
	struct sql_value args[2] = { sql_int(v->domain) };
	enum err err = ERR_OK;

	if (kept > 0 && kept < after->n_mx_sets) {
		args[1] = sql_int(after->mx_sets[kept - 1].last_seen.s);
		err = sql_run(sql, &end_mx_set, args, 2, NULL, e);
	}
	for (size_t i = kept; err == ERR_OK && i < after->n_mx_sets; i++)
		err = insert_set(sql, v, i, e);
	if (err == ERR_OK && gone > 0) {
		args[1] = sql_int((int64_t)after->n_mx_sets);
		err = sql_run(sql, &keep_mx_sets, args, 2, NULL, e);
	}
	return err;
}

static enum err
run_saving(struct sql *sql, void *arg, struct error *e)
{
	const struct saving *v = arg;
	enum err err = save_state(sql, v, e);

	if (err == ERR_OK)
		err = save_versions(sql, v, e);
	if (err == ERR_OK)
		err = save_ids(sql, v, e);
	return err == ERR_OK ? save_mx_sets(sql, v, e) : err;
}

enum err
ledger_save(struct store *s, int64_t domain, const struct ledger *before,
    const struct ledger *after, struct error *e)
{
	enum { MEMORY = 4 * 1024 * 1024 }; /* names of some sets of hosts */
	struct saving v = { domain, before, after, NULL };
	struct arena a;
	enum err err;

	if (!after->begun)
		return ERR_OK;
	arena_init(&a, MEMORY);
	v.a = &a;
	err = sql_transact(store_sql(s), SQL_WRITE, run_saving, &v, e);
	arena_release(&a);
	return err;
}

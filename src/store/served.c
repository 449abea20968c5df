#include "store/served.h"

#include "store/rows.h"

static const struct sql_statement last_number = {
	"SELECT number FROM change_number"
};

enum err
served_last(struct store *s, uint64_t *out, struct error *e)
{
	struct sql_value row = sql_int(0);
	bool got;
	enum err err;

	err =
	    sql_numbers(store_sql(s), &last_number, NULL, 0, &row, 1, &got, e);
	*out = (uint64_t)row.i;
	return err;
}

/* What take_served reads, in its order; a body may stand behind. */
#define SERVED_COLUMNS "number, label, host, gone, body_number, id"
enum { SERVED_COLUMNS_N = 6 };

static enum err
take_served(void *out, const struct sql_value *row, struct error *e)
{
	(void)e;
	*(struct served *)out = (struct served){
		.number = (uint64_t)row[0].i,
		.label = row[1].s,
		.host = row[2].s,
		.gone = row[3].i != 0,
		.body = SPAN(""),
		.body_number = (uint64_t)row[4].i,
		.id = row[5].s,
	};
	return ERR_OK;
}

static const struct sql_statement list_changes = {
	"SELECT " SERVED_COLUMNS " FROM served WHERE number > $1"
	" ORDER BY number LIMIT $2"
};
static const struct rows_kind changes = { SERVED_COLUMNS_N,
	sizeof(struct served), "a page of changes", take_served };

enum err
served_changes(struct store *s, uint64_t behind, size_t max, struct arena *a,
    struct served **out, size_t *n, struct error *e)
{
	struct sql_value args[] = { sql_int((int64_t)behind),
		sql_int((int64_t)rows_page(max)) };
	void *list;
	enum err err = rows_read(store_sql(s), &changes, &list_changes, args, 2,
	    rows_page(max), a, &list, n, e);

	*out = list;
	return err;
}

static const struct sql_statement get_host = {
	"SELECT " SERVED_COLUMNS ", CASE WHEN body_number = $2 THEN ''"
	" ELSE body END FROM served WHERE host = $1 AND gone = 0"
};

enum err
served_host(struct store *s, struct span host, uint64_t have, struct arena *a,
    struct served *out, bool *found, struct error *e)
{
	struct sql_value args[] = { sql_text(host), sql_int((int64_t)have) };
	struct sql_value row[SERVED_COLUMNS_N + 1];
	enum err err;

	*found = false;
	if (!sql_is_text(host))
		return ERR_OK;
	err = sql_one(store_sql(s), &get_host, args, 2, a, row,
	    SERVED_COLUMNS_N + 1, found, e);
	if (err == ERR_OK && *found)
		err = take_served(out, row, e);
	if (err == ERR_OK && *found)
		out->body = row[SERVED_COLUMNS_N].s;
	return err;
}

static const struct sql_statement get_label = {
	"SELECT " SERVED_COLUMNS " FROM served WHERE label = $1 AND gone = 0"
};
static const struct sql_statement get_next_label = {
	"SELECT " SERVED_COLUMNS " FROM served WHERE label > $1 AND gone = 0"
	" ORDER BY label LIMIT 1"
};

static enum err
find_label(struct store *s, const struct sql_statement *st, struct span label,
    struct arena *a, struct served *out, bool *found, struct error *e)
{
	struct sql_value args[] = { sql_text(label) };
	struct sql_value row[SERVED_COLUMNS_N];
	enum err err = sql_one(
	    store_sql(s), st, args, 1, a, row, SERVED_COLUMNS_N, found, e);

	return err == ERR_OK && *found ? take_served(out, row, e) : err;
}

enum err
served_label(struct store *s, struct span label, struct arena *a,
    struct served *out, bool *found, struct error *e)
{
	return find_label(s, &get_label, label, a, out, found, e);
}

enum err
served_next(struct store *s, struct span after, struct arena *a,
    struct served *out, bool *found, struct error *e)
{
	return find_label(s, &get_next_label, after, a, out, found, e);
}

/* ---- answers to HTTP-01 ---- */

static const struct sql_statement put_challenge = {
	"INSERT INTO challenge (host, token, text, put_at)"
	" VALUES ($1, $2, $3, $4) ON CONFLICT (host, token)"
	" DO UPDATE SET text = excluded.text, put_at = excluded.put_at"
};

struct putting {
	const struct challenge *all;
	size_t n;
	struct wall_time now;
};

static enum err
run_putting(struct sql *sql, void *arg, struct error *e)
{
	const struct putting *p = arg;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < p->n; i++) {
		struct sql_value args[] = { sql_text(p->all[i].host),
			sql_text(p->all[i].token), sql_text(p->all[i].text),
			sql_int(p->now.s) };

		err = sql_run(sql, &put_challenge, args, 4, NULL, e);
	}
	return err;
}

enum err
challenge_put(struct store *s, const struct challenge *all, size_t n,
    struct wall_time now, struct error *e)
{
	struct putting p = { all, n, now };

	return sql_transact(store_sql(s), SQL_WRITE, run_putting, &p, e);
}

static const struct sql_statement get_challenge = {
	"SELECT text FROM challenge WHERE host = $1 AND token = $2"
};

enum err
challenge_find(struct store *s, struct span host, struct span token,
    struct arena *a, struct span *text, bool *found, struct error *e)
{
	struct sql_value args[] = { sql_text(host), sql_text(token) }, row;
	enum err err;

	*found = false;
	if (!sql_is_text(host) || !sql_is_text(token))
		return ERR_OK;
	err = sql_one(
	    store_sql(s), &get_challenge, args, 2, a, &row, 1, found, e);
	if (err == ERR_OK && *found)
		*text = row.s;
	return err;
}

static const struct sql_statement delete_challenges = {
	"DELETE FROM challenge WHERE host = $1"
};
static const struct sql_statement expire_challenges = {
	"DELETE FROM challenge WHERE put_at < $1"
};

enum err
challenge_remove(struct store *s, struct span host, struct error *e)
{
	struct sql_value args[] = { sql_text(host) };

	return sql_change(store_sql(s), &delete_challenges, args, 1, NULL, e);
}

enum err
challenge_expire(struct store *s, struct wall_time before, struct error *e)
{
	struct sql_value args[] = { sql_int(before.s) };

	return sql_change(store_sql(s), &expire_challenges, args, 1, NULL, e);
}

/* ---- edges ---- */

/* Not for a worker that was forgotten: nobody would wait for it. */
static const struct sql_statement put_edge = {
	"INSERT INTO edge (worker, served, seen_at)"
	" SELECT id, $2, $3 FROM worker WHERE id = $1"
	" ON CONFLICT (worker) DO UPDATE"
	" SET served = excluded.served, seen_at = excluded.seen_at"
};

enum err
edge_beat(struct store *s, int64_t worker, uint64_t served,
    struct wall_time now, struct error *e)
{
	struct sql_value args[] = { sql_int(worker), sql_int((int64_t)served),
		sql_int(now.s) };
	int64_t changed = 0;
	enum err err =
	    sql_change(store_sql(s), &put_edge, args, 3, &changed, e);

	if (err == ERR_OK && changed == 0)
		err = error_set(e, ERR_STORE,
		    "worker %lld was forgotten, and is to join anew",
		    (long long)worker);
	return err;
}

static const struct sql_statement count_edges = {
	"SELECT COUNT(*), COALESCE(MIN(served), 0) FROM edge"
	" WHERE seen_at >= $1"
};

enum err
edges_alive(
    struct store *s, struct wall_time since, struct edges *out, struct error *e)
{
	struct sql_value args[] = { sql_int(since.s) }, row[2];
	bool got;
	enum err err;

	err = sql_numbers(store_sql(s), &count_edges, args, 1, row, 2, &got, e);
	if (err == ERR_OK)
		*out = (struct edges){ (size_t)row[0].i, (uint64_t)row[1].i };
	return err;
}

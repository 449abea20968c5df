/* What a step came to, written. */
#include "base/limits.h"
#include "store/change.h"
#include "store/publication_state.h"
#include "store/publications.h"

struct saving {
	int64_t worker;
	const struct publication_claim *claim;
	const struct published *before, *after;
	struct wall_time next, now;
	bool held;

	int64_t number; /* of the change, if edges are to see one */
};

/* ---- what edges see ---- */

static bool
is_other_body(const struct saving *v)
{
	const struct publication *b = &v->before->state, *a = &v->after->state;

	return b->version != a->version || !span_eq(b->body, a->body);
}

static bool
is_other_id(const struct saving *v)
{
	return strcmp(v->before->state.id, v->after->state.id) != 0;
}

static bool
has_ended(const struct saving *v)
{
	return v->before->state.stage != PUBLICATION_ENDED &&
	       v->after->state.stage == PUBLICATION_ENDED;
}

static const struct sql_statement serve_body = {
	"UPDATE served SET number = $2, body_number = $3, body = $4"
	" WHERE label = $1"
};
static const struct sql_statement serve_id = {
	"UPDATE served SET number = $2, id = $3 WHERE label = $1"
};
static const struct sql_statement serve_no_more = {
	"UPDATE served SET number = $2, gone = 1 WHERE label = $1"
};
static const struct sql_statement insert_body = {
	"INSERT INTO published_body (domain, version, at, body)"
	" VALUES ($1, $2, $3, $4)"
};

/* Until now some edge may have gone on with what was there before, though
 * another was to be served: who came to it holds that from now. */
static const struct sql_statement date_bodies = {
	"UPDATE published_body SET at = $2"
	" WHERE domain = $1 AND version > $3 AND version <= $4"
};

static enum err
save_body(struct sql *sql, const struct saving *v, struct error *e)
{
	const struct published *p = v->after;
	struct sql_value args[] = { sql_text(p->label), sql_int(v->number),
		sql_int(p->state.body.n > 0 ? v->number : 0),
		sql_blob(p->state.body) };
	struct sql_value body[] = { sql_int(p->domain),
		sql_int((int64_t)p->state.version), sql_int(v->now.s),
		sql_blob(p->state.body) };
	enum err err = sql_run(sql, &serve_body, args, 4, NULL, e);

	return err == ERR_OK && p->state.body.n > 0
		   ? sql_run(sql, &insert_body, body, 4, NULL, e)
		   : err;
}

static enum err
save_announced(struct sql *sql, const struct saving *v, struct error *e)
{
	const struct publication *b = &v->before->state, *a = &v->after->state;
	struct sql_value args[] = { sql_int(v->after->domain),
		sql_int(v->now.s), sql_int((int64_t)b->id_version),
		sql_int((int64_t)a->id_version) };

	return a->id_version > b->id_version
		   ? sql_run(sql, &date_bodies, args, 4, NULL, e)
		   : ERR_OK;
}

static enum err
save_served(struct sql *sql, const struct saving *v, struct error *e)
{
	struct sql_value args[] = { sql_text(v->after->label),
		sql_int(v->number), sql_text(span_str(v->after->state.id)) };
	enum err err = ERR_OK;

	if (is_other_body(v))
		err = save_body(sql, v, e);
	if (err == ERR_OK && is_other_id(v))
		err = sql_run(sql, &serve_id, args, 3, NULL, e);
	if (err == ERR_OK)
		err = save_announced(sql, v, e);
	if (err == ERR_OK && has_ended(v))
		err = sql_run(sql, &serve_no_more, args, 2, NULL, e);
	return err;
}

/* ---- the publication ---- */

static const struct sql_statement hold_state = {
	"SELECT state FROM publication"
	" WHERE domain = $1 AND claim = $2 AND claimed_by = $3 {LOCKED}"
};

/* The state as it is to be: what the owner said meanwhile stays his. */
static enum err
merge_state(const struct saving *v, struct span stored, struct arena *a,
    struct span *out, struct error *e)
{
	struct publication_state before = publication_state_of(v->before);
	struct publication_state after = publication_state_of(v->after);
	struct publication_state theirs;
	enum err err = publication_state_read(stored, a, &theirs, e);

	if (err == ERR_OK)
		err = publication_state_merge(&before, &theirs, &after, a, e);
	return err == ERR_OK ? publication_state_write(&after, a, out, e) : err;
}

/* The order is its owner's, and is not written here. Due when it is woken is
 * due at no moment. */
static const struct sql_statement finish_claim = {
	"UPDATE publication SET claimed_by = NULL, sight_stepped = 1,"
	" due_at = CASE WHEN woken_at IS NOT NULL AND"
	" (CAST($2 AS {INT}) IS NULL OR woken_at < CAST($2 AS {INT}))"
	" THEN woken_at ELSE CAST($2 AS {INT}) END,"
	" stage = $3, stage_since = $4, change = $5, change_since = $6,"
	" version = $7, id_since = CAST($8 AS {INT}), id_version = $9,"
	" lost_since = CAST($10 AS {INT}), bar = $11, bar_text = $12,"
	" gate_text = $13, gate_since = CAST($14 AS {INT}), state = $15"
	" WHERE domain = $1"
};

static enum err
save_publication(
    struct sql *sql, const struct saving *v, struct span state, struct error *e)
{
	const struct published *p = v->after;
	const struct publication *s = &p->state;
	struct sql_value args[] = { sql_int(p->domain),
		sql_time(v->next.s != 0, v->next),
		sql_text(span_str(publication_stage_names[s->stage])),
		sql_int(s->stage_since.s),
		sql_text(span_str(publication_change_names[s->change])),
		sql_int(s->change_since.s), sql_int((int64_t)s->version),
		sql_time(s->id[0] != '\0', s->id_since),
		sql_int((int64_t)s->id_version),
		sql_time(s->lost, s->lost_since),
		sql_text(span_str(publish_bar_names[p->bar])),
		sql_text(p->bar_text), sql_text(p->gate_text),
		sql_time(p->gate_since.s != 0, p->gate_since),
		sql_text(state) };

	return sql_run(
	    sql, &finish_claim, args, sizeof args / sizeof *args, NULL, e);
}

static enum err
save(struct sql *sql, struct saving *v, struct arena *a, struct error *e)
{
	struct sql_value args[] = { sql_int(v->claim->domain),
		sql_int(v->claim->number), sql_int(v->worker) };
	struct sql_value row;
	struct span state = SPAN("");
	enum err err = ERR_OK;

	if (is_other_body(v) || is_other_id(v) || has_ended(v))
		err = change_next(sql, &v->number, e);
	if (err == ERR_OK)
		err = change_hold(sql, v->claim->domain, &v->held, e);
	if (err == ERR_OK)
		err =
		    sql_one(sql, &hold_state, args, 3, a, &row, 1, &v->held, e);
	if (err != ERR_OK || !v->held)
		return err;
	err = merge_state(v, row.s, a, &state, e);
	if (err == ERR_OK)
		err = save_publication(sql, v, state, e);
	return err == ERR_OK ? save_served(sql, v, e) : err;
}

static enum err
run_saving(struct sql *sql, void *arg, struct error *e)
{
	struct arena a;
	enum err err;

	arena_init(&a, 16 * LIMIT_PUBLICATION_STATE);
	err = save(sql, arg, &a, e);
	arena_release(&a);
	return err;
}

enum err
publication_save(struct store *s, int64_t worker,
    const struct publication_claim *claim, const struct published *before,
    const struct published *after, struct wall_time next, struct wall_time now,
    bool *held, struct error *e)
{
	struct saving v = { .worker = worker,
		.claim = claim,
		.before = before,
		.after = after,
		.next = next,
		.now = now };
	enum err err = sql_transact(store_sql(s), SQL_WRITE, run_saving, &v, e);

	*held = err == ERR_OK && v.held;
	return err;
}

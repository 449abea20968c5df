/* What the owner of a domain says of its publication. */
#include <assert.h>

#include "base/limits.h"
#include "store/change.h"
#include "store/publication_state.h"
#include "store/publications.h"

/* ---- what he wants ---- */

static const struct sql_statement find_domain = {
	"SELECT domain.id, publication.label, stage, publication.mode,"
	" publication.max_age, follow,"
	" overlap, is_leaving, override_by FROM domain"
	" LEFT JOIN publication ON publication.domain = domain.id"
	" WHERE domain.name = $1"
};
enum { FIND_COLUMNS = 9, ORDER_AT = 3, ORDER_COLUMNS = 6 };

static const struct sql_statement insert_served = {
	"INSERT INTO served (label, host, number, body)"
	" VALUES ($1, 'mta-sts.' || $2, $3, $4)"
};
/* $1 is the domain, $2 to $9 what he wants. */
static const struct sql_statement update_order = {
	"UPDATE publication SET mode = $2, max_age = $3, follow = $4,"
	" overlap = $5, is_leaving = $6, override_by = $7,"
	" override_at = CAST($8 AS {INT}), asked_at = $9 WHERE domain = $1"
};
/* In place of one that has ended; who still has that, has lost it. */
static const struct sql_statement put_publication = {
	"INSERT INTO publication (domain, mode, max_age, follow, overlap,"
	" is_leaving, override_by, override_at, asked_at, name, label, stage,"
	" stage_since, change, change_since, due_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, CAST($8 AS {INT}), $9, $10, $11,"
	" 'awaited', $12, 'rest', $12, $12)"
	" ON CONFLICT (domain) DO UPDATE SET mode = excluded.mode,"
	" max_age = excluded.max_age, follow = excluded.follow,"
	" overlap = excluded.overlap, is_leaving = excluded.is_leaving,"
	" override_by = excluded.override_by,"
	" override_at = excluded.override_at, asked_at = excluded.asked_at,"
	" label = excluded.label, stage = excluded.stage,"
	" stage_since = excluded.stage_since, change = excluded.change,"
	" change_since = excluded.change_since, version = 0, id_since = NULL,"
	" id_version = 0, lost_since = NULL, bar = 'free', bar_text = '',"
	" gate_text = '', gate_since = NULL, state = '', sight = '',"
	" sight_stepped = 0,"
	" due_at = excluded.due_at, woken_at = NULL, claimed_by = NULL,"
	" claim = publication.claim + 1"
};
static const struct sql_statement delete_bodies = {
	"DELETE FROM published_body WHERE domain = $1"
};

struct asking {
	struct store *s;
	struct span name, label;
	const struct publish_order *order;
	struct wall_time now;
	enum publication_asked asked;
};

enum { ORDER_ARGS = 9 };

static void
put_order(const struct asking *k, int64_t domain, struct sql_value *args)
{
	const struct publish_order *o = k->order;

	args[0] = sql_int(domain);
	args[1] = sql_text(span_str(sts_mode_names[o->mode]));
	args[2] = sql_int(o->max_age);
	args[3] = sql_text(span_str(mx_follow_mode_names[o->follow]));
	args[4] = sql_int(o->overlap_s);
	args[5] = sql_int(o->leave);
	args[6] = sql_text(o->override_by);
	args[7] = sql_time(o->override_at.s != 0, o->override_at);
	args[8] = sql_int(o->asked_at.s);
}

/* But for the moments when it was said. */
static bool
is_same_order(const struct sql_value *row, const struct sql_value *args)
{
	for (size_t i = 0; i < ORDER_COLUMNS; i++)
		if (row[ORDER_AT + i].i != args[1 + i].i ||
		    !span_eq(row[ORDER_AT + i].s, args[1 + i].s))
			return false;
	return true;
}

static enum err
begin_publication(struct sql *sql, const struct asking *k, int64_t number,
    const struct sql_value *order, struct error *e)
{
	struct sql_value args[12];
	struct sql_value served[] = { sql_text(k->label), sql_text(k->name),
		sql_int(number), sql_blob(SPAN("")) };
	enum err err;

	assert(k->label.n == PUBLISHED_LABEL_OCTETS);
	memcpy(args, order, ORDER_ARGS * sizeof *args);
	args[9] = sql_text(k->name);
	args[10] = sql_text(k->label);
	args[11] = sql_int(k->now.s);
	err = sql_run(sql, &insert_served, served, 4, NULL, e);
	if (err == ERR_OK)
		err = sql_run(sql, &put_publication, args, 12, NULL, e);
	return err == ERR_OK ? sql_run(sql, &delete_bodies, args, 1, NULL, e)
			     : err;
}

static enum err
find(struct sql *sql, const struct asking *k, struct arena *a,
    struct sql_value *row, bool *found, struct error *e)
{
	struct sql_value args[] = { sql_text(k->name) };

	return sql_one(
	    sql, &find_domain, args, 1, a, row, FIND_COLUMNS, found, e);
}

/* There is none, or none any more. */
static bool
is_new(const struct sql_value *row)
{
	return row[1].type == SQL_NULL || span_eq(row[2].s, SPAN("ended"));
}

/* Looked at once to know whether a number is needed, since that comes first,
 * and a second time when the domain is ours. */
static enum err
ask(struct sql *sql, struct asking *k, struct arena *a, struct error *e)
{
	struct sql_value row[FIND_COLUMNS], order[ORDER_ARGS];
	int64_t number = 0;
	bool found;
	enum err err = find(sql, k, a, row, &found, e);

	k->asked = PUBLICATION_NO_DOMAIN;
	if (err == ERR_OK && found && is_new(row))
		err = change_next(sql, &number, e);
	if (err == ERR_OK && found)
		err = change_hold(sql, row[0].i, &found, e);
	if (err == ERR_OK && found)
		err = find(sql, k, a, row, &found, e);
	if (err != ERR_OK || !found)
		return err;
	put_order(k, row[0].i, order);
	if (is_new(row) && number == 0)
		return error_set(e, ERR_STORE_BUSY,
		    "the publication ended while it was asked for");
	if (is_new(row)) {
		k->asked = PUBLICATION_NEW;
		return begin_publication(sql, k, number, order, e);
	}
	if (is_same_order(row, order)) {
		k->asked = PUBLICATION_SAME;
		return ERR_OK;
	}
	k->asked = PUBLICATION_CHANGED;
	err = sql_run(sql, &update_order, order, ORDER_ARGS, NULL, e);
	return err == ERR_OK ? publication_wake(k->s, row[0].i, k->now, e)
			     : err;
}

static enum err
run_asking(struct sql *sql, void *arg, struct error *e)
{
	struct arena a;
	enum err err;

	arena_init(&a, 64 * 1024);
	err = ask(sql, arg, &a, e);
	arena_release(&a);
	return err;
}

enum err
publication_ask(struct store *s, struct span name,
    const struct publish_order *order, struct span label, struct wall_time now,
    enum publication_asked *out, struct error *e)
{
	struct asking k = { s, name, label, order, now, PUBLICATION_NO_DOMAIN };
	enum err err = sql_transact(store_sql(s), SQL_WRITE, run_asking, &k, e);

	*out = k.asked;
	return err;
}

/* ---- his word on one thing ---- */

static const struct sql_statement hold_state = {
	"SELECT domain, state FROM publication"
	" WHERE name = $1 AND stage <> 'ended' {LOCKED}"
};
static const struct sql_statement update_state = {
	"UPDATE publication SET state = $2 WHERE domain = $1"
};

struct saying {
	struct store *s;
	struct span name;
	const struct span *hosts;
	size_t n;
	struct wall_time now;
	/* False: it has nothing to do with what there is. */
	bool (*say)(const struct saying *y, struct publication_state *p,
	    struct arena *a);
	bool found;
};

static enum err
say(struct sql *sql, struct saying *y, struct arena *a, struct error *e)
{
	struct sql_value row[2], name[] = { sql_text(y->name) };
	struct publication_state state;
	struct span text;
	enum err err =
	    sql_one(sql, &hold_state, name, 1, a, row, 2, &y->found, e);

	if (err != ERR_OK || !y->found)
		return err;
	err = publication_state_read(row[1].s, a, &state, e);
	if (err != ERR_OK)
		return err;
	y->found = y->say(y, &state, a);
	if (a->failed)
		return error_set(e, ERR_MEMORY, "the state of a publication");
	if (!y->found)
		return ERR_OK;
	err = publication_state_write(&state, a, &text, e);
	if (err != ERR_OK)
		return err;
	row[1] = sql_text(text);
	err = sql_run(sql, &update_state, row, 2, NULL, e);
	return err == ERR_OK ? publication_wake(y->s, row[0].i, y->now, e)
			     : err;
}

static enum err
run_saying(struct sql *sql, void *arg, struct error *e)
{
	struct arena a;
	enum err err;

	arena_init(&a, 8 * LIMIT_PUBLICATION_STATE);
	err = say(sql, arg, &a, e);
	arena_release(&a);
	return err;
}

static enum err
say_it(struct store *s, struct saying y, bool *found, struct error *e)
{
	enum err err;

	y.s = s;
	err = sql_transact(store_sql(s), SQL_WRITE, run_saying, &y, e);
	*found = err == ERR_OK && y.found;
	return err;
}

static bool
say_approved(
    const struct saying *y, struct publication_state *p, struct arena *a)
{
	return mx_follow_approve(&p->follow, y->hosts, y->n, y->now, a);
}

enum err
publication_approve(struct store *s, struct span name, const struct span *hosts,
    size_t n, struct wall_time now, bool *found, struct error *e)
{
	struct saying y = { .name = name,
		.hosts = hosts,
		.n = n,
		.now = now,
		.say = say_approved };

	return say_it(s, y, found, e);
}

static bool
say_replace(
    const struct saying *y, struct publication_state *p, struct arena *a)
{
	(void)y;
	(void)a;
	p->may_replace = true;
	return true;
}

enum err
publication_replace(struct store *s, struct span name, struct wall_time now,
    bool *found, struct error *e)
{
	struct saying y = { .name = name, .now = now, .say = say_replace };

	return say_it(s, y, found, e);
}

static bool
say_move(const struct saying *y, struct publication_state *p, struct arena *a)
{
	struct span *to = arena_array(a, y->n + 1, sizeof *to);

	if (to == NULL)
		return false;
	for (size_t i = 0; i < y->n; i++)
		to[i] = y->hosts[i];
	return publish_move_set(&p->move, &p->follow, to, y->n, y->now, a);
}

enum err
publication_move(struct store *s, struct span name, const struct span *hosts,
    size_t n, struct wall_time now, bool *found, struct error *e)
{
	struct saying y = { .name = name,
		.hosts = hosts,
		.n = n,
		.now = now,
		.say = say_move };

	return say_it(s, y, found, e);
}

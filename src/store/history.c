#include "store/history.h"

#include "base/limits.h"

/* Who writes a domain's history holds its row until he is done, so that no two
 * count on from the same event. */
static const struct sql_statement hold_domain = {
	"UPDATE domain SET changed_at = $2 WHERE id = $1"
};

static const struct sql_statement insert_event = {
	"INSERT INTO event (domain, seq, at, kind, text)"
	" SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4"
	" FROM event WHERE domain = $1"
};

static const struct sql_statement forget_events = {
	"DELETE FROM event WHERE domain = $1 AND seq <="
	" (SELECT MAX(seq) FROM event WHERE domain = $1) - $2"
};

static enum err
run_adding(struct sql *sql, void *arg, struct error *e)
{
	const struct sql_value *args = arg;
	enum err err = sql_run(sql, &hold_domain, args, 2, NULL, e);

	if (err == ERR_OK)
		err = sql_run(sql, &insert_event, args, 4, NULL, e);
	if (err == ERR_OK)
		err = sql_run(sql, &forget_events,
		    (struct sql_value[]){ args[0], sql_int(LIMIT_HISTORY) }, 2,
		    NULL, e);
	return err;
}

enum err
history_add(struct store *s, int64_t domain, struct wall_time at,
    struct span kind, struct span text, struct error *e)
{
	struct sql_value args[] = { sql_int(domain), sql_int(at.s),
		sql_text(kind), sql_text(text) };

	return sql_transact(store_sql(s), SQL_WRITE, run_adding, args, e);
}

static const struct sql_statement list_events = {
	"SELECT seq, at, kind, text FROM event WHERE domain = $1 AND seq < $2"
	" ORDER BY seq DESC LIMIT $3"
};
enum { EVENT_COLUMNS = 4 };

struct page {
	struct history_event *list;
	size_t n;
};

static enum err
take_event(void *arg, const struct sql_value *row, struct error *e)
{
	struct page *p = arg;

	(void)e;
	p->list[p->n++] = (struct history_event){
		.seq = row[0].i,
		.at = { row[1].i },
		.kind = row[2].s,
		.text = row[3].s,
	};
	return ERR_OK;
}

enum err
history_list(struct store *s, int64_t domain, int64_t before, size_t max,
    struct arena *a, struct history_event **out, size_t *n, struct error *e)
{
	struct page p = { 0 };
	struct sql_taker to = { a, EVENT_COLUMNS, take_event, &p };
	struct sql_value args[3] = { sql_int(domain),
		sql_int(before > 0 ? before : INT64_MAX) };
	enum err err;

	max = max < LIMIT_STORE_PAGE ? max : LIMIT_STORE_PAGE;
	args[2] = sql_int((int64_t)max);
	p.list = arena_array(a, max, sizeof *p.list);
	if (p.list == NULL)
		return error_set(e, ERR_MEMORY, "a page of history");
	err = sql_each(store_sql(s), &list_events, args, 3, &to, e);
	*out = p.list;
	*n = err == ERR_OK ? p.n : 0;
	return err;
}

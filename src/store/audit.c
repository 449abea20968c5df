#include "store/audit.h"

#include "base/limits.h"
#include "store/rows.h"

static const struct sql_statement insert_entry = {
	"INSERT INTO audit (at, who, came_from, what, target)"
	" VALUES ($1, $2, $3, $4, $5) RETURNING id"
};
static const struct sql_statement forget_known = {
	"DELETE FROM audit WHERE who <> '' AND id <= (SELECT id FROM audit"
	" WHERE who <> '' ORDER BY id DESC LIMIT 1 OFFSET $1)"
};
static const struct sql_statement forget_strangers = {
	"DELETE FROM audit WHERE who = '' AND id <= (SELECT id FROM audit"
	" WHERE who = '' ORDER BY id DESC LIMIT 1 OFFSET $1)"
};

enum { FORGET_EVERY = 1000 }; /* it takes a walk along all of them */

static enum err
run_putting(struct sql *sql, void *arg, struct error *e)
{
	const struct sql_value known = sql_int(LIMIT_AUDIT),
			       strangers = sql_int(LIMIT_AUDIT_STRANGERS);
	struct sql_value id;
	bool got;
	enum err err = sql_numbers(sql, &insert_entry, arg, 5, &id, 1, &got, e);

	if (err != ERR_OK || id.i % FORGET_EVERY != 0)
		return err;
	err = sql_run(sql, &forget_known, &known, 1, NULL, e);
	return err == ERR_OK
		   ? sql_run(sql, &forget_strangers, &strangers, 1, NULL, e)
		   : err;
}

enum err
audit_put(struct store *s, const struct audit_entry *entry, struct error *e)
{
	struct sql_value args[] = { sql_int(entry->at.s), sql_text(entry->who),
		sql_text(entry->from), sql_text(entry->what),
		sql_text(entry->target) };

	return sql_transact(store_sql(s), SQL_WRITE, run_putting, args, e);
}

static const struct sql_statement list_entries = {
	"SELECT id, at, who, came_from, what, target FROM audit WHERE id < $1"
	" ORDER BY id DESC LIMIT $2"
};
enum { ENTRY_COLUMNS = 6 };

static enum err
take_entry(void *out, const struct sql_value *row, struct error *e)
{
	(void)e;
	*(struct audit_entry *)out = (struct audit_entry){
		.id = row[0].i,
		.at = { row[1].i },
		.who = row[2].s,
		.from = row[3].s,
		.what = row[4].s,
		.target = row[5].s,
	};
	return ERR_OK;
}

enum err
audit_list(struct store *s, int64_t before, size_t max, struct arena *a,
    struct audit_entry **out, size_t *n, struct error *e)
{
	static const struct rows_kind kind = { ENTRY_COLUMNS,
		sizeof(struct audit_entry), "a page of the audit log",
		take_entry };
	size_t rows = rows_page(max);
	struct sql_value args[] = { sql_int(before > 0 ? before : INT64_MAX),
		sql_int((int64_t)rows) };
	void *list = NULL;
	enum err err = rows_read(
	    store_sql(s), &kind, &list_entries, args, 2, rows, a, &list, n, e);

	*out = list;
	return err;
}

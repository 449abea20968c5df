#include "store/migrate.h"

#include "base/escape.h"

static const struct sql_statement has_table_sqlite = {
	"SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'"
};
static const struct sql_statement has_table_postgres = {
	"SELECT 1 FROM pg_tables WHERE tablename = 'schema_version'"
	" AND schemaname = ANY (current_schemas(false))"
};
static const struct sql_statement newest = {
	"SELECT COALESCE(MAX(number), 0),"
	" COALESCE(MAX(CASE WHEN number = 1 THEN name END), '')"
	" FROM schema_version"
};
static const struct sql_statement record = {
	"INSERT INTO schema_version (number, name, applied_at)"
	" VALUES ($1, $2, $3)"
};

/* When each migration was made here; also the store's version. */
static const char make_table[] =
    "CREATE TABLE schema_version (number {INT} PRIMARY KEY,"
    " name TEXT NOT NULL, applied_at {INT} NOT NULL){STRICT}";

static enum err
has_table(struct sql *sql, bool *out, struct error *e)
{
	struct sql_value row;

	return sql_numbers(sql,
	    sql->driver == &sql_sqlite ? &has_table_sqlite
				       : &has_table_postgres,
	    NULL, 0, &row, 1, out, e);
}

enum err
migrate_version(
    struct sql *sql, const struct schema *schema, int64_t *out, struct error *e)
{
	char mem[512];
	struct arena a;
	struct sql_value row[2];
	bool got;
	enum err err = has_table(sql, &got, e);

	*out = 0;
	if (err != ERR_OK || !got)
		return err;
	arena_init_fixed(&a, mem, sizeof mem);
	err = sql_one(sql, &newest, NULL, 0, &a, row, 2, &got, e);
	if (err != ERR_OK)
		return err;
	if (row[0].i > 0 &&
	    !span_eq(row[1].s, span_str(schema->migrations[0].name)))
		return error_set(e, ERR_STORE_VERSION,
		    "this is a store of another kind ('%s'): is its URL right?",
		    escape_str(&a, row[1].s, 60));
	*out = row[0].i;
	return ERR_OK;
}

struct plan {
	const struct schema *schema;
	unsigned to;
	struct wall_time now;
};

static enum err
apply(struct sql *sql, const struct plan *p, unsigned number, struct error *e)
{
	const struct migration *m = &p->schema->migrations[number - 1];
	const struct sql_value args[] = { sql_int(number),
		sql_text(span_str(m->name)), sql_int(p->now.s) };
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && m->statements[i] != NULL; i++)
		err = sql_exec(sql, m->statements[i], e);
	if (err == ERR_OK)
		err = sql_run(sql, &record, args, 3, NULL, e);
	return err;
}

/* All that are missing in one transaction: a store is of one version or of
 * another, never between. */
static enum err
apply_all(struct sql *sql, void *arg, struct error *e)
{
	const struct plan *p = arg;
	int64_t version;
	bool made;
	enum err err = has_table(sql, &made, e);

	if (err == ERR_OK && !made)
		err = sql_exec(sql, make_table, e);
	if (err == ERR_OK)
		err = migrate_version(sql, p->schema, &version, e);
	if (err != ERR_OK)
		return err;
	if (version > p->to)
		return error_set(e, ERR_STORE_VERSION,
		    "the store has version %lld and this program knows up to "
		    "%u: a newer mtasts made it",
		    (long long)version, p->to);
	while (err == ERR_OK && version < p->to)
		err = apply(sql, p, (unsigned)++version, e);
	return err;
}

enum err
migrate_to(struct sql *sql, const struct schema *schema, unsigned to,
    struct wall_time now, struct error *e)
{
	struct plan p = { schema, to, now };

	return sql_transact(sql, SQL_SCHEMA, apply_all, &p, e);
}

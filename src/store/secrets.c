#include "store/secrets.h"

#include <stdlib.h>

#include "store/migrate.h"
#include "store/rows.h"

struct secrets {
	struct sql *sql;
};

static const char *const names_and_bytes[] = {
	"CREATE TABLE secret ("
	" name {NAME} PRIMARY KEY,"
	" sealed {BLOB} NOT NULL,"
	" put_at {INT} NOT NULL){STRICT}",
	NULL,
};
static const struct migration migrations[] = { { "secrets", names_and_bytes } };

const struct schema schema_secrets = { migrations,
	sizeof migrations / sizeof migrations[0] };

/* On SQLite what is removed is overwritten; PostgreSQL has no such thing. Who
 * may only read, may read what is there. */
static enum err
set_up(struct sql *sql, struct wall_time now, struct error *e)
{
	int64_t version;
	enum err err = ERR_OK;

	if (sql->driver == &sql_sqlite)
		err = sql_exec(sql, "PRAGMA secure_delete = ON", e);
	if (err == ERR_OK)
		err = migrate_version(sql, &schema_secrets, &version, e);
	if (err == ERR_OK && version != schema_secrets.version)
		err = migrate_to(
		    sql, &schema_secrets, schema_secrets.version, now, e);
	return err;
}

enum err
secrets_open(const char *url, struct wall_time now, struct secrets **out,
    struct error *e)
{
	const char *where;
	const struct sql_driver *driver = sql_driver_of(url, &where);
	struct secrets *s = calloc(1, sizeof *s);
	enum err err;

	if (s == NULL)
		return error_set(e, ERR_MEMORY, "opening the store of secrets");
	err = sql_open(driver, where, true, &s->sql, e);
	if (err == ERR_OK)
		err = set_up(s->sql, now, e);
	if (err != ERR_OK) {
		secrets_free(s);
		return err;
	}
	*out = s;
	return ERR_OK;
}

void
secrets_free(struct secrets *s)
{
	if (s == NULL)
		return;
	sql_close(s->sql);
	free(s);
}

static const struct sql_statement put_secret = {
	"INSERT INTO secret (name, sealed, put_at) VALUES ($1, $2, $3)"
	" ON CONFLICT (name) DO UPDATE"
	" SET sealed = excluded.sealed, put_at = excluded.put_at"
};

enum err
secret_put(struct secrets *s, struct span name, struct span sealed,
    struct wall_time now, struct error *e)
{
	struct sql_value args[] = { sql_text(name), sql_blob(sealed),
		sql_int(now.s) };

	return sql_change(s->sql, &put_secret, args, 3, NULL, e);
}

static const struct sql_statement get_secret = {
	"SELECT sealed FROM secret WHERE name = $1"
};

enum err
secret_get(struct secrets *s, struct span name, struct arena *a,
    struct span *sealed, bool *found, struct error *e)
{
	struct sql_value args[] = { sql_text(name) }, row;
	enum err err =
	    sql_one(s->sql, &get_secret, args, 1, a, &row, 1, found, e);

	if (err == ERR_OK && *found)
		*sealed = row.s;
	return err;
}

static const struct sql_statement delete_secret = {
	"DELETE FROM secret WHERE name = $1"
};

enum err
secret_remove(struct secrets *s, struct span name, struct error *e)
{
	struct sql_value args[] = { sql_text(name) };

	return sql_change(s->sql, &delete_secret, args, 1, NULL, e);
}

/* One bound on each side, since an index uses no more: 0x7f is behind all that
 * a name has. */
static const struct sql_statement list_names = {
	"SELECT name FROM secret WHERE name >= $1 AND name < $2 AND name <> $3"
	" ORDER BY name LIMIT $4"
};

static enum err
take_name(void *out, const struct sql_value *row, struct error *e)
{
	(void)e;
	*(struct span *)out = row[0].s;
	return ERR_OK;
}

static const struct rows_kind names = { 1, sizeof(struct span),
	"names of secrets", take_name };

enum err
secret_names(struct secrets *s, struct span prefix, struct span after,
    size_t max, struct arena *a, struct span **out, size_t *n, struct error *e)
{
	struct span to = arena_printf(
	    a, "%.*s\x7f", (int)prefix.n, prefix.n > 0 ? prefix.p : "");
	struct sql_value args[] = {
		sql_text(span_cmp(after, prefix) > 0 ? after : prefix),
		sql_text(to), sql_text(after), sql_int((int64_t)rows_page(max))
	};
	void *list;
	enum err err = rows_read(s->sql, &names, &list_names, args, 4,
	    rows_page(max), a, &list, n, e);

	*out = list;
	return err;
}

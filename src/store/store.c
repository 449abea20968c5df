#include "store/store.h"

#include <stdlib.h>

#include "store/migrate.h"

struct store {
	struct sql *sql;
};

static enum err
settle_version(struct sql *sql, enum store_mode mode, struct wall_time now,
    struct error *e)
{
	int64_t version;
	enum err err = migrate_version(sql, &schema_main, &version, e);

	if (err != ERR_OK || mode == STORE_LOOK ||
	    version == schema_main.version)
		return err;
	if (mode == STORE_USE && version > 0 && version < schema_main.version)
		return error_set(e, ERR_STORE_VERSION,
		    "the store has version %lld and this program needs %u: "
		    "run 'mtasts db migrate'",
		    (long long)version, schema_main.version);
	return migrate_to(sql, &schema_main, schema_main.version, now, e);
}

enum err
store_open(const char *url, enum store_mode mode, struct wall_time now,
    struct store **out, struct error *e)
{
	const char *where;
	const struct sql_driver *driver = sql_driver_of(url, &where);
	struct store *s = calloc(1, sizeof *s);
	enum err err;

	if (s == NULL)
		return error_set(e, ERR_MEMORY, "opening the store");
	err = sql_open(driver, where, mode != STORE_LOOK, &s->sql, e);
	if (err == ERR_OK)
		err = settle_version(s->sql, mode, now, e);
	if (err != ERR_OK) {
		store_free(s);
		return err;
	}
	*out = s;
	return ERR_OK;
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	sql_close(s->sql);
	free(s);
}

struct sql *
store_sql(struct store *s)
{
	return s->sql;
}

struct call {
	struct store *s;
	enum err (*body)(struct store *s, void *arg, struct error *e);
	void *arg;
};

static enum err
run_call(struct sql *sql, void *arg, struct error *e)
{
	const struct call *c = arg;

	(void)sql;
	return c->body(c->s, c->arg, e);
}

enum err
store_transact(struct store *s,
    enum err (*body)(struct store *s, void *arg, struct error *e), void *arg,
    struct error *e)
{
	struct call c = { s, body, arg };

	return sql_transact(s->sql, SQL_WRITE, run_call, &c, e);
}

enum err
store_backup(struct store *s, const char *to, struct error *e)
{
	return s->sql->driver->backup(s->sql, to, e);
}

bool
store_has_failed(enum err rc)
{
	return rc == ERR_STORE || rc == ERR_STORE_BUSY ||
	       rc == ERR_STORE_FULL || rc == ERR_UNCERTAIN;
}

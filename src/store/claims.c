#include "store/claims.h"

#include "base/limits.h"

struct claiming {
	const struct claim_kind *kind;
	struct sql_value args[4];
	size_t max;
	struct arena *a;
	void *list;
	size_t n;
};

static enum err
run_claiming(struct sql *sql, void *arg, struct error *e)
{
	struct claiming *c = arg;

	return rows_read(sql, &c->kind->rows, &c->kind->due, c->args, 4, c->max,
	    c->a, &c->list, &c->n, e);
}

enum err
claims_take(struct store *s, const struct claim_kind *kind, int64_t worker,
    struct wall_time now, struct wall_time until, size_t max, struct arena *a,
    void **out, size_t *n, struct error *e)
{
	struct claiming c = { .kind = kind, .a = a };
	enum err err;

	c.max = max < LIMIT_STORE_CLAIM ? max : LIMIT_STORE_CLAIM;
	c.args[0] = sql_int(now.s);
	c.args[1] = sql_int((int64_t)c.max);
	c.args[2] = sql_int(until.s);
	c.args[3] = sql_int(worker);
	err = sql_transact(store_sql(s), SQL_WRITE, run_claiming, &c, e);
	*out = c.list;
	*n = err == ERR_OK ? c.n : 0;
	return err;
}

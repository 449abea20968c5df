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

struct extending {
	const struct sql_statement *update;
	struct claim_key (*key)(const void *claims, size_t i);
	int64_t worker;
	const void *claims;
	size_t n;
	struct wall_time until;
	size_t held;
};

static enum err
run_extending(struct sql *sql, void *arg, struct error *e)
{
	struct extending *x = arg;
	enum err err = ERR_OK;

	x->held = 0;
	for (size_t i = 0; err == ERR_OK && i < x->n; i++) {
		struct claim_key key = x->key(x->claims, i);
		struct sql_value args[] = { sql_int(key.of),
			sql_int(key.number), sql_int(x->worker),
			sql_int(x->until.s) };
		int64_t changed = 0;

		err = sql_run(sql, x->update, args, 4, &changed, e);
		x->held += changed > 0;
	}
	return err;
}

enum err
claims_extend(struct store *s, const struct sql_statement *update,
    struct claim_key (*key)(const void *claims, size_t i), int64_t worker,
    const void *claims, size_t n, struct wall_time until, size_t *held,
    struct error *e)
{
	struct extending x = { update, key, worker, claims, n, until, 0 };
	enum err err =
	    sql_transact(store_sql(s), SQL_WRITE, run_extending, &x, e);

	*held = x.held;
	return err;
}

enum err
claims_change(struct store *s, const struct sql_statement *st,
    const struct sql_value *args, size_t n, bool *held, struct error *e)
{
	int64_t changed = 0;
	enum err err = sql_change(store_sql(s), st, args, n, &changed, e);

	*held = err == ERR_OK && changed > 0;
	return err;
}

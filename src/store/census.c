#include "store/census.h"

#include "base/limits.h"
#include "store/rows.h"

enum { DAY_S = 86400, CENSUS_COLUMNS = 5 };

#define COUNT                                                                  \
	"deployment, eligibility, verdict, COUNT(*) FROM domain"               \
	" WHERE paused = 0 GROUP BY deployment, eligibility, verdict"

static enum err
take_row(void *out, const struct sql_value *row, struct error *e)
{
	(void)e;
	*(struct census_row *)out = (struct census_row){
		.day = row[0].i,
		.deployment = row[1].s,
		.eligibility = row[2].s,
		.verdict = row[3].s,
		.n = row[4].i,
	};
	return ERR_OK;
}

static const struct rows_kind census_rows = { CENSUS_COLUMNS,
	sizeof(struct census_row), "a census", take_row };

static const struct sql_statement count_now = {
	"SELECT 0, " COUNT " ORDER BY deployment, eligibility, verdict LIMIT $1"
};

enum err
census_now(struct store *s, struct arena *a, struct census_row **out, size_t *n,
    struct error *e)
{
	struct sql_value args[] = { sql_int(LIMIT_STORE_PAGE) };
	void *list = NULL;
	enum err err = rows_read(store_sql(s), &census_rows, &count_now, args,
	    1, LIMIT_STORE_PAGE, a, &list, n, e);

	*out = list;
	return err;
}

static const struct sql_statement count_paused = {
	"SELECT COUNT(*) FROM domain WHERE paused = 1"
};

enum err
census_paused(struct store *s, int64_t *out, struct error *e)
{
	struct sql_value row;
	bool got;
	enum err err =
	    sql_numbers(store_sql(s), &count_paused, NULL, 0, &row, 1, &got, e);

	if (err == ERR_OK)
		*out = row.i;
	return err;
}

/* A row that says the same is not written. */
static const struct sql_statement keep_rows = {
	"INSERT INTO census (day, deployment, eligibility, verdict, n)"
	" SELECT CAST($1 AS {INT}), " COUNT
	" ON CONFLICT (day, deployment, eligibility, verdict)"
	" DO UPDATE SET n = excluded.n WHERE census.n <> excluded.n"
};
static const struct sql_statement drop_rows = {
	"DELETE FROM census WHERE day = $1 AND NOT EXISTS (SELECT 1 FROM domain"
	" WHERE paused = 0 AND domain.deployment = census.deployment"
	" AND domain.eligibility = census.eligibility"
	" AND domain.verdict = census.verdict)"
};
static const struct sql_statement forget_rows = {
	"DELETE FROM census WHERE day <= $1"
};

static enum err
run_keeping(struct sql *sql, void *arg, struct error *e)
{
	const struct sql_value *day = arg;
	struct sql_value old = sql_int(day->i - LIMIT_CENSUS_DAYS);
	enum err err = sql_run(sql, &drop_rows, day, 1, NULL, e);

	if (err == ERR_OK)
		err = sql_run(sql, &keep_rows, day, 1, NULL, e);
	if (err == ERR_OK)
		err = sql_run(sql, &forget_rows, &old, 1, NULL, e);
	return err;
}

enum err
census_keep(struct store *s, struct wall_time now, struct error *e)
{
	struct sql_value day = sql_int(now.s / DAY_S);

	return sql_transact(store_sql(s), SQL_WRITE, run_keeping, &day, e);
}

/* The latest first, so that the oldest are those that are left out. */
static const struct sql_statement list_days = {
	"SELECT day, deployment, eligibility, verdict, n FROM census"
	" WHERE day >= $1 ORDER BY day DESC, deployment DESC,"
	" eligibility DESC, verdict DESC LIMIT $2"
};

enum err
census_days(struct store *s, struct wall_time from, struct arena *a,
    struct census_row **out, size_t *n, struct error *e)
{
	struct sql_value args[] = { sql_int(from.s / DAY_S),
		sql_int(LIMIT_CENSUS_ROWS) };
	void *list = NULL;
	enum err err = rows_read(store_sql(s), &census_rows, &list_days, args,
	    2, LIMIT_CENSUS_ROWS, a, &list, n, e);
	struct census_row *rows = list;

	*out = rows;
	for (size_t i = 0; i < *n / 2; i++) {
		struct census_row row = rows[i];

		rows[i] = rows[*n - 1 - i];
		rows[*n - 1 - i] = row;
	}
	return err;
}

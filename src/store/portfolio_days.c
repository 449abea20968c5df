/* When certificates end. */
#include "base/limits.h"
#include "store/domain_summary.h"
#include "store/portfolio.h"
#include "store/rows.h"

/* Day by day, each two counts along an index, which costs less than to group
 * all that lie between. A domain whose two certificates end on one day counts
 * once. The "+ 0" keeps SQLite from looking for all that are not paused. */
static const struct sql_statement count_days = {
	"WITH RECURSIVE days (day) AS (SELECT CAST($1 AS {INT}) / 86400"
	" UNION ALL SELECT day + 1 FROM days"
	" WHERE day < (CAST($2 AS {INT}) - 1) / 86400),"
	" spans AS (SELECT day,"
	" CASE WHEN day * 86400 < $1 THEN $1 ELSE day * 86400 END AS low,"
	" CASE WHEN (day + 1) * 86400 > $2 THEN $2"
	" ELSE (day + 1) * 86400 END AS high FROM days),"
	" ends AS MATERIALIZED (SELECT day,"
	" (SELECT COUNT(*) FROM domain WHERE policy_cert_until >= low"
	" AND policy_cert_until < high AND paused + 0 = 0)"
	" + (SELECT COUNT(*) FROM domain WHERE mx_cert_until >= low"
	" AND mx_cert_until < high AND paused + 0 = 0"
	" AND NOT (policy_cert_until >= low AND policy_cert_until + 0 < high))"
	" AS n FROM spans)"
	" SELECT day, n FROM ends WHERE n > 0 ORDER BY day"
};

static enum err
take_day(void *out, const struct sql_value *row, struct error *e)
{
	(void)e;
	*(struct portfolio_day *)out =
	    (struct portfolio_day){ row[0].i, row[1].i };
	return ERR_OK;
}

enum err
portfolio_expiries(struct store *s, struct wall_time from, struct wall_time to,
    struct arena *a, struct portfolio_day **out, size_t *n, struct error *e)
{
	static const struct rows_kind kind = { 2, sizeof(struct portfolio_day),
		"the ends of certificates", take_day };
	int64_t last = from.s + (LIMIT_STORE_PAGE - 1) * INT64_C(86400);
	struct sql_value args[] = { sql_int(from.s),
		sql_int(to.s < last ? to.s : last) };
	void *list = NULL;
	enum err err;

	*out = NULL;
	*n = 0;
	if (to.s <= from.s)
		return ERR_OK;
	err = rows_read(store_sql(s), &kind, &count_days, args, 2,
	    LIMIT_STORE_PAGE, a, &list, n, e);

	*out = list;
	return err;
}

static const struct sql_statement count_ends = {
	"SELECT COUNT(*) FROM domain WHERE cert_until >= $1 AND cert_until < $2"
	" AND paused + 0 = 0"
};

enum err
portfolio_ends(struct store *s, const struct wall_time *until, size_t n,
    int64_t *out, struct error *e)
{
	struct sql_value args[2] = { sql_int(INT64_MIN) }, row;
	bool got;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < n; i++) {
		args[1] = sql_int(
		    until[i].s < DOMAIN_NEVER ? until[i].s : DOMAIN_NEVER);
		err = sql_numbers(
		    store_sql(s), &count_ends, args, 2, &row, 1, &got, e);
		if (err == ERR_OK)
			out[i] = row.i;
		args[0] = args[1];
	}
	return err;
}

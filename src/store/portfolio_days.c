/* When certificates end. */
#include "base/limits.h"
#include "store/domain_summary.h"
#include "store/portfolio.h"
#include "store/rows.h"

/* A domain whose two certificates end on one day counts once. The "+ 0" keeps
 * SQLite from looking for all that are not paused instead. */
static const struct sql_statement count_days = {
	"SELECT day, CAST(SUM(n) AS {INT}) FROM ("
	"SELECT policy_cert_until / 86400 AS day, COUNT(*) AS n FROM domain"
	" WHERE policy_cert_until >= $1 AND policy_cert_until < $2 AND paused "
	"= 0"
	" GROUP BY policy_cert_until / 86400"
	" UNION ALL"
	" SELECT mx_cert_until / 86400, COUNT(*) FROM domain"
	" WHERE mx_cert_until >= $1 AND mx_cert_until < $2 AND paused + 0 = 0"
	" AND (mx_cert_until / 86400 <> policy_cert_until / 86400"
	" OR policy_cert_until < $1 OR policy_cert_until >= $2)"
	" GROUP BY mx_cert_until / 86400) AS ends"
	" GROUP BY day ORDER BY day LIMIT $3"
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
	struct sql_value args[] = { sql_int(from.s), sql_int(to.s),
		sql_int(LIMIT_STORE_PAGE) };
	void *list = NULL;
	enum err err = rows_read(store_sql(s), &kind, &count_days, args, 3,
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

#include "store/orders.h"

/* A CA that is not asked any more would stay for as long as others refuse. */
enum { REMEMBERED_S = 7 * 86400 };

/* What was ours is over, or comes again with this outcome. */
static const struct sql_statement forget_old = {
	"DELETE FROM certificate_refusal WHERE host = $1"
	" AND (ca = '' OR at < $2)"
};
static const struct sql_statement put_refusal = {
	"INSERT INTO certificate_refusal (host, ca, at, reason)"
	" VALUES ($1, $2, $3, $4) ON CONFLICT (host, ca)"
	" DO UPDATE SET at = excluded.at, reason = excluded.reason"
};

enum err
refusals_keep(struct sql *sql, struct span host,
    const struct certificate_outcome *out, struct wall_time now,
    struct error *e)
{
	const struct certificate_refusal ours = { SPAN(""), out->problem };
	const struct certificate_refusal *all =
	    out->n_refusals > 0 ? out->refusals : &ours;
	size_t n = out->n_refusals > 0 ? out->n_refusals : 1;
	bool fails = out->problem.n > 0;
	struct sql_value old[] = { sql_text(host),
		sql_int(fails ? now.s - REMEMBERED_S : INT64_MAX) };
	enum err err = sql_run(sql, &forget_old, old, 2, NULL, e);

	for (size_t i = 0; err == ERR_OK && fails && i < n; i++) {
		struct sql_value row[] = { old[0], sql_text(all[i].ca),
			sql_int(now.s), sql_text(all[i].reason) };

		err = sql_run(sql, &put_refusal, row, 4, NULL, e);
	}
	return err;
}

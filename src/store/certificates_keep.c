/* What keeps a certificate's claim, and what keeps its keys. */
#include "store/certificates.h"

#include "store/claims.h"
#include "store/orders.h"

static const struct sql_statement put_off = {
	"UPDATE certificate SET order_text = $4, order_key = $5,"
	" order_ca = $6, order_state = " ORDER_STATE(
	    "$7") ", due_at = $8,"
		  " claimed_by = NULL WHERE host = $1 AND claim = $2 AND "
		  "claimed_by = $3"
};

enum err
certificate_put_off(struct store *s, int64_t worker,
    const struct certificate_order *o, struct wall_time due, bool *held,
    struct error *e)
{
	struct sql_value args[] = { sql_text(o->host), sql_int(o->claim),
		sql_int(worker), sql_text(o->order), sql_text(o->key_name),
		sql_text(o->ca), order_state(o->is_at_ca), sql_int(due.s) };

	return claims_change(s, &put_off, args, 8, held, e);
}

static const struct sql_statement extend_claim = {
	"UPDATE certificate SET due_at = $4"
	" WHERE host = $1 AND claim = $2 AND claimed_by = $3"
};

enum err
certificate_extend(struct store *s, int64_t worker,
    const struct certificate_order *o, struct wall_time until, bool *held,
    struct error *e)
{
	struct sql_value args[] = { sql_text(o->host), sql_int(o->claim),
		sql_int(worker), sql_int(until.s) };
	return claims_change(s, &extend_claim, args, 4, held, e);
}

static const struct sql_statement select_keys = {
	"SELECT key_name, order_key, not_before FROM certificate"
	" WHERE host = $1"
};

enum err
certificate_keys(struct store *s, struct span host, struct arena *a,
    struct certificate_keys *out, bool *found, struct error *e)
{
	struct sql_value arg = sql_text(host), row[3];
	enum err err =
	    sql_one(store_sql(s), &select_keys, &arg, 1, a, row, 3, found, e);

	if (err == ERR_OK && *found)
		*out = (struct certificate_keys){ row[0].s, row[1].s,
			{ row[2].type == SQL_NULL ? 0 : row[2].i } };
	return err;
}

#include "store/certificates.h"

#include "store/change.h"
#include "store/claims.h"
#include "store/orders.h"
#include "store/publications.h"
#include "store/served.h"
#include "store/work.h"

/* ---- what edges read ---- */

static const struct sql_statement get_certificate = {
	"SELECT number, host, CASE WHEN number = $2 THEN '' ELSE chain END,"
	" CASE WHEN number = $2 THEN '' ELSE key_name END"
	" FROM certificate WHERE host = $1 AND number > 0"
};
enum { CERTIFICATE_COLUMNS = 4 };

enum err
certificate_find(struct store *s, struct span host, uint64_t have,
    struct arena *a, struct certificate *out, bool *found, struct error *e)
{
	struct sql_value args[] = { sql_text(host), sql_int((int64_t)have) };
	struct sql_value row[CERTIFICATE_COLUMNS];
	enum err err;

	*found = false;
	if (!sql_is_text(host))
		return ERR_OK;
	err = sql_one(store_sql(s), &get_certificate, args, 2, a, row,
	    CERTIFICATE_COLUMNS, found, e);
	if (err == ERR_OK && *found)
		*out = (struct certificate){ (uint64_t)row[0].i, row[1].s,
			row[2].s, row[3].s };
	return err;
}

static const struct sql_statement list_changes = {
	"SELECT number, host FROM certificate WHERE number > $1"
	" ORDER BY number LIMIT $2"
};

static enum err
take_change(void *out, const struct sql_value *row, struct error *e)
{
	(void)e;
	*(struct certificate *)out = (struct certificate){ (uint64_t)row[0].i,
		row[1].s, SPAN(""), SPAN("") };
	return ERR_OK;
}

static const struct rows_kind changes = { 2, sizeof(struct certificate),
	"a page of certificates", take_change };

enum err
certificate_changes(struct store *s, uint64_t behind, size_t max,
    struct arena *a, struct certificate **out, size_t *n, struct error *e)
{
	struct sql_value args[] = { sql_int((int64_t)behind),
		sql_int((int64_t)rows_page(max)) };
	void *list;
	enum err err = rows_read(store_sql(s), &changes, &list_changes, args, 2,
	    rows_page(max), a, &list, n, e);

	*out = list;
	return err;
}

/* ---- claims ---- */

static enum err
take_order(void *claim, const struct sql_value *row, struct error *e)
{
	struct certificate_order *o = claim;

	(void)e;
	*o = (struct certificate_order){
		.domain = row[0].i,
		.claim = row[1].i,
		.host = row[2].s,
		.wanted = row[3].i != 0,
		.order = row[4].s,
		.key_name = row[5].s,
		.now = { .number = (uint64_t)row[6].i,
		    .host = row[2].s,
		    .chain = row[7].s,
		    .key_name = row[8].s },
		.not_before = { row[9].i },
		.not_after = { row[10].i },
		.issuer = row[11].s,
		.random = (uint32_t)row[12].i,
		.renew_at = { row[13].i },
		.failing_since = { row[14].i },
		.ca = row[15].s,
	};
	return ERR_OK;
}

/* As in work.c. */
static const struct claim_kind certificates = {
	.due = { "WITH due AS MATERIALIZED"
		 " (SELECT host FROM certificate WHERE due_at <= $1"
		 " ORDER BY due_at LIMIT $2 {SKIP_LOCKED})"
		 " UPDATE certificate SET due_at = $3, claimed_by = $4,"
		 " claim = claim + 1"
		 " FROM due WHERE certificate.host = due.host"
		 " RETURNING domain, claim, certificate.host, wanted, "
		 "order_text,"
		 " order_key, number, chain, key_name, not_before, not_after,"
		 " issuer, random, renew_at, failing_since, order_ca" },
	.rows = { 16, sizeof(struct certificate_order),
	    "a list of certificates", take_order },
};

enum err
certificate_claim(struct store *s, int64_t worker, struct wall_time now,
    struct wall_time until, size_t max, struct arena *a,
    struct certificate_order **out, size_t *n, struct error *e)
{
	void *list;
	enum err err = claims_take(
	    s, &certificates, worker, now, until, max, a, &list, n, e);

	*out = list;
	return err;
}

/* All that a claim allows begins with what makes it: $1, $2, $3. */
#define IS_HELD " WHERE host = $1 AND claim = $2 AND claimed_by = $3"
enum { HELD_ARGS = 3 };

static void
put_claim(
    struct sql_value *args, const struct certificate_order *o, int64_t worker)
{
	args[0] = sql_text(o->host);
	args[1] = sql_int(o->claim);
	args[2] = sql_int(worker);
}

/* What fails does so until it is finished. */
static const struct sql_statement save_order = {
	"UPDATE certificate SET order_text = $4, order_key = $5,"
	" order_ca = $6, order_state = " ORDER_STATE(
	    "$7") ","
		  " due_at = $8" IS_HELD
};

enum err
certificate_save_order(struct store *s, int64_t worker,
    const struct certificate_order *o, struct wall_time until, bool *held,
    struct error *e)
{
	struct sql_value args[HELD_ARGS + 5];

	put_claim(args, o, worker);
	args[HELD_ARGS] = sql_text(o->order);
	args[HELD_ARGS + 1] = sql_text(o->key_name);
	args[HELD_ARGS + 2] = sql_text(o->ca);
	args[HELD_ARGS + 3] = order_state(o->is_at_ca);
	args[HELD_ARGS + 4] = sql_int(until.s);
	return claims_change(s, &save_order, args, HELD_ARGS + 5, held, e);
}

/* ---- the end of a claim ---- */

static const struct sql_statement hold_certificate = {
	"SELECT failing_since FROM certificate" IS_HELD " {LOCKED}"
};
static const struct sql_statement finish_claim = {
	"UPDATE certificate SET claimed_by = NULL, order_text = $2,"
	" order_key = $3, renew_at = CAST($4 AS {INT}), due_at = $5,"
	" problem = $6, failing_since = CAST($7 AS {INT}), order_ca = $8,"
	" order_state = $9 WHERE host = $1"
};
static const struct sql_statement put_chain = {
	"UPDATE certificate SET number = $2, chain = $3, key_name = $4,"
	" not_before = $5, not_after = $6, issuer = $7, random = $8"
	" WHERE host = $1"
};

struct finishing {
	struct store *s;
	int64_t worker;
	const struct certificate_order *o;
	const struct certificate_outcome *out;
	struct wall_time now;
	bool held;

	int64_t number; /* of a new chain */
};

/* Where nothing is served, an order is missing. */
static struct sql_value
state_after(const struct finishing *f)
{
	const struct certificate_outcome *out = f->out;

	if (out->problem.n > 0)
		return sql_text(SPAN("failing"));
	if (out->chain.n > 0 || (out->order.n == 0 && f->o->now.number > 0))
		return sql_text(SPAN(""));
	return order_state(out->is_at_ca);
}

static enum err
save_outcome(struct sql *sql, const struct finishing *f,
    struct sql_value failing_since, struct error *e)
{
	const struct certificate_outcome *out = f->out;
	bool is_new = out->chain.n > 0;
	struct sql_value args[] = { sql_text(f->o->host), sql_text(out->order),
		sql_text(is_new ? SPAN("") : out->key_name),
		sql_time(out->renew_at.s != 0, out->renew_at),
		sql_int(out->due_at.s), sql_text(out->problem), failing_since,
		sql_text(is_new ? SPAN("") : out->ca), state_after(f) };
	struct sql_value chain[] = { args[0], sql_int(f->number),
		sql_blob(out->chain), sql_text(out->key_name),
		sql_int(out->not_before.s), sql_int(out->not_after.s),
		sql_text(out->issuer), sql_int(out->random) };
	enum err err = sql_run(sql, &finish_claim, args, 9, NULL, e);

	if (err == ERR_OK && is_new)
		err = sql_run(sql, &put_chain, chain, 8, NULL, e);
	return err == ERR_OK ? refusals_keep(sql, f->o->host, out, f->now, e)
			     : err;
}

static enum err
wake(const struct finishing *f, bool is_changed, struct error *e)
{
	enum err err = ERR_OK;

	if (is_changed)
		err = work_wake_domain(f->s, f->o->domain, f->now, e);
	if (err == ERR_OK && f->out->chain.n > 0)
		err = publication_wake(f->s, f->o->domain, f->now, e);
	return err;
}

static enum err
run_finishing(struct sql *sql, void *arg, struct error *e)
{
	struct finishing *f = arg;
	struct sql_value args[HELD_ARGS], since;
	bool is_new = f->out->chain.n > 0, fails = f->out->problem.n > 0;
	bool there, was_failing;
	enum err err = ERR_OK;

	put_claim(args, f->o, f->worker);
	if (is_new)
		err = change_next(sql, &f->number, e);
	if (err == ERR_OK)
		err = change_hold(sql, f->o->domain, &there, e);
	if (err == ERR_OK)
		err = sql_numbers(sql, &hold_certificate, args, HELD_ARGS,
		    &since, 1, &f->held, e);
	if (err != ERR_OK || !f->held)
		return err;
	was_failing = since.type != SQL_NULL;
	if (!fails)
		since = sql_null();
	else if (!was_failing)
		since = sql_int(f->now.s);
	err = save_outcome(sql, f, since, e);
	return err == ERR_OK ? wake(f, is_new || fails != was_failing, e) : err;
}

enum err
certificate_finish(struct store *s, int64_t worker,
    const struct certificate_order *o, const struct certificate_outcome *out,
    struct wall_time now, bool *held, struct error *e)
{
	struct finishing f = {
		.s = s, .worker = worker, .o = o, .out = out, .now = now
	};
	enum err err =
	    sql_transact(store_sql(s), SQL_WRITE, run_finishing, &f, e);

	*held = err == ERR_OK && f.held;
	return err;
}

/* One that is wanted again meanwhile stays. */
static const struct sql_statement delete_certificate = {
	"DELETE FROM certificate" IS_HELD " AND wanted = 0"
};

static enum err
run_dropping(struct sql *sql, void *arg, struct error *e)
{
	struct finishing *f = arg;
	struct sql_value args[HELD_ARGS];
	int64_t changed = 0;
	enum err err;

	put_claim(args, f->o, f->worker);
	err = sql_run(sql, &delete_certificate, args, HELD_ARGS, &changed, e);
	f->held = changed > 0;
	return err == ERR_OK && f->held ? challenge_remove(f->s, f->o->host, e)
					: err;
}

enum err
certificate_drop(struct store *s, int64_t worker,
    const struct certificate_order *o, bool *held, struct error *e)
{
	struct finishing f = { .s = s, .worker = worker, .o = o };
	enum err err =
	    sql_transact(store_sql(s), SQL_WRITE, run_dropping, &f, e);

	*held = err == ERR_OK && f.held;
	return err;
}

/* ---- what the publish role wants ---- */

/* Whoever has it has it for another purpose, and loses it. */
#define ANEW "claimed_by = NULL, claim = certificate.claim + 1, due_at = "

static const struct sql_statement want_certificate = {
	"INSERT INTO certificate (host, domain, wanted, chain, due_at,"
	" order_state) VALUES ($1, $2, 1, $3, $4, 'waiting') ON CONFLICT "
	"(host) DO UPDATE SET"
	" wanted = 1, domain = excluded.domain, " ANEW "excluded.due_at"
	" WHERE certificate.wanted = 0"
};
static const struct sql_statement want_none = {
	"UPDATE certificate SET wanted = 0, " ANEW "$2"
	" WHERE host = $1 AND wanted = 1"
};

enum err
certificate_want(struct store *s, int64_t domain, struct span host, bool wanted,
    struct wall_time now, struct error *e)
{
	struct sql_value some[] = { sql_text(host), sql_int(domain),
		sql_blob(SPAN("")), sql_int(now.s) };
	struct sql_value none[] = { sql_text(host), sql_int(now.s) };

	return wanted ? sql_change(
			    store_sql(s), &want_certificate, some, 4, NULL, e)
		      : sql_change(store_sql(s), &want_none, none, 2, NULL, e);
}

#include "store/cas.h"

#include <string.h>

#include "base/limits.h"
#include "store/rows.h"

/* clang-format off */
const char *const ca_end_names[] = {
	[CA_END_PAST]		= "expired",
	[CA_END_7_DAYS]		= "7d",
	[CA_END_14_DAYS]	= "14d",
	[CA_END_30_DAYS]	= "30d",
	[CA_END_LATER]		= "later",
	NULL
};
/* clang-format on */

enum { DAY_S = 86400 };

struct looking {
	struct wall_time now;
	struct arena *a;
	struct ca_state *cas; /* LIMIT_CAS */
	size_t n;
};

/* In the order of bytes; NULL: there are more than anybody has. */
static struct ca_state *
state_of(struct looking *l, struct span directory)
{
	size_t at = 0;

	while (at < l->n && span_cmp(l->cas[at].directory, directory) < 0)
		at++;
	if (at < l->n && span_eq(l->cas[at].directory, directory))
		return &l->cas[at];
	if (l->n == LIMIT_CAS)
		return NULL;
	memmove(&l->cas[at + 1], &l->cas[at], (l->n - at) * sizeof *l->cas);
	l->cas[at] = (struct ca_state){ .directory = directory };
	l->n++;
	return &l->cas[at];
}

static void
comes(struct ca_state *ca, int64_t at)
{
	if (ca->next.s == 0 || at < ca->next.s)
		ca->next.s = at;
}

/* ---- orders ---- */

/* An order that is claimed is due when the claim ends, and is tried now; due at
 * 0 is one that was given back (work.c). */
static const struct sql_statement count_orders = {
	"SELECT order_ca, order_state, COUNT(*), COUNT(claimed_by),"
	" MIN(CASE WHEN claimed_by IS NULL THEN due_at END)"
	" FROM certificate WHERE order_state > ''"
	" GROUP BY order_state, order_ca LIMIT $1"
};
enum { STATES = 3 };

static enum err
take_orders(void *arg, const struct sql_value *row, struct error *e)
{
	struct looking *l = arg;
	struct ca_state *ca = state_of(l, row[0].s);
	int64_t all = row[2].i, claimed = row[3].i;

	(void)e;
	if (ca == NULL)
		return ERR_OK;
	if (row[4].type != SQL_NULL)
		comes(ca, row[4].i > 0 ? row[4].i : l->now.s);
	if (claimed > 0)
		comes(ca, l->now.s);
	if (span_eq(row[1].s, SPAN("waiting"))) {
		ca->waiting += all - claimed;
		ca->under_way += claimed;
	} else if (span_eq(row[1].s, SPAN("under-way"))) {
		ca->under_way += all;
	}
	return ERR_OK;
}

static const struct sql_statement count_refusals = {
	"SELECT ca, COUNT(*) FROM certificate_refusal GROUP BY ca"
	" ORDER BY ca LIMIT $1"
};

static enum err
take_refusals(void *arg, const struct sql_value *row, struct error *e)
{
	struct ca_state *ca = state_of(arg, row[0].s);

	(void)e;
	if (ca != NULL)
		ca->failing = row[1].i;
	return ERR_OK;
}

/* ---- renewals ---- */

static const struct sql_statement count_renewals = {
	"SELECT (SELECT COUNT(*) FROM certificate WHERE order_state = ''"
	" AND renew_at > 0 AND renew_at <= $1),"
	" COALESCE((SELECT MIN(renew_at) FROM certificate"
	" WHERE order_state = '' AND renew_at > 0), 0)"
};

static enum err
take_renewals(void *arg, const struct sql_value *row, struct error *e)
{
	struct looking *l = arg;
	struct ca_state *ca;

	(void)e;
	if (row[1].i == 0 || (ca = state_of(l, SPAN(""))) == NULL)
		return ERR_OK;
	ca->waiting += row[0].i;
	comes(ca, row[1].i);
	return ERR_OK;
}

/* ---- certificates ---- */

static const struct sql_statement count_ends = {
	"SELECT issuer, COUNT(CASE WHEN not_after <= $1 THEN 1 END),"
	" COUNT(CASE WHEN not_after > $1 AND not_after < $2 THEN 1 END),"
	" COUNT(CASE WHEN not_after >= $2 AND not_after < $3 THEN 1 END),"
	" COUNT(CASE WHEN not_after >= $3 AND not_after < $4 THEN 1 END),"
	" COUNT(CASE WHEN not_after >= $4 THEN 1 END)"
	" FROM certificate WHERE issuer > '' GROUP BY issuer LIMIT $5"
};

static enum err
take_ends(void *arg, const struct sql_value *row, struct error *e)
{
	struct ca_state *ca = state_of(arg, row[0].s);

	(void)e;
	for (size_t i = 0; ca != NULL && i < CA_ENDS; i++)
		ca->certificates[i] = row[1 + i].i;
	return ERR_OK;
}

/* ---- reasons ---- */

static const struct sql_statement list_reasons = {
	"SELECT said, orders, last_at, COALESCE(domain.name, '')"
	" FROM (SELECT said, COUNT(*) AS orders, MAX(at) AS last_at,"
	" MIN(host) AS host FROM"
	" (SELECT host, at, REPLACE(reason, REPLACE(host, 'mta-sts.', ''),"
	" 'DOMAIN') AS said FROM certificate_refusal WHERE ca = $1"
	" ORDER BY at DESC LIMIT $2) AS recent GROUP BY said) AS reason"
	" LEFT JOIN certificate ON certificate.host = reason.host"
	" LEFT JOIN domain ON domain.id = certificate.domain"
	" ORDER BY orders DESC, last_at DESC, said LIMIT $3"
};

static enum err
take_reason(void *out, const struct sql_value *row, struct error *e)
{
	(void)e;
	*(struct ca_reason *)out = (struct ca_reason){
		.text = row[0].s,
		.orders = row[1].i,
		.last_at = { row[2].i },
		.domain = row[3].s,
	};
	return ERR_OK;
}

static enum err
look_at_reasons(
    struct sql *sql, struct looking *l, struct ca_state *ca, struct error *e)
{
	static const struct rows_kind kind = { 4, sizeof(struct ca_reason),
		"reasons of CAs", take_reason };
	struct sql_value args[] = { sql_text(ca->directory),
		sql_int(LIMIT_CA_REFUSALS), sql_int(LIMIT_CA_REASONS) };
	void *list = NULL;
	enum err err = rows_read(sql, &kind, &list_reasons, args, 3,
	    LIMIT_CA_REASONS, l->a, &list, &ca->n_reasons, e);

	ca->reasons = list;
	return err;
}

/* ---- all of it ---- */

static enum err
each(struct sql *sql, const struct sql_statement *st,
    const struct sql_value *args, size_t n, struct looking *l, size_t columns,
    enum err (*take)(void *arg, const struct sql_value *row, struct error *e),
    struct error *e)
{
	const struct sql_taker to = { l->a, columns, take, l };

	return sql_each(sql, st, args, n, &to, e);
}

static enum err
run_looking(struct sql *sql, void *arg, struct error *e)
{
	struct looking *l = arg;
	int64_t now = l->now.s;
	struct sql_value max = sql_int(LIMIT_CAS),
			 states = sql_int(LIMIT_CAS * STATES),
			 moment = sql_int(now);
	struct sql_value ends[] = { moment, sql_int(now + 7 * DAY_S),
		sql_int(now + 14 * DAY_S), sql_int(now + 30 * DAY_S), max };
	enum err err;

	l->n = 0;
	err = each(sql, &count_orders, &states, 1, l, 5, take_orders, e);
	if (err == ERR_OK)
		err =
		    each(sql, &count_refusals, &max, 1, l, 2, take_refusals, e);
	if (err == ERR_OK)
		err = each(
		    sql, &count_renewals, &moment, 1, l, 2, take_renewals, e);
	if (err == ERR_OK)
		err = each(sql, &count_ends, ends, 5, l, 6, take_ends, e);
	for (size_t i = 0; err == ERR_OK && i < l->n; i++)
		if (l->cas[i].failing > 0)
			err = look_at_reasons(sql, l, &l->cas[i], e);
	return err;
}

enum err
cas_look(struct store *s, struct wall_time now, struct arena *a,
    struct ca_state **out, size_t *n, struct error *e)
{
	struct looking l = { .now = now, .a = a };
	enum err err;

	*out = NULL;
	*n = 0;
	l.cas = arena_array(a, LIMIT_CAS, sizeof *l.cas);
	if (l.cas == NULL)
		return error_set(e, ERR_MEMORY, "the CAs");
	err = sql_transact(store_sql(s), SQL_READ, run_looking, &l, e);
	if (err == ERR_OK) {
		*out = l.cas;
		*n = l.n;
	}
	return err;
}

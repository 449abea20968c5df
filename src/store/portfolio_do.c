#include "store/portfolio_do.h"

#include "base/limits.h"
#include "store/portfolio_filter.h"

enum { PART_ARGS = PORTFOLIO_FILTER_ARGS + 2, DO_ARGS = PART_ARGS + 1 };

static const struct sql_statement find_part = {
	"SELECT COALESCE(MAX(name), '') FROM (SELECT domain.name AS "
	"name" PORTFOLIO_WITH_TAG " AND domain.name > $11"
	" ORDER BY domain.name LIMIT $12) AS part"
};

/* The part goes up to $12; $13 is the moment or the tag. */
#define PART                                                                   \
	"(SELECT domain.id" PORTFOLIO_WITH_TAG                                 \
	" AND domain.name > $11 AND domain.name <= $12)"

/* clang-format off */
/* `work` first, as a round does; what the filter asks for last. */
static const struct step {
	size_t n_args; /* 0: there is no such step */
	bool counts; /* what it changes is what is told */
	struct sql_statement statement;
} deeds[PORTFOLIO_DEEDS][2] = {
	[PORTFOLIO_CHECK] = {
		{ DO_ARGS, true, { "UPDATE work SET woken_at = $13, due_records = $13,"
		  " due_authority = $13, due_policy = $13,"
		  " wanted_at = CASE WHEN wanted_at > $13 THEN $13"
		  " ELSE wanted_at END,"
		  " due_at = CASE WHEN claimed_by IS NULL AND due_at > $13"
		  " THEN $13 ELSE due_at END"
		  " WHERE due_at IS NOT NULL AND domain IN " PART } },
		{ DO_ARGS, false, { "WITH mine AS MATERIALIZED (SELECT id FROM mail_host"
		  " WHERE claimed_by IS NULL AND due_at > $13 AND id IN"
		  " (SELECT host FROM domain_host JOIN work"
		  " ON work.domain = domain_host.domain"
		  " WHERE work.due_at IS NOT NULL AND domain_host.domain IN " PART
		  ") ORDER BY id {LOCKED})"
		  " UPDATE mail_host SET due_at = $13, wanted_at = $13"
		  " FROM mine WHERE mail_host.id = mine.id" } },
	},
	[PORTFOLIO_PAUSE] = {
		{ PART_ARGS, false, { "UPDATE work SET due_at = NULL, claimed_by = NULL,"
		  " claim = claim + 1"
		  " WHERE due_at IS NOT NULL AND domain IN " PART } },
		{ PART_ARGS, true, { "UPDATE domain SET paused = 1"
		  " WHERE paused <> 1 AND id IN " PART } },
	},
	[PORTFOLIO_RESUME] = {
		{ DO_ARGS, false, { "UPDATE work SET due_at = $13, wanted_at = $13,"
		  " due_records = $13, due_authority = $13, due_policy = $13,"
		  " woken_at = NULL"
		  " WHERE due_at IS NULL AND domain IN " PART } },
		{ PART_ARGS, true, { "UPDATE domain SET paused = 0"
		  " WHERE paused <> 0 AND id IN " PART } },
	},
	[PORTFOLIO_TAG] = {
		{ DO_ARGS, true, { "INSERT INTO domain_tag (tag, name, domain)"
		  " SELECT $13, domain.name, domain.id" PORTFOLIO_WITH_TAG
		  " AND domain.name > $11 AND domain.name <= $12"
		  " ON CONFLICT (tag, name) DO NOTHING" } },
	},
	[PORTFOLIO_UNTAG] = {
		{ DO_ARGS, true, { "DELETE FROM domain_tag WHERE tag = $13"
		  " AND domain IN " PART } },
	},
};
/* clang-format on */

struct doing {
	const struct portfolio_order *order;
	struct sql_value args[DO_ARGS];
	struct arena *a;
	struct span last;
	int64_t changed;
};

static enum err
find_last(struct sql *sql, struct doing *d, struct error *e)
{
	struct sql_value row;
	bool found;
	enum err err;

	d->args[PART_ARGS - 1] = sql_int(LIMIT_STORE_PAGE);
	err = sql_one(
	    sql, &find_part, d->args, PART_ARGS, d->a, &row, 1, &found, e);
	if (err == ERR_OK)
		d->last = row.s;
	d->args[PART_ARGS - 1] = sql_text(d->last);
	return err;
}

static enum err
run_doing(struct sql *sql, void *arg, struct error *e)
{
	struct doing *d = arg;
	enum portfolio_deed deed = d->order->deed;
	enum err err = find_last(sql, d, e);

	d->changed = 0;
	for (size_t i = 0; err == ERR_OK && d->last.n > 0 && i < 2; i++) {
		const struct step *step = &deeds[deed][i];

		if (step->n_args > 0)
			err = sql_run(sql, &step->statement, d->args,
			    step->n_args, step->counts ? &d->changed : NULL, e);
	}
	return err;
}

enum err
portfolio_do(struct store *s, const struct portfolio_order *order,
    struct span after, struct wall_time now, struct arena *a, struct span *last,
    int64_t *changed, struct error *e)
{
	struct doing d = { .order = order, .a = a, .last = SPAN("") };
	bool of_tag =
	    order->deed == PORTFOLIO_TAG || order->deed == PORTFOLIO_UNTAG;
	enum err err = ERR_OK;

	if (of_tag && (order->tag.n == 0 || order->tag.n > LIMIT_TAG))
		return error_set(
		    e, ERR_LIMIT, "a tag has 1 to %d bytes", LIMIT_TAG);
	portfolio_filter_put(&order->filter, d.args);
	d.args[PORTFOLIO_FILTER_ARGS] = sql_text(after);
	d.args[PART_ARGS] = of_tag ? sql_text(order->tag) : sql_int(now.s);
	if (portfolio_filter_can_be(&order->filter))
		err = sql_transact(store_sql(s), SQL_WRITE, run_doing, &d, e);
	*last = d.last;
	*changed = d.changed;
	return err;
}

/* How many domains of the portfolio are like that. */
#include "base/limits.h"
#include "store/portfolio_filter.h"
#include "store/rows.h"

static const struct sql_statement count_all = { "SELECT COUNT(*) FROM domain" };
static const struct sql_statement count_tag = {
	"SELECT COUNT(*) FROM domain_tag WHERE tag = $1"
};
/* By portfolio_filter_is_rare(). */
static const struct sql_statement count_some[2] = {
	{ "SELECT COUNT(*)" PORTFOLIO_WITH_TAG },
	{ "SELECT COUNT(*)" PORTFOLIO_OF_TAG },
};

/* Is nothing asked but for a tag? */
static bool
has_no_more_than_tag(const struct portfolio_filter *f)
{
	return f->verdict.n == 0 && f->deployment.n == 0 &&
	       f->eligibility.n == 0 && f->next_step.n == 0 &&
	       f->provider.n == 0 && f->search.n == 0 && f->paused.n == 0 &&
	       f->ends_from.s == 0 && f->ends_before.s == 0;
}

struct counting {
	const struct portfolio_filter *filter;
	int64_t n;
};

static enum err
run_counting(struct sql *sql, void *arg, struct error *e)
{
	struct counting *c = arg;
	struct sql_value args[PORTFOLIO_FILTER_ARGS],
	    *tag = &args[PORTFOLIO_TAG_ARG];
	struct sql_value row = sql_int(0);
	bool others = !has_no_more_than_tag(c->filter), rare = false, got;
	enum err err = ERR_OK;

	portfolio_filter_put(c->filter, args);
	if (others)
		err = portfolio_filter_is_rare(sql, c->filter, &rare, e);
	if (err != ERR_OK)
		return err;
	if (others)
		err = sql_numbers(sql, &count_some[rare], args,
		    PORTFOLIO_FILTER_ARGS, &row, 1, &got, e);
	else if (tag->s.n > 0)
		err = sql_numbers(sql, &count_tag, tag, 1, &row, 1, &got, e);
	else
		err = sql_numbers(sql, &count_all, NULL, 0, &row, 1, &got, e);
	c->n = row.i;
	return err;
}

enum err
portfolio_count(struct store *s, const struct portfolio_filter *filter,
    int64_t *out, struct error *e)
{
	struct counting c = { .filter = filter };
	enum err err = ERR_OK;

	if (portfolio_filter_can_be(filter))
		err = sql_transact(store_sql(s), SQL_READ, run_counting, &c, e);
	*out = c.n;
	return err;
}

static const struct sql_statement count_providers = {
	"SELECT provider, COUNT(*) AS n FROM domain WHERE provider <> ''"
	" GROUP BY provider ORDER BY n DESC, provider LIMIT $1"
};
static const struct sql_statement count_tags = {
	"SELECT tag, n FROM (SELECT tag, COUNT(*) AS n FROM domain_tag"
	" GROUP BY tag ORDER BY n DESC, tag LIMIT $1) AS most ORDER BY tag"
};

static enum err
take_share(void *out, const struct sql_value *row, struct error *e)
{
	(void)e;
	*(struct portfolio_share *)out =
	    (struct portfolio_share){ row[0].s, row[1].i };
	return ERR_OK;
}

static enum err
read_shares(struct store *s, const struct sql_statement *st, size_t most,
    struct arena *a, struct portfolio_share **out, size_t *n, struct error *e)
{
	static const struct rows_kind kind = { 2,
		sizeof(struct portfolio_share), "shares of the portfolio",
		take_share };
	size_t max = rows_page(most);
	struct sql_value args[] = { sql_int((int64_t)max) };
	void *list = NULL;
	enum err err =
	    rows_read(store_sql(s), &kind, st, args, 1, max, a, &list, n, e);

	*out = list;
	return err;
}

enum err
portfolio_providers(struct store *s, size_t most, struct arena *a,
    struct portfolio_share **out, size_t *n, struct error *e)
{
	return read_shares(s, &count_providers, most, a, out, n, e);
}

enum err
portfolio_tags(struct store *s, size_t most, struct arena *a,
    struct portfolio_share **out, size_t *n, struct error *e)
{
	return read_shares(s, &count_tags, most, a, out, n, e);
}

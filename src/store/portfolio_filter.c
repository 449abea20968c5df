#include "store/portfolio_filter.h"

#include "store/domain_summary.h"

static struct sql_value
axis_value(struct span word)
{
	if (word.n == 0)
		return sql_null();
	return sql_text(
	    span_eq(word, SPAN(PORTFOLIO_UNSEEN)) ? SPAN("") : word);
}

static struct sql_value
paused_value(struct span word)
{
	if (word.n == 0)
		return sql_int(-1);
	return sql_int(span_eq(word, SPAN("yes")));
}

/* What ends never is within no bounds. */
static struct sql_value
before_value(const struct portfolio_filter *f)
{
	if (f->ends_before.s != 0)
		return sql_int(f->ends_before.s < DOMAIN_NEVER
				   ? f->ends_before.s
				   : DOMAIN_NEVER);
	return sql_int(f->ends_from.s != 0 ? DOMAIN_NEVER : 0);
}

void
portfolio_filter_put(const struct portfolio_filter *f, struct sql_value *args)
{
	args[0] = axis_value(f->verdict);
	args[1] = axis_value(f->deployment);
	args[2] = axis_value(f->eligibility);
	args[3] = sql_text(f->next_step);
	args[4] = sql_text(f->provider);
	args[5] = sql_text(f->search);
	args[PORTFOLIO_TAG_ARG] = sql_text(f->tag);
	args[7] = paused_value(f->paused);
	args[8] = sql_int(f->ends_from.s != 0 ? f->ends_from.s : INT64_MIN);
	args[9] = before_value(f);
}

bool
portfolio_filter_can_be(const struct portfolio_filter *f)
{
	struct sql_value args[PORTFOLIO_FILTER_ARGS];

	portfolio_filter_put(f, args);
	for (size_t i = 0; i < PORTFOLIO_FILTER_ARGS; i++)
		if (args[i].type == SQL_TEXT && !sql_is_text(args[i].s))
			return false;
	return true;
}

enum { RARE = 2000 }; /* domains of a tag: tagged_is_rare() */

enum err
portfolio_filter_is_rare(struct sql *sql, const struct portfolio_filter *f,
    bool *out, struct error *e)
{
	return tagged_is_rare(sql, f->tag, RARE, out, e);
}

#include "web/bulk_all.h"

#include "web/model_portfolio.h"

static void
read_query(struct web_call *c, struct bulk_all *all)
{
	struct portfolio_page page;
	struct fields query = { 0 };
	struct error why;
	enum err rc = fields_parse(all->matching, c->a, &query, &why);

	if (rc == ERR_OK)
		rc = portfolio_read(
		    &query, PORTFOLIO_NAME, true, c->a, &page, &why);
	if (rc == ERR_OK)
		all->filter = page.filter;
	else
		input_wrong(&c->input, "\"matching\": %s", why.text);
}

/* A form has all of them, whatever is chosen. */
void
bulk_all_read(struct web_call *c, struct bulk_all *out)
{
	struct input *in = &c->input;

	*out = (struct bulk_all){
		.is_asked = input_flag(in, "all", false),
		.matching = input_text(in, "matching", INPUT_OPTIONAL),
		.count = input_number(in, "count", 0, INT64_MAX, -1),
	};
	/* As it stands in an address. */
	if (out->matching.n > 0 && out->matching.p[0] == '?')
		out->matching = span_skip(out->matching, 1);
	if (!out->is_asked) {
		if (!in->is_form && (out->matching.n > 0 || out->count >= 0))
			input_wrong(in, "\"matching\" and \"count\" go with "
					"\"all\"");
		return;
	}
	if (out->count < 0)
		input_wrong(in, "\"count\" is how many are meant");
	read_query(c, out);
}

/* Nobody does to more than he has seen counted. */
enum err
bulk_all_confirm(struct web_call *c, const struct bulk_all *all, int64_t most,
    bool *good, struct error *e)
{
	int64_t now;
	enum err rc = portfolio_count(c->store, &all->filter, &now, e);

	*good = false;
	if (rc != ERR_OK)
		return rc;
	if (now != all->count)
		return call_refuse(c, PROBLEM_STATE,
		    "%lld domains match by now, and not %lld as when they were "
		    "counted. Nothing was done: look at them again.",
		    (long long)now, (long long)all->count);
	if (now > most)
		return call_refuse(c, PROBLEM_INPUT,
		    "%lld domains match; this takes %lld at once. Filter them.",
		    (long long)now, (long long)most);
	*good = true;
	return ERR_OK;
}

struct part {
	struct web_call *c;
	const struct bulk_all *all;
	const char *word;
	struct portfolio_order order;
	struct span after, last;
	int64_t changed;
};

static struct span
audit_target(const struct part *p)
{
	const struct bulk_all *all = p->all;
	struct span tag = p->order.tag;

	return arena_printf(p->c->a, "all %lld that match \"%.*s\"%s%.*s",
	    (long long)all->count, (int)all->matching.n, all->matching.p,
	    tag.n > 0 ? ": " : "", (int)tag.n, tag.p);
}

/* May run again: what it leaves is written anew. */
static enum err
do_part(struct store *s, void *arg, struct error *e)
{
	struct part *p = arg;
	struct web_call *c = p->c;
	enum err rc = portfolio_do(
	    s, &p->order, p->after, c->now, c->a, &p->last, &p->changed, e);

	if (rc != ERR_OK || p->after.n > 0 || p->last.n == 0)
		return rc;
	return call_audit(c, p->word, audit_target(p), e);
}

enum err
bulk_all_do(struct web_call *c, const struct bulk_all *all, const char *word,
    enum portfolio_deed deed, struct span tag, int64_t *changed,
    struct error *e)
{
	struct part p = { .c = c,
		.all = all,
		.word = word,
		.order = { deed, all->filter, tag },
		.after = SPAN("") };
	enum err rc;

	*changed = 0;
	do {
		rc = store_transact(c->store, do_part, &p, e);
		p.after = p.last;
		*changed += p.changed;
	} while (rc == ERR_OK && p.last.n > 0);
	return rc;
}

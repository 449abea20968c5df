#include "store/tagged.h"

#include "store/domains.h"

static const struct sql_statement count_tagged = {
	"SELECT COUNT(*) FROM (SELECT 1 AS one FROM domain_tag WHERE tag = $1"
	" LIMIT $2) AS tagged"
};

enum err
tagged_is_rare(
    struct sql *sql, struct span tag, int64_t most, bool *out, struct error *e)
{
	struct sql_value args[] = { sql_text(tag), sql_int(most + 1) }, row;
	bool got;
	enum err err;

	*out = false;
	if (tag.n == 0)
		return ERR_OK;
	err = sql_numbers(sql, &count_tagged, args, 2, &row, 1, &got, e);
	*out = err == ERR_OK && row.i <= most;
	return err;
}

/* As many as a statement has parameters. */
enum { BATCH = SQL_PARAMETERS };
static const struct sql_statement list_tags = {
	"SELECT domain, tag FROM domain_tag WHERE domain IN"
	" ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"
	" $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28,"
	" $29, $30, $31, $32) ORDER BY domain, tag"
};

struct tagging {
	const struct domain *list; /* of one batch */
	size_t n;
	struct domain_tags *out;
	struct arena *a;
	int64_t domain; /* whose tags come now, */
	struct domain_tags *at;
	size_t cap; /* ... for which there is room */
};

static enum err
take_tag(void *arg, const struct sql_value *row, struct error *e)
{
	struct tagging *t = arg;
	struct span *all;

	if (row[0].i != t->domain) {
		size_t i = 0;

		while (i + 1 < t->n && t->list[i].id != row[0].i)
			i++;
		t->domain = row[0].i;
		t->at = &t->out[i];
		t->cap = 0;
	}
	all = arena_grow(t->a, t->at->all, t->at->n, &t->cap, sizeof *all);
	if (all == NULL)
		return error_set(e, ERR_MEMORY, "the tags of domains");
	t->at->all = all;
	all[t->at->n++] = row[1].s;
	return ERR_OK;
}

enum err
domains_tags_of(struct store *s, const struct domain *list, size_t n,
    struct arena *a, struct domain_tags **out, struct error *e)
{
	struct tagging t = { .a = a };
	struct sql_taker to = { a, 2, take_tag, &t };
	enum err err = ERR_OK;

	*out = arena_array(a, n, sizeof **out);
	if (*out == NULL)
		return error_set(e, ERR_MEMORY, "the tags of domains");
	for (size_t at = 0; err == ERR_OK && at < n; at += BATCH) {
		struct sql_value args[BATCH];

		t.list = list + at;
		t.out = *out + at;
		t.n = n - at < BATCH ? n - at : BATCH;
		t.domain = 0;
		for (size_t i = 0; i < BATCH; i++)
			args[i] = sql_int(i < t.n ? t.list[i].id : 0);
		err = sql_each(store_sql(s), &list_tags, args, BATCH, &to, e);
	}
	return err;
}

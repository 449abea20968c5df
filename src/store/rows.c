#include "store/rows.h"

#include <assert.h>

#include "base/limits.h"

struct reading {
	const struct rows_kind *kind;
	char *list;
	size_t n, max;
};

static enum err
take(void *arg, const struct sql_value *row, struct error *e)
{
	struct reading *r = arg;

	assert(r->n < r->max);
	return r->kind->take(r->list + r->n++ * r->kind->size, row, e);
}

enum err
rows_read(struct sql *sql, const struct rows_kind *kind,
    const struct sql_statement *st, const struct sql_value *args, size_t n_args,
    size_t max, struct arena *a, void **out, size_t *n, struct error *e)
{
	struct reading r = { .kind = kind, .max = max };
	struct sql_taker to = { a, kind->columns, take, &r };
	enum err err;

	*out = r.list = arena_array(a, max, kind->size);
	*n = 0;
	if (r.list == NULL)
		return error_set(e, ERR_MEMORY, "%s", kind->what);
	err = sql_each(sql, st, args, n_args, &to, e);
	if (err == ERR_OK)
		*n = r.n;
	return err;
}

size_t
rows_page(size_t max)
{
	return max < LIMIT_STORE_PAGE ? max : LIMIT_STORE_PAGE;
}

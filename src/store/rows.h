/* rows.h - for this folder: lists out of the store. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "base/arena.h"
#include "store/sql.h"

/* How one kind of list is made of its rows. */
struct rows_kind {
	size_t columns, size; /* of a row; of what is made of it */
	const char *what; /* "a list of ...", for ERR_MEMORY */
	/* Its spans live in the arena already. */
	enum err (*take)(
	    void *out, const struct sql_value *row, struct error *e);
};

/* *n rows, as many as the statement has; more than max are never asked for. The
 * list, `size` bytes each, lives in the arena. */
enum err
rows_read(struct sql *sql, const struct rows_kind *kind,
    const struct sql_statement *st, const struct sql_value *args, size_t n_args,
    size_t max, struct arena *a, void **out, size_t *n,
    struct error *e) MUST_CHECK;

/* max, or LIMIT_STORE_PAGE. */
size_t
rows_page(size_t max);

#endif

#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/sql.h"

void
must(enum err err, const struct error *e)
{
	if (err == ERR_OK)
		return;
	fprintf(stderr, "bench: %s: %s\n", err_text(err), e->text);
	exit(1);
}

double
ms_now(void)
{
	return (double)clock_mono(&clock_system).ns / 1e6;
}

int64_t
store_bytes(struct store *s)
{
	static const struct sql_statement sqlite = {
		"SELECT (SELECT page_count FROM pragma_page_count)"
		" * (SELECT page_size FROM pragma_page_size)"
	};
	static const struct sql_statement postgres = {
		"SELECT pg_database_size(current_database())"
	};
	struct sql *sql = store_sql(s);
	struct sql_value row;
	struct arena a;
	struct error e;
	char mem[64];
	bool got;

	arena_init_fixed(&a, mem, sizeof mem);
	must(sql_one(sql, sql->driver == &sql_sqlite ? &sqlite : &postgres,
		 NULL, 0, &a, &row, 1, &got, &e),
	    &e);
	return row.i;
}

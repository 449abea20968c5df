#include "store/publication_remove.h"

#include "store/certificates.h"
#include "store/change.h"

static const struct sql_statement get_publication = {
	"SELECT publication.label, name, served.host, stage, gone"
	" FROM publication JOIN served ON served.label = publication.label"
	" WHERE domain = $1"
};
enum { COLUMNS = 5 };
static const struct sql_statement serve_no_more = {
	"UPDATE served SET number = $2, gone = 1 WHERE label = $1"
};

struct removing {
	struct store *s;
	int64_t domain;
	struct wall_time now;
};

/* Nobody was ever told of a policy, or nobody may have one any more. */
static bool
may_go(struct span stage)
{
	return span_eq(stage, SPAN("awaited")) ||
	       span_eq(stage, SPAN("certifying")) ||
	       span_eq(stage, SPAN("ended"));
}

static enum err
remove_it(
    struct sql *sql, const struct removing *r, struct arena *a, struct error *e)
{
	struct sql_value id = sql_int(r->domain), row[COLUMNS];
	struct sql_value gone[2];
	int64_t number;
	bool found;
	enum err err =
	    sql_one(sql, &get_publication, &id, 1, a, row, COLUMNS, &found, e);

	if (err != ERR_OK || !found)
		return err;
	err = change_next(sql, &number, e);
	if (err == ERR_OK)
		err = change_hold(sql, r->domain, &found, e);
	if (err == ERR_OK)
		err = sql_one(
		    sql, &get_publication, &id, 1, a, row, COLUMNS, &found, e);
	if (err != ERR_OK || !found)
		return err;
	if (!may_go(row[3].s))
		return error_set(e, ERR_USAGE,
		    "%.*s has a policy that we publish and that senders hold: "
		    "'mtasts publish --remove %.*s' ends that first",
		    (int)row[1].s.n, row[1].s.p, (int)row[1].s.n, row[1].s.p);
	gone[0] = row[0];
	gone[1] = sql_int(number);
	if (row[4].i == 0)
		err = sql_run(sql, &serve_no_more, gone, 2, NULL, e);
	return err == ERR_OK ? certificate_want(
				   r->s, r->domain, row[2].s, false, r->now, e)
			     : err;
}

static enum err
run_removing(struct sql *sql, void *arg, struct error *e)
{
	char mem[2048];
	struct arena a;

	arena_init_fixed(&a, mem, sizeof mem);
	return remove_it(sql, arg, &a, e);
}

enum err
publication_remove(
    struct store *s, int64_t domain, struct wall_time now, struct error *e)
{
	struct removing r = { s, domain, now };

	return sql_transact(store_sql(s), SQL_WRITE, run_removing, &r, e);
}

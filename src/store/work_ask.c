/* What somebody asks for, and how far it is. */
#include "base/limits.h"
#include "store/rows.h"
#include "store/work.h"

/* `work` first, as a round does. One that is under way is due again when it
 * ends. */
static const struct sql_statement ask_domain = {
	"UPDATE work SET woken_at = $2, due_records = $2, due_authority = $2,"
	" due_policy = $2,"
	" wanted_at = CASE WHEN wanted_at > $2 THEN $2 ELSE wanted_at END,"
	" due_at = CASE WHEN claimed_by IS NULL AND due_at > $2"
	" THEN $2 ELSE due_at END"
	" WHERE due_at IS NOT NULL"
	" AND domain = (SELECT id FROM domain WHERE name = $1)"
};
/* In one order, so that two who ask do not wait for each other. */
static const struct sql_statement ask_hosts = {
	"WITH mine AS MATERIALIZED (SELECT id FROM mail_host"
	" WHERE claimed_by IS NULL AND due_at > $2 AND id IN"
	" (SELECT host FROM domain_host WHERE domain ="
	" (SELECT id FROM domain WHERE name = $1)) ORDER BY id {LOCKED})"
	" UPDATE mail_host SET due_at = $2, wanted_at = $2"
	" FROM mine WHERE mail_host.id = mine.id"
};

struct asking {
	struct sql_value args[2];
	int64_t changed;
};

static enum err
run_asking(struct sql *sql, void *arg, struct error *e)
{
	struct asking *k = arg;
	enum err err = sql_run(sql, &ask_domain, k->args, 2, &k->changed, e);

	return err == ERR_OK && k->changed > 0
		   ? sql_run(sql, &ask_hosts, k->args, 2, NULL, e)
		   : err;
}

enum err
work_ask(struct store *s, struct span name, struct wall_time now, bool *found,
    struct error *e)
{
	struct asking k = { { sql_text(name), sql_int(now.s) }, 0 };
	enum err err = ERR_OK;

	if (sql_is_text(name))
		err = sql_transact(store_sql(s), SQL_WRITE, run_asking, &k, e);
	*found = err == ERR_OK && k.changed > 0;
	return err;
}

/* A lease that has run out is nobody's. */
static const struct sql_statement progress = {
	"SELECT CASE WHEN due_at <= $2 THEN 1 ELSE 0 END,"
	" CASE WHEN claimed_by IS NOT NULL AND due_at > $2 THEN 1 ELSE 0 END,"
	" (SELECT COUNT(*) FROM domain_host"
	" JOIN mail_host ON mail_host.id = domain_host.host"
	" WHERE domain_host.domain = $1"
	" AND (mail_host.due_at <= $2 OR mail_host.claimed_by IS NOT NULL))"
	" FROM work WHERE domain = $1"
};
enum { PROGRESS_COLUMNS = 3 };

enum err
work_progress(struct store *s, int64_t domain, struct wall_time now,
    struct work_progress *out, struct error *e)
{
	struct sql_value args[] = { sql_int(domain), sql_int(now.s) };
	struct sql_value row[PROGRESS_COLUMNS];
	bool got;
	enum err err = sql_numbers(
	    store_sql(s), &progress, args, 2, row, PROGRESS_COLUMNS, &got, e);

	*out = (struct work_progress){ 0 };
	if (err == ERR_OK && got)
		*out = (struct work_progress){ row[0].i != 0, row[1].i != 0,
			(size_t)row[2].i };
	return err;
}

static const struct sql_statement list_workers = {
	"SELECT name, role, started_at, seen_at FROM worker"
	" WHERE seen_at >= $1 ORDER BY role, id LIMIT $2"
};
enum { WORKER_COLUMNS = 4 };

static enum err
take_worker(void *out, const struct sql_value *row, struct error *e)
{
	(void)e;
	*(struct worker_row *)out = (struct worker_row){
		.name = row[0].s,
		.role = row[1].s,
		.started_at = { row[2].i },
		.seen_at = { row[3].i },
	};
	return ERR_OK;
}

enum err
work_workers(struct store *s, struct wall_time since, struct arena *a,
    struct worker_row **out, size_t *n, struct error *e)
{
	static const struct rows_kind kind = { WORKER_COLUMNS,
		sizeof(struct worker_row), "a list of processes", take_worker };
	struct sql_value args[] = { sql_int(since.s),
		sql_int(LIMIT_STORE_PAGE) };
	void *list = NULL;
	enum err err = rows_read(store_sql(s), &kind, &list_workers, args, 2,
	    LIMIT_STORE_PAGE, a, &list, n, e);

	*out = list;
	return err;
}

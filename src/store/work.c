#include "store/work.h"

#include "store/claims.h"

static const struct sql_statement insert_worker = {
	"INSERT INTO worker (name, role, started_at, seen_at)"
	" VALUES ($1, $2, $3, $3) RETURNING id"
};

/* Those that died without a word. One that did not is told at its heartbeat. */
static const struct sql_statement forget_workers = {
	"DELETE FROM worker WHERE seen_at < $1"
};
enum { WORKER_KEEP_S = 7 * 24 * 3600 };

struct joining {
	struct sql_value args[3];
	int64_t id;
};

static enum err
run_joining(struct sql *sql, void *arg, struct error *e)
{
	struct joining *j = arg;
	struct sql_value id = sql_int(0);
	struct sql_value before = sql_int(j->args[2].i - WORKER_KEEP_S);
	bool got;
	enum err err = sql_run(sql, &forget_workers, &before, 1, NULL, e);

	if (err != ERR_OK)
		return err;
	err = sql_numbers(sql, &insert_worker, j->args, 3, &id, 1, &got, e);
	j->id = id.i;
	return err;
}

enum err
work_join(struct store *s, struct span name, struct span role,
    struct wall_time now, int64_t *worker, struct error *e)
{
	struct joining j = { { sql_text(name), sql_text(role), sql_int(now.s) },
		0 };
	enum err err =
	    sql_transact(store_sql(s), SQL_WRITE, run_joining, &j, e);

	*worker = j.id;
	return err;
}

static const struct sql_statement release_domains = {
	"UPDATE work SET due_at = wanted_at, claimed_by = NULL"
	" WHERE claimed_by = $1"
};
static const struct sql_statement release_hosts = {
	"UPDATE mail_host SET due_at = wanted_at, claimed_by = NULL"
	" WHERE claimed_by = $1"
};
static const struct sql_statement release_outbox = {
	"UPDATE outbox SET next_try = tell_at, claimed_by = NULL"
	" WHERE claimed_by = $1"
};
/* When they were due is not known any more; it was before now. */
static const struct sql_statement release_publications = {
	"UPDATE publication SET due_at = 0, claimed_by = NULL"
	" WHERE claimed_by = $1"
};
static const struct sql_statement release_certificates = {
	"UPDATE certificate SET due_at = 0, claimed_by = NULL"
	" WHERE claimed_by = $1"
};
/* Its row of `edge` goes with it. */
static const struct sql_statement delete_worker = {
	"DELETE FROM worker WHERE id = $1"
};

static enum err
run_leaving(struct sql *sql, void *arg, struct error *e)
{
	static const struct sql_statement *const all[] = { &release_domains,
		&release_hosts, &release_outbox, &release_publications,
		&release_certificates, &delete_worker };
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < sizeof all / sizeof *all; i++)
		err = sql_run(sql, all[i], arg, 1, NULL, e);
	return err;
}

enum err
work_leave(struct store *s, int64_t worker, struct error *e)
{
	struct sql_value id = sql_int(worker);

	return sql_transact(store_sql(s), SQL_WRITE, run_leaving, &id, e);
}

static const struct sql_statement update_worker = {
	"UPDATE worker SET seen_at = $2 WHERE id = $1"
};

enum err
work_heartbeat(struct store *s, int64_t worker, struct wall_time now,
    bool *found, struct error *e)
{
	struct sql_value args[] = { sql_int(worker), sql_int(now.s) };
	int64_t changed = 0;
	enum err err =
	    sql_change(store_sql(s), &update_worker, args, 2, &changed, e);

	*found = changed > 0;
	return err;
}

/* One octet a look, so that a look more is no column more. */
enum { CLAIM_COLUMNS = 8 + LOOKS, FAILURE_BITS = 8 };

static int64_t
pack_failures(const struct schedule *s)
{
	int64_t packed = 0;

	for (enum look k = 0; k < LOOKS; k++)
		packed |= (int64_t)s->failures[k] << k * FAILURE_BITS;
	return packed;
}

static enum err
take_claim(void *claim, const struct sql_value *row, struct error *e)
{
	struct work_claim *c = claim;

	(void)e;
	*c = (struct work_claim){
		.domain = row[0].i,
		.number = row[1].i,
		.name = row[2].s,
		.settings = row[3].s,
		.wanted_at = { row[4].i },
		.is_first = row[5].type == SQL_NULL,
		.woken = row[6].i != 0,
	};
	for (enum look k = 0; k < LOOKS; k++) {
		c->schedule.failures[k] =
		    (uint8_t)(row[7].i >> k * FAILURE_BITS & UINT8_MAX);
		c->schedule.due[k].s = row[8 + k].i;
	}
	return ERR_OK;
}

/* The rows are chosen and locked first, once: a join that looked for them anew
 * could claim more than was asked for. */
static const struct claim_kind domains = {
	.due = { "WITH due AS MATERIALIZED"
		 " (SELECT domain FROM work WHERE due_at <= $1"
		 " ORDER BY due_at LIMIT $2 {SKIP_LOCKED})"
		 " UPDATE work SET due_at = $3, claimed_by = $4, claim = claim "
		 "+ 1,"
		 " was_woken = CASE WHEN woken_at IS NULL THEN 0 ELSE 1 END,"
		 " woken_at = NULL"
		 " FROM due WHERE work.domain = due.domain"
		 " RETURNING work.domain, work.claim,"
		 " (SELECT name FROM domain WHERE domain.id = work.domain),"
		 " (SELECT settings FROM domain WHERE domain.id = work.domain),"
		 " work.wanted_at, work.checked_at, work.was_woken, "
		 "work.failures,"
		 " work.due_records, work.due_authority, work.due_policy" },
	.rows = { CLAIM_COLUMNS, sizeof(struct work_claim), "a list of claims",
	    take_claim },
};

enum err
work_claim(struct store *s, int64_t worker, struct wall_time now,
    struct wall_time until, size_t max, struct arena *a,
    struct work_claim **out, size_t *n, struct error *e)
{
	void *list;
	enum err err =
	    claims_take(s, &domains, worker, now, until, max, a, &list, n, e);

	*out = list;
	return err;
}

static const struct sql_statement extend_claim = {
	"UPDATE work SET due_at = $4"
	" WHERE domain = $1 AND claim = $2 AND claimed_by = $3"
};

static struct claim_key
key_of(const void *claims, size_t i)
{
	const struct work_claim *c = claims;

	return (struct claim_key){ c[i].domain, c[i].number };
}

enum err
work_extend(struct store *s, int64_t worker, const struct work_claim *claims,
    size_t n, struct wall_time until, size_t *held, struct error *e)
{
	return claims_extend(
	    s, &extend_claim, key_of, worker, claims, n, until, held, e);
}

static const struct sql_statement finish_claim = {
	"UPDATE work SET claimed_by = NULL, wanted_at = $4,"
	" due_at = CASE WHEN woken_at < $4 THEN woken_at ELSE $4 END,"
	" due_records = $5, due_authority = $6, due_policy = $7,"
	" failures = $8, checked_at = $9"
	" WHERE domain = $1 AND claim = $2 AND claimed_by = $3"
};

enum err
work_finish(struct store *s, int64_t worker, const struct work_claim *claim,
    const struct schedule *schedule, struct wall_time now, bool *held,
    struct error *e)
{
	struct sql_value args[9] = { sql_int(claim->domain),
		sql_int(claim->number), sql_int(worker),
		sql_int(schedule_next(schedule).s) };

	for (enum look k = 0; k < LOOKS; k++)
		args[4 + k] = sql_int(schedule->due[k].s);
	args[7] = sql_int(pack_failures(schedule));
	args[8] = sql_int(now.s);
	return claims_change(s, &finish_claim, args, 9, held, e);
}

#define WAKE                                                                   \
	"UPDATE work SET woken_at = $2, due_at ="                              \
	" CASE WHEN claimed_by IS NULL AND due_at > $2 THEN $2 ELSE due_at "   \
	"END"

/* The rows are locked in one order, so that two hosts of the same domains do
 * not wait for each other. */
static const struct sql_statement wake_domains = {
	"WITH woken AS MATERIALIZED (SELECT domain FROM work"
	" WHERE due_at IS NOT NULL"
	" AND domain IN (SELECT domain FROM domain_host WHERE host = $1)"
	" ORDER BY domain {LOCKED}) " WAKE
	" FROM woken WHERE work.domain = woken.domain"
};

enum err
work_wake(struct store *s, int64_t host, struct wall_time now, struct error *e)
{
	struct sql_value args[] = { sql_int(host), sql_int(now.s) };

	return sql_change(store_sql(s), &wake_domains, args, 2, NULL, e);
}

static const struct sql_statement wake_domain = { WAKE
	" WHERE domain = $1 AND due_at IS NOT NULL" };

enum err
work_wake_domain(
    struct store *s, int64_t domain, struct wall_time now, struct error *e)
{
	struct sql_value args[] = { sql_int(domain), sql_int(now.s) };

	return sql_change(store_sql(s), &wake_domain, args, 2, NULL, e);
}

/* A part at a time, so that others may write in between. */
static const struct sql_statement hurry_domains = {
	"WITH late AS MATERIALIZED (SELECT domain FROM work"
	" WHERE due_at > $2 AND claimed_by IS NULL"
	" ORDER BY due_at LIMIT 10000 {SKIP_LOCKED})"
	" UPDATE work SET woken_at = $1, due_at = $1, wanted_at = $1"
	" FROM late WHERE work.domain = late.domain"
};
static const struct sql_statement hurry_hosts = {
	"WITH late AS MATERIALIZED (SELECT id FROM mail_host"
	" WHERE due_at > $2 AND claimed_by IS NULL"
	" ORDER BY due_at LIMIT 10000 {SKIP_LOCKED})"
	" UPDATE mail_host SET due_at = $1, wanted_at = $1"
	" FROM late WHERE mail_host.id = late.id"
};

/* The publish role and the certs role have something to do every day. */
static const struct sql_statement hurry_publications = {
	"WITH late AS MATERIALIZED (SELECT domain FROM publication"
	" WHERE due_at > $2 + 86400 AND claimed_by IS NULL"
	" ORDER BY due_at LIMIT 10000 {SKIP_LOCKED})"
	" UPDATE publication SET due_at = $1"
	" FROM late WHERE publication.domain = late.domain"
};
static const struct sql_statement hurry_certificates = {
	"WITH late AS MATERIALIZED (SELECT host FROM certificate"
	" WHERE due_at > $2 + 86400 AND claimed_by IS NULL"
	" ORDER BY due_at LIMIT 10000 {SKIP_LOCKED})"
	" UPDATE certificate SET due_at = $1"
	" FROM late WHERE certificate.host = late.host"
};

enum err
work_hurry(struct store *s, struct wall_time now, struct wall_time latest,
    struct error *e)
{
	static const struct sql_statement *const all[] = { &hurry_domains,
		&hurry_hosts, &hurry_publications, &hurry_certificates };
	struct sql_value args[] = { sql_int(now.s), sql_int(latest.s) };
	enum err err = ERR_OK;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		int64_t changed = 1;

		while (err == ERR_OK && changed > 0)
			err = sql_change(
			    store_sql(s), all[i], args, 2, &changed, e);
	}
	return err;
}

static const struct sql_statement count_unseen = {
	"SELECT COUNT(*) FROM (SELECT domain FROM work"
	" WHERE checked_at IS NULL AND due_at IS NOT NULL LIMIT $1) AS unseen"
};

enum err
work_unseen(struct store *s, size_t most, size_t *out, struct error *e)
{
	struct sql_value args[] = { sql_int((int64_t)most) }, row;
	bool got;
	enum err err;

	err =
	    sql_numbers(store_sql(s), &count_unseen, args, 1, &row, 1, &got, e);
	if (err == ERR_OK)
		*out = (size_t)row.i;
	return err;
}

/* Claimed rows are few and have an index; so are late ones unless all workers
 * are dead, and then 10,000 say enough. The "+ 0" keeps SQLite from reading all
 * that lies ahead. */
static const struct sql_statement count_overdue = {
	"SELECT COUNT(*), MIN(wanted_at) FROM ("
	"SELECT wanted_at FROM (SELECT wanted_at FROM work WHERE due_at < $1"
	" ORDER BY due_at LIMIT 10000) AS late"
	" UNION ALL"
	" SELECT wanted_at FROM work WHERE claimed_by > 0"
	" AND wanted_at < $1 AND due_at + 0 >= $1) AS overdue"
};

enum err
work_overdue(struct store *s, struct wall_time before, struct work_overdue *out,
    struct error *e)
{
	struct sql_value args[] = { sql_int(before.s) }, row[2];
	bool got;
	enum err err;

	err =
	    sql_numbers(store_sql(s), &count_overdue, args, 1, row, 2, &got, e);
	if (err == ERR_OK)
		*out = (struct work_overdue){ row[0].i, { row[1].i } };
	return err;
}

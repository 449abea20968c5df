/* Publications claimed and woken, and what is left with them. They are read in
 * publications_read.c; what their owner says stands in publications_ask.c, what
 * a step came to in publications_save.c. */
#include "store/publications.h"

#include "store/claims.h"

/* ---- the service zone ---- */

static const struct sql_statement put_zone = {
	"INSERT INTO setting (name, value) VALUES ('service-zone', $1)"
	" ON CONFLICT (name) DO UPDATE SET value = excluded.value"
	" WHERE setting.value <> excluded.value"
};
static const struct sql_statement get_zone = {
	"SELECT value FROM setting WHERE name = 'service-zone'"
};

enum err
service_zone_set(struct store *s, struct span zone, struct error *e)
{
	struct sql_value args[] = { sql_text(zone) };

	return sql_change(store_sql(s), &put_zone, args, 1, NULL, e);
}

enum err
service_zone_get(
    struct store *s, struct arena *a, struct span *out, struct error *e)
{
	struct sql_value row = sql_text(SPAN(""));
	bool got;
	enum err err =
	    sql_one(store_sql(s), &get_zone, NULL, 0, a, &row, 1, &got, e);

	*out = got ? row.s : SPAN("");
	return err;
}

/* ---- the publish role ---- */

static enum err
take_claim(void *claim, const struct sql_value *row, struct error *e)
{
	struct publication_claim *c = claim;

	(void)e;
	*c = (struct publication_claim){ .domain = row[0].i,
		.number = row[1].i,
		.name = row[2].s,
		.woken = row[3].i != 0 };
	return ERR_OK;
}

/* As in work.c. */
static const struct claim_kind publications = {
	.due = { "WITH due AS MATERIALIZED"
		 " (SELECT domain FROM publication WHERE due_at <= $1"
		 " ORDER BY due_at LIMIT $2 {SKIP_LOCKED})"
		 " UPDATE publication SET due_at = $3, claimed_by = $4,"
		 " claim = claim + 1,"
		 " was_woken = CASE WHEN woken_at IS NULL THEN 0 ELSE 1 END,"
		 " woken_at = NULL"
		 " FROM due WHERE publication.domain = due.domain"
		 " RETURNING publication.domain, claim, name, was_woken" },
	.rows = { 4, sizeof(struct publication_claim), "a list of publications",
	    take_claim },
};

enum err
publication_claim(struct store *s, int64_t worker, struct wall_time now,
    struct wall_time until, size_t max, struct arena *a,
    struct publication_claim **out, size_t *n, struct error *e)
{
	void *list;
	enum err err = claims_take(
	    s, &publications, worker, now, until, max, a, &list, n, e);

	*out = list;
	return err;
}

/* What was served until another took its place, is known by the other. */
static const struct sql_statement forget_bodies = {
	"DELETE FROM published_body WHERE domain = $1 AND EXISTS"
	" (SELECT 1 FROM published_body AS later"
	"  WHERE later.domain = published_body.domain"
	"  AND later.version > published_body.version AND later.at < $2)"
};

enum err
publication_forget(
    struct store *s, int64_t domain, struct wall_time before, struct error *e)
{
	struct sql_value args[] = { sql_int(domain), sql_int(before.s) };

	return sql_change(store_sql(s), &forget_bodies, args, 2, NULL, e);
}

/* ---- waking ---- */

#define WAKE(now)                                                              \
	"UPDATE publication SET woken_at = " now ", due_at ="                  \
	" CASE WHEN claimed_by IS NOT NULL OR due_at < " now                   \
	" THEN due_at ELSE " now " END"

static const struct sql_statement wake_one = { WAKE(
    "$2") " WHERE domain = $1" };
/* In one order, so that two who wake do not wait for each other. */
static const struct sql_statement wake_waiting = {
	"WITH waiting AS MATERIALIZED (SELECT domain FROM publication"
	" WHERE change <> 'rest' ORDER BY domain {LOCKED}) " WAKE(
	    "$1") " FROM waiting WHERE publication.domain = waiting.domain"
};

enum err
publication_wake_waiting(struct store *s, struct wall_time now, struct error *e)
{
	struct sql_value args[] = { sql_int(now.s) };

	return sql_change(store_sql(s), &wake_waiting, args, 1, NULL, e);
}

enum err
publication_wake(
    struct store *s, int64_t domain, struct wall_time now, struct error *e)
{
	struct sql_value args[] = { sql_int(domain), sql_int(now.s) };

	return sql_change(store_sql(s), &wake_one, args, 2, NULL, e);
}

/* ---- what the monitor leaves ---- */

static const struct sql_statement put_sight = {
	"UPDATE publication SET sight = $2, sight_stepped = 0"
	" WHERE domain = $1 AND stage <> 'ended'"
};

struct leaving {
	int64_t domain;
	struct sql_value text, at;
	bool wake;
};

static enum err
run_leaving(struct sql *sql, void *arg, struct error *e)
{
	const struct leaving *l = arg;
	struct sql_value args[] = { sql_int(l->domain), l->text };
	int64_t changed = 0;
	enum err err = sql_run(sql, &put_sight, args, 2, &changed, e);

	args[1] = l->at;
	if (err == ERR_OK && changed > 0 && l->wake)
		err = sql_run(sql, &wake_one, args, 2, NULL, e);
	return err;
}

enum err
publication_put_sight(struct store *s, int64_t domain, struct span text,
    struct wall_time at, bool wake, struct error *e)
{
	struct leaving l = { domain, sql_text(text), sql_int(at.s), wake };

	return sql_transact(store_sql(s), SQL_WRITE, run_leaving, &l, e);
}

static const struct sql_statement get_sight = {
	"SELECT sight, sight_stepped FROM publication"
	" WHERE domain = $1 AND sight <> ''"
};

enum err
publication_get_sight(struct store *s, int64_t domain, struct arena *a,
    struct span *text, bool *stepped, bool *found, struct error *e)
{
	struct sql_value args[] = { sql_int(domain) }, row[2];
	enum err err =
	    sql_one(store_sql(s), &get_sight, args, 1, a, row, 2, found, e);

	if (err == ERR_OK && *found) {
		*text = row[0].s;
		*stepped = row[1].i != 0;
	}
	return err;
}

#include "store/hosts.h"

#include "base/limits.h"
#include "store/claims.h"
#include "store/packed.h"
#include "store/work.h"

/* As in work.c. */
static const struct sql_statement claim_due = {
	"WITH due AS MATERIALIZED"
	" (SELECT id FROM mail_host WHERE due_at <= $1"
	" ORDER BY due_at LIMIT $2 {SKIP_LOCKED})"
	" UPDATE mail_host SET due_at = $3, claimed_by = $4, claim = claim + 1"
	" FROM due WHERE mail_host.id = due.id"
	" RETURNING mail_host.id, claim, name, failures, doubts,"
	" (SELECT MIN(domain) FROM domain_host"
	"  WHERE domain_host.host = mail_host.id)"
};
enum { CLAIM_COLUMNS = 6 };
/* Its row is held, and nobody adds a use to it meanwhile; but somebody may have
 * done so just before. */
static const struct sql_statement forget_host = {
	"DELETE FROM mail_host WHERE id = $1 AND NOT EXISTS"
	" (SELECT 1 FROM domain_host WHERE host = $1)"
};

struct claiming {
	struct sql_value args[4];
	size_t max;
	struct arena *a;
	struct host_claim *list;
	size_t n;
	int64_t *unused; /* that nobody seemed to use */
	size_t unused_n;
};

static enum err
take_claim(void *arg, const struct sql_value *row, struct error *e)
{
	struct claiming *c = arg;
	struct host_claim *h = &c->list[c->n++];

	(void)e;
	*h = (struct host_claim){
		.host = row[0].i,
		.number = row[1].i,
		.name = row[2].s,
		.failures = (uint8_t)row[3].i,
		.doubts = row[4].i,
	};
	if (row[5].type == SQL_NULL)
		c->unused[c->unused_n++] = h->host;
	return ERR_OK;
}

static void
drop(struct claiming *c, int64_t host)
{
	size_t i = 0;

	while (c->list[i].host != host)
		i++;
	memmove(&c->list[i], &c->list[i + 1], (--c->n - i) * sizeof c->list[0]);
}

static enum err
forget_unused(struct sql *sql, struct claiming *c, struct error *e)
{
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < c->unused_n; i++) {
		struct sql_value id = sql_int(c->unused[i]);
		int64_t changed = 0;

		err = sql_run(sql, &forget_host, &id, 1, &changed, e);
		if (err == ERR_OK && changed > 0)
			drop(c, c->unused[i]);
	}
	return err;
}

static enum err
run_claiming(struct sql *sql, void *arg, struct error *e)
{
	struct claiming *c = arg;
	struct sql_taker to = { c->a, CLAIM_COLUMNS, take_claim, c };
	enum err err;

	c->n = c->unused_n = 0;
	c->list = arena_array(c->a, c->max, sizeof *c->list);
	c->unused = arena_array(c->a, c->max, sizeof *c->unused);
	if (c->list == NULL || c->unused == NULL)
		return error_set(e, ERR_MEMORY, "a list of mail hosts");
	err = sql_each(sql, &claim_due, c->args, 4, &to, e);
	return err == ERR_OK ? forget_unused(sql, c, e) : err;
}

enum err
hosts_claim(struct store *s, int64_t worker, struct wall_time now,
    struct wall_time until, size_t max, struct arena *a,
    struct host_claim **out, size_t *n, struct error *e)
{
	struct claiming c = { .a = a };
	enum err err;

	c.max = max < LIMIT_STORE_CLAIM ? max : LIMIT_STORE_CLAIM;
	c.args[0] = sql_int(now.s);
	c.args[1] = sql_int((int64_t)c.max);
	c.args[2] = sql_int(until.s);
	c.args[3] = sql_int(worker);
	err = sql_transact(store_sql(s), SQL_WRITE, run_claiming, &c, e);
	*out = c.list;
	*n = err == ERR_OK ? c.n : 0;
	return err;
}

#define IS_HELD " WHERE id = $1 AND claim = $2 AND claimed_by = $3"
#define LOOKED                                                                 \
	"UPDATE mail_host SET claimed_by = NULL, due_at = $4, wanted_at = $4," \
	" failures = $5, doubts = $6, looked_at = $7"

static const struct sql_statement finish_same = { LOOKED IS_HELD };
static const struct sql_statement finish_new = { LOOKED
	", seen_at = $7, json_zlib = $8" IS_HELD };

struct finishing {
	struct store *s;
	const struct host_claim *claim;
	const struct host_look *look;
	struct sql_value args[8];
	size_t n;
	int64_t changed;
};

static enum err
run_finishing(struct sql *sql, void *arg, struct error *e)
{
	struct finishing *f = arg;
	enum err err = sql_run(sql, f->n == 8 ? &finish_new : &finish_same,
	    f->args, f->n, &f->changed, e);

	if (err == ERR_OK && f->changed > 0 && f->look->wake)
		err = work_wake(f->s, f->claim->host, f->look->at, e);
	return err;
}

enum err
hosts_finish(struct store *s, int64_t worker, const struct host_claim *claim,
    const struct host_look *look, bool *held, struct error *e)
{
	struct finishing f = { .s = s,
		.claim = claim,
		.look = look,
		.args = { sql_int(claim->host), sql_int(claim->number),
		    sql_int(worker), sql_int(look->due.s),
		    sql_int(look->failures), sql_int(look->doubts),
		    sql_int(look->at.s) },
		.n = 7 };
	struct span packed;
	struct arena a;
	enum err err = ERR_OK;

	arena_init(&a, 2 * LIMIT_STORE_TEXT);
	if (look->json.n > 0) {
		err = packed_write(look->json, &a, &packed, e);
		if (err == ERR_OK)
			f.args[f.n++] = sql_blob(packed);
	}
	if (err == ERR_OK)
		err =
		    sql_transact(store_sql(s), SQL_WRITE, run_finishing, &f, e);
	arena_release(&a);
	*held = err == ERR_OK && f.changed > 0;
	return err;
}

static const struct sql_statement extend_claim = {
	"UPDATE mail_host SET due_at = $4" IS_HELD
};

static struct claim_key
key_of(const void *claims, size_t i)
{
	const struct host_claim *c = claims;

	return (struct claim_key){ c[i].host, c[i].number };
}

enum err
hosts_extend(struct store *s, int64_t worker, const struct host_claim *claims,
    size_t n, struct wall_time until, size_t *held, struct error *e)
{
	return claims_extend(
	    s, &extend_claim, key_of, worker, claims, n, until, held, e);
}

/* What is held true is written by who has the claim, as he gives it back. So
 * every claim has two numbers: while it is held, and afterwards. */
static const struct sql_statement get_version = {
	"SELECT id, 2 * claim - CASE WHEN claimed_by IS NULL THEN 0 ELSE 1 END"
	" FROM mail_host WHERE name = $1 AND json_zlib IS NOT NULL"
};

enum err
hosts_version(struct store *s, struct span name, struct host_version *out,
    bool *found, struct error *e)
{
	struct sql_value args[] = { sql_text(name) }, row[2];
	enum err err;

	err =
	    sql_numbers(store_sql(s), &get_version, args, 1, row, 2, found, e);
	if (err == ERR_OK && *found)
		*out = (struct host_version){ row[0].i, row[1].i };
	return err;
}

static const struct sql_statement get_host = {
	"SELECT seen_at, json_zlib FROM mail_host"
	" WHERE name = $1 AND json_zlib IS NOT NULL"
};

enum err
hosts_get(struct store *s, struct span name, struct arena *a, struct span *json,
    struct wall_time *seen_at, bool *found, struct error *e)
{
	struct sql_value args[] = { sql_text(name) }, row[2];
	enum err err =
	    sql_one(store_sql(s), &get_host, args, 1, a, row, 2, found, e);

	if (err != ERR_OK || !*found)
		return err;
	seen_at->s = row[0].i;
	return packed_read(row[1].s, a, json, e);
}

static const struct sql_statement lose_truth = {
	"UPDATE mail_host SET json_zlib = NULL, doubts = 0, due_at = CASE WHEN"
	" claimed_by IS NULL AND due_at > $2 THEN $2 ELSE due_at END"
	" WHERE name = $1 AND json_zlib IS NOT NULL"
};

enum err
hosts_lose(
    struct store *s, struct span name, struct wall_time now, struct error *e)
{
	struct sql_value args[] = { sql_text(name), sql_int(now.s) };

	return sql_change(store_sql(s), &lose_truth, args, 2, NULL, e);
}

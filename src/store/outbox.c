#include "store/outbox.h"

#include <stdlib.h>

#include "base/limits.h"
#include "store/claims.h"
#include "store/word.h"

/* clang-format off */
const char *const news_kind_names[] = {
	[NEWS_OPENED]	= "opened",
	[NEWS_WORSENED]	= "worsened",
	[NEWS_RESOLVED]	= "resolved",
	[NEWS_REMINDER]	= "reminder",
	[NEWS_CHANGED]	= "changed",
	[NEWS_ADVICE]	= "advice",
	[NEWS_DIGEST]	= "digest",
	[NEWS_TEST]	= "test",
	NULL
};
/* clang-format on */

static const struct sql_statement insert_news = {
	"INSERT INTO outbox (message_key, channel, kind, severity, incident,"
	" domain, text, created_at, state, tell_at, next_try)"
	" VALUES ($1, '', $2, $3, $4, $5, $6, $7, 'waiting', $8, $8)"
	" ON CONFLICT (message_key, channel) DO NOTHING"
};

static struct sql_value
id_or_null(int64_t id)
{
	return id != 0 ? sql_int(id) : sql_null();
}

enum err
outbox_put(struct store *s, const struct news *news, struct wall_time now,
    struct error *e)
{
	struct sql_value args[] = { sql_text(news->key),
		sql_text(span_str(news_kind_names[news->kind])),
		sql_text(span_str(severity_names[news->severity])),
		id_or_null(news->incident), id_or_null(news->domain),
		sql_text(news->text), sql_int(now.s),
		sql_int(news->tell_at.s) };

	return sql_change(store_sql(s), &insert_news, args, 8, NULL, e);
}

/* As in work.c, for one channel. */
#define CLAIM_DUE(which)                                                       \
	"WITH due AS MATERIALIZED"                                             \
	" (SELECT id FROM outbox WHERE channel = $1 AND next_try <= $2" which  \
	" ORDER BY next_try, id LIMIT $3 {SKIP_LOCKED})"                       \
	" UPDATE outbox SET next_try = $4, claimed_by = $5, claim = claim + 1" \
	" FROM due WHERE outbox.id = due.id"                                   \
	" RETURNING outbox.id, claim, channel, message_key, kind, severity,"   \
	" incident, domain, text, tell_at, created_at, attempts"
static const struct sql_statement claim_due = { CLAIM_DUE(
    " AND (channel = '' OR kind <> 'test')") };
static const struct sql_statement claim_tests = { CLAIM_DUE(
    " AND kind = 'test'") };
enum { ROW_COLUMNS = 12 };

struct claiming {
	const struct sql_statement *due;
	struct sql_value args[5];
	size_t max;
	struct arena *a;
	struct outbox_row *list;
	size_t n;
};

static enum err
take_row(void *arg, const struct sql_value *row, struct error *e)
{
	struct claiming *c = arg;
	struct outbox_row *r = &c->list[c->n];
	size_t kind = 0;
	enum err err =
	    word_read(row[4].s, news_kind_names, NEWS_KINDS, "kind", &kind, e);

	if (err == ERR_OK)
		err = word_read_severity(row[5].s, &r->news.severity, e);
	if (err != ERR_OK)
		return err;
	r->id = row[0].i;
	r->number = row[1].i;
	r->channel = row[2].s;
	r->news.key = row[3].s;
	r->news.kind = (enum news_kind)kind;
	r->news.incident = row[6].i;
	r->news.domain = row[7].i;
	r->news.text = row[8].s;
	r->news.tell_at.s = row[9].i;
	r->created_at.s = row[10].i;
	r->attempts = row[11].i;
	c->n++;
	return ERR_OK;
}

static int
by_id(const void *va, const void *vb)
{
	const struct outbox_row *a = va, *b = vb;

	return (a->id > b->id) - (a->id < b->id);
}

static enum err
run_claiming(struct sql *sql, void *arg, struct error *e)
{
	struct claiming *c = arg;
	struct sql_taker to = { c->a, ROW_COLUMNS, take_row, c };
	enum err err;

	c->n = 0;
	c->list = arena_array(c->a, c->max, sizeof *c->list);
	if (c->list == NULL)
		return error_set(e, ERR_MEMORY, "a list of news");
	err = sql_each(sql, c->due, c->args, 5, &to, e);
	if (err == ERR_OK)
		qsort(c->list, c->n, sizeof *c->list, by_id);
	return err;
}

static enum err
claim(struct store *s, struct claiming *c, int64_t worker, struct span channel,
    struct wall_time now, struct wall_time until, size_t max,
    struct outbox_row **out, size_t *n, struct error *e)
{
	enum err err;

	c->max = max < LIMIT_STORE_CLAIM ? max : LIMIT_STORE_CLAIM;
	c->args[0] = sql_text(channel);
	c->args[1] = sql_int(now.s);
	c->args[2] = sql_int((int64_t)c->max);
	c->args[3] = sql_int(until.s);
	c->args[4] = sql_int(worker);
	err = sql_transact(store_sql(s), SQL_WRITE, run_claiming, c, e);
	*out = c->list;
	*n = err == ERR_OK ? c->n : 0;
	return err;
}

enum err
outbox_claim(struct store *s, int64_t worker, struct span channel,
    struct wall_time now, struct wall_time until, size_t max, struct arena *a,
    struct outbox_row **out, size_t *n, struct error *e)
{
	struct claiming c = { .due = &claim_due, .a = a };

	return claim(s, &c, worker, channel, now, until, max, out, n, e);
}

enum err
outbox_claim_tests(struct store *s, int64_t worker, struct span channel,
    struct wall_time now, struct wall_time until, size_t max, struct arena *a,
    struct outbox_row **out, size_t *n, struct error *e)
{
	struct claiming c = { .due = &claim_tests, .a = a };

	return claim(s, &c, worker, channel, now, until, max, out, n, e);
}

/* All that ends a claim begins with what makes it: $1, $2, $3. */
#define IS_HELD " WHERE id = $1 AND claim = $2 AND claimed_by = $3"
enum { HELD_ARGS = 3 };

static void
put_claim(struct sql_value *args, const struct outbox_row *row, int64_t worker)
{
	args[0] = sql_int(row->id);
	args[1] = sql_int(row->number);
	args[2] = sql_int(worker);
}

static const struct sql_statement end_news = {
	"UPDATE outbox SET state = 'done', next_try = NULL, claimed_by = NULL,"
	" ended_at = $4" IS_HELD
};
/* $1: the news. */
static const struct sql_statement insert_delivery = {
	"INSERT INTO outbox (message_key, channel, kind, severity, incident,"
	" domain, text, created_at, state, tell_at, next_try)"
	" SELECT message_key, $2, kind, severity, incident, domain, text,"
	" created_at, 'waiting', CAST($3 AS {INT}), CAST($3 AS {INT})"
	" FROM outbox WHERE id = $1"
	" ON CONFLICT (message_key, channel) DO NOTHING"
};

struct routing {
	struct sql_value claim[HELD_ARGS + 1];
	const struct outbox_target *targets;
	size_t n;
	bool held;
};

static enum err
run_routing(struct sql *sql, void *arg, struct error *e)
{
	struct routing *r = arg;
	int64_t changed = 0;
	enum err err =
	    sql_run(sql, &end_news, r->claim, HELD_ARGS + 1, &changed, e);

	r->held = changed > 0;
	for (size_t i = 0; err == ERR_OK && r->held && i < r->n; i++) {
		struct sql_value args[] = { r->claim[0],
			sql_text(r->targets[i].channel),
			sql_int(r->targets[i].tell_at.s) };

		err = sql_run(sql, &insert_delivery, args, 3, NULL, e);
	}
	return err;
}

enum err
outbox_route(struct store *s, int64_t worker, const struct outbox_row *news,
    const struct outbox_target *targets, size_t n, struct wall_time now,
    bool *held, struct error *e)
{
	struct routing r = { .targets = targets, .n = n };
	enum err err;

	put_claim(r.claim, news, worker);
	r.claim[HELD_ARGS] = sql_int(now.s);
	err = sql_transact(store_sql(s), SQL_WRITE, run_routing, &r, e);
	*held = err == ERR_OK && r.held;
	return err;
}

static const struct sql_statement end_delivery = {
	"UPDATE outbox SET state = 'done', next_try = NULL, claimed_by = NULL,"
	" ended_at = $4, attempts = attempts + 1, error = ''" IS_HELD
};

enum err
outbox_done(struct store *s, int64_t worker, const struct outbox_row *row,
    struct wall_time now, bool *held, struct error *e)
{
	struct sql_value args[HELD_ARGS + 1];

	put_claim(args, row, worker);
	args[HELD_ARGS] = sql_int(now.s);
	return claims_change(s, &end_delivery, args, HELD_ARGS + 1, held, e);
}

/* At most LIMIT_OUTBOX_ERROR bytes, and no half of a character. */
static struct sql_value
cut_error(struct span error)
{
	size_t n = LIMIT_OUTBOX_ERROR;

	while (
	    n < error.n && n > 0 && ((unsigned char)error.p[n] & 0xc0) == 0x80)
		n--;
	return sql_text(span_head(error, n));
}

static const struct sql_statement try_again = {
	"UPDATE outbox SET tell_at = $4, next_try = $4, claimed_by = NULL,"
	" attempts = attempts + 1, error = $5" IS_HELD
};

enum err
outbox_retry(struct store *s, int64_t worker, const struct outbox_row *row,
    struct span error, struct wall_time next, bool *held, struct error *e)
{
	struct sql_value args[HELD_ARGS + 2];

	put_claim(args, row, worker);
	args[HELD_ARGS] = sql_int(next.s);
	args[HELD_ARGS + 1] = cut_error(error);
	return claims_change(s, &try_again, args, HELD_ARGS + 2, held, e);
}

/* It ended before its lease did: for outbox_forget that is near enough. */
static const struct sql_statement give_up = {
	"UPDATE outbox SET state = 'given-up', ended_at = next_try,"
	" next_try = NULL, claimed_by = NULL, attempts = attempts + 1,"
	" error = $4" IS_HELD
};

enum err
outbox_give_up(struct store *s, int64_t worker, const struct outbox_row *row,
    struct span error, bool *held, struct error *e)
{
	struct sql_value args[HELD_ARGS + 1];

	put_claim(args, row, worker);
	args[HELD_ARGS] = cut_error(error);
	return claims_change(s, &give_up, args, HELD_ARGS + 1, held, e);
}

static const struct sql_statement told = {
	"SELECT MAX(CASE WHEN state = 'done' THEN ended_at END),"
	" COUNT(CASE WHEN state = 'waiting' THEN 1 END) FROM outbox"
	" WHERE incident = $1 AND channel = $2"
	" AND kind IN ('opened', 'worsened', 'reminder')"
};
enum { TOLD_COLUMNS = 2 };

enum err
outbox_told(struct store *s, struct span channel, int64_t incident,
    struct outbox_told *out, struct error *e)
{
	struct sql_value args[] = { sql_int(incident), sql_text(channel) };
	struct sql_value row[TOLD_COLUMNS];
	bool got;
	enum err err;

	err = sql_numbers(
	    store_sql(s), &told, args, 2, row, TOLD_COLUMNS, &got, e);
	if (err == ERR_OK)
		*out = (struct outbox_told){ .was_told = row[0].type == SQL_INT,
			.at = { row[0].i },
			.waits = row[1].i > 0 };
	return err;
}

/* One that is claimed is being told; a lease is short. */
static const struct sql_statement expire = {
	"UPDATE outbox SET state = 'given-up', ended_at = $2, next_try = NULL,"
	" claimed_by = NULL, error = 'nobody took it'"
	" WHERE next_try IS NOT NULL AND next_try < $2 AND channel <> ''"
	" AND created_at < $1"
};

enum err
outbox_expire(struct store *s, struct wall_time before, struct wall_time now,
    struct error *e)
{
	struct sql_value args[] = { sql_int(before.s), sql_int(now.s) };

	return sql_change(store_sql(s), &expire, args, 2, NULL, e);
}

/* A part at a time, so that others may write in between. */
static const struct sql_statement forget = {
	"DELETE FROM outbox WHERE id IN (SELECT id FROM outbox"
	" WHERE ended_at < $1 ORDER BY ended_at LIMIT 1000)"
};

enum err
outbox_forget(struct store *s, struct wall_time before, struct error *e)
{
	struct sql_value args[] = { sql_int(before.s) };
	int64_t changed;
	enum err err;

	do {
		changed = 0;
		err = sql_change(store_sql(s), &forget, args, 1, &changed, e);
	} while (err == ERR_OK && changed > 0);
	return err;
}

static const struct sql_statement health = {
	"WITH waiting AS MATERIALIZED (SELECT created_at, attempts, error"
	" FROM outbox WHERE channel = $1 AND next_try IS NOT NULL"
	" ORDER BY next_try LIMIT 10000)"
	" SELECT (SELECT COUNT(*) FROM waiting),"
	" (SELECT MIN(created_at) FROM waiting), attempts, error FROM waiting"
	" ORDER BY attempts DESC LIMIT 1"
};
enum { HEALTH_COLUMNS = 4 };

enum err
outbox_health(struct store *s, struct span channel, struct arena *a,
    struct outbox_health *out, struct error *e)
{
	struct sql_value args[] = { sql_text(channel) };
	struct sql_value row[HEALTH_COLUMNS];
	bool got;
	enum err err = sql_one(
	    store_sql(s), &health, args, 1, a, row, HEALTH_COLUMNS, &got, e);

	*out = (struct outbox_health){ .error = SPAN("") };
	if (err == ERR_OK && got)
		*out = (struct outbox_health){ row[0].i, { row[1].i }, row[2].i,
			row[3].s };
	return err;
}

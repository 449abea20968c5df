/* Reminders: news of incidents that are open and that nobody knows of. */
#include "store/outbox.h"

/* Of two who remind at once, the second finds that the first has done it. */
static const struct sql_statement mark_reminded = {
	"UPDATE incident SET reminded_at = $1"
	" WHERE resolved_at IS NULL AND severity = $2"
	" AND opened_at < $3 AND acknowledged_at IS NULL"
	" AND (reminded_at IS NULL OR reminded_at < $4) RETURNING id"
};

struct reminding {
	struct store *s;
	enum severity severity, at_least;
	struct wall_time opened_before, reminded_before, now;
	struct arena a;
	int64_t *ids; /* of one severity */
	size_t n, cap, total;
};

static enum err
take_id(void *arg, const struct sql_value *row, struct error *e)
{
	struct reminding *r = arg;
	int64_t *ids = arena_grow(&r->a, r->ids, r->n, &r->cap, sizeof *ids);

	if (ids == NULL)
		return error_set(e, ERR_MEMORY, "a list of reminders");
	r->ids = ids;
	r->ids[r->n++] = row[0].i;
	return ERR_OK;
}

static enum err
put_reminder(struct reminding *r, int64_t incident, struct error *e)
{
	char key[80];
	int n = snprintf(key, sizeof key, "incident/%lld/reminder/%lld",
	    (long long)incident, (long long)r->now.s);
	struct news news = {
		.key = { key, (size_t)n },
		.kind = NEWS_REMINDER,
		.severity = r->severity,
		.incident = incident,
		.text = SPAN(""),
		.tell_at = r->now,
	};

	return outbox_put(r->s, &news, r->now, e);
}

static enum err
remind_of(struct sql *sql, struct reminding *r, struct error *e)
{
	struct sql_value args[] = { sql_int(r->now.s),
		sql_text(span_str(severity_names[r->severity])),
		sql_int(r->opened_before.s), sql_int(r->reminded_before.s) };
	struct sql_taker to = { &r->a, 1, take_id, r };
	enum err err;

	r->n = 0;
	err = sql_each(sql, &mark_reminded, args, 4, &to, e);
	for (size_t i = 0; err == ERR_OK && i < r->n; i++)
		err = put_reminder(r, r->ids[i], e);
	r->total += r->n;
	return err;
}

static enum err
run_reminding(struct sql *sql, void *arg, struct error *e)
{
	struct reminding *r = arg;
	enum err err = ERR_OK;

	r->total = 0;
	for (int i = SEVERITY_ERROR; err == ERR_OK && i >= (int)r->at_least;
	     i--) {
		r->severity = (enum severity)i;
		err = remind_of(sql, r, e);
	}
	return err;
}

enum err
outbox_remind(struct store *s, enum severity severity,
    struct wall_time opened_before, struct wall_time reminded_before,
    struct wall_time now, size_t *n, struct error *e)
{
	enum { MEMORY = 16 * 1024 * 1024 };
	struct reminding r = { .s = s,
		.at_least = severity,
		.opened_before = opened_before,
		.reminded_before = reminded_before,
		.now = now };
	enum err err;

	arena_init(&r.a, MEMORY);
	err = sql_transact(store_sql(s), SQL_WRITE, run_reminding, &r, e);
	arena_release(&r.a);
	*n = err == ERR_OK ? r.total : 0;
	return err;
}

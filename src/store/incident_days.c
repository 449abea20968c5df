/* Incidents, counted. */
#include "base/limits.h"
#include "store/incidents.h"
#include "store/word.h"

enum { DAY_S = 86400 };

static const struct sql_statement count_open = {
	"SELECT severity, COUNT(*), COUNT(acknowledged_at) FROM incident"
	" WHERE resolved_at IS NULL GROUP BY severity"
};
enum { COUNT_COLUMNS = 3 };

static enum err
take_count(void *arg, const struct sql_value *row, struct error *e)
{
	struct incident_counts *c = arg;
	enum severity severity = SEVERITY_INFO;
	enum err err = word_read_severity(row[0].s, &severity, e);

	if (err != ERR_OK)
		return err;
	switch (severity) {
	case SEVERITY_INFO:
		c->infos = row[1].i;
		break;
	case SEVERITY_WARNING:
		c->warnings = row[1].i;
		break;
	case SEVERITY_ERROR:
		c->errors = row[1].i;
		break;
	}
	c->unacknowledged += row[1].i - row[2].i;
	return ERR_OK;
}

enum err
incident_count(struct store *s, struct incident_counts *out, struct error *e)
{
	char mem[1024];
	struct arena a;
	struct sql_taker to = { &a, COUNT_COLUMNS, take_count, out };

	*out = (struct incident_counts){ 0 };
	arena_init_fixed(&a, mem, sizeof mem);
	return sql_each(store_sql(s), &count_open, NULL, 0, &to, e);
}

/* Each from which day to which; those that are open end behind all days ($2).
 * However many there are, their rows are few: days by days by severities. */
static const struct sql_statement count_spans = {
	"SELECT opened_at / 86400, CAST($2 AS {INT}), severity, COUNT(*) FROM "
	"incident"
	" WHERE resolved_at IS NULL AND opened_at < (CAST($2 AS {INT}) + 1) * "
	"86400"
	" GROUP BY opened_at / 86400, severity"
	" UNION ALL"
	" SELECT opened_at / 86400, resolved_at / 86400, severity, COUNT(*)"
	" FROM incident WHERE resolved_at >= CAST($1 AS {INT}) * 86400"
	" AND resolved_at IS NOT NULL AND opened_at < (CAST($2 AS {INT}) + 1) "
	"* 86400"
	" GROUP BY opened_at / 86400, resolved_at / 86400, severity"
};
enum { SPAN_COLUMNS = 4 };

struct days {
	struct incident_day *list;
	size_t n;
};

static enum err
take_span(void *arg, const struct sql_value *row, struct error *e)
{
	struct days *d = arg;
	enum severity severity = SEVERITY_INFO;
	enum err err = word_read_severity(row[2].s, &severity, e);

	for (size_t i = 0; err == ERR_OK && i < d->n; i++) {
		struct incident_day *day = &d->list[i];

		if (day->day < row[0].i || day->day > row[1].i)
			continue;
		if (day->day == row[0].i)
			day->opened += row[3].i;
		if (day->open == 0 || severity > day->worst)
			day->worst = severity;
		day->open += row[3].i;
	}
	return err;
}

enum err
incident_days(struct store *s, struct wall_time from, struct wall_time to,
    struct arena *a, struct incident_day **out, size_t *n, struct error *e)
{
	int64_t first = from.s / DAY_S, last = to.s / DAY_S;
	struct days d = { 0 };
	struct sql_taker taker = { a, SPAN_COLUMNS, take_span, &d };
	struct sql_value args[2];
	enum err err;

	*out = NULL;
	*n = 0;
	if (last < first)
		return ERR_OK;
	if (last - first >= LIMIT_CENSUS_DAYS)
		first = last - LIMIT_CENSUS_DAYS + 1;
	d.n = (size_t)(last - first + 1);
	d.list = arena_array(a, d.n, sizeof *d.list);
	if (d.list == NULL)
		return error_set(e, ERR_MEMORY, "the days of incidents");
	for (size_t i = 0; i < d.n; i++)
		d.list[i].day = first + (int64_t)i;
	args[0] = sql_int(first);
	args[1] = sql_int(last);
	err = sql_each(store_sql(s), &count_spans, args, 2, &taker, e);
	*out = d.list;
	*n = err == ERR_OK ? d.n : 0;
	return err;
}

/* Incidents, read; and that somebody knows of one. */
#include "base/limits.h"
#include "store/incidents.h"
#include "store/word.h"

/* What read_incident reads, in its order. */
#define INCIDENT_COLUMNS                                                       \
	"incident.id, cause, check_slug, subject, incident.severity,"          \
	" opened_at, changed_at, incident.resolved_at, acknowledged_at,"       \
	" acknowledged_by, note, horizon_at, message, remedy, errors,"         \
	" warnings, domains"
enum { INCIDENT_COLUMNS_N = 17, DAY_S = 86400 };

static enum err
read_incident(
    const struct sql_value *row, struct incident *out, struct error *e)
{
	*out = (struct incident){
		.id = row[0].i,
		.cause = row[1].s,
		.check = row[2].s,
		.subject = row[3].s,
		.opened_at = { row[5].i },
		.changed_at = { row[6].i },
		.is_resolved = row[7].type != SQL_NULL,
		.resolved_at = { row[7].i },
		.is_acknowledged = row[8].type != SQL_NULL,
		.acknowledged_at = { row[8].i },
		.acknowledged_by = row[9].s,
		.note = row[10].s,
		.horizon = { row[11].i },
		.message = row[12].s,
		.remedy = row[13].s,
		.errors = row[14].i,
		.warnings = row[15].i,
		.domains = row[16].i,
	};
	return word_read_severity(row[4].s, &out->severity, e);
}

static const struct sql_statement get_incident = {
	"SELECT " INCIDENT_COLUMNS " FROM incident WHERE id = $1"
};

enum err
incident_get(struct store *s, int64_t id, struct arena *a, struct incident *out,
    bool *found, struct error *e)
{
	struct sql_value args[] = { sql_int(id) };
	struct sql_value row[INCIDENT_COLUMNS_N];
	enum err err = sql_one(store_sql(s), &get_incident, args, 1, a, row,
	    INCIDENT_COLUMNS_N, found, e);

	return err == ERR_OK && *found ? read_incident(row, out, e) : err;
}

/* Each reads its page in order from one index; those of one domain, which are
 * few, are sorted instead. What a page begins behind is a moment ($1) and an
 * id ($2); $3 is the number of rows, $4 the tag or ''. */
#define HAS_TAG                                                                \
	" AND ($4 = '' OR EXISTS (SELECT 1 FROM incident_domain AS tagged"     \
	" JOIN domain_tag ON domain_tag.name = tagged.name"                    \
	" WHERE tagged.incident = incident.id AND tag = $4))"
#define OPEN                                                                   \
	" WHERE incident.resolved_at IS NULL"                                  \
	" AND (opened_at, incident.id) > ($1, $2)"                             \
	" AND incident.severity = $5"
#define OLDEST_FIRST " ORDER BY opened_at, incident.id LIMIT $3"
#define ENDED                                                                  \
	" WHERE incident.resolved_at IS NOT NULL"                              \
	" AND (incident.resolved_at, incident.id) < ($1, $2)"                  \
	" AND incident.severity IN ($5, $6, $7)"
#define NEWEST_FIRST                                                           \
	" ORDER BY incident.resolved_at DESC, incident.id DESC LIMIT $3"

static const struct sql_statement list_open = {
	"SELECT " INCIDENT_COLUMNS " FROM incident" OPEN HAS_TAG OLDEST_FIRST
};
static const struct sql_statement list_ended = {
	"SELECT " INCIDENT_COLUMNS " FROM incident" ENDED HAS_TAG NEWEST_FIRST
};
static const struct sql_statement list_open_domain = {
	"WITH mine AS MATERIALIZED (SELECT incident FROM incident_domain"
	" WHERE domain = $6 AND resolved_at IS NULL)"
	" SELECT " INCIDENT_COLUMNS " FROM mine"
	" CROSS JOIN incident" OPEN
	" AND incident.id = mine.incident" HAS_TAG OLDEST_FIRST
};
static const struct sql_statement list_ended_domain = {
	"WITH mine AS MATERIALIZED (SELECT incident FROM incident_domain"
	" WHERE domain = $8)"
	" SELECT " INCIDENT_COLUMNS " FROM mine"
	" CROSS JOIN incident" ENDED
	" AND incident.id = mine.incident" HAS_TAG NEWEST_FIRST
};

/* $6 is the domain or 0; the day goes from $7 to $8. */
static const struct sql_statement list_day = {
	"WITH those AS MATERIALIZED (SELECT id FROM incident"
	" WHERE severity = $5 AND resolved_at IS NULL AND opened_at < $8"
	" UNION ALL SELECT id FROM incident"
	" WHERE severity = $5 AND resolved_at IS NOT NULL"
	" AND resolved_at >= $7 AND opened_at < $8)"
	" SELECT " INCIDENT_COLUMNS " FROM those"
	" CROSS JOIN incident WHERE incident.id = those.id"
	" AND (opened_at, incident.id) > ($1, $2)"
	" AND (CAST($6 AS {INT}) = 0 OR EXISTS (SELECT 1 FROM incident_domain"
	" WHERE incident = incident.id AND domain = $6))" HAS_TAG OLDEST_FIRST
};

struct listing {
	const struct incident_filter *filter;
	struct arena *a;
	size_t max;
	struct incident *list;
	size_t n;

	/* The page begins behind these. */
	enum severity severity;
	struct sql_value moment, id;
};

static enum err
take_incident(void *arg, const struct sql_value *row, struct error *e)
{
	struct listing *l = arg;
	enum err err = read_incident(row, &l->list[l->n], e);

	l->n += err == ERR_OK;
	return err;
}

/* $1 to $4. */
static void
put_page(const struct listing *l, struct sql_value *args)
{
	args[0] = l->moment;
	args[1] = l->id;
	args[2] = sql_int((int64_t)(l->max - l->n));
	args[3] = sql_text(l->filter->tag);
}

/* Of one severity: $5 is it. */
static enum err
read_one(struct sql *sql, struct listing *l, struct sql_value args[8],
    struct error *e)
{
	struct sql_taker to = { l->a, INCIDENT_COLUMNS_N, take_incident, l };
	const struct incident_filter *f = l->filter;

	args[5] = sql_int(f->domain);
	args[6] = sql_int(f->day.s);
	args[7] = sql_int(f->day.s + DAY_S);
	if (f->day.s != 0)
		return sql_each(sql, &list_day, args, 8, &to, e);
	return f->domain != 0
		   ? sql_each(sql, &list_open_domain, args, 6, &to, e)
		   : sql_each(sql, &list_open, args, 5, &to, e);
}

/* One severity after the other; only the first begins in the middle. */
static enum err
read_open(struct sql *sql, struct listing *l, struct error *e)
{
	enum err err = ERR_OK;

	for (int i = (int)l->severity;
	     err == ERR_OK && l->n < l->max && i >= (int)l->filter->severity;
	     i--) {
		struct sql_value args[8];

		put_page(l, args);
		args[4] = sql_text(span_str(severity_names[i]));
		err = read_one(sql, l, args, e);
		l->moment = l->id = sql_int(INT64_MIN);
	}
	return err;
}

static enum err
read_ended(struct sql *sql, struct listing *l, struct error *e)
{
	struct sql_taker to = { l->a, INCIDENT_COLUMNS_N, take_incident, l };
	struct sql_value args[8];

	put_page(l, args);
	for (int i = SEVERITY_INFO; i <= SEVERITY_ERROR; i++)
		args[4 + i] = sql_text(span_str(
		    i >= (int)l->filter->severity ? severity_names[i] : ""));
	args[7] = sql_int(l->filter->domain);
	return l->filter->domain != 0
		   ? sql_each(sql, &list_ended_domain, args, 8, &to, e)
		   : sql_each(sql, &list_ended, args, 7, &to, e);
}

static bool
is_of_ended(const struct incident_filter *f)
{
	return f->resolved && f->day.s == 0;
}

/* The place of filter->after, whatever became of it. */
static enum err
find_place(struct store *s, struct listing *l, bool *found, struct error *e)
{
	bool ended = is_of_ended(l->filter);
	struct incident last;
	enum err err;

	*found = true;
	l->severity = SEVERITY_ERROR;
	l->moment = l->id = sql_int(ended ? INT64_MAX : INT64_MIN);
	if (l->filter->after == 0)
		return ERR_OK;
	err = incident_get(s, l->filter->after, l->a, &last, found, e);
	if (err != ERR_OK || !*found)
		return err;
	l->severity = last.severity;
	l->moment = sql_int(ended ? last.resolved_at.s : last.opened_at.s);
	l->id = sql_int(last.id);
	return ERR_OK;
}

struct reading {
	struct store *s;
	struct listing *l;
};

/* In one view of the store, so that none is read twice. */
static enum err
run_listing(struct sql *sql, void *arg, struct error *e)
{
	struct reading *r = arg;
	bool found;
	enum err err = find_place(r->s, r->l, &found, e);

	r->l->n = 0;
	if (err != ERR_OK || !found)
		return err;
	return is_of_ended(r->l->filter) ? read_ended(sql, r->l, e)
					 : read_open(sql, r->l, e);
}

enum err
incident_list(struct store *s, const struct incident_filter *filter,
    struct arena *a, struct incident **out, size_t *n, struct error *e)
{
	struct listing l = { .filter = filter,
		.a = a,
		.max = filter->max < LIMIT_STORE_PAGE ? filter->max
						      : LIMIT_STORE_PAGE };
	struct reading r = { s, &l };
	enum err err;

	l.list = arena_array(a, l.max, sizeof *l.list);
	if (l.list == NULL)
		return error_set(e, ERR_MEMORY, "a page of incidents");
	err = sql_transact(store_sql(s), SQL_READ, run_listing, &r, e);
	*out = l.list;
	*n = err == ERR_OK ? l.n : 0;
	return err;
}

static const struct sql_statement list_domains = {
	"SELECT name, severity, since, resolved_at FROM incident_domain"
	" WHERE incident = $1 AND name > $2 ORDER BY name LIMIT $3"
};
enum { DOMAIN_COLUMNS = 4 };

struct domains {
	struct incident_domain *list;
	size_t n;
};

static enum err
take_domain(void *arg, const struct sql_value *row, struct error *e)
{
	struct domains *d = arg;
	struct incident_domain *out = &d->list[d->n++];

	*out = (struct incident_domain){
		.name = row[0].s,
		.since = { row[2].i },
		.is_resolved = row[3].type != SQL_NULL,
		.resolved_at = { row[3].i },
	};
	return word_read_severity(row[1].s, &out->severity, e);
}

enum err
incident_domains(struct store *s, int64_t id, struct span after, size_t max,
    struct arena *a, struct incident_domain **out, size_t *n, struct error *e)
{
	struct domains d = { 0 };
	struct sql_taker to = { a, DOMAIN_COLUMNS, take_domain, &d };
	struct sql_value args[3] = { sql_int(id), sql_text(after) };
	enum err err;

	max = max < LIMIT_STORE_PAGE ? max : LIMIT_STORE_PAGE;
	args[2] = sql_int((int64_t)max);
	d.list = arena_array(a, max, sizeof *d.list);
	if (d.list == NULL)
		return error_set(e, ERR_MEMORY, "domains of an incident");
	err = sql_each(store_sql(s), &list_domains, args, 3, &to, e);
	*out = d.list;
	*n = err == ERR_OK ? d.n : 0;
	return err;
}

static const struct sql_statement has_tag = {
	"SELECT 1 FROM incident_domain"
	" JOIN domain_tag ON domain_tag.name = incident_domain.name"
	" WHERE incident = $1 AND tag = $2 LIMIT 1"
};

enum err
incident_has_tag(struct store *s, int64_t id, const struct span *tags, size_t n,
    bool *out, struct error *e)
{
	enum err err = ERR_OK;

	*out = false;
	for (size_t i = 0; err == ERR_OK && !*out && i < n; i++) {
		struct sql_value args[] = { sql_int(id), sql_text(tags[i]) };
		struct sql_value row;

		err = sql_numbers(
		    store_sql(s), &has_tag, args, 2, &row, 1, out, e);
	}
	return err;
}

static const struct sql_statement acknowledge = {
	"UPDATE incident SET acknowledged_by = $2, note = $3,"
	" acknowledged_at = COALESCE(acknowledged_at, $4) WHERE id = $1"
};

enum err
incident_acknowledge(struct store *s, int64_t id, struct span by,
    struct span note, struct wall_time now, bool *found, struct error *e)
{
	struct sql_value args[] = { sql_int(id), sql_text(by), sql_text(note),
		sql_int(now.s) };
	int64_t changed = 0;
	enum err err;

	if (by.n > LIMIT_NOTE || note.n > LIMIT_NOTE)
		return error_set(
		    e, ERR_LIMIT, "a note has at most %d bytes", LIMIT_NOTE);
	err = sql_change(store_sql(s), &acknowledge, args, 4, &changed, e);
	*found = err == ERR_OK && changed > 0;
	return err;
}

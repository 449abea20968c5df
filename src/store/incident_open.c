#include "store/incident_open.h"

#include "store/word.h"

static const struct sql_statement find_open = {
	"SELECT id, incident.severity, opened_at, changed_at, horizon_at,"
	" message, remedy, infos, warnings, errors, domains, ours,"
	" part.severity, part.since, part.resolved_at"
	" FROM incident LEFT JOIN incident_domain AS part"
	" ON part.incident = incident.id AND part.domain = $2"
	" WHERE cause = $1 AND incident.resolved_at IS NULL"
};
enum { FIND_COLUMNS = 15, AT_COUNTS = 7, AT_OURS = 11, AT_PART = 12 };

static enum err
read_part(struct incident_open *o, const struct sql_value *row, struct error *e)
{
	if (o->domain == 0) {
		o->part = o->ours;
		o->since = o->opened_at;
		return ERR_OK;
	}
	o->has_part = row[0].type != SQL_NULL;
	if (!o->has_part)
		return ERR_OK;
	o->part.suffers = row[2].type == SQL_NULL;
	o->since.s = row[1].i;
	return word_read_severity(row[0].s, &o->part.severity, e);
}

static enum err
read_open(struct incident_open *o, const struct sql_value *row, struct error *e)
{
	enum err err = word_read_severity(row[1].s, &o->severity, e);

	o->id = row[0].i;
	o->opened_at.s = row[2].i;
	o->changed_at.s = row[3].i;
	o->horizon.s = row[4].i;
	o->message = row[5].s;
	o->remedy = row[6].s;
	for (size_t i = 0; i < SEVERITIES; i++)
		o->counts[i] = row[AT_COUNTS + i].i;
	o->domains = row[10].i;
	o->ours.suffers = row[AT_OURS].s.n > 0;
	if (err == ERR_OK && o->ours.suffers)
		err = word_read_severity(row[AT_OURS].s, &o->ours.severity, e);
	return err == ERR_OK ? read_part(o, row + AT_PART, e) : err;
}

enum err
incident_open_look(struct sql *sql, struct span cause, int64_t domain,
    struct arena *a, struct incident_open *out, struct error *e)
{
	struct sql_value args[] = { sql_text(cause), sql_int(domain) };
	struct sql_value row[FIND_COLUMNS];
	bool got;
	enum err err =
	    sql_one(sql, &find_open, args, 2, a, row, FIND_COLUMNS, &got, e);

	*out = (struct incident_open){ .domain = domain };
	return err == ERR_OK && got ? read_open(out, row, e) : err;
}

static const struct sql_statement lock_open = {
	"SELECT id FROM incident WHERE cause = $1 AND resolved_at IS NULL"
	" {LOCKED}"
};

/* A statement sees what was committed before it: so lock, then look. */
enum err
incident_open_hold(struct sql *sql, struct span cause, int64_t domain,
    struct arena *a, struct incident_open *out, struct error *e)
{
	struct sql_value args[] = { sql_text(cause) }, row;
	bool got;
	enum err err = sql_one(sql, &lock_open, args, 1, a, &row, 1, &got, e);

	*out = (struct incident_open){ .domain = domain };
	return err == ERR_OK && got
		   ? incident_open_look(sql, cause, domain, a, out, e)
		   : err;
}

static const struct sql_statement insert_incident = {
	"INSERT INTO incident (cause, check_slug, subject, severity, opened_at,"
	" changed_at, message, remedy)"
	" VALUES ($1, $2, $3, $4, $5, $5, $6, $7)"
	" ON CONFLICT (cause) WHERE resolved_at IS NULL DO NOTHING"
};

/* Another may open it, or resolve it, between two of our statements. */
enum err
incident_open_make(struct sql *sql, const struct incident_fault *f,
    int64_t domain, struct wall_time now, struct arena *a,
    struct incident_open *out, bool *made, struct error *e)
{
	enum { TRIES = 8 };
	struct sql_value args[] = { sql_text(f->cause), sql_text(f->check),
		sql_text(f->subject),
		sql_text(span_str(severity_names[f->severity])), sql_int(now.s),
		sql_text(f->message), sql_text(f->remedy) };
	int64_t changed = 0;
	enum err err = incident_open_hold(sql, f->cause, domain, a, out, e);

	for (int i = 0; i < TRIES && err == ERR_OK && out->id == 0; i++) {
		err = sql_run(sql, &insert_incident, args, 7, &changed, e);
		if (err == ERR_OK)
			err = incident_open_hold(
			    sql, f->cause, domain, a, out, e);
	}
	*made = changed > 0;
	if (err == ERR_OK && out->id == 0)
		err = error_set(e, ERR_STORE_BUSY,
		    "others open and resolve the incident all the time");
	return err;
}

int64_t
incident_open_sufferers(const struct incident_open *o)
{
	int64_t n = o->ours.suffers;

	for (size_t i = 0; i < SEVERITIES; i++)
		n += o->counts[i];
	return n;
}

enum severity
incident_open_worst(const struct incident_open *o)
{
	for (size_t i = SEVERITIES; i-- > 0;)
		if (o->counts[i] > 0 ||
		    (o->ours.suffers && (size_t)o->ours.severity == i))
			return (enum severity)i;
	return SEVERITY_INFO;
}

/* Nothing is inserted for a domain that is not there. */
static const struct sql_statement insert_part = {
	"INSERT INTO incident_domain (incident, name, domain, severity, since)"
	" SELECT CAST($1 AS {INT}), name, id, $3, CAST($4 AS {INT})"
	" FROM domain WHERE id = $2"
};
static const struct sql_statement update_part = {
	"UPDATE incident_domain SET severity = $3, since = $4,"
	" resolved_at = $5 WHERE incident = $1 AND domain = $2"
};

static enum err
write_part(struct sql *sql, const struct incident_open *o, struct wall_time now,
    struct error *e)
{
	struct sql_value args[] = { sql_int(o->id), sql_int(o->domain),
		sql_text(span_str(severity_names[o->part.severity])),
		sql_int(o->since.s),
		o->part.suffers ? sql_null() : sql_int(now.s) };
	int64_t changed = 0;
	enum err err = o->has_part
			   ? sql_run(sql, &update_part, args, 5, &changed, e)
			   : sql_run(sql, &insert_part, args, 4, &changed, e);

	if (err == ERR_OK && changed == 0)
		err = error_set(e, ERR_STORE,
		    "there is no domain %lld to suffer from an incident",
		    (long long)o->domain);
	return err;
}

enum err
incident_open_change(struct sql *sql, struct incident_open *o, struct pain pain,
    struct wall_time now, struct error *e)
{
	struct pain before = o->part;

	o->part = pain;
	if (pain.suffers && !before.suffers)
		o->since = now;
	if (o->domain == 0) {
		o->ours = pain;
		return ERR_OK;
	}
	o->counts[before.severity] -= before.suffers;
	o->counts[pain.severity] += pain.suffers;
	o->domains += !o->has_part;
	return write_part(sql, o, now, e);
}

static const struct sql_statement update_incident = {
	"UPDATE incident SET severity = $2, changed_at = $3, horizon_at = $4,"
	" message = $5, remedy = $6, infos = $7, warnings = $8, errors = $9,"
	" domains = $10, ours = $11, resolved_at = $12 WHERE id = $1"
};

enum err
incident_open_write(struct sql *sql, const struct incident_open *o,
    struct wall_time now, struct error *e)
{
	struct sql_value args[] = { sql_int(o->id),
		sql_text(span_str(severity_names[o->severity])),
		sql_int(o->changed_at.s),
		o->horizon.s != 0 ? sql_int(o->horizon.s) : sql_null(),
		sql_text(o->message), sql_text(o->remedy),
		sql_int(o->counts[SEVERITY_INFO]),
		sql_int(o->counts[SEVERITY_WARNING]),
		sql_int(o->counts[SEVERITY_ERROR]), sql_int(o->domains),
		sql_text(span_str(
		    o->ours.suffers ? severity_names[o->ours.severity] : "")),
		incident_open_sufferers(o) > 0 ? sql_null() : sql_int(now.s) };

	return sql_run(sql, &update_incident, args, 12, NULL, e);
}

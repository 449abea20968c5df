#include "store/domains.h"

#include "base/escape.h"
#include "base/limits.h"
#include "core/tag_name.h"
#include "store/domain_summary.h"
#include "store/incidents.h"
#include "store/publication_remove.h"
#include "wire/name.h"

static enum err
refuse_name(struct span name, struct error *e)
{
	char mem[512];
	struct arena a;

	arena_init_fixed(&a, mem, sizeof mem);
	return error_set(e, ERR_DATA,
	    "'%s' is not a domain name in its "
	    "canonical form",
	    escape_str(&a, name, 80));
}

static bool
is_good_name(struct span name)
{
	char mem[512];
	struct arena a;

	arena_init_fixed(&a, mem, sizeof mem);
	return name_is_domain(name) && span_eq(name_canonical(&a, name), name);
}

static const struct sql_statement insert_domain = {
	"INSERT INTO domain (name, added_at) VALUES ($1, $2)"
	" ON CONFLICT (name) DO NOTHING RETURNING id"
};
static const struct sql_statement insert_work = {
	"INSERT INTO work (domain, due_at, wanted_at, due_records,"
	" due_authority, due_policy)"
	" VALUES ($1, $2, $2, $2, $2, $2)"
};

struct add {
	const struct span *names;
	size_t n;
	struct wall_time now;
	struct domains_added *out;
};

static enum err
add_one(
    struct sql *sql, const struct add *add, struct span name, struct error *e)
{
	struct sql_value args[] = { sql_text(name), sql_int(add->now.s) };
	struct sql_value id;
	bool is_new;
	enum err err;

	err = sql_numbers(sql, &insert_domain, args, 2, &id, 1, &is_new, e);
	if (err != ERR_OK)
		return err;
	if (!is_new) {
		add->out->known++;
		return ERR_OK;
	}
	add->out->added++;
	args[0] = id;
	return sql_run(sql, &insert_work, args, 2, NULL, e);
}

static enum err
add_all(struct sql *sql, void *arg, struct error *e)
{
	const struct add *add = arg;
	enum err err = ERR_OK;

	*add->out = (struct domains_added){ 0 };
	for (size_t i = 0; err == ERR_OK && i < add->n; i++)
		err = add_one(sql, add, add->names[i], e);
	return err;
}

enum err
domains_add(struct store *s, const struct span *names, size_t n,
    struct wall_time now, struct domains_added *out, struct error *e)
{
	struct add add = { names, n, now, out };

	for (size_t i = 0; i < n; i++)
		if (!is_good_name(names[i]))
			return refuse_name(names[i], e);
	return sql_transact(store_sql(s), SQL_WRITE, add_all, &add, e);
}

/* *found: did it change a row? */
static enum err
change_one(struct store *s, const struct sql_statement *st,
    const struct sql_value *args, size_t n, bool *found, struct error *e)
{
	int64_t changed = 0;
	enum err err = sql_change(store_sql(s), st, args, n, &changed, e);

	if (found != NULL)
		*found = changed > 0;
	return err;
}

static const struct sql_statement domain_is_there = {
	"SELECT id FROM domain WHERE name = $1"
};
/* First, as a round ends first with its work_finish: who has the domain is done
 * with it, or comes too late; and nobody waits for another in a circle. */
static const struct sql_statement delete_work = {
	"DELETE FROM work WHERE domain = $1"
};
static const struct sql_statement delete_domain = {
	"DELETE FROM domain WHERE id = $1"
};

struct removing {
	struct store *s;
	struct span name;
	struct wall_time now;
	bool found;
};

static enum err
find_domain(struct sql *sql, struct span name, struct sql_value *id,
    bool *found, struct error *e)
{
	struct sql_value args[] = { sql_text(name) };

	return sql_numbers(sql, &domain_is_there, args, 1, id, 1, found, e);
}

static enum err
run_removing(struct sql *sql, void *arg, struct error *e)
{
	struct removing *r = arg;
	struct sql_value id;
	enum err err = find_domain(sql, r->name, &id, &r->found, e);

	if (err != ERR_OK || !r->found)
		return err;
	err = publication_remove(r->s, id.i, r->now, e);
	if (err == ERR_OK)
		err = sql_run(sql, &delete_work, &id, 1, NULL, e);
	if (err == ERR_OK)
		err = incident_clear_all(r->s, id.i, r->now, e);
	if (err == ERR_OK)
		err = sql_run(sql, &delete_domain, &id, 1, NULL, e);
	return err;
}

enum err
domains_remove(struct store *s, struct span name, struct wall_time now,
    bool *found, struct error *e)
{
	struct removing r = { s, name, now, false };
	enum err err =
	    sql_transact(store_sql(s), SQL_WRITE, run_removing, &r, e);

	*found = err == ERR_OK && r.found;
	return err;
}

static const struct sql_statement get_domain = {
	"SELECT " DOMAIN_COLUMNS
	" FROM domain JOIN work ON work.domain = domain.id"
	" WHERE domain.name = $1"
};

enum err
domains_get(struct store *s, struct span name, struct arena *a,
    struct domain *out, bool *found, struct error *e)
{
	struct sql_value args[] = { sql_text(name) };
	struct sql_value row[DOMAIN_COLUMNS_N];
	enum err err = sql_one(store_sql(s), &get_domain, args, 1, a, row,
	    DOMAIN_COLUMNS_N, found, e);

	if (err == ERR_OK && *found)
		*out = domain_read(row);
	return err;
}

static const struct sql_statement name_of = {
	"SELECT name FROM domain WHERE id = $1"
};

enum err
domains_name(struct store *s, int64_t id, struct arena *a, struct span *out,
    bool *found, struct error *e)
{
	struct sql_value args[] = { sql_int(id) }, row;
	enum err err =
	    sql_one(store_sql(s), &name_of, args, 1, a, &row, 1, found, e);

	if (err == ERR_OK && *found)
		*out = row.s;
	return err;
}

/* Each reads its page in order from one index: the name's, the tag's or the
 * verdict's. $1 and $2 enclose the names, $3 is the number of rows. */
#define NAMES_BETWEEN(column) " WHERE " column " >= $1 AND " column " < $2"
static const struct sql_statement list_all = {
	"SELECT " DOMAIN_COLUMNS
	" FROM domain JOIN work ON work.domain = domain.id" NAMES_BETWEEN(
	    "domain.name") " ORDER BY domain.name LIMIT $3"
};
static const struct sql_statement list_verdict = {
	"SELECT " DOMAIN_COLUMNS
	" FROM domain JOIN work ON work.domain = domain.id" NAMES_BETWEEN(
	    "domain.name") " AND verdict = $4 ORDER BY domain.name LIMIT $3"
};
static const struct sql_statement list_tag = {
	"SELECT " DOMAIN_COLUMNS
	" FROM domain_tag JOIN domain ON domain.id = domain_tag.domain"
	" JOIN work ON work.domain = domain.id" NAMES_BETWEEN(
	    "domain_tag.name") " AND tag = $4 ORDER BY domain_tag.name LIMIT $3"
};
static const struct sql_statement list_tag_verdict = {
	"SELECT " DOMAIN_COLUMNS
	" FROM domain_tag JOIN domain ON domain.id = domain_tag.domain"
	" JOIN work ON work.domain = domain.id" NAMES_BETWEEN(
	    "domain_tag.name") " AND tag = $4 AND verdict = $5 ORDER BY "
			       "domain_tag.name LIMIT $3"
};

static enum err
read_list(struct sql_cursor *cur, size_t max, struct arena *a,
    struct domain **out, size_t *n, struct error *e)
{
	struct domain *list = arena_array(a, max, sizeof *list);
	struct sql_value row[DOMAIN_COLUMNS_N];
	bool got = true;
	enum err err = ERR_OK;

	*n = 0;
	*out = list;
	if (list == NULL)
		return error_set(e, ERR_MEMORY, "a list of domains");
	while (*n < max) {
		err = sql_next(cur, a, row, DOMAIN_COLUMNS_N, &got, e);
		if (err != ERR_OK || !got)
			break;
		list[(*n)++] = domain_read(row);
	}
	return err;
}

static struct span
later(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return order > 0 || (order == 0 && a.n > b.n) ? a : b;
}

enum err
domains_list(struct store *s, const struct domain_filter *filter,
    struct arena *a, struct domain **out, size_t *n, struct error *e)
{
	bool tag = filter->tag.n > 0, verdict = filter->verdict.n > 0;
	size_t max =
	    filter->max < LIMIT_STORE_PAGE ? filter->max : LIMIT_STORE_PAGE;
	/* In the order of bytes 0x7f is behind all that a name has, 0x01
	 * before; one bound on each side, since an index uses no more. */
	struct span from = arena_printf(a, "%.*s\x01", (int)filter->after.n,
	    filter->after.n > 0 ? filter->after.p : "");
	struct span to = arena_printf(a, "%.*s\x7f", (int)filter->prefix.n,
	    filter->prefix.n > 0 ? filter->prefix.p : "");
	struct sql_value args[5] = { sql_text(later(from, filter->prefix)),
		sql_text(to), sql_int((int64_t)max) };
	size_t args_n = 3;
	struct sql_cursor cur;
	enum err err;

	if (tag)
		args[args_n++] = sql_text(filter->tag);
	if (verdict)
		args[args_n++] = sql_text(filter->verdict);
	err = sql_query(store_sql(s),
	    tag && verdict ? &list_tag_verdict
	    : tag	   ? &list_tag
	    : verdict	   ? &list_verdict
			   : &list_all,
	    args, args_n, &cur, e);
	if (err == ERR_OK)
		err = read_list(&cur, max, a, out, n, e);
	sql_end(&cur);
	return err;
}

static const struct sql_statement update_note = {
	"UPDATE domain SET note = $2 WHERE name = $1"
};
static const struct sql_statement update_settings = {
	"UPDATE domain SET settings = $2 WHERE name = $1"
};

enum err
domains_set_note(struct store *s, struct span name, struct span note,
    bool *found, struct error *e)
{
	struct sql_value args[] = { sql_text(name), sql_text(note) };

	if (note.n > LIMIT_NOTE)
		return error_set(
		    e, ERR_LIMIT, "a note has at most %d bytes", LIMIT_NOTE);
	return change_one(s, &update_note, args, 2, found, e);
}

/* The row of it that whoever changes something takes first (change.h). */
static const struct sql_statement hold_domain = {
	"SELECT domain FROM work"
	" WHERE domain = (SELECT id FROM domain WHERE name = $1) {LOCKED}"
};

enum err
domains_hold(struct store *s, struct span name, bool *found, struct error *e)
{
	struct sql_value args[] = { sql_text(name) }, row;

	return sql_numbers(
	    store_sql(s), &hold_domain, args, 1, &row, 1, found, e);
}

/* As work_wake does. */
static const struct sql_statement wake_work = {
	"UPDATE work SET woken_at = $2, due_at ="
	" CASE WHEN claimed_by IS NULL AND due_at > $2 THEN $2 ELSE due_at END"
	" WHERE due_at IS NOT NULL"
	" AND domain = (SELECT id FROM domain WHERE name = $1)"
};

struct setting_up {
	struct sql_value settings[2], wake[2];
	int64_t changed;
};

/* `work` first, as a round does. */
static enum err
run_setting_up(struct sql *sql, void *arg, struct error *e)
{
	struct setting_up *u = arg;
	enum err err = sql_run(sql, &wake_work, u->wake, 2, NULL, e);

	return err == ERR_OK ? sql_run(sql, &update_settings, u->settings, 2,
				   &u->changed, e)
			     : err;
}

enum err
domains_set_settings(struct store *s, struct span name, struct span settings,
    struct wall_time now, bool *found, struct error *e)
{
	struct setting_up u = { { sql_text(name), sql_text(settings) },
		{ sql_text(name), sql_int(now.s) }, 0 };
	enum err err;

	if (settings.n > LIMIT_SETTINGS)
		return error_set(e, ERR_LIMIT,
		    "the settings of a domain have at most %d bytes",
		    LIMIT_SETTINGS);
	err = sql_transact(store_sql(s), SQL_WRITE, run_setting_up, &u, e);
	*found = err == ERR_OK && u.changed > 0;
	return err;
}

/* A worker that has the domain loses it: `claim` moves on. */
static const struct sql_statement pause_work = {
	"UPDATE work SET due_at = NULL, claimed_by = NULL, claim = claim + 1"
	" WHERE due_at IS NOT NULL"
	" AND domain = (SELECT id FROM domain WHERE name = $1)"
};
static const struct sql_statement resume_work = {
	"UPDATE work SET due_at = $2, wanted_at = $2, due_records = $2,"
	" due_authority = $2, due_policy = $2, woken_at = NULL"
	" WHERE due_at IS NULL"
	" AND domain = (SELECT id FROM domain WHERE name = $1)"
};
static const struct sql_statement update_paused = {
	"UPDATE domain SET paused = $2 WHERE name = $1"
};

struct pausing {
	struct span name;
	bool paused;
	struct wall_time now;
	int64_t changed;
};

static enum err
run_pausing(struct sql *sql, void *arg, struct error *e)
{
	struct pausing *p = arg;
	struct sql_value flag[] = { sql_text(p->name), sql_int(p->paused) };
	struct sql_value work[] = { sql_text(p->name), sql_int(p->now.s) };
	enum err err = sql_run(sql, &update_paused, flag, 2, &p->changed, e);

	if (err != ERR_OK)
		return err;
	return p->paused ? sql_run(sql, &pause_work, work, 1, NULL, e)
			 : sql_run(sql, &resume_work, work, 2, NULL, e);
}

enum err
domains_set_paused(struct store *s, struct span name, bool paused,
    struct wall_time now, bool *found, struct error *e)
{
	struct pausing p = { name, paused, now, 0 };
	enum err err =
	    sql_transact(store_sql(s), SQL_WRITE, run_pausing, &p, e);

	*found = p.changed > 0;
	return err;
}

static const struct sql_statement insert_tag = {
	"INSERT INTO domain_tag (tag, name, domain) VALUES ($1, $2, $3)"
	" ON CONFLICT (tag, name) DO NOTHING"
};
static const struct sql_statement delete_tag = {
	"DELETE FROM domain_tag WHERE tag = $1 AND name = $2"
};

struct tagging {
	struct span name, tag;
	bool remove, *found;
};

static enum err
run_tagging(struct sql *sql, void *arg, struct error *e)
{
	struct tagging *t = arg;
	struct sql_value args[3] = { sql_text(t->tag), sql_text(t->name) };
	enum err err = find_domain(sql, t->name, &args[2], t->found, e);

	if (err != ERR_OK || !*t->found)
		return err;
	return t->remove ? sql_run(sql, &delete_tag, args, 2, NULL, e)
			 : sql_run(sql, &insert_tag, args, 3, NULL, e);
}

static enum err
change_tag(struct store *s, struct tagging t, struct error *e)
{
	if (t.tag.n == 0 || t.tag.n > LIMIT_TAG)
		return error_set(
		    e, ERR_LIMIT, "a tag has 1 to %d bytes", LIMIT_TAG);
	return sql_transact(store_sql(s), SQL_WRITE, run_tagging, &t, e);
}

enum err
domains_tag(struct store *s, struct span name, struct span tag, bool *found,
    struct error *e)
{
	const char *fault = tag_name_fault(tag);

	if (fault != NULL)
		return error_set(e, ERR_LIMIT, "a tag %s", fault);
	return change_tag(s, (struct tagging){ name, tag, false, found }, e);
}

enum err
domains_untag(struct store *s, struct span name, struct span tag, bool *found,
    struct error *e)
{
	return change_tag(s, (struct tagging){ name, tag, true, found }, e);
}

static const struct sql_statement list_tags = {
	"SELECT tag FROM domain_tag JOIN domain"
	" ON domain.id = domain_tag.domain"
	" WHERE domain.name = $1 ORDER BY tag"
};

enum err
domains_tags(struct store *s, struct span name, struct arena *a,
    struct span **out, size_t *n, struct error *e)
{
	struct sql_value args[] = { sql_text(name) }, row;
	struct sql_cursor cur;
	size_t cap = 0;
	bool got = true;
	enum err err = sql_query(store_sql(s), &list_tags, args, 1, &cur, e);

	*out = NULL;
	*n = 0;
	while (err == ERR_OK) {
		struct span *list;

		err = sql_next(&cur, a, &row, 1, &got, e);
		if (err != ERR_OK || !got)
			break;
		list = arena_grow(a, *out, *n, &cap, sizeof *list);
		if (list == NULL) {
			err = error_set(e, ERR_MEMORY, "a domain's tags");
			break;
		}
		*out = list;
		list[(*n)++] = row.s;
	}
	sql_end(&cur);
	return err;
}

#include "store/findings.h"

#include <stdlib.h>

#include "base/escape.h"
#include "store/word.h"

/* clang-format off */
static const char *const state_names[] = {
	[SIGHTING_PENDING]	= "pending",
	[SIGHTING_STANDING]	= "standing",
	[SIGHTING_LEAVING]	= "leaving",
};
/* clang-format on */

static const struct sql_statement list_findings = {
	"SELECT check_slug, subject, address, result, state, severity,"
	" first_seen, message, remedy FROM finding_state WHERE domain = $1"
};
enum { FINDING_COLUMNS = 9, STATES = SIGHTING_LEAVING + 1 };

struct loading {
	struct arena *a;
	struct sightings list;
	size_t cap;
};

static enum err
read_result(struct span word, enum check_result *out, struct error *e)
{
	/* What is well or does not apply has no row. */
	const char *const *kept = &check_result_names[RESULT_FAIL];
	size_t i = 0;
	enum err err = word_read(
	    word, kept, RESULT_UNKNOWN - RESULT_FAIL + 1, "result", &i, e);

	*out = (enum check_result)(RESULT_FAIL + i);
	return err;
}

static enum err
read_state(struct span word, enum sighting_state *out, struct error *e)
{
	size_t i = 0;
	enum err err =
	    word_read(word, state_names, STATES, "state of a finding", &i, e);

	*out = (enum sighting_state)i;
	return err;
}

static enum err
read_address(struct span text, struct ip_addr *out, struct error *e)
{
	char mem[512];
	struct arena a;

	*out = (struct ip_addr){ 0 };
	if (text.n == 0 || ip_parse(text, out))
		return ERR_OK;
	arena_init_fixed(&a, mem, sizeof mem);
	return error_set(e, ERR_DATA,
	    "the store holds an address '%s': damaged?",
	    escape_str(&a, text, 60));
}

static enum err
read_finding(struct sighting *s, const struct sql_value *row, struct error *e)
{
	enum err err = read_address(row[2].s, &s->address, e);

	if (err == ERR_OK)
		err = read_result(row[3].s, &s->result, e);
	if (err == ERR_OK)
		err = read_state(row[4].s, &s->state, e);
	if (err == ERR_OK)
		err = word_read_severity(row[5].s, &s->severity, e);
	s->subject = row[1].s;
	s->first_seen.s = s->last_seen.s = row[6].i;
	s->message = row[7].s;
	s->remedy = row[8].s;
	return err;
}

static enum err
take_finding(void *arg, const struct sql_value *row, struct error *e)
{
	struct loading *l = arg;
	struct sighting *all, s = { .check = check_by_slug(row[0].s) };
	enum err err;

	if (s.check == CHECKS)
		return ERR_OK;
	err = read_finding(&s, row, e);
	if (err != ERR_OK)
		return err;
	all = arena_grow(l->a, l->list.all, l->list.n, &l->cap, sizeof *all);
	if (all == NULL)
		return error_set(e, ERR_MEMORY, "a domain's findings");
	l->list.all = all;
	l->list.all[l->list.n++] = s;
	return ERR_OK;
}

enum err
findings_load(struct store *s, int64_t domain, struct arena *a,
    struct sightings *out, struct error *e)
{
	struct loading l = { .a = a };
	struct sql_taker to = { a, FINDING_COLUMNS, take_finding, &l };
	struct sql_value args[] = { sql_int(domain) };
	enum err err = sql_each(store_sql(s), &list_findings, args, 1, &to, e);

	if (err == ERR_OK && l.list.n > 0)
		qsort(l.list.all, l.list.n, sizeof *l.list.all, sighting_cmp);
	*out = l.list;
	return err;
}

static const struct sql_statement insert_finding = {
	"INSERT INTO finding_state (domain, check_slug, subject, address,"
	" result, state, severity, first_seen, message, remedy)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
};
#define IS_FINDING                                                             \
	" WHERE domain = $1 AND check_slug = $2 AND subject = $3"              \
	" AND address = $4"
static const struct sql_statement update_finding = {
	"UPDATE finding_state SET result = $5, state = $6, severity = $7,"
	" first_seen = $8, message = $9, remedy = $10" IS_FINDING
};
static const struct sql_statement delete_finding = {
	"DELETE FROM finding_state" IS_FINDING
};
enum { IDENTITY = 4, FINDING_ARGS = 10 };

/* n is IDENTITY or FINDING_ARGS. */
static enum err
change(struct sql *sql, const struct sql_statement *st, int64_t domain,
    const struct sighting *s, size_t n, struct error *e)
{
	struct ip_text address = ip_format(s->address);
	struct sql_value args[FINDING_ARGS] = {
		sql_int(domain),
		sql_text(span_str(checks[s->check].slug)),
		sql_text(s->subject),
		sql_text(span_str(address.s)),
		sql_text(span_str(check_result_names[s->result])),
		sql_text(span_str(state_names[s->state])),
		sql_text(span_str(severity_names[s->severity])),
		sql_int(s->first_seen.s),
		sql_text(s->message),
		sql_text(s->remedy),
	};

	return sql_run(sql, st, args, n, NULL, e);
}

static bool
is_same(const struct sighting *a, const struct sighting *b)
{
	return a->result == b->result && a->state == b->state &&
	       a->severity == b->severity &&
	       a->first_seen.s == b->first_seen.s &&
	       span_eq(a->message, b->message) && span_eq(a->remedy, b->remedy);
}

struct saving {
	int64_t domain;
	const struct sightings *before, *after;
};

/* Both lists are in order: walk them side by side. */
static enum err
run_saving(struct sql *sql, void *arg, struct error *e)
{
	const struct saving *s = arg;
	const struct sighting *b = s->before->all, *a = s->after->all;
	size_t i = 0, k = 0;
	enum err err = ERR_OK;

	while (err == ERR_OK && (i < s->before->n || k < s->after->n)) {
		int c = i == s->before->n  ? 1
			: k == s->after->n ? -1
					   : sighting_cmp(&b[i], &a[k]);

		if (c < 0)
			err = change(sql, &delete_finding, s->domain, &b[i],
			    IDENTITY, e);
		else if (c > 0)
			err = change(sql, &insert_finding, s->domain, &a[k],
			    FINDING_ARGS, e);
		else if (!is_same(&b[i], &a[k]))
			err = change(sql, &update_finding, s->domain, &a[k],
			    FINDING_ARGS, e);
		i += c <= 0;
		k += c >= 0;
	}
	return err;
}

enum err
findings_save(struct store *s, int64_t domain, const struct sightings *before,
    const struct sightings *after, struct error *e)
{
	struct saving v = { domain, before, after };

	return sql_transact(store_sql(s), SQL_WRITE, run_saving, &v, e);
}

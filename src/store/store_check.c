/* Is the store sound? */
#include "store/migrate.h"
#include "store/store.h"

/* What our own code relies on, beyond what the tables declare: each finds the
 * first row that says otherwise. */
#define SUFFER(word)                                                           \
	"(SELECT COUNT(*) FROM incident_domain AS part"                        \
	" WHERE part.incident = incident.id AND part.resolved_at IS NULL"      \
	" AND part.severity = '" word "')"

/* clang-format off */
static const struct sql_statement questions[] = {
	{ "SELECT 'no schedule for ' || name FROM domain"
	  " WHERE NOT EXISTS (SELECT 1 FROM work"
	  "  WHERE work.domain = domain.id) LIMIT 1" },
	{ "SELECT 'tag ' || domain_tag.tag || ' has another name for '"
	  " || domain.name FROM domain_tag"
	  " JOIN domain ON domain.id = domain_tag.domain"
	  " WHERE domain.name <> domain_tag.name LIMIT 1" },
	{ "SELECT 'domain ' || domain || ' is claimed and will never be due'"
	  " FROM work WHERE claimed_by IS NOT NULL AND due_at IS NULL LIMIT 1" },
	{ "SELECT 'incident ' || id || ' miscounts its domains' FROM incident"
	  " WHERE errors <> " SUFFER("error")
	  " OR warnings <> " SUFFER("warning")
	  " OR infos <> " SUFFER("info")
	  " OR domains < (SELECT COUNT(*) FROM incident_domain AS part"
	  "  WHERE part.incident = incident.id) LIMIT 1" },
	{ "SELECT 'incident ' || id || ' is open and nobody suffers, or the other way'"
	  " FROM incident WHERE (resolved_at IS NULL)"
	  " <> (errors + warnings + infos > 0 OR ours <> '') LIMIT 1" },
	{ "SELECT 'incident ' || id || ' has the severity ' || severity"
	  " FROM incident WHERE resolved_at IS NULL AND severity <>"
	  " CASE WHEN errors > 0 OR ours = 'error' THEN 'error'"
	  " WHEN warnings > 0 OR ours = 'warning' THEN 'warning'"
	  " ELSE 'info' END LIMIT 1" },
	{ "SELECT 'incident ' || part.incident || ' has another name for '"
	  " || domain.name FROM incident_domain AS part"
	  " JOIN domain ON domain.id = part.domain"
	  " WHERE domain.name <> part.name LIMIT 1" },
	{ "SELECT 'outbox row ' || id || ' is ' || state || ' and has a next try, or the other way'"
	  " FROM outbox WHERE (next_try IS NULL) <> (state <> 'waiting')"
	  " OR (ended_at IS NULL) <> (state = 'waiting') LIMIT 1" },
	{ "SELECT 'outbox row ' || id || ' is claimed and ' || state FROM outbox"
	  " WHERE claimed_by IS NOT NULL AND state <> 'waiting' LIMIT 1" },
	{ "SELECT 'policy versions and no ledger for domain ' || domain"
	  " FROM policy_version WHERE NOT EXISTS (SELECT 1 FROM ledger"
	  "  WHERE ledger.domain = policy_version.domain) LIMIT 1" },
	{ "SELECT 'two ids seen at once for domain ' || domain FROM sts_id"
	  " WHERE last_seen IS NULL GROUP BY domain HAVING COUNT(*) > 1 LIMIT 1" },
	{ "SELECT 'a gap in the MX hosts of domain ' || domain FROM mx_set"
	  " GROUP BY domain HAVING MAX(seq) - MIN(seq) + 1 <> COUNT(*)"
	  " OR COUNT(*) - COUNT(last_seen) <> 1 LIMIT 1" },
	{ "SELECT 'publication of ' || domain.name || ' has another name'"
	  " FROM publication JOIN domain ON domain.id = publication.domain"
	  " WHERE domain.name <> publication.name LIMIT 1" },
	{ "SELECT 'publication of ' || name || ' is claimed and will never be due'"
	  " FROM publication WHERE claimed_by IS NOT NULL AND due_at IS NULL LIMIT 1" },
	{ "SELECT 'publication of ' || name || ' is ' || stage || ' and served, or the other way'"
	  " FROM publication JOIN served ON served.label = publication.label"
	  " WHERE (stage = 'ended') <> (gone = 1)"
	  " OR host <> 'mta-sts.' || name LIMIT 1" },
	{ "SELECT 'what is served for ' || name || ' is no version of its policy'"
	  " FROM publication JOIN served ON served.label = publication.label"
	  " WHERE body_number > 0 AND NOT EXISTS (SELECT 1 FROM published_body AS part"
	  "  WHERE part.domain = publication.domain"
	  "  AND part.version = publication.version"
	  "  AND part.body = served.body) LIMIT 1" },
	{ "SELECT 'label ' || label || ' has a change that was never counted' FROM served"
	  " WHERE number > (SELECT COALESCE(MAX(number), 0) FROM change_number)"
	  " OR body_number > number LIMIT 1" },
	{ "SELECT 'certificate of ' || host || ' is served and not there, or the other way'"
	  " FROM certificate WHERE (number > 0) <> (LENGTH(chain) > 0)"
	  " OR (number > 0) <> (key_name <> '')"
	  " OR number > (SELECT COALESCE(MAX(number), 0) FROM change_number) LIMIT 1" },
	{ "SELECT 'order for ' || host || ' fails and does not say why, or the other way'"
	  " FROM certificate WHERE (order_state = 'failing') <> (failing_since IS NOT NULL)"
	  " OR (failing_since IS NOT NULL) <> EXISTS (SELECT 1 FROM certificate_refusal AS part"
	  "  WHERE part.host = certificate.host) LIMIT 1" },
};
/* clang-format on */

enum { QUESTIONS = sizeof questions / sizeof questions[0] };

static enum err
check_rows(
    struct sql *sql, struct arena *a, struct span *fault, struct error *e)
{
	struct sql_value row;
	bool got;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && fault->n == 0 && i < QUESTIONS;
	     i++) {
		err = sql_one(sql, &questions[i], NULL, 0, a, &row, 1, &got, e);
		if (err == ERR_OK && got)
			*fault = row.s;
	}
	return err;
}

struct checking {
	struct arena *a;
	struct store_health *out;
};

/* In one view: what others change meanwhile is no fault. */
static enum err
run_checking(struct sql *sql, void *arg, struct error *e)
{
	struct checking *c = arg;

	return check_rows(sql, c->a, &c->out->fault, e);
}

enum err
store_check(
    struct store *s, struct arena *a, struct store_health *out, struct error *e)
{
	struct sql *sql = store_sql(s);
	struct checking c = { a, out };
	enum err err;

	*out = (struct store_health){ .database = sql->driver->name,
		.our_version = schema_main.version,
		.fault = SPAN("") };
	err = migrate_version(sql, &schema_main, &out->version, e);
	if (err == ERR_OK)
		err = sql->driver->check(sql, a, &out->fault, e);
	if (err == ERR_OK && out->version == out->our_version)
		err = sql_transact(sql, SQL_READ, run_checking, &c, e);
	return err;
}

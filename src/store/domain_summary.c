#include "store/domain_summary.h"

static struct wall_time
moment(const struct sql_value *v)
{
	return (struct wall_time){ v->i == DOMAIN_NEVER ? 0 : v->i };
}

struct domain
domain_read(const struct sql_value *row)
{
	return (struct domain){
		.id = row[0].i,
		.name = row[1].s,
		.added_at = { row[2].i },
		.note = row[3].s,
		.paused = row[4].i != 0,
		.settings = row[5].s,
		.has_been_checked = row[12].type != SQL_NULL,
		.checked_at = { row[12].i },
		.next_at = { row[13].i },
		.summary = {
			.deployment = row[6].s,
			.eligibility = row[7].s,
			.verdict = row[8].s,
			.mode = row[9].s,
			.max_age = row[10].type == SQL_NULL ? -1 : row[10].i,
			.stakes = row[11].s,
			.record = row[14].s,
			.policy = row[15].s,
			.tlsrpt = row[16].s,
			.provider = row[17].s,
			.next_step = row[18].s,
			.next_check = row[19].s,
			.addresses = row[20].i,
			.good_addresses = row[21].i,
			.mx = row[22].i,
			.covered_mx = row[23].i,
			.mode_since = moment(&row[24]),
			.cached_until = moment(&row[25]),
			.policy_cert_until = moment(&row[26]),
			.mx_cert_until = moment(&row[27]),
			.changed_at = { row[28].i },
		},
	};
}

int64_t
domain_moment(struct wall_time t)
{
	return t.s != 0 ? t.s : DOMAIN_NEVER;
}

int64_t
domain_cert_until(const struct domain_summary *summary)
{
	int64_t policy = domain_moment(summary->policy_cert_until),
		mx = domain_moment(summary->mx_cert_until);

	return policy < mx ? policy : mx;
}

/* The migration has the first ones, too. */
enum weight {
	WEIGHT_LOSS, /* in error, and senders enforce a policy */
	WEIGHT_ERROR,
	WEIGHT_WARNING,
	WEIGHT_UNKNOWN,
	WEIGHT_WAITS, /* well, but for a step that its owner has to take */
	WEIGHT_UNSEEN,
	WEIGHT_COULD, /* well, and could go further */
	WEIGHT_WELL,
};

static enum weight
weight_of_step(struct span step)
{
	static const struct {
		struct span name;
		enum weight weight;
	} rows[] = {
		{ SPAN_INIT("cnames"), WEIGHT_WAITS },
		{ SPAN_INIT("approve"), WEIGHT_WAITS },
		{ SPAN_INIT("remove-records"), WEIGHT_WAITS },
		{ SPAN_INIT("mail-servers"), WEIGHT_COULD },
		{ SPAN_INIT("publish"), WEIGHT_COULD },
		{ SPAN_INIT("enforce"), WEIGHT_COULD },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (span_eq(step, rows[i].name))
			return rows[i].weight;
	return WEIGHT_WELL;
}

int64_t
domain_weight(const struct domain_summary *summary)
{
	struct span verdict = summary->verdict;

	if (span_eq(verdict, SPAN("error")))
		return span_eq(summary->stakes, SPAN("enforce")) ? WEIGHT_LOSS
								 : WEIGHT_ERROR;
	if (span_eq(verdict, SPAN("warning")))
		return WEIGHT_WARNING;
	if (span_eq(verdict, SPAN("unknown")))
		return WEIGHT_UNKNOWN;
	if (span_eq(verdict, SPAN("ok")))
		return weight_of_step(summary->next_step);
	return WEIGHT_UNSEEN;
}

/* All that set_summary writes, in the order of its parameters from $2 on, and
 * those. */
#define WRITTEN                                                                \
	"deployment, eligibility, verdict, mode, stakes, record, policy,"      \
	" tlsrpt, provider, next_step, next_check, addresses,"                 \
	" good_addresses, mx, covered_mx, mode_since, cached_until,"           \
	" policy_cert_until, mx_cert_until, cert_until, weight"
#define VALUES                                                                 \
	"$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,"   \
	" $17, $18, $19, $20, $21, $22"
#define MAX_AGE "CAST($23 AS {INT})"

static const struct sql_statement update_summary = {
	"UPDATE domain SET (" WRITTEN ", max_age) = (SELECT " VALUES
	", NULLIF(" MAX_AGE ", -1))"
	" WHERE id = $1 AND ((" WRITTEN ") <> (" VALUES ")"
	" OR COALESCE(max_age, -1) <> " MAX_AGE ")"
};

enum err
domains_set_summary(struct store *s, int64_t id,
    const struct domain_summary *summary, struct error *e)
{
	const struct sql_value args[] = {
		sql_int(id),
		sql_text(summary->deployment),
		sql_text(summary->eligibility),
		sql_text(summary->verdict),
		sql_text(summary->mode),
		sql_text(summary->stakes),
		sql_text(summary->record),
		sql_text(summary->policy),
		sql_text(summary->tlsrpt),
		sql_text(summary->provider),
		sql_text(summary->next_step),
		sql_text(summary->next_check),
		sql_int(summary->addresses),
		sql_int(summary->good_addresses),
		sql_int(summary->mx),
		sql_int(summary->covered_mx),
		sql_int(domain_moment(summary->mode_since)),
		sql_int(domain_moment(summary->cached_until)),
		sql_int(domain_moment(summary->policy_cert_until)),
		sql_int(domain_moment(summary->mx_cert_until)),
		sql_int(domain_cert_until(summary)),
		sql_int(domain_weight(summary)),
		sql_int(summary->max_age < 0 ? -1 : summary->max_age),
	};

	return sql_change(store_sql(s), &update_summary, args,
	    sizeof args / sizeof args[0], NULL, e);
}

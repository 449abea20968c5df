/* Read, and copied. What is written stands in ledgers_save.c. */
#include "store/ledgers.h"

#include "base/escape.h"
#include "base/num.h"
#include "store/ledger_state.h"

static enum err
is_damaged(int64_t domain, const char *what, struct error *e)
{
	return error_set(e, ERR_DATA,
	    "the ledger of domain %lld is damaged: %s", (long long)domain,
	    what);
}

struct loading {
	int64_t domain;
	struct arena *a;
	struct ledger *l;
	struct ledger_state state;
	bool has_state;
};

static const struct sql_statement get_state = {
	"SELECT state FROM ledger WHERE domain = $1"
};

static enum err
take_state(void *arg, const struct sql_value *row, struct error *e)
{
	struct loading *g = arg;
	struct span word;

	if (!ledger_state_read(row[0].s, &g->state, &word))
		return is_damaged(g->domain,
		    arena_printf(g->a, "'%s'", escape_str(g->a, word, 60)).p,
		    e);
	*g->l = g->state.ledger;
	g->has_state = true;
	return ERR_OK;
}

static const struct sql_statement list_versions = {
	"SELECT seq, body, first_seen, last_seen, served, named, renewed_at"
	" FROM policy_version WHERE domain = $1 ORDER BY seq"
};

static enum err
take_version(void *arg, const struct sql_value *row, struct error *e)
{
	struct loading *g = arg;
	struct ledger *l = g->l;
	struct ledger_version *all = arena_grow(
	    g->a, l->versions, l->n_versions, &l->versions_cap, sizeof *all);
	struct sts_policy policy;

	if (all == NULL)
		return error_set(e, ERR_MEMORY, "a ledger");
	l->versions = all;
	sts_policy_parse(row[1].s, g->a, &policy);
	if (g->a->failed)
		return error_set(e, ERR_MEMORY, "a ledger");
	if (policy.mode == STS_MODE_UNSET || row[0].i < 1 ||
	    row[0].i > l->last_seq || l->n_versions == LEDGER_VERSIONS)
		return is_damaged(g->domain, "a version of its policy", e);
	all[l->n_versions++] = (struct ledger_version){
		.seq = (uint32_t)row[0].i,
		.body = row[1].s,
		.mode = policy.mode,
		.max_age = policy.max_age,
		.mx = policy.mx,
		.n_mx = policy.n_mx,
		.first_seen = { row[2].i },
		.last_seen = row[3].type != SQL_NULL
				 ? (struct wall_time){ row[3].i }
				 : l->file.seen_at,
		.served = row[4].i != 0,
		.named = row[5].i != 0,
		.renewed = { row[6].i },
	};
	return ERR_OK;
}

static const struct sql_statement list_ids = {
	"SELECT id, first_seen, last_seen, since, away_since, reused, versions"
	" FROM sts_id WHERE domain = $1 ORDER BY seq"
};

/* "1 2 5" */
static bool
read_versions(struct span text, struct ledger_id *id)
{
	uint64_t n;

	while (text.n > 0) {
		struct span word = span_head(text, span_find(text, ' '));

		if (id->n_versions == LEDGER_ID_VERSIONS ||
		    !num_parse(word, UINT32_MAX, &n))
			return false;
		id->versions[id->n_versions++] = (uint32_t)n;
		text = span_skip(text, word.n + 1);
	}
	return true;
}

static enum err
take_id(void *arg, const struct sql_value *row, struct error *e)
{
	struct loading *g = arg;
	struct ledger *l = g->l;
	struct ledger_id *all =
	    arena_grow(g->a, l->ids, l->n_ids, &l->ids_cap, sizeof *all);
	struct ledger_id *id;

	if (all == NULL)
		return error_set(e, ERR_MEMORY, "a ledger");
	l->ids = all;
	id = &all[l->n_ids];
	*id = (struct ledger_id){
		.id = row[0].s,
		.first_seen = { row[1].i },
		.last_seen = row[2].type != SQL_NULL
				 ? (struct wall_time){ row[2].i }
				 : l->txt.seen_at,
		.since = { row[3].i },
		.away_since = { row[4].i },
		.back = row[4].type != SQL_NULL,
		.reused = row[5].i != 0,
	};
	if (l->n_ids++ == LEDGER_IDS || !read_versions(row[6].s, id))
		return is_damaged(g->domain, "an id", e);
	return ERR_OK;
}

static const struct sql_statement list_mx_sets = {
	"SELECT hosts, first_seen, last_seen FROM mx_set WHERE domain = $1"
	" ORDER BY seq"
};

static enum err
read_hosts(struct arena *a, struct span text, struct ledger_mx_set *out)
{
	size_t cap = 0;

	while (text.n > 0) {
		struct span line = span_head(text, span_find(text, '\n'));
		struct span *hosts = arena_grow(
		    a, out->hosts, out->n_hosts, &cap, sizeof *hosts);

		if (hosts == NULL)
			return ERR_MEMORY;
		out->hosts = hosts;
		out->hosts[out->n_hosts++] = line;
		text = span_skip(text, line.n + 1);
	}
	return ERR_OK;
}

static enum err
take_mx_set(void *arg, const struct sql_value *row, struct error *e)
{
	struct loading *g = arg;
	struct ledger *l = g->l;
	struct ledger_mx_set set = {
		.first_seen = { row[1].i },
		.last_seen = row[2].type != SQL_NULL
				 ? (struct wall_time){ row[2].i }
				 : g->state.mx_seen,
	};
	struct ledger_mx_set *all = arena_grow(
	    g->a, l->mx_sets, l->n_mx_sets, &l->mx_sets_cap, sizeof *all);

	if (all == NULL || read_hosts(g->a, row[0].s, &set) != ERR_OK)
		return error_set(e, ERR_MEMORY, "a ledger");
	if (l->n_mx_sets == LEDGER_MX_SETS)
		return is_damaged(g->domain, "its sets of MX hosts", e);
	l->mx_sets = all;
	l->mx_sets[l->n_mx_sets++] = set;
	return ERR_OK;
}

static enum err
run_loading(struct sql *sql, void *arg, struct error *e)
{
	/* clang-format off */
	static const struct {
		const struct sql_statement *st;
		size_t columns;
		enum err (*take)(void *, const struct sql_value *, struct error *);
	} parts[] = {
		{ &list_versions,	7, take_version },
		{ &list_ids,		7, take_id },
		{ &list_mx_sets,	3, take_mx_set },
	};
	/* clang-format on */
	struct loading *g = arg;
	struct ledger *l = g->l;
	struct sql_value args[] = { sql_int(g->domain) };
	struct sql_taker to = { g->a, 1, take_state, g };
	enum err err;

	*l = (struct ledger){ 0 };
	g->has_state = false;
	err = sql_each(sql, &get_state, args, 1, &to, e);
	if (err != ERR_OK || !g->has_state)
		return err;
	for (size_t i = 0; err == ERR_OK && i < 3; i++) {
		to.columns = parts[i].columns;
		to.take = parts[i].take;
		err = sql_each(sql, parts[i].st, args, 1, &to, e);
	}
	if (err == ERR_OK && g->state.latest_id > l->n_ids)
		return is_damaged(g->domain, "its latest id is not there", e);
	if (err == ERR_OK && g->state.latest_id > 0)
		l->latest_id = l->ids[g->state.latest_id - 1].id;
	return err;
}

enum err
ledger_load(struct store *s, int64_t domain, struct arena *a,
    struct ledger *out, struct error *e)
{
	struct loading g = { .domain = domain, .a = a, .l = out };

	return sql_transact(store_sql(s), SQL_READ, run_loading, &g, e);
}

static void *
copy(struct arena *a, const void *from, size_t n, size_t size)
{
	void *to = arena_array(a, n, size);

	if (to != NULL && n > 0)
		memcpy(to, from, n * size);
	return to;
}

enum err
ledger_snapshot(const struct ledger *l, struct arena *a, struct ledger *out)
{
	*out = *l;
	out->versions =
	    copy(a, l->versions, l->n_versions, sizeof *l->versions);
	out->ids = copy(a, l->ids, l->n_ids, sizeof *l->ids);
	out->mx_sets = copy(a, l->mx_sets, l->n_mx_sets, sizeof *l->mx_sets);
	out->versions_cap = l->n_versions;
	out->ids_cap = l->n_ids;
	out->mx_sets_cap = l->n_mx_sets;
	return a->failed ? ERR_MEMORY : ERR_OK;
}

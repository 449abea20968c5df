/* Publications, read: one with all there is of it, or a page. */
#include "store/publication_state.h"
#include "store/publications.h"
#include "store/rows.h"
#include "store/word.h"
#include "wire/name.h"

/* "" where the zone was never set. */
#define TARGET                                                                 \
	"COALESCE((SELECT publication.label || '.' || value FROM setting"      \
	" WHERE setting.name = 'service-zone' AND value <> ''), '')"

/* ---- one of them ---- */

enum {
	AT_DOMAIN,
	AT_NAME,
	AT_LABEL,
	AT_TARGET,
	AT_MODE,
	AT_MAX_AGE,
	AT_FOLLOW,
	AT_OVERLAP,
	AT_LEAVING,
	AT_OVERRIDE_BY,
	AT_OVERRIDE_AT,
	AT_ASKED_AT,
	AT_STAGE,
	AT_STAGE_SINCE,
	AT_CHANGE,
	AT_CHANGE_SINCE,
	AT_VERSION,
	AT_BODY,
	AT_ID,
	AT_ID_SINCE,
	AT_ID_VERSION,
	AT_LOST_SINCE,
	AT_BAR,
	AT_BAR_TEXT,
	AT_GATE_TEXT,
	AT_GATE_SINCE,
	AT_STATE,
	COLUMNS
};
/* In this order. */
#define SELECT                                                                 \
	"SELECT publication.domain, name, publication.label, " TARGET          \
	", mode,"                                                              \
	" max_age, follow, overlap, is_leaving, override_by, override_at,"     \
	" asked_at, stage, stage_since, change, change_since, version, body,"  \
	" id, id_since, id_version, lost_since, bar, bar_text, gate_text,"     \
	" gate_since, state FROM publication"                                  \
	" JOIN served ON served.label = publication.label"

static const struct sql_statement get_by_name = { SELECT
	" WHERE publication.name = $1" };
static const struct sql_statement get_by_domain = { SELECT
	" WHERE publication.domain = $1" };

static enum err
read_words(const struct sql_value *row, struct published *out, struct error *e)
{
	size_t mode = 0, follow = 0, stage = 0, change = 0, bar = 0;
	/* clang-format off */
	const struct {
		int at;
		const char *const *names;
		size_t n;
		const char *what;
		size_t *out;
	} words[] = {
		{ AT_MODE, sts_mode_names, STS_MODE_ENFORCE + 1, "mode", &mode },
		{ AT_FOLLOW, mx_follow_mode_names, FOLLOW_OFF + 1, "way to follow MX records", &follow },
		{ AT_STAGE, publication_stage_names, PUBLICATION_STAGES, "stage", &stage },
		{ AT_CHANGE, publication_change_names, CHANGE_ID + 1, "change", &change },
		{ AT_BAR, publish_bar_names, PUBLISH_FOREIGN + 1, "bar", &bar },
	};
	/* clang-format on */
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < sizeof words / sizeof *words;
	     i++)
		err = word_read(row[words[i].at].s, words[i].names, words[i].n,
		    words[i].what, words[i].out, e);
	out->order.mode = (enum sts_mode)mode;
	out->order.follow = (enum mx_follow_mode)follow;
	out->state.stage = (enum publication_stage)stage;
	out->state.change = (enum publication_change)change;
	out->bar = (enum publish_bar)bar;
	return err;
}

static void
read_order(const struct sql_value *row, struct publish_order *out)
{
	out->max_age = (uint32_t)row[AT_MAX_AGE].i;
	out->overlap_s = (uint32_t)row[AT_OVERLAP].i;
	out->leave = row[AT_LEAVING].i != 0;
	out->override_by = row[AT_OVERRIDE_BY].s;
	out->override_at.s = row[AT_OVERRIDE_AT].i;
	out->asked_at.s = row[AT_ASKED_AT].i;
}

static enum err
read_publication(
    const struct sql_value *row, struct publication *out, struct error *e)
{
	struct span id = row[AT_ID].s;

	if (id.n > PUBLICATION_ID_OCTETS)
		return error_set(e, ERR_DATA,
		    "the id of publication %lld is damaged",
		    (long long)row[AT_DOMAIN].i);
	if (id.n > 0)
		memcpy(out->id, id.p, id.n);
	out->stage_since.s = row[AT_STAGE_SINCE].i;
	out->change_since.s = row[AT_CHANGE_SINCE].i;
	out->version = (uint64_t)row[AT_VERSION].i;
	out->body = row[AT_BODY].s;
	out->id_since.s = row[AT_ID_SINCE].i;
	out->id_version = (uint64_t)row[AT_ID_VERSION].i;
	out->lost = row[AT_LOST_SINCE].type != SQL_NULL;
	out->lost_since.s = row[AT_LOST_SINCE].i;
	return ERR_OK;
}

static enum err
read_published(const struct sql_value *row, struct arena *a,
    struct published *out, struct error *e)
{
	struct publication_state state = { 0 };
	enum err err;

	*out = (struct published){ .domain = row[AT_DOMAIN].i,
		.name = row[AT_NAME].s,
		.label = row[AT_LABEL].s,
		.target = row[AT_TARGET].s,
		.bar_text = row[AT_BAR_TEXT].s,
		.gate_text = row[AT_GATE_TEXT].s,
		.gate_since = { row[AT_GATE_SINCE].i },
		.certificate = { .issuer = SPAN(""), .problem = SPAN("") } };
	read_order(row, &out->order);
	err = read_publication(row, &out->state, e);
	if (err == ERR_OK)
		err = read_words(row, out, e);
	if (err == ERR_OK)
		err = publication_state_read(row[AT_STATE].s, a, &state, e);
	out->follow = state.follow;
	out->move = state.move;
	out->advised = state.advised;
	out->may_replace = state.may_replace;
	return err;
}

static const struct sql_statement get_certificate = {
	"SELECT number, not_after, issuer, failing_since, problem, due_at"
	" FROM certificate WHERE host = $1"
};
enum { CERTIFICATE_COLUMNS = 6 };

static enum err
load_certificate(
    struct sql *sql, struct arena *a, struct published *out, struct error *e)
{
	struct span host = name_below(a, "mta-sts", out->name);
	struct sql_value args[] = { sql_text(host) }, row[CERTIFICATE_COLUMNS];
	bool got;
	enum err err = sql_one(sql, &get_certificate, args, 1, a, row,
	    CERTIFICATE_COLUMNS, &got, e);

	if (err == ERR_OK && got)
		out->certificate = (struct publish_certificate){
			.exists = row[0].i > 0,
			.not_after = { row[1].i },
			.issuer = row[2].s,
			.failing_since = { row[3].i },
			.problem = row[4].s,
			.next_try = { row[5].i },
		};
	return err;
}

static const struct sql_statement list_bodies = {
	"SELECT version, body, at FROM published_body WHERE domain = $1"
	" ORDER BY version DESC"
};
enum { BODY_COLUMNS = 3 };

struct loading {
	const struct sql_statement *st;
	struct sql_value key;
	struct arena *a;
	struct published *out;
	bool found;

	struct published_body *bodies;
	size_t n, cap;
};

static enum err
take_body(void *arg, const struct sql_value *row, struct error *e)
{
	struct loading *l = arg;
	struct published_body *all =
	    arena_grow(l->a, l->bodies, l->n, &l->cap, sizeof *all);

	if (all == NULL)
		return error_set(e, ERR_MEMORY, "the policies of a domain");
	l->bodies = all;
	all[l->n++] = (struct published_body){
		.version = (uint64_t)row[0].i,
		.body = row[1].s,
		.at = { row[2].i },
	};
	return ERR_OK;
}

static enum err
run_loading(struct sql *sql, void *arg, struct error *e)
{
	struct loading *l = arg;
	struct sql_value row[COLUMNS];
	struct sql_taker to = { l->a, BODY_COLUMNS, take_body, l };
	enum err err =
	    sql_one(sql, l->st, &l->key, 1, l->a, row, COLUMNS, &l->found, e);

	if (err != ERR_OK || !l->found)
		return err;
	err = read_published(row, l->a, l->out, e);
	if (err == ERR_OK)
		err = load_certificate(sql, l->a, l->out, e);
	l->bodies = NULL;
	l->n = l->cap = 0;
	if (err == ERR_OK)
		err = sql_each(sql, &list_bodies, &row[AT_DOMAIN], 1, &to, e);
	l->out->bodies = l->bodies;
	l->out->n_bodies = l->n;
	return err;
}

static enum err
load(struct store *s, const struct sql_statement *st, struct sql_value key,
    struct arena *a, struct published *out, bool *found, struct error *e)
{
	struct loading l = { .st = st, .key = key, .a = a, .out = out };
	enum err err = sql_transact(store_sql(s), SQL_READ, run_loading, &l, e);

	*found = err == ERR_OK && l.found;
	return err;
}

enum err
publication_get(struct store *s, struct span name, struct arena *a,
    struct published *out, bool *found, struct error *e)
{
	return load(s, &get_by_name, sql_text(name), a, out, found, e);
}

enum err
publication_of(struct store *s, int64_t domain, struct arena *a,
    struct published *out, bool *found, struct error *e)
{
	return load(s, &get_by_domain, sql_int(domain), a, out, found, e);
}

/* ---- a page ---- */

/* A word of the state (publication_state.h): none holds a space or begins like
 * another. What is so by default is not written. */
#define STATE_HAS(word) "CASE WHEN state LIKE '% " word "%' THEN 1 ELSE 0 END"

/* From one index, in order. */
#define LIST                                                                   \
	"SELECT name, " TARGET ", stage, change, mode, is_leaving,"            \
	" lost_since, gate_text, bar_text, COALESCE(certificate.problem, "     \
	"'')," STATE_HAS("follow=waiting") "," STATE_HAS(                      \
	    "hold=") "," STATE_HAS("advised=1") " FROM publication LEFT JOIN " \
						"certificate"                  \
						" ON certificate.host = "      \
						"'mta-sts.' || "               \
						"publication.name"             \
						" WHERE publication.name > $1"
#define IN_ORDER " ORDER BY publication.name LIMIT $2"

static const struct sql_statement list_all = { LIST IN_ORDER };
static const struct sql_statement list_stage = { LIST
	" AND stage = $3" IN_ORDER };
enum { LIST_COLUMNS = 13 };

static enum err
take_row(void *out, const struct sql_value *row, struct error *e)
{
	size_t stage = 0, change = 0, mode = 0;
	enum err err = word_read(row[2].s, publication_stage_names,
	    PUBLICATION_ENDED + 1, "stage", &stage, e);

	if (err == ERR_OK)
		err = word_read(row[3].s, publication_change_names,
		    CHANGE_ID + 1, "change", &change, e);
	if (err == ERR_OK)
		err = word_read(row[4].s, sts_mode_names, STS_MODE_ENFORCE + 1,
		    "mode", &mode, e);
	*(struct publication_row *)out = (struct publication_row){
		.name = row[0].s,
		.target = row[1].s,
		.stage = (enum publication_stage)stage,
		.change = (enum publication_change)change,
		.mode = (enum sts_mode)mode,
		.leave = row[5].i != 0,
		.lost = row[6].type != SQL_NULL,
		.gate_text = row[7].s,
		.bar_text = row[8].s,
		.problem = row[9].s,
		.waits = row[10].i != 0,
		.held = row[11].i != 0,
		.advised = row[12].i != 0,
	};
	return err;
}

static const struct rows_kind page = { LIST_COLUMNS,
	sizeof(struct publication_row), "a page of publications", take_row };

enum err
publication_list(struct store *s, const struct publication_filter *filter,
    struct arena *a, struct publication_row **out, size_t *n, struct error *e)
{
	bool of_stage = filter->stage != NULL;
	size_t max = rows_page(filter->max);
	struct sql_value args[3] = { sql_text(filter->after),
		sql_int((int64_t)max) };
	void *list;
	enum err err;

	if (of_stage)
		args[2] = sql_text(span_str(filter->stage));
	err = rows_read(store_sql(s), &page, of_stage ? &list_stage : &list_all,
	    args, of_stage ? 3 : 2, max, a, &list, n, e);
	*out = list;
	return err;
}

static const struct sql_statement count_stages = {
	"SELECT stage, COUNT(*) FROM publication GROUP BY stage"
};

static enum err
take_count(void *arg, const struct sql_value *row, struct error *e)
{
	int64_t *out = arg;
	size_t stage = 0;
	enum err err = word_read(row[0].s, publication_stage_names,
	    PUBLICATION_STAGES, "stage", &stage, e);

	if (err == ERR_OK)
		out[stage] = row[1].i;
	return err;
}

enum err
publication_count(
    struct store *s, int64_t out[PUBLICATION_STAGES], struct error *e)
{
	char mem[1024];
	struct arena a;
	struct sql_taker to = { &a, 2, take_count, out };

	memset(out, 0, PUBLICATION_STAGES * sizeof *out);
	arena_init_fixed(&a, mem, sizeof mem);
	return sql_each(store_sql(s), &count_stages, NULL, 0, &to, e);
}

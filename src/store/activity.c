/* What happened to all domains. */
#include "base/limits.h"
#include "store/history.h"
#include "store/rows.h"
#include "store/tagged.h"

/* A page begins behind $1, $2, $3; $4 is the number of rows, $5 the kind and $6
 * the tag, or ''. A tag of few domains leads to their events, which are then
 * sorted; what many have is looked for on the way. */
enum { PAGE_ARGS = 6 };
#define COLUMNS "event.domain, domain.name, event.seq, event.at, kind, text"
#define BEHIND " (event.at, event.domain, event.seq) < ($1, $2, $3)"
#define NEWEST_FIRST                                                           \
	" ORDER BY event.at DESC, event.domain DESC, event.seq DESC LIMIT $4"
enum { ACTIVITY_COLUMNS = 6 };

static const struct sql_statement list_all = {
	"SELECT " COLUMNS " FROM event"
	" JOIN domain ON domain.id = event.domain"
	" WHERE" BEHIND " AND $5 = ''" TAGGED("$6") NEWEST_FIRST
};
static const struct sql_statement list_kind = {
	"SELECT " COLUMNS " FROM event"
	" JOIN domain ON domain.id = event.domain"
	" WHERE" BEHIND " AND kind = $5" TAGGED("$6") NEWEST_FIRST
};
static const struct sql_statement list_rare = {
	"SELECT " COLUMNS " FROM domain_tag CROSS JOIN domain"
	" CROSS JOIN event WHERE tag = $6 AND domain.id = domain_tag.domain"
	" AND event.domain = domain.id AND" BEHIND
	" AND ($5 = '' OR kind = $5)" NEWEST_FIRST
};

enum { RARE = 500 }; /* domains of a tag: tagged_is_rare() */

static enum err
take_event(void *out, const struct sql_value *row, struct error *e)
{
	(void)e;
	*(struct activity_event *)out = (struct activity_event){
		.domain = row[0].i,
		.name = row[1].s,
		.event = {
			.seq = row[2].i,
			.at = { row[3].i },
			.kind = row[4].s,
			.text = row[5].s,
		},
	};
	return ERR_OK;
}

enum err
activity_list(struct store *s, const struct activity_filter *filter,
    struct arena *a, struct activity_event **out, size_t *n, struct error *e)
{
	static const struct rows_kind kind = { ACTIVITY_COLUMNS,
		sizeof(struct activity_event), "a page of events", take_event };
	bool first = filter->at.s == 0 && filter->domain == 0;
	size_t max = rows_page(filter->max);
	struct sql_value args[PAGE_ARGS] = {
		sql_int(first ? INT64_MAX : filter->at.s),
		sql_int(filter->domain),
		sql_int(filter->seq),
		sql_int((int64_t)max),
		sql_text(filter->kind),
		sql_text(filter->tag),
	};
	const struct sql_statement *st =
	    filter->kind.n > 0 ? &list_kind : &list_all;
	void *list = NULL;
	bool rare;
	enum err err;

	*out = NULL;
	*n = 0;
	if (!sql_is_text(filter->kind) || !sql_is_text(filter->tag))
		return ERR_OK; /* no text of the store */
	err = tagged_is_rare(store_sql(s), filter->tag, RARE, &rare, e);
	if (err == ERR_OK)
		err = rows_read(store_sql(s), &kind, rare ? &list_rare : st,
		    args, PAGE_ARGS, max, a, &list, n, e);
	*out = list;
	return err;
}

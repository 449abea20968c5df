/* What news is about, read from the store when it is told. */
#include "base/limits.h"
#include "roles/notify.h"
#include "store/domains.h"

enum {
	DAY_S = 86400,
	PAGE = 50,
	PAGES = 10, /* that are looked through for those that still suffer */
	NAMED = 20, /* incidents of a digest whose domains are named */
};

/* The first of its domains that suffer, or, when it is over, that did. */
static enum err
name_domains(struct store *s, const struct incident *i, struct arena *a,
    struct message_news *out, struct error *e)
{
	struct span *names =
	    arena_array(a, LIMIT_MESSAGE_DOMAINS, sizeof *names);
	struct span last = SPAN("");
	struct incident_domain *page;
	size_t n = PAGE;
	enum err err = ERR_OK;

	if (names == NULL)
		return error_set(e, ERR_MEMORY, "names of domains");
	out->domains = names;
	for (int p = 0; err == ERR_OK && p < PAGES && n == PAGE; p++) {
		err = incident_domains(s, i->id, last, PAGE, a, &page, &n, e);
		for (size_t k = 0; err == ERR_OK && k < n; k++) {
			if (page[k].is_resolved && !i->is_resolved)
				continue;
			if (out->n_domains == LIMIT_MESSAGE_DOMAINS)
				return ERR_OK;
			names[out->n_domains++] = page[k].name;
		}
		if (err == ERR_OK && n > 0)
			last = page[n - 1].name;
	}
	return err;
}

static enum err
about_incident(struct store *s, int64_t id, struct arena *a,
    struct message_news *out, bool *gone, struct error *e)
{
	struct incident *i = arena_alloc(a, sizeof *i);
	bool found = false;
	enum err err;

	if (i == NULL)
		return error_set(e, ERR_MEMORY, "an incident");
	err = incident_get(s, id, a, i, &found, e);
	*gone = err == ERR_OK && !found;
	if (err != ERR_OK || !found)
		return err;
	out->incident = i;
	return name_domains(s, i, a, out, e);
}

enum err
notify_about(struct store *s, const struct outbox_row *row, struct arena *a,
    struct message_news *out, bool *gone, struct error *e)
{
	bool found = true;
	enum err err = ERR_OK;

	*gone = false;
	*out = (struct message_news){
		.news = row->news, .at = row->created_at, .domain = SPAN("")
	};
	if (row->news.incident != 0)
		return about_incident(s, row->news.incident, a, out, gone, e);
	if (row->news.domain != 0)
		err = domains_name(
		    s, row->news.domain, a, &out->domain, &found, e);
	*gone = !found;
	return err;
}

/* ---- the digest ---- */

struct selection {
	struct store *s;
	const struct channel_config *c;
	struct arena *a;
	const struct span *tags; /* c->tags as spans */
	struct wall_time since; /* of those that ended */
};

static bool
make_tags(struct selection *sel)
{
	size_t n = sel->c->tags.n;
	struct span *tags = arena_array(sel->a, n + 1, sizeof *tags);

	for (size_t i = 0; tags != NULL && i < n; i++)
		tags[i] = span_str(sel->c->tags.items[i]);
	sel->tags = tags;
	return tags != NULL;
}

/* A page of incidents: as many as a digest counts. */
static enum err
select_incidents(struct selection *sel, bool ended,
    const struct message_news **out, size_t *n, bool *more, struct error *e)
{
	struct incident_filter filter = { .resolved = ended,
		.tag = SPAN(""),
		.severity = sel->c->severity,
		.max = LIMIT_STORE_PAGE };
	struct message_news *list;
	struct incident *all;
	size_t found = 0;
	enum err err = incident_list(sel->s, &filter, sel->a, &all, &found, e);

	if (err != ERR_OK)
		return err;
	list = arena_array(sel->a, found + 1, sizeof *list);
	if (list == NULL)
		return error_set(e, ERR_MEMORY, "a digest");
	*more = found == LIMIT_STORE_PAGE;
	for (size_t i = 0; err == ERR_OK && i < found; i++) {
		bool wanted = true;

		if (ended && all[i].resolved_at.s < sel->since.s) {
			*more = false;
			break;
		}
		if (sel->c->tags.n > 0)
			err = incident_has_tag(sel->s, all[i].id, sel->tags,
			    sel->c->tags.n, &wanted, e);
		if (err != ERR_OK || !wanted)
			continue;
		list[*n] = (struct message_news){
			.news.kind = ended ? NEWS_RESOLVED : NEWS_OPENED,
			.incident = &all[i],
			.at = all[i].opened_at,
			.domain = SPAN(""),
		};
		list[*n].news.key = list[*n].news.text = SPAN("");
		if (*n < NAMED)
			err =
			    name_domains(sel->s, &all[i], sel->a, &list[*n], e);
		++*n;
	}
	*out = list;
	return err;
}

enum err
notify_digest(struct store *s, const struct channel_config *c,
    const struct outbox_row *row, struct wall_time now, struct arena *a,
    struct message_digest *out, struct error *e)
{
	struct selection sel = {
		.s = s, .c = c, .a = a, .since = { now.s - DAY_S }
	};
	enum err err;

	*out = (struct message_digest){ .key = row->news.key,
		.at = row->created_at };
	if (!make_tags(&sel))
		return error_set(e, ERR_MEMORY, "a digest");
	err = select_incidents(
	    &sel, false, &out->open, &out->n_open, &out->more_open, e);
	if (err == ERR_OK)
		err = select_incidents(&sel, true, &out->ended, &out->n_ended,
		    &out->more_ended, e);
	return err;
}

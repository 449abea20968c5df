/* A round of a domain whose policy we publish: what it is held against, and
 * what is left of it for the publish role. */
#include "roles/monitor_settle.h"
#include "store/publications.h"

/* What was left last, if it can be read. */
static enum err
load_last(struct store *s, struct settlement *v, struct error *e)
{
	const struct work_claim *c = &v->j->domain.claim;
	struct arena *a = &v->j->arena;
	struct span text;
	enum err rc = publication_get_sight(
	    s, c->domain, a, &text, &v->last_stepped, &v->has_last, e);

	if (rc != ERR_OK || !v->has_last)
		return rc;
	rc = publish_sight_read(text, a, &v->last);
	if (rc == ERR_MEMORY)
		return error_plain(e, rc);
	v->has_last = rc == ERR_OK;
	return ERR_OK;
}

/* What cannot be read is as if nothing were published; the publish role cannot
 * read it either. */
enum err
monitor_load_published(struct settlement *v, struct error *e)
{
	struct job *j = v->j;
	const struct work_claim *c = &j->domain.claim;
	enum err rc = publication_of(j->m->line.store, c->domain, &j->arena,
	    &v->published, &v->is_published, e);

	if (rc == ERR_DATA)
		monitor_say_damaged(j->m, c->name, e);
	else if (rc != ERR_OK)
		return rc;
	v->is_published = rc == ERR_OK && v->is_published &&
			  v->published.state.stage != PUBLICATION_ENDED;
	return v->is_published ? load_last(j->m->line.store, v, e) : ERR_OK;
}

enum err
monitor_see_published(struct settlement *v)
{
	const struct judged *j = &v->round.judged;
	enum err rc;

	if (!v->is_published)
		return ERR_OK;
	rc = publish_sight_of(j, v->round.ledger, &v->published, v->round.looks,
	    publish_sight_incidents(&v->after), &v->j->arena, &v->sight);
	if (rc == ERR_OK)
		v->wants_more =
		    publish_sight_wants_more(&v->sight, j, &v->published) &&
		    !(v->has_last && !v->last_stepped &&
			publish_sight_is_in_line(&v->sight, &v->last));
	return rc;
}

/* The last one is read again: nobody can step with it from here on, and a look
 * at the MX records is counted once. */
enum err
monitor_leave_sight(struct store *s, struct settlement *v, struct error *e)
{
	struct publish_sight sight = v->sight;
	bool wake = true;
	struct span text;
	enum err rc;

	if (!v->is_published)
		return ERR_OK;
	rc = load_last(s, v, e);
	if (rc != ERR_OK)
		return rc;
	if (v->has_last) {
		publish_sight_carry(&sight, &v->last, v->last_stepped);
		wake = !publish_sight_same(&sight, &v->last) ||
		       publish_sight_is_awaited(&sight, &v->published);
	}
	rc = publish_sight_write(&sight, &v->j->arena, &text);
	if (rc != ERR_OK)
		return error_plain(e, rc);
	return publication_put_sight(
	    s, v->j->domain.claim.domain, text, v->round.now, wake, e);
}

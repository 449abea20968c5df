#include "core/publication.h"

#include <assert.h>
#include <string.h>

/* clang-format off */
const char *const publication_stage_names[] = {
	[PUBLICATION_AWAITED]		= "awaited",
	[PUBLICATION_CERTIFYING]	= "certifying",
	[PUBLICATION_LIVE]		= "live",
	[PUBLICATION_LEAVING]		= "leaving",
	[PUBLICATION_REMOVABLE]		= "removable",
	[PUBLICATION_ENDED]		= "ended",
	NULL
};

const char *const publication_change_names[] = {
	[CHANGE_REST]		= "rest",
	[CHANGE_FILE]		= "file",
	[CHANGE_PROVING]	= "proving",
	[CHANGE_ID]		= "id",
	NULL
};
/* clang-format on */

/* One step under way. */
struct step {
	struct publication *p;
	const struct publication_wish *wish;
	const struct publication_sight *sight;
	const char *fresh_id;
	struct arena *a;
	unsigned events;
};

static void
note(struct step *s, enum publication_event event)
{
	s->events |= 1U << event;
}

static void
enter_stage(struct step *s, enum publication_stage stage)
{
	s->p->stage = stage;
	s->p->stage_since = s->sight->at;
}

static void
enter_change(struct step *s, enum publication_change change)
{
	s->p->change = change;
	s->p->change_since = s->sight->at;
}

static bool
is_served(const struct publication *p)
{
	return p->stage >= PUBLICATION_LIVE && p->stage < PUBLICATION_ENDED;
}

/* ---- the delegation ---- */

static void
see_delegation(struct step *s)
{
	struct publication *p = s->p;
	bool whole = s->sight->delegation == DELEGATION_WHOLE;

	if (s->sight->delegation == DELEGATION_UNKNOWN)
		return;
	if (p->stage == PUBLICATION_AWAITED && whole) {
		enter_stage(s, PUBLICATION_CERTIFYING);
		note(s, PUBLICATION_CAME);
		return;
	}
	/* Nothing is out yet: he may take his time. */
	if (p->stage == PUBLICATION_CERTIFYING && !whole)
		enter_stage(s, PUBLICATION_AWAITED);
	if (p->stage != PUBLICATION_LIVE && p->stage != PUBLICATION_LEAVING)
		return;
	if (p->lost == !whole)
		return;
	p->lost = !whole;
	p->lost_since = s->sight->at;
	note(s, whole ? PUBLICATION_FOUND : PUBLICATION_LOST);
}

/* Nobody can reach us by the domain's name, and nobody remembers us. A policy
 * that is published after that is a first one: nothing of the old one is left
 * that it would have to agree with. */
static void
give_up(struct step *s)
{
	struct publication *p = s->p;

	if (!p->lost || s->sight->delegation != DELEGATION_NONE ||
	    !s->wish->is_forgotten)
		return;
	p->lost = false;
	if (s->wish->leave) {
		enter_stage(s, PUBLICATION_ENDED);
		note(s, PUBLICATION_IS_OVER);
		return;
	}
	p->body = SPAN("");
	p->version++;
	p->id[0] = '\0';
	enter_stage(s, PUBLICATION_AWAITED);
	enter_change(s, CHANGE_REST);
	note(s, PUBLICATION_GIVEN_UP);
}

/* ---- the change ---- */

/* Any -> FILE. An id that is still on its way to some server does no harm: who
 * sees it fetches what is newer than it, and fetches again under the next. */
static enum err
serve_wish(struct step *s)
{
	struct publication *p = s->p;
	struct span body;

	if (span_eq(p->body, s->wish->body))
		return ERR_OK;
	body = arena_span(s->a, s->wish->body);
	if (s->a->failed)
		return ERR_MEMORY;
	p->body = body;
	p->version++;
	enter_change(s, CHANGE_FILE);
	note(s, PUBLICATION_SERVES);
	return ERR_OK;
}

static void
announce(struct step *s)
{
	struct publication *p = s->p;

	assert(strlen(s->fresh_id) == PUBLICATION_ID_OCTETS);
	if (p->id[0] == '\0' && p->stage == PUBLICATION_CERTIFYING) {
		enter_stage(s, PUBLICATION_LIVE);
		note(s, PUBLICATION_IS_LIVE);
	}
	memcpy(p->id, s->fresh_id, sizeof p->id);
	p->id_since = s->sight->at;
	p->id_version = p->version;
	enter_change(s, CHANGE_ID);
	note(s, PUBLICATION_ANNOUNCES);
}

/* FILE -> PROVING -> ID: both may come true in one round. */
static void
prove(struct step *s)
{
	struct publication *p = s->p;

	if (p->change == CHANGE_FILE && s->sight->edges_version >= p->version)
		enter_change(s, CHANGE_PROVING);
	if (p->change != CHANGE_PROVING)
		return;
	/* An edge came up with what it had before it went down. */
	if (s->sight->edges_version < p->version)
		enter_change(s, CHANGE_FILE);
	else if (s->sight->proved_version == p->version)
		announce(s);
}

/* ID -> REST. */
static void
see_id(struct step *s)
{
	struct publication *p = s->p;

	if (p->change == CHANGE_ID &&
	    span_eq(s->sight->seen_id, span_str(p->id)))
		enter_change(s, CHANGE_REST);
}

/* The same policy under a new id needs no new file; but it must be the one that
 * every edge serves. */
static void
rotate(struct step *s)
{
	struct publication *p = s->p;

	if (p->change == CHANGE_REST && is_served(p) &&
	    s->sight->at.s - p->id_since.s >= PUBLICATION_ROTATE_S &&
	    s->sight->edges_version >= p->version)
		announce(s);
}

static enum err
walk(struct step *s)
{
	enum err rc;

	/* A policy that nobody could fetch is not to be announced, nor a first
	 * one that is not wanted any more. */
	if (s->p->stage == PUBLICATION_AWAITED ||
	    s->p->stage == PUBLICATION_ENDED ||
	    (s->p->stage == PUBLICATION_CERTIFYING &&
		(!s->sight->has_certificate || s->wish->body.n == 0)))
		return ERR_OK;
	see_id(s);
	if (s->wish->body.n > 0 && (rc = serve_wish(s)) != ERR_OK)
		return rc;
	prove(s);
	rotate(s);
	return ERR_OK;
}

/* ---- the end ---- */

static bool
none_is_out(const struct publication *p, const struct publication_wish *wish)
{
	return span_eq(p->body, wish->body) && p->change == CHANGE_REST &&
	       p->id_version == p->version;
}

static void
think_of_the_end(struct step *s)
{
	struct publication *p = s->p;
	bool gone = s->sight->delegation == DELEGATION_NONE;

	if (!s->wish->leave) {
		if (p->stage == PUBLICATION_LEAVING ||
		    p->stage == PUBLICATION_REMOVABLE)
			enter_stage(s, PUBLICATION_LIVE);
		return;
	}
	switch (p->stage) {
	case PUBLICATION_AWAITED:
	case PUBLICATION_CERTIFYING:
		/* Nothing was ever out. */
		enter_stage(s, PUBLICATION_ENDED);
		note(s, PUBLICATION_IS_OVER);
		break;
	case PUBLICATION_LIVE:
		enter_stage(s, PUBLICATION_LEAVING);
		break;
	case PUBLICATION_LEAVING:
		if (none_is_out(p, s->wish) && s->wish->may_leave) {
			enter_stage(s, PUBLICATION_REMOVABLE);
			note(s, PUBLICATION_MAY_GO);
		}
		break;
	case PUBLICATION_REMOVABLE:
		if (gone) {
			enter_stage(s, PUBLICATION_ENDED);
			note(s, PUBLICATION_IS_OVER);
		}
		break;
	case PUBLICATION_ENDED:
		break;
	}
}

enum err
publication_step(struct publication *p, const struct publication_wish *wish,
    const struct publication_sight *sight, const char *fresh_id,
    struct arena *a, unsigned *events)
{
	struct publication next = *p;
	struct step s = { &next, wish, sight, fresh_id, a, 0 };
	enum err rc;

	*events = 0;
	see_delegation(&s);
	give_up(&s);
	think_of_the_end(&s);
	if ((rc = walk(&s)) != ERR_OK)
		return rc;
	*p = next;
	*events = s.events;
	return ERR_OK;
}

bool
publication_is_stalled(const struct publication *p, struct wall_time now)
{
	return is_served(p) &&
	       now.s - p->id_since.s > PUBLICATION_ROTATE_S * 3 / 2;
}

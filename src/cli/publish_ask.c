/* What is to be published, and the CNAMEs that it takes. */
#include "base/base32.h"
#include "base/limits.h"
#include "cli/login_name.h"
#include "cli/publish.h"
#include "io/random.h"
#include "out/publish_out.h"
#include "store/domains.h"
#include "wire/name.h"

enum {
	DAY_S = 86400,
	MAX_AGE_DEFAULT_S = 14 * DAY_S,

	LABEL_BYTES = PUBLISHED_LABEL_OCTETS * 5 / 8,
};

/* What became of one domain; told when its part of the list is written. */
struct answer {
	enum publication_asked asked;
	struct span target;
	const char *refused; /* why nothing was done; NULL: it was */
};

/* A part of the list: one transaction. */
struct part {
	struct publishing *p;
	const struct span *names;
	size_t n;
	struct span zone;
	struct answer *answers;
	struct arena *a; /* as long as the part */
};

struct counts {
	size_t asked[PUBLICATION_NO_DOMAIN];
};

/* What was not named stays as it was. `before` is NULL for a new one. */
static struct publish_order
order_of(
    const struct publishing *p, const struct published *before, struct arena *a)
{
	const struct publish_options *o = p->options;
	struct publish_order order = { .mode = STS_MODE_TESTING,
		.max_age = MAX_AGE_DEFAULT_S,
		.follow = FOLLOW_AUTO,
		.overlap_s = MX_FOLLOW_OVERLAP_S,
		.override_by = SPAN("") };

	if (before != NULL)
		order = before->order;
	order.leave = false;
	order.asked_at = p->now;
	if (o->wants_mode != STS_MODE_UNSET)
		order.mode = o->wants_mode;
	if (o->max_age_s > 0)
		order.max_age = (uint32_t)o->max_age_s;
	if (o->follow != NULL)
		order.follow = o->wants_follow;
	if (o->overlap_s > 0)
		order.overlap_s = (uint32_t)o->overlap_s;
	if (o->override) {
		order.override_by = login_name(a);
		order.override_at = p->now;
	}
	if (order.mode != STS_MODE_ENFORCE) {
		order.override_by = SPAN("");
		order.override_at = (struct wall_time){ 0 };
	}
	return order;
}

static enum err
fresh_label(char out[PUBLISHED_LABEL_OCTETS], struct error *e)
{
	char bytes[LABEL_BYTES];
	struct buf b = buf_init(out, PUBLISHED_LABEL_OCTETS);

	if (!randomness_fill(&randomness_system, bytes, sizeof bytes))
		return error_set(e, ERR_SYSTEM, "there is no randomness");
	base32_put(&b, (struct span){ bytes, sizeof bytes });
	return ERR_OK;
}

static const char *
why_not(const struct publishing *p, const struct published *before)
{
	const struct publish_options *o = p->options;
	enum sts_mode mode =
	    before != NULL ? before->order.mode : STS_MODE_TESTING;

	if (before != NULL && before->order.leave)
		return "is being removed; think again with --keep first";
	if (o->override && o->wants_mode == STS_MODE_UNSET &&
	    mode != STS_MODE_ENFORCE)
		return "is to be in mode testing; --override is for --mode "
		       "enforce";
	return NULL;
}

/* What he answers that asks, given what was there before. Somebody else may
 * have asked, ended or removed it in between. */
static enum err
take_answer(struct part *part, struct answer *answer,
    const struct published *before, struct span label, struct error *e)
{
	switch (answer->asked) {
	case PUBLICATION_NEW:
		answer->target = arena_printf(part->a, "%.*s.%.*s",
		    (int)label.n, label.p, (int)part->zone.n, part->zone.p);
		return ERR_OK;
	case PUBLICATION_CHANGED:
	case PUBLICATION_SAME:
		if (before == NULL)
			return error_set(e, ERR_STORE_BUSY,
			    "somebody else asks for the same at this moment");
		answer->target = arena_span(part->a, before->target);
		return ERR_OK;
	case PUBLICATION_NO_DOMAIN:
		break;
	}
	answer->refused = "was removed from the portfolio at this moment";
	return ERR_OK;
}

/* One that has ended begins anew, as if it had never been. */
static enum err
ask_one(struct part *part, size_t i, struct arena *scratch, struct error *e)
{
	struct publishing *p = part->p;
	struct answer *answer = &part->answers[i];
	struct published found, *before = NULL;
	struct publish_order order;
	char text[PUBLISHED_LABEL_OCTETS];
	const struct span label = { text, sizeof text };
	bool is_there;
	enum err rc = publication_get(
	    p->store, part->names[i], scratch, &found, &is_there, e);

	if (rc == ERR_OK)
		rc = fresh_label(text, e);
	if (rc != ERR_OK)
		return rc;
	if (is_there && found.state.stage != PUBLICATION_ENDED)
		before = &found;
	answer->refused = why_not(p, before);
	if (answer->refused != NULL)
		return ERR_OK;
	order = order_of(p, before, scratch);
	rc = publication_ask(
	    p->store, part->names[i], &order, label, p->now, &answer->asked, e);
	return rc == ERR_OK ? take_answer(part, answer, before, label, e) : rc;
}

/* May run again: everything it leaves is written anew. */
static enum err
ask_part(struct store *s, void *arg, struct error *e)
{
	struct part *part = arg;
	struct domains_added added;
	struct arena scratch;
	enum err rc =
	    domains_add(s, part->names, part->n, part->p->now, &added, e);

	arena_init(&scratch, LIMIT_CHECK_MEMORY);
	for (size_t i = 0; rc == ERR_OK && i < part->n; i++) {
		rc = ask_one(part, i, &scratch, e);
		arena_release(&scratch);
	}
	return rc;
}

static enum err
tell(struct part *part, struct counts *counts, struct error *e)
{
	const struct publishing *p = part->p;
	enum err rc = ERR_OK;

	if (part->a->failed)
		rc = ERR_MEMORY;
	for (size_t i = 0; rc == ERR_OK && i < part->n; i++) {
		const struct answer *answer = &part->answers[i];

		if (answer->refused != NULL) {
			publish_refuse(
			    part->p, part->names[i], "%s", answer->refused);
			continue;
		}
		counts->asked[answer->asked]++;
		if (p->options->json)
			rc = publish_asked_json(part->names[i], answer->target,
			    answer->asked, stdout);
		else
			publish_cnames(part->names[i], answer->target, stdout);
	}
	return rc == ERR_OK ? rc : error_set(e, rc, "%s", err_text(rc));
}

static enum err
do_part(struct publishing *p, size_t from, struct span zone,
    struct counts *counts, struct error *e)
{
	size_t left = p->domains.n - from;
	struct arena a;
	struct part part = { .p = p,
		.names = p->domains.names + from,
		.n = left < LIMIT_STORE_PAGE ? left : LIMIT_STORE_PAGE,
		.zone = zone,
		.a = &a };
	enum err rc;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	part.answers = arena_array(&a, part.n, sizeof *part.answers);
	if (part.answers == NULL)
		rc = error_set(e, ERR_MEMORY, "%s", err_text(ERR_MEMORY));
	else
		rc = store_transact(p->store, ask_part, &part, e);
	if (rc == ERR_OK)
		rc = tell(&part, counts, e);
	arena_release(&a);
	return rc;
}

/* Names of the zone are targets and name servers: whoever takes mail there
 * could not have the CNAMEs beside them. */
static enum err
check_outside(struct publishing *p, struct span zone, struct error *e)
{
	for (size_t i = 0; i < p->domains.n; i++)
		if (name_is_under(p->domains.names[i], zone))
			publish_refuse(p, p->domains.names[i],
			    "is in the service zone itself, %.*s, which holds "
			    "only what others' CNAMEs lead to",
			    (int)zone.n, zone.p);
	return p->refused ? error_set(e, ERR_DATA, "nothing was done") : ERR_OK;
}

/* How far it came, behind what is wrong. */
static enum err
tell_interrupted(size_t done, size_t n, enum err rc, struct error *e)
{
	struct error why = *e;

	if (done == 0)
		return rc;
	return error_set(e, rc,
	    "%s (%zu of %zu domains are done; say it again)", why.text, done,
	    n);
}

enum err
publish_ask(struct publishing *p, struct error *e)
{
	struct counts counts = { 0 };
	struct span zone;
	enum err rc = service_zone_get(p->store, p->a, &zone, e);

	if (rc == ERR_OK && zone.n == 0)
		rc = error_set(e, ERR_USAGE,
		    "no service zone is known, so there is nothing to point "
		    "to: start mtastsd with [service] zone and the role "
		    "publish");
	if (rc == ERR_OK)
		rc = check_outside(p, zone, e);
	for (size_t i = 0; rc == ERR_OK && i < p->domains.n;
	     i += LIMIT_STORE_PAGE) {
		rc = do_part(p, i, zone, &counts, e);
		if (rc != ERR_OK)
			return tell_interrupted(i, p->domains.n, rc, e);
	}
	if (rc != ERR_OK)
		return rc;
	if (!p->options->json)
		printf("; %zu new, %zu changed, %zu as before\n",
		    counts.asked[PUBLICATION_NEW],
		    counts.asked[PUBLICATION_CHANGED],
		    counts.asked[PUBLICATION_SAME]);
	return ERR_OK;
}

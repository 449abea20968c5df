/* What is to be published, and the CNAMEs that it takes. */
#include "base/limits.h"
#include "cli/login_name.h"
#include "cli/publish.h"
#include "io/fresh.h"
#include "out/publish_out.h"
#include "store/domains.h"
#include "store/publication_order.h"

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
	struct order_asked asked;
	struct answer *answers;
	struct arena *a; /* as long as the part */
};

struct counts {
	size_t asked[PUBLICATION_NO_DOMAIN];
};

/* In the order of enum order_refusal. */
static const char *const refusals[] = {
	[ORDER_IN_ZONE] = "is in the service zone itself",
	[ORDER_TOO_LONG] = "is too long for a name below it",
	[ORDER_LEAVING] = "is being removed; think again with --keep first",
	[ORDER_IS_TESTING] = "is to be in mode testing; --override is for "
			     "--mode enforce",
	[ORDER_NO_DOMAIN] = "was removed from the portfolio at this moment",
};

static struct order_asked
asked_of(const struct publishing *p)
{
	const struct publish_options *o = p->options;

	return (struct order_asked){ .mode = o->wants_mode,
		.max_age = (uint32_t)o->max_age_s,
		.overlap_s = (uint32_t)o->overlap_s,
		.has_follow = o->follow != NULL,
		.follow = o->wants_follow,
		.override_by = o->override ? login_name(p->a) : SPAN("") };
}

static enum err
ask_one(struct part *part, size_t i, struct arena *scratch, struct error *e)
{
	struct answer *answer = &part->answers[i];
	char text[PUBLISHED_LABEL_OCTETS];
	struct order_answer taken;
	enum err rc = fresh_label(&randomness_system, text, e);

	if (rc == ERR_OK)
		rc = publication_order(part->p->store, part->names[i],
		    &part->asked, (struct span){ text, sizeof text },
		    part->zone, part->p->now, scratch, &taken, e);
	if (rc != ERR_OK)
		return rc;
	answer->refused = refusals[taken.refusal];
	answer->asked = taken.asked;
	answer->target = arena_span(part->a, taken.target);
	return ERR_OK;
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
	return error_plain(e, rc);
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
		.asked = asked_of(p),
		.a = &a };
	enum err rc;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	part.answers = arena_array(&a, part.n, sizeof *part.answers);
	if (part.answers == NULL)
		rc = error_plain(e, ERR_MEMORY);
	else
		rc = store_transact(p->store, ask_part, &part, e);
	if (rc == ERR_OK)
		rc = tell(&part, counts, e);
	arena_release(&a);
	return rc;
}

/* All of them, before anything is done. */
static enum err
check_outside(struct publishing *p, struct span zone, struct error *e)
{
	for (size_t i = 0; i < p->domains.n; i++)
		if (publication_order_fits(p->domains.names[i], zone) ==
		    ORDER_IN_ZONE)
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

/* mtasts plan: what takes days, in dated steps. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "cli/command.h"
#include "cli/domain_list.h"
#include "cli/move_look.h"
#include "cli/open_store.h"
#include "cli/remembered.h"
#include "core/publish_sight.h"
#include "io/fresh.h"
#include "out/mx_move_out.h"
#include "store/publications.h"

enum {
	EXIT_REFUSED = 1,
	PREFERENCE_STEP = 10, /* between hosts whose preference is unknown */
};

struct options {
	const char *store;
	struct option_list to;
	struct look_options look;
	bool offline, carry_out, cancel, status, json;
};

const struct option_row plan_options[] = {
	STORE_OPTION_ROW(struct options),
	{ .name = "to",
	    .kind = OPTION_LIST,
	    .at = offsetof(struct options, to),
	    .argument = "HOST[,HOST...]",
	    .help = "All hosts that are to be MX at the end. May be given "
		    "several times." },
	{ .name = "carry-out",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, carry_out),
	    .help = "Have the daemon do its part of it, and tell when the "
		    "owner's comes." },
	{ .name = "status",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, status),
	    .help = "How far the move has come that is being carried out." },
	{ .name = "cancel",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, cancel),
	    .help = "Call it off." },
	{ .name = "offline",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, offline),
	    .help = "Do not look: go by what the store remembers." },
	LOOK_OPTION_ROWS(struct options),
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, json),
	    .help = "Print one JSON object, schema mtasts.move/1." },
	{ 0 },
};

struct planning {
	const struct options *options;
	struct arena *a;
	struct store *store; /* NULL: nothing is remembered */
	struct domain_list domain, to; /* one; all of --to */
	struct remembered known;
	struct mx_move_question q;
	char ids[2][PUBLICATION_ID_OCTETS + 1];
	bool refused;
};

static void
refuse(struct planning *p, const char *sentence)
{
	const struct span name = p->domain.names[0];

	fprintf(
	    stderr, "mtasts plan: %.*s %s\n", (int)name.n, name.p, sentence);
	p->refused = true;
}

/* ---- what is asked ---- */

static enum err
check_given(const struct options *o, struct error *e)
{
	unsigned actions =
	    (unsigned)o->carry_out + (unsigned)o->cancel + (unsigned)o->status;
	bool needs_to = !o->cancel && !o->status;

	if (actions > 1)
		return error_set(e, ERR_USAGE,
		    "--carry-out, --cancel and --status exclude each other");
	if (needs_to != (o->to.n > 0))
		return error_set(e, ERR_USAGE,
		    needs_to ? "--to is needed: the hosts that are to be MX"
			     : "--to is for a new plan");
	return ERR_OK;
}

/* "a,b", each once. */
static enum err
add_hosts(struct planning *p, struct span text, struct error *e)
{
	enum err rc = ERR_OK;

	do {
		struct span host = span_head(text, span_find(text, ','));
		struct domain_list one = { .a = p->a };

		text = span_skip(text, host.n + 1);
		rc = domain_list_add(&one, host, e);
		if (rc == ERR_OK &&
		    !span_in(one.names[0], p->to.names, p->to.n))
			rc = domain_list_add(&p->to, one.names[0], e);
	} while (rc == ERR_OK && text.n > 0);
	return rc;
}

static enum err
read_hosts(struct planning *p, struct error *e)
{
	const struct option_list *to = &p->options->to;
	enum err rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < to->n; i++)
		rc = add_hosts(p, span_str(to->items[i]), e);
	if (rc == ERR_OK && p->to.n > LIMIT_MX_HOSTS)
		rc = error_set(e, ERR_USAGE, "--to takes at most %d hosts",
		    (int)LIMIT_MX_HOSTS);
	return rc;
}

/* ---- what is remembered ---- */

/* Who wants to change something needs the store. */
static enum err
open_if_there(struct planning *p, struct error *e)
{
	const struct options *o = p->options;
	bool needed = o->carry_out || o->cancel || o->status || o->offline;

	if (!needed && !open_store_is_there(o->store))
		return ERR_OK;
	return open_store_kept(o->store, &p->store, e);
}

/* The MX records as the last round saw them. */
static enum err
remember_mx(struct planning *p, struct error *e)
{
	const struct ledger_mx_set *set = ledger_mx(&p->known.ledger);
	struct publish_sight sight = { 0 };
	struct span text;
	bool stepped, found = false;
	size_t n = set != NULL ? set->n_hosts : 0;
	struct dns_mx *mx = arena_array(p->a, n, sizeof *mx);
	enum err rc = ERR_OK;

	if (mx == NULL)
		return error_plain(e, ERR_MEMORY);
	if (p->known.is_published)
		rc = publication_get_sight(p->store, p->known.domain, p->a,
		    &text, &stepped, &found, e);
	if (rc == ERR_OK && found)
		rc = publish_sight_read(text, p->a, &sight);
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < n; i++)
		mx[i] = (struct dns_mx){ (uint16_t)((i + 1) * PREFERENCE_STEP),
			set->hosts[i] };
	move_take_mx(&p->q, mx, n, sight.mx.ttl, p->a);
	return ERR_OK;
}

/* ---- the plan ---- */

static struct mx_move_host *
hosts(struct planning *p)
{
	bool status = p->options->status;
	const struct span *names =
	    status ? p->known.published.move.to : p->to.names;
	size_t n = status ? p->known.published.move.n_to : p->to.n;
	struct mx_move_host *to = arena_array(p->a, n, sizeof *to);

	for (size_t i = 0; to != NULL && i < n; i++)
		to[i] = (struct mx_move_host){ names[i], MX_MOVE_UNCHECKED,
			SPAN("") };
	p->q.to = to;
	p->q.n_to = n;
	return to;
}

static enum err
ask(struct planning *p, struct error *e)
{
	struct mx_move_host *to = hosts(p);
	enum err rc = to != NULL ? fresh_id(&randomness_system, p->ids[0], e)
				 : ERR_MEMORY;

	if (rc == ERR_OK)
		rc = fresh_id(&randomness_system, p->ids[1], e);
	p->q.domain = p->domain.names[0];
	p->q.ledger = &p->known.ledger;
	p->q.published = p->known.is_published;
	p->q.overlap_s = p->known.is_published
			     ? p->known.published.order.overlap_s
			     : MX_FOLLOW_OVERLAP_S;
	p->q.fresh_ids[0] = p->ids[0];
	p->q.fresh_ids[1] = p->ids[1];
	p->q.now = clock_wall(&clock_system);
	if (rc == ERR_OK && p->options->offline)
		rc = remember_mx(p, e);
	else if (rc == ERR_OK)
		rc = move_look(
		    &p->options->look, &p->q, to, &p->known.ledger, p->a, e);
	return rc;
}

static enum err
print(struct planning *p, struct error *e)
{
	const struct style style = style_for(stdout);
	struct mx_move_plan plan;
	enum err rc = mx_move_plan(&p->q, p->a, &plan);

	if (rc == ERR_OK && p->options->json) {
		rc = mx_move_json(
		    &p->q, &plan, p->known.published.move.n_to > 0, stdout);
	} else if (rc == ERR_OK) {
		mx_move_text(&p->q, &plan, &style, stdout);
		if (plan.is_done)
			puts("\nThere is nothing left to do.");
		else if (p->known.is_published &&
			 p->known.published.move.n_to == 0 &&
			 !p->options->carry_out)
			puts("\nWith --carry-out mtastsd does its part, and "
			     "tells when yours comes.");
	}
	if (rc != ERR_OK)
		return error_plain(e, rc);
	if (p->options->carry_out && plan.blocked)
		refuse(p, "is not moved: senders would refuse mail to a new "
			  "host");
	return ERR_OK;
}

/* ---- what is done about it ---- */

static enum err
tell_daemon(struct planning *p, struct error *e)
{
	bool cancel = p->options->cancel, found;
	const struct span name = p->domain.names[0];
	enum err rc = publication_move(p->store, name, p->to.names,
	    cancel ? 0 : p->to.n, clock_wall(&clock_system), &found, e);

	if (rc == ERR_OK && !found)
		refuse(p, "is not published");
	else if (rc == ERR_OK && !p->options->json)
		printf(cancel ? "%.*s: the move is called off\n"
			      : "\n%.*s: mtastsd does its part from now on, "
				"and tells when yours comes\n",
		    (int)name.n, name.p);
	return rc;
}

/* Does what is asked fit what there is? */
static bool
fits(struct planning *p)
{
	const struct options *o = p->options;

	if (o->carry_out && !p->known.is_published)
		refuse(p, "is not published by us; carry the plan out by "
			  "hand");
	else if ((o->cancel || o->status) && !p->known.is_published)
		refuse(p, "is not published by us, so nothing is carried out "
			  "for it");
	else if ((o->cancel || o->status) && p->known.published.move.n_to == 0)
		refuse(p, "has no move under way");
	else if (o->carry_out && p->known.published.order.leave)
		refuse(p, "is being removed; think again with \"mtasts "
			  "publish --keep\" first");
	return !p->refused;
}

static enum err
run(struct planning *p, const struct option_parse *parse, struct error *e)
{
	const struct options *o = p->options;
	enum err rc = check_given(o, e);

	if (rc == ERR_OK)
		rc = domain_list_add(
		    &p->domain, span_str(parse->operands[1]), e);
	if (rc == ERR_OK)
		rc = read_hosts(p, e);
	if (rc == ERR_OK)
		rc = open_if_there(p, e);
	if (rc == ERR_OK)
		rc = remembered_load(
		    p->store, p->domain.names[0], p->a, &p->known, e);
	if (rc != ERR_OK || !fits(p))
		return rc;
	if (o->cancel)
		return tell_daemon(p, e);
	rc = ask(p, e);
	if (rc == ERR_OK && p->q.n_mx == 0) {
		refuse(p, o->offline
			      ? "was not looked at yet; leave out --offline"
			      : "has no MX records: there is nothing to move");
		return ERR_OK;
	}
	if (rc == ERR_OK)
		rc = print(p, e);
	if (rc == ERR_OK && o->carry_out && !p->refused)
		rc = tell_daemon(p, e);
	return rc;
}

int
cmd_plan(const struct command *c, int argc, char **argv)
{
	struct options o = { 0 };
	struct arena a;
	struct planning p = {
		.options = &o, .a = &a, .domain = { .a = &a }, .to = { .a = &a }
	};
	struct option_parse parse;
	struct error e;
	int status = 0;

	arena_init(&a, 4 * LIMIT_CHECK_MEMORY);
	if (!command_begin(c, argc, argv, &o, &parse, &status))
		goto out;
	if (parse.n_operands != 2 || strcmp(parse.operands[0], "mx-move") != 0)
		status =
		    command_usage(c, "\"mx-move\" and a domain are needed");
	else if (run(&p, &parse, &e) != ERR_OK)
		status = command_fail(c, &e);
	else if (p.refused)
		status = EXIT_REFUSED;
out:
	store_free(p.store);
	option_parse_release(&parse);
	arena_release(&a);
	return status;
}

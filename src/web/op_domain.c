/* One domain: what is known of it, and what its owner does with it. */
#include "base/limits.h"
#include "core/tag_name.h"
#include "store/domains.h"
#include "store/work.h"
#include "web/deed.h"
#include "web/model_domain.h"

/* ---- in or out, watched or not ---- */

/* A policy of ours that senders may hold keeps it in the portfolio. */
static enum err
run_remove(struct deed *d, struct error *e)
{
	enum err rc =
	    domains_remove(d->c->store, d->name, d->c->now, &d->found, e);

	if (rc != ERR_USAGE)
		return rc;
	d->found = true;
	d->refused = arena_span(d->c->a, span_str(e->text));
	return ERR_OK;
}

enum err
api_domain_remove(struct web_call *c, struct error *e)
{
	struct deed d = { .c = c, .what = "domain-remove", .said = "removed" };

	return deed_do(&d, run_remove, e);
}

/* One that is paused is not looked at. */
static enum err
run_check(struct deed *d, struct error *e)
{
	struct web_call *c = d->c;
	struct domain row;
	bool asked;
	enum err rc = domains_get(c->store, d->name, c->a, &row, &d->found, e);

	if (rc != ERR_OK || !d->found)
		return rc;
	rc = work_ask(c->store, d->name, c->now, &asked, e);
	if (rc == ERR_OK && !asked)
		d->refused = SPAN("It is paused, and not looked at until it is "
				  "resumed.");
	return rc;
}

enum err
api_domain_check(struct web_call *c, struct error *e)
{
	struct deed d = { .c = c, .what = "domain-check", .said = "checking" };

	return deed_do(&d, run_check, e);
}

static enum err
run_pause(struct deed *d, struct error *e)
{
	const bool *paused = d->arg;

	return domains_set_paused(
	    d->c->store, d->name, *paused, d->c->now, &d->found, e);
}

enum err
api_domain_pause(struct web_call *c, struct error *e)
{
	static const bool yes = true;
	struct deed d = {
		.c = c, .what = "domain-pause", .said = "paused", .arg = &yes
	};

	return deed_do(&d, run_pause, e);
}

enum err
api_domain_resume(struct web_call *c, struct error *e)
{
	static const bool no = false;
	struct deed d = {
		.c = c, .what = "domain-resume", .said = "resumed", .arg = &no
	};

	return deed_do(&d, run_pause, e);
}

/* ---- tags and the note ---- */

static enum err
run_tag(struct deed *d, struct error *e)
{
	const struct span *tag = d->arg;

	return domains_tag(d->c->store, d->name, *tag, &d->found, e);
}

enum err
api_domain_tag(struct web_call *c, struct error *e)
{
	struct span tag = input_text(&c->input, "tag", INPUT_REQUIRED);
	const char *fault = tag_name_fault(tag);
	struct deed d = {
		.c = c, .what = "domain-tag", .said = "saved", .arg = &tag
	};

	if (fault != NULL)
		input_wrong(&c->input, "\"tag\": a tag %s", fault);
	return deed_do(&d, run_tag, e);
}

static enum err
run_untag(struct deed *d, struct error *e)
{
	const struct span *tag = d->arg;

	return domains_untag(d->c->store, d->name, *tag, &d->found, e);
}

/* A tag that cannot be is one that it does not have. */
enum err
api_domain_untag(struct web_call *c, struct error *e)
{
	struct span tag = c->captured[1];
	struct deed d = {
		.c = c, .what = "domain-untag", .said = "saved", .arg = &tag
	};

	if (tag.n == 0 || tag.n > LIMIT_TAG || !sql_is_text(tag))
		input_wrong(&c->input, "that is no tag");
	return deed_do(&d, run_untag, e);
}

static enum err
run_note(struct deed *d, struct error *e)
{
	const struct span *note = d->arg;

	return domains_set_note(d->c->store, d->name, *note, &d->found, e);
}

enum err
api_domain_note(struct web_call *c, struct error *e)
{
	struct span note = input_text(&c->input, "note", INPUT_OPTIONAL);
	struct deed d = {
		.c = c, .what = "domain-note", .said = "saved", .arg = &note
	};

	if (!c->input.is_form && !input_has(&c->input, "note"))
		input_wrong(&c->input, "\"note\" is missing");
	if (note.n > LIMIT_NOTE)
		input_wrong(
		    &c->input, "\"note\" is longer than %d octets", LIMIT_NOTE);
	return deed_do(&d, run_note, e);
}

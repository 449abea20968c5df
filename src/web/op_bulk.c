/* One thing done to many domains: each for itself, so that what cannot be done
 * with one keeps nothing from the others. */
#include "base/limits.h"
#include "core/tag_name.h"
#include "io/idn.h"
#include "store/domains.h"
#include "store/work.h"
#include "web/bulk_all.h"
#include "web/order.h"

enum action {
	ACTION_CHECK,
	ACTION_PAUSE,
	ACTION_RESUME,
	ACTION_TAG,
	ACTION_UNTAG,
	ACTION_REMOVE,
	ACTION_PUBLISH,
};

/* clang-format off */
static const char *const action_names[] = {
	[ACTION_CHECK]		= "check",
	[ACTION_PAUSE]		= "pause",
	[ACTION_RESUME]		= "resume",
	[ACTION_TAG]		= "tag",
	[ACTION_UNTAG]		= "untag",
	[ACTION_REMOVE]		= "remove",
	[ACTION_PUBLISH]	= "publish",
	NULL
};

/* What stands in the audit log. */
static const char *const audit_words[] = {
	[ACTION_CHECK]		= "domain-check",
	[ACTION_PAUSE]		= "domain-pause",
	[ACTION_RESUME]		= "domain-resume",
	[ACTION_TAG]		= "domain-tag",
	[ACTION_UNTAG]		= "domain-untag",
	[ACTION_REMOVE]		= "domain-remove",
	[ACTION_PUBLISH]	= "publication-ask",
};
/* clang-format on */

enum outcome { DONE, REFUSED, FAILED };

static const char *const outcome_names[] = {
	[DONE] = "done", [REFUSED] = "refused", [FAILED] = "failed"
};

struct result {
	struct span name;
	enum outcome outcome;
	const char *why; /* unless it is done; in the arena */
	struct span target; /* of what is published: of both CNAMEs; "" */
};

struct bulk {
	struct web_call *c;
	enum action action;
	struct span tag, zone;
	struct order_asked order; /* of PUBLISH */
	struct result *results, *now; /* all, and the one at hand */
	size_t n;
	struct bulk_all all; /* that match, rather than those named */
};

/* ---- what is asked ---- */

static void
read_domains(struct bulk *b)
{
	struct input *in = &b->c->input;
	struct span *names = input_list(
	    in, "domains", LIMIT_STORE_PAGE, !b->all.is_asked, &b->n);

	if (b->all.is_asked) {
		if (!in->is_form && input_has(in, "domains"))
			input_wrong(in, "\"domains\" and \"all\" exclude each "
					"other");
		b->n = 0;
		return;
	}
	b->results = arena_array(b->c->a, b->n, sizeof *b->results);
	for (size_t i = 0; b->results != NULL && i < b->n; i++) {
		struct error why;

		if (idn_domain(names[i], b->c->a, &b->results[i].name, &why) !=
		    ERR_OK)
			input_wrong(in, "\"%.*s\" %s",
			    (int)span_head(names[i], 80).n, names[i].p,
			    why.text);
	}
}

static bool
is_of_tag(enum action action)
{
	return action == ACTION_TAG || action == ACTION_UNTAG;
}

/* A form has every field, whatever is chosen; a program says what it means. */
static void
check_fields(struct bulk *b, int mode, bool sure)
{
	struct input *in = &b->c->input;
	bool takes_tag = is_of_tag(b->action);

	if (takes_tag && (b->tag.n == 0 || b->tag.n > LIMIT_TAG))
		input_wrong(in, "\"tag\" has 1 to %d octets", LIMIT_TAG);
	else if (b->action == ACTION_TAG && tag_name_fault(b->tag) != NULL)
		input_wrong(in, "\"tag\": a tag %s", tag_name_fault(b->tag));
	if (!in->is_form && !takes_tag && b->tag.n > 0)
		input_wrong(in, "\"tag\" goes with tag and untag");
	if (!in->is_form && b->action != ACTION_PUBLISH && mode >= 0)
		input_wrong(in, "\"mode\" goes with publish");
	if (in->is_form && b->action == ACTION_REMOVE && !sure)
		input_wrong(in, "all that is remembered of a domain goes with "
				"it: tick \"Really remove\", too");
}

static void
read_input(struct bulk *b)
{
	static const char *const modes[] = { "testing", "enforce", NULL };
	struct input *in = &b->c->input;
	int action = input_word(in, "action", action_names, INPUT_REQUIRED);
	int mode = input_word(in, "mode", modes, INPUT_OPTIONAL);

	b->tag = input_text(in, "tag", INPUT_OPTIONAL);
	bulk_all_read(b->c, &b->all);
	read_domains(b);
	if (action < 0)
		return;
	b->action = (enum action)action;
	check_fields(b, mode, in->is_form && input_flag(in, "sure", false));
	if (mode >= 0)
		b->order.mode = mode == 0 ? STS_MODE_TESTING : STS_MODE_ENFORCE;
}

/* ---- one domain ---- */

static enum err
publish(struct bulk *b, struct error *e)
{
	struct order_answer answer;
	enum err rc =
	    order_put(b->c, b->now->name, &b->order, b->zone, &answer, e);

	if (rc != ERR_OK)
		return rc;
	if (answer.refusal != ORDER_IS_TAKEN) {
		b->now->outcome = REFUSED;
		b->now->why = order_refusal_text(answer.refusal);
	} else {
		b->now->target = answer.target;
	}
	return ERR_OK;
}

static enum err
act(struct bulk *b, struct store *s, bool *found, struct error *e)
{
	struct span name = b->now->name;
	struct wall_time now = b->c->now;

	switch (b->action) {
	case ACTION_CHECK:
		return work_ask(s, name, now, found, e);
	case ACTION_PAUSE:
	case ACTION_RESUME:
		return domains_set_paused(
		    s, name, b->action == ACTION_PAUSE, now, found, e);
	case ACTION_TAG:
		return domains_tag(s, name, b->tag, found, e);
	case ACTION_UNTAG:
		return domains_untag(s, name, b->tag, found, e);
	case ACTION_REMOVE:
		return domains_remove(s, name, now, found, e);
	case ACTION_PUBLISH:
		*found = true; /* or the answer says so */
		return publish(b, e);
	}
	return ERR_OK;
}

static struct span
audit_target(const struct bulk *b)
{
	if (!is_of_tag(b->action))
		return b->now->name;
	return arena_printf(b->c->a, "%.*s: %.*s", (int)b->now->name.n,
	    b->now->name.p, (int)b->tag.n, b->tag.p);
}

/* May run again: what it leaves is written anew. */
static enum err
act_and_tell(struct store *s, void *arg, struct error *e)
{
	struct bulk *b = arg;
	bool found = false;
	enum err rc;

	b->now->outcome = DONE;
	b->now->why = NULL;
	rc = act(b, s, &found, e);
	if (rc == ERR_OK && !found) {
		b->now->outcome = REFUSED;
		b->now->why = b->action == ACTION_CHECK
				  ? "not in the portfolio, or paused"
				  : "not in the portfolio";
	}
	if (rc == ERR_OK && b->now->outcome == DONE)
		rc = call_audit(
		    b->c, audit_words[b->action], audit_target(b), e);
	return rc;
}

/* What one cannot have is no failure, and is told with it. */
static enum err
do_one(struct bulk *b, struct error *e)
{
	enum err rc = store_transact(b->c->store, act_and_tell, b, e);

	if (rc != ERR_USAGE && rc != ERR_DATA && rc != ERR_LIMIT)
		return rc;
	b->now->outcome = REFUSED;
	b->now->why = arena_printf(b->c->a, "%s", e->text).p;
	return ERR_OK;
}

/* ---- all of them ---- */

/* Those that were done are done: when the store fails in between, the answer
 * says which. */
static enum err
do_all(struct bulk *b, struct error *e)
{
	enum err rc = ERR_OK;

	for (size_t i = 0; i < b->n; i++) {
		b->now = &b->results[i];
		b->now->target = SPAN("");
		if (rc == ERR_OK)
			rc = do_one(b, e);
		if (rc != ERR_OK && i == 0)
			return rc;
		if (rc != ERR_OK) {
			b->now->outcome = FAILED;
			b->now->why = err_text(rc);
		}
	}
	return ERR_OK;
}

static enum err
say_results(struct bulk *b, int64_t done, struct error *e)
{
	struct json_writer w = { false };
	json_t *root = json_object(), *list = json_array();

	for (size_t i = 0; i < b->n; i++) {
		const struct result *r = &b->results[i];
		json_t *o = json_object();

		json_put(&w, o, "domain", json_text(r->name));
		json_put(&w, o, "result", json_word(outcome_names[r->outcome]));
		json_put(&w, o, "detail",
		    r->why != NULL ? json_text(span_str(r->why)) : json_null());
		if (b->action == ACTION_PUBLISH)
			json_put(&w, o, "target", json_text_or_null(r->target));
		json_add(&w, list, o);
	}
	json_put(&w, root, "done", json_word(b->c->said));
	json_put(&w, root, "changed", json_integer(done));
	json_put(&w, root, "results", list);
	return call_json(b->c, &w, root, e);
}

/* A person who chose several is told what did not come of it. */
static enum err
say_refusals(struct bulk *b, size_t done)
{
	enum { SHOWN = 5 };
	struct span text = SPAN("");
	size_t shown = 0;

	for (size_t i = 0; i < b->n && shown < SHOWN; i++) {
		const struct result *r = &b->results[i];

		if (r->outcome == DONE)
			continue;
		text = arena_printf(b->c->a, "%.*s%s%.*s: %s", (int)text.n,
		    text.p, shown++ > 0 ? "; " : "", (int)r->name.n, r->name.p,
		    r->why);
	}
	return call_refuse(b->c, PROBLEM_STATE, "%zu of %zu are done. %.*s%s",
	    done, b->n, (int)text.n, text.p,
	    b->n - done > shown ? "; and others" : "");
}

/* ---- all that match ---- */

/* One by one: what is remembered goes with a domain, and each is published for
 * itself. */
static bool
goes_one_by_one(enum action action)
{
	return action == ACTION_REMOVE || action == ACTION_PUBLISH;
}

/* As if they had been named. */
static enum err
name_all(struct bulk *b, struct error *e)
{
	struct portfolio_page page = { .filter = b->all.filter,
		.max = LIMIT_STORE_PAGE };
	struct domain *list;
	bool more;
	enum err rc =
	    portfolio_list(b->c->store, &page, b->c->a, &list, &b->n, &more, e);

	if (rc != ERR_OK)
		return rc;
	b->results = arena_array(b->c->a, b->n, sizeof *b->results);
	if (b->results == NULL)
		return error_plain(e, ERR_MEMORY);
	for (size_t i = 0; i < b->n; i++)
		b->results[i].name = list[i].name;
	return ERR_OK;
}

static const enum portfolio_deed deeds[] = {
	[ACTION_CHECK] = PORTFOLIO_CHECK,
	[ACTION_PAUSE] = PORTFOLIO_PAUSE,
	[ACTION_RESUME] = PORTFOLIO_RESUME,
	[ACTION_TAG] = PORTFOLIO_TAG,
	[ACTION_UNTAG] = PORTFOLIO_UNTAG,
};

/* *done: it is, and answered. */
static enum err
do_matching(struct bulk *b, bool *done, struct error *e)
{
	bool one_by_one = goes_one_by_one(b->action), good;
	int64_t changed;
	enum err rc = bulk_all_confirm(b->c, &b->all,
	    one_by_one ? LIMIT_STORE_PAGE : LIMIT_WEB_BULK, &good, e);

	*done = rc != ERR_OK || !good;
	if (*done)
		return rc;
	if (one_by_one)
		return name_all(b, e);
	*done = true;
	rc =
	    bulk_all_do(b->c, &b->all, audit_words[b->action], deeds[b->action],
		is_of_tag(b->action) ? b->tag : SPAN(""), &changed, e);
	if (rc != ERR_OK)
		return rc;
	b->c->said = "bulk";
	return say_results(b, changed, e);
}

enum err
api_bulk(struct web_call *c, struct error *e)
{
	struct bulk b = { .c = c, .order = { .override_by = SPAN("") } };
	bool is_done = false;
	size_t done = 0;
	enum err rc = ERR_OK;

	read_input(&b);
	if (!input_end(c))
		return ERR_OK;
	if (b.all.is_asked)
		rc = do_matching(&b, &is_done, e);
	if (rc != ERR_OK || is_done)
		return rc;
	if (b.action == ACTION_PUBLISH) {
		rc = order_zone(c, &b.zone, e);
		if (rc != ERR_OK || b.zone.n == 0)
			return rc;
	}
	if (rc == ERR_OK)
		rc = do_all(&b, e);
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < b.n; i++)
		done += b.results[i].outcome == DONE;
	if (done < b.n && call_is_for_person(c))
		return say_refusals(&b, done);
	c->said = "bulk";
	return say_results(&b, (int64_t)done, e);
}

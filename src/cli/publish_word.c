/* The owner's word on what is published already: it goes, it stays, it may. */
#include "base/escape.h"
#include "base/limits.h"
#include "cli/publish.h"
#include "out/publish_out.h"
#include "wire/name.h"

/* Says the word on one publication, or why it does not fit. */
typedef enum err
word(struct publishing *p, const struct published *now, struct error *e);

struct said {
	struct span name, target;
};

struct sentence {
	struct publishing *p;
	word *say;
	const char *asked, *told; /* in JSON, and to people */
	struct said *said; /* to whom: room for all domains */
	size_t n;
};

static enum err
say_one(struct sentence *sentence, struct span name, struct arena *a,
    struct error *e)
{
	struct publishing *p = sentence->p;
	struct store *s = p->store;
	struct published now;
	bool found, others = p->refused;
	enum err rc = publication_get(s, name, a, &now, &found, e);

	p->refused = false;
	if (rc == ERR_OK && !found)
		publish_refuse(p, name, "is not published");
	else if (rc == ERR_OK)
		rc = sentence->say(p, &now, e);
	if (rc == ERR_OK && !p->refused)
		sentence->said[sentence->n++] =
		    (struct said){ name, arena_span(p->a, now.target) };
	p->refused = p->refused || others;
	return rc;
}

/* All of them in one transaction, which may run again. */
static enum err
say_all(struct store *s, void *arg, struct error *e)
{
	struct sentence *sentence = arg;
	struct publishing *p = sentence->p;
	struct arena a;
	enum err rc = ERR_OK;

	(void)s;
	p->refused = false;
	sentence->n = 0;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	for (size_t i = 0; rc == ERR_OK && i < p->domains.n; i++) {
		rc = say_one(sentence, p->domains.names[i], &a, e);
		arena_release(&a);
	}
	return rc;
}

static enum err
tell(const struct sentence *sentence, struct error *e)
{
	const struct publishing *p = sentence->p;
	enum err rc = p->a->failed ? ERR_MEMORY : ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < sentence->n; i++) {
		const struct said *said = &sentence->said[i];

		if (p->options->json)
			rc = publish_said_json(
			    said->name, said->target, sentence->asked, stdout);
		else
			printf("%.*s: %s\n", (int)said->name.n, said->name.p,
			    sentence->told);
	}
	return rc == ERR_OK ? rc : error_set(e, rc, "%s", err_text(rc));
}

static enum err
say(struct publishing *p, word *w, const char *asked, const char *told,
    struct error *e)
{
	struct sentence sentence = { p, w, asked, told,
		arena_array(p->a, p->domains.n, sizeof(struct said)), 0 };
	enum err rc;

	if (sentence.said == NULL)
		return error_set(e, ERR_MEMORY, "%s", err_text(ERR_MEMORY));
	rc = store_transact(p->store, say_all, &sentence, e);
	return rc == ERR_OK ? tell(&sentence, e) : rc;
}

/* The order as it is, but for whether it is to end. */
static enum err
order_leave(struct publishing *p, const struct published *now, bool leave,
    struct error *e)
{
	struct publish_order order = now->order;
	enum publication_asked asked;

	order.leave = leave;
	order.asked_at = p->now;
	return publication_ask(
	    p->store, now->name, &order, now->label, p->now, &asked, e);
}

static enum err
say_remove(struct publishing *p, const struct published *now, struct error *e)
{
	if (now->state.stage == PUBLICATION_ENDED) {
		publish_refuse(p, now->name, "is removed already");
		return ERR_OK;
	}
	if (now->order.leave) {
		publish_refuse(p, now->name,
		    "is being removed; --status tells how far it is");
		return ERR_OK;
	}
	return order_leave(p, now, true, e);
}

static enum err
say_keep(struct publishing *p, const struct published *now, struct error *e)
{
	if (now->state.stage == PUBLICATION_ENDED) {
		publish_refuse(p, now->name,
		    "is removed already; publish it anew, it gets other "
		    "CNAMEs");
		return ERR_OK;
	}
	if (!now->order.leave) {
		publish_refuse(p, now->name, "is not being removed");
		return ERR_OK;
	}
	return order_leave(p, now, false, e);
}

static enum err
say_replace(struct publishing *p, const struct published *now, struct error *e)
{
	bool found;

	if (now->bar != PUBLISH_FOREIGN) {
		publish_refuse(p, now->name, "has no other policy in the way");
		return ERR_OK;
	}
	return publication_replace(p->store, now->name, p->now, &found, e);
}

enum err
publish_remove(struct publishing *p, struct error *e)
{
	return say(p, say_remove, "remove",
	    "the removal begins; both CNAMEs have to stay until --status says "
	    "that they may go",
	    e);
}

enum err
publish_keep(struct publishing *p, struct error *e)
{
	return say(p, say_keep, "keep",
	    "the removal is called off; it is published as before", e);
}

enum err
publish_replace(struct publishing *p, struct error *e)
{
	return say(p, say_replace, "replace",
	    "our policy takes the place of the other one", e);
}

/* ---- approval ---- */

/* The same hosts, in any order, and however often one is said. */
static bool
same_hosts(const struct span *a, size_t n_a, const struct span *b, size_t n_b)
{
	bool same = true;

	for (size_t i = 0; i < n_a; i++)
		same = same && span_in(a[i], b, n_b);
	for (size_t i = 0; i < n_b; i++)
		same = same && span_in(b[i], a, n_a);
	return same;
}

static enum err
read_hosts(struct publishing *p, struct domain_list *out, struct error *e)
{
	const struct option_list *hosts = &p->options->host;
	enum err rc = ERR_OK;

	if (hosts->n == 0)
		return error_set(e, ERR_USAGE,
		    "--approve needs the hosts, each with --host; --status "
		    "shows them");
	for (size_t i = 0; rc == ERR_OK && i < hosts->n; i++)
		rc = domain_list_add(out, span_str(hosts->items[i]), e);
	return rc;
}

/* Which ones wait, or are seen and do not wait yet. */
static void
refuse_hosts(struct publishing *p, const struct published *now, const char *why)
{
	const struct mx_follow *follow = &now->follow;
	struct span all = SPAN("");

	for (size_t i = 0; i < follow->n_seen; i++)
		all = arena_printf(p->a, "%.*s%s%s", (int)all.n, all.p,
		    i > 0 ? ", " : "",
		    escape_str(p->a, follow->seen[i], NAME_MAX_TEXT));
	publish_refuse(p, now->name, "%s: %.*s", why, (int)all.n, all.p);
}

static enum err
say_approve(struct publishing *p, const struct published *now, struct error *e)
{
	const struct mx_follow *follow = &now->follow;
	struct domain_list hosts = { .a = p->a };
	bool found;
	enum err rc = read_hosts(p, &hosts, e);

	if (rc != ERR_OK)
		return rc;
	if (follow->state == MX_WATCHED &&
	    now->order.follow == FOLLOW_APPROVE) {
		refuse_hosts(p, now,
		    "waits for no approval yet; it will when these hosts were "
		    "seen once more");
		return ERR_OK;
	}
	if (follow->state != MX_WAITING) {
		publish_refuse(p, now->name, "waits for no approval");
		return ERR_OK;
	}
	if (!same_hosts(hosts.names, hosts.n, follow->seen, follow->n_seen)) {
		refuse_hosts(p, now, "waits for the approval of other hosts");
		return ERR_OK;
	}
	/* As they are stored: in their order, each once. */
	return publication_approve(p->store, now->name, follow->seen,
	    follow->n_seen, p->now, &found, e);
}

enum err
publish_approve(struct publishing *p, struct error *e)
{
	return say(
	    p, say_approve, "approve", "these hosts reach the policy", e);
}

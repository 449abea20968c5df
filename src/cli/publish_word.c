/* The owner's word on what is published already: it goes, it stays, it may. */
#include "base/limits.h"
#include "cli/publish.h"

/* Says the word on one publication, or why it does not fit. */
typedef enum err
word(struct publishing *p, const struct published *now, struct error *e);

struct sentence {
	struct publishing *p;
	word *say;
};

/* All of them in one transaction. */
static enum err
say_all(struct store *s, void *arg, struct error *e)
{
	const struct sentence *sentence = arg;
	struct publishing *p = sentence->p;
	struct arena a;
	enum err rc = ERR_OK;

	p->refused = false;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	for (size_t i = 0; rc == ERR_OK && i < p->domains.n; i++) {
		struct published now;
		bool found;

		rc = publication_get(
		    s, p->domains.names[i], &a, &now, &found, e);
		if (rc == ERR_OK && !found)
			publish_refuse(
			    p, p->domains.names[i], "is not published");
		else if (rc == ERR_OK)
			rc = sentence->say(p, &now, e);
		arena_release(&a);
	}
	return rc;
}

static enum err
say(struct publishing *p, word *w, struct error *e)
{
	struct sentence sentence = { p, w };

	return store_transact(p->store, say_all, &sentence, e);
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
	enum err rc = say(p, say_remove, e);

	if (rc == ERR_OK && !p->refused)
		puts("the removal begins; the CNAMEs have to stay until "
		     "--status says that they may go");
	return rc;
}

enum err
publish_keep(struct publishing *p, struct error *e)
{
	return say(p, say_keep, e);
}

enum err
publish_replace(struct publishing *p, struct error *e)
{
	return say(p, say_replace, e);
}

/* ---- approval ---- */

static bool
has(const struct span *all, size_t n, struct span one)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(all[i], one))
			return true;
	return false;
}

/* The same hosts, in any order, and however often one is said. */
static bool
same_hosts(const struct span *a, size_t n_a, const struct span *b, size_t n_b)
{
	bool same = true;

	for (size_t i = 0; i < n_a; i++)
		same = same && has(b, n_b, a[i]);
	for (size_t i = 0; i < n_b; i++)
		same = same && has(a, n_a, b[i]);
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

static enum err
say_approve(struct publishing *p, const struct published *now, struct error *e)
{
	const struct mx_follow *follow = &now->follow;
	struct domain_list hosts = { .a = p->a };
	bool found;
	enum err rc = read_hosts(p, &hosts, e);

	if (rc != ERR_OK)
		return rc;
	if (follow->state != MX_WAITING) {
		publish_refuse(p, now->name, "waits for no approval");
		return ERR_OK;
	}
	if (!same_hosts(hosts.names, hosts.n, follow->seen, follow->n_seen)) {
		publish_refuse(p, now->name,
		    "waits for the approval of other hosts; --status shows "
		    "them");
		return ERR_OK;
	}
	/* As they are stored: in their order, each once. */
	return publication_approve(p->store, now->name, follow->seen,
	    follow->n_seen, p->now, &found, e);
}

enum err
publish_approve(struct publishing *p, struct error *e)
{
	return say(p, say_approve, e);
}

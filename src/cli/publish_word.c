/* The owner's word on what is published already: it goes, it stays, it may. */
#include "base/limits.h"
#include "cli/publish.h"
#include "out/publish_out.h"
#include "store/domains.h"
#include "store/publication_word.h"

struct said {
	struct span name, target;
};

struct sentence {
	struct publishing *p;
	enum publication_word word;
	const char *asked, *told; /* in JSON, and to people */
	struct domain_list hosts; /* that are approved of */
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
	struct span refused = SPAN("");
	bool found;
	enum err rc = domains_hold(s, name, &found, e);

	if (rc == ERR_OK)
		rc = publication_get(s, name, a, &now, &found, e);
	if (rc == ERR_OK && !found)
		refused = SPAN("is not published");
	else if (rc == ERR_OK)
		rc = publication_say(s, sentence->word, &now,
		    sentence->hosts.names, sentence->hosts.n, p->now, a,
		    &refused, e);
	if (rc == ERR_OK && refused.n > 0)
		publish_refuse(p, name, "%.*s", (int)refused.n, refused.p);
	else if (rc == ERR_OK)
		sentence->said[sentence->n++] =
		    (struct said){ name, arena_span(p->a, now.target) };
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
	return error_plain(e, rc);
}

/* hosts may be NULL. */
static enum err
say(struct publishing *p, enum publication_word word, const char *asked,
    const char *told, const struct domain_list *hosts, struct error *e)
{
	struct sentence sentence = { .p = p,
		.word = word,
		.asked = asked,
		.told = told,
		.said = arena_array(p->a, p->domains.n, sizeof(struct said)) };
	enum err rc;

	if (sentence.said == NULL)
		return error_plain(e, ERR_MEMORY);
	if (hosts != NULL)
		sentence.hosts = *hosts;
	rc = store_transact(p->store, say_all, &sentence, e);
	return rc == ERR_OK ? tell(&sentence, e) : rc;
}

enum err
publish_remove(struct publishing *p, struct error *e)
{
	return say(p, PUBLICATION_REMOVE, "remove",
	    "the removal begins; both CNAMEs have to stay until --status says "
	    "that they may go",
	    NULL, e);
}

enum err
publish_keep(struct publishing *p, struct error *e)
{
	return say(p, PUBLICATION_KEEP, "keep",
	    "the removal is called off; it is published as before", NULL, e);
}

enum err
publish_replace(struct publishing *p, struct error *e)
{
	return say(p, PUBLICATION_REPLACE, "replace",
	    "our policy takes the place of the other one", NULL, e);
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

enum err
publish_approve(struct publishing *p, struct error *e)
{
	struct domain_list hosts = { .a = p->a };
	enum err rc = read_hosts(p, &hosts, e);

	return rc == ERR_OK ? say(p, PUBLICATION_APPROVE, "approve",
				  "these hosts reach the policy", &hosts, e)
			    : rc;
}

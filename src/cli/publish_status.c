/* How far it has come. */
#include "base/limits.h"
#include "cli/publish.h"
#include "out/publish_out.h"
#include "store/ledgers.h"
#include "wire/name.h"

static enum err
show_one(
    struct publishing *p, struct span name, struct arena *a, struct error *e)
{
	struct publish_state state;
	struct publish_steps steps;
	struct published found;
	struct ledger ledger;
	bool is_there;
	enum err rc = publication_get(p->store, name, a, &found, &is_there, e);

	if (rc == ERR_OK && !is_there) {
		publish_refuse(p, name, "is not published");
		return ERR_OK;
	}
	if (rc == ERR_OK)
		rc = ledger_load(p->store, found.domain, a, &ledger, e);
	if (rc == ERR_OK)
		rc = publish_state_load(
		    p->store, &found, &ledger, p->now, a, &state, e);
	if (rc != ERR_OK)
		return rc;
	rc = publish_steps(&state, a, &steps);
	if (rc == ERR_OK && p->options->json)
		rc = publish_json(&state, &steps, stdout);
	else if (rc == ERR_OK)
		publish_text(&state, &steps, &p->style, stdout);
	return error_plain(e, rc);
}

static enum err
print_row(
    struct publishing *p, const struct publication_row *r, struct error *e)
{
	enum err rc;

	if (!p->options->json) {
		publish_line(r, &p->style, stdout);
		return ERR_OK;
	}
	rc = publish_row_json(r, stdout);
	return error_plain(e, rc);
}

/* One page: what it took is given back before the next. *after lives in mem. */
static enum err
list_page(struct publishing *p, struct publication_filter *f,
    char mem[NAME_MAX_TEXT], bool *more, struct error *e)
{
	struct publication_row *page;
	struct arena a;
	size_t n;
	enum err rc;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	rc = publication_list(p->store, f, &a, &page, &n, e);
	for (size_t i = 0; rc == ERR_OK && i < n; i++)
		rc = print_row(p, &page[i], e);
	*more = rc == ERR_OK && n == f->max;
	if (*more) {
		memcpy(mem, page[n - 1].name.p, page[n - 1].name.n);
		f->after = (struct span){ mem, page[n - 1].name.n };
	}
	arena_release(&a);
	return rc;
}

static enum err
list_all(struct publishing *p, struct error *e)
{
	struct publication_filter f = { .stage = p->options->stage,
		.after = SPAN(""),
		.max = LIMIT_STORE_PAGE };
	char last[NAME_MAX_TEXT];
	bool more = true;
	enum err rc = ERR_OK;

	while (rc == ERR_OK && more)
		rc = list_page(p, &f, last, &more, e);
	return rc;
}

enum err
publish_status(struct publishing *p, struct error *e)
{
	enum err rc = ERR_OK;

	if (p->domains.n == 0)
		return list_all(p, e);
	if (p->options->stage != NULL)
		return error_set(e, ERR_USAGE,
		    "--stage is for the list of all, without a domain");
	for (size_t i = 0; rc == ERR_OK && i < p->domains.n; i++) {
		struct arena a;

		if (i > 0 && !p->options->json)
			putchar('\n');
		arena_init(&a, LIMIT_CHECK_MEMORY);
		rc = show_one(p, p->domains.names[i], &a, e);
		arena_release(&a);
	}
	return rc;
}

/* mtasts history: what has happened to a domain. */
#include <stdio.h>

#include "base/limits.h"
#include "cli/command.h"
#include "cli/domain_list.h"
#include "cli/open_store.h"
#include "out/incident_out.h"
#include "store/domains.h"

enum { EXIT_NOT_THERE = 1 };

struct options {
	const char *store;
	uint64_t last;
	bool json;
};

const struct option_row history_options[] = {
	STORE_OPTION_ROW(struct options),
	{ .name = "last",
	    .kind = OPTION_NUMBER,
	    .at = offsetof(struct options, last),
	    .argument = "N",
	    .min = 1,
	    .max = INT64_MAX,
	    .help = "Only the last N events. Default: all." },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .at = offsetof(struct options, json),
	    .help = "Print one JSON object a line." },
	{ 0 },
};

static enum err
print(const struct options *o, struct span domain,
    const struct history_event *event, struct error *e)
{
	enum err rc;

	if (!o->json) {
		history_line(event, stdout);
		return ERR_OK;
	}
	rc = history_json(domain, event, stdout);
	return error_plain(e, rc);
}

/* One page: what it took is given back before the next. */
static enum err
print_page(struct store *s, const struct options *o, const struct domain *d,
    int64_t *before, uint64_t *left, struct error *e)
{
	size_t max =
	    *left < LIMIT_STORE_PAGE ? (size_t)*left : LIMIT_STORE_PAGE;
	struct history_event *page;
	struct arena a;
	size_t n;
	enum err rc;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	rc = history_list(s, d->id, *before, max, &a, &page, &n, e);
	for (size_t i = 0; rc == ERR_OK && i < n; i++)
		rc = print(o, d->name, &page[i], e);
	if (rc == ERR_OK && n > 0)
		*before = page[n - 1].seq;
	*left = rc == ERR_OK && n == max ? *left - n : 0;
	arena_release(&a);
	return rc;
}

static enum err
run(const struct options *o, const char *name, struct arena *a, bool *found,
    struct error *e)
{
	struct domain_list list = { .a = a };
	struct store *s = NULL;
	struct domain d;
	uint64_t left = o->last;
	int64_t before = 0;
	enum err rc = domain_list_add(&list, span_str(name), e);

	if (rc == ERR_OK)
		rc = open_store_kept(o->store, &s, e);
	if (rc == ERR_OK)
		rc = domains_get(s, list.names[0], a, &d, found, e);
	while (rc == ERR_OK && *found && left > 0)
		rc = print_page(s, o, &d, &before, &left, e);
	store_free(s);
	return rc;
}

int
cmd_history(const struct command *c, int argc, char **argv)
{
	struct options o = { .last = UINT64_MAX };
	struct option_parse p;
	struct arena a;
	struct error e;
	bool found = false;
	int status = 0;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	if (!command_begin(c, argc, argv, &o, &p, &status))
		goto out;
	if (p.n_operands != 1) {
		status = command_usage(c, "one domain is needed");
	} else if (run(&o, p.operands[0], &a, &found, &e) != ERR_OK) {
		status = command_fail(c, &e);
	} else if (!found) {
		fprintf(stderr, "mtasts history: %s is not in the portfolio\n",
		    p.operands[0]);
		status = EXIT_NOT_THERE;
	}
out:
	option_parse_release(&p);
	arena_release(&a);
	return status;
}

/* The portfolio for programs: a page of it, all of it as CSV, and more
 * domains. */
#include "base/ascii.h"
#include "base/buf.h"
#include "base/limits.h"
#include "core/tag_name.h"
#include "io/idn.h"
#include "out/domain_out.h"
#include "web/call.h"
#include "web/domain_row.h"
#include "web/inside.h"
#include "web/model_portfolio.h"

enum {
	ADD_MAX = 10000, /* names of one list */
	ADD_TAGS = 16,
	CSV_ROWS = 100000,
	CURSOR_MAX = 1024, /* two names */
};

/* What is wrong with what was asked is said; the rest is ours. */
static enum err
refuse(struct web_call *c, enum err rc, struct error *e)
{
	if (rc == ERR_DATA || rc == ERR_USAGE)
		return call_refuse(c, PROBLEM_INPUT, "%s", e->text);
	return rc;
}

/* ---- a page ---- */

static json_t *
cursor_json(struct web_call *c, const struct portfolio_page *page,
    const struct domain *edge)
{
	if (edge == NULL)
		return json_null();
	return json_text(portfolio_cursor(edge, page->sort, c->a));
}

static enum err
say_page(struct web_call *c, const struct portfolio_page *page,
    const struct domain *list, size_t n, bool more, int64_t total,
    struct error *e)
{
	bool is_back = page->after.n == 0 && page->before.n > 0;
	bool before = is_back ? more : page->after.n > 0;
	bool after = is_back || more;
	struct json_writer w = { false };
	json_t *root, *items;
	struct domain_tags *tags;
	enum err rc = domains_tags_of(c->store, list, n, c->a, &tags, e);

	if (rc != ERR_OK)
		return rc;
	root = json_object();
	items = json_array();
	for (size_t i = 0; i < n; i++)
		json_add(&w, items,
		    domain_to_json(&w, &list[i], tags[i].all, tags[i].n, NULL));
	json_put(&w, root, "items", items);
	json_put(&w, root, "total", json_integer(total));
	json_put(&w, root, "previous",
	    cursor_json(c, page, n > 0 && before ? &list[0] : NULL));
	json_put(&w, root, "next",
	    cursor_json(c, page, n > 0 && after ? &list[n - 1] : NULL));
	return call_json(c, &w, root, e);
}

enum err
api_domains(struct web_call *c, struct error *e)
{
	struct portfolio_page page;
	struct domain *list;
	size_t n;
	int64_t total;
	bool more;
	enum err rc =
	    portfolio_read(&c->query, PORTFOLIO_NAME, true, c->a, &page, e);

	if (rc == ERR_OK)
		rc = portfolio_list(c->store, &page, c->a, &list, &n, &more, e);
	if (rc == ERR_OK)
		rc = portfolio_count(c->store, &page.filter, &total, e);
	if (rc != ERR_OK)
		return refuse(c, rc, e);
	return say_page(c, &page, list, n, more, total, e);
}

/* ---- CSV ---- */

/* Page behind page, each in memory of its own; the cursor is kept in `cursor`.
 */
static enum err
write_page(struct web_call *c, struct portfolio_page *page,
    char cursor[CURSOR_MAX], bool *more, struct error *e)
{
	FILE *f = call_body(c);
	struct buf kept = buf_init(cursor, CURSOR_MAX);
	struct domain_tags *tags = NULL;
	struct domain *list;
	struct arena a;
	size_t n;
	enum err rc;

	arena_init(&a, LIMIT_WEB_MEMORY);
	rc = portfolio_list(c->store, page, &a, &list, &n, more, e);
	if (rc == ERR_OK)
		rc = domains_tags_of(c->store, list, n, &a, &tags, e);
	for (size_t i = 0; rc == ERR_OK && i < n; i++)
		domain_row_csv(f, &list[i], &tags[i]);
	if (rc == ERR_OK && n > 0) {
		struct span last =
		    portfolio_cursor(&list[n - 1], page->sort, &a);

		buf_put(&kept, last);
		page->after = buf_span(&kept);
	}
	if (rc == ERR_OK && (a.failed || kept.overflow))
		rc = error_plain(e, ERR_MEMORY);
	arena_release(&a);
	return rc;
}

static enum err
too_long(struct web_call *c, int64_t total)
{
	return call_refuse(c, PROBLEM_TOO_LONG,
	    "%lld domains are more than one file of CSV takes here (%d rows, "
	    "%d MB): filter them, or read /api/v1/domains page by page",
	    (long long)total, CSV_ROWS, LIMIT_WEB_REPLY / 1024 / 1024);
}

/* What does not fit is refused whole: half a list would be taken for all. */
enum err
api_domains_csv(struct web_call *c, struct error *e)
{
	struct portfolio_page page;
	char cursor[CURSOR_MAX];
	struct span written;
	int64_t total;
	bool more = true;
	enum err rc =
	    portfolio_read(&c->query, PORTFOLIO_NAME, true, c->a, &page, e);

	if (rc == ERR_OK)
		rc = portfolio_count(c->store, &page.filter, &total, e);
	if (rc != ERR_OK)
		return refuse(c, rc, e);
	if (total > CSV_ROWS)
		return too_long(c, total);
	page.after = page.before = SPAN("");
	page.max = LIMIT_STORE_PAGE;
	domain_row_csv_head(call_body(c));
	while (rc == ERR_OK && more) {
		rc = write_page(c, &page, cursor, &more, e);
		if (rc == ERR_OK)
			rc = sink_text(&c->web->sink, &written, e);
	}
	if (rc == ERR_LIMIT)
		return too_long(c, total);
	if (rc != ERR_OK)
		return rc;
	c->type = "text/csv; charset=utf-8; header=present";
	c->filename = SPAN("portfolio.csv");
	return ERR_OK;
}

/* ---- more domains ---- */

struct adding {
	struct web_call *c;
	struct span *names;
	size_t n;
	struct span *tags;
	size_t n_tags;
	struct domains_added added;
};

/* Blank lines, and what is behind "#", as in the lists of the commands. */
static struct span
without_comment(struct span line)
{
	line = span_head(line, span_find(line, '#'));
	while (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return ascii_trim(line);
}

static void
read_names(struct adding *add)
{
	struct input *in = &add->c->input;
	size_t n, faults = 0;
	struct span *lines =
	    input_list(in, "domains", ADD_MAX, INPUT_REQUIRED, &n);

	add->names = arena_array(add->c->a, n, sizeof *add->names);
	for (size_t i = 0; add->names != NULL && i < n; i++) {
		struct span line = without_comment(lines[i]), name;
		struct error why;

		if (line.n == 0)
			continue;
		if (idn_domain(line, add->c->a, &name, &why) == ERR_OK)
			add->names[add->n++] = name;
		else if (faults++ == 0)
			input_wrong(in, "\"%.*s\" %s",
			    (int)span_head(line, 80).n, line.p, why.text);
	}
	if (faults == 0 && add->n == 0)
		input_wrong(in, "\"domains\" names none");
}

static void
read_tags(struct adding *add)
{
	struct input *in = &add->c->input;

	add->tags =
	    input_list(in, "tags", ADD_TAGS, INPUT_OPTIONAL, &add->n_tags);
	for (size_t i = 0; i < add->n_tags; i++) {
		const char *fault = tag_name_fault(add->tags[i]);

		if (fault != NULL)
			input_wrong(in, "\"tags\": a tag %s", fault);
	}
}

static struct span
audit_target(const struct adding *add)
{
	if (add->n == 1)
		return add->names[0];
	return arena_printf(add->c->a, "%.*s and %zu more",
	    (int)add->names[0].n, add->names[0].p, add->n - 1);
}

/* May run again: what it leaves is written anew. */
static enum err
add_all(struct store *s, void *arg, struct error *e)
{
	struct adding *add = arg;
	bool found;
	enum err rc =
	    domains_add(s, add->names, add->n, add->c->now, &add->added, e);

	for (size_t i = 0; i < add->n; i++)
		for (size_t k = 0; rc == ERR_OK && k < add->n_tags; k++)
			rc = domains_tag(
			    s, add->names[i], add->tags[k], &found, e);
	if (rc == ERR_OK)
		rc = call_audit(add->c, "domain-add", audit_target(add), e);
	return rc;
}

enum err
api_domains_add(struct web_call *c, struct error *e)
{
	struct adding add = { .c = c };
	struct json_writer w = { false };
	json_t *root;
	enum err rc;

	read_names(&add);
	read_tags(&add);
	if (!input_end(c))
		return ERR_OK;
	rc = store_transact(c->store, add_all, &add, e);
	if (rc != ERR_OK)
		return rc;
	c->said = "added";
	root = json_object();
	json_put(&w, root, "done", json_word(c->said));
	json_put(&w, root, "added", json_integer((json_int_t)add.added.added));
	json_put(&w, root, "known", json_integer((json_int_t)add.added.known));
	return call_json(c, &w, root, e);
}

/* Users, tokens and the audit log. */
#include "web/page_settings.h"

#include "base/limits.h"
#include "store/audit.h"
#include "web/query.h"

enum { AUDIT_ROWS = 50 };

static void
begin_table(FILE *f, const char *label)
{
	html_say(f,
	    "<div class=\"wrap\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"%s\">\n<table class=\"grid\">\n<thead><tr>",
	    label);
}

static void
end_table(FILE *f)
{
	html_say(f, "</tbody>\n</table>\n</div>\n");
}

static void
write_ago(
    struct web_call *c, FILE *f, struct wall_time t, const char *otherwise)
{
	if (t.s > 0)
		page_ago(c, f, t);
	else
		html_say(f, "<span class=\"dim\">%s</span>", otherwise);
}

/* In two steps, without a script too. */
static void
write_removal(FILE *f, const char *word, struct span name)
{
	html_say(f,
	    "<details class=\"more\"><summary>%s</summary>"
	    "<button class=\"danger\" aria-label=\"%s %.*s\">%s</button>"
	    "</details></form>",
	    word, word, HTML_SPAN(name), word);
}

/* With a label for screen readers. */
static void
write_scopes(FILE *f, const char *label, enum scope chosen)
{
	html_say(f, "<select name=\"scope\" aria-label=\"%s\">", label);
	for (enum scope s = SCOPE_VIEW; s < SCOPES; s++)
		html_say(f, "<option%s>%s</option>",
		    s == chosen ? " selected" : "", scope_names[s]);
	html_say(f, "</select>\n");
}

/* ---- users ---- */

/* Nobody takes away his own rights, nor those of the last administrator. */
static bool
is_kept(const struct web_call *c, const struct account *u, size_t n_administer)
{
	return span_eq(u->name, c->caller.name) ||
	       (u->scope == SCOPE_ADMINISTER && u->password.n > 0 &&
		   n_administer <= 1);
}

static void
write_user_scope(
    struct web_call *c, FILE *f, const struct account *u, bool is_kept)
{
	if (is_kept || !page_form(c, HTTP_PUT, SCOPE_ADMINISTER, SPAN(""),
			   "/api/v1/users/%.*s", HTML_SPAN(u->name))) {
		html_say(f, "%s", scope_names[u->scope]);
		return;
	}
	write_scopes(f, "What this user may do", u->scope);
	html_say(f, "<button>Change</button></form>");
}

static void
write_user(
    struct web_call *c, FILE *f, const struct account *u, size_t n_administer)
{
	bool kept = is_kept(c, u, n_administer);

	html_say(
	    f, "<tr>\n<td class=\"name\">%.*s</td>\n<td>", HTML_SPAN(u->name));
	write_user_scope(c, f, u, kept);
	html_say(f, "</td>\n<td>");
	write_ago(c, f, u->seen_at,
	    u->password.n > 0 ? "never" : "has not used the link yet");
	html_say(f, "</td>\n<td>");
	if (page_form(c, HTTP_POST, SCOPE_ADMINISTER, SPAN(""),
		"/api/v1/users/%.*s/link", HTML_SPAN(u->name)))
		html_say(f,
		    "<button aria-label=\"New link for %.*s\">New link</button>"
		    "</form>",
		    HTML_SPAN(u->name));
	html_say(f, "</td>\n<td>");
	if (!kept && page_form(c, HTTP_DELETE, SCOPE_ADMINISTER, SPAN(""),
			 "/api/v1/users/%.*s", HTML_SPAN(u->name)))
		write_removal(f, "Remove", u->name);
	html_say(f, "</td>\n</tr>\n");
}

static void
write_user_form(struct web_call *c, FILE *f)
{
	if (!page_form(
		c, HTTP_POST, SCOPE_ADMINISTER, SPAN(""), "/api/v1/users"))
		return;
	html_say(f,
	    "<h3>Add a user</h3>\n"
	    "<div class=\"fields\">\n"
	    "<div class=\"field\"><label for=\"user-name\">Name</label>"
	    "<input id=\"user-name\" name=\"name\" required maxlength=\"%d\" "
	    "autocomplete=\"off\"></div>\n"
	    "<div class=\"field\"><label>What the user may do",
	    LIMIT_ACCOUNT_NAME);
	write_scopes(f, "What the user may do", SCOPE_VIEW);
	html_say(f, "</label></div>\n</div>\n<div "
		    "class=\"actions\"><button>Add, and make a link"
		    "</button></div>\n</form>\n");
}

enum err
settings_users(struct web_call *c, FILE *f, struct error *e)
{
	struct account *all;
	size_t n, n_administer = 0;
	enum err rc = account_list(c->store, c->a, &all, &n, e);

	if (rc == ERR_OK)
		rc = account_administrators(c->store, &n_administer, e);
	if (rc != ERR_OK)
		return rc;
	html_say(f, "<section class=\"card\" id=\"users\">\n<h2>Users</h2>\n");
	begin_table(f, "Users");
	html_say(f,
	    "<th scope=\"col\">Name</th><th scope=\"col\">May</th>"
	    "<th scope=\"col\">Last login</th><th scope=\"col\">Link</th>"
	    "<th scope=\"col\">Remove</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < n; i++)
		write_user(c, f, &all[i], n_administer);
	end_table(f);
	html_say(f, "<p class=\"dim\">Who is removed takes his tokens "
		    "along.</p>\n");
	write_user_form(c, f);
	html_say(f, "</section>\n");
	return ERR_OK;
}

/* ---- tokens ---- */

static void
write_token(struct web_call *c, FILE *f, const struct api_token *t)
{
	html_say(f, "<tr>\n<td class=\"name\">%.*s</td>\n<td>%s",
	    HTML_SPAN(t->name), scope_names[t->may]);
	if (t->may < t->scope)
		html_say(f, " <span class=\"dim\">made for %s</span>",
		    scope_names[t->scope]);
	html_say(f, "</td>\n<td>%.*s</td>\n<td>", HTML_SPAN(t->made_by));
	page_date(f, t->created_at);
	html_say(f, "</td>\n<td>");
	if (t->until.s > 0 && t->until.s <= c->now.s)
		page_chip(f, TONE_NONE, SPAN("expired"));
	else
		write_ago(c, f, t->until, "never");
	html_say(f, "</td>\n<td>");
	write_ago(c, f, t->used_at, "never");
	html_say(f, "</td>\n<td>");
	if (page_form(c, HTTP_DELETE, SCOPE_ADMINISTER, SPAN(""),
		"/api/v1/tokens/%lld", (long long)t->id))
		write_removal(f, "Revoke", t->name);
	html_say(f, "</td>\n</tr>\n");
}

static void
write_tokens(struct web_call *c, FILE *f, const struct api_token *all, size_t n)
{
	begin_table(f, "Tokens");
	html_say(f,
	    "<th scope=\"col\">Name</th><th scope=\"col\">May</th>"
	    "<th scope=\"col\">Made by</th><th scope=\"col\">Made</th>"
	    "<th scope=\"col\">Ends</th><th scope=\"col\">Last used</th>"
	    "<th scope=\"col\">Revoke</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < n; i++)
		write_token(c, f, &all[i]);
	end_table(f);
}

static void
write_token_form(struct web_call *c, FILE *f)
{
	if (!page_form(
		c, HTTP_POST, SCOPE_ADMINISTER, SPAN(""), "/api/v1/tokens"))
		return;
	html_say(f,
	    "<h3>Make a token</h3>\n"
	    "<div class=\"fields\">\n"
	    "<div class=\"field\"><label for=\"token-name\">Name</label>"
	    "<input id=\"token-name\" name=\"name\" required maxlength=\"%d\" "
	    "autocomplete=\"off\"></div>\n"
	    "<div class=\"field\"><label>What the token may do",
	    LIMIT_ACCOUNT_NAME);
	write_scopes(f, "What the token may do", SCOPE_VIEW);
	html_say(f,
	    "</label></div>\n<div class=\"field\"><label "
	    "for=\"token-days\">Days, or "
	    "nothing for ever</label>"
	    "<input id=\"token-days\" name=\"days\" inputmode=\"numeric\" "
	    "value=\"90\"></div>\n</div>\n"
	    "<div class=\"actions\"><button>Make</button></div>\n</form>\n");
}

enum err
settings_tokens(struct web_call *c, FILE *f, struct error *e)
{
	struct api_token *all;
	size_t n;
	enum err rc = token_list(c->store, c->a, &all, &n, e);

	if (rc != ERR_OK)
		return rc;
	html_say(f, "<section class=\"card\" id=\"tokens\">\n<h2>Tokens</h2>\n"
		    "<p>For programs that use the "
		    "<a href=\"/api/openapi.json\">API</a>. A token may do no "
		    "more than who made it, and ends with his account.</p>\n");
	if (n == 0)
		html_say(f, "<p class=\"empty\">There is none.</p>\n");
	else
		write_tokens(c, f, all, n);
	write_token_form(c, f);
	html_say(f, "</section>\n");
	return ERR_OK;
}

/* ---- the audit log ---- */

static void
write_entry(FILE *f, const struct audit_entry *a)
{
	html_say(f, "<tr>\n<td>");
	page_minute(f, a->at);
	html_say(f, "</td>\n<td class=\"name\">%.*s</td>\n<td class=\"kind\">",
	    HTML_SPAN(a->who));
	page_words(f, a->what);
	html_say(f,
	    "</td>\n<td>%.*s</td>\n<td class=\"mono\">%.*s</td>\n</tr>\n",
	    HTML_SPAN(a->target), HTML_SPAN(a->from));
}

enum err
settings_audit(struct web_call *c, FILE *f, struct error *e)
{
	int64_t before = fields_number(&c->query, "audit", 1, INT64_MAX, 0);
	struct span next = SPAN("");
	struct audit_entry *all;
	size_t n;
	enum err rc =
	    audit_list(c->store, before, AUDIT_ROWS + 1, c->a, &all, &n, e);

	if (rc != ERR_OK)
		return rc;
	html_say(f, "<section class=\"card\" id=\"audit\">\n"
		    "<h2>Audit log</h2>\n");
	begin_table(f, "Audit log");
	html_say(f, "<th scope=\"col\">UTC</th><th scope=\"col\">Who</th>"
		    "<th scope=\"col\">What</th><th scope=\"col\">To what</th>"
		    "<th scope=\"col\">From</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < n && i < AUDIT_ROWS; i++)
		write_entry(f, &all[i]);
	end_table(f);
	if (n > AUDIT_ROWS)
		next = arena_printf(
		    c->a, "%lld", (long long)all[AUDIT_ROWS - 1].id);
	query_pages(c, "audit", next);
	html_say(f, "</section>\n");
	return ERR_OK;
}

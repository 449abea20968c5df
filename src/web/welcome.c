/* A link that lets somebody in once: he chooses a password, and where he is the
 * first one, a name. */
#include "core/account_name.h"
#include "web/login.h"
#include "web/page.h"
#include "web/password.h"

/* The link of that token; false: the call is answered, or *rc says why not. */
static bool
find_link(struct web_call *c, struct span token, uint8_t hash[BEARER_HASH],
    struct link *link, enum err *rc, struct error *e)
{
	bool found = false;

	*rc = ERR_OK;
	if (bearer_hash(token, hash))
		*rc = link_find(c->store, hash, c->now, c->a, link, &found, e);
	if (*rc == ERR_OK && !found)
		call_refuse(c, PROBLEM_MISSING,
		    "This link was used already, or has expired. \"mtasts "
		    "login\" makes another one.");
	return *rc == ERR_OK && found;
}

static void
write_name(FILE *f, const struct link *link)
{
	if (link->account.n > 0)
		html_say(f,
		    "<p>Your name is <strong>%.*s</strong>.</p>\n"
		    "<input type=\"text\" value=\"%.*s\" "
		    "autocomplete=\"username\" readonly hidden>\n",
		    HTML_SPAN(link->account), HTML_SPAN(link->account));
	else
		html_say(f,
		    "<div class=\"field\"><label for=\"name\">Name</label>\n"
		    "<input id=\"name\" name=\"name\" type=\"text\" "
		    "maxlength=\"64\" autocomplete=\"username\" required>"
		    "</div>\n");
}

enum err
page_welcome(struct web_call *c, struct error *e)
{
	struct span token = fields_find(&c->query, "token");
	uint8_t hash[BEARER_HASH];
	struct link link;
	enum err rc;
	FILE *f;

	if (!find_link(c, token, hash, &link, &rc, e))
		return rc;
	f = page_begin(c, SPAN("Welcome"), PLACE_NONE);
	html_say(f,
	    "<div class=\"slip\">\n<h1>Welcome</h1>\n<p class=\"lead\">Choose "
	    "a password to log in "
	    "with from now on.</p>\n"
	    "<form class=\"card\" method=\"post\" action=\"/welcome\">\n"
	    "<input type=\"hidden\" name=\"token\" value=\"%.*s\">\n",
	    HTML_SPAN(token));
	write_name(f, &link);
	html_say(f,
	    "<div class=\"field\"><label for=\"password\">Password (at least "
	    "12 characters)</label>\n<input id=\"password\" name=\"password\" "
	    "type=\"password\" minlength=\"12\" maxlength=\"256\" "
	    "autocomplete=\"new-password\" required></div>\n"
	    "<div class=\"actions\"><button class=\"primary\">Log in</button>"
	    "</div>\n</form>\n</div>\n");
	page_end(c);
	return ERR_OK;
}

struct welcome {
	struct web_call *c;
	struct link link;
	uint8_t hash[BEARER_HASH];
	struct account account;
	struct bearer session;
	bool found; /* the link, and what it is for, were there still */
	bool begun; /* the account is logged in to */
	bool is_taken; /* the name, by somebody else */
};

static enum err
prepare(struct store *s, struct welcome *w, struct error *e)
{
	struct account old;
	bool found;
	enum err rc = account_get(s, w->account.name, w->c->a, &old, &found, e);

	found = rc == ERR_OK && found;
	w->is_taken = found && w->link.account.n == 0;
	w->account.scope = found ? old.scope : w->link.scope;
	return rc;
}

/* Of somebody's account the link changes nothing but the password, and who was
 * removed does not come back by it. Once there is a first account, no other
 * link is for it. */
static enum err
write_account(struct store *s, struct welcome *w, struct error *e)
{
	enum err rc;

	if (w->link.account.n > 0)
		return account_set_password(
		    s, w->account.name, w->account.password, &w->found, e);
	rc = account_add(s, &w->account, w->c->now, &w->found, e);
	return rc == ERR_OK ? link_end_first(s, e) : rc;
}

static enum err
take_in(struct store *s, void *arg, struct error *e)
{
	struct welcome *w = arg;
	enum err rc = prepare(s, w, e);

	if (rc != ERR_OK || w->is_taken)
		return rc;
	rc = link_take(s, w->hash, &w->found, e);
	if (rc != ERR_OK || !w->found)
		return rc;
	rc = write_account(s, w, e);
	return rc == ERR_OK && w->found
		   ? login_begin(w->c, &w->account, &w->session, "welcome",
			 &w->begun, e)
		   : rc;
}

static void
take_account(struct welcome *w)
{
	struct input *in = &w->c->input;
	const char *fault = NULL;

	w->account.name = w->link.account;
	if (w->link.account.n == 0) {
		w->account.name = input_text(in, "name", INPUT_REQUIRED);
		fault = account_name_fault(w->account.name, w->c->a);
	}
	if (fault != NULL)
		input_wrong(in, "the name %s", fault);
}

static enum err
welcome(struct welcome *w, struct error *e)
{
	struct web_call *c = w->c;
	enum err rc = store_transact(c->store, take_in, w, e);

	if (rc != ERR_OK)
		return rc;
	if (w->is_taken)
		return call_refuse(
		    c, PROBLEM_STATE, "Somebody has that name already.");
	if (!w->begun)
		return call_refuse(c, PROBLEM_MISSING,
		    "This link was used in this moment by somebody else.");
	return login_answer(c, &w->session, SPAN("/"));
}

enum err
form_welcome(struct web_call *c, struct error *e)
{
	struct welcome w = { .c = c };
	struct span token = input_text(&c->input, "token", INPUT_REQUIRED);
	struct span password =
	    input_text(&c->input, "password", INPUT_REQUIRED);
	const char *fault = password_fault(password);
	enum err rc;

	if (!find_link(c, token, w.hash, &w.link, &rc, e))
		return rc;
	take_account(&w);
	if (fault != NULL)
		input_wrong(&c->input, "the password %s", fault);
	if (!input_end(c))
		return ERR_OK;
	rc = password_hash(
	    password, c->config->randomness, c->a, &w.account.password, e);
	if (rc == ERR_OK)
		rc = bearer_make(c->config->randomness, &w.session, e);
	return rc == ERR_OK ? welcome(&w, e) : rc;
}

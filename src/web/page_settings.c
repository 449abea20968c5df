/* Settings: one's own account, the ways to tell people, the CAs; and for
 * administrators users, tokens and the audit log. */
#include "web/page_settings.h"

#include "web/model_channels.h"

enum { LIVE_S = 3 };

/* ---- my account ---- */

static void
write_password(struct web_call *c, FILE *f)
{
	if (!page_form(
		c, HTTP_PUT, SCOPE_VIEW, SPAN(""), "/api/v1/me/password"))
		return;
	/* The name is for password managers alone: it is not sent. */
	html_say(f,
	    "<input type=\"text\" autocomplete=\"username\" value=\"%.*s\" "
	    "hidden>\n<div class=\"fields\">\n"
	    "<div class=\"field\"><label for=\"old\">Password</label>"
	    "<input id=\"old\" name=\"old\" type=\"password\" required "
	    "autocomplete=\"current-password\"></div>\n"
	    "<div class=\"field\"><label for=\"new\">New password</label>"
	    "<input id=\"new\" name=\"new\" type=\"password\" required "
	    "autocomplete=\"new-password\"></div>\n</div>\n"
	    "<div class=\"actions\"><button>Change password</button></div>\n"
	    "</form>\n"
	    "<p class=\"dim\">All other sessions of yours end.</p>\n",
	    HTML_SPAN(c->caller.name));
}

static void
write_me(struct web_call *c, FILE *f)
{
	html_say(f,
	    "<section class=\"card\" id=\"me\">\n<h2>My account</h2>\n"
	    "<dl class=\"facts\">\n<dt>Name</dt><dd>%.*s</dd>\n"
	    "<dt>May</dt><dd>%s</dd>\n</dl>\n",
	    HTML_SPAN(c->caller.name), scope_names[c->caller.scope]);
	if (c->caller.kind == CALLER_PERSON)
		write_password(c, f);
	html_say(f, "</section>\n");
}

/* ---- channels ---- */

static void
write_health(struct web_call *c, FILE *f, const struct outbox_health *h)
{
	if (h->waiting == 0) {
		page_chip(f, TONE_GOOD, SPAN("nothing waits"));
		return;
	}
	page_chip(f, h->error.n > 0 ? TONE_BAD : TONE_INFO,
	    h->error.n > 0 ? SPAN("failing") : SPAN("under way"));
	html_say(f, " %lld wait, the oldest since ", (long long)h->waiting);
	page_ago(c, f, h->oldest);
	if (h->error.n > 0)
		html_say(f, "<br><span class=\"dim\">%.*s</span>",
		    HTML_SPAN(h->error));
}

static void
write_test(struct web_call *c, FILE *f, const struct channel_state *s)
{
	const struct outbox_test *t = &s->test;

	if (!s->was_tested) {
		html_say(f, "<span class=\"dim\">none lately</span>");
		return;
	}
	switch (t->state) {
	case OUTBOX_TEST_WAITING:
		page_chip(f, TONE_INFO, SPAN("under way"));
		break;
	case OUTBOX_TEST_DELIVERED:
		page_chip(f, TONE_GOOD, SPAN("delivered"));
		break;
	case OUTBOX_TEST_FAILED:
		page_chip(f, TONE_BAD, SPAN("failed"));
		break;
	}
	html_say(f, " asked for ");
	page_ago(c, f, t->asked_at);
	if (t->error.n > 0)
		html_say(f, "<br><span class=\"dim\">%.*s</span>",
		    HTML_SPAN(t->error));
}

static void
write_channel(struct web_call *c, FILE *f, const struct channel_state *s)
{
	const struct web_channel *own = s->channel;

	html_say(f,
	    "<tr>\n<td class=\"name\">%.*s</td>\n<td>%.*s</td>\n<td>%.*s</td>\n"
	    "<td>%.*s</td>\n<td>",
	    HTML_SPAN(own->name), HTML_SPAN(own->type), HTML_SPAN(own->to),
	    HTML_SPAN(own->severity));
	write_health(c, f, &s->health);
	html_say(f, "</td>\n<td>");
	write_test(c, f, s);
	html_say(f, "</td>\n<td>");
	if (page_form(c, HTTP_POST, SCOPE_OPERATE, SPAN(""),
		"/api/v1/channels/%.*s/test", HTML_SPAN(own->name)))
		html_say(f,
		    "<button aria-label=\"Test %.*s\">Test</button></form>",
		    HTML_SPAN(own->name));
	html_say(f, "</td>\n</tr>\n");
}

static void
write_channel_table(
    struct web_call *c, FILE *f, const struct channel_state *all, size_t n)
{
	html_say(f,
	    "<div class=\"wrap\" tabindex=\"0\" role=\"region\" "
	    "aria-label=\"Channels\">\n<table class=\"grid\">\n<thead><tr>"
	    "<th scope=\"col\">Name</th><th scope=\"col\">Type</th>"
	    "<th scope=\"col\">To</th><th scope=\"col\">From</th>"
	    "<th scope=\"col\">Deliveries</th><th scope=\"col\">Last test</th>"
	    "<th scope=\"col\">Test</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < n; i++)
		write_channel(c, f, &all[i]);
	html_say(f, "</tbody>\n</table>\n</div>\n");
}

static enum err
write_channels(struct web_call *c, FILE *f, struct error *e)
{
	size_t n = c->config->n_channels;
	struct channel_state *all;
	bool waits = false;
	enum err rc = channels_look(c, &all, e);

	if (rc != ERR_OK)
		return rc;
	html_say(f, "<section class=\"card\" id=\"channels\">\n"
		    "<h2>Channels</h2>\n");
	for (size_t i = 0; i < n; i++)
		waits |= all[i].was_tested &&
			 all[i].test.state == OUTBOX_TEST_WAITING;
	if (waits)
		page_live_begin(f, "channel-list", LIVE_S);
	else
		html_say(f, "<div id=\"channel-list\">\n");
	if (n == 0)
		html_say(f, "<p class=\"notice warn\">No channel is "
			    "configured: nobody is told of anything.</p>\n");
	else
		write_channel_table(c, f, all, n);
	html_say(f,
	    "</div>\n<p class=\"dim\">Channels stand in the configuration of "
	    "the daemon.</p>\n</section>\n");
	return ERR_OK;
}

/* ---- the page ---- */

static void
write_contents(FILE *f, bool is_administrator)
{
	html_say(f,
	    "<nav aria-label=\"On this page\"><p class=\"tags\">\n"
	    "<a href=\"#me\">My account</a> <a href=\"#channels\">Channels</a> "
	    "<a href=\"#cas\">Certificate authorities</a>\n");
	if (is_administrator)
		html_say(f, "<a href=\"#users\">Users</a> "
			    "<a href=\"#tokens\">Tokens</a> "
			    "<a href=\"#audit\">Audit log</a>\n");
	html_say(f, "</p></nav>\n");
}

enum err
page_settings(struct web_call *c, struct error *e)
{
	bool is_administrator = c->caller.scope == SCOPE_ADMINISTER;
	FILE *f = page_begin(c, SPAN("Settings"), PLACE_SETTINGS);
	enum err rc;

	html_say(f, "<h1>Settings</h1>\n");
	write_contents(f, is_administrator);
	write_me(c, f);
	rc = write_channels(c, f, e);
	if (rc == ERR_OK)
		rc = settings_cas(c, f, e);
	if (rc == ERR_OK && is_administrator)
		rc = settings_users(c, f, e);
	if (rc == ERR_OK && is_administrator)
		rc = settings_tokens(c, f, e);
	if (rc == ERR_OK && is_administrator)
		rc = settings_audit(c, f, e);
	page_end(c);
	return rc;
}

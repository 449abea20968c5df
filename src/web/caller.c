#include "web/caller.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "base/ascii.h"
#include "base/hex.h"
#include "io/bearer.h"
#include "web/call.h"
#include "web/percent.h"

enum { CSRF = 16 };

_Static_assert((int)SECRET_HASH == (int)BEARER_HASH, "one hash");

/* ---- what a request shows ---- */

bool
caller_is_https(const struct web_config *config)
{
	return span_starts(config->origin, SPAN("https://"));
}

/* A browser takes a __Host- cookie from this very host alone, over TLS. */
struct span
caller_cookie_name(const struct web_config *config)
{
	return caller_is_https(config) ? SPAN("__Host-mtasts") : SPAN("mtasts");
}

/* Of one field "a=b; c=d" (RFC 6265 4.2.1). */
static struct span
find_in_cookie(struct span field, struct span name)
{
	while (field.n > 0) {
		struct span one = span_head(field, span_find(field, ';'));

		field = span_skip(field, one.n + 1);
		one = ascii_trim(one);
		if (span_starts(one, name) && one.n > name.n &&
		    one.p[name.n] == '=')
			return span_skip(one, name.n + 1);
	}
	return SPAN("");
}

/* HTTP/2 sends a field for each (RFC 9113 8.2.3). */
static struct span
find_cookie(const struct http_head *h, struct span name)
{
	struct span value = SPAN("");

	for (size_t i = 0; i < h->n_fields && value.n == 0; i++)
		if (ascii_eq_nocase(h->fields[i].name, SPAN("cookie")))
			value = find_in_cookie(h->fields[i].value, name);
	return value;
}

/* ---- what keeps a form from being forged ---- */

/* The token belongs to the session: nobody else can know it, since it is made
 * of the cookie and not of what the store has. */
static bool
make_csrf(struct web_call *c, struct span cookie)
{
	static const char purpose[] = "mtasts csrf";
	uint8_t hash[SHA256_DIGEST_LENGTH], shown[2 * CSRF];
	struct span text =
	    arena_printf(c->a, "%s %.*s", purpose, (int)cookie.n, cookie.p);

	SHA256((const unsigned char *)text.p, text.n, hash);
	if (!randomness_fill(c->config->randomness, shown, CSRF))
		return false;
	for (size_t i = 0; i < CSRF; i++)
		shown[CSRF + i] = hash[i] ^ shown[i];
	hex_put(c->caller.csrf, shown, sizeof shown);
	c->caller.csrf[sizeof c->caller.csrf - 1] = '\0';
	return true;
}

static bool
unmask_csrf(struct span text, uint8_t out[CSRF])
{
	uint8_t shown[2 * CSRF];

	if (text.n != 2 * sizeof shown)
		return false;
	for (size_t i = 0; i < sizeof shown; i++) {
		int high = hex_value(text.p[2 * i]);
		int low = hex_value(text.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		shown[i] = (uint8_t)(high << 4 | low);
	}
	for (size_t i = 0; i < CSRF; i++)
		out[i] = shown[i] ^ shown[CSRF + i];
	return true;
}

static bool
has_csrf(const struct web_call *c)
{
	struct span said = fields_find(&c->input.fields, "csrf");
	uint8_t got[CSRF], want[CSRF];

	if (!c->input.is_form || said.n == 0)
		said = http_head_find(c->http->head, SPAN("x-csrf-token"));
	return unmask_csrf(said, got) &&
	       unmask_csrf(span_str(c->caller.csrf), want) &&
	       CRYPTO_memcmp(got, want, CSRF) == 0;
}

/* What a browser says of itself. Old ones say nothing; programs neither. */
static bool
is_from_elsewhere(const struct web_call *c)
{
	struct span origin = http_head_find(c->http->head, SPAN("origin"));
	struct span site =
	    http_head_find(c->http->head, SPAN("sec-fetch-site"));

	if (origin.n > 0 && !ascii_eq_nocase(origin, c->config->origin))
		return true;
	return site.n > 0 && !span_eq(site, SPAN("same-origin")) &&
	       !span_eq(site, SPAN("none"));
}

/* ---- who it is ---- */

static enum err
find_program(struct web_call *c, struct span secret, struct error *e)
{
	static const struct span mark = SPAN_INIT(CALLER_TOKEN_MARK);
	uint8_t hash[BEARER_HASH];
	struct api_token token;
	bool found = false;
	enum err rc = ERR_OK;

	if (span_starts(secret, mark) &&
	    bearer_hash(span_skip(secret, mark.n), hash))
		rc =
		    token_find(c->store, hash, c->now, c->a, &token, &found, e);
	if (rc != ERR_OK || !found)
		return rc;
	c->caller.kind = CALLER_PROGRAM;
	c->caller.name = token.name;
	c->caller.account = token.made_by;
	c->caller.scope = token.may;
	return ERR_OK;
}

static enum err
find_person(struct web_call *c, struct span secret, struct error *e)
{
	struct account account;
	bool found = false;
	enum err rc = ERR_OK;

	if (bearer_hash(secret, c->caller.session))
		rc = session_find(c->store, c->caller.session, c->now, c->a,
		    &account, &found, e);
	if (rc != ERR_OK || !found)
		return rc;
	if (!make_csrf(c, secret))
		return error_set(e, ERR_SYSTEM, "there is no randomness");
	c->caller.kind = CALLER_PERSON;
	c->caller.name = c->caller.account = account.name;
	c->caller.scope = account.scope;
	return ERR_OK;
}

enum err
caller_find(struct web_call *c, struct error *e)
{
	struct span said = http_head_find(c->http->head, SPAN("authorization"));
	struct span scheme = span_head(said, span_find(said, ' '));

	c->caller = (struct caller){ .name = SPAN(""), .account = SPAN("") };
	if (ascii_eq_nocase(scheme, SPAN("bearer")))
		return find_program(
		    c, ascii_trim(span_skip(said, scheme.n)), e);
	return find_person(
	    c, find_cookie(c->http->head, caller_cookie_name(c->config)), e);
}

/* ---- what he may ---- */

/* Anybody else's page can make a browser send this. */
static bool
is_forged(const struct web_call *c)
{
	switch (c->route->kind) {
	case ROUTE_FORM:
		return is_from_elsewhere(c) ||
		       (c->caller.kind == CALLER_PERSON &&
			   span_eq(span_str(c->route->path), SPAN("/logout")) &&
			   !has_csrf(c));
	case ROUTE_API:
		return c->route->method != HTTP_GET &&
		       c->caller.kind == CALLER_PERSON &&
		       (is_from_elsewhere(c) || !has_csrf(c));
	case ROUTE_PAGE:
	case ROUTE_OPEN:
	case ROUTE_PLAIN:
		break;
	}
	return false;
}

/* The page that was asked for, to be come back to. */
static struct span
wanted(const struct web_call *c)
{
	const struct http_head *h = c->http->head;
	struct span path = h->path;

	if (c->route != NULL && c->route->kind != ROUTE_PAGE)
		return call_way_back(c);
	if (h->query.n > 0)
		path = arena_printf(c->a, "%.*s?%.*s", (int)path.n, path.p,
		    (int)h->query.n, h->query.p);
	return call_is_local(path) ? path : SPAN("/");
}

static void
ask_to_log_in(struct web_call *c)
{
	struct span back;

	if (!call_is_for_person(c)) {
		call_refuse(c, PROBLEM_LOGIN,
		    "Send a token, as \"Authorization: Bearer TOKEN\".");
		return;
	}
	back = percent_escape(wanted(c), c->a);
	call_redirect(
	    c, arena_printf(c->a, "/login?back=%.*s", (int)back.n, back.p));
}

bool
caller_may(struct web_call *c)
{
	/* Strangers are not told what may be done where. */
	bool is_for_anybody = c->route != NULL &&
			      c->route->kind != ROUTE_PAGE &&
			      c->route->kind != ROUTE_API;

	if (!is_for_anybody && c->caller.kind == CALLER_NOBODY) {
		ask_to_log_in(c);
		return false;
	}
	if (!is_for_anybody && c->caller.scope < c->route->scope) {
		call_refuse(c, PROBLEM_SCOPE,
		    "It takes the right to %s; you have the right to %s.",
		    scope_names[c->route->scope], scope_names[c->caller.scope]);
		return false;
	}
	if (is_forged(c)) {
		call_refuse(c, PROBLEM_FORGED,
		    "What changes something has to come from a page of "
		    "%.*s that was opened during this login.",
		    (int)c->config->origin.n, c->config->origin.p);
		return false;
	}
	return true;
}

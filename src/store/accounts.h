/* accounts.h - who may use the dashboard and the API: people with a name and a
 * password, their sessions, links that let somebody in once, and tokens of
 * programs.
 *
 * Whatever lets somebody in is 32 octets by random; the store has its SHA-256
 * alone, so who reads the store gets in nowhere. Passwords come as the library
 * has hashed them (crypt(3)). Times are checked here: what has expired is not
 * there. */
#ifndef STORE_ACCOUNTS_H
#define STORE_ACCOUNTS_H

#include "store/store.h"

enum { SECRET_HASH = 32 };

/* What somebody may do: each includes those before. */
enum scope {
	SCOPE_VIEW, /* see everything but users, tokens and the audit log */
	SCOPE_OPERATE, /* the portfolio, publications, incidents, channel tests
			*/
	SCOPE_ADMINISTER, /* users and tokens */
	SCOPES,
};

extern const char *const scope_names[]; /* "view", "operate", "administer" */

struct account {
	struct span name; /* 1 to LIMIT_ACCOUNT_NAME octets, UTF-8 */
	enum scope scope;
	struct span password; /* a hash; "": nobody can log in with one */
	struct wall_time created_at,
	    seen_at; /* seen: the last login; 0: never */
};

/* Is there anybody who may administer, and has a password? */
enum err
accounts_are_there(struct store *s, bool *out, struct error *e) MUST_CHECK;

/* Adds it, or changes scope and, unless it is "", password of one that is
 * there; another password ends all sessions. */
enum err
account_put(struct store *s, const struct account *account,
    struct wall_time now, struct error *e) MUST_CHECK;
/* Adds it; *added is false where there is one of that name, which stays as it
 * is. */
enum err
account_add(struct store *s, const struct account *account,
    struct wall_time now, bool *added, struct error *e) MUST_CHECK;
/* Another password for one that is there, or another scope, and nothing else,
 * so that nothing that another one changes meanwhile is undone. The password
 * ends all of its sessions, and its links. */
enum err
account_set_password(struct store *s, struct span name, struct span password,
    bool *found, struct error *e) MUST_CHECK;
enum err
account_set_scope(struct store *s, struct span name, enum scope scope,
    bool *found, struct error *e) MUST_CHECK;
enum err
account_get(struct store *s, struct span name, struct arena *a,
    struct account *out, bool *found, struct error *e) MUST_CHECK;
/* With its sessions, links and tokens. */
enum err
account_remove(
    struct store *s, struct span name, bool *found, struct error *e) MUST_CHECK;
/* In the order of names; LIMIT_STORE_PAGE at most. */
enum err
account_list(struct store *s, struct arena *a, struct account **out, size_t *n,
    struct error *e) MUST_CHECK;
/* How many of them may administer, and have a password. */
enum err
account_administrators(
    struct store *s, size_t *out, struct error *e) MUST_CHECK;
/* Is there one of these beside that name? Nobody else changes who they are
 * until the caller's transaction ends: of two who take each other's rights at
 * the same moment, one is the last. */
enum err
account_hold_administrators(
    struct store *s, struct span but, bool *others, struct error *e) MUST_CHECK;

/* ---- sessions ---- */

/* The account was logged in to. *begun is false where it is gone, or has
 * another password by now: what was looked at, and took its time, let nobody
 * in. */
enum err
session_begin(struct store *s, const uint8_t hash[SECRET_HASH],
    const struct account *account, struct wall_time now, struct wall_time until,
    bool *begun, struct error *e) MUST_CHECK;
enum err
session_find(struct store *s, const uint8_t hash[SECRET_HASH],
    struct wall_time now, struct arena *a, struct account *out, bool *found,
    struct error *e) MUST_CHECK;
enum err
session_end(struct store *s, const uint8_t hash[SECRET_HASH],
    struct error *e) MUST_CHECK;

/* ---- links that let somebody in once ---- */

/* To set the password of an account, and be logged in; the one that was made
 * for it before ends. account "": the first one, whose name its bearer chooses.
 * Links that have expired are forgotten. */
enum err
link_put(struct store *s, const uint8_t hash[SECRET_HASH], struct span account,
    enum scope scope, struct wall_time now, struct wall_time until,
    struct error *e) MUST_CHECK;

struct link {
	struct span account;
	enum scope scope;
};

enum err
link_find(struct store *s, const uint8_t hash[SECRET_HASH],
    struct wall_time now, struct arena *a, struct link *out, bool *found,
    struct error *e) MUST_CHECK;
/* Those for the first account, once there is one. */
enum err
link_end_first(struct store *s, struct error *e) MUST_CHECK;
/* Once: of two that come at a time one finds it gone (*found). In the caller's
 * transaction. */
enum err
link_take(struct store *s, const uint8_t hash[SECRET_HASH], bool *found,
    struct error *e) MUST_CHECK;

/* ---- tokens of programs ---- */

struct api_token {
	int64_t id;
	struct span name; /* for people */
	struct span made_by; /* account */
	enum scope scope; /* that it was made with */
	enum scope may; /* what it may do: no more than who made it, now */
	struct wall_time created_at, until; /* 0: for ever */
	struct wall_time used_at; /* about; 0: never */
};

/* A token is its maker's: it goes with his account. *id is 0 where that is gone
 * by now: there is no token. */
enum err
token_put(struct store *s, const uint8_t hash[SECRET_HASH],
    const struct api_token *token, int64_t *id, struct error *e) MUST_CHECK;
/* used_at moves at most once an hour. */
enum err
token_find(struct store *s, const uint8_t hash[SECRET_HASH],
    struct wall_time now, struct arena *a, struct api_token *out, bool *found,
    struct error *e) MUST_CHECK;
enum err
token_remove(
    struct store *s, int64_t id, bool *found, struct error *e) MUST_CHECK;
/* The newest first; LIMIT_STORE_PAGE at most. */
enum err
token_list(struct store *s, struct arena *a, struct api_token **out, size_t *n,
    struct error *e) MUST_CHECK;

#endif

/* The certs role: what is left behind, and by now of no use. */
#include "base/limits.h"
#include "base/num.h"
#include "roles/certs.h"
#include "store/served.h"

enum {
	CHALLENGE_KEEP_S = 2 * 3600, /* an order lives for an hour */
	/* An edge may have read the name of a key a while ago, and look it up
	 * now; and a key is put before it is referred to. */
	SECRET_KEEP_S = 86400,
};

/* kind/HOST/SECONDS.RANDOM, as certs_secret_name wrote it. False: another one,
 * which is nobody's to remove. */
static bool
read_name(struct span name, struct span *host, struct wall_time *made)
{
	struct span rest = span_skip(name, span_find(name, '/') + 1);
	size_t slash = span_find(rest, '/');
	struct span seconds = span_skip(rest, slash + 1);
	uint64_t s;

	seconds = span_head(seconds, span_find(seconds, '.'));
	*host = span_head(rest, slash);
	if (slash == rest.n || !num_parse(seconds, INT64_MAX, &s))
		return false;
	made->s = (int64_t)s;
	return true;
}

static enum err
is_used(struct store *s, struct span name, struct span host,
    struct wall_time before, struct arena *a, bool *out, struct error *e)
{
	struct certificate_keys keys;
	bool found;
	enum err rc = certificate_keys(s, host, a, &keys, &found, e);

	*out = rc != ERR_OK || (found && (span_eq(name, keys.served) ||
					     span_eq(name, keys.order) ||
					     keys.since.s > before.s));
	return rc;
}

static enum err
sweep_one(struct certs_chores *w, struct store *s, struct span name,
    struct arena *a, struct error *e)
{
	struct wall_time made,
	    before = { clock_wall(w->env->clock).s - SECRET_KEEP_S };
	struct span host;
	bool used;
	enum err rc;

	if (!read_name(name, &host, &made) || made.s > before.s)
		return ERR_OK;
	rc = is_used(s, name, host, before, a, &used, e);
	if (rc != ERR_OK || used)
		return rc;
	log_say(w->env->log, LOG_SECRET_SWEPT, log_text("name", name));
	return secret_remove(w->secrets, name, e);
}

/* Is this the store that the keys belong to? One that knows none of their hosts
 * was made anew, or is another one's: the keys may be wanted back. */
static enum err
knows_any(struct store *s, const struct span *names, size_t n, struct arena *a,
    bool *out, struct error *e)
{
	enum err rc = ERR_OK;

	*out = false;
	for (size_t i = 0; rc == ERR_OK && !*out && i < n; i++) {
		struct certificate_keys keys;
		struct wall_time made;
		struct span host;

		if (read_name(names[i], &host, &made))
			rc = certificate_keys(s, host, a, &keys, out, e);
	}
	return rc;
}

/* A page; behind the last one it begins again. */
static enum err
sweep(struct certs_chores *w, struct store *s, struct arena *a, struct error *e)
{
	struct span *names;
	bool known = false;
	size_t n;
	enum err rc = secret_names(w->secrets, SPAN(""), span_str(w->after),
	    LIMIT_STORE_PAGE, a, &names, &n, e);

	if (rc == ERR_OK)
		rc = knows_any(s, names, n, a, &known, e);
	for (size_t i = 0; rc == ERR_OK && known && i < n; i++)
		rc = sweep_one(w, s, names[i], a, e);
	if (rc != ERR_OK)
		return rc;
	w->after[0] = '\0';
	if (n == LIMIT_STORE_PAGE && names[n - 1].n < sizeof w->after)
		snprintf(w->after, sizeof w->after, "%.*s", (int)names[n - 1].n,
		    names[n - 1].p);
	return ERR_OK;
}

enum err
certs_do_chores(struct certs_chores *w, struct store *s, struct error *e)
{
	struct wall_time now = clock_wall(w->env->clock);
	struct arena a;
	enum err rc = challenge_expire(
	    s, (struct wall_time){ now.s - CHALLENGE_KEEP_S }, e);

	if (rc == ERR_OK && w->secrets == NULL)
		rc = secrets_open(w->env->config->keys, now, &w->secrets, e);
	if (rc != ERR_OK)
		return rc;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	rc = sweep(w, s, &a, e);
	arena_release(&a);
	if (rc == ERR_OK)
		return rc;
	secrets_free(w->secrets);
	w->secrets = NULL;
	return rc;
}

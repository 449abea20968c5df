#include "roles/sandbox.h"

#include <stdlib.h>

#include "roles/rights.h"
#include "roles/store_folder.h"

enum {
	SYSTEM_PATHS = 40, /* more than there are below */
	CHANNEL_PATHS = 6, /* at most, of one channel */
};

/* What OpenSSL, libunbound, libpq and the C library read, and where the
 * distributions keep it. */
static const struct sandbox_path system_paths[] = {
	{ "/etc", SANDBOX_READ },
	{ "/usr", SANDBOX_READ },
	{ "/lib", SANDBOX_READ },
	{ "/lib64", SANDBOX_READ },
	{ "/dev/null", SANDBOX_READ | SANDBOX_WRITE },
	{ "/dev/random", SANDBOX_READ },
	{ "/dev/urandom", SANDBOX_READ },
	{ "/proc/self", SANDBOX_READ },
	{ "/proc/sys/kernel/random", SANDBOX_READ },
	{ "/sys/devices/system/cpu", SANDBOX_READ },
	/* resolv.conf is often a link to here. */
	{ "/run/systemd/resolve", SANDBOX_READ },
	{ "/run/resolvconf", SANDBOX_READ },
	{ "/run/NetworkManager", SANDBOX_READ },
	/* The root zone's key; the certificates of SUSE. */
	{ "/var/lib/unbound", SANDBOX_READ },
	{ "/var/lib/ca-certificates", SANDBOX_READ },
};

/* A script needs its interpreter, and what it calls. */
static const struct sandbox_path program_paths[] = {
	{ "/usr", SANDBOX_READ | SANDBOX_EXECUTE },
	{ "/bin", SANDBOX_READ | SANDBOX_EXECUTE },
	{ "/sbin", SANDBOX_READ | SANDBOX_EXECUTE },
	{ "/lib", SANDBOX_READ | SANDBOX_EXECUTE },
	{ "/lib64", SANDBOX_READ | SANDBOX_EXECUTE },
};

struct list {
	struct sandbox_path *all;
	size_t n;
};

static void
add(struct list *l, const char *path, unsigned access)
{
	if (path != NULL)
		l->all[l->n++] = (struct sandbox_path){ path, access };
}

static void
add_all(struct list *l, const struct sandbox_path *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(l, paths[i].path, paths[i].access);
}

static void
add_channel(struct list *l, const struct channel_config *c)
{
	add(l, c->password_file, SANDBOX_READ);
	add(l, c->secret_file, SANDBOX_READ);
	add(l, c->ca_file, SANDBOX_READ);
	add(l, c->command, SANDBOX_READ | SANDBOX_EXECUTE);
	add(l, c->sendmail, SANDBOX_READ | SANDBOX_EXECUTE);
}

/* libpq looks for a password and for certificates at home. */
static void
add_store(struct list *l, const char *store, struct arena *a)
{
	const char *folder = store_folder(store, a);
	const char *home = getenv("HOME");

	add(l, folder, SANDBOX_READ | SANDBOX_WRITE | SANDBOX_MAKE);
	if (folder != NULL || home == NULL)
		return;
	add(l, arena_printf(a, "%s/.pgpass", home).p, SANDBOX_READ);
	add(l, arena_printf(a, "%s/.postgresql", home).p, SANDBOX_READ);
}

/* The sealing key's folder, and not its file: it may be made later. */
static void
add_keys(
    struct list *l, const struct config *c, enum role_id role, struct arena *a)
{
	if (!role_rights[role].has_keys)
		return;
	add_store(l, c->keys, a);
	add(l, store_folder(c->sealing_key, a), SANDBOX_READ);
	if (role != ROLE_CERTS)
		return;
	add(l, c->eab_key_file, SANDBOX_READ);
	add(l, c->acme_ca_file, SANDBOX_READ);
}

static bool
has_programs(const struct config *c, enum role_id role)
{
	for (size_t i = 0; i < c->n_channels; i++)
		if (role == ROLE_NOTIFY && (c->channels[i].command != NULL ||
					       c->channels[i].sendmail != NULL))
			return true;
	return false;
}

enum err
sandbox_enter(const struct config *c, enum role_id role, struct arena *a,
    struct sandbox_report *out, struct error *e)
{
	bool programs = has_programs(c, role);
	struct list l = {
		.all =
		    arena_array(a, SYSTEM_PATHS + c->n_channels * CHANNEL_PATHS,
			sizeof *l.all),
	};
	enum err rc;

	*out = (struct sandbox_report){ 0 };
	if (l.all == NULL)
		return error_plain(e, ERR_MEMORY);
	add_all(&l, system_paths, sizeof system_paths / sizeof system_paths[0]);
	if (programs)
		add_all(&l, program_paths,
		    sizeof program_paths / sizeof program_paths[0]);
	add_store(&l, c->store, a);
	add_keys(&l, c, role, a);
	add(&l, c->trust_anchor, SANDBOX_READ);
	add(&l, c->ca_file, SANDBOX_READ);
	if (role == ROLE_EDGE)
		add(&l, c->secondary_key, SANDBOX_READ);
	for (size_t i = 0; role == ROLE_NOTIFY && i < c->n_channels; i++)
		add_channel(&l, &c->channels[i]);
	if (a->failed)
		return error_plain(e, ERR_MEMORY);
	rc = landlock_enter(l.all, l.n, &out->landlock_abi, e);
	if (rc == ERR_OK)
		rc = seccomp_enter(
		    (programs ? SECCOMP_EXECUTE : 0U) |
			(role_rights[role].serves ? SECCOMP_ACCEPT : 0U),
		    &out->seccomp, e);
	return rc;
}

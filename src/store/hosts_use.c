/* Which domain uses which mail hosts. */
#include <stdlib.h>

#include "store/hosts.h"

static const struct sql_statement list_used = {
	"SELECT mail_host.name, mail_host.id FROM domain_host"
	" JOIN mail_host ON mail_host.id = domain_host.host"
	" WHERE domain_host.domain = $1"
};
static const struct sql_statement insert_host = {
	"INSERT INTO mail_host (name, due_at, wanted_at) VALUES ($1, $2, $2)"
	" ON CONFLICT (name) DO NOTHING"
};
/* Not forgotten before the end of our transaction. */
static const struct sql_statement keep_host = {
	"SELECT id FROM mail_host WHERE name = $1 {KEPT}"
};
static const struct sql_statement insert_use = {
	"INSERT INTO domain_host (host, domain) VALUES ($1, $2)"
};
static const struct sql_statement delete_use = {
	"DELETE FROM domain_host WHERE host = $1 AND domain = $2"
};

struct used_host {
	struct span name;
	int64_t id;
};

struct use {
	int64_t domain;
	struct wall_time now;
	struct span *names; /* wanted, in order */
	size_t n;
	struct arena *a;
	struct used_host *used; /* as stored, in order */
	size_t used_n, used_cap;
};

static enum err
take_used(void *arg, const struct sql_value *row, struct error *e)
{
	struct use *u = arg;
	struct used_host *used =
	    arena_grow(u->a, u->used, u->used_n, &u->used_cap, sizeof *used);

	if (used == NULL)
		return error_set(e, ERR_MEMORY, "a domain's mail hosts");
	u->used = used;
	u->used[u->used_n++] = (struct used_host){ row[0].s, row[1].i };
	return ERR_OK;
}

static int
by_name(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

static int
by_used_name(const void *a, const void *b)
{
	return span_cmp(((const struct used_host *)a)->name,
	    ((const struct used_host *)b)->name);
}

/* The host's row is there, and will be. Another may forget it between two of
 * our statements. */
static enum err
find_host(struct sql *sql, const struct use *u, struct span name, int64_t *id,
    struct error *e)
{
	enum { TRIES = 8 };
	struct sql_value args[] = { sql_text(name), sql_int(u->now.s) };
	struct sql_value row = sql_int(0);
	bool got = false;
	enum err err = ERR_OK;

	for (int i = 0; i < TRIES && err == ERR_OK && !got; i++) {
		if (i > 0)
			err = sql_run(sql, &insert_host, args, 2, NULL, e);
		if (err == ERR_OK)
			err = sql_one(
			    sql, &keep_host, args, 1, u->a, &row, 1, &got, e);
	}
	if (err == ERR_OK && !got)
		err = error_set(e, ERR_STORE_BUSY,
		    "a mail host is forgotten whenever it is added");
	*id = row.i;
	return err;
}

static enum err
change_use(struct sql *sql, const struct use *u, const struct sql_statement *st,
    int64_t host, struct error *e)
{
	struct sql_value args[] = { sql_int(host), sql_int(u->domain) };

	return sql_run(sql, st, args, 2, NULL, e);
}

static enum err
add_use(struct sql *sql, const struct use *u, struct span name, struct error *e)
{
	int64_t id;
	enum err err = find_host(sql, u, name, &id, e);

	return err == ERR_OK ? change_use(sql, u, &insert_use, id, e) : err;
}

/* Both lists are in order: walk them side by side. */
static enum err
run_use(struct sql *sql, void *arg, struct error *e)
{
	struct use *u = arg;
	struct sql_value args[] = { sql_int(u->domain) };
	struct sql_taker to = { u->a, 2, take_used, u };
	size_t i = 0, k = 0;
	enum err err;

	u->used_n = 0;
	err = sql_each(sql, &list_used, args, 1, &to, e);
	if (err == ERR_OK && u->used_n > 0)
		qsort(u->used, u->used_n, sizeof *u->used, by_used_name);
	while (err == ERR_OK && (i < u->n || k < u->used_n)) {
		int c = i == u->n ? 1
			: k == u->used_n
			    ? -1
			    : span_cmp(u->names[i], u->used[k].name);

		if (c < 0)
			err = add_use(sql, u, u->names[i], e);
		else if (c > 0)
			err = change_use(sql, u, &delete_use, u->used[k].id, e);
		i += c <= 0;
		k += c >= 0;
	}
	return err;
}

enum err
hosts_use(struct store *s, int64_t domain, const struct span *names, size_t n,
    struct wall_time now, struct error *e)
{
	enum { MEMORY = 1024 * 1024 }; /* LIMIT_MX_HOSTS names, twice */
	struct use u = { .domain = domain, .now = now, .n = n };
	struct arena a;
	enum err err = ERR_OK;

	arena_init(&a, MEMORY);
	u.a = &a;
	u.names = arena_array(&a, n, sizeof *u.names);
	if (u.names == NULL && n > 0)
		err = error_set(e, ERR_MEMORY, "a domain's mail hosts");
	if (err == ERR_OK && n > 0) {
		memcpy(u.names, names, n * sizeof *names);
		qsort(u.names, n, sizeof *names, by_name);
	}
	if (err == ERR_OK)
		err = sql_transact(store_sql(s), SQL_WRITE, run_use, &u, e);
	arena_release(&a);
	return err;
}

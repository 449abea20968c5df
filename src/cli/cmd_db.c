/* mtasts db: the store itself. */
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/limits.h"
#include "cli/command.h"
#include "cli/open_store.h"

struct options {
	const char *store;
};

const struct option_row db_options[] = {
	STORE_OPTION_ROW(struct options),
	{ 0 },
};

static enum err
migrate(const struct options *o, const char *operand, struct error *e)
{
	struct store *s;
	enum err rc = open_store(o->store, STORE_MIGRATE, &s, e);

	(void)operand;
	if (rc != ERR_OK)
		return rc;
	store_free(s);
	puts("the store is up to date");
	return ERR_OK;
}

static enum err
say_health(const struct store_health *h, struct error *e)
{
	printf("%s, version %lld of %lld: ", h->database, (long long)h->version,
	    (long long)h->our_version);
	if (h->fault.n == 0) {
		puts("sound");
		return ERR_OK;
	}
	escape_print(stdout, h->fault);
	putchar('\n');
	return error_set(e, ERR_STORE, "the store is damaged");
}

static enum err
check(const struct options *o, const char *operand, struct error *e)
{
	struct store_health h;
	struct store *s;
	struct arena a;
	enum err rc = open_store(o->store, STORE_LOOK, &s, e);

	(void)operand;
	if (rc != ERR_OK)
		return rc;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	rc = store_check(s, &a, &h, e);
	if (rc == ERR_OK)
		rc = say_health(&h, e);
	arena_release(&a);
	store_free(s);
	return rc;
}

static enum err
backup(const struct options *o, const char *operand, struct error *e)
{
	struct store *s;
	enum err rc = open_store(o->store, STORE_LOOK, &s, e);

	if (rc != ERR_OK)
		return rc;
	rc = store_backup(s, operand, e);
	store_free(s);
	return rc;
}

static const struct {
	const char *name;
	size_t operands; /* behind the name */
	enum err (*run)(
	    const struct options *o, const char *operand, struct error *e);
} actions[] = {
	{ "migrate", 0, migrate },
	{ "check", 0, check },
	{ "backup", 1, backup },
};

int
cmd_db(const struct command *c, int argc, char **argv)
{
	struct options o = { 0 };
	struct option_parse p;
	struct error e;
	int status = 0;

	if (!command_begin(c, argc, argv, &o, &p, &status))
		goto out;
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
		if (p.n_operands != actions[i].operands + 1 ||
		    strcmp(p.operands[0], actions[i].name) != 0)
			continue;
		if (actions[i].run(&o, p.operands[p.n_operands - 1], &e) !=
		    ERR_OK)
			status = command_fail(c, &e);
		goto out;
	}
	status = command_usage(
	    c, "\"migrate\", \"check\" or \"backup FILE\" is needed");
out:
	option_parse_release(&p);
	return status;
}

#include "store/change.h"

static enum err
get_int(struct sql *sql, const struct sql_statement *st,
    const struct sql_value *args, size_t n, int64_t *out, bool *got,
    struct error *e)
{
	struct sql_value row = sql_int(0);
	enum err err;

	err = sql_numbers(sql, st, args, n, &row, 1, got, e);
	*out = row.i;
	return err;
}

static const struct sql_statement next_number = {
	"UPDATE change_number SET number = number + 1 RETURNING number"
};

enum err
change_next(struct sql *sql, int64_t *out, struct error *e)
{
	bool got;
	enum err err = get_int(sql, &next_number, NULL, 0, out, &got, e);

	if (err == ERR_OK && !got)
		err = error_set(
		    e, ERR_DATA, "the store has lost its change number");
	return err;
}

static const struct sql_statement hold_domain = {
	"SELECT domain FROM work WHERE domain = $1 {LOCKED}"
};

enum err
change_hold(struct sql *sql, int64_t domain, bool *found, struct error *e)
{
	struct sql_value args[] = { sql_int(domain) };
	int64_t id;

	return get_int(sql, &hold_domain, args, 1, &id, found, e);
}

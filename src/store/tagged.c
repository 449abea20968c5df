#include "store/tagged.h"

static const struct sql_statement count_tagged = {
	"SELECT COUNT(*) FROM (SELECT 1 AS one FROM domain_tag WHERE tag = $1"
	" LIMIT $2) AS tagged"
};

enum err
tagged_is_rare(
    struct sql *sql, struct span tag, int64_t most, bool *out, struct error *e)
{
	struct sql_value args[] = { sql_text(tag), sql_int(most + 1) }, row;
	bool got;
	enum err err;

	*out = false;
	if (tag.n == 0)
		return ERR_OK;
	err = sql_numbers(sql, &count_tagged, args, 2, &row, 1, &got, e);
	*out = err == ERR_OK && row.i <= most;
	return err;
}

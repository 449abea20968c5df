#include "store/observations.h"

#include "base/limits.h"
#include "store/packed.h"

static const struct sql_statement put_observation = {
	"INSERT INTO observation (domain, seen_at, json_zlib)"
	" VALUES ($1, $2, $3)"
	" ON CONFLICT (domain) DO UPDATE SET seen_at = $2, json_zlib = $3"
};

enum err
observation_put(struct store *s, int64_t domain, struct span json,
    struct wall_time seen_at, struct error *e)
{
	struct span packed;
	struct arena a;
	enum err err;

	arena_init(&a, 2 * LIMIT_STORE_TEXT);
	err = packed_write(json, &a, &packed, e);
	if (err == ERR_OK) {
		struct sql_value args[] = { sql_int(domain), sql_int(seen_at.s),
			sql_blob(packed) };

		err = sql_change(
		    store_sql(s), &put_observation, args, 3, NULL, e);
	}
	arena_release(&a);
	return err;
}

static const struct sql_statement get_observation = {
	"SELECT seen_at, json_zlib FROM observation WHERE domain = $1"
};

enum err
observation_get(struct store *s, int64_t domain, struct arena *a,
    struct span *json, struct wall_time *seen_at, bool *found, struct error *e)
{
	struct sql_value args[] = { sql_int(domain) }, row[2];
	enum err err = sql_one(
	    store_sql(s), &get_observation, args, 1, a, row, 2, found, e);

	if (err != ERR_OK || !*found)
		return err;
	seen_at->s = row[0].i;
	return packed_read(row[1].s, a, json, e);
}

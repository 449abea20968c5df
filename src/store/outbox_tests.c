/* Tests of a channel: asked for, and what came of the last one. */
#include <inttypes.h>
#include <stdio.h>

#include "base/limits.h"
#include "store/outbox.h"

/* clang-format off */
const char *const outbox_test_state_names[] = {
	[OUTBOX_TEST_WAITING]	= "waiting",
	[OUTBOX_TEST_DELIVERED]	= "delivered",
	[OUTBOX_TEST_FAILED]	= "failed",
	NULL
};
/* clang-format on */

/* The keys of a channel's tests are in the order of time. */
enum err
outbox_put_test(
    struct store *s, struct span channel, struct wall_time now, struct error *e)
{
	char key[LIMIT_CHANNEL_NAME + 32];
	int n = snprintf(key, sizeof key, "test/%.*s/%012" PRId64,
	    (int)span_head(channel, LIMIT_CHANNEL_NAME).n, channel.p, now.s);
	const struct news news = {
		.key = { key, (size_t)n },
		.kind = NEWS_TEST,
		.severity = SEVERITY_INFO,
		.text = channel,
		.tell_at = now,
	};

	return outbox_put(s, &news, now, e);
}

/* From the last key on; of one key the delivery stands before the news that it
 * was. */
static const struct sql_statement last_test = {
	"SELECT created_at, channel, state, error FROM outbox"
	" WHERE message_key >= $1 AND message_key < $2"
	" AND kind = 'test' AND text = $3"
	" ORDER BY message_key DESC, channel DESC LIMIT 1"
};
enum { TEST_COLUMNS = 4 };

static struct outbox_test
read_test(const struct sql_value *row)
{
	bool is_delivery = row[1].s.n > 0;
	struct outbox_test t = { .state = OUTBOX_TEST_FAILED,
		.asked_at = { row[0].i },
		.error = row[3].s };

	if (span_eq(row[2].s, SPAN("waiting")))
		t.state = OUTBOX_TEST_WAITING;
	else if (span_eq(row[2].s, SPAN("done")) && is_delivery)
		t.state = OUTBOX_TEST_DELIVERED;
	else if (!is_delivery)
		t.error = SPAN("the role notify has no such channel");
	return t;
}

enum err
outbox_last_test(struct store *s, struct span channel, struct arena *a,
    struct outbox_test *out, bool *found, struct error *e)
{
	struct span name = span_head(channel, LIMIT_CHANNEL_NAME);
	struct sql_value args[] = {
		sql_text(arena_printf(a, "test/%.*s/", (int)name.n, name.p)),
		/* '0' is what follows '/'. */
		sql_text(arena_printf(a, "test/%.*s0", (int)name.n, name.p)),
		sql_text(channel),
	};
	struct sql_value row[TEST_COLUMNS];
	enum err err;

	if (a->failed)
		return error_plain(e, ERR_MEMORY);
	err = sql_one(
	    store_sql(s), &last_test, args, 3, a, row, TEST_COLUMNS, found, e);
	if (err == ERR_OK && *found)
		*out = read_test(row);
	return err;
}

#include "core/renewal.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

struct wall_time
renewal_at(struct wall_time from, struct wall_time to,
    const struct renewal_window *w, uint32_t random)
{
	int64_t life = to.s - from.s;
	int64_t start = w->start.s, end = w->end.s;

	/* The last moment: an hour, but for what lives no longer. */
	to.s -= life > 2 * HOUR ? HOUR : life / 2;
	if (start >= end || start >= to.s)
		return (struct wall_time){ from.s + life * 2 / 3 };
	if (end > to.s)
		end = to.s;
	return (struct wall_time){ start + (int64_t)(random %
						     (uint64_t)(end - start)) };
}

int64_t
renewal_ask_again_s(int64_t retry_after_s)
{
	if (retry_after_s <= 0)
		return 6 * HOUR;
	if (retry_after_s < MINUTE)
		return MINUTE;
	return retry_after_s < DAY ? retry_after_s : DAY;
}

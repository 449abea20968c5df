#include "core/published.h"

/* clang-format off */
const char *const publish_bar_names[] = {
	[PUBLISH_FREE]		= "free",
	[PUBLISH_NO_MX]		= "no-mx",
	[PUBLISH_TOO_LONG]	= "too-long",
	[PUBLISH_FOREIGN]	= "foreign",
	NULL
};
/* clang-format on */

bool
publish_move_set(struct publish_move *m, struct mx_follow *f, struct span *to,
    size_t n, struct wall_time now, struct arena *a)
{
	struct span *left = arena_array(a, m->n_to + 1, sizeof *left);
	size_t n_left = 0;

	if (left == NULL)
		return false;
	for (size_t i = 0; m->may_add_told && i < m->n_to; i++)
		if (!span_in(m->to[i], to, n))
			left[n_left++] = m->to[i];
	if (!mx_follow_leave(f, left, n_left, now, a))
		return false;
	*m = (struct publish_move){ 0 };
	if (n > 0)
		*m = (struct publish_move){ .to = to, .n_to = n, .since = now };
	return true;
}

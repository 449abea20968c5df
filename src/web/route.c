#include "web/route.h"

#include <stddef.h>

const struct route routes[] = {
/* clang-format off */
#define ROUTE(method, path, kind, scope, handle)                               \
	{ HTTP_##method, path, ROUTE_##kind, SCOPE_##scope, handle },
/* clang-format on */
#include "web/routes.def"
#undef ROUTE
};

const size_t n_routes = sizeof routes / sizeof routes[0];

/* The part of a path that it begins with, without the slash before it. */
static struct span
next_part(struct span *path)
{
	struct span part;

	*path = span_skip(*path, 1);
	part = span_head(*path, span_find(*path, '/'));
	*path = span_skip(*path, part.n);
	return part;
}

bool
route_matches(const struct route *r, struct span path,
    struct span captured[ROUTE_CAPTURES])
{
	struct span want = span_str(r->path);
	size_t n = 0;

	if (!span_starts(
		path, SPAN("/"))) /* "*" is of the server (RFC 9112 3.2.4) */
		return false;
	while (want.n > 0 && path.n > 0) {
		struct span pattern = next_part(&want), part = next_part(&path);

		if (!span_eq(pattern, SPAN("{}"))) {
			if (!span_eq(pattern, part))
				return false;
		} else if (part.n == 0 || n == ROUTE_CAPTURES) {
			return false;
		} else {
			captured[n++] = part;
		}
	}
	return want.n == 0 && path.n == 0;
}

const struct route *
route_find(enum http_method method, struct span path,
    struct span captured[ROUTE_CAPTURES], unsigned *allowed)
{
	const struct route *found = NULL;

	*allowed = 0;
	if (method == HTTP_HEAD)
		method = HTTP_GET;
	for (size_t i = 0; i < n_routes && found == NULL; i++) {
		if (!route_matches(&routes[i], path, captured))
			continue;
		*allowed |= 1U << routes[i].method;
		if (routes[i].method == method)
			found = &routes[i];
	}
	return found;
}

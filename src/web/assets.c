#include "web/assets.h"

#include <assert.h>

#include "assets_data.h" /* by tools/embed */

enum {
	N_ASSETS = sizeof(assets) / sizeof(assets[0]),
	FOLDER = sizeof("/static/") - 1,
};

const struct asset *
asset_find(struct span name)
{
	for (size_t i = 0; i < N_ASSETS; i++)
		if (span_eq(span_str(assets[i].name), name))
			return &assets[i];
	return NULL;
}

const struct asset *
asset_at(struct span file)
{
	for (size_t i = 0; i < N_ASSETS; i++)
		if (span_eq(span_str(assets[i].path + FOLDER), file))
			return &assets[i];
	return NULL;
}

const char *
asset_path(const char *name)
{
	const struct asset *a = asset_find(span_str(name));

	assert(a != NULL);
	return a->path;
}

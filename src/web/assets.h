/* assets.h - what a browser loads beside the pages: style, script, icon; and
 * the description of the API. They are files of web/, made small by the build
 * and put into the program (tools/embed), so that there is nothing to install
 * and nothing to get out of step. */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include "base/span.h"

struct asset {
	const char *name; /* "style.css" */
	/* "/static/style.0123456789abcdef.css": with a part of its SHA-256, so
	 * that it can be kept for ever. */
	const char *path;
	const char *type; /* media type */
	struct span plain, gzip; /* the same octets, as they are and packed */
};

/* By its name; NULL if there is none. */
const struct asset *
asset_find(struct span name);

/* By the last part of its path: what stands in the place of {}. */
const struct asset *
asset_at(struct span file);

/* Where the asset of that name, which is there, is to be found. */
const char *
asset_path(const char *name);

#endif

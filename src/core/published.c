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

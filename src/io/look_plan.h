/* look_plan.h - what of a domain is to be looked at. */
#ifndef IO_LOOK_PLAN_H
#define IO_LOOK_PLAN_H

#include <stdbool.h>

#include "base/span.h"
#include "core/schedule.h"

struct look_plan {
	unsigned looks; /* bits: 1 << enum look */
	struct span known_id; /* of the one valid record, when last looked at */
	bool has_known_id; /* there was one */
};

#endif

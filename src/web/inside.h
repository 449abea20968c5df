/* inside.h - inside the web: what struct web has. */
#ifndef WEB_INSIDE_H
#define WEB_INSIDE_H

#include "web/call.h"
#include "web/sink.h"

struct web {
	const struct web_config *config;
	struct arena a; /* of the request that is answered, and its answer */
	struct sink sink; /* its body */
};

#endif

/* inside.h - inside the web: what struct web has. */
#ifndef WEB_INSIDE_H
#define WEB_INSIDE_H

#include <zlib.h>

#include "web/call.h"
#include "web/sink.h"

struct web {
	const struct web_config *config;
	struct arena a; /* of the request that is answered, and its answer */
	struct sink sink; /* its body */
	z_stream packer;
};

/* What c is to answer, as HTTP; it lives as long as the call. */
void
reply_write(struct web_call *c, struct http_response *out);

#endif

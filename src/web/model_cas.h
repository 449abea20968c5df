/* model_cas.h - how it stands with the CAs, for the page, the API and the
 * metrics. */
#ifndef WEB_MODEL_CAS_H
#define WEB_MODEL_CAS_H

#include "store/cas.h"
#include "web/call.h"

struct ca_view {
	struct ca_state state;
	bool is_configured;
};

/* Those of the configuration, in its order, whether there is anything to tell
 * or not; then the others that something is told of, and last what no CA has
 * been chosen for (the directory ""). */
enum err
cas_view(struct web_call *c, struct ca_view **out, size_t *n,
    struct error *e) MUST_CHECK;

#endif

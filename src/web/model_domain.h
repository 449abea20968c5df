/* model_domain.h - all that is known of one domain: what its page shows and the
 * API tells.
 *
 * What the last looks saw of the domain and of its mail hosts is put together
 * and judged anew, as of now and with all that is remembered, as the monitor
 * does at every round: so a page is never older than its clock. */
#ifndef WEB_MODEL_DOMAIN_H
#define WEB_MODEL_DOMAIN_H

#include "core/judge.h"
#include "core/settings.h"
#include "out/publish_steps.h"
#include "store/domain_state.h"
#include "store/domains.h"
#include "store/history.h"
#include "store/work.h"
#include "web/call.h"

struct domain_model {
	struct domain row;
	struct span *tags;
	size_t n_tags;
	struct settings settings;
	struct domain_state state;
	struct work_progress progress;

	/* If state.is_published: it may have ended. */
	struct publish_state publishing;
	struct publish_steps steps;

	/* What the last looks saw; nothing if there was none, or what is kept
	 * cannot be read. */
	bool has_evidence;
	struct evidence evidence;
	struct judged judged;
};

/* The name in the path as we work with it; "" if it is none. */
struct span
domain_of_path(struct web_call *c, struct span text);

/* The row of the domain in the path. Not found: the call is answered. */
enum err
domain_find(struct web_call *c, struct domain *out, bool *found,
    struct error *e) MUST_CHECK;

/* The answer where there is none. */
enum err
domain_refuse_missing(struct web_call *c);

/* All but the evidence; and that too. Everything lives in c->a. */
enum err
domain_model_load(struct web_call *c, const struct domain *row,
    struct domain_model *m, struct error *e) MUST_CHECK;
enum err
domain_model_judge(
    struct web_call *c, struct domain_model *m, struct error *e) MUST_CHECK;

/* The domain of the path, with its evidence or without. Not found: the call is
 * answered. */
enum err
domain_model_find(struct web_call *c, bool with_evidence,
    struct domain_model *m, bool *found, struct error *e) MUST_CHECK;

/* What is held true of a mail host; not found: nothing is, or it cannot be read
 * and the monitor looks anew. */
enum err
domain_host_load(struct web_call *c, struct span name, struct host_seen *out,
    bool *found, struct error *e) MUST_CHECK;

/* Do we publish its policy, and is there no end to it yet? */
bool
domain_is_published(const struct domain_model *m);

/* The finding's sighting: since when, and how sure. NULL: it is not followed.
 */
const struct sighting *
domain_sighting(const struct domain_model *m, const struct finding *f);

#endif

/* model_move.h - the plan of a move to other mail hosts, from what is
 * remembered: the dashboard looks at nothing itself. */
#ifndef WEB_MODEL_MOVE_H
#define WEB_MODEL_MOVE_H

#include "core/mx_move.h"
#include "web/model_domain.h"

struct move_model {
	struct domain_model d;
	bool is_under_way; /* the daemon has been told of it */
	struct mx_move_question q;
	struct mx_move_plan plan;
	char ids[2][PUBLICATION_ID_OCTETS + 1];
	/* Why there is no plan, a sentence; "": there is one. */
	struct span refused;
};

/* Plan a move to these hosts; none: the one that is under way. */
enum err
move_model_load(struct web_call *c, const struct domain *row,
    const struct span *hosts, size_t n, struct move_model *out,
    struct error *e) MUST_CHECK;

/* The plan that a request asks for: of the domain in its path, to the hosts
 * that its query names by "to". Not *asked: a name is none, or not there, and
 * the call is answered. */
enum err
move_model_asked(struct web_call *c, struct move_model *out, bool *asked,
    struct error *e) MUST_CHECK;

#endif

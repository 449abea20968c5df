/* publish.h - what the parts of "mtasts publish" share. */
#ifndef CLI_PUBLISH_H
#define CLI_PUBLISH_H

#include "cli/domain_list.h"
#include "cli/look_options.h"
#include "out/style.h"
#include "store/publications.h"

struct publish_options {
	const char *store, *file, *mode, *follow, *stage, *write;
	uint64_t max_age_s, overlap_s; /* 0: not named */
	struct option_list host, mx;
	struct look_options look;
	bool status, remove, keep, replace, approve, self_hosted;
	bool override, json;

	/* What the words above mean, as far as they are named. */
	enum sts_mode wants_mode; /* UNSET: not named */
	enum mx_follow_mode wants_follow; /* if `follow` is */
};

/* One call. */
struct publishing {
	const struct publish_options *options;
	struct domain_list domains;
	struct store *store; /* NULL: none is needed */
	struct arena *a; /* as long as the call */
	struct style style;
	struct wall_time now;
	bool refused; /* one of the domains was not dealt with */
};

/* "mtasts publish: NAME SENTENCE" on standard error. */
void
publish_refuse(struct publishing *p, struct span name, const char *fmt, ...)
    PRINTF(3, 4);

/* The actions: each for all the domains of the call. */
enum err
publish_ask(struct publishing *p, struct error *e) MUST_CHECK;
enum err
publish_status(struct publishing *p, struct error *e) MUST_CHECK;
enum err
publish_remove(struct publishing *p, struct error *e) MUST_CHECK;
enum err
publish_keep(struct publishing *p, struct error *e) MUST_CHECK;
enum err
publish_replace(struct publishing *p, struct error *e) MUST_CHECK;
enum err
publish_approve(struct publishing *p, struct error *e) MUST_CHECK;
enum err
publish_self_hosted(struct publishing *p, struct error *e) MUST_CHECK;

#endif

/* observations.h - the last observation of each domain, compressed.
 *
 * JSON of out/evidence_json.h, without what was seen of the mail hosts
 * (hosts.h); it is not looked into here. */
#ifndef STORE_OBSERVATIONS_H
#define STORE_OBSERVATIONS_H

#include "store/store.h"

enum err
observation_put(struct store *s, int64_t domain, struct span json,
    struct wall_time seen_at, struct error *e) MUST_CHECK;

enum err
observation_get(struct store *s, int64_t domain, struct arena *a,
    struct span *json, struct wall_time *seen_at, bool *found,
    struct error *e) MUST_CHECK;

#endif

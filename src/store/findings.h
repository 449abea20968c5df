/* findings.h - what is wrong with each domain, followed from round to round
 * (core/sighting.h), kept. */
#ifndef STORE_FINDINGS_H
#define STORE_FINDINGS_H

#include "core/sighting.h"
#include "store/store.h"

/* In the order of sightings_step. last_seen is not kept: it is first_seen. A
 * check that this program does not know any more is passed over. */
enum err
findings_load(struct store *s, int64_t domain, struct arena *a,
    struct sightings *out, struct error *e) MUST_CHECK;

/* Write what differs. */
enum err
findings_save(struct store *s, int64_t domain, const struct sightings *before,
    const struct sightings *after, struct error *e) MUST_CHECK;

#endif

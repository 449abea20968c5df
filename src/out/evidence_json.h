/* evidence_json.h - evidence, of a domain or of a mail host, saved and read
 * back without loss.
 *
 * The schema is "mtasts.evidence/1", or "mtasts.host/1": one object whose keys
 * are the members of struct evidence or host_seen, members that are zero or
 * empty left out. Bytes that are not UTF-8 text stand as {"hex": "..."}; times
 * as RFC 3339; addresses as text. */
#ifndef OUT_EVIDENCE_JSON_H
#define OUT_EVIDENCE_JSON_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "core/evidence.h"
#include "out/json.h"

/* A new reference; NULL with w->failed if memory ran out. */
json_t *
evidence_to_json(struct json_writer *w, const struct evidence *ev);

/* Read what evidence_to_json wrote, or an object that has it as its member
 * "evidence" (the output of `check --json`). All memory comes from a; json may
 * be released afterwards. ERR_DATA with the place of the fault in e if it is
 * not of the schema; ERR_MEMORY if a is full. */
enum err
evidence_from_json(const json_t *json, struct arena *a, struct evidence *out,
    struct error *e) MUST_CHECK;

/* The same of a mail host, its certificates' DER included. */
json_t *
host_seen_to_json(struct json_writer *w, const struct host_seen *host);

enum err
host_seen_from_json(const json_t *json, struct arena *a, struct host_seen *out,
    struct error *e) MUST_CHECK;

#endif

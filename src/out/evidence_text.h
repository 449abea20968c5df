/* evidence_text.h - evidence as the text that the store keeps: evidence_json.h
 * in one line. */
#ifndef OUT_EVIDENCE_TEXT_H
#define OUT_EVIDENCE_TEXT_H

#include "base/arena.h"
#include "base/err.h"
#include "core/evidence.h"

/* All memory comes from a. ERR_MEMORY if it is full; reading, ERR_DATA with the
 * place of the fault in e (which may be NULL) if the text is not of the
 * schema. */
enum err
evidence_to_text(
    const struct evidence *ev, struct arena *a, struct span *out) MUST_CHECK;

enum err
evidence_from_text(struct span text, struct arena *a, struct evidence *out,
    struct error *e) MUST_CHECK;

enum err
host_seen_to_text(
    const struct host_seen *host, struct arena *a, struct span *out) MUST_CHECK;

enum err
host_seen_from_text(struct span text, struct arena *a, struct host_seen *out,
    struct error *e) MUST_CHECK;

#endif

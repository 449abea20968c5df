/* served.h - what the edges serve, in the order in which it changed.
 *
 * Every change has a number, that is given inside its transaction and in the
 * order of commits: whoever has read up to a number has missed nothing before
 * it. Rows are never deleted, since a label is never issued twice; one that is
 * gone is served no longer. An edge reads here, and writes its own row of
 * `edge` alone. */
#ifndef STORE_SERVED_H
#define STORE_SERVED_H

#include "store/store.h"

struct served {
	uint64_t number; /* of its last change */
	struct span label, host; /* mta-sts.D */
	bool gone;
	struct span body; /* ""; nothing to serve yet */
	uint64_t body_number; /* of the body's last change; 0: no body */
	struct span id; /* ""; nothing is announced */
};

/* The last number given. */
enum err
served_last(struct store *s, uint64_t *out, struct error *e) MUST_CHECK;

/* Changes behind a number, in order, max rows (LIMIT_STORE_PAGE at most), from
 * one view of the store: bodies are left out (""), body_number tells. */
enum err
served_changes(struct store *s, uint64_t behind, size_t max, struct arena *a,
    struct served **out, size_t *n, struct error *e) MUST_CHECK;

/* The policy of a host. Not found: there is none, or it is gone. If body_number
 * is `have`, the body is left out. */
enum err
served_host(struct store *s, struct span host, uint64_t have, struct arena *a,
    struct served *out, bool *found, struct error *e) MUST_CHECK;
/* The entry of a label; and the first one behind a label in the order of bytes,
 * of those that are not gone. Without the body. */
enum err
served_label(struct store *s, struct span label, struct arena *a,
    struct served *out, bool *found, struct error *e) MUST_CHECK;
enum err
served_next(struct store *s, struct span after, struct arena *a,
    struct served *out, bool *found, struct error *e) MUST_CHECK;

/* ---- answers to HTTP-01 (RFC 8555 8.3) ---- */

struct challenge {
	struct span host, token, text;
};

enum err
challenge_put(struct store *s, const struct challenge *all, size_t n,
    struct wall_time now, struct error *e) MUST_CHECK;
enum err
challenge_find(struct store *s, struct span host, struct span token,
    struct arena *a, struct span *text, bool *found,
    struct error *e) MUST_CHECK;
/* All of a host; and all that were put before then. */
enum err
challenge_remove(struct store *s, struct span host, struct error *e) MUST_CHECK;
enum err
challenge_expire(
    struct store *s, struct wall_time before, struct error *e) MUST_CHECK;

/* ---- edges ---- */

/* "I am alive, and what I serve is no older than this number", of a worker
 * (work_join). Every change behind it may still be served in the old form,
 * until the worker leaves (work_leave).
 * ERR_STORE: the worker was forgotten, and nobody waits for it. */
enum err
edge_beat(struct store *s, int64_t worker, uint64_t served,
    struct wall_time now, struct error *e) MUST_CHECK;

struct edges {
	size_t alive; /* that were heard of since `since` */
	uint64_t served; /* the least of theirs; 0 if there is none */
};

enum err
edges_alive(struct store *s, struct wall_time since, struct edges *out,
    struct error *e) MUST_CHECK;

#endif

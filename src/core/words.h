/* words.h - moments, spans of time and lists, as a person reads them.
 *
 * NUL-terminated, in the arena; "" where that is full. */
#ifndef CORE_WORDS_H
#define CORE_WORDS_H

#include "base/arena.h"
#include "base/clock.h"

/* "2026-12-01 10:00 UTC" */
const char *
words_date(struct arena *a, struct wall_time t);

/* "in 3 days", "2 hours ago" */
const char *
words_distance(struct arena *a, struct wall_time now, struct wall_time t);

/* Exactly: "5 seconds", "2 weeks", "31557600 seconds". */
const char *
words_duration(struct arena *a, uint64_t s);

/* In the largest unit of which there are at least two, rounded down. */
const char *
words_about(struct arena *a, uint64_t s);

/* "100,000"; n >= 0. */
const char *
words_count(struct arena *a, int64_t n);

/* "mx1.example.net, mx2.example.net and 3 more", escaped; "none". */
const char *
words_list(struct arena *a, const struct span *all, size_t n);

#endif

/* message_part.h - the words that messages are made of. Shared by
 * out/message*.c and by nobody else.
 *
 * What does not fit into the arena is empty, and the arena stays failed. */
#ifndef OUT_MESSAGE_PART_H
#define OUT_MESSAGE_PART_H

#include <stdio.h>

#include "out/json.h"
#include "out/message.h"

/* "LOSS", "ERROR", "WARNING", "NOTE": what it does to mail. */
const char *
part_state(enum severity severity, struct span check);

/* The row of a check in words, or what the incident itself says. */
struct span
part_title(const struct incident *i);

/* How many suffer from it; once it has ended, how many did. */
int64_t
part_domains(const struct incident *i);

/* "LOSS mx1.example (200 domains): ": the line that says all. exact: what was
 * found rather than the check's title. Escaped, no line end. */
struct span
part_headline(const struct message_news *n, const struct message_env *env,
    bool exact, struct arena *a);

/* At most that many columns, with "..." behind what was cut. */
struct span
part_clip(struct span s, size_t columns, struct arena *a);

/* "90 minutes", "3 days" */
const char *
part_duration(struct wall_time from, struct wall_time to, struct arena *a);

/* "1 domain", "2 domains" */
const char *
part_count(int64_t n, const char *one, const char *many, struct arena *a);

/* The first line of s. */
struct span
part_first_line(struct span s);

/* Escaped, and a line end is a space. */
struct span
part_one_line(struct span s, struct arena *a);

/* The id of the incident's opening, and of any other news. */
struct span
part_opening_id(const struct incident *i, struct arena *a);
struct span
part_news_id(struct span key, struct wall_time at, struct arena *a);

/* ---- the forms ---- */

/* Everything of the text but for what comes before and after. */
void
part_text(FILE *f, const struct message_news *n, const struct message_env *env,
    struct arena *a);

/* The object of one piece of news, without the message's own members. */
json_t *
part_news_json(struct json_writer *w, const struct message_news *n);

/* id, kind, severity, at, subject, text. */
json_t *
part_head_json(
    struct json_writer *w, const struct message *m, const char *kind);

/* The root is released. False: no memory. */
bool
part_dump(struct json_writer *w, json_t *root, struct arena *a,
    struct span *out) MUST_CHECK;

void
part_fact(struct message *m, const char *name, struct span value);

/* The facts that every message has. */
void
part_facts(struct message *m, const char *kind, const struct message_env *env,
    struct arena *a);

void
part_incident_facts(
    struct message *m, const struct message_news *n, struct arena *a);

/* Text that is written to a FILE and ends in the arena. */
struct part_writer {
	FILE *f; /* NULL: no memory */
	char *p;
	size_t n;
};

void
part_open(struct part_writer *w);

/* Closes it. */
struct span
part_close(struct part_writer *w, struct arena *a);

#endif

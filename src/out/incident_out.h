/* incident_out.h - incidents and histories, said. */
#ifndef OUT_INCIDENT_OUT_H
#define OUT_INCIDENT_OUT_H

#include <stdio.h>

#include "base/err.h"
#include "out/json.h"
#include "out/style.h"
#include "store/history.h"
#include "store/incidents.h"

/* One line: weight, number, check, subject, how many domains, since when. */
void
incident_line(const struct incident *i, const struct style *s, FILE *f);

/* All that is known of it, without its domains. */
void
incident_text(const struct incident *i, struct wall_time now,
    const struct style *s, FILE *f);

/* One of its domains, behind incident_text(). */
void
incident_domain_line(
    const struct incident_domain *d, const struct style *s, FILE *f);

/* "mtasts.incident/1", without its domains; released by json_line(). */
json_t *
incident_to_json(struct json_writer *w, const struct incident *i);

/* An element of its list "affected". */
json_t *
incident_domain_json(struct json_writer *w, const struct incident_domain *d);

/* What happened to a domain, on one line. */
void
history_line(const struct history_event *h, FILE *f);

/* "mtasts.event/1"; released by json_line(). */
json_t *
history_to_json(
    struct json_writer *w, struct span domain, const struct history_event *h);

/* The same on one line. */
enum err
history_json(
    struct span domain, const struct history_event *h, FILE *f) MUST_CHECK;

#endif

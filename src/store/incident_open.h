/* incident_open.h - for incidents.c: the open incident of a cause, and what one
 * domain has to do with it, as rows.
 *
 * Who changes it holds its row until the end of the transaction, so that its
 * counters and its domains' rows change as one. */
#ifndef STORE_INCIDENT_OPEN_H
#define STORE_INCIDENT_OPEN_H

#include "core/checks.h"
#include "store/incidents.h"

enum { SEVERITIES = SEVERITY_ERROR + 1 };

/* How much somebody suffers from it. */
struct pain {
	bool suffers;
	enum severity severity; /* if so, or as it last was */
};

struct incident_open {
	int64_t id; /* 0: none is open, and nothing else is set */
	enum severity severity;
	struct wall_time opened_at, changed_at, horizon;
	struct span message, remedy;
	int64_t counts[SEVERITIES]; /* domains that suffer now */
	int64_t domains; /* that ever did */
	struct pain ours; /* we suffer ourselves */

	int64_t domain; /* whose part it is; 0: ours */
	bool has_part; /* it is, or was, under the incident */
	struct pain part;
	struct wall_time since; /* it suffers */
};

/* Texts live in the arena. */
enum err
incident_open_look(struct sql *sql, struct span cause, int64_t domain,
    struct arena *a, struct incident_open *out, struct error *e) MUST_CHECK;

/* The same, and hold it. */
enum err
incident_open_hold(struct sql *sql, struct span cause, int64_t domain,
    struct arena *a, struct incident_open *out, struct error *e) MUST_CHECK;

/* The same; if none is open, a new one, that nobody suffers from yet. */
enum err
incident_open_make(struct sql *sql, const struct incident_fault *fault,
    int64_t domain, struct wall_time now, struct arena *a,
    struct incident_open *out, bool *made, struct error *e) MUST_CHECK;

/* How many suffer, ourselves included. */
int64_t
incident_open_sufferers(const struct incident_open *o);

/* The worst of what they suffer. */
enum severity
incident_open_worst(const struct incident_open *o);

/* The domain suffers so from now on: its row, and the counters of *o, which are
 * not written yet. */
enum err
incident_open_change(struct sql *sql, struct incident_open *o, struct pain pain,
    struct wall_time now, struct error *e) MUST_CHECK;

/* Write all but the part. Nobody suffers: it ends now. */
enum err
incident_open_write(struct sql *sql, const struct incident_open *o,
    struct wall_time now, struct error *e) MUST_CHECK;

#endif

/* incidents.h - what is wrong, by cause: one incident, however many domains
 * suffer from it.
 *
 *            raise                 raise, of more weight
 *   (none) --------> OPEN ---------------------------------> OPEN
 *                     |   news: opened          news: worsened
 *                     |
 *                     | clear, of its last domain
 *                     v
 *                   RESOLVED   news: resolved
 *
 * A cause that comes back is a new incident. Acknowledged means that somebody
 * knows: no more reminders; one that worsens is told all the same.
 *
 * What is to be told goes into the outbox, and what happened to a domain into
 * its history, in the transaction of the call. */
#ifndef STORE_INCIDENTS_H
#define STORE_INCIDENTS_H

#include "core/checks.h"
#include "store/store.h"

enum incident_event {
	INCIDENT_SAME,
	INCIDENT_OPENED,
	INCIDENT_JOINED, /* a domain more under one that was open */
	INCIDENT_WORSENED, /* as a whole */
	INCIDENT_LEFT, /* a domain less, others remain */
	INCIDENT_RESOLVED,
};

/* A horizon that moved by less is the same: that of a policy still served moves
 * with the clock, and a quiet round writes nothing. */
enum { INCIDENT_HORIZON_S = 3600 };

/* What a domain suffers from. */
struct incident_fault {
	struct span cause; /* of sighting_cause() */
	struct span check, subject;
	enum severity severity;
	struct span message, remedy;
	struct wall_time horizon; /* until when a sender may act on it; 0: - */
};

/* The domain suffers from it since `now`, or with another weight than before.
 * Domain 0: it is about us, and no domain's. News is not told before tell_at,
 * so that one message can speak of all its domains.
 *
 * The incident's horizon is that of its only domain, or the latest that any of
 * its domains told; message and remedy came with it, or with what made it
 * worse. What is the same in all that writes nothing.
 *
 * An incident is held until the end of the transaction. Who raises and clears
 * several in one does it in the order of the causes' names, so that no two wait
 * for each other. */
enum err
incident_raise(struct store *s, int64_t domain,
    const struct incident_fault *fault, struct wall_time now,
    struct wall_time tell_at, enum incident_event *event,
    struct error *e) MUST_CHECK;

/* The domain does not suffer from it any more. What it never suffered from
 * changes nothing. horizon as above, of what senders may hold now. */
enum err
incident_clear(struct store *s, int64_t domain, struct span cause,
    struct wall_time horizon, struct wall_time now, enum incident_event *event,
    struct error *e) MUST_CHECK;

/* From all of them: the domain is to be removed. */
enum err
incident_clear_all(struct store *s, int64_t domain, struct wall_time now,
    struct error *e) MUST_CHECK;

struct incident {
	int64_t id;
	struct span cause, check, subject;
	enum severity severity;
	struct wall_time opened_at, changed_at; /* to this severity */
	bool is_resolved, is_acknowledged;
	struct wall_time resolved_at, acknowledged_at; /* if so */
	struct span acknowledged_by, note;
	struct wall_time horizon; /* 0: none */
	struct span message, remedy;
	int64_t errors, warnings; /* domains that suffer now */
	int64_t domains; /* that ever did */
};

enum err
incident_get(struct store *s, int64_t id, struct arena *a, struct incident *out,
    bool *found, struct error *e) MUST_CHECK;

/* Zero, or an empty span: whatever it is.
 *
 * A page begins behind the place that the incident `after` has now; one that is
 * not there has nothing behind it. Among those that ended places are for ever.
 * Among the open ones an incident keeps its place when it ends, and has another
 * when its severity changes: a reader of several pages may then see one twice,
 * or not at all. */
struct incident_filter {
	bool resolved; /* those that ended, newest first; else the open ones,
			* heaviest first, then oldest first */
	int64_t domain; /* of those that it suffers from, or did */
	struct span tag; /* of any domain that is or was under it */
	enum severity severity; /* at least */
	/* Those that were open at some moment of the day that begins then,
	 * whatever became of them, in the order of the open ones; `resolved`
	 * says nothing. */
	struct wall_time day;
	int64_t after; /* id of the last of a page */
	size_t max; /* rows; LIMIT_STORE_PAGE at most */
};

enum err
incident_list(struct store *s, const struct incident_filter *filter,
    struct arena *a, struct incident **out, size_t *n,
    struct error *e) MUST_CHECK;

struct incident_domain {
	struct span name;
	enum severity severity;
	struct wall_time since;
	bool is_resolved;
	struct wall_time resolved_at; /* if so */
};

/* Its domains in the order of their names, those behind `after`. */
enum err
incident_domains(struct store *s, int64_t id, struct span after, size_t max,
    struct arena *a, struct incident_domain **out, size_t *n,
    struct error *e) MUST_CHECK;

/* Does one of its domains have one of these tags? */
enum err
incident_has_tag(struct store *s, int64_t id, const struct span *tags, size_t n,
    bool *out, struct error *e) MUST_CHECK;

/* Somebody knows; `by` and the note (LIMIT_NOTE each) are for people. Of one
 * that is acknowledged already the words are replaced, and the moment stays. */
enum err
incident_acknowledge(struct store *s, int64_t id, struct span by,
    struct span note, struct wall_time now, bool *found,
    struct error *e) MUST_CHECK;

/* How many are open, by severity; and of a day (since 1970) how many were
 * opened and how many were open at some moment of it. */
struct incident_counts {
	int64_t infos, warnings, errors;
	int64_t unacknowledged;
};
enum err
incident_count(
    struct store *s, struct incident_counts *out, struct error *e) MUST_CHECK;

struct incident_day {
	int64_t day;
	int64_t opened, open;
	enum severity worst; /* of those that were open; if there were */
};
/* Each day from `from` to `to`, LIMIT_CENSUS_DAYS at most. */
enum err
incident_days(struct store *s, struct wall_time from, struct wall_time to,
    struct arena *a, struct incident_day **out, size_t *n,
    struct error *e) MUST_CHECK;

/* "opened", "joined", ... */
extern const char *const incident_event_names[];

#endif

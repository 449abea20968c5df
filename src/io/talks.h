/* talks.h - the conversations of a run: who is talked to, once, and by whom it
 * was asked for.
 *
 * A probe belongs to a host at an address, and is made once however many
 * domains ask for it; what it showed is kept, the least used forgotten first
 * when that grows too large. A fetch belongs to one domain, and so do the
 * questions to a name server.
 *
 * A conversation owns its memory. Whoever asks gets a ticket, and takes a copy
 * when the ticket's letter has come; a ticket that is dropped before leaves the
 * conversation to finish alone, in its own memory. One SMTP connection at a
 * time goes to an address, up to four of HTTPS, and up to four questions. */
#ifndef IO_TALKS_H
#define IO_TALKS_H

#include "io/fetch.h"
#include "io/inbox.h"
#include "io/probe.h"
#include "io/server_query.h"

struct talks;
struct ticket;

struct talks_options {
	struct probe_env probe;
	struct fetch_env fetch;
	struct server_env server;
	struct stop *stop; /* borrowed; pulled by talks_free */
	unsigned workers;
	int64_t probe_keep_ms; /* 0: as long as there is room */

	/* A conversation was begun, or is done. Any thread. */
	void (*changed)(void *arg, bool done);
	void *changed_arg;
};

enum err
talks_new(const struct talks_options *o, struct talks **out) MUST_CHECK;

/* Every ticket must have been dropped. Ends what is under way. */
void
talks_free(struct talks *t);

/* Ask. The ticket begins with a letter bearing tag, which is put into inbox
 * when there is something to take. NULL: no memory, or no thread. A probe that
 * began before `since` does not answer; 0: any does. */
struct ticket *
talks_probe(struct talks *t, struct span host, struct ip_addr address,
    struct mono_time since, struct inbox *inbox, void *tag) MUST_CHECK;

/* A fetch ends by the deadline of its domain; a probe is everybody's, and takes
 * the time it takes. */
struct ticket *
talks_fetch(struct talks *t, struct span domain, struct ip_addr address,
    struct mono_time deadline, struct inbox *inbox, void *tag) MUST_CHECK;

/* Put the questions to a name server that wish has, by the names and types of
 * its answers: a type of 0 is no question. */
struct ticket *
talks_query(struct talks *t, const struct server_seen *wish,
    struct mono_time deadline, struct inbox *inbox, void *tag) MUST_CHECK;

/* What was seen, copied into a; after the letter came. */
void
ticket_take_probe(struct ticket *k, struct arena *a, struct probe *out,
    struct der_chain *der);

void
ticket_take_fetch(struct ticket *k, struct arena *a, struct fetch *out);

void
ticket_take_server(struct ticket *k, struct arena *a, struct server_seen *out);

/* In any state; the inbox is not touched afterwards. */
void
ticket_drop(struct ticket *k);

/* Did some address answer on port 25, if only to refuse? */
bool
talks_smtp_works(struct talks *t);

/* Did some IPv6 address answer? */
bool
talks_v6_works(struct talks *t);

/* Is it we who are cut off? See reach.h. */
bool
talks_is_offline(struct talks *t);

#endif

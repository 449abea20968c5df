/* message.h - news in words, for a person who reads them on a phone.
 *
 * One message has every form that a channel may want: a subject that says the
 * worst first, a line or two for a chat or a log, a text for a mail, JSON for a
 * program, facts for a command. All of them are rendered when it is told, from
 * what is so then.
 *
 * Memory comes from the arena; ERR_MEMORY is the only error. Foreign bytes are
 * escaped here once more: no form has a control in it, and a subject or a fact
 * has no line end. */
#ifndef OUT_MESSAGE_H
#define OUT_MESSAGE_H

#include "base/arena.h"
#include "base/err.h"
#include "store/incidents.h"
#include "store/outbox.h"

struct message_fact {
	const char *name; /* "KIND", "INCIDENT_SINCE": [A-Z_]+ */
	struct span value;
};

enum { MESSAGE_FACTS = 20 };

struct message {
	/* The same news twice has the same id: letters, digits, ".", "-",
	 * "_" and "=", so that it can stand in a header as it is. */
	struct span id;
	struct span thread; /* id of the message that it follows; "": none */
	enum severity severity;
	struct wall_time at; /* when it happened */
	struct span subject; /* one line of MESSAGE_SUBJECT columns at most */
	struct span brief; /* one line, or two */
	struct span text; /* lines of 72 columns but for what is to be copied */
	struct span json; /* one object, one line */
	struct message_fact facts[MESSAGE_FACTS];
	size_t n_facts;
};

/* What a phone's lock screen shows of a subject, and a little more. */
enum { MESSAGE_SUBJECT = 70 };

/* What all messages of a program have in common. */
struct message_env {
	struct wall_time now;
	const char *link; /* of the dashboard; NULL: none */
};

/* One piece of news, and what it is about, as it is now. */
struct message_news {
	struct news news;
	struct wall_time at; /* when it was put */
	const struct incident *incident; /* NULL: none */
	struct span domain; /* of CHANGED and ADVICE; "": none */
	/* Some of the domains that suffer (RESOLVED: suffered); the incident
	 * knows how many they are. */
	const struct span *domains;
	size_t n_domains;
};

/* Any kind but DIGEST. */
enum err
message_of_news(const struct message_news *news, const struct message_env *env,
    struct arena *a, struct message *out) MUST_CHECK;

/* More than anybody wants to get one by one. */
enum err
message_of_many(const struct message_news *news, size_t n,
    const struct message_env *env, struct arena *a,
    struct message *out) MUST_CHECK;

struct message_digest {
	struct span key;
	struct wall_time at;
	/* As message_news of OPENED and RESOLVED: the heaviest first, and those
	 * that ended within the day. */
	const struct message_news *open, *ended;
	size_t n_open, n_ended;
	bool more_open, more_ended; /* than are given */
};

enum err
message_of_digest(const struct message_digest *digest,
    const struct message_env *env, struct arena *a,
    struct message *out) MUST_CHECK;

#endif

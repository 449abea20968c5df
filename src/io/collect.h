/* collect.h - looks at domains: everything the network says about them, at once
 * or in parts.
 *
 * A collector is made once per run and shared by all threads. It owns the
 * resolver's thread, a bounded pool of workers, the trusted roots, and the
 * probes of mail exchangers, which are made once per host and address however
 * many domains use them. It decides nothing: see core/judge. */
#ifndef IO_COLLECT_H
#define IO_COLLECT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "core/evidence.h"
#include "io/look_plan.h"
#include "io/random.h"
#include "wire/ipaddr.h"

struct collector;

/* What was begun and what is done in the whole run, for a progress line. */
struct collect_progress {
	unsigned domains, domains_done;
	unsigned questions, questions_done; /* of DNS */
	unsigned talks, talks_done; /* conversations with one address */
};

/* Strings and arrays are borrowed until collector_new returns, clock and
 * randomness until collector_free. */
struct collect_options {
	const struct clock *clock; /* default: the machine's */
	const struct randomness *randomness; /* default: the kernel's */

	/* Ranges outside the global unicast space that may be contacted. The
	 * resolver itself may be anywhere. */
	const struct ip_prefix *allow_net;
	size_t n_allow_net;

	/* "192.0.2.53" or "2001:db8::53@5353". None: those of resolv.conf. */
	const char *const *resolvers;
	size_t n_resolvers;
	const char *trust_anchor; /* file; NULL: the system's root key */
	const char *ca_file; /* PEM; NULL: the system's bundle */

	const char *ehlo_name; /* NULL: this host's, or "mtasts.invalid" */
	const char *user_agent; /* NULL: "mtasts/<version>" */

	unsigned workers; /* fetches and probes in flight; default 64 */
	int64_t dns_ms; /* for one question; default 10 s */
	int64_t connect_ms; /* SMTP: for the TCP connection; default 15 s */
	int64_t greeting_ms; /* SMTP: for the greeting; default 45 s */
	int64_t talk_ms; /* SMTP: from the greeting to the end; default 30 s */
	int64_t fetch_ms; /* HTTPS: in all; default LIMIT_FETCH_MS */
	int64_t server_ms; /* for one packet to a name server; default 3 s */
	/* Where peers listen. Default: 25, 443, 53; others are for tests. */
	uint16_t smtp_port, https_port, server_port;

	/* collect_domain also asks each authoritative name server, directly. */
	bool authority;

	/* How long a finished probe answers for other domains; 0: as long as
	 * the collector lives. For a daemon, that keeps its collector. */
	int64_t probe_keep_ms;

	/* Called from any thread whenever a number changed, one call at a time;
	 * must be quick and must not call the collector. NULL: not at all. */
	void (*progress)(void *arg, const struct collect_progress *p);
	void *progress_arg;
};

/* The defaults above. */
void
collect_options_init(struct collect_options *o);

/* *out owns threads from now on. Fails (with a sentence in e, which may be
 * NULL) if the resolver cannot be set up or a named file cannot be read. */
enum err
collector_new(const struct collect_options *o, struct collector **out,
    struct error *e) MUST_CHECK;

/* No call of collect_* may be under way. Probes that no domain waits for
 * any more are cut off; returns within about a second. */
void
collector_free(struct collector *c);

/* Does the resolver's path let us validate DNSSEC? Blocks, some 3 s at most,
 * until that is known. False: answers come, but nothing in them can be
 * validated; evidence says nothing of DANE, and the user should be told once. A
 * resolver that does not answer at all counts as true: that shows otherwise. */
bool
collector_validates(struct collector *c);

/* Have the last conversations, with three different addresses at least, not
 * been answered at all? Then it may be our own network that is down, and no
 * failure should be believed until one is answered again. Conversations over
 * IPv6 or to port 25 do not count where these never worked. */
bool
collector_is_offline(struct collector *c);

/* What works from here, as it stands in evidence. */
void
collector_vantage(struct collector *c, bool *dnssec, bool *smtp_works_here,
    bool *v6_works_here);

/* Look at domain (canonical: see idn_domain) until all is known or the deadline
 * has come. Blocking; any number of threads may call it at once.
 *
 * What the world did is in *out, whatever it was. What was not done by the
 * deadline is marked: DNS_TIMEOUT, TALK_UNFINISHED. All memory of *out lies in
 * a (cap: LIMIT_CHECK_MEMORY); nothing borrows from the collector.
 *
 * ERR_MEMORY or ERR_LIMIT: a is full; *out is then of no use. */
enum err
collect_domain(struct collector *c, struct span domain,
    struct mono_time deadline, struct arena *a,
    struct evidence *out) MUST_CHECK;

/* The same in parts, for one who looks often and remembers; his are the mail
 * hosts, which are not looked at here. What was not asked is DNS_UNASKED:
 * evidence_carry() takes it over from the look before.
 *
 * The records (MX, and TXT at _mta-sts) are asked in every look, whatever the
 * plan says, for the rest rests on them. If the one valid record is not the one
 * that the plan knows (another id, the first one, or none any more),
 * LOOK_POLICY is part of this look too: a new id and the file that it names are
 * one observation (core/ledger.h). *out_looked tells which looks were made.
 *
 * Each MX host has an entry in out->mx_hosts, with nothing in it but its name
 * and preference. */
enum err
collect_parts(struct collector *c, struct span domain,
    const struct look_plan *plan, struct mono_time deadline, struct arena *a,
    struct evidence *out, unsigned *out_looked) MUST_CHECK;

/* Look at one mail host (canonical): its addresses and TLSA records, and a
 * probe of every address that begins after the call. Deadline, memory and
 * errors as above. */
enum err
collect_host(struct collector *c, struct span host, struct mono_time deadline,
    struct arena *a, struct host_seen *out) MUST_CHECK;

/* Make evidence that is as if the domain had been looked at whole: its mail
 * hosts, in the order of ev->mx, from those of that name in hosts (a host that
 * is not there stays DNS_UNASKED), DANE held against them for this domain, and
 * what follows from all of it: the implicit MX host, whose a name is, and what
 * works here. Can be done again when a host was seen anew. ev borrows from
 * hosts; the rest lies in a. */
enum err
collect_assemble(struct collector *c, const struct host_seen *hosts,
    size_t n_hosts, struct arena *a, struct evidence *ev) MUST_CHECK;

/* The same for one who looks at nothing: ev is a look that was kept, and what
 * works there was noted with it. */
enum err
collect_kept(const struct host_seen *hosts, size_t n_hosts, struct arena *a,
    struct evidence *ev) MUST_CHECK;

#endif

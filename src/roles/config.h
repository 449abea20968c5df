/* config.h - what mtastsd is told: one file, read whole before anything is
 * done.
 *
 * Options are rows (config.def): name, type, range, default, help; the parser,
 * `mtastsd --check` and the manual read them. A line that is not understood is
 * an error with its number, and the program does not start, or goes on with
 * what it had.
 *
 * The file is ini: "[section]" or "[channel NAME]", "key = value", "#" begins a
 * comment. A key that may be given several times collects. */
#ifndef ROLES_CONFIG_H
#define ROLES_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "core/checks.h"
#include "core/schedule.h"
#include "wire/ipaddr.h"

enum role_id {
	ROLE_MONITOR,
	ROLE_NOTIFY,
	ROLE_PUBLISH,
	ROLE_CERTS,
	ROLE_EDGE,
	ROLE_WEB,
	ROLES
};

/* "monitor", "notify", ... */
extern const char *const role_names[];

enum channel_type {
	CHANNEL_MAIL, /* SMTP submission */
	CHANNEL_SENDMAIL, /* the same message to a local program */
	CHANNEL_WEBHOOK, /* JSON, signed */
	CHANNEL_CHAT, /* {"text": ...}, as Slack and its kin take it */
	CHANNEL_COMMAND, /* facts in the environment, never a shell */
	CHANNEL_SYSLOG,
	CHANNEL_TYPES,
};

extern const char *const channel_type_names[];

struct config_list {
	const char **items;
	size_t n;
};

struct config_prefixes {
	struct ip_prefix *all;
	size_t n;
};

/* Strings are NULL where nothing was said. */
struct channel_config {
	const char *name;
	unsigned line; /* of its section */
	enum channel_type type;

	/* What is for it: all of these must hold. */
	enum severity severity; /* at least */
	struct config_list tags; /* one of them; none: whatever */
	unsigned kinds; /* bits, 1 << enum news_kind */

	uint64_t reminder_s; /* how long after, and how often; 0: never */
	int32_t digest_at; /* minutes after midnight, UTC; -1: no digest */

	/* MAIL, SENDMAIL */
	struct config_list to;
	const char *from;
	const char *server; /* smtp://HOST[:PORT] (STARTTLS) or smtps://... */
	const char *user, *password_file;
	const char *sendmail; /* the program */
	/* WEBHOOK, CHAT */
	const char *url, *secret_file;
	const char *ca_file; /* MAIL too; NULL: the system's */
	/* COMMAND */
	const char *command; /* a path, and nothing else */
	/* SYSLOG */
	const char *facility;
};

/* Not LOG_SYSLOG and the like: those are the names of syslog.h. */
enum log_target { LOG_TO_STDERR, LOG_TO_SYSLOG, LOG_TARGETS };

extern const char *const log_target_names[];

struct config {
	/* [daemon] */
	const char *store; /* URL or path */
	const char *user; /* to become; NULL: stay */
	unsigned roles; /* bits, 1 << enum role_id */
	enum log_target log;
	bool sandbox;
	uint64_t drain_s; /* how long work under way may take at the end */

	/* [network] */
	struct config_list resolvers;
	const char *trust_anchor, *ca_file, *ehlo_name, *user_agent;
	struct config_prefixes allow_net;

	/* [monitor] */
	uint64_t looks; /* domains looked at at a time */
	uint64_t talks; /* conversations at a time */
	struct cadence cadence;
	uint64_t lease_s;

	/* [notify] */
	uint64_t
	    group_s; /* news is held so long, to speak of all its domains */
	uint64_t first_group_s; /* and that of a first look so long */
	uint64_t burst; /* more messages at once become one summary */
	uint64_t give_up_s; /* a delivery is tried for so long */
	const char *link; /* of the dashboard, put into messages */

	/* [service]: what is published for others. Without a zone there is no
	 * such thing, and none of the roles publish, certs and edge. */
	const char *service_zone; /* that the targets are under */
	struct config_list service_addresses; /* of the edges */
	struct config_list service_servers; /* NS of the zone, names */
	struct config_list service_hosts; /* NAME=ADDRESS, in the zone */
	const char *service_mailbox;
	struct config_list secondaries; /* ADDRESS[@PORT] */
	const char *secondary_key; /* TSIG key file for transfers */
	uint32_t service_ttl_s;
	const char *keys; /* store of secrets, URL or path */
	const char *sealing_key; /* file */

	/* [publish] */
	uint32_t
	    publish_every_s; /* how often a published domain is looked at */
	uint32_t edge_lease_s; /* an edge not heard of for so long is gone */
	uint64_t publish_steps; /* at a time */

	/* [certs] */
	struct config_list cas; /* directories, in order of preference */
	struct config_list ca_contacts; /* mailboxes */
	bool ca_agree; /* to the CAs' terms */
	const char *eab_kid, *eab_key_file;
	const char *acme_ca_file; /* trusted for the CAs; NULL: the system's */
	uint64_t cert_orders; /* under way at a time */

	/* [edge] */
	struct config_list listen_https, listen_http,
	    listen_dns; /* ADDRESS or ADDRESS@PORT; never empty with a zone */
	uint64_t edge_workers; /* processes */
	uint64_t edge_certificates; /* kept parsed, of each process */
	uint64_t edge_labels; /* kept in memory, of each process */
	uint64_t dns_rate; /* answers a second to one network */

	/* [web] */
	struct config_list web_listen; /* never empty */
	const char *origin; /* as browsers say it: SCHEME://HOST[:PORT] */
	const char *certificate, *certificate_key; /* PEM files, or neither */
	struct config_prefixes proxies;
	bool metrics_open;
	uint64_t web_workers; /* processes */

	struct channel_config *channels;
	size_t n_channels;
};

struct config_fault {
	unsigned line;
	const char *text; /* "FILE:LINE: sentence" */
};

struct config_faults {
	struct config_fault *all; /* in the order of their lines */
	size_t n;
};

/* Read text, which is called name in what is said of it. The arena holds all of
 * *out, which borrows nothing from the text, and the faults; if there are any,
 * *out is not to be used. ERR_MEMORY if the arena is full. */
enum err
config_parse(const char *name, struct span text, struct arena *a,
    struct config *out, struct config_faults *faults,
    struct error *e) MUST_CHECK;

/* Read a file. All strings live in a. ERR_NO_INPUT if it cannot be read,
 * ERR_DATA with "FILE:LINE: sentence" in e for the first fault. */
enum err
config_read(const char *path, struct arena *a, struct config *out,
    struct error *e) MUST_CHECK;

/* The channel of that name, or NULL. */
const struct channel_config *
config_channel(const struct config *c, const char *name);

/* Nobody who works has a domain overdue for so long. */
int64_t
config_stale_s(const struct config *c);

#endif

/* config_row.h - what mtastsd can be told, as rows, and how the value of each
 * kind is read. */
#ifndef ROLES_CONFIG_ROW_H
#define ROLES_CONFIG_ROW_H

#include "base/arena.h"
#include "base/span.h"
#include "roles/config.h"

/* clang-format off */
enum config_kind {	/* of the member: */
	CONFIG_TEXT,	/* const char *, as below: any text */
	CONFIG_STORE,	/* a URL of store.h, a path being absolute */
	CONFIG_USER,	/* that this machine knows */
	CONFIG_FILE,	/* an absolute path, readable */
	CONFIG_PROGRAM,	/* an absolute path, executable */
	CONFIG_HOST,	/* a domain name */
	CONFIG_SERVER,	/* smtp://HOST[:PORT], smtps://HOST[:PORT] */
	CONFIG_URL,	/* http://HOST..., https://HOST... */
	CONFIG_MAILBOX,	/* LOCAL@DOMAIN */
	CONFIG_FACILITY,
	/* These may be given several times: */
	CONFIG_MAILBOXES,	/* struct config_list, as below */
	CONFIG_RESOLVERS,	/* ADDRESS[@PORT] */
	CONFIG_ADDRESSES,	/* ADDRESS */
	CONFIG_HOSTS,	/* domain names */
	CONFIG_PAIRS,	/* NAME=ADDRESS */
	CONFIG_URLS,
	CONFIG_TAGS,
	CONFIG_PREFIXES,	/* struct config_prefixes */
	/* And these not: */
	CONFIG_COUNT,	/* uint64_t */
	CONFIG_PERCENT,	/* uint32_t */
	CONFIG_TIME,	/* uint64_t, seconds */
	CONFIG_INTERVAL,	/* uint32_t, seconds */
	CONFIG_PAUSE,	/* uint64_t, seconds; "never" is 0 */
	CONFIG_MOMENT,	/* int32_t, minutes after midnight; "never" is -1 */
	CONFIG_SWITCH,	/* bool */
	CONFIG_OPEN,	/* bool: token or open */
	CONFIG_ROLES,	/* unsigned, bits of enum role_id */
	CONFIG_EVENTS,	/* unsigned, bits of enum news_kind */
	CONFIG_LOG,	/* enum log_target */
	CONFIG_TYPE,	/* enum channel_type */
	CONFIG_SEVERITY,	/* enum severity */
};
/* clang-format on */

struct config_row {
	const char *section; /* "channel" for those of [channel NAME] */
	const char *key;
	enum config_kind kind;
	size_t at; /* offset in struct config, or struct channel_config */
	uint64_t least, most; /* of a number or a time */
	const char *value; /* the default, or NULL */
	unsigned types, needed; /* bits, 1 << enum channel_type */
	const char *help;
};

extern const struct config_row config_rows[];
extern const size_t config_rows_n;

/* May the key be given several times? */
bool
config_collects(enum config_kind kind);

/* Read text into the member of *dest, which is a struct config or a struct
 * channel_config. NULL, or what is wrong: what comes behind the key in a
 * sentence, from a. A full arena is told by a->failed alone. */
const char *
config_value(const struct config_row *row, struct span text, struct arena *a,
    void *dest) MUST_CHECK;

struct duration_text {
	char s[24];
};

/* "15m": in the largest unit that leaves no rest. */
struct duration_text
duration_text(uint64_t s);

#endif

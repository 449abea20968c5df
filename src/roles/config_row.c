#include "roles/config_row.h"

#include <stdio.h>

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* Bits of the channels' types, for the rows. */
enum {
	MAIL = 1 << CHANNEL_MAIL,
	SENDMAIL = 1 << CHANNEL_SENDMAIL,
	WEBHOOK = 1 << CHANNEL_WEBHOOK,
	CHAT = 1 << CHANNEL_CHAT,
	COMMAND = 1 << CHANNEL_COMMAND,
	SYSLOG = 1 << CHANNEL_SYSLOG,
	ANY = (1 << CHANNEL_TYPES) - 1,
};

const struct config_row config_rows[] = {
#define OPTION(section_, key_, kind_, member, least_, most_, default_, help_)  \
	{ .section = (section_),                                               \
		.key = (key_),                                                 \
		.kind = CONFIG_##kind_,                                        \
		.at = offsetof(struct config, member),                         \
		.least = (least_),                                             \
		.most = (most_),                                               \
		.value = (default_),                                           \
		.help = (help_) },
#define CHANNEL_OPTION(                                                        \
    key_, kind_, member, least_, most_, default_, types_, needed_, help_)      \
	{ .section = "channel",                                                \
		.key = (key_),                                                 \
		.kind = CONFIG_##kind_,                                        \
		.at = offsetof(struct channel_config, member),                 \
		.least = (least_),                                             \
		.most = (most_),                                               \
		.value = (default_),                                           \
		.types = (types_),                                             \
		.needed = (needed_),                                           \
		.help = (help_) },
#include "roles/config.def"
#undef OPTION
#undef CHANNEL_OPTION
};
const size_t config_rows_n = sizeof config_rows / sizeof config_rows[0];

bool
config_collects(enum config_kind kind)
{
	return kind >= CONFIG_MAILBOXES && kind <= CONFIG_PREFIXES;
}

struct duration_text
duration_text(uint64_t s)
{
	static const struct {
		char letter;
		unsigned s;
	} units[] = {
		{ 'd', DAY },
		{ 'h', HOUR },
		{ 'm', MINUTE },
		{ 's', 1 },
	};
	struct duration_text out;
	size_t i = 0;

	while (s == 0 ? units[i].s > 1 : s % units[i].s != 0)
		i++;
	snprintf(out.s, sizeof out.s, "%llu%c",
	    (unsigned long long)(s / units[i].s), units[i].letter);
	return out;
}

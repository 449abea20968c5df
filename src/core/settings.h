/* settings.h - what a person has set for one domain.
 *
 * Kept as text, lines of "key=value", so that a program of another version
 * neither loses what it does not know nor needs a table for it. The rows stand
 * in core/settings.def. What is not set is as for every domain.
 *
 * Pure: no I/O, no clock. */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include "base/buf.h"
#include "base/err.h"
#include "core/checks.h"
#include "core/schedule.h"
#include "wire/sts_policy.h"

enum setting_id {
#define SETTING(symbol, ...) SETTING_##symbol,
#include "core/settings.def"
#undef SETTING
	SETTINGS, /* how many */
};

enum setting_kind {
	SETTING_DURATION,
	SETTING_CHECKS,
	SETTING_MODE,
	SETTING_SWITCH, /* off is as if it were not set */
};

struct setting {
	const char *name; /* public and stable */
	enum setting_kind kind;
	const char *range, *help; /* for people */
};

extern const struct setting settings[SETTINGS];

/* All zero: nothing is set. */
struct settings {
	uint32_t every_s[LOOKS]; /* 0: not set */
	bool mute[CHECKS];
	enum sts_mode intent; /* UNSET: not set */
	bool status_page; /* whoever asks is shown the domain's status */
};

/* Read what is kept. ERR_DATA names the key and the value that are no good, or
 * the key that is there twice; *out is then all zero. */
enum err
settings_parse(
    struct span text, struct settings *out, struct error *e) MUST_CHECK;

/* Of what is kept, all that can be read: a program of another version may have
 * set more, and what is muted stays so. */
void
settings_understand(struct span text, struct settings *out);

/* Apply "KEY=VALUE"; an empty value takes back what was set. On ERR_DATA s is
 * as it was. */
enum err
settings_assign(
    struct settings *s, struct span assignment, struct error *e) MUST_CHECK;

/* What settings_parse() reads back: the rows that are set, a line each. At most
 * LIMIT_SETTINGS bytes. */
void
settings_write(const struct settings *s, struct buf *b);

/* The value of one row as it is written; nothing where it is not set. */
void
settings_value(const struct settings *s, enum setting_id id, struct buf *b);

/* How often to look at the domain: base, but for what is set. */
void
settings_cadence(
    const struct settings *s, const struct cadence *base, struct cadence *out);

/* Does the check never open an incident for the domain? */
bool
settings_mutes(const struct settings *s, enum check_id id);

#endif

#include "store/ledger_state.h"

#include <assert.h>
#include <stddef.h>

#include "store/state_words.h"

/* clang-format off */
static const char *const sight_names[] = {
	[SIGHT_UNKNOWN]	= "unknown",
	[SIGHT_PRESENT]	= "present",
	[SIGHT_ABSENT]	= "absent",
	[SIGHT_BROKEN]	= "broken",
};

#define ROW(name, kind, member, ...)					\
	{ name, kind, offsetof(struct ledger_state, member), __VA_ARGS__ }
#define TIME(name, member)	ROW(name, STATE_TIME, member, NULL, 0)
#define NUMBER(name, member)	ROW(name, STATE_NUMBER, member, NULL, 0)
#define FLAG(name, member)	ROW(name, STATE_FLAG, member, NULL, 0)
#define MODE(name, member)						\
	ROW(name, STATE_NAME, member, sts_mode_names, STS_MODE_ENFORCE + 1)
#define PRESENCE(name, member)						\
	ROW(name, STATE_NAME, ledger.member.sight, sight_names,		\
	    SIGHT_BROKEN + 1),						\
	TIME(name "-since", ledger.member.since),			\
	TIME(name "-seen", ledger.member.seen_at),			\
	FLAG(name "-was", ledger.member.was_present)

static const struct state_row rows[] = {
	TIME("began", ledger.began),
	TIME("at", ledger.at),
	NUMBER("last-seq", ledger.last_seq),
	NUMBER("latest", ledger.latest),
	TIME("latest-since", ledger.latest_since),
	NUMBER("id", latest_id),
	TIME("mx-seen", mx_seen),
	MODE("mode", ledger.mode),
	TIME("mode-since", ledger.mode_since),
	MODE("mode-before", ledger.mode_before),
	TIME("mode-before-since", ledger.mode_before_since),
	PRESENCE("txt", txt),
	PRESENCE("file", file),
	PRESENCE("txt-cname", txt_cname),
	PRESENCE("host-cname", host_cname),
	TIME("flip-1", ledger.flips[0]),
	TIME("flip-2", ledger.flips[1]),
	TIME("flip-3", ledger.flips[2]),
	TIME("crowded-enforce", ledger.crowded_enforce_until),
	TIME("crowded", ledger.crowded_until),
};
/* clang-format on */

static_assert(LEDGER_FLIPS == 3, "a row for each flip");

static const struct state_form form = { rows, sizeof rows / sizeof rows[0],
	NULL };

void
ledger_state_write(const struct ledger_state *s, struct buf *b)
{
	state_write(&form, s, b);
}

bool
ledger_state_read(struct span text, struct ledger_state *out, struct span *word)
{
	*out = (struct ledger_state){ 0 };
	out->ledger.begun = true;
	return state_read(&form, text, out, word);
}

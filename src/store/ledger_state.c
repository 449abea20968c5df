#include "store/ledger_state.h"

#include <assert.h>
#include <stddef.h>

#include "base/num.h"

enum { VERSION = 1 };

enum kind { TIME, NUMBER, FLAG, SIGHT, MODE };

/* clang-format off */
static const char *const sight_names[] = {
	[SIGHT_UNKNOWN]	= "unknown",
	[SIGHT_PRESENT]	= "present",
	[SIGHT_ABSENT]	= "absent",
	[SIGHT_BROKEN]	= "broken",
};

#define OF(member) offsetof(struct ledger_state, member)
#define PRESENCE(name, member)						\
	{ name,			SIGHT,	OF(ledger.member.sight) },	\
	{ name "-since",	TIME,	OF(ledger.member.since) },	\
	{ name "-seen",		TIME,	OF(ledger.member.seen_at) },	\
	{ name "-was",		FLAG,	OF(ledger.member.was_present) }

static const struct row {
	const char *name;
	enum kind kind;
	size_t offset;
} rows[] = {
	{ "began",		TIME,	OF(ledger.began) },
	{ "at",			TIME,	OF(ledger.at) },
	{ "last-seq",		NUMBER,	OF(ledger.last_seq) },
	{ "latest",		NUMBER,	OF(ledger.latest) },
	{ "latest-since",	TIME,	OF(ledger.latest_since) },
	{ "id",			NUMBER,	OF(latest_id) },
	{ "mx-seen",		TIME,	OF(mx_seen) },
	{ "mode",		MODE,	OF(ledger.mode) },
	{ "mode-since",		TIME,	OF(ledger.mode_since) },
	{ "mode-before",	MODE,	OF(ledger.mode_before) },
	{ "mode-before-since",	TIME,	OF(ledger.mode_before_since) },
	PRESENCE("txt", txt),
	PRESENCE("file", file),
	PRESENCE("txt-cname", txt_cname),
	PRESENCE("host-cname", host_cname),
	{ "flip-1",		TIME,	OF(ledger.flips[0]) },
	{ "flip-2",		TIME,	OF(ledger.flips[1]) },
	{ "flip-3",		TIME,	OF(ledger.flips[2]) },
	{ "crowded-enforce",	TIME,	OF(ledger.crowded_enforce_until) },
	{ "crowded",		TIME,	OF(ledger.crowded_until) },
};
/* clang-format on */

enum { ROWS = sizeof rows / sizeof rows[0] };
static_assert(LEDGER_FLIPS == 3, "a row for each flip");

/* Members are of these types, told by the row's kind. */
union member {
	const void *p;
	struct wall_time *time;
	uint32_t *number;
	bool *flag;
	enum sight *sight;
	enum sts_mode *mode;
};

static void
write_word(const struct row *row, union member m, struct buf *b)
{
	switch (row->kind) {
	case TIME:
		if (m.time->s != 0)
			buf_printf(
			    b, " %s=%lld", row->name, (long long)m.time->s);
		return;
	case NUMBER:
		if (*m.number != 0)
			buf_printf(b, " %s=%u", row->name, *m.number);
		return;
	case FLAG:
		if (*m.flag)
			buf_printf(b, " %s=1", row->name);
		return;
	case SIGHT:
		if (*m.sight != SIGHT_UNKNOWN)
			buf_printf(
			    b, " %s=%s", row->name, sight_names[*m.sight]);
		return;
	case MODE:
		if (*m.mode != STS_MODE_UNSET)
			buf_printf(
			    b, " %s=%s", row->name, sts_mode_names[*m.mode]);
		return;
	}
}

void
ledger_state_write(const struct ledger_state *s, struct buf *b)
{
	buf_printf(b, "v=%d", VERSION);
	for (size_t i = 0; i < ROWS; i++)
		write_word(&rows[i],
		    (union member){ .p = (const char *)s + rows[i].offset }, b);
}

/* Which of the names; the first is not written. */
static bool
read_name(struct span value, const char *const *names, size_t n, size_t *out)
{
	for (size_t i = 1; i < n; i++)
		if (span_eq(value, span_str(names[i]))) {
			*out = i;
			return true;
		}
	return false;
}

static bool
read_value(enum kind kind, struct span value, union member m)
{
	uint64_t n = 0;
	size_t i = 0;
	bool good = false;

	switch (kind) {
	case TIME:
		good = num_parse(value, INT64_MAX, &n);
		m.time->s = (int64_t)n;
		break;
	case NUMBER:
		good = num_parse(value, UINT32_MAX, &n);
		*m.number = (uint32_t)n;
		break;
	case FLAG:
		good = num_parse(value, 1, &n);
		*m.flag = n != 0;
		break;
	case SIGHT:
		good = read_name(value, sight_names, SIGHT_BROKEN + 1, &i);
		*m.sight = (enum sight)i;
		break;
	case MODE:
		good =
		    read_name(value, sts_mode_names, STS_MODE_ENFORCE + 1, &i);
		*m.mode = (enum sts_mode)i;
		break;
	}
	return good;
}

static bool
read_word(struct span word, struct ledger_state *out)
{
	size_t at = span_find(word, '=');
	struct span name = span_head(word, at);

	if (at == 0 || at == word.n)
		return false;
	for (size_t i = 0; i < ROWS; i++)
		if (span_eq(name, span_str(rows[i].name)))
			return read_value(rows[i].kind, span_skip(word, at + 1),
			    (union member){
				.p = (char *)out + rows[i].offset });
	return true;
}

bool
ledger_state_read(struct span text, struct ledger_state *out, struct span *word)
{
	bool is_first = true;

	*out = (struct ledger_state){ 0 };
	out->ledger.begun = true;
	while (text.n > 0 || is_first) {
		*word = span_head(text, span_find(text, ' '));
		if (is_first ? !span_eq(*word, SPAN("v=1"))
			     : !read_word(*word, out))
			return false;
		is_first = false;
		text = span_skip(text, word->n + 1);
	}
	return true;
}

#include "core/settings.h"

#include "base/escape.h"
#include "base/limits.h"
#include "base/num.h"

const struct setting settings[SETTINGS] = {
#define SETTING(symbol, name_, kind_, range_, help_)                           \
	[SETTING_##symbol] = {                                                 \
		.name = name_,                                                 \
		.kind = SETTING_##kind_,                                       \
		.range = range_,                                               \
		.help = help_,                                                 \
	},
#include "core/settings.def"
#undef SETTING
};

/* Which look a duration is of. */
static const enum look looks[SETTINGS] = {
	[SETTING_RECORDS_EVERY] = LOOK_RECORDS,
	[SETTING_AUTHORITY_EVERY] = LOOK_AUTHORITY,
	[SETTING_POLICY_EVERY] = LOOK_POLICY,
};

/* A foreign word, enough of it to recognise it by, fit to be read. */
enum { QUOTE_MAX = 64 };

struct quoted {
	char text[4 * QUOTE_MAX + 1];
};

static struct quoted
quote(struct span word)
{
	struct quoted q = { { 0 } };
	struct buf b = buf_init(q.text, sizeof q.text - 1);

	escape_put(&b, span_head(word, QUOTE_MAX));
	return q;
}

static enum err
refuse_value(struct error *e, enum setting_id id, struct span value)
{
	return error_set(e, ERR_DATA, "%s takes %s, not \"%s\"",
	    settings[id].name, settings[id].range, quote(value).text);
}

static enum err
read_duration(
    struct span value, uint32_t *out, enum setting_id id, struct error *e)
{
	uint64_t s;

	if (!num_parse_duration(value, LIMIT_EVERY_MAX_S, &s) ||
	    s < LIMIT_EVERY_MIN_S)
		return refuse_value(e, id, value);
	*out = (uint32_t)s;
	return ERR_OK;
}

static enum err
read_checks(struct span value, bool mute[CHECKS], struct error *e)
{
	for (;;) {
		size_t end = span_find(value, ',');
		struct span slug = span_head(value, end);
		enum check_id id = check_by_slug(slug);

		if (id == CHECKS)
			return error_set(e, ERR_DATA,
			    "mute \"%s\" is no check; see \"mtasts explain "
			    "all\"",
			    quote(slug).text);
		mute[id] = true;
		if (end == value.n)
			return ERR_OK;
		value = span_skip(value, end + 1);
	}
}

static enum err
read_mode(struct span value, enum sts_mode *out, struct error *e)
{
	static const enum sts_mode modes[] = { STS_MODE_NONE, STS_MODE_TESTING,
		STS_MODE_ENFORCE };

	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (span_eq(value, span_str(sts_mode_names[modes[i]]))) {
			*out = modes[i];
			return ERR_OK;
		}
	return refuse_value(e, SETTING_INTENT, value);
}

static enum err
read_switch(struct span value, bool *out, enum setting_id id, struct error *e)
{
	*out = span_eq(value, SPAN("on"));
	return *out || span_eq(value, SPAN("off")) ? ERR_OK
						   : refuse_value(e, id, value);
}

/* Back to the default, then to the value if there is one. */
static enum err
assign(
    struct settings *s, enum setting_id id, struct span value, struct error *e)
{
	switch (settings[id].kind) {
	case SETTING_DURATION:
		s->every_s[looks[id]] = 0;
		return value.n == 0 ? ERR_OK
				    : read_duration(
					  value, &s->every_s[looks[id]], id, e);
	case SETTING_CHECKS:
		memset(s->mute, 0, sizeof s->mute);
		return value.n == 0 ? ERR_OK : read_checks(value, s->mute, e);
	case SETTING_MODE:
		s->intent = STS_MODE_UNSET;
		return value.n == 0 ? ERR_OK : read_mode(value, &s->intent, e);
	case SETTING_SWITCH:
		s->status_page = false;
		return value.n == 0
			   ? ERR_OK
			   : read_switch(value, &s->status_page, id, e);
	}
	return ERR_OK;
}

static enum err
split(struct span assignment, enum setting_id *id, struct span *value,
    struct error *e)
{
	size_t at = span_find(assignment, '=');
	struct span key = span_head(assignment, at);

	if (at == assignment.n)
		return error_set(e, ERR_DATA,
		    "a setting is KEY=VALUE, not \"%s\"",
		    quote(assignment).text);
	*value = span_skip(assignment, at + 1);
	for (*id = 0; *id < SETTINGS; (*id)++)
		if (span_eq(key, span_str(settings[*id].name)))
			return ERR_OK;
	return error_set(
	    e, ERR_DATA, "there is no setting \"%s\"", quote(key).text);
}

enum err
settings_assign(struct settings *s, struct span assignment, struct error *e)
{
	struct settings next = *s;
	enum setting_id id;
	struct span value;
	enum err rc = split(assignment, &id, &value, e);

	if (rc == ERR_OK)
		rc = assign(&next, id, value, e);
	if (rc == ERR_OK)
		*s = next;
	return rc;
}

enum err
settings_parse(struct span text, struct settings *out, struct error *e)
{
	struct settings s = { 0 };
	bool seen[SETTINGS] = { false };

	*out = s;
	while (text.n > 0) {
		size_t end = span_find(text, '\n');
		enum setting_id id;
		struct span value;
		enum err rc = split(span_head(text, end), &id, &value, e);

		if (rc != ERR_OK)
			return rc;
		if (seen[id])
			return error_set(e, ERR_DATA, "%s is there twice",
			    settings[id].name);
		seen[id] = true;
		rc = assign(&s, id, value, e);
		if (rc != ERR_OK)
			return rc;
		text = span_skip(text, end + 1);
	}
	*out = s;
	return ERR_OK;
}

static void
mute_known(struct span value, bool mute[CHECKS])
{
	while (value.n > 0) {
		struct span slug = span_head(value, span_find(value, ','));
		enum check_id id = check_by_slug(slug);

		if (id != CHECKS)
			mute[id] = true;
		value = span_skip(value, slug.n + 1);
	}
}

void
settings_understand(struct span text, struct settings *out)
{
	*out = (struct settings){ 0 };
	while (text.n > 0) {
		struct span line = span_head(text, span_find(text, '\n'));
		struct settings next = *out;
		enum setting_id id;
		struct span value;

		text = span_skip(text, line.n + 1);
		if (split(line, &id, &value, NULL) != ERR_OK)
			continue;
		if (assign(&next, id, value, NULL) == ERR_OK)
			*out = next;
		else if (settings[id].kind == SETTING_CHECKS)
			mute_known(value, out->mute);
	}
}

void
settings_value(const struct settings *s, enum setting_id id, struct buf *b)
{
	bool first = true;

	switch (settings[id].kind) {
	case SETTING_DURATION:
		if (s->every_s[looks[id]] != 0)
			num_put_duration(b, s->every_s[looks[id]]);
		return;
	case SETTING_CHECKS:
		for (enum check_id c = 0; c < CHECKS; c++) {
			if (!s->mute[c])
				continue;
			buf_printf(b, "%s%s", first ? "" : ",", checks[c].slug);
			first = false;
		}
		return;
	case SETTING_MODE:
		if (s->intent != STS_MODE_UNSET)
			buf_put(b, span_str(sts_mode_names[s->intent]));
		return;
	case SETTING_SWITCH:
		if (s->status_page)
			buf_put(b, SPAN("on"));
		return;
	}
}

void
settings_write(const struct settings *s, struct buf *b)
{
	char mem[LIMIT_SETTINGS];

	for (enum setting_id id = 0; id < SETTINGS; id++) {
		struct buf value = buf_init(mem, sizeof mem);

		settings_value(s, id, &value);
		if (value.n > 0)
			buf_printf(b, "%s=%.*s\n", settings[id].name,
			    (int)value.n, value.p);
	}
}

void
settings_cadence(
    const struct settings *s, const struct cadence *base, struct cadence *out)
{
	*out = *base;
	for (size_t i = 0; i < LOOKS; i++)
		if (s->every_s[i] != 0)
			out->every_s[i] = s->every_s[i];
}

bool
settings_mutes(const struct settings *s, enum check_id id)
{
	return s->mute[id];
}

#include "roles/config.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/escape.h"
#include "base/limits.h"
#include "io/read_file.h"
#include "roles/config_row.h"
#include "roles/config_service.h"
#include "roles/config_web.h"
#include "roles/ini.h"

enum { NAME_SHOWN = 64, FAULT_SHOWN = 1024 };

/* clang-format off */
const char *const role_names[] = {
	[ROLE_MONITOR]		= "monitor",
	[ROLE_NOTIFY]		= "notify",
	[ROLE_PUBLISH]		= "publish",
	[ROLE_CERTS]		= "certs",
	[ROLE_EDGE]		= "edge",
	[ROLE_WEB]		= "web",
	NULL
};

const char *const channel_type_names[] = {
	[CHANNEL_MAIL]		= "mail",
	[CHANNEL_SENDMAIL]	= "sendmail",
	[CHANNEL_WEBHOOK]	= "webhook",
	[CHANNEL_CHAT]		= "chat",
	[CHANNEL_COMMAND]	= "command",
	[CHANNEL_SYSLOG]	= "syslog",
	NULL
};

const char *const log_target_names[] = {
	[LOG_TO_STDERR]		= "stderr",
	[LOG_TO_SYSLOG]		= "syslog",
	NULL
};
/* clang-format on */

/* A file on its way into a struct config. */
struct reading {
	const char *name; /* of the file */
	struct arena *a;
	struct config *c;
	size_t channels_cap;
	struct config_faults *faults;
	size_t faults_cap;

	/* The section at hand: the name in its rows, or NULL where it is not
	 * known and what stands in it is passed over. */
	const char *section;
	bool before_first; /* no section began yet */

	/* Lines, 0 where there is none; one a row. Those of a channel's rows
	 * are of the channel at hand; those of sections stand at their first
	 * row. */
	unsigned *keys, *sections;
	bool has_type, knows_type; /* the channel at hand */
};

static void
fault(struct reading *r, unsigned line, const char *fmt, ...) PRINTF(3, 4);

static void
fault(struct reading *r, unsigned line, const char *fmt, ...)
{
	struct config_faults *f = r->faults;
	struct config_fault *all =
	    arena_grow(r->a, f->all, f->n, &r->faults_cap, sizeof *all);
	struct span text;
	va_list ap;

	va_start(ap, fmt);
	text = arena_vprintf(r->a, fmt, ap);
	va_end(ap);
	if (all == NULL)
		return;
	f->all = all;
	all[f->n++] = (struct config_fault){
		.line = line,
		.text = arena_printf(r->a, "%s:%u: %.*s", r->name, line,
		    (int)(text.n < FAULT_SHOWN ? text.n : FAULT_SHOWN), text.p)
			    .p,
	};
}

static const char *
shown(struct reading *r, struct span s)
{
	return escape_str(r->a, s, NAME_SHOWN);
}

static bool
is_channel(const struct config_row *row)
{
	return row->types != 0;
}

static struct channel_config *
last_channel(struct reading *r)
{
	return &r->c->channels[r->c->n_channels - 1];
}

static void *
dest_of(struct reading *r, const struct config_row *row)
{
	return is_channel(row) ? (void *)last_channel(r) : r->c;
}

/* The default, where nothing was said; its fault stands at the section. */
static void
set_default(struct reading *r, const struct config_row *row, unsigned line)
{
	const char *what;

	if (row->value == NULL)
		return;
	what = config_value(row, span_str(row->value), r->a, dest_of(r, row));
	if (what != NULL)
		fault(r, line, "%s, which is not given, %s", row->key, what);
}

/* The channel at hand is complete: it has what its type needs, and nothing
 * that belongs to another type. */
static void
end_channel(struct reading *r)
{
	struct channel_config *c = last_channel(r);
	const char *type = channel_type_names[c->type];

	if (!r->has_type)
		fault(r, c->line, "the channel %s has no type", c->name);
	if (!r->knows_type)
		return;
	for (size_t i = 0; i < config_rows_n; i++) {
		const struct config_row *row = &config_rows[i];
		unsigned bit = 1U << c->type, line = r->keys[i];

		if (!is_channel(row))
			continue;
		if (line != 0 && (row->types & bit) == 0)
			fault(r, line,
			    "%s does not belong to a channel of type %s",
			    row->key, type);
		else if (line == 0 && (row->needed & bit) != 0)
			fault(r, c->line, "the channel %s of type %s needs %s",
			    c->name, type, row->key);
		else if (line == 0 && (row->types & bit) != 0)
			set_default(r, row, c->line);
	}
	if ((c->user == NULL) != (c->password_file == NULL))
		fault(r, c->line,
		    "the channel %s needs user and password-file, or neither",
		    c->name);
}

static void
end_section(struct reading *r)
{
	if (r->section != NULL && strcmp(r->section, "channel") == 0)
		end_channel(r);
}

static bool
is_channel_name(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alnum((unsigned char)s.p[i]) && s.p[i] != '-' &&
		    s.p[i] != '_' && s.p[i] != '.')
			return false;
	return s.n > 0 && s.n <= LIMIT_CHANNEL_NAME;
}

static void
begin_channel(struct reading *r, struct span name, unsigned line)
{
	struct config *c = r->c;
	struct channel_config *all;
	const struct channel_config *other;
	const char *text = arena_str(r->a, name);

	if (!is_channel_name(name)) {
		fault(r, line,
		    "a channel has a name of at most %d letters, digits and "
		    "\"-_.\": [channel NAME]",
		    LIMIT_CHANNEL_NAME);
		return;
	}
	other = text != NULL ? config_channel(c, text) : NULL;
	if (other != NULL) {
		fault(r, line, "the channel %s stands in line %u already", text,
		    other->line);
		return;
	}
	all = arena_grow(
	    r->a, c->channels, c->n_channels, &r->channels_cap, sizeof *all);
	if (all == NULL)
		return;
	c->channels = all;
	all[c->n_channels++] = (struct channel_config){
		.name = text,
		.line = line,
	};
	for (size_t i = 0; i < config_rows_n; i++)
		if (is_channel(&config_rows[i]))
			r->keys[i] = 0;
	r->has_type = r->knows_type = false;
	r->section = "channel";
}

static void
begin_section(struct reading *r, const struct ini_line *l)
{
	end_section(r);
	r->section = NULL;
	r->before_first = false;
	if (span_starts(l->name, SPAN("channel")) &&
	    (l->name.n == 7 || ascii_is_wsp((unsigned char)l->name.p[7]))) {
		begin_channel(r, ascii_trim(span_skip(l->name, 7)), l->line);
		return;
	}
	for (size_t i = 0; i < config_rows_n; i++) {
		if (!span_eq(span_str(config_rows[i].section), l->name))
			continue;
		if (r->sections[i] != 0) {
			fault(r, l->line,
			    "the section [%s] stands in line %u already",
			    config_rows[i].section, r->sections[i]);
			return;
		}
		r->sections[i] = l->line;
		r->section = config_rows[i].section;
		return;
	}
	fault(r, l->line, "there is no section [%s]", shown(r, l->name));
}

static void
read_key(struct reading *r, const struct ini_line *l)
{
	for (size_t i = 0; i < config_rows_n; i++) {
		const struct config_row *row = &config_rows[i];
		const char *what;

		if (strcmp(row->section, r->section) != 0 ||
		    !span_eq(span_str(row->key), l->name))
			continue;
		if (r->keys[i] != 0 && !config_collects(row->kind)) {
			fault(r, l->line, "%s stands in line %u already",
			    row->key, r->keys[i]);
			return;
		}
		r->keys[i] = l->line;
		what = config_value(row, l->value, r->a, dest_of(r, row));
		if (what != NULL)
			fault(r, l->line, "%s %s", row->key, what);
		if (row->kind == CONFIG_TYPE) {
			r->has_type = true;
			r->knows_type = what == NULL;
		}
		return;
	}
	fault(r, l->line, "there is no key \"%s\" in [%s]", shown(r, l->name),
	    r->section);
}

static void
read_line(struct reading *r, const struct ini_line *l)
{
	switch (l->kind) {
	case INI_FAULT:
		fault(r, l->line, "%s", l->fault);
		break;
	case INI_SECTION:
		begin_section(r, l);
		break;
	case INI_KEY:
		if (r->before_first)
			fault(r, l->line,
			    "%s stands before the first [section]",
			    shown(r, l->name));
		else if (r->section != NULL)
			read_key(r, l);
		break;
	}
}

/* The line of a key of the file, 1 if it was not given. */
static unsigned
line_of(struct reading *r, const char *key)
{
	for (size_t i = 0; i < config_rows_n; i++)
		if (strcmp(config_rows[i].key, key) == 0 && r->keys[i] != 0)
			return r->keys[i];
	return 1;
}

static void
check_all(struct reading *r, const struct config_check *rows, size_t n)
{
	for (size_t i = 0; !r->a->failed && i < n; i++) {
		const char *what = rows[i].fault(r->c, r->a);

		if (what != NULL)
			fault(r, line_of(r, rows[i].key), "%s", what);
	}
}

static void
end_file(struct reading *r)
{
	end_section(r);
	for (size_t i = 0; i < config_rows_n; i++)
		if (!is_channel(&config_rows[i]) && r->keys[i] == 0)
			set_default(r, &config_rows[i], 1);
	if (r->c->cadence.again_s > r->c->cadence.backoff_max_s)
		fault(r, line_of(r, "again-after"),
		    "again-after is longer than backoff-max");
	config_service_defaults(r->c, r->a);
	check_all(r, config_service_checks, config_service_checks_n);
	config_web_defaults(r->c, r->a);
	check_all(r, config_web_checks, config_web_checks_n);
}

static int
by_line(const void *a, const void *b)
{
	const struct config_fault *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

enum err
config_parse(const char *name, struct span text, struct arena *a,
    struct config *out, struct config_faults *faults, struct error *e)
{
	struct reading r = {
		.name = name,
		.a = a,
		.c = out,
		.faults = faults,
		.before_first = true,
		.keys = arena_array(a, config_rows_n, sizeof *r.keys),
		.sections = arena_array(a, config_rows_n, sizeof *r.sections),
	};
	struct ini ini = { .rest = text };
	struct ini_line line;

	*out = (struct config){ 0 };
	*faults = (struct config_faults){ 0 };
	if (r.keys != NULL && r.sections != NULL) {
		while (!a->failed && faults->n < LIMIT_CONFIG_FAULTS &&
		       ini_next(&ini, &line))
			read_line(&r, &line);
		if (!a->failed && faults->n < LIMIT_CONFIG_FAULTS)
			end_file(&r);
	}
	if (a->failed)
		return error_set(
		    e, ERR_MEMORY, "%s: %s", name, err_text(ERR_MEMORY));
	if (faults->n > 0)
		qsort(faults->all, faults->n, sizeof *faults->all, by_line);
	return ERR_OK;
}

enum err
config_read(
    const char *path, struct arena *a, struct config *out, struct error *e)
{
	struct config_faults faults;
	struct span text;
	enum err rc = read_file(path, LIMIT_CONFIG_FILE, a, &text, e);

	if (rc == ERR_OK)
		rc = config_parse(path, text, a, out, &faults, e);
	if (rc == ERR_OK && faults.n > 0)
		rc = error_set(e, ERR_DATA, "%s", faults.all[0].text);
	return rc;
}

const struct channel_config *
config_channel(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n_channels; i++)
		if (strcmp(c->channels[i].name, name) == 0)
			return &c->channels[i];
	return NULL;
}

/* A round may take as long as its lease; and once may be missed. */
int64_t
config_stale_s(const struct config *c)
{
	uint64_t every = c->cadence.every_s[LOOK_RECORDS];

	return 2 * (int64_t)(every > c->lease_s ? every : c->lease_s);
}

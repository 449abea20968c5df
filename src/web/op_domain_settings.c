/* What is set for one domain alone. */
#include "base/limits.h"
#include "core/settings.h"
#include "web/deed.h"
#include "web/model_domain.h"

/* What is said of the rows, each as "name=value"; NULL where nothing is. */
struct said_settings {
	struct span all[SETTINGS];
};

static struct span
assignment(struct web_call *c, enum setting_id id, struct span value)
{
	return arena_printf(
	    c->a, "%s=%.*s", settings[id].name, (int)value.n, value.p);
}

static struct span
with_commas(struct web_call *c, const struct span *all, size_t n)
{
	struct span s = SPAN("");

	for (size_t i = 0; i < n; i++)
		s = arena_printf(c->a, "%.*s%s%.*s", (int)s.n, s.p,
		    i > 0 ? "," : "", (int)all[i].n, all[i].p);
	return s;
}

/* One value, of whatever kind. */
static struct span
read_any(struct web_call *c, const char *name)
{
	const struct fields *f = &c->input.fields;
	struct span value = SPAN("");
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (!span_eq(f->all[i].name, span_str(name)))
			continue;
		value = f->all[i].value;
		n++;
	}
	if (n > 1)
		input_wrong(&c->input, "\"%s\" is given several times", name);
	return value;
}

/* A number is a duration in seconds; true and false are on and off. */
static struct span
read_value(struct web_call *c, enum setting_id id)
{
	const char *name = settings[id].name;
	struct span *list, value;
	size_t n;

	switch (settings[id].kind) {
	case SETTING_DURATION:
		return read_any(c, name);
	case SETTING_CHECKS:
		if (c->input.is_form)
			return input_text(&c->input, name, INPUT_OPTIONAL);
		list = input_list(&c->input, name, CHECKS, INPUT_OPTIONAL, &n);
		return with_commas(c, list, n);
	case SETTING_SWITCH:
		value = read_any(c, name);
		if (span_eq(value, SPAN("true")))
			return SPAN("on");
		return span_eq(value, SPAN("false")) ? SPAN("off") : value;
	case SETTING_MODE:
		break;
	}
	return input_text(&c->input, name, INPUT_OPTIONAL);
}

/* A form says all of them, and what it leaves empty is taken back. */
static void
read_all(struct web_call *c, struct said_settings *out)
{
	size_t n = 0;

	for (enum setting_id id = 0; id < SETTINGS; id++) {
		bool said = input_has(&c->input, settings[id].name);

		out->all[id] = SPAN("");
		if (!said && !c->input.is_form)
			continue;
		out->all[id] =
		    assignment(c, id, said ? read_value(c, id) : SPAN(""));
		n++;
	}
	if (n == 0)
		input_wrong(&c->input, "there is nothing to set");
}

/* Each by itself against none: what is no good is told before anything is
 * read. */
static void
check_all(struct web_call *c, const struct said_settings *said)
{
	struct settings s = { 0 };
	struct error e;

	for (enum setting_id id = 0; id < SETTINGS; id++)
		if (said->all[id].n > 0 &&
		    settings_assign(&s, said->all[id], &e) != ERR_OK)
			input_wrong(&c->input, "%s", e.text);
}

static enum err
run_settings(struct deed *d, struct error *e)
{
	const struct said_settings *said = d->arg;
	struct web_call *c = d->c;
	char mem[LIMIT_SETTINGS];
	struct buf b = buf_init(mem, sizeof mem);
	struct settings s;
	struct domain row;
	enum err rc = domains_hold(c->store, d->name, &d->found, e);

	if (rc == ERR_OK && d->found)
		rc = domains_get(c->store, d->name, c->a, &row, &d->found, e);
	if (rc != ERR_OK || !d->found)
		return rc;
	/* A program of another version has set what would be lost here. */
	if (settings_parse(row.settings, &s, e) != ERR_OK) {
		d->refused = arena_span(c->a, span_str(e->text));
		return ERR_OK;
	}
	for (enum setting_id id = 0; rc == ERR_OK && id < SETTINGS; id++)
		if (said->all[id].n > 0)
			rc = settings_assign(&s, said->all[id], e);
	if (rc != ERR_OK)
		return rc;
	settings_write(&s, &b);
	return domains_set_settings(
	    c->store, d->name, buf_span(&b), c->now, &d->found, e);
}

enum err
api_domain_settings(struct web_call *c, struct error *e)
{
	struct said_settings said;
	struct deed d = {
		.c = c, .what = "domain-settings", .said = "saved", .arg = &said
	};

	read_all(c, &said);
	check_all(c, &said);
	return deed_do(&d, run_settings, e);
}

#include "web/domain_row.h"

#include <inttypes.h>

#include "base/rfc3339.h"

enum column_kind {
	COLUMN_TEXT,
	COLUMN_FLAG,
	COLUMN_COUNT, /* that a look makes known */
	COLUMN_MAX_AGE, /* -1: none */
	COLUMN_TIME, /* 0: none */
	COLUMN_CHECKED, /* once it was */
	COLUMN_NEXT, /* unless it is paused */
};

struct column {
	const char *name; /* public and stable */
	enum column_kind kind;
	size_t at; /* in struct domain */
};

/* clang-format off */
#define COLUMN(name, kind, member)                                             \
	{ name, COLUMN_##kind, offsetof(struct domain, member) }
static const struct column columns[] = {
	COLUMN("domain",		TEXT,	name),
	COLUMN("verdict",		TEXT,	summary.verdict),
	COLUMN("deployment",		TEXT,	summary.deployment),
	COLUMN("eligibility",		TEXT,	summary.eligibility),
	COLUMN("provider",		TEXT,	summary.provider),
	COLUMN("addresses",		COUNT,	summary.addresses),
	COLUMN("good_addresses",	COUNT,	summary.good_addresses),
	COLUMN("record",		TEXT,	summary.record),
	COLUMN("policy",		TEXT,	summary.policy),
	COLUMN("tlsrpt",		TEXT,	summary.tlsrpt),
	COLUMN("mx",			COUNT,	summary.mx),
	COLUMN("covered_mx",		COUNT,	summary.covered_mx),
	COLUMN("mode",			TEXT,	summary.mode),
	COLUMN("mode_since",		TIME,	summary.mode_since),
	COLUMN("max_age",		MAX_AGE, summary.max_age),
	COLUMN("cached_until",		TIME,	summary.cached_until),
	COLUMN("policy_cert_until",	TIME,	summary.policy_cert_until),
	COLUMN("mx_cert_until",		TIME,	summary.mx_cert_until),
	COLUMN("changed_at",		TIME,	summary.changed_at),
	COLUMN("next_step",		TEXT,	summary.next_step),
	COLUMN("next_check",		TEXT,	summary.next_check),
	COLUMN("paused",		FLAG,	paused),
	COLUMN("added_at",		TIME,	added_at),
	COLUMN("checked_at",		CHECKED, checked_at),
	COLUMN("next_at",		NEXT,	next_at),
};
/* clang-format on */

enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

/* What stands in a column. */
enum value_kind {
	VALUE_NONE,
	VALUE_TEXT,
	VALUE_FLAG,
	VALUE_NUMBER,
	VALUE_TIME
};

struct value {
	enum value_kind is;
	struct span text;
	int64_t number; /* of a flag and of a moment too */
};

static struct value
number_if(bool is_there, enum value_kind kind, int64_t number)
{
	struct value v = { .is = VALUE_NONE, .number = number };

	if (is_there)
		v.is = kind;
	return v;
}

static struct value
value_of(const struct column *c, const struct domain *d)
{
	const void *p = (const char *)d + c->at;
	struct span text;
	int64_t number;

	switch (c->kind) {
	case COLUMN_TEXT:
		text = *(const struct span *)p;
		return (struct value){ text.n > 0 ? VALUE_TEXT : VALUE_NONE,
			text, 0 };
	case COLUMN_FLAG:
		return number_if(true, VALUE_FLAG, *(const bool *)p);
	case COLUMN_COUNT:
		return number_if(
		    d->has_been_checked, VALUE_NUMBER, *(const int64_t *)p);
	case COLUMN_MAX_AGE:
		number = *(const int64_t *)p;
		return number_if(number >= 0, VALUE_NUMBER, number);
	case COLUMN_TIME:
		number = ((const struct wall_time *)p)->s;
		return number_if(number != 0, VALUE_TIME, number);
	case COLUMN_CHECKED:
		return number_if(d->has_been_checked, VALUE_TIME,
		    ((const struct wall_time *)p)->s);
	case COLUMN_NEXT:
		return number_if(
		    !d->paused, VALUE_TIME, ((const struct wall_time *)p)->s);
	}
	return (struct value){ VALUE_NONE, SPAN(""), 0 };
}

/* OWASP, CSV injection: whatever a spreadsheet might begin a formula with. */
static bool
is_formula(struct span text)
{
	return text.n > 0 &&
	       memchr("=+-@\t\r\n", text.p[0], sizeof "=+-@\t\r\n" - 1) != NULL;
}

static bool
needs_quotes(struct span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (memchr(",\"\r\n", text.p[i], sizeof ",\"\r\n" - 1) != NULL)
			return true;
	return false;
}

static void
say_quoted(FILE *f, struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"')
			putc('"', f);
		putc(text.p[i], f);
	}
}

/* The parts of one field. */
static void
say_field(FILE *f, const struct span *parts, size_t n)
{
	bool quoted = false;

	for (size_t i = 0; i < n; i++)
		quoted = quoted || needs_quotes(parts[i]);
	if (quoted)
		putc('"', f);
	if (n > 0 && is_formula(parts[0]))
		putc('\'', f);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			putc(';', f);
		say_quoted(f, parts[i]);
	}
	if (quoted)
		putc('"', f);
}

void
domain_row_csv_field(FILE *f, struct span text)
{
	say_field(f, &text, 1);
}

static void
value_csv(FILE *f, struct value v)
{
	switch (v.is) {
	case VALUE_NONE:
		return;
	case VALUE_TEXT:
		domain_row_csv_field(f, v.text);
		return;
	case VALUE_FLAG:
		fputs(v.number ? "true" : "false", f);
		return;
	case VALUE_NUMBER:
		fprintf(f, "%" PRId64, v.number);
		return;
	case VALUE_TIME:
		fputs(rfc3339_format((struct wall_time){ v.number }).text, f);
		return;
	}
}

void
domain_row_csv_head(FILE *f)
{
	for (size_t i = 0; i < N_COLUMNS; i++)
		fprintf(f, "%s%s", i > 0 ? "," : "", columns[i].name);
	fputs(",tags\r\n", f);
}

void
domain_row_csv(FILE *f, const struct domain *d, const struct domain_tags *tags)
{
	for (size_t i = 0; i < N_COLUMNS; i++) {
		if (i > 0)
			putc(',', f);
		value_csv(f, value_of(&columns[i], d));
	}
	putc(',', f);
	say_field(f, tags->all, tags->n);
	fputs("\r\n", f);
}

#include "roles/config_keys.h"

#include "roles/config_row.h"

static bool
is_time(enum config_kind kind)
{
	return kind == CONFIG_TIME || kind == CONFIG_INTERVAL ||
	       kind == CONFIG_PAUSE;
}

static void
print_range(const struct config_row *row, FILE *f)
{
	if (row->most == 0)
		return;
	if (is_time(row->kind))
		fprintf(f, "# From %s to %s.\n", duration_text(row->least).s,
		    duration_text(row->most).s);
	else
		fprintf(f, "# From %llu to %llu.\n",
		    (unsigned long long)row->least,
		    (unsigned long long)row->most);
}

/* "# For mail, sendmail." */
static void
print_types(const struct config_row *row, FILE *f)
{
	const char *before = "# For ";

	if (row->types == 0 || row->types == (1 << CHANNEL_TYPES) - 1)
		return;
	for (int i = 0; i < CHANNEL_TYPES; i++)
		if ((row->types & 1U << i) != 0) {
			fprintf(f, "%s%s", before, channel_type_names[i]);
			before = ", ";
		}
	fputs(row->needed != 0 ? "; needed.\n" : ".\n", f);
}

static void
print_row(const struct config_row *row, FILE *f)
{
	fprintf(f, "\n# %s\n", row->help);
	print_range(row, f);
	print_types(row, f);
	if (config_collects(row->kind))
		fputs("# May be given several times.\n", f);
	fprintf(f, "#%s =%s%s\n", row->key, row->value != NULL ? " " : "",
	    row->value != NULL ? row->value : "");
}

void
config_print_keys(FILE *f)
{
	const char *section = "";

	for (size_t i = 0; i < config_rows_n; i++) {
		const struct config_row *row = &config_rows[i];

		if (strcmp(row->section, section) != 0)
			fprintf(f, "%s%s[%s]\n", i > 0 ? "\n" : "",
			    row->types != 0 ? "#" : "",
			    row->types != 0 ? "channel NAME" : row->section);
		section = row->section;
		print_row(row, f);
	}
}

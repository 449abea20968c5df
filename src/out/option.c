#include "out/option.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "out/style.h"

enum { DAY_S = 86400 };

static const struct option_row *
by_name(const struct option_row *rows, struct span name)
{
	for (; rows->name != NULL; rows++)
		if (span_eq(span_str(rows->name), name))
			return rows;
	return NULL;
}

static const struct option_row *
by_letter(const struct option_row *rows, char letter)
{
	for (; rows->name != NULL; rows++)
		if (rows->letter != '\0' && rows->letter == letter)
			return rows;
	return NULL;
}

static enum err
store_number(const struct option_row *row, const char *value, uint64_t *out,
    struct error *e)
{
	bool duration = row->kind == OPTION_DURATION;
	struct span s = span_str(value);
	bool good = duration ? num_parse_duration(s, row->max, out)
			     : num_parse(s, row->max, out);

	if (good && *out >= row->min)
		return ERR_OK;
	return error_set(e, ERR_USAGE,
	    !duration ? "--%s takes a number from %llu to %llu, not \"%s\""
	    : row->min < DAY_S
		? "--%s takes a time from %llus to %llus (such as 90s or "
		  "2m), not \"%s\""
		: "--%s takes a time from %llus to %llus (such as 3d or "
		  "2w), not \"%s\"",
	    row->name, (unsigned long long)row->min,
	    (unsigned long long)row->max, value);
}

/* value is NULL for a flag. */
static enum err
store(const struct option_row *row, const char *value, void *dest,
    struct error *e)
{
	void *p = (char *)dest + row->at;
	struct option_list *list = p;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)p = true;
		return ERR_OK;
	case OPTION_STRING:
	case OPTION_FILE:
		*(const char **)p = value;
		return ERR_OK;
	case OPTION_LIST:
		list->items[list->n++] = value;
		return ERR_OK;
	case OPTION_NUMBER:
	case OPTION_DURATION:
		break;
	}
	return store_number(row, value, p, e);
}

/* One argument that begins with a dash. *i moves on if its value is the next
 * one. */
static enum err
parse_one(const struct option_row *rows, int argc, char **argv, int *i,
    void *dest, struct error *e)
{
	const char *arg = argv[*i];
	bool is_long = arg[1] == '-';
	struct span name = span_str(arg + 2);
	size_t eq = span_find(name, '=');
	const struct option_row *row = is_long
					   ? by_name(rows, span_head(name, eq))
					   : by_letter(rows, arg[1]);
	const char *value = NULL;

	if (row == NULL)
		return error_set(
		    e, ERR_USAGE, "there is no option \"%s\"", arg);
	if (is_long && eq < name.n)
		value = name.p + eq + 1;
	else if (!is_long && arg[2] != '\0')
		value = arg + 2;
	if (row->kind == OPTION_FLAG) {
		if (value != NULL)
			return error_set(
			    e, ERR_USAGE, "--%s takes no value", row->name);
	} else if (value == NULL) {
		if (*i + 1 >= argc)
			return error_set(
			    e, ERR_USAGE, "--%s needs a value", row->name);
		value = argv[++*i];
	}
	return store(row, value, dest, e);
}

/* Every list gets room for as many items as there are arguments. */
static enum err
make_room(const struct option_row *rows, size_t n, void *dest,
    struct option_parse *out)
{
	size_t lists = 1;
	const char **room;

	for (const struct option_row *r = rows; r->name != NULL; r++)
		lists += r->kind == OPTION_LIST;
	room = calloc(lists * (n + 1), sizeof *room);
	if (room == NULL)
		return ERR_MEMORY;
	out->memory = room;
	out->operands = room;
	for (const struct option_row *r = rows; r->name != NULL; r++)
		if (r->kind == OPTION_LIST) {
			struct option_list *list =
			    (void *)((char *)dest + r->at);

			room += n + 1;
			list->items = room;
		}
	return ERR_OK;
}

enum err
option_parse(const struct option_row *rows, int argc, char **argv, void *dest,
    struct option_parse *out, struct error *e)
{
	bool only_operands = false;
	enum err rc;

	*out = (struct option_parse){ 0 };
	rc = make_room(rows, (size_t)argc, dest, out);
	if (rc != ERR_OK)
		return error_plain(e, rc);
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];

		if (only_operands || arg[0] != '-' || arg[1] == '\0') {
			out->operands[out->n_operands++] = arg;
		} else if (strcmp(arg, "--") == 0) {
			only_operands = true;
		} else if (strcmp(arg, "--help") == 0 ||
			   strcmp(arg, "-h") == 0) {
			out->help = true;
			return ERR_OK;
		} else if ((rc = parse_one(rows, argc, argv, &i, dest, e)) !=
			   ERR_OK) {
			return rc;
		}
	}
	return ERR_OK;
}

void
option_parse_release(struct option_parse *p)
{
	free(p->memory);
	p->memory = NULL;
}

void
option_help(const struct option_row *rows, FILE *f)
{
	const struct style s = style_for(f);

	for (; rows->name != NULL; rows++) {
		if (rows->letter != '\0')
			fprintf(f, "  -%c, --%s", rows->letter, rows->name);
		else
			fprintf(f, "      --%s", rows->name);
		if (rows->argument != NULL)
			fprintf(f, " %s", rows->argument);
		putc('\n', f);
		style_wrap(&s, f, 10, span_str(rows->help));
	}
}

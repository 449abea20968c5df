#include "web/input.h"

#include <stdio.h>

#include "base/ascii.h"
#include "base/buf.h"

void
input_wrong(struct input *in, const char *fmt, ...)
{
	va_list ap;

	if (in->wrong[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(in->wrong, sizeof in->wrong, fmt, ap);
	va_end(ap);
}

/* Is it as if it were not there? */
static bool
is_nothing(const struct input *in, const struct field *f)
{
	return in->is_form && f->value.n == 0;
}

/* Those of that name are asked for; how many, and the first. */
static size_t
ask(struct input *in, const char *name, const struct field **first)
{
	size_t n = 0;

	*first = NULL;
	for (size_t i = 0; i < in->fields.n; i++) {
		struct field *f = &in->fields.all[i];

		if (!span_eq(f->name, span_str(name)))
			continue;
		f->was_asked = true;
		if (is_nothing(in, f))
			continue;
		if (n++ == 0)
			*first = f;
	}
	return n;
}

/* The only value of that name; NULL where there is none, or it is wrong. */
static const struct field *
ask_one(struct input *in, const char *name, bool required)
{
	const struct field *f;
	size_t n = ask(in, name, &f);

	if (n == 0 && required)
		input_wrong(in, "\"%s\" is missing", name);
	if (n > 1)
		input_wrong(in, "\"%s\" is given several times", name);
	return n == 1 ? f : NULL;
}

bool
input_has(struct input *in, const char *name)
{
	const struct field *f;

	return ask(in, name, &f) > 0;
}

struct span
input_text(struct input *in, const char *name, bool required)
{
	const struct field *f = ask_one(in, name, required);

	if (f == NULL)
		return SPAN("");
	if (f->kind != FIELD_TEXT)
		input_wrong(in, "\"%s\" is no string", name);
	else if (required && f->value.n == 0)
		input_wrong(in, "\"%s\" is empty", name);
	return f->value;
}

/* "none, testing or enforce" */
static void
put_words(struct buf *b, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++)
		buf_printf(b, "%s%s",
		    i == 0		   ? ""
		    : words[i + 1] == NULL ? " or "
					   : ", ",
		    words[i]);
}

int
input_word(
    struct input *in, const char *name, const char *const *words, bool required)
{
	struct span word = input_text(in, name, required);
	char mem[160];
	struct buf b = buf_init(mem, sizeof mem);

	if (word.n == 0)
		return -1;
	for (int i = 0; words[i] != NULL; i++)
		if (span_eq(word, span_str(words[i])))
			return i;
	put_words(&b, words);
	input_wrong(in, "\"%s\" is none of %.*s", name, (int)b.n, b.p);
	return -1;
}

int64_t
input_number(struct input *in, const char *name, int64_t least, int64_t most,
    int64_t otherwise)
{
	const struct field *f = ask_one(in, name, INPUT_OPTIONAL);
	int64_t v;

	if (f == NULL)
		return otherwise;
	if (f->kind == (in->is_form ? FIELD_TEXT : FIELD_NUMBER) &&
	    field_number(f->value, least, most, &v))
		return v;
	input_wrong(in, "\"%s\" is no whole number from %jd to %jd", name,
	    (intmax_t)least, (intmax_t)most);
	return otherwise;
}

bool
input_flag(struct input *in, const char *name, bool otherwise)
{
	const struct field *f = ask_one(in, name, INPUT_OPTIONAL);

	if (f == NULL)
		return otherwise;
	if (f->kind == FIELD_BOOLEAN || in->is_form) {
		if (span_eq(f->value, SPAN("true")) ||
		    (in->is_form && span_eq(f->value, SPAN("on"))))
			return true;
		if (span_eq(f->value, SPAN("false")))
			return false;
	}
	input_wrong(in, "\"%s\" is neither true nor false", name);
	return otherwise;
}

/* The lines of a form's field, trimmed; empty ones are none. */
static size_t
split_lines(struct span text, struct span *out, size_t max)
{
	size_t n = 0;

	while (text.n > 0) {
		struct span line = span_head(text, span_find(text, '\n'));

		text = span_skip(text, line.n + 1);
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		line = ascii_trim(line);
		if (line.n == 0)
			continue;
		if (n < max)
			out[n] = line;
		n++;
	}
	return n;
}

static size_t
collect(struct input *in, const char *name, struct span *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < in->fields.n; i++) {
		const struct field *f = &in->fields.all[i];

		if (!span_eq(f->name, span_str(name)) || is_nothing(in, f) ||
		    f->kind == FIELD_EMPTY_LIST)
			continue;
		if (f->kind != FIELD_TEXT)
			input_wrong(in, "\"%s\" is no list of strings", name);
		if (n < max)
			out[n] = f->value;
		n++;
	}
	return n;
}

struct span *
input_list(
    struct input *in, const char *name, size_t max, bool required, size_t *n)
{
	const struct field *first;
	size_t said = ask(in, name, &first);
	struct span *out = arena_array(in->a, max, sizeof *out);

	*n = 0;
	if (out == NULL) {
		input_wrong(in, "\"%s\" takes too much memory", name);
		return NULL;
	}
	*n = said == 1 && in->is_form ? split_lines(first->value, out, max)
				      : collect(in, name, out, max);
	if (*n == 0 && required)
		input_wrong(in, "\"%s\" is missing", name);
	if (*n > max) {
		input_wrong(in, "\"%s\" has more than %zu values", name, max);
		*n = max;
	}
	return out;
}

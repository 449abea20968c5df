#include "store/state_words.h"

#include "base/clock.h"
#include "base/num.h"

/* Members are of these types, told by the row's kind. */
union member {
	const void *in;
	void *out;
	struct wall_time *time;
	uint32_t *number;
	bool *flag;
	unsigned *name; /* gcc's and clang's type for an enum like ours */
};

static void
write_word(const struct state_row *row, union member m, struct buf *b)
{
	switch (row->kind) {
	case STATE_TIME:
		if (m.time->s != 0)
			buf_printf(
			    b, " %s=%lld", row->name, (long long)m.time->s);
		return;
	case STATE_NUMBER:
		if (*m.number != 0)
			buf_printf(b, " %s=%u", row->name, *m.number);
		return;
	case STATE_FLAG:
		if (*m.flag)
			buf_printf(b, " %s=1", row->name);
		return;
	case STATE_NAME:
		if (*m.name != 0)
			buf_printf(b, " %s=%s", row->name, row->names[*m.name]);
		return;
	}
}

void
state_write(const struct state_form *form, const void *in, struct buf *b)
{
	buf_put(b, SPAN("v=1"));
	for (size_t i = 0; i < form->n_rows; i++) {
		const struct state_row *row = &form->rows[i];

		write_word(row,
		    (union member){ .in = (const char *)in + row->offset }, b);
	}
}

static bool
read_name(const struct state_row *row, struct span value, unsigned *out)
{
	for (size_t i = 1; i < row->n_names; i++)
		if (span_eq(value, span_str(row->names[i]))) {
			*out = (unsigned)i;
			return true;
		}
	return false;
}

static bool
read_value(const struct state_row *row, struct span value, union member m)
{
	uint64_t n = 0;
	bool good = false;

	switch (row->kind) {
	case STATE_TIME:
		good = num_parse(value, INT64_MAX, &n);
		m.time->s = (int64_t)n;
		break;
	case STATE_NUMBER:
		good = num_parse(value, UINT32_MAX, &n);
		*m.number = (uint32_t)n;
		break;
	case STATE_FLAG:
		good = num_parse(value, 1, &n);
		*m.flag = n != 0;
		break;
	case STATE_NAME:
		good = read_name(row, value, m.name);
		break;
	}
	return good;
}

static bool
read_word(const struct state_form *form, struct span word, void *out)
{
	size_t at = span_find(word, '=');
	struct span name = span_head(word, at), value = span_skip(word, at + 1);

	if (at == 0 || at == word.n)
		return false;
	for (size_t i = 0; i < form->n_rows; i++) {
		const struct state_row *row = &form->rows[i];

		if (span_eq(name, span_str(row->name)))
			return read_value(row, value,
			    (union member){ .out = (char *)out + row->offset });
	}
	return form->other == NULL || form->other(out, name, value);
}

bool
state_read(const struct state_form *form, struct span text, void *out,
    struct span *word)
{
	bool is_first = true;

	while (text.n > 0 || is_first) {
		*word = span_head(text, span_find(text, ' '));
		if (is_first ? !span_eq(*word, SPAN("v=1"))
			     : !read_word(form, *word, out))
			return false;
		is_first = false;
		text = span_skip(text, word->n + 1);
	}
	return true;
}

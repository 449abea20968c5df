#include "base/num.h"

#include "base/ascii.h"

bool
num_parse(struct span digits, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (digits.n == 0)
		return false;
	for (size_t i = 0; i < digits.n; i++) {
		unsigned char c = (unsigned char)digits.p[i];
		uint64_t d = (uint64_t)(c - '0');

		if (!ascii_is_digit(c) || v > (max - d) / 10 || d > max)
			return false;
		v = v * 10 + d;
	}
	*out = v;
	return true;
}

static const struct {
	char letter;
	uint64_t s;
} units[] = {
	{ 'w', 7 * 86400 },
	{ 'd', 86400 },
	{ 'h', 3600 },
	{ 'm', 60 },
	{ 's', 1 },
};

static uint64_t
unit_s(char c)
{
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (units[i].letter == c)
			return units[i].s;
	return 0;
}

bool
num_parse_duration(struct span text, uint64_t max_s, uint64_t *out)
{
	uint64_t n, unit = 1;

	if (text.n > 0 && !ascii_is_digit((unsigned char)text.p[text.n - 1])) {
		unit = unit_s(text.p[text.n - 1]);
		if (unit == 0)
			return false;
		text.n--;
	}
	if (!num_parse(text, max_s / unit, &n))
		return false;
	*out = n * unit;
	return true;
}

void
num_put_duration(struct buf *b, uint64_t s)
{
	size_t i = 0;

	while (s % units[i].s != 0)
		i++;
	buf_printf(
	    b, "%llu%c", (unsigned long long)(s / units[i].s), units[i].letter);
}

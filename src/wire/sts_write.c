#include "wire/sts_write.h"

#include <inttypes.h>

#include "wire/mx_match.h"
#include "wire/sts_record.h"

static bool
is_writable(
    enum sts_mode mode, uint32_t max_age, const struct span *patterns, size_t n)
{
	if (mode == STS_MODE_UNSET || max_age > STS_MAX_AGE)
		return false;
	for (size_t i = 0; i < n; i++)
		if (mx_pattern_check(patterns[i]) != MX_PATTERN_OK)
			return false;
	return n > 0 || mode == STS_MODE_NONE;
}

bool
sts_write_policy(enum sts_mode mode, uint32_t max_age,
    const struct span *patterns, size_t n, struct buf *b)
{
	size_t from = b->n;

	if (!is_writable(mode, max_age, patterns, n))
		return false;
	buf_printf(b, "version: STSv1\r\nmode: %s\r\n", sts_mode_names[mode]);
	for (size_t i = 0; i < n; i++) {
		buf_put(b, SPAN("mx: "));
		buf_put(b, patterns[i]);
		buf_put(b, SPAN("\r\n"));
	}
	buf_printf(b, "max_age: %" PRIu32 "\r\n", max_age);
	return !b->overflow && b->n - from <= STS_WRITE_MAX;
}

bool
sts_write_record(struct span id, struct buf *b)
{
	size_t from = b->n;
	struct sts_record rec;

	buf_put(b, SPAN("v=STSv1; id="));
	buf_put(b, id);
	buf_putc(b, ';');
	/* Read back: what an id is stands in one place. */
	return !b->overflow &&
	       sts_record_parse((struct span){ b->p + from, b->n - from },
		   &rec) == STS_RECORD_OK &&
	       span_eq(rec.id, id);
}

#include "wire/fuzz.h"

#include <inttypes.h>

#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "wire/mx_match.h"
#include "wire/sts_policy.h"

/* The ABNF of RFC 8461 3.2 in another way than the parser's, which must come
 * to the same `strict`. */
struct abnf {
	bool version, mode, max_age, mx, none;
};

static bool
is_ext(struct span name, struct span value)
{
	if (name.n < 1 || name.n > 32 ||
	    !ascii_is_alnum((unsigned char)name.p[0]) || value.n < 1)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!ascii_is_alnum((unsigned char)name.p[i]) &&
		    name.p[i] != '_' && name.p[i] != '-' && name.p[i] != '.')
			return false;
	for (size_t i = 0; i < value.n; i++)
		if (ascii_is_ctl((unsigned char)value.p[i]))
			return false;
	return utf8_is_valid(value);
}

static bool
is_max_age(struct span s)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_digit((unsigned char)s.p[i]))
			return false;
		v = v * 10 + (uint64_t)(s.p[i] - '0');
	}
	return s.n > 0 && s.n <= 10 && v <= STS_MAX_AGE;
}

static bool
is_field(struct span line, struct abnf *g)
{
	size_t colon = span_find(line, ':');
	struct span name = span_head(line, colon);
	struct span value = ascii_trim(span_skip(line, colon + 1));

	if (colon == line.n)
		return false;
	if (span_eq(name, SPAN("version")) && !g->version)
		return g->version = true, span_eq(value, SPAN("STSv1"));
	if (span_eq(name, SPAN("mode")) && !g->mode) {
		g->mode = true;
		g->none = span_eq(value, SPAN("none"));
		return g->none || span_eq(value, SPAN("testing")) ||
		       span_eq(value, SPAN("enforce"));
	}
	if (span_eq(name, SPAN("max_age")) && !g->max_age)
		return g->max_age = true, is_max_age(value);
	if (span_eq(name, SPAN("mx")))
		return g->mx = true, mx_pattern_check(value) == MX_PATTERN_OK;
	return is_ext(name, value);
}

static bool
is_policy(struct span s)
{
	struct abnf g = { .version = false };

	if (s.n == 0 || s.n > LIMIT_POLICY_BYTES)
		return false;
	while (s.n > 0) {
		size_t lf = span_find(s, '\n'), end = lf;

		if (lf < s.n && lf > 0 && s.p[lf - 1] == '\r')
			end--;
		if (!is_field(span_head(s, end), &g))
			return false;
		s = span_skip(s, lf + 1);
	}
	return g.version && g.mode && g.max_age && (g.mx || g.none);
}

/* Column and line of a deviation lead to its bytes. */
static void
check_place(const struct sts_deviation *d, struct span body)
{
	const char *start;

	assert(d->what.p != NULL && d->meant.p != NULL);
	if (d->line == 0) {
		assert(d->column == 0 && d->what.n == 0);
		return;
	}
	assert(d->what.p >= body.p && d->what.p + d->what.n <= body.p + body.n);
	start = d->what.p - (d->column - 1);
	assert(start >= body.p);
	assert(start == body.p || start[-1] == '\n' || start[-1] == '\r');
	assert((d->line == 1) == (start == body.p));
	for (const char *p = start; p < d->what.p; p++)
		assert(*p != '\n' && *p != '\r');
}

static void
check(const struct sts_policy *p, struct span body)
{
	assert(p->n_deviations <= LIMIT_PROBLEMS);
	for (size_t i = 0; i < p->n_deviations; i++) {
		const struct sts_deviation *d = &p->deviations[i];

		check_place(d, body);
		assert(i == 0 || d[-1].line < d->line ||
		       (d[-1].line == d->line && d[-1].column <= d->column));
	}
	assert(!p->strict || p->valid);
	/* What is wrong is told. */
	assert(p->valid || p->n_deviations > 0);
	assert(p->strict || p->n_deviations > 0);
	assert(p->max_age <= STS_MAX_AGE);
	for (size_t i = 0; i < p->n_mx; i++) {
		assert(mx_pattern_check(p->mx[i]) == MX_PATTERN_OK);
		assert(i == 0 || p->mx_line[i - 1] < p->mx_line[i]);
	}
	if (!p->valid)
		return;
	assert(p->mode != STS_MODE_UNSET && p->has_max_age);
	assert(p->mode == STS_MODE_NONE || p->n_mx > 0);
}

/* What a valid policy says, written anew, says the same and is strict. */
static void
check_again(const struct sts_policy *p)
{
	static char mem[1 << 18];
	struct sts_policy again;
	struct arena a;
	int n = snprintf(mem, sizeof mem,
	    "version: STSv1\r\nmode: %s\r\nmax_age: %" PRIu32 "\r\n",
	    sts_mode_names[p->mode], p->max_age);

	for (size_t i = 0; i < p->n_mx; i++)
		n += snprintf(mem + n, sizeof mem - (size_t)n, "mx: %.*s\r\n",
		    (int)p->mx[i].n, p->mx[i].p);
	if (n > LIMIT_POLICY_BYTES)
		return;
	arena_init(&a, 16 << 20);
	sts_policy_parse((struct span){ mem, (size_t)n }, &a, &again);
	assert(again.valid && again.strict);
	assert(again.mode == p->mode && again.max_age == p->max_age);
	assert(again.n_mx == p->n_mx);
	for (size_t i = 0; i < p->n_mx; i++)
		assert(span_eq(again.mx[i], p->mx[i]));
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span body = fuzz_input(data, n);
	struct sts_policy p;
	struct arena a;

	arena_init(&a, 16 << 20);
	sts_policy_parse(body, &a, &p);
	assert(!a.failed);
	check(&p, body);
	assert(p.strict == is_policy(body));
	if (p.valid)
		check_again(&p);
	arena_release(&a);
	/* The same with little memory. */
	arena_init(&a, n * 31 % 4096);
	sts_policy_parse(body, &a, &p);
	assert(!a.failed || (!p.valid && !p.strict));
	arena_release(&a);
	return 0;
}

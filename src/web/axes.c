#include "web/axes.h"

#include "store/portfolio.h"

/* clang-format off */
static const struct axis_part eligibility_parts[] = {
	{ "eligible",	"Eligible" },
	{ "ineligible",	"Not eligible" },
	{ "unknown",	"Unknown" },
	{ "no-mail",	"No mail" },
	{ "",		"Not looked at yet" },
};

static const struct axis_part deployment_parts[] = {
	{ "enforce",	"Enforce" },
	{ "testing",	"Testing" },
	{ "removing",	"Removing" },
	{ "broken",	"Broken" },
	{ "unknown",	"Unknown" },
	{ "none",	"Not deployed" },
	{ "",		"Not looked at yet" },
};

static const struct axis_part verdict_parts[] = {
	{ "ok",		"In order" },
	{ "warning",	"Warnings" },
	{ "error",	"Errors" },
	{ "unknown",	"Unknown" },
	{ "",		"Not looked at yet" },
};

#define PARTS(list) list, sizeof list / sizeof list[0]
const struct axis axes[AXES] = {
	[AXIS_ELIGIBILITY] = { "eligibility", "Eligible",
	    PARTS(eligibility_parts), tone_of_eligibility },
	[AXIS_DEPLOYMENT] = { "deployment", "Deployed",
	    PARTS(deployment_parts), tone_of_deployment },
	[AXIS_VERDICT] = { "verdict", "Verdict",
	    PARTS(verdict_parts), tone_of_verdict },
};
/* clang-format on */

const char *
axis_part_name(const struct axis_part *part)
{
	return part->word[0] != '\0' ? part->word : PORTFOLIO_UNSEEN;
}

static struct span
word_of(enum axis_id axis, const struct census_row *row)
{
	switch (axis) {
	case AXIS_ELIGIBILITY:
		return row->eligibility;
	case AXIS_DEPLOYMENT:
		return row->deployment;
	case AXIS_VERDICT:
		return row->verdict;
	case AXES:
		break;
	}
	return SPAN("");
}

/* Its place; a->n if there is none. */
static size_t
find_part(const struct axis *a, struct span word)
{
	size_t i = 0;

	while (i < a->n && !span_eq(word, span_str(a->parts[i].word)))
		i++;
	return i;
}

void
axis_chip(FILE *f, enum axis_id axis, struct span word)
{
	const struct axis *a = &axes[axis];
	size_t i = find_part(a, word);

	page_chip(
	    f, a->tone(word), i < a->n ? span_str(a->parts[i].label) : word);
}

void
axis_count(enum axis_id axis, const struct census_row *rows, size_t n,
    struct axis_counts *out)
{
	const struct axis *a = &axes[axis];

	*out = (struct axis_counts){ 0 };
	for (size_t i = 0; i < n; i++) {
		size_t part = find_part(a, word_of(axis, &rows[i]));

		if (part == a->n)
			part = find_part(a, SPAN("unknown"));
		out->parts[part] += rows[i].n;
		out->total += rows[i].n;
	}
}

int64_t
axis_count_of(
    enum axis_id axis, const struct axis_counts *counts, const char *word)
{
	size_t part = find_part(&axes[axis], span_str(word));

	return part < axes[axis].n ? counts->parts[part] : 0;
}

const char *
axis_share(int64_t n, int64_t total, struct arena *a)
{
	/* Rounded down: what is not whole is not said to be. */
	int64_t tenths = total > 0 ? n * 1000 / total : 0;

	if (n > 0 && tenths == 0)
		return "< 0.1 %";
	if (tenths % 10 == 0)
		return arena_printf(a, "%lld %%", (long long)tenths / 10).p;
	return arena_printf(
	    a, "%lld.%lld %%", (long long)tenths / 10, (long long)tenths % 10)
	    .p;
}

struct axis_day *
axis_days(
    const struct census_row *rows, size_t n, struct arena *a, size_t *n_days)
{
	struct axis_day *days;

	*n_days = 0;
	for (size_t i = 0; i < n; i++)
		if (i == 0 || rows[i].day != rows[i - 1].day)
			(*n_days)++;
	days = arena_array(a, *n_days, sizeof *days);
	if (days == NULL)
		*n_days = 0;
	for (size_t d = 0; d < *n_days; d++) {
		size_t same = 1;

		while (same < n && rows[same].day == rows->day)
			same++;
		days[d].day = rows->day;
		for (size_t axis = 0; axis < AXES; axis++)
			axis_count((enum axis_id)axis, rows, same,
			    &days[d].counts[axis]);
		rows += same;
		n -= same;
	}
	return days;
}

#include "web/model_activity.h"

#include "base/num.h"

struct span
activity_cursor(struct web_call *c, const struct activity_event *event)
{
	return arena_printf(c->a, "%lld.%lld.%lld",
	    (long long)event->event.at.s, (long long)event->domain,
	    (long long)event->event.seq);
}

/* The number in front of the next ".", which is taken too. */
static bool
take_number(struct span *text, int64_t *out)
{
	struct span digits = span_head(*text, span_find(*text, '.'));
	uint64_t n;

	if (!num_parse(digits, INT64_MAX, &n))
		return false;
	*out = (int64_t)n;
	*text = span_skip(*text, digits.n + 1);
	return true;
}

static bool
read_cursor(struct span text, struct activity_filter *out)
{
	return take_number(&text, &out->at.s) &&
	       take_number(&text, &out->domain) &&
	       take_number(&text, &out->seq) && text.n == 0;
}

bool
activity_asked(struct web_call *c, struct activity_filter *out)
{
	struct span after = fields_find(&c->query, "after");

	*out = (struct activity_filter){
		.kind = fields_find(&c->query, "kind"),
		.tag = fields_find(&c->query, "tag"),
	};
	if (after.n == 0 || read_cursor(after, out))
		return true;
	(void)call_refuse(
	    c, PROBLEM_INPUT, "\"after\" is no \"next\" of a page.");
	return false;
}

#include "web/order.h"

#include "base/num.h"
#include "io/fresh.h"

/* clang-format off */
static const char *const refusals[] = {
	[ORDER_IN_ZONE]		= "is in the service zone itself, which holds "
				  "only what others' CNAMEs lead to",
	[ORDER_TOO_LONG]	= "is too long for a name below it",
	[ORDER_LEAVING]		= "is being removed; keep it first",
	[ORDER_IS_TESTING]	= "is to be in mode testing; only mode enforce "
				  "has a gate to override",
	[ORDER_NO_DOMAIN]	= "is not in the portfolio any more",
};
/* clang-format on */

const char *
order_refusal_text(enum order_refusal refusal)
{
	return refusals[refusal];
}

static bool
is_number(const struct input *in, const char *name)
{
	for (size_t i = 0; i < in->fields.n; i++)
		if (span_eq(in->fields.all[i].name, span_str(name)))
			return in->fields.all[i].kind == FIELD_NUMBER;
	return false;
}

/* 0 where nothing is said. */
static uint32_t
read_duration(
    struct input *in, const char *name, uint32_t least_s, uint32_t most_s)
{
	struct span text;
	uint64_t s = 0;

	if (is_number(in, name))
		return (uint32_t)input_number(in, name, least_s, most_s, 0);
	text = input_text(in, name, INPUT_OPTIONAL);
	if (text.n == 0)
		return 0;
	if (!num_parse_duration(text, most_s, &s) || s < least_s) {
		input_wrong(in,
		    "\"%s\" is a time from %u to %u seconds, such as 2w", name,
		    least_s, most_s);
		return 0;
	}
	return (uint32_t)s;
}

void
order_read(struct web_call *c, struct order_asked *out)
{
	static const char *const modes[] = { "testing", "enforce", NULL };
	struct input *in = &c->input;
	int mode = input_word(in, "mode", modes, INPUT_OPTIONAL);
	int follow =
	    input_word(in, "follow", mx_follow_mode_names, INPUT_OPTIONAL);

	*out = (struct order_asked){
		.mode = mode < 0    ? STS_MODE_UNSET
			: mode == 0 ? STS_MODE_TESTING
				    : STS_MODE_ENFORCE,
		.max_age =
		    read_duration(in, "max_age", ORDER_LEAST_S, STS_MAX_AGE),
		.overlap_s =
		    read_duration(in, "overlap", ORDER_LEAST_S, STS_MAX_AGE),
		.has_follow = follow >= 0,
		.follow =
		    follow >= 0 ? (enum mx_follow_mode)follow : FOLLOW_AUTO,
		.override_by = SPAN(""),
	};
	if (input_flag(in, "override", false))
		out->override_by = call_who(c);
}

enum err
order_zone(struct web_call *c, struct span *out, struct error *e)
{
	enum err rc = service_zone_get(c->store, c->a, out, e);

	if (rc == ERR_OK && out->n == 0)
		rc = call_refuse(c, PROBLEM_STATE,
		    "No service zone is known, so there is nothing to point "
		    "to: start mtastsd with [service] zone and the role "
		    "publish.");
	return rc;
}

enum err
order_put(struct web_call *c, struct span name, const struct order_asked *asked,
    struct span zone, struct order_answer *out, struct error *e)
{
	char text[PUBLISHED_LABEL_OCTETS];
	enum err rc = fresh_label(c->config->randomness, text, e);

	return rc == ERR_OK ? publication_order(c->store, name, asked,
				  (struct span){ text, sizeof text }, zone,
				  c->now, c->a, out, e)
			    : rc;
}

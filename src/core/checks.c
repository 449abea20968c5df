#include "core/checks.h"

/* clang-format off */
const struct check checks[CHECKS] = {
#define CHECK(symbol, slug_, core_, effect_, severity_, clause_, title_,       \
    why_, remedy_)                                                             \
	[CHECK_##symbol] = {                                                   \
		.slug = slug_, .core = core_, .effect = EFFECT_##effect_,      \
		.severity = SEVERITY_##severity_, .clause = clause_,           \
		.title = title_, .why = why_, .remedy = remedy_,               \
	},
#include "core/checks.def"
#undef CHECK
};

const char *const effect_names[] = {
	[EFFECT_LOSS]		= "loss",
	[EFFECT_OPEN]		= "open",
	[EFFECT_LATENT]		= "latent",
	[EFFECT_HYGIENE]	= "hygiene",
	[EFFECT_SECURITY]	= "security",
	NULL
};

const char *const severity_names[] = {
	[SEVERITY_INFO]		= "info",
	[SEVERITY_WARNING]	= "warning",
	[SEVERITY_ERROR]	= "error",
	NULL
};

const char *const stakes_names[] = {
	[STAKES_NOTHING]	= "nothing",
	[STAKES_NONE]		= "none",
	[STAKES_TESTING]	= "testing",
	[STAKES_ENFORCE]	= "enforce",
	NULL
};
/* clang-format on */

enum check_id
check_by_slug(struct span slug)
{
	for (enum check_id id = 0; id < CHECKS; id++)
		if (span_eq(span_str(checks[id].slug), slug))
			return id;
	return CHECKS;
}

bool
check_is_ours(enum check_id id)
{
	return id < CHECKS &&
	       span_starts(span_str(checks[id].slug), SPAN("monitor."));
}

static enum severity
at_most(enum severity s, enum severity max)
{
	return s < max ? s : max;
}

enum severity
check_severity(enum check_id id, enum stakes stakes)
{
	enum severity s = checks[id].severity;

	if (stakes == STAKES_ENFORCE)
		return s;
	switch (checks[id].effect) {
	case EFFECT_LOSS:
		/* RFC 7672 2.2: senders that know DANE defer mail now, with or
		 * without a policy. */
		if (id == CHECK_DANE_TLSA_MISMATCH || id == CHECK_DANE_BOGUS)
			return s;
		/* "would be lost if you enforced"; but nobody is going to
		 * enforce a policy in mode none. */
		return at_most(s,
		    stakes == STAKES_NONE ? SEVERITY_INFO : SEVERITY_WARNING);
	case EFFECT_OPEN:
	case EFFECT_LATENT:
	case EFFECT_SECURITY:
		return at_most(s, SEVERITY_WARNING);
	case EFFECT_HYGIENE:
		/* "No MTA-STS" is neutral: nothing is missing where nothing
		 * was begun. */
		return at_most(s, stakes == STAKES_NOTHING ? SEVERITY_INFO
							   : SEVERITY_WARNING);
	}
	return s;
}

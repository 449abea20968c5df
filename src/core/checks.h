/* checks.h - the catalogue of checks, and how much a failed one weighs. */
#ifndef CORE_CHECKS_H
#define CORE_CHECKS_H

#include <stdbool.h>

#include "base/span.h"

enum check_id {
#define CHECK(symbol, ...) CHECK_##symbol,
#include "core/checks.def"
#undef CHECK
	CHECKS, /* how many */
};

/* What a failed check does to mail. */
enum effect {
	EFFECT_LOSS, /* a compliant sender refuses or defers mail */
	EFFECT_OPEN, /* mail flows, MTA-STS protects nothing */
	EFFECT_LATENT, /* becomes one of the above at the next change */
	EFFECT_HYGIENE, /* a SHOULD, or senders differ */
	EFFECT_SECURITY, /* weakens what the policy proves */
};

/* In order of weight. */
enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };

struct check {
	const char *slug; /* public and stable */
	bool core;
	enum effect effect;
	enum severity severity; /* for a domain in enforce */
	const char *clause;
	const char *title, *why, *remedy;
};

extern const struct check checks[CHECKS];

/* "loss", "open", ...; "info", "warning", "error". */
extern const char *const effect_names[];
extern const char *const severity_names[];

/* The check of that slug, or CHECKS. */
enum check_id
check_by_slug(struct span slug);

/* Is it about the monitor, and no domain's? CHECKS is not. */
bool
check_is_ours(enum check_id id);

/* What senders may act on: what the domain's mail has at stake. */
enum stakes {
	STAKES_NOTHING, /* neither record nor policy */
	STAKES_NONE, /* a policy in mode none */
	STAKES_TESTING,
	STAKES_ENFORCE, /* also: announced, and not known to be less */
};

/* "nothing", "none", "testing", "enforce" */
extern const char *const stakes_names[];

/* The weight of a failed check. Severity follows from the effect and from what
 * senders may hold, never from the check alone: lost mail is an error only
 * where some sender may enforce. */
enum severity
check_severity(enum check_id id, enum stakes stakes);

#endif

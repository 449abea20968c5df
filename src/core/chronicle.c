#include "core/chronicle.h"

#include <assert.h>

#include "base/escape.h"
#include "core/words.h"

enum {
	NAMES_SHOWN = 8, /* of a list; the rest is counted */
	NAME_SHOWN = 80, /* octets */
};

static void
add(struct chronicle *c, const char *kind, struct span text)
{
	assert(c->n < CHRONICLE_MAX);
	c->all[c->n++] = (struct happening){ .kind = kind, .text = text };
}

static void
add_told(struct chronicle *c, const char *kind, enum severity severity,
    struct span text)
{
	add(c, kind, text);
	c->all[c->n - 1].tell = true;
	c->all[c->n - 1].severity = severity;
}

/* "mx1.example.net, mx2.example.net and 3 more"; "none" */
static const char *
names(struct arena *a, const struct span *all, size_t n)
{
	struct span s = SPAN("none");
	size_t shown = n < NAMES_SHOWN ? n : NAMES_SHOWN;

	for (size_t i = 0; i < shown; i++)
		s = arena_printf(a, "%.*s%s%s", i > 0 ? (int)s.n : 0, s.p,
		    i > 0 ? ", " : "", escape_str(a, all[i], NAME_SHOWN));
	if (n > shown)
		s = arena_printf(
		    a, "%.*s and %zu more", (int)s.n, s.p, n - shown);
	return s.p;
}

static struct span
describe(struct arena *a, const char *what, const struct ledger_version *v)
{
	if (v->mode == STS_MODE_NONE)
		return arena_printf(a, "%s: mode none, kept for %s.", what,
		    words_duration(a, v->max_age));
	return arena_printf(a, "%s: mode %s, kept for %s, mx %s.", what,
	    sts_mode_names[v->mode], words_duration(a, v->max_age),
	    names(a, v->mx, v->n_mx));
}

static void
write_policy(struct chronicle *c, const struct ledger *l,
    const struct ledger_change *change, struct arena *a)
{
	const struct ledger_version *v = ledger_latest(l);
	bool is_new = ledger_has_event(change, LEDGER_NEW_VERSION);

	if (v == NULL ||
	    (!is_new && !ledger_has_event(change, LEDGER_VERSION_BACK)))
		return;
	if (change->version_before == 0 && l->began.s == l->at.s)
		add(c, "policy-seen", describe(a, "A policy is there", v));
	else if (change->version_before == 0)
		add_told(c, "policy-appeared", SEVERITY_INFO,
		    describe(a, "A policy has appeared", v));
	else
		add_told(c, is_new ? "policy-changed" : "policy-back",
		    SEVERITY_INFO,
		    describe(a,
			is_new ? "The policy changed"
			       : "An earlier policy is back",
			v));
}

static void
write_mx(struct chronicle *c, const struct ledger *l,
    const struct ledger_change *change, const struct ledger_mx_set *before,
    struct arena *a)
{
	const struct ledger_mx_set *mx = ledger_mx(l);

	if (before == NULL || mx == NULL ||
	    !ledger_has_event(change, LEDGER_MX_CHANGED))
		return;
	add_told(c, "mx-changed", SEVERITY_WARNING,
	    arena_printf(a, "The MX hosts changed from %s to %s.",
		names(a, before->hosts, before->n_hosts),
		names(a, mx->hosts, mx->n_hosts)));
}

static void
write_ids(struct chronicle *c, const struct ledger *l,
    const struct ledger_change *change, struct arena *a)
{
	bool reused = ledger_has_event(change, LEDGER_ID_REUSED);

	if (reused || ledger_has_event(change, LEDGER_ID_BACK))
		add(c, reused ? "id-reused" : "id-back",
		    arena_printf(a, "The id %s is back%s.",
			escape_str(a, l->latest_id, NAME_SHOWN),
			reused ? ", with another policy than before" : ""));
}

/* clang-format off */
static const struct {
	enum ledger_event event;
	const char *kind, *text;
} plain[] = {
	{ LEDGER_RECORD_GONE,	"record-gone",	"The _mta-sts record is gone." },
	{ LEDGER_RECORD_BROKEN,	"record-broken","The _mta-sts record is void." },
	{ LEDGER_RECORD_BACK,	"record-back",	"The _mta-sts record is back." },
	{ LEDGER_FILE_GONE,	"file-gone",	"The policy file is gone." },
	{ LEDGER_FILE_BROKEN,	"file-broken",	"The policy cannot be had, or is void." },
	{ LEDGER_FILE_BACK,	"file-back",	"The policy can be had again." },
	{ LEDGER_CNAME_GONE,	"cname-gone",	"A CNAME of the delegation is gone." },
	{ LEDGER_FLAP,		"flap",		"Ids or policies alternate." },
};
/* clang-format on */

enum err
chronicle_write(const struct ledger *now, const struct ledger_change *change,
    const struct ledger_mx_set *mx_before, struct arena *a,
    struct chronicle *out)
{
	out->n = 0;
	write_policy(out, now, change, a);
	write_mx(out, now, change, mx_before, a);
	write_ids(out, now, change, a);
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if (ledger_has_event(change, plain[i].event))
			add(out, plain[i].kind, span_str(plain[i].text));
	return a->failed ? ERR_MEMORY : ERR_OK;
}

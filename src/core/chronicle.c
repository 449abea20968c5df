#include "core/chronicle.h"

#include <assert.h>

#include "base/escape.h"
#include "core/words.h"

enum {
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

static struct span
describe(struct arena *a, const char *what, const struct ledger_version *v)
{
	if (v->mode == STS_MODE_NONE)
		return arena_printf(a, "%s: mode none, kept for %s.", what,
		    words_duration(a, v->max_age));
	return arena_printf(a, "%s: mode %s, kept for %s, mx %s.", what,
	    sts_mode_names[v->mode], words_duration(a, v->max_age),
	    words_list(a, v->mx, v->n_mx));
}

static void
write_policy(struct chronicle *c, const struct ledger *before,
    const struct ledger *l, const struct ledger_change *change, struct arena *a)
{
	const struct ledger_version *v = ledger_latest(l);
	bool is_new = ledger_has_event(change, LEDGER_NEW_VERSION);

	if (v == NULL ||
	    (!is_new && !ledger_has_event(change, LEDGER_VERSION_BACK)))
		return;
	/* What could not be measured until now may have been there before. */
	if (change->version_before == 0 && before->txt.sight != SIGHT_ABSENT &&
	    before->file.sight != SIGHT_ABSENT)
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

static bool
was_seen_twice(const struct ledger_mx_set *set)
{
	return set->last_seen.s > set->first_seen.s;
}

static bool
has_all_of(const struct ledger_mx_set *a, const struct ledger_mx_set *b)
{
	for (size_t i = 0; i < b->n_hosts; i++) {
		size_t k = 0;

		while (k < a->n_hosts && !span_eq(a->hosts[k], b->hosts[i]))
			k++;
		if (k == a->n_hosts)
			return false;
	}
	return true;
}

/* The hosts before the last set: those that were seen twice, if any were. */
static const struct ledger_mx_set *
hosts_before(const struct ledger *l)
{
	for (size_t i = l->n_mx_sets - 1; i-- > 0;)
		if (was_seen_twice(&l->mx_sets[i]))
			return &l->mx_sets[i];
	return l->n_mx_sets > 1 ? &l->mx_sets[l->n_mx_sets - 2] : NULL;
}

/* At the second sight of a set, and not where it is the one that was there
 * before a single answer without it. */
static void
write_mx(struct chronicle *c, const struct ledger *before,
    const struct ledger *now, const struct ledger_change *change,
    struct arena *a)
{
	const struct ledger_mx_set *mx = ledger_mx(now), *old;
	const struct ledger_mx_set *last = ledger_mx(before);

	if (last == NULL || was_seen_twice(last) || !was_seen_twice(mx) ||
	    ledger_has_event(change, LEDGER_MX_CHANGED))
		return;
	old = hosts_before(now);
	if (old == NULL || (has_all_of(old, mx) && has_all_of(mx, old)))
		return;
	add_told(c, "mx-changed", SEVERITY_WARNING,
	    arena_printf(a, "The MX hosts changed from %s to %s.",
		words_list(a, old->hosts, old->n_hosts),
		words_list(a, mx->hosts, mx->n_hosts)));
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

/* What comes again and again while ids or policies alternate. */
static const uint32_t returns = 1u << LEDGER_VERSION_BACK |
				1u << LEDGER_ID_BACK | 1u << LEDGER_ID_REUSED |
				1u << LEDGER_FLAP;

enum err
chronicle_write(const struct ledger *before, const struct ledger *now,
    const struct ledger_change *change, struct arena *a, struct chronicle *out)
{
	struct ledger_change news = *change;

	out->n = 0;
	if (ledger_is_flapping(before, now->at))
		news.events &= ~returns;
	write_policy(out, before, now, &news, a);
	write_mx(out, before, now, &news, a);
	write_ids(out, now, &news, a);
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if (ledger_has_event(&news, plain[i].event))
			add(out, plain[i].kind, span_str(plain[i].text));
	return a->failed ? ERR_MEMORY : ERR_OK;
}

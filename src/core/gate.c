#include "core/gate.h"

#include <stdarg.h>

#include "base/escape.h"
#include "core/words.h"
#include "wire/mx_match.h"

enum { DAY_S = 86400, NAME_SHOWN = 80 };

/* clang-format off */
const char *const gate_bar_names[] = {
	[GATE_NOT_MEASURED]	= "not-measured",
	[GATE_ADDRESS]		= "address",
	[GATE_NO_HOST]		= "no-host",
	[GATE_CERTIFICATE]	= "certificate",
	[GATE_COVERAGE]		= "coverage",
	[GATE_INCIDENTS]	= "incidents",
	[GATE_TESTING]		= "testing",
	NULL
};
/* clang-format on */

const struct gate_rules gate_default = {
	.testing_s = LEDGER_TESTING_S,
	.certificate_s = 7 * DAY_S,
};

struct inspection {
	const struct gate_question *q;
	struct arena *a;
	struct gate *out;
	size_t cap;
	struct gate_bar spare; /* when memory has run out */
};

static struct gate_bar *
bar(struct inspection *i, enum gate_bar_kind kind, struct span host)
{
	struct gate_bar *all = arena_grow(
	    i->a, i->out->bars, i->out->n_bars, &i->cap, sizeof *all);
	struct gate_bar *b = &i->spare;

	if (all != NULL) {
		i->out->bars = all;
		b = &all[i->out->n_bars++];
	}
	*b = (struct gate_bar){ .kind = kind, .host = host, .text = SPAN("") };
	return b;
}

static void
say(struct inspection *i, struct gate_bar *b, const char *fmt, ...)
    PRINTF(3, 4);

static void
say(struct inspection *i, struct gate_bar *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	b->text = arena_vprintf(i->a, fmt, ap);
	va_end(ap);
}

static const char *
name(struct inspection *i, struct span host)
{
	return escape_str(i->a, host, NAME_SHOWN);
}

/* ---- one mail host ---- */

static void
inspect_certificate(
    struct inspection *i, const struct judged_mx *m, const struct probe *p)
{
	struct wall_time end = { INT64_MAX };
	struct gate_bar *b;

	for (size_t k = 0; k < p->tls.n_chain; k++)
		if (!p->tls.chain[k].aside &&
		    p->tls.chain[k].not_after.s < end.s)
			end = p->tls.chain[k].not_after;
	if (end.s - i->q->now.s >= (int64_t)i->q->rules.certificate_s)
		return;
	b = bar(i, GATE_CERTIFICATE, m->host->host);
	b->address = p->address;
	say(i, b, "The certificate of %s (%s) ends %s; %s are wanted.",
	    name(i, m->host->host), ip_format(p->address).s,
	    words_distance(i->a, i->q->now, end),
	    words_duration(i->a, i->q->rules.certificate_s));
}

static void
inspect_address(struct inspection *i, const struct judged_mx *m,
    const struct judged_address *address)
{
	struct gate_bar *b;
	bool unknown = address->result == RESULT_UNKNOWN;

	if (address->ours)
		return;
	i->out->addresses++;
	if (address->result == RESULT_OK) {
		i->out->good++;
		inspect_certificate(i, m, address->probe);
		return;
	}
	b = bar(i, unknown ? GATE_NOT_MEASURED : GATE_ADDRESS, m->host->host);
	b->address = address->probe->address;
	say(i, b,
	    unknown ? "%s (%s) could not be measured."
		    : "%s (%s) would be refused by senders that enforce.",
	    name(i, m->host->host), ip_format(address->probe->address).s);
}

static bool
is_covered(const struct gate_question *q, struct span host)
{
	for (size_t i = 0; i < q->n_patterns; i++)
		if (mx_match(q->patterns[i], host))
			return true;
	return false;
}

static void
inspect_host(struct inspection *i, const struct judged_mx *m)
{
	struct span host = m->host->host;
	struct gate_bar *b;

	if (host.n == 0)
		return;
	if (!is_covered(i->q, host)) {
		b = bar(i, GATE_COVERAGE, host);
		say(i, b, "No pattern of the policy covers %s.", name(i, host));
	}
	if (m->n_addresses == 0) {
		b = bar(i, GATE_NOT_MEASURED, host);
		say(i, b, "Nothing is known of %s yet.", name(i, host));
	}
	for (size_t k = 0; k < m->n_addresses; k++)
		inspect_address(i, m, &m->addresses[k]);
}

/* ---- the domain ---- */

static void
inspect_eligibility(struct inspection *i)
{
	const struct judged *j = i->q->judged;
	struct gate_bar *b;

	if (j->eligibility == ELIGIBILITY_NO_MAIL) {
		b = bar(i, GATE_NO_HOST, j->evidence->domain);
		say(i, b, "%s takes no mail: there is nothing to enforce.",
		    name(i, j->evidence->domain));
	} else if (i->out->n_bars == 0 && j->eligibility != ELIGIBLE) {
		/* Nothing in particular: the lookups failed. */
		b = bar(i, GATE_NOT_MEASURED, j->evidence->domain);
		say(i, b, "The mail hosts of %s could not be looked up.",
		    name(i, j->evidence->domain));
	}
}

struct span
gate_testing_text(struct wall_time testing_since, struct wall_time now,
    const struct gate_rules *rules, struct arena *a)
{
	struct wall_time enough = { testing_since.s +
				    (int64_t)rules->testing_s };

	if (testing_since.s == 0)
		return arena_printf(a,
		    "Mode testing has not begun; it should last %s.",
		    words_duration(a, rules->testing_s));
	if (now.s >= enough.s)
		return SPAN("");
	return arena_printf(a,
	    "Mode testing lasts since %s; it should until %s.",
	    words_date(a, testing_since), words_date(a, enough));
}

static void
inspect_testing(struct inspection *i)
{
	const struct gate_question *q = i->q;
	struct span text =
	    gate_testing_text(q->testing_since, q->now, &q->rules, i->a);

	if (text.n > 0)
		bar(i, GATE_TESTING, SPAN(""))->text = text;
}

enum err
gate_check(const struct gate_question *q, struct arena *a, struct gate *out)
{
	struct inspection i = { .q = q, .a = a, .out = out };
	struct gate_bar *b;

	*out = (struct gate){ 0 };
	for (size_t k = 0; k < q->judged->n_mx; k++)
		inspect_host(&i, &q->judged->mx[k]);
	inspect_eligibility(&i);
	if (q->incidents > 0) {
		b = bar(&i, GATE_INCIDENTS, q->judged->evidence->domain);
		say(&i, b, "What loses mail and is open: %zu.", q->incidents);
	}
	inspect_testing(&i);
	out->open = out->n_bars == 0 && out->good > 0;
	return a->failed ? ERR_MEMORY : ERR_OK;
}

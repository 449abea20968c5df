#include "core/docket.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/escape.h"
#include "core/words.h"

/* A quotation in a sentence: enough to recognise it by. */
enum { QUOTE_MAX = 160 };

static struct finding *
add(struct docket *d, enum check_id id, enum check_result result,
    struct span subject)
{
	struct judged *out = d->out;
	struct finding *all = arena_grow(
	    d->a, out->findings, out->n_findings, &d->cap, sizeof *all);
	struct finding *f = &d->spare;

	if (all != NULL) {
		out->findings = all;
		f = &all[out->n_findings++];
	}
	*f = (struct finding){
		.check = id,
		.result = result,
		.severity = check_severity(id, out->stakes),
		.subject = subject,
		.message = arena_printf(d->a, "%s.", checks[id].title),
		.remedy = span_str(checks[id].remedy),
		.blocked_by = CHECKS,
	};
	return f;
}

void
docket_pass(struct docket *d, enum check_id id)
{
	d->passed[id] = true;
}

struct finding *
docket_fail(struct docket *d, enum check_id id, struct span subject)
{
	d->failed[id] = true;
	return add(d, id, RESULT_FAIL, subject);
}

struct finding *
docket_hold(struct docket *d, enum check_id id, bool good, struct span subject)
{
	if (!good)
		return docket_fail(d, id, subject);
	docket_pass(d, id);
	return NULL;
}

struct finding *
docket_unknown(struct docket *d, enum check_id id, struct span subject)
{
	d->failed[id] = true;
	return add(d, id, RESULT_UNKNOWN, subject);
}

void
docket_blocked(struct docket *d, enum check_id id, enum check_id by)
{
	struct finding *f;

	if (d->failed[id] || d->passed[id])
		return;
	f = docket_unknown(d, id, d->ev->domain);
	f->blocked_by = by;
	finding_say(d, f, "Not measured: %s comes first.", checks[by].slug);
}

void
docket_block(
    struct docket *d, enum check_id first, enum check_id last, enum check_id by)
{
	for (enum check_id id = first; id <= last; id++)
		docket_blocked(d, id, by);
}

void
docket_follows(struct docket *d, size_t from, enum check_id first,
    enum check_id last, enum check_id by)
{
	for (size_t i = from; i < d->out->n_findings; i++) {
		struct finding *f = &d->out->findings[i];

		if (f->check >= first && f->check <= last)
			f->blocked_by = by;
	}
}

bool
docket_has_failed(const struct docket *d, enum check_id id)
{
	return d->failed[id];
}

struct span
docket_under(struct docket *d, const char *label)
{
	return arena_printf(
	    d->a, "%s.%s", label, docket_quote(d, d->ev->domain));
}

bool
docket_wants_host(const struct docket *d)
{
	const struct judged *out = d->out;

	return out->rrset.n_sts > 0 ||
	       (out->record == THING_UNKNOWN && out->policy == THING_OK);
}

bool
docket_loses_mail(const struct docket *d)
{
	for (size_t i = 0; i < d->out->n_findings; i++) {
		const struct finding *f = &d->out->findings[i];

		if (checks[f->check].effect == EFFECT_LOSS &&
		    f->result != RESULT_OK && f->severity > SEVERITY_INFO)
			return true;
	}
	return false;
}

void
finding_say(struct docket *d, struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	f->message = arena_vprintf(d->a, fmt, ap);
	va_end(ap);
}

void
finding_remedy(struct docket *d, struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	f->remedy = arena_vprintf(d->a, fmt, ap);
	va_end(ap);
}

void
finding_fact(
    struct docket *d, struct finding *f, const char *name, const char *fmt, ...)
{
	va_list ap;

	assert(f->n_facts < FINDING_FACTS);
	va_start(ap, fmt);
	f->facts[f->n_facts++] =
	    (struct fact){ name, arena_vprintf(d->a, fmt, ap) };
	va_end(ap);
}

void
finding_cap(struct finding *f, enum severity max)
{
	if (f->severity > max)
		f->severity = max;
}

const char *
docket_quote(struct docket *d, struct span s)
{
	return escape_str(d->a, s, QUOTE_MAX);
}

const char *
docket_list(struct docket *d, const struct span *names, size_t n)
{
	const char *text = n > 0 ? "" : "none";
	size_t said = n < DOCKET_LIST_MAX ? n : DOCKET_LIST_MAX;

	for (size_t i = 0; i < said; i++)
		text = arena_printf(d->a, "%s%s%s", text, i > 0 ? ", " : "",
		    docket_quote(d, names[i]))
			   .p;
	if (n > said)
		text = arena_printf(d->a, "%s and %zu more", text, n - said).p;
	return text;
}

const char *
docket_date(struct docket *d, struct wall_time t)
{
	return words_date(d->a, t);
}

const char *
docket_distance(struct docket *d, struct wall_time t)
{
	return words_distance(d->a, d->now, t);
}

const char *
docket_duration(struct docket *d, uint64_t s)
{
	return words_duration(d->a, s);
}

const char *
talk_result_text(enum talk_result r)
{
	switch (r) {
	case TALK_UNTRIED:
		return "was not tried";
	case TALK_OK:
		return "answered";
	case TALK_NOT_ALLOWED:
		return "is in address space that we do not contact";
	case TALK_UNREACHABLE:
		return "cannot be reached: no route";
	case TALK_REFUSED:
		return "refused the connection";
	case TALK_TIMEOUT:
		return "did not answer in time";
	case TALK_CLOSED:
		return "closed the connection";
	case TALK_RESET:
		return "reset the connection";
	case TALK_PROTOCOL:
		return "sent what is not the protocol";
	case TALK_TOO_LONG:
		return "sent more than anybody would read";
	case TALK_HANDSHAKE:
		return "failed the TLS handshake";
	case TALK_UNFINISHED:
		return "was not finished when our own time ran out";
	}
	return "";
}

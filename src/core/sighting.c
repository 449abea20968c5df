#include "core/sighting.h"

#include <stdlib.h>

bool
check_is_hard(enum check_id id)
{
	/* Read off a certificate, or come from who has one for the policy host.
	 * That no MX host matches is not: one wrong answer of a name server to
	 * the question for MX says so too. */
	static const enum check_id hard[] = { CHECK_MXCERT_EXPIRED,
		CHECK_MXCERT_EXPIRING, CHECK_HTTPS_CERT_EXPIRED,
		CHECK_HTTPS_CERT_EXPIRING, CHECK_CHANGE_UNEXPECTED_BODY };

	for (size_t i = 0; i < sizeof hard / sizeof hard[0]; i++)
		if (hard[i] == id)
			return true;
	return false;
}

void
sighting_cause(const struct sighting *s, struct span domain, struct buf *b)
{
	/* A name server serves as many domains as a mail host does. */
	bool is_shared =
	    check_is_of_host(s->check) || s->check == CHECK_NS_LAME;

	buf_printf(b, "%s ", checks[s->check].slug);
	if (!is_shared) {
		buf_put(b, domain);
		buf_putc(b, ' ');
	}
	buf_put(b, s->subject);
}

int
sighting_cmp(const void *va, const void *vb)
{
	const struct sighting *a = va, *b = vb;
	int c;

	if (a->check != b->check)
		return a->check < b->check ? -1 : 1;
	if ((c = span_cmp(a->subject, b->subject)) != 0)
		return c;
	return memcmp(&a->address, &b->address, sizeof a->address);
}

static bool
is_followed(const struct finding *f)
{
	return f->result != RESULT_OK && f->blocked_by == CHECKS &&
	       f->severity != SEVERITY_INFO;
}

static struct sighting
seen_now(const struct finding *f, struct wall_time now)
{
	return (struct sighting){
		.check = f->check,
		.result = f->result,
		.subject = f->subject,
		.address = f->address,
		.severity = f->severity,
		.first_seen = now,
		.last_seen = now,
		.message = f->message,
		.remedy = f->remedy,
	};
}

/* What this look saw, in order, each once: the heaviest comes first in j. */
static enum err
collect(const struct judged *j, struct arena *a, struct sightings *out)
{
	size_t n = 0;

	*out = (struct sightings){ 0 };
	out->all = arena_array(a, j->n_findings, sizeof *out->all);
	if (out->all == NULL)
		return ERR_MEMORY;
	for (size_t i = 0; i < j->n_findings; i++)
		if (is_followed(&j->findings[i]))
			out->all[n++] = seen_now(&j->findings[i], j->now);
	qsort(out->all, n, sizeof *out->all, sighting_cmp);
	for (size_t i = 0; i < n; i++) {
		struct sighting *last = &out->all[out->n];

		if (out->n == 0 || sighting_cmp(last - 1, &out->all[i]) != 0)
			out->all[out->n++] = out->all[i];
		else if (out->all[i].severity > last[-1].severity)
			last[-1] = out->all[i];
	}
	return ERR_OK;
}

static void
tell(struct sighting_round *out, enum sighting_event_kind kind,
    const struct sighting *s)
{
	out->events[out->n_events++] = (struct sighting_event){ kind, s };
}

static struct sighting *
keep(struct sighting_round *out, struct sighting s)
{
	struct sighting *p = &out->after.all[out->after.n++];

	*p = s;
	return p;
}

/* Does it stand now? */
static bool
is_confirmed(const struct sighting *s, bool seen_before, bool whole)
{
	if (s->result == RESULT_UNKNOWN)
		return s->last_seen.s - s->first_seen.s >= SIGHTING_UNKNOWN_S;
	/* What is wrong with a mail host was confirmed where hosts are looked
	 * at, once for all of its domains. */
	if (check_is_of_host(s->check))
		return true;
	return whole && (seen_before || check_is_hard(s->check));
}

static void
seen_first(struct sighting_round *out, struct sighting now, bool whole)
{
	bool stands = is_confirmed(&now, false, whole);
	struct sighting *s;

	now.state = stands ? SIGHTING_STANDING : SIGHTING_PENDING;
	s = keep(out, now);
	if (stands)
		tell(out, SIGHTING_OPENED, s);
}

static void
seen_again(struct sighting_round *out, const struct sighting *before,
    struct sighting now, bool whole)
{
	bool stood = before->state != SIGHTING_PENDING;
	/* From "could not measure" to "fails" is a first sight of failing. */
	bool same = before->result == now.result;
	struct sighting *s;

	/* It failed, and now it could not be measured: as it was, unless that
	 * itself is old enough to be told. */
	if (before->result == RESULT_FAIL && now.result == RESULT_UNKNOWN &&
	    (stood ||
		now.last_seen.s - before->first_seen.s < SIGHTING_UNKNOWN_S)) {
		keep(out, *before);
		return;
	}
	now.first_seen = before->first_seen;
	now.state = stood || is_confirmed(&now, same, whole) ? SIGHTING_STANDING
							     : SIGHTING_PENDING;
	s = keep(out, now);
	if (!stood && s->state == SIGHTING_STANDING)
		tell(out, SIGHTING_OPENED, s);
	else if (stood && now.severity > before->severity)
		tell(out, SIGHTING_WORSENED, s);
}

/* A mail host is seen with a word of its own, and confirmed; that it is none of
 * the domain's any more is said by the MX records alone, as everything is that
 * a domain says. */
static bool
is_over_at_once(const struct sighting *s, const struct judged *j)
{
	if (!check_is_of_host(s->check))
		return false;
	for (size_t i = 0; i < j->n_mx; i++)
		if (span_eq(j->mx[i].host->host, s->subject))
			return true;
	return false;
}

static void
not_seen(struct sighting_round *out, const struct sighting *before,
    const struct judged *j, bool whole)
{
	struct sighting s = *before;

	/* Not being able to measure is told of what lasts without a break. */
	if (before->result == RESULT_UNKNOWN &&
	    before->state == SIGHTING_PENDING)
		return;
	if (!was_measured(j, before->check, before->subject, before->address)) {
		keep(out, s);
		return;
	}
	switch (before->state) {
	case SIGHTING_PENDING:
		break;
	case SIGHTING_STANDING:
		if (is_over_at_once(before, j)) {
			tell(out, SIGHTING_RESOLVED, before);
			break;
		}
		s.state = SIGHTING_LEAVING;
		keep(out, s);
		break;
	case SIGHTING_LEAVING:
		if (whole || is_over_at_once(before, j))
			tell(out, SIGHTING_RESOLVED, before);
		else
			keep(out, s);
		break;
	}
}

enum err
sightings_step(const struct sightings *before, const struct judged *j,
    bool whole, struct arena *a, struct sighting_round *out)
{
	struct sightings seen;
	size_t most, b = 0, s = 0;

	*out = (struct sighting_round){ 0 };
	if (collect(j, a, &seen) != ERR_OK)
		return ERR_MEMORY;
	most = before->n + seen.n;
	out->after.all = arena_array(a, most, sizeof *out->after.all);
	out->events = arena_array(a, most, sizeof *out->events);
	if (out->after.all == NULL || out->events == NULL)
		return ERR_MEMORY;
	/* Both lists are in one order: walk them side by side. */
	while (b < before->n || s < seen.n) {
		int c = b == before->n ? 1
			: s == seen.n
			    ? -1
			    : sighting_cmp(&before->all[b], &seen.all[s]);

		if (c < 0)
			not_seen(out, &before->all[b++], j, whole);
		else if (c > 0)
			seen_first(out, seen.all[s++], whole);
		else
			seen_again(
			    out, &before->all[b++], seen.all[s++], whole);
	}
	return ERR_OK;
}

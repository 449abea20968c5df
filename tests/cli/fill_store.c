/* fill_store.c - for tests only: a store with a past, as the monitor would have
 * written it.
 *
 *	fill_store URL
 *
 * a.example and b.example suffer from one mail host; c.example did from a
 * missing record, and does no more. a.example serves a second policy since
 * yesterday. Of b.example there is the summary of a look. Anna can log in to
 *the dashboard. */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "store/accounts.h"
#include "store/domains.h"
#include "store/findings.h"
#include "store/history.h"
#include "store/incidents.h"
#include "store/ledgers.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

struct past {
	struct wall_time now;
	struct arena a;
	int64_t ids[3];
};

static struct wall_time
ago(const struct past *p, int64_t s)
{
	return (struct wall_time){ p->now.s - s };
}

static enum err
add_domains(struct store *s, struct past *p, struct error *e)
{
	const struct span names[] = { SPAN("a.example"), SPAN("b.example"),
		SPAN("c.example") };
	struct domains_added added;
	bool found;
	enum err rc = domains_add(s, names, 3, ago(p, 10 * DAY), &added, e);

	if (rc == ERR_OK)
		rc = domains_tag(s, names[0], SPAN("shop"), &found, e);
	for (size_t i = 0; rc == ERR_OK && i < 3; i++) {
		struct domain d;

		rc = domains_get(s, names[i], &p->a, &d, &found, e);
		p->ids[i] = d.id;
	}
	return rc;
}

static enum err
add_ledger(struct store *s, struct past *p, struct error *e)
{
	const struct span mx = SPAN("mx.example.net");
	struct observation seen = { .at = ago(p, 9 * DAY),
		.txt = SIGHT_PRESENT,
		.id = SPAN("1"),
		.file = SIGHT_PRESENT,
		.body = SPAN("version: STSv1\nmode: testing\n"
			     "mx: mx.example.net\nmax_age: 1209600\n"),
		.mode = STS_MODE_TESTING,
		.max_age = 14 * DAY,
		.mx_patterns = &mx,
		.n_mx_patterns = 1,
		.mx = SIGHT_PRESENT,
		.mx_hosts = &mx,
		.n_mx_hosts = 1 };
	struct ledger before = { 0 }, l = { 0 };
	struct ledger_change change;
	enum err rc = ledger_step(&l, &seen, &p->a, &change);

	seen.at = ago(p, DAY);
	seen.id = SPAN("2");
	seen.body = SPAN("version: STSv1\nmode: enforce\n"
			 "mx: mx.example.net\nmax_age: 1209600\n");
	seen.mode = STS_MODE_ENFORCE;
	if (rc == ERR_OK)
		rc = ledger_step(&l, &seen, &p->a, &change);
	if (rc != ERR_OK)
		return error_plain(e, rc);
	return ledger_save(s, p->ids[0], &before, &l, e);
}

static enum err
add_findings(struct store *s, struct past *p, struct error *e)
{
	struct sighting all[] = {
		{ .check = CHECK_MATCH_BACKUP_ONLY,
		    .result = RESULT_FAIL,
		    .subject = SPAN("mx2.example.net"),
		    .state = SIGHTING_PENDING,
		    .severity = SEVERITY_WARNING,
		    .first_seen = ago(p, HOUR),
		    .message = SPAN("mx2.example.net is not covered."),
		    .remedy = SPAN("Add a line.\nmx: mx2.example.net") },
		{ .check = CHECK_STARTTLS_MISSING,
		    .result = RESULT_FAIL,
		    .subject = SPAN("mx.example.net"),
		    .address = { IP_V4, { 192, 0, 2, 25 } },
		    .state = SIGHTING_STANDING,
		    .severity = SEVERITY_ERROR,
		    .first_seen = ago(p, 3 * HOUR),
		    .message = SPAN("mx.example.net offers no STARTTLS."),
		    .remedy = SPAN("Turn it on.") },
	};
	struct sightings none = { 0 }, now = { all, 2 };

	return findings_save(s, p->ids[0], &none, &now, e);
}

static enum err
add_incidents(struct store *s, struct past *p, struct error *e)
{
	struct incident_fault host = {
		.cause = SPAN("starttls.missing mx.example.net"),
		.check = SPAN("starttls.missing"),
		.subject = SPAN("mx.example.net"),
		.severity = SEVERITY_ERROR,
		.message = SPAN("mx.example.net offers no \033[2JSTARTTLS."),
		.remedy = SPAN("Turn it on."),
		.horizon = { p->now.s + 14 * DAY },
	};
	struct incident_fault record = {
		.cause = SPAN("tlsrpt.absent c.example _smtp._tls.c.example"),
		.check = SPAN("tlsrpt.absent"),
		.subject = SPAN("_smtp._tls.c.example"),
		.severity = SEVERITY_WARNING,
		.message = SPAN("There is no TLSRPT record."),
		.remedy = SPAN("Publish one."),
	};
	enum incident_event event;
	enum err rc = incident_raise(
	    s, p->ids[0], &host, ago(p, 3 * HOUR), ago(p, 3 * HOUR), &event, e);

	host.severity = SEVERITY_WARNING;
	if (rc == ERR_OK)
		rc = incident_raise(s, p->ids[1], &host, ago(p, 2 * HOUR),
		    ago(p, 2 * HOUR), &event, e);
	if (rc == ERR_OK)
		rc = incident_raise(s, p->ids[2], &record, ago(p, 2 * DAY),
		    ago(p, 2 * DAY), &event, e);
	if (rc == ERR_OK)
		rc = incident_clear(s, p->ids[2], record.cause,
		    (struct wall_time){ 0 }, ago(p, DAY), &event, e);
	return rc;
}

static enum err
add_summary(struct store *s, struct past *p, struct error *e)
{
	const struct domain_summary b = {
		.deployment = SPAN("enforce"),
		.eligibility = SPAN("ineligible"),
		.verdict = SPAN("error"),
		.mode = SPAN("enforce"),
		.stakes = SPAN("enforce"),
		.max_age = 14 * DAY,
		.record = SPAN("ok"),
		.policy = SPAN("ok"),
		.tlsrpt = SPAN("none"),
		.provider = SPAN("example.net"),
		.next_step = SPAN("mend"),
		.next_check = SPAN("starttls.missing"),
		.addresses = 2,
		.good_addresses = 1,
		.mx = 1,
		.covered_mx = 1,
		.mode_since = ago(p, 9 * DAY),
		.cached_until = ago(p, -14 * DAY),
		.policy_cert_until = ago(p, -60 * DAY),
	};

	return domains_set_summary(s, p->ids[1], &b, e);
}

static enum err
add_history(struct store *s, struct past *p, struct error *e)
{
	enum err rc = history_add(s, p->ids[1], ago(p, HOUR),
	    SPAN("policy-changed"), SPAN("The policy says enforce now."), e);

	if (rc == ERR_OK)
		rc = history_add(s, p->ids[1], p->now, SPAN("mx-changed"),
		    SPAN("The MX hosts changed."), e);
	return rc;
}

static enum err
add_account(struct store *s, struct past *p, struct error *e)
{
	static const struct account anna = { .name = SPAN_INIT("anna"),
		.scope = SCOPE_ADMINISTER,
		.password = SPAN_INIT("a hash") };

	return account_put(s, &anna, p->now, e);
}

static enum err
fill(struct store *s, void *arg, struct error *e)
{
	static enum err (*const parts[])(struct store * s, struct past * p,
	    struct error * e) = { add_domains, add_ledger, add_findings,
		add_incidents, add_summary, add_history, add_account };
	enum err rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < sizeof parts / sizeof parts[0];
	     i++)
		rc = parts[i](s, arg, e);
	return rc;
}

int
main(int argc, char **argv)
{
	struct past p = { .now = clock_wall(&clock_system) };
	struct store *s = NULL;
	struct error e = { ERR_OK, "" };

	if (argc != 2)
		return EXIT_FAILURE;
	arena_init(&p.a, LIMIT_CHECK_MEMORY);
	if (store_open(argv[1], STORE_USE, p.now, &s, &e) != ERR_OK ||
	    store_transact(s, fill, &p, &e) != ERR_OK)
		fprintf(stderr, "fill_store: %s\n", e.text);
	store_free(s);
	arena_release(&p.a);
	return e.code == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

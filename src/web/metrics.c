/* /metrics: the store in numbers, as OpenMetrics 1.0 has it. */
#include <inttypes.h>

#include "core/publication.h"
#include "store/census.h"
#include "store/incidents.h"
#include "store/migrate.h"
#include "store/outbox.h"
#include "store/portfolio.h"
#include "store/publications.h"
#include "store/work.h"
#include "version.h"
#include "web/call.h"
#include "web/model_cas.h"

enum metric {
#define METRIC(symbol, ...) METRIC_##symbol,
#include "web/metrics.def"
#undef METRIC
};

static const struct {
	const char *name, *type, *unit, *help;
} metrics[] = {
#define METRIC(symbol, name, type, unit, help) { name, type, unit, help },
#include "web/metrics.def"
#undef METRIC
};

enum {
	DAY_S = 86400,
	ALIVE_S = 300,
	UNSEEN = 10000,
};

/* ---- the format ---- */

/* A text in quotes: OpenMetrics 1.0, "escaped-string". */
static void
quoted(FILE *f, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\n')
			fputs("\\n", f);
		else if (s.p[i] == '"' || s.p[i] == '\\')
			fprintf(f, "\\%c", s.p[i]);
		else
			fputc(s.p[i], f);
}

/* All samples of a metric follow it. */
static void
begin(FILE *f, enum metric m)
{
	fprintf(f, "# TYPE %s %s\n", metrics[m].name, metrics[m].type);
	if (metrics[m].unit[0] != '\0')
		fprintf(f, "# UNIT %s %s\n", metrics[m].name, metrics[m].unit);
	fprintf(f, "# HELP %s ", metrics[m].name);
	quoted(f, span_str(metrics[m].help));
	fputc('\n', f);
}

struct label {
	const char *name;
	struct span value;
};

static void
sample(
    FILE *f, enum metric m, const struct label *labels, size_t n, int64_t value)
{
	fputs(metrics[m].name, f);
	for (size_t i = 0; i < n; i++) {
		fprintf(f, "%c%s=\"", i == 0 ? '{' : ',', labels[i].name);
		quoted(f, labels[i].value);
		fputs(i + 1 == n ? "\"}" : "\"", f);
	}
	fprintf(f, " %" PRId64 "\n", value);
}

static void
sample_of(FILE *f, enum metric m, const char *label, struct span value,
    int64_t number)
{
	const struct label l = { label, value };

	sample(f, m, &l, 1, number);
}

/* A metric of one number. */
static void
say(FILE *f, enum metric m, int64_t value)
{
	begin(f, m);
	sample(f, m, NULL, 0, value);
}

/* ---- the numbers ---- */

static enum err
say_build(struct web_call *c, FILE *f, struct error *e)
{
	(void)c;
	(void)e;
	begin(f, METRIC_BUILD);
	fprintf(f, "%s_info{version=\"%s\"} 1\n", metrics[METRIC_BUILD].name,
	    MTASTS_VERSION_TEXT);
	/* A store of another version is not opened. */
	say(f, METRIC_STORE, schema_main.version);
	return ERR_OK;
}

static struct span
or_unseen(struct span word)
{
	return word.n > 0 ? word : SPAN("unseen");
}

static enum err
say_census(struct web_call *c, FILE *f, struct error *e)
{
	struct census_row *rows;
	int64_t paused = 0;
	size_t n, unseen;
	enum err err = census_now(c->store, c->a, &rows, &n, e);

	if (err == ERR_OK)
		err = census_paused(c->store, &paused, e);
	if (err == ERR_OK)
		err = work_unseen(c->store, UNSEEN, &unseen, e);
	if (err != ERR_OK)
		return err;
	begin(f, METRIC_DOMAINS);
	for (size_t i = 0; i < n; i++) {
		const struct label labels[] = {
			{ "deployment", or_unseen(rows[i].deployment) },
			{ "eligibility", or_unseen(rows[i].eligibility) },
			{ "verdict", or_unseen(rows[i].verdict) },
		};

		sample(f, METRIC_DOMAINS, labels, 3, rows[i].n);
	}
	say(f, METRIC_PAUSED, paused);
	say(f, METRIC_UNSEEN, (int64_t)unseen);
	return ERR_OK;
}

static enum err
say_work(struct web_call *c, FILE *f, struct error *e)
{
	struct work_overdue late, due;
	enum err err = work_overdue(c->store,
	    (struct wall_time){ c->now.s - c->config->stale_s }, &late, e);

	if (err == ERR_OK)
		err = work_overdue(c->store, c->now, &due, e);
	if (err != ERR_OK)
		return err;
	say(f, METRIC_OVERDUE, late.domains);
	say(f, METRIC_LAG, due.domains > 0 ? c->now.s - due.since.s : 0);
	return ERR_OK;
}

static enum err
say_ends(struct web_call *c, FILE *f, struct error *e)
{
	static const struct {
		const char *name;
		int64_t days;
	} rows[] = {
		{ "expired", 0 },
		{ "1d", 1 },
		{ "7d", 7 },
		{ "14d", 14 },
		{ "30d", 30 },
		{ "later", -1 },
	};
	enum { ENDS = sizeof rows / sizeof rows[0] };
	struct wall_time until[ENDS];
	int64_t n[ENDS];
	enum err err;

	for (size_t i = 0; i < ENDS; i++)
		until[i].s = rows[i].days < 0 ? INT64_MAX
					      : c->now.s + rows[i].days * DAY_S;
	err = portfolio_ends(c->store, until, ENDS, n, e);
	if (err != ERR_OK)
		return err;
	begin(f, METRIC_ENDS);
	for (size_t i = 0; i < ENDS; i++)
		sample_of(f, METRIC_ENDS, "ends", span_str(rows[i].name), n[i]);
	return ERR_OK;
}

static enum err
say_incidents(struct web_call *c, FILE *f, struct error *e)
{
	struct incident_counts n;
	enum err err = incident_count(c->store, &n, e);

	if (err != ERR_OK)
		return err;
	begin(f, METRIC_INCIDENTS);
	sample_of(f, METRIC_INCIDENTS, "severity", SPAN("error"), n.errors);
	sample_of(f, METRIC_INCIDENTS, "severity", SPAN("warning"), n.warnings);
	sample_of(f, METRIC_INCIDENTS, "severity", SPAN("info"), n.infos);
	say(f, METRIC_UNACKNOWLEDGED, n.unacknowledged);
	return ERR_OK;
}

/* They come in the order of roles. */
static enum err
say_processes(struct web_call *c, FILE *f, struct error *e)
{
	struct worker_row *rows;
	int64_t alive = 0;
	size_t n;
	enum err err =
	    work_workers(c->store, (struct wall_time){ 0 }, c->a, &rows, &n, e);

	if (err != ERR_OK)
		return err;
	begin(f, METRIC_PROCESSES);
	for (size_t i = 0; i < n; i++) {
		alive += rows[i].seen_at.s > c->now.s - ALIVE_S;
		if (i + 1 < n && span_eq(rows[i].role, rows[i + 1].role))
			continue;
		sample_of(f, METRIC_PROCESSES, "role", rows[i].role, alive);
		alive = 0;
	}
	return ERR_OK;
}

static enum err
say_outbox(struct web_call *c, FILE *f, struct error *e)
{
	const struct web_channel *channels = c->config->channels;
	size_t n = c->config->n_channels;
	struct outbox_health *all = arena_array(c->a, n, sizeof *all);
	enum err err = ERR_OK;

	if (n > 0 && all == NULL)
		return error_set(e, ERR_MEMORY, "the health of channels");
	for (size_t i = 0; err == ERR_OK && i < n; i++)
		err =
		    outbox_health(c->store, channels[i].name, c->a, &all[i], e);
	if (err != ERR_OK)
		return err;
	begin(f, METRIC_OUTBOX);
	for (size_t i = 0; i < n; i++)
		sample_of(f, METRIC_OUTBOX, "channel", channels[i].name,
		    all[i].waiting);
	begin(f, METRIC_OUTBOX_AGE);
	for (size_t i = 0; i < n; i++)
		sample_of(f, METRIC_OUTBOX_AGE, "channel", channels[i].name,
		    all[i].waiting > 0 ? c->now.s - all[i].oldest.s : 0);
	return ERR_OK;
}

static enum err
say_publications(struct web_call *c, FILE *f, struct error *e)
{
	int64_t n[PUBLICATION_STAGES];
	enum err err = publication_count(c->store, n, e);

	if (err != ERR_OK)
		return err;
	begin(f, METRIC_PUBLICATIONS);
	for (size_t i = 0; i < PUBLICATION_STAGES; i++)
		sample_of(f, METRIC_PUBLICATIONS, "stage",
		    span_str(publication_stage_names[i]), n[i]);
	return ERR_OK;
}

static void
sample_ca(FILE *f, enum metric m, const struct ca_state *ca, const char *label,
    const char *word, int64_t value)
{
	const struct label labels[] = {
		{ "ca", ca->directory.n > 0 ? ca->directory : SPAN("none") },
		{ label, span_str(word) },
	};

	sample(f, m, labels, 2, value);
}

/* There are as many as there were ever configured. */
static enum err
say_cas(struct web_call *c, FILE *f, struct error *e)
{
	struct ca_view *all;
	size_t n;
	enum err err = cas_view(c, &all, &n, e);

	if (err != ERR_OK)
		return err;
	begin(f, METRIC_ORDERS);
	for (size_t i = 0; i < n; i++) {
		const struct ca_state *ca = &all[i].state;

		sample_ca(
		    f, METRIC_ORDERS, ca, "state", "waiting", ca->waiting);
		sample_ca(
		    f, METRIC_ORDERS, ca, "state", "under-way", ca->under_way);
		sample_ca(
		    f, METRIC_ORDERS, ca, "state", "failing", ca->failing);
	}
	begin(f, METRIC_CERTIFICATES);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < CA_ENDS; k++)
			if (all[i].state.directory.n > 0)
				sample_ca(f, METRIC_CERTIFICATES, &all[i].state,
				    "ends", ca_end_names[k],
				    all[i].state.certificates[k]);
	return ERR_OK;
}

enum err
page_metrics(struct web_call *c, struct error *e)
{
	static enum err (*const parts[])(
	    struct web_call * c, FILE * f, struct error * e) = { say_build,
		say_census, say_work, say_ends, say_incidents, say_processes,
		say_outbox, say_publications, say_cas };
	enum err err = ERR_OK;
	FILE *f;

	if (!c->config->metrics_open && c->caller.kind == CALLER_NOBODY)
		return call_refuse(c, PROBLEM_LOGIN,
		    "The metrics are shown to a token, unless the "
		    "configuration opens them to everybody.");
	c->type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
	f = call_body(c);
	for (size_t i = 0; err == ERR_OK && i < sizeof parts / sizeof *parts;
	     i++)
		err = parts[i](c, f, e);
	fputs("# EOF\n", f);
	return err;
}

#include "out/domain_state.h"

#include "base/escape.h"
#include "core/words.h"
#include "out/incident_out.h"

enum { WORDS_MEMORY = 128 };

static const char *const sighting_state_names[] = {
	[SIGHTING_PENDING] = "pending",
	[SIGHTING_STANDING] = "standing",
	[SIGHTING_LEAVING] = "leaving",
};

static const char *const removal_names[] = {
	[REMOVAL_NOT_BEGUN] = "not-begun",
	[REMOVAL_SAME_ID] = "same-id",
	[REMOVAL_WAITING] = "waiting",
	[REMOVAL_DONE] = "done",
};

static void
print_date(FILE *f, struct wall_time t)
{
	char mem[WORDS_MEMORY];
	struct arena a;

	arena_init_fixed(&a, mem, sizeof mem);
	fputs(words_date(&a, t), f);
}

static void
print_duration(FILE *f, uint32_t s)
{
	char mem[WORDS_MEMORY];
	struct arena a;

	arena_init_fixed(&a, mem, sizeof mem);
	fputs(words_duration(&a, s), f);
}

/* ---- what is wrong ---- */

static const char *
state_text(const struct sighting *s)
{
	switch (s->state) {
	case SIGHTING_PENDING:
		return s->result == RESULT_UNKNOWN
			   ? "; told if it stays so"
			   : "; told if it is seen again";
	case SIGHTING_STANDING:
		break;
	case SIGHTING_LEAVING:
		return "; not seen at the last look";
	}
	return "";
}

static void
print_sighting(const struct sighting *g, const struct style *s, FILE *f)
{
	bool unknown = g->result == RESULT_UNKNOWN;

	fprintf(f, "\n  %s%-7s%s  %s%s%s  ",
	    style_on(s, unknown ? INK_BLUE : style_severity_ink(g->severity)),
	    unknown ? "unknown" : severity_names[g->severity], style_off(s),
	    style_on(s, INK_BOLD), checks[g->check].slug, style_off(s));
	fputs(style_on(s, INK_DIM), f);
	fputs("since ", f);
	print_date(f, g->first_seen);
	fprintf(f, "%s%s\n", state_text(g), style_off(s));
	style_wrap(s, f, 4, g->message);
	if (g->remedy.n == 0)
		return;
	fputs(style_on(s, INK_GREEN), f);
	style_wrap(s, f, 4, g->remedy);
	fputs(style_off(s), f);
}

static json_t *
sighting_json(struct json_writer *w, const struct sighting *s)
{
	json_t *o = json_object();

	json_put(w, o, "slug", json_word(checks[s->check].slug));
	json_put(w, o, "result", json_word(check_result_names[s->result]));
	json_put(w, o, "state", json_word(sighting_state_names[s->state]));
	json_put(w, o, "severity", json_word(severity_names[s->severity]));
	json_put(w, o, "subject", json_text(s->subject));
	json_put(w, o, "address",
	    s->address.family != IP_NONE ? json_word(ip_format(s->address).s)
					 : json_null());
	json_put(w, o, "since", json_time(s->first_seen));
	json_put(w, o, "message", json_text(s->message));
	json_put(w, o, "remedy", json_text(s->remedy));
	return o;
}

/* ---- what senders may hold ---- */

static void
print_until(FILE *f, const char *mode, struct wall_time until)
{
	if (until.s == 0)
		return;
	fprintf(f, "  %-10s copies may be in use until ", mode);
	print_date(f, until);
	putc('\n', f);
}

static void
print_version(const struct ledger_version *v, struct wall_time now, FILE *f)
{
	fprintf(
	    f, "  policy %-3u %s, kept for ", v->seq, sts_mode_names[v->mode]);
	print_duration(f, v->max_age);
	fputs(", seen from ", f);
	print_date(f, v->first_seen);
	if (v->served) {
		fputs(", served now\n", f);
	} else {
		fputs(" to ", f);
		print_date(f, v->last_seen);
		fputs(v->named ? ", its id is there still; may be in use until "
			       : "; may be in use until ",
		    f);
		print_date(f, ledger_horizon(v, now));
		putc('\n', f);
	}
	for (size_t i = 0; i < v->n_mx; i++) {
		fprintf(f, "%13smx: ", "");
		escape_print(f, v->mx[i]);
		putc('\n', f);
	}
}

static void
print_removal(const struct ledger_removal *r, FILE *f)
{
	switch (r->state) {
	case REMOVAL_NOT_BEGUN:
		return;
	case REMOVAL_SAME_ID:
		fputs("  removal    mode none has the id of an older policy\n",
		    f);
		return;
	case REMOVAL_WAITING:
		fputs("  removal    record and policy may go after ", f);
		print_date(f, r->safe_at);
		putc('\n', f);
		return;
	case REMOVAL_DONE:
		fprintf(f, "  removal    record and policy may go%s\n",
		    r->blind ? ", as far as is known" : "");
		return;
	}
}

static void
print_senders(const struct domain_state *d, FILE *f)
{
	const struct ledger *l = &d->ledger;
	const struct ledger_id *id = ledger_latest_id(l);
	struct ledger_removal removal;
	struct ledger_held held;

	ledger_held(l, d->now, &held);
	if (held.n == 0 && id == NULL)
		return;
	fputs("\nWhat senders may hold\n", f);
	print_until(f, "enforce", held.enforce_until);
	print_until(f, "testing", held.testing_until);
	print_until(f, "none", held.none_until);
	for (size_t i = 0; i < l->n_versions; i++)
		if (ledger_is_held(&l->versions[i], d->now))
			print_version(&l->versions[i], d->now, f);
	if (id != NULL) {
		fputs("  id         ", f);
		escape_print(f, id->id);
		fputs(", since ", f);
		print_date(f, id->since);
		putc('\n', f);
	}
	removal = ledger_removal(l, d->now);
	print_removal(&removal, f);
}

void
domain_state_text(const struct domain_state *d, const struct style *s, FILE *f)
{
	if (d->n_incidents > 0)
		putc('\n', f);
	for (size_t i = 0; i < d->n_incidents; i++)
		incident_line(&d->incidents[i], s, f);
	for (size_t i = 0; i < d->sightings.n; i++)
		print_sighting(&d->sightings.all[i], s, f);
	print_senders(d, f);
}

static json_t *
version_json(
    struct json_writer *w, const struct ledger_version *v, struct wall_time now)
{
	json_t *o = json_object(), *mx = json_array();

	json_put(w, o, "seq", json_integer(v->seq));
	json_put(w, o, "mode", json_word(sts_mode_names[v->mode]));
	json_put(w, o, "max_age", json_integer(v->max_age));
	for (size_t i = 0; i < v->n_mx; i++)
		json_add(w, mx, json_text(v->mx[i]));
	json_put(w, o, "mx", mx);
	json_put(w, o, "first_seen", json_time(v->first_seen));
	json_put(w, o, "last_seen", json_time(v->last_seen));
	json_put(w, o, "served", json_boolean(v->served));
	json_put(w, o, "named", json_boolean(v->named));
	json_put(w, o, "horizon", json_time(ledger_horizon(v, now)));
	return o;
}

static json_t *
id_json(struct json_writer *w, const struct ledger_id *id)
{
	json_t *o = json_object();

	json_put(w, o, "id", json_text(id->id));
	json_put(w, o, "first_seen", json_time(id->first_seen));
	json_put(w, o, "last_seen", json_time(id->last_seen));
	return o;
}

static json_t *
removal_json(struct json_writer *w, const struct ledger_removal *r)
{
	json_t *o = json_object();

	json_put(w, o, "state", json_word(removal_names[r->state]));
	json_put(w, o, "safe_at",
	    r->state == REMOVAL_WAITING ? json_time(r->safe_at) : json_null());
	return o;
}

static json_t *
senders_json(struct json_writer *w, const struct domain_state *d)
{
	const struct ledger *l = &d->ledger;
	struct ledger_removal removal = ledger_removal(l, d->now);
	json_t *o = json_object(), *versions = json_array(),
	       *ids = json_array();
	struct ledger_held held;

	ledger_held(l, d->now, &held);
	json_put(w, o, "enforce_until", json_time_or_null(held.enforce_until));
	json_put(w, o, "testing_until", json_time_or_null(held.testing_until));
	json_put(w, o, "none_until", json_time_or_null(held.none_until));
	for (size_t i = 0; i < l->n_versions; i++)
		if (ledger_is_held(&l->versions[i], d->now))
			json_add(w, versions,
			    version_json(w, &l->versions[i], d->now));
	json_put(w, o, "versions", versions);
	for (size_t i = 0; i < l->n_ids; i++)
		json_add(w, ids, id_json(w, &l->ids[i]));
	json_put(w, o, "ids", ids);
	json_put(w, o, "removal", removal_json(w, &removal));
	return o;
}

void
domain_state_json(
    struct json_writer *w, json_t *o, const struct domain_state *d)
{
	json_t *findings = json_array(), *incidents = json_array();

	for (size_t i = 0; i < d->sightings.n; i++)
		json_add(w, findings, sighting_json(w, &d->sightings.all[i]));
	json_put(w, o, "findings", findings);
	for (size_t i = 0; i < d->n_incidents; i++)
		json_add(w, incidents, json_integer(d->incidents[i].id));
	json_put(w, o, "incidents", incidents);
	json_put(w, o, "senders", senders_json(w, d));
}

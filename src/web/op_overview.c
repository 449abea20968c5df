/* The pictures' figures, for programs. */
#include "web/chart.h"
#include "web/model_overview.h"

static json_t *
counts_json(
    struct json_writer *w, enum axis_id id, const struct axis_counts *counts)
{
	const struct axis *a = &axes[id];
	json_t *o = json_object();

	for (size_t i = 0; i < a->n; i++)
		json_put(w, o, axis_part_name(&a->parts[i]),
		    json_integer(counts->parts[i]));
	return o;
}

enum err
api_census(struct web_call *c, struct error *e)
{
	struct json_writer w = { false };
	json_t *root, *list;
	struct axis_day *days;
	size_t n;
	enum err rc = overview_census(c, &days, &n, e);

	if (rc != ERR_OK)
		return rc;
	root = json_object();
	list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();

		json_put(
		    &w, o, "day", json_word(chart_day_iso(days[i].day).text));
		json_put(&w, o, "domains",
		    json_integer(days[i].counts[AXIS_VERDICT].total));
		for (size_t axis = 0; axis < AXES; axis++)
			json_put(&w, o, axes[axis].name,
			    counts_json(
				&w, (enum axis_id)axis, &days[i].counts[axis]));
		json_add(&w, list, o);
	}
	json_put(&w, root, "schema", json_word("mtasts.census/1"));
	json_put(&w, root, "days", list);
	return call_json(c, &w, root, e);
}

static json_t *
expiries_json(struct json_writer *w, const struct portfolio_day *days, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();

		json_put(
		    w, o, "day", json_word(chart_day_iso(days[i].day).text));
		json_put(w, o, "domains", json_integer(days[i].n));
		json_add(w, list, o);
	}
	return list;
}

static json_t *
incidents_json(struct json_writer *w, const struct incident_day *days, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct incident_day *d = &days[i];
		json_t *o = json_object();

		json_put(w, o, "day", json_word(chart_day_iso(d->day).text));
		json_put(w, o, "opened", json_integer(d->opened));
		json_put(w, o, "open", json_integer(d->open));
		json_put(w, o, "worst",
		    d->open > 0 ? json_word(severity_names[d->worst])
				: json_null());
		json_add(w, list, o);
	}
	return list;
}

enum err
api_calendar(struct web_call *c, struct error *e)
{
	struct json_writer w = { false };
	struct portfolio_day *expiries;
	struct incident_day *incidents;
	size_t n_expiries, n_incidents;
	json_t *root;
	enum err rc = overview_expiries(c, &expiries, &n_expiries, e);

	if (rc == ERR_OK)
		rc = overview_incidents(c, &incidents, &n_incidents, e);
	if (rc != ERR_OK)
		return rc;
	root = json_object();
	json_put(&w, root, "schema", json_word("mtasts.calendar/1"));
	json_put(
	    &w, root, "certificates", expiries_json(&w, expiries, n_expiries));
	json_put(
	    &w, root, "incidents", incidents_json(&w, incidents, n_incidents));
	return call_json(c, &w, root, e);
}

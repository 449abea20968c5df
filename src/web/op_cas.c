/* The CAs. */
#include "web/list.h"
#include "web/model_cas.h"

static json_t *
orders_to_json(struct json_writer *w, const struct ca_state *ca)
{
	json_t *o = json_object();

	json_put(w, o, "waiting", json_integer(ca->waiting));
	json_put(w, o, "under_way", json_integer(ca->under_way));
	json_put(w, o, "failing", json_integer(ca->failing));
	return o;
}

static json_t *
certificates_to_json(struct json_writer *w, const struct ca_state *ca)
{
	json_t *o = json_object();

	for (size_t i = 0; i < CA_ENDS; i++)
		json_put(
		    w, o, ca_end_names[i], json_integer(ca->certificates[i]));
	return o;
}

static json_t *
reasons_to_json(struct json_writer *w, const struct ca_state *ca)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ca->n_reasons; i++) {
		const struct ca_reason *r = &ca->reasons[i];
		json_t *o = json_object();

		json_put(w, o, "text", json_text(r->text));
		json_put(w, o, "orders", json_integer(r->orders));
		json_put(w, o, "last_at", json_time(r->last_at));
		json_put(w, o, "domain", json_text_or_null(r->domain));
		json_add(w, list, o);
	}
	return list;
}

static json_t *
ca_to_json(struct json_writer *w, const struct ca_view *v)
{
	json_t *o = json_object();

	json_put(w, o, "directory", json_text_or_null(v->state.directory));
	json_put(w, o, "configured", json_boolean(v->is_configured));
	json_put(w, o, "orders", orders_to_json(w, &v->state));
	json_put(w, o, "reasons", reasons_to_json(w, &v->state));
	json_put(w, o, "next_try_at", json_time_or_null(v->state.next));
	json_put(w, o, "certificates", certificates_to_json(w, &v->state));
	return o;
}

enum err
api_cas(struct web_call *c, struct error *e)
{
	struct json_writer w = { false };
	struct ca_view *all;
	json_t *items;
	size_t n;
	enum err rc = cas_view(c, &all, &n, e);

	if (rc != ERR_OK)
		return rc;
	items = json_array();
	for (size_t i = 0; i < n; i++)
		json_add(&w, items, ca_to_json(&w, &all[i]));
	return list_say(c, &w, items, SPAN(""), e);
}

/* The ways to tell people, and a test of one. */
#include "web/done.h"
#include "web/list.h"
#include "web/model_channels.h"

static json_t *
test_to_json(struct json_writer *w, const struct channel_state *s)
{
	json_t *o;

	if (!s->was_tested)
		return json_null();
	o = json_object();
	json_put(
	    w, o, "state", json_word(outbox_test_state_names[s->test.state]));
	json_put(w, o, "asked_at", json_time(s->test.asked_at));
	json_put(w, o, "error", json_text(s->test.error));
	return o;
}

static json_t *
channel_to_json(struct json_writer *w, const struct channel_state *s)
{
	const struct web_channel *own = s->channel;
	json_t *o = json_object();

	json_put(w, o, "name", json_text(own->name));
	json_put(w, o, "type", json_text(own->type));
	json_put(w, o, "to", json_text(own->to));
	json_put(w, o, "severity", json_text(own->severity));
	json_put(w, o, "waiting", json_integer(s->health.waiting));
	json_put(w, o, "oldest_at",
	    s->health.waiting > 0 ? json_time(s->health.oldest) : json_null());
	json_put(w, o, "error", json_text(s->health.error));
	json_put(w, o, "last_test", test_to_json(w, s));
	return o;
}

enum err
api_channels(struct web_call *c, struct error *e)
{
	struct json_writer w = { false };
	struct channel_state *all;
	json_t *items;
	enum err rc = channels_look(c, &all, e);

	if (rc != ERR_OK)
		return rc;
	items = json_array();
	for (size_t i = 0; i < c->config->n_channels; i++)
		json_add(&w, items, channel_to_json(&w, &all[i]));
	return list_say(c, &w, items, SPAN(""), e);
}

/* ---- a test ---- */

static enum err
run_test(struct store *s, void *arg, struct error *e)
{
	struct web_call *c = arg;
	enum err rc = outbox_put_test(s, c->captured[0], c->now, e);

	return rc == ERR_OK ? call_audit(c, "channel-test", c->captured[0], e)
			    : rc;
}

enum err
api_channel_test(struct web_call *c, struct error *e)
{
	bool found = false;
	enum err rc;

	if (!input_end(c))
		return ERR_OK;
	for (size_t i = 0; i < c->config->n_channels; i++)
		found |= span_eq(c->config->channels[i].name, c->captured[0]);
	if (!found)
		return call_refuse(
		    c, PROBLEM_MISSING, "There is no such channel.");
	rc = store_transact(c->store, run_test, c, e);
	return rc == ERR_OK ? done_say(c, "testing-channel", e) : rc;
}

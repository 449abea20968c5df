#include "out/check_json.h"

#include "base/limits.h"
#include "out/evidence_json.h"
#include "out/finding_json.h"
#include "out/json.h"
#include "out/published_json.h"

static json_t *
record_json(struct json_writer *w, const struct judged *j)
{
	const struct dns_answer *a = &j->evidence->sts_txt;
	json_t *o = json_object(), *txt = json_array();
	struct arena scratch;

	arena_init(&scratch, LIMIT_CHECK_MEMORY);
	json_put(w, o, "result", json_word(thing_names[j->record]));
	published_put_record(w, o, j);
	for (size_t i = 0; i < a->n_txt; i++)
		json_add(w, txt, json_text(dns_txt_join(&scratch, &a->txt[i])));
	json_put(w, o, "txt", txt);
	w->failed |= scratch.failed;
	arena_release(&scratch);
	return o;
}

static json_t *
policy_json(struct json_writer *w, const struct judged *j)
{
	json_t *o = json_object();

	json_put(w, o, "result", json_word(thing_names[j->policy]));
	published_put_policy(w, o, j);
	if (j->fetch != NULL && j->fetch->status == 200)
		json_put(w, o, "body", json_text(j->fetch->body));
	return o;
}

static json_t *
tlsrpt_json(struct json_writer *w, const struct judged *j)
{
	json_t *o = json_object();

	json_put(w, o, "result", json_word(thing_names[j->tlsrpt]));
	published_put_tlsrpt(w, o, j);
	return o;
}

static json_t *
address_json(struct json_writer *w, const struct judged_address *a)
{
	const struct probe *p = a->probe;
	json_t *o = json_object();

	json_put(w, o, "address", json_word(ip_format(p->address).s));
	json_put(w, o, "result", json_word(check_result_names[a->result]));
	if (p->tls.version != TLS_NONE)
		json_put(
		    w, o, "tls", json_word(tls_version_name(p->tls.version)));
	if (p->tls.n_chain > 0)
		json_put(
		    w, o, "not_after", json_time(p->tls.chain[0].not_after));
	return o;
}

static json_t *
mx_json(struct json_writer *w, const struct judged_mx *m)
{
	json_t *o = json_object(), *addresses = json_array();

	json_put(w, o, "host", json_text(m->host->host));
	json_put(w, o, "preference", json_integer(m->host->preference));
	json_put(w, o, "matched_by",
	    m->matched_by.n > 0 ? json_text(m->matched_by) : json_null());
	json_put(w, o, "dane", json_word(dane_state_names[m->dane]));
	for (size_t i = 0; i < m->n_addresses; i++)
		json_add(w, addresses, address_json(w, &m->addresses[i]));
	json_put(w, o, "addresses", addresses);
	return o;
}

enum err
check_json(const struct judged *j, bool all, FILE *f)
{
	struct json_writer w = { false };
	json_t *o = json_object(), *mx = json_array();

	json_put(&w, o, "schema", json_word("mtasts.check/1"));
	json_put(&w, o, "domain", json_text(j->evidence->domain));
	json_put(&w, o, "checked_at", json_time(j->evidence->checked_at));
	json_put(
	    &w, o, "deployment", json_word(deployment_names[j->deployment]));
	json_put(
	    &w, o, "eligibility", json_word(eligibility_names[j->eligibility]));
	json_put(&w, o, "verdict", json_word(verdict_names[j->verdict]));
	json_put(&w, o, "record", record_json(&w, j));
	json_put(&w, o, "policy", policy_json(&w, j));
	json_put(&w, o, "tlsrpt", tlsrpt_json(&w, j));
	for (size_t i = 0; i < j->n_mx; i++)
		json_add(&w, mx, mx_json(&w, &j->mx[i]));
	json_put(&w, o, "mx", mx);
	json_put(&w, o, "findings", findings_json(&w, j, all));
	json_put(&w, o, "evidence", evidence_to_json(&w, j->evidence));
	return json_line(&w, o, f);
}

#include "out/published_json.h"

void
published_put_record(struct json_writer *w, json_t *o, const struct judged *j)
{
	if (j->rrset.record.id.n > 0)
		json_put(w, o, "id", json_text(j->rrset.record.id));
}

void
published_put_policy(struct json_writer *w, json_t *o, const struct judged *j)
{
	const struct sts_policy *p = &j->sts;
	json_t *mx = json_array();

	if (p->mode != STS_MODE_UNSET)
		json_put(w, o, "mode", json_word(sts_mode_names[p->mode]));
	if (p->has_max_age)
		json_put(w, o, "max_age", json_integer(p->max_age));
	for (size_t i = 0; i < p->n_mx; i++)
		json_add(w, mx, json_text(p->mx[i]));
	json_put(w, o, "mx", mx);
}

void
published_put_tlsrpt(struct json_writer *w, json_t *o, const struct judged *j)
{
	json_t *rua = json_array();

	for (size_t i = 0; i < j->rpt.n_rua; i++)
		json_add(w, rua, json_text(j->rpt.rua[i].uri));
	json_put(w, o, "rua", rua);
}

/* From one judgement to what the ledger takes of it. */
#include "core/judge.h"
#include "core/ledger.h"

static enum sight
sight_of_record(enum thing t)
{
	switch (t) {
	case THING_OK:
		return SIGHT_PRESENT;
	case THING_NONE:
		return SIGHT_ABSENT;
	case THING_INVALID:
	case THING_UNREACHABLE:
		return SIGHT_BROKEN;
	case THING_UNKNOWN:
		break;
	}
	return SIGHT_UNKNOWN;
}

/* "There is no such file" is an answer; every other failure of a host that is
 * there may be over in an hour. */
static enum sight
sight_of_policy(const struct judged *j)
{
	const struct fetch *f = j->fetch;
	bool no_file = f != NULL && f->result == TALK_OK &&
		       (f->status == 404 || f->status == 410);

	switch (j->policy) {
	case THING_OK:
		return SIGHT_PRESENT;
	case THING_NONE:
		return SIGHT_ABSENT;
	case THING_INVALID:
	case THING_UNREACHABLE:
		return no_file ? SIGHT_ABSENT : SIGHT_BROKEN;
	case THING_UNKNOWN:
		break;
	}
	return SIGHT_UNKNOWN;
}

/* A lookup that failed does not tell whether there is a CNAME. */
static enum sight
sight_of_cname(const struct dns_answer *d)
{
	if (d->n_chain > 0)
		return SIGHT_PRESENT;
	return dns_is_known(d) ? SIGHT_ABSENT : SIGHT_UNKNOWN;
}

static void
observe_mx(const struct evidence *ev, struct arena *a, struct observation *out)
{
	struct span *hosts;

	if (!dns_is_known(&ev->mx))
		return;
	hosts = arena_array(
	    a, ev->n_mx_hosts > 0 ? ev->n_mx_hosts : 1, sizeof *hosts);
	if (hosts == NULL)
		return;
	for (size_t i = 0; i < ev->n_mx_hosts; i++) {
		struct span host = ev->mx_hosts[i].host;
		bool again = false;

		for (size_t k = 0; k < out->n_mx_hosts; k++)
			again |= span_eq(hosts[k], host);
		if (host.n > 0 && !again) /* a null MX is no host */
			hosts[out->n_mx_hosts++] = host;
	}
	out->mx = out->n_mx_hosts > 0 ? SIGHT_PRESENT : SIGHT_ABSENT;
	out->mx_hosts = hosts;
}

enum err
ledger_observe(const struct judged *j, struct arena *a, struct observation *out)
{
	*out = (struct observation){
		.at = j->evidence->checked_at,
		.txt = sight_of_record(j->record),
		.file = sight_of_policy(j),
		.txt_cname = sight_of_cname(&j->evidence->sts_txt),
		.host_cname = sight_of_cname(&j->evidence->host_a),
	};
	if (out->txt == SIGHT_PRESENT)
		out->id = j->rrset.record.id;
	if (out->file == SIGHT_PRESENT) {
		out->body = j->fetch->body;
		out->mode = j->sts.mode;
		out->max_age = j->sts.max_age;
		out->mx_patterns = j->sts.mx;
		out->n_mx_patterns = j->sts.n_mx;
	}
	observe_mx(j->evidence, a, out);
	return a->failed ? ERR_MEMORY : ERR_OK;
}

#include "cli/move_look.h"

#include "core/mx_move_check.h"
#include "io/resolver.h"

enum { DEADLINE_MS = 60000 };

static struct mono_time
deadline(void)
{
	return mono_after_ms(clock_mono(&clock_system), DEADLINE_MS);
}

void
move_take_mx(struct mx_move_question *q, const struct dns_mx *mx, size_t n,
    uint32_t ttl, struct arena *a)
{
	struct dns_mx *out = arena_array(a, n, sizeof *out);

	q->mx = out;
	q->n_mx = 0;
	q->ttl = ttl;
	for (size_t i = 0; out != NULL && i < n; i++)
		if (mx[i].host.n > 0)
			out[q->n_mx++] = mx[i];
}

/* A resolver tells what is left of a TTL, a name server all of it. */
static uint32_t
ttl_of(const struct evidence *ev)
{
	uint32_t ttl = ev->mx.ttl;

	for (size_t i = 0; i < ev->n_zones; i++)
		for (size_t k = 0; k < ev->zones[i].n_servers; k++) {
			const struct server_answer *s =
			    &ev->zones[i].servers[k].mx;

			if (s->answer.type == DNS_MX && s->answer.ttl > ttl)
				ttl = s->answer.ttl;
		}
	return ttl;
}

/* The domain as it is: a look like any other, for the ledger too. */
static enum err
look_at_domain(struct collector *c, struct mx_move_question *q,
    struct ledger *ledger, struct arena *a, struct error *e)
{
	const struct look_plan plan = { .looks = LOOK_EVERYTHING,
		.known_id = SPAN("") };
	struct ledger_change change;
	struct observation seen;
	struct evidence ev;
	struct judged j;
	unsigned looked;
	enum err rc =
	    collect_parts(c, q->domain, &plan, deadline(), a, &ev, &looked);

	if (rc == ERR_OK && !dns_is_known(&ev.mx))
		return error_set(e, ERR_NO_INPUT,
		    "the MX records of %.*s could not be looked up (%s)",
		    (int)q->domain.n, q->domain.p,
		    dns_result_names[ev.mx.result]);
	if (rc == ERR_OK)
		rc = judge(&ev, q->now, JUDGE_ALL, a, &j);
	if (rc == ERR_OK)
		rc = ledger_observe(&j, a, &seen);
	if (rc == ERR_OK)
		rc = ledger_step(ledger, &seen, a, &change);
	if (rc == ERR_OK)
		move_take_mx(q, ev.mx.mx, ev.mx.n_mx, ttl_of(&ev), a);
	return error_plain(e, rc);
}

/* The domain as it would be: with the new hosts for its own. */
static enum err
look_at_hosts(struct collector *c, const struct mx_move_question *q,
    struct arena *a, struct evidence *ev)
{
	struct dns_mx *mx = arena_array(a, q->n_to, sizeof *mx);
	struct host_seen *seen = arena_array(a, q->n_to, sizeof *seen);
	enum err rc = ERR_OK;

	if (mx == NULL || seen == NULL)
		return ERR_MEMORY;
	evidence_blank(ev);
	ev->domain = q->domain;
	ev->checked_at = q->now;
	ev->dnssec = collector_validates(c);
	resolver_blank(q->domain, DNS_MX, DNS_OK, &ev->mx);
	ev->mx.mx = mx;
	ev->mx.n_mx = q->n_to;
	for (size_t i = 0; rc == ERR_OK && i < q->n_to; i++) {
		mx[i].host = q->to[i].host;
		rc = collect_host(c, mx[i].host, deadline(), a, &seen[i]);
	}
	return rc == ERR_OK ? collect_assemble(c, seen, q->n_to, a, ev) : rc;
}

enum err
move_look(const struct look_options *o, struct mx_move_question *q,
    struct mx_move_host *to, struct ledger *ledger, struct arena *a,
    struct error *e)
{
	struct collect_options co;
	struct collector *c;
	struct evidence ev;
	enum err rc;

	collect_options_init(&co);
	rc = look_options_apply(o, a, &co, e);
	if (rc == ERR_OK)
		rc = collector_new(&co, &c, e);
	if (rc != ERR_OK)
		return rc;
	rc = look_at_domain(c, q, ledger, a, e);
	if (rc == ERR_OK) {
		rc = look_at_hosts(c, q, a, &ev);
		if (rc == ERR_OK)
			rc = mx_move_weigh(q, &ev, to, a);
		rc = error_plain(e, rc);
	}
	collector_free(c);
	return rc;
}

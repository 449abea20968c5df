#include "cli/move_look.h"

#include "core/gate.h"
#include "io/resolver.h"

enum { DEADLINE_MS = 60000 };

static struct mono_time
deadline(void)
{
	return mono_after_ms(clock_mono(&clock_system), DEADLINE_MS);
}

static enum err
ours(enum err rc, struct error *e)
{
	return rc == ERR_OK ? rc : error_set(e, rc, "%s", err_text(rc));
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
	return ours(rc, e);
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

/* What the gate says of a host is what a sender would make of it. */
static void
take_bar(const struct gate_bar *bar, struct mx_move_host *h, struct arena *a)
{
	enum mx_move_check check =
	    bar->kind == GATE_NOT_MEASURED ? MX_MOVE_UNKNOWN : MX_MOVE_BAD;

	if (h->check != MX_MOVE_BAD)
		h->check = check;
	h->text = arena_printf(a, "%.*s%s%.*s", (int)h->text.n, h->text.p,
	    h->text.n > 0 ? "\n" : "", (int)bar->text.n, bar->text.p);
}

/* To the gate that is a host of which nothing is known; to a move it is one
 * that is not there. */
static bool
has_no_address(const struct evidence *ev, struct span host)
{
	for (size_t i = 0; i < ev->n_mx_hosts; i++) {
		const struct mx_host *h = &ev->mx_hosts[i];

		if (span_eq(h->host, host))
			return dns_is_known(&h->a) && dns_is_known(&h->aaaa) &&
			       h->a.n_addr + h->aaaa.n_addr == 0;
	}
	return false;
}

static enum err
check_hosts(const struct mx_move_question *q, struct mx_move_host *to,
    const struct evidence *ev, struct arena *a)
{
	struct span *patterns = arena_array(a, q->n_to, sizeof *patterns);
	struct gate_question question = { .patterns = patterns,
		.n_patterns = q->n_to,
		.now = q->now,
		.rules = { .certificate_s = gate_default.certificate_s } };
	struct judged j;
	struct gate gate;
	enum err rc = judge(ev, q->now, JUDGE_ALL, a, &j);

	if (patterns == NULL || rc != ERR_OK)
		return patterns == NULL ? ERR_MEMORY : rc;
	question.judged = &j;
	question.testing_since = q->now;
	for (size_t i = 0; i < q->n_to; i++)
		patterns[i] = to[i].host;
	rc = gate_check(&question, a, &gate);
	if (rc != ERR_OK)
		return rc;
	for (size_t i = 0; i < q->n_to; i++) {
		if (has_no_address(ev, to[i].host)) {
			to[i].check = MX_MOVE_BAD;
			to[i].text = SPAN("It has no address.");
			continue;
		}
		to[i].check = MX_MOVE_GOOD;
		for (size_t k = 0; k < gate.n_bars; k++)
			if (gate.bars[k].host.n == 0 ||
			    span_eq(gate.bars[k].host, to[i].host))
				take_bar(&gate.bars[k], &to[i], a);
	}
	return ERR_OK;
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
			rc = check_hosts(q, to, &ev, a);
		rc = ours(rc, e);
	}
	collector_free(c);
	return rc;
}

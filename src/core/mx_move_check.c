#include "core/mx_move_check.h"

#include "core/gate.h"

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

enum err
mx_move_weigh(const struct mx_move_question *q, const struct evidence *ev,
    struct mx_move_host *to, struct arena *a)
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

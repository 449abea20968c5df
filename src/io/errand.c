#include "io/errand.h"

#include "io/copy.h"

enum errand_kind { QUESTION, FETCH, PROBE, QUERY };

/* One thing that is out, and where its result belongs. */
struct errand {
	enum errand_kind kind;
	bool out;
	struct errand *next; /* all of the look */
	union {
		struct question *question;
		struct ticket *ticket;
	};

	union {
		struct {
			struct dns_answer *answer;
			void (*then)(void *arg); /* may be NULL */
			void *arg;
		}; /* QUESTION */
		struct fetch fetch;
		struct {
			struct probe probe;
			struct der_chain der;
		};
		struct server_seen server; /* QUERY */
	};
};

enum err
errands_init(struct errands *l, const struct look_env *env,
    struct mono_time deadline, struct arena *a)
{
	*l = (struct errands){ .env = env, .a = a, .deadline = deadline };
	return inbox_init(&l->inbox);
}

static struct errand *
errand_new(struct errands *l, enum errand_kind kind)
{
	struct errand *e = arena_alloc(l->a, sizeof *e);

	if (e == NULL) {
		l->failed = true;
		return NULL;
	}
	e->kind = kind;
	e->next = l->all;
	l->all = e;
	return e;
}

static void
go_out(struct errands *l, struct errand *e, bool ok)
{
	e->out = ok;
	l->out += ok;
	l->failed |= !ok;
}

static void
changed(struct errands *l, bool done)
{
	if (l->env->changed != NULL)
		l->env->changed(l->env->changed_arg, done);
}

void
errands_ask(struct errands *l, struct span name, uint16_t type,
    struct dns_answer *answer, void (*then)(void *arg), void *arg)
{
	struct errand *e = errand_new(l, QUESTION);

	resolver_blank(name, type, DNS_TIMEOUT, answer);
	if (e == NULL)
		return;
	e->answer = answer;
	e->then = then;
	e->arg = arg;
	e->question = resolver_ask(l->env->resolver, name, type, &l->inbox, e);
	go_out(l, e, e->question != NULL);
	if (e->out)
		changed(l, false);
}

static void
come_back(struct errands *l, struct errand *e)
{
	struct span name;

	e->out = false;
	l->out--;
	switch (e->kind) {
	case QUESTION:
		name = e->answer->name;
		question_read(e->question, l->a, e->answer);
		e->answer->name = name;
		question_drop(e->question);
		changed(l, true);
		if (e->then != NULL)
			e->then(e->arg);
		break;
	case FETCH:
		ticket_take_fetch(e->ticket, l->a, &e->fetch);
		ticket_drop(e->ticket);
		break;
	case PROBE:
		ticket_take_probe(e->ticket, l->a, &e->probe, &e->der);
		ticket_drop(e->ticket);
		break;
	case QUERY:
		ticket_take_server(e->ticket, l->a, &e->server);
		ticket_drop(e->ticket);
		break;
	}
}

static void
give_up(struct errands *l, struct errand *e)
{
	if (!e->out)
		return;
	if (e->kind == QUESTION) {
		question_drop(e->question);
		changed(l, true);
	} else {
		ticket_drop(e->ticket);
	}
}

enum err
errands_run(struct errands *l)
{
	struct letter *letter;

	while (l->out > 0 && !l->failed && !l->a->failed &&
	       (letter = inbox_take(&l->inbox, l->env->clock, l->deadline)) !=
		   NULL)
		come_back(l, letter->tag);
	for (struct errand *e = l->all; e != NULL; e = e->next)
		give_up(l, e);
	inbox_release(&l->inbox);
	if (l->a->failed)
		return ERR_LIMIT;
	return l->failed ? ERR_MEMORY : ERR_OK;
}

/* ---- conversations ---- */

/* The owner of a domain chooses these addresses; he shall not make us talk to
 * what is not on the public Internet. */
static bool
is_allowed(const struct look_env *env, struct ip_addr address)
{
	if (ip_is_global(address))
		return true;
	for (size_t i = 0; i < env->n_allow_net; i++)
		if (ip_in_prefix(address, env->allow_net[i]))
			return true;
	return false;
}

/* The errands of a party, as far as there is memory. */
static void
gather(struct errands *l, enum errand_kind kind,
    const struct dns_answer *answer, size_t max, struct party *party)
{
	size_t n = answer->n_addr < max ? answer->n_addr : max;

	party->errands = arena_array(l->a, n, sizeof *party->errands);
	if (party->errands == NULL)
		return;
	while (party->n < n) {
		struct errand *e = errand_new(l, kind);

		if (e == NULL)
			return;
		party->errands[party->n++] = e;
	}
}

/* What an address comes to until it has answered. */
static enum talk_result
result_before(const struct errands *l, struct ip_addr address)
{
	return is_allowed(l->env, address) ? TALK_UNFINISHED : TALK_NOT_ALLOWED;
}

void
errands_fetch(struct errands *l, struct span domain,
    const struct dns_answer *answer, size_t max, struct party *party)
{
	gather(l, FETCH, answer, max, party);
	for (size_t i = 0; i < party->n; i++) {
		struct errand *e = party->errands[i];
		struct ip_addr to = answer->addr[i];
		enum talk_result r = result_before(l, to);

		blank_fetch(to, r, &e->fetch);
		if (r == TALK_NOT_ALLOWED)
			continue;
		e->ticket = talks_fetch(
		    l->env->talks, domain, to, l->deadline, &l->inbox, e);
		go_out(l, e, e->ticket != NULL);
	}
}

void
errands_probe(struct errands *l, struct span host,
    const struct dns_answer *answer, size_t max, struct mono_time since,
    struct party *party)
{
	gather(l, PROBE, answer, max, party);
	for (size_t i = 0; i < party->n; i++) {
		struct errand *e = party->errands[i];
		struct ip_addr to = answer->addr[i];
		enum talk_result r = result_before(l, to);

		blank_probe(to, r, &e->probe);
		if (r == TALK_NOT_ALLOWED)
			continue;
		e->ticket =
		    talks_probe(l->env->talks, host, to, since, &l->inbox, e);
		go_out(l, e, e->ticket != NULL);
	}
}

static void
set_result(struct server_answer *q, enum talk_result r)
{
	if (q->answer.type != 0)
		q->result = (uint8_t)r;
}

void
errands_query(struct errands *l, const struct server_seen *wish,
    const struct dns_answer *answer, struct party *party)
{
	gather(l, QUERY, answer, 1, party);
	for (size_t i = 0; i < party->n; i++) {
		struct errand *e = party->errands[i];
		struct ip_addr to = answer->addr[i];
		enum talk_result r = result_before(l, to);

		e->server = *wish;
		e->server.address = to;
		set_result(&e->server.mx, r);
		set_result(&e->server.txt, r);
		if (r == TALK_NOT_ALLOWED)
			continue;
		e->ticket = talks_query(
		    l->env->talks, &e->server, l->deadline, &l->inbox, e);
		go_out(l, e, e->ticket != NULL);
	}
}

const struct fetch *
party_fetch(const struct party *p, size_t n)
{
	return &p->errands[n]->fetch;
}

const struct probe *
party_probe(const struct party *p, size_t n, const struct der_chain **out_der)
{
	*out_der = &p->errands[n]->der;
	return &p->errands[n]->probe;
}

const struct server_seen *
party_server(const struct party *p, size_t n)
{
	return &p->errands[n]->server;
}

#include "io/probe.h"

#include "base/limits.h"
#include "io/copy.h"
#include "wire/smtp_reply.h"

enum {
	BYE_MS = 2000, /* for the answer to QUIT, which nobody needs */
	VETO_MS = 500, /* for a server to turn down a client without key */
	SCRATCH = 256 * 1024,
};

/* One connection and what has come in but is not yet read. */
struct session {
	struct conn conn;
	const struct probe_env *env;
	struct arena *a; /* of the replies' texts */
	size_t n;
	char in[LIMIT_SMTP_REPLY];
};

static void
session_init(struct session *s, const struct probe_env *env, struct arena *a)
{
	s->conn = conn_init(env->clock, env->stop);
	s->env = env;
	s->a = a;
	s->n = 0;
}

static struct mono_time
in_ms(const struct session *s, int64_t ms)
{
	return mono_after_ms(clock_mono(s->env->clock), ms);
}

/* The next reply, whatever it says. */
static enum talk_result
read_reply(struct session *s, struct smtp_reply *out)
{
	for (;;) {
		enum talk_result r;
		size_t got;

		switch (
		    smtp_reply_parse((struct span){ s->in, s->n }, s->a, out)) {
		case SMTP_DONE:
			s->n -= out->size;
			memmove(s->in, s->in + out->size, s->n);
			return TALK_OK;
		case SMTP_SYNTAX:
			return TALK_PROTOCOL;
		case SMTP_TOO_LONG:
			return TALK_TOO_LONG;
		case SMTP_MORE:
			break;
		}
		if (s->n == sizeof s->in)
			return TALK_TOO_LONG;
		r = conn_read(
		    &s->conn, s->in + s->n, sizeof s->in - s->n, &got);
		if (r != TALK_OK)
			return r;
		s->n += got;
	}
}

static enum talk_result
command(struct session *s, const char *words, const char *argument,
    struct smtp_reply *out)
{
	char line[300];
	int n = snprintf(line, sizeof line, "%s%s\r\n", words, argument);
	enum talk_result r;

	if (n < 0 || (size_t)n >= sizeof line)
		return TALK_UNFINISHED;
	r = conn_write(&s->conn, (struct span){ line, (size_t)n });
	return r == TALK_OK ? read_reply(s, out) : r;
}

/* RFC 5321 4.1.1.10: a client ought to say QUIT. Its answer is waited for, a
 * little: only then has a TLS 1.3 server had its say on the handshake. */
static enum talk_result
say_quit(struct session *s, struct smtp_reply *out)
{
	s->conn.deadline = mono_earlier(s->conn.deadline, in_ms(s, BYE_MS));
	return command(s, "QUIT", "", out);
}

/* Each step leaves its stage in p and says whether the next may follow. */

static bool
step_connect(struct session *s, struct probe *p)
{
	p->stage = STAGE_CONNECT;
	p->result = (uint8_t)conn_open(
	    &s->conn, p->address, s->env->port, in_ms(s, s->env->connect_ms));
	return p->result == TALK_OK;
}

static bool
step_greeting(struct session *s, struct probe *p)
{
	struct mono_time from = clock_mono(s->env->clock);
	struct smtp_reply reply;

	p->stage = STAGE_GREETING;
	s->conn.deadline = in_ms(s, s->env->greeting_ms);
	p->result = (uint8_t)read_reply(s, &reply);
	p->greeting_ms =
	    (uint32_t)mono_ms_until(from, clock_mono(s->env->clock));
	s->conn.deadline = in_ms(s, s->env->talk_ms);
	if (p->result != TALK_OK)
		return false;
	p->greeting_code = (uint16_t)reply.code;
	p->greeting = reply.text;
	return reply.code == 220;
}

static bool
step_ehlo(struct session *s, struct probe *p)
{
	struct smtp_reply reply;

	p->stage = STAGE_EHLO;
	p->result = (uint8_t)command(s, "EHLO ", s->env->ehlo_name, &reply);
	if (p->result != TALK_OK)
		return false;
	p->ehlo_code = (uint16_t)reply.code;
	p->ehlo = reply.text;
	if (reply.code != 250)
		return false;
	p->stage = STAGE_STARTTLS;
	p->starttls_offered = smtp_ehlo_offers(reply.text, SPAN("STARTTLS"));
	return p->starttls_offered;
}

/* RFC 3207 4: nothing that came before TLS counts. What stands behind the
 * reply is thrown away, and noted. */
static enum talk_result
drop_plaintext(struct session *s, struct probe *p)
{
	enum talk_result r;
	size_t got;

	if (s->n > 0)
		p->injected = true;
	s->n = 0;
	r = conn_peek_rest(&s->conn, s->in, sizeof s->in, &got);
	if (got > 0)
		p->injected = true;
	return r;
}

static bool
step_starttls(struct session *s, bool piped, struct probe *p)
{
	struct smtp_reply reply;

	p->stage = STAGE_STARTTLS;
	p->result = (uint8_t)command(
	    s, piped ? "STARTTLS\r\nNOOP" : "STARTTLS", "", &reply);
	if (p->result != TALK_OK)
		return false;
	p->starttls_code = (uint16_t)reply.code;
	p->starttls = reply.text;
	if (reply.code != 220)
		return false;
	p->result = (uint8_t)drop_plaintext(s, p);
	if (p->result != TALK_OK)
		return false;
	p->stage = STAGE_HANDSHAKE;
	return true;
}

/* From the connection up to the point where the handshake begins. */
static bool
come_to_tls(struct session *s, bool piped, struct probe *p)
{
	struct smtp_reply reply;

	if (step_connect(s, p) && step_greeting(s, p) && step_ehlo(s, p) &&
	    step_starttls(s, piped, p))
		return true;
	if (p->result == TALK_OK)
		(void)say_quit(s, &reply);
	return false;
}

/* ---- the first connection ---- */

/* In TLS 1.3 a server that insists on a client certificate says so behind the
 * handshake. If it asked for one it gets a moment to: once we have said QUIT
 * its alert may be lost to a reset. */
static bool
is_vetoed(struct session *s)
{
	struct mono_time deadline = s->conn.deadline;
	struct smtp_reply reply;
	enum talk_result r;

	if (s->conn.client_cert_asked) {
		s->conn.deadline = in_ms(s, VETO_MS);
		r = read_reply(s, &reply);
		s->conn.deadline = deadline;
		if (r != TALK_TIMEOUT)
			return r != TALK_OK;
	}
	return say_quit(s, &reply) == TALK_HANDSHAKE;
}

static void
look_as_sender(const struct probe_env *env, struct span host, struct arena *a,
    struct probe *p, struct der_chain *der)
{
	struct handshake h = { .sni = host, .facts = true };
	struct session s;

	session_init(&s, env, a);
	if (!come_to_tls(&s, false, p))
		goto out;
	p->result =
	    (uint8_t)handshake_do(&s.conn, &env->tls, &h, a, &p->tls, der);
	/* 220, and the line is dead: that is STARTTLS refused, not TLS. */
	if (s.conn.tls_silent &&
	    (p->result == TALK_CLOSED || p->result == TALK_RESET)) {
		p->stage = STAGE_STARTTLS;
		tls_seen_blank(&p->tls);
	}
	if (p->result != TALK_OK)
		goto out;
	p->stage = STAGE_DONE;
	if (is_vetoed(&s)) {
		p->tls.result = p->result = TALK_HANDSHAKE;
		p->tls.error = arena_span(a, span_str(s.conn.reason));
		p->stage = STAGE_HANDSHAKE;
	}
out:
	conn_close(&s.conn);
}

/* ---- the second ---- */

/* The NOOP went out in the clear. If it is answered inside TLS, two replies
 * follow our QUIT, or rather the first comes before it. */
static enum tri
was_noop_taken(struct session *s)
{
	struct smtp_reply reply;

	if (say_quit(s, &reply) != TALK_OK)
		return TRI_UNKNOWN;
	if (reply.code == 221)
		return TRI_NO;
	return read_reply(s, &reply) == TALK_OK ? TRI_YES : TRI_NO;
}

/* Connect once without SNI. False if it did not even come to STARTTLS: then
 * nothing was learnt. */
static bool
try_without_sni(const struct probe_env *env, uint16_t max, bool piped,
    struct arena *a, struct ip_addr address, struct tls_seen *out,
    enum tri *out_taken)
{
	struct handshake h = { .sni = SPAN(""), .max = max, .facts = true };
	struct smtp_reply reply;
	struct probe p;
	struct session s;
	bool said;

	blank_probe(address, TALK_UNTRIED, &p);
	session_init(&s, env, a);
	*out_taken = TRI_UNKNOWN;
	if (come_to_tls(&s, piped, &p)) {
		if (handshake_do(&s.conn, &env->tls, &h, a, out, NULL) !=
		    TALK_OK)
			;
		else if (piped)
			*out_taken = was_noop_taken(&s);
		else
			(void)say_quit(&s, &reply);
	} else {
		tls_seen_blank(out);
	}
	said = p.stage == STAGE_HANDSHAKE ||
	       (p.stage == STAGE_STARTTLS && p.starttls_offered);
	conn_close(&s.conn);
	return said;
}

/* The chain is the same object where it is the same chain. */
static void
keep_no_sni(struct arena *a, const struct tls_seen *seen, struct probe *p)
{
	const struct tls_seen *first = &p->tls;

	if (seen->n_chain == 0 || seen->n_chain != first->n_chain ||
	    !span_eq(seen->chain[0].sha256, first->chain[0].sha256)) {
		copy_tls(a, seen, &p->no_sni);
		return;
	}
	p->no_sni = *seen;
	p->no_sni.cipher = arena_span(a, seen->cipher);
	p->no_sni.error = arena_span(a, seen->error);
	p->no_sni.trust_error = first->trust_error;
	p->no_sni.chain = first->chain;
}

static bool
is_refusal(const struct tls_seen *t)
{
	return t->result == TALK_HANDSHAKE || t->result == TALK_CLOSED ||
	       t->result == TALK_RESET;
}

/* Three things are asked in one connection. Where it fails they are asked
 * apart, so that one answer is not taken for another: first without the piped
 * NOOP, then with TLS 1.3 allowed. */
static void
look_without_sni(const struct probe_env *env, struct arena *scratch,
    struct arena *a, struct probe *p)
{
	struct tls_seen seen;
	enum tri taken, ignored;

	if (!try_without_sni(
		env, TLS_1_2, true, scratch, p->address, &seen, &taken))
		return;
	if (seen.result != TALK_OK) {
		if (!try_without_sni(env, TLS_1_2, false, scratch, p->address,
			&seen, &ignored))
			return;
		taken = seen.result == TALK_OK ? TRI_NO : TRI_UNKNOWN;
	}
	p->takes_injection = (uint8_t)taken;
	if (seen.result == TALK_OK && seen.version == TLS_1_2)
		p->tls12 = TRI_YES;
	if (is_refusal(&seen) && p->tls.version == TLS_1_3) {
		struct tls_seen with13;

		if (try_without_sni(env, TLS_1_3, false, scratch, p->address,
			&with13, &ignored) &&
		    with13.result == TALK_OK) {
			p->tls12 = TRI_NO;
			seen = with13;
		}
	}
	keep_no_sni(a, &seen, p);
}

/* ---- the third ---- */

static enum tri
takes_old_tls(const struct probe_env *env, struct span host,
    struct ip_addr address, struct arena *scratch)
{
	struct handshake h = { .sni = host, .min = TLS_1_0, .max = TLS_1_1 };
	enum tri answer = TRI_UNKNOWN;
	struct smtp_reply reply;
	struct tls_seen seen;
	struct session s;
	struct probe p;

	blank_probe(address, TALK_UNTRIED, &p);
	session_init(&s, env, scratch);
	if (come_to_tls(&s, false, &p)) {
		handshake_do(&s.conn, &env->tls, &h, scratch, &seen, NULL);
		if (seen.result == TALK_OK)
			answer = TRI_YES;
		else if (is_refusal(&seen))
			answer = TRI_NO;
		if (answer == TRI_YES)
			(void)say_quit(&s, &reply);
	}
	conn_close(&s.conn);
	return answer;
}

void
probe_address(const struct probe_env *env, struct span host,
    struct ip_addr address, struct arena *a, struct probe *out,
    struct der_chain *der)
{
	struct mono_time from = clock_mono(env->clock);
	struct arena scratch;

	*der = (struct der_chain){ .n_certs = 0 };
	blank_probe(address, TALK_UNTRIED, out);
	look_as_sender(env, host, a, out, der);
	if (out->tls.version == TLS_1_2)
		out->tls12 = TRI_YES;
	else if (out->tls.version != TLS_NONE && out->tls.version < TLS_1_2)
		out->tls12 = TRI_NO;
	if (out->stage == STAGE_DONE) {
		arena_init(&scratch, SCRATCH);
		look_without_sni(env, &scratch, a, out);
		out->old_tls = TRI_YES;
		if (out->tls.version >= TLS_1_2)
			out->old_tls = (uint8_t)takes_old_tls(
			    env, host, address, &scratch);
		arena_release(&scratch);
	}
	out->ms = (uint32_t)mono_ms_until(from, clock_mono(env->clock));
}

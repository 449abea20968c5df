/* What a sender does, and then what nobody but us asks: each in a connection of
 * its own, and only where it can tell something. */
#include "io/fetch.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "io/copy.h"
#include "wire/cert_name.h"
#include "wire/name.h"

enum { DIAGNOSIS_MS = 10 * 1000 }; /* each connection besides the fetch */

static const char browser[] =
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

/* A handshake alone, no word of HTTP. */
static enum talk_result
shake_hands(const struct get_target *to, const struct handshake *h,
    struct arena *a, struct tls_seen *out)
{
	const struct fetch_env *env = to->env;
	struct conn c = conn_init(env->clock, env->stop);
	int64_t ms = get_time_for(to, DIAGNOSIS_MS);
	enum talk_result r;

	tls_seen_blank(out);
	if (ms == 0)
		return TALK_UNTRIED;
	r = conn_open(&c, to->address, env->port,
	    mono_after_ms(clock_mono(env->clock), ms));
	out->result = (uint8_t)r;
	if (r == TALK_OK)
		r = handshake_do(&c, &env->tls, h, a, out, NULL);
	conn_close(&c);
	return r;
}

/* Not a sender's TLS: is it the version? */
static void
ask_old_version(const struct get_target *to, struct arena *a, struct fetch *f)
{
	struct handshake h = {
		.sni = to->host, .min = TLS_1_0, .max = TLS_1_1
	};
	struct tls_seen seen;

	if (f->stage == STAGE_HANDSHAKE && f->tls.version == TLS_NONE &&
	    f->result != TALK_TIMEOUT && f->result != TALK_UNFINISHED &&
	    shake_hands(to, &h, a, &seen) == TALK_OK)
		f->old_version = seen.version;
}

/* Senders with nothing newer than TLS 1.2: can they fetch? */
static void
ask_tls12(const struct get_target *to, struct arena *a, struct fetch *f)
{
	struct handshake h = {
		.sni = to->host, .min = TLS_1_2, .max = TLS_1_2
	};
	struct tls_seen seen;
	enum talk_result r;

	if (f->tls.version == TLS_1_2)
		f->tls12 = TRI_YES;
	/* One that turns us away for another reason would again. */
	if (f->tls.version != TLS_1_3 || f->tls.result != TALK_OK)
		return;
	r = shake_hands(to, &h, a, &seen);
	if (r == TALK_OK)
		f->tls12 = TRI_YES;
	else if (r == TALK_HANDSHAKE || seen.error.n > 0)
		f->tls12 = r == TALK_TIMEOUT ? TRI_UNKNOWN : TRI_NO;
}

/* The wrong name: is that what everybody gets? */
static void
ask_no_sni(const struct get_target *to, struct arena *a, struct fetch *f)
{
	struct handshake h = { .sni = SPAN(""), .facts = true };

	if (f->tls.n_chain > 0 && !cert_names_match(f->tls.chain[0].dns_ids,
				      f->tls.chain[0].n_dns_ids, to->host))
		shake_hands(to, &h, a, &f->no_sni);
}

static struct span
skip_space(struct span s)
{
	while (s.n > 0 && (ascii_is_wsp((unsigned char)s.p[0]) ||
			      s.p[0] == '\r' || s.p[0] == '\n'))
		s = span_skip(s, 1);
	return s;
}

static bool
looks_like_policy(struct span body)
{
	for (size_t i = 0; i < body.n; i++)
		if (ascii_starts_nocase(span_skip(body, i), SPAN("STSv1")))
			return true;
	return false;
}

/* Turned away, or shown a page where a file belongs: because we are a robot? */
static void
ask_as_browser(const struct get_target *to, struct arena *a, struct fetch *f)
{
	bool turned_away = f->status == 403 || f->status == 406 ||
			   f->status == 429 || f->status == 503;
	bool is_page =
	    f->status == 200 && span_starts(skip_space(f->body), SPAN("<"));
	int64_t ms = get_time_for(to, DIAGNOSIS_MS);
	struct fetch other;

	if ((!turned_away && !is_page) || ms == 0)
		return;
	blank_fetch(f->address, TALK_UNTRIED, &other);
	get_policy(to, browser, ms, a, &other);
	f->browser_status = other.status;
	f->browser_gets_policy = other.result == TALK_OK &&
				 other.status == 200 &&
				 looks_like_policy(other.body);
}

void
fetch_address(const struct fetch_env *env, struct span domain,
    struct ip_addr address, struct mono_time deadline,
    const atomic_bool *given_up, struct arena *a, struct fetch *out)
{
	struct get_target to = { .env = env,
		.host = name_below(a, "mta-sts", domain),
		.address = address,
		.deadline = deadline,
		.given_up = given_up };
	struct mono_time from = clock_mono(env->clock);
	struct arena scratch;

	blank_fetch(address, TALK_UNTRIED, out);
	get_policy(
	    &to, env->user_agent, get_time_for(&to, env->fetch_ms), a, out);
	out->ms = (uint32_t)mono_ms_until(from, clock_mono(env->clock));
	arena_init(&scratch, LIMIT_PROBE_MEMORY);
	ask_old_version(&to, &scratch, out);
	ask_tls12(&to, &scratch, out);
	ask_no_sni(&to, a, out);
	ask_as_browser(&to, &scratch, out);
	arena_release(&scratch);
}

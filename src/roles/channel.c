#include "roles/channel.h"

#include <jansson.h>
#include <stdlib.h>
#include <syslog.h>

#include "io/deliver_http.h"
#include "io/deliver_mail.h"
#include "io/deliver_program.h"
#include "io/deliver_syslog.h"
#include "out/mail.h"
#include "version.h"

enum err
channel_init(struct channel *c, const struct config *config,
    const struct channel_config *own, const struct clock *clock,
    struct stop *stop, struct error *e)
{
	const char *file =
	    own->ca_file != NULL ? own->ca_file : config->ca_file;

	*c = (struct channel){
		.config = config, .own = own, .clock = clock, .stop = stop
	};
	return trust_store_new(file, &c->trust, e);
}

void
channel_release(struct channel *c)
{
	trust_store_free(c->trust);
	c->trust = NULL;
}

int64_t
channel_limit_ms(enum channel_type type)
{
	switch (type) {
	case CHANNEL_MAIL:
	case CHANNEL_SENDMAIL:
		return LIMIT_MAIL_MS;
	case CHANNEL_WEBHOOK:
	case CHANNEL_CHAT:
		return LIMIT_WEBHOOK_MS;
	case CHANNEL_COMMAND:
	case CHANNEL_SYSLOG:
	case CHANNEL_TYPES:
		break;
	}
	return LIMIT_COMMAND_MS;
}

static void
no_memory(struct delivered *out)
{
	delivered_say(out, DELIVERY_TRY_LATER, "%s", err_text(ERR_MEMORY));
}

/* ---- mail ---- */

static bool
write_mail(const struct channel *c, const struct message *m, struct arena *a,
    struct span *out)
{
	struct mail_head head = { .from = c->own->from,
		.to = c->own->to.items,
		.n_to = c->own->to.n,
		.date = clock_wall(c->clock) };

	return mail_write(m, &head, a, out) == ERR_OK;
}

static void
by_mail(const struct channel *c, const struct deliver_env *env,
    const struct message *m, struct arena *a, struct delivered *out)
{
	struct mail_way way = { .server = c->own->server,
		.user = c->own->user,
		.password_file = c->own->password_file,
		.from = c->own->from,
		.to = c->own->to.items,
		.n_to = c->own->to.n };
	struct span text;

	if (write_mail(c, m, a, &text))
		deliver_mail(env, &way, text, out);
	else
		no_memory(out);
}

/* A local program takes lines as the system has them. */
static struct span
without_cr(struct span s, struct arena *a)
{
	char *p = arena_alloc(a, s.n);
	size_t n = 0;

	if (p == NULL)
		return SPAN("");
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r')
			p[n++] = s.p[i];
	return (struct span){ p, n };
}

/* -oi: a line of one dot is text. "--": what follows are addresses. */
static void
by_sendmail(const struct channel *c, const struct deliver_env *env,
    const struct message *m, struct arena *a, struct delivered *out)
{
	char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		NULL };
	size_t n = c->own->to.n;
	char **argv = arena_array(a, n + 6, sizeof *argv);
	struct program_way way = { argv, environment, true };
	struct span text;

	if (argv == NULL || !write_mail(c, m, a, &text)) {
		no_memory(out);
		return;
	}
	argv[0] = (char *)(uintptr_t)c->own->sendmail;
	argv[1] = "-oi";
	argv[2] = "-f";
	argv[3] = (char *)(uintptr_t)c->own->from;
	argv[4] = "--";
	for (size_t i = 0; i < n; i++)
		argv[5 + i] = (char *)(uintptr_t)c->own->to.items[i];
	deliver_program(env, &way, without_cr(text, a), out);
}

/* ---- webhook and chat ---- */

static void
by_webhook(const struct channel *c, const struct deliver_env *env,
    const struct message *m, struct arena *a, struct delivered *out)
{
	struct http_way way = { c->own->url, c->own->secret_file };

	(void)a;
	deliver_http(env, &way, m->id, m->json, out);
}

static void
by_chat(const struct channel *c, const struct deliver_env *env,
    const struct message *m, struct arena *a, struct delivered *out)
{
	struct http_way way = { c->own->url, c->own->secret_file };
	json_t *o = json_pack("{s:s%}", "text", m->brief.p, m->brief.n);
	char *text = o != NULL ? json_dumps(o, JSON_COMPACT) : NULL;

	(void)a;
	json_decref(o);
	if (text != NULL)
		deliver_http(env, &way, m->id, span_str(text), out);
	else
		no_memory(out);
	free(text);
}

/* ---- command ---- */

static char **
facts_as_environment(const struct message *m, struct arena *a)
{
	char **all = arena_array(a, m->n_facts + 2, sizeof *all);

	if (all == NULL)
		return NULL;
	all[0] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	for (size_t i = 0; i < m->n_facts; i++) {
		struct span s =
		    arena_printf(a, "MTASTS_%s=%.*s", m->facts[i].name,
			(int)m->facts[i].value.n, m->facts[i].value.p);

		all[1 + i] = (char *)(uintptr_t)s.p;
	}
	return a->failed ? NULL : all;
}

static void
by_command(const struct channel *c, const struct deliver_env *env,
    const struct message *m, struct arena *a, struct delivered *out)
{
	char *const argv[] = { (char *)(uintptr_t)c->own->command, NULL };
	char **environment = facts_as_environment(m, a);
	struct program_way way = { argv, environment, false };

	if (environment != NULL)
		deliver_program(env, &way, m->json, out);
	else
		no_memory(out);
}

/* ---- syslog ---- */

static int
priority_of(enum severity severity)
{
	switch (severity) {
	case SEVERITY_ERROR:
		return LOG_ERR;
	case SEVERITY_WARNING:
		return LOG_WARNING;
	case SEVERITY_INFO:
		break;
	}
	return LOG_NOTICE;
}

static void
by_syslog(const struct channel *c, const struct deliver_env *env,
    const struct message *m, struct arena *a, struct delivered *out)
{
	struct syslog_way way = {
		.socket =
		    c->syslog_socket != NULL ? c->syslog_socket : "/dev/log",
		.facility = syslog_facility(c->own->facility),
		.priority = priority_of(m->severity),
	};
	struct span line = m->brief, second;
	size_t n = span_find(line, '\n');

	(void)env;
	second = span_skip(line, n + 1);
	if (second.n > 0)
		line = arena_printf(
		    a, "%.*s - %.*s", (int)n, line.p, (int)second.n, second.p);
	deliver_syslog(&way, line, out);
}

void
channel_deliver(const struct channel *c, const struct message *m,
    struct arena *a, struct delivered *out)
{
	struct deliver_env env = { .clock = c->clock,
		.stop = c->stop,
		.trust = c->trust,
		.limit_ms = channel_limit_ms(c->own->type),
		.user_agent = c->config->user_agent != NULL
				  ? c->config->user_agent
				  : "mtasts/" MTASTS_VERSION_TEXT };

	switch (c->own->type) {
	case CHANNEL_MAIL:
		by_mail(c, &env, m, a, out);
		return;
	case CHANNEL_SENDMAIL:
		by_sendmail(c, &env, m, a, out);
		return;
	case CHANNEL_WEBHOOK:
		by_webhook(c, &env, m, a, out);
		return;
	case CHANNEL_CHAT:
		by_chat(c, &env, m, a, out);
		return;
	case CHANNEL_COMMAND:
		by_command(c, &env, m, a, out);
		return;
	case CHANNEL_SYSLOG:
		by_syslog(c, &env, m, a, out);
		return;
	case CHANNEL_TYPES:
		break;
	}
	delivered_say(out, DELIVERY_REFUSED, "a channel of no type");
}

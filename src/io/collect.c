#include "io/collect.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "io/look.h"
#include "io/look_mx.h"
#include "version.h"
#include "wire/name.h"

enum { HOST_MAX = 256 };

struct collector {
	struct look_env env;
	struct resolver *resolver;
	struct talks *talks;
	struct trust_store *trust;
	struct org_list *orgs;
	SSL_CTX *tls;
	struct stop stop;
	struct ip_prefix *allow_net;
	char *ehlo_name, *user_agent;

	pthread_mutex_t lock; /* of progress */
	struct collect_progress progress;
	void (*on_progress)(void *arg, const struct collect_progress *p);
	void *progress_arg;
};

void
collect_options_init(struct collect_options *o)
{
	*o = (struct collect_options){ .clock = &clock_system,
		.randomness = &randomness_system,
		.workers = 64,
		.dns_ms = 10 * 1000,
		.connect_ms = 15 * 1000,
		.greeting_ms = 45 * 1000,
		.talk_ms = 30 * 1000,
		.fetch_ms = LIMIT_FETCH_MS,
		.server_ms = 3 * 1000,
		.smtp_port = 25,
		.https_port = 443,
		.server_port = 53 };
}

/* ---- progress ---- */

static void
count(struct collector *c, unsigned *n)
{
	pthread_mutex_lock(&c->lock);
	++*n;
	if (c->on_progress != NULL)
		c->on_progress(c->progress_arg, &c->progress);
	pthread_mutex_unlock(&c->lock);
}

static void
count_question(void *arg, bool done)
{
	struct collector *c = arg;

	count(c, done ? &c->progress.questions_done : &c->progress.questions);
}

static void
count_talk(void *arg, bool done)
{
	struct collector *c = arg;

	count(c, done ? &c->progress.talks_done : &c->progress.talks);
}

/* ---- beginning and end ---- */

/* RFC 5321 4.1.1.1: a client names itself by its domain name; one that has
 * none is better off with a name that is nobody's. */
static char *
own_name(void)
{
	char host[HOST_MAX] = "";
	struct span name;

	if (gethostname(host, sizeof host - 1) == 0) {
		name = span_str(host);
		if (name_is_domain(name) && name_labels(name) > 1)
			return strdup(host);
	}
	return strdup("mtasts.invalid");
}

/* Connecting a datagram socket sends nothing: it only looks for a route. */
static bool
has_v6_route(void)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6,
		.sin6_port = htons(53),
		.sin6_addr.s6_addr = { 0x20, 0x01, 0x05, [15] = 1 } };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok;

	if (fd < 0)
		return false;
	ok = connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
	close(fd);
	return ok;
}

static enum err
copy_options(struct collector *c, const struct collect_options *o)
{
	size_t bytes = o->n_allow_net * sizeof *c->allow_net;

	c->allow_net = malloc(bytes > 0 ? bytes : 1);
	c->ehlo_name = o->ehlo_name != NULL ? strdup(o->ehlo_name) : own_name();
	c->user_agent =
	    strdup(o->user_agent != NULL ? o->user_agent
					 : "mtasts/" MTASTS_VERSION_TEXT);
	if (c->allow_net == NULL || c->ehlo_name == NULL ||
	    c->user_agent == NULL)
		return ERR_MEMORY;
	if (bytes > 0)
		memcpy(c->allow_net, o->allow_net, bytes);
	c->on_progress = o->progress;
	c->progress_arg = o->progress_arg;
	return ERR_OK;
}

static enum err
set_up_talks(struct collector *c, const struct collect_options *o)
{
	struct tls_client tls = { .ctx = c->tls, .trust = c->trust };
	struct talks_options t = {
		.probe = { .clock = o->clock,
		    .stop = &c->stop,
		    .tls = tls,
		    .ehlo_name = c->ehlo_name,
		    .port = o->smtp_port,
		    .connect_ms = o->connect_ms,
		    .greeting_ms = o->greeting_ms,
		    .talk_ms = o->talk_ms },
		.fetch = { .clock = o->clock,
		    .stop = &c->stop,
		    .tls = tls,
		    .user_agent = c->user_agent,
		    .port = o->https_port,
		    .fetch_ms = o->fetch_ms,
		    .connect_ms = o->fetch_ms / 2 },
		.server = { .clock = o->clock,
		    .randomness = o->randomness,
		    .stop = &c->stop,
		    .port = o->server_port,
		    .try_ms = o->server_ms },
		.stop = &c->stop,
		.workers = o->workers,
		.probe_keep_ms = o->probe_keep_ms,
		.changed = count_talk,
		.changed_arg = c,
	};

	return talks_new(&t, &c->talks);
}

static enum err
set_up(struct collector *c, const struct collect_options *o, struct error *e)
{
	struct resolver_options r = { .clock = o->clock,
		.servers = o->resolvers,
		.n_servers = o->n_resolvers,
		.trust_anchor = o->trust_anchor,
		.timeout_ms = o->dns_ms };
	enum err rc;

	if ((rc = copy_options(c, o)) != ERR_OK ||
	    (rc = stop_init(&c->stop)) != ERR_OK ||
	    (rc = get_global_init()) != ERR_OK ||
	    (rc = org_list_new(&c->orgs)) != ERR_OK)
		return error_plain(e, rc);
	if ((c->tls = conn_tls_context()) == NULL)
		return error_set(e, ERR_LIBRARY, "OpenSSL does not start");
	if ((rc = trust_store_new(o->ca_file, &c->trust, e)) != ERR_OK ||
	    (rc = resolver_new(&r, &c->resolver, e)) != ERR_OK)
		return rc;
	if ((rc = set_up_talks(c, o)) != ERR_OK)
		return error_plain(e, rc);
	c->env = (struct look_env){ .clock = o->clock,
		.randomness = o->randomness,
		.resolver = c->resolver,
		.talks = c->talks,
		.orgs = c->orgs,
		.allow_net = c->allow_net,
		.n_allow_net = o->n_allow_net,
		.v6_route = has_v6_route(),
		.authority = o->authority,
		.changed = count_question,
		.changed_arg = c };
	return ERR_OK;
}

enum err
collector_new(
    const struct collect_options *o, struct collector **out, struct error *e)
{
	struct collector *c = calloc(1, sizeof *c);
	enum err rc;

	if (c == NULL)
		return error_set(e, ERR_MEMORY, "out of memory");
	c->stop.fd = -1;
	pthread_mutex_init(&c->lock, NULL);
	rc = set_up(c, o, e);
	if (rc == ERR_OK)
		*out = c;
	else
		collector_free(c);
	return rc;
}

void
collector_free(struct collector *c)
{
	if (c == NULL)
		return;
	talks_free(c->talks);
	resolver_free(c->resolver);
	trust_store_free(c->trust);
	org_list_free(c->orgs);
	SSL_CTX_free(c->tls);
	stop_release(&c->stop);
	pthread_mutex_destroy(&c->lock);
	free(c->allow_net);
	free(c->ehlo_name);
	free(c->user_agent);
	free(c);
}

bool
collector_is_offline(struct collector *c)
{
	return talks_is_offline(c->talks);
}

bool
collector_validates(struct collector *c)
{
	return resolver_validates(c->resolver);
}

void
collector_vantage(struct collector *c, bool *dnssec, bool *smtp_works_here,
    bool *v6_works_here)
{
	struct evidence ev;

	evidence_blank(&ev);
	look_note_vantage(&c->env, &ev);
	*dnssec = ev.dnssec;
	*smtp_works_here = ev.smtp_works_here;
	*v6_works_here = ev.v6_works_here;
}

enum err
collect_domain(struct collector *c, struct span domain,
    struct mono_time deadline, struct arena *a, struct evidence *out)
{
	enum err rc;

	count(c, &c->progress.domains);
	rc = look_at(&c->env, domain, deadline, a, out);
	count(c, &c->progress.domains_done);
	return rc;
}

enum err
collect_parts(struct collector *c, struct span domain,
    const struct look_plan *plan, struct mono_time deadline, struct arena *a,
    struct evidence *out, unsigned *out_looked)
{
	enum err rc;

	count(c, &c->progress.domains);
	rc = look_in_parts(&c->env, domain, plan, deadline, a, out, out_looked);
	count(c, &c->progress.domains_done);
	return rc;
}

enum err
collect_host(struct collector *c, struct span host, struct mono_time deadline,
    struct arena *a, struct host_seen *out)
{
	return look_at_host(&c->env, host, deadline, a, out);
}

enum err
collect_assemble(struct collector *c, const struct host_seen *hosts,
    size_t n_hosts, struct arena *a, struct evidence *ev)
{
	return look_assemble(&c->env, hosts, n_hosts, a, ev);
}

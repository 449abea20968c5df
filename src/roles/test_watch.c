#include "roles/test_watch.h"

#include <stdlib.h>
#include <unistd.h>

enum { TURNS = 2000 }; /* of 200 ms at most: something hangs */

/* No jitter, and labels that are always the same. */
static bool
zero_fill(const struct randomness *r, void *buf, size_t n)
{
	(void)r;
	memset(buf, 0, n);
	return true;
}

static const struct randomness zeros = { zero_fill };

void
watch_record(struct watch *w, const char *name, uint16_t type, const char *data)
{
	assert_true(w->n_zone + 1 < WATCH_RECORDS);
	w->zone[w->n_zone++] = (struct test_rr){ name, type, data };
}

static void
serve_smtp(struct test_peer *p, struct test_talk *t, int nth)
{
	struct watch *w = (struct watch *)(uintptr_t)p->script;
	const char *line;

	(void)nth;
	while (atomic_load(&w->waits))
		usleep(1000);
	test_say(t, "220 mx.shared.example ESMTP\r\n");
	while ((line = test_line(t)) != NULL) {
		if (strncmp(line, "EHLO ", 5) == 0) {
			test_say(t, atomic_load(&w->no_starttls)
					? "250 mx.shared.example\r\n"
					: "250-mx.shared.example\r\n"
					  "250 STARTTLS\r\n");
		} else if (strcmp(line, "STARTTLS") == 0) {
			test_say(t, "220 go\r\n");
			if (t->ssl != NULL || !test_tls(p, t, false))
				return;
		} else {
			test_say(t, "221 bye\r\n");
			return;
		}
	}
}

static void
serve_https(struct test_peer *p, struct test_talk *t, int nth)
{
	struct watch *w = (struct watch *)(uintptr_t)p->script;
	const char *line;

	(void)nth;
	if (!test_tls(p, t, false))
		return;
	while ((line = test_line(t)) != NULL && line[0] != '\0')
		;
	if (line == NULL)
		return;
	test_say(t, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
	test_say(t, atomic_load(&w->policy));
}

static void
set_up_peers(struct watch *w)
{
	w->ca = test_issue(&(struct test_wish){ .cn = "Test CA", .ca = true });
	w->mx = test_issue(&(struct test_wish){
	    .cn = "mx", .san = "DNS:mx.shared.example", .issuer = &w->ca });
	w->host = test_issue(&(struct test_wish){ .cn = "host",
	    .san = "DNS:mta-sts.a.example,DNS:mta-sts.b.example",
	    .issuer = &w->ca });
	snprintf(w->ca_file, sizeof w->ca_file, "%s/ca", w->f->dir);
	test_id_write(&w->ca, w->ca_file);
	w->smtp = (struct test_peer){ .serve = serve_smtp,
		.script = w,
		.tls = test_server_tls(&w->mx, NULL) };
	w->https = (struct test_peer){ .serve = serve_https,
		.script = w,
		.tls = test_server_tls(&w->host, NULL) };
	atomic_store(&w->policy, POLICY);
	test_peer_start(&w->smtp);
	test_peer_start(&w->https);
}

/* a.example and b.example have a policy; c.example has the same mail host and
 * no more. */
static void
set_up_zone(struct watch *w)
{
	static const char *const names[][4] = {
		{ "a.example", "_mta-sts.a.example", "mta-sts.a.example",
		    "_smtp._tls.a.example" },
		{ "b.example", "_mta-sts.b.example", "mta-sts.b.example",
		    "_smtp._tls.b.example" },
	};

	watch_record(w, "", DNS_NS, "ns.example");
	for (size_t i = 0; i < ROWS(names); i++) {
		watch_record(w, names[i][0], DNS_MX, "10 mx.shared.example");
		watch_record(w, names[i][1], DNS_TXT, "v=STSv1; id=1;");
		watch_record(w, names[i][2], DNS_A, "127.0.0.1");
		watch_record(
		    w, names[i][3], DNS_TXT, "v=TLSRPTv1; rua=mailto:a@b.c");
	}
	watch_record(w, "c.example", DNS_MX, "10 mx.shared.example");
	watch_record(w, "mx.shared.example", DNS_A, "127.0.0.1");
	w->dns.zone = w->zone;
	assert_true(test_dns_start(&w->dns));
}

void
watch_collector(struct watch *w, struct monitor *m)
{
	const char *server = w->dns.address;
	struct collect_options o;
	struct error e;

	collect_options_init(&o);
	o.clock = &w->time.clock;
	o.randomness = &zeros;
	o.allow_net = &w->allowed;
	o.n_allow_net = 1;
	o.resolvers = &server;
	o.n_resolvers = 1;
	o.ca_file = w->ca_file;
	o.smtp_port = w->smtp.port;
	o.https_port = w->https.port;
	o.server_port = w->dns.port;
	o.connect_ms = 300;
	collector_free(m->collector);
	assert_err(w->f, collector_new(&o, &m->collector, &e), ERR_OK);
}

void
watch_begin(struct watch *w, struct monitor *m)
{
	*m = (struct monitor){ .line.env = &w->env };
	watch_collector(w, m);
	assert_err(w->f, monitor_begin(m, &w->f->e), ERR_OK);
}

int
watch_setup(void **state)
{
	struct watch *w = calloc(1, sizeof *w);

	assert_non_null(w);
	fixture_setup((void **)&w->f);
	test_clock_start(&w->time);
	assert_true(ip_prefix_parse(SPAN("127.0.0.0/8"), &w->allowed));
	set_up_peers(w);
	set_up_zone(w);
	assert_int_equal(stop_init(&w->stop), ERR_OK);
	w->config = (struct config){ .store = w->f->url,
		.looks = 8,
		.lease_s = 90,
		.group_s = 2 * MINUTE,
		.first_group_s = 30 * MINUTE,
		.cadence = cadence_default };
	w->config.cadence.jitter_percent = 0;
	w->env = (struct role_env){ .config = &w->config,
		.clock = &w->time.clock,
		.randomness = &zeros,
		.log = log_new(LOG_TO_STDERR, "monitor", &w->time.clock),
		.stop = &w->stop };
	assert_non_null(w->env.log);
	watch_begin(w, &w->m);
	*state = w;
	return 0;
}

int
watch_teardown(void **state)
{
	struct watch *w = *state;

	monitor_release(&w->m);
	test_dns_stop(&w->dns);
	test_peer_stop(&w->smtp);
	test_peer_stop(&w->https);
	SSL_CTX_free(w->smtp.tls);
	SSL_CTX_free(w->https.tls);
	test_id_free(&w->ca);
	test_id_free(&w->mx);
	test_id_free(&w->host);
	stop_release(&w->stop);
	log_free(w->env.log);
	fixture_teardown((void **)&w->f);
	free(w);
	return 0;
}

/* ---- what a test does ---- */

void
watch_domain(struct watch *w, const char *name)
{
	const struct span names[] = { span_str(name) };
	struct domains_added added;

	assert_err(w->f,
	    domains_add(w->f->s, names, 1, clock_wall(&w->time.clock), &added,
		&w->f->e),
	    ERR_OK);
}

int64_t
watch_count(struct watch *w, const char *text)
{
	struct sql_statement st = { text };
	struct fixture f = *w->f;
	int64_t n;

	/* A statement is known by its address: each on a connection of its
	 * own. */
	assert_err(
	    w->f, store_open(f.url, STORE_USE, test_now, &f.s, &f.e), ERR_OK);
	n = fixture_count(&f, &st);
	store_free(f.s);
	return n;
}

bool
watch_is_due(struct watch *w)
{
	char text[256];
	long long now = clock_wall(&w->time.clock).s;

	snprintf(text, sizeof text,
	    "SELECT (SELECT COUNT(*) FROM work WHERE due_at <= %lld)"
	    " + (SELECT COUNT(*) FROM mail_host WHERE due_at <= %lld)",
	    now, now);
	return watch_count(w, text) > 0;
}

/* Until nothing is due and nothing under way. */
void
watch_run(struct watch *w)
{
	int turns = 0;

	do {
		assert_true(turns++ < TURNS);
		if (w->m.n_jobs == 0)
			atomic_fetch_add(&w->time.idle_ms, 1000);
		monitor_turn(&w->m, false);
	} while (w->m.n_jobs > 0 || watch_is_due(w));
}

void
watch_pass(struct watch *w, int64_t s)
{
	atomic_fetch_add(&w->time.ahead_s, s);
}

void
watch_pass_and_run(struct watch *w, int64_t s)
{
	watch_pass(w, s);
	watch_run(w);
}

void
watch_three(struct watch *w)
{
	watch_domain(w, "a.example");
	watch_domain(w, "b.example");
	watch_domain(w, "c.example");
	watch_run(w);
}

/* Let every job end that is under way, without settling it. */
struct job *
watch_one_job(struct watch *w)
{
	bool full;

	assert_err(w->f, monitor_claim(&w->m, &full, &w->f->e), ERR_OK);
	assert_int_equal(w->m.n_jobs, 1);
	return inbox_take(&w->m.done, &clock_system,
	    mono_after_ms(clock_mono(&clock_system), 60 * 1000))
	    ->tag;
}

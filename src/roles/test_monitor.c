/* The monitor, from claim to settlement: against a name server, a mail host and
 * a policy host on loopback, with both databases, and with a wall clock of the
 * test's own. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "core/publish_sight.h"
#include "io/test_dns.h"
#include "io/test_peer.h"
#include "roles/host_cache.h"
#include "roles/monitor.h"
#include "roles/test_clock.h"
#include "store/domains.h"
#include "store/test_published.h"

enum {
	MINUTE = 60,
	HOUR = 3600,
	AGAIN = 3 * MINUTE, /* again-after, and its jitter */
	TURNS = 2000, /* of 200 ms at most: something hangs */
	ZONE = 160,
	MANY = 110, /* MX records: more than are looked at */
};

#define POLICY                                                                 \
	"version: STSv1\nmode: enforce\nmx: mx.shared.example\n"               \
	"max_age: 604800\n"

/* ---- the world ---- */

struct world {
	struct test_clock time;
	struct fixture *f;
	struct config config;
	struct role_env env;
	struct stop stop;

	struct test_rr zone[ZONE];
	size_t n_zone;
	struct test_dns dns;
	struct test_peer smtp, https;
	struct test_id ca, mx, host;
	char ca_file[80];
	struct ip_prefix allowed;
	_Atomic(const char *) policy;
	atomic_bool no_starttls, waits; /* the mail host */

	struct monitor m;
};

/* No jitter, and labels that are always the same. */
static bool
zero_fill(const struct randomness *r, void *buf, size_t n)
{
	(void)r;
	memset(buf, 0, n);
	return true;
}

static const struct randomness zeros = { zero_fill };

static void
add_record(struct world *w, const char *name, uint16_t type, const char *data)
{
	assert_true(w->n_zone + 1 < ZONE);
	w->zone[w->n_zone++] = (struct test_rr){ name, type, data };
}

static void
serve_smtp(struct test_peer *p, struct test_talk *t, int nth)
{
	struct world *w = (struct world *)(uintptr_t)p->script;
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
	struct world *w = (struct world *)(uintptr_t)p->script;
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
set_up_peers(struct world *w)
{
	FILE *f;

	w->ca = test_issue(&(struct test_wish){ .cn = "Test CA", .ca = true });
	w->mx = test_issue(&(struct test_wish){
	    .cn = "mx", .san = "DNS:mx.shared.example", .issuer = &w->ca });
	w->host = test_issue(&(struct test_wish){ .cn = "host",
	    .san = "DNS:mta-sts.a.example,DNS:mta-sts.b.example",
	    .issuer = &w->ca });
	snprintf(w->ca_file, sizeof w->ca_file, "%s/ca", w->f->dir);
	f = fopen(w->ca_file, "w");
	assert_non_null(f);
	PEM_write_X509(f, w->ca.x);
	fclose(f);
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
set_up_zone(struct world *w)
{
	static const char *const names[][4] = {
		{ "a.example", "_mta-sts.a.example", "mta-sts.a.example",
		    "_smtp._tls.a.example" },
		{ "b.example", "_mta-sts.b.example", "mta-sts.b.example",
		    "_smtp._tls.b.example" },
	};

	add_record(w, "", DNS_NS, "ns.example");
	for (size_t i = 0; i < ROWS(names); i++) {
		add_record(w, names[i][0], DNS_MX, "10 mx.shared.example");
		add_record(w, names[i][1], DNS_TXT, "v=STSv1; id=1;");
		add_record(w, names[i][2], DNS_A, "127.0.0.1");
		add_record(
		    w, names[i][3], DNS_TXT, "v=TLSRPTv1; rua=mailto:a@b.c");
	}
	add_record(w, "c.example", DNS_MX, "10 mx.shared.example");
	add_record(w, "mx.shared.example", DNS_A, "127.0.0.1");
	w->dns.zone = w->zone;
	assert_true(test_dns_start(&w->dns));
}

static void
new_collector(struct world *w, struct monitor *m)
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

static void
begin_monitor(struct world *w, struct monitor *m)
{
	*m = (struct monitor){ .env = &w->env };
	new_collector(w, m);
	assert_err(w->f, monitor_begin(m, &w->f->e), ERR_OK);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

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
	begin_monitor(w, &w->m);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

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

static void
add_domain(struct world *w, const char *name)
{
	const struct span names[] = { span_str(name) };
	struct domains_added added;

	assert_err(w->f,
	    domains_add(w->f->s, names, 1, clock_wall(&w->time.clock), &added,
		&w->f->e),
	    ERR_OK);
}

static int64_t
count(struct world *w, const char *text)
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

static bool
is_anything_due(struct world *w)
{
	char text[256];
	long long now = clock_wall(&w->time.clock).s;

	snprintf(text, sizeof text,
	    "SELECT (SELECT COUNT(*) FROM work WHERE due_at <= %lld)"
	    " + (SELECT COUNT(*) FROM mail_host WHERE due_at <= %lld)",
	    now, now);
	return count(w, text) > 0;
}

/* Until nothing is due and nothing under way. */
static void
run(struct world *w)
{
	int turns = 0;

	do {
		assert_true(turns++ < TURNS);
		if (w->m.n_jobs == 0)
			atomic_fetch_add(&w->time.idle_ms, 1000);
		monitor_turn(&w->m, false);
	} while (w->m.n_jobs > 0 || is_anything_due(w));
}

static void
pass(struct world *w, int64_t s)
{
	atomic_fetch_add(&w->time.ahead_s, s);
}

static void
pass_and_run(struct world *w, int64_t s)
{
	pass(w, s);
	run(w);
}

#define OPEN(slug)                                                             \
	"SELECT COUNT(*) FROM incident WHERE check_slug = '" slug              \
	"' AND resolved_at IS NULL"
#define SUFFERERS(slug)                                                        \
	"SELECT COUNT(*) FROM incident_domain JOIN incident"                   \
	" ON incident.id = incident_domain.incident WHERE check_slug = '" slug \
	"' AND incident_domain.resolved_at IS NULL"

static void
watch_all(struct world *w)
{
	add_domain(w, "a.example");
	add_domain(w, "b.example");
	add_domain(w, "c.example");
	run(w);
}

/* ---- stories ---- */

/* Three domains, one host: looked at once, and nothing is wrong. */
static void
test_first_looks(void **state)
{
	struct world *w = *state;
	int talks;

	watch_all(w);
	assert_int_equal(w->m.host_looks, 1);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM mail_host"), 1);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM domain_host"), 3);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM incident"), 0);
	assert_int_equal(
	    count(w, "SELECT COUNT(*) FROM domain WHERE verdict = 'ok'"), 3);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM domain"
				  " WHERE deployment = 'enforce'"),
	    2);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM work"
				  " WHERE claimed_by IS NOT NULL"),
	    0);
	/* A domain more does not bring another visit. */
	talks = atomic_load(&w->smtp.connections);
	pass_and_run(w, HOUR);
	assert_int_equal(w->m.host_looks, 1);
	assert_int_equal(atomic_load(&w->smtp.connections), talks);
}

#define SUMMARY(domain, columns)                                               \
	"SELECT COUNT(*) FROM domain WHERE name = '" domain "' AND " columns

/* What the portfolio shows, and that it follows. */
static void
test_summary(void **state)
{
	struct world *w = *state;
	long long now;
	char text[512];

	watch_all(w);
	now = clock_wall(&w->time.clock).s;
	snprintf(text, sizeof text,
	    SUMMARY("a.example",
		"record = 'ok' AND policy = 'ok' AND tlsrpt = 'ok'"
		" AND provider = 'shared.example' AND next_step = 'nothing'"
		" AND next_check = '' AND addresses = 1 AND good_addresses = 1"
		" AND mx = 1 AND covered_mx = 1"
		" AND mode_since BETWEEN %lld - 60 AND %lld"
		" AND cached_until BETWEEN %lld AND %lld + 86400"
		" AND cached_until %% 86400 = 0"),
	    now, now, now + 604800 - 60, now + 604800);
	assert_int_equal(count(w, text), 1);
	/* The certificates of both peers were made a moment ago, for the same
	 * time. */
	assert_int_equal(
	    count(w, SUMMARY("a.example",
			 "policy_cert_until BETWEEN mx_cert_until - 60"
			 " AND mx_cert_until + 60"
			 " AND mx_cert_until < 9999999999999")),
	    1);
	assert_int_equal(
	    count(w, SUMMARY("c.example",
			 "record = 'none' AND policy = 'none'"
			 " AND tlsrpt = 'none' AND next_step = 'publish'"
			 " AND addresses = 1 AND covered_mx = 0")),
	    1);
	atomic_store(&w->no_starttls, true);
	pass_and_run(w, 6 * HOUR + MINUTE);
	pass_and_run(w, AGAIN);
	assert_int_equal(
	    count(w,
		SUMMARY("a.example", "next_step = 'mend' AND good_addresses = 0"
				     " AND next_check = 'starttls.missing'")),
	    1);
	assert_int_equal(
	    count(w, SUMMARY("c.example",
			 "next_step = 'mail-servers' AND next_check = ''")),
	    1);
}

static void
count_writes(struct world *w)
{
	fixture_exec(w->f, "CREATE TABLE written (one BIGINT)");
	if (!w->f->is_postgres) {
		fixture_exec(w->f,
		    "CREATE TRIGGER note AFTER UPDATE ON domain"
		    " BEGIN INSERT INTO written VALUES (1); END");
		return;
	}
	fixture_exec(w->f,
	    "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
	    " 'BEGIN INSERT INTO written VALUES (1); RETURN NEW; END'");
	fixture_exec(w->f, "CREATE TRIGGER note AFTER UPDATE ON domain"
			   " FOR EACH ROW EXECUTE FUNCTION note()");
}

/* Where nothing happens, a row of the portfolio is written once a day, and only
 * where senders hold a copy. */
static void
test_quiet_summary(void **state)
{
	struct world *w = *state;
	int64_t day_s = 24 * HOUR;

	/* Early on a day, whatever the machine's clock says. */
	pass(w, day_s - clock_wall(&w->time.clock).s % day_s + HOUR);
	watch_all(w);
	count_writes(w);
	w->m.rounds = 0;
	for (int i = 0; i < 4; i++)
		pass_and_run(w, 15 * MINUTE + 1);
	assert_true(w->m.rounds >= 12);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM written"), 0);
	pass_and_run(w, day_s - 2 * HOUR);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM written"), 2);
}

/* The host breaks: one incident for all, at the second look; and it ends. */
static void
test_shared_host(void **state)
{
	struct world *w = *state;

	watch_all(w);
	atomic_store(&w->no_starttls, true);
	pass_and_run(w, 6 * HOUR + MINUTE);
	assert_int_equal(count(w, OPEN("starttls.missing")), 0);
	pass_and_run(w, AGAIN);
	assert_int_equal(count(w, OPEN("starttls.missing")), 1);
	assert_int_equal(count(w, SUFFERERS("starttls.missing")), 3);
	assert_int_equal(
	    count(w, "SELECT COUNT(*) FROM outbox WHERE kind = 'opened'"), 1);
	atomic_store(&w->no_starttls, false);
	pass_and_run(w, 6 * HOUR + MINUTE);
	assert_int_equal(count(w, OPEN("starttls.missing")), 0);
	assert_int_equal(count(w, SUFFERERS("starttls.missing")), 0);
	assert_int_equal(
	    count(w, "SELECT COUNT(*) FROM outbox WHERE kind = 'resolved'"), 1);
}

/* A new id, and what it names, are one observation. */
static void
test_new_id(void **state)
{
	struct world *w = *state;
	int fetches;

	add_domain(w, "a.example");
	run(w);
	fetches = atomic_load(&w->https.connections);
	for (size_t i = 0; i < w->n_zone; i++)
		if (strcmp(w->zone[i].name, "_mta-sts.a.example") == 0)
			w->zone[i].data = "v=STSv1; id=2;";
	atomic_store(&w->policy,
	    "version: STSv1\nmode: testing\nmx: mx.shared.example\n"
	    "max_age: 86400\n");
	new_collector(w, &w->m); /* which has nothing in its cache */
	/* Only the records are due. */
	fixture_exec(w->f, "UPDATE work SET due_policy = due_policy + 86400,"
			   " due_authority = due_authority + 86400");
	pass_and_run(w, 15 * MINUTE + 1);
	assert_true(atomic_load(&w->https.connections) > fetches);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM policy_version"), 2);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM sts_id"
				  " WHERE versions IN ('1', '2')"),
	    2);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM domain"
				  " WHERE mode = 'testing'"),
	    1);
}

/* Told to stop while a mail host keeps us waiting: what has not ended is given
 * back, and due as it was. */
static void
test_given_back(void **state)
{
	struct world *w = *state;

	add_domain(w, "a.example");
	atomic_store(&w->waits, true);
	while (w->m.n_hosts == 0 || w->m.n_jobs > w->m.n_hosts) {
		atomic_fetch_add(&w->time.idle_ms, 1000);
		monitor_turn(&w->m, false);
	}
	assert_int_equal(count(w, "SELECT COUNT(*) FROM mail_host"
				  " WHERE claimed_by IS NOT NULL"),
	    1);
	w->config.drain_s = 0;
	monitor_drain(&w->m);
	assert_int_equal(w->m.n_jobs, 1);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM worker"), 0);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM mail_host"
				  " WHERE claimed_by IS NOT NULL"),
	    0);
	assert_true(is_anything_due(w));
	atomic_store(&w->waits, false);
}

/* Let every job end that is under way, without settling it. */
static struct job *
one_job(struct world *w)
{
	bool full;

	assert_err(w->f, monitor_claim(&w->m, &full, &w->f->e), ERR_OK);
	assert_int_equal(w->m.n_jobs, 1);
	return inbox_take(&w->m.done, &clock_system,
	    mono_after_ms(clock_mono(&clock_system), 60 * 1000))
	    ->tag;
}

static void
take_away(struct world *w)
{
	fixture_exec(w->f, "UPDATE work SET claim = claim + 1, claimed_by = 9");
}

static void
pause_it(struct world *w)
{
	bool found;

	assert_err(w->f,
	    domains_set_paused(w->f->s, SPAN("a.example"), true,
		clock_wall(&w->time.clock), &found, &w->f->e),
	    ERR_OK);
}

static void
remove_it(struct world *w)
{
	bool found;

	assert_err(w->f,
	    domains_remove(w->f->s, SPAN("a.example"),
		clock_wall(&w->time.clock), &found, &w->f->e),
	    ERR_OK);
}

static void
add_again(struct world *w)
{
	remove_it(w);
	add_domain(w, "a.example");
}

/* The lease ran out, or a person was faster: nothing is written. */
static void
test_claim_lost(void **state)
{
	static void (*const how[])(
	    struct world *) = { take_away, pause_it, remove_it, add_again };
	struct world *w = *state;

	for (size_t i = 0; i < ROWS(how); i++) {
		struct job *j;

		remove_it(w);
		add_domain(w, "a.example");
		j = one_job(w);
		how[i](w);
		assert_err(w->f, monitor_finish(j, &w->f->e), ERR_OK);
		assert_int_equal(count(w, "SELECT COUNT(*) FROM ledger"), 0);
		assert_int_equal(
		    count(w, "SELECT COUNT(*) FROM observation"), 0);
		assert_int_equal(count(w, "SELECT COUNT(*) FROM mail_host"), 0);
		assert_int_equal(count(w, "SELECT COUNT(*) FROM work"
					  " WHERE checked_at IS NOT NULL"),
		    0);
	}
	run(w); /* as a domain of its own */
	assert_int_equal(
	    count(w, "SELECT COUNT(*) FROM domain WHERE verdict = 'ok'"), 1);
}

static void
damage(struct world *w, const char *set)
{
	fixture_exec(w->f,
	    arena_printf(&w->f->a, set, w->f->is_postgres ? "'\\x00'" : "x'00'")
		.p);
}

/* Rows that cannot be read: the others go on, and what can be is looked at
 * anew. */
static void
test_damaged(void **state)
{
	struct world *w = *state;

	watch_all(w);
	/* Nothing to be done about a ledger; but b and c behind it are looked
	 * at in the same batch. */
	damage(w, "UPDATE ledger SET state = 'v=99' WHERE domain ="
		  " (SELECT id FROM domain WHERE name = 'a.example')");
	fixture_exec(w->f,
	    "UPDATE work SET due_at = due_at - 900000 WHERE domain ="
	    " (SELECT id FROM domain WHERE name = 'a.example')");
	pass_and_run(w, HOUR);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM work WHERE claimed_by"
				  " IS NULL"),
	    2);
	assert_non_null(w->m.store);
	fixture_exec(w->f, "DELETE FROM policy_version");
	fixture_exec(w->f, "DELETE FROM sts_id");
	fixture_exec(w->f, "DELETE FROM mx_set");
	fixture_exec(w->f, "DELETE FROM ledger");

	/* The last observation. */
	damage(w, "UPDATE observation SET json_zlib = %s");
	pass_and_run(w, 15 * MINUTE);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM observation"
				  " WHERE LENGTH(json_zlib) > 100"),
	    3);
	assert_int_equal(
	    count(w, "SELECT COUNT(*) FROM domain WHERE verdict = 'ok'"), 3);

	/* The mail host: long before it would be due. */
	w->m.host_looks = 0;
	damage(w, "UPDATE mail_host SET json_zlib = %s");
	host_cache_empty(w->m.hosts); /* or nobody would notice */
	pass_and_run(w, 15 * MINUTE);
	assert_int_equal(w->m.host_looks, 1);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM mail_host"
				  " WHERE LENGTH(json_zlib) > 100"),
	    1);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM incident"), 0);

	/* And when it is due. */
	damage(w, "UPDATE mail_host SET due_at = 0, json_zlib = %s");
	fixture_exec(w->f, "UPDATE work SET due_at = due_at + 86400");
	run(w);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM mail_host"
				  " WHERE LENGTH(json_zlib) > 100"),
	    1);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM incident"), 0);
}

/* Addresses that take no connection: their queues are full. */
struct silence {
	int fd[9];
	size_t n;
};

static void
be_silent(struct silence *s, const char *address, uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, address, &at.sin_addr);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 0), 0);
	s->fd[s->n++] = fd;
	for (int i = 0; i < 2; i++) {
		fd = socket(
		    AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)connect(fd, (struct sockaddr *)&at, sizeof at);
		s->fd[s->n++] = fd;
	}
}

/* Nobody answers: nothing of it is believed, and that is told. */
static void
test_offline(void **state)
{
	static const char *const addresses[] = { "127.0.0.21", "127.0.0.22",
		"127.0.0.23" };
	struct world *w = *state;
	struct silence silence = { .n = 0 };

	add_domain(w, "a.example"); /* so that port 25 is known to work */
	run(w);
	fixture_exec(w->f, "UPDATE work SET due_policy = due_policy + 86400,"
			   " due_authority = due_authority + 86400");
	add_record(w, "d.example", DNS_MX, "10 mx.dead.example");
	for (size_t i = 0; i < ROWS(addresses); i++) {
		add_record(w, "mx.dead.example", DNS_A, addresses[i]);
		be_silent(&silence, addresses[i], w->smtp.port);
	}
	add_domain(w, "d.example");
	run(w);
	run(w);
	assert_true(w->m.offline);
	for (int i = 0; i < 5; i++)
		pass_and_run(w, 5 * MINUTE);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM incident"), 0);
	atomic_fetch_add(&w->time.idle_ms, 31 * MINUTE * 1000);
	pass_and_run(w, 6 * MINUTE);
	assert_int_equal(count(w, OPEN("monitor.offline")), 1);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM incident"), 1);
	/* Somebody answers. */
	fixture_exec(w->f, "UPDATE work SET due_policy = 0, due_at = 0");
	run(w);
	run(w);
	assert_false(w->m.offline);
	assert_int_equal(count(w, OPEN("monitor.offline")), 0);
	for (size_t i = 0; i < silence.n; i++)
		close(silence.fd[i]);
}

/* A clock that was a day ahead, and is put back: the day is not lost. */
static void
test_clock_put_back(void **state)
{
	struct world *w = *state;

	watch_all(w);
	pass_and_run(w, 24 * HOUR);
	pass(w, -24 * HOUR);
	w->m.rounds = w->m.host_looks = 0;
	run(w);
	pass_and_run(w, HOUR + 1);
	assert_true(w->m.rounds >= 3);
	assert_true(w->m.host_looks >= 1);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM incident"), 0);
	atomic_store(&w->no_starttls, true);
	pass_and_run(w, 6 * HOUR);
	pass_and_run(w, AGAIN);
	assert_int_equal(count(w, OPEN("starttls.missing")), 1);
}

static void
set(struct world *w, const char *text)
{
	bool found;

	assert_err(w->f,
	    domains_set_settings(w->f->s, SPAN("a.example"), span_str(text),
		clock_wall(&w->time.clock), &found, &w->f->e),
	    ERR_OK);
	assert_true(found);
}

/* What is set holds from then on, however far away the next round is. */
static void
test_settings(void **state)
{
	struct world *w = *state;
	struct job *j;

	add_domain(w, "a.example");
	run(w);
	fixture_exec(w->f,
	    "UPDATE work SET due_at = due_at + 500000,"
	    " wanted_at = wanted_at + 500000, due_records = due_at + 500000,"
	    " due_policy = due_at + 500000, due_authority = due_at + 500000");
	set(w, "records-every=10m\n");
	run(w);
	w->m.rounds = 0;
	pass_and_run(w, 10 * MINUTE + 1);
	assert_int_equal(w->m.rounds, 1);
	/* Set while a round is under way: another one follows. */
	pass(w, 10 * MINUTE + 1);
	j = one_job(w);
	set(w, "records-every=5m\n");
	assert_err(w->f, monitor_finish(j, &w->f->e), ERR_OK);
	run(w);
	assert_int_equal(w->m.rounds, 3);
	pass_and_run(w, 5 * MINUTE + 1);
	assert_int_equal(w->m.rounds, 4);
}

/* The label, so often, to 253 octets. */
static const char *
long_name(struct world *w, char letter)
{
	char *name = arena_alloc(&w->f->a, 254);

	assert_non_null(name);
	memset(name, letter, 253);
	name[63] = name[127] = name[191] = '.';
	name[253] = '\0';
	return name;
}

/* MX records that name nobody: a round ends all the same, and is not due again
 * at once. */
static void
test_odd_names(void **state)
{
	struct world *w = *state;
	const char *name = long_name(w, 'a');
	int64_t hosts;

	add_record(w, "odd.example", DNS_MX, "10 192.0.2.1");
	add_record(w, "odd.example", DNS_MX, "20 \x01\xff .odd\\.example");
	add_record(w, "odd.example", DNS_MX, "30 *.odd.example");
	add_record(w, "odd.example", DNS_MX,
	    arena_printf(&w->f->a, "40 %s", long_name(w, 'b')).p);
	add_record(w, "odd.example", DNS_MX,
	    arena_printf(&w->f->a, "50 %s", long_name(w, '\x02')).p);
	add_record(w, "odd.example", DNS_MX, "60 ");
	add_record(w, "null.example", DNS_MX, "0 ");
	add_record(w, "no-mx.example", DNS_A, "127.0.0.1");
	add_record(w, "nothing.example", DNS_TXT, "-");
	add_record(w, name, DNS_MX, "10 mx.shared.example");
	for (int i = 0; i < MANY; i++)
		add_record(w, "many.example", DNS_MX,
		    arena_printf(&w->f->a, "10 mx%d.many.example", i).p);
	add_domain(w, "odd.example");
	add_domain(w, "null.example");
	add_domain(w, "no-mx.example");
	add_domain(w, "nothing.example");
	add_domain(w, "not-there.example");
	add_domain(w, "many.example");
	add_domain(w, name);
	run(w);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM work"
				  " WHERE checked_at IS NULL"),
	    0);
	hosts = count(w, "SELECT COUNT(*) FROM domain_host");
	assert_int_equal(hosts, 5 + 0 + 1 + 1 + 0 + LIMIT_MX_HOSTS + 1);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM mail_host"), hosts);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM mail_host"
				  " WHERE looked_at IS NULL"),
	    0);
	for (int i = 0; i < 4; i++)
		pass_and_run(w, 15 * MINUTE + 1);
	w->m.rounds = w->m.host_looks = 0;
	pass_and_run(w, MINUTE);
	assert_int_equal(w->m.rounds, 0);
	assert_int_equal(w->m.host_looks, 0);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM domain_host"), hosts);
}

/* One monitor stops in the middle, another takes over; what the first one still
 * brings comes too late. */
static void
test_taken_over(void **state)
{
	struct world *w = *state;
	struct monitor other;
	struct letter *l;
	bool full;

	begin_monitor(w, &other);
	watch_all(w);
	atomic_store(&w->policy, "version: STSv1\nmode: none\n"
				 "max_age: 86400\n");
	pass(w, HOUR + 1);
	assert_err(w->f, monitor_claim(&other, &full, &w->f->e), ERR_OK);
	assert_int_equal(other.n_jobs, 3);
	run(w); /* nothing is due here, until the lease has run out */
	assert_int_equal(count(w, "SELECT COUNT(*) FROM work"
				  " WHERE claimed_by IS NOT NULL"),
	    3);
	w->m.rounds = 0;
	pass_and_run(w, 2 * MINUTE);
	assert_true(w->m.rounds >= 3);
	while (other.n_jobs > 0) {
		l = inbox_take(&other.done, &clock_system,
		    mono_after_ms(clock_mono(&clock_system), 60 * 1000));
		assert_non_null(l);
		assert_err(w->f, monitor_finish(l->tag, &w->f->e), ERR_OK);
	}
	assert_int_equal(count(w, "SELECT COUNT(*) FROM event"
				  " WHERE kind = 'policy-changed'"),
	    2);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM outbox"
				  " WHERE kind = 'changed'"),
	    2);
	monitor_release(&other);
}

/* The store is away while looks end: they are made again, and nothing of the
 * monitor's is lost. */
static void
test_store_away(void **state)
{
	struct world *w = *state;
	struct mono_time from;
	int turns = 0;
	bool full;

	add_domain(w, "a.example");
	assert_err(w->f, monitor_claim(&w->m, &full, &w->f->e), ERR_OK);
	assert_int_equal(w->m.n_jobs, 1);
	store_free(w->m.store);
	w->m.store = NULL;
	w->config.store = "/nonexistent/store";
	for (; w->m.n_jobs > 0; turns++)
		monitor_turn(&w->m, false);
	/* It waits, and does not spin. */
	from = clock_mono(&clock_system);
	monitor_turn(&w->m, false);
	assert_true(turns < 100);
	assert_true(mono_ms_until(from, clock_mono(&clock_system)) >= 100);
	assert_null(w->m.store);
	w->config.store = w->f->url;
	atomic_fetch_add(&w->time.idle_ms, 60 * 1000);
	run(w);
	assert_non_null(w->m.store);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM ledger"), 0);
	pass_and_run(w, 2 * MINUTE);
	assert_int_equal(
	    count(w, "SELECT COUNT(*) FROM domain WHERE verdict = 'ok'"), 1);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM worker"), 1);
}

/* Somebody answers again just before the look is settled: what it did not see
 * is not believed. */
static void
test_online_again(void **state)
{
	struct world *w = *state;
	struct job *j;

	add_domain(w, "a.example");
	run(w);
	atomic_store(&w->policy, "gone");
	pass(w, HOUR + 1);
	j = one_job(w);
	w->m.was_offline = true;
	w->m.offline_last = clock_mono(&w->time.clock);
	assert_err(w->f, monitor_finish(j, &w->f->e), ERR_OK);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM finding_state"), 0);
	assert_int_equal(
	    count(w, "SELECT COUNT(*) FROM work WHERE failures > 0"), 1);
	pass_and_run(w, AGAIN);
	assert_true(count(w, "SELECT COUNT(*) FROM finding_state") > 0);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM incident"), 0);
}

/* One thread is enough for hosts, too. */
static void
test_one_look(void **state)
{
	struct world *w = *state;

	w->config.looks = 1;
	watch_all(w);
	assert_int_equal(w->m.host_looks, 1);
	assert_int_equal(
	    count(w, "SELECT COUNT(*) FROM domain WHERE verdict = 'ok'"), 3);
}

/* ---- a domain whose policy we publish ---- */

#define LABEL "k3jx5fq2v7m4a6bd"
#define TARGET LABEL ".sts.example"
#define ID "0123456789abcdef0123456789abcdef"

static struct test_rr *
find_record(struct world *w, const char *name)
{
	for (size_t i = 0; i < w->n_zone; i++)
		if (strcmp(w->zone[i].name, name) == 0)
			return &w->zone[i];
	fail_msg("no record at %s", name);
	return NULL;
}

static void
delegate(struct world *w)
{
	static const char *const names[] = { "_mta-sts.a.example",
		"mta-sts.a.example" };

	for (size_t i = 0; i < ROWS(names); i++) {
		struct test_rr *rr = find_record(w, names[i]);

		*rr = (struct test_rr){ rr->name, DNS_CNAME, TARGET };
	}
	add_record(w, TARGET, DNS_TXT, "v=STSv1; id=" ID ";");
	add_record(w, TARGET, DNS_A, "127.0.0.1");
}

static void
order_policy(struct world *w)
{
	const struct publish_order order = { .mode = STS_MODE_ENFORCE,
		.max_age = 604800,
		.override_by = SPAN(""),
		.asked_at = clock_wall(&w->time.clock) };
	enum publication_asked asked;

	assert_err(w->f,
	    service_zone_set(w->f->s, SPAN("sts.example"), &w->f->e), ERR_OK);
	assert_err(w->f,
	    publication_ask(w->f->s, SPAN("a.example"), &order, SPAN(LABEL),
		clock_wall(&w->time.clock), &asked, &w->f->e),
	    ERR_OK);
	assert_int_equal(asked, PUBLICATION_NEW);
}

/* As the publish role does; false: nothing is due. */
static bool
step_publication(struct world *w,
    void (*change)(struct published *p, const struct publish_sight *s,
	bool is_new, struct wall_time now, struct arena *a))
{
	struct wall_time now = clock_wall(&w->time.clock);
	struct publish_sight sight = { 0 };
	struct publication_claim *c;
	struct published before, after;
	struct span text;
	bool found, stepped = true, held;
	size_t n;

	assert_err(w->f,
	    publication_claim(w->f->s, w->m.worker, now,
		(struct wall_time){ now.s + MINUTE }, 1, &w->f->a, &c, &n,
		&w->f->e),
	    ERR_OK);
	if (n == 0)
		return false;
	assert_err(w->f,
	    publication_of(
		w->f->s, c->domain, &w->f->a, &before, &found, &w->f->e),
	    ERR_OK);
	assert_true(found);
	assert_err(w->f,
	    publication_get_sight(w->f->s, c->domain, &w->f->a, &text, &stepped,
		&found, &w->f->e),
	    ERR_OK);
	if (found)
		assert_int_equal(
		    publish_sight_read(text, &w->f->a, &sight), ERR_OK);
	after = before;
	change(&after, &sight, found && !stepped, now, &w->f->a);
	assert_err(w->f,
	    publication_save(w->f->s, w->m.worker, c, &before, &after,
		(struct wall_time){ 0 }, now, &held, &w->f->e),
	    ERR_OK);
	assert_true(held);
	return true;
}

static void
follow(struct published *p, const struct publish_sight *s, bool is_new,
    struct wall_time now, struct arena *a)
{
	const struct mx_follow_rules rules = { .mode = FOLLOW_AUTO };
	unsigned events;

	(void)now;
	if (is_new && s->fresh)
		assert_int_equal(
		    mx_follow_step(&p->follow, &rules, &s->mx, a, &events),
		    ERR_OK);
}

static void
go_live(struct published *p, const struct publish_sight *s, bool is_new,
    struct wall_time now, struct arena *a)
{
	(void)s;
	(void)is_new;
	(void)a;
	p->state = (struct publication){ .stage = PUBLICATION_LIVE,
		.stage_since = { now.s - 7 * 24 * HOUR },
		.change = CHANGE_REST,
		.change_since = now,
		.version = 1,
		.body = SPAN(POLICY),
		.id = ID,
		.id_since = now,
		.id_version = 1 };
}

static void
set_bar(struct published *p, const struct publish_sight *s, bool is_new,
    struct wall_time now, struct arena *a)
{
	(void)s;
	(void)is_new;
	(void)now;
	(void)a;
	p->bar = PUBLISH_TOO_LONG;
	p->bar_text = SPAN("The policy would be 70000 octets long.");
}

static void
free_bar(struct published *p, const struct publish_sight *s, bool is_new,
    struct wall_time now, struct arena *a)
{
	(void)s;
	(void)is_new;
	(void)now;
	(void)a;
	p->bar = PUBLISH_FREE;
	p->bar_text = SPAN("");
}

static void
publish_live(struct world *w)
{
	add_record(w, "a.example", DNS_NS, "ns.a.example");
	add_record(w, "ns.a.example", DNS_A, "127.0.0.1");
	delegate(w);
	add_domain(w, "a.example");
	order_policy(w);
	assert_true(step_publication(w, go_live));
	run(w);
}

/* Rounds leave what they saw; another MX host is believed after two of them,
 * and they come soon. */
static void
test_published_mx(void **state)
{
	struct world *w = *state;
	struct published p;

	publish_live(w);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM incident"), 0);
	assert_true(step_publication(w, follow));
	assert_false(step_publication(w, follow));
	assert_int_equal(
	    fixture_published(w->f, "a.example").follow.n_patterns, 0);
	pass_and_run(w, AGAIN);
	assert_true(step_publication(w, follow));
	p = fixture_published(w->f, "a.example");
	assert_int_equal(p.follow.n_patterns, 1);
	assert_true(
	    span_eq(p.follow.patterns[0].host, SPAN("mx.shared.example")));

	/* As ever: nobody is woken. */
	for (int i = 0; i < 5; i++)
		pass_and_run(w, 15 * MINUTE + 1);
	assert_false(step_publication(w, follow));

	add_record(w, "a.example", DNS_MX, "20 mx.new.example");
	add_record(w, "mx.new.example", DNS_A, "127.0.0.1");
	new_collector(w, &w->m);
	pass_and_run(w, HOUR + 1);
	/* Nobody steps with it: there is no hurry to see it again. */
	for (int i = 0; i < 3; i++)
		pass_and_run(w, AGAIN);
	w->m.rounds = 0;
	pass_and_run(w, AGAIN);
	assert_int_equal(w->m.rounds, 0);
	assert_true(step_publication(w, follow));
	assert_int_equal(
	    fixture_published(w->f, "a.example").follow.state, MX_WATCHED);
	assert_int_equal(fixture_published(w->f, "a.example").follow.rounds, 1);
	pass_and_run(w, 15 * MINUTE + 1);
	pass_and_run(w, AGAIN);
	assert_true(step_publication(w, follow));
	assert_int_equal(
	    fixture_published(w->f, "a.example").follow.n_patterns, 2);
	/* Its owner hears of it once, from the publish role. */
	assert_int_equal(count(w, "SELECT COUNT(*) FROM event"
				  " WHERE kind = 'mx-changed'"),
	    1);
	assert_int_equal(
	    count(w, "SELECT COUNT(*) FROM outbox WHERE kind = 'changed'"), 0);
}

/* A stranger answers for the policy host, the CNAME goes, and what the publish
 * role could not do: raised, and over. */
static void
test_published_faults(void **state)
{
	struct world *w = *state;
	struct test_rr kept;

	publish_live(w);
	assert_true(step_publication(w, follow));
	run(w);
	pass_and_run(w, HOUR + 1);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM incident"), 0);

	atomic_store(&w->policy,
	    "version: STSv1\nmode: enforce\nmx: mx.evil.example\n"
	    "max_age: 31557600\n");
	pass_and_run(w, HOUR + 1);
	assert_int_equal(count(w, OPEN("change.unexpected-body")), 1);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM incident"), 1);
	atomic_store(&w->policy, POLICY);
	pass_and_run(w, HOUR + 1);
	pass_and_run(w, AGAIN);
	assert_int_equal(count(w, OPEN("change.unexpected-body")), 0);

	kept = *find_record(w, "mta-sts.a.example");
	*find_record(w, "mta-sts.a.example") =
	    (struct test_rr){ "mta-sts.a.example", DNS_TXT, "gone" };
	new_collector(w, &w->m);
	pass_and_run(w, HOUR + 1);
	pass_and_run(w, AGAIN);
	assert_int_equal(count(w, OPEN("cname.removed-by-surprise")), 1);
	*find_record(w, "mta-sts.a.example") = kept;
	new_collector(w, &w->m);
	pass_and_run(w, HOUR + 1);
	pass_and_run(w, AGAIN);
	assert_int_equal(count(w, OPEN("cname.removed-by-surprise")), 0);

	while (step_publication(w, follow))
		;
	fixture_exec(w->f, "UPDATE publication SET due_at = 0");
	assert_true(step_publication(w, set_bar));
	pass_and_run(w, 15 * MINUTE + 1);
	pass_and_run(w, AGAIN);
	assert_int_equal(count(w, OPEN("auto.policy-oversize")), 1);
	fixture_exec(w->f, "UPDATE publication SET due_at = 0");
	assert_true(step_publication(w, free_bar));
	pass_and_run(w, 15 * MINUTE + 1);
	pass_and_run(w, AGAIN);
	assert_int_equal(count(w, OPEN("auto.policy-oversize")), 0);
}

/* What the store holds of it cannot be read: the domain is watched all the
 * same. */
static void
test_published_damaged(void **state)
{
	struct world *w = *state;

	publish_live(w);
	fixture_exec(w->f, "UPDATE publication SET sight = 'v=99'");
	pass_and_run(w, HOUR + 1);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM publication"
				  " WHERE sight LIKE 'v=1%'"),
	    1);
	fixture_exec(w->f, "UPDATE publication SET state = 'v=99'");
	w->m.rounds = 0;
	pass_and_run(w, HOUR + 1);
	assert_true(w->m.rounds > 0);
	assert_int_equal(count(w, "SELECT COUNT(*) FROM incident"), 0);
}

#define STORY(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORY(test_first_looks),
		STORY(test_summary),
		STORY(test_quiet_summary),
		STORY(test_shared_host),
		STORY(test_new_id),
		STORY(test_given_back),
		STORY(test_claim_lost),
		STORY(test_damaged),
		STORY(test_clock_put_back),
		STORY(test_settings),
		STORY(test_taken_over),
		STORY(test_store_away),
		STORY(test_odd_names),
		STORY(test_offline),
		STORY(test_online_again),
		STORY(test_one_look),
		STORY(test_published_mx),
		STORY(test_published_faults),
		STORY(test_published_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

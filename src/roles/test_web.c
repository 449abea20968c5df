/* The role web at a socket of loopback, against a store of either kind. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/num.h"
#include "io/bearer.h"
#include "roles/role.h"
#include "roles/sockets.h"
#include "roles/web_channels.h"
#include "serve/test_identity.h"
#include "serve/test_web.h"
#include "store/accounts.h"
#include "store/test_store.h"

enum { REPLY = 64 * 1024, SAID = 8 * 1024 };

/* The system's, and what a test puts it forward by. */
static _Atomic int64_t test_ahead_ms;

static struct mono_time
mono(const struct clock *c)
{
	(void)c;
	return mono_after_ms(clock_mono(&clock_system), test_ahead_ms);
}

static struct wall_time
wall(const struct clock *c)
{
	(void)c;
	return (struct wall_time){ test_now.s + test_ahead_ms / 1000 };
}

static const struct clock test_clock = { wall, mono };

struct scene {
	struct fixture *f;
	struct config config;
	struct sockets sockets;
	struct stop stop;
	struct role_env env;
	struct test_ca ca;
	char certificate[128], key[128]; /* files */
	char listen[64];
	const char *listens;
	int probe; /* keeps the port ours */
	uint16_t port;
	pthread_t thread;
	bool runs;
	int status;
	int own_stderr, said_fd; /* what it says stands in a file meanwhile */
	char said[SAID];
	char reply[REPLY];
};

/* A port that nobody has: bound, and not listened at. */
static void
find_port(struct scene *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;

	s->probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(setsockopt(s->probe, SOL_SOCKET, SO_REUSEPORT,
			     &(int){ 1 }, sizeof(int)),
	    0);
	assert_int_equal(bind(s->probe, (struct sockaddr *)&at, n), 0);
	assert_int_equal(getsockname(s->probe, (struct sockaddr *)&at, &n), 0);
	s->port = ntohs(at.sin_port);
	snprintf(s->listen, sizeof s->listen, "127.0.0.1@%u", s->port);
	s->listens = s->listen;
}

static void
set_scene(struct scene *s, struct fixture *f)
{
	*s = (struct scene){ .f = f };
	test_ahead_ms = 0;
	signal(SIGPIPE, SIG_IGN);
	find_port(s);
	s->config = (struct config){ .store = f->url,
		.drain_s = 10,
		.cadence.every_s[LOOK_RECORDS] = 900,
		.lease_s = 90,
		.web_listen = { &s->listens, 1 },
		.origin = "http://127.0.0.1:8080",
		.web_workers = 1 };
	assert_int_equal(stop_init(&s->stop), ERR_OK);
	s->env = (struct role_env){ .config = &s->config,
		.clock = &test_clock,
		.randomness = &randomness_system,
		.log = log_new(LOG_TO_STDERR, "web", &test_clock),
		.sockets = &s->sockets,
		.stop = &s->stop };
}

/* ---- what it shows with TLS ---- */

static void
write_pem(struct scene *s, const char *kind)
{
	bool is_rsa = strcmp(kind, "RSA") == 0;
	EVP_PKEY *key = is_rsa ? EVP_RSA_gen(2048) : EVP_EC_gen(kind);
	struct test_leaf leaf;
	const unsigned char *p;
	X509 *x;
	FILE *file;

	s->ca = test_ca_new();
	leaf = test_leaf_new(&s->ca, "sts.example.net", key);
	p = (const unsigned char *)leaf.chain.p;
	snprintf(
	    s->certificate, sizeof s->certificate, "%s/web.pem", s->f->dir);
	snprintf(s->key, sizeof s->key, "%s/web.key", s->f->dir);
	file = fopen(s->certificate, "w");
	assert_non_null(file);
	x = d2i_X509(NULL, &p, (long)leaf.chain.n);
	assert_int_equal(PEM_write_X509(file, x), 1);
	assert_int_equal(PEM_write_X509(file, s->ca.x), 1);
	X509_free(x);
	assert_int_equal(fclose(file), 0);
	file = fopen(s->key, "w");
	assert_non_null(file);
	assert_int_equal(
	    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(fclose(file), 0);
	test_leaf_free(&leaf);
	EVP_PKEY_free(key);
	s->config.certificate = s->certificate;
	s->config.certificate_key = s->key;
	s->config.origin = "https://sts.example.net";
}

/* ---- its life ---- */

static void
catch_stderr(struct scene *s)
{
	char path[128];

	snprintf(path, sizeof path, "%s/said", s->f->dir);
	s->own_stderr = dup(STDERR_FILENO);
	s->said_fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(s->own_stderr >= 0 && s->said_fd >= 0);
	unlink(path);
	assert_true(dup2(s->said_fd, STDERR_FILENO) >= 0);
}

static void
free_stderr(struct scene *s)
{
	ssize_t n = pread(s->said_fd, s->said, sizeof s->said - 1, 0);

	s->said[n > 0 ? n : 0] = '\0';
	dup2(s->own_stderr, STDERR_FILENO);
	close(s->own_stderr);
	close(s->said_fd);
}

static void *
be_role(void *arg)
{
	struct scene *s = arg;

	s->status = role_web(&s->env);
	return NULL;
}

static void
start(struct scene *s)
{
	assert_err(s->f,
	    sockets_open(&s->config, ROLE_WEB, &s->f->a, &s->sockets, &s->f->e),
	    ERR_OK);
	catch_stderr(s);
	assert_int_equal(pthread_create(&s->thread, NULL, be_role, s), 0);
	s->runs = true;
}

/* It is told to end, and does so; what it has said is in s->said. */
static void
end(struct scene *s)
{
	if (!s->runs)
		return;
	stop_pull(&s->stop);
	pthread_join(s->thread, NULL);
	free_stderr(s);
	s->runs = false;
}

static void
strike(struct scene *s)
{
	end(s);
	if (s->certificate[0] != '\0') {
		test_ca_free(&s->ca);
		unlink(s->certificate);
		unlink(s->key);
	}
	close(s->probe);
	stop_release(&s->stop);
	log_free(s->env.log);
}

/* ---- clients ---- */

static void
say_get(char *mem, size_t n, const char *path)
{
	snprintf(mem, n,
	    "GET %s HTTP/1.1\r\nHost: sts.example.net\r\n"
	    "Connection: close\r\n\r\n",
	    path);
}

static int
status_of(const char *reply)
{
	uint64_t status;

	return strncmp(reply, "HTTP/1.1 ", 9) == 0 &&
		       num_parse(
			   span_head(span_str(reply + 9), 3), 999, &status)
		   ? (int)status
		   : 0;
}

/* The status; the reply is in s->reply. */
static int
get(struct scene *s, const char *path)
{
	char request[256];
	int fd = test_connect(s->port);
	bool whole;

	say_get(request, sizeof request, path);
	test_send(fd, request);
	whole = test_read_all(fd, s->reply, sizeof s->reply);
	close(fd);
	return whole ? status_of(s->reply) : 0;
}

/* Over TLS. sni: NULL for none. The name of the certificate is in *name. */
static int
get_secure(struct scene *s, const char *sni, int version, const char *path,
    char name[64])
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(ctx);
	int fd = test_connect(s->port), n, status = 0;
	char request[256];
	size_t at = 0;
	X509 *x;

	X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), s->ca.root);
	SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
	SSL_set_fd(ssl, fd);
	SSL_set_max_proto_version(ssl, version);
	if (sni != NULL)
		SSL_set_tlsext_host_name(ssl, sni);
	if (SSL_connect(ssl) == 1) {
		x = SSL_get1_peer_certificate(ssl);
		X509_NAME_get_text_by_NID(
		    X509_get_subject_name(x), NID_commonName, name, 64);
		X509_free(x);
		say_get(request, sizeof request, path);
		(void)SSL_write(ssl, request, (int)strlen(request));
		while (at < REPLY - 1 && (n = SSL_read(ssl, s->reply + at,
					      (int)(REPLY - 1 - at))) > 0)
			at += (size_t)n;
		s->reply[at] = '\0';
		status = status_of(s->reply);
	}
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	close(fd);
	return status;
}

/* ---- tests ---- */

static void
want(struct scene *s, struct tally *t, const char *path, int status,
    const char *holds)
{
	want_int(t, path, get(s, path), status);
	if (strstr(s->reply, holds) == NULL)
		want_span(t, path, span_str(s->reply), span_str(holds));
}

static void
test_serves(void **state)
{
	struct tally t = { .label = "in the clear" };
	struct scene s;

	set_scene(&s, *state);
	start(&s);
	want(&s, &t, "/healthz", 200, "ok\n");
	want(&s, &t, "/login", 200, "<form");
	want(&s, &t, "/", 303, "location: /login");
	want(&s, &t, "/no/such", 404, "");
	end(&s);
	want_int(&t, "status", s.status, 0);
	strike(&s);
	assert_int_equal(t.failed, 0);
}

static const struct sql_statement count_workers = {
	"SELECT count(*) FROM worker WHERE role = 'web'"
};
static const struct sql_statement last_sign = {
	"SELECT max(seen_at) FROM worker WHERE role = 'web'"
};

/* It is among those that work there, for as long as it does. */
static void
test_worker(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "a worker" };
	struct scene s;

	set_scene(&s, f);
	start(&s);
	want(&s, &t, "/healthz", 200, "ok\n");
	want_int(&t, "workers", fixture_count(f, &count_workers), 1);
	want_int(&t, "a sign", fixture_count(f, &last_sign), test_now.s);
	t.label = "59 s later";
	test_ahead_ms += 59 * 1000;
	want(&s, &t, "/login", 200, "<form");
	want_int(&t, "a sign", fixture_count(f, &last_sign), test_now.s);
	t.label = "two minutes later";
	test_ahead_ms += 61 * 1000;
	want(&s, &t, "/login", 200, "<form");
	want_bool(&t, "a sign",
	    fixture_count(f, &last_sign) >= test_now.s + 120, true);
	want_int(&t, "workers", fixture_count(f, &count_workers), 1);
	end(&s);
	t.label = "it has left";
	want_int(&t, "workers", fixture_count(f, &count_workers), 0);
	strike(&s);
	test_ahead_ms = 0;
	assert_int_equal(t.failed, 0);
}

static const struct sql_statement count_links = { "SELECT count(*) FROM link" };

/* The secret behind the link, in what it said. False: there is none. */
static bool
find_link(const struct scene *s, uint8_t hash[BEARER_HASH])
{
	const char *at = strstr(s->said, "/welcome?token=");

	if (at == NULL)
		return false;
	at += strlen("/welcome?token=");
	return bearer_hash((struct span){ at, strcspn(at, "\n") }, hash);
}

static void
test_first_login(void **state)
{
	struct fixture *f = *state;
	struct link link;
	uint8_t hash[BEARER_HASH];
	struct scene s;
	bool found;

	set_scene(&s, f);
	start(&s);
	assert_int_equal(get(&s, "/healthz"), 200);
	/* One for a day; and then another one. */
	assert_int_equal(get(&s, "/healthz"), 200);
	assert_int_equal(fixture_count(f, &count_links), 1);
	test_ahead_ms = 24 * 3600 * 1000 + 1000;
	assert_int_equal(get(&s, "/login"), 200);
	end(&s);
	assert_true(find_link(&s, hash));
	test_ahead_ms = 0;
	assert_int_equal(fixture_count(f, &count_links), 1);
	assert_non_null(
	    strstr(s.said, "mtastsd: web: the first login, within a day: "
			   "http://127.0.0.1:8080/welcome?token="));
	assert_non_null(strstr(s.said, "event=first-login"));
	assert_err(f,
	    link_find(f->s, hash, test_now, &f->a, &link, &found, &f->e),
	    ERR_OK);
	strike(&s);
}

static const struct account anna = { .name = SPAN_INIT("anna"),
	.scope = SCOPE_ADMINISTER,
	.password = SPAN_INIT("x") };

/* Where somebody can log in, and of several workers, there is none. */
static void
test_no_first_login(void **state)
{
	struct fixture *f = *state;
	struct scene s;

	set_scene(&s, f);
	s.env.instance = 1;
	start(&s);
	assert_int_equal(get(&s, "/healthz"), 200);
	strike(&s);
	assert_null(strstr(s.said, "welcome"));
	assert_err(f, account_put(f->s, &anna, test_now, &f->e), ERR_OK);
	set_scene(&s, f);
	start(&s);
	assert_int_equal(get(&s, "/healthz"), 200);
	strike(&s);
	assert_null(strstr(s.said, "welcome"));
	assert_int_equal(fixture_count(f, &count_links), 0);
}

/* Who asks while the store is away is told so, once it is back he is not. */
static void
test_store_goes_away(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "store" };
	struct scene s;

	assert_err(f, account_put(f->s, &anna, test_now, &f->e), ERR_OK);
	set_scene(&s, f);
	start(&s);
	want(&s, &t, "/healthz", 200, "ok\n");
	fixture_exec(f, "ALTER TABLE work RENAME TO away");
	want_int(&t, "away", get(&s, "/healthz"), 503);
	fixture_exec(f, "ALTER TABLE away RENAME TO work");
	test_ahead_ms = 10 * 1000;
	want(&s, &t, "/healthz", 200, "ok\n");
	end(&s);
	assert_non_null(strstr(s.said, "event=store-failed"));
	strike(&s);
	assert_int_equal(t.failed, 0);
}

/* No store at all where it begins: it serves what it can, and goes on. */
static void
test_store_comes_late(void **state)
{
	struct fixture *f = *state;
	struct tally t = { .label = "late" };
	char url[128];
	struct scene s;

	snprintf(url, sizeof url, "%s/late/store.db", f->dir);
	set_scene(&s, f);
	s.config.store = url;
	start(&s);
	want_int(&t, "/login", get(&s, "/login"), 503);
	want_int(&t, "/healthz", get(&s, "/healthz"), 503);
	end(&s);
	want_int(&t, "status", s.status, 0);
	assert_null(strstr(s.said, "welcome"));
	strike(&s);
	assert_int_equal(t.failed, 0);
}

/* A request that is under way is answered, and then it ends. */
static void
test_drains(void **state)
{
	struct tally t = { .label = "drain" };
	struct scene s;
	bool whole;
	int fd;

	set_scene(&s, *state);
	start(&s);
	assert_int_equal(get(&s, "/healthz"), 200);
	fd = test_connect(s.port);
	test_send(fd, "GET /healthz HTTP/1.1\r\nHost: x\r\n");
	stop_pull(&s.stop);
	test_send(fd, "\r\n");
	whole = test_read_all(fd, s.reply, sizeof s.reply);
	close(fd);
	want_int(&t, "answered", status_of(s.reply), 200);
	want_int(&t, "closed", whole, true);
	end(&s);
	want_int(&t, "status", s.status, 0);
	strike(&s);
	assert_int_equal(t.failed, 0);
}

static const struct {
	const char *label, *key, *sni;
	int version;
} secure[] = {
	{ "ECDSA", "P-256", "sts.example.net", TLS1_3_VERSION },
	{ "ECDSA, TLS 1.2", "P-256", "sts.example.net", TLS1_2_VERSION },
	{ "ECDSA, no SNI", "P-384", NULL, TLS1_3_VERSION },
	{ "RSA", "RSA", "sts.example.net", TLS1_3_VERSION },
	{ "RSA, TLS 1.2", "RSA", "sts.example.net", TLS1_2_VERSION },
	{ "RSA, no SNI", "RSA", NULL, TLS1_3_VERSION },
	{ "RSA, another name", "RSA", "other.example", TLS1_2_VERSION },
};

static void
test_tls(void **state)
{
	struct tally t = { 0 };

	for (size_t i = 0; i < ROWS(secure); i++) {
		char name[64] = "";
		struct scene s;

		t.label = secure[i].label;
		set_scene(&s, *state);
		write_pem(&s, secure[i].key);
		start(&s);
		want_int(&t, "status",
		    get_secure(
			&s, secure[i].sni, secure[i].version, "/healthz", name),
		    200);
		want_span(
		    &t, "certificate", span_str(name), SPAN("sts.example.net"));
		want_int(&t, "key in memory", (int)s.sockets.key.n, 0);
		strike(&s);
	}
	assert_int_equal(t.failed, 0);
}

/* Files that hold nothing of use: it does not serve, and says why. */
static void
test_wrong_files(void **state)
{
	struct tally t = { .label = "files" };
	struct scene s;

	set_scene(&s, *state);
	write_pem(&s, "RSA");
	s.config.certificate_key = s.certificate;
	start(&s);
	end(&s);
	want_int(&t, "no key", s.status, err_exit_status(ERR_DATA));
	assert_non_null(strstr(s.said, "the file of the key has none in PEM"));
	strike(&s);
	set_scene(&s, *state);
	write_pem(&s, "RSA");
	s.config.certificate = s.key;
	start(&s);
	end(&s);
	want_int(&t, "no certificate", s.status, err_exit_status(ERR_DATA));
	assert_non_null(
	    strstr(s.said, "the file of the certificate has none in PEM"));
	strike(&s);
	assert_int_equal(t.failed, 0);
}

static void
test_channels(void **state)
{
	static const char *to[] = { "a@example.com", "b@example.com" };
	const struct {
		struct channel_config channel;
		const char *type, *to;
	} rows[] = {
		{ { .type = CHANNEL_MAIL,
		      .to = { to, 2 },
		      .user = "u",
		      .server = "smtps://mail.example",
		      .severity = SEVERITY_ERROR },
		    "mail", "a@example.com, b@example.com" },
		{ { .type = CHANNEL_SENDMAIL, .to = { to, 1 } }, "sendmail",
		    "a@example.com" },
		{ { .type = CHANNEL_WEBHOOK,
		      .url = "https://hooks.example:8443/T0/secret?a=b" },
		    "webhook", "https://hooks.example:8443" },
		{ { .type = CHANNEL_CHAT,
		      .url = "https://hooks.example?secret" },
		    "chat", "https://hooks.example" },
		{ { .type = CHANNEL_COMMAND, .command = "/opt/tell" },
		    "command", "/opt/tell" },
		{ { .type = CHANNEL_SYSLOG, .facility = "mail" }, "syslog",
		    "mail" },
	};
	struct fixture *f = *state;
	struct tally t = { 0 };

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct channel_config channel = rows[i].channel;
		struct config c = { .channels = &channel, .n_channels = 1 };
		const struct web_channel *got;

		t.label = rows[i].type;
		channel.name = "one";
		got = web_channels(&c, &f->a);
		assert_non_null(got);
		want_span(&t, "name", got->name, SPAN("one"));
		want_span(&t, "type", got->type, span_str(rows[i].type));
		want_span(&t, "to", got->to, span_str(rows[i].to));
		want_span(&t, "severity", got->severity,
		    span_str(severity_names[channel.severity]));
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_serves),
		RUN(test_worker),
		RUN(test_first_login),
		RUN(test_no_first_login),
		RUN(test_store_goes_away),
		RUN(test_store_comes_late),
		RUN(test_drains),
		RUN(test_tls),
		RUN(test_wrong_files),
		RUN(test_channels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

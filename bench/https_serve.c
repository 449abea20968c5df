#include <arpa/inet.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "bench/https_host.h"
#include "serve/http_server.h"
#include "serve/policy_host.h"

/* ---- the store: a table by name; every name has the same policy ---- */

static enum lookup
find_certificate(
    void *arg, struct span name, uint64_t have, struct tls_identity *out)
{
	sqlite3_stmt *st = arg;
	int rc;

	sqlite3_reset(st);
	sqlite3_bind_text(st, 1, name.p, (int)name.n, SQLITE_TRANSIENT);
	rc = sqlite3_step(st);
	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? LOOKUP_NONE : LOOKUP_FAILED;
	if (have == 1)
		return LOOKUP_SAME;
	out->chain = (struct span){ sqlite3_column_blob(st, 0),
		(size_t)sqlite3_column_bytes(st, 0) };
	out->key = (struct span){ sqlite3_column_blob(st, 1),
		(size_t)sqlite3_column_bytes(st, 1) };
	out->version = 1;
	return LOOKUP_FOUND;
}

static enum lookup
find_policy(void *arg, struct span host, uint64_t have, struct span *out_body,
    uint64_t *out_version)
{
	(void)arg;
	(void)host;
	if (have == 1)
		return LOOKUP_SAME;
	*out_body = SPAN(HTTPS_POLICY);
	*out_version = 1;
	return LOOKUP_FOUND;
}

static enum lookup
find_challenge(
    void *arg, struct span host, struct span token, struct span *out_body)
{
	(void)arg;
	(void)host;
	if (!span_eq(token, SPAN("token")))
		return LOOKUP_NONE;
	*out_body = SPAN("token.thumbprint");
	return LOOKUP_FOUND;
}

/* ---- the server ---- */

static int
listen_on(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
	    listen(fd, 4096) == 0)
		return fd;
	perror("bench_https: listen");
	return -1;
}

static int
stop_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static enum err
run(struct tls *tls, struct policy_host *host, uint16_t port,
    uint16_t plain_port, struct error *error)
{
	struct http_server_config c = http_server_defaults(&clock_system);
	struct http_server_stats n;
	struct http_server *server;
	enum err e;

	c.tls = tls;
	c.handler = (struct http_handler){ policy_host_handle, host };
	c.listeners[0] = (struct http_listener){ listen_on(port), true };
	c.listeners[1] = (struct http_listener){ listen_on(plain_port), false };
	c.n_listeners = 2;
	c.stop_fd = stop_signal();
	/* All clients of a figure have one address. */
	c.max_per_address = c.max_connections;
	e = http_server_new(&c, &server, error);
	if (e != ERR_OK)
		return e;
	e = http_server_run(server, error);
	n = http_server_stats(server);
	printf("accepted %llu handshakes %llu failed %llu requests %llu "
	       "timeouts %llu open %zu\n",
	    (unsigned long long)n.accepted, (unsigned long long)n.handshakes,
	    (unsigned long long)n.handshakes_failed,
	    (unsigned long long)n.requests, (unsigned long long)n.timeouts,
	    n.open);
	http_server_free(server);
	return e;
}

int
https_serve(const char *store, uint16_t port, uint16_t plain_port)
{
	struct tls_config tls_config = { .clock = &clock_system,
		.max_identities = LIMIT_TLS_IDENTITIES,
		.recheck_ms = LIMIT_TLS_RECHECK_MS };
	struct policy_host_config host_config = { .clock = &clock_system,
		.source = { find_policy, find_challenge, NULL },
		.max_cache = LIMIT_POLICY_CACHE,
		.recheck_ms = LIMIT_POLICY_RECHECK_MS };
	struct policy_host *host = policy_host_new(&host_config);
	struct error error = { .code = ERR_OK };
	sqlite3_stmt *st = NULL;
	sqlite3 *db = NULL;
	struct tls *tls;
	enum err e = ERR_STORE;

	if (sqlite3_open_v2(store, &db, SQLITE_OPEN_READONLY, NULL) ==
		SQLITE_OK &&
	    sqlite3_prepare_v2(db,
		"SELECT chain, key FROM certificate WHERE name = ?", -1, &st,
		NULL) == SQLITE_OK) {
		tls_config.source.find = find_certificate;
		tls_config.source.arg = st;
		e = tls_new(&tls_config, &tls, &error);
	}
	if (e == ERR_OK) {
		e = run(tls, host, port, plain_port, &error);
		tls_free(tls);
	}
	if (e != ERR_OK)
		fprintf(
		    stderr, "bench_https: %s %s\n", err_text(e), error.text);
	sqlite3_finalize(st);
	sqlite3_close(db);
	policy_host_free(host);
	return err_exit_status(e);
}

/* Deliveries to receivers that play a script. */
#include <fcntl.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "base/num.h"
#include "base/test_table.h"
#include "io/deliver_http.h"
#include "io/deliver_mail.h"
#include "io/deliver_program.h"
#include "io/deliver_syslog.h"
#include "io/get.h"
#include "io/test_peer.h"

/* What may take long, what hangs, and what hangs after it has gone so far. */
enum { LIMIT_MS = 60 * 1000, SHORT_MS = 150, LATE_MS = 2000 };

struct world {
	struct test_id ca, leaf, other;
	struct trust_store *trust;
	char dir[64];
};

static struct deliver_env
env_of(const struct world *w, int64_t limit_ms)
{
	return (struct deliver_env){ .clock = &clock_system,
		.trust = w->trust,
		.limit_ms = limit_ms,
		.user_agent = "mtasts/test" };
}

static const char *
file_in(const struct world *w, const char *name, const char *text, mode_t mode)
{
	static char path[96];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", w->dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static int
setup(void **state)
{
	struct world *w = test_calloc(1, sizeof *w);
	struct test_wish leaf = {
		.cn = "peer", .san = "IP:127.0.0.1", .issuer = &w->ca
	};
	char path[96];

	snprintf(w->dir, sizeof w->dir, "/tmp/test_deliver.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->ca = test_issue(&(struct test_wish){ .cn = "Test CA", .ca = true });
	w->leaf = test_issue(&leaf);
	leaf.san = "IP:127.0.0.2";
	w->other = test_issue(&leaf);
	snprintf(path, sizeof path, "%s/ca.pem", w->dir);
	test_id_write(&w->ca, path);
	assert_int_equal(trust_store_new(path, &w->trust, NULL), ERR_OK);
	assert_int_equal(get_global_init(), ERR_OK);
	/* The environment must not choose where we connect. */
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("https_proxy", "http://127.0.0.1:1", 1);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = { "ca.pem", "secret", "program",
		"out", "socket" };
	struct world *w = *state;
	char path[96];

	for (size_t i = 0; i < ROWS(names); i++) {
		snprintf(path, sizeof path, "%s/%s", w->dir, names[i]);
		unlink(path);
	}
	rmdir(w->dir);
	trust_store_free(w->trust);
	test_id_free(&w->ca);
	test_id_free(&w->leaf);
	test_id_free(&w->other);
	test_free(w);
	return 0;
}

static void
want_outcome(struct tally *t, const struct delivered *got, enum delivery want,
    const char *want_reason)
{
	want_int(t, "delivery", got->delivery, want);
	if (want_reason == NULL ? got->reason[0] != '\0'
				: strstr(got->reason, want_reason) == NULL) {
		t->failed++;
		printf("# %s: reason: got '%s', want '...%s...'\n", t->label,
		    got->reason, want_reason != NULL ? want_reason : "");
	}
}

/* ---- mail ---- */

struct smtp_script {
	const char *label;
	/* NULL: as a good server says it; "": hangs up; "hang": no answer. */
	const char *banner, *starttls, *auth, *mail, *rcpt[2], *data, *end;
	bool no_starttls; /* not offered */
	bool other_name; /* in the certificate */
	bool at_once; /* smtps */
	bool login;
	bool hangs;
	enum delivery want;
	const char *want_reason;
	bool want_tls; /* was the session encrypted? */
};

/* clang-format off */
static const struct smtp_script mails[] = {
	{ .label = "taken", .want_tls = true },
	{ .label = "taken by smtps", .at_once = true, .want_tls = true },
	{ .label = "with a login", .login = true, .want_tls = true },
	{ .label = "the login fails", .login = true,
	  .auth = "535 5.7.8 no", .want = DELIVERY_TRY_LATER,
	  .want_reason = "535 5.7.8 no" },
	{ .label = "one recipient is unknown", .want_tls = true,
	  .rcpt = { "550 5.1.1 who?" }, .want_reason = "550 5.1.1 who?" },
	{ .label = "all recipients are unknown", .want_tls = true,
	  .rcpt = { "550 5.1.1 who?", "550 5.1.1 who else?" },
	  .want = DELIVERY_REFUSED, .want_reason = "550 5.1.1 who" },
	{ .label = "all recipients later", .want_tls = true,
	  .rcpt = { "450 4.2.0 greylisted", "450 4.2.0 greylisted" },
	  .want = DELIVERY_TRY_LATER, .want_reason = "450 4.2.0 greylisted" },
	{ .label = "the sender is refused", .want_tls = true,
	  .mail = "553 5.7.1 not yours", .want = DELIVERY_REFUSED,
	  .want_reason = "553 5.7.1 not yours" },
	{ .label = "no message now", .want_tls = true,
	  .data = "451 4.3.0 disk", .want = DELIVERY_TRY_LATER,
	  .want_reason = "451 4.3.0 disk" },
	{ .label = "the message is refused", .want_tls = true,
	  .end = "554 5.7.1 spam", .want = DELIVERY_REFUSED,
	  .want_reason = "554 5.7.1 spam" },
	{ .label = "the message later", .want_tls = true,
	  .end = "452 4.3.1 full", .want = DELIVERY_TRY_LATER,
	  .want_reason = "452 4.3.1 full" },
	{ .label = "no word after the message: nobody knows", .want_tls = true,
	  .end = "", .want = DELIVERY_TRY_LATER, .want_reason = "mail server" },
	{ .label = "a hostile reply", .want_tls = true,
	  .end = "452 \033[2J\xff", .want = DELIVERY_TRY_LATER,
	  .want_reason = "452 \\x1b[2J\\xff" },
	{ .label = "the server is closed", .banner = "554 5.3.2 closed",
	  .want = DELIVERY_TRY_LATER, .want_reason = "554 5.3.2 closed" },
	{ .label = "no STARTTLS: nothing is said", .no_starttls = true,
	  .want = DELIVERY_TRY_LATER, .want_reason = "STARTTLS" },
	{ .label = "STARTTLS is refused", .starttls = "454 4.7.0 not now",
	  .want = DELIVERY_TRY_LATER, .want_reason = "454 4.7.0 not now" },
	{ .label = "a certificate for another name", .other_name = true,
	  .want = DELIVERY_TRY_LATER, .want_reason = "mail server" },
	{ .label = "no word at all", .banner = "hang", .hangs = true,
	  .want = DELIVERY_TRY_LATER, .want_reason = "timed out" },
};
/* clang-format on */

struct smtp_seen {
	const struct smtp_script *s;
	int recipients;
	bool tls;
	char login[64]; /* base64 of NUL user NUL password */
	char mail[256];
	char said[2048]; /* the message, lines ended by LF */
};

/* False: the script says to end here. */
static bool
answer(struct test_talk *t, const char *scripted, const char *usual)
{
	const char *line = scripted != NULL ? scripted : usual;
	char text[256];

	if (strcmp(line, "hang") == 0) {
		while (test_line(t) != NULL)
			;
		return false;
	}
	if (line[0] == '\0')
		return false;
	/* At once, or the peer's delayed acknowledgement is waited for. */
	snprintf(text, sizeof text, "%s\r\n", line);
	test_say(t, text);
	return true;
}

static bool
take_message(struct smtp_seen *seen, struct test_talk *t)
{
	const char *line;
	size_t at = 0;

	if (!answer(t, seen->s->data, "354 go on"))
		return false;
	if (seen->s->data != NULL)
		return true;
	while ((line = test_line(t)) != NULL && strcmp(line, ".") != 0)
		at += (size_t)snprintf(
		    seen->said + at, sizeof seen->said - at, "%s\n", line);
	return line != NULL && answer(t, seen->s->end, "250 2.0.0 taken");
}

static bool
take_login(struct smtp_seen *seen, struct test_talk *t)
{
	const char *line = answer(t, NULL, "334 ") ? test_line(t) : NULL;

	if (line != NULL)
		snprintf(seen->login, sizeof seen->login, "%s", line);
	return line != NULL;
}

static bool
obey(struct test_peer *p, struct test_talk *t, const char *line)
{
	struct smtp_seen *seen = (struct smtp_seen *)(uintptr_t)p->script;
	const struct smtp_script *s = seen->s;

	if (strncmp(line, "EHLO", 4) == 0) {
		if (t->ssl == NULL && !s->no_starttls)
			return answer(t, NULL, "250-peer\r\n250 STARTTLS");
		return answer(t, NULL, "250-peer\r\n250 AUTH PLAIN");
	}
	if (strcmp(line, "STARTTLS") == 0)
		return answer(t, s->starttls, "220 now") &&
		       (s->starttls != NULL || test_tls(p, t, false));
	if (strncmp(line, "AUTH", 4) == 0)
		return take_login(seen, t) && answer(t, s->auth, "235 welcome");
	if (strncmp(line, "MAIL", 4) == 0) {
		seen->tls = t->ssl != NULL;
		snprintf(seen->mail, sizeof seen->mail, "%s", line);
		return answer(t, s->mail, "250 2.1.0 ok");
	}
	if (strncmp(line, "RCPT", 4) == 0) {
		int n = seen->recipients++;

		return answer(t, n < 2 ? s->rcpt[n] : NULL, "250 2.1.5 ok");
	}
	if (strcmp(line, "DATA") == 0)
		return take_message(seen, t);
	return answer(t, NULL, "221 bye") && strcmp(line, "QUIT") != 0;
}

static void
serve_smtp(struct test_peer *p, struct test_talk *t, int nth)
{
	struct smtp_seen *seen = (struct smtp_seen *)(uintptr_t)p->script;
	const char *line;

	(void)nth;
	if (seen->s->at_once && !test_tls(p, t, false))
		return;
	if (!answer(t, seen->s->banner, "220 peer"))
		return;
	while ((line = test_line(t)) != NULL && obey(p, t, line))
		;
}

#define MESSAGE "Subject: x\r\n\r\n.dot\r\nend\r\n"

static void
run_mail(const struct smtp_script *s, struct world *w, struct tally *t)
{
	static const char *const to[] = { "a@example.com", "b@example.com" };
	struct smtp_seen seen = { .s = s };
	struct test_peer peer = { .serve = serve_smtp, .script = &seen };
	struct deliver_env env = env_of(w, s->hangs ? SHORT_MS : LIMIT_MS);
	char url[64];
	struct mail_way way = {
		.server = url, .from = "mtasts@example.org", .to = to, .n_to = 2
	};
	struct delivered got;

	if (s->login) {
		way.user = "user";
		way.password_file =
		    file_in(w, "secret", "pass\r\nnot this\n", 0600);
	}
	peer.tls = test_server_tls(s->other_name ? &w->other : &w->leaf, NULL);
	test_peer_start(&peer);
	snprintf(url, sizeof url, "%s://127.0.0.1:%u",
	    s->at_once ? "smtps" : "smtp", peer.port);
	deliver_mail(&env, &way, SPAN(MESSAGE), &got);
	test_peer_stop(&peer);
	SSL_CTX_free(peer.tls);

	t->label = s->label;
	want_outcome(t, &got, s->want, s->want_reason);
	want_bool(t, "encrypted", seen.tls, s->want_tls);
	if (s->login)
		want_span(
		    t, "login", span_str(seen.login), SPAN("AHVzZXIAcGFzcw=="));
	if (got.delivery == DELIVERY_DELIVERED) {
		want_span(t, "message", span_str(seen.said),
		    SPAN("Subject: x\n\n..dot\nend\n"));
		want_bool(t, "sender",
		    strncmp(seen.mail, "MAIL FROM:<mtasts@example.org>", 30) ==
			0,
		    true);
		want_int(t, "recipients", seen.recipients, 2);
	}
}

static void
test_mail(void **state)
{
	struct tally t = { .failed = 0 };

	for (size_t i = 0; i < ROWS(mails); i++)
		run_mail(&mails[i], *state, &t);
	assert_int_equal(t.failed, 0);
}

static void
test_mail_addresses(void **state)
{
	static const struct {
		const char *label, *address;
		bool want;
	} rows[] = {
		{ "plain", "a@example.com", true },
		{ "a line end", "a@example.com\r\nRCPT TO:<b@example.com>",
		    false },
		{ "brackets", "<a@example.com>", false },
		{ "a space", "a b@example.com", false },
		{ "an option", "-f@example.com", false },
		{ "no domain", "a@", false },
		{ "no name", "@example.com", false },
		{ "nothing", "", false },
	};
	static const char *const to[] = { "a@b\r\nDATA" };
	struct mail_way way = { .server = "smtp://127.0.0.1:1",
		.from = "a@b",
		.to = to,
		.n_to = 1 };
	struct deliver_env env = env_of(*state, LIMIT_MS);
	struct tally t = { .failed = 0 };
	struct delivered got;

	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		want_bool(
		    &t, "good", mail_is_address(rows[i].address), rows[i].want);
	}
	t.label = "in a delivery";
	deliver_mail(&env, &way, SPAN("x"), &got);
	want_outcome(&t, &got, DELIVERY_REFUSED, "not a mail address");
	assert_int_equal(t.failed, 0);
}

/* A missing or empty file of the password is no reason to do without. */
static void
test_mail_password_file(void **state)
{
	static const char *const to[] = { "a@example.com" };
	struct mail_way way = { .server = "smtp://127.0.0.1:1",
		.user = "user",
		.password_file = "/nonexistent/password",
		.from = "b@example.com",
		.to = to,
		.n_to = 1 };
	struct deliver_env env = env_of(*state, LIMIT_MS);
	struct tally t = { .label = "no file" };
	struct delivered got;

	deliver_mail(&env, &way, SPAN("x"), &got);
	want_outcome(&t, &got, DELIVERY_TRY_LATER,
	    "cannot read /nonexistent/password: No such file");
	t.label = "no name of a file";
	way.password_file = NULL;
	deliver_mail(&env, &way, SPAN("x"), &got);
	want_outcome(&t, &got, DELIVERY_TRY_LATER, "needs a file");
	/* The port is that of submission, whether or not somebody is there. */
	t.label = "the port";
	way.user = NULL;
	way.server = "smtp://127.0.0.1";
	deliver_mail(&env, &way, SPAN("x"), &got);
	want_int(&t, "delivery", got.delivery, DELIVERY_TRY_LATER);
	want_bool(&t, "25", strstr(got.reason, "port 25 ") != NULL, false);
	way.user = "user";
	t.label = "an empty file";
	way.password_file = file_in(*state, "secret", "\n", 0600);
	deliver_mail(&env, &way, SPAN("x"), &got);
	want_outcome(&t, &got, DELIVERY_TRY_LATER, "holds no secret");
	assert_int_equal(t.failed, 0);
}

/* ---- webhooks ---- */

struct http_script {
	const char *label;
	const char *answer; /* NULL: none, and the line stays open */
	bool endless, hangs, other_name, plain;
	enum delivery want;
	int64_t want_wait;
	const char *want_reason;
};

#define STATUS(s) "HTTP/1.1 " s "\r\nContent-Length: 0\r\n\r\n"

/* clang-format off */
static const struct http_script hooks[] = {
	{ .label = "taken", .answer = STATUS("200 OK") },
	{ .label = "taken, 204", .answer = "HTTP/1.1 204 No\r\n\r\n" },
	{ .label = "taken in plaintext", .plain = true,
	  .answer = STATUS("202 Accepted") },
	{ .label = "taken, with an answer without end", .endless = true,
	  .answer = "HTTP/1.1 200 OK\r\n\r\n" },
	{ .label = "taken, and then silence", .hangs = true,
	  .answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" },
	{ .label = "a redirect",
	  .answer = "HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\n"
	      "Content-Length: 0\r\n\r\n",
	  .want = DELIVERY_TRY_LATER, .want_reason = "not followed" },
	{ .label = "unknown there", .answer = STATUS("404 Not Found"),
	  .want = DELIVERY_REFUSED, .want_reason = "answered 404" },
	{ .label = "408", .answer = STATUS("408 Timeout"),
	  .want = DELIVERY_TRY_LATER, .want_reason = "answered 408" },
	{ .label = "425", .answer = STATUS("425 Too Early"),
	  .want = DELIVERY_TRY_LATER, .want_reason = "answered 425" },
	{ .label = "too many", .answer = "HTTP/1.1 429 Slow\r\n"
	      "Retry-After: 77\r\nContent-Length: 0\r\n\r\n",
	  .want = DELIVERY_TRY_LATER, .want_wait = 77,
	  .want_reason = "answered 429" },
	{ .label = "broken there", .answer = STATUS("500 Oops"),
	  .want = DELIVERY_TRY_LATER, .want_reason = "answered 500" },
	{ .label = "broken, without end", .endless = true,
	  .answer = "HTTP/1.1 503 No\r\n\r\n",
	  .want = DELIVERY_TRY_LATER, .want_reason = "answered 503" },
	{ .label = "not HTTP", .answer = "220 smtp.example\r\n",
	  .want = DELIVERY_TRY_LATER, .want_reason = "the receiver: " },
	{ .label = "hangs up", .answer = "",
	  .want = DELIVERY_TRY_LATER, .want_reason = "the receiver: " },
	{ .label = "no answer", .hangs = true,
	  .want = DELIVERY_TRY_LATER, .want_reason = "timed out" },
	{ .label = "an interim answer only", .hangs = true,
	  .answer = "HTTP/1.1 103 Early Hints\r\n\r\n",
	  .want = DELIVERY_TRY_LATER, .want_reason = "the receiver: " },
	{ .label = "a certificate for another name", .other_name = true,
	  .answer = STATUS("200 OK"),
	  .want = DELIVERY_TRY_LATER, .want_reason = "the receiver: " },
};
/* clang-format on */

struct http_seen {
	const struct http_script *s;
	char request[64], type[64], id[64], signature[160], body[256];
	bool other_fields; /* that might begin something */
};

static void
note(char *to, size_t cap, const char *line, const char *name)
{
	size_t n = strlen(name);

	if (strncmp(line, name, n) == 0)
		snprintf(to, cap, "%s", line + n);
}

static void
take_request(struct http_seen *seen, struct test_talk *t)
{
	const char *line = test_line(t);
	char length[16] = "0";
	uint64_t n = 0;

	if (line != NULL)
		snprintf(seen->request, sizeof seen->request, "%s", line);
	while ((line = test_line(t)) != NULL && line[0] != '\0') {
		note(seen->type, sizeof seen->type, line, "Content-Type: ");
		note(seen->id, sizeof seen->id, line, "Idempotency-Key: ");
		note(seen->signature, sizeof seen->signature, line,
		    "Mtasts-Signature: ");
		note(length, sizeof length, line, "Content-Length: ");
		seen->other_fields |= strncmp(line, "Expect", 6) == 0;
	}
	/* The body of these tests ends with a line end. */
	if (num_parse(span_str(length), 200, &n) && n > 0 &&
	    (line = test_line(t)) != NULL)
		snprintf(seen->body, sizeof seen->body, "%s", line);
}

static void
serve_http(struct test_peer *p, struct test_talk *t, int nth)
{
	struct http_seen *seen = (struct http_seen *)(uintptr_t)p->script;
	const struct http_script *s = seen->s;
	size_t n = 1;

	(void)nth;
	if (!s->plain && !test_tls(p, t, false))
		return;
	take_request(seen, t);
	if (s->answer != NULL)
		test_say(t, s->answer);
	for (int i = 0; s->endless && i < 1000000 && n > 0; i++)
		if (SSL_write_ex(t->ssl, "0123456789abcdef", 16, &n) != 1)
			break;
	if (s->hangs)
		(void)test_line(t);
}

/* What the receiver is told to compute (mtastsd.conf(5)). */
static void
want_signature(
    struct tally *t, const char *got, const char *key, const char *body)
{
	char text[512], want[160], *at;
	unsigned char mac[32];
	unsigned n = 0;
	struct span stamp = span_str(got);

	if (!span_starts(stamp, SPAN("t="))) {
		want_span(t, "signature", stamp, SPAN("t=..."));
		return;
	}
	stamp = span_skip(stamp, 2);
	stamp = span_head(stamp, span_find(stamp, ','));
	snprintf(text, sizeof text, "%.*s.%s", (int)stamp.n, stamp.p, body);
	HMAC(EVP_sha256(), key, (int)strlen(key), (unsigned char *)text,
	    strlen(text), mac, &n);
	at = want +
	     snprintf(want, sizeof want, "t=%.*s,v1=", (int)stamp.n, stamp.p);
	for (size_t i = 0; i < n; i++)
		at += snprintf(at, 3, "%02x", mac[i]);
	want_span(t, "signature", span_str(got), span_str(want));
}

static void
run_hook(const struct http_script *s, struct world *w, struct tally *t)
{
	struct http_seen seen = { .s = s };
	struct test_peer peer = { .serve = serve_http, .script = &seen };
	struct deliver_env env = env_of(w, !s->hangs	       ? LIMIT_MS
					   : s->answer != NULL ? LATE_MS
							       : SHORT_MS);
	char url[64];
	struct http_way way = { .url = url,
		.secret_file = file_in(w, "secret", "key\n", 0600) };
	struct delivered got;

	peer.tls = test_server_tls(s->other_name ? &w->other : &w->leaf, NULL);
	test_peer_start(&peer);
	snprintf(url, sizeof url, "%s://127.0.0.1:%u/hook",
	    s->plain ? "http" : "https", peer.port);
	deliver_http(&env, &way, SPAN("news-7"), SPAN("{\"a\":1}\n"), &got);
	test_peer_stop(&peer);
	SSL_CTX_free(peer.tls);

	t->label = s->label;
	want_outcome(t, &got, s->want, s->want_reason);
	want_int(t, "wait", got.retry_after_s, s->want_wait);
	want_int(t, "connections", atomic_load(&peer.connections), 1);
	if (got.delivery != DELIVERY_DELIVERED)
		return;
	want_span(
	    t, "request", span_str(seen.request), SPAN("POST /hook HTTP/1.1"));
	want_span(t, "type", span_str(seen.type), SPAN("application/json"));
	want_span(t, "id", span_str(seen.id), SPAN("news-7"));
	want_span(t, "body", span_str(seen.body), SPAN("{\"a\":1}"));
	want_bool(t, "other fields", seen.other_fields, false);
	want_signature(t, seen.signature, "key", "{\"a\":1}\n");
}

static void
test_hooks(void **state)
{
	struct tally t = { .failed = 0 };

	for (size_t i = 0; i < ROWS(hooks); i++)
		run_hook(&hooks[i], *state, &t);
	assert_int_equal(t.failed, 0);
}

/* The address of a chat is a secret; without a key there is no signature. */
static void
test_secret_address(void **state)
{
	static const struct http_script s = { .plain = true,
		.answer = STATUS("200 OK") };
	struct http_seen seen = { .s = &s };
	struct test_peer peer = { .serve = serve_http, .script = &seen };
	struct deliver_env env = env_of(*state, LIMIT_MS);
	struct tally t = { .label = "no key" };
	char url[64];
	struct http_way way = { .url = url };
	struct delivered got;

	test_peer_start(&peer);
	snprintf(url, sizeof url, "http://127.0.0.1:%u/T0P", peer.port);
	deliver_http(&env, &way, SPAN("news-7"), SPAN("{}\n"), &got);
	test_peer_stop(&peer);
	want_outcome(&t, &got, DELIVERY_DELIVERED, NULL);
	want_span(
	    &t, "request", span_str(seen.request), SPAN("POST /T0P HTTP/1.1"));
	want_span(&t, "signature", span_str(seen.signature), SPAN(""));

	t.label = "nobody there";
	deliver_http(&env, &way, SPAN("news-7"), SPAN("{}\n"), &got);
	want_outcome(&t, &got, DELIVERY_TRY_LATER, "the receiver: ");
	want_bool(&t, "secret told", strstr(got.reason, "T0P") != NULL, false);
	t.label = "an id with a line end";
	deliver_http(&env, &way, SPAN("a\r\nb"), SPAN("{}\n"), &got);
	want_outcome(&t, &got, DELIVERY_TRY_LATER, "could not be made");
	t.label = "no file of the key";
	way.secret_file = "/nonexistent/secret";
	deliver_http(&env, &way, SPAN("news-7"), SPAN("{}\n"), &got);
	want_outcome(&t, &got, DELIVERY_TRY_LATER,
	    "cannot read /nonexistent/secret: No such file");
	assert_int_equal(t.failed, 0);
}

/* ---- programs ---- */

/* clang-format off */
static const struct {
	const char	*label, *script;
	bool		 sysexits, hangs;
	enum delivery	 want;
	const char	*want_reason;
} programs[] = {
	{ .label = "good", .script = "cat >/dev/null" },
	{ .label = "good, and nobody reads", .script = "exit 0" },
	{ .label = "its input and its environment, no more",
	  .script = "[ \"$(cat)\" = message ] && [ \"$MTASTS_KIND\" = opened ] "
	      "&& [ -z \"$http_proxy\" ] && [ \"$#\" = 2 ] && "
	      "[ \"$2\" = 'a b; exit 1' ]" },
	{ .label = "no other descriptors",
	  .script = "[ \"$(ls /proc/self/fd | tr '\\n' ' ')\" = '0 1 2 3 ' ]" },
	{ .label = "a failure", .script = "echo 'no route' >&2; exit 3",
	  .want = DELIVERY_TRY_LATER,
	  .want_reason = "ended with status 3: no route" },
	{ .label = "no such user, to a command", .script = "exit 67",
	  .want = DELIVERY_TRY_LATER, .want_reason = "status 67" },
	{ .label = "no such user, to sendmail", .script = "exit 67",
	  .sysexits = true, .want = DELIVERY_REFUSED,
	  .want_reason = "status 67" },
	{ .label = "later, to sendmail", .script = "exit 75",
	  .sysexits = true, .want = DELIVERY_TRY_LATER,
	  .want_reason = "status 75" },
	{ .label = "killed", .script = "kill -9 $$",
	  .want = DELIVERY_TRY_LATER, .want_reason = "died of signal 9" },
	{ .label = "much to say",
	  .script = "i=0; while [ $i -lt 3000 ]; do "
	      "echo 0123456789012345678901234567890123456789 >&2; "
	      "i=$((i+1)); done; exit 1",
	  .want = DELIVERY_TRY_LATER, .want_reason = "status 1: 0123456789" },
	{ .label = "hangs, and so does its child", .hangs = true,
	  .script = "sleep 100 & sleep 100", .want = DELIVERY_TRY_LATER,
	  .want_reason = "did not end in time" },
};
/* clang-format on */

static void
test_programs(void **state)
{
	char *const environment[] = { "MTASTS_KIND=opened",
		"PATH=/usr/bin:/bin", NULL };
	struct tally t = { .failed = 0 };

	for (size_t i = 0; i < ROWS(programs); i++) {
		char script[512], path[96];
		char *const argv[] = { path, "--", "a b; exit 1", NULL };
		struct program_way way = { argv, environment,
			programs[i].sysexits };
		struct deliver_env env =
		    env_of(*state, programs[i].hangs ? SHORT_MS : LIMIT_MS);
		struct delivered got;

		snprintf(script, sizeof script, "#!/bin/sh\n%s\n",
		    programs[i].script);
		snprintf(path, sizeof path, "%s",
		    file_in(*state, "program", script, 0700));
		deliver_program(&env, &way, SPAN("message"), &got);
		t.label = programs[i].label;
		want_outcome(
		    &t, &got, programs[i].want, programs[i].want_reason);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_program_missing(void **state)
{
	char *const argv[] = { "/nonexistent/program", NULL };
	struct program_way way = { argv, argv + 1, false };
	struct deliver_env env = env_of(*state, LIMIT_MS);
	struct tally t = { .label = "missing" };
	struct delivered got;

	deliver_program(&env, &way, SPAN("x"), &got);
	want_outcome(
	    &t, &got, DELIVERY_TRY_LATER, "/nonexistent/program: No such file");
	assert_int_equal(t.failed, 0);
}

/* One that was told to stop does not wait for the program. */
static void
test_program_stopped(void **state)
{
	struct stop stop;
	struct deliver_env env = env_of(*state, LIMIT_MS);
	char *const argv[] = { "/bin/sleep", "100", NULL };
	struct program_way way = { argv, argv + 2, false };
	struct tally t = { .label = "stopped" };
	struct delivered got;

	assert_int_equal(stop_init(&stop), ERR_OK);
	stop_pull(&stop);
	env.stop = &stop;
	deliver_program(&env, &way, SPAN("x"), &got);
	stop_release(&stop);
	want_outcome(&t, &got, DELIVERY_TRY_LATER, "did not end in time");
	assert_int_equal(t.failed, 0);
}

/* ---- syslog ---- */

static void
test_syslog(void **state)
{
	struct world *w = *state;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct syslog_way way = { at.sun_path, LOG_DAEMON, LOG_ERR };
	struct tally t = { .label = "taken" };
	struct delivered got;
	char line[256];
	ssize_t n;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%s/socket", w->dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	deliver_syslog(&way, SPAN("LOSS 100% of example.com"), &got);
	want_outcome(&t, &got, DELIVERY_DELIVERED, NULL);
	n = recv(fd, line, sizeof line, MSG_DONTWAIT);
	assert_true(n > 0);
	want_span(&t, "line", (struct span){ line, (size_t)n },
	    SPAN("<27>mtasts: LOSS 100% of example.com"));
	close(fd);
	t.label = "nobody listens";
	deliver_syslog(&way, SPAN("x"), &got);
	want_outcome(&t, &got, DELIVERY_TRY_LATER, "Connection refused");
	t.label = "facilities";
	want_int(&t, "local7", syslog_facility("local7"), LOG_LOCAL7);
	want_int(&t, "none", syslog_facility("kernel"), -1);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mail),
		cmocka_unit_test(test_mail_addresses),
		cmocka_unit_test(test_mail_password_file),
		cmocka_unit_test(test_hooks),
		cmocka_unit_test(test_secret_address),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_program_missing),
		cmocka_unit_test(test_program_stopped),
		cmocka_unit_test(test_syslog),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

#include "io/deliver_mail.h"

#include "io/deliver_curl.h"

enum { SUBMISSION = 587 };

/* A message on its way, and what the server said last that was not a yes. */
struct submission {
	struct span rest;
	bool heard_250; /* EHLO was answered: refusals are of this message */
	char refusal[LIMIT_OUTBOX_ERROR / 2];
};

bool
mail_is_address(const char *s)
{
	const char *at = strrchr(s, '@');

	for (const char *p = s; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '<' ||
		    *p == '>')
			return false;
	return at != NULL && at > s && at[1] != '\0' && s[0] != '-';
}

static size_t
on_read(char *p, size_t size, size_t n, void *arg)
{
	struct submission *m = arg;
	struct span part = span_head(m->rest, size * n);

	memcpy(p, part.p, part.n);
	m->rest = span_skip(m->rest, part.n);
	return part.n;
}

/* One line of the server at a time. */
static size_t
on_reply(char *p, size_t size, size_t n, void *arg)
{
	struct submission *m = arg;
	struct span line = { p, size * n };

	while (line.n > 0 &&
	       (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == '\n'))
		line.n--;
	if (span_starts(line, SPAN("250")))
		m->heard_250 = true;
	else if (span_starts(line, SPAN("4")) || span_starts(line, SPAN("5")))
		snprintf(
		    m->refusal, sizeof m->refusal, "%.*s", (int)line.n, line.p);
	return size * n;
}

static struct curl_slist *
recipients(const struct mail_way *way)
{
	struct curl_slist *list = NULL, *more;

	for (size_t i = 0; i < way->n_to; i++) {
		more = curl_slist_append(list, way->to[i]);
		if (more == NULL) {
			curl_slist_free_all(list);
			return NULL;
		}
		list = more;
	}
	return list;
}

/* RFC 6409 3.1: submission has a port of its own, of which libcurl does not
 * know; 0: as the URL has it. */
static long
port_of(const char *server)
{
	CURLU *u = curl_url();
	char *port = NULL;
	long out = 0;

	if (u != NULL &&
	    curl_url_set(u, CURLUPART_URL, server, CURLU_NON_SUPPORT_SCHEME) ==
		CURLUE_OK &&
	    curl_url_get(u, CURLUPART_PORT, &port, 0) == CURLUE_NO_PORT &&
	    strncmp(server, "smtp:", 5) == 0)
		out = SUBMISSION;
	curl_free(port);
	curl_url_cleanup(u);
	return out;
}

static bool
set_mail(CURL *c, const struct mail_way *way, struct curl_slist *to,
    struct submission *m)
{
	return curl_easy_setopt(c, CURLOPT_URL, way->server) == 0 &&
	       curl_easy_setopt(c, CURLOPT_PORT, port_of(way->server)) == 0 &&
	       curl_easy_setopt(c, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL) ==
		   0 &&
	       curl_easy_setopt(c, CURLOPT_MAIL_FROM, way->from) == 0 &&
	       curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to) == 0 &&
	       curl_easy_setopt(c, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L) == 0 &&
	       curl_easy_setopt(c, CURLOPT_UPLOAD, 1L) == 0 &&
	       curl_easy_setopt(
		   c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)m->rest.n) == 0 &&
	       curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read) == 0 &&
	       curl_easy_setopt(c, CURLOPT_READDATA, m) == 0 &&
	       curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_reply) == 0 &&
	       curl_easy_setopt(c, CURLOPT_HEADERDATA, m) == 0;
}

/* libcurl keeps a copy of the password until the handle goes. */
static bool
set_login(CURL *c, const struct mail_way *way, struct delivered *out)
{
	struct secret s;
	bool good;

	if (way->user == NULL)
		return true;
	if (way->password_file == NULL) {
		delivered_say(out, DELIVERY_TRY_LATER,
		    "a user needs a file with the password");
		return false;
	}
	if (!secret_read(&s, way->password_file, out))
		return false;
	good = curl_easy_setopt(c, CURLOPT_USERNAME, way->user) == 0 &&
	       curl_easy_setopt(c, CURLOPT_PASSWORD, s.p) == 0;
	secret_wipe(&s);
	if (!good)
		delivered_say(out, DELIVERY_TRY_LATER, "out of memory");
	return good;
}

/* A 5xx before EHLO was answered is of the server's, and so is a login that
 * fails; somebody will mend it. */
static bool
is_refused(CURL *c, CURLcode rc, const struct submission *m)
{
	long code = 0;

	if (rc != CURLE_SEND_ERROR && rc != CURLE_WEIRD_SERVER_REPLY &&
	    rc != CURLE_RECV_ERROR)
		return false;
	(void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &code);
	return m->heard_250 && code >= 500 && code <= 599;
}

static void
conclude(struct transfer *t, CURLcode rc, const struct submission *m,
    struct delivered *out)
{
	const char *reply =
	    m->refusal[0] != '\0' ? m->refusal : transfer_reason(t, rc);

	if (rc == CURLE_OK && m->refusal[0] == '\0')
		delivered_say(out, DELIVERY_DELIVERED, "%s", "");
	else if (rc == CURLE_OK)
		delivered_say(out, DELIVERY_DELIVERED,
		    "a recipient was refused: %s", reply);
	else
		delivered_say(out,
		    is_refused(t->c, rc, m) ? DELIVERY_REFUSED
					    : DELIVERY_TRY_LATER,
		    "the mail server: %s", reply);
}

static bool
has_addresses(const struct mail_way *way, struct delivered *out)
{
	bool good = way->n_to > 0 && mail_is_address(way->from);

	for (size_t i = 0; good && i < way->n_to; i++)
		good = mail_is_address(way->to[i]);
	if (!good)
		delivered_say(out, DELIVERY_REFUSED,
		    "\"from\" or \"to\" is not a mail address");
	return good;
}

void
deliver_mail(const struct deliver_env *env, const struct mail_way *way,
    struct span message, struct delivered *out)
{
	struct submission m = { .rest = message };
	struct curl_slist *to;
	struct transfer t;

	*out = (struct delivered){ .delivery = DELIVERY_TRY_LATER };
	if (!has_addresses(way, out))
		return;
	to = recipients(way);
	if (!transfer_begin(&t, env, "smtp,smtps") || to == NULL ||
	    !set_mail(t.c, way, to, &m))
		delivered_say(out, DELIVERY_TRY_LATER, "out of memory");
	else if (set_login(t.c, way, out))
		conclude(&t, curl_easy_perform(t.c), &m, out);
	transfer_end(&t);
	curl_slist_free_all(to);
}

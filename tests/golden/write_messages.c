/* write_messages FOLDER - every message that there is, in every form, as files.
 *
 * tests/golden/messages/run compares them with what stands there. */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "out/mail.h"
#include "out/message.h"

enum { HOUR = 3600, DAY = 86400 };

/* 2026-11-26 16:40 UTC */
static const struct wall_time now = { 1795711200 };

static struct wall_time
ago(int64_t s)
{
	return (struct wall_time){ now.s - s };
}

/* clang-format off */
#define DOMAINS SPAN_INIT("a.example"), SPAN_INIT("b.example"),		\
	SPAN_INIT("c.example"), SPAN_INIT("d.example"),			\
	SPAN_INIT("e.example"), SPAN_INIT("f.example"),			\
	SPAN_INIT("g.example"), SPAN_INIT("h.example"),			\
	SPAN_INIT("i.example"), SPAN_INIT("j.example")
static const struct span one[] = { SPAN_INIT("example.com") };
static const struct span ten[] = { DOMAINS };
static const struct span foreign[] = { SPAN_INIT("xn--mller-kva.example") };

static const struct incident expired = {
	.id = 12, .check = SPAN_INIT("mxcert.expired"),
	.subject = SPAN_INIT("mx1.mail.example"), .severity = SEVERITY_ERROR,
	.message = SPAN_INIT("The certificate of mx1.mail.example (192.0.2.25) "
	    "expired on 2026-11-26 14:00 UTC, 2 hours ago."),
	.remedy = SPAN_INIT("Renew the certificate, reload the mail server, and "
	    "see why it was not renewed by itself."),
	.acknowledged_by = SPAN_INIT(""), .note = SPAN_INIT(""),
	.cause = SPAN_INIT("mxcert.expired mx1.mail.example"),
	.errors = 1, .domains = 1,
	.opened_at = { 1795711200 - 120 }, .changed_at = { 1795711200 - 120 },
	.horizon = { 1795711200 + 9 * DAY },
};
static const struct incident absent = {
	.id = 13, .check = SPAN_INIT("txt.absent-policy-present"),
	.subject = SPAN_INIT("example.com"), .severity = SEVERITY_WARNING,
	.message = SPAN_INIT("A policy in mode testing is served, but there is "
	    "no TXT record at _mta-sts.example.com."),
	.remedy = SPAN_INIT("Publish this record:\n"
	    "_mta-sts.example.com. 3600 IN TXT \"v=STSv1; id=20261126T164000\""),
	.acknowledged_by = SPAN_INIT(""), .note = SPAN_INIT(""),
	.cause = SPAN_INIT("txt.absent-policy-present example.com"),
	.warnings = 1, .domains = 1,
	.opened_at = { 1795711200 - 120 }, .changed_at = { 1795711200 - 120 },
};
/* clang-format on */

static struct message_news
news_of(enum news_kind kind, const struct incident *i, const struct span *names,
    size_t n)
{
	return (struct message_news){
		.news = { .key = SPAN("key 7"),
		    .kind = kind,
		    .severity = i != NULL ? i->severity : SEVERITY_INFO,
		    .incident = i != NULL ? i->id : 0,
		    .text = SPAN("") },
		.at = ago(120),
		.incident = i,
		.domain = SPAN(""),
		.domains = names,
		.n_domains = n,
	};
}

static struct message_news
change(enum news_kind kind, struct span domain, struct span text)
{
	struct message_news n = news_of(kind, NULL, NULL, 0);

	n.news.text = text;
	n.domain = domain;
	return n;
}

/* ---- files ---- */

static void
put_file(const char *dir, const char *name, const char *form, struct span s)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s.%s", dir, name, form);
	f = fopen(path, "we");
	if (f == NULL || fwrite(s.p, 1, s.n, f) != s.n || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
}

static void
put_facts(
    const char *dir, const char *name, const struct message *m, struct arena *a)
{
	struct span all = SPAN("");

	for (size_t i = 0; i < m->n_facts; i++)
		all = arena_printf(a, "%.*sMTASTS_%s=%.*s\n", (int)all.n, all.p,
		    m->facts[i].name, (int)m->facts[i].value.n,
		    m->facts[i].value.p);
	put_file(dir, name, "facts", all);
}

static void
put_forms(const char *dir, const char *name, enum err e,
    const struct message *m, struct arena *a)
{
	static const char *const to[] = { "postmaster@example.org",
		"oncall@example.org" };
	struct mail_head head = { "mtasts@example.org", to, 2, now };
	struct span mail, line;

	if (e != ERR_OK || mail_write(m, &head, a, &mail) != ERR_OK) {
		fprintf(stderr, "%s: %s\n", name, err_text(e));
		exit(1);
	}
	put_file(dir, name, "mail", mail);
	line = arena_printf(a, "%.*s\n", (int)m->brief.n, m->brief.p);
	put_file(dir, name, "brief", line);
	line = arena_printf(a, "%.*s\n", (int)m->json.n, m->json.p);
	put_file(dir, name, "json", line);
	put_facts(dir, name, m, a);
}

static void
say(const char *dir, const char *name, const struct message_news *n)
{
	struct message_env env = { now, "https://mtasts.example.org" };
	struct message m;
	struct arena a;
	enum err e;

	arena_init(&a, LIMIT_MESSAGE_MEMORY);
	e = message_of_news(n, &env, &a, &m);
	put_forms(dir, name, e, &m, &a);
	arena_release(&a);
}

/* ---- what there is ---- */

static void
say_incidents(const char *dir)
{
	struct incident i = expired;
	struct message_news n = news_of(NEWS_OPENED, &i, one, 1);

	say(dir, "opened", &n);
	i.errors = 180;
	i.warnings = 20;
	i.domains = 200;
	n = news_of(NEWS_OPENED, &i, ten, 10);
	say(dir, "opened-many", &n);
	n = news_of(NEWS_REMINDER, &i, ten, 10);
	i.opened_at = ago(2 * DAY + HOUR);
	say(dir, "reminder", &n);
	n = news_of(NEWS_WORSENED, &i, ten, 10);
	say(dir, "worsened", &n);
	i.is_resolved = true;
	i.resolved_at = ago(60);
	n = news_of(NEWS_RESOLVED, &i, ten, 10);
	say(dir, "resolved", &n);
	i = absent;
	n = news_of(NEWS_OPENED, &i, one, 1);
	say(dir, "opened-warning", &n);
	i.is_resolved = true;
	i.resolved_at = now;
	i.warnings = 0;
	n = news_of(NEWS_RESOLVED, &i, one, 1);
	say(dir, "resolved-one", &n);
}

/* What somebody else wrote is told, and moves nothing. */
static void
say_foreign(const char *dir)
{
	struct incident i = absent;
	struct message_news n = news_of(NEWS_OPENED, &i, foreign, 1);

	i.check = SPAN("unknown.check");
	i.message = SPAN("The record says \"v=STSv1\r\nBcc: x@example.net\" "
			 "\x1b[2J\xff and \xc3\xbc, which is one of very many "
			 "things that such a record might say.");
	i.remedy = SPAN("Ask M\xc3\xbcller.");
	say(dir, "foreign", &n);
}

static void
say_ourselves(const char *dir)
{
	struct incident i = absent;
	struct message_news n = news_of(NEWS_OPENED, &i, NULL, 0);

	i.domains = 0;
	i.warnings = 0;
	i.check = SPAN("monitor.notify-failed");
	i.subject = SPAN("oncall");
	i.message =
	    SPAN("The channel oncall has not delivered since 2026-11-26 "
		 "15:38 UTC: the receiver answered 500. 12 messages "
		 "wait.");
	i.remedy = span_str(checks[CHECK_MONITOR_NOTIFY_FAILED].remedy);
	say(dir, "notify-failed", &n);
	i.check = SPAN("monitor.stale");
	i.subject = SPAN("");
	i.message = SPAN("40 domains should have been looked at by 2026-11-26 "
			 "16:10 UTC and were not.");
	i.remedy = span_str(checks[CHECK_MONITOR_STALE].remedy);
	say(dir, "stale", &n);
}

static void
say_others(const char *dir)
{
	struct message_news n = change(NEWS_CHANGED, SPAN("example.com"),
	    SPAN("The MX records changed from mx1.mail.example and "
		 "mx2.mail.example to mx.other.example. Copies of the policy "
		 "that do not cover mx.other.example may be held until "
		 "2026-12-05 16:40 UTC."));

	say(dir, "changed", &n);
	n = change(NEWS_ADVICE, SPAN("example.com"),
	    SPAN("The record and the policy may be removed now: every copy "
		 "from before mode none has expired."));
	say(dir, "advice", &n);
	n = change(NEWS_TEST, SPAN(""), SPAN("oncall"));
	say(dir, "test", &n);
}

static void
say_lists(const char *dir)
{
	struct message_env env = { now, NULL };
	struct incident many = expired, over = absent;
	struct message_news all[30];
	struct message_digest d = { .key = SPAN("digest mail 2026-11-26"),
		.at = now,
		.open = all,
		.n_open = 5,
		.ended = all + 5,
		.n_ended = 1 };
	struct message m;
	struct arena a;
	enum err e;

	many.domains = many.errors = 200;
	many.opened_at = ago(3 * DAY);
	over.is_resolved = true;
	over.resolved_at = ago(HOUR);
	over.opened_at = ago(4 * HOUR);
	for (size_t i = 0; i < 30; i++)
		all[i] = news_of(NEWS_OPENED, &absent, ten + i % 10, 1);
	all[3] = news_of(NEWS_OPENED, &many, ten, 10);
	all[5] = news_of(NEWS_RESOLVED, &over, one, 1);
	all[6] = change(NEWS_CHANGED, one[0], SPAN("The MX records changed."));

	arena_init(&a, LIMIT_MESSAGE_MEMORY);
	e = message_of_many(all, 30, &env, &a, &m);
	put_forms(dir, "summary", e, &m, &a);
	e = message_of_digest(&d, &env, &a, &m);
	put_forms(dir, "digest", e, &m, &a);
	d.n_open = d.n_ended = 0;
	e = message_of_digest(&d, &env, &a, &m);
	put_forms(dir, "digest-quiet", e, &m, &a);
	arena_release(&a);
}

int
main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: write_messages FOLDER\n", stderr);
		return 64;
	}
	say_incidents(argv[1]);
	say_foreign(argv[1]);
	say_ourselves(argv[1]);
	say_others(argv[1]);
	say_lists(argv[1]);
	return 0;
}

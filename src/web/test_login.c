#include "base/test_table.h"

#include <pthread.h>

#include "base/limits.h"
#include "io/bearer.h"
#include "store/audit.h"
#include "web/login.h"
#include "web/password.h"
#include "web/test_call.h"

#define GOOD "correct horse battery"
#define AS_ANNA "name=anna&password=correct+horse+battery"
#define WRONG "name=anna&password=wrong+horse+battery"

/* A dashboard where "anna" can log in. */
struct scene {
	struct fixture *f;
	struct test_call tc;
	struct account anna;
};

static void
set_scene(struct scene *s, void **state)
{
	struct fixture *f = *state;

	s->f = f;
	test_call_init(&s->tc, f);
	s->anna =
	    (struct account){ .name = SPAN("anna"), .scope = SCOPE_OPERATE };
	assert_err(f,
	    password_hash(SPAN(GOOD), &randomness_system, &f->a,
		&s->anna.password, &f->e),
	    ERR_OK);
	assert_err(f, account_put(f->s, &s->anna, test_now, &f->e), ERR_OK);
}

static void
ask(struct scene *s, enum http_method method, const char *target,
    const char *fields, const char *body)
{
	test_call_ask(
	    &s->tc, &(struct test_ask){ method, target, fields, body });
}

static int
log_in(struct scene *s, const char *from, const char *body)
{
	assert_true(ip_parse(span_str(from), &s->tc.peer));
	ask(s, HTTP_POST, "/login", NULL, body);
	return s->tc.status;
}

/* What the last answer has set is shown from now on. */
static void
take_cookie(struct scene *s)
{
	struct span set = test_call_field(&s->tc, "set-cookie");

	snprintf(s->tc.cookie, sizeof s->tc.cookie, "%.*s",
	    (int)span_find(set, ';'), set.p);
}

static void
want_audit(struct tally *t, struct scene *s, const char *what, const char *who,
    const char *target)
{
	struct fixture *f = s->f;
	struct audit_entry *last;
	size_t n;

	assert_err(f, audit_list(f->s, 0, 1, &f->a, &last, &n, &f->e), ERR_OK);
	assert_int_equal(n, 1);
	want_span(t, "what", last[0].what, span_str(what));
	want_span(t, "who", last[0].who, span_str(who));
	want_span(t, "target", last[0].target, span_str(target));
	want_span(t, "from", last[0].from, SPAN("192.0.2.7"));
}

/* ---- in and out ---- */

static void
test_in_and_out(void **state)
{
	struct scene s;
	struct tally t = { .label = "in" };
	struct span cookie;
	const char *csrf;

	set_scene(&s, state);
	ask(&s, HTTP_POST, "/login", NULL, AS_ANNA "&back=/incidents?x=1");
	want_int(&t, "status", s.tc.status, 303);
	want_span(&t, "location", s.tc.location, SPAN("/incidents?x=1"));
	cookie = test_call_field(&s.tc, "set-cookie");
	want_bool(
	    &t, "name", span_starts(cookie, SPAN("__Host-mtasts=")), true);
	want_span(&t, "attributes", span_skip(cookie, span_find(cookie, ';')),
	    SPAN("; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Lax"));
	want_audit(&t, &s, "login", "anna", "anna");
	take_cookie(&s);
	ask(&s, HTTP_GET, "/", NULL, NULL);
	want_int(&t, "the portfolio", s.tc.status, 200);
	ask(&s, HTTP_GET, "/login?back=/settings", NULL, NULL);
	want_span(&t, "is in already", s.tc.location, SPAN("/settings"));
	csrf = test_call_csrf(&s.tc, &s.f->a);

	t.label = "out";
	ask(&s, HTTP_POST, "/logout", NULL, "");
	want_int(&t, "forged", s.tc.status, 403);
	ask(&s, HTTP_POST, "/logout", NULL,
	    arena_printf(&s.f->a, "csrf=%s", csrf).p);
	want_int(&t, "status", s.tc.status, 303);
	want_span(
	    &t, "location", s.tc.location, SPAN("/login?said=logged-out"));
	want_span(&t, "cookie", test_call_field(&s.tc, "set-cookie"),
	    SPAN("__Host-mtasts=; Path=/; Max-Age=0; Secure; HttpOnly; "
		 "SameSite=Lax"));
	want_audit(&t, &s, "logout", "anna", "anna");
	ask(&s, HTTP_GET, "/", NULL, NULL);
	want_int(&t, "the old cookie", s.tc.status, 303);
	test_call_release(&s.tc);
	assert_int_equal(t.failed, 0);
}

/* A session ends, used or not. */
static void
test_session_ends(void **state)
{
	struct scene s;
	struct tally t = { .label = "session" };

	set_scene(&s, state);
	log_in(&s, "192.0.2.7", AS_ANNA);
	take_cookie(&s);
	s.tc.moment.wall.s += SESSION_S - 1;
	ask(&s, HTTP_GET, "/", NULL, NULL);
	want_int(&t, "at its end", s.tc.status, 200);
	s.tc.moment.wall.s += 1;
	ask(&s, HTTP_GET, "/", NULL, NULL);
	want_int(&t, "behind it", s.tc.status, 303);
	test_call_release(&s.tc);
	assert_int_equal(t.failed, 0);
}

static void
test_in_the_clear(void **state)
{
	struct scene s;
	struct tally t = { .label = "in the clear" };
	struct span cookie;

	set_scene(&s, state);
	s.tc.config.origin = SPAN("http://127.0.0.1:8080");
	log_in(&s, "192.0.2.7", AS_ANNA);
	cookie = test_call_field(&s.tc, "set-cookie");
	want_bool(&t, "name", span_starts(cookie, SPAN("mtasts=")), true);
	want_span(&t, "attributes", span_skip(cookie, span_find(cookie, ';')),
	    SPAN("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"));
	test_call_release(&s.tc);
	assert_int_equal(t.failed, 0);
}

static void
test_refused(void **state)
{
	static const struct {
		const char *label, *fields, *body;
		int status;
		const char *text;
	} rows[] = {
		/* clang-format off */
		{ "wrong password", NULL, WRONG, 401,
		    "The name or the password is wrong." },
		{ "nobody", NULL, "name=nobody&password=correct+horse+battery",
		    401, "The name or the password is wrong." },
		{ "the name in another case", NULL,
		    "name=Anna&password=correct+horse+battery", 401, "wrong" },
		{ "no password yet", NULL, "name=new&password=", 400,
		    "missing" },
		{ "an account without one", NULL,
		    "name=new&password=correct+horse+battery", 401, "wrong" },
		{ "the dummy's hash", NULL, "name=nobody&password=x", 401,
		    "wrong" },
		{ "a name that is none", NULL, "name=%22%3E%3Cb%3E&password=x",
		    401, "value=\"&quot;&gt;&lt;b&gt;\"" },
		{ "something else", NULL, AS_ANNA "&more=1", 400,
		    "not known here" },
		{ "from elsewhere", "origin: https://evil.test", AS_ANNA, 403,
		    "does not come from a page" },
		{ "JSON", NULL, "{\"name\":\"anna\"}", 400, "missing" },
		/* clang-format on */
	};
	const struct account new = { .name = SPAN("new"),
		.password = SPAN("") };
	struct scene s;
	struct tally t = { 0 };

	set_scene(&s, state);
	assert_err(s.f, account_put(s.f->s, &new, test_now, &s.f->e), ERR_OK);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		ask(&s, HTTP_POST, "/login", rows[i].fields, rows[i].body);
		want_int(&t, "status", s.tc.status, rows[i].status);
		want_said(&t, &s.tc, rows[i].text);
		want_unsaid(&t, &s.tc, "correct horse");
		want_span(&t, "cookie", test_call_field(&s.tc, "set-cookie"),
		    SPAN(""));
	}
	t.label = "audit";
	log_in(&s, "192.0.2.7", WRONG);
	want_audit(&t, &s, "login-failed", "", "anna");
	test_call_release(&s.tc);
	assert_int_equal(t.failed, 0);
}

static int64_t
cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* A name that is not there costs what a wrong password costs: nearly all of it
 * is one crypt(3), and without that it were a hundredth. */
static void
test_cost(void **state)
{
	struct scene s;
	int64_t from, known, unknown;

	set_scene(&s, state);
	from = cpu_us();
	assert_int_equal(log_in(&s, "192.0.2.7", WRONG), 401);
	known = cpu_us() - from;
	from = cpu_us();
	assert_int_equal(
	    log_in(&s, "192.0.2.7", "name=nobody&password=wrong+horse+battery"),
	    401);
	unknown = cpu_us() - from;
	printf("# %lld us for a name that is there, %lld us for one that is "
	       "not\n",
	    (long long)known, (long long)unknown);
	assert_true(unknown > known / 4 && known > unknown / 4);
	test_call_release(&s.tc);
}

/* ---- too often ---- */

static void
pass_s(struct scene *s, int64_t n)
{
	s->tc.moment.mono = mono_after_ms(s->tc.moment.mono, n * 1000);
}

/* Five tries at one account, then one a minute; others are not concerned, nor
 * is the same one from elsewhere. */
static void
test_guessing(void **state)
{
	struct scene s;
	struct tally t = { .label = "guessing" };

	set_scene(&s, state);
	for (int i = 0; i < 5; i++)
		want_int(&t, "try", log_in(&s, "192.0.2.7", WRONG), 401);
	want_int(&t, "too often", log_in(&s, "192.0.2.7", WRONG), 429);
	want_span(&t, "retry-after", test_call_field(&s.tc, "retry-after"),
	    SPAN("60"));
	want_int(&t, "the right one", log_in(&s, "192.0.2.7", AS_ANNA), 429);
	want_int(&t, "from elsewhere", log_in(&s, "192.0.2.8", AS_ANNA), 303);
	want_int(&t, "somebody else",
	    log_in(&s, "192.0.2.7", "name=bert&password=wrong+horse+battery"),
	    401);
	pass_s(&s, 59);
	want_int(&t, "a moment early", log_in(&s, "192.0.2.7", AS_ANNA), 429);
	pass_s(&s, 1);
	want_int(&t, "in time", log_in(&s, "192.0.2.7", AS_ANNA), 303);
	for (int i = 0; i < 5; i++)
		want_int(&t, "forgiven", log_in(&s, "192.0.2.7", WRONG), 401);
	test_call_release(&s.tc);
	assert_int_equal(t.failed, 0);
}

/* An IPv6 network is one client, however many addresses it has. */
static void
test_network(void **state)
{
	struct scene s;
	struct tally t = { .label = "network" };

	set_scene(&s, state);
	for (int i = 0; i < 5; i++)
		want_int(&t, "try",
		    log_in(&s,
			arena_printf(&s.f->a, "2001:db8:1:2::%x", i + 1).p,
			WRONG),
		    401);
	want_int(
	    &t, "the same", log_in(&s, "2001:db8:1:2:ffff::1", WRONG), 429);
	want_int(&t, "another", log_in(&s, "2001:db8:1:3::1", WRONG), 401);
	test_call_release(&s.tc);
	assert_int_equal(t.failed, 0);
}

/* One client, many names: twenty tries. */
static void
test_spraying(void **state)
{
	struct scene s;
	struct tally t = { .label = "spraying" };

	set_scene(&s, state);
	for (int i = 0; i < 20; i++)
		want_int(&t, "try",
		    log_in(&s, "192.0.2.7",
			arena_printf(&s.f->a, "name=n%d&password=x", i).p),
		    401);
	want_int(
	    &t, "too often", log_in(&s, "192.0.2.7", "name=m&password=x"), 429);
	want_int(&t, "from elsewhere", log_in(&s, "192.0.2.8", AS_ANNA), 303);
	pass_s(&s, 30);
	want_int(
	    &t, "later", log_in(&s, "192.0.2.7", "name=m&password=x"), 401);
	test_call_release(&s.tc);
	assert_int_equal(t.failed, 0);
}

/* Nor does who knows a password keep the dashboard busy with it. */
static void
test_known_too_often(void **state)
{
	struct scene s;
	struct tally t = { .label = "known" };

	set_scene(&s, state);
	want_int(&t, "first", log_in(&s, "192.0.2.7", AS_ANNA), 303);
	for (int i = 0; i < 60; i++)
		want_int(&t, "again", log_in(&s, "192.0.2.7", AS_ANNA), 303);
	want_int(&t, "too often", log_in(&s, "192.0.2.7", AS_ANNA), 429);
	want_int(&t, "somebody else", log_in(&s, "192.0.2.8", AS_ANNA), 303);
	pass_s(&s, 1);
	want_int(&t, "a moment later", log_in(&s, "192.0.2.7", AS_ANNA), 303);
	test_call_release(&s.tc);
	assert_int_equal(t.failed, 0);
}

/* The password becomes another one while it is looked at: what is asked of
 * randomness comes in between. */
struct meanwhile {
	struct randomness randomness; /* first: the function casts */
	struct fixture *f;
};

static bool
change_meanwhile(const struct randomness *r, void *p, size_t n)
{
	const struct meanwhile *m = (const struct meanwhile *)r;
	struct error e;
	bool found;

	return account_set_password(m->f->s, SPAN("anna"), SPAN("another"),
		   &found, &e) == ERR_OK &&
	       randomness_fill(&randomness_system, p, n);
}

static void
test_overtaken(void **state)
{
	static const struct sql_statement count = {
		"SELECT COUNT(*) FROM session"
	};
	struct scene s;
	struct meanwhile m = { { change_meanwhile }, *state };
	struct tally t = { .label = "overtaken" };

	set_scene(&s, state);
	s.tc.config.randomness = &m.randomness;
	want_int(&t, "status", log_in(&s, "192.0.2.7", AS_ANNA), 401);
	want_span(&t, "cookie", test_call_field(&s.tc, "set-cookie"), SPAN(""));
	want_int(&t, "sessions", fixture_count(s.f, &count), 0);
	want_audit(&t, &s, "login-failed", "", "anna");
	test_call_release(&s.tc);
	assert_int_equal(t.failed, 0);
}

/* Whoever logs in anew leaves no session behind in that browser. */
static void
test_again(void **state)
{
	static const struct sql_statement count = {
		"SELECT COUNT(*) FROM session"
	};
	struct scene s;
	struct tally t = { .label = "again" };

	set_scene(&s, state);
	log_in(&s, "192.0.2.7", AS_ANNA);
	take_cookie(&s);
	want_int(&t, "status", log_in(&s, "192.0.2.7", AS_ANNA), 303);
	want_int(&t, "sessions", fixture_count(s.f, &count), 1);
	ask(&s, HTTP_GET, "/", NULL, NULL);
	want_int(&t, "the old one", s.tc.status, 303);
	take_cookie(&s);
	test_call_release(&s.tc);
	assert_int_equal(t.failed, 0);
}

/* Many clients at once have a ceiling together; it does not count for whom has
 * logged in from here before. */
static void
test_all_together(void **state)
{
	struct scene s;
	struct tally t = { .label = "all" };

	set_scene(&s, state);
	want_int(&t, "before", log_in(&s, "192.0.2.7", AS_ANNA), 303);
	pass_s(&s, 3600);
	for (int i = 0; i < 60; i++)
		want_int(&t, "try",
		    log_in(&s, arena_printf(&s.f->a, "203.0.113.%d", i + 1).p,
			"name=anna&password=x"),
		    401);
	want_int(&t, "one more",
	    log_in(&s, "203.0.113.99", "name=anna&password=x"), 429);
	want_int(&t, "a stranger", log_in(&s, "192.0.2.8", AS_ANNA), 429);
	want_int(&t, "who was here", log_in(&s, "192.0.2.7", AS_ANNA), 303);
	pass_s(&s, 1);
	want_int(&t, "a moment later", log_in(&s, "192.0.2.8", AS_ANNA), 303);
	test_call_release(&s.tc);
	assert_int_equal(t.failed, 0);
}

/* ---- links ---- */

static void
make_link(
    struct scene *s, struct bearer *out, const char *account, int64_t for_s)
{
	struct wall_time until = { test_now.s + for_s };

	assert_err(
	    s->f, bearer_make(&randomness_system, out, &s->f->e), ERR_OK);
	assert_err(s->f,
	    link_put(s->f->s, out->hash, span_str(account), SCOPE_ADMINISTER,
		test_now, until, &s->f->e),
	    ERR_OK);
}

static const char *
say(struct scene *s, const struct bearer *link, const char *rest)
{
	return arena_printf(&s->f->a, "token=%s&%s", link->text, rest).p;
}

static void
test_first_link(void **state)
{
	struct scene s;
	struct bearer link;
	struct account got;
	struct tally t = { .label = "first" };
	bool found;

	set_scene(&s, state);
	make_link(&s, &link, "", 100);
	ask(&s, HTTP_GET,
	    arena_printf(&s.f->a, "/welcome?token=%s", link.text).p, NULL,
	    NULL);
	want_int(&t, "page", s.tc.status, 200);
	want_said(&t, &s.tc, "name=\"name\"");
	ask(&s, HTTP_POST, "/welcome", NULL,
	    say(&s, &link, "name=bert&password=short"));
	want_int(&t, "short", s.tc.status, 400);
	want_said(&t, &s.tc, "the password has fewer than 12 octets");
	ask(&s, HTTP_POST, "/welcome", NULL,
	    say(&s, &link, "name=token+x&password=correct+horse+battery"));
	want_int(&t, "a name that is none", s.tc.status, 400);
	ask(&s, HTTP_POST, "/welcome", NULL,
	    say(&s, &link, "name=anna&password=another+horse+battery"));
	want_int(&t, "a name that is taken", s.tc.status, 409);
	ask(&s, HTTP_POST, "/welcome", "origin: https://evil.test",
	    say(&s, &link, "name=bert&password=correct+horse+battery"));
	want_int(&t, "from elsewhere", s.tc.status, 403);
	ask(&s, HTTP_POST, "/welcome", NULL,
	    say(&s, &link, "name=bert&password=correct+horse+battery"));
	want_int(&t, "good", s.tc.status, 303);
	want_audit(&t, &s, "welcome", "bert", "bert");
	ask(&s, HTTP_POST, "/welcome", NULL,
	    say(&s, &link, "name=carl&password=correct+horse+battery"));
	want_int(&t, "again", s.tc.status, 404);
	assert_err(s.f,
	    account_get(s.f->s, SPAN("bert"), &s.f->a, &got, &found, &s.f->e),
	    ERR_OK);
	want_bool(&t, "there", found, true);
	want_int(&t, "scope", got.scope, SCOPE_ADMINISTER);
	want_int(&t, "anna", log_in(&s, "192.0.2.7", AS_ANNA), 303);
	test_call_release(&s.tc);
	assert_int_equal(t.failed, 0);
}

/* Of an account that is there: another password, no other scope, and whoever
 * was logged in is out. */
static void
test_lost_password(void **state)
{
	struct scene s;
	struct bearer link;
	struct account got;
	struct tally t = { .label = "lost" };
	bool found;

	set_scene(&s, state);
	log_in(&s, "192.0.2.7", AS_ANNA);
	make_link(&s, &link, "anna", 100);
	ask(&s, HTTP_GET,
	    arena_printf(&s.f->a, "/welcome?token=%s", link.text).p, NULL,
	    NULL);
	want_said(&t, &s.tc, "Your name is <strong>anna</strong>");
	log_in(&s, "192.0.2.7", AS_ANNA);
	take_cookie(&s);
	ask(&s, HTTP_POST, "/welcome", NULL,
	    say(&s, &link, "name=x&password=another+horse+x"));
	want_int(&t, "another name", s.tc.status, 400);
	ask(&s, HTTP_POST, "/welcome", NULL,
	    say(&s, &link, "password=another+horse+battery"));
	want_int(&t, "good", s.tc.status, 303);
	ask(&s, HTTP_GET, "/", NULL, NULL);
	want_int(&t, "the old session", s.tc.status, 303);
	want_int(&t, "the old password", log_in(&s, "192.0.2.7", AS_ANNA), 401);
	want_int(&t, "the new one",
	    log_in(&s, "192.0.2.7", "name=anna&password=another+horse+battery"),
	    303);
	assert_err(s.f,
	    account_get(s.f->s, SPAN("anna"), &s.f->a, &got, &found, &s.f->e),
	    ERR_OK);
	want_int(&t, "scope", got.scope, SCOPE_OPERATE);
	test_call_release(&s.tc);
	assert_int_equal(t.failed, 0);
}

/* A link does not bring back whom somebody has removed in the moment in which
 * it was made. */
static void
test_removed_link(void **state)
{
	struct scene s;
	struct bearer link;
	struct account got;
	struct tally t = { .label = "removed" };
	bool found;

	set_scene(&s, state);
	make_link(&s, &link, "ben", 100);
	ask(&s, HTTP_POST, "/welcome", NULL,
	    say(&s, &link, "password=correct+horse+battery"));
	want_int(&t, "status", s.tc.status, 404);
	assert_err(s.f,
	    account_get(s.f->s, SPAN("ben"), &s.f->a, &got, &found, &s.f->e),
	    ERR_OK);
	want_bool(&t, "there", found, false);
	test_call_release(&s.tc);
	assert_int_equal(t.failed, 0);
}

static void
test_dead_links(void **state)
{
	static const char nobodys[] = "/welcome?token="
				      "00000000000000000000000000000000"
				      "00000000000000000000000000000000";
	static const char *const targets[] = { "/welcome",
		"/welcome?token=", "/welcome?token=x", nobodys };
	struct scene s;
	struct bearer link;
	struct tally t = { 0 };

	set_scene(&s, state);
	for (size_t i = 0; i < ROWS(targets); i++) {
		t.label = targets[i];
		ask(&s, HTTP_GET, targets[i], NULL, NULL);
		want_int(&t, "status", s.tc.status, 404);
	}
	t.label = "expired";
	make_link(&s, &link, "", 100);
	s.tc.moment.wall.s += 101;
	ask(&s, HTTP_GET,
	    arena_printf(&s.f->a, "/welcome?token=%s", link.text).p, NULL,
	    NULL);
	want_int(&t, "page", s.tc.status, 404);
	ask(&s, HTTP_POST, "/welcome", NULL,
	    say(&s, &link, "name=bert&password=correct+horse+battery"));
	want_int(&t, "form", s.tc.status, 404);
	test_call_release(&s.tc);
	assert_int_equal(t.failed, 0);
}

/* ---- two at the same time ---- */

struct racer {
	struct fixture f; /* its own connection to the store */
	struct test_call tc;
	char body[256];
	pthread_barrier_t *start;
	pthread_t thread;
};

static void *
race(void *arg)
{
	struct racer *r = arg;

	pthread_barrier_wait(r->start);
	test_call_ask(
	    &r->tc, &(struct test_ask){ HTTP_POST, "/welcome", NULL, r->body });
	return NULL;
}

/* One of them is let in, and the other one told that it was too late. */
static void
test_link_twice(void **state)
{
	enum { RACERS = 4 };
	static struct racer racers[RACERS];
	struct scene s;
	struct bearer link;
	pthread_barrier_t start;
	int in = 0, late = 0;

	set_scene(&s, state);
	make_link(&s, &link, "", 100);
	pthread_barrier_init(&start, NULL, RACERS);
	for (int i = 0; i < RACERS; i++) {
		struct racer *r = &racers[i];

		*r = (struct racer){ .start = &start };
		assert_err(s.f,
		    store_open(s.f->url, STORE_USE, test_now, &r->f.s, &s.f->e),
		    ERR_OK);
		test_call_init(&r->tc, &r->f);
		snprintf(r->body, sizeof r->body,
		    "token=%s&name=n%d&password=correct+horse+battery",
		    link.text, i);
	}
	for (int i = 0; i < RACERS; i++)
		assert_int_equal(
		    pthread_create(&racers[i].thread, NULL, race, &racers[i]),
		    0);
	for (int i = 0; i < RACERS; i++) {
		pthread_join(racers[i].thread, NULL);
		in += racers[i].tc.status == 303;
		late += racers[i].tc.status == 404;
		test_call_release(&racers[i].tc);
		store_free(racers[i].f.s);
	}
	pthread_barrier_destroy(&start);
	test_call_release(&s.tc);
	assert_int_equal(in, 1);
	assert_int_equal(late, RACERS - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_in_and_out),
		RUN(test_session_ends),
		RUN(test_in_the_clear),
		RUN(test_refused),
		RUN(test_cost),
		RUN(test_guessing),
		RUN(test_network),
		RUN(test_spraying),
		RUN(test_all_together),
		RUN(test_known_too_often),
		RUN(test_overtaken),
		RUN(test_again),
		RUN(test_first_link),
		RUN(test_lost_password),
		RUN(test_removed_link),
		RUN(test_dead_links),
		RUN(test_link_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

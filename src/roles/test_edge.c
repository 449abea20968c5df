/* The parts of the edge that follow and answer, without sockets: against a
 * store of either kind. */
#include "roles/edge.h"

#include <unistd.h>

#include "io/random.h"
#include "roles/test_published.h"
#include "store/test_store.h"

#define LABEL "abcdefghijklmnop"
#define OTHER_LABEL "bcdefghijklmnopq"
#define BODY "version: STSv1\nmode: none\nmax_age: 86400\n"
#define OTHER_BODY "version: STSv1\nmode: none\nmax_age: 86401\n"
#define HOST "mta-sts.a.example"

/* A clock that goes when it is told to. */
static int64_t test_ms;

static struct mono_time
mono(const struct clock *c)
{
	(void)c;
	return (struct mono_time){ test_ms * 1000000 };
}

static struct wall_time
wall(const struct clock *c)
{
	(void)c;
	return (struct wall_time){ test_now.s + test_ms / 1000 };
}

static const struct clock test_clock = { wall, mono };

struct scene {
	struct fixture *f;
	char keys[128], sealing_key[128];
	struct config config;
	struct role_env env;
	struct edge_pulse pulse;
	struct edge_source source;
	struct dns_zone *zone;
	struct edge_follower follower;
	char forgotten[2048]; /* "policy mta-sts.a.example, ..." */
};

static void
note(void *arg, enum edge_thing thing, const struct span *hosts, size_t n)
{
	struct scene *s = arg;
	size_t at = strlen(s->forgotten);
	struct buf b =
	    buf_init(s->forgotten + at, sizeof s->forgotten - at - 1);

	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s %.*s, ",
		    thing == EDGE_POLICY ? "policy" : "certificate",
		    (int)hosts[i].n, hosts[i].p);
	s->forgotten[at + b.n] = '\0';
}

static void
set_config(struct scene *s)
{
	static const char *address = "192.0.2.80";
	static const char *server = "ns1.svc.example";
	static const char *host = "ns1.svc.example=192.0.2.53";

	snprintf(s->keys, sizeof s->keys, "%s/keys", s->f->dir);
	snprintf(
	    s->sealing_key, sizeof s->sealing_key, "%s/sealing", s->f->dir);
	s->config = (struct config){ .store = s->f->url,
		.keys = s->keys,
		.sealing_key = s->sealing_key,
		.service_zone = "svc.example",
		.service_addresses = { &address, 1 },
		.service_servers = { &server, 1 },
		.service_hosts = { &host, 1 },
		.service_mailbox = "host.master@example.org",
		.service_ttl_s = 300,
		.edge_labels = 100 };
	s->env = (struct role_env){ .config = &s->config,
		.clock = &test_clock,
		.randomness = &randomness_system,
		.log = log_new(LOG_TO_STDERR, "edge", &test_clock) };
}

static void
set_scene(struct scene *s, struct fixture *f)
{
	struct dns_zone_config zone;

	*s = (struct scene){ .f = f };
	test_ms = 1000;
	set_config(s);
	s->pulse.clock = &test_clock;
	edge_pulse_beat(&s->pulse);
	assert_err(
	    f, edge_source_init(&s->source, &s->env, &s->pulse, &f->e), ERR_OK);
	assert_err(
	    f, edge_zone_config(&s->config, &f->a, &zone, &f->e), ERR_OK);
	zone.source = edge_dns_source(&s->source);
	assert_err(f, dns_zone_new(&zone, &randomness_system, &s->zone, &f->e),
	    ERR_OK);
	s->follower = (struct edge_follower){
		.store = f->s, .zone = s->zone, .forget = note, .arg = s
	};
}

static void
strike(struct scene *s)
{
	dns_zone_free(s->zone);
	edge_source_release(&s->source);
	log_free(s->env.log);
}

/* All there is to follow; what was to be forgotten. */
static void
follow(struct scene *s, const char *want)
{
	struct tally t = { .label = "followed" };
	uint64_t last;
	bool more = true;

	s->forgotten[0] = '\0';
	while (more)
		assert_err(
		    s->f, edge_follow(&s->follower, &more, &s->f->e), ERR_OK);
	want_span(&t, "forgotten", span_str(s->forgotten), span_str(want));
	assert_err(s->f, served_last(s->f->s, &last, &s->f->e), ERR_OK);
	want_int(&t, "number", (int64_t)s->follower.number, (int64_t)last);
	want_int(&t, "serial", dns_zone_serial(s->zone), edge_serial(last));
	assert_int_equal(t.failed, 0);
}

static void
publish(struct scene *s, const char *domain, const char *label,
    const char *body, const char *id)
{
	assert_err(s->f,
	    test_publish(s->f->s, span_str(domain), span_str(label),
		span_str(body), id, &s->f->e),
	    ERR_OK);
}

/* The id of a label, "-" for none, "no name", "failed". */
static void
want_id(struct scene *s, const char *label, const char *want)
{
	struct tally t = { .label = label };
	struct dns_entry e = { .id_n = 0 };
	struct span got = SPAN("no name");

	switch (dns_zone_find(s->zone, span_str(label), &e)) {
	case LOOKUP_FOUND:
		got = e.id_n > 0 ? (struct span){ e.id, e.id_n } : SPAN("-");
		break;
	case LOOKUP_FAILED:
		got = SPAN("failed");
		break;
	case LOOKUP_SAME:
	case LOOKUP_NONE:
		break;
	}
	want_span(&t, "id", got, span_str(want));
	assert_int_equal(t.failed, 0);
}

/* What the source says of a host's policy. */
static enum lookup
ask_policy(struct scene *s, const char *host, uint64_t have, struct span *body,
    uint64_t *version)
{
	struct policy_source source = edge_policy_source(&s->source);

	return source.find(source.arg, span_str(host), have, body, version);
}

/* ---- following ---- */

/* A name has addresses before it has a policy or an id: the CA comes first. */
static void
test_life(void **state)
{
	struct scene s;

	set_scene(&s, *state);
	follow(&s, "");
	assert_true(s.follower.is_loaded);
	want_id(&s, LABEL, "no name");

	publish(&s, "a.example", LABEL, "", "");
	follow(&s, "");
	want_id(&s, LABEL, "-");

	publish(&s, "a.example", LABEL, BODY, "");
	follow(&s, "policy " HOST ", ");
	want_id(&s, LABEL, "-");

	publish(&s, "a.example", LABEL, BODY, "1");
	follow(&s, "");
	want_id(&s, LABEL, "1");

	publish(&s, "a.example", LABEL, OTHER_BODY, "1");
	follow(&s, "policy " HOST ", ");
	publish(&s, "a.example", LABEL, OTHER_BODY, "2");
	follow(&s, "");
	follow(&s, "");
	want_id(&s, LABEL, "2");

	assert_err(
	    s.f, test_unpublish(s.f->s, SPAN("a.example"), &s.f->e), ERR_OK);
	follow(&s, "policy " HOST ", ");
	want_id(&s, LABEL, "no name");
	strike(&s);
}

/* What was there before is loaded; a body and an id that changed after one
 * another, and were not followed in between, are both seen. */
static void
test_catches_up(void **state)
{
	struct scene s;

	set_scene(&s, *state);
	publish(&s, "a.example", LABEL, BODY, "1");
	publish(&s, "b.example", OTHER_LABEL, BODY, "2");
	publish(&s, "a.example", LABEL, BODY, "3");
	follow(&s, "policy mta-sts.b.example, policy " HOST ", ");
	want_id(&s, LABEL, "3");
	want_id(&s, OTHER_LABEL, "2");

	publish(&s, "a.example", LABEL, OTHER_BODY, "3");
	publish(&s, "a.example", LABEL, OTHER_BODY, "4");
	follow(&s, "policy " HOST ", ");
	strike(&s);
}

/* The body of a row that moves behind the page that is read is not overlooked:
 * what counts is what was followed to its end. */
static void
test_moves_meanwhile(void **state)
{
	struct scene s;

	set_scene(&s, *state);
	publish(&s, "a.example", LABEL, BODY, "1");
	follow(&s, "policy " HOST ", ");
	publish(&s, "a.example", LABEL, OTHER_BODY, "1");
	/* As if a page had ended there. */
	assert_err(
	    s.f, served_last(s.f->s, &s.follower.at_served, &s.f->e), ERR_OK);
	publish(&s, "a.example", LABEL, OTHER_BODY, "2");
	follow(&s, "policy " HOST ", ");
	strike(&s);
}

static void
test_pages(void **state)
{
	enum { NAMES = LIMIT_STORE_PAGE + 5 };
	struct fixture *f = *state;
	struct scene s;
	bool more;
	char text[256];

	set_scene(&s, f);
	s.follower.forget = note;
	for (int i = 0; i < NAMES; i++) {
		snprintf(text, sizeof text,
		    "INSERT INTO served (label, host, number, gone, body) "
		    "VALUES ('aaaaaaaaaaaa%c%c%c%c', 'mta-sts.n%d.example', "
		    "%d, %d, %s)",
		    'a' + i / 1000 % 10, 'a' + i / 100 % 10, 'a' + i / 10 % 10,
		    'a' + i % 10, i, i + 1, i % 2,
		    f->is_postgres ? "''" : "X''");
		fixture_exec(f, text);
	}
	fixture_exec(f, "UPDATE change_number SET number = 1005");
	assert_err(f, edge_follow(&s.follower, &more, &f->e), ERR_OK);
	assert_true(more);
	assert_false(s.follower.is_loaded);
	assert_int_equal(s.follower.number, 0);
	assert_err(f, edge_follow(&s.follower, &more, &f->e), ERR_OK);
	assert_false(more);
	assert_true(s.follower.is_loaded);
	assert_int_equal(s.follower.number, NAMES);
	want_id(&s, "aaaaaaaaaaaaaaaa", "-");
	want_id(&s, "aaaaaaaaaaaabaae", "-");
	want_id(&s, "aaaaaaaaaaaaaaab", "no name");
	strike(&s);
}

/* ---- answers ---- */

static void
test_policies(void **state)
{
	struct span body = SPAN("");
	uint64_t version = 0, first;
	struct scene s;

	set_scene(&s, *state);
	assert_int_equal(ask_policy(&s, HOST, 0, &body, &version), LOOKUP_NONE);
	publish(&s, "a.example", LABEL, "", "");
	assert_int_equal(ask_policy(&s, HOST, 0, &body, &version), LOOKUP_NONE);
	publish(&s, "a.example", LABEL, BODY, "");
	assert_int_equal(
	    ask_policy(&s, HOST, 0, &body, &version), LOOKUP_FOUND);
	assert_true(span_eq(body, SPAN(BODY)));
	first = version;
	assert_int_equal(
	    ask_policy(&s, HOST, first, &body, &version), LOOKUP_SAME);
	publish(&s, "a.example", LABEL, BODY, "1");
	assert_int_equal(
	    ask_policy(&s, HOST, first, &body, &version), LOOKUP_SAME);
	publish(&s, "a.example", LABEL, OTHER_BODY, "1");
	assert_int_equal(
	    ask_policy(&s, HOST, first, &body, &version), LOOKUP_FOUND);
	assert_true(span_eq(body, SPAN(OTHER_BODY)));
	assert_true(version > first);
	assert_int_equal(
	    ask_policy(&s, "a.example", 0, &body, &version), LOOKUP_NONE);
	strike(&s);
}

static void
test_challenges(void **state)
{
	const struct challenge put = { SPAN(HOST), SPAN("token"),
		SPAN("token.thumb") };
	struct policy_source source;
	struct span text = SPAN("");
	struct scene s;

	set_scene(&s, *state);
	source = edge_policy_source(&s.source);
	assert_int_equal(
	    source.challenge(source.arg, put.host, put.token, &text),
	    LOOKUP_NONE);
	assert_err(
	    s.f, challenge_put(s.f->s, &put, 1, test_now, &s.f->e), ERR_OK);
	assert_int_equal(
	    source.challenge(source.arg, put.host, put.token, &text),
	    LOOKUP_FOUND);
	assert_true(span_eq(text, put.text));
	assert_int_equal(source.challenge(source.arg, SPAN("mta-sts.b.example"),
			     put.token, &text),
	    LOOKUP_NONE);
	assert_err(s.f, challenge_remove(s.f->s, put.host, &s.f->e), ERR_OK);
	assert_int_equal(
	    source.challenge(source.arg, put.host, put.token, &text),
	    LOOKUP_NONE);
	strike(&s);
}

/* The sealing key is not there yet, then it is, and then another one is. */
static void
test_certificates(void **state)
{
	struct tls_identity got = { .version = 0 };
	struct sealing_key key;
	struct secrets *secrets;
	struct tls_source source;
	struct scene s;
	uint64_t first;

	set_scene(&s, *state);
	source = edge_tls_source(&s.source);
	publish(&s, "a.example", LABEL, BODY, "1");
	follow(&s, "policy " HOST ", ");
	assert_int_equal(
	    source.find(source.arg, SPAN(HOST), 0, &got), LOOKUP_NONE);

	assert_err(s.f,
	    sealing_key_create(s.sealing_key, &randomness_system, &s.f->e),
	    ERR_OK);
	assert_err(s.f, sealing_key_read(s.sealing_key, &key, &s.f->e), ERR_OK);
	assert_int_equal(unlink(s.sealing_key), 0);
	assert_err(
	    s.f, secrets_open(s.keys, test_now, &secrets, &s.f->e), ERR_OK);
	assert_err(s.f,
	    test_certify(s.f->s, secrets, &key, SPAN("a.example"),
		SPAN("chain"), SPAN("key"), &s.f->e),
	    ERR_OK);
	follow(&s, "certificate " HOST ", ");
	assert_int_equal(
	    source.find(source.arg, SPAN(HOST), 0, &got), LOOKUP_FAILED);

	assert_err(s.f,
	    sealing_key_create(s.sealing_key, &randomness_system, &s.f->e),
	    ERR_OK);
	test_ms += 1000;
	edge_pulse_beat(&s.pulse);
	assert_int_equal(
	    source.find(source.arg, SPAN(HOST), 0, &got), LOOKUP_FAILED);

	s.source.key = key; /* the one that it was sealed under */
	assert_int_equal(
	    source.find(source.arg, SPAN(HOST), 0, &got), LOOKUP_FOUND);
	assert_true(span_eq(got.chain, SPAN("chain")));
	assert_true(span_eq(got.key, SPAN("key")));
	first = got.version;
	assert_int_equal(
	    source.find(source.arg, SPAN(HOST), first, &got), LOOKUP_SAME);
	assert_err(s.f,
	    test_certify(s.f->s, secrets, &key, SPAN("a.example"),
		SPAN("chain 2"), SPAN("key 2"), &s.f->e),
	    ERR_OK);
	assert_int_equal(
	    source.find(source.arg, SPAN(HOST), first, &got), LOOKUP_FOUND);
	assert_true(span_eq(got.key, SPAN("key 2")));
	secrets_free(secrets);
	strike(&s);
}

/* While main hears nothing of the store, nobody asks it; and what is in memory
 * is answered all the same. */
static void
test_silence(void **state)
{
	struct span body;
	uint64_t version;
	struct scene s;

	set_scene(&s, *state);
	publish(&s, "a.example", LABEL, BODY, "1");
	publish(&s, "b.example", OTHER_LABEL, BODY, "2");
	want_id(&s, LABEL, "1");
	test_ms += 5000;
	assert_int_equal(
	    ask_policy(&s, HOST, 0, &body, &version), LOOKUP_FAILED);
	want_id(&s, LABEL, "1");
	want_id(&s, OTHER_LABEL, "failed");
	want_id(&s, "no-label", "no name");
	edge_pulse_beat(&s.pulse);
	assert_int_equal(
	    ask_policy(&s, HOST, 0, &body, &version), LOOKUP_FOUND);
	want_id(&s, OTHER_LABEL, "2");
	strike(&s);
}

/* A store that breaks under the follower: nothing is taken for followed. */
static void
test_store_breaks(void **state)
{
	struct scene s;
	bool more;

	set_scene(&s, *state);
	follow(&s, "");
	publish(&s, "a.example", LABEL, BODY, "1");
	fixture_exec(s.f, "ALTER TABLE certificate RENAME TO elsewhere");
	assert_true(edge_follow(&s.follower, &more, &s.f->e) != ERR_OK);
	assert_true(s.follower.number < s.follower.goal);
	fixture_exec(s.f, "ALTER TABLE elsewhere RENAME TO certificate");
	s.forgotten[0] = '\0';
	follow(&s, "");
	want_id(&s, LABEL, "1");
	strike(&s);
}

/* A copy of yesterday was restored: its next numbers are not those that were
 * followed, and nothing is to be taken for served. */
static void
test_store_goes_back(void **state)
{
	struct scene s;
	bool more;

	set_scene(&s, *state);
	publish(&s, "a.example", LABEL, BODY, "1");
	publish(&s, "a.example", LABEL, BODY, "2");
	follow(&s, "policy " HOST ", ");
	assert_false(s.follower.is_astray);
	fixture_exec(s.f, "UPDATE change_number SET number = number - 1");
	assert_err(s.f, edge_follow(&s.follower, &more, &s.f->e), ERR_DATA);
	assert_true(s.follower.is_astray);
	strike(&s);
}

/* A transfer goes over all labels. */
static void
test_labels_in_order(void **state)
{
	struct dns_source source;
	struct dns_entry e;
	struct scene s;
	char label[64];
	size_t n;

	set_scene(&s, *state);
	source = edge_dns_source(&s.source);
	publish(&s, "a.example", OTHER_LABEL, BODY, "2");
	publish(&s, "b.example", LABEL, BODY, "1");
	assert_int_equal(
	    source.next(source.arg, SPAN(""), label, &n, &e), LOOKUP_FOUND);
	assert_memory_equal(label, LABEL, n);
	assert_int_equal(
	    source.next(source.arg, (struct span){ label, n }, label, &n, &e),
	    LOOKUP_FOUND);
	assert_memory_equal(label, OTHER_LABEL, n);
	assert_int_equal(
	    source.next(source.arg, (struct span){ label, n }, label, &n, &e),
	    LOOKUP_NONE);
	strike(&s);
}

/* ---- the zone ---- */

static void
test_constants(void **state)
{
	static const char mailbox[] = "\013host.master\007example\003org";
	const struct dns_zone_constants *c;
	struct scene s;

	set_scene(&s, *state);
	c = dns_zone_constants(s.zone);
	assert_int_equal(c->mailbox.n, sizeof mailbox);
	assert_memory_equal(c->mailbox.p, mailbox, sizeof mailbox);
	assert_int_equal(c->n_hosts, 1);
	assert_int_equal(c->n_addresses, 1);
	assert_int_equal(c->addresses[0].b[3], 80);
	strike(&s);
}

static void
test_serials(void **state)
{
	(void)state;
	assert_int_equal(edge_serial(0), 1);
	assert_int_equal(edge_serial(7), 7);
	assert_int_equal(edge_serial(0xffffffff), 0xffffffff);
	assert_int_equal(edge_serial(0x100000000), 1);
	assert_int_equal(edge_serial(0x100000001), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_life),
		RUN(test_catches_up),
		RUN(test_moves_meanwhile),
		RUN(test_pages),
		RUN(test_policies),
		RUN(test_challenges),
		RUN(test_certificates),
		RUN(test_silence),
		RUN(test_store_breaks),
		RUN(test_store_goes_back),
		RUN(test_labels_in_order),
		RUN(test_constants),
		cmocka_unit_test(test_serials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* One domain that may enforce, and what keeps it from that. */
#include "base/buf.h"
#include "base/limits.h"
#include "base/test_table.h"
#include "core/gate.h"
#include "core/test_scene.h"

enum { WEEK = 7 * DAY };

static struct span both[] = { SPAN_INIT("mx1.example.com"),
	SPAN_INIT("mx2.example.com") };

struct occasion {
	struct scene scene;
	struct gate_question q;
};

/* clang-format off */
static void nothing(struct occasion *c) { (void)c; }
static void no_starttls(struct occasion *c) { scene_probe_ended(&c->scene.probes[1], STAGE_STARTTLS, TALK_OK); c->scene.probes[1].starttls_offered = false; }
static void not_finished(struct occasion *c) { scene_probe_ended(&c->scene.probes[0], STAGE_CONNECT, TALK_UNFINISHED); }
static void ends_soon(struct occasion *c) { c->scene.certs[0].not_after.s = SCENE_NOW_S + 6 * DAY; }
static void other_policy(struct occasion *c) { c->q.n_patterns = 1; }
static void open_incident(struct occasion *c) { c->q.incidents = 2; }
static void testing_begun(struct occasion *c) { c->q.testing_since.s = SCENE_NOW_S - WEEK; }
static void no_testing(struct occasion *c) { c->q.testing_since.s = 0; }
static void no_mx_known(struct occasion *c) { c->scene.ev.mx = scene_answer("example.com", DNS_MX, DNS_SERVFAIL); c->scene.ev.n_mx_hosts = 0; }
static void null_mx(struct occasion *c) { c->scene.mx[0].host = SPAN(""); c->scene.ev.mx.n_mx = 1; c->scene.hosts[0].host = SPAN(""); c->scene.hosts[0].n_probes = 0; c->scene.ev.n_mx_hosts = 1; }
static void host_unknown(struct occasion *c) { c->scene.hosts[1].n_probes = 0; c->scene.hosts[1].a.result = DNS_UNASKED; c->scene.hosts[1].a.n_addr = 0; c->scene.hosts[1].aaaa.result = DNS_UNASKED; }
static void everything(struct occasion *c) { no_starttls(c); ends_soon(c); open_incident(c); no_testing(c); }
/* clang-format on */

static const struct {
	const char *label;
	void (*change)(struct occasion *c);
	const char *want; /* the kinds of the bars; "" opens */
	size_t good;
} rows[] = {
	{ "all is well", nothing, "", 2 },
	{ "one address without STARTTLS", no_starttls, "address", 1 },
	{ "one that was not measured", not_finished, "not-measured", 1 },
	{ "a certificate of six days more", ends_soon, "certificate", 2 },
	{ "a policy that does not cover the other host", other_policy,
	    "coverage", 2 },
	{ "what is open", open_incident, "incidents", 2 },
	{ "a week of testing", testing_begun, "testing", 2 },
	{ "none at all", no_testing, "testing", 2 },
	{ "MX records that could not be looked up", no_mx_known, "not-measured",
	    0 },
	{ "a domain that takes no mail", null_mx, "no-host", 0 },
	{ "a host that nobody has looked at", host_unknown, "not-measured", 1 },
	{ "all at once, in order", everything,
	    "certificate address incidents testing", 1 },
};

static void
begin(struct occasion *c, struct judged *j)
{
	scene_good(&c->scene);
	c->q = (struct gate_question){ .judged = j,
		.patterns = both,
		.n_patterns = 2,
		.testing_since = { SCENE_NOW_S - 3 * WEEK },
		.now = { SCENE_NOW_S },
		.rules = gate_default };
}

static void
test_bars(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct occasion c;
		struct judged j;
		struct gate g;
		struct arena a;
		char mem[256];
		struct buf kinds = buf_init(mem, sizeof mem);

		t.label = rows[i].label;
		arena_init(&a, LIMIT_CHECK_MEMORY);
		begin(&c, &j);
		rows[i].change(&c);
		assert_int_equal(
		    judge(&c.scene.ev, c.q.now, JUDGE_ALL, &a, &j), ERR_OK);
		assert_int_equal(gate_check(&c.q, &a, &g), ERR_OK);
		for (size_t k = 0; k < g.n_bars; k++) {
			buf_printf(&kinds, "%s%s", k > 0 ? " " : "",
			    gate_bar_names[g.bars[k].kind]);
			want_bool(&t, "said", g.bars[k].text.n > 0, true);
		}
		want_span(&t, "bars", buf_span(&kinds), span_str(rows[i].want));
		want_bool(&t, "open", g.open, rows[i].want[0] == '\0');
		want_size(&t, "good", g.good, rows[i].good);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

static void
check(struct arena *a, const void *arg)
{
	struct gate g;
	enum err rc = gate_check(arg, a, &g);

	assert_int_equal(rc, a->failed ? ERR_MEMORY : ERR_OK);
	assert_true(rc != ERR_OK || g.n_bars > 0);
}

static void
test_memory(void **state)
{
	struct occasion c;
	struct judged j;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	begin(&c, &j);
	everything(&c);
	assert_int_equal(
	    judge(&c.scene.ev, c.q.now, JUDGE_ALL, &a, &j), ERR_OK);
	sweep_memory(check, &c.q);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

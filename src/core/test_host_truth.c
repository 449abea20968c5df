/* A mail host from look to look: what is believed, and when.
 *
 * A letter is a look: "." good, "r" good with a renewed certificate, "F" no
 * STARTTLS, "R" a closed port, "E" an expired certificate, "g" one address asks
 * us to come back, "d" the address lookup fails, "t" our deadline came first,
 * "o" nothing answers us at all, "c" its name is an alias. Under it what
 * becomes true: the letter if this look does, "-" if not; and how the look
 * ended: "s" steady ("S" while the host ails), "?" to be confirmed, "x" in
 * vain. */
#include <string.h>

#include "base/limits.h"
#include "base/test_table.h"
#include "core/host_truth.h"
#include "core/test_scene.h"

enum { HOUR = 3600, LOOKS_MAX = 64 };

static const struct {
	const char *label, *looks, *want, *want_outcomes;
} rows[] = {
	{ "good news at once", "..", ".-", "ss" },
	{ "a renewed certificate at once", ".rr", ".r-", "sss" },
	{ "bad news at the second look", ".FFF", ".-F-", "s?SS" },
	{ "once is a hiccup", ".F.F.F.", ".------", "s?s?s?s" },
	{ "two kinds of bad news", ".FE", ".-E", "s?S" },
	{ "bad at the first sight", "FF.", "-F.", "?Ss" },
	{ "nor is a closed port news at once", ".R.RR", ".---R", "s?s?S" },
	{ "an expired certificate too", ".EE.", ".-E.", "s?Ss" },
	{ "an alias is none to nobody, but to many", ".cc.", ".-c.", "s?Ss" },
	{ "greylisting is no news", ".ggggg", ".-----", "sxxxxx" },
	{ "nor makes it good", ".FFg.", ".-F-.", "s?Sxs" },
	{ "a failed lookup is none", ".ddd.", ".----", "sxxxs" },
	{ "our deadline is none", ".ttt.", ".----", "sxxxs" },
	{ "our network is none", ".FooooF", ".-----F", "s?xxxxS" },
	{ "never measured for a day is told", ".ddddddddddddddddddddddddddddd",
	    ".----------------------------d", NULL },
	{ "our network never is", ".ooooooooooooooooooooooooooooo",
	    ".-----------------------------", NULL },
};

/* What the look saw, in a scene of its own. */
static void
see(char letter, struct scene *s, struct der_chain *der, struct host_seen *out)
{
	struct probe *p = &s->probes[0];

	scene_good(s);
	*der = (struct der_chain){ 0 };
	*out =
	    (struct host_seen){ .host = s->hosts[0], .ders = der, .n_ders = 1 };
	switch (letter) {
	case 'r':
		s->certs[0].sha256 = SPAN("bb");
		break;
	case 'F':
		scene_probe_ended(p, STAGE_STARTTLS, TALK_OK);
		p->starttls_offered = false;
		break;
	case 'R':
		scene_probe_ended(p, STAGE_CONNECT, TALK_REFUSED);
		break;
	case 'E':
		s->certs[0].not_after.s = SCENE_NOW_S - DAY;
		break;
	case 'g':
		scene_probe_ended(p, STAGE_GREETING, TALK_OK);
		p->greeting_code = 421;
		break;
	case 'c':
		s->chain[0] = SPAN("mx.example.net");
		out->host.a.chain = s->chain;
		out->host.a.n_chain = 1;
		break;
	case 'd':
		out->host.a =
		    scene_answer("mx1.example.com", DNS_A, DNS_SERVFAIL);
		out->host.n_probes = 0;
		out->n_ders = 0;
		break;
	case 't':
		scene_probe_ended(p, STAGE_CONNECT, TALK_UNFINISHED);
		break;
	case 'o':
		scene_probe_ended(p, STAGE_CONNECT, TALK_TIMEOUT);
		break;
	default:
		break;
	}
}

/* The letter stands for all that evidence_json.h would compare. */
struct held {
	struct scene scene;
	struct der_chain der;
	struct host_seen seen;
	char letter; /* 0: nothing is held true */
	int64_t doubts;
	uint8_t failures;
};

static char
outcome_letter(const struct host_answer *answer)
{
	switch (answer->outcome) {
	case LOOK_STEADY:
	case LOOK_CHANGED:
		return answer->ails ? 'S' : 's';
	case LOOK_SUSPECT:
		return '?';
	case LOOK_FAILED:
		break;
	}
	return 'x';
}

static char
look(struct held *h, char letter, char *outcome)
{
	struct scene scene;
	struct der_chain der;
	struct host_seen seen, filled;
	struct host_answer answer;
	bool fills_up = h->letter != 0 && strchr("gdt", letter) != NULL;
	struct host_question q = { .seen = &seen,
		.truth = h->letter != 0 ? &h->seen : NULL,
		.seen_differs = h->letter != letter,
		.filled_differs = h->letter != letter && !fills_up,
		.offline = letter == 'o',
		.smtp_works_here = true,
		.v6_works_here = true,
		.dnssec = true,
		.doubts = h->doubts,
		.failures = h->failures,
		.now = { SCENE_NOW_S } };
	struct arena a;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	see(letter, &scene, &der, &seen);
	assert_int_equal(host_fill(&seen, q.truth, &a, &filled), ERR_OK);
	assert_int_equal(filled.n_ders, filled.host.n_probes);
	assert_int_equal(host_weigh(&q, &a, &answer), ERR_OK);
	*outcome = outcome_letter(&answer);
	(void)schedule_after(
	    &cadence_default, 6 * HOUR, answer.outcome, q.now, 0, &h->failures);
	h->doubts = answer.doubts;
	if (answer.belief != HOST_AS_BEFORE) {
		h->letter = letter;
		see(letter, &h->scene, &h->der, &h->seen);
	}
	arena_release(&a);
	return answer.belief != HOST_AS_BEFORE ? letter : '-';
}

static void
test_lives(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct held h = { 0 };
		char got[LOOKS_MAX + 1] = "", outcomes[LOOKS_MAX + 1] = "";
		size_t n = strlen(rows[i].looks);

		assert_true(n <= LOOKS_MAX);
		t.label = rows[i].label;
		for (size_t k = 0; k < n; k++)
			got[k] = look(&h, rows[i].looks[k], &outcomes[k]);
		want_span(&t, "true", span_str(got), span_str(rows[i].want));
		if (rows[i].want_outcomes != NULL)
			want_span(&t, "outcomes", span_str(outcomes),
			    span_str(rows[i].want_outcomes));
	}
	assert_int_equal(t.failed, 0);
}

/* Of two addresses one is not measured: its last probe stands in, with its own
 * chain, whatever place it has. */
static void
test_fill(void **state)
{
	struct scene s;
	struct span old_cert = SPAN("old"), new_cert = SPAN("new");
	struct der_chain old_ders[2] = { { 0 }, { &old_cert, 1 } };
	struct der_chain new_ders[1] = { { &new_cert, 1 } };
	struct ip_addr addresses[2];
	struct probe old_probes[2], new_probes[1];
	struct host_seen truth = { 0 }, seen, out;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	scene_good(&s);
	addresses[0] = scene_ip("198.51.100.1");
	addresses[1] = scene_ip("198.51.100.2");
	truth.host = s.hosts[0];
	truth.host.a.addr = addresses;
	truth.host.a.n_addr = 2;
	truth.host.aaaa = scene_answer("x", DNS_AAAA, DNS_NODATA);
	seen = truth;
	old_probes[0] = old_probes[1] = s.probes[0];
	old_probes[0].address = addresses[0];
	old_probes[1].address = addresses[1];
	truth.host.probes = old_probes;
	truth.host.n_probes = truth.n_ders = 2;
	truth.ders = old_ders;
	new_probes[0] = s.probes[0];
	new_probes[0].address = addresses[0];
	seen.host.probes = new_probes;
	seen.host.n_probes = seen.n_ders = 1;
	seen.ders = new_ders;

	assert_int_equal(host_fill(&seen, &truth, &a, &out), ERR_OK);
	assert_int_equal(out.host.n_probes, 2);
	assert_int_equal(out.n_ders, 2);
	assert_true(span_eq(out.ders[0].certs[0], new_cert));
	assert_true(span_eq(out.ders[1].certs[0], old_cert));
	assert_true(ip_eq(out.host.probes[1].address, addresses[1]));
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lives),
		cmocka_unit_test(test_fill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

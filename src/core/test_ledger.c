/* Months of a policy's life, told in rows.
 *
 * A scenario is a row with a label and the rows behind it. A row waits, looking
 * every quarter of an hour at what stood in the row before, then sees something
 * else: the id, the letter of a policy, the letters of the MX hosts ("-"
 * absent,
 * "?" unknown, "!" broken), and perhaps the two CNAMEs, "cc". It wants what the
 * step says has changed, and what the judge finds then, information apart; "!"
 * marks an error, "(...)" what follows from another finding. */
#include "base/buf.h"
#include "base/limits.h"
#include "base/test_table.h"
#include "core/docket.h"
#include "core/ledger.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, POLL = 15 * MINUTE };

static const struct wall_time start = { 1795341600 }; /* 2026-11-22T10:00Z */

#define BODY(letter, text) [(letter) - 'A'] = SPAN_INIT(text)

static const struct span bodies[26] = {
	/* clang-format off */
	BODY('A', "version: STSv1\nmode: enforce\nmx: a.example.net\nmx: b.example.net\nmax_age: 1209600\n"),
	BODY('B', "version: STSv1\nmode: enforce\nmx: a.example.net\nmx: b.example.net\nmx: c.example.net\nmax_age: 1209600\n"),
	BODY('C', "version: STSv1\nmode: enforce\nmx: c.example.net\nmx: d.example.net\nmax_age: 1209600\n"),
	BODY('N', "version: STSv1\nmode: none\nmax_age: 86400\n"),
	BODY('R', "version: STSv1\nmode: enforce\nmx: a.example.net\nmax_age: 1209600\n"),
	BODY('S', "version: STSv1\nmode: enforce\nmx: a.example.net\nmx: b.example.net\nmax_age: 86400\n"),
	BODY('T', "version: STSv1\nmode: testing\nmx: a.example.net\nmx: b.example.net\nmax_age: 1209600\n"),
	BODY('X', "version: STSv1\r\nmode: enforce\r\nmx: b.example.net\r\nmx: a.example.net\r\nmax_age: 1209600\r\n"),
	/* clang-format on */
};

static const struct row {
	const char *label; /* begins a scenario, with an empty ledger */
	const char *after, *id, *file, *mx, *cnames;
	const char *want_changes, *want_findings;
} rows[] = {
	/* clang-format off */
	{ .label = "a policy unchanged for a year" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "365d", "1", "A", "ab", "", "", "" },

	{ .label = "RFC 8461 8.1: file before id, the right order" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "30d", "1", "B", "ab", "", "new-version file-alone", "" },
	{ NULL, "30m", "2", "B", "ab", "", "new-id id-alone", "" },
	{ NULL, "1d", "2", "B", "ab", "", "", "" },

	{ .label = "file and id between two looks" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "30d", "2", "B", "ab", "", "new-version new-id", "" },
	{ NULL, "1d", "2", "B", "ab", "", "", "" },

	{ .label = "RFC 8461 3.1: the file changed and the id did not" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "30d", "1", "B", "ab", "", "new-version file-alone", "" },
	{ NULL, "105m", "1", "B", "ab", "", "", "" },
	{ NULL, "15m", "1", "B", "ab", "", "", "change.id-not-rotated!" },
	{ NULL, "90d", "1", "B", "ab", "", "", "change.id-not-rotated!" },
	{ NULL, "15m", "?", "B", "ab", "", "", "change.id-not-rotated!" },
	{ NULL, "15m", "2", "B", "ab", "", "new-id id-alone", "" },

	{ .label = "another order of lines and other line ends need no id" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "1d", "1", "X", "ab", "", "new-version file-alone", "" },
	{ NULL, "1d", "1", "X", "ab", "", "", "" },

	{ .label = "RFC 8461 8.1: id before file" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "30d", "2", "A", "ab", "", "new-id id-alone", "" },
	{ NULL, "45m", "2", "B", "ab", "", "new-version file-alone", "" },
	{ NULL, "2h", "2", "B", "ab", "", "", "change.id-before-file!" },
	{ NULL, "1d", "3", "B", "ab", "", "new-id id-alone", "" },

	{ .label = "an id in testing pins nothing that refuses mail" },
	{ NULL, "0m", "1", "T", "ab", "", "new-version new-id", "" },
	{ NULL, "30d", "1", "A", "ab", "", "new-version file-alone mode-up", "" },
	{ NULL, "2h", "1", "A", "ab", "", "", "change.id-not-rotated" },

	{ .label = "RFC 8461 3.1: an id that was used, over another policy" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "5d", "2", "A", "ab", "", "new-id id-alone", "" },
	{ NULL, "2d", "1", "B", "ab", "", "new-version id-back id-reused", "" },
	{ NULL, "2h", "1", "B", "ab", "", "", "change.id-reused!" },
	{ NULL, "1h", "3", "B", "ab", "", "new-id id-alone", "" },

	{ .label = "RFC 8461 3.1: back to the id of the file before, which it was seen with" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "5d", "1", "B", "ab", "", "new-version file-alone", "" },
	{ NULL, "30m", "2", "B", "ab", "", "new-id id-alone", "" },
	{ NULL, "1d", "1", "B", "ab", "", "id-back id-alone", "" },
	{ NULL, "2h", "1", "B", "ab", "", "", "change.id-reused!" },
	{ NULL, "1h", "3", "B", "ab", "", "new-id id-alone", "" },

	{ .label = "RFC 8461 3.1: A-B-A with the old id" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "5d", "2", "B", "ab", "", "new-version new-id", "" },
	{ NULL, "2d", "1", "A", "ab", "", "version-back id-back pattern-removed", "" },
	{ NULL, "2h", "1", "A", "ab", "", "", "change.id-reused" },
	{ NULL, "1h", "4", "A", "ab", "", "new-id id-alone", "" },

	{ .label = "A-B-A with new ids is in order" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "5d", "2", "B", "ab", "", "new-version new-id", "" },
	{ NULL, "2d", "3", "A", "ab", "", "version-back new-id pattern-removed", "" },
	{ NULL, "1d", "3", "A", "ab", "", "", "" },

	{ .label = "resolvers that disagree" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "1d", "2", "A", "ab", "", "new-id id-alone", "" },
	{ NULL, "15m", "1", "A", "ab", "", "id-back id-alone", "" },
	{ NULL, "15m", "2", "A", "ab", "", "id-back id-alone", "" },
	{ NULL, "15m", "1", "A", "ab", "", "id-back id-alone flap", "flap" },
	{ NULL, "15m", "2", "A", "ab", "", "id-back id-alone flap", "flap" },
	{ NULL, "23h", "2", "A", "ab", "", "", "flap" },
	{ NULL, "1h", "2", "A", "ab", "", "", "" },

	{ .label = "two web servers that disagree" },
	{ NULL, "0m", "1", "T", "ab", "", "new-version new-id", "" },
	{ NULL, "60d", "1", "A", "ab", "", "new-version file-alone mode-up", "" },
	{ NULL, "15m", "1", "T", "ab", "", "version-back file-alone mode-down", "change.mode-downgrade" },
	{ NULL, "15m", "1", "A", "ab", "", "version-back file-alone mode-up", "" },
	{ NULL, "15m", "1", "T", "ab", "", "version-back file-alone mode-down flap", "flap change.mode-downgrade" },

	{ .label = "RFC 8461 10.2: enforce becomes testing" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "2", "T", "ab", "", "new-version new-id mode-down", "change.mode-downgrade" },
	{ NULL, "14d", "2", "T", "ab", "", "", "change.mode-downgrade" },
	{ NULL, "15m", "2", "T", "ab", "", "", "" },

	{ .label = "testing becomes enforce after three days" },
	{ NULL, "0m", "-", "-", "ab", "", "", "" },
	{ NULL, "1d", "1", "T", "ab", "", "new-version new-id", "" },
	{ NULL, "3d", "2", "A", "ab", "", "new-version new-id mode-up", "change.mode-upgrade-early" },
	{ NULL, "10d", "2", "A", "ab", "", "", "change.mode-upgrade-early" },
	{ NULL, "1d", "2", "A", "ab", "", "", "" },

	{ .label = "testing becomes enforce after two weeks" },
	{ NULL, "0m", "-", "-", "ab", "", "", "" },
	{ NULL, "1d", "1", "T", "ab", "", "new-version new-id", "" },
	{ NULL, "14d", "2", "A", "ab", "", "new-version new-id mode-up", "" },

	{ .label = "how long testing had been before the first look is not known" },
	{ NULL, "0m", "1", "T", "ab", "", "new-version new-id", "" },
	{ NULL, "1d", "2", "A", "ab", "", "new-version new-id mode-up", "" },

	{ .label = "RFC 8461 8.1: a new MX host in the right order" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "2", "B", "ab", "", "new-version new-id", "" },
	{ NULL, "14d", "2", "B", "ab", "", "", "" },
	{ NULL, "15m", "2", "B", "abc", "", "mx-changed", "" },

	{ .label = "RFC 8461 8.1: policy first, and not waited for" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "2", "B", "ab", "", "new-version new-id", "" },
	{ NULL, "1d", "2", "B", "abc", "", "mx-changed", "change.mx-removed-early!" },
	{ NULL, "13d", "2", "B", "abc", "", "", "change.mx-removed-early!" },
	{ NULL, "15m", "2", "B", "abc", "", "", "" },

	{ .label = "RFC 8461 8.1: the MX host came before the policy" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "1", "A", "abc", "", "mx-changed", "change.mx-before-policy!" },
	{ NULL, "1d", "2", "B", "abc", "", "new-version new-id", "change.mx-before-policy!" },
	{ NULL, "14d", "2", "B", "abc", "", "", "change.mx-before-policy!" },
	{ NULL, "15m", "2", "B", "abc", "", "", "" },

	{ .label = "RFC 8461 8.1: a move without overlap" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "2", "C", "cd", "", "new-version new-id pattern-removed mx-changed", "change.mx-swap-no-overlap!" },
	{ NULL, "14d", "2", "C", "cd", "", "", "change.mx-swap-no-overlap!" },
	{ NULL, "15m", "2", "C", "cd", "", "", "" },

	{ .label = "a pattern left the file while its host is an MX" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "2", "R", "ab", "", "new-version new-id pattern-removed", "change.mx-removed-early!" },
	{ NULL, "1d", "2", "R", "a", "", "mx-changed", "" },

	{ .label = "the policy is rolled back under a new MX host" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "2", "B", "ab", "", "new-version new-id", "" },
	{ NULL, "30d", "2", "B", "abc", "", "mx-changed", "" },
	{ NULL, "1d", "3", "A", "abc", "", "version-back new-id pattern-removed", "change.mx-removed-early!" },

	{ .label = "policy, id and MX records between two looks" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "2", "B", "abc", "", "new-version new-id mx-changed", "change.mx-removed-early!" },

	{ .label = "RFC 8461 5.1: a policy that never fitted is mended, its copies live" },
	{ NULL, "0m", "1", "R", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "2", "A", "ab", "", "new-version new-id", "match.future" },
	{ NULL, "14d", "2", "A", "ab", "", "", "match.future" },
	{ NULL, "15m", "2", "A", "ab", "", "", "" },

	{ .label = "a shorter max_age does not shorten the copies that are out" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "2", "S", "ab", "", "new-version new-id max-age-shrunk", "" },
	{ NULL, "2d", "2", "S", "cd", "", "mx-changed", "change.mx-swap-no-overlap! change.mx-before-policy!" },
	{ NULL, "13d", "2", "S", "cd", "", "", "change.mx-before-policy!" },

	{ .label = "RFC 8461 8.3: the record is removed first" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "-", "A", "ab", "", "record-gone", "removal.txt-gone!" },
	{ NULL, "1d", "?", "A", "ab", "", "", "removal.txt-gone!" },
	{ NULL, "1d", "-", "-", "ab", "", "file-gone", "removal.txt-gone! removal.file-gone!" },
	{ NULL, "14d", "-", "-", "ab", "", "", "removal.txt-gone! removal.file-gone!" },
	{ NULL, "15m", "-", "-", "ab", "", "", "" },

	{ .label = "RFC 8461 8.3: the file is removed first; the id keeps copies alive" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "1", "-", "ab", "", "file-gone", "removal.file-gone!" },
	{ NULL, "20d", "1", "-", "ab", "", "", "removal.file-gone!" },
	{ NULL, "15m", "1", "A", "ab", "", "file-back", "" },

	{ .label = "the same in testing is a warning" },
	{ NULL, "0m", "1", "T", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "1", "-", "ab", "", "file-gone", "removal.file-gone" },

	{ .label = "RFC 8461 8.3: the right way out" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "1", "N", "ab", "", "new-version file-alone mode-down", "change.mode-downgrade" },
	{ NULL, "15m", "2", "N", "ab", "", "new-id id-alone", "change.mode-downgrade" },
	{ NULL, "14d", "2", "N", "ab", "", "", "change.mode-downgrade" },
	{ NULL, "15m", "2", "N", "ab", "", "", "" },
	{ NULL, "15m", "-", "N", "ab", "", "record-gone", "" },
	{ NULL, "15m", "-", "-", "ab", "", "file-gone", "" },

	{ .label = "RFC 8461 8.3: mode none under the same id" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "1", "N", "ab", "", "new-version file-alone mode-down", "change.mode-downgrade" },
	{ NULL, "3h", "1", "N", "ab", "", "", "removal.none-same-id! change.mode-downgrade" },
	{ NULL, "60d", "1", "N", "ab", "", "", "removal.none-same-id! change.mode-downgrade" },

	{ .label = "RFC 8461 8.3: mode none not kept long enough" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "2", "N", "ab", "", "new-version new-id mode-down", "change.mode-downgrade" },
	{ NULL, "7d", "-", "N", "ab", "", "record-gone", "removal.none-too-short! change.mode-downgrade" },
	{ NULL, "1d", "-", "-", "ab", "", "file-gone", "removal.none-too-short!" },
	{ NULL, "6d", "-", "-", "ab", "", "", "removal.none-too-short!" },
	{ NULL, "15m", "-", "-", "ab", "", "", "" },

	{ .label = "the host is down for a day" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "1", "!", "ab", "", "file-broken", "" },
	{ NULL, "1d", "1", "!", "ab", "", "", "" },
	{ NULL, "15m", "1", "A", "ab", "", "file-back", "" },

	{ .label = "nothing is known for a week" },
	{ NULL, "0m", "1", "A", "ab", "cc", "new-version new-id", "" },
	{ NULL, "9d", "?", "?", "?", "??", "", "" },
	{ NULL, "7d", "?", "?", "?", "??", "", "" },
	{ NULL, "15m", "1", "A", "ab", "cc", "", "" },

	{ .label = "what is unknown clears nothing" },
	{ NULL, "0m", "1", "A", "ab", "", "new-version new-id", "" },
	{ NULL, "9d", "1", "A", "abc", "", "mx-changed", "change.mx-before-policy!" },
	{ NULL, "1d", "?", "?", "?", "", "", "change.mx-before-policy!" },
	{ NULL, "7d", "?", "?", "?", "", "", "change.mx-before-policy!" },

	{ .label = "RFC 8461 8.3: both delegations vanish" },
	{ NULL, "0m", "1", "A", "ab", "cc", "new-version new-id", "" },
	{ NULL, "9d", "-", "-", "ab", "--", "record-gone file-gone cname-gone", "(removal.txt-gone!) cname.removed-by-surprise! (removal.file-gone!)" },
	{ NULL, "1d", "1", "A", "ab", "cc", "record-back file-back", "" },

	{ .label = "a delegation gives way to one's own record and file" },
	{ NULL, "0m", "1", "A", "ab", "cc", "new-version new-id", "" },
	{ NULL, "9d", "1", "A", "ab", "--", "cname-gone", "" },
	{ NULL, "60d", "-", "A", "ab", "--", "record-gone", "removal.txt-gone!" },

	{ .label = "a domain without MTA-STS" },
	{ NULL, "0m", "-", "-", "ab", "--", "", "" },
	{ NULL, "9d", "-", "-", "cd", "--", "mx-changed", "" },
	/* clang-format on */
};

/* One ledger, the policies that it sees, and the moment. */
struct scene {
	struct ledger l;
	struct arena a;
	struct sts_policy policies[26];
	struct wall_time now;
	struct row view; /* what stands there */
	struct ledger_change change;
};

static void
scene_init(struct scene *s)
{
	memset(s, 0, sizeof *s);
	arena_init(&s->a, LIMIT_CHECK_MEMORY);
	s->now = start;
	for (int i = 0; i < 26; i++)
		if (bodies[i].n > 0)
			sts_policy_parse(bodies[i], &s->a, &s->policies[i]);
}

static enum sight
sight(const char *text)
{
	return *text == '?' || *text == '\0' ? SIGHT_UNKNOWN
	       : *text == '-'		     ? SIGHT_ABSENT
	       : *text == '!'		     ? SIGHT_BROKEN
					     : SIGHT_PRESENT;
}

static size_t
mx_hosts(const char *letters, struct span *hosts, char names[][16])
{
	size_t n = 0;

	for (; *letters >= 'a' && *letters <= 'z'; letters++, n++) {
		snprintf(names[n], 16, "%c.example.net", *letters);
		hosts[n] = span_str(names[n]);
	}
	return n;
}

static enum err
look_into(struct scene *s, struct arena *a)
{
	const struct row *v = &s->view;
	struct observation o = {
		.at = s->now,
		.txt = sight(v->id),
		.id = span_str(v->id),
		.file = sight(v->file),
		.mx = sight(v->mx),
		.txt_cname = sight(v->cnames),
		.host_cname = v->cnames[0] != '\0' ? sight(v->cnames + 1) : 0,
	};
	struct span hosts[8];
	char names[8][16];

	if (o.file == SIGHT_PRESENT) {
		const struct sts_policy *p = &s->policies[v->file[0] - 'A'];

		o.body = bodies[v->file[0] - 'A'];
		o.mode = p->mode;
		o.max_age = p->max_age;
		o.mx_patterns = p->mx;
		o.n_mx_patterns = p->n_mx;
	}
	o.mx_hosts = hosts;
	o.n_mx_hosts = mx_hosts(v->mx, hosts, names);
	return ledger_step(&s->l, &o, a, &s->change);
}

static void
look(struct scene *s)
{
	assert_int_equal(look_into(s, &s->a), ERR_OK);
}

static int64_t
seconds(const char *after)
{
	char *end;
	int64_t n = strtoll(after, &end, 10);

	return n * (*end == 'm' ? MINUTE : *end == 'h' ? HOUR : DAY);
}

static void
play(struct scene *s, const struct row *r)
{
	struct wall_time until = { s->now.s + seconds(r->after) };

	while (s->view.id != NULL && s->now.s + POLL < until.s) {
		s->now.s += POLL;
		look(s);
	}
	s->now = until;
	s->view = *r;
	look(s);
}

static void
judge_scene(
    struct scene *s, struct arena *a, struct evidence *ev, struct judged *out)
{
	struct docket d = { .ev = ev, .now = s->now, .a = a, .out = out };

	*ev = (struct evidence){ .domain = SPAN("example.com") };
	*out = (struct judged){ .evidence = ev, .now = s->now };
	out->stakes = ledger_stakes(&s->l, STAKES_NOTHING, s->now);
	judge_ledger(&d, &s->l);
}

static void
say_changes(const struct ledger_change *c, struct buf *out)
{
	for (int e = 0; e < LEDGER_EVENTS; e++)
		if (ledger_has_event(c, (enum ledger_event)e))
			buf_printf(out, "%s%s", out->n > 0 ? " " : "",
			    ledger_event_names[e]);
}

static void
say_findings(const struct judged *j, struct buf *out)
{
	for (size_t i = 0; i < j->n_findings; i++) {
		const struct finding *f = &j->findings[i];
		bool follows = f->blocked_by != CHECKS;

		if (f->severity == SEVERITY_INFO)
			continue;
		buf_printf(out, "%s%s%s%s%s", out->n > 0 ? " " : "",
		    follows ? "(" : "", checks[f->check].slug,
		    f->severity == SEVERITY_ERROR ? "!" : "",
		    follows ? ")" : "");
	}
}

static void
check_row(struct scene *s, const struct row *r, struct tally *t)
{
	char changes[256], findings[256];
	struct buf c = buf_init(changes, sizeof changes);
	struct buf f = buf_init(findings, sizeof findings);
	struct arena a;
	struct evidence ev;
	struct judged j;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	say_changes(&s->change, &c);
	judge_scene(s, &a, &ev, &j);
	say_findings(&j, &f);
	want_span(t, "changes", buf_span(&c), span_str(r->want_changes));
	want_span(t, "findings", buf_span(&f), span_str(r->want_findings));
	arena_release(&a);
}

/* Unknown changes nothing, raises nothing and clears nothing. */
static void
check_blind(struct scene *s, const struct row *r, struct tally *t)
{
	struct row same = *r, view = s->view;

	s->view = (struct row){ NULL, "0m", "?", "?", "?", "??", NULL, NULL };
	look(s);
	same.want_changes = "";
	check_row(s, &same, t);
	s->view = view;
}

static void
test_rows(void **state)
{
	struct tally t = { 0 };
	struct scene s;
	char label[128];

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		if (rows[i].label != NULL) {
			if (i > 0)
				arena_release(&s.a);
			scene_init(&s);
			continue;
		}
		play(&s, &rows[i]);
		for (size_t k = i; rows[k].label == NULL;)
			if (rows[--k].label != NULL)
				snprintf(label, sizeof label, "%s (row %zu)",
				    rows[k].label, i - k);
		t.label = label;
		check_row(&s, &rows[i], &t);
		check_blind(&s, &rows[i], &t);
	}
	arena_release(&s.a);
	assert_int_equal(t.failed, 0);
}

/* Look until then at what stands there, and see nothing heavier than
 * information on the way. */
static void
stay_quiet(struct scene *s, const struct row *r)
{
	struct arena a;
	struct evidence ev;
	struct judged j;

	play(s, r);
	arena_init(&a, LIMIT_CHECK_MEMORY);
	judge_scene(s, &a, &ev, &j);
	for (size_t i = 0; i < j.n_findings; i++)
		assert_int_equal(j.findings[i].severity, SEVERITY_INFO);
	arena_release(&a);
}

/* A new id every day for three years: no alert, and no more memory than the
 * ids of two years take. */
static void
test_daily_ids(void **state)
{
	struct scene s;
	char ids[2][16]; /* the day's, and that of the day before */

	(void)state;
	scene_init(&s);
	for (int day = 0; day < 3 * 365; day++) {
		char *id = ids[day % 2];

		snprintf(id, sizeof ids[0], "day%d", day);
		stay_quiet(&s, &(struct row){ NULL, day > 0 ? "1d" : "0m", id,
				   "A", "ab", "", NULL, NULL });
		assert_true(s.l.n_ids <= 732);
	}
	assert_int_equal(s.l.n_versions, 1);
	assert_int_equal(s.l.n_ids, 731);
	arena_release(&s.a);
}

/* A file that is different at every look, and an id likewise: the ledger stays
 * bounded, and does not forget that enforce copies are out. */
static void
test_crowd(void **state)
{
	struct scene s;
	struct ledger_held held;
	char id[16], text[160];

	(void)state;
	scene_init(&s);
	for (int i = 0; i < 3000; i++) {
		struct observation o = { .at = s.now };
		struct span mx = SPAN("a.example.net");

		snprintf(id, sizeof id, "id%d", i);
		snprintf(text, sizeof text, "enforce %d", i);
		o.txt = o.file = SIGHT_PRESENT;
		o.id = span_str(id);
		o.body = span_str(text);
		o.mode = i < 1500 ? STS_MODE_ENFORCE : STS_MODE_TESTING;
		o.max_age = 30 * DAY;
		o.mx_patterns = &mx;
		o.n_mx_patterns = 1;
		assert_int_equal(
		    ledger_step(&s.l, &o, &s.a, &s.change), ERR_OK);
		assert_true(s.l.n_versions <= LEDGER_VERSIONS);
		assert_true(s.l.n_ids <= LEDGER_IDS);
		s.now.s += MINUTE;
	}
	ledger_held(&s.l, s.now, &held);
	assert_int_equal(held.stakes, STAKES_ENFORCE);
	assert_true(held.enforce_until.s >= start.s + 1499 * MINUTE + 30 * DAY);
	assert_true(held.enforce_until.s <= start.s + 1501 * MINUTE + 30 * DAY);
	arena_release(&s.a);
}

/* RFC 8461 8.3: remove when the last copy from before mode none has expired,
 * to the second; mode none's own day is not waited for (reading A19). */
static void
test_removal(void **state)
{
	static const struct row steps[] = {
		{ NULL, "0m", "1", "A", "ab", "", NULL, NULL },
		{ NULL, "9d", "1", "N", "ab", "", NULL, NULL },
		{ NULL, "15m", "2", "N", "ab", "", NULL, NULL },
	};
	struct ledger_removal r;
	struct scene s;

	(void)state;
	scene_init(&s);
	play(&s, &steps[0]);
	assert_int_equal(ledger_removal(&s.l, s.now).state, REMOVAL_NOT_BEGUN);
	play(&s, &steps[1]);
	assert_int_equal(ledger_removal(&s.l, s.now).state, REMOVAL_SAME_ID);
	play(&s, &steps[2]);
	r = ledger_removal(&s.l, s.now);
	assert_int_equal(r.state, REMOVAL_WAITING);
	assert_false(r.blind);
	/* The id of A went at the third look: 9 days, 15 minutes. */
	assert_int_equal(
	    r.safe_at.s, start.s + 9 * DAY + 15 * MINUTE + 14 * DAY + 1);
	assert_false(
	    ledger_safe_to_remove(&s.l, (struct wall_time){ r.safe_at.s - 1 }));
	assert_true(ledger_safe_to_remove(&s.l, r.safe_at));
	arena_release(&s.a);

	scene_init(&s);
	play(&s, &steps[2]);
	r = ledger_removal(&s.l, s.now);
	assert_int_equal(r.state, REMOVAL_DONE);
	assert_true(r.blind);
	arena_release(&s.a);
}

/* What if? Before a move, who would refuse the new hosts. */
static void
test_would_lose(void **state)
{
	static const struct row steps[] = {
		{ NULL, "0m", "1", "A", "ab", "", NULL, NULL },
		{ NULL, "9d", "2", "B", "ab", "", NULL, NULL },
	};
	struct span hosts[] = { SPAN_INIT("a.example.net"),
		SPAN_INIT("c.example.net"), SPAN_INIT("d.example.net") };
	struct ledger_loss losses[8];
	struct wall_time later;
	struct scene s;

	(void)state;
	scene_init(&s);
	play(&s, &steps[0]);
	play(&s, &steps[1]);
	/* A lacks c and d, B lacks d. */
	assert_int_equal(
	    ledger_would_lose(&s.l, hosts, 3, s.now, losses, 8), 3);
	assert_int_equal(losses[0].version->seq, 1);
	assert_true(span_eq(losses[0].host, hosts[1]));
	assert_int_equal(losses[0].until.s, s.now.s + 14 * DAY);
	assert_int_equal(losses[2].version->seq, 2);
	assert_true(span_eq(losses[2].host, hosts[2]));
	assert_int_equal(
	    ledger_would_lose(&s.l, hosts, 3, s.now, losses, 0), 3);
	later.s = s.now.s + 14 * DAY + 1;
	assert_int_equal(
	    ledger_would_lose(&s.l, hosts, 3, later, losses, 8), 1);
	arena_release(&s.a);
}

/* A broken host is an emergency while an enforce copy may be held, and
 * housekeeping when none can. */
static void
test_stakes(void **state)
{
	static const struct row steps[] = {
		{ NULL, "0m", "1", "A", "ab", "", NULL, NULL },
		{ NULL, "9d", "-", "!", "ab", "", NULL, NULL },
	};
	struct wall_time t;
	struct scene s;

	(void)state;
	scene_init(&s);
	t = s.now;
	assert_int_equal(
	    ledger_stakes(&s.l, STAKES_ENFORCE, t), STAKES_ENFORCE);
	assert_int_equal(
	    ledger_stakes(&s.l, STAKES_NOTHING, t), STAKES_NOTHING);
	play(&s, &steps[0]);
	assert_int_equal(
	    ledger_stakes(&s.l, STAKES_NOTHING, s.now), STAKES_ENFORCE);
	play(&s, &steps[1]);
	t.s = s.now.s + 14 * DAY;
	assert_int_equal(
	    ledger_stakes(&s.l, STAKES_ENFORCE, t), STAKES_ENFORCE);
	t.s++;
	assert_int_equal(
	    ledger_stakes(&s.l, STAKES_ENFORCE, t), STAKES_NOTHING);
	arena_release(&s.a);
}

/* Information and wording: what is said, and until when. */
static const struct {
	const char *slug, *want;
	struct row steps[3];
} words[] = {
	/* clang-format off */
	{ "ledger.horizon", "Copies of the policy of 2026-11-22 10:00 UTC (mode enforce) may be in use until 2026-12-15 10:00 UTC.",
	  { { NULL, "0m", "1", "A", "ab", "", NULL, NULL }, { NULL, "9d", "2", "B", "ab", "", NULL, NULL } } },
	{ "mx.changed", "The MX hosts changed at 2026-12-01 10:00 UTC: from a.example.net, b.example.net to a.example.net, b.example.net, c.example.net and 1 more.",
	  { { NULL, "0m", "1", "A", "ab", "", NULL, NULL }, { NULL, "9d", "1", "A", "abcd", "", NULL, NULL } } },
	{ "change.max-age-shrunk", "max_age went from 2 weeks to 1 day at 2026-12-01 10:00 UTC. Copies with the longer one may be in use until 2026-12-15 10:00 UTC.",
	  { { NULL, "0m", "1", "A", "ab", "", NULL, NULL }, { NULL, "9d", "2", "S", "ab", "", NULL, NULL } } },
	{ "removal.done", "No copy of a policy from before mode none is in use any more. The record and the policy host may be removed (mode none since 2026-12-01 10:00 UTC).",
	  { { NULL, "0m", "1", "A", "ab", "", NULL, NULL }, { NULL, "9d", "2", "N", "ab", "", NULL, NULL }, { NULL, "15d", "2", "N", "ab", "", NULL, NULL } } },
	{ "removal.done", "The record and the policy host may be removed now, as far as is known: mode none was there already at the first look at 2026-11-22 10:00 UTC, and an older policy may have been meant to last a year.",
	  { { NULL, "0m", "1", "N", "ab", "", NULL, NULL } } },
	{ "change.id-not-rotated", "The policy file changed at 2026-12-01 10:00 UTC, but the id \"1\" is the one of the policy of 2026-11-22 10:00 UTC: senders that hold that one (mode enforce) do not look for the new one, and may use it until 2026-12-15 13:00 UTC, some longer while the id stays.",
	  { { NULL, "0m", "1", "A", "ab", "", NULL, NULL }, { NULL, "9d", "1", "B", "ab", "", NULL, NULL }, { NULL, "3h", "1", "B", "ab", "", NULL, NULL } } },
	{ "change.mx-before-policy", "c.example.net became an MX host at 2026-12-01 10:00 UTC, before the policy covered it. Copies of the policy of 2026-11-22 10:00 UTC (mode enforce), which makes senders refuse it, may be in use until 2026-12-16 10:00 UTC.",
	  { { NULL, "0m", "1", "A", "ab", "", NULL, NULL }, { NULL, "9d", "1", "A", "abc", "", NULL, NULL }, { NULL, "1d", "2", "B", "abc", "", NULL, NULL } } },
	{ "removal.none-too-short", "The _mta-sts record is gone since 2026-12-02 10:00 UTC, but copies of policies older than mode none may be in use until 2026-12-15 10:00 UTC: senders that hold one do not learn of mode none any more.",
	  { { NULL, "0m", "1", "A", "ab", "", NULL, NULL }, { NULL, "9d", "2", "N", "ab", "", NULL, NULL }, { NULL, "1d", "-", "N", "ab", "", NULL, NULL } } },
	/* clang-format on */
};

static void
test_words(void **state)
{
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(words); i++) {
		struct span got = SPAN("(not found)");
		struct scene s;
		struct arena a;
		struct evidence ev;
		struct judged j;

		scene_init(&s);
		arena_init(&a, LIMIT_CHECK_MEMORY);
		for (size_t k = 0; k < 3 && words[i].steps[k].id; k++)
			play(&s, &words[i].steps[k]);
		judge_scene(&s, &a, &ev, &j);
		for (size_t k = 0; k < j.n_findings; k++)
			if (j.findings[k].check ==
			    check_by_slug(span_str(words[i].slug)))
				got = j.findings[k].message;
		t.label = words[i].slug;
		want_span(&t, "message", got, span_str(words[i].want));
		arena_release(&a);
		arena_release(&s.a);
	}
	assert_int_equal(t.failed, 0);
}

/* What a judgement of the same look hands over. */
static void
test_observe(void **state)
{
	static const struct {
		const char *label;
		enum thing record, policy;
		int32_t status;
		enum sight want_txt, want_file;
	} table[] = {
		/* clang-format off */
		{ "both there", THING_OK, THING_OK, 200, SIGHT_PRESENT, SIGHT_PRESENT },
		{ "neither", THING_NONE, THING_NONE, 0, SIGHT_ABSENT, SIGHT_ABSENT },
		{ "two records, no file", THING_INVALID, THING_UNREACHABLE, 404, SIGHT_BROKEN, SIGHT_ABSENT },
		{ "a file that is void", THING_OK, THING_INVALID, 200, SIGHT_PRESENT, SIGHT_BROKEN },
		{ "the host fails", THING_OK, THING_UNREACHABLE, 503, SIGHT_PRESENT, SIGHT_BROKEN },
		{ "nothing is known", THING_UNKNOWN, THING_UNKNOWN, 0, SIGHT_UNKNOWN, SIGHT_UNKNOWN },
		/* clang-format on */
	};
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(table); i++) {
		struct mx_host hosts[] = { { .host = SPAN("a.example") },
			{ .host = SPAN("") }, { .host = SPAN("a.example") } };
		struct evidence ev = { .checked_at = start,
			.mx = { .result = DNS_OK },
			.sts_txt = { .result = DNS_OK, .n_chain = 1 },
			.host_a = { .result = DNS_TIMEOUT },
			.mx_hosts = hosts,
			.n_mx_hosts = 3 };
		struct fetch f = { .result = TALK_OK,
			.status = table[i].status,
			.body = bodies[0] };
		struct judged j = { .evidence = &ev,
			.record = table[i].record,
			.policy = table[i].policy,
			.fetch = table[i].status != 0 ? &f : NULL };
		struct observation o;
		struct arena a;

		arena_init(&a, 4096);
		t.label = table[i].label;
		assert_int_equal(ledger_observe(&j, &a, &o), ERR_OK);
		want_int(&t, "txt", o.txt, table[i].want_txt);
		want_int(&t, "file", o.file, table[i].want_file);
		want_int(&t, "mx", o.mx, SIGHT_PRESENT);
		want_size(&t, "hosts", o.n_mx_hosts, 1);
		want_int(&t, "txt cname", o.txt_cname, SIGHT_PRESENT);
		want_int(&t, "host cname", o.host_cname, SIGHT_UNKNOWN);
		arena_release(&a);
	}
	assert_int_equal(t.failed, 0);
}

/* A step that has no memory leaves the ledger as it was, and can be taken
 * again. */
static void
step_over(struct arena *a, const void *arg)
{
	struct scene s = *(const struct scene *)arg;
	uint32_t latest = s.l.latest;
	size_t n_ids = s.l.n_ids, n_mx_sets = s.l.n_mx_sets;

	s.view = (struct row){ NULL, "0m", "2", "B", "abc", "", NULL, NULL };
	s.now.s += DAY;
	if (look_into(&s, a) == ERR_OK) {
		assert_false(a->failed);
		assert_int_equal(s.l.n_versions, 2);
		return;
	}
	assert_int_equal(s.l.latest, latest);
	assert_int_equal(s.l.n_versions, 1);
	assert_int_equal(s.l.n_ids, n_ids);
	assert_int_equal(s.l.n_mx_sets, n_mx_sets);
	assert_int_equal(s.change.events, 0);
	assert_true(s.l.at.s < s.now.s);
}

static void
judge_over(struct arena *a, const void *arg)
{
	struct scene s = *(const struct scene *)arg;
	struct evidence ev;
	struct judged j;

	judge_scene(&s, a, &ev, &j);
}

static void
test_memory(void **state)
{
	static const struct row steps[] = {
		{ NULL, "0m", "1", "A", "ab", "cc", NULL, NULL },
		{ NULL, "9d", "-", "C", "cd", "--", NULL, NULL },
	};
	struct scene s;

	(void)state;
	scene_init(&s);
	play(&s, &steps[0]);
	/* Full arrays, so that the step has to grow them. */
	s.l.versions_cap = s.l.n_versions;
	s.l.ids_cap = s.l.n_ids;
	s.l.mx_sets_cap = s.l.n_mx_sets;
	sweep_memory(step_over, &s);
	play(&s, &steps[1]);
	sweep_memory(judge_over, &s);
	arena_release(&s.a);
}

/* One cause, one finding: what the look alone found of it follows from what the
 * ledger knows. */
static void
test_follows(void **state)
{
	static const struct {
		struct row then;
		enum check_id look, want;
	} table[] = {
		/* clang-format off */
		{ { NULL, "9d", "1", "A", "abc", "", NULL, NULL }, CHECK_MATCH_SOME, CHECK_CHANGE_MX_BEFORE_POLICY },
		{ { NULL, "9d", "2", "R", "ab", "", NULL, NULL }, CHECK_MATCH_BACKUP_ONLY, CHECK_CHANGE_MX_REMOVED_EARLY },
		{ { NULL, "9d", "-", "A", "ab", "", NULL, NULL }, CHECK_TXT_ABSENT_POLICY_PRESENT, CHECK_REMOVAL_TXT_GONE },
		{ { NULL, "9d", "1", "-", "ab", "", NULL, NULL }, CHECK_HOST_NXDOMAIN, CHECK_REMOVAL_FILE_GONE },
		{ { NULL, "9d", "1", "-", "ab", "", NULL, NULL }, CHECK_HTTP_STATUS, CHECK_REMOVAL_FILE_GONE },
		{ { NULL, "9d", "1", "A", "ab", "", NULL, NULL }, CHECK_MXCERT_EXPIRED, CHECKS },
		/* clang-format on */
	};
	static const struct row first = { NULL, "0m", "1", "A", "ab", "", NULL,
		NULL };

	(void)state;
	for (size_t i = 0; i < ROWS(table); i++) {
		struct evidence ev = { .domain = SPAN("example.com") };
		struct judged j = { .evidence = &ev, .stakes = STAKES_ENFORCE };
		struct docket d = { .ev = &ev, .out = &j };
		struct scene s;
		struct arena a;

		scene_init(&s);
		arena_init(&a, LIMIT_CHECK_MEMORY);
		play(&s, &first);
		play(&s, &table[i].then);
		d.a = &a;
		d.now = j.now = s.now;
		docket_fail(&d, table[i].look, ev.domain);
		judge_ledger(&d, &s.l);
		assert_int_equal(j.findings[0].check, table[i].look);
		assert_int_equal(j.findings[0].blocked_by, table[i].want);
		arena_release(&a);
		arena_release(&s.a);
	}
}

/* What cannot be seen may be there still: the horizon moves on, and where a
 * look shows the end of it, it stands. */
static void
test_unknown(void **state)
{
	static const struct row steps[] = {
		{ NULL, "0m", "1", "A", "ab", "", NULL, NULL },
		{ NULL, "1d", "?", "?", "?", "", NULL, NULL },
		{ NULL, "7d", "-", "!", "?", "", NULL, NULL },
		{ NULL, "1d", "-", "!", "?", "", NULL, NULL },
	};
	static const int64_t want[] = { 0, DAY, 8 * DAY, 8 * DAY };
	struct scene s;

	(void)state;
	scene_init(&s);
	for (size_t i = 0; i < ROWS(steps); i++) {
		play(&s, &steps[i]);
		assert_int_equal(ledger_horizon(&s.l.versions[0], s.now).s,
		    start.s + want[i] + 14 * DAY);
		assert_int_equal(s.l.n_mx_sets, 1);
	}
	arena_release(&s.a);
}

/* A clock that went back, and an observation of long ago: not applied. */
static void
test_backwards(void **state)
{
	struct row r = { NULL, "0m", "1", "A", "ab", "", NULL, NULL };
	struct scene s;

	(void)state;
	scene_init(&s);
	play(&s, &r);
	s.now.s -= 1;
	s.view.file = "B";
	look(&s);
	assert_int_equal(s.change.events, 0);
	assert_int_equal(s.l.n_versions, 1);
	assert_int_equal(s.l.at.s, start.s);
	arena_release(&s.a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_daily_ids),
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_removal),
		cmocka_unit_test(test_would_lose),
		cmocka_unit_test(test_stakes),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_observe),
		cmocka_unit_test(test_follows),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_backwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What is published, told in rows over days: what the owner says, what rounds
 * see, and what comes of it. */
#include <string.h>

#include "base/limits.h"
#include "base/test_table.h"
#include "core/publish_copies.h"
#include "core/publish_plan.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, BODIES = 64, CALM = 6 };

static const struct wall_time start = { 1795341600 };

/* A row waits, then does words, then takes steps a minute apart until nothing
 * is under way:
 *
 *   mx=ab, mx=? mx=! mx=-   a round saw a.example and b.example; could not
 *                           look; saw servers that disagree; saw none
 *   open, shut              the gate of that round, and those after
 *   far=9d                  a copy that does not cover the MX lives until then
 *   foreign, gone           another policy is there; nobody may hold a policy
 *   cname=2                 the delegation: ? - 1 2
 *   cert, stuck             there is a certificate; edges do not follow, and
 * "-" in front ends it enforce testing, leave stay, auto approve off, override,
 * replace, yes=ab, to=bc                   the owner
 *
 * Wanted are the stage, the mode and patterns that edges serve, the bar, and
 * what was told. */
static const struct row {
	const char *label; /* begins a life */
	const char *after, *words, *want;
} rows[] = {
	/* clang-format off */
	{ .label = "two CNAMEs, and all else by itself" },
	{ NULL, "0m", "", "awaited - - no-mx barred" },
	{ NULL, "1h", "mx=ab", "awaited - - no-mx" },
	{ NULL, "1h", "mx=ab", "awaited - - believed barred" },
	{ NULL, "1h", "cname=1", "awaited - -" },
	{ NULL, "1h", "cname=2", "certifying - - came" },
	{ NULL, "1h", "cert", "live testing ab serves id live" },
	{ NULL, "1d", "mx=ab", "live testing ab id" },

	{ .label = "design 5.3: an empty answer and a failure never reach it" },
	{ NULL, "0m", "mx=ab cname=2 cert", "certifying - - no-mx came barred" },
	{ NULL, "1h", "mx=ab", "live testing ab believed serves id live barred" },
	{ NULL, "1h", "mx=-", "live testing ab held" },
	{ NULL, "1h", "mx=-", "live testing ab" },
	{ NULL, "1h", "mx=?", "live testing ab held" },
	{ NULL, "1h", "mx=!", "live testing ab held" },
	{ NULL, "1h", "mx=ab", "live testing ab released" },

	{ .label = "two rounds; an addition at once, a removal after the overlap" },
	{ NULL, "0m", "mx=ab cname=2 cert", "certifying - - no-mx came barred" },
	{ NULL, "1h", "mx=ab", "live testing ab believed serves id live barred" },
	{ NULL, "1h", "mx=bc", "live testing ab" },
	{ NULL, "1h", "mx=bc", "live testing abc believed serves id" },
	{ NULL, "1d", "mx=bc", "live testing abc id" },
	{ NULL, "1d", "mx=bc far=3d", "live testing abc id" },
	{ NULL, "2d", "mx=bc", "live testing abc id" },
	{ NULL, "2d", "mx=bc", "live testing bc serves id" },

	{ .label = "one and the same round is stepped with once" },
	{ NULL, "0m", "mx=ab cname=2 cert", "certifying - - no-mx came barred" },
	{ NULL, "1h", "", "certifying - - no-mx" },
	{ NULL, "1h", "", "certifying - - no-mx" },
	{ NULL, "1h", "mx=ab", "live testing ab believed serves id live barred" },

	{ .label = "approval: what was shown, and nothing else" },
	{ NULL, "0m", "approve mx=a cname=2 cert", "certifying - - no-mx came barred" },
	{ NULL, "1h", "mx=a", "live testing a believed serves id live barred" },
	{ NULL, "1h", "mx=ab", "live testing a" },
	{ NULL, "1h", "mx=ab", "live testing a believed asks" },
	{ NULL, "1h", "yes=ac", "live testing a" },
	{ NULL, "1h", "yes=ab", "live testing ab serves id" },

	{ .label = "off: the first set, and what changes is told" },
	{ NULL, "0m", "off mx=a cname=2 cert", "certifying - - no-mx came barred" },
	{ NULL, "1h", "mx=a", "live testing a believed serves id live barred" },
	{ NULL, "1h", "mx=ab", "live testing a" },
	{ NULL, "1h", "mx=ab", "live testing a believed" },
	{ NULL, "1h", "mx=ab", "live testing a" },
	{ NULL, "1h", "auto mx=ab", "live testing ab serves id" },

	{ .label = "the gate: evidence, and two weeks of testing" },
	{ NULL, "0m", "enforce mx=a shut cname=2 cert", "certifying - - no-mx came shut barred" },
	{ NULL, "1h", "mx=a", "live testing a believed serves id live shut barred" },
	{ NULL, "9d", "mx=a open", "live testing a id shut" },
	{ NULL, "3d", "", "live testing a id shut" },
	{ NULL, "1d", "mx=a", "live testing a id shut" },
	{ NULL, "1h", "mx=a", "live testing a" },
	{ NULL, "1d", "", "live enforce a serves id opened up" },
	{ NULL, "1h", "mx=a shut", "live enforce a" },
	{ NULL, "1h", "testing", "live testing a serves id" },
	{ NULL, "1h", "enforce", "live testing a shut" },
	{ NULL, "1h", "mx=a open", "live enforce a serves id opened up" },

	{ .label = "the override" },
	{ NULL, "0m", "enforce mx=a shut cname=2 cert", "certifying - - no-mx came shut barred" },
	{ NULL, "1h", "mx=a", "live testing a believed serves id live shut barred" },
	{ NULL, "1h", "override", "live enforce a serves id opened up" },

	{ .label = "advice, once" },
	{ NULL, "0m", "mx=a open cname=2 cert", "certifying - - no-mx came barred" },
	{ NULL, "1h", "mx=a", "live testing a believed serves id live barred" },
	{ NULL, "13d", "mx=a", "live testing a id" },
	{ NULL, "2d", "mx=a", "live testing a id ready" },
	{ NULL, "1d", "mx=a", "live testing a id" },

	{ .label = "another's policy is not overwritten" },
	{ NULL, "0m", "mx=a foreign cname=2 cert", "certifying - - no-mx came barred" },
	{ NULL, "1h", "mx=a", "certifying - - foreign believed barred" },
	{ NULL, "9d", "mx=a", "certifying - - foreign" },
	{ NULL, "1h", "replace", "live testing a serves id live barred" },

	{ .label = "nor is one that is found after ours is served" },
	{ NULL, "0m", "mx=a cname=2 cert stuck", "certifying - - no-mx came barred" },
	{ NULL, "1h", "mx=a", "certifying testing a believed serves barred" },
	{ NULL, "1h", "mx=a foreign -stuck", "certifying testing a foreign barred" },
	{ NULL, "1h", "replace", "live testing a id live barred" },

	{ .label = "he said so of that one, and of no other" },
	{ NULL, "0m", "mx=a foreign cname=2 cert", "certifying - - no-mx came barred" },
	{ NULL, "1h", "mx=a replace", "live testing a believed serves id live barred" },
	{ NULL, "1h", "cname=-", "live testing a lost" },
	{ NULL, "8d", "", "awaited - - foreign given-up barred" },
	{ NULL, "1h", "cname=2", "certifying - - foreign came" },

	{ .label = "a name that no policy can have is left out" },
	{ NULL, "0m", "mx=a_ cname=2 cert", "certifying - - no-mx came barred" },
	{ NULL, "1h", "mx=a_", "live testing a believed serves id live barred" },

	{ .label = "RFC 8461 8.3: the way out" },
	{ NULL, "0m", "mx=ab cname=2 cert", "certifying - - no-mx came barred" },
	{ NULL, "1h", "mx=ab", "live testing ab believed serves id live barred" },
	{ NULL, "1h", "leave", "leaving none a serves id" },
	{ NULL, "1h", "mx=bc", "leaving none a" },
	{ NULL, "1d", "mx=bc gone", "leaving none a believed id" },
	{ NULL, "5d", "", "leaving none a id" },
	{ NULL, "1d", "mx=bc", "removable none a id may-go" },
	{ NULL, "1h", "cname=1", "removable none a" },
	{ NULL, "1h", "cname=-", "ended none a over" },
	{ NULL, "9d", "mx=a", "ended none a" },

	{ .label = "the owner thinks again" },
	{ NULL, "0m", "mx=a cname=2 cert", "certifying - - no-mx came barred" },
	{ NULL, "1h", "mx=a", "live testing a believed serves id live barred" },
	{ NULL, "1h", "leave", "leaving none a serves id" },
	{ NULL, "1h", "stay", "live testing a serves id" },

	{ .label = "a move, in its order" },
	{ NULL, "0m", "mx=a cname=2 cert", "certifying - - no-mx came barred" },
	{ NULL, "1h", "mx=a", "live testing a believed serves id live barred" },
	{ NULL, "1h", "to=b stuck", "live testing ab serves" },
	{ NULL, "8d", "mx=a", "live testing ab" },
	{ NULL, "1h", "-stuck", "live testing ab id" },
	{ NULL, "1h", "mx=a far=3d", "live testing ab" },
	{ NULL, "6d", "", "live testing ab id" },
	{ NULL, "12h", "mx=a", "live testing ab" },
	{ NULL, "12h", "mx=a", "live testing ab id may-add" },
	{ NULL, "12h", "mx=ab", "live testing ab" },
	{ NULL, "1h", "mx=ab", "live testing ab believed" },
	{ NULL, "1h", "mx=b", "live testing ab" },
	{ NULL, "1h", "mx=b far=9d", "live testing ab believed" },
	{ NULL, "1d", "mx=b", "live testing ab id" },
	{ NULL, "1d", "mx=b", "live testing ab id may-drop moved" },
	{ NULL, "8d", "mx=b", "live testing b serves id" },

	{ .label = "what is announced is approved of; called off, it is gone" },
	{ NULL, "0m", "approve mx=a cname=2 cert", "certifying - - no-mx came barred" },
	{ NULL, "1h", "mx=a", "live testing a believed serves id live barred" },
	{ NULL, "1h", "to=b", "live testing ab serves id" },
	{ NULL, "1h", "to=", "live testing a serves id" },
	{ NULL, "1h", "to=b", "live testing ab serves id" },
	{ NULL, "1h", "mx=ab", "live testing ab" },
	{ NULL, "1h", "mx=ab", "live testing ab believed" },

	{ .label = "a move to hosts that the policy has: others' copies count" },
	{ NULL, "0m", "mx=ab cname=2 cert", "certifying - - no-mx came barred" },
	{ NULL, "1h", "mx=ab", "live testing ab believed serves id live barred" },
	{ NULL, "1h", "mx=a", "live testing ab" },
	{ NULL, "1h", "mx=a", "live testing ab believed" },
	{ NULL, "1h", "to=b", "live testing ab" },
	{ NULL, "1h", "mx=a far=3d", "live testing ab" },
	{ NULL, "4d", "", "live testing ab id" },
	{ NULL, "1h", "mx=a", "live testing ab may-add" },

	{ .label = "a move that may add and is called off: not at once" },
	{ NULL, "0m", "mx=a cname=2 cert", "certifying - - no-mx came barred" },
	{ NULL, "1h", "mx=a", "live testing a believed serves id live barred" },
	{ NULL, "1h", "to=b", "live testing ab serves id" },
	{ NULL, "8d", "mx=a", "live testing ab id may-add" },
	{ NULL, "1h", "to=c", "live testing abc serves id" },
	{ NULL, "1h", "to=", "live testing ab serves id" },
	{ NULL, "1h", "mx=ab", "live testing ab" },
	{ NULL, "1h", "mx=a", "live testing ab" },
	{ NULL, "2d", "mx=a", "live testing a serves id" },

	{ .label = "C07: lost is served on, for as long as somebody remembers" },
	{ NULL, "0m", "mx=a cname=2 cert", "certifying - - no-mx came barred" },
	{ NULL, "1h", "mx=a", "live testing a believed serves id live barred" },
	{ NULL, "1h", "cname=-", "live testing a lost" },
	{ NULL, "6d", "", "live testing a id" },
	{ NULL, "2d", "", "awaited - - given-up" },
	{ NULL, "1d", "cname=2", "live testing a came serves id live" },
	/* clang-format on */
};

/* ---- the world ---- */

struct world {
	struct published p;
	struct publish_sight sight;
	bool is_new;
	struct publication_sight here;
	bool stuck;
	struct published_body bodies[BODIES]; /* as the store has them */
	unsigned ids;
	struct arena a;
};

/* "ab" is a.example and b.example; "_" a name that is none. */
static struct span *
hosts(struct world *w, const char *letters, size_t *n)
{
	struct span *all = arena_array(&w->a, strlen(letters) + 1, sizeof *all);

	assert_non_null(all);
	for (*n = 0; letters[*n] != '\0'; (*n)++)
		all[*n] = arena_printf(&w->a, "%c.example", letters[*n]);
	return all;
}

static int64_t
duration(const char *s)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	return (int64_t)n * (*end == 'd' ? DAY : *end == 'h' ? HOUR : MINUTE);
}

static void
see_mx(struct world *w, const char *what)
{
	static const char marks[] = "?!-";
	const char *mark = strchr(marks, what[0]);
	struct mx_sight *mx = &w->sight.mx;

	w->is_new = w->sight.fresh = true;
	w->sight.at = w->here.at;
	*mx = (struct mx_sight){ .at = w->here.at, .kind = MX_SIGHT_HOSTS };
	if (mark != NULL)
		mx->kind = (enum mx_sight_kind)(mark - marks);
	else
		mx->hosts = hosts(w, what, &mx->n_hosts);
}

static void
set_gate(struct world *w, bool open)
{
	w->sight.gate_open = open;
	w->sight.gate_text = open ? SPAN("") : SPAN("It is bad.");
}

static void
say_yes(struct world *w, const char *letters)
{
	size_t n;
	struct span *all = hosts(w, letters, &n);

	(void)!mx_follow_approve(&w->p.follow, all, n, w->here.at, &w->a);
}

static void
announce_move(struct world *w, const char *letters)
{
	size_t n;
	struct span *to = hosts(w, letters, &n);

	assert_true(publish_move_set(
	    &w->p.move, &w->p.follow, to, n, w->here.at, &w->a));
}

static void
do_word(struct world *w, const char *word)
{
	static const char delegations[] = "?-12";
	static const char *const follows[] = { "auto", "approve", "off" };
	struct publish_order *o = &w->p.order;
	const char *value =
	    strchr(word, '=') != NULL ? strchr(word, '=') + 1 : "";

	for (size_t i = 0; i < ROWS(follows); i++)
		if (strcmp(word, follows[i]) == 0)
			o->follow = (enum mx_follow_mode)i;
	if (strncmp(word, "mx=", 3) == 0)
		see_mx(w, value);
	else if (strncmp(word, "far=", 4) == 0)
		w->sight.horizon.s = w->here.at.s + duration(value);
	else if (strncmp(word, "cname=", 6) == 0)
		w->here.delegation =
		    (unsigned)(strchr(delegations, *value) - delegations);
	else if (strncmp(word, "to=", 3) == 0)
		announce_move(w, value);
	else if (strncmp(word, "yes=", 4) == 0)
		say_yes(w, value);
	else if (strcmp(word, "open") == 0 || strcmp(word, "shut") == 0)
		set_gate(w, word[0] == 'o' && word[1] == 'p');
	else if (strcmp(word, "foreign") == 0)
		w->sight.foreign = SPAN("version: STSv1\n");
	else if (strcmp(word, "gone") == 0)
		w->sight.may_leave = true;
	else if (strcmp(word, "cert") == 0)
		w->here.has_certificate = true;
	else if (strcmp(word, "stuck") == 0 || strcmp(word, "-stuck") == 0)
		w->stuck = word[0] == 's';
	else if (strcmp(word, "enforce") == 0)
		o->mode = STS_MODE_ENFORCE;
	else if (strcmp(word, "testing") == 0)
		o->mode = STS_MODE_TESTING;
	else if (strcmp(word, "leave") == 0 || strcmp(word, "stay") == 0)
		o->leave = word[0] == 'l';
	else if (strcmp(word, "override") == 0)
		o->override_by = SPAN("somebody");
	else if (strcmp(word, "replace") == 0)
		w->p.may_replace = true;
}

/* As the store does it. */
static void
keep_body(struct world *w, const struct publication *before)
{
	struct published *p = &w->p;

	for (size_t i = 0; i < p->n_bodies; i++)
		if (w->bodies[i].version > before->id_version &&
		    w->bodies[i].version <= p->state.id_version)
			w->bodies[i].at = w->here.at;
	if (p->state.version == before->version)
		return;
	assert_true(p->n_bodies < BODIES);
	memmove(w->bodies + 1, w->bodies, p->n_bodies * sizeof w->bodies[0]);
	w->bodies[0] = (struct published_body){ p->state.version, p->state.body,
		w->here.at };
	p->n_bodies++;
}

static void
forget_bodies(struct world *w, struct wall_time before)
{
	size_t n = w->p.n_bodies;

	while (n > 1 && w->bodies[n - 2].at.s < before.s)
		n--;
	w->p.n_bodies = n;
}

static void
take_step(struct world *w, struct publish_step *told)
{
	char id[PUBLICATION_ID_OCTETS + 1];
	const struct publication before = w->p.state;
	uint64_t version = before.version;
	struct publish_step out;

	if (!w->stuck) {
		w->here.edges_version = version;
		w->here.proved_version = version;
		w->here.seen_id = arena_span(&w->a, span_str(w->p.state.id));
	} else {
		w->here.edges_version = version - 1;
	}
	w->p.bodies = w->bodies;
	snprintf(id, sizeof id, "%032x", ++w->ids);
	assert_int_equal(publish_plan_step(&w->p, &w->sight, w->is_new,
			     &w->here, id, &w->a, &out),
	    ERR_OK);
	w->is_new = false;
	keep_body(w, &before);
	forget_bodies(w, out.forget);
	told->publication |= out.publication;
	told->follow |= out.follow;
	told->publish |= out.publish;
}

/* ---- what came of it ---- */

static void
say_events(struct buf *b, unsigned events, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((events & 1U << i) && words[i] != NULL)
			buf_printf(b, " %s", words[i]);
}

static void
say(struct world *w, const struct publish_step *told, struct buf *b)
{
	static const char *const follow[] = { "believed", NULL, "asks", "held",
		"released" };
	static const char *const publication[] = { "came", "serves", "id",
		"live", "lost", "found", "may-go", "over", "given-up" };
	static const char *const publish[] = { "shut", "opened", "up", "ready",
		"barred", "may-add", "may-drop", "moved" };
	struct sts_policy policy = { 0 };

	if (w->p.state.body.n > 0)
		sts_policy_parse(w->p.state.body, &w->a, &policy);
	buf_printf(b, "%s %s ", publication_stage_names[w->p.state.stage],
	    policy.mode == STS_MODE_UNSET ? "-" : sts_mode_names[policy.mode]);
	for (size_t i = 0; i < policy.n_mx; i++)
		buf_putc(b, policy.mx[i].p[0]);
	if (policy.n_mx == 0)
		buf_putc(b, '-');
	if (w->p.bar != PUBLISH_FREE)
		buf_printf(b, " %s", publish_bar_names[w->p.bar]);
	say_events(b, told->follow, follow, ROWS(follow));
	say_events(b, told->publication, publication, ROWS(publication));
	say_events(b, told->publish, publish, ROWS(publish));
}

static void
begin(struct world *w)
{
	w->p = (struct published){ .state.body = SPAN(""),
		.order = { .mode = STS_MODE_TESTING,
		    .max_age = 7 * DAY,
		    .follow = FOLLOW_AUTO,
		    .overlap_s = MX_FOLLOW_OVERLAP_S,
		    .override_by = SPAN("") },
		.bar_text = SPAN(""),
		.gate_text = SPAN("") };
	w->sight = (struct publish_sight){ .gate_text = SPAN(""),
		.foreign = SPAN("") };
	w->here = (struct publication_sight){
		.at = start, .delegation = DELEGATION_NONE, .seen_id = SPAN("")
	};
	w->stuck = false;
}

static void
do_row(struct world *w, const struct row *r, struct publish_step *told)
{
	char words[128], *rest = words, *word;

	snprintf(words, sizeof words, "%s", r->words);
	w->here.at.s += duration(r->after);
	while ((word = strtok_r(rest, " ", &rest)) != NULL)
		do_word(w, word);
	for (int i = 0; i < CALM; i++) {
		take_step(w, told);
		w->here.at.s += i + 1 < CALM ? MINUTE : 0;
	}
}

static void
test_days(void **state)
{
	struct tally t = { 0 };
	struct world w = { 0 };

	(void)state;
	arena_init(&w.a, LIMIT_CHECK_MEMORY);
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct row *r = &rows[i];
		struct publish_step told = { 0 };
		char mem[256];
		struct buf said = buf_init(mem, sizeof mem);

		if (r->label != NULL) {
			t.label = r->label;
			begin(&w);
			continue;
		}
		do_row(&w, r, &told);
		say(&w, &told, &said);
		want_span(&t, r->words, buf_span(&said), span_str(r->want));
	}
	arena_release(&w.a);
	assert_int_equal(t.failed, 0);
}

/* ---- one step, by itself ---- */

static const struct span one_host[] = { SPAN_INIT("a.example") };

/* Live, in testing, since the start. */
static void
go_live(struct world *w)
{
	begin(w);
	do_row(w, &(struct row){ NULL, "0m", "mx=a cname=2 cert", NULL },
	    &(struct publish_step){ 0 });
	do_row(w, &(struct row){ NULL, "1h", "mx=a", NULL },
	    &(struct publish_step){ 0 });
}

static void
test_gate_text(void **state)
{
	struct tally t = { .label = "gate" };
	struct world w = { 0 };
	struct publish_step told = { 0 };

	(void)state;
	arena_init(&w.a, LIMIT_CHECK_MEMORY);
	go_live(&w);
	do_row(&w, &(struct row){ NULL, "1h", "enforce", NULL }, &told);
	want_span(&t, "nothing seen", w.p.gate_text,
	    SPAN("The mail hosts have not been looked at yet.\n"
		 "Mode testing lasts since 2026-11-22 11:06 UTC; it should "
		 "until 2026-12-06 11:06 UTC."));
	want_int(
	    &t, "since", w.p.gate_since.s, start.s + 2 * HOUR + 10 * MINUTE);
	do_row(&w, &(struct row){ NULL, "1h", "open mx=a", NULL }, &told);
	want_span(&t, "open", w.p.gate_text,
	    SPAN("Mode testing lasts since 2026-11-22 11:06 UTC; it should "
		 "until 2026-12-06 11:06 UTC."));
	want_int(&t, "since then", w.p.gate_since.s,
	    start.s + 2 * HOUR + 10 * MINUTE);
	do_row(&w, &(struct row){ NULL, "1h", "testing", NULL }, &told);
	want_span(&t, "not wanted", w.p.gate_text, SPAN(""));
	arena_release(&w.a);
	assert_int_equal(t.failed, 0);
}

static void
test_hosts_and_time(void **state)
{
	struct tally t = { .label = "step" };
	struct world w = { 0 };
	struct publish_step out;
	char id[] = "00000000000000000000000000000001";

	(void)state;
	arena_init(&w.a, LIMIT_CHECK_MEMORY);
	go_live(&w);
	w.here.at.s += HOUR;
	see_mx(&w, "ab");
	assert_int_equal(
	    publish_plan_step(&w.p, &w.sight, true, &w.here, id, &w.a, &out),
	    ERR_OK);
	w.here.at.s += HOUR;
	see_mx(&w, "ab");
	assert_int_equal(
	    publish_plan_step(&w.p, &w.sight, true, &w.here, id, &w.a, &out),
	    ERR_OK);
	want_bool(&t, "believed", out.follow & 1U << MX_FOLLOW_BELIEVED, true);
	want_size(&t, "before", out.n_before, 1);
	want_span(&t, "before", out.hosts_before[0], one_host[0]);
	want_size(&t, "now", out.n_now, 2);
	want_span(&t, "now", out.hosts_now[1], SPAN("b.example"));
	want_int(&t, "next: an id a day", out.next.s,
	    w.p.state.id_since.s + PUBLICATION_ROTATE_S);
	w.here.at = out.next;
	assert_int_equal(
	    publish_plan_step(&w.p, &w.sight, false, &w.here, id, &w.a, &out),
	    ERR_OK);
	want_int(&t, "then testing long enough", out.next.s,
	    w.p.state.stage_since.s + 14 * DAY);
	arena_release(&w.a);
	assert_int_equal(t.failed, 0);
}

/* RFC 8461 3.2: more than every sender reads. */
static void
test_too_long(void **state)
{
	enum { MANY = 400, LONG = 200 };
	struct tally t = { .label = "too long" };
	struct world w = { 0 };
	struct publish_step told = { 0 };
	struct span *all, body;
	char *name;

	(void)state;
	arena_init(&w.a, LIMIT_CHECK_MEMORY);
	go_live(&w);
	body = w.p.state.body;
	all = arena_array(&w.a, MANY, sizeof *all);
	assert_non_null(all);
	for (size_t i = 0; i < MANY; i++) {
		name = arena_alloc(&w.a, LONG);
		assert_non_null(name);
		for (size_t k = 0; k < LONG; k++)
			name[k] = k % 50 == 49 ? '.' : 'x';
		snprintf(name, 8, "h%03zu", i);
		name[4] = 'x';
		all[i] = (struct span){ name, LONG - 1 };
	}
	w.p.move = (struct publish_move){ .to = all, .n_to = MANY };
	take_step(&w, &told);
	want_int(&t, "bar", w.p.bar, PUBLISH_TOO_LONG);
	want_span(&t, "text", w.p.bar_text,
	    SPAN("A policy with 401 MX hosts is longer than the 64000 octets "
		 "that every sender reads."));
	want_span(&t, "the last good one", w.p.state.body, body);
	arena_release(&w.a);
	assert_int_equal(t.failed, 0);
}

/* ---- copies ---- */

#define TESTING(max_age, mx)                                                   \
	SPAN_INIT("version: STSv1\r\nmode: testing\r\n" mx "max_age: " max_age \
		  "\r\n")

static void
test_copies(void **state)
{
	static const struct published_body bodies[] = {
		{ 4,
		    SPAN_INIT("version: STSv1\r\nmode: none\r\n"
			      "max_age: 100\r\n"),
		    { 4000 } },
		{ 3, SPAN_INIT(""), { 3000 } },
		{ 2, TESTING("5000", "mx: b.example\r\n"), { 2000 } },
		{ 1, TESTING("100", "mx: a.example\r\nmx: b.example\r\n"),
		    { 1000 } },
	};
	struct published p = { .bodies = bodies, .n_bodies = ROWS(bodies) };
	struct publish_copies c;
	struct tally t = { .label = "copies" };
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	p.state.id_version = 4;
	assert_int_equal(
	    publish_copies_read(&p, (struct wall_time){ 9000 }, &a, &c),
	    ERR_OK);
	want_int(&t, "end", publish_copies_end(&c).s, 9100);
	want_int(&t, "of mail", publish_copies_end_of_mail(&c).s, 8000);
	want_int(&t, "without a", publish_copies_end_without(&c, one_host, 1).s,
	    8000);
	want_int(&t, "testing", publish_copies_testing_since(&c).s, 1000);
	/* What is not announced may not be served yet. */
	p.state.id_version = 2;
	assert_int_equal(
	    publish_copies_read(&p, (struct wall_time){ 9000 }, &a, &c),
	    ERR_OK);
	want_int(&t, "unannounced", publish_copies_end_of_mail(&c).s, 14000);
	p.state.id_version = 4;
	p.state.lost = true;
	p.state.lost_since.s = 5000;
	assert_int_equal(
	    publish_copies_read(&p, (struct wall_time){ 9000 }, &a, &c),
	    ERR_OK);
	want_int(&t, "lost", publish_copies_end(&c).s, 8000);
	want_int(&t, "of use",
	    publish_copies_of_no_use(&c, (struct wall_time){ 9000 }).s, 0);
	want_int(&t, "of no use: the first",
	    publish_copies_of_no_use(&c, (struct wall_time){ 2001 + 14 * DAY })
		.s,
	    2001);
	want_int(&t, "of no use: all but the last",
	    publish_copies_of_no_use(&c, (struct wall_time){ 4001 + 14 * DAY })
		.s,
	    4001);
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

/* ---- memory ---- */

static void
step_in(struct arena *a, const void *arg)
{
	const struct world *w = arg;
	struct published p = w->p;
	struct publish_step out;
	enum err rc = publish_plan_step(&p, &w->sight, true, &w->here,
	    "00000000000000000000000000000001", a, &out);

	assert_int_equal(rc, a->failed ? ERR_MEMORY : ERR_OK);
	if (rc != ERR_OK)
		assert_memory_equal(&p, &w->p, sizeof p);
}

static void
test_memory(void **state)
{
	struct world w = { 0 };

	(void)state;
	arena_init(&w.a, LIMIT_CHECK_MEMORY);
	go_live(&w);
	w.here.at.s += 9 * DAY;
	w.p.order.mode = STS_MODE_ENFORCE;
	see_mx(&w, "ab");
	take_step(&w, &(struct publish_step){ 0 });
	sweep_memory(step_in, &w);
	arena_release(&w.a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_gate_text),
		cmocka_unit_test(test_hosts_and_time),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

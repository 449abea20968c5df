/* fill_published.c - for tests only: a store whose daemon has published for a
 * while, one domain a story.
 *
 *	fill_published URL */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "core/publish_sight.h"
#include "store/certificates.h"
#include "store/domains.h"
#include "store/ledgers.h"
#include "store/publications.h"
#include "store/served.h"
#include "store/work.h"

enum {
	HOUR = 3600,
	DAY = 24 * HOUR,
	EDGES = 2,
	LABEL = PUBLISHED_LABEL_OCTETS
};

#define POLICY                                                                 \
	"version: STSv1\r\nmode: testing\r\nmx: mx.example.net\r\n"            \
	"max_age: 1209600\r\n"

struct past {
	struct wall_time now;
	struct arena a;
};

static struct wall_time
ago(const struct past *p, int64_t s)
{
	return (struct wall_time){ p->now.s - s };
}

/* ---- the stories ---- */

static void
live(struct published *q, const struct past *p)
{
	static struct mx_pattern pattern;

	pattern = (struct mx_pattern){ .host = SPAN("mx.example.net"),
		.since = ago(p, 20 * DAY) };
	q->state.stage = PUBLICATION_LIVE;
	q->state.stage_since = ago(p, 20 * DAY);
	q->state.change_since = ago(p, HOUR);
	q->state.version = 1;
	q->state.body = SPAN(POLICY);
	memcpy(q->state.id, "0123456789abcdef0123456789abcdef", 33);
	q->state.id_since = ago(p, HOUR);
	q->state.id_version = 1;
	q->follow.patterns = &pattern;
	q->follow.n_patterns = 1;
}

static void
is_ready(struct published *q, const struct past *p)
{
	live(q, p);
	q->advised = true;
}

static void
is_kept_back(struct published *q, const struct past *p)
{
	live(q, p);
	q->gate_text = SPAN("mx.example.net (192.0.2.25) offers no STARTTLS.\n"
			    "Testing is to last until tomorrow.");
	q->gate_since = ago(p, DAY);
}

static void
waits_for_approval(struct published *q, const struct past *p)
{
	static struct span seen[2];

	seen[0] = SPAN("mx.example.net");
	seen[1] = SPAN("new.example.net");
	live(q, p);
	q->follow.state = MX_WAITING;
	q->follow.seen = seen;
	q->follow.n_seen = 2;
	q->follow.rounds = 2;
	q->follow.seen_since = ago(p, HOUR);
	q->follow.seen_told = true;
}

static void
sees_others(struct published *q, const struct past *p)
{
	waits_for_approval(q, p);
	q->follow.state = MX_WATCHED;
	q->follow.rounds = 1;
	q->follow.seen_told = false;
}

static void
is_held(struct published *q, const struct past *p)
{
	live(q, p);
	q->follow.hold = MX_HOLD_EMPTY;
	q->follow.hold_since = ago(p, HOUR);
}

static void
is_misspelt(struct published *q, const struct past *p)
{
	q->bar = PUBLISH_NO_MX;
	q->bar_text = SPAN("The domain has no MX records.");
	q->follow.hold = MX_HOLD_EMPTY;
	q->follow.hold_since = ago(p, HOUR);
}

static void
is_foreign(struct published *q, const struct past *p)
{
	q->state.stage = PUBLICATION_CERTIFYING;
	q->state.stage_since = ago(p, HOUR);
	q->bar = PUBLISH_FOREIGN;
	q->bar_text = SPAN("Another policy is published, in mode enforce.");
}

static void
changes(struct published *q, const struct past *p)
{
	live(q, p);
	q->state.version = 2;
	q->state.change = CHANGE_PROVING;
}

static void
is_lost(struct published *q, const struct past *p)
{
	live(q, p);
	q->state.lost = true;
	q->state.lost_since = ago(p, 2 * HOUR);
}

static void
leaves(struct published *q, const struct past *p)
{
	live(q, p);
	q->state.stage = PUBLICATION_LEAVING;
}

static void
may_go(struct published *q, const struct past *p)
{
	live(q, p);
	q->state.stage = PUBLICATION_REMOVABLE;
}

static void
has_ended(struct published *q, const struct past *p)
{
	live(q, p);
	q->state.stage = PUBLICATION_ENDED;
}

static void
is_stalled(struct published *q, const struct past *p)
{
	live(q, p);
	q->state.id_since = ago(p, 3 * DAY);
}

static const struct story {
	const char *name;
	enum sts_mode mode;
	bool leave;
	void (*tell)(struct published *q, const struct past *p);
} stories[] = {
	{ "barred.example", STS_MODE_ENFORCE, false, is_kept_back },
	{ "changes.example", STS_MODE_TESTING, false, changes },
	{ "ended.example", STS_MODE_TESTING, true, has_ended },
	{ "foreign.example", STS_MODE_TESTING, false, is_foreign },
	{ "gone.example", STS_MODE_TESTING, true, may_go },
	{ "held.example", STS_MODE_TESTING, false, is_held },
	{ "leaves.example", STS_MODE_TESTING, true, leaves },
	{ "lost.example", STS_MODE_TESTING, false, is_lost },
	{ "misspelt.example", STS_MODE_TESTING, false, is_misspelt },
	{ "ready.example", STS_MODE_TESTING, false, is_ready },
	{ "soon.example", STS_MODE_TESTING, false, sees_others },
	{ "stalled.example", STS_MODE_TESTING, false, is_stalled },
	{ "waits.example", STS_MODE_TESTING, false, waits_for_approval },
};

enum { STORIES = sizeof stories / sizeof stories[0] };

/* ---- into the store ---- */

static enum err
ask(struct store *s, struct past *p, size_t i, struct error *e)
{
	const struct publish_order order = { .mode = stories[i].mode,
		.max_age = 14 * DAY,
		.follow = FOLLOW_APPROVE,
		.overlap_s = 3 * DAY,
		.leave = stories[i].leave,
		.override_by = SPAN(""),
		.asked_at = ago(p, 20 * DAY) };
	const struct span name = span_str(stories[i].name);
	struct domains_added added;
	enum publication_asked asked;
	char label[LABEL + 1];
	enum err rc = domains_add(s, &name, 1, ago(p, 20 * DAY), &added, e);

	snprintf(label, sizeof label, "label%011zu", i);
	return rc == ERR_OK ? publication_ask(s, name, &order, span_str(label),
				  ago(p, 20 * DAY), &asked, e)
			    : rc;
}

static const struct story *
story_of(struct span name)
{
	for (size_t i = 0; i < STORIES; i++)
		if (span_eq(span_str(stories[i].name), name))
			return &stories[i];
	abort();
}

/* What the last round saw: copies live for another week. */
static enum err
put_sight(struct store *s, struct past *p, int64_t domain, struct error *e)
{
	const struct span mx = SPAN("mx.example.net");
	const struct publish_sight sight = { .at = ago(p, HOUR),
		.mx = { .at = ago(p, HOUR),
		    .kind = MX_SIGHT_HOSTS,
		    .hosts = &mx,
		    .n_hosts = 1,
		    .ttl = HOUR },
		.gate_open = true,
		.gate_text = SPAN(""),
		.leave_at = ago(p, -7 * DAY),
		.foreign = SPAN("") };
	struct span text;
	enum err rc = publish_sight_write(&sight, &p->a, &text);

	return rc == ERR_OK ? publication_put_sight(
				  s, domain, text, ago(p, HOUR), false, e)
			    : error_plain(e, rc);
}

struct file {
	enum sts_mode mode;
	uint32_t max_age;
	struct span body;
};

/* And what it remembers: the policy as it is served, since 20 days. */
static enum err
put_ledger(struct store *s, struct past *p, int64_t domain,
    const struct file *file, struct error *e)
{
	const struct span mx = SPAN("mx.example.net");
	struct observation seen = { .at = ago(p, 20 * DAY),
		.txt = SIGHT_PRESENT,
		.id = SPAN("1"),
		.file = SIGHT_PRESENT,
		.body = file->body,
		.mode = file->mode,
		.max_age = file->max_age,
		.mx_patterns = &mx,
		.n_mx_patterns = 1,
		.mx = SIGHT_PRESENT,
		.mx_hosts = &mx,
		.n_mx_hosts = 1,
		.txt_cname = SIGHT_PRESENT,
		.host_cname = SIGHT_ABSENT };
	struct ledger before = { 0 }, l = { 0 };
	struct ledger_change change;
	enum err rc = ledger_step(&l, &seen, &p->a, &change);

	seen.at = ago(p, HOUR);
	if (rc == ERR_OK)
		rc = ledger_step(&l, &seen, &p->a, &change);
	return rc == ERR_OK ? ledger_save(s, domain, &before, &l, e)
			    : error_plain(e, rc);
}

static enum err
tell(struct store *s, struct past *p, int64_t worker,
    const struct publication_claim *c, struct error *e)
{
	const struct story *story = story_of(c->name);
	const struct file file = { STS_MODE_TESTING, 14 * DAY, SPAN(POLICY) };
	struct published before, after;
	bool found, held;
	enum err rc = publication_of(s, c->domain, &p->a, &before, &found, e);

	if (rc != ERR_OK)
		return rc;
	after = before;
	story->tell(&after, p);
	rc = publication_save(
	    s, worker, c, &before, &after, ago(p, -DAY), p->now, &held, e);
	if (rc == ERR_OK)
		rc = put_sight(s, p, c->domain, e);
	return rc == ERR_OK ? put_ledger(s, p, c->domain, &file, e) : rc;
}

static enum err
tell_all(struct store *s, struct past *p, struct error *e)
{
	struct publication_claim *list;
	int64_t worker;
	size_t n;
	enum err rc =
	    work_join(s, SPAN("test"), SPAN("publish"), p->now, &worker, e);

	if (rc == ERR_OK)
		rc = publication_claim(s, worker, p->now, ago(p, -HOUR),
		    STORIES, &p->a, &list, &n, e);
	for (size_t i = 0; rc == ERR_OK && i < n; i++)
		rc = tell(s, p, worker, &list[i], e);
	return rc == ERR_OK ? work_leave(s, worker, e) : rc;
}

/* One that lasts, one whose renewal fails, one that was never had. */
static enum err
finish(struct store *s, struct past *p, int64_t worker,
    const struct certificate_order *o, struct error *e)
{
	const bool fails = span_eq(o->host, SPAN("mta-sts.held.example"));
	const bool never = span_eq(o->host, SPAN("mta-sts.foreign.example"));
	const struct certificate_outcome out = { .order = SPAN(""),
		.chain = never ? SPAN("") : SPAN("\x30leaf"),
		.key_name = SPAN("certificate/1"),
		.not_before = ago(p, 20 * DAY),
		.not_after = ago(p, -70 * DAY),
		.issuer = SPAN("https://ca.example/directory"),
		.random = 1,
		.renew_at = ago(p, -40 * DAY),
		.due_at = ago(p, -DAY),
		.problem = fails || never
			       ? SPAN("The CA says: CAA forbids issuance.")
			       : SPAN("") };
	bool held;

	return certificate_finish(
	    s, worker, o, &out, ago(p, 2 * HOUR), &held, e);
}

static enum err
add_certificates(struct store *s, struct past *p, struct error *e)
{
	struct certificate_order *list;
	int64_t worker;
	size_t n = 0;
	enum err rc = ERR_OK;

	for (size_t i = 0; rc == ERR_OK && i < STORIES; i++) {
		struct span host =
		    arena_printf(&p->a, "mta-sts.%s", stories[i].name);
		struct domain d;
		bool found;

		rc = domains_get(
		    s, span_str(stories[i].name), &p->a, &d, &found, e);
		if (rc == ERR_OK)
			rc = certificate_want(
			    s, d.id, host, true, ago(p, DAY), e);
	}
	if (rc == ERR_OK)
		rc = work_join(
		    s, SPAN("test"), SPAN("certs"), p->now, &worker, e);
	if (rc == ERR_OK)
		rc = certificate_claim(s, worker, p->now, ago(p, -HOUR),
		    STORIES, &p->a, &list, &n, e);
	for (size_t i = 0; rc == ERR_OK && i < n; i++)
		rc = finish(s, p, worker, &list[i], e);
	return rc;
}

/* One that is watched, and whose policy is its owner's. */
static enum err
add_self_hosted(struct store *s, struct past *p, struct error *e)
{
	const struct span name = SPAN("own.example");
	const struct file file = { STS_MODE_ENFORCE, 21 * DAY,
		SPAN("version: STSv1\r\nmode: enforce\r\n"
		     "mx: mx.example.net\r\nmax_age: 1814400\r\n") };
	struct domains_added added;
	struct domain d;
	bool found;
	enum err rc = domains_add(s, &name, 1, ago(p, 20 * DAY), &added, e);

	if (rc == ERR_OK)
		rc = domains_get(s, name, &p->a, &d, &found, e);
	return rc == ERR_OK ? put_ledger(s, p, d.id, &file, e) : rc;
}

/* What is remembered of it cannot be read. */
static enum err
damage(struct store *s, void *arg, struct error *e)
{
	static const struct sql_statement spoil = {
		"INSERT INTO ledger (domain, state)"
		" SELECT id, 'no words' FROM domain WHERE name = $1"
	};
	const struct sql_value name = sql_text(*(const struct span *)arg);

	return sql_run(store_sql(s), &spoil, &name, 1, NULL, e);
}

static enum err
add_damaged(struct store *s, struct past *p, struct error *e)
{
	struct span name = SPAN("damaged.example");
	struct domains_added added;
	enum err rc = domains_add(s, &name, 1, ago(p, DAY), &added, e);

	return rc == ERR_OK ? store_transact(s, damage, &name, e) : rc;
}

/* They serve everything there is. */
static enum err
add_edges(struct store *s, struct past *p, struct error *e)
{
	uint64_t last;
	enum err rc = served_last(s, &last, e);

	for (size_t i = 0; rc == ERR_OK && i < EDGES; i++) {
		int64_t worker;

		rc = work_join(
		    s, SPAN("test"), SPAN("edge"), p->now, &worker, e);
		if (rc == ERR_OK)
			rc = edge_beat(s, worker, last, p->now, e);
	}
	return rc;
}

static enum err
fill(struct store *s, struct past *p, struct error *e)
{
	enum err rc = service_zone_set(s, SPAN("sts.example.org"), e);

	for (size_t i = 0; rc == ERR_OK && i < STORIES; i++)
		rc = ask(s, p, i, e);
	if (rc == ERR_OK)
		rc = tell_all(s, p, e);
	if (rc == ERR_OK)
		rc = add_certificates(s, p, e);
	if (rc == ERR_OK)
		rc = add_self_hosted(s, p, e);
	if (rc == ERR_OK)
		rc = add_damaged(s, p, e);
	return rc == ERR_OK ? add_edges(s, p, e) : rc;
}

int
main(int argc, char **argv)
{
	struct past p = { .now = clock_wall(&clock_system) };
	struct store *s = NULL;
	struct error e = { ERR_OK, "" };

	if (argc != 2)
		return EXIT_FAILURE;
	arena_init(&p.a, LIMIT_CHECK_MEMORY);
	if (store_open(argv[1], STORE_USE, p.now, &s, &e) != ERR_OK ||
	    fill(s, &p, &e) != ERR_OK)
		fprintf(stderr, "fill_published: %s\n", e.text);
	store_free(s);
	arena_release(&p.a);
	return e.code == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

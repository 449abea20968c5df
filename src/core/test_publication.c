/* The life of a publication, told in rows; and a crowd of senders that must
 * never get an old file under a new id, whatever crashes. */
#include <string.h>

#include "base/limits.h"
#include "base/test_table.h"
#include "core/publication.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

static const struct wall_time start = { 1795341600 };

/* ---- rows ---- */

/* A row waits, then sees: the delegation ("?" "-" "1" of two, "2"), a
 * certificate
 * ("c"), and how far the edges, the proof and the servers are: the version, the
 * version, "i" if they show our id. The wish is a letter, the policy; "!"
 * behind it: leave, "!!" : and every copy has expired; "~": since the
 * delegation was lost. Behind it the stage, the change, the version and the
 * events: Came Serves Announces Is-live Lost Found May-go Over Given-up. */
static const struct row {
	const char *label; /* begins a life */
	const char *after, *delegation, *rest, *wish;
	const char *want;
} rows[] = {
	/* clang-format off */
	{ .label = "the first publication" },
	{ NULL, "0m", "-", "  00 ", "A", "awaited rest 0 ." },
	{ NULL, "1h", "1", "  00 ", "A", "awaited rest 0 ." },
	{ NULL, "1h", "?", "  00 ", "A", "awaited rest 0 ." },
	{ NULL, "1h", "2", "  00 ", "A", "certifying rest 0 C" },
	{ NULL, "1m", "2", "  00 ", "A", "certifying rest 0 ." },
	{ NULL, "1m", "2", " c00 ", "A", "certifying file 1 S" },
	{ NULL, "1m", "2", " c00 ", "A", "certifying file 1 ." },
	{ NULL, "1m", "2", " c10 ", "A", "certifying proving 1 ." },
	{ NULL, "1m", "2", " c10 ", "A", "certifying proving 1 ." },
	{ NULL, "1m", "2", " c11 ", "A", "live id 1 AI" },
	{ NULL, "1m", "2", " c11 ", "A", "live id 1 ." },
	{ NULL, "1m", "2", " c11i", "A", "live rest 1 ." },

	{ .label = "RFC 8461 8.1: another policy, file first" },
	{ NULL, "0m", "2", " c00 ", "A", "certifying file 1 CS" },
	{ NULL, "1m", "2", " c11 ", "A", "live id 1 AI" },
	{ NULL, "1m", "2", " c11i", "A", "live rest 1 ." },
	{ NULL, "1h", "2", " c11i", "B", "live file 2 S" },
	{ NULL, "1m", "2", " c11i", "B", "live file 2 ." },
	{ NULL, "1m", "2", " c21i", "B", "live proving 2 ." },
	{ NULL, "1m", "2", " c22i", "B", "live id 2 A" },
	{ NULL, "1m", "2", " c22i", "B", "live rest 2 ." },

	{ .label = "yet another while it is proved: the first never gets an id" },
	{ NULL, "0m", "2", " c00 ", "A", "certifying file 1 CS" },
	{ NULL, "1m", "2", " c10 ", "A", "certifying proving 1 ." },
	{ NULL, "1m", "2", " c11 ", "B", "certifying file 2 S" },
	{ NULL, "1m", "2", " c22 ", "B", "live id 2 AI" },

	{ .label = "an edge that comes up late is waited for" },
	{ NULL, "0m", "2", " c00 ", "A", "certifying file 1 CS" },
	{ NULL, "1m", "2", " c10 ", "A", "certifying proving 1 ." },
	{ NULL, "1m", "2", " c01 ", "A", "certifying file 1 ." },
	{ NULL, "1m", "2", " c11 ", "A", "live id 1 AI" },

	{ .label = "an id a day, and none while an edge is behind" },
	{ NULL, "0m", "2", " c00 ", "A", "certifying file 1 CS" },
	{ NULL, "1m", "2", " c11 ", "A", "live id 1 AI" },
	{ NULL, "1m", "2", " c11i", "A", "live rest 1 ." },
	{ NULL, "23h", "2", " c11i", "A", "live rest 1 ." },
	{ NULL, "1h", "2", " c01i", "A", "live rest 1 ." },
	{ NULL, "1m", "2", " c11i", "A", "live id 1 A" },
	{ NULL, "1m", "2", " c11i", "A", "live rest 1 ." },

	{ .label = "no certificate, nothing announced" },
	{ NULL, "0m", "2", "  00 ", "A", "certifying rest 0 C" },
	{ NULL, "9d", "2", "  00 ", "A", "certifying rest 0 ." },

	{ .label = "a certificate that fails later takes nothing away" },
	{ NULL, "0m", "2", " c00 ", "A", "certifying file 1 CS" },
	{ NULL, "1m", "2", " c11 ", "A", "live id 1 AI" },
	{ NULL, "12h", "2", "  11i", "A", "live rest 1 ." },
	{ NULL, "12h", "2", "  11i", "A", "live id 1 A" },

	{ .label = "RFC 8461 8.3: the way out" },
	{ NULL, "0m", "2", " c00 ", "A", "certifying file 1 CS" },
	{ NULL, "1m", "2", " c11 ", "A", "live id 1 AI" },
	{ NULL, "1m", "2", " c11i", "A", "live rest 1 ." },
	{ NULL, "1h", "2", " c11i", "N!", "leaving file 2 S" },
	{ NULL, "1m", "2", " c22i", "N!", "leaving id 2 A" },
	{ NULL, "1m", "2", " c22 ", "N!!", "leaving id 2 ." },
	{ NULL, "1m", "2", " c22i", "N!", "leaving rest 2 ." },
	{ NULL, "1m", "2", " c22i", "N!!", "removable rest 2 M" },
	{ NULL, "1h", "1", " c22i", "N!!", "removable rest 2 ." },
	{ NULL, "1h", "-", " c22i", "N!!", "ended rest 2 O" },
	{ NULL, "9d", "-", " c22i", "N!!", "ended rest 2 ." },

	{ .label = "the owner thinks again" },
	{ NULL, "0m", "2", " c00 ", "A", "certifying file 1 CS" },
	{ NULL, "1m", "2", " c11 ", "A", "live id 1 AI" },
	{ NULL, "1m", "2", " c11i", "N!", "leaving file 2 S" },
	{ NULL, "1m", "2", " c11i", "A", "live file 3 S" },
	{ NULL, "1m", "2", " c33i", "A", "live id 3 A" },

	{ .label = "before anything is out it simply ends" },
	{ NULL, "0m", "2", "  00 ", "A", "certifying rest 0 C" },
	{ NULL, "1h", "2", "  00 ", "N!", "ended rest 0 O" },

	{ .label = "C07: a delegation that vanishes is told, and served on" },
	{ NULL, "0m", "2", " c00 ", "A", "certifying file 1 CS" },
	{ NULL, "1m", "2", " c11 ", "A", "live id 1 AI" },
	{ NULL, "1m", "2", " c11i", "A", "live rest 1 ." },
	{ NULL, "1h", "?", " c11i", "A", "live rest 1 ." },
	{ NULL, "1h", "1", " c11i", "A", "live rest 1 L" },
	{ NULL, "1h", "-", " c11i", "A", "live rest 1 ." },
	{ NULL, "1d", "-", " c11i", "A", "live id 1 A" },
	{ NULL, "1m", "2", " c11i", "A", "live rest 1 F" },

	{ .label = "records removed before they may be" },
	{ NULL, "0m", "2", " c00 ", "A", "certifying file 1 CS" },
	{ NULL, "1m", "2", " c11 ", "A", "live id 1 AI" },
	{ NULL, "1m", "-", " c11i", "N!", "leaving file 2 SL" },
	{ NULL, "1m", "-", " c22i", "N!", "leaving id 2 A" },
	{ NULL, "1m", "-", " c22i", "N!", "leaving rest 2 ." },
	{ NULL, "9d", "1", " c22i", "N!~", "leaving id 2 A" },
	{ NULL, "1m", "-", " c22i", "N!~", "ended id 2 O" },

	{ .label = "lost, and nobody holds a copy: who comes back begins anew" },
	{ NULL, "0m", "2", " c00 ", "A", "certifying file 1 CS" },
	{ NULL, "1m", "2", " c11 ", "A", "live id 1 AI" },
	{ NULL, "1m", "2", " c11i", "A~", "live rest 1 ." },
	{ NULL, "1m", "-", " c11i", "A", "live rest 1 L" },
	{ NULL, "9d", "1", " c11i", "A~", "live id 1 A" },
	{ NULL, "1h", "?", " c11i", "A~", "live rest 1 ." },
	{ NULL, "1h", "-", " c11i", "A~", "awaited rest 2 G" },
	{ NULL, "1h", "-", " c11i", "A~", "awaited rest 2 ." },
	{ NULL, "1h", "2", " c22 ", "A", "certifying file 3 CS" },
	{ NULL, "1h", "2", " c33 ", "A", "live id 3 AI" },
	/* clang-format on */
};

static const struct span policies[26] = { ['A' - 'A'] = SPAN_INIT("policy A"),
	['B' - 'A'] = SPAN_INIT("policy B"),
	['N' - 'A'] = SPAN_INIT("mode none") };

/* Ids that are never the same again. */
static const char *
next_id(unsigned *n, char mem[PUBLICATION_ID_OCTETS + 1])
{
	snprintf(mem, PUBLICATION_ID_OCTETS + 1, "%032x", ++*n);
	return mem;
}

static void
say(struct buf *b, const struct publication *p, unsigned events)
{
	static const char letters[] = "CSAILFMOG";

	buf_printf(b, "%s %s %llu ", publication_stage_names[p->stage],
	    publication_change_names[p->change],
	    (unsigned long long)p->version);
	if (events == 0)
		buf_putc(b, '.');
	for (size_t i = 0; i < sizeof letters - 1; i++)
		if (events & 1U << i)
			buf_putc(b, letters[i]);
}

static struct publication_sight
sight_of(const struct row *r, const struct publication *p, struct wall_time at)
{
	static const char kinds[] = "?-12";

	return (struct publication_sight){ .at = at,
		.delegation =
		    (unsigned)(strchr(kinds, r->delegation[0]) - kinds),
		.has_certificate = r->rest[1] == 'c',
		.edges_version = (uint64_t)(r->rest[2] - '0'),
		.proved_version = (uint64_t)(r->rest[3] - '0'),
		.seen_id = r->rest[4] == 'i' ? span_str(p->id) : SPAN("") };
}

static uint64_t
duration(const char *s)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	return n * (*end == 'd' ? DAY : *end == 'h' ? HOUR : MINUTE);
}

static void
test_lives(void **state)
{
	struct tally t = { 0 };
	struct publication p = { 0 };
	struct wall_time now = start;
	unsigned ids = 0;
	struct arena a;

	(void)state;
	arena_init(&a, LIMIT_CHECK_MEMORY);
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct row *r = &rows[i];
		struct publication_wish wish;
		struct publication_sight sight;
		char id[PUBLICATION_ID_OCTETS + 1], mem[128];
		struct buf said = buf_init(mem, sizeof mem);
		unsigned events;

		if (r->label != NULL) {
			t.label = r->label;
			p = (struct publication){ .body = SPAN("") };
			continue;
		}
		now.s += (int64_t)duration(r->after);
		wish = (struct publication_wish){
			.body = policies[r->wish[0] - 'A'],
			.leave = r->wish[1] == '!',
			.may_leave = strstr(r->wish, "!!") != NULL,
			.is_forgotten = strchr(r->wish, '~') != NULL,
		};
		sight = sight_of(r, &p, now);
		assert_int_equal(publication_step(&p, &wish, &sight,
				     next_id(&ids, id), &a, &events),
		    ERR_OK);
		say(&said, &p, events);
		want_span(&t, r->rest, buf_span(&said), span_str(r->want));
	}
	arena_release(&a);
	assert_int_equal(t.failed, 0);
}

/* ---- a crowd ---- */

enum {
	EDGES = 3,
	SERVERS = 2,
	SENDERS = 40,
	ROUNDS = 20000,
	IDS = 4096,
};

/* An edge serves what it has loaded; a server shows the id that it was sent. */
struct edge {
	bool lives;
	uint64_t version, said; /* said: as the publisher knows */
};

struct sender {
	bool on_the_way;
	unsigned id; /* number of the id that it saw */
};

struct world {
	uint32_t random;
	struct publication p; /* as it is stored */
	struct edge edges[EDGES];
	unsigned shown[SERVERS]; /* number of the id */
	struct sender senders[SENDERS];
	uint64_t id_version[IDS]; /* for which it was announced */
	unsigned ids, announced; /* numbers given, and the last one out */
	uint64_t proved;
	unsigned fetched, changes, rotations;
};

static uint32_t
chance(struct world *w, uint32_t n)
{
	w->random = w->random * 1664525U + 1013904223U;
	return (w->random >> 8) % n;
}

static unsigned
number_of(const char *id)
{
	return (unsigned)strtoul(id, NULL, 16);
}

/* Everything that is out of our hands moves a little. */
static void
world_moves(struct world *w)
{
	for (int i = 0; i < EDGES; i++) {
		struct edge *e = &w->edges[i];

		if (chance(w, 200) == 0)
			e->lives = !e->lives;
		/* One that comes up loads before it serves; others load what
		 * changed when they hear of it. */
		if (!e->lives)
			e->version = 0;
		else if (e->version == 0 || chance(w, 4) == 0)
			e->version = w->p.version;
		if (chance(w, 3) == 0)
			e->said = e->version;
		if (e->said > e->version)
			e->said = e->version;
	}
	for (int i = 0; i < SERVERS; i++)
		if (chance(w, 5) == 0)
			w->shown[i] = w->announced;
}

static uint64_t
least_version(const struct world *w)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < EDGES; i++)
		if (w->edges[i].lives && w->edges[i].said < least)
			least = w->edges[i].said;
	return least == UINT64_MAX ? 0 : least;
}

/* From outside, through every edge, as it is now. */
static void
prove(struct world *w)
{
	bool all = w->p.version > 0, any = false;

	for (int i = 0; i < EDGES; i++)
		if (w->edges[i].lives) {
			any = true;
			all &= w->edges[i].version == w->p.version;
		}
	w->proved = all && any ? w->p.version : 0;
}

static void
publisher_steps(
    struct world *w, struct wall_time now, struct arena *a, bool crash)
{
	static const char *const bodies[] = { "A", "B", "C", "D" };
	struct publication next = w->p;
	struct publication_wish wish = { .body = span_str(
					     bodies[w->random >> 27 & 3]) };
	char id[PUBLICATION_ID_OCTETS + 1];
	char shown[PUBLICATION_ID_OCTETS + 1];
	struct publication_sight sight = { .at = now,
		.delegation = DELEGATION_WHOLE,
		.has_certificate = true,
		.edges_version = least_version(w),
		.proved_version = w->proved };
	unsigned events;

	if (chance(w, 60) != 0 && w->p.body.n > 0)
		wish.body = w->p.body;
	snprintf(shown, sizeof shown, "%032x", w->shown[0]);
	sight.seen_id = w->shown[0] == w->shown[1] ? span_str(shown) : SPAN("");
	assert_true(w->ids + 1 < IDS);
	assert_int_equal(publication_step(&next, &wish, &sight,
			     next_id(&w->ids, id), a, &events),
	    ERR_OK);
	if (crash) {
		/* Before the commit: nothing of it ever was. */
		w->ids--;
		return;
	}
	w->p = next;
	if (events & 1U << PUBLICATION_ANNOUNCES) {
		w->announced = number_of(w->p.id);
		w->id_version[w->announced] = w->p.version;
		w->rotations++;
	} else {
		w->ids--;
	}
	w->changes += events >> PUBLICATION_SERVES & 1;
}

/* RFC 8461 3.1: it saw an id, and fetches under it. */
static int
senders_move(struct world *w)
{
	int wrong = 0;

	for (int i = 0; i < SENDERS; i++) {
		struct sender *s = &w->senders[i];
		struct edge *e = &w->edges[chance(w, EDGES)];

		if (!s->on_the_way) {
			s->id = w->shown[chance(w, SERVERS)];
			s->on_the_way = s->id != 0 && chance(w, 4) == 0;
		} else if (e->lives && chance(w, 2) == 0) {
			wrong += e->version < w->id_version[s->id];
			w->fetched++;
			s->on_the_way = false;
		}
	}
	return wrong;
}

static void
test_file_before_id(void **state)
{
	int wrong = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= 5; seed++) {
		struct world w = { .random = seed * 7919,
			.p = { .body = SPAN("") } };
		struct wall_time now = start;
		struct arena a;

		arena_init(&a, LIMIT_CHECK_MEMORY);
		for (int i = 0; i < ROUNDS; i++) {
			now.s += MINUTE;
			world_moves(&w);
			if (chance(&w, 2) == 0)
				prove(&w);
			publisher_steps(&w, now, &a, chance(&w, 5) == 0);
			wrong += senders_move(&w);
		}
		arena_release(&a);
		/* It must have been a lively time, or nothing was shown. */
		assert_true(w.changes > 100);
		assert_true(w.rotations > w.changes / 4);
		assert_true(w.fetched > ROUNDS);
	}
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lives),
		cmocka_unit_test(test_file_before_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "store/test_published.h"

const struct publish_order test_order = {
	.mode = STS_MODE_TESTING,
	.max_age = 86400,
	.follow = FOLLOW_APPROVE,
	.overlap_s = 172800,
	.override_by = SPAN_INIT(""),
	.asked_at = { 100 },
};

struct wall_time
test_after(int64_t s)
{
	return (struct wall_time){ test_now.s + s };
}

void
fixture_ask(struct fixture *f, const char *name,
    const struct publish_order *order, const char *label, int64_t at,
    enum publication_asked want)
{
	enum publication_asked asked;

	assert_err(f,
	    publication_ask(f->s, span_str(name), order, span_str(label),
		test_after(at), &asked, &f->e),
	    ERR_OK);
	assert_int_equal(asked, want);
}

int64_t
fixture_publish(struct fixture *f, const char *name)
{
	char label[PUBLISHED_LABEL_OCTETS + 1] = { 0 };
	int64_t domain = fixture_domain(f, name);

	memset(label, name[0], PUBLISHED_LABEL_OCTETS);
	fixture_ask(f, name, &test_order, label, 0, PUBLICATION_NEW);
	return domain;
}

struct published
fixture_published(struct fixture *f, const char *name)
{
	struct published p = { 0 };
	bool found;

	assert_err(f,
	    publication_get(f->s, span_str(name), &f->a, &p, &found, &f->e),
	    ERR_OK);
	assert_true(found);
	return p;
}

struct publication_claim *
fixture_claim(struct fixture *f, int64_t worker, int64_t at, size_t want)
{
	struct publication_claim *list;
	size_t n;

	assert_err(f,
	    publication_claim(f->s, worker, test_after(at),
		test_after(at + TEST_LEASE_S), 10, &f->a, &list, &n, &f->e),
	    ERR_OK);
	assert_int_equal(n, want);
	return list;
}

struct test_step
test_step_begin(struct fixture *f, int64_t worker, int64_t at)
{
	struct test_step s = { .worker = worker,
		.claim = fixture_claim(f, worker, at, 1) };
	bool found;

	assert_err(f,
	    publication_of(
		f->s, s.claim->domain, &f->a, &s.before, &found, &f->e),
	    ERR_OK);
	assert_true(found);
	s.after = s.before;
	return s;
}

bool
test_step_end(
    struct fixture *f, const struct test_step *s, int64_t at, int64_t next)
{
	struct wall_time due = { next != 0 ? test_now.s + next : 0 };
	bool held;

	assert_err(f,
	    publication_save(f->s, s->worker, s->claim, &s->before, &s->after,
		due, test_after(at), &held, &f->e),
	    ERR_OK);
	return held;
}

void
want_text(struct span got, const char *want)
{
	struct tally t = { .label = "text" };

	want_span(&t, "text", got, span_str(want));
	assert_int_equal(t.failed, 0);
}

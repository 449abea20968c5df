#include "base/limits.h"
#include "store/domains.h"
#include "store/test_store.h"

static const struct sql_statement rows_left = {
	"SELECT (SELECT COUNT(*) FROM domain)"
	" + (SELECT COUNT(*) FROM work) + (SELECT COUNT(*) FROM domain_tag)"
};
static const struct sql_statement due = {
	"SELECT COUNT(*) FROM work WHERE due_at IS NOT NULL"
};

/* In the order of bytes. */
static const struct span names[] = {
	SPAN_INIT("a-b.example"),
	SPAN_INIT("a.example"),
	SPAN_INIT("a1.example"),
	SPAN_INIT("ab.example"),
	SPAN_INIT("b.example"),
	SPAN_INIT("xn--mnchen-3ya.example"),
};

static void
add(struct fixture *f, const struct span *list, size_t n, size_t want_added)
{
	struct domains_added got;

	assert_err(
	    f, domains_add(f->s, list, n, test_now, &got, &f->e), ERR_OK);
	assert_int_equal(got.added, want_added);
	assert_int_equal(got.known, n - want_added);
}

static struct domain
get(struct fixture *f, struct span name)
{
	struct domain d;
	bool found;

	assert_err(
	    f, domains_get(f->s, name, &f->a, &d, &found, &f->e), ERR_OK);
	assert_true(found);
	return d;
}

static void
test_add(void **state)
{
	struct fixture *f = *state;
	struct span twice[] = { names[0], names[1], names[0] };
	struct domain d;

	add(f, twice, 3, 2);
	add(f, names, ROWS(names), ROWS(names) - 2);
	d = get(f, names[1]);
	assert_true(span_eq(d.name, names[1]));
	assert_int_equal(d.added_at.s, test_now.s);
	assert_false(d.paused);
	assert_false(d.has_been_checked);
	assert_int_equal(d.note.n, 0);
	assert_int_equal(d.summary.verdict.n, 0);
	assert_int_equal(d.summary.max_age, -1);
	assert_int_equal(fixture_count(f, &due), ROWS(names));
}

static void
test_name(void **state)
{
	struct fixture *f = *state;
	const struct span name = SPAN("a.example");
	struct domains_added added;
	struct domain d;
	struct span got;
	bool found;

	assert_err(
	    f, domains_add(f->s, &name, 1, test_now, &added, &f->e), ERR_OK);
	assert_err(
	    f, domains_get(f->s, name, &f->a, &d, &found, &f->e), ERR_OK);
	assert_err(
	    f, domains_name(f->s, d.id, &f->a, &got, &found, &f->e), ERR_OK);
	assert_true(found && span_eq(got, name));
	assert_err(f, domains_name(f->s, d.id + 1, &f->a, &got, &found, &f->e),
	    ERR_OK);
	assert_false(found);
}

static void
test_add_refuses(void **state)
{
	static const struct {
		const char *label;
		struct span name;
	} rows[] = {
		{ "empty", SPAN_INIT("") },
		{ "upper case", SPAN_INIT("A.example") },
		{ "final dot", SPAN_INIT("a.example.") },
		{ "space", SPAN_INIT("a example") },
		{ "NUL", SPAN_INIT("a\0.example") },
		{ "address", SPAN_INIT("192.0.2.1") },
		{ "not ASCII", SPAN_INIT("m\xc3\xbcnchen.example") },
	};
	struct fixture *f = *state;
	struct tally t = { 0 };

	for (size_t i = 0; i < ROWS(rows); i++) {
		struct span list[] = { names[0], rows[i].name };
		struct domains_added got;

		t.label = rows[i].label;
		want_int(&t, "error",
		    domains_add(f->s, list, 2, test_now, &got, &f->e),
		    ERR_DATA);
		want_int(&t, "rows", fixture_count(f, &rows_left), 0);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_remove(void **state)
{
	struct fixture *f = *state;
	struct domain d;
	bool found;

	add(f, names, 2, 2);
	assert_err(
	    f, domains_tag(f->s, names[0], SPAN("t"), &found, &f->e), ERR_OK);
	assert_int_equal(fixture_count(f, &rows_left), 5);
	assert_err(
	    f, domains_remove(f->s, names[0], test_now, &found, &f->e), ERR_OK);
	assert_true(found);
	assert_int_equal(fixture_count(f, &rows_left), 2);
	assert_err(
	    f, domains_remove(f->s, names[0], test_now, &found, &f->e), ERR_OK);
	assert_false(found);
	assert_err(
	    f, domains_get(f->s, names[0], &f->a, &d, &found, &f->e), ERR_OK);
	assert_false(found);
}

/* A domain that comes back is another one: nothing of the old one fits it. */
static void
test_ids_are_not_used_again(void **state)
{
	struct fixture *f = *state;
	int64_t id;
	bool found;

	add(f, names, 1, 1);
	id = get(f, names[0]).id;
	assert_err(
	    f, domains_remove(f->s, names[0], test_now, &found, &f->e), ERR_OK);
	add(f, names, 1, 1);
	assert_true(get(f, names[0]).id > id);
}

static void
test_set(void **state)
{
	static char long_text[LIMIT_SETTINGS + 1];
	struct fixture *f = *state;
	struct span text = { memset(long_text, 'x', sizeof long_text),
		sizeof long_text };
	struct domain d;
	bool found;

	add(f, names, 1, 1);
	assert_err(f,
	    domains_set_note(
		f->s, names[0], SPAN("caf\xc3\xa9"), &found, &f->e),
	    ERR_OK);
	assert_true(found);
	assert_err(f,
	    domains_set_settings(f->s, names[0], span_head(text, text.n - 1),
		test_now, &found, &f->e),
	    ERR_OK);
	d = get(f, names[0]);
	assert_true(span_eq(d.note, SPAN("caf\xc3\xa9")));
	assert_int_equal(d.settings.n, LIMIT_SETTINGS);
	assert_err(f,
	    domains_set_settings(f->s, names[0], text, test_now, &found, &f->e),
	    ERR_LIMIT);
	assert_err(f, domains_set_note(f->s, names[0], text, &found, &f->e),
	    ERR_LIMIT);
	assert_err(f,
	    domains_set_note(f->s, names[0], SPAN("\xff"), &found, &f->e),
	    ERR_DATA);
	assert_err(f,
	    domains_set_note(f->s, names[1], SPAN("x"), &found, &f->e), ERR_OK);
	assert_false(found);
	assert_true(span_eq(get(f, names[0]).note, SPAN("caf\xc3\xa9")));
}

static void
test_pause(void **state)
{
	static const struct {
		const char *label;
		bool paused;
		int64_t want_due;
	} rows[] = {
		{ "paused", true, 1 },
		{ "again", true, 1 },
		{ "resumed", false, 2 },
		{ "again", false, 2 },
	};
	struct fixture *f = *state;
	struct tally t = { 0 };
	bool found;

	add(f, names, 2, 2);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		assert_err(f,
		    domains_set_paused(f->s, names[0], rows[i].paused, test_now,
			&found, &f->e),
		    ERR_OK);
		want_bool(&t, "found", found, true);
		want_bool(
		    &t, "paused", get(f, names[0]).paused, rows[i].paused);
		want_int(&t, "due", fixture_count(f, &due), rows[i].want_due);
	}
	assert_int_equal(t.failed, 0);
	assert_err(f,
	    domains_set_paused(
		f->s, SPAN("no.example"), true, test_now, &found, &f->e),
	    ERR_OK);
	assert_false(found);
}

static void
set_verdict(struct fixture *f, struct span name, struct span verdict)
{
	struct domain_summary s = { .deployment = SPAN("deployed"),
		.eligibility = SPAN("able"),
		.verdict = verdict,
		.mode = SPAN("enforce"),
		.max_age = 86400,
		.stakes = SPAN("high") };

	assert_err(
	    f, domains_set_summary(f->s, get(f, name).id, &s, &f->e), ERR_OK);
}

static void
test_summary(void **state)
{
	struct domain_summary none = { .max_age = -1 };
	struct fixture *f = *state;
	struct domain d;

	add(f, names, 2, 2);
	for (int i = 0; i < 2; i++) {
		set_verdict(f, names[0], SPAN("warning"));
		d = get(f, names[0]);
		assert_true(span_eq(d.summary.deployment, SPAN("deployed")));
		assert_true(span_eq(d.summary.eligibility, SPAN("able")));
		assert_true(span_eq(d.summary.verdict, SPAN("warning")));
		assert_true(span_eq(d.summary.mode, SPAN("enforce")));
		assert_true(span_eq(d.summary.stakes, SPAN("high")));
		assert_int_equal(d.summary.max_age, 86400);
	}
	assert_int_equal(get(f, names[1]).summary.verdict.n, 0);
	assert_err(f, domains_set_summary(f->s, d.id, &none, &f->e), ERR_OK);
	d = get(f, names[0]);
	assert_int_equal(d.summary.max_age, -1);
	assert_int_equal(d.summary.mode.n, 0);
}

static const struct domain_summary whole = {
	.deployment = SPAN_INIT("enforce"),
	.eligibility = SPAN_INIT("eligible"),
	.verdict = SPAN_INIT("ok"),
	.mode = SPAN_INIT("enforce"),
	.stakes = SPAN_INIT("enforce"),
	.max_age = 604800,
	.record = SPAN_INIT("ok"),
	.policy = SPAN_INIT("unreachable"),
	.tlsrpt = SPAN_INIT("none"),
	.provider = SPAN_INIT("Google"),
	.next_step = SPAN_INIT("mend"),
	.next_check = SPAN_INIT("mxcert.expired"),
	.addresses = 8,
	.good_addresses = 7,
	.mx = 3,
	.covered_mx = 2,
	.mode_since = { 11 },
	.cached_until = { 12 },
	.policy_cert_until = { 13 },
	.mx_cert_until = { 14 },
};

static void
want_summary(struct domain_summary got, const struct domain_summary *want)
{
	struct tally t = { "summary", 0 };

	want_span(&t, "deployment", got.deployment, want->deployment);
	want_span(&t, "eligibility", got.eligibility, want->eligibility);
	want_span(&t, "verdict", got.verdict, want->verdict);
	want_span(&t, "mode", got.mode, want->mode);
	want_span(&t, "stakes", got.stakes, want->stakes);
	want_int(&t, "max_age", got.max_age, want->max_age);
	want_span(&t, "record", got.record, want->record);
	want_span(&t, "policy", got.policy, want->policy);
	want_span(&t, "tlsrpt", got.tlsrpt, want->tlsrpt);
	want_span(&t, "provider", got.provider, want->provider);
	want_span(&t, "next step", got.next_step, want->next_step);
	want_span(&t, "next check", got.next_check, want->next_check);
	want_int(&t, "addresses", got.addresses, want->addresses);
	want_int(&t, "good", got.good_addresses, want->good_addresses);
	want_int(&t, "mx", got.mx, want->mx);
	want_int(&t, "covered", got.covered_mx, want->covered_mx);
	want_int(&t, "mode since", got.mode_since.s, want->mode_since.s);
	want_int(&t, "cached", got.cached_until.s, want->cached_until.s);
	want_int(&t, "policy's certificate", got.policy_cert_until.s,
	    want->policy_cert_until.s);
	want_int(
	    &t, "MX's certificate", got.mx_cert_until.s, want->mx_cert_until.s);
	want_int(&t, "changed", got.changed_at.s, want->changed_at.s);
	assert_int_equal(t.failed, 0);
}

/* Which writing of the row it is. */
static int64_t
writing(struct fixture *f)
{
	static const struct sql_statement sqlite = { "SELECT total_changes()" };
	static const struct sql_statement postgres = {
		"SELECT CAST(CAST(xmin AS TEXT) AS {INT}) FROM domain"
	};

	return fixture_count(f, f->is_postgres ? &postgres : &sqlite);
}

/* Each member is kept, a change of any is written, and of none nothing. */
static void
test_whole_summary(void **state)
{
	struct domain_summary none = { .max_age = -1 },
			      changed[] = { whole, whole, whole, whole, none };
	struct fixture *f = *state;
	int64_t id = fixture_domain(f, "a.example"), before;

	want_summary(get(f, names[1]).summary, &none);
	changed[1].mx_cert_until.s = 15;
	changed[2].covered_mx = 3;
	changed[3].next_check = SPAN("");
	for (size_t i = 0; i < ROWS(changed); i++) {
		before = writing(f);
		assert_err(f, domains_set_summary(f->s, id, &changed[i], &f->e),
		    ERR_OK);
		assert_int_not_equal(writing(f), before);
		want_summary(get(f, names[1]).summary, &changed[i]);
		before = writing(f);
		assert_err(f, domains_set_summary(f->s, id, &changed[i], &f->e),
		    ERR_OK);
		assert_int_equal(writing(f), before);
	}
}

static void
test_tags(void **state)
{
	struct fixture *f = *state;
	struct span *tags;
	size_t n;
	bool found;

	add(f, names, 1, 1);
	for (int i = 0; i < 2; i++) {
		assert_err(f,
		    domains_tag(f->s, names[0], SPAN("b"), &found, &f->e),
		    ERR_OK);
		assert_true(found);
	}
	assert_err(
	    f, domains_tag(f->s, names[0], SPAN("a"), &found, &f->e), ERR_OK);
	assert_err(
	    f, domains_tag(f->s, names[1], SPAN("a"), &found, &f->e), ERR_OK);
	assert_false(found);
	assert_err(
	    f, domains_tag(f->s, names[0], SPAN(""), &found, &f->e), ERR_LIMIT);
	assert_err(
	    f, domains_tags(f->s, names[0], &f->a, &tags, &n, &f->e), ERR_OK);
	assert_int_equal(n, 2);
	assert_true(span_eq(tags[0], SPAN("a")));
	assert_true(span_eq(tags[1], SPAN("b")));
	assert_err(
	    f, domains_untag(f->s, names[0], SPAN("a"), &found, &f->e), ERR_OK);
	assert_err(
	    f, domains_tags(f->s, names[0], &f->a, &tags, &n, &f->e), ERR_OK);
	assert_int_equal(n, 1);
}

/* The names of all pages of two rows, with a space behind each. */
static struct span
pages(struct fixture *f, struct domain_filter filter)
{
	struct span all = SPAN("");
	struct domain *list;
	size_t n;

	filter.max = 2;
	do {
		assert_err(f,
		    domains_list(f->s, &filter, &f->a, &list, &n, &f->e),
		    ERR_OK);
		for (size_t i = 0; i < n; i++) {
			all = arena_printf(&f->a, "%.*s%.*s ", (int)all.n,
			    all.p, (int)list[i].name.n, list[i].name.p);
			filter.after = list[i].name;
		}
	} while (n == 2);
	return all;
}

/* Of more domains than one statement asks for; some have none. */
static void
test_tags_of_many(void **state)
{
	enum { MANY = 70 };
	struct fixture *f = *state;
	struct domain list[MANY] = { 0 };
	struct domain_tags *got;
	struct tally t = { "tags", 0 };
	bool found;

	for (int i = 0; i < MANY; i++) {
		struct domain *d = &list[MANY - 1 - i];

		d->name = arena_printf(&f->a, "n%d.example", i);
		d->id = fixture_domain(f, d->name.p);
		for (int k = 0; k < i % 4; k++)
			assert_err(f,
			    domains_tag(f->s, d->name,
				arena_printf(&f->a, "%c%d", 'c' - k, i), &found,
				&f->e),
			    ERR_OK);
	}
	assert_err(
	    f, domains_tags_of(f->s, list, MANY, &f->a, &got, &f->e), ERR_OK);
	for (int i = 0; i < MANY; i++) {
		const struct domain_tags *d = &got[MANY - 1 - i];

		want_int(&t, "tags", (int64_t)d->n, i % 4);
		for (size_t k = 0; k < d->n; k++)
			want_span(&t, "tag", d->all[k],
			    arena_printf(
				&f->a, "%c%d", 'c' - i % 4 + 1 + (int)k, i));
	}
	assert_err(
	    f, domains_tags_of(f->s, list, 0, &f->a, &got, &f->e), ERR_OK);
	assert_int_equal(t.failed, 0);
}

static void
test_list(void **state)
{
	static const struct {
		const char *label;
		struct span tag, prefix, verdict;
		const char *want;
	} rows[] = {
		{ "all", { 0 }, { 0 }, { 0 },
		    "a-b.example a.example a1.example ab.example b.example "
		    "xn--mnchen-3ya.example " },
		{ "prefix", { 0 }, SPAN_INIT("a"), { 0 },
		    "a-b.example a.example a1.example ab.example " },
		{ "whole name", { 0 }, SPAN_INIT("b.example"), { 0 },
		    "b.example " },
		{ "no such prefix", { 0 }, SPAN_INIT("c"), { 0 }, "" },
		{ "verdict", { 0 }, { 0 }, SPAN_INIT("error"),
		    "a1.example ab.example b.example " },
		{ "tag", SPAN_INIT("t"), { 0 }, { 0 },
		    "a-b.example ab.example xn--mnchen-3ya.example " },
		{ "tag and verdict", SPAN_INIT("t"), { 0 }, SPAN_INIT("error"),
		    "ab.example " },
		{ "all three", SPAN_INIT("t"), SPAN_INIT("b"),
		    SPAN_INIT("error"), "" },
	};
	struct fixture *f = *state;
	struct tally t = { 0 };
	bool found;

	add(f, names, ROWS(names), ROWS(names));
	for (size_t i = 2; i < 5; i++)
		set_verdict(f, names[i], SPAN("error"));
	for (size_t i = 0; i < 6; i += i == 0 ? 3 : 2)
		assert_err(f,
		    domains_tag(f->s, names[i], SPAN("t"), &found, &f->e),
		    ERR_OK);
	for (size_t i = 0; i < ROWS(rows); i++) {
		t.label = rows[i].label;
		want_span(&t, "names",
		    pages(f, (struct domain_filter){ .tag = rows[i].tag,
				 .prefix = rows[i].prefix,
				 .verdict = rows[i].verdict }),
		    span_str(rows[i].want));
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_add),
		RUN(test_name),
		RUN(test_add_refuses),
		RUN(test_remove),
		RUN(test_ids_are_not_used_again),
		RUN(test_set),
		RUN(test_pause),
		RUN(test_summary),
		RUN(test_whole_summary),
		RUN(test_tags),
		RUN(test_tags_of_many),
		RUN(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

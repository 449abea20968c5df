#include "web/assets.h"

#include <zlib.h>

#include "web/test_call.h"

enum { WINDOW_GZIP = 15 + 16, LARGEST = 1024 * 1024 };

/* clang-format off */
static const struct {
	const char *label, *type, *begins;
} rows[] = {
	{ "style.css",		"text/css; charset=utf-8",		"/static/style." },
	{ "app.js",		"text/javascript; charset=utf-8",	"/static/app." },
	{ "favicon.svg",	"image/svg+xml",			"/static/favicon." },
};
/* clang-format on */

static struct span
unpack(struct span packed, char *into)
{
	z_stream z = { .next_in = (z_const Bytef *)packed.p,
		.avail_in = (uInt)packed.n,
		.next_out = (Bytef *)into,
		.avail_out = LARGEST };

	assert_int_equal(inflateInit2(&z, WINDOW_GZIP), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	inflateEnd(&z);
	return (struct span){ into, LARGEST - z.avail_out };
}

static void
test_rows(void **state)
{
	static char unpacked[LARGEST];
	struct tally t = { 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct asset *a = asset_find(span_str(rows[i].label));

		t.label = rows[i].label;
		assert_non_null(a);
		want_span(
		    &t, "type", span_str(a->type), span_str(rows[i].type));
		want_bool(&t, "begins",
		    span_starts(span_str(a->path), span_str(rows[i].begins)),
		    true);
		want_bool(
		    &t, "path", asset_path(rows[i].label) == a->path, true);
		want_bool(&t, "found by its path",
		    asset_at(
			span_skip(span_str(a->path), strlen("/static/"))) == a,
		    true);
		want_span(&t, "unpacked", unpack(a->gzip, unpacked), a->plain);
		want_bool(&t, "smaller", a->gzip.n < a->plain.n, true);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_unknown(void **state)
{
	(void)state;
	assert_null(asset_find(SPAN("")));
	assert_null(asset_find(SPAN("style.css.")));
	/* Without its hash it could not be kept, and so it is not there. */
	assert_null(asset_at(SPAN("style.css")));
	assert_null(asset_at(SPAN("")));
	assert_null(asset_at(SPAN("/static/style.css")));
}

/* The first view of a page is to be there at once, on a bad link too. */
static void
test_small(void **state)
{
	(void)state;
	assert_in_range(asset_find(SPAN("app.js"))->plain.n, 1, 8 * 1024);
	assert_in_range(asset_find(SPAN("style.css"))->gzip.n, 1, 8 * 1024);
}

static void
test_served(void **state)
{
	const struct asset *style = asset_find(SPAN("style.css"));
	struct tally tally = { .label = "served" };
	struct test_call t;

	(void)state;
	test_call_init(&t, NULL);
	assert_int_equal(
	    test_call_handler(&t, page_static, style->path, NULL), ERR_OK);
	want_span(&tally, "type", t.type, span_str(style->type));
	want_span(&tally, "body", t.body, style->plain);
	want_span(&tally, "packed", t.call.packed, style->gzip);
	want_bool(&tally, "public", t.call.is_public, true);
	want_bool(&tally, "for ever", t.call.is_forever, true);

	assert_int_equal(
	    test_call_handler(&t, page_openapi, "/api/openapi.json", NULL),
	    ERR_OK);
	want_span(&tally, "type", t.type, SPAN("application/json"));
	want_said(&tally, &t, "\"openapi\"");
	want_bool(&tally, "for ever", t.call.is_forever, false);

	assert_int_equal(
	    test_call_handler(&t, page_static, "/static/style.css", NULL),
	    ERR_OK);
	want_int(&tally, "status", t.status, 404);
	want_bool(&tally, "public", t.call.is_public, false);
	test_call_release(&t);
	assert_int_equal(tally.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_served),
	};

	return cmocka_run_group_tests_name("assets", tests, NULL, NULL);
}

/* The signed transfer in test_tsig_vectors.h is dnspython's, with the octets
 * that its HMAC took; what happens to a record is done to the first answer. */
#include "wire/tsig.h"

#include "base/test_table.h"
#include "wire/dns.h"
#include "wire/test_tsig_vectors.h"

enum { MESSAGE_MAX = 1024 };

static void
collect(void *arg, struct span s)
{
	buf_put(arg, s);
}

static struct tsig
find(struct tally *t, struct span message)
{
	struct tsig found = { .mac = SPAN_INIT("") };

	want_int(t, "found", tsig_find(message, &found), TSIG_FOUND);
	return found;
}

/* Digest a message behind what its predecessor's MAC and more are. */
static void
want_digest(struct tally *t, struct span prior, struct span between,
    struct span message, enum tsig_scope scope, struct span want)
{
	struct tsig tsig = find(t, message);
	char mem[MESSAGE_MAX];
	struct buf got = buf_init(mem, sizeof mem);
	const struct tsig_sink to = { collect, &got };

	if (prior.n > 0)
		tsig_digest_prior(prior, &to);
	buf_put(&got, between);
	tsig_digest_message(message, &tsig, scope, &to);
	want_span(t, "digest", buf_span(&got), want);
}

static void
test_digests(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(tsig_vectors); i++) {
		const struct tsig_vector *v = &tsig_vectors[i];
		struct span none = SPAN("");
		struct tsig query, first, second;

		t.label = tsig_algorithms[v->algorithm].digest;
		query = find(&t, v->query);
		first = find(&t, v->first);
		second = find(&t, v->second);
		want_size(&t, "octets of the MAC", first.mac.n,
		    tsig_algorithms[v->algorithm].mac_n);
		/* RFC 8945 4.3.3, 5.3, 5.3.1 */
		want_digest(
		    &t, none, none, v->query, TSIG_VARIABLES, v->query_digest);
		want_digest(&t, query.mac, none, v->first, TSIG_VARIABLES,
		    v->first_digest);
		want_digest(&t, first.mac, v->between, v->second, TSIG_TIMERS,
		    v->second_digest);
		want_digest(&t, second.mac, v->between, v->last, TSIG_TIMERS,
		    v->last_digest);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_members(void **state)
{
	struct tally t = { .label = "the first answer" };
	struct tsig got = find(&t, tsig_vectors[0].first);

	(void)state;
	want_span(&t, "key", dns_name_span(&got.key), SPAN("transfer.key"));
	want_span(&t, "algorithm", dns_name_span(&got.algorithm),
	    SPAN("hmac-sha256"));
	want_int(&t, "time", (int64_t)got.time_s, VECTOR_NOW);
	want_int(&t, "fudge", got.fudge_s, TSIG_FUDGE_S);
	want_int(&t, "original id", got.original_id, VECTOR_ID);
	want_int(&t, "error", got.error, 0);
	want_size(&t, "other", got.other.n, 0);
	assert_int_equal(t.failed, 0);
}

/* The query, and its record with the MAC that is in the vector. */
static void
test_write(void **state)
{
	struct tally t = { .failed = 0 };

	(void)state;
	for (size_t i = 0; i < ROWS(tsig_vectors); i++) {
		const struct tsig_vector *v = &tsig_vectors[i];
		char mem[MESSAGE_MAX];
		struct buf b = buf_init(mem, sizeof mem);
		struct tsig tsig = find(&t, v->query);

		t.label = tsig_algorithms[v->algorithm].digest;
		want_bool(&t, "query",
		    dns_query_write(
			&b, VECTOR_ID, SPAN("Example.net."), DNS_AXFR, false),
		    true);
		want_size(&t, "octets of the query", b.n, tsig.at);
		want_bool(&t, "record", tsig_write(&b, &tsig), true);
		want_span(&t, "message", buf_span(&b), v->query);
	}
	assert_int_equal(t.failed, 0);
}

static void
test_write_no_room(void **state)
{
	struct tally t = { .label = "room" };
	struct span want = tsig_vectors[0].query;
	struct tsig tsig = find(&t, want);

	(void)state;
	for (size_t n = tsig.at; n <= want.n; n++) {
		char *mem = test_malloc(n);
		struct buf b = buf_init(mem, n);

		buf_put(&b, span_head(want, tsig.at));
		want_bool(&t, "written", tsig_write(&b, &tsig), true);
		want_bool(&t, "overflow", b.overflow, n < want.n);
		test_free(mem);
	}
	assert_int_equal(t.failed, 0);
}

/* One change to the first answer: the octet `at` places behind the beginning of
 * its record (or of the message) becomes `to`. */
enum { KEY_OCTETS = 14, FIXED = 10, ALGORITHM_OCTETS = 13 };
enum {
	AT_TYPE = KEY_OCTETS + 1,
	AT_CLASS = KEY_OCTETS + 3,
	AT_TTL = KEY_OCTETS + 7,
	AT_LENGTH = KEY_OCTETS + 9,
	AT_MAC_LENGTH = KEY_OCTETS + FIXED + ALGORITHM_OCTETS + 9,
	AT_OTHER_LENGTH = AT_MAC_LENGTH + 1 + 32 + 5,
};

/* clang-format off */
static const struct {
	const char	*label;
	bool		 in_header;
	int		 at;
	unsigned char	 to;
	enum tsig_find	 want;
} changes[] = {
	{ "nothing changed", true, 2, 0x84, TSIG_FOUND },
	{ "another type", false, AT_TYPE, 249, TSIG_ABSENT },
	{ "RFC 8945 4.2: a class that is not ANY", false, AT_CLASS, 1, TSIG_MALFORMED },
	{ "RFC 8945 4.2: a TTL that is not 0", false, AT_TTL, 1, TSIG_MALFORMED },
	{ "data shorter than its members", false, AT_LENGTH, 20, TSIG_MALFORMED },
	{ "data beyond the message", false, AT_LENGTH, 255, TSIG_MALFORMED },
	{ "a MAC beyond the data", false, AT_MAC_LENGTH, 39, TSIG_MALFORMED },
	{ "a shorter MAC leaves octets behind the members", false, AT_MAC_LENGTH, 31, TSIG_MALFORMED },
	{ "other data beyond the record", false, AT_OTHER_LENGTH, 1, TSIG_MALFORMED },
	{ "RFC 8945 5.2: in the answer section", true, 7, 3, TSIG_MALFORMED },
	{ "a record that is not there", true, 11, 2, TSIG_MALFORMED },
	{ "a record that is not counted", true, 11, 0, TSIG_MALFORMED },
	{ "a question that is not there", true, 5, 2, TSIG_MALFORMED },
};
/* clang-format on */

static void
test_changes(void **state)
{
	struct tally t = { .failed = 0 };
	struct span whole = tsig_vectors[0].first;
	size_t at = find(&t, whole).at;

	(void)state;
	for (size_t i = 0; i < ROWS(changes); i++) {
		char mem[MESSAGE_MAX];
		struct tsig got;

		t.label = changes[i].label;
		memcpy(mem, whole.p, whole.n);
		mem[(changes[i].in_header ? 0 : at) + (size_t)changes[i].at] =
		    (char)changes[i].to;
		want_int(&t, "found",
		    tsig_find((struct span){ mem, whole.n }, &got),
		    changes[i].want);
	}
	assert_int_equal(t.failed, 0);
}

/* RFC 8945 5.2: the same record twice, and octets behind it. */
static void
test_behind(void **state)
{
	struct span whole = tsig_vectors[0].first;
	struct tally t = { .label = "behind the record" };
	struct tsig got, first = find(&t, whole);
	char mem[MESSAGE_MAX];
	struct buf b = buf_init(mem, sizeof mem);

	(void)state;
	buf_put(&b, whole);
	want_bool(&t, "written", tsig_write(&b, &first), true);
	want_int(
	    &t, "two records", tsig_find(buf_span(&b), &got), TSIG_MALFORMED);
	b = buf_init(mem, sizeof mem);
	buf_put(&b, whole);
	buf_putc(&b, '\0');
	want_int(&t, "an octet", tsig_find(buf_span(&b), &got), TSIG_MALFORMED);
	for (size_t n = 0; n < whole.n; n++)
		want_int(&t, "cut short", tsig_find(span_head(whole, n), &got),
		    TSIG_MALFORMED);
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digests),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_write_no_room),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

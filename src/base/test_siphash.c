/* The first and some later of the vectors that come with SipHash-2-4: the key
 * is 00 01 ... 0f, the input the first n octets of 00 01 02 ... */
#include "base/siphash.h"

#include "base/test_table.h"

static const struct {
	const char *label;
	size_t n;
	uint64_t want;
} vectors[] = {
	{ "nothing", 0, UINT64_C(0x726fdb47dd0e0e31) },
	{ "one octet", 1, UINT64_C(0x74f839c593dc67fd) },
	{ "seven octets", 7, UINT64_C(0xab0200f58b01d137) },
	{ "a whole word", 8, UINT64_C(0x93f5f5799a932462) },
	{ "the paper's own, 15 octets", 15, UINT64_C(0xa129ca6149be45e5) },
};

static void
test_vectors(void **state)
{
	struct tally t = { .failed = 0 };
	struct siphash_key key;
	char in[16];

	(void)state;
	for (size_t i = 0; i < sizeof in; i++) {
		key.k[i] = (unsigned char)i;
		in[i] = (char)i;
	}
	for (size_t i = 0; i < ROWS(vectors); i++) {
		t.label = vectors[i].label;
		want_int(&t, "hash",
		    (int64_t)siphash(&key, (struct span){ in, vectors[i].n }),
		    (int64_t)vectors[i].want);
	}
	assert_int_equal(t.failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_vectors) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

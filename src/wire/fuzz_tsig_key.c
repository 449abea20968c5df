#include "wire/fuzz.h"

#include "wire/tsig_key.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span text = fuzz_input(data, n);
	struct tsig_key_text key;
	struct dns_name again;

	if (tsig_key_parse(text, &key) != TSIG_KEY_OK)
		return 0;
	assert(key.secret.n > 0 && fuzz_is_inside(key.secret, text));
	assert(key.algorithm < TSIG_ALGORITHMS);
	assert(key.name.n > 0);
	assert(dns_name_parse(dns_name_span(&key.name), &again));
	assert(span_eq(dns_name_span(&key.name), dns_name_span(&again)));
	return 0;
}

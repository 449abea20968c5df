#include "wire/fuzz.h"

#include "wire/txt_text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	struct dns_txt txt;
	struct arena a;
	size_t at, octets = 0;
	bool ok;

	if (n > 1 << 12)
		return 0;
	arena_init(&a, 64 << 20);
	ok = txt_text_parse(in, &a, &txt, &at);
	assert(!a.failed && at <= in.n);
	assert(!ok || txt.n_strings > 0);
	for (size_t i = 0; i < txt.n_strings && ok; i++)
		octets += txt.strings[i].n;
	assert(octets <= in.n);
	arena_release(&a);
	return 0;
}

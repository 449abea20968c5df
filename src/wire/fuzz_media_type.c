#include "wire/fuzz.h"

#include "base/ascii.h"
#include "wire/media_type.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	struct media_type m = media_type_parse(in), again;

	assert(m.type.p != NULL && m.charset.p != NULL);
	assert(fuzz_is_inside(m.type, in) && fuzz_is_inside(m.charset, in));
	assert(ascii_trim(m.type).n == m.type.n);
	again = media_type_parse(m.type);
	assert(span_eq(again.type, m.type) && again.charset.n == 0);
	if (media_type_is_text_plain(m))
		assert(m.type.n == sizeof "text/plain" - 1);
	return 0;
}

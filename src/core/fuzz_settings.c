#include "wire/fuzz.h"

#include "base/limits.h"
#include "core/settings.h"

/* What is read can be written, and is then read as the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char mem[LIMIT_SETTINGS];
	struct buf b = buf_init(mem, sizeof mem);
	struct settings s, again;
	struct error e;

	if (settings_parse(fuzz_input(data, n), &s, &e) != ERR_OK) {
		assert(e.code == ERR_DATA && e.text[0] != '\0');
		return 0;
	}
	settings_write(&s, &b);
	assert(!b.overflow);
	assert(settings_parse(buf_span(&b), &again, &e) == ERR_OK);
	assert(memcmp(&s, &again, sizeof s) == 0);
	return 0;
}

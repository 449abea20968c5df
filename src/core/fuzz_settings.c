#include "wire/fuzz.h"

#include "base/limits.h"
#include "core/settings.h"

/* What is read can be written, and is then read as the same; what is only
 * understood can be, too. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char mem[LIMIT_SETTINGS];
	struct buf b = buf_init(mem, sizeof mem);
	struct span text = fuzz_input(data, n);
	struct settings s, understood, again;
	struct error e;

	settings_understand(text, &understood);
	settings_write(&understood, &b);
	assert(!b.overflow);
	b = buf_init(mem, sizeof mem);
	if (settings_parse(text, &s, &e) != ERR_OK) {
		assert(e.code == ERR_DATA && e.text[0] != '\0');
		return 0;
	}
	assert(memcmp(&s, &understood, sizeof s) == 0);
	settings_write(&s, &b);
	assert(!b.overflow);
	assert(settings_parse(buf_span(&b), &again, &e) == ERR_OK);
	assert(memcmp(&s, &again, sizeof s) == 0);
	return 0;
}

#include "wire/fuzz.h"

#include "base/limits.h"
#include "core/publish_sight.h"

/* What is read can be written, and is then read as the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct publish_sight s, again;
	struct span text = fuzz_input(data, n), written;
	struct arena a;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	if (publish_sight_read(text, &a, &s) == ERR_OK &&
	    publish_sight_write(&s, &a, &written) == ERR_OK) {
		assert(publish_sight_read(written, &a, &again) == ERR_OK);
		assert(publish_sight_same(&s, &again));
		assert(again.at.s == s.at.s && again.fresh == s.fresh);
		assert(again.horizon.s == s.horizon.s);
		assert(again.leave_at.s == s.leave_at.s);
	}
	arena_release(&a);
	return 0;
}

/* Saved evidence is a file that anybody may send: whatever it holds, it is
 * refused or judged, and what is said of it is fit for a terminal. */
#include "out/evidence_json.h"

#include <stdlib.h>

#include "base/limits.h"
#include "core/judge.h"
#include "out/check_json.h"
#include "out/check_text.h"
#include "out/evidence_same.h"
#include "wire/fuzz.h"

/* All forms of it, into memory. */
static void
say(const struct judged *j)
{
	static const struct style plain = { .width = 80 };
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	assert(f != NULL);
	check_text(j, TEXT_ALL, &plain, f);
	check_plugin(j, f);
	assert(fclose(f) == 0);
	for (size_t i = 0; i < n; i++)
		assert(text[i] == '\n' || (unsigned char)text[i] >= 0x20);
	free(text);

	f = open_memstream(&text, &n);
	assert(f != NULL);
	assert(check_json(j, true, f) == ERR_OK);
	assert(fclose(f) == 0);
	free(text);
}

/* What was read, written and read again is the same. */
static void
read_twice(const struct host_seen *host, struct arena *a)
{
	struct json_writer w = { false };
	json_t *json = host_seen_to_json(&w, host);
	struct host_seen again;

	assert(!w.failed);
	if (host_seen_from_json(json, a, &again, NULL) == ERR_OK)
		assert(host_seen_same(host, &again));
	json_decref(json);
}

static void
read_host(const json_t *json)
{
	struct host_seen host;
	struct arena a;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	if (host_seen_from_json(json, &a, &host, NULL) == ERR_OK)
		read_twice(&host, &a);
	arena_release(&a);
}

static void
judge_json(const json_t *json)
{
	struct evidence ev;
	struct judged j;
	struct arena a;

	arena_init(&a, LIMIT_CHECK_MEMORY);
	if (evidence_from_json(json, &a, &ev, NULL) == ERR_OK &&
	    judge(&ev, ev.checked_at, JUDGE_ALL, &a, &j) == ERR_OK)
		say(&j);
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);
	json_t *json = json_loadb(in.p, in.n, JSON_REJECT_DUPLICATES, NULL);

	if (json != NULL) {
		judge_json(json);
		read_host(json);
	}
	json_decref(json);
	return 0;
}

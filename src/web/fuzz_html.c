#include "wire/fuzz.h"

#include <stdio.h>

#include "base/utf8.h"
#include "web/html.h"

/* Whatever comes in, no markup comes out, and nothing but UTF-8. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n), out;
	size_t size = 0;
	char *p = NULL;
	FILE *f = open_memstream(&p, &size);

	if (f == NULL)
		abort();
	html_say(f, "%.*s", HTML_SPAN(in));
	if (fclose(f) != 0)
		abort();
	out = (struct span){ p, size };
	assert(utf8_is_valid(out));
	assert(span_find(out, '<') == out.n && span_find(out, '>') == out.n);
	assert(span_find(out, '"') == out.n && span_find(out, '\'') == out.n);
	assert(span_find(out, '\0') == out.n && span_find(out, '\r') == out.n);
	free(p);
	return 0;
}

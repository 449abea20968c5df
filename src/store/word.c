#include "store/word.h"

#include "base/escape.h"

enum err
word_read(struct span word, const char *const *names, size_t n,
    const char *what, size_t *out, struct error *e)
{
	char mem[512];
	struct arena a;

	for (size_t i = 0; i < n; i++)
		if (span_eq(word, span_str(names[i]))) {
			*out = i;
			return ERR_OK;
		}
	arena_init_fixed(&a, mem, sizeof mem);
	return error_set(e, ERR_DATA, "the store holds a %s '%s': damaged?",
	    what, escape_str(&a, word, 40));
}

enum err
word_read_severity(struct span word, enum severity *out, struct error *e)
{
	size_t i = 0;
	enum err err = word_read(
	    word, severity_names, SEVERITY_ERROR + 1, "severity", &i, e);

	if (err == ERR_OK)
		*out = (enum severity)i;
	return err;
}

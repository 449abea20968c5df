#include "wire/fuzz.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "web/input.h"

static void
look_at(const struct fields *f)
{
	assert(f->n <= LIMIT_WEB_FIELDS);
	for (size_t i = 0; i < f->n; i++) {
		assert(utf8_is_valid(f->all[i].name));
		assert(utf8_is_valid(f->all[i].value));
		assert(span_find(f->all[i].value, '\0') == f->all[i].value.n);
	}
}

/* As a form and as JSON; then everything is asked for, as a list. */
static void
read_as(struct span in, bool is_form)
{
	struct input input = { .is_form = is_form };
	struct error e;
	struct arena a;
	enum err rc;

	arena_init(&a, LIMIT_WEB_MEMORY);
	input.a = &a;
	rc = is_form ? fields_parse(in, &a, &input.fields, &e)
		     : fields_json(in, &a, &input.fields, &e);
	if (rc == ERR_OK) {
		look_at(&input.fields);
		for (size_t i = 0; i < input.fields.n && i < 50; i++) {
			char *name = arena_str(&a, input.fields.all[i].name);
			size_t n;

			if (name == NULL)
				break;
			(void)input_text(&input, name, INPUT_OPTIONAL);
			(void)input_flag(&input, name, false);
			(void)input_number(&input, name, 0, 9, 0);
			(void)input_list(&input, name, 100, INPUT_OPTIONAL, &n);
			assert(n <= 100);
			assert(input.fields.all[i].was_asked);
		}
	}
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n);

	read_as(in, true);
	read_as(in, false);
	return 0;
}

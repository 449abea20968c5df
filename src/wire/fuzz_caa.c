/* The data of a CAA record: what is read lies inside of it, and an issuer that
 * was read is read to its end. */
#include "wire/caa.h"
#include "wire/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = fuzz_input(data, n), rest;
	struct dns_caa c;
	struct caa_issuer issuer;
	struct caa_parameter p;

	if (!caa_read(in, &c))
		return 0;
	assert(c.tag.n > 0 && fuzz_is_inside(c.tag, in));
	assert(c.tag.n + c.value.n + 2 == in.n);
	if (!caa_issuer_read(c.value, &issuer))
		return 0;
	assert(fuzz_is_inside(issuer.name, c.value));
	assert(fuzz_is_inside(issuer.parameters, c.value));
	for (rest = issuer.parameters; caa_parameter_next(&rest, &p);) {
		assert(p.name.n > 0 && fuzz_is_inside(p.name, c.value));
		assert(fuzz_is_inside(p.value, c.value));
	}
	assert(rest.n == 0);
	return 0;
}

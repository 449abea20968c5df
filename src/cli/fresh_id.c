#include "cli/fresh_id.h"

#include "io/random.h"

enum err
fresh_id(char out[PUBLICATION_ID_OCTETS + 1], struct error *e)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[PUBLICATION_ID_OCTETS / 2];

	if (!randomness_fill(&randomness_system, bytes, sizeof bytes))
		return error_set(e, ERR_SYSTEM, "there is no randomness");
	for (size_t i = 0; i < sizeof bytes; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[PUBLICATION_ID_OCTETS] = '\0';
	return ERR_OK;
}

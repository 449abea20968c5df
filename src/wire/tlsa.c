#include "wire/tlsa.h"

/* RFC 6698 7.2 to 7.4 */
enum { DANE_TA = 2, DANE_EE = 3 };
enum { SELECTOR_CERT = 0, SELECTOR_SPKI = 1 };
enum { MATCHING_FULL = 0, MATCHING_SHA256 = 1, MATCHING_SHA512 = 2 };

enum tlsa_fault
tlsa_check(const struct dns_tlsa *t)
{
	if (t->usage != DANE_TA && t->usage != DANE_EE)
		return TLSA_USAGE;
	if (t->selector != SELECTOR_CERT && t->selector != SELECTOR_SPKI)
		return TLSA_SELECTOR;
	switch (t->matching) {
	case MATCHING_FULL:
		return t->data.n > 0 ? TLSA_USABLE : TLSA_LENGTH;
	case MATCHING_SHA256:
		return t->data.n == 32 ? TLSA_USABLE : TLSA_LENGTH;
	case MATCHING_SHA512:
		return t->data.n == 64 ? TLSA_USABLE : TLSA_LENGTH;
	}
	return TLSA_MATCHING;
}

size_t
tlsa_usable(const struct dns_tlsa *t, size_t n)
{
	size_t usable = 0;

	for (size_t i = 0; i < n; i++)
		usable += tlsa_check(&t[i]) == TLSA_USABLE;
	return usable;
}

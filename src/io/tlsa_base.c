#include "io/tlsa_base.h"

#include "wire/name.h"

struct span
tlsa_base_first(const struct dns_answer *address)
{
	return address->secure ? dns_owner(address) : address->name;
}

bool
tlsa_base_try_host(
    const struct dns_answer *tlsa, struct span base, struct span host)
{
	bool found = tlsa->n_tlsa > 0 && tlsa->secure;

	return !found && dns_is_known(tlsa) && !name_eq(base, host);
}

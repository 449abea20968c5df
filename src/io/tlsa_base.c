#include "io/tlsa_base.h"

#include "wire/name.h"

static const char prefix[] = "_25._tcp.";

struct span
tlsa_name(struct arena *a, struct span base)
{
	return arena_printf(a, "%s%.*s", prefix, (int)base.n, base.p);
}

struct span
tlsa_base_of(const struct dns_answer *tlsa)
{
	return span_starts(tlsa->name, span_str(prefix))
		   ? span_skip(tlsa->name, sizeof prefix - 1)
		   : SPAN("");
}

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

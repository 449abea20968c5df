#include "wire/cert_name.h"

#include "base/ascii.h"
#include "wire/name.h"

bool
cert_name_match(struct span dns_id, struct span host)
{
	bool wild = span_starts(dns_id, SPAN("*."));
	struct span base = wild ? span_skip(dns_id, 2) : dns_id;

	/* RFC 9525 6.3: DNS-IDs only; an address that stands in a dNSName is
	 * none. Partial wildcards match nothing (reading A22): what is left
	 * behind "*." must be a name of letters, digits and hyphens. */
	if (!name_is_domain(base) || name_is_ip_literal(host))
		return false;
	if (host.n > 0 && host.p[host.n - 1] == '.')
		host.n--;
	if (!wild)
		return ascii_eq_nocase(base, host);
	return host.n > 0 && host.p[0] != '.' && host.p[0] != '*' &&
	       ascii_eq_nocase(base, name_parent(host));
}

bool
cert_names_match(const struct span *dns_ids, size_t n, struct span host)
{
	for (size_t i = 0; i < n; i++)
		if (cert_name_match(dns_ids[i], host))
			return true;
	return false;
}

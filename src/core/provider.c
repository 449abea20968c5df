#include "core/provider.h"

#include "wire/name.h"

static const struct {
	struct span suffix, name;
} providers[] = {
#define PROVIDER(suffix_, name_) { SPAN_INIT(suffix_), SPAN_INIT(name_) },
#include "core/provider.def"
#undef PROVIDER
};

struct span
provider_of(struct span host)
{
	for (size_t i = 0; i < sizeof providers / sizeof providers[0]; i++)
		if (name_is_under(host, providers[i].suffix))
			return providers[i].name;
	return SPAN("");
}

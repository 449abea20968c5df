#include "cli/look_options.h"

enum err
look_options_apply(const struct look_options *o, struct arena *a,
    struct collect_options *co, struct error *e)
{
	const struct option_list *list = &o->allow_net;
	struct ip_prefix *nets = arena_array(a, list->n, sizeof *nets);

	if (nets == NULL)
		return error_plain(e, ERR_MEMORY);
	for (size_t i = 0; i < list->n; i++)
		if (!ip_prefix_parse(span_str(list->items[i]), &nets[i]))
			return error_set(e, ERR_USAGE,
			    "--allow-net takes a prefix such as 192.0.2.0/24, "
			    "not \"%s\"",
			    list->items[i]);
	co->allow_net = nets;
	co->n_allow_net = list->n;
	co->resolvers = o->resolver.items;
	co->n_resolvers = o->resolver.n;
	co->trust_anchor = o->trust_anchor;
	co->ca_file = o->ca_file;
	co->ehlo_name = o->ehlo_name;
	return ERR_OK;
}

/* look_options.h - the options of every command that looks at the world. */
#ifndef CLI_LOOK_OPTIONS_H
#define CLI_LOOK_OPTIONS_H

#include "io/collect.h"
#include "out/option.h"

struct look_options {
	struct option_list allow_net, resolver;
	const char *trust_anchor, *ca_file, *ehlo_name;
};

/* Their rows in a command's table of options, whose struct has them as its
 * member `look`: those that a lookup of DNS needs, and those that connections
 * need beside them. */
/* clang-format off */
#define LOOKUP_OPTION_ROWS(type)					\
	{ .name = "resolver", .kind = OPTION_LIST,			\
	  .at = offsetof(type, look.resolver),				\
	  .argument = "ADDRESS[@PORT]",					\
	  .help = "Ask this resolver, not those of /etc/resolv.conf. "	\
		  "May be given several times." },			\
	{ .name = "trust-anchor", .kind = OPTION_FILE,			\
	  .at = offsetof(type, look.trust_anchor), .argument = "FILE",	\
	  .help = "The root's key for DNSSEC. Default: the system's." }

#define LOOK_OPTION_ROWS(type)						\
	{ .name = "allow-net", .kind = OPTION_LIST,			\
	  .at = offsetof(type, look.allow_net), .argument = "PREFIX",	\
	  .help = "Contact addresses in PREFIX although they are "	\
		  "outside the global unicast space. May be given "	\
		  "several times." },					\
	LOOKUP_OPTION_ROWS(type),					\
	{ .name = "ca-file", .kind = OPTION_FILE,			\
	  .at = offsetof(type, look.ca_file), .argument = "FILE",	\
	  .help = "The trusted roots, in PEM. Default: the system's." },	\
	{ .name = "ehlo-name", .kind = OPTION_STRING,			\
	  .at = offsetof(type, look.ehlo_name), .argument = "NAME",	\
	  .help = "The name to give in EHLO. Default: this host's." }
/* clang-format on */

/* Into co, which borrows from o and a. ERR_USAGE with a sentence in e for a
 * prefix that is none. */
enum err
look_options_apply(const struct look_options *o, struct arena *a,
    struct collect_options *co, struct error *e) MUST_CHECK;

#endif

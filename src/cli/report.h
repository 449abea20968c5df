/* report.h - a judged domain, said in the form that was asked for. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdio.h>

#include "core/judge.h"
#include "out/style.h"

struct report_options {
	bool json, plugin, all, quiet;
};

/* Their rows in a command's table of options, whose struct has them as its
 * member `report`. */
/* clang-format off */
#define REPORT_OPTION_ROWS(type)					\
	{ .name = "json", .kind = OPTION_FLAG,				\
	  .at = offsetof(type, report.json),				\
	  .help = "Print one JSON object a line, schema "		\
		  "mtasts.check/1." },					\
	{ .name = "plugin", .kind = OPTION_FLAG,			\
	  .at = offsetof(type, report.plugin),				\
	  .help = "Print one line for each domain with performance "	\
		  "data, as monitoring plugins do." },			\
	{ .name = "all", .kind = OPTION_FLAG,				\
	  .at = offsetof(type, report.all),				\
	  .help = "Also say what passed, and what could not be judged "	\
		  "because another check failed." },			\
	{ .name = "quiet", .letter = 'q', .kind = OPTION_FLAG,		\
	  .at = offsetof(type, report.quiet),				\
	  .help = "Print the summary line only." }
/* clang-format on */

/* At most one of the forms may be asked for. NULL, or why not. */
const char *
report_conflict(const struct report_options *o);

enum err
report(const struct judged *j, const struct report_options *o,
    const struct style *s, FILE *f) MUST_CHECK;

/* The exit status of several domains: an error outweighs a warning, and that
 * what could not be measured. */
enum verdict
report_worse(enum verdict a, enum verdict b);

#endif

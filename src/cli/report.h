/* report.h - a judged domain, said in the form that was asked for. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdio.h>

#include "core/judge.h"
#include "out/style.h"

struct report_options {
	bool json, plugin, all, quiet;
};

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

/* check_text.h - a judged domain as a person reads it. */
#ifndef OUT_CHECK_TEXT_H
#define OUT_CHECK_TEXT_H

#include <stdio.h>

#include "core/judge.h"
#include "out/style.h"

enum text_detail {
	TEXT_QUIET, /* one line */
	TEXT_NORMAL,
	TEXT_ALL, /* also what passed, and what another check blocks */
};

/* A summary line, what is published, a table of the mail hosts, the findings
 * by weight with their remedies. */
void
check_text(const struct judged *j, enum text_detail detail,
    const struct style *s, FILE *f);

/* One finding: its line, the sentence, the remedy, the clause. */
void
finding_text(const struct finding *f, const struct style *s, FILE *out);

/* One line of the monitoring-plugins convention, with performance data. */
void
check_plugin(const struct judged *j, FILE *f);

#endif

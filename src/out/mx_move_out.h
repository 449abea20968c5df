/* mx_move_out.h - the plan of a move, said. */
#ifndef OUT_MX_MOVE_OUT_H
#define OUT_MX_MOVE_OUT_H

#include <stdio.h>

#include "core/mx_move.h"
#include "out/style.h"

/* Step by step, with what to publish. */
void
mx_move_text(const struct mx_move_question *q, const struct mx_move_plan *plan,
    const struct style *s, FILE *f);

/* One object on one line, schema "mtasts.move/1". under_way: the daemon has
 * been told of it. */
enum err
mx_move_json(const struct mx_move_question *q, const struct mx_move_plan *plan,
    bool under_way, FILE *f) MUST_CHECK;

#endif

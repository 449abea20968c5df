/* mx_move_check.h - would senders deliver to the hosts that mail moves to? What
 * the gate to enforce says of a host is what a sender would make of it.
 *
 * Pure. */
#ifndef CORE_MX_MOVE_CHECK_H
#define CORE_MX_MOVE_CHECK_H

#include "core/judge.h"
#include "core/mx_move.h"

/* ev is the domain as it would be, with the new hosts for its own, as they were
 * seen. Fills check and text of `to`, of which q has the count. ERR_MEMORY if a
 * is full. */
enum err
mx_move_weigh(const struct mx_move_question *q, const struct evidence *ev,
    struct mx_move_host *to, struct arena *a) MUST_CHECK;

#endif

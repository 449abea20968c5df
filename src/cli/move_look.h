/* move_look.h - what is to be seen, now, of a domain whose mail moves: its MX
 * records, what it publishes, and whether senders would deliver to the new
 * hosts. */
#ifndef CLI_MOVE_LOOK_H
#define CLI_MOVE_LOOK_H

#include "cli/look_options.h"
#include "core/mx_move.h"

/* Fills q->mx, n_mx and ttl, and the checks of `to` (n, of which q has the
 * count); has the ledger take what was seen. All of it lives in a. ERR_NO_INPUT
 * if the MX records could not be looked up. */
enum err
move_look(const struct look_options *o, struct mx_move_question *q,
    struct mx_move_host *to, struct ledger *ledger, struct arena *a,
    struct error *e) MUST_CHECK;

/* MX records in order as a person writes them, without the null MX. Lives in
 * a. */
void
move_take_mx(struct mx_move_question *q, const struct dns_mx *mx, size_t n,
    uint32_t ttl, struct arena *a);

#endif
